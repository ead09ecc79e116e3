package review

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/programme"
)

// AskAgain has settled attempts scored again under their programmes' newest rubric, by whoever scored them where
// that is still possible. Their results stay: the new score stands beside. Those that have, or wait for, a score
// under it are passed over. It is the hook OnRescore of package programme, which has decided who may. Invalid
// attempt_unfit where one has no result, or its video is gone.
func (s *Service) AskAgain(_ context.Context, tx *db.Tx, attemptIDs []string) error {
	programmes := map[string]programme.Programme{}
	var made []Review
	for _, id := range attemptIDs {
		attempt, err := programme.AttemptTx(tx, id)
		if err != nil {
			return err
		}
		p, known := programmes[attempt.ProgrammeID]
		if !known {
			if p, err = s.Programmes.ProgrammeTx(tx, attempt.ProgrammeID); err != nil {
				return err
			}
			programmes[p.ID] = p
		}
		r, ok, err := s.askAgain(tx, p, attempt)
		if err != nil {
			return err
		}
		if ok {
			made = append(made, r)
		}
	}
	for _, r := range made {
		if err := s.auditAssigned(tx, "", r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) askAgain(tx *db.Tx, p programme.Programme, attempt programme.Attempt) (Review, bool, error) {
	if attempt.State != programme.Settled || attempt.VideoID == nil {
		return Review{}, false, fault.InvalidField("attempt_ids", "attempt_unfit", "Only attempts that have a result, and whose video is there, can be scored again.")
	}
	reviews, err := reviewsOf(tx.Gorm(), attempt.ID)
	if err != nil {
		return Review{}, false, err
	}
	if attempt.RubricVersionID == p.RubricVersionID ||
		slices.ContainsFunc(reviews, func(r Review) bool { return r.Role == Again && r.RubricVersionID == p.RubricVersionID }) {
		return Review{}, false, nil
	}
	g, err := s.groundOf(tx, p, attempt)
	if err != nil {
		return Review{}, false, err
	}
	clear(g.taken) // who knows the attempt may score it again
	c := choice{}
	for _, r := range reviews {
		if r.ID == db.Deref(attempt.ResultReviewID) && g.active[r.reviewer()] {
			c.reviewer = r.reviewer()
		}
	}
	if c.reviewer == "" {
		c = route(First, g)
	}
	r, err := s.ask(tx, p, attempt, Review{Role: Again, RubricVersionID: p.RubricVersionID}, c)
	return r, err == nil, err
}
