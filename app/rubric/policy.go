package rubric

import (
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// Action is something one may do in this domain.
type Action string

// Edit is to make rubrics and their versions, and to read them outside an attempt.
const Edit Action = "rubric.edit"

// Can says whether the actor may do this. It is total: what is not allowed is refused.
func Can(a people.Actor, action Action) bool {
	return action == Edit && (a.Has(people.Trainer) || a.Has(people.Admin))
}

// mayEdit refuses who edits no rubrics.
func mayEdit(a people.Actor) error {
	if Can(a, Edit) {
		return nil
	}
	return fault.Denied("Only trainers and admins can do this.")
}
