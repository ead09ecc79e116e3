package video

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// A thread is a note with its replies: one level, since at a second of a take a talk is short. A reply to
// a reply joins the thread, at the thread's second.

// maxTold is how many of those who wrote in a thread are told of a reply.
const maxTold = 100

// Notes gives the notes on a video the actor may see, by their second and then as they were written, a
// page at a time. after is the Cursor of the last note of the page before, or empty.
func (s *Service) Notes(ctx context.Context, a people.Actor, id, after string, limit int) ([]TimedNote, error) {
	from, err := parseNoteCursor(after)
	if err != nil {
		return nil, err
	}
	if _, err := s.get(ctx, a, id, View); err != nil {
		return nil, err
	}
	return listNotes(s.db.Read(ctx), id, from, limit)
}

// noteCursor is a place in the order of notes. It is made of the order itself, so that it holds when the
// note it was made from is deleted.
type noteCursor struct {
	atMS      int64
	createdAt time.Time
	id        string
}

// Cursor says where in the list of notes this one stands.
func (n TimedNote) Cursor() string {
	return fmt.Sprintf("%d.%d.%s", n.AtMS, n.CreatedAt.UnixMicro(), n.ID)
}

func parseNoteCursor(s string) (*noteCursor, error) {
	if s == "" {
		return nil, nil
	}
	bad := fault.InvalidField("cursor", "cursor_unknown", "This is no cursor of this list. Begin with the first page.")
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil, bad
	}
	atMS, err := strconv.ParseInt(parts[0], 10, 64)
	micros, err2 := strconv.ParseInt(parts[1], 10, 64)
	id, err3 := ident.Parse(parts[2])
	at := time.UnixMicro(micros).UTC()
	if cmp.Or(err, err2, err3) != nil || at.Year() < 2000 || at.Year() > 9000 {
		return nil, bad
	}
	return &noteCursor{atMS, at, id}, nil
}

// WriteNote writes a note at a second of a video and tells the video's author. noteID is the sender's own
// id, or empty: the same id twice is the same note.
func (s *Service) WriteNote(ctx context.Context, a people.Actor, id, noteID string, atMS int64, body string) (TimedNote, error) {
	return s.writeNote(ctx, a, id, TimedNote{ID: noteID, AtMS: atMS, Body: body})
}

// Reply answers a note, in its thread and at its second, and tells those who wrote in the thread and the
// video's author. noteID is as in WriteNote.
func (s *Service) Reply(ctx context.Context, a people.Actor, id, noteID, to, body string) (TimedNote, error) {
	return s.writeNote(ctx, a, id, TimedNote{ID: noteID, ReplyTo: &to, Body: body})
}

func (s *Service) writeNote(ctx context.Context, a people.Actor, id string, n TimedNote) (TimedNote, error) {
	n.VideoID, n.AuthorID = id, a.PersonID
	var err error
	if n.Body, err = noteText(n.Body); err != nil {
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
		n := n
		if err := place(tx, v, &n); err != nil {
			return err
		}
		n.CreatedAt, n.UpdatedAt = tx.Now, tx.Now
		sent = n
		inserted, err := insertNote(tx, n)
		if err != nil {
			return err
		}
		if inserted {
			return s.tellOfNote(tx, v, n)
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

// place puts a new note at its second: a reply into its thread, and at that.
func place(tx *db.Tx, v Video, n *TimedNote) error {
	if n.ReplyTo == nil {
		if n.AtMS < 0 || n.AtMS > v.DurationMS {
			return fault.InvalidField("at_ms", "time_outside", "This time is not inside the video.")
		}
		return nil
	}
	gone := fault.InvalidField("reply_to", "note_not_found", "The note that this answers is gone.")
	to, err := ident.Parse(*n.ReplyTo)
	if err != nil {
		return gone
	}
	begin, err := holdThread(tx, v.ID, to)
	if fault.Is(err, fault.NotFound) {
		return gone
	}
	if err != nil {
		return err
	}
	n.ReplyTo, n.AtMS = &begin.ID, begin.AtMS
	return nil
}

// tellOfNote tells those who wrote in the thread before that somebody wrote after them, and the video's
// author of everything that is written on it.
func (s *Service) tellOfNote(tx *db.Tx, v Video, n TimedNote) error {
	tell := notice.Notice{Kind: notice.Reply, ActorID: &n.AuthorID, VideoID: &v.ID, AtMS: &n.AtMS, NoteID: &n.ID, Body: n.Body}
	var told []notice.Notice
	if n.ReplyTo != nil {
		writers, err := threadWriters(tx, *n.ReplyTo, maxTold)
		if err != nil {
			return err
		}
		for _, w := range writers {
			tell.PersonID = w
			told = append(told, tell)
		}
	}
	tell.PersonID, tell.Kind = v.AuthorID, notice.Note
	return s.cfg.Notices.TellTx(tx, append(told, tell)...)
}

func noteText(body string) (string, error) {
	body, err := text("text", body, maxNote)
	if err == nil && body == "" {
		err = fault.InvalidField("text", "required", "Write something.")
	}
	return body, err
}

// EditNote changes the words of one's own note. Nobody is told again.
func (s *Service) EditNote(ctx context.Context, a people.Actor, id, noteID, body string) (TimedNote, error) {
	body, err := noteText(body)
	if err != nil {
		return TimedNote{}, err
	}
	return s.onNote(ctx, a, id, noteID, false, func(tx *db.Tx, n *TimedNote) error {
		n.Body, n.UpdatedAt = body, tx.Now
		if err := s.cfg.Notices.RewordTx(tx, n.ID, body); err != nil {
			return err
		}
		return saveNote(tx, *n)
	})
}

// DeleteNote removes a note: one's own, or any on one's own video. A note with replies loses its words and
// its writer, and stands there empty until its last reply is deleted: what others wrote stays theirs.
func (s *Service) DeleteNote(ctx context.Context, a people.Actor, id, noteID string) error {
	_, err := s.onNote(ctx, a, id, noteID, true, func(tx *db.Tx, n *TimedNote) error {
		if err := s.cfg.Notices.ForgetNoteTx(tx, n.ID); err != nil {
			return err
		}
		replies, err := countReplies(tx, n.ID)
		if err != nil {
			return err
		}
		if replies > 0 {
			n.Body, n.UpdatedAt, n.DeletedAt = "", tx.Now, &tx.Now
			return saveNote(tx, *n)
		}
		if err := removeNote(tx, *n); err != nil || n.ReplyTo == nil {
			return err
		}
		return removeIfEmpty(tx, *n.ReplyTo)
	})
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
		// Whoever answers it just now is waited for, or waits.
		if _, err := holdThread(tx, id, noteID); err != nil {
			return err
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
