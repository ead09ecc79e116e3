package review

import (
	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// AfterFind puts the times into UTC.
func (d *Dispute) AfterFind(*gorm.DB) error {
	db.UTC(&d.CreatedAt, d.ResolvedAt)
	return nil
}

func loadDispute(g *gorm.DB, id string) (Dispute, error) {
	var d Dispute
	if !db.Plain(id) {
		return d, fault.Missing("dispute")
	}
	return d, db.Fault(g.Where("id = ?", id).Take(&d).Error, "dispute")
}

func saveDispute(tx *db.Tx, d Dispute) error { return tx.Gorm().Select("*").Updates(&d).Error }

func disputesOf(g *gorm.DB, attempts ...string) ([]Dispute, error) {
	var out []Dispute
	return out, g.Where("attempt_id IN ?", append([]string{""}, attempts...)).Order("created_at, id").Find(&out).Error
}
