package review

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// groundOf reads all that decides who reviews an attempt.
func (s *Service) groundOf(tx *db.Tx, p programme.Programme, a programme.Attempt) (ground, error) {
	g := ground{participant: a.PersonID, kind: p.Reviewers, creator: db.Deref(p.CreatedBy), active: map[string]bool{}, load: map[string]int{}, away: map[string]string{}, taken: map[string]bool{}}
	if p.Reviewers != programme.ByManager {
		g.named = p.ReviewerIDs
	}
	place, err := s.People.PlaceTx(tx, a.PersonID)
	if err != nil {
		return g, err
	}
	if g.levels, err = managersAbove(tx.Gorm(), place); err != nil {
		return g, err
	}
	if err := g.readPeople(tx.Gorm()); err != nil {
		return g, err
	}
	if err := g.readAbsences(tx); err != nil {
		return g, err
	}
	var busy []struct {
		ReviewerID string
		N          int
	}
	if err := tx.Gorm().Raw(`SELECT reviewer_id, COUNT(*) AS n FROM reviews WHERE state = 'waiting' AND reviewer_id IS NOT NULL GROUP BY reviewer_id`).Scan(&busy).Error; err != nil {
		return g, err
	}
	for _, b := range busy {
		g.load[b.ReviewerID] = b.N
	}
	reviews, err := reviewsOf(tx.Gorm(), a.ID)
	if err != nil {
		return g, err
	}
	for _, r := range reviews {
		g.note(r)
	}
	return g, nil
}

// note takes into account a review that the attempt has.
func (g *ground) note(r Review) {
	switch {
	case r.Role == Again || r.State == Dropped:
	case r.ReviewerID != nil:
		g.taken[*r.ReviewerID] = true
		g.load[*r.ReviewerID]++
	default:
		g.unclaimed++
	}
}

func (g *ground) readPeople(d *gorm.DB) error {
	var rows []struct{ ID, Roles string }
	if err := d.Raw(`SELECT id, roles FROM persons WHERE active ORDER BY id`).Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		g.active[r.ID] = true
		roles := strings.FieldsFunc(r.Roles, func(c rune) bool { return c == ',' || c == ' ' })
		if slices.Contains(roles, string(people.Trainer)) {
			g.trainers = append(g.trainers, r.ID)
		}
		if slices.Contains(roles, string(people.Admin)) {
			g.admins = append(g.admins, r.ID)
		}
	}
	return nil
}

func (g *ground) readAbsences(tx *db.Tx) error {
	absences, err := absences(tx.Gorm(), "")
	if err != nil {
		return err
	}
	for _, d := range absences {
		if d.on(tx.Now) {
			g.away[d.PersonID] = d.DeputyID
		}
	}
	return nil
}

// maxDepth bounds walks up the tree of teams, which is at most 20 deep.
const maxDepth = 50

// managersAbove gives the managers of a person, nearest first: those of the teams they are in (of the teams
// above, for those they manage), then of the teams above these.
func managersAbove(g *gorm.DB, place people.Place) ([][]string, error) {
	var teams []struct {
		ID       string
		ParentID *string
	}
	if err := g.Raw(`SELECT id, parent_id FROM teams`).Scan(&teams).Error; err != nil {
		return nil, err
	}
	parent := make(map[string]string, len(teams))
	for _, t := range teams {
		parent[t.ID] = db.Deref(t.ParentID)
	}
	var levels [][]string
	at := slices.Concat(place.MemberOf, place.AboveManaged)
	for range maxDepth {
		at = slices.DeleteFunc(at, func(t string) bool { return t == "" })
		if len(at) == 0 {
			break
		}
		var managers []string
		if err := g.Raw(`SELECT DISTINCT person_id FROM team_managers WHERE team_id IN ? ORDER BY person_id`, at).Scan(&managers).Error; err != nil {
			return nil, err
		}
		levels = append(levels, managers)
		for i, t := range at {
			at[i] = parent[t]
		}
	}
	return levels, nil
}

// Absence is that one person stands in for another, from the first to the last day.
type Absence struct {
	PersonID         string `gorm:"primaryKey"`
	DeputyID         string
	FromDate, ToDate string // YYYY-MM-DD where the absent one is
	CreatedAt        time.Time
	Zone             string `gorm:"->;column:zone"` // the absent one's
}

// TableName implements gorm's Tabler.
func (Absence) TableName() string { return "deputies" }

// on says whether the person is away at a moment, by the calendar where they are.
func (d Absence) on(now time.Time) bool {
	day := dayIn(now, d.Zone)
	return d.FromDate <= day && day <= d.ToDate
}

// dayIn gives the day it is in a zone; UTC where the zone is unknown here.
func dayIn(now time.Time, zone string) string { return now.In(zoneOf(zone)).Format(time.DateOnly) }

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// absences gives who is, or will be, away and is with the company: all, or those for whom one person stands in.
func absences(g *gorm.DB, deputy string) ([]Absence, error) {
	q := g.Table("deputies").Select("deputies.*, p.time_zone AS zone").Joins("JOIN persons p ON p.id = deputies.person_id").Where("p.active")
	if deputy != "" {
		q = q.Where("deputy_id = ?", deputy)
	}
	var out []Absence
	return out, q.Order("from_date, person_id").Find(&out).Error
}

// secondKey gives the secret by which attempts are chosen for a second review; the first call makes it. All
// nodes share it through the database. (People.SigningKeys begins a transaction of its own, and this runs in one.)
func secondKey(tx *db.Tx) ([]byte, error) {
	var keys [][]byte
	const purpose = "second"
	if err := tx.Gorm().Raw(`SELECT secret FROM signing_keys WHERE purpose = ? ORDER BY created_at, id LIMIT 1`, purpose).Scan(&keys).Error; err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		return keys[0], nil
	}
	raw := make([]byte, 32+6)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("random key: %w", err)
	}
	return raw[:32], tx.Gorm().Exec(`INSERT INTO signing_keys (id, purpose, secret, created_at) VALUES (?, ?, ?, ?)`, hex.EncodeToString(raw[32:]), purpose, raw[:32], tx.Now).Error
}

// putAbsence writes an absence in place of one before.
func putAbsence(tx *db.Tx, d *Absence) error {
	return tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "person_id"}}, UpdateAll: true}).Create(d).Error
}

// deputyOf gives who stands in for a person, whatever the days; "" for nobody.
func deputyOf(g *gorm.DB, person string) (string, error) {
	var out []string
	err := g.Raw(`SELECT deputy_id FROM deputies WHERE person_id = ?`, person).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", err
	}
	return out[0], nil
}
