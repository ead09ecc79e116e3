package ask

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do with an ask.
type Action string

// The actions.
const (
	Read     Action = "ask.read"
	Answer   Action = "ask.answer" // or decline
	Withdraw Action = "ask.withdraw"
)

// Can says whether the actor may do this with an ask, whatever has become of it but for Withdrawn, which
// only its asker remembers. It is total: what is not allowed is refused. boxed is the same rule for lists.
func Can(a people.Actor, action Action, k Ask) bool {
	asker := a.PersonID != "" && a.PersonID == k.FromID
	asked := a.PersonID != "" && a.PersonID == k.ToID && k.State != Withdrawn
	switch action {
	case Read:
		return asker || asked
	case Answer:
		return asked
	case Withdraw:
		return asker
	}
	return false
}
