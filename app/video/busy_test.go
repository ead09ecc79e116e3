package video_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestBusySQLite runs everything at once over the product's own small pool of connections, with the job
// queue working beside it: nobody may wait for ever, fail, or lose what they wrote.
func TestBusySQLite(t *testing.T) {
	e := apptest.SQLite(t)
	small, err := db.Open(t.Context(), db.Config{Dir: e.Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { small.Close() })
	e.DB = small
	k := newKit(t, e)
	ana := k.add(t, "Ana")
	team, err := k.people.AddTeam(t.Context(), people.System(), "T", nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := k.take(t, ana, func(r *recording) { r.audience = people.MyTeam })
	stop := k.work(t) // without ffmpeg: every take is kept, refused and transcribed by nobody
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	const rounds = 15
	var work sync.WaitGroup
	each := func(fn func(i int) error) {
		work.Go(func() {
			for i := range rounds {
				if err := fn(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 3 {
		each(func(i int) error {
			id, _, err := k.videos.BeginUpload(ctx, ana, video.NewUpload{ClientID: fmt.Sprintf("%d-%d", w, i)})
			if err != nil {
				return err
			}
			return k.videos.FinishUpload(ctx, id, 1, "a")
		})
		each(func(i int) error {
			_, err := k.videos.WriteNote(ctx, ana, shared.ID, "", int64(i), fmt.Sprintf("%d", w))
			return err
		})
		each(func(int) error {
			_, err := k.videos.List(ctx, ana, listFilter(50))
			return err
		})
	}
	each(func(i int) error {
		_, err := k.videos.Change(ctx, ana, shared.ID, video.Change{Title: ptr(fmt.Sprintf("Title %d", i))})
		return err
	})
	each(func(i int) error {
		if i%2 == 0 {
			return k.people.Place(ctx, people.System(), team.ID, ana.PersonID, people.AsMember)
		}
		return k.people.Unplace(ctx, people.System(), team.ID, ana.PersonID, people.AsMember)
	})
	work.Wait()
	if v := k.get(t, ana, shared.ID); v.Title != fmt.Sprintf("Title %d", rounds-1) {
		t.Error(v.Title)
	}
	if n := k.count(t, `SELECT COUNT(*) FROM videos`); n != 3*rounds+1 {
		t.Errorf("%d videos", n)
	}
	if n := k.count(t, `SELECT COUNT(*) FROM notes`); n != 3*rounds {
		t.Errorf("%d notes", n)
	}
}
