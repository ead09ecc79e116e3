// Package peopletest makes the people and teams of a test's company. Imported by tests only.
package peopletest

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// Company writes through a directory, as the system; what cannot be made ends the test.
type Company struct{ People *people.Directory }

// Add makes a person with an address of their own, whose time zone is UTC where it is empty, and gives them as
// they are in no team.
func (c Company) Add(t testing.TB, name, zone string, roles ...people.Role) people.Actor {
	t.Helper()
	p, err := c.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: name, Roles: roles, TimeZone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return c.Actor(t, p.ID)
}

// Actor gives a person as they are now, with the teams they are in.
func (c Company) Actor(t testing.TB, id string) people.Actor {
	t.Helper()
	a, err := c.People.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Team makes a team below another, or below none for nil, and gives its id.
func (c Company) Team(t testing.TB, name string, parent *string) string {
	t.Helper()
	team, err := c.People.AddTeam(t.Context(), people.System(), name, parent)
	if err != nil {
		t.Fatal(err)
	}
	return team.ID
}

// Place puts a person into a team; an Actor made before does not know of it.
func (c Company) Place(t testing.TB, team string, who people.Actor, seat people.Seat) {
	t.Helper()
	if err := c.People.Place(t.Context(), people.System(), team, who.PersonID, seat); err != nil {
		t.Fatal(err)
	}
}
