package review

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

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

// mayHear says whether the actor may hear the spoken notes of a review.
func mayHear(g *gorm.DB, a people.Actor, r Review, attempt programme.Attempt) (bool, error) {
	if r.State == Dropped || a.PersonID == "" {
		return false, nil
	}
	if r.By(a.PersonID) {
		return true, nil
	}
	reviews, err := reviewsOf(g, attempt.ID)
	if err != nil || r.State != Sent || attempt.State != programme.Settled {
		return false, err
	}
	line, err := inLine(g, a, attempt.PersonID)
	if err != nil {
		return false, err
	}
	if shownIn(r, attempt, reviews) {
		return MaySeeResult(a, attempt.PersonID, line, made(reviews, a.PersonID), blind(reviews, a.PersonID)), nil
	}
	return CanDispute(a, WeighDispute, attempt.PersonID, made(reviews, a.PersonID) || blind(reviews, a.PersonID)), nil
}
