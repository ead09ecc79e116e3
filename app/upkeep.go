package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/upload"
	"github.com/fieldreel/fieldreel/search"
	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/models"
)

// Reindex builds this folder's search index anew and says how many videos it holds.
func (a *App) Reindex(ctx context.Context) (int, error) {
	lib, err := a.OpenIndex()
	if errors.Is(err, search.ErrLocked) {
		return 0, fmt.Errorf("the server is running and keeps the index itself; stop it first: %w", err)
	}
	if err != nil {
		return 0, err
	}
	return lib.Reindex(ctx)
}

// Doctor says what works here and what does not, and how many things need attention.
func Doctor(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer) (int, error) {
	bad := 0
	line := func(what string, err error, fine string) {
		mark := "ok  "
		if err != nil {
			bad++
			mark, fine = "BAD ", err.Error()
		}
		fmt.Fprintf(out, "%s %-14s %s\n", mark, what, fine)
	}
	a, err := Open(ctx, cfg, Options{}, log)
	if err != nil {
		line("fieldreel", err, "")
		return bad, nil
	}
	where := "SQLite in " + cfg.Data
	if cfg.DatabaseURL != "" {
		where = "PostgreSQL"
	}
	line("database", a.DB.Ping(ctx), where+", schema up to date")
	var serr error
	if c, ok := a.Store.(media.Checker); ok {
		serr = c.Check(ctx)
	}
	store := "folder " + a.path("media")
	if cfg.S3Endpoint != "" {
		store = "bucket at " + cfg.S3Endpoint
	}
	line("media store", serr, store)
	ff := "installed"
	if t := a.Videos.Tool(); t != nil {
		ff = fmt.Sprintf("%s, isolation: %s", t.Version(), t.Isolation())
	}
	line("ffmpeg", a.FFmpegMissing, ff)
	merr := speech.Available(cfg.ModelsDir())
	if merr == nil {
		merr = models.Verify(cfg.ModelsDir())
	}
	line("speech model", merr, cfg.ModelsDir())
	free, total, ferr := upload.DiskSpace(cfg.Data)
	if ferr == nil && free < max(cfg.Reserve, total/20) {
		ferr = fmt.Errorf("%d MiB free is below the reserve: uploads are refused", free>>20)
	}
	line("disk", ferr, fmt.Sprintf("%d GiB free of %d", free>>30, total>>30))
	if pending, err := a.Jobs.Pending(ctx); err != nil {
		line("jobs", err, "")
	} else {
		failed, err := a.Jobs.ListFailed(ctx, 100)
		line("jobs", err, fmt.Sprintf("%d waiting or running, %d given up", sumOf(pending), len(failed)))
	}
	if os.Getuid() == 0 {
		fmt.Fprintln(out, "note running as root: give Fieldreel an account of its own in production")
	}
	return bad, a.Close()
}

func sumOf(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
