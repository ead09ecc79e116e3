package people

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

const setupLives = 24 * time.Hour

// SetupCode gives a fresh one-time code when nobody has an account yet, and "" otherwise. Codes given
// before stop working.
func (d *Directory) SetupCode(ctx context.Context) (string, error) {
	code, err := secret()
	if err != nil {
		return "", err
	}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		var n int64
		if err := tx.Gorm().Model(&personRow{}).Count(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			code = ""
			return nil
		}
		if err := tx.Gorm().Where("1 = 1").Delete(&setupRow{}).Error; err != nil {
			return err
		}
		return tx.Gorm().Create(&setupRow{CodeHash: sum(code), CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(setupLives)}).Error
	})
	return code, err
}

// Setup makes the first account, an admin (and whatever other roles are asked for), with a one-time
// code. It works while there is no account, and once.
func (d *Directory) Setup(ctx context.Context, code string, n NewPerson) (Person, error) {
	if n.Password == "" {
		return Person{}, fault.InvalidField("password", "required", "Choose a password.")
	}
	// Anybody can come here, so nothing slow is done for a code that is not there.
	if err := checkCode(d.db.Read(ctx), code, d.db.Now()); err != nil {
		return Person{}, err
	}
	n.Roles = append(slices.Clone(n.Roles), Admin)
	row, err := d.newRow(ctx, n)
	if err != nil {
		return Person{}, err
	}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		if err := checkCode(tx.Gorm(), code, tx.Now); err != nil {
			return err
		}
		if err := tx.Gorm().Where("1 = 1").Delete(&setupRow{}).Error; err != nil {
			return err
		}
		row.CreatedAt, row.UpdatedAt = tx.Now, tx.Now
		if err := insertPerson(tx, &row); err != nil {
			return err
		}
		return d.OnAdded(ctx, tx, row.person())
	})
	if err != nil {
		return Person{}, err
	}
	return row.person(), nil
}
