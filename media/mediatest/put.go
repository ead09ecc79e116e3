package mediatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media"
)

// sizes lie on both sides of where implementations change their ways.
var sizes = []int{0, 1, 70_000, 5*mib + 1, 8 * mib, 8*mib + 1, 20*mib + 7}

func testSizes(t *testing.T, s media.Store) {
	for _, size := range sizes {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d bytes, known %t", size, known), func(t *testing.T) {
				data := Bytes(uint64(size), size)
				declared := int64(size)
				if !known {
					declared = -1
				}
				key := media.Key(fmt.Sprintf("v/%d-%t/original", size, known))
				info, err := s.Put(t.Context(), key, plain(bytes.NewReader(data)), declared, media.PutOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if info.Key != key || info.Size != int64(size) || info.ETag == "" {
					t.Errorf("Put = %+v", info)
				}
				stat, err := s.Stat(t.Context(), key)
				if err != nil || stat.Size != int64(size) || stat.ETag != info.ETag {
					t.Errorf("Stat = %+v, %v, want what Put gave: %+v", stat, err, info)
				}
				wantBytes(t, s, key, data)
			})
		}
	}
}

func testWrongSize(t *testing.T, s media.Store) {
	for _, size := range []int{1, 70_000, 20 * mib} {
		data := Bytes(1, size)
		for _, declared := range []int{size - 1, size + 1, size / 2, size * 2, 0} {
			if declared == size {
				continue
			}
			_, err := s.Put(t.Context(), "v/a/original", plain(bytes.NewReader(data)), int64(declared), media.PutOptions{})
			wantErr(t, fmt.Sprintf("Put of %d bytes declared as %d", size, declared), err, media.ErrShort)
		}
	}
	_, err := s.Put(t.Context(), "v/a/original", bytes.NewReader(nil), 10, media.PutOptions{})
	wantErr(t, "Put of an empty body declared as 10", err, media.ErrShort)
	wantNothing(t, s, "v/a/original")
}

func testFailingBody(t *testing.T, s media.Store) {
	const key = media.Key("v/a/original")
	for _, size := range []int{0, 1, 70_000, 9 * mib, 20 * mib} {
		for _, declared := range []int64{-1, int64(size) + 10} {
			for _, broken := range []error{errBroken, io.ErrUnexpectedEOF, fmt.Errorf("line: %w", io.EOF)} {
				if !errors.Is(broken, errBroken) && size != 1 && size != 9*mib {
					continue
				}
				_, err := s.Put(t.Context(), key, brokenAfter(Bytes(2, size), broken), declared, media.PutOptions{})
				wantErr(t, fmt.Sprintf("Put that breaks after %d of %d bytes", size, declared), err, broken)
			}
		}
	}
	wantNothing(t, s, key)

	old := Bytes(3, 1000)
	put(t, s, key, old)
	_, err := s.Put(t.Context(), key, brokenAfter(Bytes(4, 9*mib), errBroken), -1, media.PutOptions{})
	wantErr(t, "Put over an object", err, errBroken)
	wantBytes(t, s, key, old)
}

func testCancelled(t *testing.T, s media.Store) {
	const key = media.Key("v/a/original")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Put(ctx, key, bytes.NewReader([]byte("late")), 4, media.PutOptions{})
	wantErr(t, "Put after the end", err, context.Canceled)

	for _, size := range []int{100_000, 20 * mib} {
		for _, declared := range []int64{int64(size), -1} {
			ctx, cancel := context.WithCancel(t.Context())
			r := &cancelAfter{r: bytes.NewReader(Bytes(5, size)), n: size / 2, cancel: cancel}
			_, err := s.Put(ctx, key, r, declared, media.PutOptions{})
			wantErr(t, fmt.Sprintf("Put cancelled in the middle of %d bytes", size), err, context.Canceled)
			cancel()
		}
	}
	wantNothing(t, s, key)

	put(t, s, key, []byte("there"))
	_, _, err = s.OpenRange(ctx, key, 0, -1)
	wantErr(t, "OpenRange after the end", err, context.Canceled)
	_, err = s.Stat(ctx, key)
	wantErr(t, "Stat after the end", err, context.Canceled)
	wantErr(t, "Delete after the end", s.Delete(ctx, key), context.Canceled)
	wantErr(t, "DeletePrefix after the end", s.DeletePrefix(ctx, "v/"), context.Canceled)
	_, err = s.Copy(ctx, key, "v/b/original")
	wantErr(t, "Copy after the end", err, context.Canceled)
	err = nil
	for _, err = range s.List(ctx, "") {
		if err != nil {
			break
		}
	}
	wantErr(t, "List after the end", err, context.Canceled)
	wantList(t, s, "", key)

	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	big := Bytes(6, 20*mib)
	put(t, s, key, big)
	rc, _, err := s.OpenRange(ctx, key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rc.Close() }()
	if _, err := io.ReadFull(rc, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	_, err = io.Copy(io.Discard, rc)
	wantErr(t, "read on after the end", err, context.Canceled)
}

func testOverwrite(t *testing.T, s media.Store) {
	const key = media.Key("v/a/poster.jpg")
	tags := map[string]bool{}
	for i, size := range []int{1000, 9 * mib, 1000, 0, 1000} {
		data := Bytes(uint64(10+i), size)
		info := put(t, s, key, data)
		if tags[info.ETag] {
			t.Errorf("version %d has the ETag of an older one", i)
		}
		tags[info.ETag] = true
		wantBytes(t, s, key, data)
	}
	wantList(t, s, "", key)
}

func testConcurrentPuts(t *testing.T, s media.Store) {
	const key = media.Key("v/a/original")
	bodies := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 6 {
		// Different sizes, so that a mixture cannot pass for one of them.
		data := Bytes(uint64(20+i), 4*mib+i*mib)
		bodies[string(data)] = true
		wg.Go(func() {
			info, err := s.Put(t.Context(), key, plain(bytes.NewReader(data)), int64(len(data)), media.PutOptions{})
			if err != nil || info.Size != int64(len(data)) {
				t.Errorf("Put %d = %+v, %v", i, info, err)
			}
		})
	}
	wg.Wait()
	if got := read(t, s, key, 0, -1); !bodies[string(got)] {
		t.Errorf("what is stored (%d bytes) is none of the bodies", len(got))
	}
	wantList(t, s, "", key)
}

// closer notices being closed, or read other than in order.
type closer struct {
	*bytes.Reader
	t *testing.T
}

func (c closer) Close() error {
	c.t.Error("Put closed its body")
	return nil
}

func (c closer) Seek(int64, int) (int64, error) {
	c.t.Error("Put seeked in its body")
	return 0, errors.ErrUnsupported
}

func (c closer) ReadAt([]byte, int64) (int, error) {
	c.t.Error("Put read its body at random")
	return 0, errors.ErrUnsupported
}

// testBodyLeftAlone gives a body that was read in part already: clients that use ReadAt or Seek store the wrong bytes.
func testBodyLeftAlone(t *testing.T, s media.Store) {
	for _, size := range []int{1000, 20 * mib} {
		data := Bytes(30, size)
		r := closer{bytes.NewReader(data), t}
		if _, err := io.CopyN(io.Discard, struct{ io.Reader }{r}, 10); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Put(t.Context(), "v/a/original", r, int64(size-10), media.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		wantBytes(t, s, "v/a/original", data[10:])
	}
}

func testPutFile(t *testing.T, s media.Store) {
	for _, size := range []int{0, 1000, 20 * mib} {
		data := Bytes(40, size)
		path := filepath.Join(t.TempDir(), "source")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		key := media.Key(fmt.Sprintf("v/a/f%d.mp4", size))
		for range 2 { // The second time it replaces itself.
			info, err := s.PutFile(t.Context(), key, path, media.PutOptions{ContentType: "video/mp4"})
			if err != nil || info.Size != int64(size) || info.ContentType != "video/mp4" {
				t.Fatalf("PutFile = %+v, %v", info, err)
			}
			wantBytes(t, s, key, data)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("the source is no longer what it was: %v", err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		wantBytes(t, s, key, data)
		// What takes its place at the path is nothing to the store.
		if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantBytes(t, s, key, data)
	}
	wantList(t, s, "", "v/a/f0.mp4", "v/a/f1000.mp4", "v/a/f20971520.mp4")
}

func testPutFileHostile(t *testing.T, s media.Store) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	link := filepath.Join(dir, "link")
	pipe := filepath.Join(dir, "pipe")
	if err := errors.Join(
		os.WriteFile(secret, []byte("somebody else's"), 0o600),
		os.Symlink(secret, link),
		syscall.Mkfifo(pipe, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, pipe, dir, "/dev/zero"} {
		_, err := s.PutFile(t.Context(), "v/a/original", path, media.PutOptions{})
		wantErr(t, "PutFile "+path, err, media.ErrNotRegular)
	}
	_, err := s.PutFile(t.Context(), "v/a/original", filepath.Join(dir, "absent"), media.PutOptions{})
	wantErr(t, "PutFile of an absent file", err, os.ErrNotExist)
	if errors.Is(err, media.ErrNotFound) {
		t.Error("an absent source must not look like an absent object")
	}
	wantNothing(t, s, "v/a/original")
}

func testInfo(t *testing.T, s media.Store) {
	before := time.Now()
	info, err := s.Put(t.Context(), "v/a/720.mp4", bytes.NewReader([]byte("abc")), 3, media.PutOptions{ContentType: "video/mp4"})
	if err != nil {
		t.Fatal(err)
	}
	// Stores round to seconds.
	if info.ModTime.Before(before.Add(-2*time.Second)) || info.ModTime.After(time.Now().Add(2*time.Second)) {
		t.Errorf("ModTime %v is not now (%v)", info.ModTime, before)
	}
	if put(t, s, "v/a/poster.jpg", []byte("abc")).ContentType != "image/jpeg" {
		t.Error("the content type does not default to that of the extension")
	}
	stat, err := s.Stat(t.Context(), "v/a/720.mp4")
	if err != nil || stat.ContentType != "video/mp4" {
		t.Errorf("Stat = %+v, %v", stat, err)
	}
	rc, got, err := s.OpenRange(t.Context(), "v/a/720.mp4", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, rc)
	same := func(where string, got media.Info) {
		t.Helper()
		if got.Key != stat.Key || got.Size != 3 || got.ETag != stat.ETag || got.ContentType != stat.ContentType ||
			!got.ModTime.Truncate(time.Second).Equal(stat.ModTime.Truncate(time.Second)) {
			t.Errorf("%s gives %+v, Stat %+v", where, got, stat)
		}
	}
	same("OpenRange", got)
	obj, got, err := s.Open(t.Context(), "v/a/720.mp4")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, obj)
	same("Open", got)
	for got, err := range s.List(t.Context(), "v/a/720") {
		if err != nil {
			t.Fatal(err)
		}
		same("List", got)
	}
}
