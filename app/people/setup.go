package people

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
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

// SetupNeeded says whether nobody has an account yet.
func (d *Directory) SetupNeeded(ctx context.Context) (bool, error) {
	var any bool
	err := d.db.Read(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM persons)`).Scan(&any).Error
	return !any, err
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

// SigningKey is a secret the installation made for itself.
type SigningKey struct {
	ID        string
	Purpose   string
	Secret    []byte
	CreatedAt time.Time
}

// SigningKeys gives the keys for a purpose, the one to sign with first; the first call makes one. All
// nodes share them through the database.
func (d *Directory) SigningKeys(ctx context.Context, purpose string) ([]SigningKey, error) {
	var keys []SigningKey
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		// The row that every change of the directory touches also queues nodes that start together.
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		if err := tx.Gorm().Where("purpose = ?", purpose).Order("created_at DESC, id").Find(&keys).Error; err != nil || len(keys) > 0 {
			return err
		}
		raw := make([]byte, 32+8)
		if _, err := rand.Read(raw); err != nil {
			return fmt.Errorf("random key: %w", err)
		}
		keys = []SigningKey{{ID: hex.EncodeToString(raw[32:])[:12], Purpose: purpose, Secret: raw[:32], CreatedAt: tx.Now}}
		return tx.Gorm().Create(&keys[0]).Error
	})
	return keys, err
}
