package review

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// DisputeState is what has become of a dispute.
type DisputeState string

// The states. All but DisputeOpen are final.
const (
	DisputeOpen      DisputeState = "open"
	DisputeStands    DisputeState = "stands"  // the result stands
	DisputeChanged   DisputeState = "changed" // there is another
	DisputeWithdrawn DisputeState = "withdrawn"
)

// Dispute is a participant saying that a result is wrong. The result stands until it is resolved.
type Dispute struct {
	ID, AttemptID, PersonID string
	// Reason is the participant's.
	Reason string
	State  DisputeState
	// ThirdReviewID is a review that was asked for because of it; nil for none.
	ThirdReviewID *string
	// Resolution is in words, for the participant.
	Resolution string
	ResolvedBy *string
	CreatedAt  time.Time
	ResolvedAt *time.Time
}

// maxReason is the longest reason, and the longest resolution, in characters.
const maxReason = 2000

// Dispute says why the result of one's own attempt is wrong. The same reason again while it is open is once.
// Errors: NotFound for others' attempts; Conflict attempt_waits, dispute_open or dispute_settled (an attempt is
// disputed once, unless it was withdrawn); Invalid with the field.
func (s *Service) Dispute(ctx context.Context, a people.Actor, attemptID, reason string) (Dispute, error) {
	reason, err := cleanText("reason", reason, maxReason)
	if err != nil {
		return Dispute{}, err
	}
	if reason == "" {
		return Dispute{}, fault.InvalidField("reason", "required", "Write what you think is wrong.")
	}
	var out Dispute
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if !db.Plain(attemptID) {
			return fault.Missing("attempt")
		}
		attempt, err := programme.AttemptTx(tx, attemptID)
		if err != nil {
			return err
		}
		if a.PersonID == "" || attempt.PersonID != a.PersonID {
			return fault.Missing("attempt")
		}
		if attempt.State != programme.Settled {
			return fault.New(fault.Conflict, "attempt_waits", "This attempt has no result yet.")
		}
		had, err := disputesOf(tx.Gorm(), attemptID)
		if err != nil {
			return err
		}
		for _, d := range had {
			switch {
			case d.State == DisputeWithdrawn:
			case d.State == DisputeOpen && d.Reason == reason:
				out = d
				return nil
			case d.State == DisputeOpen:
				return fault.New(fault.Conflict, "dispute_open", "You have disputed this result already. Withdraw that to give another reason.")
			default:
				return fault.New(fault.Conflict, "dispute_settled", "This result was disputed and looked at again: that is final.")
			}
		}
		out = Dispute{ID: ident.At(tx.Now), AttemptID: attemptID, PersonID: a.PersonID, Reason: reason, State: DisputeOpen, CreatedAt: tx.Now}
		if err := tx.Gorm().Create(&out).Error; err != nil {
			return err
		}
		if err := s.tellJudges(tx, out, a.PersonID, reason); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "dispute.opened", attemptID, map[string]any{"dispute_id": out.ID, "decision": attempt.Decision, "score": scoreOf(attempt), "rubric_version_id": attempt.RubricVersionID})
	})
	return out, err
}

func scoreOf(a programme.Attempt) int {
	if a.Score == nil {
		return 0
	}
	return *a.Score
}

// tellJudges tells all trainers who may weigh a dispute; where there are none, the admins.
func (s *Service) tellJudges(tx *db.Tx, d Dispute, by, text string) error {
	var g ground
	g.active = map[string]bool{}
	if err := g.readPeople(tx.Gorm()); err != nil {
		return err
	}
	reviews, err := reviewsOf(tx.Gorm(), d.AttemptID)
	if err != nil {
		return err
	}
	fit := func(all []string) []notice.Notice {
		var out []notice.Notice
		for _, p := range all {
			if p != d.PersonID && !slices.ContainsFunc(reviews, func(r Review) bool { return r.By(p) }) {
				out = append(out, notice.Notice{PersonID: p, Kind: notice.Dispute, ActorID: db.Ref(by), SubjectID: &d.ID, Body: text})
			}
		}
		return out
	}
	told := fit(g.trainers)
	if len(told) == 0 {
		told = fit(g.admins)
	}
	return s.Notices.TellTx(tx, told...)
}

// tellThirdIsIn tells who weighs the dispute that a blind review was made for that it has come.
func (s *Service) tellThirdIsIn(tx *db.Tx, r Review) error {
	all, err := disputesOf(tx.Gorm(), r.AttemptID)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.State == DisputeOpen && db.Deref(d.ThirdReviewID) == r.ID {
			return s.tellJudges(tx, d, r.reviewer(), "")
		}
	}
	return nil
}

// judging is a dispute with what it is about, and how the actor stands to it.
type judging struct {
	dispute   Dispute
	attempt   programme.Attempt
	programme programme.Programme
	reviews   []Review
	reviewed  bool
}

// judge does something with a dispute whose attempt is held.
func (s *Service) judge(ctx context.Context, a people.Actor, id string, action DisputeAction, fn func(tx *db.Tx, on *judging) error) (Dispute, error) {
	var out Dispute
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, err := loadDispute(tx.Gorm(), id)
		if err != nil {
			return err
		}
		on := judging{}
		if on.attempt, err = programme.AttemptTx(tx, d.AttemptID); err != nil {
			return err
		}
		if on.dispute, err = loadDispute(tx.Gorm(), id); err != nil {
			return err
		}
		if on.reviews, err = reviewsOf(tx.Gorm(), d.AttemptID); err != nil {
			return err
		}
		on.reviewed = slices.ContainsFunc(on.reviews, func(r Review) bool { return r.By(a.PersonID) && r.Role != Again })
		switch {
		case CanDispute(a, action, d.PersonID, on.reviewed):
		case !CanDispute(a, SeeDispute, d.PersonID, on.reviewed):
			return fault.Missing("dispute")
		case on.reviewed:
			return fault.Denied("You have reviewed this attempt yourself: somebody else has to weigh this.")
		default:
			return fault.Denied("This is for others to do.")
		}
		if on.programme, err = s.Programmes.ProgrammeTx(tx, on.attempt.ProgrammeID); err != nil {
			return err
		}
		if err := fn(tx, &on); err != nil {
			return err
		}
		out = on.dispute
		return nil
	})
	if err != nil {
		return Dispute{}, err
	}
	return out, nil
}

func errResolved(d Dispute) error {
	return fault.New(fault.Conflict, "dispute_settled", "This dispute is settled already: "+string(d.State)+".")
}

// AskThird has somebody review a disputed attempt who knows nothing of what was said; to the same person again
// is once. Errors: NotFound, Forbidden; Conflict dispute_settled, or third_asked where somebody else was asked;
// Invalid reviewer_unfit.
func (s *Service) AskThird(ctx context.Context, a people.Actor, id, reviewer string) (Dispute, error) {
	return s.judge(ctx, a, id, WeighDispute, func(tx *db.Tx, on *judging) error {
		d := &on.dispute
		if d.State != DisputeOpen {
			return errResolved(*d)
		}
		if i := slices.IndexFunc(on.reviews, func(r Review) bool { return r.ID == db.Deref(d.ThirdReviewID) }); i >= 0 {
			if on.reviews[i].By(reviewer) {
				return nil
			}
			return fault.New(fault.Conflict, "third_asked", "Somebody was asked already. Give that review to somebody else instead.")
		}
		g, err := s.groundOf(tx, on.programme, on.attempt)
		if err != nil {
			return err
		}
		// Who weighs the dispute has seen the scores.
		if reviewer == a.PersonID || !slices.Contains(g.eligible(true), reviewer) {
			return errUnfit("reviewer_id")
		}
		r, err := s.ask(tx, on.programme, on.attempt, Review{Role: Disputed, RubricVersionID: on.attempt.RubricVersionID}, choice{reviewer: reviewer})
		if err != nil {
			return err
		}
		d.ThirdReviewID = &r.ID
		if err := saveDispute(tx, *d); err != nil {
			return err
		}
		if err := s.auditAssigned(tx, a.PersonID, r); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "dispute.third", d.AttemptID, map[string]any{"dispute_id": d.ID, "review_id": r.ID, "reviewer_id": reviewer})
	})
}

// Resolution is how a dispute ends.
type Resolution struct {
	// Changed gives the attempt another result; otherwise it stands.
	Changed bool
	// Decision is the new one, where it is changed: better than before; or as before, if a third review gives it
	// another score.
	Decision programme.Decision
	// Text says why, to the participant.
	Text string
}

// Resolve ends a dispute. A third review that came to the new decision becomes the result, with its levels and
// score; otherwise the result keeps its levels and score under the new decision. A pass gets its certificate in
// the same transaction. The same resolution again is once. Errors: NotFound, Forbidden; Conflict
// dispute_settled; Invalid decision_unfit, required.
func (s *Service) Resolve(ctx context.Context, a people.Actor, id string, res Resolution) (Dispute, error) {
	text, err := cleanText("text", res.Text, maxReason)
	if err != nil {
		return Dispute{}, err
	}
	if text == "" {
		return Dispute{}, fault.InvalidField("text", "required", "Write why: it is what the participant reads.")
	}
	end := DisputeStands
	if res.Changed {
		end = DisputeChanged
	}
	return s.judge(ctx, a, id, WeighDispute, func(tx *db.Tx, on *judging) error {
		d := &on.dispute
		if d.State != DisputeOpen {
			if d.State == end && d.Resolution == text && (!res.Changed || on.attempt.Decision == res.Decision) {
				return nil
			}
			return errResolved(*d)
		}
		before := on.attempt.Decision
		third := on.third()
		if third.State == Waiting {
			if err := s.drop(tx, on.attempt, third); err != nil {
				return err
			}
			third = Review{}
		}
		d.State, d.Resolution, d.ResolvedBy, d.ResolvedAt = end, text, &a.PersonID, &tx.Now
		if err := saveDispute(tx, *d); err != nil {
			return err
		}
		if res.Changed {
			if err := s.alter(tx, a, on, third, res.Decision, text); err != nil {
				return err
			}
		}
		if err := s.endNotices(tx, *d); err != nil {
			return err
		}
		if err := s.Notices.TellTx(tx, notice.Notice{PersonID: d.PersonID, Kind: notice.Resolved, ActorID: &a.PersonID, SubjectID: &d.AttemptID, Body: text}); err != nil {
			return err
		}
		detail := map[string]any{"dispute_id": d.ID, "outcome": end, "before": before}
		if res.Changed {
			detail["decision"] = res.Decision
		}
		return audit.Write(tx, a.PersonID, "dispute.resolved", d.AttemptID, detail)
	})
}

// third gives the review that was asked for in the dispute; its ID is empty for none.
func (on judging) third() Review {
	for _, r := range on.reviews {
		if r.ID == db.Deref(on.dispute.ThirdReviewID) {
			return r
		}
	}
	return Review{}
}

// endNotices takes back what was told to those who would weigh a dispute.
func (s *Service) endNotices(tx *db.Tx, d Dispute) error {
	return s.Notices.ForgetSubjectTx(tx, d.ID, notice.Dispute)
}

// rank orders decisions by what they mean to the participant.
func rank(d programme.Decision) int {
	return slices.Index([]programme.Decision{programme.Fail, programme.TryAgain, programme.Pass}, d)
}

// alter gives the attempt the other result.
func (s *Service) alter(tx *db.Tx, a people.Actor, on *judging, third Review, decision programme.Decision, text string) error {
	takesThird := third.State == Sent && third.Decision == decision
	switch {
	case rank(decision) < 0:
		return fault.InvalidField("decision", "required", "Say what the new decision is: pass, retry or fail.")
	case rank(decision) < rank(on.attempt.Decision), decision == on.attempt.Decision && !takesThird:
		return fault.InvalidField("decision", "decision_unfit", "A dispute can only make a result better. If nothing changes, let it stand.")
	}
	out := programme.Outcome{Decision: decision, Score: scoreOf(on.attempt), ReviewID: db.Deref(on.attempt.ResultReviewID), Levels: on.attempt.Levels, ByID: a.PersonID, Message: text}
	shown := slices.DeleteFunc(slices.Clone(on.reviews), func(r Review) bool { return r.ID != out.ReviewID })
	if takesThird {
		levels, err := levelsOf(tx, third.ID)
		if err != nil {
			return err
		}
		out.Score, out.ReviewID, out.Levels = *third.Score, third.ID, levels
		shown = []Review{third}
		if err := s.showReplies(tx, on.attempt.PersonID, third); err != nil {
			return err
		}
	}
	if decision == programme.TryAgain {
		if len(shown) > 0 {
			out.RetryCriteria = shown[0].RetryCriteria
		}
		if len(out.RetryCriteria) == 0 { // it was a fail: all of it again
			v, err := s.Rubrics.VersionTx(tx, on.attempt.RubricVersionID)
			if err != nil {
				return err
			}
			for _, c := range v.Criteria {
				out.RetryCriteria = append(out.RetryCriteria, c.ID)
			}
		}
	}
	attempt, _, err := s.Programmes.ResettleTx(tx, on.attempt.ID, out)
	if err != nil {
		return err
	}
	// One notice is enough: that of the dispute.
	if err := s.Notices.ForgetSubjectTx(tx, attempt.ID, notice.Result); err != nil {
		return err
	}
	if attempt.Decision != programme.Pass {
		return nil
	}
	_, err = s.Certificates.IssueTx(tx, attempt.ID)
	return err
}

// WithdrawDispute takes back one's own dispute; twice is once. Errors: NotFound, Conflict dispute_settled.
func (s *Service) WithdrawDispute(ctx context.Context, a people.Actor, id string) (Dispute, error) {
	return s.judge(ctx, a, id, Withdraw, func(tx *db.Tx, on *judging) error {
		d := &on.dispute
		switch d.State {
		case DisputeWithdrawn:
			return nil
		case DisputeStands, DisputeChanged:
			return errResolved(*d)
		case DisputeOpen:
		}
		if third := on.third(); third.State == Waiting {
			if err := s.drop(tx, on.attempt, third); err != nil {
				return err
			}
		}
		d.State, d.ResolvedAt = DisputeWithdrawn, &tx.Now
		if err := saveDispute(tx, *d); err != nil {
			return err
		}
		if err := s.endNotices(tx, *d); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "dispute.withdrawn", d.AttemptID, map[string]any{"dispute_id": d.ID})
	})
}
