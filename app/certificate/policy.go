package certificate

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do with a certificate.
type Action string

// The actions.
const (
	Read   Action = "certificate.read"
	Name   Action = "certificate.name" // say whether the public page has the name
	Revoke Action = "certificate.revoke"
)

// Can says whether the actor may do this with a certificate of a holder who stands at place. It is total:
// what is not allowed is refused. seen is the same rule for lists.
func Can(a people.Actor, action Action, place people.Place) bool {
	holder := a.PersonID != "" && a.PersonID == place.PersonID
	switch action {
	case Read:
		return holder || a.InLine(place) || a.Has(people.Trainer)
	case Name:
		return holder
	case Revoke:
		return a.Has(people.Trainer)
	}
	return false
}
