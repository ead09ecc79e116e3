package review_test

import (
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
)

// TestPool: whoever of the pool is first takes it; nobody sees the take before, and one's own is not offered.
func TestPool(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, both(twice, named(programme.ByPool, k.ana, k.cleo, k.dan)))
		a := k.submit(t, p, k.ana)
		first, second := k.of(t, a, review.First), k.of(t, a, review.Second)
		if first.ReviewerID != nil || second.ReviewerID != nil {
			t.Fatalf("%+v, %+v", first, second)
		}
		if got := k.box(t, k.ana, review.Pool); len(got) != 0 {
			t.Errorf("ana is offered her own: %v", got)
		}
		if got := k.box(t, k.cleo, review.Pool); len(got) != 2 || k.sees(t, k.cleo, *a.VideoID) {
			t.Errorf("cleo is offered %v", got)
		}
		for who, code := range map[*people.Actor]string{&k.ana: "review_not_found", &k.ben: "review_not_found", &k.mia: "forbidden", &k.tom: "forbidden"} {
			_, err := k.reviews.Claim(t.Context(), *who, first.ID)
			apptest.WantCode(t, err, code, "")
		}
		for range 2 {
			r, err := k.reviews.Claim(t.Context(), k.cleo, first.ID)
			if err != nil || !r.By(k.cleo.PersonID) || r.ClaimedAt == nil {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		if !k.sees(t, k.cleo, *a.VideoID) {
			t.Error("cleo cannot see what she took")
		}
		// Not both of one attempt.
		if got := k.box(t, k.cleo, review.Pool); len(got) != 0 {
			t.Errorf("cleo is offered the second, too: %v", got)
		}
		if _, err := k.reviews.Claim(t.Context(), k.cleo, second.ID); fault.CodeOf(err) != "review_not_found" {
			t.Errorf("cleo takes both: %v", err)
		}
		_, err := k.reviews.Claim(t.Context(), k.dan, first.ID)
		apptest.WantCode(t, err, "review_claimed", "")

		if _, err := k.reviews.Keep(t.Context(), k.cleo, first.ID, 0, review.Content{Message: "Cleo's draft"}); err != nil {
			t.Fatal(err)
		}
		r, err := k.reviews.Release(t.Context(), k.cleo, first.ID)
		if err != nil || r.ReviewerID != nil || !r.Draft.Empty() || k.sees(t, k.cleo, *a.VideoID) {
			t.Errorf("%+v, %v", r, err)
		}
		if r, err = k.reviews.Claim(t.Context(), k.dan, first.ID); err != nil || !r.Draft.Empty() {
			t.Errorf("dan finds a draft: %+v, %v", r, err)
		}
		_, err = k.reviews.Release(t.Context(), k.cleo, first.ID)
		apptest.WantCode(t, err, "review_not_found", "")
		if got := k.trail(t, a); !slices.Equal(got[3:], []string{"review.claimed", "review.released", "review.claimed"}) {
			t.Errorf("trail %v", got)
		}
	})
}

// TestReassign: a manager gives to another of the line or a named reviewer, a trainer to anybody who may review;
// what the old one saw and wrote goes.
func TestReassign(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, named(programme.ByNamed, k.cleo, k.ben))
		k.Exec(t, `UPDATE persons SET active = ? WHERE id = ?`, false, k.ben.PersonID)
		a := k.submit(t, p, k.ana)
		r := k.of(t, a, review.First)
		if !r.By(k.cleo.PersonID) {
			t.Fatalf("%+v", r)
		}
		if _, err := k.reviews.Keep(t.Context(), k.cleo, r.ID, 0, review.Content{Message: "Cleo's"}); err != nil {
			t.Fatal(err)
		}
		give := func(by people.Actor, to string) error {
			_, err := k.reviews.Reassign(t.Context(), by, r.ID, to)
			return err
		}
		for _, c := range []struct {
			by          people.Actor
			to          string
			code, field string
		}{
			{k.ana, k.mia.PersonID, "review_not_found", ""}, {k.dan, k.mia.PersonID, "review_not_found", ""}, {people.System(), k.mia.PersonID, "review_not_found", ""},
			{k.mia, k.ana.PersonID, "reviewer_unfit", "person_id"}, {k.mia, k.dan.PersonID, "reviewer_unfit", "person_id"}, {k.mia, k.tom.PersonID, "reviewer_unfit", "person_id"},
			{k.mia, k.ben.PersonID, "reviewer_unfit", "person_id"}, {k.mia, ident.New(), "reviewer_unfit", "person_id"}, {k.mia, "\x00", "reviewer_unfit", "person_id"},
			{k.tom, k.ana.PersonID, "reviewer_unfit", "person_id"}, {k.tom, k.dan.PersonID, "reviewer_unfit", "person_id"},
		} {
			apptest.WantCode(t, give(c.by, c.to), c.code, c.field)
		}
		if got := must(k.reviews.Eligible(t.Context(), k.mia, r.ID))(t); !slices.Contains(got, k.eve.PersonID) || slices.Contains(got, k.tom.PersonID) {
			t.Errorf("eligible %v", got)
		}
		if err := give(k.mia, k.eve.PersonID); err != nil {
			t.Fatal(err)
		}
		now := k.of(t, a, review.First)
		if !now.By(k.eve.PersonID) || !now.Draft.Empty() || k.sees(t, k.cleo, *a.VideoID) || !k.sees(t, k.eve, *a.VideoID) {
			t.Errorf("%+v", now)
		}
		if len(k.told(t, k.cleo)) != 0 || !slices.Equal(k.told(t, k.eve), []notice.Kind{notice.Review}) {
			t.Errorf("cleo %v, eve %v", k.told(t, k.cleo), k.told(t, k.eve))
		}
		_, err := k.reviews.Keep(t.Context(), k.cleo, r.ID, 1, review.Content{Message: "Late"})
		apptest.WantCode(t, err, "review_not_found", "")
		if err := give(k.tom, k.tess.PersonID); err != nil {
			t.Fatal(err)
		}
		if err := give(k.tess, k.tess.PersonID); err != nil {
			t.Errorf("to whom it is already: %v", err)
		}
		k.send(t, k.tess, r, programme.Fail, 1)
		apptest.WantCode(t, give(k.tom, k.eve.PersonID), "review_sent", "")
		if got := k.trail(t, a); !slices.Equal(got[2:4], []string{"review.reassigned", "review.reassigned"}) {
			t.Errorf("trail %v", got)
		}
		k.verifyTrail(t)
	})
}

// TestDeputies stand in by the calendar of who is away: Tokyo, where mia is, is nine hours ahead.
func TestDeputies(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		before := k.submit(t, p, k.ana) // comes while mia is there
		// It is 9:00 UTC on March 2nd, 18:00 in Tokyo.
		set := func(deputy, from, to string) error {
			_, err := k.reviews.SetDeputy(t.Context(), k.mia, deputy, from, to)
			return err
		}
		apptest.WantCode(t, set(k.mia.PersonID, "2026-03-03", "2026-03-04"), "deputy_self", "person_id")
		apptest.WantCode(t, set(ident.New(), "2026-03-03", "2026-03-04"), "person_not_found", "person_id")
		apptest.WantCode(t, set("\x00", "2026-03-03", "2026-03-04"), "person_not_found", "person_id")
		apptest.WantCode(t, set(k.dan.PersonID, "2026-03-32", "2026-03-04"), "date_invalid", "from")
		apptest.WantCode(t, set(k.dan.PersonID, "2026-03-03", "soon"), "date_invalid", "to")
		apptest.WantCode(t, set(k.dan.PersonID, "2026-03-04", "2026-03-03"), "dates_reversed", "to")
		apptest.WantCode(t, set(k.dan.PersonID, "2026-03-01", "2026-03-01"), "date_passed", "to")
		apptest.WantCode(t, set(k.dan.PersonID, "2026-03-01", "2027-04-01"), "too_long", "to")
		if _, err := k.reviews.SetDeputy(t.Context(), people.System(), k.dan.PersonID, "2026-03-03", "2026-03-04"); fault.CodeOf(err) != "forbidden" {
			t.Error(err)
		}
		for range 2 {
			if err := set(k.dan.PersonID, "2026-03-03", "2026-03-04"); err != nil {
				t.Fatal(err)
			}
		}
		if got := k.box(t, k.dan, review.Mine); len(got) != 0 {
			t.Errorf("mia is not away yet, and dan has %v", got)
		}
		own, stands, err := k.reviews.Deputy(t.Context(), k.dan)
		if err != nil || own.DeputyID != "" || len(stands) != 1 || stands[0].PersonID != k.mia.PersonID || k.reviews.On(stands[0]) {
			t.Errorf("%+v, %+v, %v", own, stands, err)
		}
		e.Clock.Advance(6*hour + 1) // 15:00 UTC is midnight in Tokyo
		if got := k.box(t, k.dan, review.Mine); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("dan has %v", got)
		}
		items, _, err := k.reviews.List(t.Context(), k.dan, review.Filter{Box: review.Mine, Limit: 9})
		if err != nil || !items[0].Claimable || items[0].DeputyFor != k.mia.PersonID || k.sees(t, k.dan, *before.VideoID) {
			t.Errorf("%+v, %v", items, err)
		}
		// What comes now goes to dan; his own goes up the line.
		during := k.submit(t, p, k.ben)
		if r := k.of(t, during, review.First); !r.By(k.dan.PersonID) || *r.ForID != k.mia.PersonID {
			t.Errorf("%+v", r)
		}
		r, err := k.reviews.Claim(t.Context(), k.dan, k.of(t, before, review.First).ID)
		if err != nil || *r.ForID != k.mia.PersonID || !k.sees(t, k.dan, *before.VideoID) || k.sees(t, k.mia, *before.VideoID) {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := k.reviews.Release(t.Context(), k.dan, r.ID); err != nil {
			t.Fatal(err)
		}
		if r := k.of(t, before, review.First); !r.By(k.mia.PersonID) || r.ForID != nil {
			t.Errorf("not given back: %+v", r)
		}
		e.Clock.Advance(2 * day)
		if got := k.box(t, k.dan, review.Mine); !slices.Equal(got, []string{"ben"}) {
			t.Errorf("mia is back, and dan has %v", got)
		}
		if own, _, err := k.reviews.Deputy(t.Context(), k.mia); err != nil || own.DeputyID != "" {
			t.Errorf("an absence that is over is shown: %+v, %v", own, err)
		}
		if err := k.reviews.RemoveDeputy(t.Context(), k.mia); err != nil {
			t.Error(err)
		}
	})
}

// TestNobodyReviewsThemself: a manager who takes part is reviewed by who stands above.
func TestNobodyReviewsThemself(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) {
			p.Rules = append(p.Rules, programme.Rule{PersonID: k.mia.PersonID}, programme.Rule{PersonID: k.tom.PersonID})
		})
		if r := k.of(t, k.submit(t, p, k.mia), review.First); !r.By(k.eve.PersonID) {
			t.Errorf("%+v", r)
		}
		// Tom made the programme and is in no team: the other trainer.
		a := k.submit(t, p, k.tom)
		r := k.of(t, a, review.First)
		if !r.By(k.tess.PersonID) {
			t.Errorf("%+v", r)
		}
		for _, box := range []review.Box{review.Mine, review.Pool, review.Team} {
			if got, _, err := k.reviews.List(t.Context(), k.tom, review.Filter{Box: box, Limit: 9}); err != nil || slices.ContainsFunc(got, func(it review.Item) bool { return it.ID == r.ID }) {
				t.Errorf("tom finds the review of his own attempt in %s: %v", box, err)
			}
		}
		_, err := k.reviews.Reassign(t.Context(), k.tom, r.ID, k.ada.PersonID)
		apptest.WantCode(t, err, "review_not_found", "")
		_, err = k.reviews.Reassign(t.Context(), k.ada, r.ID, k.tom.PersonID)
		apptest.WantCode(t, err, "reviewer_unfit", "person_id")
	})
}
