package review

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

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
	last, err := db.Take[Review](g, "review", f.After)
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

// summary adds up a box that waits.
func summary(g *gorm.DB, a people.Actor, box Box, stands []string, now time.Time) (Summary, error) {
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

// attemptOf reads the attempt of a review.
func attemptOf(g *gorm.DB, id string) (programme.Attempt, error) {
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
