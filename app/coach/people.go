package coach

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/people"
)

// Report is somebody of the actor's line, and how long ago the actor has said something to them.
type Report struct {
	PersonID, Name string
	// Direct says that nobody manages between the two.
	Direct bool
	// LastAt is when the actor last said something to them; zero for never.
	LastAt time.Time
	// OpenPromises stand between the two.
	OpenPromises int
	// ThisMonth counts the actor's interactions with them in this month (UTC).
	ThisMonth int
}

// Reports gives the active people of the actor's line: those whom the actor manages directly first, and of
// those the one first who has waited longest for a word; a page at a time. after is the id of the last one of
// the page before; Invalid cursor_unknown where that one is gone.
func (s *Service) Reports(ctx context.Context, a people.Actor, after string, limit int) ([]Report, error) {
	all, err := reports(s.DB.Read(ctx), a, monthOf(s.DB.Now()))
	if err != nil {
		return nil, err
	}
	if after != "" {
		for i, r := range all {
			if r.PersonID == after {
				return all[i+1 : min(len(all), i+1+limit)], nil
			}
		}
		return nil, errCursor()
	}
	return all[:min(len(all), limit)], nil
}

// monthOf gives when the month of a time begins, in UTC.
func monthOf(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
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
