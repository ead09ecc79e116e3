package video_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/speech"
)

// faulty is a store that fails at one call, or always.
type faulty struct {
	media.Store
	mu     sync.Mutex
	calls  int
	at     int // counted from 1
	after  bool
	always bool
	then   func() error
}

var errStore = errors.New("the store fails")

func (f *faulty) call(do func() error) error {
	f.mu.Lock()
	f.calls++
	hit := f.always || f.calls == f.at
	f.mu.Unlock()
	if !hit {
		return do()
	}
	if f.then != nil {
		if err := do(); err != nil {
			return err
		}
		return f.then()
	}
	if f.after { // what was asked for was done, and nobody heard of it
		return errors.Join(do(), errStore)
	}
	return errStore
}

func (f *faulty) PutFile(ctx context.Context, key media.Key, path string, o media.PutOptions) (info media.Info, err error) {
	err = f.call(func() error { info, err = f.Store.PutFile(ctx, key, path, o); return err })
	return info, err
}

func (f *faulty) OpenRange(ctx context.Context, key media.Key, off, n int64) (body io.ReadCloser, info media.Info, err error) {
	err = f.call(func() error { body, info, err = f.Store.OpenRange(ctx, key, off, n); return err })
	if err != nil && body != nil {
		_ = body.Close()
	}
	return body, info, err
}

// TestKilledAnywhere breaks each step off at calls of the media store (all of ingest and transcribe; those of
// process differ only in the file), in three ways: the call
// fails, it succeeds and is not heard of, or the node stops right after it. Worked again, the video ends
// in the same state, with the same objects and nothing left behind.
func TestKilledAnywhere(t *testing.T) {
	k := newKit(t, apptest.SQLite(t), withTool(t))
	ana := k.add(t, "Ana")
	b := clip(t, "a.mp4", mp4...)
	k.speech.says = speech.Transcript{Segments: []speech.Segment{speech.NewSegment(speech.Spread("Hello there.", 0, 1000))}}
	outcome := func(id string) string {
		v := k.get(t, ana, id)
		v.ID, v.Version, v.CreatedAt, v.UpdatedAt = "", 0, time.Time{}, time.Time{}
		loud := "none"
		if v.LoudnessLUFS != nil {
			loud = fmt.Sprint(*v.LoudnessLUFS)
		}
		v.LoudnessLUFS = nil
		asked := k.count(t, `SELECT COUNT(*) FROM river_job WHERE kind <> 'video_ingest' AND args ->> 'video_id' = ?`, id)
		return fmt.Sprintf("%+v %s %v, %d jobs", v, loud, k.objects(t, id), asked)
	}
	hows := []string{"fails", "is not heard of", "is the last of its node"}
	// each breaks a step off at every stride-th of its calls; begin gives a video that stands before the step.
	turn := 0
	each := func(name, state string, stride, ways int, begin func() string, step func(ctx context.Context, id string) error) {
		counter := &faulty{Store: k.disk}
		id := begin()
		k.rebuild(counter)
		if err := step(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		reference := outcome(id)
		if !strings.Contains(reference, "State:"+state) || counter.calls == 0 {
			t.Fatalf("%s, %d calls: %s", name, counter.calls, reference)
		}
		for at := 1; at <= counter.calls; at += stride {
			for range ways {
				how := hows[turn%len(hows)]
				turn++
				id := begin()
				ctx, cancel := context.WithCancel(t.Context())
				f := &faulty{Store: k.disk, at: at, after: how == hows[1]}
				if how == hows[2] {
					f.then = func() error { cancel(); return nil }
				}
				k.rebuild(f)
				if err := step(ctx, id); err == nil {
					t.Errorf("%s: call %d %s, and nobody noticed", name, at, how)
				}
				cancel()
				if v := k.get(t, ana, id); v.State == video.Failed || v.MediaNote != "" || v.Transcript == video.TranscriptFailed {
					t.Errorf("%s: call %d %s was told as the author's trouble: %+v", name, at, how, v)
				}
				if err := step(t.Context(), id); err != nil {
					t.Errorf("%s: call %d %s, then: %v", name, at, how, err)
				}
				if got := outcome(id); got != reference {
					t.Errorf("%s: call %d %s:\n%s\nwant\n%s", name, at, how, got, reference)
				}
			}
		}
	}
	uploads := map[string]string{}
	received := func() string {
		up, id := k.upload(t, ana, body(b))
		uploads[id] = up
		return id
	}
	ingest := func(ctx context.Context, id string) error { return k.videos.Ingest(ctx, id, uploads[id], false) }
	each("ingest", "playable", 1, 1, received, ingest)
	one := received()
	if err := ingest(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	ingested := func() string { // the same one each time: only what the step makes is taken away
		k.exec(t, `UPDATE videos SET state = 'playable', media_hls = false, media_storyboard = false, loudness_lufs = NULL WHERE id = ?`, one)
		for _, name := range []string{"120p.m3u8", "120p.mp4", "master.m3u8", "storyboard.jpg", "storyboard.vtt"} {
			if err := k.disk.Delete(t.Context(), video.Key(one, name)); err != nil {
				t.Fatal(err)
			}
		}
		return one
	}
	each("process", "playable", 3, 1, ingested, func(ctx context.Context, id string) error { return k.videos.Process(ctx, id, false) })
	heard := func() string {
		k.exec(t, `DELETE FROM transcripts WHERE video_id = ?`, one)
		k.exec(t, `UPDATE videos SET state = 'playable', transcript_state = 'waiting' WHERE id = ?`, one)
		return one
	}
	each("transcribe", "ready", 1, 3, heard, func(ctx context.Context, id string) error { return k.videos.Transcribe(ctx, id, false) })
	k.emptyFolders(t)
}
