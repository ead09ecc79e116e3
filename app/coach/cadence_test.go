package coach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestCadence counts by hand what a manager has said to two reports over three months.
func TestCadence(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		at := e.Clock.Now().UTC()
		month := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		e.Clock.Advance(month.Add(-time.Microsecond).Sub(at)) // the last instant of a month in UTC
		anas, bens, cleos := k.film(t, k.ana, people.Line, "take"), k.film(t, k.ben, people.MyTeam, "take"), k.film(t, k.cleo, people.Everyone, "take")
		k.note(t, k.mia, anas, 0, "Before midnight")
		e.Clock.Advance(time.Microsecond)
		note := k.note(t, k.mia, anas, 0, "After midnight")
		k.note(t, k.mia, bens, 0, "To ben")
		deleted := k.note(t, k.mia, bens, 0, "Not meant")
		if err := k.videos.DeleteNote(t.Context(), k.mia, bens, deleted); err != nil {
			t.Fatal(err)
		}
		k.note(t, k.mia, cleos, 0, "No report of hers")
		k.note(t, k.mia, k.film(t, k.mia, people.Line, "take"), 0, "To herself")
		k.note(t, k.ana, bens, 0, "A colleague's")
		e.Clock.Advance(40 * day)
		if _, err := k.videos.Reply(t.Context(), k.mia, anas, "", note, "And again"); err != nil {
			t.Fatal(err)
		}
		programme, _ := k.programme(t, "Discovery call")
		_, _, review := k.attempt(t, programme, k.ana, k.mia, 1, 5000, "retry")
		k.reviewNote(t, review, "good", 0, "Said in words", "")
		k.reviewNote(t, review, "work", 0, "", k.film(t, k.mia, people.Private, video.VideoReply))
		k.attempt(t, programme, k.cleo, k.mia, 1, 5000, "retry") // as somebody of a pool
		k.note(t, k.dora, anas, 0, "Not directly hers")

		m := func(months int) string { return month.AddDate(0, months, 0).Format("2006-01") }
		c := must(k.coach.Cadence(t.Context(), k.mia, coach.CadenceFilter{From: m(-1), To: m(1)}))
		if c.From != m(-1) || c.To != m(1) || !c.AsOf.Equal(e.Clock.Now()) || !strings.Contains(c.Definition, "UTC") {
			t.Errorf("%+v", c)
		}
		want := []coach.Month{
			{Month: m(-1), Notes: 1, PerRep: 0.5},
			{Month: m(0), Notes: 2, PerRep: 1},
			{Month: m(1), Reviews: 1, Replies: 2, PerRep: 1.5},
		}
		if len(c.Managers) != 1 || c.Managers[0].Name != "Mia" || c.Managers[0].Reps != 2 || !slices.Equal(c.Managers[0].Months, want) {
			t.Errorf("%+v", c.Managers)
		}
		if c := must(k.coach.Cadence(t.Context(), k.mia, coach.CadenceFilter{})); len(c.Managers[0].Months) != 6 || c.Managers[0].Months[5].Month != m(1) {
			t.Errorf("the usual period: %+v", c)
		}
	})
}

// TestCadenceIsFor says whose cadence one sees.
func TestCadenceIsFor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		south := k.Team(t, "South", nil)
		sue, ada := k.Add(t, "Sue", "", people.Rep), k.Add(t, "Ada", "", people.Admin, people.Rep)
		k.Place(t, south, sue, people.AsManager)
		k.Place(t, south, k.cleo, people.AsMember)
		peer := k.Add(t, "Pia", "", people.Rep)
		k.Place(t, k.north, peer, people.AsManager) // beside mia
		sue, peer = k.Actor(t, sue.PersonID), k.Actor(t, peer.PersonID)
		names := func(a people.Actor, f coach.CadenceFilter) (names []string) {
			for _, m := range must(k.coach.Cadence(t.Context(), a, f)).Managers {
				names = append(names, m.Name)
			}
			return names
		}
		for _, c := range []struct {
			who  people.Actor
			f    coach.CadenceFilter
			want []string
		}{
			{k.mia, coach.CadenceFilter{}, []string{"Mia"}}, {peer, coach.CadenceFilter{}, []string{"Pia"}}, {sue, coach.CadenceFilter{}, []string{"Sue"}},
			{k.dora, coach.CadenceFilter{}, []string{"Dora", "Mia", "Pia"}}, {k.dora, coach.CadenceFilter{Team: k.north}, []string{"Mia", "Pia"}}, {k.dora, coach.CadenceFilter{Team: south}, nil},
			{k.tom, coach.CadenceFilter{}, []string{"Dora", "Mia", "Pia", "Sue"}}, {ada, coach.CadenceFilter{Team: south}, []string{"Sue"}}, {ada, coach.CadenceFilter{Team: k.europe}, []string{"Dora", "Mia", "Pia"}},
			{k.ana, coach.CadenceFilter{}, nil}, {k.cleo, coach.CadenceFilter{}, nil},
		} {
			if got := names(c.who, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s %+v: %v, want %v", c.who.Name, c.f, got, c.want)
			}
		}
		if got := must(k.coach.Cadence(t.Context(), k.dora, coach.CadenceFilter{})).Managers[0]; got.Reps != 2 {
			t.Errorf("dora manages %d directly", got.Reps)
		}
		for _, c := range []struct {
			f           coach.CadenceFilter
			code, field string
		}{
			{coach.CadenceFilter{From: "2026"}, "month_invalid", "from"}, {coach.CadenceFilter{To: "2026-13"}, "month_invalid", "to"}, {coach.CadenceFilter{From: "1999-01"}, "month_invalid", "from"},
			{coach.CadenceFilter{From: "2026-05", To: "2026-04"}, "period_empty", "to"}, {coach.CadenceFilter{From: "2023-01", To: "2026-01"}, "period_long", "from"},
			{coach.CadenceFilter{Team: ident.New()}, "team_not_found", "team"}, {coach.CadenceFilter{Team: "\x00"}, "team_not_found", "team"},
		} {
			_, err := k.coach.Cadence(t.Context(), k.mia, c.f)
			apptest.WantCode(t, err, c.code, c.field)
		}
		if c := must(k.coach.Cadence(t.Context(), k.mia, coach.CadenceFilter{From: "2023-02", To: "2026-01"})); len(c.Managers[0].Months) != 36 {
			t.Errorf("%d months", len(c.Managers[0].Months))
		}
	})
}
