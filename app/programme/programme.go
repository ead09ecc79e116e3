package programme

import (
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// State is whether people take part in a programme.
type State string

// The states. A draft is seen by who makes programmes only; a closed one takes no attempts any more.
const (
	Draft  State = "draft"
	Open   State = "open"
	Closed State = "closed"
)

// DueKind is how a due time is worked out.
type DueKind string

// The kinds of due times.
const (
	NoDue   DueKind = "none"
	DueDate DueKind = "date" // until the end of a day where the participant is
	DueDays DueKind = "days" // until the end of so many days after the start there
)

// Due is when attempts are to be in.
type Due struct {
	Kind DueKind
	// Date is YYYY-MM-DD, by DueDate.
	Date string
	// Days is by DueDays.
	Days int
}

// ReviewerKind is who reviews.
type ReviewerKind string

// The kinds of reviewers.
const (
	ByManager ReviewerKind = "manager" // the participant's own
	ByNamed   ReviewerKind = "named"   // the least busy of those named
	ByPool    ReviewerKind = "pool"    // whoever of those named takes it
)

// Peers is when participants may watch the passed takes of others.
type Peers string

// When peers' takes may be watched.
const (
	PeersNever  Peers = "never"
	PeersBefore Peers = "before" // also before one's own attempt
	PeersAfter  Peers = "after"  // once one has submitted oneself
)

// The ways to answer: what a take may be made with.
const (
	Camera = "camera"
	Screen = "screen"
	File   = "file"
)

// Rule says who takes part: all that it names must hold of a person, and one rule is enough.
type Rule struct {
	ID string
	// PersonID and TeamID are empty for any; a team is its members and those of all teams below.
	PersonID, TeamID string
	// Role is empty for any.
	Role people.Role
	// NewWithinDays leaves out who stood under the rule for longer than that before the programme opened; 0
	// leaves out nobody.
	NewWithinDays int
}

// Attachment is something to read or watch beside the brief: a link, a video or a file.
type Attachment struct {
	Title, URL string
	VideoID    string
	// File has no ID where it is none.
	File AttachedFile
}

// Model is the take that shows how it is done; VideoID is empty for none.
type Model struct {
	VideoID        string
	StartMS, EndMS int64
}

// Programme is a certification and its set-up.
type Programme struct {
	ID, Name, Brief string
	State           State
	// RubricVersionID is empty in drafts only.
	RubricVersionID string
	Model           Model
	Attachments     []Attachment
	// TargetMS is the length to aim at; 0 for none.
	TargetMS int64
	// AnswerTypes are of Camera, Screen and File, at least one.
	AnswerTypes []string
	Rules       []Rule
	Due         Due
	// AttemptsMax is how often one may try; 0 for no limit.
	AttemptsMax int
	// WaitHours are between a result and the next attempt.
	WaitHours int
	Pass      score.PassRule
	Reviewers ReviewerKind
	// ReviewerIDs are those of ByNamed and ByPool.
	ReviewerIDs []string
	// SecondShare is the percentage of attempts that two review, each without knowing of the other.
	SecondShare int
	// SecondDistance is how far apart their scores may lie, in points of a hundred, before a third is asked.
	SecondDistance int
	// ValidDays is how long a certificate holds; 0 for ever. It may be renewed in its last RenewDays.
	ValidDays, RenewDays int
	Peers                Peers
	// MustSay and MustNotSay are phrases looked for in practices.
	MustSay, MustNotSay []string
	// Version counts the changes, from 1.
	Version              int
	CreatedBy            *string
	CreatedAt, UpdatedAt time.Time
	OpenedAt, ClosedAt   *time.Time
}

// AttemptsLeft is how many attempts an enrolment has left, and whether there is a limit at all.
func (p Programme) AttemptsLeft(e Enrolment) (left int, limited bool) {
	if p.AttemptsMax == 0 {
		return 0, false
	}
	return max(0, p.AttemptsMax+e.ExtraAttempts-e.Attempts), true
}

// Reviews says whether a person is named as a reviewer.
func (p Programme) Reviews(person string) bool {
	return p.Reviewers != ByManager && slices.Contains(p.ReviewerIDs, person)
}
