package video

import (
	"context"
	"log/slog"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/speech"
)

// Spool is where received bytes wait on this node (media/upload.Store).
type Spool interface {
	// Path gives the file of a finished upload.
	Path(id string) (string, error)
	// Release removes a finished upload's folder; none is no error.
	Release(ctx context.Context, id string) error
}

// Config is what the service needs to know.
type Config struct {
	// Node is this node's lasting name: its spool holds the bytes it received.
	Node string
	// WorkDir holds the private folders of jobs.
	WorkDir string
	// QuotaBytes is what one person's recordings may take; 0 means no limit.
	QuotaBytes int64
	Spool      Spool
	// FFmpeg is nil where it is not installed; FFmpegMissing then says so in words (a *ffmpeg.Refusal).
	FFmpeg        *ffmpeg.Tool
	FFmpegMissing error
	Speech        speech.Engine
	// Notices tells people of notes and failures; nil makes one that wakes nobody.
	Notices *notice.Service
	Log     *slog.Logger
}

// New makes the service. Register must be called before the job queue starts.
func New(cfg Config, d *db.DB, store media.Store, dir *people.Directory, words *vocabulary.Book, q *jobs.Client) *Service {
	if cfg.Notices == nil {
		cfg.Notices = notice.New(d)
	}
	return &Service{cfg: cfg, db: d, store: store, dir: dir, words: words, queue: queue{q}, OnChanged: func() {},
		OnMoments: func(context.Context, *db.Tx, string) error { return nil },
		MayDelete: func(context.Context, *db.Tx, Video) error { return nil }}
}

// Service holds the use cases on videos.
type Service struct {
	cfg   Config
	db    *db.DB
	store media.Store
	dir   *people.Directory
	words *vocabulary.Book
	queue queue
	// OnChanged is called after a commit that search can see; the composition sets it to wake the
	// follower of this node. Nothing depends on it: the follower also asks by itself.
	OnChanged func()
	// OnMoments is told, in the transaction that cut a video into new moments, which video it was.
	OnMoments func(ctx context.Context, tx *db.Tx, videoID string) error
	// MayDelete refuses the deletion of a video that something hangs on, such as a review that waits.
	MayDelete func(ctx context.Context, tx *db.Tx, v Video) error
}
