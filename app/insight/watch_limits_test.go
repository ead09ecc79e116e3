package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestWatchVisible: on random worlds one can watch exactly what one may see.
func TestWatchVisible(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		r := rand.New(rand.NewPCG(2, 2))
		var teams []string
		for i := range 5 {
			parent := ""
			if i > 0 {
				parent = teams[r.IntN(i)]
			}
			teams = append(teams, k.team(t, fmt.Sprint("Team ", i), parent))
		}
		persons := []people.Actor{{}}
		for i := range 9 {
			a := k.add(t, fmt.Sprint("Person ", i))
			if i > 0 {
				k.seat(t, teams[r.IntN(5)], people.AsMember, &a)
			}
			if i%3 == 0 {
				k.seat(t, teams[r.IntN(5)], people.AsManager, &a)
			}
			persons = append(persons, a)
		}
		seen, hidden := 0, 0
		for i := range 20 {
			id := k.film(t, persons[1+i%9], film{audience: people.Audiences[r.IntN(len(people.Audiences))]})
			v, _, _, err := k.videos.ForSearch(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range persons[1:] {
				may := video.Can(a, video.View, v)
				got := k.watch(t, a, play(ident.New(), id, 0, 1000, e.Clock.Now()))
				if (got.Accepted == 1) != may || (len(got.Refused) == 0) != may {
					t.Errorf("%s, %s: may %v, %+v", a.Name, v.Audience, may, got)
				}
				if may {
					seen++
				} else {
					hidden++
				}
			}
		}
		if seen < 20 || hidden < 20 {
			t.Fatalf("the worlds are too simple: %d seen, %d hidden", seen, hidden)
		}
	})
}

// TestWatchLateLog: a log that is too long is not counted anew for every event that comes in late; what
// is in its place is counted all the same.
func TestWatchLateLog(t *testing.T) {
	e := apptest.SQLite(t)
	k := newKit(t, e)
	ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
	id := k.film(t, ana, film{})
	now := e.Clock.Now()
	k.watch(t, ben, play("first", id, 0, 10_000, now.Add(-time.Minute)))
	type row struct {
		PersonID, ID, VideoID string
		FromMS                int64 `gorm:"column:from_ms"`
		ToMS                  int64 `gorm:"column:to_ms"`
		At                    time.Time
		Source                string
		CreatedAt             time.Time
	}
	var rows []row
	for i := range 20_000 {
		rows = append(rows, row{ben.PersonID, fmt.Sprint(i), id, 0, 10_000, now.Add(-time.Minute), "", now})
	}
	if err := k.DB.Tx(context.Background(), func(tx *db.Tx) error {
		return tx.Gorm().Table("watch_events").CreateInBatches(rows, 2000).Error
	}); err != nil {
		t.Fatal(err)
	}
	r := k.watch(t, ben, play("late", id, 0, 1000, now.Add(-time.Hour)), play("in time", id, 20_000, 30_000, now))
	if r.Accepted != 1 || codes(r) != "late time_past" {
		t.Errorf("%+v", r)
	}
	p, err := k.insights.ProgressOf(t.Context(), ben, id)
	if err != nil || p.Share != 20.0/60 {
		t.Errorf("%+v, %v", p, err)
	}
}
