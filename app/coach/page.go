package coach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

const (
	// pageDays is how far back the page of a person looks.
	pageDays = 90
	// maxMoments is how many moments a talk has time for.
	maxMoments = 3
	// maxInteractions is how many interactions the page shows.
	maxInteractions = 10
	// early and long are how a moment is cut out around a second that somebody spoke of, in milliseconds.
	early, long = 3_000, 12_000
)

// Page is what two people need before them when they talk: how the one has come along, and what is open.
type Page struct {
	Person people.Person
	// Coach is whom new promises of the person's own page are made to: their nearest manager, empty for none.
	CoachID string
	// Since is from when on there is something on the page, but for the first attempts.
	Since        time.Time
	Programmes   []Progress
	Moments      []Moment
	Promises     []Promise
	Interactions []Interaction
	// Suggestion is one thing to do next; nil where nothing suggests itself.
	Suggestion *Suggestion
}

// Progress is the first and the last settled attempt of a person at a programme; both are the same for who has
// one only.
type Progress struct {
	ProgrammeID, Programme string
	Attempts               int
	First, Last            Score
}

// Score is the result of an attempt.
type Score struct {
	AttemptID, Decision string
	// Percent has one decimal.
	Percent float64
	At      time.Time
}

// Moment is a stretch of one of the person's videos that is worth a look, with the reason.
type Moment struct {
	VideoID        string
	StartMS, EndMS int64
	Why            string
}

// Suggestion is one thing to do next.
type Suggestion struct {
	Words string
	// Link is the address of its screen; empty where it is on this page.
	Link string
}

// PageOf gives the page of a person, to that person and to their line; NotFound to others.
func (s *Service) PageOf(ctx context.Context, a people.Actor, person string) (Page, error) {
	g := s.DB.Read(ctx)
	if err := seesPage(g, a, person); err != nil {
		return Page{}, err
	}
	p := Page{Since: s.DB.Now().AddDate(0, 0, -pageDays)}
	var err error
	if p.Person, err = s.People.PersonByID(ctx, a, person); err != nil {
		return Page{}, err
	}
	coaches := []string{a.PersonID}
	if person == a.PersonID {
		if coaches, err = lineOf(g, person); err != nil {
			return Page{}, err
		}
		if p.CoachID, err = nearestManager(g, person); err != nil {
			return Page{}, err
		}
	}
	if p.Programmes, err = progress(g, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Moments, err = moments(g, a, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Promises, err = s.promisesOf(g, a, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Interactions, err = lastInteractions(g, a, person, coaches, p.Since, maxInteractions); err != nil {
		return Page{}, err
	}
	p.Suggestion, err = suggestion(g, a, p)
	return p, err
}

// choose takes one thing that went well, one to work on and one that somebody said, the latest of each, and
// fills up with the next ones. What is within a moment chosen before is left out.
func choose(all []candidate) []Moment {
	var out []Moment
	take := func(fits func(candidate) bool) {
		for _, c := range all {
			m := c.moment()
			if len(out) == maxMoments || !fits(c) || slices.ContainsFunc(out, func(o Moment) bool { return o.VideoID == m.VideoID && o.StartMS < m.EndMS && m.StartMS < o.EndMS }) {
				continue
			}
			out = append(out, m)
			return
		}
	}
	for _, kind := range []string{"good", "work", "said"} {
		take(func(c candidate) bool { return c.Kind == kind })
	}
	for range maxMoments {
		take(func(candidate) bool { return true })
	}
	return out
}

func (c candidate) moment() Moment {
	m := Moment{VideoID: c.VideoID, StartMS: max(0, min(c.AtMS, c.DurationMS)-early)}
	m.EndMS = min(m.StartMS+long, max(c.DurationMS, m.StartMS+1))
	switch c.Kind {
	case "good":
		m.Why = "Good in " + c.Source
	case "work":
		m.Why = "To work on in " + c.Source
	case "question":
		m.Why = "A question in " + c.Source
	case "said":
		m.Why = c.Speaker + " on " + cmp.Or(c.Source, "a take")
	default:
		m.Why = "From the review of " + c.Source
	}
	if c.Body != "" {
		m.Why += ": " + notice.Excerpt(c.Body)
	}
	return m
}
