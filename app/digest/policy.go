package digest

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do in this domain.
type Action string

// The actions.
const (
	OwnReminders   Action = "reminders.own"   // read and change how one is reminded oneself; there is no other's
	ReadDeliveries Action = "deliveries.read" // what left the installation, and what did not
	RetryDelivery  Action = "deliveries.retry"
)

// Can says whether the actor may do this. It is total: what is not allowed is refused.
func Can(a people.Actor, action Action) bool {
	switch action {
	case OwnReminders:
		return a.PersonID != ""
	case ReadDeliveries, RetryDelivery:
		return a.Has(people.Admin)
	}
	return false
}
