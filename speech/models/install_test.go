package models

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// pinned is a small table in the shape of the real one.
func pinned(t *testing.T) ([]weights.File, map[string]string) {
	t.Helper()
	contents := map[string]string{
		"runtime.so": strings.Repeat("machine code ", 1000),
		"model.onnx": strings.Repeat("weights ", 5000),
		"vocab.js":   "pieces",
	}
	file := func(name, pkg, path string) weights.File {
		sum := sha256.Sum256([]byte(contents[name]))
		return weights.File{
			Name: name, What: "a " + name, Package: pkg, Path: path,
			Size: int64(len(contents[name])), SHA256: hex.EncodeToString(sum[:]),
		}
	}
	return []weights.File{
		file("runtime.so", "runtime@1.0.0", "package/runtime.so"),
		file("model.onnx", "@some/model@2.0.0", "package/dist/model.onnx"),
		file("vocab.js", "@some/model@2.0.0", "package/vocab.js"),
	}, contents
}

type entry struct {
	name, body string
	kind       byte
}

func writeArchive(t *testing.T, path string, entries []entry) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	archive := tar.NewWriter(zipped)
	for _, e := range entries {
		kind := e.kind
		if kind == 0 {
			kind = tar.TypeReg
		}
		head := &tar.Header{Name: e.name, Typeflag: kind, Mode: 0o644, Size: int64(len(e.body))}
		if kind == tar.TypeSymlink {
			head.Size, head.Linkname = 0, "/etc/passwd"
		}
		if err := archive.WriteHeader(head); err != nil {
			t.Fatal(err)
		}
		if kind == tar.TypeReg {
			if _, err := archive.Write([]byte(e.body)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, err := range []error{archive.Close(), zipped.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fakeNPM is a client that hands out archives laid ready in a folder and notes
// each call in the file "calls".
func fakeNPM(t *testing.T, archives map[string][]entry) (npm, calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	names := strings.NewReplacer("@", "", "/", "-")
	for pkg, entries := range archives {
		writeArchive(t, filepath.Join(dir, names.Replace(pkg)+".tgz"), entries)
	}
	script := `#!/bin/sh
set -eu
while [ $# -gt 1 ]; do
  if [ "$1" = --pack-destination ]; then dest=$2; fi
  shift
done
echo "$1" >> "` + calls + `"
name=$(printf %s "$1" | tr -d @ | tr / -)
[ -e "` + dir + `/$name.tgz" ] || { echo "no such package" >&2; exit 1; }
cp "` + dir + `/$name.tgz" "$dest/"
`
	npm = filepath.Join(dir, "npm")
	if err := os.WriteFile(npm, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return npm, calls
}

func honest(contents map[string]string) map[string][]entry {
	return map[string][]entry{
		"runtime@1.0.0": {{name: "package/package.json", body: "{}"}, {name: "package/runtime.so", body: contents["runtime.so"]}},
		"@some/model@2.0.0": {
			{name: "package/vocab.js", body: contents["vocab.js"]},
			{name: "package/dist/other.onnx", body: "not wanted"},
			{name: "package/dist/model.onnx", body: contents["model.onnx"]},
		},
	}
}

func lines(t *testing.T, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

// only fails when dir holds anything but the named files and the lock.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{".install.lock": true}
	for _, n := range names {
		want[n] = true
	}
	for _, e := range entries {
		if !want[e.Name()] {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

func TestInstallFromPackages(t *testing.T) {
	files, contents := pinned(t)
	npm, calls := fakeNPM(t, honest(contents))
	dir := filepath.Join(t.TempDir(), "models")
	var log strings.Builder
	options := Options{Dir: dir, NPM: npm, Log: &log}

	if err := install(t.Context(), options, files); err != nil {
		t.Fatal(err)
	}
	if err := verify(dir, files); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, calls); n != 2 {
		t.Errorf("npm ran %d times, want once a package", n)
	}
	only(t, dir, "runtime.so", "model.onnx", "vocab.js")

	log.Reset()
	if err := install(t.Context(), options, files); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, calls); n != 2 {
		t.Errorf("a second install ran npm again (%d calls)", n)
	}
	if !strings.Contains(log.String(), "nothing to do") {
		t.Errorf("the second run did not say that all is right: %q", log.String())
	}

	// One file damaged: only its package is fetched again.
	if err := os.WriteFile(filepath.Join(dir, "vocab.js"), []byte("Pieces"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := verify(dir, files); !errors.Is(err, ErrChecksum) {
		t.Fatalf("verify a damaged folder: %v", err)
	}
	if err := install(t.Context(), options, files); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, calls); n != 3 {
		t.Errorf("repairing one file took npm to %d calls, want 3", n)
	}
}

func TestInstallGoesOnAfterAFailure(t *testing.T) {
	files, contents := pinned(t)
	all := honest(contents)
	npm, _ := fakeNPM(t, map[string][]entry{"runtime@1.0.0": all["runtime@1.0.0"]})
	dir := t.TempDir()
	err := install(t.Context(), Options{Dir: dir, NPM: npm}, files)
	if err == nil || !strings.Contains(err.Error(), "no such package") {
		t.Fatalf("want npm's own words, got %v", err)
	}
	only(t, dir, "runtime.so")

	npm, calls := fakeNPM(t, all)
	if err := install(t.Context(), Options{Dir: dir, NPM: npm}, files); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, calls); n != 1 {
		t.Errorf("the second run fetched %d packages, want only the missing one", n)
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	files, contents := pinned(t)
	wrong := strings.Repeat("x", len(contents["runtime.so"]))
	for name, entries := range map[string][]entry{
		"other bytes":   {{name: "package/runtime.so", body: wrong}},
		"other length":  {{name: "package/runtime.so", body: "short"}},
		"a link":        {{name: "package/runtime.so", kind: tar.TypeSymlink}},
		"traversal":     {{name: "package/../../runtime.so", body: contents["runtime.so"]}},
		"absolute":      {{name: "/package/runtime.so", body: contents["runtime.so"]}},
		"nothing of it": {{name: "package/readme", body: "hello"}},
		"empty":         nil,
		"only a folder": {{name: "package/runtime.so", kind: tar.TypeDir}},
	} {
		t.Run(name, func(t *testing.T) {
			npm, _ := fakeNPM(t, map[string][]entry{"runtime@1.0.0": entries})
			parent := t.TempDir()
			dir := filepath.Join(parent, "models")
			if err := install(t.Context(), Options{Dir: dir, NPM: npm}, files[:1]); err == nil {
				t.Fatal("accepted")
			}
			only(t, dir)
			only(t, parent, "models")
		})
	}
}

func TestABombIsNotUnpacked(t *testing.T) {
	files, contents := pinned(t)
	archive := filepath.Join(t.TempDir(), "bomb.tgz")
	writeArchive(t, archive, []entry{
		{name: "package/zeros", body: strings.Repeat("\x00", 1<<20)},
		{name: "package/runtime.so", body: contents["runtime.so"]},
	})
	err := extract(archive, t.TempDir(), files[:1], 1<<16)
	if err == nil || !strings.Contains(err.Error(), "more than 65536 bytes") {
		t.Fatalf("got %v", err)
	}
}

func TestInstallFromFolder(t *testing.T) {
	files, contents := pinned(t)
	source := t.TempDir()
	for name, body := range contents {
		if err := os.WriteFile(filepath.Join(source, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	if err := install(t.Context(), Options{Dir: dir, From: source}, files); err != nil {
		t.Fatal(err)
	}
	only(t, dir, "runtime.so", "model.onnx", "vocab.js")

	if err := os.WriteFile(filepath.Join(source, "vocab.js"), []byte("pieces and more"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := install(t.Context(), Options{Dir: t.TempDir(), From: source}, files)
	if !errors.Is(err, ErrChecksum) {
		t.Fatalf("a longer file: %v", err)
	}
	if err := os.Remove(filepath.Join(source, "vocab.js")); err != nil {
		t.Fatal(err)
	}
	err = install(t.Context(), Options{Dir: t.TempDir(), From: source}, files)
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a folder without the file: %v", err)
	}
}

func TestInstallFromAddressContinuesABrokenDownload(t *testing.T) {
	files, contents := pinned(t)
	var broken atomic.Bool
	broken.Store(true)
	var mu sync.Mutex
	var ranges []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/mirror/")
		body, ok := contents[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		ranges = append(ranges, name+" "+r.Header.Get("Range"))
		mu.Unlock()
		if name == "model.onnx" && broken.Swap(false) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write([]byte(body[:1000]))
			return // the server closes a connection that owes bytes
		}
		http.ServeContent(w, r, name, time.Time{}, strings.NewReader(body))
	}))
	defer server.Close()

	dir := t.TempDir()
	options := Options{Dir: dir, From: server.URL + "/mirror"}
	if err := install(t.Context(), options, files); err == nil {
		t.Fatal("a broken download was accepted")
	}
	if err := install(t.Context(), options, files); err != nil {
		t.Fatal(err)
	}
	only(t, dir, "runtime.so", "model.onnx", "vocab.js")
	if got := strings.Join(ranges, ", "); !strings.Contains(got, "model.onnx bytes=1000-") {
		t.Errorf("the second run did not continue: %s", got)
	}

	contents["vocab.js"] = "pIeces"
	err := install(t.Context(), Options{Dir: t.TempDir(), From: server.URL + "/mirror/"}, files)
	if !errors.Is(err, ErrChecksum) {
		t.Fatalf("a lying mirror: %v", err)
	}
	err = install(t.Context(), Options{Dir: t.TempDir(), From: server.URL + "/nothing"}, files)
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Fatalf("an empty mirror: %v", err)
	}
}

func TestInstallTwiceAtOnceFetchesOnce(t *testing.T) {
	files, contents := pinned(t)
	npm, calls := fakeNPM(t, honest(contents))
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := install(t.Context(), Options{Dir: dir, NPM: npm}, files); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := lines(t, calls); n != 2 {
		t.Errorf("npm ran %d times for two packages", n)
	}
}

func TestInstallEndsWithItsContext(t *testing.T) {
	files, _ := pinned(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	npm, _ := fakeNPM(t, nil)
	if err := install(ctx, Options{Dir: t.TempDir(), NPM: npm}, files); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestInstallSaysWhatItNeeds(t *testing.T) {
	files, _ := pinned(t)
	err := install(t.Context(), Options{Dir: t.TempDir(), NPM: "no-such-npm-client"}, files)
	if err == nil || !strings.Contains(err.Error(), "npm client is needed") {
		t.Errorf("without npm: %v", err)
	}
	if err := supported("linux", "amd64"); err != nil {
		t.Error(err)
	}
	for _, other := range [][2]string{{"linux", "arm64"}, {"darwin", "amd64"}, {"windows", "amd64"}} {
		if err := supported(other[0], other[1]); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%v: %v", other, err)
		}
	}
}

func TestTableIsComplete(t *testing.T) {
	for _, f := range weights.Files() {
		if len(f.SHA256) != 64 || f.Size <= 0 || f.Licence == "" || !strings.HasPrefix(f.Path, "package/") {
			t.Errorf("%+v", f)
		}
		if at := strings.LastIndex(f.Package, "@"); at <= 0 || strings.ContainsAny(f.Package[at:], "^~*x") {
			t.Errorf("%s is not pinned to one version", f.Package)
		}
		if filepath.Base(f.Name) != f.Name {
			t.Errorf("%q is no plain file name", f.Name)
		}
	}
}
