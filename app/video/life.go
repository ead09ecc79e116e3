package video

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// KeepDeleted is how long a deleted video can be brought back.
const KeepDeleted = 14 * 24 * time.Hour

// Delete hides a video at once, from everybody; its bytes go after KeepDeleted, until when its author
// can bring it back with Restore.
func (s *Service) Delete(ctx context.Context, a people.Actor, id string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := allow(a, Edit, v); err != nil {
			return err
		}
		if err := s.MayDelete(ctx, tx, v); err != nil {
			return err
		}
		v.DeletedAt = &tx.Now
		tx.AfterCommit(s.OnChanged)
		return save(tx, &v)
	})
}

// Restore brings back a deleted video, and the work on it that had not ended.
func (s *Service) Restore(ctx context.Context, a people.Actor, id string) (Video, error) {
	var out Video
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		// Past its time it may be losing its bytes already.
		if v.DeletedAt == nil || v.DeletedAt.Before(tx.Now.Add(-KeepDeleted)) {
			return fault.Missing("video")
		}
		if err := allow(a, Edit, v); err != nil {
			return err
		}
		v.DeletedAt = nil
		if v.Media.Original && v.State != Failed && !v.Media.HLS && v.MediaNote == "" {
			if err := s.queue.process(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		if v.Transcript == TranscriptWaiting {
			if err := s.queue.transcribe(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		tx.AfterCommit(s.OnChanged)
		out = v
		return save(tx, &out)
	})
	return out, err
}

// Retry begins the work on a video anew where it failed: the author's "try again".
func (s *Service) Retry(ctx context.Context, a people.Actor, id string) (Video, error) {
	return s.retry(ctx, id, func(v Video) error { return allow(a, Edit, v) })
}

// Failures gives the videos that could not be made playable, newest first and at most limit: work that
// whoever runs the installation may try again, once what was in its way is mended. It tells nothing of what is in them.
func (s *Service) Failures(ctx context.Context, a people.Actor, limit int) ([]Video, error) {
	if !people.Can(a, people.RetryJobs) {
		return nil, fault.Denied("Only an admin may see failed work.")
	}
	return failures(s.db.Read(ctx), limit)
}

// RetryFailure begins the work on a failed video anew, whoever may see it.
func (s *Service) RetryFailure(ctx context.Context, a people.Actor, id string) error {
	if !people.Can(a, people.RetryJobs) {
		return fault.Denied("Only an admin may try failed work again.")
	}
	_, err := s.retry(ctx, id, func(v Video) error {
		if v.Kind == Practice {
			return fault.Missing("video")
		}
		if v.State != Failed {
			return fault.New(fault.Conflict, "nothing_failed", "Nothing of this video has failed.")
		}
		return nil
	})
	return err
}

func (s *Service) retry(ctx context.Context, id string, may func(Video) error) (Video, error) {
	var out Video
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := may(v); err != nil {
			return err
		}
		was := v.State
		media := was == Failed || (v.Media.Progressive && !v.Media.HLS && v.MediaNote != "")
		words := v.Media.Audio && (v.Transcript == TranscriptFailed || v.Transcript == TranscriptNoModel)
		if !media && !words {
			return fault.New(fault.Conflict, "nothing_failed", "Nothing of this video has failed.")
		}
		if media {
			if err := s.beginAgain(ctx, tx, &v); err != nil {
				return err
			}
		}
		if words {
			v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
			if err := s.queue.transcribe(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		v.settle()
		if err := s.tellOfFailure(tx, v, was); err != nil {
			return err
		}
		tx.AfterCommit(s.OnChanged)
		out = v
		return save(tx, &out)
	})
	return out, err
}

// beginAgain has a video worked on from where its recording is: in the media store, or still in the
// spool that received it.
func (s *Service) beginAgain(ctx context.Context, tx *db.Tx, v *Video) error {
	v.hope()
	if v.Media.Original {
		return s.queue.process(ctx, tx, v.ID)
	}
	u, err := uploadOf(tx.Gorm(), v.ID)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "original_missing", "The recording itself is gone. Send it again if you still have it.")
	}
	if err != nil {
		return err
	}
	return s.queue.ingest(ctx, tx, v.ID, u.ID, u.Node)
}

// wordsAtOnce is how many transcripts are begun in one transaction, which other writers wait for.
const wordsAtOnce = 100

// TryWordsAgain begins the transcripts that waited for the speech model, once it is installed, and says
// how many.
func (s *Service) TryWordsAgain(ctx context.Context) (int, error) {
	n, after := 0, ""
	for {
		ids, err := withTranscript(s.db.Read(ctx), TranscriptNoModel, after, wordsAtOnce)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		after = ids[len(ids)-1]
		begun := 0
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			begun = 0
			for _, id := range ids {
				v, err := loadForUpdate(tx, id)
				if fault.Is(err, fault.NotFound) || (err == nil && v.Transcript != TranscriptNoModel) {
					continue // another node, or its author, was faster
				}
				if err != nil {
					return err
				}
				v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
				v.settle()
				if err := save(tx, &v); err != nil {
					return err
				}
				if err := s.queue.transcribe(ctx, tx, id); err != nil {
					return err
				}
				begun++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += begun
	}
}

// Purge removes the bytes and rows of videos that were deleted longer than KeepDeleted ago, and of
// practices older than KeepPractice; it says how many.
func (s *Service) Purge(ctx context.Context) (int, error) {
	n := 0
	for {
		ids, err := overdue(s.db.Read(ctx), s.db.Now().Add(-KeepDeleted), s.db.Now().Add(-KeepPractice))
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			// The bytes go first: while the row is there, what is left of them will be found again.
			if err := s.store.DeletePrefix(ctx, Prefix(id)); err != nil {
				return n, fmt.Errorf("remove the bytes of %s: %w", id, err)
			}
			if err := s.db.Tx(ctx, func(tx *db.Tx) error { return expunge(tx, id) }); err != nil {
				return n, err
			}
			n++
		}
	}
}

const (
	// stillFor is how long nothing must have changed of a video before it is asked whether anybody works
	// on it: longer than any retry waits.
	stillFor = 10 * time.Minute
	// awayFor is how long a recording may wait on a node that is not there.
	awayFor = 24 * time.Hour
)

// Mend gives up, in words that its author sees, the work on videos that nobody does any more: a job may
// be lost with its node at its last try, or its node may never come back. It says on how many.
func (s *Service) Mend(ctx context.Context) (int, error) {
	still, err := standingStill(s.db.Read(ctx), s.db.Now().Add(-stillFor))
	if err != nil || len(still) == 0 {
		return 0, err
	}
	// Jobs are asked for second: one that begins between the two changes the video's version.
	working, err := s.queue.working(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, v := range still {
		why := errBrokenOff
		if working[v.ID] {
			if v.Media.Original || v.CreatedAt.After(s.db.Now().Add(-awayFor)) {
				continue
			}
			why = errAway
		}
		given := false
		err := s.update(ctx, v.ID, func(_ *db.Tx, now *Video) error {
			if given = now.Version == v.Version; given {
				abandon(now, why)
			}
			return nil
		})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return n, err
		}
		if given {
			n++
		}
	}
	return n, nil
}

// Abandon gives up whatever is still to be done on a video: the process died with it too often.
func (s *Service) Abandon(ctx context.Context, id string) error {
	s.cfg.Log.WarnContext(ctx, "work on a video given up: the process died with it too often", "video", id)
	err := s.update(ctx, id, func(_ *db.Tx, v *Video) error {
		abandon(v, errBrokenOff)
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// abandon writes down that nobody works on a video any more.
func abandon(v *Video, why error) {
	if v.State == Processing || (v.State == Playable && !v.Media.HLS && v.MediaNote == "") {
		refuse(v, why)
	}
	if v.Transcript == TranscriptWaiting {
		v.Transcript, v.TranscriptNote = TranscriptFailed, wordsFailed
	}
}

// videoOf reads which video a job of this domain is about.
func videoOf(args []byte) (string, error) {
	var a struct {
		VideoID string `json:"video_id"`
	}
	err := json.Unmarshal(args, &a)
	return a.VideoID, err
}
