// Package apptest is the test kit: every test of a store or a use case runs on SQLite and on a real
// PostgreSQL that the test binary starts on loopback and ends. Imported by tests only.
package apptest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

// Epoch is when the fixed clock of tests begins.
var Epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Clock is a clock that moves only when told to. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock gives a clock that stands at Epoch.
func NewClock() *Clock { return &Clock{now: Epoch} }

// Now gives the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Env is one migrated, empty database with its clock.
type Env struct {
	DB    *db.DB
	URL   string // empty for SQLite
	Dir   string
	Clock *Clock
	Log   *slog.Logger
}

// Each runs fn once on SQLite and once on PostgreSQL, each with an empty migrated database.
func Each(t *testing.T, fn func(t *testing.T, e *Env)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		fn(t, open(t, ""))
	})
	t.Run("postgres", func(t *testing.T) {
		url := Postgres(t)
		fn(t, open(t, url))
	})
}

// SQLite gives an empty migrated embedded database, for tests in which the engine does not matter.
func SQLite(t testing.TB) *Env {
	t.Helper()
	return open(t, "")
}

func open(t testing.TB, url string) *Env {
	t.Helper()
	e := &Env{URL: url, Dir: t.TempDir(), Clock: NewClock(), Log: slog.New(slog.DiscardHandler)}
	var err error
	e.DB, err = db.Open(t.Context(), db.Config{URL: url, Dir: e.Dir, Clock: e.Clock.Now, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := e.DB.Migrate(t.Context(), e.Log); err != nil {
		t.Fatal(err)
	}
	if err := jobs.Migrate(t.Context(), e.DB); err != nil {
		t.Fatal(err)
	}
	return e
}

// Eventually waits until cond holds; it fails the test with what is returned last after the limit.
func Eventually(t testing.TB, limit time.Duration, cond func() (ok bool, state string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, state := cond()
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("still not after %s: %s", limit, state)
		case <-tick.C:
		}
	}
}
