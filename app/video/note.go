package video

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// Notes gives the notes on a video the actor may see, by their second.
func (s *Service) Notes(ctx context.Context, a people.Actor, id string) ([]TimedNote, error) {
	if _, err := s.get(ctx, a, id, View); err != nil {
		return nil, err
	}
	return listNotes(s.db.Read(ctx), id)
}

// WriteNote writes a note at a second of a video. noteID is the sender's own id, or empty: the same id
// twice is the same note.
func (s *Service) WriteNote(ctx context.Context, a people.Actor, id, noteID string, atMS int64, body string) (TimedNote, error) {
	n := TimedNote{ID: noteID, VideoID: id, AuthorID: a.PersonID, AtMS: atMS}
	var err error
	if n.Body, err = noteText(body); err != nil {
		return n, err
	}
	if n.ID == "" {
		n.ID = ident.New()
	}
	if n.ID, err = ident.Parse(n.ID); err != nil {
		return TimedNote{}, fault.Wrap(err, fault.Invalid, "id_invalid", "Use a UUID.").At("id")
	}
	var sent TimedNote
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := load(tx.Gorm(), id)
		if err != nil {
			return err
		}
		if !Can(a, Note, v) {
			return fault.Missing("video")
		}
		if atMS < 0 || atMS > v.DurationMS {
			return fault.InvalidField("at_ms", "time_outside", "This time is not inside the video.")
		}
		n.CreatedAt, n.UpdatedAt = tx.Now, tx.Now
		sent = n
		inserted, err := insertNote(tx, n)
		if err != nil || inserted {
			return err
		}
		before, err := loadNote(tx.Gorm(), id, n.ID)
		if fault.Is(err, fault.NotFound) || (err == nil && before.AuthorID != a.PersonID) {
			return fault.New(fault.Conflict, "note_exists", "Another note has this id. Choose a new one.").At("id")
		}
		if err == nil {
			sent = before
		}
		return err
	})
	if err != nil {
		return TimedNote{}, err
	}
	return sent, nil
}

func noteText(body string) (string, error) {
	body, err := text("text", body, maxNote)
	if err == nil && body == "" {
		err = fault.InvalidField("text", "required", "Write something.")
	}
	return body, err
}

// EditNote changes the words of one's own note.
func (s *Service) EditNote(ctx context.Context, a people.Actor, id, noteID, body string) (TimedNote, error) {
	body, err := noteText(body)
	if err != nil {
		return TimedNote{}, err
	}
	return s.onNote(ctx, a, id, noteID, false, func(tx *db.Tx, n *TimedNote) error {
		n.Body, n.UpdatedAt = body, tx.Now
		return saveNote(tx, *n)
	})
}

// DeleteNote removes a note: one's own, or any on one's own video.
func (s *Service) DeleteNote(ctx context.Context, a people.Actor, id, noteID string) error {
	_, err := s.onNote(ctx, a, id, noteID, true, func(tx *db.Tx, n *TimedNote) error { return removeNote(tx, *n) })
	return err
}

func (s *Service) onNote(ctx context.Context, a people.Actor, id, noteID string, del bool, fn func(tx *db.Tx, n *TimedNote) error) (TimedNote, error) {
	var n TimedNote
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := load(tx.Gorm(), id)
		if err != nil {
			return err
		}
		if !Can(a, View, v) {
			return fault.Missing("video")
		}
		if n, err = loadNote(tx.Gorm(), id, noteID); err != nil {
			return err
		}
		if !CanNote(a, v, n, del) {
			return fault.Denied("Only who wrote this note may change it.")
		}
		return fn(tx, &n)
	})
	return n, err
}
