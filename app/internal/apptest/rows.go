package apptest

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// Exec writes into the database by hand, in a transaction: what no use case of the tested package makes.
func (e *Env) Exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := e.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// Count reads one number.
func (e *Env) Count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := e.DB.Read(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
