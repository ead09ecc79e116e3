package video_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// company is a random company whose people move, publish, narrow, delete and bring back.
type company struct {
	*kit
	teams   []string
	persons []string
	videos  map[string]string // id to author
}

// TestVisibilityInRandomWorlds proves, after every step of random histories, that the policy says of
// every person and video what the lists of the database say.
func TestVisibilityInRandomWorlds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		admin := people.System()
		round, failing := 0, false
		rapid.Check(t, func(rt *rapid.T) {
			if round++; round > 12 && !failing { // each world is some hundred statements; a failing one is made smaller
				return
			}
			failing = true
			c := company{kit: k, videos: map[string]string{}}
			for i := range rapid.IntRange(1, 4).Draw(rt, "teams") {
				var parent *string
				if up := rapid.IntRange(-1, i-1).Draw(rt, "parent"); up >= 0 {
					parent = &c.teams[up]
				}
				team, err := k.people.AddTeam(t.Context(), admin, fmt.Sprintf("T%d", i), parent)
				if err != nil {
					rt.Fatal(err)
				}
				c.teams = append(c.teams, team.ID)
			}
			for i := range rapid.IntRange(2, 4).Draw(rt, "persons") {
				c.persons = append(c.persons, k.add(t, fmt.Sprintf("p%d in world %d", i, round)).PersonID)
			}
			for range rapid.IntRange(4, 14).Draw(rt, "steps") {
				c.step(t, rt)
				c.agree(t, rt)
			}
			failing = false
		})
	})
}

func (c *company) step(t *testing.T, rt *rapid.T) {
	admin := people.System()
	person := rapid.SampledFrom(c.persons).Draw(rt, "person")
	a := c.actor(t, person)
	var own []string
	for _, id := range slices.Sorted(maps.Keys(c.videos)) {
		if c.videos[id] == person {
			own = append(own, id)
		}
	}
	act := rapid.SampledFrom([]string{"place", "place", "unplace", "move", "record", "widen", "widen", "delete", "restore", "remove"}).Draw(rt, "act")
	if len(own) == 0 && (act == "widen" || act == "delete" || act == "restore") {
		act = "record"
	}
	if len(c.teams) == 0 {
		act = "record"
	}
	var err error
	switch act {
	case "record":
		_, id := c.upload(t, a)
		c.videos[id] = person
	case "place":
		err = c.people.Place(t.Context(), admin, rapid.SampledFrom(c.teams).Draw(rt, "team"), person, rapid.SampledFrom([]people.Seat{people.AsMember, people.AsManager}).Draw(rt, "seat"))
	case "unplace":
		err = c.people.Unplace(t.Context(), admin, rapid.SampledFrom(c.teams).Draw(rt, "team"), person, rapid.SampledFrom([]people.Seat{people.AsMember, people.AsManager}).Draw(rt, "seat"))
	case "move":
		to := rapid.SampledFrom(c.teams).Draw(rt, "below")
		_, _ = c.people.ChangeTeam(t.Context(), admin, rapid.SampledFrom(c.teams).Draw(rt, "team"), nil, true, &to) // a ring is refused
	case "remove":
		at := rapid.IntRange(0, len(c.teams)-1).Draw(rt, "team")
		if c.people.RemoveTeam(t.Context(), admin, c.teams[at]) == nil { // refused where teams stand below
			c.teams = slices.Delete(c.teams, at, at+1)
		}
	case "widen":
		audience := rapid.SampledFrom(people.Audiences).Draw(rt, "audience")
		ch := video.Change{Audience: &audience}
		if audience == people.Teams {
			ch.TeamIDs = ptr(rapid.SliceOfNDistinct(rapid.SampledFrom(c.teams), 1, min(2, len(c.teams)), rapid.ID[string]).Draw(rt, "named"))
		}
		_, cerr := c.kit.videos.Change(t.Context(), a, rapid.SampledFrom(own).Draw(rt, "video"), ch)
		if cerr != nil {
			wantCode(t, cerr, "video_not_found") // a deleted one
		}
	case "delete":
		_ = c.kit.videos.Delete(t.Context(), a, rapid.SampledFrom(own).Draw(rt, "video"))
	case "restore":
		_, _ = c.kit.videos.Restore(t.Context(), a, rapid.SampledFrom(own).Draw(rt, "video"))
	}
	if err != nil {
		rt.Fatal(err)
	}
}

func (c *company) agree(t *testing.T, rt *rapid.T) {
	ids := slices.Sorted(maps.Keys(c.videos))
	all := map[string]video.Video{}
	for v, err := range c.kit.videos.All(t.Context()) {
		if err != nil {
			rt.Fatal(err)
		}
		all[v.ID] = v
	}
	for _, p := range c.persons {
		a := c.actor(t, p)
		var listed, deleted []string
		for _, want := range []struct {
			deleted bool
			into    *[]string
		}{{false, &listed}, {true, &deleted}} {
			vs, err := c.kit.videos.List(t.Context(), a, video.Filter{Limit: 1000, Deleted: want.deleted})
			if err != nil {
				rt.Fatal(err)
			}
			for _, v := range vs {
				*want.into = append(*want.into, v.ID)
			}
		}
		visible, err := c.kit.videos.Visible(t.Context(), a, ids)
		if err != nil {
			rt.Fatal(err)
		}
		for _, id := range ids {
			v := all[id]
			may := video.Can(a, video.View, v)
			_, in := visible[id]
			got, err := c.kit.videos.Get(t.Context(), a, id)
			if in != may || slices.Contains(listed, id) != may || (err == nil) != may || (err == nil) != (got.ID == id) {
				rt.Fatalf("%s, video %s of %s (%s, deleted %v, keys %v, reach %v): may %v, visible %v, listed %v, get %v", p, id, v.AuthorID, v.Audience, v.DeletedAt != nil, v.Keys, a.Reach.Keys,
					may, in, slices.Contains(listed, id), err)
			}
			if want := v.DeletedAt != nil && v.AuthorID == p; slices.Contains(deleted, id) != want {
				rt.Fatalf("%s in the deleted ones of %s: want %v", id, p, want)
			}
			if want := c.keys(t, v); !slices.Equal(v.Keys, want) {
				rt.Fatalf("video %s has the keys %v, and its author's place gives %v", id, v.Keys, want)
			}
		}
	}
}

// keys works out what the keys of a video must be from where its author stands now.
func (c *company) keys(t *testing.T, v video.Video) []string {
	t.Helper()
	views, err := c.people.ListTeams(t.Context(), people.System())
	if err != nil {
		t.Fatal(err)
	}
	place := people.Place{PersonID: v.AuthorID}
	for _, team := range views {
		if slices.Contains(team.Members, v.AuthorID) {
			place.MemberOf = append(place.MemberOf, team.ID)
		}
		if slices.Contains(team.Managers, v.AuthorID) {
			place.Manages = append(place.Manages, team.ID)
			if team.ParentID != nil {
				place.AboveManaged = append(place.AboveManaged, *team.ParentID)
			}
		}
	}
	want := people.AudienceKeys(v.Audience, place, v.TeamIDs)
	if v.Audience == people.Teams { // a key of a team that was removed is nobody's
		for _, k := range v.Keys {
			if !slices.Contains(want, k) && !slices.ContainsFunc(views, func(tv people.TeamView) bool { return "t:"+tv.ID == k }) {
				want = append(want, k)
			}
		}
		slices.Sort(want)
	}
	return want
}
