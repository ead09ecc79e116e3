package review_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// said records a tone of so many seconds as browsers record a voice.
func said(t *testing.T, seconds string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "said.webm")
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=300:duration="+seconds, "-c:a", "libopus", "-b:a", "24k", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// objects counts what the store holds of spoken notes.
func (k *kit) objects(t *testing.T) (n int) {
	t.Helper()
	for _, err := range k.store.List(context.Background(), "review/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// TestVoice keeps spoken notes for who may read the note, and no longer than the note.
func TestVoice(t *testing.T) {
	short, other, long := said(t, "2"), said(t, "3"), said(t, "62")
	tool, err := ffmpeg.Find(t.Context(), ffmpeg.Config{Nice: -1})
	if err != nil {
		t.Fatal(err)
	}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		a := k.submit(t, k.open(t, nil), k.ana)
		r := k.of(t, a, review.First)
		note, unused := ident.New(), ident.New()
		keep := func(who people.Actor, note string, b []byte) (review.Voice, error) {
			return k.reviews.KeepVoice(t.Context(), who, r.ID, note, b)
		}
		_, err := keep(k.mia, note, short)
		apptest.WantCode(t, err, "media_tool_missing", "")
		k.reviews.FFmpeg = tool
		for range 2 {
			v, err := keep(k.mia, note, short)
			if err != nil || v.DurationMS < 1900 || v.DurationMS > 2200 || v.Size == 0 {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		if _, err := keep(k.mia, unused, other); err != nil {
			t.Fatal(err)
		}
		_, err = keep(k.mia, ident.New(), long)
		apptest.WantCode(t, err, "voice_too_long", "")
		_, err = keep(k.mia, ident.New(), []byte("#EXTM3U\nhttp://example.com/a.ts\n"))
		apptest.WantCode(t, err, "voice_unfit", "")
		_, err = keep(k.mia, ident.New(), nil)
		apptest.WantCode(t, err, "voice_unfit", "")
		_, err = keep(k.mia, ident.New(), make([]byte, review.MaxVoiceBytes+1))
		apptest.WantCode(t, err, "voice_too_large", "")
		_, err = keep(k.mia, "../../v/x", short)
		apptest.WantCode(t, err, "id_invalid", "note_id")
		_, err = keep(k.eve, note, short)
		apptest.WantCode(t, err, "forbidden", "")
		_, err = keep(k.ana, note, short)
		apptest.WantCode(t, err, "review_not_found", "")
		if n := k.objects(t); n != 2 {
			t.Errorf("%d objects", n)
		}
		hears := func(who people.Actor) bool {
			t.Helper()
			v, err := k.reviews.Voice(t.Context(), who, r.ID, note)
			if err != nil {
				apptest.WantCode(t, err, "voice_not_found", "")
				return false
			}
			body, _, err := k.store.OpenRange(t.Context(), v.Key(), 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			b, err := io.ReadAll(body)
			return err == nil && len(b) > 1000 && string(b[4:8]) == "ftyp"
		}
		for who, want := range map[*people.Actor]bool{&k.mia: true, &k.ana: false, &k.eve: false, &k.tom: false, &k.ben: false} {
			if got := hears(*who); got != want {
				t.Errorf("before it is sent %s hears it: %v", who.Name, got)
			}
		}
		c := k.says(t, r, programme.Pass, 4)
		c.Notes = []review.Note{{ID: note, AtMS: 5, Kind: review.Good, Voice: true}}
		if _, err := k.reviews.Send(t.Context(), k.mia, r.ID, nil, c); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[*people.Actor]bool{&k.mia: true, &k.ana: true, &k.eve: true, &k.tom: true, &k.ben: false} {
			if got := hears(*who); got != want {
				t.Errorf("once it is sent %s hears it: %v", who.Name, got)
			}
		}
		if n := k.objects(t); n != 1 {
			t.Errorf("%d objects: what no note names has to go", n)
		}
		_, err = keep(k.mia, note, other)
		apptest.WantCode(t, err, "review_sent", "")
		for _, id := range []string{"\x00", "x", ident.New()} {
			if _, err := k.reviews.Voice(t.Context(), k.mia, r.ID, id); fault.CodeOf(err) != "voice_not_found" {
				t.Error(err)
			}
			if _, err := k.reviews.Voice(t.Context(), k.mia, id, note); fault.CodeOf(err) != "voice_not_found" {
				t.Error(err)
			}
		}
		// Bytes without a row go once they are old; those with one stay. The store's clock is the real one.
		e.Clock.Advance(time.Since(e.Clock.Now()))
		if n, err := k.reviews.SweepVoices(t.Context()); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		k.Exec(t, `DELETE FROM review_voices`)
		if n, err := k.reviews.SweepVoices(t.Context()); n != 0 || err != nil {
			t.Errorf("young ones: %d, %v", n, err)
		}
		e.Clock.Advance(2 * hour)
		if n, err := k.reviews.SweepVoices(t.Context()); n != 1 || err != nil || k.objects(t) != 0 {
			t.Errorf("%d, %v", n, err)
		}
	})
}
