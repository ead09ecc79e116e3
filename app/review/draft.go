package review

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// sheet is what a reviewer fills in: the criteria, those that are carried, and the take's length.
type sheet struct {
	rubric     score.Criteria
	open       []string
	carried    programme.Levels
	durationMS int64
}

func (s *Service) sheetOf(tx *db.Tx, r Review, a programme.Attempt) (sheet, error) {
	v, err := s.Rubrics.VersionTx(tx, r.RubricVersionID)
	if err != nil {
		return sheet{}, err
	}
	out := sheet{rubric: v.Scored(), open: r.open(a), carried: r.carried(a)}
	if a.VideoID != nil {
		length, err := durations(tx.Gorm(), []string{*a.VideoID})
		if err != nil {
			return sheet{}, err
		}
		out.durationMS = length[*a.VideoID]
	}
	return out, nil
}

// Keep keeps a draft in place of the one before, whose version is base. The same content again is kept once,
// also after its answer was lost. Errors: NotFound, Forbidden, Conflict review_sent or draft_changed (another
// draft was kept since; a ChangedError has it), Invalid with the field.
func (s *Service) Keep(ctx context.Context, a people.Actor, id string, base int, c Content) (Review, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, r *Review, on standing) error {
		if err := allow(a, Write, on.Case, "Only its reviewer can write this review."); err != nil {
			return err
		}
		sh, err := s.sheetOf(tx, *r, on.attempt)
		if err != nil {
			return err
		}
		if c, err = c.clean(sh.rubric, sh.carried, sh.durationMS); err != nil {
			return err
		}
		switch {
		case c.same(r.Draft) && base <= r.DraftVersion:
			return nil
		case base != r.DraftVersion:
			return changed(*r)
		}
		r.Draft, r.DraftAt = c, &tx.Now
		r.DraftVersion++
		return save(tx, r)
	})
}

// ChangedError is a Conflict draft_changed with the draft that was kept meanwhile.
type ChangedError struct {
	fault *fault.Error
	Kept  Review
}

// Error implements error.
func (e *ChangedError) Error() string { return e.fault.Error() }

// Unwrap gives the fault.
func (e *ChangedError) Unwrap() error { return e.fault }

func changed(r Review) error {
	return &ChangedError{fault.New(fault.Conflict, "draft_changed", "This review was changed on another device since. Look at both before you go on."), r}
}
