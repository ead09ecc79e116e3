package programme

import "time"

// EnrolmentState is where a person stands in a programme.
type EnrolmentState string

// The states. Submitted is from an attempt to its result.
const (
	Started   EnrolmentState = "open" // no attempt yet since the start
	Submitted EnrolmentState = "submitted"
	Retry     EnrolmentState = "retry"
	Passed    EnrolmentState = "passed"
	Failed    EnrolmentState = "failed"
)

// Enrolment is a person in a programme.
type Enrolment struct {
	ID, ProgrammeID, PersonID string
	State                     EnrolmentState
	// ByHand says that the due time was set for this person alone: rules leave it.
	ByHand bool
	// DueAt is when the attempt is to be in; nil for no end.
	DueAt *time.Time
	// ExtraAttempts were given to this person alone.
	ExtraAttempts int
	// Attempts counts those since the start or the last renewal.
	Attempts int
	// NextAttemptAt is when the next one may come; nil for now.
	NextAttemptAt *time.Time
	// RetryCriteria are the criteria that the next attempt is looked at for; empty for all.
	RetryCriteria List
	// SettledAt is when the last result came.
	SettledAt *time.Time
	// StartedAt is when the person was enrolled, or renewed.
	StartedAt time.Time
	// LeftAt is when no rule held of them any longer; nil while one does.
	LeftAt               *time.Time
	CreatedAt, UpdatedAt time.Time
}

// Done says whether nothing more is owed: passed, or failed for good.
func (e Enrolment) Done() bool { return e.State == Passed || e.State == Failed }

// Overdue says whether the due time has passed without an attempt that waits or a result that ends it.
func (e Enrolment) Overdue(now time.Time) bool {
	return e.LeftAt == nil && e.DueAt != nil && e.DueAt.Before(now) && (e.State == Started || e.State == Retry)
}
