package insight

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do in this domain.
type Action string

// The actions.
const (
	ReadModeled  Action = "insight.modeled"  // most modeled people, videos and moments
	ReadEvidence Action = "insight.evidence" // tactics against won deals
)

// Scope is how far an action reaches.
type Scope int

// The scopes.
const (
	Nobody  Scope = iota
	Oneself       // one's own row
	Teams         // people of the teams one manages
	Company
)

// ScopeOf says how far the actor may go. It is total: what is not allowed is Nobody.
func ScopeOf(a people.Actor, action Action) Scope {
	switch {
	case action != ReadModeled && action != ReadEvidence:
		return Nobody
	case a.Has(people.Trainer) || a.Has(people.Admin):
		return Company
	case len(a.Reach.ManagedTeams) > 0:
		return Teams
	case action == ReadModeled && a.PersonID != "":
		return Oneself
	}
	return Nobody
}
