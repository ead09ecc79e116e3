package review_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
)

// failed gives an attempt of ana's that mia failed.
func (k *kit) failed(t *testing.T) programme.Attempt {
	t.Helper()
	a := k.submit(t, k.open(t, nil), k.ana)
	k.send(t, k.mia, k.of(t, a, review.First), programme.Fail, 1)
	return k.attempt(t, a.ID)
}

// TestDispute with a blind third review: the original stands until it is resolved, then there is a certificate.
func TestDispute(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		a := k.failed(t)
		for who, code := range map[*people.Actor]string{&k.ben: "attempt_not_found", &k.mia: "attempt_not_found", &k.tom: "attempt_not_found"} {
			_, err := k.reviews.Dispute(t.Context(), *who, a.ID, "Mine!")
			apptest.WantCode(t, err, code, "")
		}
		_, err := k.reviews.Dispute(t.Context(), k.ana, a.ID, " ")
		apptest.WantCode(t, err, "required", "reason")
		_, err = k.reviews.Dispute(t.Context(), k.ana, a.ID, strings.Repeat("x", 2001))
		apptest.WantCode(t, err, "too_long", "reason")
		_, err = k.reviews.Dispute(t.Context(), k.ana, "\x00", "x")
		apptest.WantCode(t, err, "attempt_not_found", "")
		var d review.Dispute
		for range 2 {
			if d, err = k.reviews.Dispute(t.Context(), k.ana, a.ID, "I named the price at 0:12."); err != nil {
				t.Fatal(err)
			}
		}
		_, err = k.reviews.Dispute(t.Context(), k.ana, a.ID, "Another reason.")
		apptest.WantCode(t, err, "dispute_open", "")
		for _, who := range []people.Actor{k.tom, k.tess} {
			if got := k.told(t, who); !slices.Equal(got, []notice.Kind{notice.Dispute}) {
				t.Errorf("%s was told %v", who.Name, got)
			}
		}
		if got := k.attempt(t, a.ID); got.Decision != programme.Fail {
			t.Errorf("%+v", got)
		}
		// Everybody but its two sides is told that there is none.
		for _, who := range []people.Actor{k.ben, k.mia, k.eve, people.System()} {
			if v, err := k.reviews.OneDispute(t.Context(), who, d.ID); fault.CodeOf(err) != "dispute_not_found" && who.PersonID != "" {
				t.Errorf("%s sees %+v, %v", who.Name, v, err)
			}
		}
		own := must(k.reviews.OneDispute(t.Context(), k.ana, d.ID))(t)
		if len(own.Reviews) != 0 || own.MayResolve || !own.MayWithdraw {
			t.Errorf("ana is shown %+v", own)
		}
		judged := must(k.reviews.OneDispute(t.Context(), k.tom, d.ID))(t)
		if len(judged.Reviews) != 1 || len(judged.Scores[judged.Reviews[0].ID]) != 3 || !judged.MayResolve || !judged.MayAskThird || judged.MayWithdraw {
			t.Errorf("tom is shown %+v", judged)
		}

		for to, code := range map[string]string{k.tom.PersonID: "reviewer_unfit", k.mia.PersonID: "reviewer_unfit", k.ana.PersonID: "reviewer_unfit", k.dan.PersonID: "reviewer_unfit", "\x00": "reviewer_unfit"} {
			_, err := k.reviews.AskThird(t.Context(), k.tom, d.ID, to)
			apptest.WantCode(t, err, code, "reviewer_id")
		}
		for range 2 {
			if _, err := k.reviews.AskThird(t.Context(), k.tom, d.ID, k.tess.PersonID); err != nil {
				t.Fatal(err)
			}
		}
		_, err = k.reviews.AskThird(t.Context(), k.tom, d.ID, k.eve.PersonID)
		apptest.WantCode(t, err, "third_asked", "")
		// Tess is a trainer; while her own review waits she is blind, and then it is not hers to weigh.
		blind := must(k.reviews.OneDispute(t.Context(), k.tess, d.ID))(t)
		if len(blind.Reviews) != 0 || blind.MayResolve {
			t.Errorf("tess is shown %+v", blind)
		}
		if res, ok, err := k.reviews.ResultOf(t.Context(), k.tess, a); ok || err != nil {
			t.Errorf("tess is shown %+v, %v", res, err)
		}
		if hidden := must(k.reviews.HiddenFrom(t.Context(), k.tess, a.ID))(t); !hidden[a.ID] {
			t.Error("not hidden from tess")
		}
		third := k.of(t, a, review.Disputed)
		k.send(t, k.tess, third, programme.Pass, 4)
		if got := k.attempt(t, a.ID); got.Decision != programme.Fail || *got.Score != 0 {
			t.Errorf("the third changed it: %+v", got)
		}
		if got := k.told(t, k.tom); !slices.Equal(got, []notice.Kind{notice.Dispute, notice.Dispute}) {
			t.Errorf("tom was told %v", got)
		}
		_, err = k.reviews.Resolve(t.Context(), k.tess, d.ID, review.Resolution{Text: "Mine is right."})
		apptest.WantCode(t, err, "forbidden", "")
		_, err = k.reviews.Resolve(t.Context(), k.ana, d.ID, review.Resolution{Text: "I pass."})
		apptest.WantCode(t, err, "forbidden", "")
		_, err = k.reviews.Resolve(t.Context(), k.mia, d.ID, review.Resolution{Text: "No."})
		apptest.WantCode(t, err, "dispute_not_found", "")
		for _, res := range []review.Resolution{{Text: "x", Changed: true}, {Text: "x", Changed: true, Decision: "maybe"}} {
			_, err = k.reviews.Resolve(t.Context(), k.tom, d.ID, res)
			apptest.WantCode(t, err, "required", "decision")
		}
		_, err = k.reviews.Resolve(t.Context(), k.tom, d.ID, review.Resolution{Text: "x", Changed: true, Decision: programme.Fail})
		apptest.WantCode(t, err, "decision_unfit", "decision")
		_, err = k.reviews.Resolve(t.Context(), k.tom, d.ID, review.Resolution{Text: " "})
		apptest.WantCode(t, err, "required", "text")
		for range 2 {
			got, err := k.reviews.Resolve(t.Context(), k.tom, d.ID, review.Resolution{Changed: true, Decision: programme.Pass, Text: "You did name it."})
			if err != nil || got.State != review.DisputeChanged {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		got := k.attempt(t, a.ID)
		if got.Decision != programme.Pass || *got.Score != 10000 || *got.ResultReviewID != third.ID {
			t.Errorf("%+v", got)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM certificates WHERE attempt_id = ?`, a.ID); n != 1 {
			t.Errorf("%d certificates", n)
		}
		if told := k.told(t, k.ana); !slices.Equal(told, []notice.Kind{notice.Resolved}) || len(k.told(t, k.tom)) != 0 {
			t.Errorf("ana was told %v, tom %v", told, k.told(t, k.tom))
		}
		_, err = k.reviews.Resolve(t.Context(), k.tom, d.ID, review.Resolution{Text: "Or not."})
		apptest.WantCode(t, err, "dispute_settled", "")
		_, err = k.reviews.Dispute(t.Context(), k.ana, a.ID, "And more.")
		apptest.WantCode(t, err, "dispute_settled", "")
		want := []string{"dispute.opened", "review.assigned", "dispute.third", "review.sent", "attempt.resettled", "certificate.issued", "dispute.resolved"}
		if trail := k.trail(t, a); !slices.Equal(trail[4:], want) {
			t.Errorf("trail %v, want %v", trail[4:], want)
		}
		if steps := k.steps(t, k.tom, a); !slices.Contains(steps, "The dispute was resolved: the result is changed.") {
			t.Errorf("the trail says %q", steps)
		}
		k.verifyTrail(t)
	})
}

// TestDisputeEnds without a third review: it stands, the decision changes, or it is withdrawn.
func TestDisputeEnds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		a := k.failed(t)
		d := must(k.reviews.Dispute(t.Context(), k.ana, a.ID, "Why?"))(t)
		if n := must(k.reviews.OpenDisputes(t.Context(), k.tom))(t); n != 1 {
			t.Errorf("%d open", n)
		}
		if n := must(k.reviews.OpenDisputes(t.Context(), k.mia))(t); n != 0 {
			t.Errorf("%d open for mia", n)
		}
		if _, err := k.reviews.AskThird(t.Context(), k.tom, d.ID, k.eve.PersonID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := k.reviews.WithdrawDispute(t.Context(), k.ana, d.ID); err != nil || got.State != review.DisputeWithdrawn {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if len(k.box(t, k.eve, review.Mine)) != 0 || k.sees(t, k.eve, *a.VideoID) || len(k.told(t, k.eve)) != 0 || len(k.told(t, k.tom)) != 0 {
			t.Error("a withdrawn dispute still asks for a review")
		}
		_, err := k.reviews.Resolve(t.Context(), k.tom, d.ID, review.Resolution{Text: "x"})
		apptest.WantCode(t, err, "dispute_settled", "")
		if on := must(k.reviews.DisputesOn(t.Context(), k.ana, a.ID))(t); len(on) != 0 {
			t.Errorf("%+v", on)
		}

		again := must(k.reviews.Dispute(t.Context(), k.ana, a.ID, "Why, again?"))(t)
		if _, err := k.reviews.Resolve(t.Context(), k.ada, again.ID, review.Resolution{Changed: true, Decision: programme.TryAgain, Text: "One more try."}); err != nil {
			t.Fatal(err)
		}
		got := k.attempt(t, a.ID)
		if got.Decision != programme.TryAgain || *got.Score != 0 || len(got.RetryCriteria) != 3 {
			t.Errorf("%+v", got)
		}
		next := k.submit(t, must(k.programmes.Programmes(t.Context(), a.ProgrammeID))(t)[a.ProgrammeID], k.ana)
		if len(next.OnlyCriteria) != 0 || len(next.Carried) != 0 {
			t.Errorf("%+v", next)
		}
		if _, err := k.reviews.Dispute(t.Context(), k.ana, next.ID, "Too slow."); fault.CodeOf(err) != "attempt_waits" {
			t.Error(err)
		}
		for who, n := range map[*people.Actor]int{&k.ana: 2, &k.tom: 2, &k.ada: 2, &k.ben: 0, &k.mia: 0} {
			views := must(k.reviews.Disputes(t.Context(), *who, review.DisputeFilter{Limit: 9}))(t)
			if len(views) != n {
				t.Errorf("%s lists %d", who.Name, len(views))
			}
		}
		page := must(k.reviews.Disputes(t.Context(), k.tom, review.DisputeFilter{Limit: 1}))(t)
		rest := must(k.reviews.Disputes(t.Context(), k.tom, review.DisputeFilter{Limit: 9, Before: page[0].ID}))(t)
		if page[0].ID != again.ID || len(rest) != 1 || rest[0].ID != d.ID {
			t.Errorf("%+v, %+v", page, rest)
		}
		if changed := must(k.reviews.Disputes(t.Context(), k.tom, review.DisputeFilter{Limit: 9, State: review.DisputeChanged}))(t); len(changed) != 1 {
			t.Errorf("%+v", changed)
		}
		_, err = k.reviews.Disputes(t.Context(), k.tom, review.DisputeFilter{Limit: 1, Before: ident.New()})
		apptest.WantCode(t, err, "cursor_unknown", "cursor")
	})
}

// TestAgain scores under a newer rubric: old scores keep theirs, the result stands, the new score stands beside.
func TestAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		a := k.submit(t, p, k.ana)
		k.send(t, k.mia, k.of(t, a, review.First), programme.Pass, 4)
		waiting := k.submit(t, p, k.ben)
		old := must(k.rubrics.Version(t.Context(), p.RubricVersionID))(t)
		v, err := k.rubrics.Revise(t.Context(), k.tom, old.RubricID, 1, criteria("Opening", "Close", "Next step", "Time"))
		if err != nil {
			t.Fatal(err)
		}
		if p, err = k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) { p.RubricVersionID = v.Current().ID }); err != nil {
			t.Fatal(err)
		}
		if err := k.programmes.Rescore(t.Context(), k.tom, p.ID, []string{waiting.ID}); err == nil {
			t.Error("an attempt without a result is scored again")
		}
		if err := k.programmes.Rescore(t.Context(), k.tom, p.ID, []string{a.ID}); err != nil {
			t.Fatal(err)
		}
		r := k.of(t, a, review.Again)
		if !r.By(k.mia.PersonID) || r.RubricVersionID != v.Current().ID {
			t.Fatalf("%+v", r)
		}
		c := k.says(t, r, "", 2)
		c.RetryCriteria = nil
		sent, err := k.reviews.Send(t.Context(), k.mia, r.ID, nil, c)
		if err != nil || sent.Decision != "" || *sent.Score != 3333 {
			t.Fatalf("%+v, %v", sent, err)
		}
		got := k.attempt(t, a.ID)
		if got.Decision != programme.Pass || *got.Score != 10000 || got.RubricVersionID != old.ID {
			t.Errorf("%+v", got)
		}
		res, ok, err := k.reviews.ResultOf(t.Context(), k.ana, got)
		if err != nil || !ok || res.RubricVersionID != old.ID || len(res.Scores) != 3 || len(res.Rescored) != 1 || res.Rescored[0].Score != 3333 {
			t.Errorf("%+v, %v", res, err)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM certificates WHERE revoked_at IS NULL`); n != 1 {
			t.Errorf("%d certificates", n)
		}
		if w := k.of(t, waiting, review.First); w.RubricVersionID != old.ID {
			t.Error("an attempt that waits changed its rubric")
		}
		k.send(t, k.mia, k.of(t, waiting, review.First), programme.Pass, 3)
		k.verifyTrail(t)
	})
}
