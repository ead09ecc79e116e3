package ffmpeg

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// said makes a recording of a tone, with ffmpeg's own options.
func said(t *testing.T, name string, seconds string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	all := append([]string{"-v", "error", "-f", "lavfi", "-i", "sine=frequency=300:duration=" + seconds}, args...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append(all, "-y", path)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestVoice makes what each browser records one thing that all of them play, and refuses the rest.
func TestVoice(t *testing.T) {
	tool := testTool(t)
	for name, path := range map[string]string{
		"chrome":  said(t, "a.webm", "3", "-c:a", "libopus", "-b:a", "32k"),
		"safari":  said(t, "a.mp4", "3", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
		"firefox": said(t, "a.ogg", "3", "-c:a", "libopus"),
		"vorbis":  said(t, "b.ogg", "3", "-c:a", "libvorbis", "-ac", "2"),
		"picture": said(t, "c.webm", "3", "-f", "lavfi", "-i", "color=c=red:s=64x64:d=3", "-c:a", "libopus", "-c:v", "libvpx"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			got, err := tool.Voice(t.Context(), path, dir, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if gap := (got.Duration - 3*time.Second).Abs(); gap > 150*time.Millisecond || got.Path != filepath.Join(dir, VoiceName) {
				t.Errorf("%+v", got)
			}
			out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,channels,sample_rate:format_tags", "-of", "csv=p=0", got.Path).Output()
			if err != nil || !strings.HasPrefix(string(out), "aac,48000,1\n") {
				t.Errorf("it is %q, %v", out, err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 1 {
				t.Errorf("%v is left, %v", left, err)
			}
		})
	}
	whole, err := os.ReadFile(said(t, "d.mp4", "2", "-c:a", "aac"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		code Code
	}{
		"too long":  {said(t, "e.webm", "5", "-c:a", "libopus"), CodeTooLong},
		"text":      {file(t, []byte("#EXTM3U\nfile:///etc/passwd\n")), CodeNotVideo},
		"wav":       {said(t, "f.wav", "1"), CodeNotVideo},
		"cut off":   {file(t, whole[:len(whole)*2/3]), CodeTruncated},
		"only OggS": {file(t, []byte("OggS and nothing after it that makes sense")), CodeBroken},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := tool.Voice(t.Context(), c.path, dir, 4*time.Second)
			var refused *Refusal
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("%v is left, %v", left, err)
			}
		})
	}
	mute := said(t, "g.mp4", "1", "-f", "lavfi", "-i", "color=c=red:s=64x64:d=1", "-map", "1:v")
	if _, err := tool.Voice(t.Context(), mute, t.TempDir(), time.Minute); !errors.Is(err, ErrNoAudio) {
		t.Errorf("without a sound: %v", err)
	}
	if _, err := Sniff([]byte("OggS and so on")); err == nil {
		t.Error("Ogg passes as a video")
	}
}

func file(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
