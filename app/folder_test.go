package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestSweepWorkTakesWhatNobodyUses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"job-1/out.mp4", ".ffmpeg-2/in", "keep/this"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, age := range map[string]time.Duration{"deals-old.csv": 2 * time.Hour, "deals-new.csv": 0} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweepWork(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"deals-new.csv", "keep"}; !slices.Equal(left, want) {
		t.Errorf("left: %v, want %v", left, want)
	}
	if err := sweepWork(filepath.Join(dir, "absent")); err != nil {
		t.Error(err)
	}
}

func TestNodeNameStays(t *testing.T) {
	dir := t.TempDir()
	first, err := nodeName(dir)
	if err != nil || len(first) != 16 {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := nodeName(dir); err != nil || again != first {
		t.Errorf("%q, then %q, %v", first, again, err)
	}
}
