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

// TestPage is what a manager and their report find before they talk.
func TestPage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		discovery, criterion := k.programme(t, "Discovery call")
		older, _ := k.programme(t, "Pricing")
		k.attempt(t, older, k.ana, k.mia, 1, 5000, "fail")
		e.Clock.Advance(95 * day)
		first, _, _ := k.attempt(t, discovery, k.ana, k.mia, 1, 5000, "retry")
		e.Clock.Advance(day)
		k.attempt(t, discovery, k.ana, k.mia, 2, 6123, "retry")
		e.Clock.Advance(day)
		last, film, review := k.attempt(t, discovery, k.ana, k.mia, 3, 8246, "retry")
		k.reviewNote(t, review, "work", 30_000, "Ask for the date", "")
		k.reviewNote(t, review, "good", 1000, "That pause", "")
		k.reviewNote(t, review, "good", 4000, "Too close to the other", "")
		k.Exec(t, `UPDATE enrolments SET state = 'retry', retry_criteria = ? WHERE person_id = ? AND programme_id = ?`, `["`+criterion+`"]`, k.ana.PersonID, discovery)
		take := k.film(t, k.ana, people.Line, "take")
		e.Clock.Advance(time.Minute)
		k.note(t, k.dora, take, 59_000, "Nice")
		secret := k.film(t, k.ana, people.Private, "take")
		_ = secret

		p := must(k.coach.PageOf(t.Context(), k.mia, k.ana.PersonID))
		if p.Person.Name != "Ana" || p.CoachID != "" || !p.Since.Equal(e.Clock.Now().AddDate(0, 0, -90)) {
			t.Errorf("%+v", p)
		}
		if len(p.Programmes) != 1 {
			t.Fatalf("programmes %+v", p.Programmes)
		}
		g := p.Programmes[0]
		if g.Programme != "Discovery call" || g.Attempts != 3 || g.First.AttemptID != first || g.First.Percent != 50 || g.Last.AttemptID != last || g.Last.Percent != 82.5 || g.Last.Decision != "retry" {
			t.Errorf("%+v", g)
		}
		want := []coach.Moment{
			{VideoID: film, StartMS: 0, EndMS: 12_000, Why: "Good in Discovery call: That pause"},
			{VideoID: film, StartMS: 27_000, EndMS: 39_000, Why: "To work on in Discovery call: Ask for the date"},
			{VideoID: take, StartMS: 56_000, EndMS: 60_000, Why: "Dora on A film: Nice"},
		}
		if !slices.Equal(p.Moments, want) {
			t.Errorf("moments %+v", p.Moments)
		}
		if len(p.Interactions) != 3 || p.Interactions[0].Kind != coach.ReviewKind || p.Interactions[0].Text != "Discovery call" || *p.Interactions[0].VideoID != film || !p.Interactions[0].At.Equal(e.Clock.Now().Add(-time.Minute)) {
			t.Errorf("interactions %+v", p.Interactions)
		}
		if p.Suggestion == nil || p.Suggestion.Words != "Practise Next step together: Discovery call is to be tried again on it." || p.Suggestion.Link != "/attempts/"+last {
			t.Errorf("suggestion %+v", p.Suggestion)
		}

		// Dora may not see the attempt's video, so that she finds the take only; what mia said is mia's.
		d := must(k.coach.PageOf(t.Context(), k.dora, k.ana.PersonID))
		if len(d.Moments) != 1 || d.Moments[0].VideoID != take || len(d.Programmes) != 1 {
			t.Errorf("%+v", d)
		}
		if len(d.Interactions) != 1 || d.Interactions[0].Kind != coach.NoteKind || d.Interactions[0].Text != "Nice" || d.Interactions[0].AtMS != 59_000 {
			t.Errorf("interactions %+v", d.Interactions)
		}

		own := must(k.coach.PageOf(t.Context(), k.ana, k.ana.PersonID))
		if own.CoachID != k.mia.PersonID || len(own.Moments) != 3 || len(own.Interactions) != 4 || own.Interactions[0].CoachID != k.dora.PersonID {
			t.Errorf("%+v", own)
		}
		if own.Suggestion == nil || own.Suggestion.Words != "Try Discovery call again on Next step." || !strings.HasPrefix(own.Suggestion.Link, "/certify/") {
			t.Errorf("suggestion %+v", own.Suggestion)
		}
		for _, a := range []people.Actor{k.ben, k.cleo, k.tom, people.System()} {
			_, err := k.coach.PageOf(t.Context(), a, k.ana.PersonID)
			apptest.WantCode(t, err, "person_not_found", "")
		}
		for _, id := range []string{ident.New(), "\x00", ""} {
			_, err := k.coach.PageOf(t.Context(), k.mia, id)
			apptest.WantCode(t, err, "person_not_found", "")
		}
	})
}

// TestPageOfAttemptsUnderReview shows nothing of what the person has not been told.
func TestPageOfAttemptsUnderReview(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		programme, _ := k.programme(t, "Discovery call")
		attempt, _, review := k.attempt(t, programme, k.ana, k.mia, 1, 5000, "pass")
		k.reviewNote(t, review, "good", 1000, "That pause", "")
		k.Exec(t, `UPDATE attempts SET state = 'waiting', decision = '', score = NULL, settled_at = NULL, result_review_id = NULL WHERE id = ?`, attempt) // a second review is to come
		own := must(k.coach.PageOf(t.Context(), k.ana, k.ana.PersonID))
		if len(own.Programmes)+len(own.Moments)+len(own.Interactions) != 0 {
			t.Errorf("%+v", own)
		}
		mias := must(k.coach.PageOf(t.Context(), k.mia, k.ana.PersonID))
		if len(mias.Programmes)+len(mias.Moments) != 0 || len(mias.Interactions) != 1 {
			t.Errorf("%+v", mias)
		}
		k.Exec(t, `UPDATE reviews SET state = 'waiting', sent_at = NULL WHERE id = ?`, review)
		if got := must(k.coach.PageOf(t.Context(), k.mia, k.ana.PersonID)).Suggestion; got == nil || got.Link != "/reviews/"+review {
			t.Errorf("suggestion %+v", got)
		}
	})
}

// TestSuggestions goes through what is suggested, the most urgent first.
func TestSuggestions(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		words := func(a people.Actor) string {
			if s := must(k.coach.PageOf(t.Context(), a, k.ana.PersonID)).Suggestion; s != nil {
				return s.Words
			}
			return ""
		}
		check := func(a people.Actor, want string) {
			t.Helper()
			if got := words(a); got != want {
				t.Errorf("%s: %q, want %q", a.Name, got, want)
			}
		}
		check(k.mia, "")
		check(k.ana, "")
		k.film(t, k.ana, people.Private, video.Practice)
		film := k.film(t, k.ana, people.Line, "take")
		check(k.mia, "Say something about “A film”: you have not yet.")
		check(k.ana, "Ask somebody for feedback on “A film”.")
		k.note(t, k.mia, film, 0, "Good")
		check(k.mia, "")
		check(k.ana, "")
		must(k.coach.Assign(t.Context(), k.mia, coach.NewAssignment{ToID: k.ana.PersonID, VideoID: film, Prompt: "Say it your way"}))
		check(k.ana, "Practise “Say it your way”.")
		must(k.coach.Promise(t.Context(), k.mia, k.ana.PersonID, coach.NewPromise{Mine: true, Text: "Send the deck", DueOn: today(k, 1)}))
		e.Clock.Advance(2 * day)
		check(k.mia, "Talk about “Send the deck”: it was due on "+e.Clock.Now().AddDate(0, 0, -1).UTC().Format("2 January")+".")
		check(k.ana, "Practise “Say it your way”.") // the overdue one is mia's
	})
}

// TestReports is the line of a manager, who waits longest first.
func TestReports(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		at := e.Clock.Now().UTC()
		e.Clock.Advance(time.Date(at.Year(), at.Month()+1, 3, 12, 0, 0, 0, time.UTC).Sub(at)) // the third of a month
		anas := k.film(t, k.ana, people.Line, "take")
		k.note(t, k.mia, anas, 0, "Good")
		k.note(t, k.dora, anas, 0, "Very good")
		must(k.coach.Promise(t.Context(), k.mia, k.ana.PersonID, coach.NewPromise{Text: "Call", DueOn: today(k, 1)}))
		list := must(k.coach.Reports(t.Context(), k.mia, "", 10))
		if len(list) != 2 || list[0].Name != "Ben" || !list[0].LastAt.IsZero() || list[1].Name != "Ana" || !list[1].LastAt.Equal(e.Clock.Now()) || list[1].ThisMonth != 1 || list[1].OpenPromises != 1 || !list[1].Direct {
			t.Errorf("%+v", list)
		}
		e.Clock.Advance(time.Hour)
		k.note(t, k.mia, k.film(t, k.ben, people.Line, "take"), 0, "Good")
		if list := must(k.coach.Reports(t.Context(), k.mia, "", 1)); len(list) != 1 || list[0].Name != "Ana" {
			t.Errorf("%+v", list)
		}
		if list := must(k.coach.Reports(t.Context(), k.mia, k.ana.PersonID, 10)); len(list) != 1 || list[0].Name != "Ben" {
			t.Errorf("%+v", list)
		}
		// Dora manages mia alone directly.
		list = must(k.coach.Reports(t.Context(), k.dora, "", 10))
		if len(list) != 3 || list[0].Name != "Mia" || !list[0].Direct || list[1].Name != "Ben" || list[1].Direct || list[2].Name != "Ana" || list[2].ThisMonth != 1 || list[2].OpenPromises != 0 {
			t.Errorf("%+v", list)
		}
		e.Clock.Advance(31 * day)
		if list := must(k.coach.Reports(t.Context(), k.mia, "", 10)); list[0].ThisMonth != 0 || list[0].LastAt.IsZero() {
			t.Errorf("%+v", list)
		}
		for _, a := range []people.Actor{k.ana, k.cleo, k.tom, people.System()} {
			if list := must(k.coach.Reports(t.Context(), a, "", 10)); len(list) != 0 {
				t.Errorf("%s: %+v", a.Name, list)
			}
		}
		_, err := k.coach.Reports(t.Context(), k.mia, k.cleo.PersonID, 10)
		apptest.WantCode(t, err, "cursor_unknown", "cursor")
	})
}
