package review

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// Eligible gives the ids of those to whom the actor may give a review. Errors as of Reassign.
func (s *Service) Eligible(ctx context.Context, a people.Actor, id string) ([]string, error) {
	var out []string
	_, err := s.change(ctx, a, id, func(tx *db.Tx, _ *Review, on standing) error {
		if err := allow(a, Reassign, on.Case, "Only who looks after this review can give it to somebody else."); err != nil {
			return err
		}
		var err error
		out, err = s.eligible(tx, on.programme, on.attempt, a)
		return err
	})
	return out, err
}

// EligibleThird gives the ids of those whom the actor may ask for a third review in a dispute. Errors: NotFound,
// Forbidden.
func (s *Service) EligibleThird(ctx context.Context, a people.Actor, disputeID string) ([]string, error) {
	var out []string
	_, err := s.judge(ctx, a, disputeID, WeighDispute, func(tx *db.Tx, on *judging) error {
		found, err := s.eligible(tx, on.programme, on.attempt, a)
		out = without(found, a.PersonID)
		return err
	})
	return out, err
}

func (s *Service) eligible(tx *db.Tx, p programme.Programme, attempt programme.Attempt, a people.Actor) ([]string, error) {
	g, err := s.groundOf(tx, p, attempt)
	if err != nil {
		return nil, err
	}
	return g.eligible(a.Has(people.Trainer) || a.Has(people.Admin)), nil
}

func without(ids []string, id string) []string {
	out := make([]string, 0, len(ids))
	for _, x := range ids {
		if x != id {
			out = append(out, x)
		}
	}
	return out
}

// Item shows a review that the actor has just changed, as lists do.
func (s *Service) Item(ctx context.Context, a people.Actor, r Review) (Item, error) {
	now := s.DB.Now()
	stands, err := standsInToday(s.DB.Read(ctx), a.PersonID, now)
	if err != nil {
		return Item{}, err
	}
	items, err := s.items(ctx, a, []Review{r}, stands, now)
	if err != nil {
		return Item{}, err
	}
	if items[0].Attempt.ID == "" {
		return Item{}, fault.Missing("review")
	}
	return items[0], nil
}
