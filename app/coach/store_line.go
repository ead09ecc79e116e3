package coach

import (
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
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

type reportRow struct {
	ID, Name        string
	LastAt          stamp
	ThisMonth, Owed int
	Direct          bool
}

// reports reads the whole line in one question. A line has hundreds of people at most, and its order changes
// with every word, so that a page of it cannot be asked of the database alone.
func reports(g *gorm.DB, a people.Actor, month time.Time) ([]Report, error) {
	line, lineArgs := a.InLineSQL("p.id")
	args := append([]any{month}, thrice(a.PersonID)...)
	args = append(args, a.PersonID, a.PersonID, a.PersonID, a.PersonID)
	args = append(args, lineArgs...)
	var rows []reportRow
	err := g.Raw(`SELECT p.id, p.name, i.last_at, COALESCE(i.this_month, 0) AS this_month, COALESCE(q.owed, 0) AS owed, CASE WHEN d.report_id IS NULL THEN FALSE ELSE TRUE END AS direct
		FROM persons p
		LEFT JOIN (SELECT person_id, MAX(at) AS last_at, SUM(CASE WHEN at >= ? THEN 1 ELSE 0 END) AS this_month FROM (`+interactions(`{coach} = ?`)+`) x GROUP BY person_id) i ON i.person_id = p.id
		LEFT JOIN (SELECT person_id, COUNT(*) AS owed FROM promises WHERE coach_id = ? AND done_at IS NULL GROUP BY person_id) q ON q.person_id = p.id
		LEFT JOIN (SELECT DISTINCT report_id FROM (`+directReports+`) y WHERE manager_id = ?) d ON d.report_id = p.id
		WHERE p.active AND p.id <> ? AND ? <> '' AND `+line+`
		ORDER BY CASE WHEN d.report_id IS NULL THEN 1 ELSE 0 END, CASE WHEN i.last_at IS NULL THEN 0 ELSE 1 END, i.last_at, p.name, p.id`, args...).Scan(&rows).Error
	out := make([]Report, len(rows))
	for i, r := range rows {
		out[i] = Report{PersonID: r.ID, Name: r.Name, Direct: r.Direct, LastAt: r.LastAt.Time, OpenPromises: r.Owed, ThisMonth: r.ThisMonth}
	}
	return out, err
}

// directReports are the pairs of manager_id and report_id with nobody between them: the members of a team, and
// the managers of the teams right below it. Both are active.
const directReports = `SELECT m.person_id AS manager_id, r.person_id AS report_id FROM team_managers m
		JOIN (SELECT team_id, person_id FROM team_members UNION SELECT t.parent_id, c.person_id FROM teams t JOIN team_managers c ON c.team_id = t.id WHERE t.parent_id IS NOT NULL) r
		ON r.team_id = m.team_id AND r.person_id <> m.person_id
		JOIN persons pm ON pm.id = m.person_id AND pm.active JOIN persons pr ON pr.id = r.person_id AND pr.active`

func hasPerson(tx *db.Tx, id string) (bool, error) {
	var n int64
	err := tx.Gorm().Raw(`SELECT COUNT(*) FROM persons WHERE id = ?`, id).Scan(&n).Error
	return n > 0, err
}

// waiting counts what waits for a person, for whom it is this day.
func waiting(g *gorm.DB, person, day string) (c Counts, err error) {
	err = g.Raw(`SELECT (SELECT COUNT(*) FROM feedback_asks k JOIN videos v ON v.id = k.video_id WHERE k.to_id = ? AND k.state = 'open' AND v.deleted_at IS NULL) AS feedback,
		(SELECT COUNT(*) FROM practice_assignments WHERE to_id = ? AND state = 'open') AS assignments,
		(SELECT COUNT(*) FROM promotions k JOIN videos v ON v.id = k.video_id WHERE k.author_id = ? AND k.state = 'suggested' AND v.deleted_at IS NULL) AS promotions,
		(SELECT COUNT(*) FROM promises WHERE owner_id = ? AND done_at IS NULL AND due_on <= ?) AS promises_due`, person, person, person, person, day).Scan(&c).Error
	return c, err
}
