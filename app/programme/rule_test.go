package programme

import (
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Europe has North and South below it; North has Oslo.
func someTree() tree {
	return tree{map[string]string{"europe": "", "north": "europe", "south": "europe", "oslo": "north"}}
}

func TestRules(t *testing.T) {
	opened := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(days float64) time.Time { return opened.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	// Joined the company 400 days before the opening, Oslo 20 days before, and manages South since 5 days before.
	ana := Subject{ID: "ana", Active: true, Since: ago(400), Zone: time.UTC,
		Roles: map[people.Role]time.Time{people.Rep: ago(400), people.Manager: ago(6)},
		Seats: []Seat{{TeamID: "oslo", Since: ago(20)}, {TeamID: "south", Manages: true, Since: ago(5)}}}
	for _, c := range []struct {
		name string
		rule Rule
		want bool
	}{
		{"everybody", Rule{}, true},
		{"herself", Rule{PersonID: "ana"}, true},
		{"somebody else", Rule{PersonID: "ben"}, false},
		{"a role she has", Rule{Role: people.Rep}, true},
		{"a role she has not", Rule{Role: people.Trainer}, false},
		{"her team", Rule{TeamID: "oslo"}, true},
		{"a team above hers", Rule{TeamID: "europe"}, true},
		{"another team", Rule{TeamID: "south"}, false},
		{"no team at all", Rule{TeamID: "gone"}, false},
		{"reps of her team", Rule{TeamID: "north", Role: people.Rep}, true},
		{"managers of the team she manages", Rule{TeamID: "south", Role: people.Manager}, true},
		{"trainers of her team", Rule{TeamID: "north", Role: people.Trainer}, false},
		{"new in the company", Rule{NewWithinDays: 30}, false},
		{"in the company for 400 days", Rule{NewWithinDays: 400}, true},
		{"new in the team", Rule{TeamID: "north", NewWithinDays: 20}, true},
		{"not so new in the team", Rule{TeamID: "north", NewWithinDays: 19}, false},
		{"new as a manager", Rule{Role: people.Manager, NewWithinDays: 6}, true},
		{"not so new as a manager", Rule{Role: people.Manager, NewWithinDays: 5}, false},
		{"a rep for long, but new in the team", Rule{Role: people.Rep, TeamID: "oslo", NewWithinDays: 30}, true},
	} {
		if got := c.rule.holds(ana, someTree(), opened); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	gone := ana
	gone.Active = false
	if (Rule{}).holds(gone, someTree(), opened) || (Rule{PersonID: "ana"}).holds(gone, someTree(), opened) {
		t.Error("a rule holds of somebody who has left")
	}
	if takesPart(nil, ana, someTree(), opened) {
		t.Error("somebody takes part without a rule")
	}
	if !takesPart([]Rule{{PersonID: "ben"}, {Role: people.Rep}}, ana, someTree(), opened) {
		t.Error("one rule is not enough")
	}
	// A ring in the tree, which the directory refuses, ends the walk all the same.
	if (tree{map[string]string{"a": "b", "b": "a"}}).within("a", "c") {
		t.Error("c is above a")
	}
}

func TestDueAt(t *testing.T) {
	for _, c := range []struct {
		name, zone, start string
		due               Due
		want              string
	}{
		{"never", "UTC", "2026-03-02T09:00:00Z", Due{Kind: NoDue}, ""},
		{"a date in Tokyo ends before it does in London", "Asia/Tokyo", "2026-03-02T09:00:00Z", Due{Kind: DueDate, Date: "2026-03-31"}, "2026-03-31T14:59:59Z"},
		{"a date in London, in summer time", "Europe/London", "2026-03-02T09:00:00Z", Due{Kind: DueDate, Date: "2026-03-31"}, "2026-03-31T22:59:59Z"},
		{"a date in New York", "America/New_York", "2026-03-02T09:00:00Z", Due{Kind: DueDate, Date: "2026-03-31"}, "2026-04-01T03:59:59Z"},
		{"the very day", "Asia/Tokyo", "2026-03-31T14:00:00Z", Due{Kind: DueDate, Date: "2026-03-31"}, "2026-03-31T14:59:59Z"},
		{"who starts later has no time", "Asia/Tokyo", "2026-03-31T15:00:00Z", Due{Kind: DueDate, Date: "2026-03-31"}, ""},
		{"days after the start", "UTC", "2026-03-02T09:00:00Z", Due{Kind: DueDays, Days: 14}, "2026-03-16T23:59:59Z"},
		{"days from the day it is there", "Asia/Tokyo", "2026-03-02T20:00:00Z", Due{Kind: DueDays, Days: 1}, "2026-03-04T14:59:59Z"},
		{"over the clocks going forward", "Europe/Berlin", "2026-03-27T12:00:00Z", Due{Kind: DueDays, Days: 3}, "2026-03-30T21:59:59Z"},
		{"over the clocks going back", "Europe/Berlin", "2026-10-23T12:00:00Z", Due{Kind: DueDays, Days: 3}, "2026-10-26T22:59:59Z"},
		{"on the day the clocks go back", "Europe/Berlin", "2026-10-20T12:00:00Z", Due{Kind: DueDate, Date: "2026-10-25"}, "2026-10-25T22:59:59Z"},
		// Cuba's clocks go back at one in the morning, to midnight: 23:59:59 comes once. Those of Paraguay went back at
		// midnight, so that the last hour of the day came twice; the second one counts.
		{"in Havana", "America/Havana", "2026-10-20T12:00:00Z", Due{Kind: DueDate, Date: "2026-10-31"}, "2026-11-01T03:59:59Z"},
		{"the last hour comes twice", "America/Asuncion", "2023-03-20T12:00:00Z", Due{Kind: DueDate, Date: "2023-03-25"}, "2023-03-26T03:59:59Z"},
		{"midnight does not exist", "Africa/Cairo", "2026-04-20T12:00:00Z", Due{Kind: DueDate, Date: "2026-04-24"}, "2026-04-24T20:59:59Z"},
		{"half an hour off", "Asia/Kolkata", "2026-03-02T09:00:00Z", Due{Kind: DueDays, Days: 1}, "2026-03-03T18:29:59Z"},
		{"a day that is none", "UTC", "2026-03-02T09:00:00Z", Due{Kind: DueDate, Date: "someday"}, ""},
	} {
		start, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if at := DueAt(c.due, start, zone(t, c.zone)); at != nil {
			got = at.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
