package calibration

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do in this domain.
type Action string

// The actions. Those on Figures are about somebody's: the others name nobody.
const (
	ManageGold  Action = "calibration.gold"    // make, change and retire gold takes
	ReadAll     Action = "calibration.read"    // all reviewers' figures
	ReadFigures Action = "calibration.figures" // those of one reviewer
)

// Can says whether the actor may do this; of is the reviewer whose figures are meant, else empty. It is
// total: what is not allowed is refused. Figures are for the reviewer and the trainers: a manager who read
// them would make reviewers score to please, and an admin needs none.
func Can(a people.Actor, action Action, of string) bool {
	switch action {
	case ManageGold:
		return a.Has(people.Trainer) || a.Has(people.Admin)
	case ReadAll:
		return a.Has(people.Trainer)
	case ReadFigures:
		return a.Has(people.Trainer) || (a.PersonID != "" && a.PersonID == of)
	}
	return false
}
