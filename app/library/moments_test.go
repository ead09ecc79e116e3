package library_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestMoments(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana Lee"), k.add(t, "Ben")
		id := k.video(t, ana, people.Everyone, "They say Northwind is half the price, so I asked what waiting costs.", func(c *video.Change) {
			c.Tactics = &[]string{"anchor-on-cost-of-delay"}
			c.Situation = &video.Situation{Objection: "Price", Competitor: "North Wind", Stage: "Negotiation"}
		})
		k.catchUp(t)
		ans, err := k.lib.Moments(t.Context(), ben, library.Query{Text: "Northwind half price", Situation: video.Situation{Objection: "price", Competitor: "north wind", Stage: "renewal"}})
		if err != nil || len(ans.Found) != 1 || ans.Total != 1 || ans.Next != "" {
			t.Fatalf("%+v, %v", ans, err)
		}
		f := ans.Found[0]
		if f.VideoID != id || f.AuthorID != ana.PersonID || f.AuthorName != "Ana Lee" || f.StartMS != 5000 || f.EndMS != 25000 || f.DurationMS != 60000 || !strings.Contains(f.Text, "half the price") ||
			len(f.Marks) == 0 || f.Score <= 0 || !slices.Equal(f.Tactics, []string{"anchor-on-cost-of-delay"}) {
			t.Errorf("%+v", f)
		}
		if got := strings.Join(f.Reasons, " "); !strings.Contains(got, "Says: ") || !strings.Contains(got, "objection Price") || !strings.Contains(got, "competitor north wind") || strings.Contains(got, "stage") {
			t.Errorf("reasons: %q", f.Reasons)
		}
		if err := video.CheckStretch(f.Video, f.StartMS, f.EndMS); err != nil {
			t.Error("a moment that cannot be saved:", err)
		}
		// A video without words is found by its title, as a whole.
		quiet := k.video(t, ana, people.Everyone, "", func(c *video.Change) { c.Title = ptr("Walrus") })
		k.catchUp(t)
		ans, err = k.lib.Moments(t.Context(), ben, library.Query{Text: "walrus"})
		if err != nil || len(ans.Found) != 1 || ans.Found[0].VideoID != quiet || ans.Found[0].StartMS != 0 || ans.Found[0].EndMS != 60000 || ans.Found[0].Reasons[0] != "In the title: walrus." {
			t.Fatalf("%+v, %v", ans, err)
		}
	})
}

// TestFacetsAreSettled: what is asked by a label finds what is kept under its key, also after the label
// has changed and the term was retired.
func TestFacetsAreSettled(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		tom := k.add(t, "Tom", people.Trainer)
		term, err := k.words.Add(t.Context(), tom, vocabulary.Draft{Kind: vocabulary.Objection, Label: "Too dear"})
		if err != nil {
			t.Fatal(err)
		}
		id := k.video(t, tom, people.Everyone, "zebras", func(c *video.Change) { c.Situation = &video.Situation{Objection: "TOO dear"} })
		if _, err := k.words.Change(t.Context(), tom, term.ID, vocabulary.Edit{Label: ptr("Costs too much"), Retired: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		k.catchUp(t)
		for _, said := range []string{"too-dear", "Too dear!", "costs  too MUCH"} {
			ans, err := k.lib.Moments(t.Context(), tom, library.Query{Situation: video.Situation{Objection: said}})
			if err != nil || len(ans.Found) != 1 || ans.Found[0].VideoID != id || !slices.Contains(ans.Found[0].Reasons, "Matches: objection Costs too much.") {
				t.Errorf("%q: %+v, %v", said, ans, err)
			}
		}
		if got := k.find(t, tom, library.Query{Situation: video.Situation{Objection: "cheap"}}); len(got) != 0 {
			t.Error(got)
		}
		tagged := k.video(t, tom, people.Everyone, "lions", func(c *video.Change) { c.Tactics = &[]string{"test-the-champion"} })
		k.catchUp(t)
		for _, tactic := range []string{"Test the champion", "test-the-champion"} {
			if got := k.find(t, tom, library.Query{Tactic: tactic}); !slices.Equal(got, []string{tagged}) {
				t.Errorf("%q: %v", tactic, got)
			}
		}
		if got := k.find(t, tom, library.Query{Text: "lions zebras", AuthorID: "somebody"}); len(got) != 0 {
			t.Error(got)
		}
	})
}

// TestHiddenSince: what was hidden or deleted after the index was written is not shown, and not counted.
func TestHiddenSince(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		shown := k.video(t, ana, people.Everyone, "zebras one")
		hidden := k.video(t, ana, people.Everyone, "zebras two")
		deleted := k.video(t, ana, people.Everyone, "zebras three")
		k.catchUp(t)
		k.wantFound(t, ben, "zebras", shown, hidden, deleted)
		if _, err := k.videos.Change(t.Context(), ana, hidden, video.Change{Audience: ptr(people.Private)}); err != nil {
			t.Fatal(err)
		}
		if err := k.videos.Delete(t.Context(), ana, deleted); err != nil {
			t.Fatal(err)
		}
		ans, err := k.lib.Moments(t.Context(), ben, library.Query{Text: "zebras"})
		if err != nil || len(ans.Found) != 1 || ans.Found[0].VideoID != shown || ans.Total != 1 {
			t.Fatalf("%+v, %v", ans, err)
		}
		k.wantFound(t, ana, "zebras", shown, hidden)
	})
}

// TestReasonsCountPeople: from three colleagues on it is said how many used it, never counting the
// author, nor anybody twice.
func TestReasonsCountPeople(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id := k.video(t, ana, people.Everyone, "zebras")
		k.catchUp(t)
		var reps []people.Actor
		for i := range 4 {
			reps = append(reps, k.add(t, fmt.Sprintf("Rep %d", i)))
		}
		use := func(who people.Actor, deal string) {
			t.Helper()
			var d any
			if deal != "" {
				d = deal
			}
			k.exec(t, `INSERT INTO uses (id, person_id, video_id, start_ms, end_ms, deal_id, after_view, comment, created_at) VALUES (?, ?, ?, 0, 1000, ?, true, '', ?)`,
				ident.New(), who.PersonID, id, d, e.DB.Now())
		}
		deal := func(status string) string {
			t.Helper()
			d := ident.New()
			k.exec(t, `INSERT INTO deals (id, external_id, name, owner_ref, amount, currency, stage, status, segment, competitor, product, extra, opened_at, created_at, updated_at)
				VALUES (?, ?, 'x', '', '', '', '', ?, '', '', '', '{}', ?, ?, ?)`, d, d, status, e.DB.Now(), e.DB.Now(), e.DB.Now())
			return d
		}
		reasons := func() string {
			t.Helper()
			ans, err := k.lib.Moments(t.Context(), reps[3], library.Query{Text: "zebras"})
			if err != nil || len(ans.Found) != 1 {
				t.Fatalf("%+v, %v", ans, err)
			}
			return strings.Join(ans.Found[0].Reasons, " ")
		}
		use(ana, deal("won"))
		use(ana, "")
		use(reps[0], deal("won"))
		use(reps[0], "")
		use(reps[1], deal("won"))
		if got := reasons(); strings.Contains(got, "colleagues") {
			t.Error("two colleagues were pointed at:", got)
		}
		use(reps[2], deal("lost"))
		if got := reasons(); !strings.HasPrefix(got, "3 colleagues said they used this. ") {
			t.Error(got)
		}
		use(reps[2], deal("won"))
		if got := reasons(); !strings.HasPrefix(got, "3 colleagues said they used this; 3 of those deals were won. ") {
			t.Error(got)
		}
	})
}

func TestHostileQueries(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana := k.add(t, "Ana")
	k.video(t, ana, people.Everyone, "zebras")
	k.catchUp(t)
	for _, q := range []library.Query{
		{Text: "\x00"}, {Text: "\xff\xfe"}, {Text: strings.Repeat("zebras ", 5000)}, {Text: `"zebras" AND (title:* OR -x)^9~`}, {Text: "[* TO *]"}, {Text: "/.*/"}, {Text: "%' OR 1=1 --"},
		{Text: "zebras", Limit: -5}, {Text: "zebras", Limit: 1 << 30}, {Text: "zebras", AuthorID: "\x00"}, {Tactic: "\x00'"}, {Situation: video.Situation{Stage: strings.Repeat("x", 100000)}},
		{}, {Text: "\u202e\u0000\U0010ffff"},
	} {
		if _, err := k.lib.Moments(t.Context(), ana, q); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.80q: %v", q.Text, err)
		}
	}
	for _, cursor := range []string{"x", "\x00", strings.Repeat("a", 10000), "-1"} {
		_, err := k.lib.Moments(t.Context(), ana, library.Query{Text: "zebras", Cursor: cursor})
		if fault.CodeOf(err) != "query_invalid" {
			t.Errorf("cursor %.20q: %v", cursor, err)
		}
	}
	if ans, err := k.lib.Moments(t.Context(), people.Actor{}, library.Query{Text: "zebras"}); err != nil || len(ans.Found) != 0 || ans.Total != 0 {
		t.Errorf("nobody finds %+v, %v", ans, err)
	}
}

func TestPages(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana := k.add(t, "Ana")
	want := map[string]bool{}
	for range 7 {
		want[k.video(t, ana, people.Everyone, "zebras")] = true
	}
	k.catchUp(t)
	q := library.Query{Text: "zebras", Limit: 3}
	for pages := 1; ; pages++ {
		ans, err := k.lib.Moments(t.Context(), ana, q)
		if err != nil || ans.Total != 7 {
			t.Fatalf("%+v, %v", ans, err)
		}
		for _, f := range ans.Found {
			if !want[f.VideoID] {
				t.Errorf("%s twice", f.VideoID)
			}
			delete(want, f.VideoID)
		}
		if q.Cursor = ans.Next; q.Cursor == "" || pages > 5 {
			break
		}
	}
	if len(want) != 0 {
		t.Errorf("%d were never shown", len(want))
	}
}

// TestIndexSeesWhatThePolicySees proves in random worlds that search finds for everybody exactly what
// the policy lets them see, whatever moves.
func TestIndexSeesWhatThePolicySees(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	round, failing := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		if round++; round > 8 && !failing { // each world is some hundred statements; a failing one is made smaller
			return
		}
		failing = true
		var teams, persons, videos []string
		word := fmt.Sprintf("zebra%d", round)
		for i := range rapid.IntRange(1, 4).Draw(rt, "teams") {
			var parent *string
			if up := rapid.IntRange(-1, i-1).Draw(rt, "parent"); up >= 0 {
				parent = &teams[up]
			}
			team, err := k.people.AddTeam(t.Context(), people.System(), "T", parent)
			if err != nil {
				rt.Fatal(err)
			}
			teams = append(teams, team.ID)
		}
		for i := range rapid.IntRange(2, 5).Draw(rt, "persons") {
			persons = append(persons, k.add(t, fmt.Sprintf("p%d w%d", i, round)).PersonID)
		}
		team := rapid.SampledFrom(teams)
		for range rapid.IntRange(3, 10).Draw(rt, "steps") {
			p := rapid.SampledFrom(persons).Draw(rt, "person")
			a := k.actor(t, p)
			switch rapid.IntRange(0, 4).Draw(rt, "act") {
			case 0, 1:
				audience := rapid.SampledFrom(people.Audiences).Draw(rt, "audience")
				videos = append(videos, k.video(t, a, audience, word, func(c *video.Change) {
					if audience == people.Teams {
						c.TeamIDs = &[]string{team.Draw(rt, "named")}
					}
				}))
			case 2:
				if err := k.people.Place(t.Context(), people.System(), team.Draw(rt, "team"), p, rapid.SampledFrom([]people.Seat{people.AsMember, people.AsManager}).Draw(rt, "seat")); err != nil {
					rt.Fatal(err)
				}
			case 3:
				to := team.Draw(rt, "below")
				_, _ = k.people.ChangeTeam(t.Context(), people.System(), team.Draw(rt, "team"), nil, true, &to) // a ring is refused
			case 4:
				if len(videos) > 0 {
					_ = k.videos.Delete(t.Context(), a, rapid.SampledFrom(videos).Draw(rt, "video")) // only one's own
				}
			}
			k.catchUp(t)
			for _, viewer := range persons {
				a := k.actor(t, viewer)
				visible, err := k.videos.Visible(t.Context(), a, videos)
				if err != nil {
					rt.Fatal(err)
				}
				res, err := k.lib.Moments(t.Context(), a, library.Query{Text: word, Limit: 100})
				if err != nil {
					rt.Fatal(err)
				}
				// Total is the index's own count: nothing was left out after it.
				if len(res.Found) != len(visible) || res.Total != len(visible) {
					rt.Fatalf("%s finds %d of %d, and may see %d", viewer, len(res.Found), res.Total, len(visible))
				}
				for _, f := range res.Found {
					if _, ok := visible[f.VideoID]; !ok {
						rt.Fatalf("%s finds %s", viewer, f.VideoID)
					}
				}
			}
		}
		failing = false
	})
	k.verify(t)
}
