package video_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
)

func (k *kit) store(t testing.TB, id, name string) {
	t.Helper()
	if _, err := k.disk.Put(t.Context(), video.Key(id, name), strings.NewReader("x"), 1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestDeleteRestorePurge(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		v := k.take(t, ana, func(r *recording) { r.audience = people.Everyone; r.tactics = []string{"test-the-champion"} })
		kept := k.take(t, ana)
		for _, id := range []string{v.ID, kept.ID} {
			k.store(t, id, "original")
			k.store(t, id, "poster.jpg")
		}
		if _, err := k.videos.SetCaptions(t.Context(), ana, v.ID, []byte("WEBVTT\n\n00:01.000 --> 00:02.000\nHello champion\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := k.videos.WriteNote(t.Context(), ben, v.ID, "", 1000, "Good"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.videos.Delete(t.Context(), ben, v.ID), "forbidden")
		wantCode(t, k.videos.Delete(t.Context(), ben, kept.ID), "video_not_found")
		_, err := k.videos.Restore(t.Context(), ana, v.ID)
		wantCode(t, err, "video_not_found")
		changes := k.count(t, `SELECT MAX(seq) FROM search_changes`)
		if err := k.videos.Delete(t.Context(), ana, v.ID); err != nil {
			t.Fatal(err)
		}
		if now := k.count(t, `SELECT MAX(seq) FROM search_changes`); now != changes+1 {
			t.Errorf("search was not told: %d, %d", changes, now)
		}
		// It is gone for everybody, in every use case.
		for _, a := range []people.Actor{ana, ben} {
			_, err := k.videos.Get(t.Context(), a, v.ID)
			wantCode(t, err, "video_not_found")
			wantCode(t, k.videos.Delete(t.Context(), a, v.ID), "video_not_found")
			for _, err := range []error{
				func() error { _, err := k.videos.TranscriptOf(t.Context(), a, v.ID); return err }(),
				func() error { _, err := k.videos.Notes(t.Context(), a, v.ID, "", 50); return err }(),
				func() error { _, err := k.videos.WriteNote(t.Context(), a, v.ID, "", 0, "x"); return err }(),
				func() error { _, err := k.videos.Change(t.Context(), a, v.ID, video.Change{}); return err }(),
				func() error { _, err := k.videos.Retry(t.Context(), a, v.ID); return err }(),
				func() error { _, err := k.videos.Correct(t.Context(), a, v.ID, video.Correction{}); return err }(),
				func() error {
					return e.DB.Tx(t.Context(), func(tx *db.Tx) error { _, err := k.videos.ForTx(tx, a, v.ID); return err })
				}(),
			} {
				wantCode(t, err, "video_not_found")
			}
		}
		if _, _, _, err := k.videos.ForSearch(t.Context(), v.ID); err != video.ErrGone { //nolint:errorlint // documented as itself
			t.Error(err)
		}
		_, err = k.videos.Restore(t.Context(), ben, v.ID)
		wantCode(t, err, "video_not_found")
		restored, err := k.videos.Restore(t.Context(), ana, v.ID)
		if err != nil || restored.DeletedAt != nil || len(restored.Tactics) != 1 {
			t.Fatalf("%+v, %v", restored, err)
		}
		if ns, err := k.videos.Notes(t.Context(), ben, v.ID, "", 50); err != nil || len(ns) != 1 {
			t.Fatal(ns, err)
		}
		if err := k.videos.Delete(t.Context(), ana, v.ID); err != nil {
			t.Fatal(err)
		}
		e.Clock.Advance(video.KeepDeleted)
		if n, err := k.videos.Purge(t.Context()); err != nil || n != 0 {
			t.Fatal("purged too soon", n, err)
		}
		e.Clock.Advance(time.Microsecond)
		// Between its end and the purge it can no longer be brought back, nor is it listed.
		_, err = k.videos.Restore(t.Context(), ana, v.ID)
		wantCode(t, err, "video_not_found")
		if vs, err := k.videos.List(t.Context(), ana, video.Filter{Deleted: true, Limit: 9}); err != nil || len(vs) != 0 {
			t.Fatal(vs, err)
		}
		changes = k.count(t, `SELECT MAX(seq) FROM search_changes`)
		if n, err := k.videos.Purge(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if got := k.objects(t, v.ID); len(got) != 0 {
			t.Error("left in the store:", got)
		}
		if got := k.objects(t, kept.ID); len(got) != 2 {
			t.Error("another video's files:", got)
		}
		if now := k.count(t, `SELECT MAX(seq) FROM search_changes`); now != changes+1 {
			t.Error("search was not told of the purge")
		}
		for _, table := range []string{"video_audience", "video_teams", "video_tactics", "transcripts", "moments", "moment_tactics", "notes"} {
			if n := k.count(t, `SELECT COUNT(*) FROM `+table+` WHERE video_id = ?`, v.ID); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		if n, err := k.videos.Purge(t.Context()); err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}

// TestRestoreGoesOn proves that the work that was left while a video was deleted is begun again.
func TestRestoreGoesOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		v := k.take(t, ana)
		if err := k.videos.Delete(t.Context(), ana, v.ID); err != nil {
			t.Fatal(err)
		}
		// What comes up meanwhile does nothing.
		if err := k.videos.Process(t.Context(), v.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := k.videos.Transcribe(t.Context(), v.ID, true); err != nil || k.speech.calls != 0 {
			t.Fatal(err)
		}
		k.exec(t, `DELETE FROM river_job`)
		if _, err := k.videos.Restore(t.Context(), ana, v.ID); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(k.queued(t)); got != "[video_process video_transcribe]" {
			t.Fatal(got)
		}
	})
}

// TestMend proves that nothing stands still for ever: what no job works on is given up in words, and
// what one works on is left.
func TestMend(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		_, received := k.upload(t, ana)
		playing := k.take(t, ana) // its jobs: ingest only, as if the others were lost
		_, worked := k.upload(t, ana)
		_, kept := k.upload(t, ana)
		k.exec(t, `UPDATE videos SET media_original = true WHERE id = ?`, kept)
		ready := k.take(t, ana)
		k.exec(t, `UPDATE videos SET state = 'ready', media_hls = true, transcript_state = 'ready' WHERE id = ?`, ready.ID)
		lose := `DELETE FROM river_job WHERE args ->> 'video_id' IN ?`
		k.exec(t, lose, []string{received, playing.ID, ready.ID})
		mend := func(want int) {
			t.Helper()
			if n, err := k.videos.Mend(t.Context()); err != nil || n != want {
				t.Fatalf("%d mended, %v, want %d", n, err, want)
			}
		}
		mend(0) // too young: a retry may be waiting
		e.Clock.Advance(11 * time.Minute)
		mend(2)
		mend(0)
		if v := k.get(t, ana, received); v.State != video.Failed || v.FailureCode != "processing_broken_off" || v.Failure == "" {
			t.Errorf("%+v", v)
		}
		if v := k.get(t, ana, playing.ID); v.State != video.Ready || v.MediaNote == "" || v.Transcript != video.TranscriptFailed || v.TranscriptNote == "" {
			t.Errorf("%+v", v)
		}
		for _, id := range []string{worked, kept} {
			if v := k.get(t, ana, id); v.State != video.Processing {
				t.Errorf("%+v", v)
			}
		}
		// A recording on a node that does not come back is said to be there; one in the store can wait.
		e.Clock.Advance(25 * time.Hour)
		mend(1)
		if v := k.get(t, ana, worked); v.State != video.Failed || v.FailureCode != "recording_away" {
			t.Errorf("%+v", v)
		}
		if v := k.get(t, ana, kept); v.State != video.Processing {
			t.Errorf("%+v", v)
		}
		// All of it can be tried again, from where the bytes are.
		k.exec(t, `DELETE FROM river_job`)
		for _, id := range []string{received, playing.ID} {
			v, err := k.videos.Retry(t.Context(), ana, id)
			if err != nil || v.State == video.Failed || v.Failure != "" || v.MediaNote != "" {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		if got := k.queued(t); !slices.Equal(got, []string{"video_ingest", "video_process", "video_transcribe"}) {
			t.Error(got)
		}
		_, err := k.videos.Retry(t.Context(), ana, ready.ID)
		wantCode(t, err, "nothing_failed")
	})
}

// TestTryWordsAgain begins what waited for the model, and only that, once.
func TestTryWordsAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		state := func(s video.TranscriptState, deleted bool) string {
			v := k.take(t, ana)
			k.exec(t, `UPDATE videos SET transcript_state = ?, state = 'ready', media_hls = true WHERE id = ?`, string(s), v.ID)
			if deleted {
				if err := k.videos.Delete(t.Context(), ana, v.ID); err != nil {
					t.Fatal(err)
				}
			}
			return v.ID
		}
		var waiting []string
		for range 3 {
			waiting = append(waiting, state(video.TranscriptNoModel, false))
		}
		other := state(video.TranscriptFailed, false)
		state(video.TranscriptNoModel, true)
		k.exec(t, `DELETE FROM river_job`)
		for _, want := range []int{3, 0} {
			if n, err := k.videos.TryWordsAgain(t.Context()); err != nil || n != want {
				t.Fatal(n, err)
			}
		}
		for _, id := range waiting {
			if v := k.get(t, ana, id); v.Transcript != video.TranscriptWaiting || v.State != video.Playable {
				t.Errorf("%+v", v)
			}
		}
		if v := k.get(t, ana, other); v.Transcript != video.TranscriptFailed {
			t.Errorf("%+v", v)
		}
		if got := k.queued(t); len(got) != 3 || got[0] != "video_transcribe" {
			t.Error(got)
		}
	})
}
