package programme

import (
	"context"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// AfterFind puts the times into UTC.
func (e *Enrolment) AfterFind(*gorm.DB) error {
	db.UTC(e.DueAt, e.NextAttemptAt, e.SettledAt, &e.StartedAt, e.LeftAt, &e.CreatedAt, &e.UpdatedAt)
	return nil
}

// AfterFind puts the times into UTC.
func (a *Attempt) AfterFind(*gorm.DB) error {
	db.UTC(&a.SubmittedAt, &a.SwapUntil, a.DueAt, a.SettledAt, a.AcknowledgedAt)
	return nil
}

func loadEnrolment(g *gorm.DB, id string) (Enrolment, error) {
	return db.Take[Enrolment](g, "enrolment", id)
}

// EnrolmentTx loads an enrolment and holds its row until the transaction ends: whoever changes an enrolment
// or its attempts holds it first.
func EnrolmentTx(tx *db.Tx, id string) (Enrolment, error) {
	if err := db.Hold(tx, "enrolments", id); err != nil {
		return Enrolment{}, err
	}
	return loadEnrolment(tx.Gorm(), id)
}

func insertEnrolments(tx *db.Tx, rows []Enrolment) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Gorm().CreateInBatches(rows, 500).Error
}

// saveEnrolment writes all of an enrolment, at the transaction's time.
func saveEnrolment(tx *db.Tx, e *Enrolment) error {
	e.UpdatedAt = tx.Now
	return tx.Gorm().Select("*").Updates(e).Error
}

func loadAttempt(g *gorm.DB, id string) (Attempt, error) { return db.Take[Attempt](g, "attempt", id) }

// Attempt loads an attempt for another domain's rules; who may see it is theirs to decide. NotFound.
func (s *Service) Attempt(ctx context.Context, id string) (Attempt, error) {
	return loadAttempt(s.DB.Read(ctx), id)
}

// AttemptTx loads an attempt and holds its enrolment's row and its own, in this order, until the transaction
// ends: every change of either queues at the enrolment.
func AttemptTx(tx *db.Tx, id string) (Attempt, error) {
	a, err := loadAttempt(tx.Gorm(), id)
	if err != nil {
		return a, err
	}
	if err := db.Hold(tx, "enrolments", a.EnrolmentID); err != nil {
		return a, err
	}
	if err := db.Hold(tx, "attempts", id); err != nil {
		return a, err
	}
	return loadAttempt(tx.Gorm(), id)
}

// attemptsOf gives the attempts of some enrolments, by enrolment and number.
func attemptsOf(g *gorm.DB, enrolmentIDs ...string) ([]Attempt, error) {
	var out []Attempt
	if len(enrolmentIDs) == 0 {
		return out, nil
	}
	return out, g.Where("enrolment_id IN ?", enrolmentIDs).Order("enrolment_id, number").Find(&out).Error
}

func insertAttempt(tx *db.Tx, a *Attempt) error { return tx.Gorm().Create(a).Error }

// saveAttempt writes all of an attempt.
func saveAttempt(tx *db.Tx, a *Attempt) error { return tx.Gorm().Select("*").Updates(a).Error }
