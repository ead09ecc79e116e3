package programme

import (
	"time"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// AttemptState is whether an attempt has its result.
type AttemptState string

// The states.
const (
	Waiting AttemptState = "waiting"
	Settled AttemptState = "settled"
)

// Decision is what came of an attempt.
type Decision string

// The decisions.
const (
	Pass     Decision = "pass"
	TryAgain Decision = "retry" // on the criteria that the review names
	Fail     Decision = "fail"
)

// Attempt is a video submitted to a programme.
type Attempt struct {
	ID, EnrolmentID, ProgrammeID, PersonID string
	// Number counts a person's attempts in the programme from 1, over all renewals.
	Number int
	// VideoID is nil once the video is gone.
	VideoID *string
	// RubricVersionID is the version it is looked at under, for good.
	RubricVersionID string
	// OnlyCriteria are those it is looked at for; empty for all.
	OnlyCriteria List
	// Carried are the levels of the others, from the attempt before.
	Carried Levels
	// NoteAtMS and Note are the participant's own note, at a time of the video; Note is empty for none.
	NoteAtMS int64 `gorm:"column:note_at_ms"`
	Note     string
	// Second says that two review it, each without knowing of the other.
	Second bool
	State  AttemptState
	// Decision is empty until it is settled.
	Decision Decision
	// Score is that of the result, in hundredths of a percent; nil until it is settled.
	Score *int
	// Levels are those of the result; empty until it is settled.
	Levels Levels
	// RetryCriteria are those that the result names to try again.
	RetryCriteria List
	// ResultReviewID is whose levels, words and notes the participant is shown.
	ResultReviewID         *string
	SubmittedAt, SwapUntil time.Time
	// DueAt is the participant's, when it was submitted.
	DueAt, SettledAt, AcknowledgedAt *time.Time
}

// Levels are levels by the id of their criterion, as they stand in a column.
type Levels score.Levels

// List is a list of ids or phrases, as it stands in a column. It is never nil once read.
type List []string
