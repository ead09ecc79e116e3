package review

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

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

// stand works out how the actor stands to a review at a time.
func stand(g *gorm.DB, now time.Time, a people.Actor, r Review, attempt programme.Attempt, p programme.Programme) (standing, error) {
	on := standing{attempt: attempt, programme: p}
	all, err := reviewsOf(g, attempt.ID)
	if err != nil {
		return on, err
	}
	line, err := inLine(g, a, attempt.PersonID)
	if err != nil {
		return on, err
	}
	stands, err := standsInToday(g, a.PersonID, now)
	if err != nil {
		return on, err
	}
	on.others = slices.DeleteFunc(slices.Clone(all), func(o Review) bool { return o.ID == r.ID })
	on.Case = Case{Review: r, ParticipantID: attempt.PersonID, InLine: line, InPool: p.Reviews(a.PersonID), StandsIn: slices.Contains(stands, r.reviewer()),
		Other: slices.ContainsFunc(on.others, func(o Review) bool { return o.Role != Again && o.By(a.PersonID) }),
		Blind: blind(all, a.PersonID), Settled: attempt.State == programme.Settled}
	return on, nil
}

// blind says whether a person has a review among those of an attempt that waits.
func blind(reviews []Review, person string) bool {
	return slices.ContainsFunc(reviews, func(r Review) bool { return r.State == Waiting && r.Role != Again && r.By(person) })
}

// made says whether a person has sent one of the reviews.
func made(reviews []Review, person string) bool {
	return slices.ContainsFunc(reviews, func(r Review) bool { return r.State == Sent && r.By(person) })
}

// inLine says whether the actor manages a person, at any level.
func inLine(g *gorm.DB, a people.Actor, person string) (bool, error) {
	if a.PersonID == person {
		return false, nil
	}
	condition, args := a.InLineSQL("id")
	var n int64
	err := g.Table("persons").Where("id = ?", person).Where(condition, args...).Count(&n).Error
	return n > 0, err
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
