package programme

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
)

// linedSQL is Standing.OfLine as a condition on a column that holds the participant's id; makers see all.
func linedSQL(a people.Actor, column string) (condition string, args []any) {
	switch {
	case Can(a, Read, Standing{}):
		return "1 = 1", nil
	case !manages(a):
		return "1 = 0", nil
	}
	condition, args = a.InLineSQL(column)
	return "(" + condition + " AND " + column + " <> ?)", append(args, a.PersonID)
}

func hasOfLine(g *gorm.DB, a people.Actor, programmeID string) (bool, error) {
	condition, args := linedSQL(a, "person_id")
	var found []string
	err := g.Table("enrolments").Where("programme_id = ?", programmeID).Where(condition, args...).Limit(1).Pluck("id", &found).Error
	return len(found) > 0, err
}

func listProgrammes(g *gorm.DB, a people.Actor, state State) ([]string, error) {
	q := g.Table("programmes p")
	if state != "" {
		q = q.Where("p.state = ?", string(state))
	}
	if !Can(a, Read, Standing{}) {
		condition, args := linedSQL(a, "e.person_id")
		q = q.Where("EXISTS (SELECT 1 FROM enrolments e WHERE e.programme_id = p.id AND "+condition+")", args...)
	}
	var ids []string
	return ids, q.Order("p.created_at DESC, p.id DESC").Pluck("p.id", &ids).Error
}

func loadUses(g *gorm.DB, a people.Actor, programmes []Programme, versions map[string]rubric.Version) (map[string]Use, error) {
	out := make(map[string]Use, len(programmes))
	if len(programmes) == 0 {
		return out, nil
	}
	ids := make([]string, len(programmes))
	for i, p := range programmes {
		ids[i] = p.ID
	}
	condition, args := linedSQL(a, "person_id")
	var counts []struct {
		ProgrammeID string
		N           int
	}
	err := g.Table("enrolments").Select("programme_id, COUNT(*) AS n").Where("programme_id IN ? AND left_at IS NULL", ids).Where(condition, args...).
		Group("programme_id").Find(&counts).Error
	if err != nil {
		return nil, err
	}
	var rubrics []struct {
		ID, Name string
		Newest   int
	}
	if len(versions) > 0 {
		err = g.Raw(`SELECT r.id, r.name, MAX(v.number) AS newest FROM rubrics r JOIN rubric_versions v ON v.rubric_id = r.id
			WHERE r.id IN (SELECT rubric_id FROM rubric_versions WHERE id IN ?) GROUP BY r.id, r.name`, slices.Collect(maps.Keys(versions))).Scan(&rubrics).Error
		if err != nil {
			return nil, err
		}
	}
	for _, p := range programmes {
		var u Use
		for _, c := range counts {
			if c.ProgrammeID == p.ID {
				u.Participants = c.N
			}
		}
		if v, ok := versions[p.RubricVersionID]; ok {
			u.Rubric = &v
			for _, r := range rubrics {
				if r.ID == v.RubricID {
					u.RubricName, u.CurrentVersion = r.Name, r.Newest
				}
			}
		}
		out[p.ID] = u
	}
	return out, nil
}
