package people_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// world is a company by its relations alone: who is in and who manages which team, and which team
// stands directly below which. The definitions below read like the sentences of the documentation and
// share nothing with the keys they check.
type world struct {
	teams, persons   []string
	parent           map[string]string // child to parent; absent at the top
	members, manages map[[2]string]bool
}

func (w world) member(p, t string) bool  { return w.members[[2]string{p, t}] }
func (w world) manager(p, t string) bool { return w.manages[[2]string{p, t}] }

// above says whether team a stands above team t, at any distance.
func (w world) above(a, t string) bool {
	for up, ok := w.parent[t]; ok; up, ok = w.parent[up] {
		if up == a {
			return true
		}
	}
	return false
}

func (w world) some(holds func(team string) bool) bool { return slices.ContainsFunc(w.teams, holds) }

// inCharge: v manages the team or one above it.
func (w world) inCharge(v, team string) bool {
	return w.some(func(t string) bool { return w.manager(v, t) && (t == team || w.above(t, team)) })
}

// inLine: v manages a team the author is directly in, or one above it; for an author who manages a
// team, v manages one above that.
func (w world) inLine(v, author string) bool {
	return w.some(func(t string) bool {
		return w.member(author, t) && w.inCharge(v, t) ||
			w.manager(author, t) && w.some(func(a string) bool { return w.above(a, t) && w.manager(v, a) })
	})
}

// around: v is a member or manager of the team or of one below it, or manages one above it.
func (w world) around(v, team string) bool {
	return w.some(func(t string) bool {
		return (w.member(v, t) || w.manager(v, t)) && (t == team || w.above(team, t)) || w.manager(v, t) && w.above(t, team)
	})
}

// sees is the rule of the design, sentence by sentence.
func (w world) sees(v, author string, a people.Audience, named []string) bool {
	if v == author || a == people.Everyone {
		return true
	}
	switch a {
	case people.Line:
		return w.inLine(v, author)
	case people.MyTeam:
		return w.inLine(v, author) || w.some(func(t string) bool { return (w.member(author, t) || w.manager(author, t)) && w.around(v, t) })
	case people.Teams:
		return w.inLine(v, author) || slices.ContainsFunc(named, func(t string) bool { return w.around(v, t) })
	}
	return false // private
}

func (w world) place(p string) people.Place {
	place := people.Place{PersonID: p}
	for _, t := range w.teams {
		if w.member(p, t) {
			place.MemberOf = append(place.MemberOf, t)
		}
		if w.manager(p, t) {
			place.Manages = append(place.Manages, t)
			if up, ok := w.parent[t]; ok {
				place.AboveManaged = append(place.AboveManaged, up)
			}
		}
	}
	return place
}

func (w world) actor(p string) people.Actor {
	tree := map[string]string{}
	for _, t := range w.teams {
		tree[t] = w.parent[t]
	}
	return people.Actor{PersonID: p, Reach: people.ReachOf(w.place(p), tree)}
}

// TestVisibilityKeys proves on random worlds that sharing a key and the rule in words are the same.
func TestVisibilityKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world{parent: map[string]string{}, members: map[[2]string]bool{}, manages: map[[2]string]bool{}}
		for i := range rapid.IntRange(0, 7).Draw(t, "teams") {
			id := fmt.Sprintf("t%d", i)
			if up := rapid.IntRange(-1, i-1).Draw(t, "parent"); up >= 0 {
				w.parent[id] = w.teams[up]
			}
			w.teams = append(w.teams, id)
		}
		for i := range rapid.IntRange(1, 5).Draw(t, "persons") {
			w.persons = append(w.persons, fmt.Sprintf("p%d", i))
		}
		for _, p := range w.persons {
			for _, team := range w.teams {
				switch rapid.IntRange(0, 9).Draw(t, "seat") {
				case 0, 1:
					w.members[[2]string{p, team}] = true
				case 2:
					w.manages[[2]string{p, team}] = true
				case 3:
					w.members[[2]string{p, team}], w.manages[[2]string{p, team}] = true, true
				}
			}
		}
		named := []string{}
		if len(w.teams) > 0 {
			named = rapid.SliceOfN(rapid.SampledFrom(w.teams), 0, 3).Draw(t, "named")
		}
		for _, author := range w.persons {
			for _, a := range people.Audiences {
				keys := people.AudienceKeys(a, w.place(author), named)
				for _, v := range w.persons {
					if got, want := w.actor(v).Sees(keys), w.sees(v, author, a, named); got != want {
						t.Fatalf("%s of %s for %s (named %v): keys say %v, the rule %v\n%+v", a, author, v, named, got, want, w)
					}
				}
			}
		}
		for _, v := range w.persons {
			for _, team := range w.teams {
				if got, want := w.actor(v).ManagesTeam(team), w.inCharge(v, team); got != want {
					t.Fatalf("%s manages %s: %v, want %v\n%+v", v, team, got, want, w)
				}
			}
		}
	})
}

// TestVisibilityInDatabase proves the same of worlds that were built by the use cases, read back as
// places and reaches, and then changed.
func TestVisibilityInDatabase(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		random := rand.New(rand.NewPCG(1, 2))
		w := world{parent: map[string]string{}, members: map[[2]string]bool{}, manages: map[[2]string]bool{}}
		for range 6 {
			var above *people.Team
			if n := random.IntN(len(w.teams) + 1); n < len(w.teams) {
				above = &people.Team{ID: w.teams[n]}
			}
			team := addTeam(t, d, "T", above)
			if above != nil {
				w.parent[team.ID] = above.ID
			}
			w.teams = append(w.teams, team.ID)
		}
		for i := range 5 {
			w.persons = append(w.persons, add(t, d, fmt.Sprintf("P%d", i), people.Rep).ID)
		}
		for round := range 6 {
			for range 8 { // seats change
				p, team := w.persons[random.IntN(len(w.persons))], w.teams[random.IntN(len(w.teams))]
				seat, held := people.AsMember, w.members
				if random.IntN(2) == 0 {
					seat, held = people.AsManager, w.manages
				}
				change := d.Place
				if at := [2]string{p, team}; held[at] {
					change = d.Unplace
					delete(held, at)
				} else {
					held[at] = true
				}
				if err := change(t.Context(), people.System(), team, p, seat); err != nil {
					t.Fatal(err)
				}
			}
			team := w.teams[random.IntN(len(w.teams))] // a team moves
			if below := w.teams[random.IntN(len(w.teams))]; below != team && !w.above(team, below) {
				if _, err := d.ChangeTeam(t.Context(), people.System(), team, nil, true, &below); err != nil {
					t.Fatal(err)
				}
				w.parent[team] = below
			} else {
				if _, err := d.ChangeTeam(t.Context(), people.System(), team, nil, true, nil); err != nil {
					t.Fatal(err)
				}
				delete(w.parent, team)
			}
			agree(t, e, d, w, round)
		}
	})
}

func agree(t *testing.T, e *apptest.Env, d *people.Directory, w world, round int) {
	t.Helper()
	actors := map[string]people.Actor{}
	places := map[string]people.Place{}
	for _, p := range w.persons {
		actors[p] = actorOf(t, d, p)
		if err := e.DB.Tx(context.Background(), func(tx *db.Tx) (err error) {
			places[p], err = d.PlaceTx(tx, p)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range w.persons {
		condition, args := actors[v].InLineSQL("persons.id")
		var listed []string
		if err := e.DB.Read(t.Context()).Raw(`SELECT id FROM persons WHERE `+condition, args...).Scan(&listed).Error; err != nil {
			t.Fatal(err)
		}
		for _, p := range w.persons {
			want := p == v || w.inLine(v, p)
			if got, list := actors[v].InLine(places[p]), slices.Contains(listed, p); got != want || list != want {
				t.Fatalf("round %d: %s in the line of %s: %v, in SQL %v, the rule %v\n%+v", round, v, p, got, list, want, w)
			}
		}
	}
	named := w.teams[:2]
	for _, author := range w.persons {
		for _, a := range people.Audiences {
			keys := people.AudienceKeys(a, places[author], named)
			for _, v := range w.persons {
				if got, want := actors[v].Sees(keys), w.sees(v, author, a, named); got != want {
					t.Fatalf("round %d: %s of %s for %s: keys say %v, the rule %v\n%+v", round, a, author, v, got, want, w)
				}
			}
		}
	}
}

func TestCan(t *testing.T) {
	actions := []people.Action{people.ReadDirectory, people.EditDirectory, people.ReadEmails, people.ReadJobs, "unknown"}
	for role, want := range map[people.Role]string{people.Rep: "10000", people.Manager: "10100", people.Trainer: "10100", people.Admin: "11110", "": "10000"} {
		got := ""
		for _, action := range actions {
			if people.Can(people.Actor{Roles: []people.Role{role}}, action) {
				got += "1"
			} else {
				got += "0"
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", role, got, want)
		}
	}
	if people.System().Sees([]string{"e", "p:", "t:", "l:"}) {
		t.Error("the system sees videos")
	}
}
