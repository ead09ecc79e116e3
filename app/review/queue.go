package review

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric"
)

// Box is a list of reviews.
type Box string

// The boxes.
const (
	// Mine waits for the actor: what is theirs, what they are offered, and what waits for whom they stand in.
	Mine Box = "mine"
	// Pool may be taken by any of several.
	Pool Box = "pool"
	// Team waits for anybody, by participants whom the actor looks after.
	Team Box = "team"
	// Done was sent by the actor.
	Done Box = "done"
)

// Filter narrows a list of reviews.
type Filter struct {
	Box Box
	// After is the id of the last review of the page before.
	After string
	Limit int
}

// Item is a review with what a list of them shows.
type Item struct {
	Review
	Attempt programme.Attempt
	// Programme is its name.
	Programme string
	// DurationMS is the take's length; 0 while it is not known.
	DurationMS int64
	// Claimable says that the actor may take it.
	Claimable bool
	// DeputyFor is whose deputy the actor is, or would be: the reviewer's; empty for none.
	DeputyFor string
	// Overdue says that it waits, and the participant's due time has passed.
	Overdue bool
}

// Minutes is what reviewing takes: twice the length, and at least one.
func (i Item) Minutes() int { return minutes(i.DurationMS) }

func minutes(durationMS int64) int {
	return int(max(1, (2*durationMS+time.Minute.Milliseconds()-1)/time.Minute.Milliseconds()))
}

// Summary is what a box of reviews amounts to.
type Summary struct {
	Count int
	// Minutes is what they take: twice the lengths of the takes, at least one each.
	Minutes int
	// DueToday are due until the end of the actor's day and not overdue; Overdue are those after their time.
	DueToday, Overdue int
	// Oldest is since when the first of them has waited; nil for none.
	Oldest *time.Time
}

// List gives a box, by due time and then by how long they have waited (Done: newest first), a page at a time,
// and what the whole of it amounts to. Invalid cursor_unknown.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Item, Summary, error) {
	g := s.DB.Read(ctx)
	now := s.DB.Now()
	stands, err := standsInToday(g, a.PersonID, now)
	if err != nil {
		return nil, Summary{}, err
	}
	var rows []Review
	q := boxed(g, a, f.Box, stands)
	if f.After != "" {
		if q, err = after(g, q, f); err != nil {
			return nil, Summary{}, err
		}
	}
	if err := inOrder(q, f.Box).Limit(f.Limit).Find(&rows).Error; err != nil {
		return nil, Summary{}, err
	}
	items, err := s.items(ctx, a, rows, stands, now)
	if err != nil || f.Box == Done {
		return items, Summary{}, err
	}
	sum, err := summary(g, a, f.Box, stands, now)
	return items, sum, err
}

// items puts to reviews what lists show of them.
func (s *Service) items(ctx context.Context, a people.Actor, rows []Review, stands []string, now time.Time) ([]Item, error) {
	g := s.DB.Read(ctx)
	var attempts, programmes, videos []string
	for _, r := range rows {
		attempts, programmes = append(attempts, r.AttemptID), append(programmes, r.ProgrammeID)
	}
	byAttempt, err := attemptsByID(g, attempts)
	if err != nil {
		return nil, err
	}
	for _, t := range byAttempt {
		if t.VideoID != nil {
			videos = append(videos, *t.VideoID)
		}
	}
	lengths, err := durations(g, videos)
	if err != nil {
		return nil, err
	}
	byProgramme, err := s.Programmes.Programmes(ctx, unique(programmes)...)
	if err != nil {
		return nil, err
	}
	taken, err := countedFor(g, a.PersonID, attempts)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i, r := range rows {
		t := byAttempt[r.AttemptID]
		p := byProgramme[r.ProgrammeID]
		c := Case{Review: r, ParticipantID: t.PersonID, InPool: p.Reviews(a.PersonID), StandsIn: slices.Contains(stands, r.reviewer()),
			Other: slices.ContainsFunc(taken, func(o Review) bool { return o.AttemptID == r.AttemptID && o.ID != r.ID })}
		out[i] = Item{Review: r, Attempt: t, Programme: p.Name, DurationMS: lengths[db.Deref(t.VideoID)], Claimable: Can(a, Claim, c),
			Overdue: r.State == Waiting && r.DueAt != nil && r.DueAt.Before(now)}
		switch {
		case r.By(a.PersonID):
			out[i].DeputyFor = db.Deref(r.ForID)
		case out[i].Claimable:
			out[i].DeputyFor = r.reviewer()
		}
	}
	return out, nil
}

func unique(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// Full is a review with all that its reviewer needs.
type Full struct {
	Item
	Case    Case
	Version rubric.Version
	Setup   programme.Programme
	// Carried are levels that stand from the attempt before.
	Carried programme.Levels
	// Before is the settled attempt before this one, for comparison; its ID is empty for none.
	Before programme.Attempt
}

// Get gives a review that the actor may see; what was written in it only to those who may read it (Can).
func (s *Service) Get(ctx context.Context, a people.Actor, id string) (Full, error) {
	g, now := s.DB.Read(ctx), s.DB.Now()
	r, err := db.Take[Review](g, "review", id)
	if err != nil {
		return Full{}, err
	}
	attempt, err := attemptOf(g, r.AttemptID)
	if err != nil {
		return Full{}, err
	}
	setups, err := s.Programmes.Programmes(ctx, r.ProgrammeID)
	if err != nil {
		return Full{}, err
	}
	on, err := stand(g, now, a, r, attempt, setups[r.ProgrammeID])
	if err != nil {
		return Full{}, err
	}
	if !Can(a, See, on.Case) {
		return Full{}, fault.Missing("review")
	}
	out := Full{Case: on.Case, Setup: on.programme, Carried: r.carried(attempt)}
	if out.Version, err = s.Rubrics.Version(ctx, r.RubricVersionID); err != nil {
		return Full{}, err
	}
	if out.Before, err = settledBefore(g, attempt); err != nil {
		return Full{}, err
	}
	stands, err := standsInToday(g, a.PersonID, now)
	if err != nil {
		return Full{}, err
	}
	items, err := s.items(ctx, a, []Review{out.Case.Review}, stands, now)
	if err != nil {
		return Full{}, err
	}
	out.Item = items[0]
	return out, nil
}
