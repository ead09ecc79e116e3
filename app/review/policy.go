package review

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do with a review.
type Action string

// The actions.
const (
	See      Action = "review.see"      // that it waits, and for whom
	Read     Action = "review.read"     // what was sent: levels, words, decision
	Write    Action = "review.write"    // draft and send
	Claim    Action = "review.claim"    // take it out of the pool, or over from who cannot
	Release  Action = "review.release"  // give back what one has taken
	Reassign Action = "review.reassign" // give it to somebody else
)

// Case is what a decision about a review needs to know.
type Case struct {
	Review Review
	// ParticipantID is whose attempt it is. InLine says that the actor manages them, at any level.
	ParticipantID string
	InLine        bool
	// InPool says that the actor is one of the programme's reviewers.
	InPool bool
	// StandsIn says that the actor is today's deputy of the reviewer.
	StandsIn bool
	// Other says that the actor has another review of this attempt that counts, sent or not.
	Other bool
	// Blind says that the actor has a review of this attempt that waits.
	Blind bool
	// Settled says that the attempt has its result.
	Settled bool
}

// oversees says whether somebody looks after the reviews of a participant without making them.
func oversees(a people.Actor, c Case) bool {
	return a.Has(people.Trainer) || a.Has(people.Admin) || c.InLine
}

// Can says whether the actor may do this with the review. It is total: what is not allowed is refused. A
// participant can do nothing here; what they are shown is the result of their attempt (MaySeeResult).
func Can(a people.Actor, action Action, c Case) bool {
	r := c.Review
	if a.PersonID == "" || a.PersonID == c.ParticipantID || r.State == Dropped {
		return false
	}
	mine, waits := r.By(a.PersonID), r.State == Waiting
	offered := r.OfferedTo != nil && *r.OfferedTo == a.PersonID
	switch action {
	case See:
		return mine || oversees(a, c) || Can(a, Claim, c)
	case Read:
		return r.State == Sent && (mine || (c.Settled && !c.Blind && oversees(a, c)))
	case Write:
		return mine && waits
	case Claim:
		return waits && !mine && !c.Other && ((r.ReviewerID == nil && c.InPool) || offered || c.StandsIn)
	case Release:
		return mine && waits && r.ClaimedAt != nil
	case Reassign:
		if r.Role == Disputed { // the line may be what the dispute is about
			return waits && !c.Other && (a.Has(people.Trainer) || a.Has(people.Admin))
		}
		return waits && !c.Other && (mine || oversees(a, c))
	}
	return false
}

// MaySeeResult says whether the actor is shown the result of a settled attempt: its participant, their line
// (inLine), trainers and admins, and who made a review of it (reviewed); but nobody whose own review of it waits
// (blind).
func MaySeeResult(a people.Actor, participant string, inLine, reviewed, blind bool) bool {
	if a.PersonID != "" && a.PersonID == participant {
		return true
	}
	return !blind && (inLine || reviewed || a.Has(people.Trainer) || a.Has(people.Admin))
}

// DisputeAction is something one may do with a dispute.
type DisputeAction string

// The actions on disputes.
const (
	SeeDispute DisputeAction = "dispute.see"
	// WeighDispute is to see all scores, ask a third and resolve.
	WeighDispute DisputeAction = "dispute.weigh"
	Withdraw     DisputeAction = "dispute.withdraw"
)

// CanDispute says whether the actor may do this with a dispute of a participant's. reviewed says that the
// actor made, or is to make, a review of the attempt: nobody judges their own.
func CanDispute(a people.Actor, action DisputeAction, participant string, reviewed bool) bool {
	own := a.PersonID != "" && a.PersonID == participant
	judge := !own && (a.Has(people.Trainer) || a.Has(people.Admin))
	switch action {
	case SeeDispute:
		return own || judge
	case WeighDispute:
		return judge && !reviewed
	case Withdraw:
		return own
	}
	return false
}
