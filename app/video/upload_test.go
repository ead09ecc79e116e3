package video_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

func TestBeginUpload(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		begin := func(a people.Actor, client string) (string, bool) {
			t.Helper()
			id, existing, err := k.videos.BeginUpload(t.Context(), a, video.NewUpload{ClientID: client, Filename: "a.mp4", Kind: "take"})
			if err != nil {
				t.Fatal(err)
			}
			return id, existing
		}
		first, existing := begin(ana, "c1")
		if existing {
			t.Error("a new upload exists")
		}
		if again, existing := begin(ana, "c1"); again != first || !existing {
			t.Errorf("the same client id: %s, %v", again, existing)
		}
		if other, existing := begin(ben, "c1"); other == first || existing {
			t.Error("a client id is its sender's")
		}
		a, _ := begin(ana, "")
		if b, existing := begin(ana, ""); a == b || existing {
			t.Error("uploads without a client id are one")
		}
		// Only its owner knows of it.
		_, err := k.videos.OwnUpload(t.Context(), ben, first)
		wantCode(t, err, "upload_not_found")
		if u, known, err := k.videos.LookupUpload(t.Context(), first); err != nil || !known || u.State != video.Receiving {
			t.Fatalf("%+v, %v, %v", u, known, err)
		}
		// Given up, it is gone, cannot be finished, and begins again under its client id.
		for range 2 {
			if err := k.videos.TerminateUpload(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
		_, err = k.videos.OwnUpload(t.Context(), ana, first)
		wantCode(t, err, "upload_not_found")
		if _, known, err := k.videos.LookupUpload(t.Context(), first); err != nil || known {
			t.Fatal(known, err)
		}
		wantCode(t, k.videos.FinishUpload(t.Context(), first, 1, "00"), "upload_not_found")
		e.Clock.Advance(time.Hour)
		if again, existing := begin(ana, "c1"); again != first || !existing {
			t.Errorf("revived: %s, %v", again, existing)
		}
		if u, err := k.videos.OwnUpload(t.Context(), ana, first); err != nil || u.State != video.Receiving || !u.CreatedAt.Equal(e.Clock.Now()) || u.Node != "n1" {
			t.Fatalf("%+v, %v", u, err)
		}
		if _, known, err := k.videos.LookupUpload(t.Context(), "019b0000-0000-7000-8000-000000000000"); err != nil || known {
			t.Fatal(known, err)
		}
		if n := k.count(t, `SELECT COUNT(*) FROM videos`); n != 0 {
			t.Errorf("%d videos of unfinished uploads", n)
		}
	})
}

// TestSameUploadAtOnce proves that one client id is one upload also when sent many times at once.
func TestSameUploadAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		ids := make([]string, 12)
		var work sync.WaitGroup
		for i := range ids {
			work.Go(func() {
				id, _, err := k.videos.BeginUpload(context.Background(), ana, video.NewUpload{ClientID: "c1"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = id
			})
		}
		work.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatal(ids)
			}
		}
		for range ids {
			work.Go(func() {
				if err := k.videos.FinishUpload(context.Background(), ids[0], 5, "aa"); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		if n := k.count(t, `SELECT COUNT(*) FROM videos`); n != 1 || len(k.queued(t)) != 1 {
			t.Fatalf("%d videos, jobs %v", n, k.queued(t))
		}
	})
}

func TestFinishUpload(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{Filename: "x.mp4", Title: "My take", Kind: "take"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time changes nothing
			if err := k.videos.FinishUpload(t.Context(), id, 123, "ab"); err != nil {
				t.Fatal(err)
			}
		}
		u, err := k.videos.OwnUpload(t.Context(), ana, id)
		if err != nil || u.State != video.Finished || u.Size != 123 || u.SHA256 != "ab" || u.VideoID == nil || u.FinishedAt == nil {
			t.Fatalf("%+v, %v", u, err)
		}
		v := k.get(t, ana, *u.VideoID)
		if v.Title != "My take" || v.State != video.Processing || v.Audience != people.Private || v.Size != 123 || v.SHA256 != "ab" || v.CompleteShare != 90 || v.PublishedAt != nil || v.Version != 1 {
			t.Fatalf("%+v", v)
		}
		if jobs := k.queued(t); fmt.Sprint(jobs) != "[video_ingest]" {
			t.Fatal(jobs)
		}
		if n := k.count(t, `SELECT COUNT(*) FROM search_changes WHERE video_id = ?`, v.ID); n != 1 {
			t.Fatal(n, "search changes")
		}
		// Giving up a finished upload changes nothing.
		if err := k.videos.TerminateUpload(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if u, err := k.videos.OwnUpload(t.Context(), ana, id); err != nil || u.State != video.Finished {
			t.Fatalf("%+v, %v", u, err)
		}
		wantCode(t, k.videos.FinishUpload(t.Context(), "019b0000-0000-7000-8000-000000000000", 1, ""), "upload_not_found")
	})
}

// TestFinishIsOneTransaction proves that where the job cannot be written there is no video either.
func TestFinishIsOneTransaction(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{ClientID: "c"})
		if err != nil {
			t.Fatal(err)
		}
		k.exec(t, `ALTER TABLE river_job RENAME TO river_away`)
		if err := k.videos.FinishUpload(t.Context(), id, 1, "ab"); err == nil {
			t.Fatal("finished without a job")
		}
		k.exec(t, `ALTER TABLE river_away RENAME TO river_job`)
		if n := k.count(t, `SELECT (SELECT COUNT(*) FROM videos) + (SELECT COUNT(*) FROM search_changes)`); n != 0 {
			t.Fatal(n, "rows were left")
		}
		if u, err := k.videos.OwnUpload(t.Context(), ana, id); err != nil || u.State != video.Receiving {
			t.Fatalf("%+v, %v", u, err)
		}
		if err := k.videos.FinishUpload(t.Context(), id, 1, "ab"); err != nil {
			t.Fatal(err)
		}
		if n := k.count(t, `SELECT COUNT(*) FROM videos`); n != 1 || len(k.queued(t)) != 1 {
			t.Fatal(n, k.queued(t))
		}
	})
}

func TestQuota(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e, func(k *kit) { k.cfg.QuotaBytes = 100 })
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		begin := func(a people.Actor, client string, length int64) (string, error) {
			n := video.NewUpload{ClientID: client}
			if length >= 0 {
				n.Length = &length
			}
			id, _, err := k.videos.BeginUpload(t.Context(), a, n)
			return id, err
		}
		must := func(id string, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		_, err := begin(ana, "", 101)
		wantCode(t, err, "quota_exceeded")
		sixty := must(begin(ana, "c60", 60))
		_, err = begin(ana, "", 41) // what is on its way counts
		wantCode(t, err, "quota_exceeded")
		must(begin(ben, "", 100)) // each has their own
		deferred := must(begin(ana, "", -1))
		if err := k.videos.FinishUpload(t.Context(), sixty, 60, "a"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.videos.FinishUpload(t.Context(), deferred, 41, "b"), "quota_exceeded")
		if err := k.videos.FinishUpload(t.Context(), deferred, 40, "b"); err != nil {
			t.Fatal(err)
		}
		_, err = begin(ana, "", -1)
		wantCode(t, err, "quota_exceeded")
		_, err = begin(ana, "", 0)
		if err != nil {
			t.Fatal("an empty file takes no space:", err)
		}
		// The same upload again is not counted twice.
		if again := must(begin(ana, "c60", 60)); again != sixty {
			t.Fatal(again)
		}
		// Deleting gives space at once, as the message says.
		u, err := k.videos.OwnUpload(t.Context(), ana, sixty)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.videos.Delete(t.Context(), ana, *u.VideoID); err != nil {
			t.Fatal(err)
		}
		more := must(begin(ana, "c50", 50))
		// One that was given up gives its space back, and needs it again when it begins again.
		if err := k.videos.TerminateUpload(t.Context(), more); err != nil {
			t.Fatal(err)
		}
		must(begin(ana, "", 55))
		_, err = begin(ana, "c50", 50)
		wantCode(t, err, "quota_exceeded")
	})
}

func TestTitles(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana := k.add(t, "Ana")
	day := "Take of 2 March 2026, 09:00"
	for _, c := range []struct{ title, filename, want string }{
		{" Said ", "x.mp4", "Said"}, {"", "Price talk.final.mp4", "Price talk.final"}, {"", `C:\videos\demo.mov`, "demo"}, {"", "../../etc/passwd", "passwd"},
		{"", "", day}, {"", ".mp4", day}, {"", "..", day}, {"", "/", day}, {"a\nb", "ok.webm", "ok"}, {strings.Repeat("x", 201), strings.Repeat("y", 300) + ".mp4", day}, {"\xff", "\xff.mp4", day},
	} {
		id, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{Title: c.title, Filename: c.filename})
		if err != nil {
			t.Fatal(err)
		}
		if err := k.videos.FinishUpload(t.Context(), id, 1, "a"); err != nil {
			t.Fatal(err)
		}
		u, err := k.videos.OwnUpload(t.Context(), ana, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.get(t, ana, *u.VideoID).Title; got != c.want {
			t.Errorf("%q %q: %q, want %q", c.title, c.filename, got, c.want)
		}
	}
}

// TestForgottenUploads: unfinished ones of this node that began long ago.
func TestForgottenUploads(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		old, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{ClientID: "old"})
		done, _ := k.upload(t, ana)
		if err != nil {
			t.Fatal(err)
		}
		k.exec(t, `UPDATE uploads SET node = 'n1'`)
		e.Clock.Advance(time.Hour)
		fresh, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{ClientID: "new"})
		if err != nil {
			t.Fatal(err)
		}
		ids, err := k.videos.ForgottenUploads(t.Context(), e.Clock.Now())
		if err != nil || fmt.Sprint(ids) != fmt.Sprint([]string{old}) {
			t.Fatalf("%v, %v; finished %s, fresh %s", ids, err, done, fresh)
		}
		k.exec(t, `UPDATE uploads SET node = 'n2'`)
		if ids, err := k.videos.ForgottenUploads(t.Context(), e.Clock.Now()); err != nil || len(ids) != 0 {
			t.Fatalf("another node's: %v, %v", ids, err)
		}
	})
}

// TestMoveWhilePublishing proves that whoever moves in the tree of teams while they widen the audience
// of a video, and while the pipeline records its progress, ends with the keys of where they are, and
// with nothing lost.
func TestMoveWhilePublishing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		var teams []string
		for i := range 2 {
			team, err := k.people.AddTeam(t.Context(), people.System(), fmt.Sprintf("T%d", i), nil)
			if err != nil {
				t.Fatal(err)
			}
			teams = append(teams, team.ID)
		}
		v := k.take(t, ana)
		ctx := context.Background()
		const rounds = 20
		for i := range rounds {
			var work sync.WaitGroup
			work.Go(func() {
				if err := k.people.Place(ctx, people.System(), teams[i%2], ana.PersonID, people.AsMember); err != nil {
					t.Error(err)
				}
				if err := k.people.Unplace(ctx, people.System(), teams[(i+1)%2], ana.PersonID, people.AsMember); err != nil {
					t.Error(err)
				}
			})
			work.Go(func() {
				audience := people.Audiences[i%len(people.Audiences)]
				if audience == people.Teams {
					audience = people.MyTeam
				}
				if _, err := k.videos.Change(ctx, ana, v.ID, video.Change{Audience: &audience, Title: ptr(fmt.Sprintf("Title %d", i))}); err != nil {
					t.Error(err)
				}
			})
			work.Go(func() { // the pipeline
				err := e.DB.Tx(ctx, func(tx *db.Tx) error {
					return tx.Gorm().Exec(`UPDATE videos SET width = ?, version = version + 1 WHERE id = ?`, i+1, v.ID).Error
				})
				if err != nil {
					t.Error(err)
				}
			})
			work.Wait()
			got := k.get(t, ana, v.ID)
			want := people.AudienceKeys(got.Audience, people.Place{PersonID: ana.PersonID, MemberOf: []string{teams[i%2]}}, nil)
			if strings.Join(got.Keys, " ") != strings.Join(want, " ") || got.Title != fmt.Sprintf("Title %d", i) || got.Width != i+1 {
				t.Fatalf("round %d: %s %q width %d, keys %v, want %v", i, got.Audience, got.Title, got.Width, got.Keys, want)
			}
		}
	})
}
