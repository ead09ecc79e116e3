package coach

import (
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// managers gives those with reports whose cadence the actor may see, by name.
func managers(g *gorm.DB, a people.Actor, teams []string) ([]Manager, error) {
	q := g.Table("(" + directReports + ") d").Select("d.manager_id AS person_id, p.name, COUNT(DISTINCT d.report_id) AS reps").Joins("JOIN persons p ON p.id = d.manager_id")
	if !a.Has(people.Trainer) && !a.Has(people.Admin) {
		q = q.Where("(d.manager_id = ? OR d.manager_id IN (SELECT m.person_id FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE t.parent_id IN ?))",
			a.PersonID, append([]string{""}, a.Reach.ManagedTeams...))
	}
	if teams != nil {
		q = q.Where("d.manager_id IN (SELECT person_id FROM team_managers WHERE team_id IN ?)", teams)
	}
	var rows []struct {
		PersonID, Name string
		Reps           int
	}
	err := q.Group("d.manager_id, p.name").Order("p.name, d.manager_id").Find(&rows).Error
	out := make([]Manager, len(rows))
	for i, r := range rows {
		out[i] = Manager{PersonID: r.PersonID, Name: r.Name, Reps: r.Reps}
	}
	return out, err
}

// saidByMonth counts what managers have said to those whom they manage directly now, by manager and month.
func saidByMonth(g *gorm.DB, kind db.Kind, of []Manager, from, before time.Time) (map[string]Month, error) {
	month := `substr(i.at, 1, 7)` // times are kept as text, in UTC
	if kind == db.Postgres {
		month = `to_char(i.at AT TIME ZONE 'UTC', 'YYYY-MM')`
	}
	ids := make([]string, len(of))
	for i, m := range of {
		ids[i] = m.PersonID
	}
	var rows []struct {
		ManagerID, Month        string
		Notes, Reviews, Replies int
	}
	err := g.Raw(`SELECT d.manager_id, `+month+` AS month, SUM(CASE WHEN i.kind = 'note' THEN 1 ELSE 0 END) AS notes, SUM(CASE WHEN i.kind = 'review' THEN 1 ELSE 0 END) AS reviews,
			SUM(CASE WHEN i.kind IN ('reply', 'video_reply') THEN 1 ELSE 0 END) AS replies
		FROM (`+interactions(`{coach} IN ? AND {at} >= ? AND {at} < ?`)+`) i JOIN (SELECT DISTINCT manager_id, report_id FROM (`+directReports+`) r) d
			ON d.manager_id = i.coach_id AND d.report_id = i.person_id
		GROUP BY d.manager_id, `+month, thrice(ids, from, before)...).Scan(&rows).Error
	out := make(map[string]Month, len(rows))
	for _, r := range rows {
		out[r.ManagerID+r.Month] = Month{Notes: r.Notes, Reviews: r.Reviews, Replies: r.Replies}
	}
	return out, err
}
