package coach

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// Month is what one manager has said to their reports in one month.
type Month struct {
	// Month is YYYY-MM, in UTC.
	Month string
	// Notes begin a thread at a second of a report's take; Replies answer in one, or by video in a review;
	// Reviews were sent.
	Notes, Reviews, Replies int
	// PerRep is all of them for each report, rounded to hundredths.
	PerRep float64
}

// Manager is the cadence of one manager.
type Manager struct {
	PersonID, Name string
	// Reps are the people whom they manage directly, as it stands now.
	Reps   int
	Months []Month
}

// Cadence is how often managers say something to their reports.
type Cadence struct {
	// Definition says in words what is counted.
	Definition string
	AsOf       time.Time
	// From and To are the first and the last month, as YYYY-MM.
	From, To string
	Managers []Manager
}

// CadenceFilter narrows the cadence.
type CadenceFilter struct {
	// From and To are the first and the last month, as YYYY-MM; empty for the six months until now.
	From, To string
	// Team keeps managers of this team and of teams below it.
	Team string
}

const (
	monthForm     = "2006-01"
	usualMonths   = 6
	longestMonths = 36
)

const definition = "Interactions per report and month: notes at a second of a report's take, replies in a thread on it or by video in a review, and reviews sent; " +

	"divided by the people one manages directly, as the teams stand today. Months are in UTC. What was deleted since is not counted."

// Cadence gives how often managers say something to their reports: to a manager their own and that of the
// managers below them, to trainers and admins that of all. For others there is none. Errors: Invalid month_invalid,
// period_empty, period_long, team_not_found.
func (s *Service) Cadence(ctx context.Context, a people.Actor, f CadenceFilter) (Cadence, error) {
	out := Cadence{Definition: definition, AsOf: s.DB.Now()}
	from, to, err := period(f, out.AsOf)
	if err != nil {
		return out, err
	}
	out.From, out.To = from.Format(monthForm), to.Format(monthForm)
	var teams []string
	if f.Team != "" {
		teams, err = s.People.Below(ctx, f.Team)
		if fault.Is(err, fault.NotFound) {
			err = fault.InvalidField("team", "team_not_found", "There is no such team.")
		}
		if err != nil {
			return out, err
		}
	}
	g := s.DB.Read(ctx)
	if out.Managers, err = managers(g, a, teams); err != nil || len(out.Managers) == 0 {
		return out, err
	}
	said, err := saidByMonth(g, s.DB.Kind(), out.Managers, from, to.AddDate(0, 1, 0))
	for i := range out.Managers {
		m := &out.Managers[i]
		for at := from; !at.After(to); at = at.AddDate(0, 1, 0) {
			month := said[m.PersonID+at.Format(monthForm)]
			month.Month = at.Format(monthForm)
			month.PerRep = math.Round(100*float64(month.Notes+month.Reviews+month.Replies)/float64(m.Reps)) / 100
			m.Months = append(m.Months, month)
		}
	}
	return out, err
}

// period gives the beginnings of the first and the last month.
func period(f CadenceFilter, now time.Time) (from, to time.Time, err error) {
	to = monthOf(now)
	if to, err = month("to", f.To, to); err != nil {
		return from, to, err
	}
	if from, err = month("from", f.From, to.AddDate(0, 1-usualMonths, 0)); err != nil {
		return from, to, err
	}
	switch {
	case from.After(to):
		err = fault.InvalidField("to", "period_empty", "The last month comes before the first.")
	case from.AddDate(0, longestMonths, 0).Before(to.AddDate(0, 1, 0)):
		err = fault.InvalidField("from", "period_long", fmt.Sprintf("Ask for at most %d months.", longestMonths))
	}
	return from, to, err
}

func month(field, s string, otherwise time.Time) (time.Time, error) {
	if s == "" {
		return otherwise, nil
	}
	at, err := time.Parse(monthForm, s)
	if err != nil || at.Year() < 2000 || at.Year() > 9000 {
		return at, fault.InvalidField(field, "month_invalid", "Give a month such as 2026-11.")
	}
	return at, nil
}
