package people_test

import (
	"fmt"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestFollow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ana, bob, cem := add(t, d, "Ana", people.Rep), add(t, d, "Bob", people.Rep), add(t, d, "Cem", people.Trainer)
		a, ada := actorOf(t, d, ana.ID), actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		following := func(who people.Actor) string {
			t.Helper()
			ps, err := d.ListFollowing(t.Context(), who, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			out := ""
			for _, p := range ps {
				if !p.Following {
					t.Errorf("%s is followed and does not say so", p.Name)
				}
				if p.Email != "" {
					t.Errorf("a rep sees the address of %s", p.Name)
				}
				out += p.Name + " "
			}
			return out
		}
		for range 2 { // twice changes nothing
			for _, id := range []string{bob.ID, cem.ID} {
				if err := d.Follow(t.Context(), a, id); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := following(a); got != "Bob Cem " {
			t.Fatalf("follows %q", got)
		}
		if page, err := d.ListFollowing(t.Context(), a, bob.ID, 1); err != nil || len(page) != 1 || page[0].ID != cem.ID {
			t.Fatalf("second page: %+v, %v", page, err)
		}
		p, err := d.PersonByID(t.Context(), a, bob.ID)
		back, err2 := d.PersonByID(t.Context(), actorOf(t, d, bob.ID), ana.ID)
		if err != nil || err2 != nil || !p.Following || back.Following {
			t.Errorf("one way only: %+v, %+v", p, back)
		}
		all, err := d.ListPersons(t.Context(), a, "", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]bool{}
		for _, p := range all {
			said[p.Name] = p.Following
		}
		if fmt.Sprint(said) != "map[Ada:false Ana:false Bob:true Cem:true]" {
			t.Errorf("%v", said)
		}
		wantCode(t, d.Follow(t.Context(), a, a.PersonID), "follow_self")
		for _, id := range []string{"", "nobody", "\xff\x00"} {
			wantCode(t, d.Follow(t.Context(), a, id), "person_not_found")
			wantCode(t, d.Unfollow(t.Context(), a, id), "person_not_found")
		}
		if err := d.Follow(t.Context(), ada, bob.ID); err != nil {
			t.Fatal(err)
		}
		name := "Bobby"
		if p, err := d.ChangePerson(t.Context(), ada, bob.ID, people.PersonChange{Name: &name}); err != nil || !p.Following {
			t.Errorf("%+v, %v", p, err)
		}
		no := false
		if _, err := d.ChangePerson(t.Context(), ada, bob.ID, people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		if got := following(a); got != "Cem " {
			t.Errorf("follows %q: who left is among them", got)
		}
		wantCode(t, d.Follow(t.Context(), ada, bob.ID), "person_not_found")
		wantCode(t, d.Unfollow(t.Context(), a, bob.ID), "") // one may forget who left
		for range 2 {
			if err := d.Unfollow(t.Context(), a, cem.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := following(a); got != "" {
			t.Errorf("follows %q", got)
		}
	})
}
