package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// Limits of spoken notes.
const (
	MaxVoiceBytes = 2 << 20
	MaxVoice      = time.Minute
	maxVoices     = 30 // of one review
)

// Voice is the recording of a spoken note.
type Voice struct {
	ReviewID   string `gorm:"primaryKey"`
	NoteID     string `gorm:"primaryKey"`
	DurationMS int64  `gorm:"column:duration_ms"`
	Size       int64
	// SHA256 is of what was sent, in hexadecimal.
	SHA256    string `gorm:"column:sha256"`
	CreatedAt time.Time
}

// TableName implements gorm's Tabler.
func (Voice) TableName() string { return "review_voices" }

// voicePrefix is where recordings of spoken notes are in the media store.
const voicePrefix = "review/"

// Key is where a recording is in the media store: below the review and the note, named after its bytes, so that
// another recording never takes the place of one that was sent.
func (v Voice) Key() media.Key {
	return media.Key(voicePrefix + v.ReviewID + "/" + v.NoteID + "/" + v.SHA256[:16] + ".m4a")
}

// KeepVoice keeps the recording of a spoken note that the draft names, or will name; another one for the same
// note replaces it, the same one again changes nothing. It is durable on return. Errors: NotFound, Forbidden,
// Conflict review_sent, TooLarge, Invalid voice_unfit (no recording that we can read), voice_too_long,
// too_many; Unavailable without ffmpeg.
func (s *Service) KeepVoice(ctx context.Context, a people.Actor, reviewID, noteID string, body []byte) (Voice, error) {
	noteID, err := ident.Parse(noteID)
	if err != nil {
		return Voice{}, fault.Wrap(err, fault.Invalid, "id_invalid", "Each note needs an id of its own, a UUID.").At("note_id")
	}
	if len(body) > MaxVoiceBytes {
		return Voice{}, fault.New(fault.TooLarge, "voice_too_large", "A spoken note can have 2 MB.")
	}
	sum := sha256.Sum256(body)
	v := Voice{ReviewID: reviewID, NoteID: noteID, SHA256: hex.EncodeToString(sum[:])}
	var had []Voice
	if _, err := s.change(ctx, a, reviewID, func(tx *db.Tx, r *Review, on standing) error {
		v.ReviewID = r.ID
		return s.mayRecord(tx, a, on, noteID, &had)
	}); err != nil {
		return Voice{}, err
	}
	if i := slices.IndexFunc(had, func(o Voice) bool { return o.NoteID == noteID && o.SHA256 == v.SHA256 }); i >= 0 {
		return had[i], nil
	}
	if err := s.makeVoice(ctx, &v, body); err != nil {
		return Voice{}, err
	}
	_, err = s.change(ctx, a, reviewID, func(tx *db.Tx, r *Review, on standing) error {
		if err := s.mayRecord(tx, a, on, noteID, &had); err != nil {
			return err
		}
		v.CreatedAt = tx.Now
		return putVoice(tx, v)
	})
	if err != nil {
		return Voice{}, err // the bytes that belong to no row are swept up
	}
	return v, nil
}

// mayRecord refuses who cannot write the review, and too many recordings; had gets those it has.
func (s *Service) mayRecord(tx *db.Tx, a people.Actor, on standing, noteID string, had *[]Voice) error {
	if err := allow(a, Write, on.Case, "Only its reviewer can write this review."); err != nil {
		return err
	}
	var err error
	if *had, err = voicesOf(tx.Gorm(), on.Review.ID); err != nil {
		return err
	}
	if len(*had) >= maxVoices && !slices.ContainsFunc(*had, func(o Voice) bool { return o.NoteID == noteID }) {
		return fault.InvalidField("note_id", "too_many", "A review can have 30 spoken notes.")
	}
	return nil
}

// makeVoice has what was sent made into what every browser plays, and puts it into the store.
func (s *Service) makeVoice(ctx context.Context, v *Voice, body []byte) (err error) {
	if s.FFmpeg == nil {
		return fault.New(fault.Unavailable, "media_tool_missing", "Spoken notes cannot be prepared on this server yet: ffmpeg is not installed. Write your note, or ask your admin.")
	}
	dir, err := os.MkdirTemp(s.WorkDir, "voice-*")
	if err != nil {
		return fmt.Errorf("make a folder for a spoken note: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	src := filepath.Join(dir, "sent")
	if err := os.WriteFile(src, body, 0o600); err != nil {
		return fmt.Errorf("write a spoken note: %w", err)
	}
	sound, err := s.FFmpeg.Voice(ctx, src, dir, MaxVoice)
	var refused *ffmpeg.Refusal
	switch {
	case errors.As(err, &refused) && refused.Code == ffmpeg.CodeTooLong:
		return fault.Wrap(err, fault.Invalid, "voice_too_long", "A spoken note can last a minute. Say it in two.")
	case errors.Is(err, ffmpeg.ErrNoAudio), errors.As(err, &refused) && refused.Code != ffmpeg.CodeToolMissing:
		return fault.Wrap(err, fault.Invalid, "voice_unfit", "This is no recording that can be played. Record it again.")
	case err != nil:
		return err
	}
	v.DurationMS = sound.Duration.Milliseconds()
	info, err := s.Store.PutFile(ctx, v.Key(), sound.Path, media.PutOptions{ContentType: "audio/mp4"})
	if errors.Is(err, media.ErrNoSpace) {
		return fault.Wrap(err, fault.NoSpace, "storage_full", "The server has no space left. Tell your admin.")
	}
	v.Size = info.Size
	return err
}

// Voice gives the recording of a spoken note to whoever may read the note: its writer; once the result is
// there, everybody who is shown it; who weighs a dispute. NotFound for all others.
func (s *Service) Voice(ctx context.Context, a people.Actor, reviewID, noteID string) (Voice, error) {
	g := s.DB.Read(ctx)
	r, err := db.Take[Review](g, "review", reviewID)
	if err != nil {
		return Voice{}, missingVoice(err)
	}
	attempt, err := attemptOf(g, r.AttemptID)
	if err != nil {
		return Voice{}, missingVoice(err)
	}
	may, err := mayHear(g, a, r, attempt)
	if err != nil {
		return Voice{}, err
	}
	if !may || !db.Plain(noteID) {
		return Voice{}, fault.Missing("voice")
	}
	var out Voice
	return out, db.Fault(g.Where("review_id = ? AND note_id = ?", reviewID, noteID).Take(&out).Error, "voice")
}

func missingVoice(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Missing("voice")
	}
	return err
}

// checkVoices refuses spoken notes whose recording is not here.
func (s *Service) checkVoices(tx *db.Tx, r Review, c Content) error {
	had, err := voicesOf(tx.Gorm(), r.ID)
	if err != nil {
		return err
	}
	for _, n := range c.Notes {
		if n.Voice && !slices.ContainsFunc(had, func(v Voice) bool { return v.NoteID == n.ID }) {
			f := fault.InvalidField("notes.voice", "voice_missing", "The recording of a spoken note has not arrived yet. Wait a moment, or delete the note.")
			f.Extra = map[string]any{"note_id": n.ID}
			return f
		}
	}
	return nil
}

// dropVoices forgets recordings of a review but for some notes. The bytes go after the commit; should this node
// die before, SweepVoices finds them.
func (s *Service) dropVoices(tx *db.Tx, reviewID string, keep map[string]bool) error {
	had, err := voicesOf(tx.Gorm(), reviewID)
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(had, func(v Voice) bool { return keep[v.NoteID] })
	for _, v := range gone {
		if err := tx.Gorm().Where("review_id = ? AND note_id = ?", v.ReviewID, v.NoteID).Delete(&Voice{}).Error; err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		tx.AfterCommit(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			for _, v := range gone {
				if err := s.Store.Delete(ctx, v.Key()); err != nil {
					s.Log.WarnContext(ctx, "a dropped spoken note stays in the store until it is swept up", "review", v.ReviewID, "error", err)
				}
			}
		})
	}
	return nil
}

// sweepAfter is how old bytes without a row must be: those of a note that is just being kept have none yet.
const sweepAfter = time.Hour

// SweepVoices deletes recordings that belong to no note any more, and says how many.
func (s *Service) SweepVoices(ctx context.Context) (int, error) {
	known, err := voiceKeys(s.DB.Read(ctx))
	if err != nil {
		return 0, err
	}
	n := 0
	for info, err := range s.Store.List(ctx, voicePrefix) {
		if err != nil {
			return n, fmt.Errorf("list spoken notes: %w", err)
		}
		// A row that was written since known was read has bytes that are young, too.
		if known[info.Key] || s.DB.Now().Sub(info.ModTime) < sweepAfter {
			continue
		}
		if err := s.Store.Delete(ctx, info.Key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
