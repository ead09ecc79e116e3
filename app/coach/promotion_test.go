package coach_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestPromotion is the whole way of an attempt into the library and out of it again.
func TestPromotion(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		programme, _ := k.programme(t, "Discovery call")
		_, film, _ := k.attempt(t, programme, k.ana, k.cleo, 1, 9000, "pass") // cleo reviews, from elsewhere
		zone := "America/New_York"
		if _, err := k.People.ChangePerson(t.Context(), people.System(), k.ana.PersonID, people.PersonChange{TimeZone: &zone}); err != nil {
			t.Fatal(err)
		}
		n := coach.NewPromotion{ID: ident.New(), VideoID: film, Reason: "The best opening this quarter", Audience: people.Everyone, EndsOn: today(k, 10)}
		p, err := k.coach.Suggest(t.Context(), k.cleo, n)
		if err != nil || p.State != coach.Suggested || p.AuthorID != k.ana.PersonID {
			t.Fatalf("%+v, %v", p, err)
		}
		if again, err := k.coach.Suggest(t.Context(), k.cleo, n); err != nil || again.ID != p.ID {
			t.Errorf("the same id again: %+v, %v", again, err)
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Promotion}) {
			t.Errorf("ana was told %v", got)
		}
		if c := must(k.coach.Waiting(t.Context(), k.ana)); c != (coach.Counts{Promotions: 1}) {
			t.Errorf("waiting %+v", c)
		}
		if k.sees(t, k.ben, film) {
			t.Error("published without its author")
		}
		// She agrees to fewer people and an earlier end.
		team, ends := people.MyTeam, today(k, 5)
		e.Clock.Advance(time.Hour)
		agreed, err := k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{Audience: &team, EndsOn: &ends})
		if err != nil || agreed.State != coach.Agreed || agreed.Audience != people.MyTeam || agreed.EndsOn != ends || !agreed.SettledAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v, %v", agreed, err)
		}
		if again, err := k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{}); err != nil || again.Audience != people.MyTeam {
			t.Errorf("twice: %+v, %v", again, err)
		}
		if !k.sees(t, k.ben, film) || k.sees(t, k.tom, film) || !k.sees(t, k.cleo, film) {
			t.Error("the team should see it, and its reviewer still")
		}
		if v := must(k.videos.Get(t.Context(), k.ben, film)); v.Kind != "take" || !v.Findable() || v.PublishedAt == nil {
			t.Errorf("%+v", v)
		}
		if got := k.told(t, k.cleo); !slices.Equal(got, []notice.Kind{notice.Promoted}) {
			t.Errorf("cleo was told %v", got)
		}

		// Its last day ends at midnight in New York.
		last := must(time.ParseInLocation(time.DateOnly, ends, must(time.LoadLocation(zone)))).AddDate(0, 0, 1)
		e.Clock.Advance(last.Sub(e.Clock.Now()) - time.Minute)
		if n := must(k.coach.EndPromotions(t.Context())); n != 0 || !k.sees(t, k.ben, film) {
			t.Errorf("%d ended before the day was over", n)
		}
		e.Clock.Advance(time.Minute)
		if n := must(k.coach.EndPromotions(t.Context())); n != 1 {
			t.Errorf("%d ended", n)
		}
		if n := must(k.coach.EndPromotions(t.Context())); n != 0 {
			t.Errorf("%d ended twice", n)
		}
		if k.sees(t, k.ben, film) || !k.sees(t, k.cleo, film) || !k.sees(t, k.ana, film) {
			t.Error("it should be private again")
		}
		if v := must(k.videos.Get(t.Context(), k.ana, film)); v.Kind != video.Attempt || v.Audience != people.Private {
			t.Errorf("%s, %s", v.Kind, v.Audience)
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Promoted}) {
			t.Errorf("ana was told %v", got)
		}
		var actions []string
		for _, entry := range must(audit.Of(e.DB.Read(t.Context()), p.ID)) {
			actions = append(actions, entry.Action)
		}
		if !slices.Equal(actions, []string{"promotion.suggested", "promotion.agreed", "promotion.ended"}) {
			t.Errorf("trail %q", actions)
		}
		if x := must(k.coach.Promotion(t.Context(), k.ana, p.ID)); x.State != coach.Ended || !x.EndedAt.Equal(e.Clock.Now()) {
			t.Errorf("%+v", x)
		}
	})
}

// TestPromotionEnds has its author change things meanwhile.
func TestPromotionEnds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		promote := func(film string, audience people.Audience, days int) string {
			e.Clock.Advance(time.Minute)
			ends := ""
			if days > 0 {
				ends = today(k, days)
			}
			p := must(k.coach.Suggest(t.Context(), k.mia, coach.NewPromotion{VideoID: film, Reason: "Good", Audience: audience, EndsOn: ends}))
			must(k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{}))
			return p.ID
		}
		audience := func(film string) people.Audience { return must(k.videos.Get(t.Context(), k.ana, film)).Audience }
		line, widened, forever, twice, gone := k.film(t, k.ana, people.Line, "take"), k.film(t, k.ana, people.Line, "take"), k.film(t, k.ana, people.Line, "take"), k.film(t, k.ana, people.Line, "take"), k.film(t, k.ana, people.Line, "take")
		promote(line, people.Everyone, 3)
		promote(widened, people.MyTeam, 3)
		k.widen(t, k.ana, widened, people.Everyone)
		promote(forever, people.Everyone, 0)
		earlier := promote(twice, people.MyTeam, 3)
		promote(twice, people.Everyone, 6)
		promote(gone, people.Everyone, 3)
		if err := k.videos.Delete(t.Context(), k.ana, gone); err != nil {
			t.Fatal(err)
		}
		if p := must(k.coach.Promotion(t.Context(), k.ana, earlier)); p.State != coach.Ended {
			t.Errorf("%+v", p)
		}
		e.Clock.Advance(5 * day)
		if n := must(k.coach.EndPromotions(t.Context())); n != 3 {
			t.Errorf("%d ended", n)
		}
		if _, err := k.videos.Restore(t.Context(), k.ana, gone); err != nil {
			t.Fatal(err)
		}
		for film, want := range map[string]people.Audience{line: people.Line, widened: people.Everyone, forever: people.Everyone, twice: people.Everyone, gone: people.Line} {
			if got := audience(film); got != want {
				t.Errorf("audience %s, want %s", got, want)
			}
		}
		e.Clock.Advance(3 * day)
		if n := must(k.coach.EndPromotions(t.Context())); n != 1 || audience(twice) != people.Line {
			t.Errorf("%d ended, audience %s", n, audience(twice))
		}
	})
}

// TestPromotionTeams has named teams narrowed, and one of them be gone at the end.
func TestPromotionTeams(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		south, west := k.Team(t, "South", nil), k.Team(t, "West", nil)
		film := k.film(t, k.ana, people.Private, "take")
		named := people.Teams
		if _, err := k.videos.Change(t.Context(), k.ana, film, video.Change{Audience: &named, TeamIDs: &[]string{west}}); err != nil {
			t.Fatal(err)
		}
		p := must(k.coach.Suggest(t.Context(), k.mia, coach.NewPromotion{VideoID: film, Reason: "Good", Audience: people.Teams, TeamIDs: []string{west, south, south}, EndsOn: today(k, 1)}))
		if !slices.Equal(p.TeamIDs, slices.Sorted(slices.Values([]string{south, west}))) {
			t.Errorf("teams %v", p.TeamIDs)
		}
		_, err := k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{TeamIDs: &[]string{south, k.north}})
		apptest.WantCode(t, err, "audience_wider", "audience")
		agreed := must(k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{TeamIDs: &[]string{south}}))
		if v := must(k.videos.Get(t.Context(), k.ana, film)); !slices.Equal(v.TeamIDs, []string{south}) || !slices.Equal(agreed.TeamIDs, []string{south}) {
			t.Errorf("%v, %v", v.TeamIDs, agreed.TeamIDs)
		}
		if err := k.People.RemoveTeam(t.Context(), people.System(), west); err != nil {
			t.Fatal(err)
		}
		e.Clock.Advance(2 * day)
		if n := must(k.coach.EndPromotions(t.Context())); n != 1 {
			t.Errorf("%d ended", n)
		}
		if v := must(k.videos.Get(t.Context(), k.ana, film)); v.Audience != people.Private || len(v.TeamIDs) != 0 {
			t.Errorf("%s %v", v.Audience, v.TeamIDs)
		}
	})
}

// TestPromotionRefusals is who may suggest what, and what an author cannot agree to.
func TestPromotionRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		line, open, practice := k.film(t, k.ana, people.Line, "take"), k.film(t, k.ana, people.MyTeam, "take"), k.film(t, k.ana, people.Private, video.Practice)
		everyones := k.film(t, k.ana, people.Everyone, "take")
		reply := k.film(t, k.ana, people.Line, video.VideoReply)
		ok := coach.NewPromotion{VideoID: open, Reason: "Good", Audience: people.Everyone, EndsOn: today(k, 5)}
		with := func(change func(*coach.NewPromotion)) coach.NewPromotion {
			n := ok
			change(&n)
			return n
		}
		for _, c := range []struct {
			who         people.Actor
			n           coach.NewPromotion
			code, field string
		}{
			{k.ben, ok, "forbidden", ""}, // sees it, and is no reviewer, manager or trainer
			{k.cleo, ok, "video_not_found", ""}, {k.tom, ok, "video_not_found", ""}, {people.System(), ok, "forbidden", ""},
			{k.ana, ok, "promotion_own", "video_id"},
			{k.mia, with(func(n *coach.NewPromotion) { n.VideoID = practice }), "video_not_found", ""}, {k.mia, with(func(n *coach.NewPromotion) { n.VideoID = reply }), "forbidden", ""},
			{k.mia, with(func(n *coach.NewPromotion) { n.VideoID = "\x00" }), "video_not_found", ""},
			{k.mia, with(func(n *coach.NewPromotion) { n.Reason = " " }), "required", "reason"},
			{k.mia, with(func(n *coach.NewPromotion) { n.Audience = people.Private }), "audience_unknown", "audience"}, {k.mia, with(func(n *coach.NewPromotion) { n.Audience = "world" }), "audience_unknown", "audience"},
			{k.mia, with(func(n *coach.NewPromotion) { n.Audience = people.Teams }), "required", "team_ids"},
			{k.mia, with(func(n *coach.NewPromotion) { n.TeamIDs = []string{k.north} }), "teams_unused", "team_ids"},
			{k.mia, with(func(n *coach.NewPromotion) { n.Audience, n.TeamIDs = people.Teams, []string{ident.New()} }), "team_not_found", "team_ids"},
			{k.mia, with(func(n *coach.NewPromotion) { n.EndsOn = today(k, -2) }), "date_past", "ends_on"}, {k.mia, with(func(n *coach.NewPromotion) { n.EndsOn = "2026-13-01" }), "date_invalid", "ends_on"},
			{k.mia, with(func(n *coach.NewPromotion) { n.Audience = people.MyTeam }), "audience_wide", "audience"}, {k.mia, with(func(n *coach.NewPromotion) { n.Audience = people.Line }), "audience_wide", "audience"},
			{k.tom, with(func(n *coach.NewPromotion) { n.VideoID = everyones }), "audience_wide", "audience"},
		} {
			_, err := k.coach.Suggest(t.Context(), c.who, c.n)
			apptest.WantCode(t, err, c.code, c.field)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM promotions`) + k.Count(t, `SELECT COUNT(*) FROM audit_entries`); n != 0 {
			t.Errorf("%d rows", n)
		}
		p := must(k.coach.Suggest(t.Context(), k.mia, ok))
		_, err := k.coach.Suggest(t.Context(), k.dora, ok)
		apptest.WantCode(t, err, "suggested_already", "video_id")
		_, err = k.coach.Suggest(t.Context(), k.dora, coach.NewPromotion{ID: p.ID, VideoID: line, Reason: "x", Audience: people.Everyone})
		apptest.WantCode(t, err, "id_taken", "id")

		later, none, past, private := today(k, 6), "", today(k, -2), people.Private
		for _, c := range []struct {
			who         people.Actor
			c           coach.Consent
			code, field string
		}{
			{k.mia, coach.Consent{}, "forbidden", ""}, {k.ben, coach.Consent{}, "promotion_not_found", ""}, {k.dora, coach.Consent{}, "promotion_not_found", ""}, {people.System(), coach.Consent{}, "promotion_not_found", ""},
			{k.ana, coach.Consent{EndsOn: &later}, "ends_later", "ends_on"}, {k.ana, coach.Consent{EndsOn: &none}, "ends_later", "ends_on"}, {k.ana, coach.Consent{EndsOn: &past}, "date_past", "ends_on"},
			{k.ana, coach.Consent{Audience: &private}, "audience_unknown", "audience"},
		} {
			_, err := k.coach.Agree(t.Context(), c.who, p.ID, c.c)
			apptest.WantCode(t, err, c.code, c.field)
		}
		apptest.WantCode(t, k.coach.WithdrawPromotion(t.Context(), k.ana, p.ID), "forbidden", "")
		for range 2 {
			if x, err := k.coach.DeclinePromotion(t.Context(), k.ana, p.ID); err != nil || x.State != coach.PromotionDeclined {
				t.Errorf("%+v, %v", x, err)
			}
		}
		if got := k.told(t, k.mia); !slices.Equal(got, []notice.Kind{notice.Promoted}) {
			t.Errorf("mia was told %v", got)
		}
		_, err = k.coach.Agree(t.Context(), k.ana, p.ID, coach.Consent{})
		apptest.WantCode(t, err, "settled", "")
		if k.sees(t, k.cleo, open) {
			t.Error("published after a no")
		}
		e.Clock.Advance(time.Minute)
		second := must(k.coach.Suggest(t.Context(), k.dora, ok))
		for range 2 {
			if err := k.coach.WithdrawPromotion(t.Context(), k.dora, second.ID); err != nil {
				t.Error(err)
			}
		}
		_, err = k.coach.Promotion(t.Context(), k.ana, second.ID)
		apptest.WantCode(t, err, "promotion_not_found", "")
		if got := k.told(t, k.ana); len(got) != 0 {
			t.Errorf("ana is still told %v", got)
		}
		list := func(a people.Actor, b coach.Box) int {
			return len(must(k.coach.Promotions(t.Context(), a, coach.Filter{Box: b, Limit: 50})))
		}
		if list(k.ana, coach.Received) != 1 || list(k.dora, coach.Sent) != 1 || list(k.mia, coach.Sent) != 1 || list(k.ana, coach.Sent) != 0 {
			t.Error("wrong boxes")
		}
	})
}

// TestWithin is the order of audiences by hand.
func TestWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a    people.Audience
		at   string
		of   people.Audience
		oft  string
		want bool
	}{
		{people.Line, "", people.Everyone, "", true}, {people.Everyone, "", people.Everyone, "", true}, {people.Everyone, "", people.Teams, "a", false}, {people.Everyone, "", people.Line, "", false},
		{people.Line, "", people.MyTeam, "", true}, {people.Line, "", people.Private, "", false}, {people.MyTeam, "", people.MyTeam, "", true}, {people.MyTeam, "", people.Line, "", false},
		{people.MyTeam, "", people.Teams, "a", false}, {people.Teams, "a", people.Teams, "ab", true}, {people.Teams, "ac", people.Teams, "ab", false}, {people.Teams, "a", people.MyTeam, "", false},
		{people.Private, "", people.Private, "", true}, {people.Private, "", people.Line, "", true}, {people.Line, "", people.Teams, "a", true},
	} {
		split := func(s string) (out []string) {
			for _, r := range s {
				out = append(out, string(r))
			}
			return out
		}
		if got := coach.Within(c.a, split(c.at), c.of, split(c.oft)); got != c.want {
			t.Errorf("%s %q within %s %q: %v", c.a, c.at, c.of, c.oft, got)
		}
	}
}
