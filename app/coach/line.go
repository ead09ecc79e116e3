package coach

import (
	"context"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// above is the line of one person: everybody active who manages a team that they are in, or one above it, with
// how far up that is. Its one argument, used twice, is the person's id.
const above = `WITH RECURSIVE up (team_id, steps) AS (
	SELECT team_id, 0 FROM team_members WHERE person_id = ?
	UNION SELECT t.parent_id, 0 FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE m.person_id = ? AND t.parent_id IS NOT NULL
	UNION SELECT t.parent_id, u.steps + 1 FROM up u JOIN teams t ON t.id = u.team_id WHERE t.parent_id IS NOT NULL AND u.steps < 100),
line AS (SELECT m.person_id, MIN(u.steps) AS steps FROM up u JOIN team_managers m ON m.team_id = u.team_id JOIN persons p ON p.id = m.person_id AND p.active
	GROUP BY m.person_id) `

// nearestManager gives the manager of a person: of their own team, or else of the next one above that has one.
// Of several at the same distance it is the one with the smallest id, so that it is always the same. It is
// empty where there is none.
func nearestManager(g *gorm.DB, person string) (string, error) {
	var id string
	err := g.Raw(above+`SELECT person_id FROM line WHERE person_id <> ? ORDER BY steps, person_id LIMIT 1`, person, person, person).Scan(&id).Error
	return id, err
}

// lineOf gives everybody in the line of a person, but themselves.
func lineOf(g *gorm.DB, person string) ([]string, error) {
	var ids []string
	err := g.Raw(above+`SELECT person_id FROM line WHERE person_id <> ? ORDER BY person_id`, person, person, person).Scan(&ids).Error
	return ids, err
}

// openPage refuses like an absent person where the actor may not see the page of one. Deactivated people have
// a page for their line, which may still read what became of them.
func (s *Service) openPage(tx *db.Tx, a people.Actor, person string) error {
	missing := fault.Missing("person")
	if !plain(person) {
		return missing
	}
	var n int64
	if err := tx.Gorm().Raw(`SELECT COUNT(*) FROM persons WHERE id = ?`, person).Scan(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	place, err := s.People.PlaceTx(tx, person)
	if err != nil {
		return err
	}
	if !CanOpenPage(a, place) {
		return missing
	}
	return nil
}

// Counts are what waits for a person, for the screen they see first.
type Counts struct {
	// Feedback are open asks for feedback, Assignments practices to be done, Promotions suggestions to decide on.
	Feedback, Assignments, Promotions int
	// PromisesDue are open promises of theirs whose last day is today or over.
	PromisesDue int
}

// Waiting counts what waits for the actor.
func (s *Service) Waiting(ctx context.Context, a people.Actor) (Counts, error) {
	var c Counts
	g := s.DB.Read(ctx)
	at, err := zone(g, a.PersonID)
	if err != nil {
		return c, err
	}
	row := g.Raw(`SELECT (SELECT COUNT(*) FROM feedback_asks k JOIN videos v ON v.id = k.video_id WHERE k.to_id = ? AND k.state = 'open' AND v.deleted_at IS NULL) AS feedback,
		(SELECT COUNT(*) FROM practice_assignments WHERE to_id = ? AND state = 'open') AS assignments,
		(SELECT COUNT(*) FROM promotions k JOIN videos v ON v.id = k.video_id WHERE k.author_id = ? AND k.state = 'suggested' AND v.deleted_at IS NULL) AS promotions,
		(SELECT COUNT(*) FROM promises WHERE owner_id = ? AND done_at IS NULL AND due_on <= ?) AS promises_due`,
		a.PersonID, a.PersonID, a.PersonID, a.PersonID, today(s.DB.Now(), at))
	return c, row.Scan(&c).Error
}
