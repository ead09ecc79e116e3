package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/fieldreel/fieldreel/app/video"
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

// Verify checks what was promised: each recording's bytes are those that were acknowledged, files and
// rows belong to each other, and the index says what the database says. It reports to out, and says how
// many things are wrong.
func (a *App) Verify(ctx context.Context, out io.Writer) (int, error) {
	wrong := 0
	say := func(format string, args ...any) {
		wrong++
		fmt.Fprintf(out, format+"\n", args...)
	}
	videos := map[string]bool{}
	for v, err := range a.Videos.All(ctx) {
		if err != nil {
			return wrong, err
		}
		videos[v.ID] = true
		if err := a.verifyVideo(ctx, v, say); err != nil {
			return wrong, err
		}
	}
	for info, err := range a.Store.List(ctx, "v/") {
		if err != nil {
			return wrong, fmt.Errorf("list the media store: %w", err)
		}
		if parts := strings.Split(string(info.Key), "/"); len(parts) < 2 || !videos[parts[1]] {
			say("%s belongs to no video", info.Key)
		}
	}
	lib, err := a.OpenIndex()
	switch {
	case errors.Is(err, search.ErrLocked):
		fmt.Fprintln(out, "The search index was not checked: the server is using it.")
	case err != nil:
		return wrong, err
	default:
		differences, err := lib.Verify(ctx)
		if err != nil {
			return wrong, err
		}
		for _, d := range differences {
			say("video %s %s", d.VideoID, d.What)
		}
	}
	fmt.Fprintf(out, "%d videos checked, %d things wrong.\n", len(videos), wrong)
	return wrong, nil
}

func (a *App) verifyVideo(ctx context.Context, v video.Video, say func(string, ...any)) error {
	for _, name := range v.Files() {
		if _, err := a.Store.Stat(ctx, video.Key(v.ID, name)); errors.Is(err, media.ErrNotFound) {
			say("video %s: %s is missing", v.ID, name)
		} else if err != nil {
			return err
		}
	}
	if !v.Media.Original {
		return nil
	}
	body, info, err := a.Store.OpenRange(ctx, video.OriginalKey(v.ID), 0, -1)
	if errors.Is(err, media.ErrNotFound) {
		return nil // said above
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // a short body is an error of Copy
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != v.SHA256 || info.Size != v.Size {
		say("video %s: the recording has changed: SHA-256 %s, acknowledged %s", v.ID, got, v.SHA256)
	}
	return nil
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
