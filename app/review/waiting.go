package review

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// NudgeAfter and OfferAfter are how long a review may wait for its reviewer before they are reminded, and
// before it is offered to somebody else.
const (
	NudgeAfter = 24 * time.Hour
	OfferAfter = 48 * time.Hour
)

// Counts is what waits for the actor, for their home screen and digest: the box Mine and how many they could
// take out of pools.
type Counts struct {
	Summary
	Pool int
}

// Counts counts what waits for the actor.
func (s *Service) Counts(ctx context.Context, a people.Actor) (Counts, error) {
	g, now := s.DB.Read(ctx), s.DB.Now()
	stands, err := standsInToday(g, a.PersonID, now)
	if err != nil {
		return Counts{}, err
	}
	var out Counts
	if out.Summary, err = summary(g, a, Mine, stands, now); err != nil {
		return out, err
	}
	var pool int64
	err = boxed(g, a, Pool, stands).Select("reviews.id").Count(&pool).Error
	out.Pool = int(pool)
	return out, err
}

// WaitingFor gives what waits for the actor, most urgent first: the box Mine, at most limit.
func (s *Service) WaitingFor(ctx context.Context, a people.Actor, limit int) ([]Item, error) {
	items, _, err := s.List(ctx, a, Filter{Box: Mine, Limit: limit})
	return items, err
}

// Reviewers gives the ids of all for whom reviews wait now: their own, those offered to them, and those of whom
// they stand in for today; who could take one out of a pool is not among them.
func (s *Service) Reviewers(ctx context.Context) ([]string, error) {
	g, now := s.DB.Read(ctx), s.DB.Now()
	var out []string
	if err := g.Raw(`SELECT reviewer_id FROM reviews WHERE state = 'waiting' AND reviewer_id IS NOT NULL
		UNION SELECT offered_to FROM reviews WHERE state = 'waiting' AND offered_to IS NOT NULL`).Scan(&out).Error; err != nil {
		return nil, err
	}
	away, err := absences(g, "")
	if err != nil {
		return nil, err
	}
	waits := make(map[string]bool, len(out))
	for _, p := range out {
		waits[p] = true
	}
	for _, d := range away {
		if waits[d.PersonID] && d.on(now) {
			out = append(out, d.DeputyID)
		}
	}
	return unique(out), nil
}

// ToNudge gives the ids of the reviews that have waited for their reviewer for NudgeAfter, and of which they
// were not reminded, oldest first.
func (s *Service) ToNudge(ctx context.Context, limit int) ([]string, error) {
	return s.overlong(ctx, NudgeAfter, "nudged_at", limit)
}

// ToOffer gives the ids of the reviews that have waited for their reviewer for OfferAfter, and were not offered
// to anybody else, oldest first.
func (s *Service) ToOffer(ctx context.Context, limit int) ([]string, error) {
	return s.overlong(ctx, OfferAfter, "offered_at", limit)
}

func (s *Service) overlong(ctx context.Context, after time.Duration, mark string, limit int) ([]string, error) {
	var out []string
	err := s.DB.Read(ctx).Model(&Review{}).Where("state = 'waiting' AND reviewer_id IS NOT NULL AND "+mark+" IS NULL AND assigned_at <= ?", s.DB.Now().Add(-after)).
		Order("assigned_at, id").Limit(limit).Pluck("id", &out).Error
	return out, err
}

// Nudge reminds the reviewer of a review that has waited for NudgeAfter, once; tell is false where the reviewer
// wants none, and it counts as done. It gives whether somebody was reminded.
func (s *Service) Nudge(ctx context.Context, id string, tell bool) (bool, error) {
	done := false
	_, err := s.change(ctx, people.System(), id, func(tx *db.Tx, r *Review, on standing) error {
		done = false
		if r.State != Waiting || r.ReviewerID == nil || r.NudgedAt != nil || r.AssignedAt.Add(NudgeAfter).After(tx.Now) {
			return nil
		}
		r.NudgedAt = &tx.Now
		if err := save(tx, r); err != nil || !tell {
			return err
		}
		done = true
		if err := s.Notices.ForgetSubjectTx(tx, r.ID, notice.Review); err != nil {
			return err
		}
		return s.Notices.TellTx(tx, notice.Notice{PersonID: *r.ReviewerID, Kind: notice.Waiting, ActorID: &on.ParticipantID, SubjectID: &r.ID, Body: on.programme.Name})
	})
	return done, err
}

// OfferToDeputy offers a review that has waited for OfferAfter to somebody else, once: to the reviewer's deputy
// whatever the days of the absence, or else to whom it would have gone without the reviewer. They may claim it;
// until then it stays the reviewer's. It gives to whom, "" for nobody.
func (s *Service) OfferToDeputy(ctx context.Context, id string) (string, error) {
	to := ""
	_, err := s.change(ctx, people.System(), id, func(tx *db.Tx, r *Review, on standing) error {
		to = ""
		if r.State != Waiting || r.ReviewerID == nil || r.OfferedAt != nil || r.AssignedAt.Add(OfferAfter).After(tx.Now) {
			return nil
		}
		var err error
		if to, err = s.standIn(tx, *r, on); err != nil {
			return err
		}
		r.OfferedAt, r.OfferedTo = &tx.Now, db.Ref(to)
		if err := save(tx, r); err != nil || to == "" {
			return err
		}
		if err := s.Notices.TellTx(tx, notice.Notice{PersonID: to, Kind: notice.Deputy, ActorID: r.ReviewerID, SubjectID: &r.ID, Body: on.programme.Name}); err != nil {
			return err
		}
		return audit.Write(tx, "", "review.offered", r.AttemptID, map[string]any{"review_id": r.ID, "role": r.Role, "reviewer_id": *r.ReviewerID, "to": to})
	})
	return to, err
}

// standIn finds who could take a review over.
func (s *Service) standIn(tx *db.Tx, r Review, on standing) (string, error) {
	g, err := s.groundOf(tx, on.programme, on.attempt)
	if err != nil {
		return "", err
	}
	deputy, err := deputyOf(tx.Gorm(), *r.ReviewerID)
	if err != nil {
		return "", err
	}
	if deputy != "" && deputy != g.participant && g.active[deputy] && !g.taken[deputy] {
		return deputy, nil
	}
	if g.kind == programme.ByPool {
		g.kind = programme.ByNamed // a person is needed, not the pool
	}
	return route(r.Role, g).reviewer, nil
}

// Reroute finds new reviewers for reviews that wait for people who have left, and says how many.
func (s *Service) Reroute(ctx context.Context) (int, error) {
	var stuck []string
	if err := s.DB.Read(ctx).Raw(`SELECT r.id FROM reviews r JOIN persons p ON p.id = r.reviewer_id WHERE r.state = 'waiting' AND NOT p.active ORDER BY r.created_at, r.id`).Scan(&stuck).Error; err != nil {
		return 0, err
	}
	moved := 0
	for _, id := range stuck {
		_, err := s.change(ctx, people.System(), id, func(tx *db.Tx, r *Review, on standing) error {
			g, err := s.groundOf(tx, on.programme, on.attempt)
			if err != nil {
				return err
			}
			if r.State != Waiting || r.ReviewerID == nil || g.active[*r.ReviewerID] {
				return nil
			}
			c := route(r.Role, g)
			was := *r.ReviewerID
			if err := s.takeBack(tx, on.attempt, r); err != nil {
				return err
			}
			r.ReviewerID, r.ForID, r.ClaimedAt, r.AssignedAt = db.Ref(c.reviewer), db.Ref(c.deputyFor), nil, tx.Now
			if err := s.passOn(tx, r, on); err != nil {
				return err
			}
			detail := map[string]any{"review_id": r.ID, "role": r.Role, "from": was}
			if c.reviewer != "" {
				detail["to"] = c.reviewer
			}
			return audit.Write(tx, "", "review.reassigned", r.AttemptID, detail)
		})
		if err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}
