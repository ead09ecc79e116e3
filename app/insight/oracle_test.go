package insight_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// deed is what somebody did in a random world: kind 0 viewed, 1 shared, 2 saved, 3 used, 4 watched a whole
// moment.
type deed struct {
	kind       int
	person     string
	video      string
	start, end int64
	at         time.Time
}

// TestReportOracle compares the report on random worlds with counting as the definition says it, moment
// by moment and person by person.
func TestReportOracle(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		tom := k.add(t, "Tom", people.Trainer)
		now := e.Clock.Now()
		for world := range 4 {
			r := rand.New(rand.NewPCG(uint64(world), 9))
			for _, table := range []string{"views", "watched", "watched_moments", "shares", "saves", "uses", "video_audience", "moments", "videos", "team_members", "team_managers"} {
				k.exec(t, `DELETE FROM `+table)
			}
			actors := map[string]people.Actor{}
			var persons, teams []string
			for i := range 4 {
				parent := ""
				if i > 0 {
					parent = teams[r.IntN(i)]
				}
				teams = append(teams, k.team(t, ident.New(), parent))
			}
			for i := range 12 {
				a := k.add(t, fmt.Sprint("P", i))
				if r.IntN(4) > 0 {
					k.seat(t, teams[r.IntN(4)], people.AsMember, &a)
				}
				if r.IntN(3) == 0 {
					k.seat(t, teams[r.IntN(4)], people.AsManager, &a)
				}
				persons = append(persons, a.PersonID)
			}
			for _, id := range persons {
				actors[id] = k.actor(t, id)
			}
			var films []string
			var stretches [][2]int64
			for i := range int64(8) {
				stretches = append(stretches, [2]int64{i * 7000, i*7000 + 6000})
			}
			for range 14 {
				author := actors[persons[r.IntN(len(persons))]]
				films = append(films, k.film(t, author, film{audience: people.Audiences[r.IntN(3)*2], moments: stretches}))
			}
			deeds := k.deeds(t, r, 40+r.IntN(900), persons, films, stretches, now)
			from, to := now.Add(-8*day), now.Add(-2*day)
			for i, f := range []insight.Filter{{}, {From: &from}, {From: &from, To: &to}} {
				got, err := k.insights.ReportModeled(t.Context(), tom, f)
				if err != nil {
					t.Fatal(err)
				}
				want := k.naive(t, tom, actors, films, deeds, f)
				var rows []string
				for _, p := range got.People {
					rows = append(rows, "person "+p.PersonID+" "+counts(p.Counts))
				}
				for _, v := range got.Videos {
					rows = append(rows, "video "+v.VideoID+" "+counts(v.Counts))
				}
				for _, m := range got.Moments {
					rows = append(rows, fmt.Sprintf("moment %s %05d %s", m.VideoID, m.StartMS, counts(m.Counts)))
				}
				if !slices.Equal(rows, want) {
					for j := range max(len(rows), len(want)) {
						if j >= len(rows) || j >= len(want) || rows[j] != want[j] {
							t.Fatalf("world %d, filter %d, row %d of %d and %d:\n got %v\nwant %v", world, i, j, len(rows), len(want), rows[min(j, len(rows)):min(j+1, len(rows))], want[min(j, len(want)):min(j+1, len(want))])
						}
					}
				}
			}
		}
	})
}

// deeds makes up what people did, and writes it.
func (k *kit) deeds(t *testing.T, r *rand.Rand, n int, persons, films []string, stretches [][2]int64, now time.Time) []deed {
	t.Helper()
	var out []deed
	once := map[string]bool{}
	viewed := map[string]bool{}
	type statement struct {
		query string
		args  []any
	}
	var todo []statement
	write := func(query string, args ...any) { todo = append(todo, statement{query, args}) }
	for range n {
		s := stretches[r.IntN(len(stretches))]
		d := deed{r.IntN(5), persons[r.IntN(len(persons))], films[r.IntN(len(films))], s[0], s[1], now.Add(-time.Duration(r.IntN(10*24)) * time.Hour)}
		key := fmt.Sprint(d.kind, d.person, d.video, d.start)
		if d.kind == 0 {
			key = fmt.Sprint(d.person, d.video, d.at)
		}
		if once[key] {
			continue
		}
		once[key] = true
		out = append(out, d)
		switch d.kind {
		case 0:
			write(`INSERT INTO views (video_id, person_id, at) VALUES (?, ?, ?)`, d.video, d.person, d.at)
			if !viewed[d.person+d.video] {
				write(`INSERT INTO watched (video_id, person_id, ranges, unique_ms, views, first_at, last_at, view_played_ms) VALUES (?, ?, ?, 0, 1, ?, ?, 0)`, d.video, d.person, []byte{}, d.at, d.at)
			}
			viewed[d.person+d.video] = true
		case 1:
			write(`INSERT INTO shares (id, person_id, video_id, start_ms, end_ms, message, created_at) VALUES (?, ?, ?, ?, ?, '', ?)`, ident.New(), d.person, d.video, d.start, d.end, d.at)
		case 2:
			write(`INSERT INTO saves (id, person_id, video_id, start_ms, end_ms, created_at) VALUES (?, ?, ?, ?, ?, ?)`, ident.New(), d.person, d.video, d.start, d.end, d.at)
		case 3:
			write(`INSERT INTO uses (id, person_id, video_id, start_ms, end_ms, after_view, comment, created_at) VALUES (?, ?, ?, ?, ?, ?, '', ?)`, ident.New(), d.person, d.video, d.start, d.end, true, d.at)
		case 4:
			write(`INSERT INTO watched_moments (video_id, person_id, start_ms, end_ms, at) VALUES (?, ?, ?, ?, ?)`, d.video, d.person, d.start, d.end, d.at)
		}
	}
	err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		for _, st := range todo {
			if err := tx.Gorm().Exec(st.query, st.args...).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// naive counts by the definition.
func (k *kit) naive(t *testing.T, asker people.Actor, actors map[string]people.Actor, films []string, deeds []deed, f insight.Filter) []string {
	t.Helper()
	type group struct {
		name string
		who  [4]map[string]bool
		n    insight.Counts
	}
	authors, videos, moments := map[string]*group{}, map[string]*group{}, map[string]*group{}
	add := func(in map[string]*group, name string, kind int, person string) {
		g := in[name]
		if g == nil {
			g = &group{name: name, who: [4]map[string]bool{{}, {}, {}, {}}}
			in[name] = g
		}
		if kind >= 0 {
			g.who[kind][person] = true
		}
	}
	facts := map[string]video.Video{}
	for _, id := range films {
		v, _, _, err := k.videos.ForSearch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		facts[id] = v
		if v.Audience != people.Private {
			add(authors, "person "+v.AuthorID, -1, "")
		}
	}
	places := map[string]people.Place{}
	for id := range actors {
		places[id] = people.Place{PersonID: id, MemberOf: read[string](t, k, `SELECT team_id FROM team_members WHERE person_id = ?`, id),
			AboveManaged: read[string](t, k, `SELECT t.parent_id FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE m.person_id = ? AND t.parent_id IS NOT NULL`, id)}
	}
	for _, d := range deeds {
		v := facts[d.video]
		if v.Audience == people.Private || actors[d.person].InLine(places[v.AuthorID]) || f.From != nil && d.at.Before(*f.From) || f.To != nil && !d.at.Before(*f.To) {
			continue
		}
		sees := video.Can(asker, video.View, v)
		if d.kind < 4 {
			add(authors, "person "+v.AuthorID, d.kind, d.person)
			if sees {
				add(videos, "video "+d.video, d.kind, d.person)
			}
		}
		if d.kind > 0 && sees {
			add(moments, fmt.Sprintf("moment %s %05d", d.video, d.start), d.kind%4, d.person)
		}
	}
	var out []string
	for _, in := range []map[string]*group{authors, videos, moments} {
		var all []*group
		for _, g := range in {
			g.n = insight.Counts{Saw: len(g.who[0]), Shared: len(g.who[1]), Saved: len(g.who[2]), Used: len(g.who[3])}
			both := 0
			for p := range g.who[3] {
				if g.who[0][p] {
					both++
				}
			}
			if g.n.Saw >= 5 {
				g.n.UsedRate.Shown, g.n.UsedRate.Value = true, float64(both)/float64(g.n.Saw)
			}
			all = append(all, g)
		}
		slices.SortFunc(all, func(a, b *group) int {
			return cmp.Or(b.n.Used-a.n.Used, b.n.Saved-a.n.Saved, b.n.Shared-a.n.Shared, b.n.Saw-a.n.Saw, cmp.Compare(a.name, b.name))
		})
		for _, g := range all[:min(50, len(all))] {
			out = append(out, g.name+" "+counts(g.n))
		}
	}
	return out
}
