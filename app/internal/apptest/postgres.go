package apptest

import (
	"testing"

	"github.com/fieldreel/fieldreel/internal/pgtest"
)

// Main runs the tests of a package that uses Postgres and ends the server after them:
//
//	func TestMain(m *testing.M) { apptest.Main(m) }
func Main(m *testing.M) { pgtest.Main(m) }

// Postgres gives the address of an empty database on a real PostgreSQL, started on loopback by the
// first test that asks.
func Postgres(t testing.TB) string {
	t.Helper()
	return pgtest.Database(t)
}
