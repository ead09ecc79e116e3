package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// SQLite's extended result codes that mean something to a caller (sqlite.org/rescode.html).
const (
	sqliteBusy           = 5
	sqliteFull           = 13
	sqliteForeignKey     = 787
	sqliteUnique         = 2067
	sqlitePrimaryKey     = 1555
	postgresSerializable = "40001"
	postgresDeadlock     = "40P01"
	postgresDiskFull     = "53100"
)

// translating makes GORM's SQLite dialector understand the errors of the pure Go driver: its own
// translation reads the fields of another driver's error type.
type translating struct{ sqlite.Dialector }

// Translate maps the driver's error to GORM's.
func (t translating) Translate(err error) error {
	var e *modernc.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case sqliteUnique, sqlitePrimaryKey:
			return gorm.ErrDuplicatedKey
		case sqliteForeignKey:
			return gorm.ErrForeignKeyViolated
		}
	}
	return err
}

func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == postgresSerializable || pg.Code == postgresDeadlock
	}
	var lite *modernc.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqliteBusy
}

// Fault turns a store's error into one with a kind; thing names what was looked for or written, in
// snake_case, as in "video". Errors that already carry a kind pass through.
func Fault(err error, thing string) error {
	var f *fault.Error
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, gorm.ErrForeignKeyViolated):
		return fault.Missing(thing)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return fault.New(fault.Conflict, thing+"_exists", "There is one already.")
	}
	return full(err)
}

// full gives an engine's "no space left" its kind.
func full(err error) error {
	var f *fault.Error
	var pg *pgconn.PgError
	var lite *modernc.Error
	if errors.As(err, &f) {
		return err
	}
	if (errors.As(err, &pg) && pg.Code == postgresDiskFull) || (errors.As(err, &lite) && lite.Code()&0xff == sqliteFull) {
		return fault.Wrap(err, fault.NoSpace, "database_full", "The database's disk is full. Nothing was changed.")
	}
	return err
}
