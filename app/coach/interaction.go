package coach

import (
	"time"
)

// InteractionKind says in which way somebody has said something about what a person recorded.
type InteractionKind string

// The kinds.
const (
	NoteKind       InteractionKind = "note"        // at a second of a take
	ReplyKind      InteractionKind = "reply"       // in a thread of notes
	ReviewKind     InteractionKind = "review"      // that was sent
	VideoReplyKind InteractionKind = "video_reply" // in a review that was sent
)

// Interaction is one time that somebody said something about what a person recorded.
type Interaction struct {
	Kind    InteractionKind
	CoachID string
	At      time.Time
	// VideoID is what it was said about; nil once it is gone. Who may not see it is not shown it.
	VideoID *string
	// AtMS is the second of a note, in milliseconds.
	AtMS int64
	// Text is what a note says, and the programme of a review.
	Text string
}
