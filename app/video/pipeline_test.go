package video_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/speech"
)

// tool gives the real ffmpeg.
func tool(t testing.TB) *ffmpeg.Tool {
	t.Helper()
	found, err := ffmpeg.Find(t.Context(), ffmpeg.Config{Nice: -1})
	if errors.Is(err, ffmpeg.ErrMissing) {
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal("ffmpeg is not installed, and FIELDREEL_TEST_STRICT=1")
		}
		t.Skip("ffmpeg is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// clip makes a tiny recording with ffmpeg.
func clip(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	picture := []string{"-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=15:duration=1.5"}
	if b, err := exec.Command("ffmpeg", slices.Concat(picture, args, []string{"-shortest", out})...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v: %s", name, err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	sound  = []string{"-f", "lavfi", "-i", "sine=frequency=300:duration=1.5"}
	h264   = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}
	mp4    = slices.Concat(sound, h264)
	silent = h264
	webm   = slices.Concat(sound, []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"})
)

func withTool(t testing.TB) func(k *kit) {
	found := tool(t)
	return func(k *kit) { k.cfg.FFmpeg, k.cfg.FFmpegMissing = found, nil }
}

func body(b []byte) func(*recording) { return func(r *recording) { r.body = b } }

// emptyFolders fails the test where a job left something on this node.
func (k *kit) emptyFolders(t testing.TB) {
	t.Helper()
	for _, dir := range []string{k.cfg.WorkDir, string(k.spool)} {
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v, %v", dir, left, err)
		}
	}
}

var (
	whole      = []string{"120p.m3u8", "120p.mp4", "audio.wav", "master.m3u8", "original", "poster.jpg", "progressive.mp4", "storyboard.jpg", "storyboard.vtt"}
	wholeQuiet = []string{"120p.m3u8", "120p.mp4", "master.m3u8", "original", "poster.jpg", "progressive.mp4", "storyboard.jpg", "storyboard.vtt"}
)

func TestPipeline(t *testing.T) {
	for _, c := range []struct {
		name, file string
		args       []string
		kind       string
		objects    []string
		words      video.TranscriptState
	}{
		{"direct", "a.mp4", mp4, "video/mp4", whole, video.TranscriptWaiting},
		{"WebM", "a.webm", webm, "video/webm", whole, video.TranscriptWaiting},
		{"no sound", "a.mp4", silent, "video/mp4", wholeQuiet, video.TranscriptNoSound},
	} {
		run := func(t *testing.T, e *apptest.Env) {
			k := newKit(t, e, withTool(t))
			ana := k.add(t, "Ana")
			up, id := k.upload(t, ana, body(clip(t, c.file, c.args...)))
			if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
				t.Fatal(err)
			}
			v := k.get(t, ana, id)
			if v.State != video.Playable || !v.Media.Progressive || !v.Media.Original || !v.Media.Poster || v.Media.HLS || v.ContentType != c.kind || v.Transcript != c.words ||
				v.DurationMS < 1200 || v.DurationMS > 1800 || v.Width != 160 || v.Height != 120 {
				t.Fatalf("%+v", v)
			}
			k.emptyFolders(t)
			want := []string{"video_ingest", "video_transcribe", "video_process"}
			if c.words == video.TranscriptNoSound {
				want = []string{"video_ingest", "video_process"}
			}
			if got := k.queued(t); !slices.Equal(got, want) {
				t.Errorf("jobs %v", got)
			}
			// Each step again, before and after the next, changes nothing.
			if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
				t.Fatal(err)
			}
			if err := k.videos.Process(t.Context(), id, false); err != nil {
				t.Fatal(err)
			}
			k.speech.says = speech.Transcript{Segments: []speech.Segment{speech.NewSegment(speech.Spread("Hello there.", 0, 1000))}}
			if err := k.videos.Transcribe(t.Context(), id, false); err != nil {
				t.Fatal(err)
			}
			v = k.get(t, ana, id)
			if v.State != video.Ready || !v.Media.HLS || !v.Media.Storyboard || v.MediaNote != "" || (c.words == video.TranscriptWaiting) != (v.LoudnessLUFS != nil) {
				t.Fatalf("%+v", v)
			}
			if got := k.objects(t, id); !slices.Equal(got, c.objects) {
				t.Errorf("objects %v, want %v", got, c.objects)
			}
			for _, again := range []func() error{
				func() error { return k.videos.Ingest(t.Context(), id, up, true) },
				func() error { return k.videos.Process(t.Context(), id, true) },
				func() error { return k.videos.Transcribe(t.Context(), id, true) },
			} {
				if err := again(); err != nil {
					t.Fatal(err)
				}
			}
			if again := k.get(t, ana, id); !reflect.DeepEqual(again, v) {
				t.Errorf("worked again it is\n%+v\nand was\n%+v", again, v)
			}
			k.emptyFolders(t)
		}
		if c.name == "direct" {
			t.Run(c.name, func(t *testing.T) { apptest.Each(t, run) })
		} else {
			t.Run(c.name, func(t *testing.T) { run(t, apptest.SQLite(t)) })
		}
	}
}

// TestBadRecordings: what is no video, or a broken one, fails at once, in words, is kept, and can be
// tried again.
func TestBadRecordings(t *testing.T) {
	k := newKit(t, apptest.SQLite(t), withTool(t))
	ana := k.add(t, "Ana")
	good := clip(t, "a.mp4", mp4...)
	for name, c := range map[string]struct {
		body []byte
		code string
	}{
		"text":      {[]byte("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), "media_not_video"},
		"empty":     {nil, "media_not_video"},
		"truncated": {good[:len(good)/2], "media_truncated"},
	} {
		up, id := k.upload(t, ana, body(c.body))
		if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check := func(when string) {
			t.Helper()
			v := k.get(t, ana, id)
			if v.State != video.Failed || v.FailureCode != c.code || v.Failure == "" || !v.Media.Original {
				t.Errorf("%s %s: %+v", name, when, v)
			}
			if got := k.objects(t, id); !slices.Equal(got, []string{"original"}) {
				t.Errorf("%s %s: %v", name, when, got)
			}
		}
		check("at first")
		v, err := k.videos.Retry(t.Context(), ana, id)
		if err != nil || v.State != video.Processing || v.Failure != "" || v.FailureCode != "" {
			t.Fatalf("%+v, %v", v, err)
		}
		if err := k.videos.Process(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		check("tried again")
	}
	k.emptyFolders(t)
}

// TestToolMissing: without ffmpeg a take is kept, its author is told, and after the installation it is
// tried again and becomes a video; a node without ffmpeg leaves it to the others.
func TestToolMissing(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	found := tool(t)
	ana := k.add(t, "Ana")
	up, id := k.upload(t, ana, body(clip(t, "a.mp4", mp4...)))
	if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Processing || !v.Media.Original || v.ContentType != "video/mp4" {
		t.Fatalf("another node may have it: %+v", v)
	}
	if got := fmt.Sprint(k.queued(t)); got != "[video_ingest video_process]" {
		t.Fatal(got)
	}
	if err := k.videos.Process(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Failed || v.FailureCode != "media_tool_missing" || v.Failure == "" {
		t.Fatalf("%+v", v)
	}
	k.cfg.FFmpeg, k.cfg.FFmpegMissing = found, nil
	k.rebuild(k.disk)
	if _, err := k.videos.Retry(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	if err := k.videos.Process(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	v := k.get(t, ana, id)
	if v.State != video.Playable || !v.Media.HLS || !v.Media.Poster || !v.Media.Audio || v.Transcript != video.TranscriptWaiting {
		t.Fatalf("%+v", v)
	}
	if got := k.objects(t, id); !slices.Equal(got, whole) {
		t.Error(got)
	}
	if got := k.queued(t); got[len(got)-1] != "video_transcribe" {
		t.Error(got)
	}
	k.emptyFolders(t)
}

// TestKeep: a recording that killed the process too often is kept without being looked at.
func TestKeep(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana := k.add(t, "Ana")
	up, id := k.upload(t, ana, body([]byte("poison")))
	for range 2 {
		if err := k.videos.Keep(t.Context(), id, up); err != nil {
			t.Fatal(err)
		}
	}
	if v := k.get(t, ana, id); v.State != video.Failed || v.FailureCode != "processing_broken_off" || !v.Media.Original || !slices.Equal(k.objects(t, id), []string{"original"}) {
		t.Fatalf("%+v", v)
	}
	k.emptyFolders(t)
	if _, err := k.videos.Retry(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	if err := k.videos.Abandon(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Failed {
		t.Fatalf("%+v", v)
	}
	if err := k.videos.Abandon(t.Context(), "019b0000-0000-7000-8000-000000000000"); err != nil {
		t.Fatal(err)
	}
}

// TestStoreDown: where the media store fails to the last try, the recording stays in the spool, its
// author is told, and trying again brings it in. Where the spool has lost it, that is said.
func TestStoreDown(t *testing.T) {
	k := newKit(t, apptest.SQLite(t), withTool(t))
	ana := k.add(t, "Ana")
	up, id := k.upload(t, ana, body(clip(t, "a.mp4", mp4...)))
	f := &faulty{Store: k.disk, always: true}
	k.rebuild(f)
	for range 3 {
		if err := k.videos.Ingest(t.Context(), id, up, false); err == nil {
			t.Fatal("no error")
		}
		if v := k.get(t, ana, id); v.State != video.Processing {
			t.Fatalf("%+v", v)
		}
	}
	if err := k.videos.Ingest(t.Context(), id, up, true); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Failed || v.FailureCode != "processing_failed" || v.Media.Original {
		t.Fatalf("%+v", v)
	}
	if _, err := k.spool.Path(up); err != nil {
		t.Fatal("the recording was dropped:", err)
	}
	k.rebuild(k.disk)
	if _, err := k.videos.Retry(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	if got := k.queued(t); !slices.Equal(got, []string{"video_ingest", "video_ingest"}) {
		t.Fatal(got)
	}
	if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Playable || v.Failure != "" {
		t.Fatalf("%+v", v)
	}
	k.emptyFolders(t)

	up, id = k.upload(t, ana)
	if err := k.spool.Release(t.Context(), up); err != nil {
		t.Fatal(err)
	}
	if err := k.videos.Ingest(t.Context(), id, up, true); err != nil {
		t.Fatal(err)
	}
	if v := k.get(t, ana, id); v.State != video.Failed || v.FailureCode != "recording_lost" {
		t.Fatalf("%+v", v)
	}
	// A recording whose upload is forgotten cannot be tried again.
	k.exec(t, `DELETE FROM uploads WHERE id = ?`, up)
	_, err := k.videos.Retry(t.Context(), ana, id)
	wantCode(t, err, "original_missing")
}

// TestDeletedMeanwhile: a video that is purged while a job works on it leaves nothing behind.
func TestDeletedMeanwhile(t *testing.T) {
	k := newKit(t, apptest.SQLite(t), withTool(t))
	ana := k.add(t, "Ana")
	b := clip(t, "a.mp4", mp4...)
	for _, step := range []string{"ingest", "process"} {
		up, id := k.upload(t, ana, body(b))
		if step == "process" {
			k.rebuild(k.disk)
			if err := k.videos.Ingest(t.Context(), id, up, false); err != nil {
				t.Fatal(err)
			}
		}
		k.rebuild(&faulty{Store: k.disk, at: 2, then: func() error {
			if err := k.disk.DeletePrefix(context.Background(), video.Prefix(id)); err != nil {
				return err
			}
			k.exec(t, `DELETE FROM videos WHERE id = ?`, id)
			return nil
		}})
		run := func() error {
			if step == "process" {
				return k.videos.Process(t.Context(), id, false)
			}
			return k.videos.Ingest(t.Context(), id, up, false)
		}
		if err := run(); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		if err := run(); err != nil {
			t.Fatalf("%s again: %v", step, err)
		}
		if got := k.objects(t, id); len(got) != 0 {
			t.Errorf("%s left %v", step, got)
		}
		k.emptyFolders(t)
	}
}

// TestJobs runs the pipeline through the queue, as the product does.
func TestJobs(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e, withTool(t))
		ana := k.add(t, "Ana")
		woken := make(chan struct{}, 100)
		k.videos.OnChanged = func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		}
		q := k.work(t)
		defer q()
		_, id := k.upload(t, ana, body(clip(t, "a.mp4", mp4...)), func(r *recording) { r.audience = people.Everyone })
		apptest.Eventually(t, 60*time.Second, func() (bool, string) {
			v := k.get(t, ana, id)
			return v.State == video.Ready, fmt.Sprintf("%+v", v)
		})
		if len(woken) == 0 {
			t.Error("search was never woken")
		}
	})
}
