package coach_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestPromises is what two people write down, and who knows of it.
func TestPromises(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		id := ident.New()
		n := coach.NewPromise{ID: id, Text: "Two discovery calls on tape", DueOn: today(k, 7)}
		p, err := k.coach.Promise(t.Context(), k.mia, k.ana.PersonID, n)
		if err != nil || p.ID != id || p.PersonID != k.ana.PersonID || p.CoachID != k.mia.PersonID || p.OwnerID != k.ana.PersonID || p.With() != k.ana.PersonID {
			t.Fatalf("%+v, %v", p, err)
		}
		if again, err := k.coach.Promise(t.Context(), k.mia, k.ana.PersonID, n); err != nil || again.ID != id {
			t.Errorf("the same id again: %+v, %v", again, err)
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Promise}) {
			t.Errorf("ana was told %v", got)
		}
		// On her own page ana promises her nearest manager.
		own, err := k.coach.Promise(t.Context(), k.ana, k.ana.PersonID, coach.NewPromise{Mine: true, Text: "Ask for the next step", DueOn: today(k, 1)})
		if err != nil || own.CoachID != k.mia.PersonID || own.OwnerID != k.ana.PersonID || own.With() != k.mia.PersonID {
			t.Fatalf("%+v, %v", own, err)
		}
		theirs := must(k.coach.Promise(t.Context(), k.ana, k.ana.PersonID, coach.NewPromise{Text: "Sit in on the demo", DueOn: today(k, 3)}))
		if theirs.OwnerID != k.mia.PersonID {
			t.Errorf("%+v", theirs)
		}
		doras := must(k.coach.Promise(t.Context(), k.dora, k.ana.PersonID, coach.NewPromise{Mine: true, Text: "Introduce the CFO", DueOn: today(k, 5)}))

		on := func(a people.Actor) (texts []string) {
			for _, x := range must(k.coach.PageOf(t.Context(), a, k.ana.PersonID)).Promises {
				texts = append(texts, x.Body)
			}
			return texts
		}
		if got := on(k.mia); !slices.Equal(got, []string{own.Body, theirs.Body, p.Body}) { // by their day
			t.Errorf("mia finds %q", got)
		}
		if got := on(k.dora); !slices.Equal(got, []string{doras.Body}) {
			t.Errorf("dora finds %q", got)
		}
		if got := on(k.ana); !slices.Equal(got, []string{own.Body, theirs.Body, doras.Body, p.Body}) {
			t.Errorf("ana finds %q", got)
		}

		yes, no := true, false
		e.Clock.Advance(2 * day)
		if c := must(k.coach.Waiting(t.Context(), k.ana)); c != (coach.Counts{PromisesDue: 1}) {
			t.Errorf("waiting %+v", c)
		}
		if mine := must(k.coach.OwnPromises(t.Context(), k.mia)); len(mine) != 1 || mine[0].ID != theirs.ID || mine[0].Overdue {
			t.Errorf("mia is to keep %+v", mine)
		}
		if anas := must(k.coach.OwnPromises(t.Context(), k.ana)); len(anas) != 2 || anas[0].ID != own.ID || !anas[0].Overdue || anas[1].ID != p.ID {
			t.Errorf("ana is to keep %+v", anas)
		}
		if x := must(k.coach.PageOf(t.Context(), k.mia, k.ana.PersonID)).Promises[0]; x.ID != own.ID || !x.Overdue {
			t.Errorf("%+v", x)
		}
		ticked := must(k.coach.ChangePromise(t.Context(), k.mia, own.ID, coach.PromiseChange{Done: &yes})) // both may
		if ticked.DoneAt == nil || !ticked.DoneAt.Equal(e.Clock.Now()) || ticked.Overdue {
			t.Errorf("%+v", ticked)
		}
		e.Clock.Advance(time.Hour)
		if again := must(k.coach.ChangePromise(t.Context(), k.ana, own.ID, coach.PromiseChange{Done: &yes})); !again.DoneAt.Equal(*ticked.DoneAt) {
			t.Errorf("ticked twice: %+v", again)
		}
		if got := on(k.mia); got[2] != own.Body {
			t.Errorf("what is done comes last: %q", got)
		}
		if back := must(k.coach.ChangePromise(t.Context(), k.ana, own.ID, coach.PromiseChange{Done: &no})); back.DoneAt != nil || !back.Overdue {
			t.Errorf("%+v", back)
		}
		words, later := "Ask for a date", today(k, 9)
		if x := must(k.coach.ChangePromise(t.Context(), k.ana, own.ID, coach.PromiseChange{Text: &words, DueOn: &later})); x.Body != words || x.DueOn != later || x.Overdue {
			t.Errorf("%+v", x)
		}
		_, err = k.coach.ChangePromise(t.Context(), k.mia, own.ID, coach.PromiseChange{Text: &words})
		apptest.WantCode(t, err, "forbidden", "")
		apptest.WantCode(t, k.coach.DropPromise(t.Context(), k.mia, own.ID), "forbidden", "")
		apptest.WantCode(t, k.coach.DropPromise(t.Context(), k.dora, own.ID), "promise_not_found", "")
		if err := k.coach.DropPromise(t.Context(), k.mia, p.ID); err != nil {
			t.Error(err)
		}
		apptest.WantCode(t, k.coach.DropPromise(t.Context(), k.mia, p.ID), "promise_not_found", "")
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Promise}) { // dora's
			t.Errorf("ana is told %v", got)
		}
	})
}

// TestPromiseRefusals is what is refused, and changes nothing.
func TestPromiseRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		fine := coach.NewPromise{Text: "Call", DueOn: today(k, 1)}
		for _, c := range []struct {
			who         people.Actor
			page        string
			n           coach.NewPromise
			code, field string
		}{
			{k.ben, k.ana.PersonID, fine, "person_not_found", ""}, {k.tom, k.ana.PersonID, fine, "person_not_found", ""}, {k.ana, k.mia.PersonID, fine, "person_not_found", ""},
			{people.System(), k.ana.PersonID, fine, "person_not_found", ""}, {k.mia, ident.New(), fine, "person_not_found", ""}, {k.mia, "\x00", fine, "person_not_found", ""},
			{k.mia, k.ana.PersonID, coach.NewPromise{Text: " ", DueOn: today(k, 1)}, "required", "text"}, {k.mia, k.ana.PersonID, coach.NewPromise{Text: "x"}, "required", "due_on"},
			{k.mia, k.ana.PersonID, coach.NewPromise{Text: "x", DueOn: "soon"}, "date_invalid", "due_on"}, {k.mia, k.ana.PersonID, coach.NewPromise{Text: "x", DueOn: today(k, -2)}, "date_past", "due_on"},
			{k.mia, k.ana.PersonID, coach.NewPromise{ID: "x", Text: "x", DueOn: today(k, 1)}, "id_invalid", "id"},
			{k.cleo, k.cleo.PersonID, fine, "no_manager", ""}, {k.dora, k.dora.PersonID, fine, "no_manager", ""},
		} {
			_, err := k.coach.Promise(t.Context(), c.who, c.page, c.n)
			apptest.WantCode(t, err, c.code, c.field)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM promises`); n != 0 {
			t.Errorf("%d promises", n)
		}
		p := must(k.coach.Promise(t.Context(), k.mia, k.ana.PersonID, fine))
		empty, bad := "", "soon"
		for _, c := range []struct {
			who         people.Actor
			c           coach.PromiseChange
			code, field string
		}{
			{k.ben, coach.PromiseChange{}, "promise_not_found", ""}, {k.dora, coach.PromiseChange{}, "promise_not_found", ""}, {people.System(), coach.PromiseChange{}, "promise_not_found", ""},
			{k.mia, coach.PromiseChange{Text: &empty}, "required", "text"}, {k.mia, coach.PromiseChange{DueOn: &empty}, "required", "due_on"}, {k.mia, coach.PromiseChange{DueOn: &bad}, "date_invalid", "due_on"},
		} {
			_, err := k.coach.ChangePromise(t.Context(), c.who, p.ID, c.c)
			apptest.WantCode(t, err, c.code, c.field)
		}
		// Where the nearest manager has left, the one above is the nearest.
		left := false
		if _, err := k.People.ChangePerson(t.Context(), people.System(), k.mia.PersonID, people.PersonChange{Active: &left}); err != nil {
			t.Fatal(err)
		}
		if up := must(k.coach.Promise(t.Context(), k.ana, k.ana.PersonID, fine)); up.CoachID != k.dora.PersonID {
			t.Errorf("%+v", up)
		}
	})
}
