package db_test

import (
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

// TestAt: the same database at another time, in the same queue of writers.
func TestAt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		then := time.Date(2019, 5, 6, 7, 8, 9, 123456789, time.UTC)
		past := e.DB.At(func() time.Time { return then })
		if got := past.Now(); !got.Equal(then.Truncate(time.Microsecond)) || past.Kind() != e.DB.Kind() {
			t.Errorf("now %v on %s", got, past.Kind())
		}
		var work sync.WaitGroup
		for _, d := range []*db.DB{e.DB, past} {
			work.Go(func() {
				for range 50 {
					err := d.Tx(t.Context(), func(tx *db.Tx) error {
						if (tx.Now.Year() == 2019) != (d == past) {
							t.Errorf("a transaction at %v", tx.Now)
						}
						return tx.Gorm().Exec(`INSERT INTO search_changes (video_id, created_at) VALUES ('v', ?)`, tx.Now).Error
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		work.Wait()
		var n int64
		if err := e.DB.Read(t.Context()).Table("search_changes").Where("created_at = ?", past.Now()).Count(&n).Error; err != nil || n != 50 {
			t.Errorf("%d rows of then, %v", n, err)
		}
	})
}
