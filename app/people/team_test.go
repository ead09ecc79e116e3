package people_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

func addTeam(t testing.TB, d *people.Directory, name string, parent *people.Team) people.Team {
	t.Helper()
	var above *string
	if parent != nil {
		above = &parent.ID
	}
	team, err := d.AddTeam(t.Context(), people.System(), name, above)
	if err != nil {
		t.Fatal(err)
	}
	return team
}

func place(t testing.TB, d *people.Directory, team people.Team, p people.Person, seat people.Seat) {
	t.Helper()
	if err := d.Place(t.Context(), people.System(), team.ID, p.ID, seat); err != nil {
		t.Fatal(err)
	}
}

func TestTeamTree(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		move := func(team people.Team, below *people.Team) error {
			var parent *string
			if below != nil {
				parent = &below.ID
			}
			_, err := d.ChangeTeam(t.Context(), people.System(), team.ID, nil, true, parent)
			return err
		}
		a := addTeam(t, d, "A", nil)
		b := addTeam(t, d, "B", &a)
		c := addTeam(t, d, "C", &b)
		wantCode(t, move(a, &a), "team_ring")
		wantCode(t, move(a, &c), "team_ring")
		wantCode(t, move(a, &people.Team{ID: "nowhere"}), "team_not_found")
		wantCode(t, move(people.Team{ID: "\x00"}, &a), "team_not_found")
		wantCode(t, move(c, &a), "")
		wantCode(t, move(b, &c), "")
		tree, err := d.TeamTree(t.Context())
		if err != nil || tree[a.ID] != "" || tree[c.ID] != a.ID || tree[b.ID] != c.ID || len(tree) != 3 {
			t.Fatalf("%v, %v", tree, err)
		}
		wantCode(t, d.RemoveTeam(t.Context(), people.System(), c.ID), "team_has_teams")
		wantCode(t, move(b, nil), "")
		wantCode(t, d.RemoveTeam(t.Context(), people.System(), c.ID), "")
		wantCode(t, d.RemoveTeam(t.Context(), people.System(), c.ID), "team_not_found")
		name := " Bees "
		got, err := d.ChangeTeam(t.Context(), people.System(), b.ID, &name, false, nil)
		if err != nil || got.Name != "Bees" || got.ParentID != nil {
			t.Fatalf("%+v, %v", got, err)
		}
		bad := ""
		_, err = d.ChangeTeam(t.Context(), people.System(), b.ID, &bad, false, nil)
		wantCode(t, err, "required")
		ana := actorOf(t, d, add(t, d, "Ana", people.Rep, people.Manager, people.Trainer).ID)
		_, err = d.AddTeam(t.Context(), ana, "X", nil)
		wantCode(t, err, "forbidden")
		_, err = d.ChangeTeam(t.Context(), ana, b.ID, &name, false, nil)
		wantCode(t, err, "forbidden")
		wantCode(t, d.RemoveTeam(t.Context(), ana, b.ID), "forbidden")
		wantCode(t, d.Place(t.Context(), ana, b.ID, ana.PersonID, people.AsManager), "forbidden")
		wantCode(t, d.Unplace(t.Context(), ana, b.ID, ana.PersonID, people.AsManager), "forbidden")
	})
}

func TestTeamDepth(t *testing.T) {
	e := apptest.SQLite(t)
	d := people.NewDirectory(e.DB)
	chain := func(n int) (top, bottom people.Team) {
		for i := range n {
			if i == 0 {
				top = addTeam(t, d, "T", nil)
				bottom = top
			} else {
				bottom = addTeam(t, d, "T", &bottom)
			}
		}
		return top, bottom
	}
	_, bottom := chain(20)
	_, err := d.AddTeam(t.Context(), people.System(), "21", &bottom.ID)
	wantCode(t, err, "team_too_deep")
	_, ten := chain(10)
	eleven, _ := chain(11)
	_, err = d.ChangeTeam(t.Context(), people.System(), eleven.ID, nil, true, &ten.ID)
	wantCode(t, err, "team_too_deep")
	other, _ := chain(10)
	_, err = d.ChangeTeam(t.Context(), people.System(), other.ID, nil, true, &ten.ID)
	wantCode(t, err, "")
}

// TestRingRace moves two teams below each other at the same moment: one must be refused.
func TestRingRace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		for range 5 {
			a, b := addTeam(t, d, "A", nil), addTeam(t, d, "B", nil)
			errs := make([]error, 2)
			var both sync.WaitGroup
			both.Go(func() {
				_, errs[0] = d.ChangeTeam(context.Background(), people.System(), a.ID, nil, true, &b.ID)
			})
			both.Go(func() {
				_, errs[1] = d.ChangeTeam(context.Background(), people.System(), b.ID, nil, true, &a.ID)
			})
			both.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("both moved, or neither: %v", errs)
			}
			wantCode(t, errors.Join(errs...), "team_ring")
		}
	})
}

func TestSeats(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		team := addTeam(t, d, "A", nil)
		ana, bob := add(t, d, "Ana", people.Rep), add(t, d, "Bob", people.Rep)
		for range 2 {
			place(t, d, team, ana, people.AsMember)
			place(t, d, team, bob, people.AsManager)
		}
		list, err := d.ListTeams(t.Context(), people.System())
		if err != nil || len(list) != 1 || !slices.Equal(list[0].Members, []string{ana.ID}) || !slices.Equal(list[0].Managers, []string{bob.ID}) {
			t.Fatalf("%+v, %v", list, err)
		}
		for _, c := range []struct {
			team, person string
			seat         people.Seat
			code         string
		}{{"x", ana.ID, people.AsMember, "team_not_found"}, {team.ID, "x", people.AsMember, "person_not_found"}, {team.ID, "\x00", people.AsMember, "person_not_found"},
			{team.ID, ana.ID, "owners", "seat_unknown"}} {
			wantCode(t, d.Place(t.Context(), people.System(), c.team, c.person, c.seat), c.code)
			wantCode(t, d.Unplace(t.Context(), people.System(), c.team, c.person, c.seat), c.code)
		}
		for range 2 {
			wantCode(t, d.Unplace(t.Context(), people.System(), team.ID, ana.ID, people.AsMember), "")
		}
		if list, _ = d.ListTeams(t.Context(), people.System()); len(list[0].Members) != 0 || len(list[0].Managers) != 1 {
			t.Fatalf("%+v", list)
		}
	})
}

func TestTxChecks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		a := addTeam(t, d, "A", nil)
		ana, left := add(t, d, "Ana", people.Rep), add(t, d, "Bob", people.Rep)
		no := false
		if _, err := d.ChangePerson(t.Context(), people.System(), left.ID, people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			wantCode(t, d.CheckTeamsTx(tx, "team_ids", nil), "")
			wantCode(t, d.CheckTeamsTx(tx, "team_ids", []string{a.ID}), "")
			wantCode(t, d.CheckTeamsTx(tx, "team_ids", []string{a.ID, a.ID}), "")
			wantCode(t, d.CheckTeamsTx(tx, "team_ids", []string{a.ID, "x"}), "team_not_found")
			wantCode(t, d.CheckTeamsTx(tx, "team_ids", []string{"\x00"}), "team_not_found")
			wantCode(t, d.CheckPersonTx(tx, "to", ana.ID), "")
			wantCode(t, d.CheckPersonTx(tx, "to", left.ID), "person_not_found")
			wantCode(t, d.CheckPersonTx(tx, "to", "\xff"), "person_not_found")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestOnMoved proves who is reported as moved: those whose videos' audiences can alter.
func TestOnMoved(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		var moved []string
		told := false
		d.OnMoved = func(_ context.Context, tx *db.Tx, ids []string) error {
			told = true
			moved = slices.Clone(ids)
			slices.Sort(moved)
			for _, id := range ids { // the tree as it is after the change can be read here
				if _, err := d.PlaceTx(tx, id); err != nil {
					return err
				}
			}
			return nil
		}
		top, other := addTeam(t, d, "Top", nil), addTeam(t, d, "Other", nil)
		sub := addTeam(t, d, "Sub", &top)
		boss, lead, ana, bob := add(t, d, "Boss", people.Manager), add(t, d, "Lead", people.Manager), add(t, d, "Ana", people.Rep), add(t, d, "Bob", people.Rep)
		place(t, d, top, boss, people.AsManager)
		place(t, d, sub, lead, people.AsManager)
		place(t, d, sub, ana, people.AsMember)
		place(t, d, other, bob, people.AsMember)
		name := "Renamed"
		cases := []struct {
			what string
			do   func() error
			want []people.Person
		}{
			{"place", func() error { return d.Place(t.Context(), people.System(), top.ID, bob.ID, people.AsMember) }, []people.Person{bob}},
			{"take out", func() error { return d.Unplace(t.Context(), people.System(), top.ID, bob.ID, people.AsMember) }, []people.Person{bob}},
			{"move", func() error {
				_, err := d.ChangeTeam(t.Context(), people.System(), sub.ID, nil, true, &other.ID)
				return err
			}, []people.Person{lead, ana}},
			{"rename", func() error {
				_, err := d.ChangeTeam(t.Context(), people.System(), sub.ID, &name, false, nil)
				return err
			}, nil},
			{"remove", func() error { return d.RemoveTeam(t.Context(), people.System(), sub.ID) }, []people.Person{lead, ana}},
			{"refused", func() error {
				if err := d.RemoveTeam(t.Context(), people.System(), "x"); err == nil {
					return errors.New("removed nothing")
				}
				return nil
			}, nil},
		}
		for _, c := range cases {
			moved, told = nil, false
			if err := c.do(); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			var want []string
			for _, p := range c.want {
				want = append(want, p.ID)
			}
			slices.Sort(want)
			if !slices.Equal(moved, want) || told != (c.want != nil) {
				t.Errorf("%s: told of %v, want %v", c.what, moved, want)
			}
		}
		// When the audiences cannot be worked out anew, the move does not happen.
		boom := errors.New("boom")
		d.OnMoved = func(context.Context, *db.Tx, []string) error { return boom }
		if err := d.Place(t.Context(), people.System(), top.ID, bob.ID, people.AsMember); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if a := actorOf(t, d, bob.ID); slices.Contains(a.Reach.MemberOf, top.ID) {
			t.Fatal("the failed move was kept")
		}
	})
}

// TestReachCache proves that what a node remembers of somebody's reach ends with each change, on
// that node and on every other.
func TestReachCache(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		here, there := people.NewDirectory(e.DB), people.NewDirectory(e.DB)
		top := addTeam(t, here, "Top", nil)
		sub := addTeam(t, here, "Sub", &top)
		other := addTeam(t, here, "Other", nil)
		boss, ana := add(t, here, "Boss", people.Manager), add(t, here, "Ana", people.Rep)
		place(t, here, sub, ana, people.AsMember)
		sees := func() string {
			out := ""
			for _, node := range []*people.Directory{here, there, here} {
				a := actorOf(t, node, boss.ID)
				var p people.Place
				if err := e.DB.Tx(t.Context(), func(tx *db.Tx) (err error) {
					p, err = node.PlaceTx(tx, ana.ID)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				out += fmt.Sprintf("%v,%v ", a.Sees(people.AudienceKeys(people.Line, p, nil)), a.ManagesTeam(sub.ID))
			}
			return out
		}
		const yes, none = "true,true true,true true,true ", "false,false false,false false,false "
		check := func(what string, err error, want string) {
			t.Helper()
			if got := sees(); err != nil || got != want {
				t.Fatalf("%s: %q, want %q (%v)", what, got, want, err)
			}
		}
		check("at first", nil, none)
		check("made manager", there.Place(t.Context(), people.System(), top.ID, boss.ID, people.AsManager), yes)
		_, err := here.ChangeTeam(t.Context(), people.System(), sub.ID, nil, true, &other.ID)
		check("team moved away", err, none)
		_, err = there.ChangeTeam(t.Context(), people.System(), sub.ID, nil, true, &top.ID)
		check("team moved back", err, yes)
		check("no longer manager", here.Unplace(t.Context(), people.System(), top.ID, boss.ID, people.AsManager), none)
	})
}
