package programme

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

const (
	// SwapFor is how long after it came in an attempt's take may be exchanged for another.
	SwapFor = 30 * time.Minute
	// maxNote is the longest note of a participant on their own attempt, in characters.
	maxNote = 500
	// lastMoments is how long before a practice goes it cannot be submitted any more: whoever removes it may
	// have begun.
	lastMoments = 10 * time.Minute
)

// OwnNote is what a participant writes at a time of their take, for the reviewer.
type OwnNote struct {
	AtMS int64
	Text string
}

func (n OwnNote) clean(v video.Video) (OwnNote, error) {
	n.Text = strings.TrimSpace(strings.ReplaceAll(n.Text, "\r\n", "\n"))
	switch {
	case n.Text == "":
		return OwnNote{}, nil
	case !utf8.ValidString(n.Text) || strings.ContainsFunc(n.Text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }):
		return n, fault.InvalidField("note.text", "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(n.Text) > maxNote:
		return n, fault.InvalidField("note.text", "too_long", "Use at most 500 characters.")
	case n.AtMS < 0 || n.AtMS > v.DurationMS:
		return n, fault.InvalidField("note.at_ms", "time_outside", "This time is not inside the video.")
	}
	return n, nil
}

// NewAttempt is a practice to be submitted.
type NewAttempt struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same attempt.
	ID      string
	VideoID string
	Note    OwnNote
}

// Submit makes a practice of the actor's enrolment an attempt, which its reviewers see from then on. Errors:
// NotFound for an enrolment that is not theirs; Conflict enrolment_left, programme_closed, attempt_waits,
// passed_already, attempts_used, too_early (with next_attempt_at in its context), video_not_playable; Invalid
// practice_unknown for a video that is no practice of this enrolment, and for a wrong note.
func (s *Service) Submit(ctx context.Context, a people.Actor, enrolmentID string, n NewAttempt) (Attempt, error) {
	id, err := db.OwnID(n.ID)
	if err != nil {
		return Attempt{}, err
	}
	n.ID = id
	var out Attempt
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		e, err := EnrolmentTx(tx, enrolmentID)
		if err != nil {
			return err
		}
		if a.PersonID == "" || e.PersonID != a.PersonID {
			return fault.Missing("enrolment")
		}
		had, again, err := submitted(tx, n.ID, e.ID)
		if err != nil || again {
			out = had
			return err
		}
		out, err = s.submit(ctx, tx, e, n)
		return err
	})
	return out, err
}

func (s *Service) submit(ctx context.Context, tx *db.Tx, e Enrolment, n NewAttempt) (Attempt, error) {
	p, err := loadProgramme(tx.Gorm(), e.ProgrammeID)
	if err != nil {
		return Attempt{}, err
	}
	if err := mayTry(p, e, tx.Now); err != nil {
		return Attempt{}, err
	}
	v, note, err := s.practiceTx(tx, e, n.VideoID, n.Note)
	if err != nil {
		return Attempt{}, err
	}
	attempts, err := attemptsOf(tx.Gorm(), e.ID)
	if err != nil {
		return Attempt{}, err
	}
	only, carried, err := s.lookedAtTx(tx, p, e, attempts)
	if err != nil {
		return Attempt{}, err
	}
	a := Attempt{ID: n.ID, EnrolmentID: e.ID, ProgrammeID: p.ID, PersonID: e.PersonID, Number: len(attempts) + 1, VideoID: &v.ID, RubricVersionID: p.RubricVersionID,
		OnlyCriteria: only, Carried: carried, NoteAtMS: note.AtMS, Note: note.Text, State: Waiting, SubmittedAt: tx.Now, SwapUntil: tx.Now.Add(SwapFor), DueAt: e.DueAt}
	if err := insertAttempt(tx, &a); err != nil {
		return a, db.Fault(err, "video")
	}
	e.Attempts++
	stand(&e, p, append(attempts, a))
	if err := saveEnrolment(tx, &e); err != nil {
		return a, err
	}
	if err := s.Videos.SetKindTx(tx, v.ID, video.Attempt); err != nil {
		return a, err
	}
	if err := s.Notices.ForgetSubjectTx(tx, e.ID, notice.Enrolled, notice.Due); err != nil {
		return a, err
	}
	if err := s.OnSubmitted(ctx, tx, a); err != nil {
		return a, err
	}
	return a, audit.Write(tx, a.PersonID, "attempt.submitted", a.ID, map[string]any{"number": a.Number, "video_id": v.ID, "rubric_version_id": a.RubricVersionID})
}

// mayTry says whether an attempt may come in now.
func mayTry(p Programme, e Enrolment, now time.Time) error {
	left, limited := p.AttemptsLeft(e)
	switch {
	case e.LeftAt != nil:
		return fault.New(fault.Conflict, "enrolment_left", "You do not take part in this programme any more.")
	case p.State != Open:
		return fault.New(fault.Conflict, "programme_closed", "This programme takes no attempts any more.")
	case e.State == Submitted:
		return fault.New(fault.Conflict, "attempt_waits", "An attempt of yours waits for its review. You can exchange the take within 30 minutes.")
	case e.State == Passed:
		return fault.New(fault.Conflict, "passed_already", "You have passed. You can take part again when your certificate is to be renewed.")
	case limited && left == 0:
		return fault.New(fault.Conflict, "attempts_used", "You have no attempts left. Your manager can give you another.")
	case e.NextAttemptAt != nil && now.Before(*e.NextAttemptAt):
		f := fault.New(fault.Conflict, "too_early", "Practise as often as you like: the next attempt can come a little later.")
		f.Extra = map[string]any{"next_attempt_at": *e.NextAttemptAt}
		return f
	}
	return nil
}

// practiceTx holds a practice of an enrolment that may be submitted, and checks the note on it.
func (s *Service) practiceTx(tx *db.Tx, e Enrolment, videoID string, note OwnNote) (video.Video, OwnNote, error) {
	unknown := fault.InvalidField("video_id", "practice_unknown", "Choose one of your practices for this programme.")
	if !db.Plain(videoID) {
		return video.Video{}, note, unknown
	}
	v, err := s.Videos.LoadTx(tx, videoID)
	if fault.Is(err, fault.NotFound) {
		return v, note, unknown
	}
	if err != nil {
		return v, note, err
	}
	switch {
	case v.AuthorID != e.PersonID || v.DeletedAt != nil || v.Kind != video.Practice || v.ForID == nil || *v.ForID != e.ID:
		return v, note, unknown
	case !tx.Now.Before(GoesAt(v).Add(-lastMoments)):
		return v, note, unknown
	case v.State == video.Failed:
		return v, note, fault.New(fault.Conflict, "video_not_playable", "This take could not be processed. Choose another.").At("video_id")
	case v.State != video.Playable && v.State != video.Ready:
		return v, note, fault.New(fault.Conflict, "video_not_playable", "This take is still being processed. Wait until it plays.").At("video_id")
	}
	note, err = note.clean(v)
	return v, note, err
}

// lookedAtTx is lookedAt for the next attempt of an enrolment.
func (s *Service) lookedAtTx(tx *db.Tx, p Programme, e Enrolment, attempts []Attempt) (List, Levels, error) {
	if len(e.RetryCriteria) == 0 || len(attempts) == 0 {
		return List{}, Levels{}, nil
	}
	last := attempts[len(attempts)-1]
	versions, err := s.Rubrics.VersionsTx(tx, p.RubricVersionID, last.RubricVersionID)
	if err != nil {
		return nil, nil, err
	}
	only, carried := lookedAt(versions[p.RubricVersionID], versions[last.RubricVersionID], last)
	return only, carried, nil
}

// Swap exchanges the take of an attempt that waits, or the note on it, within SwapFor of its coming in: the
// old take is a practice again. Conflict attempt_settled, swap_over; the errors of Submit for the video.
func (s *Service) Swap(ctx context.Context, a people.Actor, attemptID, videoID string, note OwnNote) (Attempt, error) {
	var out Attempt
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		at, e, err := s.ownTx(tx, a, attemptID)
		if err != nil {
			return err
		}
		switch {
		case at.State != Waiting:
			return fault.New(fault.Conflict, "attempt_settled", "This attempt has its result already.")
		case tx.Now.After(at.SwapUntil):
			return fault.New(fault.Conflict, "swap_over", "The 30 minutes in which the take could be exchanged are over.")
		}
		old := ""
		if at.VideoID != nil {
			old = *at.VideoID
		}
		out = at
		if videoID == old && old != "" {
			v, err := s.Videos.LoadTx(tx, old)
			if err != nil {
				return err
			}
			if note, err = note.clean(v); err != nil {
				return err
			}
			out.Note, out.NoteAtMS = note.Text, note.AtMS
			return saveAttempt(tx, &out)
		}
		v, note, err := s.practiceTx(tx, e, videoID, note)
		if err != nil {
			return err
		}
		out.VideoID, out.Note, out.NoteAtMS = &v.ID, note.Text, note.AtMS
		if err := saveAttempt(tx, &out); err != nil {
			return err
		}
		if err := s.Videos.SetKindTx(tx, v.ID, video.Attempt); err != nil {
			return err
		}
		if err := s.OnSwapped(ctx, tx, out, old); err != nil {
			return err
		}
		if old != "" {
			if err := s.Videos.SetKindTx(tx, old, video.Practice); err != nil {
				return err
			}
		}
		return audit.Write(tx, a.PersonID, "attempt.swapped", out.ID, map[string]any{"from": old, "to": v.ID})
	})
	return out, err
}

// ownTx holds an attempt of the actor's with its enrolment; NotFound for one they may not see, Forbidden for
// another's.
func (s *Service) ownTx(tx *db.Tx, a people.Actor, attemptID string) (Attempt, Enrolment, error) {
	if _, err := seenAttempt(tx.Gorm(), a, attemptID); err != nil {
		return Attempt{}, Enrolment{}, err
	}
	at, err := AttemptTx(tx, attemptID)
	if err != nil {
		return at, Enrolment{}, err
	}
	if !CanAttempt(a, SwapTake, people.Place{PersonID: at.PersonID}, false) {
		return at, Enrolment{}, fault.Denied("Only who made this attempt may do this.")
	}
	e, err := EnrolmentTx(tx, at.EnrolmentID)
	return at, e, err
}

// Acknowledge says that the participant has seen their result. Twice is once; Conflict attempt_waits while
// there is none.
func (s *Service) Acknowledge(ctx context.Context, a people.Actor, attemptID string) (Attempt, error) {
	var out Attempt
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if out, _, err = s.ownTx(tx, a, attemptID); err != nil {
			return err
		}
		switch {
		case out.State != Settled:
			return fault.New(fault.Conflict, "attempt_waits", "This attempt has no result yet.")
		case out.AcknowledgedAt != nil:
			return nil
		}
		out.AcknowledgedAt = &tx.Now
		if err := saveAttempt(tx, &out); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "attempt.acknowledged", out.ID, nil)
	})
	return out, err
}

// Renew begins a new round of attempts for who has passed, once the certificate of the last one may be
// renewed, has ended or was revoked. The old certificate holds until it ends or the new one replaces it.
// Conflict not_renewable.
func (s *Service) Renew(ctx context.Context, a people.Actor, enrolmentID string) (Enrolment, error) {
	var out Enrolment
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		e, err := EnrolmentTx(tx, enrolmentID)
		if err != nil {
			return err
		}
		if a.PersonID == "" || e.PersonID != a.PersonID {
			return fault.Missing("enrolment")
		}
		p, err := loadProgramme(tx.Gorm(), e.ProgrammeID)
		if err != nil {
			return err
		}
		c, has, err := lastCertificate(tx.Gorm(), e.ID)
		if err != nil {
			return err
		}
		if !has || !renewable(p, e, c, tx.Now) {
			return fault.New(fault.Conflict, "not_renewable", "There is nothing to renew yet.")
		}
		e.StartedAt, e.Attempts, e.ByHand, e.DueAt = tx.Now, 0, false, nil
		if c.RevokedAt == nil && c.ExpiresAt != nil && c.ExpiresAt.After(tx.Now) {
			e.DueAt = c.ExpiresAt
		}
		stand(&e, p, nil)
		if err := saveEnrolment(tx, &e); err != nil {
			return err
		}
		out = e
		if err := s.Notices.ForgetSubjectTx(tx, e.ID, notice.Due); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "enrolment.renewed", e.ID, nil)
	})
	return out, err
}

// renewable says whether a new round may begin.
func renewable(p Programme, e Enrolment, c ending, now time.Time) bool {
	if p.State != Open || e.State != Passed || e.LeftAt != nil {
		return false
	}
	return c.RevokedAt != nil || c.ExpiresAt != nil && !now.Before(c.ExpiresAt.AddDate(0, 0, -p.RenewDays))
}

// GoesAt is when a practice is deleted.
func GoesAt(v video.Video) time.Time { return v.CreatedAt.Add(video.KeepPractice) }
