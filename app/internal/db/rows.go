package db

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// Plain says whether an id can be looked for; PostgreSQL fails at what is not.
func Plain(id string) bool { return utf8.ValidString(id) && !strings.ContainsRune(id, 0) }

// UTC puts times into UTC, those that are not nil; PostgreSQL gives them in the zone of the machine.
func UTC(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

// Ref is a column that refers to a row: nil for the empty id.
func Ref(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

// Deref is what a column refers to: empty for nil.
func Deref(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}

// Hold keeps a row against other writers until the transaction ends (SQLite has one writer anyway). Rows that
// point at it can still be written meanwhile.
func Hold(tx *Tx, table, id string) error {
	if tx.Kind() != Postgres || !Plain(id) {
		return nil
	}
	return tx.Gorm().Exec(`SELECT 1 FROM `+table+` WHERE id = ? FOR NO KEY UPDATE`, id).Error
}

// Take loads one row by its id; NotFound names the thing.
func Take[T any](g *gorm.DB, thing, id string) (T, error) {
	var row T
	if !Plain(id) {
		return row, fault.Missing(thing)
	}
	err := g.Where("id = ?", id).Take(&row).Error
	return row, Fault(err, thing)
}

// OwnID is the id of something new: the sender's own in its usual form, or a fresh one where it is empty.
// Errors: Invalid id_invalid.
func OwnID(id string) (string, error) {
	if id == "" {
		return ident.New(), nil
	}
	out, err := ident.Parse(id)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "id_invalid", "Use a UUID.").At("id")
	}
	return out, nil
}

// IDTaken is Conflict id_taken: a row has the id that a sender made for another. It says nothing of that row.
func IDTaken() error {
	return fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("id")
}

// Taken turns the error of inserting a row under its sender's own id into IDTaken where another row has that id.
func Taken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return IDTaken()
	}
	return err
}

// MadeBy says whether the same person has made the row of this id before, by its column created_by; somebody
// else's is Conflict id_taken.
func MadeBy(tx *Tx, model any, id, person string) (bool, error) {
	var by []*string
	if err := tx.Gorm().Model(model).Where("id = ?", id).Pluck("created_by", &by).Error; err != nil || len(by) == 0 {
		return false, err
	}
	if Deref(by[0]) != person {
		return false, IDTaken()
	}
	return true, nil
}
