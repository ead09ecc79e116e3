package video_test

import (
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestListByPeople lists by who made the videos: oneself, whom one follows, one's reports, a team. Every
// list holds only what its reader may see.
func TestListByPeople(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		admin := people.System()
		team := func(name string, parent *string) string {
			made, err := k.people.AddTeam(t.Context(), admin, name, parent)
			if err != nil {
				t.Fatal(err)
			}
			return made.ID
		}
		all := team("All", nil)
		north := team("North", &all)
		south := team("South", &all)
		ana, ben, cleo, mia, vera, tom := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cleo"), k.add(t, "Mia", people.Manager), k.add(t, "Vera", people.Manager), k.add(t, "Tom", people.Trainer)
		for _, s := range []struct {
			team string
			who  people.Actor
			seat people.Seat
		}{{north, ana, people.AsMember}, {north, ben, people.AsMember}, {south, cleo, people.AsMember}, {north, mia, people.AsManager}, {all, vera, people.AsManager}} {
			if err := k.people.Place(t.Context(), admin, s.team, s.who.PersonID, s.seat); err != nil {
				t.Fatal(err)
			}
		}
		names := map[string]string{}
		record := func(a people.Actor, name string, audience people.Audience) {
			v := k.take(t, a, func(r *recording) { r.title, r.audience = name, audience })
			names[v.ID] = name
		}
		for _, p := range []struct {
			a    people.Actor
			name string
		}{{ana, "Ana"}, {ben, "Ben"}, {cleo, "Cleo"}, {mia, "Mia"}, {vera, "Vera"}, {tom, "Tom"}} {
			record(p.a, p.name+" private", "")
			record(p.a, p.name+" line", people.Line)
			record(p.a, p.name+" for everyone", people.Everyone)
		}
		k.people.OnMoved = k.videos.AuthorsMoved
		list := func(a people.Actor, f video.Filter) []string {
			t.Helper()
			a = k.actor(t, a.PersonID)
			f.Limit = 50
			vs, err := k.videos.List(t.Context(), a, f)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, v := range vs {
				if !video.Can(a, video.View, v) {
					t.Errorf("%s is listed to %s, who may not see it", names[v.ID], a.Name)
				}
				out = append(out, names[v.ID])
			}
			return out
		}
		for _, id := range []string{ana.PersonID, cleo.PersonID} {
			if err := k.people.Follow(t.Context(), ben, id); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.people.Follow(t.Context(), mia, ana.PersonID); err != nil {
			t.Fatal(err)
		}
		for i, c := range []struct {
			who  people.Actor
			f    video.Filter
			want []string // newest first
		}{
			{ana, video.Filter{Mine: true}, []string{"Ana for everyone", "Ana line", "Ana private"}},
			{ana, video.Filter{Mine: true, Title: "LINE"}, []string{"Ana line"}},
			{ana, video.Filter{Followed: true}, nil},
			{ben, video.Filter{Followed: true}, []string{"Cleo for everyone", "Ana for everyone"}},
			{mia, video.Filter{Followed: true}, []string{"Ana for everyone", "Ana line"}},
			{ben, video.Filter{Followed: true, Mine: true}, nil},
			{ana, video.Filter{Reports: true}, nil},
			{tom, video.Filter{Reports: true}, nil},
			{mia, video.Filter{Reports: true}, []string{"Ben for everyone", "Ben line", "Ana for everyone", "Ana line"}},
			{vera, video.Filter{Reports: true}, []string{"Mia for everyone", "Mia line", "Cleo for everyone", "Cleo line", "Ben for everyone", "Ben line", "Ana for everyone", "Ana line"}},
			{vera, video.Filter{Reports: true, Team: south}, []string{"Cleo for everyone", "Cleo line"}},
			{vera, video.Filter{Reports: true, AuthorID: mia.PersonID}, []string{"Mia for everyone", "Mia line"}},
			{ana, video.Filter{Team: north}, []string{"Mia for everyone", "Ben for everyone", "Ana for everyone", "Ana line", "Ana private"}},
			{tom, video.Filter{Team: south}, []string{"Cleo for everyone"}},
			{tom, video.Filter{Team: all, Title: "everyone"}, []string{"Vera for everyone", "Mia for everyone", "Cleo for everyone", "Ben for everyone", "Ana for everyone"}},
			{vera, video.Filter{Reports: true, Followed: true}, nil},
		} {
			if got := list(c.who, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%d: %s asks %+v: %q, want %q", i, c.who.Name, c.f, got, c.want)
			}
		}
		for _, id := range []string{"nowhere", "\xff\x00", ana.PersonID} {
			if _, err := k.videos.List(t.Context(), tom, video.Filter{Team: id, Limit: 5}); fault.CodeOf(err) != "team_not_found" || !fault.Is(err, fault.Invalid) {
				t.Errorf("team %q: %v", id, err)
			}
		}
		// A report who leaves the team takes their videos along.
		if err := k.people.Unplace(t.Context(), admin, north, ben.PersonID, people.AsMember); err != nil {
			t.Fatal(err)
		}
		if got := list(mia, video.Filter{Reports: true}); !slices.Equal(got, []string{"Ana for everyone", "Ana line"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestListByTitle(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		ids := map[string]string{}
		for _, title := range []string{"Half the price", "100% off_road", `back\slash`, "Élan vital", "Ein Ärger weniger"} {
			v := k.take(t, ana, func(r *recording) { r.title = title })
			ids[v.ID] = title
		}
		for q, want := range map[string]string{"half THE": "Half the price", "the pr": "Half the price", "%": "100% off_road", "off_": "100% off_road", "_road": "100% off_road",
			`k\s`: `back\slash`, "élan": "Élan vital", "Élan": "Élan vital", "ärger": "Ein Ärger weniger", "weniger": "Ein Ärger weniger", "x": "", "price half": "", "a\x00": "", "\xff": ""} {
			vs, err := k.videos.List(t.Context(), ana, video.Filter{Title: q, Limit: 10})
			got := ""
			for _, v := range vs {
				got += ids[v.ID]
			}
			if err != nil || got != want {
				t.Errorf("%q: %q, %v, want %q", q, got, err, want)
			}
		}
		if vs, err := k.videos.List(t.Context(), ana, video.Filter{Title: "  ", Limit: 10}); err != nil || len(vs) != 5 {
			t.Errorf("blank asks for nothing: %d, %v", len(vs), err)
		}
		// Pages of a filtered list neither lose nor repeat any.
		var seen []string
		for before := ""; ; {
			vs, err := k.videos.List(t.Context(), ana, video.Filter{Title: "e", Mine: true, Limit: 2, Before: before})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vs {
				seen = append(seen, ids[v.ID])
				before = v.ID
			}
			if len(vs) < 2 {
				break
			}
		}
		if !slices.Equal(seen, []string{"Ein Ärger weniger", "Half the price"}) {
			t.Errorf("%q", seen)
		}
	})
}
