package notice

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// Kind says what a notice tells.
type Kind string

// The kinds.
const (
	Note   Kind = "note"   // somebody wrote a note on one's video
	Reply  Kind = "reply"  // somebody wrote after one in a thread of notes
	Share  Kind = "share"  // somebody sent one, or one's team, a video or a moment
	Ask    Kind = "ask"    // somebody asks one for a take
	Answer Kind = "answer" // somebody answered one's ask
	Failed Kind = "failed" // one's take could not be processed

	// Of programmes. The subject is the enrolment, but for Certificate.
	Enrolled    Kind = "enrolled"    // one takes part in a programme
	Due         Kind = "due"         // one's attempt is due soon, or a certificate ends soon
	Extended    Kind = "extended"    // one was given another due time, or more attempts
	Result      Kind = "result"      // of one's attempt; the subject is the attempt
	Certificate Kind = "certificate" // one's certificate was revoked; the subject is the certificate

	// Of reviews. The subject is the review, but for Dispute and Resolved.
	Review   Kind = "review"   // an attempt waits for one's review
	Waiting  Kind = "waiting"  // it has waited for a day
	Deputy   Kind = "deputy"   // it has waited for two days for somebody whose deputy one is
	Dispute  Kind = "dispute"  // somebody disputes a result; the subject is the dispute
	Resolved Kind = "resolved" // what became of one's dispute; the subject is the attempt

	// Of coaching. The subject is the ask for feedback, the assigned practice, the promise, the promotion.
	Feedback  Kind = "feedback"  // somebody asks one for feedback on a take
	Given     Kind = "given"     // one's ask for feedback was answered
	Assigned  Kind = "assigned"  // a practice for one
	Practised Kind = "practised" // who was assigned a practice has done it
	Promise   Kind = "promise"   // somebody wrote down a promise of, or to, one
	Promotion Kind = "promotion" // somebody suggests one's take for the library
	Promoted  Kind = "promoted"  // who was asked let a take into the library, or not

	Calibration Kind = "calibration" // this month's three takes wait to be scored
)

// Kinds lists all kinds.
//
//nolint:gochecknoglobals // a constant list
var Kinds = []Kind{Note, Reply, Share, Ask, Answer, Failed, Enrolled, Due, Extended, Result, Certificate, Review, Waiting, Deputy, Dispute, Resolved,
	Feedback, Given, Assigned, Practised, Promise, Promotion, Promoted, Calibration}

const (
	// maxText is how much of what was written a notice repeats, in characters.
	maxText = 160
	// maxIDs is how many notices can be marked as read by name at once.
	maxIDs = 200
	// keepFor is how long a notice is kept.
	keepFor = 180 * 24 * time.Hour
	// keepChanges is how long nodes can look up whose notices changed; each looks every second.
	keepChanges = time.Hour
)

// Notice tells one person of one thing. Times in a video are milliseconds.
type Notice struct {
	ID string
	// PersonID is who is told.
	PersonID string
	Kind     Kind
	// ActorID is whose act it was; nil where the server itself has something to say.
	ActorID *string
	// VideoID is the video it is about; nil for an ask, which has none yet. Whoever may not see the video
	// is not shown the notice.
	VideoID *string
	// AtMS is the second of a note; StartMS and EndMS are the moment that was shared.
	AtMS    *int64 `gorm:"column:at_ms"`
	StartMS *int64 `gorm:"column:start_ms"`
	EndMS   *int64 `gorm:"column:end_ms"`
	NoteID  *string
	AskID   *string
	// SubjectID is what it is about beside those: see the kinds.
	SubjectID *string
	// Body is the beginning of what was written; TellTx shortens it.
	Body      string
	CreatedAt time.Time
	ReadAt    *time.Time
}

// Service holds the use cases on notices.
type Service struct {
	db *db.DB
	// OnTold is called after a commit that changed anybody's notices; the composition sets it to wake this
	// node's live events. Nothing depends on it: they also ask by themselves.
	OnTold func()
}

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d, OnTold: func() {}} }

// TellTx writes notices in the transaction of their cause. It sets their ID and CreatedAt, leaves out
// those of a person about their own act, and tells a person named twice for the first reason only.
func (s *Service) TellTx(tx *db.Tx, notices ...Notice) error {
	told := map[string]bool{}
	rows := make([]Notice, 0, len(notices))
	for _, n := range notices {
		if n.PersonID == "" || told[n.PersonID] || (n.ActorID != nil && *n.ActorID == n.PersonID) {
			continue
		}
		told[n.PersonID] = true
		n.ID, n.CreatedAt, n.ReadAt, n.Body = ident.At(tx.Now), tx.Now, nil, Excerpt(n.Body)
		rows = append(rows, n)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := insert(tx, rows); err != nil {
		return err
	}
	persons := make([]string, len(rows))
	for i, n := range rows {
		persons[i] = n.PersonID
	}
	return s.changed(tx, persons)
}

// Excerpt gives the beginning of a text on one line, cut between words where that is possible.
func Excerpt(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxText {
		return text
	}
	cut := string([]rune(text)[:maxText-1])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,.;:-") + "…"
}

// RewordTx gives the notices that a note was told by its new words.
func (s *Service) RewordTx(tx *db.Tx, noteID, text string) error {
	return reword(tx, noteID, Excerpt(text))
}

// ForgetNoteTx takes back what was told of a note that is deleted.
func (s *Service) ForgetNoteTx(tx *db.Tx, noteID string) error {
	return s.forget(tx, "note_id = ?", noteID)
}

// ForgetAskTx takes back what was told of an ask that is withdrawn.
func (s *Service) ForgetAskTx(tx *db.Tx, askID string) error {
	return s.forget(tx, "ask_id = ?", askID)
}

// ForgetSubjectTx takes back what was told of something that is no more, or is done: of these kinds, or of
// all where none is named.
func (s *Service) ForgetSubjectTx(tx *db.Tx, subjectID string, kinds ...Kind) error {
	if len(kinds) == 0 {
		return s.forget(tx, "subject_id = ?", subjectID)
	}
	for _, k := range kinds {
		if err := s.forget(tx, "kind = '"+string(k)+"' AND subject_id = ?", subjectID); err != nil {
			return err
		}
	}
	return nil
}

// ForgetFailureTx takes back that a take could not be processed: it is being tried again.
func (s *Service) ForgetFailureTx(tx *db.Tx, videoID string) error {
	return s.forget(tx, "kind = 'failed' AND video_id = ?", videoID)
}

func (s *Service) forget(tx *db.Tx, condition, value string) error {
	persons, err := remove(tx, condition, value)
	if err != nil || len(persons) == 0 {
		return err
	}
	return s.changed(tx, persons)
}

func (s *Service) changed(tx *db.Tx, persons []string) error {
	tx.AfterCommit(s.OnTold)
	return noteChanges(tx, persons)
}

// Filter narrows a list of notices.
type Filter struct {
	// Unread leaves out what the person has seen.
	Unread bool
	// Before is the id of the last notice of the page before.
	Before string
	Limit  int
}

// List gives the actor's notices, newest first, a page at a time.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Notice, error) {
	if f.Before != "" {
		var err error
		if f.Before, err = ident.Parse(f.Before); err != nil {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "This is no cursor of this list. Begin with the first page.")
		}
	}
	return list(s.db.Read(ctx), a, f)
}

// Unread counts the actor's notices that they have not seen.
func (s *Service) Unread(ctx context.Context, a people.Actor) (int, error) {
	return unread(s.db.Read(ctx), a)
}

// Read marks the actor's notices as seen: those named, or all. Ids of others' notices, or of none, are
// passed over. It gives how many are left unread.
func (s *Service) Read(ctx context.Context, a people.Actor, ids []string, all bool) (int, error) {
	switch {
	case !all && len(ids) == 0:
		return 0, fault.InvalidField("ids", "required", "Name the notices, or say all.")
	case len(ids) > maxIDs:
		return 0, fault.InvalidField("ids", "too_many", "Name at most 200 notices at once.")
	}
	ids = slices.Clone(ids)
	for i, id := range ids {
		var err error
		if ids[i], err = ident.Parse(id); err != nil {
			return 0, fault.Wrap(err, fault.Invalid, "id_invalid", "Use the ids of notices.").At("ids")
		}
	}
	left := 0
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := markRead(tx, a.PersonID, ids, all)
		if err != nil {
			return err
		}
		if left, err = unread(tx.Gorm(), a); err != nil || n == 0 {
			return err
		}
		return s.changed(tx, []string{a.PersonID})
	})
	return left, err
}

// Trim forgets notices that are old, and changes that every node has long seen.
func (s *Service) Trim(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return trim(tx, tx.Now.Add(-keepFor), tx.Now.Add(-keepChanges)) })
}
