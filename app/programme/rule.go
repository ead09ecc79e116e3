package programme

import (
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// Seat is a person's place in a team.
type Seat struct {
	TeamID  string
	Manages bool
	Since   time.Time
}

// Subject is what rules know of a person.
type Subject struct {
	ID, Name string
	Active   bool
	// Roles maps each of the person's roles to when they got it.
	Roles map[people.Role]time.Time
	Zone  *time.Location
	Seats []Seat
	// Since is when the account was made.
	Since time.Time
}

// tree knows which teams stand below which.
type tree struct {
	parent map[string]string // child to parent; roots map to ""
}

// within says whether a team is another or stands below it.
func (t tree) within(team, other string) bool {
	for steps := 0; team != "" && steps <= len(t.parent); team, steps = t.parent[team], steps+1 {
		if team == other {
			return true
		}
	}
	return false
}

// since says from when all that the rule names has held of the person; false where it does not.
func (r Rule) since(p Subject, t tree) (time.Time, bool) {
	at := p.Since
	if !p.Active || (r.PersonID != "" && r.PersonID != p.ID) {
		return at, false
	}
	if r.Role != "" {
		got, ok := p.Roles[r.Role]
		if !ok {
			return at, false
		}
		at = later(at, got)
	}
	if r.TeamID != "" {
		var joined time.Time
		for _, s := range p.Seats {
			// Who manages a team is no member of it, but is who "the managers of that team" means.
			if s.Manages && r.Role != people.Manager || !t.within(s.TeamID, r.TeamID) {
				continue
			}
			if joined.IsZero() || s.Since.Before(joined) {
				joined = s.Since
			}
		}
		if joined.IsZero() {
			return at, false
		}
		at = later(at, joined)
	}
	return at, true
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// holds says whether the rule holds of the person, in a programme that was opened at that time.
func (r Rule) holds(p Subject, t tree, opened time.Time) bool {
	since, ok := r.since(p, t)
	if !ok || r.NewWithinDays == 0 {
		return ok
	}
	return !since.Before(opened.Add(-time.Duration(r.NewWithinDays) * 24 * time.Hour))
}

// takesPart says whether one of the rules holds of the person.
func takesPart(rules []Rule, p Subject, t tree, opened time.Time) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.holds(p, t, opened) })
}

// DueAt is when somebody who started at a time, and lives in a zone, must have submitted: the last second of a
// day there. nil for no end, and for who started after the day itself: they are given a time by hand, or none.
func DueAt(d Due, start time.Time, zone *time.Location) *time.Time {
	var day time.Time
	switch d.Kind {
	case DueDate:
		var err error
		if day, err = time.Parse(time.DateOnly, d.Date); err != nil {
			return nil
		}
	case DueDays:
		day = start.In(zone).AddDate(0, 0, d.Days)
	default:
		return nil
	}
	at := endOfDay(day, zone)
	if at.Before(start) {
		return nil
	}
	return &at
}

// endOfDay is the last second of a day in a zone, in UTC. Where the clocks are put back over midnight that
// second comes twice, and the later one is meant.
func endOfDay(day time.Time, zone *time.Location) time.Time {
	y, m, d := day.Date()
	at := time.Date(y, m, d, 23, 59, 59, 0, zone)
	for _, again := range []time.Duration{time.Hour, 30 * time.Minute} {
		if next := at.Add(again); next.Day() == at.Day() && next.Hour() == 23 && next.Minute() == 59 {
			return next.UTC()
		}
	}
	return at.UTC()
}
