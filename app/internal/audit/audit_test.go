package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

func write(t *testing.T, e *apptest.Env, subject string, n int) {
	t.Helper()
	err := e.DB.Tx(context.Background(), func(tx *db.Tx) error {
		return audit.Write(tx, "somebody", "review.sent", subject, map[string]any{"n": n, "levels": []int{1, 2}})
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTrail writes from many sides at once, and finds every sort of change made afterwards.
func TestTrail(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { write(t, e, fmt.Sprintf("attempt %d", i%2), i) })
		}
		wg.Wait()
		if n, err := audit.Verify(t.Context(), e.DB); err != nil || n != 20 {
			t.Fatalf("%d entries, %v", n, err)
		}
		got, err := audit.Of(e.DB.Read(t.Context()), "attempt 1")
		if err != nil || len(got) != 10 || got[0].Seq > got[9].Seq || *got[0].ActorID != "somebody" || got[0].At.Location() != time.UTC {
			t.Errorf("%d entries, %v", len(got), err)
		}
		// What is rolled back leaves no gap.
		stop := fmt.Errorf("stop")
		if err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			if err := audit.Write(tx, "", "x", "y", nil); err != nil {
				return err
			}
			return stop
		}); err == nil || !strings.Contains(err.Error(), "stop") {
			t.Error(err)
		}
		write(t, e, "after", 1)
		if n, err := audit.Verify(t.Context(), e.DB); err != nil || n != 21 {
			t.Fatalf("%d entries, %v", n, err)
		}
		for _, change := range []string{
			`UPDATE audit_entries SET detail = '{"n":99}' WHERE seq = 7`,
			`UPDATE audit_entries SET actor_id = NULL WHERE seq = 7`,
			`UPDATE audit_entries SET action = 'review.sent ' WHERE seq = 7`,
			`DELETE FROM audit_entries WHERE seq = 7`,
			`DELETE FROM audit_entries WHERE seq = 21`,
			`UPDATE audit_entries SET subject_id = 'attempt 9' WHERE seq = 21`,
			`UPDATE audit_heads SET seq = 30`,
		} {
			err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
				if err := tx.Gorm().Exec(change).Error; err != nil {
					return err
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := audit.Verify(t.Context(), e.DB); err == nil {
				t.Errorf("nothing was found after %s", change)
			}
			restore(t, e)
		}
	})
}

// restore writes the trail anew.
func restore(t *testing.T, e *apptest.Env) {
	t.Helper()
	err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
		if err := tx.Gorm().Exec(`DELETE FROM audit_entries`).Error; err != nil {
			return err
		}
		return tx.Gorm().Exec(`UPDATE audit_heads SET seq = 0, hash = ''`).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 21 {
		write(t, e, "attempt 1", i)
	}
	if _, err := audit.Verify(t.Context(), e.DB); err != nil {
		t.Fatal(err)
	}
}
