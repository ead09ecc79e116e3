package review

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
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
	sum, err := s.summary(g, a, f.Box, stands, now)
	return items, sum, err
}

// standsInToday gives for whom a person stands in today.
func standsInToday(g *gorm.DB, person string, now time.Time) ([]string, error) {
	found, err := absences(g, person)
	var out []string
	for _, d := range found {
		if d.on(now) {
			out = append(out, d.PersonID)
		}
	}
	return out, err
}

// boxed narrows a query on reviews to a box of the actor's: the twin of Can.
func boxed(g *gorm.DB, a people.Actor, box Box, stands []string) *gorm.DB {
	q := g.Model(&Review{}).Select("reviews.*").Joins("JOIN attempts t ON t.id = reviews.attempt_id").Where("t.person_id <> ?", a.PersonID)
	const free = `NOT EXISTS (SELECT 1 FROM reviews o WHERE o.attempt_id = reviews.attempt_id AND o.reviewer_id = ? AND o.id <> reviews.id AND o.state <> 'dropped' AND o.role <> 'again')`
	switch box {
	case Mine:
		return q.Where("reviews.state = 'waiting'").Where(`reviews.reviewer_id = ? OR ((reviews.offered_to = ? OR reviews.reviewer_id IN ?) AND `+free+`)`,
			a.PersonID, a.PersonID, append([]string{""}, stands...), a.PersonID)
	case Pool:
		return q.Where("reviews.state = 'waiting' AND reviews.reviewer_id IS NULL").Where(`EXISTS (SELECT 1 FROM programme_reviewers w JOIN programmes p ON p.id = w.programme_id
			WHERE w.programme_id = reviews.programme_id AND w.person_id = ? AND p.reviewer_kind <> 'manager') AND `+free, a.PersonID, a.PersonID)
	case Team:
		q = q.Where("reviews.state = 'waiting'")
		if a.Has(people.Trainer) || a.Has(people.Admin) {
			return q
		}
		condition, args := a.InLineSQL("t.person_id")
		return q.Where(condition, args...)
	case Done:
		return q.Where("reviews.state = 'sent' AND reviews.reviewer_id = ?", a.PersonID)
	}
	return q.Where("1 = 0")
}

func inOrder(q *gorm.DB, box Box) *gorm.DB {
	if box == Done {
		return q.Order("reviews.sent_at DESC, reviews.id DESC")
	}
	return q.Order("CASE WHEN reviews.due_at IS NULL THEN 1 ELSE 0 END, reviews.due_at, reviews.created_at, reviews.id")
}

// after narrows a query to what comes after the last review of the page before, which may have left the box
// meanwhile.
func after(g, q *gorm.DB, f Filter) (*gorm.DB, error) {
	last, err := load(g, f.After)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && f.Box == Done && last.SentAt == nil:
		return nil, fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
	case err != nil:
		return nil, err
	case f.Box == Done:
		return q.Where("(reviews.sent_at, reviews.id) < (?, ?)", *last.SentAt, last.ID), nil
	case last.DueAt == nil:
		return q.Where("reviews.due_at IS NULL AND (reviews.created_at, reviews.id) > (?, ?)", last.CreatedAt, last.ID), nil
	}
	return q.Where("(reviews.due_at IS NULL OR (reviews.due_at, reviews.created_at, reviews.id) > (?, ?, ?))", *last.DueAt, last.CreatedAt, last.ID), nil
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
		out[i] = Item{Review: r, Attempt: t, Programme: p.Name, DurationMS: lengths[deref(t.VideoID)], Claimable: Can(a, Claim, c),
			Overdue: r.State == Waiting && r.DueAt != nil && r.DueAt.Before(now)}
		switch {
		case r.By(a.PersonID):
			out[i].DeputyFor = deref(r.ForID)
		case out[i].Claimable:
			out[i].DeputyFor = r.reviewer()
		}
	}
	return out, nil
}

// countedFor gives a person's reviews of some attempts that count.
func countedFor(g *gorm.DB, person string, attempts []string) ([]Review, error) {
	var out []Review
	for some := range slices.Chunk(unique(attempts), 500) {
		var rows []Review
		if err := g.Where("attempt_id IN ? AND reviewer_id = ? AND state <> ? AND role <> ?", some, person, string(Dropped), string(Again)).Find(&rows).Error; err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func unique(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// summary adds up a box that waits.
func (s *Service) summary(g *gorm.DB, a people.Actor, box Box, stands []string, now time.Time) (Summary, error) {
	var rows []struct {
		DueAt      *time.Time
		CreatedAt  time.Time
		DurationMS int64 `gorm:"column:duration_ms"`
	}
	if err := boxed(g, a, box, stands).Select("reviews.due_at, reviews.created_at, COALESCE(v.duration_ms, 0) AS duration_ms").
		Joins("LEFT JOIN videos v ON v.id = t.video_id").Find(&rows).Error; err != nil {
		return Summary{}, err
	}
	var zone string
	if err := g.Raw(`SELECT time_zone FROM persons WHERE id = ?`, a.PersonID).Scan(&zone).Error; err != nil {
		return Summary{}, err
	}
	at := zoneOf(zone)
	y, m, d := now.In(at).Date()
	tomorrow := time.Date(y, m, d+1, 0, 0, 0, 0, at)
	out := Summary{Count: len(rows)}
	for _, r := range rows {
		out.Minutes += minutes(r.DurationMS)
		switch {
		case r.DueAt == nil:
		case r.DueAt.Before(now):
			out.Overdue++
		case !r.DueAt.After(tomorrow):
			out.DueToday++
		}
		if since := r.CreatedAt.UTC(); out.Oldest == nil || since.Before(*out.Oldest) {
			out.Oldest = &since
		}
	}
	return out, nil
}

// Full is a review with all that its reviewer needs.
type Full struct {
	Item
	Case    Case
	Version programme.RubricVersion
	Setup   programme.Programme
	// Carried are levels that stand from the attempt before.
	Carried programme.Levels
	// Before is the settled attempt before this one, for comparison; its ID is empty for none.
	Before programme.Attempt
}

// Get gives a review that the actor may see; what was written in it only to those who may read it (Can).
func (s *Service) Get(ctx context.Context, a people.Actor, id string) (Full, error) {
	g, now := s.DB.Read(ctx), s.DB.Now()
	r, err := load(g, id)
	if err != nil {
		return Full{}, err
	}
	attempt, err := s.attempt(g, r.AttemptID)
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
	if out.Version, err = s.Programmes.RubricVersion(ctx, r.RubricVersionID); err != nil {
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

func (s *Service) attempt(g *gorm.DB, id string) (programme.Attempt, error) {
	found, err := attemptsByID(g, []string{id})
	if err != nil {
		return programme.Attempt{}, err
	}
	a, ok := found[id]
	if !ok {
		return a, fault.Missing("review")
	}
	return a, nil
}

// settledBefore gives the last settled attempt before one.
func settledBefore(g *gorm.DB, a programme.Attempt) (programme.Attempt, error) {
	var rows []programme.Attempt
	err := g.Where("enrolment_id = ? AND number < ? AND state = ?", a.EnrolmentID, a.Number, string(programme.Settled)).Order("number DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return programme.Attempt{}, err
	}
	return rows[0], nil
}
