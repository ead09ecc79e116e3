package programme

import "github.com/fieldreel/fieldreel/app/people"

// The actions on attempts.
const (
	SeeAttempt  Action = "attempt.see"
	SeeTrail    Action = "attempt.trail"
	SwapTake    Action = "attempt.swap"
	Acknowledge Action = "attempt.acknowledge"
)

// CanAttempt says whether the actor may do this with an attempt of a participant who stands at place; reviews
// says that they are one of its reviewers. It is total: what is not allowed is refused. seenAttempts is the
// same rule as SeeAttempt for lists.
func CanAttempt(a people.Actor, action Action, place people.Place, reviews bool) bool {
	own := a.PersonID != "" && a.PersonID == place.PersonID
	switch action {
	case SeeAttempt:
		return own || reviews || a.InLine(place) || a.Has(people.Trainer)
	case SeeTrail:
		return own || a.InLine(place) || a.Has(people.Trainer) || a.Has(people.Admin)
	case SwapTake, Acknowledge:
		return own
	case Edit, Read, Extend: // of programmes: see Can
	}
	return false
}
