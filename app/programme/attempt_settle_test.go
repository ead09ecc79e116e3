package programme_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// settled runs SettleTx, or ResettleTx for again, alone in a transaction.
func (c *course) settled(t *testing.T, attemptID string, o programme.Outcome, again bool) (a programme.Attempt, err error) {
	t.Helper()
	err = c.DB.Tx(t.Context(), func(tx *db.Tx) error {
		settle := c.programmes.SettleTx
		if again {
			settle = c.programmes.ResettleTx
		}
		if a, _, err = settle(tx, attemptID, o); err != nil || a.Decision != programme.Pass {
			return err
		}
		_, err = c.certificates.IssueTx(tx, a.ID)
		return err
	})
	return a, err
}

// TestSettling refuses what is no result, and gives one once.
func TestSettling(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		a := c.submit(t, c.ana)
		good := programme.Outcome{Decision: programme.TryAgain, Score: 55_50, ReviewID: "r", RetryCriteria: c.criteria[:1], Levels: programme.Levels{c.criteria[0]: 1}, ByID: c.mia.PersonID, Message: "Nearly."}
		for name, change := range map[string]func(o *programme.Outcome){
			"no decision":             func(o *programme.Outcome) { o.Decision = "" },
			"no known decision":       func(o *programme.Outcome) { o.Decision = "maybe" },
			"no review":               func(o *programme.Outcome) { o.ReviewID = "" },
			"a score below nothing":   func(o *programme.Outcome) { o.Score = -1 },
			"a score above all":       func(o *programme.Outcome) { o.Score = 100_01 },
			"nothing to try again":    func(o *programme.Outcome) { o.RetryCriteria = nil },
			"a pass, and try again":   func(o *programme.Outcome) { o.Decision = programme.Pass },
			"a fail, and what to try": func(o *programme.Outcome) { o.Decision = programme.Fail },
		} {
			o := good
			change(&o)
			if _, err := c.settled(t, a.ID, o, false); err == nil || fault.KindOf(err) != fault.Internal {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := c.settled(t, ident.New(), good, false)
		apptest.WantCode(t, err, "attempt_not_found", "")
		_, err = c.settled(t, a.ID, good, true)
		apptest.WantCode(t, err, "attempt_waits", "")
		if got := c.submitted(t, a.ID); got.State != programme.Waiting || got.Score != nil {
			t.Fatalf("%+v", got)
		}
		got, err := c.settled(t, a.ID, good, false)
		if err != nil || got.State != programme.Settled || *got.Score != 55_50 || *got.ResultReviewID != "r" || !slices.Equal(got.RetryCriteria, c.criteria[:1]) || !got.SettledAt.Equal(e.Clock.Now()) {
			t.Errorf("%+v, %v", got, err)
		}
		for _, o := range []programme.Outcome{good, {Decision: programme.Fail, ReviewID: "r"}} {
			_, err = c.settled(t, a.ID, o, false)
			apptest.WantCode(t, err, "attempt_settled", "")
		}
		told, err := c.notices.List(t.Context(), c.ana, notice.Filter{Limit: 9})
		if err != nil || len(told) != 1 || told[0].Kind != notice.Result || *told[0].SubjectID != a.ID || told[0].Body != "Nearly." || *told[0].ActorID != c.mia.PersonID {
			t.Errorf("%+v, %v", told, err)
		}
	})
}

// TestResettling: a dispute changes what stands, unless later attempts say otherwise; a pass stays.
func TestResettling(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		first := c.send(t, c.submit(t, c.ana).ID, c.content(programme.Fail, 1))
		if _, err := c.programmes.Acknowledge(t.Context(), c.ana, first.ID); err != nil {
			t.Fatal(err)
		}
		e.Clock.Advance(time.Hour)
		second := c.submit(t, c.ana)
		again := programme.Outcome{Decision: programme.TryAgain, Score: 60_00, ReviewID: *first.ResultReviewID, RetryCriteria: c.criteria[1:2], Levels: first.Levels, ByID: c.tom.PersonID}
		state := func(want programme.EnrolmentState, when string) {
			t.Helper()
			if got := c.enrolment(t, c.programme.ID, c.ana); got.State != want {
				t.Errorf("%s: %s, want %s", when, got.State, want)
			}
		}
		// While a later one waits, that is what stands.
		got, err := c.settled(t, first.ID, again, true)
		if err != nil || got.Decision != programme.TryAgain || *got.Score != 60_00 || got.AcknowledgedAt != nil {
			t.Errorf("%+v, %v", got, err)
		}
		state(programme.Submitted, "a later attempt waits")
		again.Decision, again.RetryCriteria = programme.Pass, nil
		if _, err := c.settled(t, first.ID, again, true); err != nil {
			t.Fatal(err)
		}
		state(programme.Passed, "the earlier one passed after all")
		c.send(t, second.ID, c.content(programme.Fail, 1))
		state(programme.Passed, "and the later one fails")
		c.verify(t)
		certs, err := c.certificates.OfAttempts(t.Context(), first.ID, second.ID)
		if err != nil || len(certs) != 1 || certs[first.ID].AttemptID != first.ID {
			t.Errorf("%+v, %v", certs, err)
		}
		// A pass that is taken back takes its certificate with it.
		again.Decision = programme.Fail
		err = e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			if _, _, err := c.programmes.ResettleTx(tx, first.ID, again); err != nil {
				return err
			}
			return c.certificates.RevokeTx(tx, c.tom.PersonID, first.ID, "The dispute was decided otherwise.")
		})
		if err != nil {
			t.Fatal(err)
		}
		state(programme.Failed, "neither passed")
		c.verify(t)
		steps, err := c.programmes.Trail(t.Context(), c.ana, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, s := range steps {
			said = append(said, s.Words)
		}
		for _, want := range []string{"The result was changed from failed to retry with 60.0 %.", "The result was changed from passed to failed with 60.0 %."} {
			if !slices.Contains(said, want) {
				t.Errorf("%q is missing in %q", want, said)
			}
		}
	})
}

// TestTrailTellsNothingEarly: while a second review waits nobody reads what the first one found.
func TestTrailTellsNothingEarly(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.SecondShare = 100 })
		a := c.submit(t, c.ana)
		if !c.submitted(t, a.ID).Second {
			t.Fatal("one reviews it")
		}
		if _, err := c.reviews.Send(t.Context(), c.mia, c.waitingFor(t, a.ID, c.mia), nil, c.content(programme.Pass, 4)); err != nil {
			t.Fatal(err)
		}
		sent := func(who people.Actor) (told bool, figures int) {
			t.Helper()
			steps, err := c.programmes.Trail(t.Context(), who, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range steps {
				if s.Action == "review.sent" {
					told, figures = true, figures+len(s.Detail)
				}
			}
			return told, figures
		}
		if told, n := sent(c.ana); told || n > 0 {
			t.Errorf("ana is told of the first review: %d figures", n)
		}
		if told, n := sent(c.tom); !told || n > 0 {
			t.Errorf("tom is told (%v) of the first review %d figures", told, n)
		}
		if got := c.submitted(t, a.ID); got.State != programme.Waiting || got.Score != nil {
			t.Errorf("%+v", got)
		}
		if _, err := c.reviews.Send(t.Context(), c.eve, c.waitingFor(t, a.ID, c.eve), nil, c.content(programme.Pass, 4)); err != nil {
			t.Fatal(err)
		}
		if _, n := sent(c.tom); n == 0 {
			t.Error("the result is there, and tom finds no figures")
		}
		c.verify(t)
	})
}

// waitingFor finds somebody's own review of an attempt.
func (c *course) waitingFor(t *testing.T, attemptID string, who people.Actor) string {
	t.Helper()
	var id string
	if err := c.DB.Read(t.Context()).Raw(`SELECT id FROM reviews WHERE attempt_id = ? AND reviewer_id = ? AND state = 'waiting'`, attemptID, who.PersonID).Scan(&id).Error; err != nil || id == "" {
		t.Fatalf("no review waits for %s (%v)", who.Name, err)
	}
	return id
}
