package certificate

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (c *Certificate) AfterFind(*gorm.DB) error {
	c.IssuedAt = c.IssuedAt.UTC()
	for _, t := range []*time.Time{c.ExpiresAt, c.RevokedAt, c.RemindedAt} {
		if t != nil {
			*t = t.UTC()
		}
	}
	return nil
}

func whole(g *gorm.DB) *gorm.DB {
	return g.Model(&Certificate{}).Select("certificates.*, p.renew_days").Joins("JOIN programmes p ON p.id = certificates.programme_id")
}

func find(g *gorm.DB, column, value string) (Certificate, error) {
	var c Certificate
	if !db.Plain(value) {
		return c, fault.Missing("certificate")
	}
	err := whole(g).Where("certificates."+column+" = ?", value).Take(&c).Error
	return c, db.Fault(err, "certificate")
}

// findForUpdate holds the row against other writers until the transaction ends (SQLite has one writer
// anyway).
func findForUpdate(tx *db.Tx, column, value string) (Certificate, error) {
	if tx.Kind() == db.Postgres && db.Plain(value) {
		if err := tx.Gorm().Exec(`SELECT 1 FROM certificates WHERE `+column+` = ? FOR UPDATE`, value).Error; err != nil {
			return Certificate{}, err
		}
	}
	return find(tx.Gorm(), column, value)
}

// passed is what a certificate is made of.
type passed struct {
	AttemptID, EnrolmentID, ProgrammeID, PersonID, State, Decision, Programme, Holder string
	ValidDays                                                                         int
}

// passedOf reads an attempt, whatever came of it; NotFound.
func passedOf(tx *db.Tx, attemptID string) (passed, error) {
	var p passed
	if !db.Plain(attemptID) {
		return p, fault.Missing("attempt")
	}
	err := tx.Gorm().Table("attempts a").Select(`a.id AS attempt_id, a.enrolment_id, a.programme_id, a.person_id, a.state, a.decision, p.name AS programme, h.name AS holder, p.valid_days`).
		Joins("JOIN programmes p ON p.id = a.programme_id").Joins("JOIN persons h ON h.id = a.person_id").Where("a.id = ?", attemptID).Take(&p).Error
	return p, db.Fault(err, "attempt")
}

func ofAttempt(g *gorm.DB, attemptID string) (Certificate, bool, error) {
	c, err := find(g, "attempt_id", attemptID)
	if fault.Is(err, fault.NotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

func numberTaken(tx *db.Tx, number string) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&Certificate{}).Where("number = ?", number).Count(&n).Error
	return n > 0, err
}

func insert(tx *db.Tx, c *Certificate) error {
	err := tx.Gorm().Create(c).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Wrap(err, fault.Conflict, "certificate_issued", "This attempt has its certificate already.")
	}
	return err
}

func save(tx *db.Tx, c *Certificate) error { return tx.Gorm().Select("*").Updates(c).Error }

// replace marks what a person had of a programme before as replaced by a certificate.
func replace(tx *db.Tx, by Certificate) ([]string, error) {
	var ids []string
	q := func() *gorm.DB {
		return tx.Gorm().Model(&Certificate{}).Where("person_id = ? AND programme_id = ? AND id <> ? AND replaced_by IS NULL AND revoked_at IS NULL", by.PersonID, by.ProgrammeID, by.ID)
	}
	if err := q().Order("id").Pluck("id", &ids).Error; err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids, q().Update("replaced_by", by.ID).Error
}

// seen narrows a query on certificates to those the actor may read: the twin of Can(a, Read, place).
func seen(g *gorm.DB, a people.Actor) *gorm.DB {
	if a.Has(people.Trainer) {
		return g
	}
	line, args := a.InLineSQL("certificates.person_id")
	return g.Where(line, args...)
}

func list(g *gorm.DB, a people.Actor, f Filter) ([]Certificate, error) {
	for _, s := range []string{f.PersonID, f.ProgrammeID} {
		if !db.Plain(s) {
			return nil, nil
		}
	}
	q := seen(whole(g), a)
	if f.PersonID != "" {
		q = q.Where("certificates.person_id = ?", f.PersonID)
	}
	if f.ProgrammeID != "" {
		q = q.Where("certificates.programme_id = ?", f.ProgrammeID)
	}
	if f.Before != "" {
		last, err := find(seen(g, a), "id", f.Before)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "This is no cursor of this list. Begin with the first page.")
		}
		if err != nil {
			return nil, err
		}
		q = q.Where("(certificates.issued_at, certificates.id) < (?, ?)", last.IssuedAt, last.ID)
	}
	var out []Certificate
	return out, q.Order("certificates.issued_at DESC, certificates.id DESC").Limit(f.Limit).Find(&out).Error
}

// ofAttempts gives the certificates of some attempts, by attempt.
func ofAttempts(g *gorm.DB, ids []string) (map[string]Certificate, error) {
	out := map[string]Certificate{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []Certificate
	if err := whole(g).Where("certificates.attempt_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, c := range rows {
		out[c.AttemptID] = c
	}
	return out, nil
}

// newest gives the last certificate of some enrolments, by enrolment.
func newest(g *gorm.DB, enrolmentIDs []string) (map[string]Certificate, error) {
	out := map[string]Certificate{}
	if len(enrolmentIDs) == 0 {
		return out, nil
	}
	var rows []Certificate
	if err := whole(g).Where("certificates.enrolment_id IN ?", enrolmentIDs).Order("certificates.issued_at, certificates.id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, c := range rows {
		out[c.EnrolmentID] = c
	}
	return out, nil
}

// ending gives certificates that end within the longest renewal window there is, and whose holders can still
// renew them, in the order in which they end: a page after the last one of the page before.
func ending(g *gorm.DB, now time.Time, after Certificate, limit int) ([]Certificate, error) {
	var window int
	if err := g.Table("programmes").Select("COALESCE(MAX(renew_days), 0)").Scan(&window).Error; err != nil {
		return nil, err
	}
	q := whole(g).Joins("JOIN enrolments e ON e.id = certificates.enrolment_id").Joins("JOIN persons h ON h.id = certificates.person_id").
		Where("certificates.expires_at > ? AND certificates.expires_at <= ? AND certificates.revoked_at IS NULL AND certificates.replaced_by IS NULL", now, now.AddDate(0, 0, window)).
		Where("e.left_at IS NULL AND e.state = 'passed' AND h.active = ? AND p.state = 'open'", true)
	if after.ID != "" {
		q = q.Where("(certificates.expires_at, certificates.id) > (?, ?)", *after.ExpiresAt, after.ID)
	}
	var rows []Certificate
	return rows, q.Order("certificates.expires_at, certificates.id").Limit(limit).Find(&rows).Error
}

// zoneOf gives the time zone of a person, UTC for one that this machine does not know.
func zoneOf(tx *db.Tx, person string) (*time.Location, error) {
	var name string
	if err := tx.Gorm().Raw(`SELECT time_zone FROM persons WHERE id = ?`, person).Scan(&name).Error; err != nil {
		return nil, err
	}
	where, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // a date that is a day off is better than none
	}
	return where, nil
}
