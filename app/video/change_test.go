package video_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

func TestChangeEveryField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		woken := 0
		k.videos.OnChanged = func() { woken++ }
		ana := k.add(t, "Ana")
		var teams []string
		for _, n := range []string{"A", "B"} {
			team, err := k.people.AddTeam(t.Context(), people.System(), n, nil)
			if err != nil {
				t.Fatal(err)
			}
			teams = append(teams, team.ID)
		}
		v := k.take(t, ana)
		e.Clock.Advance(time.Minute)
		got, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{
			Title: ptr(" New title "), Description: ptr(" Two\r\nlines "), Audience: ptr(people.Teams), TeamIDs: &[]string{teams[1], teams[0], teams[1]},
			Tactics: &[]string{"Tell a customer story", "anchor-on-cost-of-delay"}, Tags: &[]string{" b ", "a", "b"}, CompleteShare: ptr(75),
			Situation: &video.Situation{Text: " They say no ", Stage: "NEGOTIATION", Industry: "Dairy Farming", Persona: "cfo", Competitor: "Northwind!", Product: "", Objection: "price"},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := v
		want.Title, want.Description, want.Audience, want.TeamIDs = "New title", "Two\nlines", people.Teams, teams
		want.Tactics, want.Tags, want.CompleteShare = []string{"anchor-on-cost-of-delay", "tell-a-customer-story"}, []string{"b", "a"}, 75
		want.Situation = video.Situation{Text: "They say no", Stage: "negotiation", Industry: "dairy-farming", Persona: "cfo", Competitor: "northwind", Objection: "price"}
		want.Keys = []string{"p:" + ana.PersonID, "t:" + teams[0], "t:" + teams[1]}
		now := e.Clock.Now()
		want.PublishedAt, want.UpdatedAt, want.Version = &now, now, v.Version+1
		check := func(got video.Video) {
			t.Helper()
			slices.Sort(want.TeamIDs)
			slices.Sort(want.Keys)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("got  %+v\nwant %+v", got, want)
			}
		}
		check(got)
		check(k.get(t, ana, v.ID))
		// Both that it came and that it changed are written in the feed, and told.
		if woken != 2 || k.count(t, `SELECT COUNT(*) FROM search_changes WHERE video_id = ?`, v.ID) != 2 {
			t.Errorf("woken %d times, %d changes", woken, k.count(t, `SELECT COUNT(*) FROM search_changes WHERE video_id = ?`, v.ID))
		}
		// One part alone leaves the others; the day of publishing stays when the audience narrows.
		e.Clock.Advance(time.Minute)
		got, err = k.videos.Change(t.Context(), ana, v.ID, video.Change{Audience: ptr(people.Private)})
		if err != nil {
			t.Fatal(err)
		}
		want.Audience, want.TeamIDs, want.Keys = people.Private, nil, []string{"p:" + ana.PersonID}
		want.UpdatedAt, want.Version = e.Clock.Now(), want.Version+1
		check(got)
		// Everything can be emptied but the title.
		got, err = k.videos.Change(t.Context(), ana, v.ID, video.Change{Description: ptr(""), Tactics: &[]string{}, Tags: &[]string{}, Situation: &video.Situation{}})
		if err != nil || got.Description != "" || len(got.Tactics)+len(got.Tags) != 0 || got.Situation != (video.Situation{}) || got.Title != "New title" {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestChangeRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		v := k.take(t, ana)
		many := func(n int) *[]string {
			out := make([]string, n)
			for i := range out {
				out[i] = fmt.Sprintf("x%d", i)
			}
			return &out
		}
		none := "019b0000-0000-7000-8000-000000000000"
		for _, c := range []struct {
			change      video.Change
			code, field string
		}{
			{video.Change{Title: ptr(" ")}, "required", "title"},
			{video.Change{Title: ptr(strings.Repeat("x", 201))}, "too_long", "title"},
			{video.Change{Title: ptr("a\x00")}, "text_invalid", "title"},
			{video.Change{Description: ptr(strings.Repeat("ü", 5001))}, "too_long", "description"},
			{video.Change{Description: ptr("a\x00")}, "text_invalid", "description"},
			{video.Change{Description: ptr("a\xff")}, "text_invalid", "description"},
			{video.Change{CompleteShare: ptr(69)}, "out_of_range", "complete_share"},
			{video.Change{CompleteShare: ptr(101)}, "out_of_range", "complete_share"},
			{video.Change{Tags: many(21)}, "too_many", "tags"},
			{video.Change{Tags: &[]string{strings.Repeat("x", 61)}}, "too_long", "tags"},
			{video.Change{Tactics: many(11)}, "too_many", "tactics"},
			{video.Change{Tactics: &[]string{"price-talk", "x"}}, "tactic_unknown", "tactics[0]"},
			{video.Change{Situation: &video.Situation{Text: strings.Repeat("x", 1001)}}, "too_long", "situation.text"},
			{video.Change{Situation: &video.Situation{Stage: strings.Repeat("x", 121)}}, "too_long", "situation.stage"},
			{video.Change{Situation: &video.Situation{Persona: "\x00"}}, "text_invalid", "situation.persona"},
			{video.Change{Audience: ptr(people.Audience("world"))}, "audience_unknown", "audience"},
			{video.Change{Audience: ptr(people.Teams)}, "required", "team_ids"},
			{video.Change{Audience: ptr(people.Teams), TeamIDs: &[]string{}}, "required", "team_ids"},
			{video.Change{Audience: ptr(people.Teams), TeamIDs: &[]string{none}}, "team_not_found", "team_ids"},
			{video.Change{Audience: ptr(people.Teams), TeamIDs: &[]string{"\x00"}}, "team_not_found", "team_ids"},
			{video.Change{Audience: ptr(people.Teams), TeamIDs: many(51)}, "too_many", "team_ids"},
			{video.Change{Audience: ptr(people.Line), TeamIDs: &[]string{none}}, "teams_unused", "team_ids"},
			{video.Change{TeamIDs: &[]string{none}}, "teams_unused", "team_ids"},
		} {
			// Good parts of the same change are not made either.
			if c.change.Title == nil {
				c.change.Title = ptr("Changed")
			}
			if c.change.Tactics == nil {
				c.change.Tactics = &[]string{"trade-never-give"}
			}
			_, err := k.videos.Change(t.Context(), ana, v.ID, c.change)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Code != c.code || f.Field != c.field {
				t.Errorf("%+v: %v, want %s at %s", c.change, err, c.code, c.field)
			}
		}
		if got := k.get(t, ana, v.ID); !reflect.DeepEqual(got, v) {
			t.Errorf("a refused change changed\n%+v\nto\n%+v", v, got)
		}
		_, err := k.videos.Change(t.Context(), ana, none, video.Change{})
		wantCode(t, err, "video_not_found")
	})
}

func TestWhoMayChange(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, tom, adam := k.add(t, "Ana"), k.add(t, "Ben", people.Manager), k.add(t, "Tom", people.Trainer), k.add(t, "Adam", people.Admin)
		open := k.take(t, ana, func(r *recording) { r.audience = people.Everyone })
		private := k.take(t, ana)
		curate := video.Change{Tactics: &[]string{"trade-never-give"}, Tags: &[]string{"x"}, Situation: &video.Situation{Stage: "demo"}}
		edit := curate
		edit.Title = ptr("Mine now")
		for _, c := range []struct {
			who    people.Actor
			v      video.Video
			change video.Change
			code   string
		}{
			{tom, open, curate, ""}, {tom, open, edit, "forbidden"}, {tom, open, video.Change{Audience: ptr(people.Private)}, "forbidden"}, {tom, open, video.Change{CompleteShare: ptr(80)}, "forbidden"},
			{tom, private, curate, "video_not_found"}, {tom, private, edit, "video_not_found"},
			{ben, open, curate, "forbidden"}, {ben, private, curate, "video_not_found"}, {adam, open, curate, "forbidden"}, {adam, open, edit, "forbidden"}, {people.System(), open, edit, "video_not_found"},
			{people.Actor{}, open, edit, "video_not_found"}, {ana, private, edit, ""},
		} {
			_, err := k.videos.Change(t.Context(), c.who, c.v.ID, c.change)
			if c.code == "" {
				if err != nil {
					t.Errorf("%s: %v", c.who.Name, err)
				}
				continue
			}
			wantCode(t, err, c.code)
		}
		if got := k.get(t, ana, open.ID); got.Title != open.Title || got.Situation.Stage != "demo" || len(got.Tags) != 1 {
			t.Errorf("%+v", got)
		}
		for name, do := range map[string]func() error{
			"retry":    func() error { _, err := k.videos.Retry(t.Context(), tom, open.ID); return err },
			"delete":   func() error { return k.videos.Delete(t.Context(), tom, open.ID) },
			"original": func() error { _, _, err := k.videos.OriginalKey(t.Context(), tom, open.ID); return err },
		} {
			if err := do(); fault.CodeOf(err) != "forbidden" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, key, err := k.videos.OriginalKey(t.Context(), ana, open.ID); err != nil || key != video.OriginalKey(open.ID) {
			t.Errorf("%s, %v", key, err)
		}
		for who, want := range map[*people.Actor]bool{&ana: true, &ben: false} {
			if may, err := k.videos.MaySee(t.Context(), *who, private.ID); err != nil || may != want {
				t.Errorf("%s: %v, %v", who.Name, may, err)
			}
		}
	})
}

// TestRetiredTactic: a retired tactic stays where it is and cannot be chosen anew; when a tactic's
// phrases change, moments are tagged anew.
func TestTacticsChange(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.words.OnChanged = k.videos.TermChanged
		tom, ana := k.add(t, "Tom", people.Trainer), k.add(t, "Ana")
		term, err := k.words.Add(t.Context(), tom, vocabulary.Draft{Kind: vocabulary.Tactic, Label: "Ask twice", Keywords: []string{"say it again"}})
		if err != nil {
			t.Fatal(err)
		}
		v, other := k.take(t, ana), k.take(t, ana)
		if _, err := k.videos.SetCaptions(t.Context(), ana, v.ID, []byte("WEBVTT\n\n00:01.000 --> 00:04.000\nWould you say it again please.\n")); err != nil {
			t.Fatal(err)
		}
		tags := func() string {
			t.Helper()
			ms, err := k.videos.MomentsOf(t.Context(), ana, v.ID)
			if err != nil || len(ms) != 1 {
				t.Fatalf("%+v, %v", ms, err)
			}
			return strings.Join(ms[0].Tactics, " ")
		}
		if got := tags(); got != "" {
			t.Fatal("tagged with a tactic that the video has not:", got)
		}
		if _, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{Tactics: &[]string{"ask-twice"}}); err != nil || tags() != "ask-twice" {
			t.Fatal(err, tags())
		}
		if _, err := k.words.Change(t.Context(), tom, term.ID, vocabulary.Edit{Keywords: &[]string{"something else"}, Retired: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		if jobs := k.queued(t); jobs[len(jobs)-1] != "video_retag" {
			t.Fatal(jobs)
		}
		if err := k.videos.Retag(t.Context(), term.ID); err != nil || tags() != "" {
			t.Fatal(err, tags())
		}
		if _, err := k.words.Change(t.Context(), tom, term.ID, vocabulary.Edit{Keywords: &[]string{"say it again"}}); err != nil {
			t.Fatal(err)
		}
		if err := k.videos.Retag(t.Context(), term.ID); err != nil || tags() != "ask-twice" {
			t.Fatal("a retired tactic was said all the same:", err, tags())
		}
		if _, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{Tactics: &[]string{"ask-twice", "demo"}}); fault.CodeOf(err) != "tactic_unknown" {
			t.Fatal(err)
		}
		if _, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{Tactics: &[]string{"ask-twice", "test-the-champion"}}); err != nil {
			t.Fatal("it has it already:", err)
		}
		if _, err := k.videos.Change(t.Context(), ana, other.ID, video.Change{Tactics: &[]string{"ask-twice"}}); fault.CodeOf(err) != "tactic_unknown" {
			t.Fatal(err)
		}
		// A word of another kind asks for no work.
		before := len(k.queued(t))
		if _, err := k.words.Add(t.Context(), tom, vocabulary.Draft{Kind: vocabulary.Stage, Label: "Ask twice"}); err != nil || len(k.queued(t)) != before {
			t.Fatal(err, k.queued(t))
		}
	})
}

func TestListFilters(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		var ids []string // newest first
		for i := range 5 {
			v := k.take(t, ana, func(r *recording) {
				r.audience = people.Everyone
				if i%2 == 0 {
					r.tactics = []string{"test-the-champion"}
				}
			})
			ids = append([]string{v.ID}, ids...)
		}
		own := k.take(t, ben)
		list := func(a people.Actor, f video.Filter) (out []string) {
			t.Helper()
			if f.Limit == 0 {
				f.Limit = 10
			}
			vs, err := k.videos.List(t.Context(), a, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vs {
				out = append(out, v.ID)
			}
			return out
		}
		for i, c := range []struct {
			who  people.Actor
			f    video.Filter
			want []string
		}{
			{ben, video.Filter{}, append([]string{own.ID}, ids...)},
			{ana, video.Filter{}, ids},
			{ana, video.Filter{Limit: 2}, ids[:2]},
			{ana, video.Filter{Limit: 2, Before: ids[1]}, ids[2:4]},
			{ana, video.Filter{Limit: 2, Before: ids[4]}, nil},
			{ben, video.Filter{AuthorID: ben.PersonID}, []string{own.ID}},
			{ana, video.Filter{AuthorID: ben.PersonID}, nil},
			{ben, video.Filter{Tactic: "test-the-champion"}, []string{ids[0], ids[2], ids[4]}},
			{ben, video.Filter{State: video.Failed}, nil},
			{ben, video.Filter{State: video.Playable, Tactic: "test-the-champion", Before: ids[0]}, []string{ids[2], ids[4]}},
			{ana, video.Filter{Tactic: "a\x00"}, nil},
			{ana, video.Filter{AuthorID: "\xff"}, nil},
			{ana, video.Filter{Before: "\x00"}, nil},
			{people.Actor{}, video.Filter{}, nil},
		} {
			if got := list(c.who, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%d: %v, want %v", i, got, c.want)
			}
		}
		if got := k.get(t, ana, ids[0]); !slices.Equal(got.Tactics, []string{"test-the-champion"}) {
			t.Error(got.Tactics)
		}
	})
}
