package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// The table of steps is made here and not by the migrations: that it exists marks a database as a made-up
// company's, and a real company's database never has it.
const stepsTable = `CREATE TABLE demo_steps (name TEXT PRIMARY KEY, done_at TEXT NOT NULL)`

// beginningStep is the first step: when the company was begun, which all its times are counted back from.
const beginningStep = "beginning"

type stepRow struct{ Name, DoneAt string }

func (stepRow) TableName() string { return "demo_steps" }

// ErrForeign says that the database holds somebody's own data.
var ErrForeign = fault.New(fault.Conflict, "not_a_demo", "This database holds people who are not made up. The demo wants a folder, and a database, of its own.")

// claim makes an empty database a demo's, or finds that it is one, and gives the company's beginning.
func claim(ctx context.Context, d *db.DB) (time.Time, error) {
	var begun time.Time
	err := d.Tx(ctx, func(tx *db.Tx) error {
		if tx.Gorm().Migrator().HasTable(stepRow{}.TableName()) {
			var row stepRow
			if err := tx.Gorm().Where("name = ?", beginningStep).Take(&row).Error; err != nil {
				return fmt.Errorf("read the demo's beginning: %w", err)
			}
			var err error
			begun, err = time.Parse(time.RFC3339, row.DoneAt)
			return err
		}
		var persons int64
		if err := tx.Gorm().Table("persons").Count(&persons).Error; err != nil {
			return err
		}
		if persons > 0 {
			return ErrForeign
		}
		if err := tx.Gorm().Exec(stepsTable).Error; err != nil {
			return err
		}
		begun = tx.Now.Truncate(time.Second)
		return tx.Gorm().Create(&stepRow{beginningStep, begun.Format(time.RFC3339)}).Error
	})
	return begun, err
}

// Is says whether a database is a made-up company's.
func Is(ctx context.Context, d *db.DB) bool {
	return d.Read(ctx).Migrator().HasTable(stepRow{}.TableName())
}

// steps gives what is done.
func steps(ctx context.Context, d *db.DB) (map[string]bool, error) {
	var rows []stepRow
	err := d.Read(ctx).Find(&rows).Error
	out := make(map[string]bool, len(rows))
	for _, r := range rows {
		out[r.Name] = true
	}
	return out, err
}

// finish notes that a step is done.
func finish(ctx context.Context, d *db.DB, name string) error {
	return d.Tx(ctx, func(tx *db.Tx) error {
		return tx.Gorm().Exec(`INSERT INTO demo_steps (name, done_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, tx.Now.Format(time.RFC3339)).Error
	})
}
