package programme

import (
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// Action is something one may do in this domain.
type Action string

// The actions on programmes.
const (
	Edit   Action = "programme.edit"
	Read   Action = "programme.read" // its set-up, participants and numbers, as far as one's people go
	Extend Action = "programme.extend"
)

// Standing is what a decision about a programme needs to know beside the actor.
type Standing struct {
	// OfLine says that somebody of the actor's line, other than themself, takes part: for Read anybody, for
	// Extend the one who is given more time.
	OfLine bool
	// Own says that it is the actor's own enrolment, for Extend.
	Own bool
}

// Can says whether the actor may do this. It is total: what is not allowed is refused. linedSQL is the same
// rule for lists.
func Can(a people.Actor, action Action, s Standing) bool {
	makes := a.Has(people.Trainer) || a.Has(people.Admin)
	switch action {
	case Edit:
		return makes
	case Read:
		return makes || manages(a) && s.OfLine
	case Extend:
		return makes || manages(a) && s.OfLine && !s.Own
	case SeeAttempt, SeeTrail, SwapTake, Acknowledge: // of attempts: CanAttempt
	}
	return false
}

func manages(a people.Actor) bool { return len(a.Reach.ManagedTeams) > 0 }

// makesProgrammes refuses who makes no programmes.
func makesProgrammes(a people.Actor) error {
	if Can(a, Edit, Standing{}) {
		return nil
	}
	return errTrainers()
}

func errTrainers() error { return fault.Denied("Only trainers and admins can do this.") }
