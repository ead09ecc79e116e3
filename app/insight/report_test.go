package insight_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

func counts(c insight.Counts) string {
	rate := "-"
	if c.UsedRate.Shown {
		rate = fmt.Sprintf("%.2f", c.UsedRate.Value)
	}
	return fmt.Sprintf("saw %d shared %d saved %d used %d rate %s", c.Saw, c.Shared, c.Saved, c.Used, rate)
}

// company is a world worked out by hand.
//
//	Co (Gina) ─ North (Mia): Ana, Ben, Cat    the trainer Tom, the admin Ada and Oto are in no team
//	          └ South (Sam): Dan, Eve, Fay, Hal
type company struct {
	*kit
	co, north, south                                                 string
	gina, mia, sam, ana, ben, cat, dan, eve, fay, hal, tom, ada, oto people.Actor
	// The videos: Ana's for everyone, for her team and for nobody; Dan's, and one he deleted; Mia's.
	anas, teams, private, dans, gone, mias string
	names                                  map[string]string
}

func newCompany(t *testing.T, e *apptest.Env) *company {
	k := newKit(t, e)
	c := &company{kit: k, names: map[string]string{}}
	c.co = k.team(t, "Co", "")
	c.north, c.south = k.team(t, "North", c.co), k.team(t, "South", c.co)
	c.gina, c.mia, c.sam = k.add(t, "Gina", people.Manager), k.add(t, "Mia", people.Manager), k.add(t, "Sam", people.Manager)
	c.ana, c.ben, c.cat = k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cat")
	c.dan, c.eve, c.fay, c.hal = k.add(t, "Dan"), k.add(t, "Eve"), k.add(t, "Fay"), k.add(t, "Hal")
	c.tom, c.ada, c.oto = k.add(t, "Tom", people.Trainer), k.add(t, "Ada", people.Admin), k.add(t, "Oto")
	k.seat(t, c.co, people.AsManager, &c.gina)
	k.seat(t, c.north, people.AsManager, &c.mia)
	k.seat(t, c.south, people.AsManager, &c.sam)
	k.seat(t, c.north, people.AsMember, &c.ana, &c.ben, &c.cat)
	k.seat(t, c.south, people.AsMember, &c.dan, &c.eve, &c.fay, &c.hal)
	moments := [][2]int64{{0, 20_000}, {20_000, 40_000}}
	c.anas = k.film(t, c.ana, film{moments: moments, tactics: []string{"anchor"}})
	c.teams = k.film(t, c.ana, film{audience: people.MyTeam, tactics: []string{"story"}})
	c.private = k.film(t, c.ana, film{audience: people.Private})
	c.dans = k.film(t, c.dan, film{tactics: []string{"story"}})
	c.gone = k.film(t, c.dan, film{})
	c.mias = k.film(t, c.mia, film{})
	for name, id := range map[string]string{"anas": c.anas, "teams": c.teams, "private": c.private, "dans": c.dans, "gone": c.gone, "mias": c.mias} {
		c.names[id] = name
	}

	now := e.Clock.Now()
	c.see(t, c.anas, now, c.ana, c.ben, c.cat, c.dan, c.eve, c.fay, c.mia, c.gina)
	c.see(t, c.teams, now, c.ben, c.gina)
	c.see(t, c.private, now, c.ana)
	c.see(t, c.dans, now, c.ana, c.ben, c.sam)
	c.see(t, c.gone, now, c.ana, c.ben)
	c.see(t, c.mias, now, c.ben, c.sam, c.gina)
	first := insight.On{VideoID: c.anas, EndMS: 20_000}
	e.Clock.Advance(24 * time.Hour)
	for _, a := range []people.Actor{c.ben, c.mia, c.ana} {
		if _, err := k.insights.Send(t.Context(), a, insight.Sending{On: first, ToPersonID: c.cat.PersonID}); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range []people.Actor{c.ben, c.dan} {
		if _, err := k.insights.Keep(t.Context(), a, "", first); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []insight.On{{VideoID: c.dans}, {VideoID: c.anas, StartMS: 1000, EndMS: 2000}} {
		if _, err := k.insights.Keep(t.Context(), c.ben, "", o); err != nil {
			t.Fatal(err)
		}
	}
	c.use(t, first, c.ben, c.ben, c.dan, c.hal, c.gina)
	c.use(t, insight.On{VideoID: c.mias}, c.ben, c.mia)
	c.use(t, insight.On{VideoID: c.gone}, c.ben)
	if err := k.videos.Delete(t.Context(), c.dan, c.gone); err != nil {
		t.Fatal(err)
	}
	return c
}

// report gives the report in short words.
func (c *company) report(t *testing.T, a people.Actor, f insight.Filter) (persons, videos, moments string) {
	t.Helper()
	r, err := c.insights.ReportModeled(t.Context(), a, f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Definition == "" || !r.AsOf.Equal(c.Clock.Now()) || r.Filter != f {
		t.Errorf("%q as of %s, %+v", r.Definition, r.AsOf, r.Filter)
	}
	var p, v, m []string
	for _, x := range r.People {
		p = append(p, fmt.Sprintf("%s %d: %s", x.Name, x.Videos, counts(x.Counts)))
	}
	for _, x := range r.Videos {
		if x.Title == "" || x.AuthorName == "" || x.AuthorID == "" {
			t.Errorf("%+v", x)
		}
		v = append(v, fmt.Sprintf("%s: %s", c.names[x.VideoID], counts(x.Counts)))
	}
	for _, x := range r.Moments {
		m = append(m, fmt.Sprintf("%s %d-%d %q: %s", c.names[x.VideoID], x.StartMS/1000, x.EndMS/1000, x.Text, counts(x.Counts)))
	}
	return strings.Join(p, "\n"), strings.Join(v, "\n"), strings.Join(m, "\n")
}

func same(t *testing.T, what, got string, want ...string) {
	t.Helper()
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("%s:\n got\n%s\nwant\n%s", what, got, w)
	}
}

func TestReportModeled(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCompany(t, e)
		p, v, m := c.report(t, c.tom, insight.Filter{})
		anas := "Ana 2: saw 5 shared 1 saved 2 used 2 rate 0.40"
		mias := "Mia 1: saw 2 shared 0 saved 0 used 1 rate -"
		dans := "Dan 1: saw 2 shared 0 saved 1 used 0 rate -"
		same(t, "people", p, anas, mias, dans)
		same(t, "videos", v, "anas: saw 5 shared 1 saved 2 used 2 rate 0.40", "mias: saw 2 shared 0 saved 0 used 1 rate -", "dans: saw 2 shared 0 saved 1 used 0 rate -")
		first := `anas 0-20 "words 0": saw 5 shared 1 saved 2 used 2 rate 0.40`
		same(t, "moments", m, first, `anas 1-2 "": saw 0 shared 0 saved 1 used 0 rate -`, `anas 20-40 "words 1": saw 5 shared 0 saved 0 used 0 rate 0.00`)

		// A view that comes in late makes the use modeled that it came before.
		c.watch(t, c.hal, play("late", c.anas, 0, 60_000, e.Clock.Now().Add(-13*24*time.Hour)))
		p, _, _ = c.report(t, c.tom, insight.Filter{Tactic: "anchor"})
		anas = "Ana 1: saw 6 shared 1 saved 2 used 3 rate 0.50"
		same(t, "late", p, anas)

		t.Run("scopes", func(t *testing.T) {
			all := []string{"Ana 2: saw 6 shared 1 saved 2 used 3 rate 0.50", mias, dans}
			for _, s := range []struct {
				who  string
				a    people.Actor
				team string
				want []string
				code string
			}{
				{"trainer", c.tom, "", all, ""},
				{"admin", c.ada, "", all, ""},
				{"command line", people.System(), "", all, ""},
				{"trainer, team", c.tom, c.south, all[2:], ""},
				{"trainer, above", c.tom, c.co, all, ""},
				{"manager", c.mia, "", all[:2], ""},
				{"manager, own team", c.mia, c.north, all[:2], ""},
				{"manager above", c.gina, "", all, ""},
				{"manager above, team below", c.gina, c.south, all[2:], ""},
				{"manager, other team", c.mia, c.south, nil, "forbidden"},
				{"manager, all", c.mia, c.co, nil, "forbidden"},
				{"author", c.ana, "", all[:1], ""},
				{"rep, team", c.ana, c.north, nil, "forbidden"},
				{"rep without videos", c.oto, "", nil, ""},
				{"nobody", people.Actor{}, "", nil, "forbidden"},
				{"no such team", c.tom, ident.New(), nil, "team_not_found"},
				{"hostile team", c.tom, "\x00", nil, "team_not_found"},
			} {
				t.Run(s.who, func(t *testing.T) {
					if s.code != "" {
						_, err := c.insights.ReportModeled(t.Context(), s.a, insight.Filter{Team: s.team})
						wantCode(t, err, s.code)
						return
					}
					p, _, _ := c.report(t, s.a, insight.Filter{Team: s.team})
					same(t, "people", p, s.want...)
				})
			}
		})
		t.Run("visible", func(t *testing.T) {
			_, v, _ := c.report(t, c.mia, insight.Filter{})
			same(t, "videos", v, "anas: saw 6 shared 1 saved 2 used 3 rate 0.50", "mias: saw 2 shared 0 saved 0 used 1 rate -", "teams: saw 1 shared 0 saved 0 used 0 rate -")
			p, v, m := c.report(t, people.System(), insight.Filter{})
			if p == "" || v != "" || m != "" {
				t.Errorf("the command line sees %q %q", v, m)
			}
		})
		t.Run("tactic", func(t *testing.T) {
			p, v, m := c.report(t, c.tom, insight.Filter{Tactic: "story"})
			same(t, "people", p, dans, "Ana 1: saw 1 shared 0 saved 0 used 0 rate -")
			same(t, "videos", v, "dans: saw 2 shared 0 saved 1 used 0 rate -")
			same(t, "moments", m)
			for _, key := range []string{"nothing", "\x00", "\xff"} {
				_, err := c.insights.ReportModeled(t.Context(), c.tom, insight.Filter{Tactic: key})
				wantCode(t, err, "tactic_not_found")
			}
		})
		t.Run("period", func(t *testing.T) {
			viewed, acted := apptest.Epoch, apptest.Epoch.Add(24*time.Hour)
			for _, s := range []struct {
				what     string
				from, to *time.Time
				want     []string
			}{
				{"from the views on", &viewed, nil, []string{"Ana 2: saw 5 shared 1 saved 2 used 3 rate 0.40", mias, dans}},
				{"between", &viewed, &acted, []string{"Ana 2: saw 5 shared 0 saved 0 used 0 rate 0.00", "Mia 1: saw 2 shared 0 saved 0 used 0 rate -", "Dan 1: saw 2 shared 0 saved 0 used 0 rate -"}},
				{"acts only: a rate needs viewers", &acted, nil, []string{"Ana 2: saw 0 shared 1 saved 2 used 3 rate -", "Mia 1: saw 0 shared 0 saved 0 used 1 rate -", "Dan 1: saw 0 shared 0 saved 1 used 0 rate -"}},
				{"before", nil, &viewed, []string{"Ana 2: saw 1 shared 0 saved 0 used 0 rate -", "Dan 1: saw 0 shared 0 saved 0 used 0 rate -", "Mia 1: saw 0 shared 0 saved 0 used 0 rate -"}},
			} {
				p, _, _ := c.report(t, c.tom, insight.Filter{From: s.from, To: s.to})
				// Those without anything are in the order of their ids.
				got, want := strings.Split(p, "\n"), s.want
				if s.what == "before" || s.what == "between" {
					slices.Sort(got)
					want = slices.Sorted(slices.Values(want))
				}
				same(t, s.what, strings.Join(got, "\n"), want...)
			}
		})
	})
}

// TestReportOrder: used goes before saved, saved before shared, shared before seen; fifty rows at most.
func TestReportOrder(t *testing.T) {
	e := apptest.SQLite(t)
	k := newKit(t, e)
	tom, ben := k.add(t, "Tom", people.Trainer), k.add(t, "Ben")
	var ids []string
	for i := range 60 {
		ids = append(ids, k.film(t, k.add(t, fmt.Sprint("Author ", i)), film{moments: [][2]int64{{0, 1000}}}))
	}
	now := e.Clock.Now()
	for _, id := range ids[:58] {
		k.see(t, id, now, ben)
	}
	on := func(i int) insight.On { return insight.On{VideoID: ids[i]} }
	if _, err := k.insights.Send(t.Context(), ben, insight.Sending{On: on(30), ToPersonID: tom.PersonID}); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{20, 58} {
		if _, err := k.insights.Keep(t.Context(), ben, "", on(i)); err != nil {
			t.Fatal(err)
		}
	}
	k.use(t, on(10), ben)
	r, err := k.insights.ReportModeled(t.Context(), tom, insight.Filter{})
	if err != nil || len(r.People) != 50 || len(r.Videos) != 50 || len(r.Moments) != 50 {
		t.Fatalf("%d people, %d videos, %d moments, %v", len(r.People), len(r.Videos), len(r.Moments), err)
	}
	var got []string
	for _, v := range r.Videos[:5] {
		got = append(got, v.VideoID)
	}
	if want := []string{ids[10], ids[20], ids[58], ids[30], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// A transcript that was corrected has other moments; the old ones are listed no longer.
	k.exec(t, `UPDATE moments SET end_ms = 2000 WHERE video_id <> ?`, ids[5])
	if r, err = k.insights.ReportModeled(t.Context(), tom, insight.Filter{}); err != nil || len(r.Moments) != 1 || r.Moments[0].VideoID != ids[5] {
		t.Errorf("%+v, %v", r.Moments, err)
	}
}
