package review_test

import (
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
)

// TestQueue is in the order of due times and then of waiting, a page at a time, with what it amounts to.
func TestQueue(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		by := named(programme.ByNamed, k.mia)
		undated := k.open(t, by)
		k.submit(t, undated, k.ana)
		e.Clock.Advance(hour)
		k.submit(t, undated, k.ben)
		// It is 10:00 UTC on March 2nd, 19:00 where mia is.
		due := func(who people.Actor, at string) {
			a := k.submit(t, k.open(t, by), who)
			k.Exec(t, `UPDATE reviews SET due_at = ? WHERE attempt_id = ?`, must(parse(at))(t), a.ID)
		}
		due(k.cleo, "2026-03-02T15:00:00Z") // midnight in Tokyo: the end of today
		due(k.dan, "2026-03-02T15:00:01Z")
		due(k.ana, "2026-03-02T09:00:00Z") // overdue
		e.Clock.Advance(0)
		want := []string{"ana", "cleo", "dan", "ana", "ben"}
		if got := k.box(t, k.mia, review.Mine); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		var paged []string
		after := ""
		for range 9 {
			items, sum, err := k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Mine, After: after, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			if sum.Count != 5 || sum.Minutes != 10 || sum.DueToday != 1 || sum.Overdue != 1 || !sum.Oldest.Equal(apptest.Epoch) {
				t.Fatalf("%+v", sum)
			}
			if len(items) == 0 {
				break
			}
			for _, it := range items {
				paged = append(paged, it.ID)
				if it.Overdue != (it.DueAt != nil && it.DueAt.Before(e.Clock.Now())) || it.Programme != "First call" || it.DurationMS != 60_000 || it.Minutes() != 2 {
					t.Errorf("%+v", it)
				}
			}
			after = items[len(items)-1].ID
		}
		if len(slices.Compact(slices.Sorted(slices.Values(paged)))) != 5 {
			t.Errorf("pages %v", paged)
		}
		_, _, err := k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Mine, After: ident.New(), Limit: 2})
		apptest.WantCode(t, err, "cursor_unknown", "cursor")
		_, _, err = k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Done, After: paged[0], Limit: 2})
		apptest.WantCode(t, err, "cursor_unknown", "cursor")
		// Who looks after whom: eve after ana and ben, trainers and admins after all, others after nobody.
		for who, n := range map[*people.Actor]int{&k.eve: 3, &k.mia: 3, &k.tom: 5, &k.ada: 5, &k.cleo: 0, &k.ana: 0} {
			if got := k.box(t, *who, review.Team); len(got) != n {
				t.Errorf("%s looks after %v", who.Name, got)
			}
		}
		if got := k.box(t, k.mia, review.Pool); len(got) != 0 {
			t.Errorf("pool %v", got)
		}
		if c := must(k.reviews.Counts(t.Context(), k.mia))(t); c.Count != 5 || c.Pool != 0 {
			t.Errorf("%+v", c)
		}
		// Sent ones go from the top, and the last page's cursor still holds.
		k.send(t, k.mia, must(k.reviews.Get(t.Context(), k.mia, paged[0]))(t).Review, programme.Fail, 1)
		items, sum, err := k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Mine, After: paged[0], Limit: 9})
		if err != nil || len(items) != 4 || sum.Count != 4 {
			t.Errorf("%d items, %+v, %v", len(items), sum, err)
		}
		for i, id := range paged[1:3] {
			e.Clock.Advance(hour)
			k.send(t, k.mia, must(k.reviews.Get(t.Context(), k.mia, id))(t).Review, programme.Fail, 1)
			if got := k.box(t, k.mia, review.Done); len(got) != i+2 {
				t.Errorf("done %v", got)
			}
		}
		done, _, err := k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Done, Limit: 1})
		if err != nil || done[0].ID != paged[2] {
			t.Errorf("%+v, %v", done, err)
		}
		rest, _, err := k.reviews.List(t.Context(), k.mia, review.Filter{Box: review.Done, After: paged[2], Limit: 9})
		if err != nil || len(rest) != 2 || rest[0].ID != paged[1] {
			t.Errorf("%+v, %v", rest, err)
		}
	})
}

// TestOverlong: a reminder after a day, an offer to the deputy after two, each once.
func TestOverlong(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		a := k.submit(t, p, k.ana)
		r := k.of(t, a, review.First)
		toNudge := func() []string { return must(k.reviews.ToNudge(t.Context(), 9))(t) }
		toOffer := func() []string { return must(k.reviews.ToOffer(t.Context(), 9))(t) }
		e.Clock.Advance(day - 1000)
		if len(toNudge())+len(toOffer()) != 0 {
			t.Error("too early")
		}
		if done, err := k.reviews.Nudge(t.Context(), r.ID, true); done || err != nil {
			t.Errorf("%v, %v", done, err)
		}
		e.Clock.Advance(1000)
		if got := toNudge(); !slices.Equal(got, []string{r.ID}) || len(toOffer()) != 0 {
			t.Errorf("nudge %v", got)
		}
		for _, first := range []bool{true, false} {
			if done, err := k.reviews.Nudge(t.Context(), r.ID, true); done != first || err != nil {
				t.Errorf("%v, %v", done, err)
			}
		}
		if got := k.told(t, k.mia); !slices.Equal(got, []notice.Kind{notice.Waiting}) || len(toNudge()) != 0 {
			t.Errorf("mia was told %v", got)
		}
		if waits := must(k.reviews.Reviewers(t.Context()))(t); !slices.Equal(waits, []string{k.mia.PersonID}) {
			t.Errorf("waits for %v", waits)
		}
		e.Clock.Advance(day)
		for _, to := range []string{k.eve.PersonID, ""} { // mia has named no deputy: her manager
			if got, err := k.reviews.OfferToDeputy(t.Context(), r.ID); got != to || err != nil {
				t.Errorf("offered to %q, %v", got, err)
			}
		}
		if got := k.told(t, k.eve); !slices.Equal(got, []notice.Kind{notice.Deputy}) || !slices.Equal(k.box(t, k.eve, review.Mine), []string{"ana"}) || k.sees(t, k.eve, *a.VideoID) {
			t.Errorf("eve was told %v", got)
		}
		if _, err := k.reviews.SetDeputy(t.Context(), k.mia, k.dan.PersonID, "2026-06-01", "2026-06-02"); err != nil {
			t.Fatal(err)
		}
		other := k.of(t, k.submit(t, p, k.ben), review.First)
		e.Clock.Advance(2 * day)
		if got, err := k.reviews.OfferToDeputy(t.Context(), other.ID); got != k.dan.PersonID || err != nil {
			t.Errorf("offered to %q, %v", got, err)
		}
		if _, err := k.reviews.Claim(t.Context(), k.dan, other.ID); err != nil {
			t.Fatal(err)
		}
		if len(k.told(t, k.dan)) != 1 || k.told(t, k.dan)[0] != notice.Review {
			t.Errorf("dan was told %v", k.told(t, k.dan))
		}
		k.send(t, k.mia, r, programme.Pass, 4)
		if len(k.told(t, k.eve)) != 0 || len(k.box(t, k.eve, review.Mine)) != 0 {
			t.Error("eve is still offered what is done")
		}
	})
}

// TestReviewerLeaves finds another; what nobody can be found for waits for a trainer.
func TestReviewerLeaves(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		a := k.submit(t, k.open(t, nil), k.ana)
		k.leaves(t, k.mia)
		for _, n := range []int{1, 0} {
			if got, err := k.reviews.Reroute(t.Context()); got != n || err != nil {
				t.Errorf("%d, %v", got, err)
			}
		}
		if r := k.of(t, a, review.First); !r.By(k.eve.PersonID) || k.sees(t, k.mia, *a.VideoID) || !k.sees(t, k.eve, *a.VideoID) {
			t.Errorf("%+v", r)
		}
		for _, who := range []people.Actor{k.eve, k.tess, k.ada} {
			k.Exec(t, `UPDATE persons SET active = ? WHERE id = ?`, false, who.PersonID)
		}
		k.Exec(t, `UPDATE persons SET active = ? WHERE id = ?`, false, k.tom.PersonID)
		if _, err := k.reviews.Reroute(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := k.of(t, a, review.First)
		if r.ReviewerID != nil {
			t.Errorf("%+v", r)
		}
		k.Exec(t, `UPDATE persons SET active = ? WHERE id = ?`, true, k.tom.PersonID)
		if got := k.box(t, k.tom, review.Team); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("tom finds %v", got)
		}
		if _, err := k.reviews.Reassign(t.Context(), k.tom, r.ID, k.tom.PersonID); err != nil {
			t.Error(err)
		}
		k.verifyTrail(t)
	})
}
