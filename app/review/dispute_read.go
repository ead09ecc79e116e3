package review

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// DisputeFilter narrows a list of disputes.
type DisputeFilter struct {
	// State is empty for all.
	State DisputeState
	// Before is the id of the last dispute of the page before.
	Before string
	Limit  int
}

// DisputeView is a dispute with what belongs to it.
type DisputeView struct {
	Dispute
	Attempt   programme.Attempt
	Programme string
	// Third is the review that was asked for; its ID is empty for none. What is in it stands in Reviews.
	Third Review
	// Reviews are all that were sent and count, with their levels; only for who weighs it.
	Reviews []Review
	Scores  map[string][]Score
	// May is what the actor can do with it now.
	MayResolve, MayAskThird, MayWithdraw bool
}

// Disputes gives the disputes that the actor may see, newest first: trainers and admins all, others their own.
// Invalid cursor_unknown.
func (s *Service) Disputes(ctx context.Context, a people.Actor, f DisputeFilter) ([]DisputeView, error) {
	g := s.DB.Read(ctx)
	q := g.Model(&Dispute{})
	if !a.Has(people.Trainer) && !a.Has(people.Admin) {
		q = q.Where("person_id = ?", a.PersonID)
	}
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if f.Before != "" {
		last, err := loadDispute(g, f.Before)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
		}
		if err != nil {
			return nil, err
		}
		q = q.Where("(created_at, id) < (?, ?)", last.CreatedAt, last.ID)
	}
	var rows []Dispute
	if err := q.Order("created_at DESC, id DESC").Limit(f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	return s.views(ctx, a, rows)
}

// OneDispute gives a dispute that the actor may see; NotFound.
func (s *Service) OneDispute(ctx context.Context, a people.Actor, id string) (DisputeView, error) {
	d, err := loadDispute(s.DB.Read(ctx), id)
	if err != nil {
		return DisputeView{}, err
	}
	if !CanDispute(a, SeeDispute, d.PersonID, false) {
		return DisputeView{}, fault.Missing("dispute")
	}
	views, err := s.views(ctx, a, []Dispute{d})
	if err != nil {
		return DisputeView{}, err
	}
	return views[0], nil
}

// DisputesOn gives the disputes of these attempts that the actor may see, by attempt: of each the last that was
// not withdrawn.
func (s *Service) DisputesOn(ctx context.Context, a people.Actor, attempts ...string) (map[string]DisputeView, error) {
	all, err := disputesOf(s.DB.Read(ctx), attempts...)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, a, slices.DeleteFunc(all, func(d Dispute) bool {
		return d.State == DisputeWithdrawn || !CanDispute(a, SeeDispute, d.PersonID, false)
	}))
	out := make(map[string]DisputeView, len(views))
	for _, v := range views {
		out[v.AttemptID] = v
	}
	return out, err
}

// MayDispute says whether the actor could dispute the result of an attempt now, if it has no dispute: it is their
// own and settled.
func MayDispute(a people.Actor, attempt programme.Attempt) bool {
	return a.PersonID != "" && attempt.PersonID == a.PersonID && attempt.State == programme.Settled
}

// OpenDisputes counts the disputes that wait for the actor, a trainer or an admin: 0 for others.
func (s *Service) OpenDisputes(ctx context.Context, a people.Actor) (int, error) {
	if !a.Has(people.Trainer) && !a.Has(people.Admin) {
		return 0, nil
	}
	var n int64
	err := s.DB.Read(ctx).Model(&Dispute{}).Where(`state = ? AND person_id <> ? AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.attempt_id = disputes.attempt_id
		AND r.reviewer_id = ? AND r.state <> 'dropped' AND r.role <> 'again')`, string(DisputeOpen), a.PersonID, a.PersonID).Count(&n).Error
	return int(n), err
}

func (s *Service) views(ctx context.Context, a people.Actor, rows []Dispute) ([]DisputeView, error) {
	g := s.DB.Read(ctx)
	var attempts, programmes []string
	for _, d := range rows {
		attempts = append(attempts, d.AttemptID)
	}
	byID, err := attemptsByID(g, attempts)
	if err != nil {
		return nil, err
	}
	for _, t := range byID {
		programmes = append(programmes, t.ProgrammeID)
	}
	names, err := s.Programmes.Programmes(ctx, unique(programmes)...)
	if err != nil {
		return nil, err
	}
	reviews, err := reviewsOf(g, attempts...)
	if err != nil {
		return nil, err
	}
	out := make([]DisputeView, len(rows))
	var weighed []string
	for i, d := range rows {
		v := &out[i]
		v.Dispute, v.Attempt = d, byID[d.AttemptID]
		v.Programme = names[v.Attempt.ProgrammeID].Name
		of := slices.DeleteFunc(slices.Clone(reviews), func(r Review) bool { return r.AttemptID != d.AttemptID })
		reviewed := slices.ContainsFunc(of, func(r Review) bool { return r.By(a.PersonID) && r.Role != Again })
		weighs := CanDispute(a, WeighDispute, d.PersonID, reviewed)
		open := d.State == DisputeOpen
		for _, r := range of {
			if r.ID == db.Deref(d.ThirdReviewID) {
				v.Third = r
			}
			if weighs && r.State == Sent {
				v.Reviews = append(v.Reviews, r)
				weighed = append(weighed, r.ID)
			}
		}
		v.MayResolve, v.MayAskThird = open && weighs, open && weighs && v.Third.ID == ""
		v.MayWithdraw = open && CanDispute(a, Withdraw, d.PersonID, reviewed)
	}
	scores, err := s.scores(ctx, weighed...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Scores = scores
	}
	return out, nil
}
