package programme

import (
	"context"
	"fmt"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
)

// Hooks are what other domains do in the transactions of this one. The composition sets them before first
// use; each may fail the transaction.
type Hooks struct {
	// OnSubmitted is told of an attempt that came in: whoever is to review it hears of it, and may see the
	// video from then on. The attempt's enrolment and its row are held.
	OnSubmitted func(ctx context.Context, tx *db.Tx, a Attempt) error
	// OnSwapped is told that a waiting attempt has another video than oldVideoID: drafts go, and reviewers see
	// the new one instead of the old.
	OnSwapped func(ctx context.Context, tx *db.Tx, a Attempt, oldVideoID string) error
}

func nobodyListens() Hooks {
	return Hooks{
		OnSubmitted: func(context.Context, *db.Tx, Attempt) error { return nil },
		OnSwapped:   func(context.Context, *db.Tx, Attempt, string) error { return nil },
	}
}

// Outcome is what came of an attempt.
type Outcome struct {
	Decision Decision
	// Score is in hundredths of a percent.
	Score int
	// ReviewID is the review whose levels, words and notes the participant is shown.
	ReviewID string
	// RetryCriteria are those that the next attempt is looked at for, by TryAgain: at least one.
	RetryCriteria []string
	// Levels are those of all criteria, carried ones too.
	Levels Levels
	// ByID is who decided: the reviewer who sent last, or the trainer who resolved. Message is what they
	// wrote; the beginning stands in the notice.
	ByID, Message string
}

func (o Outcome) check(a Attempt) error {
	switch {
	case o.Decision != Pass && o.Decision != TryAgain && o.Decision != Fail:
		return fmt.Errorf("attempt %s: decision %q", a.ID, o.Decision)
	case o.ReviewID == "":
		return fmt.Errorf("attempt %s: a result without a review", a.ID)
	case o.Score < 0 || o.Score > 100_00:
		return fmt.Errorf("attempt %s: score %d", a.ID, o.Score)
	case (o.Decision == TryAgain) != (len(o.RetryCriteria) > 0):
		return fmt.Errorf("attempt %s: %s with %d criteria to try again", a.ID, o.Decision, len(o.RetryCriteria))
	}
	return nil
}

// SettleTx gives a waiting attempt its result, exactly once: Conflict attempt_settled where it has one, also
// the same. It sets the enrolment's state, when the next attempt may come and what that is looked at for,
// tells the participant and writes the trail. The caller issues the certificate of a Pass in the same
// transaction.
func (s *Service) SettleTx(tx *db.Tx, attemptID string, o Outcome) (Attempt, Enrolment, error) {
	return s.settle(tx, attemptID, o, Waiting)
}

// ResettleTx gives a settled attempt another result, after a dispute or because it was scored again: Conflict
// attempt_waits while it has none. The enrolment follows if its later attempts do not say otherwise. The
// caller issues or revokes the certificate in the same transaction.
func (s *Service) ResettleTx(tx *db.Tx, attemptID string, o Outcome) (Attempt, Enrolment, error) {
	return s.settle(tx, attemptID, o, Settled)
}

func (s *Service) settle(tx *db.Tx, attemptID string, o Outcome, from AttemptState) (Attempt, Enrolment, error) {
	a, err := AttemptTx(tx, attemptID)
	if err != nil {
		return a, Enrolment{}, err
	}
	if err := o.check(a); err != nil {
		return a, Enrolment{}, err
	}
	switch {
	case a.State == from:
	case a.State == Settled:
		return a, Enrolment{}, fault.New(fault.Conflict, "attempt_settled", "This attempt has its result already.")
	default:
		return a, Enrolment{}, fault.New(fault.Conflict, "attempt_waits", "This attempt has no result yet.")
	}
	e, err := EnrolmentTx(tx, a.EnrolmentID)
	if err != nil {
		return a, e, err
	}
	p, err := loadProgramme(tx.Gorm(), a.ProgrammeID)
	if err != nil {
		return a, e, err
	}
	before := a.Decision
	a.State, a.Decision, a.Score, a.ResultReviewID, a.Levels = Settled, o.Decision, &o.Score, &o.ReviewID, o.Levels
	a.RetryCriteria = o.RetryCriteria
	a.SettledAt, a.AcknowledgedAt = &tx.Now, nil
	if err := saveAttempt(tx, &a); err != nil {
		return a, e, err
	}
	attempts, err := attemptsOf(tx.Gorm(), e.ID)
	if err != nil {
		return a, e, err
	}
	stand(&e, p, attempts)
	if err := saveEnrolment(tx, &e); err != nil {
		return a, e, err
	}
	if err := s.tellResult(tx, a, o); err != nil {
		return a, e, err
	}
	action, detail := "attempt.settled", map[string]any{"decision": o.Decision, "score": o.Score, "review_id": o.ReviewID}
	if from == Settled {
		action, detail["before"] = "attempt.resettled", before
	}
	return a, e, audit.Write(tx, o.ByID, action, a.ID, detail)
}

// tellResult has the participant hear of a result, instead of one that was told before.
func (s *Service) tellResult(tx *db.Tx, a Attempt, o Outcome) error {
	if err := s.Notices.ForgetSubjectTx(tx, a.ID, notice.Result); err != nil {
		return err
	}
	n := notice.Notice{PersonID: a.PersonID, Kind: notice.Result, SubjectID: &a.ID, Body: o.Message}
	if o.ByID != "" && o.ByID != a.PersonID {
		n.ActorID = &o.ByID
	}
	return s.Notices.TellTx(tx, n)
}

// SetSecondTx says that two review an attempt; the domain of reviews chooses, in OnSubmitted.
func (s *Service) SetSecondTx(tx *db.Tx, attemptID string) error {
	return setSecond(tx, attemptID)
}
