package people

import (
	"context"
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
	n.Roles = append(n.Roles, Admin)
	row, err := d.newRow(ctx, n)
	if err != nil {
		return Person{}, err
	}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		res := tx.Gorm().Where("code_hash = ? AND expires_at > ?", sum(code), tx.Now).Delete(&setupRow{})
		if res.Error != nil {
			return res.Error
		}
		var persons int64
		if err := tx.Gorm().Model(&personRow{}).Count(&persons).Error; err != nil {
			return err
		}
		if res.RowsAffected == 0 || persons > 0 {
			return fault.New(fault.Forbidden, "setup_code_wrong", "This code is wrong, used or too old. Start the server again for a new one.").At("code")
		}
		row.CreatedAt, row.UpdatedAt = tx.Now, tx.Now
		if err := insertPerson(tx, &row); err != nil {
			return err
		}
		return bumpDirectory(tx)
	})
	return row.person(), err
}
