package ffmpeg

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// found is the tool that all tests share; it holds no state.
var found = sync.OnceValues(func() (*Tool, error) { return Find(context.Background(), Config{Nice: -1}) })

// testTool returns the tool, or skips where ffmpeg is absent (in CI that is an error).
func testTool(t testing.TB) *Tool {
	t.Helper()
	tool, err := found()
	if err != nil {
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return tool
}

// shared returns the path of a media fixture beside the module, or skips where the folder is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("FIELDREEL_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "fixtures")
	} else {
		root = filepath.Join(root, "fixtures")
	}
	if _, err := os.Stat(filepath.Join(root, "media")); err != nil {
		t.Skip("shared fixtures absent")
	}
	return filepath.Join(root, "media", name)
}

// Sources for makeClip.
const (
	picture  = "testsrc2=s=320x240:r=30:d=2"
	quarters = "color=red:s=160x120:r=10:d=1[a];color=lime:s=160x120:r=10:d=1[b];color=blue:s=160x120:r=10:d=1[c];" +
		"color=white:s=160x120:r=10:d=1[d];[a][b]hstack[u];[c][d]hstack[l];[u][l]vstack"
	tone = "sine=f=440:r=48000:d=2"
)

var (
	x264 = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30"}
	aac  = []string{"-c:a", "aac", "-b:a", "64k"}
)

// makeClip makes a file with the plain ffmpeg of the machine: lavfi sources, then output options.
func makeClip(t testing.TB, name string, sources []string, options ...[]string) string {
	t.Helper()
	tool := testTool(t)
	path := filepath.Join(t.TempDir(), name)
	args := []string{"-hide_banner", "-v", "error", "-nostdin", "-y"}
	for _, s := range sources {
		args = append(args, "-f", "lavfi", "-i", s)
	}
	for _, o := range options {
		args = append(args, o...)
	}
	if out, err := exec.CommandContext(t.Context(), tool.config.FFmpeg, append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("making %s: %v\n%s", name, err, out)
	}
	return path
}

// phone makes the usual clip: H.264 and AAC in an MP4.
func phone(t testing.TB, more ...string) string {
	t.Helper()
	return makeClip(t, "phone.mp4", []string{picture, tone}, x264, aac, more)
}

// examine looks at a file that is expected to be good.
func examine(t testing.TB, path string) Input {
	t.Helper()
	in, err := testTool(t).Examine(t.Context(), path)
	if err != nil {
		t.Fatalf("examining %s: %v", filepath.Base(path), err)
	}
	return in
}

// plain runs the machine's ffmpeg without any guard and returns what it prints.
func plain(t testing.TB, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testTool(t).config.FFmpeg, append([]string{"-v", "error", "-nostdin"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// colour is what a test sees of a pixel.
func colour(p []byte) string {
	bit := func(b byte) string {
		if b > 128 {
			return "1"
		}
		return "0"
	}
	switch bit(p[0]) + bit(p[1]) + bit(p[2]) {
	case "100":
		return "R"
	case "010":
		return "G"
	case "001":
		return "B"
	case "111":
		return "W"
	}
	return "?"
}

// corners decodes the first picture as a player would (turned as its matrix says) and names the colours in the middle of
// its quarters: upper left, upper right, lower left, lower right.
func corners(t testing.TB, path string, width, height int) string {
	t.Helper()
	rgb := plain(t, "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
	if len(rgb) != width*height*3 {
		t.Fatalf("%s has %d bytes of picture, want %dx%d", filepath.Base(path), len(rgb), width, height)
	}
	s := ""
	for _, y := range []int{height / 4, height * 3 / 4} {
		for _, x := range []int{width / 4, width * 3 / 4} {
			s += colour(rgb[(y*width+x)*3:])
		}
	}
	return s
}

// The linear part of the display matrix in tkhd for pictures turned clockwise, and mirrored.
var matrices = map[string][4]int32{
	"0": {1, 0, 0, 1}, "90": {0, 1, -1, 0}, "180": {-1, 0, 0, -1}, "270": {0, -1, 1, 0}, "mirror": {-1, 0, 0, 1},
}

// turned writes the matrix into the first track header of an MP4, as phones do, and returns the path.
func turned(t testing.TB, path, how string) string {
	t.Helper()
	b := read(t, path)
	at := bytes.Index(b, []byte("tkhd"))
	if at < 0 || b[at+4] != 0 {
		t.Fatal("no tkhd of version 0")
	}
	m := b[at+4+40:] // Version to volume and reserved: 40 bytes, then the matrix.
	linear := matrices[how]
	for i, v := range []int32{linear[0], linear[1], 0, linear[2], linear[3], 0} {
		binary.BigEndian.PutUint32(m[i*4:], uint32(v*(1<<16)))
		if i%3 == 2 {
			binary.BigEndian.PutUint32(m[i*4:], 0)
		}
	}
	return write(t, how+".mp4", b)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// left fails the test if dir holds anything but the names.
func left(t testing.TB, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	for _, e := range entries {
		if !want[e.Name()] {
			t.Errorf("%s was left behind", e.Name())
		}
		delete(want, e.Name())
	}
	for n := range want {
		t.Errorf("%s is missing", n)
	}
}
