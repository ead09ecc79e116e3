package review

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// Submitted has an attempt that came in reviewed: by one, or by two who do not know of each other. It is the
// hook OnSubmitted of package programme.
func (s *Service) Submitted(_ context.Context, tx *db.Tx, a programme.Attempt) error {
	p, err := s.Programmes.ProgrammeTx(tx, a.ProgrammeID)
	if err != nil {
		return err
	}
	g, err := s.groundOf(tx, p, a)
	if err != nil {
		return err
	}
	first, err := s.ask(tx, p, a, Review{Role: First, RubricVersionID: a.RubricVersionID}, route(First, g))
	if err != nil {
		return err
	}
	asked := []Review{first}
	if p.SecondShare > 0 {
		key, err := secondKey(tx)
		if err != nil {
			return err
		}
		g.note(first)
		// Where nobody else is left, one review has to do.
		if c := route(Second, g); chosen(key, a.ID, p.SecondShare) && c != (choice{}) {
			second, err := s.ask(tx, p, a, Review{Role: Second, RubricVersionID: a.RubricVersionID}, c)
			if err != nil {
				return err
			}
			if err := s.Programmes.SetSecondTx(tx, a.ID); err != nil {
				return err
			}
			asked = append(asked, second)
		}
	}
	for _, r := range asked {
		if err := s.auditAssigned(tx, "", r); err != nil {
			return err
		}
	}
	return nil
}

// chosen says whether an attempt is one of the share (percent) that two review. It depends on a secret, since
// participants may choose the ids of their attempts.
func chosen(key []byte, attemptID string, share int) bool {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(attemptID))
	return int(binary.BigEndian.Uint64(mac.Sum(nil))%100) < share //nolint:gosec // under 100
}

// ask makes a review for whom was chosen; the zero choice leaves it to be given to somebody by hand. The
// caller writes the trail, last.
func (s *Service) ask(tx *db.Tx, p programme.Programme, a programme.Attempt, r Review, c choice) (Review, error) {
	r.ID, r.AttemptID, r.ProgrammeID, r.State = ident.At(tx.Now), a.ID, a.ProgrammeID, Waiting
	r.RetryCriteria, r.DueAt, r.CreatedAt, r.AssignedAt = programme.List{}, a.DueAt, tx.Now, tx.Now
	r.ReviewerID, r.ForID = db.Ref(c.reviewer), db.Ref(c.deputyFor)
	if err := insert(tx, &r); err != nil {
		return r, err
	}
	return r, s.handOver(tx, p, a, r)
}

// handOver lets the reviewer see the attempt, and tells them of it.
func (s *Service) handOver(tx *db.Tx, p programme.Programme, a programme.Attempt, r Review) error {
	if r.ReviewerID == nil {
		return nil // the pool is told by the digest, once a day
	}
	if a.VideoID != nil {
		if err := s.Videos.GrantTx(tx, *a.VideoID, *r.ReviewerID, r.ID); err != nil {
			return err
		}
	}
	return s.Notices.TellTx(tx, notice.Notice{PersonID: *r.ReviewerID, Kind: notice.Review, ActorID: &a.PersonID, SubjectID: &r.ID, Body: p.Name})
}

// takeBack ends what handOver gave, before the review goes to somebody else or is dropped, and what is not
// sent of it: a draft is its writer's, and the next reviewer begins with nothing.
func (s *Service) takeBack(tx *db.Tx, a programme.Attempt, r *Review) error {
	if a.VideoID != nil {
		if err := s.Videos.RevokeTx(tx, *a.VideoID, r.ID); err != nil {
			return err
		}
	}
	if err := s.dropDraft(tx, r); err != nil {
		return err
	}
	r.NudgedAt, r.OfferedAt, r.OfferedTo = nil, nil, nil
	return s.Notices.ForgetSubjectTx(tx, r.ID, notice.Review, notice.Waiting, notice.Deputy)
}

func (s *Service) dropDraft(tx *db.Tx, r *Review) error {
	if !r.Draft.Empty() {
		r.DraftVersion++ // so that what is still on its way is recognized as old
	}
	r.Draft, r.DraftAt = Content{}, nil
	return s.dropVoices(tx, r.ID, nil)
}

// drop ends a review that is not needed any more.
func (s *Service) drop(tx *db.Tx, a programme.Attempt, r Review) error {
	if err := s.takeBack(tx, a, &r); err != nil {
		return err
	}
	r.State = Dropped
	return save(tx, &r)
}

func (s *Service) auditAssigned(tx *db.Tx, by string, r Review) error {
	detail := map[string]any{"review_id": r.ID, "role": r.Role}
	for name, id := range map[string]*string{"reviewer_id": r.ReviewerID, "deputy_for": r.ForID} {
		if id != nil {
			detail[name] = *id
		}
	}
	return audit.Write(tx, by, "review.assigned", r.AttemptID, detail)
}

// Swapped has reviewers look at another video than before: what they had begun goes. It is the hook OnSwapped
// of package programme. Conflict attempt_reviewed once a review is sent.
func (s *Service) Swapped(_ context.Context, tx *db.Tx, a programme.Attempt, oldVideoID string) error {
	reviews, err := reviewsOf(tx.Gorm(), a.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(reviews, func(r Review) bool { return r.State == Sent }) {
		return fault.New(fault.Conflict, "attempt_reviewed", "Somebody has reviewed this attempt already: it cannot be exchanged any more.")
	}
	for _, r := range reviews {
		if oldVideoID != "" {
			if err := s.Videos.RevokeTx(tx, oldVideoID, r.ID); err != nil {
				return err
			}
		}
		if r.ReviewerID != nil && a.VideoID != nil {
			if err := s.Videos.GrantTx(tx, *a.VideoID, *r.ReviewerID, r.ID); err != nil {
				return err
			}
		}
		if err := s.dropDraft(tx, &r); err != nil {
			return err
		}
		if err := save(tx, &r); err != nil {
			return err
		}
	}
	return nil
}

// Claim takes a review out of the pool, or over from a reviewer who is away or has let it wait too long;
// twice is once. Errors: NotFound for what the actor may not see, Conflict review_claimed where somebody was
// quicker, Forbidden.
func (s *Service) Claim(ctx context.Context, a people.Actor, id string) (Review, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, r *Review, on standing) error {
		if r.By(a.PersonID) && r.State == Waiting {
			return nil
		}
		if !Can(a, Claim, on.Case) {
			if Can(a, See, on.Case) {
				return fault.Denied("This review is not yours to take. Who looks after the team can give it to you.")
			}
			if r.State == Waiting && r.ReviewerID != nil && on.InPool && !on.Other && a.PersonID != on.ParticipantID {
				return fault.New(fault.Conflict, "review_claimed", "Somebody else was quicker and has taken this.")
			}
			return fault.Missing("review")
		}
		was := r.reviewer()
		if err := s.takeBack(tx, on.attempt, r); err != nil {
			return err
		}
		r.ReviewerID, r.ForID, r.ClaimedAt, r.AssignedAt = &a.PersonID, db.Ref(was), &tx.Now, tx.Now
		if err := s.passOn(tx, r, on); err != nil {
			return err
		}
		detail := map[string]any{"review_id": r.ID, "role": r.Role}
		if was != "" {
			detail["from"] = was
		}
		return audit.Write(tx, a.PersonID, "review.claimed", r.AttemptID, detail)
	})
}

// Release gives back a review that the actor has claimed: to the pool, or to whom it was taken over from.
// Errors: NotFound, Forbidden for one that was given to them, Conflict review_sent.
func (s *Service) Release(ctx context.Context, a people.Actor, id string) (Review, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, r *Review, on standing) error {
		if err := allow(a, Release, on.Case, "This review was given to you. Give it to somebody else instead."); err != nil {
			return err
		}
		if err := s.takeBack(tx, on.attempt, r); err != nil {
			return err
		}
		r.ReviewerID, r.ForID, r.ClaimedAt, r.AssignedAt = r.ForID, nil, nil, tx.Now
		if err := s.passOn(tx, r, on); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "review.released", r.AttemptID, map[string]any{"review_id": r.ID, "role": r.Role})
	})
}

// Reassign gives a review that waits to somebody else: to another manager of the participant's line or a
// reviewer of the programme; a trainer or an admin also to trainers and admins. To whom it belongs already is
// no change. Errors: NotFound, Forbidden, Invalid reviewer_unfit, Conflict review_sent.
func (s *Service) Reassign(ctx context.Context, a people.Actor, id, to string) (Review, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, r *Review, on standing) error {
		if err := allow(a, Reassign, on.Case, "Only who looks after this review can give it to somebody else."); err != nil {
			return err
		}
		if r.By(to) {
			return nil
		}
		g, err := s.groundOf(tx, on.programme, on.attempt)
		if err != nil {
			return err
		}
		if !slices.Contains(g.eligible(a.Has(people.Trainer) || a.Has(people.Admin)), to) {
			return errUnfit("person_id")
		}
		was := r.reviewer()
		if err := s.takeBack(tx, on.attempt, r); err != nil {
			return err
		}
		r.ReviewerID, r.ForID, r.ClaimedAt, r.AssignedAt = &to, nil, nil, tx.Now
		if err := s.passOn(tx, r, on); err != nil {
			return err
		}
		detail := map[string]any{"review_id": r.ID, "role": r.Role, "to": to}
		if was != "" {
			detail["from"] = was
		}
		return audit.Write(tx, a.PersonID, "review.reassigned", r.AttemptID, detail)
	})
}

func errUnfit(field string) error {
	return fault.InvalidField(field, "reviewer_unfit", "This person cannot review this attempt: name a manager of its author's line or a reviewer of the programme who has not looked at it yet.")
}

// passOn writes a review that has gone to somebody else, and hands it over.
func (s *Service) passOn(tx *db.Tx, r *Review, on standing) error {
	if err := save(tx, r); err != nil {
		return err
	}
	return s.handOver(tx, on.programme, on.attempt, *r)
}
