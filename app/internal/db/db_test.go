package db_test

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// TestSameSchema proves that both dialects end in the same tables, columns and nullability.
func TestSameSchema(t *testing.T) {
	got := map[db.Kind][]string{}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		query := `SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = 'public'`
		if e.DB.Kind() == db.SQLite {
			query = `SELECT m.name, c.name, c."notnull" = 0 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
		}
		rows, err := e.DB.SQL().QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var table, column string
			var nullable bool
			if err := rows.Scan(&table, &column, &nullable); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") || table == "schema_versions" {
				continue // not ours: each library keeps its own
			}
			got[e.DB.Kind()] = append(got[e.DB.Kind()], fmt.Sprintf("%s.%s nullable=%v", table, column, nullable))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		sort.Strings(got[e.DB.Kind()])
	})
	if len(got) != 2 {
		t.Skip("one engine only")
	}
	a, b := strings.Join(got[db.SQLite], "\n"), strings.Join(got[db.Postgres], "\n")
	if a != b || len(got[db.SQLite]) < 100 {
		t.Errorf("the schemas differ:\n--- sqlite\n%s\n--- postgres\n%s", a, b)
	}
}

func TestPostgresDoesNotCompileQueries(t *testing.T) {
	address := apptest.Postgres(t)
	for given, want := range map[string]string{address: "off", address + "&jit=on": "on"} {
		d, err := db.Open(t.Context(), db.Config{URL: given})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := d.SQL().QueryRowContext(t.Context(), `SHOW jit`).Scan(&got); err != nil || got != want {
			t.Errorf("jit is %q, %v; want %q", got, err, want)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMigrateTwiceAndNewer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		n, err := e.DB.Migrate(t.Context(), e.Log)
		if err != nil || n != 0 {
			t.Fatalf("a second run did %d migrations, %v", n, err)
		}
		if _, err := e.DB.SQL().ExecContext(t.Context(), `INSERT INTO schema_versions (version_id, is_applied) VALUES (9999, true)`); err != nil {
			t.Fatal(err)
		}
		if _, err := e.DB.Migrate(t.Context(), e.Log); !errors.Is(err, db.ErrNewer) {
			t.Fatalf("data of a newer version: %v", err)
		}
	})
}

type setupCode struct {
	CodeHash string `gorm:"primaryKey"`
}

func TestTxRollsBackAndTranslates(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		insert := func(tx *db.Tx) error {
			return tx.Gorm().Exec(`INSERT INTO setup_codes (code_hash, created_at, expires_at) VALUES ('x', ?, ?)`, tx.Now, tx.Now).Error
		}
		woken := 0
		boom := errors.New("boom")
		err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { woken++ })
			if err := insert(tx); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || woken != 0 {
			t.Fatalf("rollback: %v, woken %d", err, woken)
		}
		count := func() (n int64) {
			if err := e.DB.Read(t.Context()).Model(&setupCode{}).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		if count() != 0 {
			t.Fatal("the rolled-back row is there")
		}
		ok := func(tx *db.Tx) error {
			tx.AfterCommit(func() { woken++ })
			return insert(tx)
		}
		if err := e.DB.Tx(t.Context(), ok); err != nil || woken != 1 || count() != 1 {
			t.Fatalf("commit: %v, woken %d", err, woken)
		}
		err = e.DB.Tx(t.Context(), ok)
		if !errors.Is(err, gorm.ErrDuplicatedKey) || !fault.Is(db.Fault(err, "code"), fault.Conflict) {
			t.Fatalf("the same key twice: %v", err)
		}
		err = e.DB.Read(t.Context()).Where("code_hash = ?", "y").Take(&setupCode{}).Error
		if !fault.Is(db.Fault(err, "code"), fault.NotFound) {
			t.Fatalf("an absent row: %v", err)
		}
	})
}

func TestTxManyWriters(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		const writers, each = 8, 10
		errs := make(chan error, writers)
		for range writers {
			go func() {
				errs <- func() error {
					for range each {
						if err := e.DB.Tx(context.Background(), func(tx *db.Tx) error {
							return tx.Gorm().Exec(`UPDATE directory_epochs SET value = value + 1`).Error
						}); err != nil {
							return err
						}
					}
					return nil
				}()
			}()
		}
		for range writers {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		var value int
		if err := e.DB.Read(t.Context()).Raw(`SELECT value FROM directory_epochs`).Scan(&value).Error; err != nil || value != 1+writers*each {
			t.Fatalf("value %d, %v", value, err)
		}
	})
}
