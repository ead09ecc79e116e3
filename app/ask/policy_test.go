package ask_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestCan is the whole table: who may do what in which state.
func TestCan(t *testing.T) {
	actors := map[string]people.Actor{"asker": {PersonID: "from"}, "asked": {PersonID: "to"}, "other": {PersonID: "x", Roles: people.Roles}, "system": people.System()}
	for _, state := range []ask.State{ask.Open, ask.Answered, ask.Declined, ask.Withdrawn} {
		k := ask.Ask{FromID: "from", ToID: "to", State: state}
		for name, a := range actors {
			for _, action := range []ask.Action{ask.Read, ask.Answer, ask.Withdraw, "ask.unknown"} {
				want := map[ask.Action]bool{
					ask.Read:     name == "asker" || name == "asked" && state != ask.Withdrawn,
					ask.Answer:   name == "asked" && state != ask.Withdrawn,
					ask.Withdraw: name == "asker",
				}[action]
				if got := ask.Can(a, action, k); got != want {
					t.Errorf("%s, %s, %s: %v", name, action, state, got)
				}
			}
		}
		if nobodys := (ask.Ask{State: state}); ask.Can(people.System(), ask.Read, nobodys) {
			t.Error("the installation reads an ask of nobody")
		}
	}
}
