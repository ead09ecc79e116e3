package demo

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/speech/caption"
)

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"Draft":                                   "Draft",
		"They say Northwind is half the price":    "They say Northwind|is half the price",
		"Questions that Bluepeak cannot answer":   "Questions that|Bluepeak cannot answer",
		"Unzerbrechlichkeitsversicherungsbeitrag": "Unzerbrechlichkeitsversicherungsbeitrag",
	} {
		if got := strings.Join(wrap(text, 30), "|"); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for _, x := range takes() {
		for _, line := range wrap(x.title, 30) {
			if len(line) > 30 {
				t.Errorf("%s: %q does not fit", x.key, line)
			}
		}
	}
}

// Where nobody can speak, the words are captions: all of them, in order, inside the video.
func TestSubtitles(t *testing.T) {
	for _, x := range takes() {
		cues, err := caption.Parse(subtitles(x.said, 27000))
		if x.broken {
			continue
		}
		if err != nil || len(cues) < 5 || cues[len(cues)-1].EndMS > 27000 {
			t.Fatalf("%s: %d cues, %v", x.key, len(cues), err)
		}
		var said []string
		for _, c := range cues {
			said = append(said, c.Text)
		}
		if got := strings.Join(said, " "); got != strings.Join(strings.Fields(x.said), " ") {
			t.Errorf("%s becomes %q", x.key, got)
		}
	}
}

// TestASilentStudio: without a voice, a font, gradients and waves there still is a video with its sound.
func TestASilentStudio(t *testing.T) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	s, p := &studio{ffmpeg: program}, newPlan()
	x := p.takes[0]
	x.said = "Four words, no voice."
	path, err := s.record(t.Context(), t.TempDir(), x, p.cast[0], true)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(filepath.Dir(program), "ffprobe"), "-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", path).Output()
	if err != nil || strings.TrimSpace(string(out)) != "h264,1280\naac" {
		t.Errorf("%s, %v", out, err)
	}
}
