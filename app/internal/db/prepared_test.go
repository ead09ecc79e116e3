package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

// TestPreparedReads runs many different reads at once, more than are kept prepared, some of them
// cancelled, and none may hear of another's end.
func TestPreparedReads(t *testing.T) {
	e := apptest.SQLite(t)
	var work sync.WaitGroup
	for w := range 8 {
		work.Go(func() {
			for i := range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if i%7 == w%7 {
					cancel()
				}
				var got int
				err := e.DB.Read(ctx).Raw(fmt.Sprintf(`SELECT value + %d - ? FROM directory_epochs WHERE id = ?`, i), i, 1).Scan(&got).Error
				if ctx.Err() == nil && (err != nil || got != 1) {
					t.Errorf("read %d: %d, %v", i, got, err)
				}
				cancel()
			}
		})
	}
	work.Wait()
	// A statement stays right when the schema changes under it, and an error is the reader's own.
	for _, q := range []string{`CREATE TABLE x (a INTEGER)`, `INSERT INTO x VALUES (1)`} {
		if _, err := e.DB.SQL().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (row map[string]any, err error) {
		err = e.DB.Read(t.Context()).Raw(`SELECT * FROM x`).Scan(&row).Error
		return row, err
	}
	if row, err := read(); err != nil || len(row) != 1 {
		t.Fatal(row, err)
	}
	if _, err := e.DB.SQL().ExecContext(t.Context(), `ALTER TABLE x ADD COLUMN b INTEGER`); err != nil {
		t.Fatal(err)
	}
	if row, err := read(); err != nil || len(row) != 2 {
		t.Fatal(row, err)
	}
	if err := e.DB.Read(t.Context()).Raw(`SELECT nonsense`).Scan(new(int)).Error; err == nil {
		t.Fatal("nonsense was read")
	}
}

// TestAfterCommitMayWrite proves that what is called after a commit may begin a transaction itself.
func TestAfterCommitMayWrite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		raise := func(tx *db.Tx) error {
			return tx.Gorm().Exec(`UPDATE directory_epochs SET value = value + 1`).Error
		}
		var inner error
		err := e.DB.Tx(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { inner = e.DB.Tx(ctx, raise) })
			return raise(tx)
		})
		if err := errors.Join(err, inner); err != nil {
			t.Fatal(err)
		}
	})
}
