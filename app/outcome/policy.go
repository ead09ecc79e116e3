package outcome

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do in this domain.
type Action string

// The actions on deals.
const (
	ImportDeals Action = "deals.import" // a file of many; says nothing of a single one
	PutDeal     Action = "deals.put"
	ReadDeal    Action = "deals.read"
)

// Standing is what decides who may read a deal: its owner, and where that person stands in the tree of
// teams. It is empty for a deal without an owner.
type Standing struct {
	OwnerID string
	Place   people.Place
}

// Can says whether the actor may do this to a deal. It is total: what is not allowed is refused.
// visible is the same rule for lists.
func Can(a people.Actor, action Action, deal Standing) bool {
	switch action {
	case ImportDeals, PutDeal:
		return a.Has(people.Trainer) || a.Has(people.Admin)
	case ReadDeal:
		return readsAll(a) || deal.OwnerID != "" && a.InLine(deal.Place)
	}
	return false
}

func readsAll(a people.Actor) bool { return a.Has(people.Trainer) || a.Has(people.Admin) }

// visible gives Can(ReadDeal) as a condition on the table deals.
func visible(a people.Actor) (condition string, args []any) {
	if readsAll(a) {
		return "TRUE", nil
	}
	return a.InLineSQL("deals.owner_id")
}
