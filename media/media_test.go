package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

func TestKey(t *testing.T) {
	for _, s := range []string{
		"a", "0", "_", "v/01989b6c-7a10-7c3e-9d1f-0123456789ab/original", "v/1/hls/720p.m4s", "a.b.c", "a-b_c.d", "a-", "a_",
		strings.Repeat("a", 128), "_x/y",
	} {
		k, err := media.ParseKey(s)
		if err != nil || string(k) != s {
			t.Errorf("ParseKey %q = %q, %v", s, k, err)
		}
		if back, ok := media.FromStoredName(k.StoredName()); !ok || back != k {
			t.Errorf("%q comes back from its stored name as %q, %t", k, back, ok)
		}
	}
	for _, s := range mediatest.HostileKeys {
		if k, err := media.ParseKey(s); !errors.Is(err, media.ErrInvalidKey) || k != "" {
			t.Errorf("ParseKey %q = %q, %v", s, k, err)
		}
		if _, ok := media.FromStoredName(s + "!"); ok {
			t.Errorf("%q passes as a stored name", s)
		}
	}
	for _, name := range []string{"a", "", "!", "a!!", "a!/b"} {
		if _, ok := media.FromStoredName(name); ok {
			t.Errorf("%q passes as a stored name", name)
		}
	}
	if k, err := media.NewKey("v", "id", "poster.jpg"); err != nil || k != "v/id/poster.jpg" || k.Base() != "poster.jpg" {
		t.Errorf("NewKey = %q, %v", k, err)
	}
	for _, segments := range [][]string{{}, {""}, {"v", ""}, {"v", "a/b"}, {"v", "../x"}, {"v", ".."}} {
		if k, err := media.NewKey(segments...); !errors.Is(err, media.ErrInvalidKey) {
			t.Errorf("NewKey %q = %q, %v", segments, k, err)
		}
	}
	if k, err := media.Key("v/id").Join("hls", "720.m3u8"); err != nil || k != "v/id/hls/720.m3u8" {
		t.Errorf("Join = %q, %v", k, err)
	}
	if _, err := media.Key("v").Join("a/b"); !errors.Is(err, media.ErrInvalidKey) {
		t.Errorf("Join adds two levels as one: %v", err)
	}
	if _, err := media.ParseKey(strings.Repeat("x", 1<<20)); len(err.Error()) > 300 {
		t.Error("the error repeats a huge key")
	}
}

func TestKeyContentType(t *testing.T) {
	for key, want := range map[media.Key]string{
		"v/1/720.mp4": "video/mp4", "v/1/master.m3u8": "application/vnd.apple.mpegurl", "v/1/en.vtt": "text/vtt; charset=utf-8",
		"v/1/original": "application/octet-stream", "v.mp4/original": "application/octet-stream", "a.html": "application/octet-stream",
		"a.svg": "application/octet-stream", "p.jpg": "image/jpeg",
	} {
		if got := key.ContentType(); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range append([]string{"v/1/original", "a-b/c.d_e"}, mediatest.HostileKeys...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := media.ParseKey(s)
		if err != nil {
			if !errors.Is(err, media.ErrInvalidKey) {
				t.Fatal(err)
			}
			return
		}
		if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-/") != "" || strings.Contains(s, "..") || strings.Contains(s, "//") ||
			strings.HasPrefix(s, "/") || strings.HasSuffix(s, "/") || strings.Contains(s, "/.") || s[0] == '.' {
			t.Fatalf("%q passes", s)
		}
		if media.CheckListPrefix(s) != nil || media.CheckDeletePrefix(s+"/") != nil {
			t.Fatalf("the key %q is no prefix", s)
		}
		for i := range len(s) {
			if media.CheckListPrefix(s[:i]) != nil {
				t.Fatalf("%q, a part of a key, is no prefix", s[:i])
			}
		}
		if back, err := media.NewKey(strings.Split(s, "/")...); err != nil || back != k {
			t.Fatalf("%q in segments is %q, %v", s, back, err)
		}
	})
}

func TestResolveRange(t *testing.T) {
	const none = -1
	for _, tt := range []struct{ size, off, length, start, n int64 }{
		{10, 0, -1, 0, 10}, {10, 3, 4, 3, 4}, {10, 3, 100, 3, 7}, {10, 9, -1, 9, 1}, {10, 10, 0, 10, 0}, {10, 3, 0, 3, 0},
		{10, -3, -1, 7, 3}, {10, -30, -1, 0, 10}, {10, math.MinInt64, -1, 0, 10}, {10, 3, math.MaxInt64, 3, 7},
		{0, 0, -1, 0, 0}, {0, 0, 5, 0, 0}, {0, -5, -1, 0, 0},
		{10, 10, 1, none, 0}, {10, 10, -1, none, 0}, {10, 11, 0, none, 0}, {10, -3, 2, none, 0}, {10, 0, -2, none, 0}, {0, 1, -1, none, 0},
		{10, math.MaxInt64, math.MaxInt64, none, 0},
	} {
		start, n, err := media.ResolveRange(tt.size, tt.off, tt.length)
		if tt.start == none {
			if !errors.Is(err, media.ErrRange) {
				t.Errorf("ResolveRange(%d, %d, %d) = %d, %d, %v", tt.size, tt.off, tt.length, start, n, err)
			}
		} else if err != nil || start != tt.start || n != tt.n {
			t.Errorf("ResolveRange(%d, %d, %d) = %d, %d, %v, want %d, %d", tt.size, tt.off, tt.length, start, n, err, tt.start, tt.n)
		}
	}
}

// TestBodyReader reads with all sorts of readers, which may give their end with or after the last byte.
func TestBodyReader(t *testing.T) {
	data := mediatest.Bytes(1, 1000)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"plain": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		"end with data": iotest.DataErrReader, "half": iotest.HalfReader,
	} {
		for declared, want := range map[int64]error{-1: nil, 1000: nil, 999: media.ErrShort, 1001: media.ErrShort, 0: media.ErrShort} {
			b := media.NewBodyReader(t.Context(), wrap(bytes.NewReader(data)), declared)
			got, err := io.ReadAll(b)
			if !errors.Is(err, want) || !errors.Is(b.Err(), want) {
				t.Errorf("%s as %d: %v, want %v", name, declared, err, want)
			}
			if err == nil && (!bytes.Equal(got, data) || b.N() != 1000) {
				t.Errorf("%s as %d gives %d bytes", name, declared, len(got))
			}
			// One that is too long never gives all that was declared: nobody can take it for complete.
			if declared == 999 && len(got) >= 999 {
				t.Errorf("%s as 999 gives %d bytes before it fails", name, len(got))
			}
			if n, again := b.Read(make([]byte, 1)); n != 0 || again == nil {
				t.Errorf("%s as %d reads on after its end: %d, %v", name, declared, n, again)
			}
		}
	}
	stuck := media.NewBodyReader(t.Context(), io.MultiReader(strings.NewReader("abc"), noProgress{}), 3)
	if _, err := io.ReadAll(stuck); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives neither bytes nor an end: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := io.ReadAll(media.NewBodyReader(ctx, bytes.NewReader(data), 1000)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

type noProgress struct{}

func (noProgress) Read([]byte) (int, error) { return 0, nil }

// FuzzServe compares our own reading of range and precondition headers with that of net/http.
func FuzzServe(f *testing.F) {
	s := openDisk(f)
	if _, err := s.Put(f.Context(), clipKey, strings.NewReader("0123456789"), 10, media.PutOptions{}); err != nil {
		f.Fatal(err)
	}
	info, err := s.Stat(f.Context(), clipKey)
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range exchanges(info.ModTime) {
		f.Add(x.header["Range"], x.header["If-Range"], x.header["If-None-Match"], x.header["If-Match"],
			x.header["If-Modified-Since"], x.header["If-Unmodified-Since"])
	}
	f.Fuzz(func(t *testing.T, byteRange, ifRange, ifNoneMatch, ifMatch, since, unSince string) {
		var recs [2]*httptest.ResponseRecorder
		for i, store := range []media.Store{s, remote{s}} {
			req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			for name, value := range map[string]string{
				"Range": byteRange, "If-Range": ifRange, "If-None-Match": ifNoneMatch, "If-Match": ifMatch,
				"If-Modified-Since": since, "If-Unmodified-Since": unSince,
			} {
				// A server never sees other values than these.
				value = strings.TrimSpace(strings.Map(func(c rune) rune {
					if c < ' ' && c != '\t' || c == 0x7f {
						return -1
					}
					return c
				}, value))
				if value != "" {
					req.Header.Set(name, value)
				}
			}
			recs[i] = httptest.NewRecorder()
			if err := media.ServeObject(recs[i], req, store, clipKey, media.ServeOptions{ETag: clipTag}); err != nil {
				t.Fatal(err)
			}
		}
		a, b := recs[0], recs[1]
		if a.Code != b.Code || a.Body.String() != b.Body.String() ||
			a.Header().Get("Content-Range") != b.Header().Get("Content-Range") || a.Header().Get("Etag") != b.Header().Get("Etag") {
			t.Errorf("local %d %q %v, remote %d %q %v", a.Code, a.Body, a.Header(), b.Code, b.Body, b.Header())
		}
	})
}
