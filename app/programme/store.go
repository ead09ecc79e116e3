package programme

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// Value implements driver.Valuer: a JSON array.
func (l List) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	text, err := json.Marshal([]string(l))
	return string(text), err
}

// Scan implements sql.Scanner.
func (l *List) Scan(src any) error {
	*l = List{}
	return scanJSON(src, (*[]string)(l))
}

// Value implements driver.Valuer: a JSON object.
func (l Levels) Value() (driver.Value, error) {
	if l == nil {
		return "{}", nil
	}
	text, err := json.Marshal(map[string]int(l))
	return string(text), err
}

// Scan implements sql.Scanner.
func (l *Levels) Scan(src any) error {
	*l = Levels{}
	return scanJSON(src, (*map[string]int)(l))
}

// scanJSON reads a column of JSON; an empty one leaves what into holds.
func scanJSON(src, into any) error {
	var text []byte
	switch s := src.(type) {
	case nil:
	case string:
		text = []byte(s)
	case []byte:
		text = s
	default:
		return fmt.Errorf("a column of JSON that is %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

// plain says whether an id can be looked for; PostgreSQL fails at what is not.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// utc puts times into UTC; PostgreSQL gives them in the zone of the machine.
func utc(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

// hold keeps a row against other writers until the transaction ends (SQLite has one writer anyway). Rows that
// point at it can still be written meanwhile.
func hold(tx *db.Tx, table, id string) error {
	if tx.Kind() != db.Postgres || !plain(id) {
		return nil
	}
	return tx.Gorm().Exec(`SELECT 1 FROM `+table+` WHERE id = ? FOR NO KEY UPDATE`, id).Error
}

// take loads one row by its id; thing names it in the error.
func take[T any](g *gorm.DB, thing, id string) (T, error) {
	var row T
	if !plain(id) {
		return row, fault.Missing(thing)
	}
	err := g.Where("id = ?", id).Take(&row).Error
	return row, db.Fault(err, thing)
}
