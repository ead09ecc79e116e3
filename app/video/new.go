package video

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/speech"
)

// KeepDeleted is how long a deleted video can be brought back.
const KeepDeleted = 14 * 24 * time.Hour

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
	Log           *slog.Logger
}

// New makes the service. Register must be called before the job queue starts.
func New(cfg Config, d *db.DB, store media.Store, dir *people.Directory, words *vocabulary.Book, q *jobs.Client) *Service {
	return &Service{cfg: cfg, db: d, store: store, dir: dir, words: words, queue: queue{q}, OnChanged: func() {}}
}

// TryWordsAgain begins the transcripts that waited for the speech model, once it is installed.
func (s *Service) TryWordsAgain(ctx context.Context) (int, error) {
	n := 0
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		n = 0
		var ids []string
		if err := tx.Gorm().Raw(`SELECT id FROM videos WHERE transcript_state = ? AND media_audio AND deleted_at IS NULL ORDER BY id LIMIT 10000`, string(TranscriptNoModel)).Scan(&ids).Error; err != nil {
			return err
		}
		for _, id := range ids {
			v, err := loadForUpdate(tx, id)
			if err != nil {
				return err
			}
			v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
			if err := save(tx, &v); err != nil {
				return err
			}
			if err := s.queue.transcribe(ctx, tx, id); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// Purge removes the bytes and rows of videos that were deleted longer than KeepDeleted ago.
func (s *Service) Purge(ctx context.Context) (int, error) {
	var ids []string
	if err := s.db.Read(ctx).Raw(`SELECT id FROM videos WHERE deleted_at < ? ORDER BY id LIMIT 1000`, s.db.Now().Add(-KeepDeleted)).Scan(&ids).Error; err != nil {
		return 0, err
	}
	for i, id := range ids {
		if err := s.store.DeletePrefix(ctx, Prefix(id)); err != nil {
			return i, fmt.Errorf("remove the bytes of %s: %w", id, err)
		}
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			if err := searchChanged(tx, id); err != nil {
				return err
			}
			return tx.Gorm().Where("id = ?", id).Delete(&row{}).Error
		})
		if err != nil {
			return i, err
		}
	}
	return len(ids), nil
}
