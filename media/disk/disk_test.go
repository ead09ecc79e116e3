package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t testing.TB, s *Store, key media.Key, data string) media.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(data), int64(len(data)), media.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// files lists everything below dir, folders with "/" behind.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if d.IsDir() {
			name += "/"
		}
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSuite(t *testing.T) {
	mediatest.Suite(t, func(t *testing.T) media.Store {
		dir := t.TempDir()
		// Registered before the store's own Close, so it runs after that: no test may leave a temporary file.
		t.Cleanup(func() {
			if left := files(t, filepath.Join(dir, tmpDir)); len(left) != 0 {
				t.Errorf("temporary files are left: %q", left)
			}
		})
		return open(t, dir)
	})
}

func TestLayout(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "v/1/poster.jpg", "x")
	put(t, s, "v/1", "x")
	want := []string{"objects/", "objects/v/", "objects/v/1/", "objects/v/1/poster.jpg!", "objects/v/1!", "tmp/"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	for _, name := range []string{"", "objects", "tmp", "objects/v/1", "objects/v/1!"} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil || name != "" && fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q has mode %v, %v: others can get at it", name, fi.Mode(), err)
		}
	}
	if err := errors.Join(s.Delete(t.Context(), "v/1/poster.jpg"), s.Delete(t.Context(), "v/1")); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"objects/", "tmp/"}) {
		t.Errorf("empty folders stay: %q", got)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	put(t, open(t, dir), "v/1/original", "kept")
	if info, err := open(t, dir).Stat(t.Context(), "v/1/original"); err != nil || info.Size != 4 {
		t.Errorf("Stat = %+v, %v", info, err)
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if s, err := Open(path); err == nil {
			t.Errorf("Open %s = %v", path, s)
		}
	}
}

// TestSweep: only what is old by its name and by its last write goes, and only what has the form of our names.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	put(t, open(t, dir), "v/1/original", "kept")
	now := time.Now()
	name := func(age time.Duration, rest string) string {
		return strconv.FormatInt(now.Add(-age).Unix(), 36) + rest
	}
	for _, f := range []struct {
		name  string
		wrote time.Duration // Ago.
		stays bool
	}{
		{name(2*time.Hour, "-DEAD"), 2 * time.Hour, false},
		{name(61*time.Minute, "-DEAD"), 61 * time.Minute, false},
		{name(59*time.Minute, "-YOUNG"), 59 * time.Minute, true},
		{name(3*time.Hour, "-SLOW"), time.Minute, true},                   // A large body over a slow line.
		{name(time.Minute, "-LINKED"), 1000 * time.Hour, true},            // Shares the blocks of an old file.
		{"README", 1000 * time.Hour, true}, {"~", 1000 * time.Hour, true}, // Not ours.
	} {
		path := filepath.Join(dir, tmpDir, f.name)
		at := now.Add(-f.wrote)
		if err := errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
		open(t, dir)
		if _, err := os.Stat(path); (err == nil) != f.stays {
			t.Errorf("%s, written %v ago: stays %t, want %t", f.name, f.wrote, err == nil, f.stays)
		}
	}
}

// TestDurable watches what is synced, and when: the bytes before they can be seen, then all folders above them.
func TestDurable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	source := filepath.Join(dir, "source")
	if err := os.WriteFile(source, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]func(key media.Key) error{
		"Put": func(key media.Key) error {
			_, err := s.Put(t.Context(), key, strings.NewReader("abc"), 3, media.PutOptions{})
			return err
		},
		"PutFile": func(key media.Key) error {
			_, err := s.PutFile(t.Context(), key, source, media.PutOptions{})
			return err
		},
		"Copy": func(key media.Key) error {
			_, err := s.Copy(t.Context(), "src", key)
			return err
		},
	} {
		s.sync = (*os.File).Sync
		put(t, s, "src", "abc")
		key := media.Key("v/" + strings.ToLower(name) + "/original")
		var synced []string
		s.sync = func(f *os.File) error {
			fi, err := f.Stat()
			if err != nil {
				return err
			}
			_, statErr := s.Stat(t.Context(), key)
			visible := statErr == nil
			if fi.IsDir() != visible {
				t.Errorf("%s: %s is synced while the object can be seen: %t", name, f.Name(), visible)
			}
			if fi.IsDir() {
				rel, err := filepath.Rel(dir, f.Name())
				if err != nil {
					return err
				}
				synced = append(synced, rel)
			} else {
				synced = append(synced, "bytes")
			}
			return f.Sync()
		}
		if err := store(key); err != nil {
			t.Fatal(err)
		}
		want := []string{"bytes", "objects/v/" + strings.ToLower(name), "objects/v", "objects"}
		if !slices.Equal(synced, want) {
			t.Errorf("%s syncs %q, want %q", name, synced, want)
		}
		synced = nil
		s.sync = func(f *os.File) error {
			synced = append(synced, filepath.Base(f.Name()))
			return f.Sync()
		}
		if err := s.Delete(t.Context(), key); err != nil || len(synced) != 1 {
			t.Errorf("Delete syncs %q, %v, want the one folder that changed and stayed", synced, err)
		}
	}
}

// fullDiskError is what the system says when a disk is full: a real one, from a device that always is.
func fullDiskError(t *testing.T) error {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, full := f.WriteString("x")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(full, syscall.ENOSPC) {
		t.Fatalf("/dev/full says %v", full)
	}
	return full
}

// TestFailedSync: file systems that allocate late tell of a full disk or a broken one in fsync only.
func TestFailedSync(t *testing.T) {
	full := fullDiskError(t)
	for _, tt := range []struct{ fails, want error }{
		{full, media.ErrNoSpace},
		{&fs.PathError{Op: "sync", Path: "x", Err: syscall.EDQUOT}, media.ErrNoSpace},
		{&fs.PathError{Op: "sync", Path: "x", Err: syscall.EIO}, syscall.EIO},
	} {
		dir := t.TempDir()
		s := open(t, dir)
		put(t, s, "v/old", "old")
		source := filepath.Join(t.TempDir(), "source")
		if err := os.WriteFile(source, []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.sync = func(*os.File) error { return tt.fails }
		_, putErr := s.Put(t.Context(), "v/old", strings.NewReader("new"), 3, media.PutOptions{})
		_, fileErr := s.PutFile(t.Context(), "v/new", source, media.PutOptions{})
		_, copyErr := s.Copy(t.Context(), "v/old", "v/new")
		for _, err := range []error{putErr, fileErr, copyErr, s.Check(t.Context())} {
			if !errors.Is(err, tt.want) || errors.Is(err, media.ErrNoSpace) != errors.Is(tt.want, media.ErrNoSpace) {
				t.Errorf("sync says %v: %v, want %v", tt.fails, err, tt.want)
			}
		}
		want := []string{"objects/", "objects/v/", "objects/v/old!", "tmp/"}
		if got := files(t, dir); !slices.Equal(got, want) {
			t.Errorf("after it the folder holds %q, want %q", got, want)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "objects/v/old!")); string(got) != "old" {
			t.Errorf("the old object is %q, %v", got, err)
		}
	}
}

func TestNoSpaceBefore(t *testing.T) {
	s := open(t, t.TempDir())
	for _, size := range []int64{math.MaxInt64, 1 << 60} {
		_, err := s.Put(t.Context(), "v/1/original", unread{t}, size, media.PutOptions{})
		if !errors.Is(err, media.ErrNoSpace) {
			t.Errorf("Put of %d bytes: %v, want ErrNoSpace", size, err)
		}
	}
	// A sparse file takes no space in a link; it does in a copy.
	free, err := s.FreeBytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.checkSpace(t.Context(), free*2); !errors.Is(err, media.ErrNoSpace) {
		t.Errorf("twice the free space: %v", err)
	}
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a body is read that cannot fit")
	return 0, errors.New("read")
}

// TestNoWayOut plants links in the folder, as somebody with a shell or a restored backup might.
func TestNoWayOut(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret!")
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "v/1/original", "x")
	if err := errors.Join(
		os.WriteFile(secret, []byte("secret"), 0o600),
		os.Symlink(outside, filepath.Join(dir, "objects/out")),
		os.Symlink(secret, filepath.Join(dir, "objects/v/link!")),
		os.Symlink("1/original!", filepath.Join(dir, "objects/v/inside!")),
		syscall.Mkfifo(filepath.Join(dir, "objects/v/pipe!"), 0o600),
		os.Mkdir(filepath.Join(dir, "objects/v/folder!"), 0o700),
		os.WriteFile(filepath.Join(dir, "objects/v/FOREIGN!"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, "objects/v/foreign"), nil, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for _, key := range []media.Key{"out/secret", "v/link", "v/pipe", "v/folder"} {
		if rc, _, err := s.OpenRange(t.Context(), key, 0, -1); err == nil {
			t.Errorf("OpenRange %s = %v", key, rc)
		}
		if f, err := s.LocalFile(t.Context(), key); err == nil {
			t.Errorf("LocalFile %s = %v", key, f)
		}
		if _, err := s.Stat(t.Context(), key); err == nil {
			t.Errorf("Stat %s gives no error", key)
		}
	}
	if _, err := s.Put(t.Context(), "out/new", strings.NewReader("x"), 1, media.PutOptions{}); err == nil {
		t.Error("Put goes through a link to the outside")
	}
	if err := s.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("Delete goes through a link to the outside")
	}
	var keys []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, string(info.Key))
	}
	if !slices.Equal(keys, []string{"v/1/original"}) {
		t.Errorf("List gives %q", keys)
	}
	if got := files(t, outside); !slices.Equal(got, []string{"secret!"}) {
		t.Errorf("outside there is %q", got)
	}
	// A link in the place of an object is replaced and never followed.
	put(t, s, "v/link", "own")
	if got, err := os.ReadFile(secret); string(got) != "secret" {
		t.Errorf("Put wrote through a link: %q, %v", got, err)
	}
}

// TestSharesBlocks: a source on the same file system costs no space, and one elsewhere is copied.
func TestSharesBlocks(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "store"))
	source := filepath.Join(dir, "source")
	if err := os.WriteFile(source, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutFile(t.Context(), "v/1/original", source, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	a, errA := os.Stat(source)
	b, errB := os.Stat(filepath.Join(dir, "store/objects/v/1/original!"))
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(a, b) {
		t.Error("PutFile on one file system copies")
	}
	// What Put does where no link is possible: the same code as for a body.
	f, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := s.write(t.Context(), "v/2/original", media.NewBodyReader(t.Context(), f, 3)); err != nil {
		t.Fatal(err)
	}
}

// TestCopiesAcross takes a source from another file system, where one is to be had.
func TestCopiesAcross(t *testing.T) {
	const other = "/dev/shm"
	if fi, err := os.Stat(other); err != nil || !fi.IsDir() {
		t.Log("no second file system here; TestSharesBlocks covers the code")
		return
	}
	source, err := os.CreateTemp(other, "fieldreel-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Remove(source.Name()) }()
	data := mediatest.Bytes(1, 3_000_000)
	if _, err := source.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := open(t, dir)
	info, err := s.PutFile(t.Context(), "v/1/original", source.Name(), media.PutOptions{})
	if err != nil || info.Size != int64(len(data)) {
		t.Fatalf("PutFile = %+v, %v", info, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "objects/v/1/original!")); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes are stored, %v", len(got), err)
	}
	if got := files(t, filepath.Join(dir, tmpDir)); len(got) != 0 {
		t.Errorf("temporary files are left: %q", got)
	}
}

// TestConcurrentPutDelete makes folders come and go below a Put, from two stores as if from two processes.
func TestConcurrentPutDelete(t *testing.T) {
	dir := t.TempDir()
	stores := []*Store{open(t, dir), open(t, dir)}
	for _, s := range stores {
		s.sync = func(*os.File) error { return nil } // The more often folders vanish the better.
	}
	var wg sync.WaitGroup
	for i := range 4 {
		s := stores[i%2]
		key := media.Key(fmt.Sprintf("v/deep/below/k%d", i))
		wg.Go(func() {
			for range 300 {
				if _, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, media.PutOptions{}); err != nil {
					t.Errorf("Put %s: %v", key, err)
					return
				}
				if _, err := s.Stat(t.Context(), key); err != nil {
					t.Errorf("Stat %s: %v", key, err)
					return
				}
				if err := s.Delete(t.Context(), key); err != nil {
					t.Errorf("Delete %s: %v", key, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); !slices.Equal(got, []string{"objects/", "tmp/"}) {
		t.Errorf("there is left %q", got)
	}
}

func TestCheckFails(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.Remove(filepath.Join(dir, tmpDir)); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("Check is content without its folder")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check after the end: %v", err)
	}
}
