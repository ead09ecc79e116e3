package search

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// childEnv, if set, makes the test binary the writer that TestKilledWriter kills; it holds the folder.
const childEnv = "FIELDREEL_SEARCH_WRITER"

// TestKilledWriter kills a process in the middle of writing, again and again. What it had reported as written is in the
// index, the position in the feed is that of the documents, and no video is there by half.
func TestKilledWriter(t *testing.T) {
	if dir := os.Getenv(childEnv); dir != "" {
		writeForEver(dir)
	}
	dir := t.TempDir()
	ix := open(t, dir, Options{})
	if _, err := ix.Rebuild(t.Context(), 0, func(func(Video, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 9))
	acknowledged := uint64(0)
	for round := range 6 {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
		child.Env = append(os.Environ(), childEnv+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		// The next batch is being written while the line of the last one is read here.
		for stop := 1 + r.IntN(12); stop > 0 && lines.Scan(); stop-- {
			if acknowledged, err = strconv.ParseUint(lines.Text(), 10, 64); err != nil {
				t.Fatalf("writer said %q", lines.Text())
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if n, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
				acknowledged = n
			}
		}
		_ = child.Wait() // It was killed.

		ix := open(t, dir, Options{})
		if ix.NeedsRebuild() {
			t.Fatalf("round %d: asks for a rebuild", round)
		}
		seq, err := ix.Seq()
		if err != nil || seq < acknowledged {
			t.Fatalf("round %d: Seq = %d, %v; %d was acknowledged", round, seq, err, acknowledged)
		}
		want, passages := make(map[string]int64), 0
		for s := uint64(1); s <= seq; s++ {
			for _, v := range crashBatch(s) {
				want[v.ID] = v.Version
			}
		}
		for _, version := range want {
			passages += crashPassages(version)
		}
		if got := maps.Collect(ix.Versions()); !maps.Equal(got, want) {
			t.Fatalf("round %d, seq %d: versions %v, want %v", round, seq, got, want)
		}
		if n, err := ix.Count(); err != nil || n != (Counts{len(want), passages}) {
			t.Fatalf("round %d, seq %d: %+v, %v, want %d passages", round, seq, n, err, passages)
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if acknowledged == 0 {
		t.Error("nothing was ever written")
	}
}

func crashPassages(version int64) int { return 1 + int(version%30) }

// crashBatch makes the batch with a number: a few videos, each of as many passages as its version says.
func crashBatch(seq uint64) []Video {
	var videos []Video
	for i := range uint64(3) {
		texts := make([]string, crashPassages(int64(seq)))
		for j := range texts {
			texts[j] = fmt.Sprintf("discount in passage %d of %d", j, seq)
		}
		v := spoken(fmt.Sprintf("video-%d", (seq*7+i)%10), texts...)
		v.Version = int64(seq)
		videos = append(videos, v)
	}
	return videos
}

func writeForEver(dir string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ix, err := Open(dir, Options{})
	if err != nil {
		fail(err)
	}
	seq, err := ix.Seq()
	if err != nil {
		fail(err)
	}
	for seq++; ; seq++ {
		if err := ix.Apply(context.Background(), Change{Replace: crashBatch(seq), Seq: seq}); err != nil {
			fail(err)
		}
		fmt.Println(seq)
	}
}

// TestDamageIsFound damages the files of an index in every way we could think of. Open then gives an empty index that asks
// for a rebuild, and that can be rebuilt; it neither fails nor serves what is left.
func TestDamageIsFound(t *testing.T) {
	segment := func(t *testing.T, dir string) string { return one(t, filepath.Join(dir, "layout-*", "g-*", "*.zap")) }
	bolt := func(t *testing.T, dir string) string {
		return one(t, filepath.Join(dir, "layout-*", "g-*", "root.bolt"))
	}
	for name, damage := range map[string]func(t *testing.T, dir string){
		"segment missing":  func(t *testing.T, dir string) { must(t, os.Remove(segment(t, dir))) },
		"segment empty":    func(t *testing.T, dir string) { must(t, os.Truncate(segment(t, dir), 0)) },
		"segment cut off":  func(t *testing.T, dir string) { cutOff(t, segment(t, dir), 0.6) },
		"footer cut off":   func(t *testing.T, dir string) { cutOff(t, segment(t, dir), 0.99) },
		"one byte changed": func(t *testing.T, dir string) { change(t, segment(t, dir), 0.4, 1) },
		"segment zeroed":   func(t *testing.T, dir string) { change(t, segment(t, dir), 0.2, 4000) },
		"footer zeroed":    func(t *testing.T, dir string) { change(t, segment(t, dir), 0.999, 4000) },
		"root missing":     func(t *testing.T, dir string) { must(t, os.Remove(bolt(t, dir))) },
		"root empty":       func(t *testing.T, dir string) { must(t, os.Truncate(bolt(t, dir), 0)) },
		"root zeroed":      func(t *testing.T, dir string) { change(t, bolt(t, dir), 0, 1<<20) },
		"current missing":  func(t *testing.T, dir string) { must(t, os.Remove(one(t, filepath.Join(dir, "layout-*", "current")))) },
		"current nonsense": func(t *testing.T, dir string) {
			must(t, os.WriteFile(one(t, filepath.Join(dir, "layout-*", "current")), []byte("../../etc"), 0o600))
		},
		"generation missing": func(t *testing.T, dir string) { must(t, os.RemoveAll(one(t, filepath.Join(dir, "layout-*", "g-*")))) },
		"everything missing": func(t *testing.T, dir string) { must(t, os.RemoveAll(one(t, filepath.Join(dir, "layout-*")))) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			source := func(yield func(Video, error) bool) {
				for i := range 60 {
					if !yield(newWorld(uint64(i)).video(i, 1), nil) {
						return
					}
				}
			}
			ix := open(t, dir, Options{})
			if _, err := ix.Rebuild(t.Context(), 1, source); err != nil {
				t.Fatal(err)
			}
			if err := ix.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, dir)
			ix = open(t, dir, Options{})
			if n, err := ix.Count(); err != nil || n != (Counts{}) || !ix.NeedsRebuild() {
				t.Fatalf("%+v, %v, needs rebuild: %v", n, err, ix.NeedsRebuild())
			}
			if n, err := ix.Rebuild(t.Context(), 1, source); err != nil || n.Videos != 60 || ix.NeedsRebuild() {
				t.Fatalf("rebuild: %+v, %v", n, err)
			}
		})
	}
}

// An index of another layout stays until a rebuild has replaced it, so that going back to the version before is possible.
func TestOtherLayoutIsLeftUntilRebuilt(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "layout-0123456789ab")
	must(t, os.MkdirAll(filepath.Join(other, "g-000001"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "keep"), nil, 0o600))
	ix := open(t, dir, Options{})
	if _, err := os.Stat(other); err != nil {
		t.Errorf("removed at once: %v", err)
	}
	if _, err := ix.Rebuild(t.Context(), 0, func(func(Video, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(other); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there after the rebuild: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keep")); err != nil {
		t.Errorf("another file was removed: %v", err)
	}
	if got := one(t, filepath.Join(dir, "layout-*", "g-*")); !strings.HasSuffix(got, "g-000002") {
		t.Errorf("generations left: %s", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// one returns the only file that matches.
func one(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

func cutOff(t *testing.T, path string, share float64) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.Truncate(path, int64(float64(info.Size())*share)))
}

// change overwrites some bytes from a share of the file on.
func change(t *testing.T, path string, share float64, n int) {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	from := int(float64(len(raw)) * share)
	for i := from; i < len(raw) && i < from+n; i++ {
		raw[i] ^= 0xff
		if n > 1 {
			raw[i] = 0
		}
	}
	must(t, os.WriteFile(path, raw, 0o600))
}
