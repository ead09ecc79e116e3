package coach

import (
	"cmp"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// seesPage is openPage for the database, outside a transaction.
func seesPage(g *gorm.DB, a people.Actor, person string) error {
	missing := fault.Missing("person")
	if a.PersonID == "" || !db.Plain(person) {
		return missing
	}
	line, args := a.InLineSQL("id")
	var n int64
	if err := g.Raw(`SELECT COUNT(*) FROM persons WHERE id = ? AND `+line, append([]any{person}, args...)...).Scan(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}

// progress gives the first and the last settled attempt at each programme with a result since a time, the
// programme with the latest first.
func progress(g *gorm.DB, person string, since time.Time) ([]Progress, error) {
	var rows []struct {
		ProgrammeID, Programme, ID, Decision string
		Score                                int64
		SettledAt                            stamp
		FromFirst, FromLast, Attempts        int
	}
	err := g.Raw(`SELECT * FROM (SELECT t.programme_id, p.name AS programme, t.id, t.decision, t.score, t.settled_at,
			ROW_NUMBER() OVER (PARTITION BY t.programme_id ORDER BY t.number) AS from_first, ROW_NUMBER() OVER (PARTITION BY t.programme_id ORDER BY t.number DESC) AS from_last,
			COUNT(*) OVER (PARTITION BY t.programme_id) AS attempts
		FROM attempts t JOIN programmes p ON p.id = t.programme_id WHERE t.person_id = ? AND t.state = 'settled' AND t.score IS NOT NULL) x
		WHERE from_first = 1 OR from_last = 1 ORDER BY programme_id, from_first`, person).Scan(&rows).Error
	var out []Progress
	for _, r := range rows {
		score := Score{AttemptID: r.ID, Decision: r.Decision, Percent: float64((r.Score+5)/10) / 10, At: r.SettledAt.Time}
		if r.FromFirst == 1 {
			out = append(out, Progress{ProgrammeID: r.ProgrammeID, Programme: r.Programme, Attempts: r.Attempts, First: score})
		}
		out[len(out)-1].Last = score
	}
	out = slices.DeleteFunc(out, func(p Progress) bool { return p.Last.At.Before(since) })
	slices.SortStableFunc(out, func(a, b Progress) int {
		return cmp.Or(b.Last.At.Compare(a.Last.At), cmp.Compare(a.ProgrammeID, b.ProgrammeID))
	})
	return out, err
}

// candidate is a second of one of the person's videos that somebody spoke of.
type candidate struct {
	Kind       string // good | work | question | note of a review, said of a note on a take
	VideoID    string
	AtMS       int64 `gorm:"column:at_ms"`
	DurationMS int64 `gorm:"column:duration_ms"`
	Body       string
	// Source is the programme or the title of the take; Speaker who wrote a note on a take.
	Source, Speaker string
}

// maxCandidates is how many seconds are looked at to choose the moments, the latest of each sort.
const maxCandidates = 40

// moments chooses what to look at together, among what the actor may see.
func moments(g *gorm.DB, a people.Actor, person string, since time.Time) ([]Moment, error) {
	keys := append([]string{""}, a.Reach.Keys...)
	const seen = `v.deleted_at IS NULL AND v.state IN ('playable', 'ready') AND EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN ?)`
	var reviewed, said []candidate
	err := g.Raw(`SELECT n.kind, v.id AS video_id, n.at_ms, v.duration_ms, n.body, p.name AS source FROM attempts t JOIN review_notes n ON n.review_id = t.result_review_id
			JOIN programmes p ON p.id = t.programme_id JOIN videos v ON v.id = t.video_id
		WHERE t.person_id = ? AND t.state = 'settled' AND t.settled_at >= ? AND `+seen+` ORDER BY t.settled_at DESC, n.at_ms, n.id LIMIT ?`, person, since, keys, maxCandidates).Scan(&reviewed).Error
	if err != nil {
		return nil, err
	}
	err = g.Raw(`SELECT 'said' AS kind, v.id AS video_id, n.at_ms, v.duration_ms, n.body, v.title AS source, w.name AS speaker FROM videos v JOIN notes n ON n.video_id = v.id
			JOIN persons w ON w.id = n.author_id
		WHERE v.author_id = ? AND n.author_id <> ? AND n.reply_to IS NULL AND n.deleted_at IS NULL AND n.created_at >= ? AND `+seen+` ORDER BY n.created_at DESC, n.id LIMIT ?`,
		person, person, since, keys, maxCandidates).Scan(&said).Error
	return choose(append(reviewed, said...)), err
}
