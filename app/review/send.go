package review

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

// Send sends a review, once: the same content twice is once, other content a Conflict review_sent. base, where
// it is not nil, must be the version of the last draft (Conflict draft_changed). In the same transaction the
// attempt is settled if that is all it waits for, a certificate is issued for a pass, and the participant told;
// where two reviewers disagree, a third is asked.
//
// Errors besides: NotFound, Forbidden; Invalid levels_missing, pass_rule, retry_nothing, note_empty,
// voice_missing, reply_unfit, and what cannot be in a draft either.
func (s *Service) Send(ctx context.Context, a people.Actor, id string, base *int, c Content) (Review, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, r *Review, on standing) error {
		if !r.By(a.PersonID) || r.State == Dropped {
			return allow(a, Write, on.Case, "Only its reviewer can send this review.")
		}
		sh, err := s.sheetOf(tx, *r, on.attempt)
		if err != nil {
			return err
		}
		if c, err = c.clean(sh.rubric, sh.carried, sh.durationMS); err != nil {
			return err
		}
		c = c.decisive(r.Role)
		if r.State == Sent {
			if c.same(r.Draft) {
				return nil
			}
			return fault.New(fault.Conflict, "review_sent", "This review is sent already, with other content.")
		}
		if base != nil && *base != r.DraftVersion && !c.same(r.Draft.decisive(r.Role)) {
			return changed(*r)
		}
		levels, verdict, err := c.finish(r.Role, sh.rubric, on.programme.Pass, sh.open, sh.carried)
		if err != nil {
			return err
		}
		if err := s.checkReplies(tx, a, *r, c); err != nil {
			return err
		}
		if err := s.checkVoices(tx, *r, c); err != nil {
			return err
		}
		if err := s.write(tx, r, c, sh, levels, verdict.Score); err != nil {
			return err
		}
		return s.follow(tx, a, *r, on)
	})
}

// decisive leaves out what a decision makes pointless, so that it is not kept as if it had been meant.
func (c Content) decisive(role Role) Content {
	if role == Again {
		c.Decision = ""
	}
	if c.Decision != programme.TryAgain {
		c.RetryCriteria = nil
	}
	return c
}

// write keeps what was sent: the review's row, its levels and notes.
func (s *Service) write(tx *db.Tx, r *Review, c Content, sh sheet, levels score.Levels, score int) error {
	r.State, r.SentAt, r.Draft, r.DraftAt = Sent, &tx.Now, c, &tx.Now
	r.DraftVersion++
	r.Decision, r.RetryCriteria, r.Message, r.Score = c.Decision, c.RetryCriteria, c.Message, &score
	r.OfferedAt, r.OfferedTo = nil, nil
	if err := save(tx, r); err != nil {
		return err
	}
	scores := make([]Score, 0, len(sh.rubric))
	for _, criterion := range sh.rubric {
		_, carried := sh.carried[criterion.ID]
		scores = append(scores, Score{r.ID, criterion.ID, levels[criterion.ID], carried})
	}
	notes := make([]SentNote, len(c.Notes))
	voices := map[string]bool{}
	for i, n := range c.Notes {
		notes[i] = SentNote{n.ID, r.ID, n.AtMS, n.Kind, n.Text, n.Voice, db.Ref(n.ReplyVideoID), tx.Now}
		if n.Voice {
			voices[n.ID] = true
		}
	}
	if err := insertSent(tx, scores, notes); err != nil {
		return err
	}
	if err := s.dropVoices(tx, r.ID, voices); err != nil {
		return err
	}
	return s.Notices.ForgetSubjectTx(tx, r.ID, notice.Review, notice.Waiting, notice.Deputy)
}

// checkReplies refuses videos that are no reply of the reviewer's to this attempt.
func (s *Service) checkReplies(tx *db.Tx, a people.Actor, r Review, c Content) error {
	for _, n := range c.Notes {
		if n.ReplyVideoID == "" {
			continue
		}
		v, err := s.Videos.ForTx(tx, a, n.ReplyVideoID)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return err
		case v.AuthorID == a.PersonID && v.Kind == video.VideoReply && db.Deref(v.ForID) == r.ID && v.State != video.Failed:
			continue
		}
		return fault.InvalidField("notes.reply_video_id", "reply_unfit", "Answer with a video that you have recorded for this review.")
	}
	return nil
}

// follow does what follows from a review that was sent. The trail is written last: whoever writes it keeps
// others from it until the transaction ends.
func (s *Service) follow(tx *db.Tx, a people.Actor, r Review, on standing) error {
	detail := map[string]any{"review_id": r.ID, "role": r.Role, "rubric_version_id": r.RubricVersionID}
	opened := func() {
		detail["score"] = *r.Score
		if r.Decision != "" {
			detail["decision"] = r.Decision
		}
	}
	write := func() error { return audit.Write(tx, a.PersonID, "review.sent", r.AttemptID, detail) }
	switch r.Role {
	case Again:
		opened()
		if err := s.Notices.TellTx(tx, notice.Notice{PersonID: on.ParticipantID, Kind: notice.Result, ActorID: &a.PersonID, SubjectID: &r.AttemptID, Body: r.Message}); err != nil {
			return err
		}
		return write()
	case Disputed:
		opened()
		if err := s.tellThirdIsIn(tx, r); err != nil {
			return err
		}
		return write()
	case First, Second, Third:
	}
	counting := append(slices.Clone(on.others), r)
	what, out := next(counting, on.programme.SecondDistance)
	var third Review
	var err error
	switch what {
	case wait:
		// The scores stay out of the trail until the other is in: it is read by reviewers too.
	case askThird:
		if third, err = s.askThird(tx, on, r); err != nil {
			return err
		}
	case settled:
		if len(counting) == 1 {
			opened()
		}
		if err := s.settleTx(tx, a, on, counting, out); err != nil {
			return err
		}
	}
	if err := write(); err != nil {
		return err
	}
	if third.ID != "" {
		return s.auditAssigned(tx, "", third)
	}
	if what == settled && len(counting) > 1 {
		return auditCounted(tx, counting)
	}
	return nil
}

// auditCounted writes down what each of several reviewers had said, once all are in.
func auditCounted(tx *db.Tx, reviews []Review) error {
	for _, r := range reviews {
		if r.Role == Again || r.Role == Disputed {
			continue
		}
		if err := audit.Write(tx, r.reviewer(), "review.counted", r.AttemptID, map[string]any{"review_id": r.ID, "role": r.Role, "score": *r.Score, "decision": r.Decision}); err != nil {
			return err
		}
	}
	return nil
}

// askThird asks somebody who has seen neither of the two reviews.
func (s *Service) askThird(tx *db.Tx, on standing, sent Review) (Review, error) {
	g, err := s.groundOf(tx, on.programme, on.attempt)
	if err != nil {
		return Review{}, err
	}
	return s.ask(tx, on.programme, on.attempt, Review{Role: Third, RubricVersionID: sent.RubricVersionID}, route(Third, g))
}

// settleTx gives the attempt its result.
func (s *Service) settleTx(tx *db.Tx, a people.Actor, on standing, reviews []Review, out outcome) error {
	shown := []Review{out.shown}
	if out.shown.Role == First {
		for _, r := range reviews {
			if r.Role == Second && r.State == Sent {
				shown = append(shown, r)
			}
		}
	}
	if err := s.showReplies(tx, on.ParticipantID, shown...); err != nil {
		return err
	}
	levels, err := levelsOf(tx, out.shown.ID)
	if err != nil {
		return err
	}
	attempt, _, err := s.Programmes.SettleTx(tx, on.attempt.ID, programme.Outcome{Decision: out.decision, Score: out.score, ReviewID: out.shown.ID,
		RetryCriteria: out.retry, Levels: levels, ByID: a.PersonID, Message: out.shown.Message})
	if err != nil {
		return err
	}
	if attempt.Decision != programme.Pass {
		return nil
	}
	_, err = s.Certificates.IssueTx(tx, attempt.ID)
	return err
}

func levelsOf(tx *db.Tx, review string) (programme.Levels, error) {
	scores, err := scoresOf(tx.Gorm(), review)
	levels := programme.Levels{}
	for _, sc := range scores {
		levels[sc.CriterionID] = sc.Level
	}
	return levels, err
}

// showReplies lets the participant see the videos that reviewers answered with.
func (s *Service) showReplies(tx *db.Tx, participant string, reviews ...Review) error {
	for _, r := range reviews {
		for _, n := range r.Draft.Notes {
			if n.ReplyVideoID == "" {
				continue
			}
			if err := s.Videos.GrantTx(tx, n.ReplyVideoID, participant, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
