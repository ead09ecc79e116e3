package review_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
)

// shown writes down all that somebody is shown of an attempt through this package.
func (k *kit) shown(t *testing.T, who people.Actor, a programme.Attempt) string {
	t.Helper()
	a = k.attempt(t, a.ID)
	var b strings.Builder
	res, ok, err := k.reviews.ResultOf(t.Context(), who, a)
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		text, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	for _, n := range must(k.notices.List(t.Context(), who, notice.Filter{Limit: 50}))(t) {
		b.WriteString(n.Body + " ")
	}
	return b.String()
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestTwoAgree: neither knows of the other; when both are in, the mean is the result, with the notes of both.
func TestTwoAgree(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, twice)
		a := k.submit(t, p, k.ana)
		if got := k.roles(t, a); !slices.Equal(got, []string{"first", "second"}) || !a.Second {
			t.Fatalf("reviews %v, second %v", got, a.Second)
		}
		first, second := k.of(t, a, review.First), k.of(t, a, review.Second)
		if !first.By(k.mia.PersonID) || !second.By(k.eve.PersonID) {
			t.Fatalf("%+v, %+v", first, second)
		}
		c := k.says(t, first, programme.Pass, 3)
		c.Message = "SECRET"
		c.Notes = []review.Note{{ID: ident.New(), AtMS: 9, Kind: review.Good, Text: "First's note."}}
		if _, err := k.reviews.Send(t.Context(), k.mia, first.ID, nil, c); err != nil {
			t.Fatal(err)
		}
		if got := k.attempt(t, a.ID); got.State != programme.Waiting || len(k.told(t, k.ana)) != 0 {
			t.Errorf("one of two settled it: %+v", got)
		}
		// Eve is mia's manager and in ana's line: nothing that mia said reaches her before she has sent.
		for name, who := range map[string]people.Actor{"eve": k.eve, "ana": k.ana, "tom": k.tom, "ada": k.ada} {
			if got := k.shown(t, who, a); strings.Contains(got, "SECRET") || strings.Contains(got, "First's") {
				t.Errorf("%s is shown %s", name, got)
			}
			if full, err := k.reviews.Get(t.Context(), who, first.ID); err == nil && review.Can(who, review.Read, full.Case) {
				t.Errorf("%s reads the first review", name)
			}
		}
		if hidden := must(k.reviews.HiddenFrom(t.Context(), k.eve, a.ID))(t); !hidden[a.ID] {
			t.Error("the attempt is not hidden from eve")
		}
		entries := must(audit.Of(k.DB.Read(t.Context()), a.ID))(t)
		for _, e := range entries {
			if strings.Contains(e.Detail, "6667") || strings.Contains(e.Detail, "pass") {
				t.Errorf("the trail tells: %s %s", e.Action, e.Detail)
			}
		}
		c = k.says(t, second, programme.Pass, 3)
		c.Notes = []review.Note{{ID: ident.New(), AtMS: 5, Kind: review.Work, Text: "Second's note."}}
		if _, err := k.reviews.Send(t.Context(), k.eve, second.ID, nil, c); err != nil {
			t.Fatal(err)
		}
		got := k.attempt(t, a.ID)
		if got.State != programme.Settled || got.Decision != programme.Pass || *got.Score != 6667 || *got.ResultReviewID != first.ID {
			t.Fatalf("%+v", got)
		}
		res, ok, err := k.reviews.ResultOf(t.Context(), k.ana, got)
		if err != nil || !ok || len(res.Notes) != 2 || res.Notes[0].Body != "Second's note." || res.Notes[0].By != k.eve.PersonID || res.Message != "SECRET" {
			t.Errorf("%+v, %v", res, err)
		}
		for _, who := range []people.Actor{k.mia, k.eve, k.tom} {
			if full, err := k.reviews.Get(t.Context(), who, first.ID); err != nil || !review.Can(who, review.Read, full.Case) {
				t.Errorf("%s cannot read it now: %v", who.Name, err)
			}
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Result}) {
			t.Errorf("ana was told %v", got)
		}
		actions := k.trail(t, a)
		if n := len(slices.DeleteFunc(slices.Clone(actions), func(s string) bool { return s != "review.counted" })); n != 2 {
			t.Errorf("trail %v", actions)
		}
		k.verifyTrail(t)
	})
}

// TestTwoDisagree has a third decide, who has seen neither.
func TestTwoDisagree(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, twice)
		a := k.submit(t, p, k.ana)
		// The second is in first: the order does not matter.
		k.send(t, k.eve, k.of(t, a, review.Second), programme.Fail, 1)
		k.send(t, k.mia, k.of(t, a, review.First), programme.Pass, 4)
		if got := k.roles(t, a); !slices.Equal(got, []string{"first", "second", "third"}) || k.attempt(t, a.ID).State != programme.Waiting {
			t.Fatalf("reviews %v", got)
		}
		third := k.of(t, a, review.Third)
		trainer := k.Actor(t, *third.ReviewerID)
		if !trainer.Has(people.Trainer) || !slices.Equal(k.told(t, trainer), []notice.Kind{notice.Review}) || !k.sees(t, trainer, *a.VideoID) {
			t.Fatalf("third %+v told %v", third, k.told(t, trainer))
		}
		if full := must(k.reviews.Get(t.Context(), trainer, k.of(t, a, review.First).ID))(t); review.Can(trainer, review.Read, full.Case) {
			t.Error("the third reads the first")
		}
		if _, err := k.reviews.Reassign(t.Context(), k.mia, third.ID, k.tom.PersonID); err == nil {
			t.Error("who has reviewed chooses the third")
		}
		k.send(t, trainer, third, programme.TryAgain, 2)
		got := k.attempt(t, a.ID)
		if got.Decision != programme.TryAgain || *got.Score != 3333 || *got.ResultReviewID != third.ID {
			t.Errorf("%+v", got)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM certificates`); n != 0 {
			t.Errorf("%d certificates", n)
		}
		steps := k.steps(t, k.tom, a)
		for _, want := range []string{"A second reviewer was asked, who does not see what the first finds.", "The two reviews lie too far apart: a third reviewer was asked.", "One of the reviews said: retry with 33.3 %."} {
			if !slices.Contains(steps, want) {
				t.Errorf("the trail does not say %q: %q", want, steps)
			}
		}
		k.verifyTrail(t)
	})
}

// TestShareOfSeconds: a share of 0 asks nobody twice; without anybody else, one review has to do.
func TestShareOfSeconds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		if a := k.submit(t, k.open(t, func(p *programme.Programme) { p.SecondShare = 0 }), k.ana); a.Second || len(k.roles(t, a)) != 1 {
			t.Errorf("%+v", a)
		}
		p := k.open(t, both(twice, named(programme.ByNamed, k.cleo)))
		for _, who := range []people.Actor{k.mia, k.eve, k.tom, k.tess} {
			k.leaves(t, who)
		}
		k.Exec(t, `UPDATE persons SET active = ? WHERE id = ?`, false, k.ada.PersonID)
		a := k.submit(t, p, k.ana)
		if a.Second || !slices.Equal(k.roles(t, a), []string{"first"}) {
			t.Errorf("%v of %+v", k.roles(t, a), a)
		}
		k.send(t, k.cleo, k.of(t, a, review.First), programme.Pass, 4)
		if got := k.attempt(t, a.ID); got.State != programme.Settled {
			t.Errorf("%+v", got)
		}
	})
}
