package review_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/media"
)

// TestVerifyVoices: a spoken note that has lost its bytes, or part of them, is named, and no other.
func TestVerifyVoices(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		r := k.of(t, k.submit(t, k.open(t, nil), k.ana), review.First)
		record := func() review.Voice {
			t.Helper()
			v := review.Voice{ReviewID: r.ID, NoteID: ident.New(), DurationMS: 1000, Size: 5, SHA256: strings.Repeat("a", 64)}
			k.Exec(t, `INSERT INTO review_voices (review_id, note_id, duration_ms, size, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?)`, v.ReviewID, v.NoteID, v.DurationMS, v.Size, v.SHA256, k.Clock.Now())
			if _, err := k.store.Put(t.Context(), v.Key(), strings.NewReader("sound"), 5, media.PutOptions{}); err != nil {
				t.Fatal(err)
			}
			return v
		}
		check := func(want ...string) {
			t.Helper()
			wrong, n, err := review.VerifyVoices(t.Context(), k.DB, k.store)
			slices.Sort(wrong)
			slices.Sort(want)
			if err != nil || n != 3 || !slices.Equal(wrong, want) {
				t.Errorf("%d spoken notes, %q, %v; want %q", n, wrong, err, want)
			}
		}
		_, gone, cut := record(), record(), record()
		check()
		if err := k.store.Delete(t.Context(), gone.Key()); err != nil {
			t.Fatal(err)
		}
		if _, err := k.store.Put(t.Context(), cut.Key(), strings.NewReader("sou"), 3, media.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		check("spoken note "+gone.NoteID+" of review "+r.ID+": its bytes are missing", "spoken note "+cut.NoteID+" of review "+r.ID+": its bytes have changed")
	})
}
