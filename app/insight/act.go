package insight

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// ModeledWithin is how soon after a view "used it" counts as modeled.
const ModeledWithin = 14 * 24 * time.Hour

const maxMessage = 1000

// On names a moment: a stretch of a video. StartMS and EndMS 0 mean the whole video.
type On struct {
	VideoID        string
	StartMS, EndMS int64
}

// Share is a video or moment sent to a person or a team.
type Share struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	ToPersonID   *string
	ToTeamID     *string
	Message      string
	CreatedAt    time.Time
}

// Save is a moment kept for later.
type Save struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	CreatedAt    time.Time
}

// Use says that a person used a moment with a customer.
type Use struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	DealID       *string
	Comment      string
	// AfterView says that it came within ModeledWithin after a view of the video by the same person.
	AfterView bool
	CreatedAt time.Time
}

// actID gives the id of an act: the sender's own, or a fresh one.
func actID(id string) (string, error) {
	switch {
	case id == "":
		return ident.New(), nil
	case len(id) > maxID || !plain(id):
		return "", fault.InvalidField("id", "id_invalid", "Use 1 to 64 plain characters, or leave the id out.")
	}
	return id, nil
}

// on checks the moment of an act.
func (s *Service) on(tx *db.Tx, a people.Actor, o *On) error {
	var err error
	_, o.StartMS, o.EndMS, err = s.videos.StretchTx(tx, a, o.VideoID, o.StartMS, o.EndMS)
	return err
}

// message checks what somebody writes beside an act: lines of text, or nothing.
func message(field, s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > maxMessage:
		return "", fault.InvalidField(field, "too_long", "Use at most 1,000 characters.")
	}
	return s, nil
}

// act runs the transaction of an act. What a person does at the same time waits in a queue, so that
// the same id sent twice at once is one act too.
func (s *Service) act(ctx context.Context, a people.Actor, do func(tx *db.Tx) error) error {
	if err := somebody(a); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lockPerson(tx, a.PersonID); err != nil {
			return err
		}
		return do(tx)
	})
}

// Keep saves a moment for later; saving it twice is saving it once.
func (s *Service) Keep(ctx context.Context, a people.Actor, id string, o On) (Save, error) {
	id, err := actID(id)
	if err != nil {
		return Save{}, err
	}
	var out Save
	err = s.act(ctx, a, func(tx *db.Tx) error {
		var done bool
		if out, done, err = mine[Save](tx, a.PersonID, id); done || err != nil {
			return err
		}
		o := o
		if err := s.on(tx, a, &o); err != nil {
			return err
		}
		out = Save{ID: id, PersonID: a.PersonID, VideoID: o.VideoID, StartMS: o.StartMS, EndMS: o.EndMS, CreatedAt: tx.Now}
		return insertSave(tx, &out)
	})
	if err != nil {
		return Save{}, err
	}
	return out, nil
}

// Unkeep removes one of the actor's saves.
func (s *Service) Unkeep(ctx context.Context, a people.Actor, id string) error {
	if !plain(id) {
		return fault.Missing("save")
	}
	return s.act(ctx, a, func(tx *db.Tx) error { return removeSave(tx, a.PersonID, id) })
}

// Saves lists the actor's saves, newest first, as far as the actor still may see the videos. Before is
// the id of the last one of the page before.
func (s *Service) Saves(ctx context.Context, a people.Actor, before string, limit int) ([]Save, error) {
	return listMine[Save](ctx, s.db, a, "saves", before, limit)
}

// NewUse is a "used it" to be written down.
type NewUse struct {
	// ID is the sender's own, or empty: the same id twice is the same use.
	ID string
	On
	DealID, Comment string
}

// UsedIt writes down that the actor used a moment with a customer, optionally on a deal of theirs.
func (s *Service) UsedIt(ctx context.Context, a people.Actor, in NewUse) (Use, error) {
	comment, err := message("comment", in.Comment)
	if err != nil {
		return Use{}, err
	}
	id, err := actID(in.ID)
	if err != nil {
		return Use{}, err
	}
	var out Use
	err = s.act(ctx, a, func(tx *db.Tx) error {
		var done bool
		if out, done, err = mine[Use](tx, a.PersonID, id); done || err != nil {
			return err
		}
		o := in.On
		if err := s.on(tx, a, &o); err != nil {
			return err
		}
		out = Use{ID: id, PersonID: a.PersonID, VideoID: o.VideoID, StartMS: o.StartMS, EndMS: o.EndMS, Comment: comment, CreatedAt: tx.Now}
		if in.DealID != "" {
			if err := ownDeal(tx, a.PersonID, in.DealID); err != nil {
				return err
			}
			out.DealID = &in.DealID
		}
		if out.AfterView, err = viewedBefore(tx, a.PersonID, o.VideoID, tx.Now); err != nil {
			return err
		}
		return insertAct(tx, &out)
	})
	if err != nil {
		return Use{}, err
	}
	return out, nil
}

// Uses lists the actor's own uses, newest first, as far as the actor still may see the videos. Before
// is the id of the last one of the page before.
func (s *Service) Uses(ctx context.Context, a people.Actor, before string, limit int) ([]Use, error) {
	return listMine[Use](ctx, s.db, a, "uses", before, limit)
}
