package library_test

import (
	"context"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/search"
)

func TestFollow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.videos.OnChanged = func() { k.lib.Wake() }
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		if k.lib.Ready() == nil {
			t.Error("ready before it began")
		}
		first := k.video(t, ana, people.Everyone, "They say Northwind is half the price.")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- k.lib.Follow(ctx) }()
		within := func(cond func() bool) {
			t.Helper()
			apptest.Eventually(t, 20*time.Second, func() (bool, string) { return cond(), "not in the index" })
		}
		found := func(text string, want ...string) func() bool {
			return func() bool { return slices.Equal(k.find(t, ben, library.Query{Text: text}), want) }
		}
		within(found("Northwind", first))
		within(func() bool { return k.lib.Ready() == nil })
		second := k.video(t, ana, people.Everyone, "Talk about zebras instead.")
		within(found("zebras", second))
		if err := k.videos.Delete(t.Context(), ana, first); err != nil {
			t.Fatal(err)
		}
		if got := k.find(t, ben, library.Query{Text: "Northwind"}); len(got) != 0 {
			t.Error("a deleted video was found after the deletion was acknowledged")
		}
		within(func() bool { lag, err := k.lib.Lag(t.Context()); return err == nil && lag == 0 })
		k.verifyNone(t)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func (k *kit) verifyNone(t testing.TB) { t.Helper(); k.verify(t) }

// TestGapInTheFeed holds a transaction with a lower number open while one with a higher commits: both
// end in the index, at once and when the first commits, also across pages of the feed and a restart.
func TestGapInTheFeed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		if e.DB.Kind() != db.Postgres {
			return // one writer: numbers are given in the order of commits
		}
		for name, more := range map[string]int{"few": 0, "more than a page": 1200} {
			t.Run(name, func(t *testing.T) {
				k := newKit(t, e)
				ana := k.add(t, "Ana "+name)
				slow := k.video(t, ana, people.Everyone, "giraffes "+name)
				k.catchUp(t)
				held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
				go func() {
					ended <- e.DB.Tx(context.Background(), func(tx *db.Tx) error {
						if err := tx.Gorm().Exec(`UPDATE videos SET title = 'elephants', version = version + 1 WHERE id = ?`, slow).Error; err != nil {
							return err
						}
						if err := tx.Gorm().Exec(`INSERT INTO search_changes (video_id, created_at) VALUES (?, ?)`, slow, tx.Now).Error; err != nil {
							return err
						}
						close(held)
						<-release
						return nil
					})
				}()
				<-held
				if more > 0 {
					k.exec(t, `INSERT INTO search_changes (video_id, created_at) SELECT ?, ? FROM generate_series(1, ?)`, slow, e.DB.Now(), more)
				}
				quick := k.video(t, ana, people.Everyone, "zebras "+name)
				k.catchUp(t)
				k.wantFound(t, ana, "zebras", quick)
				before, err := k.index.Seq()
				if err != nil {
					t.Fatal(err)
				}
				k.catchUp(t) // nothing new: nothing is written again
				if seq, err := k.index.Seq(); err != nil || seq != before {
					t.Fatal(seq, before, err)
				}
				if lag, err := k.lib.Lag(t.Context()); err != nil || lag != 0 {
					t.Errorf("lag %d, %v", lag, err)
				}
				if name == "few" {
					k.restart(t, nil) // what it remembers of the gap is gone; the gap is not
					k.catchUp(t)
				}
				// A rebuild in the middle must not step over what is still to come either.
				if _, err := k.lib.Reindex(t.Context()); err != nil {
					t.Fatal(err)
				}
				close(release)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				k.catchUp(t)
				k.wantFound(t, ana, "elephants", slow)
				k.verify(t)
				// A number that never comes is waited for, and then no longer.
				k.exec(t, `SELECT nextval(pg_get_serial_sequence('search_changes', 'seq'))`)
				last := k.video(t, ana, people.Everyone, "lions "+name)
				k.catchUp(t)
				k.wantFound(t, ana, "lions", last)
				stuck, err := k.index.Seq()
				if err != nil {
					t.Fatal(err)
				}
				e.Clock.Advance(2*db.MaxTx + 2*time.Minute)
				k.catchUp(t)
				if seq, err := k.index.Seq(); err != nil || seq <= stuck {
					t.Fatal("still waits", seq, stuck, err)
				}
				k.exec(t, `UPDATE videos SET deleted_at = ?`, e.DB.Now()) // for the next round
			})
		}
	})
}

// TestRebuild: the index is built anew where it is gone, damaged, of another database, or behind what
// the feed still remembers.
func TestRebuild(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		var ids []string
		for _, w := range []string{"zebras", "zebras and lions", "zebras and giraffes"} {
			ids = append(ids, k.video(t, ana, people.Everyone, w))
		}
		k.catchUp(t)
		k.wantFound(t, ana, "zebras", ids...)
		k.restart(t, func(dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		})
		k.wantFound(t, ana, "zebras")
		k.catchUp(t)
		k.wantFound(t, ana, "zebras", ids...)

		// The feed was trimmed while the node was away.
		k.restart(t, nil)
		more := k.video(t, ana, people.Everyone, "zebras once more")
		k.exec(t, `UPDATE search_changes SET created_at = ?`, e.DB.Now())
		e.Clock.Advance(8 * 24 * time.Hour)
		other := k.video(t, ana, people.Private, "a quiet one")
		e.Clock.Advance(8 * 24 * time.Hour)
		if err := k.lib.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int64
		if err := e.DB.Read(t.Context()).Raw(`SELECT COUNT(*) FROM search_changes`).Scan(&left).Error; err != nil || left != 1 {
			t.Fatal(left, err)
		}
		k.catchUp(t)
		k.wantFound(t, ana, "zebras", append(ids, more)...)
		k.wantFound(t, ana, "quiet", other)
		k.verify(t)
	})
}

// TestForeignIndex gives a node the index of another company, which must not answer with it.
func TestForeignIndex(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		theirs := newKit(t, apptest.SQLite(t))
		zoe := theirs.add(t, "Zoe")
		for range 3 {
			theirs.video(t, zoe, people.Everyone, "their zebras")
		}
		theirs.catchUp(t)
		if err := theirs.index.Close(); err != nil {
			t.Fatal(err)
		}
		for name, mine := range map[string]int{"longer feed than ours": 0, "shorter feed than ours": 6} {
			t.Run(name, func(t *testing.T) {
				k := newKit(t, e)
				ana := k.add(t, "Ana "+name)
				var ids []string
				for range mine {
					ids = append(ids, k.video(t, ana, people.Everyone, "our zebras"))
				}
				k.restart(t, func(dir string) {
					if err := os.RemoveAll(dir); err != nil {
						t.Fatal(err)
					}
					if err := os.CopyFS(dir, os.DirFS(theirs.dir)); err != nil {
						t.Fatal(err)
					}
				})
				k.catchUp(t)
				k.verify(t)
				k.wantFound(t, ana, "zebras", ids...)
				k.exec(t, `DELETE FROM videos`)
				k.exec(t, `DELETE FROM search_changes`)
			})
		}
	})
}

// TestRestoredDatabase: the database goes back to an older state, and on from there; the index follows.
func TestRestoredDatabase(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id := k.video(t, ana, people.Everyone, "old zebras")
		for range 5 {
			if _, err := k.videos.Change(t.Context(), ana, id, video.Change{Title: ptr("lions")}); err != nil {
				t.Fatal(err)
			}
		}
		k.catchUp(t)
		k.wantFound(t, ana, "lions", id)
		k.exec(t, `UPDATE videos SET version = 2, title = 'giraffes' WHERE id = ?`, id) // and nothing in the feed
		k.restart(t, nil)
		k.catchUp(t)
		k.wantFound(t, ana, "giraffes", id)
		k.wantFound(t, ana, "lions")
		k.verify(t)
	})
}

// TestReindexAnswersAlike proves that an index built at once and one kept up step by step answer alike.
func TestReindexAnswersAlike(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
	for _, w := range []string{"They say Northwind is half the price.", "We trade a discount for a signature.", "The price is not the cost of waiting.", "A pilot with an end date.", ""} {
		k.video(t, ana, people.Everyone, w)
		k.video(t, ben, people.Private, w)
		k.catchUp(t)
	}
	ask := func() (out []library.Answer) {
		for _, q := range []string{"price", "half the price", "discount", "pilot", "cost", "take"} {
			a, err := k.lib.Moments(t.Context(), ben, library.Query{Text: q, Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, a)
		}
		return out
	}
	before := ask()
	n, err := k.lib.Reindex(t.Context())
	if err != nil || n != 10 {
		t.Fatal(n, err)
	}
	if after := ask(); !reflect.DeepEqual(before, after) {
		t.Errorf("kept up:\n%+v\nbuilt anew:\n%+v", before, after)
	}
}

// TestVerify finds planted differences and nothing else.
func TestVerify(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		a, b := k.video(t, ana, people.Everyone, "zebras"), k.video(t, ana, people.Everyone, "lions")
		k.catchUp(t)
		k.verify(t)
		if err := k.index.Apply(t.Context(), search.Change{Delete: []string{a}, Replace: []search.Video{{ID: "stray", Version: 1, Title: "x", Audience: []string{"e"}}}}); err != nil {
			t.Fatal(err)
		}
		k.exec(t, `UPDATE videos SET version = version + 1 WHERE id = ?`, b)
		v, err := k.videos.Get(t.Context(), ana, b)
		if err != nil {
			t.Fatal(err)
		}
		k.verify(t, a+" is not in the search index", "stray is in the search index and not in the database",
			b+" has version "+itoa(v.Version-1)+" in the search index and "+itoa(v.Version)+" in the database")
		k.wantFound(t, ana, "zebras")
		// A restart mends all of it.
		k.restart(t, nil)
		k.catchUp(t)
		k.verify(t)
		k.wantFound(t, ana, "zebras", a)
	})
}
