package mediatest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/media"
)

func testList(t *testing.T, s media.Store) {
	wantList(t, s, "")
	wantList(t, s, "v/")
	// In the byte order of whole keys, in which "/" stands between "." and "0".
	keys := []media.Key{
		"a", "a-b", "a.b", "a/b", "a/b-c", "a/b.c", "a/b/c", "a/b/c/d", "a/b0", "a/b_", "a0", "b", "v/1/original", "v/10/original",
	}
	for i := range keys {
		put(t, s, keys[(i*5)%len(keys)], []byte(keys[(i*5)%len(keys)]))
	}
	for _, key := range keys {
		wantBytes(t, s, key, []byte(key))
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "a/b/", "a/b/c", "a/b.", "a-", "v/1", "v/1/", "v/10/", "x", "v/1/original", "v/1/original/"} {
		var want []media.Key
		for _, key := range keys {
			if strings.HasPrefix(string(key), prefix) {
				want = append(want, key)
			}
		}
		wantList(t, s, prefix, want...)
	}
	n := 0
	for range s.List(t.Context(), "") { // Ending early is allowed.
		if n++; n == 3 {
			break
		}
	}
	for _, prefix := range []string{"/", "../", "a/../", "A", "a//", ".", "v/\x00", strings.Repeat("a", 2000), "é"} {
		var last error
		for info, err := range s.List(t.Context(), prefix) {
			if err == nil {
				t.Errorf("List %q gives %v", prefix, info)
			}
			last = err
		}
		wantErr(t, fmt.Sprintf("List %q", prefix), last, media.ErrInvalidKey)
	}
}

// testListMany goes beyond the page of an S3 listing, which has a thousand keys.
func testListMany(t *testing.T, s media.Store) {
	const n = 1050
	want := make([]media.Key, n)
	keys := make(chan media.Key)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for key := range keys {
				if _, err := s.Put(t.Context(), key, bytes.NewReader(nil), 0, media.PutOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		want[i] = media.Key(fmt.Sprintf("v/%04d/original", i))
		keys <- want[i]
	}
	close(keys)
	wg.Wait()
	if got := list(t, s, "v/"); !slices.Equal(got, want) {
		t.Errorf("List gives %d keys, want %d in order", len(got), n)
	}
	if err := s.DeletePrefix(t.Context(), "v/"); err != nil {
		t.Fatal(err)
	}
	wantList(t, s, "")
}

func testDelete(t *testing.T, s media.Store) {
	for range 2 {
		put(t, s, "v/a/original", []byte("1"))
		put(t, s, "v/a", []byte("2"))
		put(t, s, "v/b", []byte("3"))
		for range 3 { // Again is no error.
			if err := s.Delete(t.Context(), "v/a/original"); err != nil {
				t.Fatal(err)
			}
		}
		wantList(t, s, "", "v/a", "v/b")
		if err := s.Delete(t.Context(), "v/a"); err != nil {
			t.Fatal(err)
		}
		wantList(t, s, "", "v/b")
	}
}

func testDeletePrefix(t *testing.T, s media.Store) {
	for _, key := range []media.Key{"v/1", "v/1/a", "v/1/b/c", "v/1/b", "v/10/a", "v/1-/a", "w/a"} {
		put(t, s, key, []byte("x"))
	}
	for range 2 {
		if err := s.DeletePrefix(t.Context(), "v/1/"); err != nil {
			t.Fatal(err)
		}
		wantList(t, s, "", "v/1", "v/1-/a", "v/10/a", "w/a")
	}
	for _, prefix := range []string{"", "/", "v", "v/1", "../", "v//", "V/", "./"} {
		wantErr(t, fmt.Sprintf("DeletePrefix %q", prefix), s.DeletePrefix(t.Context(), prefix), media.ErrInvalidKey)
	}
	wantList(t, s, "", "v/1", "v/1-/a", "v/10/a", "w/a")
}

func testCopy(t *testing.T, s media.Store) {
	for _, size := range []int{0, 1000, 20 * mib} {
		data := Bytes(80, size)
		if _, err := s.Put(t.Context(), "v/a/720.mp4", bytes.NewReader(data), -1, media.PutOptions{ContentType: "video/mp4"}); err != nil {
			t.Fatal(err)
		}
		for _, dst := range []media.Key{"v/b/720.mp4", "v/b/720.mp4", "v/a/720.mp4"} { // New, over itself, onto itself.
			info, err := s.Copy(t.Context(), "v/a/720.mp4", dst)
			if err != nil || info.Key != dst || info.Size != int64(size) || info.ContentType != "video/mp4" {
				t.Fatalf("Copy to %s = %+v, %v", dst, info, err)
			}
			wantBytes(t, s, dst, data)
		}
		put(t, s, "v/a/720.mp4", []byte("the source becomes another"))
		wantBytes(t, s, "v/b/720.mp4", data)
		if err := s.Delete(t.Context(), "v/a/720.mp4"); err != nil {
			t.Fatal(err)
		}
		wantBytes(t, s, "v/b/720.mp4", data)
	}
	wantList(t, s, "", "v/b/720.mp4")
}

// HostileKeys are strings that are no keys, each for a reason of its own.
var HostileKeys = []string{
	"", "/", "//", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "/a", "a/", "a//b", "./a", "a/./b", "a/.", "a/.b", ".hidden",
	"a..b", "a.", "-a", "a/-rf", "A", "a/B", "a\\b", `..\x`, "a b", "a\x00b", "a\n", "a%2e%2e", "a+", "a+/b", "~a", "a?b", "a#b", "a*", "é", "a\u202eb",
	"\xff", strings.Repeat("a", 129), strings.Repeat("a/", 256) + "a", strings.Repeat("../", 20) + "etc/passwd",
}

func testHostileKeys(t *testing.T, s media.Store) {
	put(t, s, "a", []byte("a"))
	for _, hostile := range HostileKeys {
		key := media.Key(hostile)
		_, err := s.Put(t.Context(), key, errReader{errors.New("read in vain")}, 1, media.PutOptions{})
		wantErr(t, fmt.Sprintf("Put %q", key), err, media.ErrInvalidKey)
		_, err = s.PutFile(t.Context(), key, "/dev/null", media.PutOptions{})
		wantErr(t, fmt.Sprintf("PutFile %q", key), err, media.ErrInvalidKey)
		_, _, err = s.OpenRange(t.Context(), key, 0, -1)
		wantErr(t, fmt.Sprintf("OpenRange %q", key), err, media.ErrInvalidKey)
		_, _, err = s.Open(t.Context(), key)
		wantErr(t, fmt.Sprintf("Open %q", key), err, media.ErrInvalidKey)
		_, err = s.Stat(t.Context(), key)
		wantErr(t, fmt.Sprintf("Stat %q", key), err, media.ErrInvalidKey)
		wantErr(t, fmt.Sprintf("Delete %q", key), s.Delete(t.Context(), key), media.ErrInvalidKey)
		_, err = s.Copy(t.Context(), "a", key)
		wantErr(t, fmt.Sprintf("Copy to %q", key), err, media.ErrInvalidKey)
		_, err = s.Copy(t.Context(), key, "b")
		wantErr(t, fmt.Sprintf("Copy from %q", key), err, media.ErrInvalidKey)
		if l, ok := s.(media.LocalFiler); ok {
			_, err = l.LocalFile(t.Context(), key)
			wantErr(t, fmt.Sprintf("LocalFile %q", key), err, media.ErrInvalidKey)
		}
	}
	wantList(t, s, "", "a")
	// The longest that are allowed.
	long := media.Key(strings.Repeat(strings.Repeat("b", 127)+"/", 3) + strings.Repeat("c", 128))
	put(t, s, long, []byte("long"))
	wantBytes(t, s, long, []byte("long"))
}

// testAbilities checks what only some stores can.
func testAbilities(t *testing.T, s media.Store) {
	data := Bytes(90, 5000)
	put(t, s, "v/a/original", data)
	if l, ok := s.(media.LocalFiler); ok {
		f, err := l.LocalFile(t.Context(), "v/a/original")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), "v/a/original"); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, data) {
			t.Errorf("the local file has %d bytes, %v", len(got), err)
		}
		if _, err := f.Write([]byte("x")); err == nil {
			t.Error("the local file can be written")
		}
		closing(t, f)
		for _, key := range []media.Key{"absent", "v", "v/a/original"} {
			f, err := l.LocalFile(t.Context(), key)
			wantErr(t, "LocalFile "+string(key), err, media.ErrNotFound)
			if f != nil {
				t.Error("LocalFile gives a file with its error")
			}
		}
	}
	if f, ok := s.(media.FreeSpacer); ok {
		free, err := f.FreeBytes(t.Context())
		if err != nil || free <= 0 {
			t.Errorf("FreeBytes = %d, %v", free, err)
		}
	}
	if c, ok := s.(media.Checker); ok {
		before := list(t, s, "")
		if err := c.Check(t.Context()); err != nil {
			t.Errorf("Check: %v", err)
		}
		wantList(t, s, "", before...)
	}
}
