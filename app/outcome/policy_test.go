package outcome_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestCan(t *testing.T) {
	for role, want := range map[people.Role]string{people.Rep: "000", people.Manager: "000", people.Trainer: "111", people.Admin: "111", "": "000"} {
		a, got := people.Actor{PersonID: "p", Roles: []people.Role{role}}, ""
		for _, action := range []outcome.Action{outcome.ImportDeals, outcome.PutDeal, outcome.ReadDeal} {
			if outcome.Can(a, action, outcome.Standing{}) {
				got += "1"
			} else {
				got += "0"
			}
		}
		if got != want || outcome.Can(a, "deals.delete", outcome.Standing{}) {
			t.Errorf("%s: %s, want %s", role, got, want)
		}
	}
	if outcome.Can(people.Actor{Reach: people.ReachOf(people.Place{}, nil)}, outcome.ReadDeal, outcome.Standing{}) {
		t.Error("nobody reads what nobody owns")
	}
}

// TestCanAndListAgree proves on random worlds that the policy, the list and a single read say the
// same, and that both are the rule in words: one's own, and those of the people in teams one manages
// or manages from above.
func TestCanAndListAgree(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		random := rand.New(rand.NewPCG(3, 4))
		var teams []people.Team
		parent := map[string]string{}
		for range 6 {
			var up *string
			if n := random.IntN(len(teams) + 1); n < len(teams) {
				up = &teams[n].ID
			}
			team, err := k.people.AddTeam(t.Context(), people.System(), "T", up)
			if err != nil {
				t.Fatal(err)
			}
			if up != nil {
				parent[team.ID] = *up
			}
			teams = append(teams, team)
		}
		var persons []string
		for i, role := range []people.Role{people.Rep, people.Rep, people.Manager, people.Manager, people.Rep, people.Trainer, people.Admin} {
			persons = append(persons, k.add(t, fmt.Sprintf("P%d", i), role).PersonID)
		}
		owners := map[string]string{}
		for i := range 20 {
			n, ref := random.IntN(len(persons)+1), ""
			if n < len(persons) {
				ref = fmt.Sprintf("p%d@example.com", n)
			}
			d := k.put(t, fmt.Sprint(i), outcome.DealInput{Owner: ref})
			owners[d.ID] = ""
			if d.OwnerID != nil {
				owners[d.ID] = *d.OwnerID
			}
		}
		members, manages := map[[2]string]bool{}, map[[2]string]bool{}
		under := func(team, top string) bool { // team is top, or stands below it
			for ; team != ""; team = parent[team] {
				if team == top {
					return true
				}
			}
			return false
		}
		for round := range 5 {
			for range 8 {
				p, team := persons[random.IntN(len(persons))], teams[random.IntN(len(teams))].ID
				seat, held := people.AsMember, members
				if random.IntN(2) == 0 {
					seat, held = people.AsManager, manages
				}
				change := k.people.Place
				if held[[2]string{p, team}] {
					change = k.people.Unplace
				}
				held[[2]string{p, team}] = !held[[2]string{p, team}]
				if err := change(t.Context(), people.System(), team, p, seat); err != nil {
					t.Fatal(err)
				}
			}
			for _, v := range persons {
				a := k.actor(t, v)
				listed, err := k.deals.List(t.Context(), a, outcome.Filter{Limit: 200})
				if err != nil {
					t.Fatal(err)
				}
				for id, owner := range owners {
					want := owner == v || a.Has(people.Trainer) || a.Has(people.Admin)
					for _, top := range teams {
						for _, team := range teams {
							if manages[[2]string{v, top.ID}] && under(team.ID, top.ID) &&
								(members[[2]string{owner, team.ID}] || team.ID != top.ID && manages[[2]string{owner, team.ID}]) {
								want = true
							}
						}
					}
					standing := outcome.Standing{OwnerID: owner}
					if err := e.DB.Tx(t.Context(), func(tx *db.Tx) (err error) {
						standing.Place, err = k.people.PlaceTx(tx, owner)
						return err
					}); err != nil {
						t.Fatal(err)
					}
					can := outcome.Can(a, outcome.ReadDeal, standing)
					inList := slices.ContainsFunc(listed, func(d outcome.Deal) bool { return d.ID == id })
					_, err := k.deals.Get(t.Context(), a, id)
					if can != want || inList != want || (err == nil) != want {
						t.Fatalf("round %d, %s reads a deal of %q: policy %v, list %v, get %v, want %v", round, v, owner, can, inList, err, want)
					}
				}
			}
		}
	})
}
