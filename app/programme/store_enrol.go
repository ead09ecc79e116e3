package programme

import (
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// some is how many ids one statement names.
const some = 500

func openProgrammes(g *gorm.DB) ([]string, error) {
	var ids []string
	return ids, g.Table("programmes").Where("state = ?", string(Open)).Order("id").Pluck("id", &ids).Error
}

// narrowed gives a query for each chunk of ids, or one for all where ids is nil.
func narrowed(g *gorm.DB, column string, ids []string, fn func(q *gorm.DB) error) error {
	if ids == nil {
		return fn(g)
	}
	for chunk := range slices.Chunk(ids, some) {
		if err := fn(g.Where(column+" IN ?", chunk)); err != nil {
			return err
		}
	}
	return nil
}

// loadCompany reads these people, or all for nil, and the tree of teams.
func loadCompany(g *gorm.DB, ids []string) (company, error) {
	c := company{tree: tree{map[string]string{}}}
	var teams []struct {
		ID       string
		ParentID *string
	}
	if err := g.Table("teams").Select("id", "parent_id").Find(&teams).Error; err != nil {
		return c, err
	}
	for _, t := range teams {
		c.tree.parent[t.ID] = db.Deref(t.ParentID)
	}
	at := map[string]int{}
	zones := map[string]*time.Location{}
	err := narrowed(g, "id", ids, func(q *gorm.DB) error {
		var rows []struct {
			ID, Name, Roles, TimeZone string
			Active                    bool
			CreatedAt                 time.Time
		}
		if err := q.Table("persons").Select("id", "name", "roles", "time_zone", "active", "created_at").Order("id").Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			s := Subject{ID: r.ID, Name: r.Name, Active: r.Active, Since: r.CreatedAt.UTC(), Zone: zoneOf(zones, r.TimeZone), Roles: map[people.Role]time.Time{}}
			for role := range strings.SplitSeq(r.Roles, ",") {
				s.Roles[people.Role(role)] = s.Since
			}
			at[r.ID] = len(c.people)
			c.people = append(c.people, s)
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	for _, manages := range []bool{false, true} {
		table := map[bool]string{false: "team_members", true: "team_managers"}[manages]
		err := narrowed(g, "person_id", ids, func(q *gorm.DB) error {
			var rows []struct {
				TeamID, PersonID string
				CreatedAt        time.Time
			}
			if err := q.Table(table).Find(&rows).Error; err != nil {
				return err
			}
			for _, r := range rows {
				if i, ok := at[r.PersonID]; ok {
					c.people[i].Seats = append(c.people[i].Seats, Seat{r.TeamID, manages, r.CreatedAt.UTC()})
				}
			}
			return nil
		})
		if err != nil {
			return c, err
		}
	}
	return c, narrowed(g, "person_id", ids, func(q *gorm.DB) error {
		var rows []roleRow
		if err := q.Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			if i, ok := at[r.PersonID]; ok {
				if _, has := c.people[i].Roles[people.Role(r.Role)]; has {
					c.people[i].Roles[people.Role(r.Role)] = r.StartedAt.UTC()
				}
			}
		}
		return nil
	})
}

// zoneOf loads a time zone once; one that this machine does not know is UTC.
func zoneOf(known map[string]*time.Location, name string) *time.Location {
	z, ok := known[name]
	if !ok {
		var err error
		if z, err = time.LoadLocation(name); err != nil {
			z = time.UTC
		}
		known[name] = z
	}
	return z
}

// roleRow says when somebody got a role that they had not from the beginning.
type roleRow struct {
	PersonID  string `gorm:"primaryKey"`
	Role      string `gorm:"primaryKey"`
	StartedAt time.Time
}

func (roleRow) TableName() string { return "role_starts" }

func startRole(tx *db.Tx, person string, role people.Role) error {
	return tx.Gorm().Clauses(clause.OnConflict{UpdateAll: true}).Create(&roleRow{person, string(role), tx.Now}).Error
}

func endRole(tx *db.Tx, person string, role people.Role) error {
	return tx.Gorm().Where("person_id = ? AND role = ?", person, string(role)).Delete(&roleRow{}).Error
}

// enrolmentsIn reads a programme's enrolments of these people, or of all for nil.
func enrolmentsIn(g *gorm.DB, programmeID string, persons []string) ([]Enrolment, error) {
	var out []Enrolment
	return out, narrowed(g, "person_id", persons, func(q *gorm.DB) error {
		var rows []Enrolment
		if err := q.Where("programme_id = ?", programmeID).Order("person_id").Find(&rows).Error; err != nil {
			return err
		}
		out = append(out, rows...)
		return nil
	})
}

// setLeft writes when people have left, or that they are back. It touches nothing else of an enrolment, which
// an attempt may be changing at the same time.
func setLeft(tx *db.Tx, enrolments []Enrolment, at *time.Time) error {
	return setTime(tx, enrolments, "left_at", at)
}

// setStarted writes that the time of these begins anew.
func setStarted(tx *db.Tx, enrolments []Enrolment, at time.Time) error {
	return setTime(tx, enrolments, "started_at", at)
}

func setTime(tx *db.Tx, enrolments []Enrolment, column string, at any) error {
	for chunk := range slices.Chunk(enrolments, some) {
		ids := make([]string, len(chunk))
		for i, e := range chunk {
			ids[i] = e.ID
		}
		if err := tx.Gorm().Model(&Enrolment{}).Where("id IN ?", ids).Updates(map[string]any{column: at, "updated_at": tx.Now}).Error; err != nil {
			return err
		}
	}
	return nil
}

// setDue writes new due times; many people share one. Times set by hand meanwhile stay.
func setDue(tx *db.Tx, due map[string]*time.Time) error {
	type group struct {
		at  *time.Time
		ids []string
	}
	groups := map[string]*group{}
	for id, at := range due {
		key := ""
		if at != nil {
			key = at.Format(time.RFC3339Nano)
		}
		if groups[key] == nil {
			groups[key] = &group{at: at}
		}
		groups[key].ids = append(groups[key].ids, id)
	}
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		for chunk := range slices.Chunk(slices.Sorted(slices.Values(groups[k].ids)), some) {
			err := tx.Gorm().Model(&Enrolment{}).Where("id IN ? AND NOT by_hand", chunk).Updates(map[string]any{"due_at": groups[k].at, "updated_at": tx.Now}).Error
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// participantHeld finds a person's enrolment in a programme and holds it.
func participantHeld(tx *db.Tx, programmeID, personID string) (Enrolment, error) {
	var ids []string
	if db.Plain(personID) {
		if err := tx.Gorm().Table("enrolments").Where("programme_id = ? AND person_id = ?", programmeID, personID).Pluck("id", &ids).Error; err != nil {
			return Enrolment{}, err
		}
	}
	if len(ids) == 0 {
		return Enrolment{}, fault.Missing("participant")
	}
	return EnrolmentTx(tx, ids[0])
}
