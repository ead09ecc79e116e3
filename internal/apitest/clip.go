package apitest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Sales is the recording of the repository that says "They say a competitor is half the price. What does
// one more week of delay cost you?", 6 s long; root is the module's folder.
func Sales(root string) string {
	return filepath.Join(root, "speech", "moonshine", "testdata", "sales.wav")
}

// Clip makes a video as a phone would send it, H.264 and AAC in MP4: a moving test picture of this size,
// as WxH, with the sound of a WAV file and as long as that. Where ffmpeg is absent the test is skipped,
// or fails if FIELDREEL_TEST_STRICT=1.
func Clip(t testing.TB, wav, size string) string {
	t.Helper()
	return FFmpeg(t, "clip.mp4", "-f", "lavfi", "-i", "testsrc2=s="+size+":r=30", "-i", wav, "-shortest",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac", "-b:a", "64k")
}

// Silent makes a short H.264 video without sound, so many seconds long.
func Silent(t testing.TB, seconds, size string) string {
	t.Helper()
	return FFmpeg(t, "silent.mp4", "-f", "lavfi", "-i", "testsrc2=s="+size+":r=15:d="+seconds,
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15")
}

// FFmpeg runs the machine's ffmpeg with these arguments and gives the path of what it made.
func FFmpeg(t testing.TB, name string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		const absent = "ffmpeg is not installed"
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal(absent)
		}
		t.Skip(absent)
	}
	path := filepath.Join(t.TempDir(), name)
	args = append([]string{"-hide_banner", "-v", "error", "-nostdin", "-y"}, append(args, path)...)
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("making %s: %v\n%s", name, err, out)
	}
	return path
}
