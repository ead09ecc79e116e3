package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// TestRecordingsFromOutside: what phones and browsers really send, and what is no video.
func TestRecordingsFromOutside(t *testing.T) {
	s := newSite(t)
	ana := s.person(t, "ana@example.com", "Ana Silva", "rep")
	srv := s.start(t)
	c := srv.as(ana.token)
	w := &trip{srv: srv}
	for _, rec := range []struct {
		name          string
		width, height int
		ms            int64
	}{
		{"internal_emulator_transformer_output_270_rotated.mp4", 720, 1280, 4972}, // a phone held upright
		{"mr_vp8.webm", 1280, 720, 0},              // a browser's MediaRecorder: no length in the file
		{"sample_edit_list.mp4", 1080, 1920, 2548}, // a phone's HEVC, upright
	} {
		t.Run(rec.name, func(t *testing.T) {
			id := c.Upload(t, sharedMedia(t, rec.name), "")
			began := time.Now()
			c.Await(t, id, 3*time.Minute, "playable", "ready")
			playable := time.Since(began)
			v := c.Await(t, id, 5*time.Minute, "ready")
			t.Logf("playable after %s, ready after %s, %d ms long, transcript %s", playable.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), v.DurationMS, v.TranscriptState)
			if v.Width != rec.width || v.Height != rec.height || v.DurationMS < rec.ms-150 || v.DurationMS == 0 || v.MediaNote != "" {
				t.Errorf("video: %+v", v)
			}
			w.plays(t, v.Media.HLS)
			w.plays(t, v.Media.Progressive)
		})
	}
	for name, code := range map[string]string{"sample_audio_only.mp4": "media_no_picture", "sample_malformed_free_box.mp4": "media_"} {
		t.Run(name, func(t *testing.T) {
			v := c.Await(t, c.Upload(t, sharedMedia(t, name), ""), 3*time.Minute, "failed")
			if !strings.HasPrefix(v.FailureCode, code) || v.Failure == "" {
				t.Errorf("failure: %q, %q", v.FailureCode, v.Failure)
			}
		})
	}
	t.Run("speech", func(t *testing.T) {
		id := c.Upload(t, apitest.Clip(t, sharedSpeech(t, "jfk.wav"), "320x240"), "Inauguration")
		v := c.Await(t, id, 5*time.Minute, "ready")
		if text := transcriptText(t, c, v); !strings.Contains(text, "your country can do for you") {
			t.Errorf("transcript: %s", text)
		}
		var found struct{ Results []moment }
		apitest.Eventually(t, 10*time.Second, func() (bool, string) {
			c.Get(t, "/api/v1/moments?q=what+you+can+do+for+your+country", &found)
			return len(found.Results) > 0, "nothing found"
		})
		if found.Results[0].VideoID != id {
			t.Errorf("found: %+v", found.Results)
		}
	})
	srv.stop(t)
}
