package review

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// standing is a review with what belongs to it, and how the actor stands to it.
type standing struct {
	Case
	attempt   programme.Attempt
	programme programme.Programme
	// others are the other reviews of the attempt that count.
	others []Review
}

// blind says whether a person has a review among those of an attempt that waits.
func blind(reviews []Review, person string) bool {
	return slices.ContainsFunc(reviews, func(r Review) bool { return r.State == Waiting && r.Role != Again && r.By(person) })
}

// made says whether a person has sent one of the reviews.
func made(reviews []Review, person string) bool {
	return slices.ContainsFunc(reviews, func(r Review) bool { return r.State == Sent && r.By(person) })
}

// change does something with a review whose attempt is held.
func (s *Service) change(ctx context.Context, a people.Actor, id string, fn func(tx *db.Tx, r *Review, on standing) error) (Review, error) {
	var out Review
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		r, attempt, err := held(tx, id)
		if err != nil {
			return err
		}
		p, err := s.Programmes.ProgrammeTx(tx, r.ProgrammeID)
		if err != nil {
			return err
		}
		on, err := stand(tx.Gorm(), tx.Now, a, r, attempt, p)
		if err != nil {
			return err
		}
		if err := fn(tx, &r, on); err != nil {
			return err
		}
		out = r
		return nil
	})
	if err != nil {
		return Review{}, err
	}
	return out, nil
}

// allow refuses like an absent review where the actor may not even see it.
func allow(a people.Actor, action Action, c Case, why string) error {
	switch {
	case Can(a, action, c):
		return nil
	case !Can(a, See, c):
		return fault.Missing("review")
	case c.Review.State == Sent:
		return fault.New(fault.Conflict, "review_sent", "This review is sent already.")
	}
	return fault.Denied(why)
}
