package review

import (
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/programme"
)

// Role says why a review is made.
type Role string

// The roles.
const (
	First    Role = "first"
	Second   Role = "second"  // without knowing of the first
	Third    Role = "third"   // decides where the two lie too far apart
	Disputed Role = "dispute" // asked for while a result is disputed, without knowing it
	Again    Role = "again"   // under a newer rubric; changes no result
)

// State is how far a review has come.
type State string

// The states. Dropped ones count as if they had never been asked for.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Dropped State = "dropped"
)

// Review is one reviewer's look at one attempt.
type Review struct {
	ID, AttemptID, ProgrammeID string
	Role                       Role
	// ReviewerID is nil while it waits in a pool, or nobody could be found.
	ReviewerID *string
	// ForID is whose deputy the reviewer is; nil for none.
	ForID           *string
	State           State
	RubricVersionID string
	// Draft is what the reviewer has so far, and once sent what was sent.
	Draft Content
	// DraftVersion counts the drafts that were kept.
	DraftVersion int
	DraftAt      *time.Time
	// Decision is empty until it is sent, and always by Again.
	Decision      programme.Decision
	RetryCriteria programme.List
	Message       string
	// Score is in hundredths of a percent; nil until it is sent.
	Score *int
	// DueAt is the attempt's.
	DueAt *time.Time
	// CreatedAt is since when it is waited for, and AssignedAt since when for this reviewer, or in the pool.
	CreatedAt  time.Time
	AssignedAt time.Time
	// ClaimedAt is when the reviewer took it themself; nil where it was given to them.
	ClaimedAt *time.Time
	// NudgedAt is when the reviewer was reminded of it.
	NudgedAt *time.Time
	// OfferedTo may take it over since OfferedAt: it has waited too long.
	OfferedAt *time.Time
	OfferedTo *string
	SentAt    *time.Time
}

// reviewer gives the reviewer's id, "" for nobody.
func (r Review) reviewer() string { return db.Deref(r.ReviewerID) }

// By says whether this person is the reviewer.
func (r Review) By(person string) bool { return person != "" && r.reviewer() == person }

// open names the criteria that a review of this attempt looks at; empty for all. One under a newer rubric
// looks at all of that.
func (r Review) open(a programme.Attempt) []string {
	if r.Role == Again {
		return nil
	}
	return a.OnlyCriteria
}

// carried gives the levels that are taken over from the attempt before.
func (r Review) carried(a programme.Attempt) programme.Levels {
	if r.Role == Again {
		return programme.Levels{}
	}
	return a.Carried
}

// Score is a level as it was given in a review that was sent.
type Score struct {
	ReviewID, CriterionID string
	Level                 int
	// Carried says that it was taken over from the attempt before and not looked at again.
	Carried bool
}

// SentNote is a note of a review that was sent.
type SentNote struct {
	ID, ReviewID string
	AtMS         int64 `gorm:"column:at_ms"`
	Kind         NoteKind
	Body         string
	Voice        bool
	ReplyVideoID *string
	CreatedAt    time.Time
}
