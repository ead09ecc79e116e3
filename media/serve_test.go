package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/disk"
	"github.com/fieldreel/fieldreel/media/mediatest"
	"github.com/fieldreel/fieldreel/media/s3"
)

const (
	clipKey  = media.Key("v/a/720.mp4")
	emptyKey = media.Key("v/a/empty.mp4")
	clipTag  = "5e1f"
)

func openDisk(t testing.TB) *disk.Store {
	t.Helper()
	s, err := disk.Open(t.TempDir())
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

func openS3(t testing.TB) *s3.Store {
	t.Helper()
	m := mediatest.StartMinIO(t)
	s, err := s3.New(t.Context(), s3.Config{
		Endpoint: m.Endpoint, Bucket: m.NewBucket(t), AccessKey: m.AccessKey, SecretKey: m.SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// remote hides that a store has local files.
type remote struct{ media.Store }

// handler answers with an object, and a failure as an app would.
func handler(s media.Store, opts media.ServeOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := media.ServeObject(w, r, s, media.Key(strings.TrimPrefix(r.URL.Path, "/")), opts)
		switch {
		case errors.Is(err, media.ErrResponseStarted):
		case errors.Is(err, media.ErrNotFound), errors.Is(err, media.ErrInvalidKey):
			http.Error(w, "404 page not found", http.StatusNotFound)
		case err != nil:
			http.Error(w, "failed", http.StatusInternalServerError)
		}
	})
}

type exchange struct {
	name   string
	method string // Default GET.
	path   string // Default the clip.
	header map[string]string
	whole  bool // Answered with the whole object, where http.FileServer does otherwise.
}

func exchanges(modTime time.Time) []exchange {
	at := modTime.UTC().Format(http.TimeFormat)
	before := modTime.Add(-time.Hour).UTC().Format(http.TimeFormat)
	after := modTime.Add(time.Hour).UTC().Format(http.TimeFormat)
	const tag = `"` + clipTag + `"`
	h := func(kv ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	list := []exchange{
		{name: "whole"},
		{name: "absent", path: "/v/a/absent.mp4"},
		{name: "empty", path: "/v/a/empty.mp4"},
		{name: "empty with a range", path: "/v/a/empty.mp4", header: h("Range", "bytes=0-10")},
		{name: "empty from beyond", path: "/v/a/empty.mp4", header: h("Range", "bytes=5-10")},
		{name: "empty with a suffix", path: "/v/a/empty.mp4", header: h("Range", "bytes=-10"), whole: true},
		{name: "several ranges", header: h("Range", "bytes=0-1,5-6"), whole: true},
		{name: "many ranges", header: h("Range", "bytes="+strings.Repeat("0-,", 1000)+"0-"), whole: true},
		{name: "no bytes", header: h("Range", "bytes=-0"), whole: true},
		{name: "If-None-Match this", header: h("If-None-Match", tag)},
		{name: "If-None-Match weak", header: h("If-None-Match", "W/"+tag)},
		{name: "If-None-Match list", header: h("If-None-Match", `"a", W/"b" , `+tag)},
		{name: "If-None-Match other", header: h("If-None-Match", `"a","b"`)},
		{name: "If-None-Match any", header: h("If-None-Match", "*")},
		{name: "If-None-Match malformed", header: h("If-None-Match", clipTag)},
		{name: "If-None-Match malformed first", header: h("If-None-Match", `x, `+tag)},
		{name: "If-None-Match unclosed", header: h("If-None-Match", `"5e1f`)},
		{name: "If-None-Match odd bytes", header: h("If-None-Match", "\"a b\", "+tag)},
		{name: "If-None-Match with a range", header: h("If-None-Match", tag, "Range", "bytes=0-9")},
		{name: "If-None-Match beats the date", header: h("If-None-Match", `"a"`, "If-Modified-Since", after)},
		{name: "If-Match this", header: h("If-Match", tag)},
		{name: "If-Match weak", header: h("If-Match", "W/"+tag)},
		{name: "If-Match other", header: h("If-Match", `"a"`)},
		{name: "If-Match any", header: h("If-Match", "*")},
		{name: "If-Match malformed", header: h("If-Match", ",,,")},
		{name: "If-Modified-Since at", header: h("If-Modified-Since", at)},
		{name: "If-Modified-Since before", header: h("If-Modified-Since", before)},
		{name: "If-Modified-Since after", header: h("If-Modified-Since", after)},
		{name: "If-Modified-Since malformed", header: h("If-Modified-Since", "yesterday")},
		{name: "If-Unmodified-Since at", header: h("If-Unmodified-Since", at)},
		{name: "If-Unmodified-Since before", header: h("If-Unmodified-Since", before)},
		{name: "If-Unmodified-Since after", header: h("If-Unmodified-Since", after)},
		{name: "If-Match beats the date", header: h("If-Match", tag, "If-Unmodified-Since", before)},
		{name: "If-Range this", header: h("If-Range", tag, "Range", "bytes=5-9")},
		{name: "If-Range weak", header: h("If-Range", "W/"+tag, "Range", "bytes=5-9")},
		{name: "If-Range other", header: h("If-Range", `"a"`, "Range", "bytes=5-9")},
		{name: "If-Range date", header: h("If-Range", at, "Range", "bytes=5-9")},
		{name: "If-Range other date", header: h("If-Range", before, "Range", "bytes=5-9")},
		{name: "If-Range malformed", header: h("If-Range", "x", "Range", "bytes=5-9")},
		{name: "If-Range without a range", header: h("If-Range", tag)},
		{name: "If-Range other, bad range", header: h("If-Range", `"a"`, "Range", "bytes=x")},
		{name: "If-Match, range beyond", header: h("If-Match", tag, "Range", "bytes=9999999-")},
	}
	for _, value := range []string{
		"bytes=0-0", "bytes=0-99", "bytes=100-", "bytes=299999-", "bytes=299999-299999", "bytes=299990-400000", "bytes=-1", "bytes=-100",
		"bytes=-300000", "bytes=-300001", "bytes=0-", "bytes=0-9223372036854775807", "bytes=5-9223372036854775807", "bytes= 0 - 9 ",
		"bytes=0-9,", "bytes=,0-9", "bytes=,", "bytes=", "bytes=\t1-2",
		// Beyond the end.
		"bytes=300000-", "bytes=300000-300001", "bytes=9223372036854775807-",
		// Malformed.
		"bytes=a-b", "bytes=1", "bytes=-", "bytes=--1", "bytes=-1-2", "bytes=9-5", "bytes=99999999999999999999-", "bytes=-99999999999999999999",
		"items=0-1", "0-1", "Bytes=0-1", "bytes=0-1,x", "bytes=0x1-2", "bytes=1-2-3",
	} {
		list = append(list, exchange{name: "Range " + value, header: h("Range", value)})
	}
	return list
}

// TestServeLikeFileServer compares with http.FileServer, over a real connection, what stores of all kinds answer.
func TestServeLikeFileServer(t *testing.T) {
	for _, tt := range []struct {
		name string
		open func(t testing.TB) media.Store
	}{
		{"disk", func(t testing.TB) media.Store { return openDisk(t) }},
		{"disk behind another", func(t testing.TB) media.Store { return remote{openDisk(t)} }},
		{"s3", func(t testing.TB) media.Store { return openS3(t) }},
	} {
		t.Run(tt.name, func(t *testing.T) { compareWithFileServer(t, tt.open(t)) })
	}
}

func compareWithFileServer(t *testing.T, s media.Store) {
	data := mediatest.Bytes(1, 300_000)
	dir := t.TempDir()
	var modTime time.Time
	for key, data := range map[media.Key][]byte{clipKey: data, emptyKey: nil} {
		info, err := s.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), media.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		modTime = info.ModTime
		path := filepath.Join(dir, string(key))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600), os.Chtimes(path, modTime, modTime)); err != nil {
			t.Fatal(err)
		}
	}
	files := http.FileServer(http.Dir(dir))
	reference := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"`+clipTag+`"`)
		w.Header().Set("Content-Type", "video/mp4")
		files.ServeHTTP(w, r)
	}))
	defer reference.Close()
	ours := httptest.NewServer(handler(s, media.ServeOptions{ETag: clipTag, ContentType: "video/mp4"}))
	defer ours.Close()

	for _, x := range exchanges(modTime) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(method+" "+x.name, func(t *testing.T) {
				x.method = method
				wantX := x
				if x.whole {
					wantX.header = nil
				}
				want, wantBody := do(t, reference.URL, wantX)
				got, gotBody := do(t, ours.URL, x)
				if got.StatusCode != want.StatusCode || !bytes.Equal(gotBody, wantBody) {
					t.Errorf("status %d with %d bytes, want %d with %d", got.StatusCode, len(gotBody), want.StatusCode, len(wantBody))
				}
				for _, name := range []string{"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified", "Content-Encoding"} {
					if name == "Etag" && want.StatusCode == http.StatusNotFound {
						continue // The reference sets it before it knows.
					}
					if got, want := got.Header.Values(name), want.Header.Values(name); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s: %q, want %q", name, got, want)
					}
				}
				checkSafe(t, got)
			})
		}
	}
}

func do(t *testing.T, base string, x exchange) (*http.Response, []byte) {
	t.Helper()
	path := x.path
	if path == "" {
		path = "/" + string(clipKey)
	}
	req, err := http.NewRequestWithContext(t.Context(), x.method, base+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range x.header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp, body
}

func checkSafe(t *testing.T, resp *http.Response) {
	t.Helper()
	if resp.StatusCode == http.StatusNotFound {
		return // The caller's answer.
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "sandbox; default-src 'none'",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	cache := resp.Header.Get("Cache-Control")
	if resp.StatusCode < 400 && cache != "private, max-age=3600, immutable" {
		t.Errorf("Cache-Control: %q", cache)
	}
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && cache != "" {
		t.Errorf("an error is cached: %q", cache)
	}
}

func TestServeOptions(t *testing.T) {
	s := openDisk(t)
	if _, err := s.Put(t.Context(), clipKey, strings.NewReader("<script>"), 8, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]media.Store{"local": s, "remote": remote{s}} {
		t.Run(name, func(t *testing.T) {
			get := func(opts media.ServeOptions) http.Header {
				rec := httptest.NewRecorder()
				if err := media.ServeObject(rec, httptest.NewRequest(http.MethodGet, "/", http.NoBody), store, clipKey, opts); err != nil {
					t.Fatal(err)
				}
				if rec.Code != http.StatusOK || rec.Body.String() != "<script>" {
					t.Errorf("%d %q", rec.Code, rec.Body)
				}
				return rec.Header()
			}
			h := get(media.ServeOptions{})
			if h.Get("Content-Type") != "video/mp4" || h.Get("Content-Disposition") != "" || len(h.Get("Etag")) < 5 {
				t.Errorf("by default %v", h)
			}
			h = get(media.ServeOptions{ContentType: "video/quicktime", CacheControl: "no-store", ETag: "x"})
			if h.Get("Content-Type") != "video/quicktime" || h.Get("Cache-Control") != "no-store" || h.Get("Etag") != `"x"` {
				t.Errorf("with options %v", h)
			}
			for filename, want := range map[string]string{
				"call.mp4":                    "attachment; filename=call.mp4",
				"my call.mp4":                 `attachment; filename="my call.mp4"`,
				`a"b\c/d.mp4`:                 `attachment; filename="a\"bcd.mp4"`,
				"Gespräch.mp4":                "attachment; filename*=utf-8''Gespr%C3%A4ch.mp4",
				"x\r\nSet-Cookie: a=b":        `attachment; filename="xSet-Cookie: a=b"`,
				"exe.\u202e4pm":               "attachment; filename=exe.4pm",
				"\xff\xfe":                    "attachment",
				"../../etc/passwd":            "attachment; filename=....etcpasswd",
				"; filename=evil.html; x.mp4": `attachment; filename="; filename=evil.html; x.mp4"`,
			} {
				if got := get(media.ServeOptions{Filename: filename}).Get("Content-Disposition"); got != want {
					t.Errorf("Filename %q gives %s, want %s", filename, got, want)
				}
			}
		})
	}
}

func TestServeWritesNothingBeforeAnError(t *testing.T) {
	s := openDisk(t)
	for name, store := range map[string]media.Store{"local": s, "remote": remote{s}} {
		for _, key := range []media.Key{"absent", "../etc/passwd", ""} {
			for _, header := range []string{"", "Range", "If-None-Match"} {
				rec := httptest.NewRecorder()
				req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				if header != "" {
					req.Header.Set(header, "bytes=0-1")
				}
				err := media.ServeObject(rec, req, store, key, media.ServeOptions{ContentType: "a/b", ETag: "x"})
				if !errors.Is(err, media.ErrNotFound) && !errors.Is(err, media.ErrInvalidKey) {
					t.Errorf("%s %q: %v", name, key, err)
				}
				if len(rec.Header()) != 0 || rec.Body.Len() != 0 || errors.Is(err, media.ErrResponseStarted) {
					t.Errorf("%s %q: %v was written", name, key, rec.Header())
				}
			}
		}
	}
}

func TestServeMethods(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		rec := httptest.NewRecorder()
		err := media.ServeObject(rec, httptest.NewRequest(method, "/", http.NoBody), openDisk(t), clipKey, media.ServeOptions{})
		if err != nil || rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, %v", method, rec.Code, err)
		}
	}
}

// cutShort is a store whose bodies end too early, with or without an error.
type cutShort struct {
	media.Store
	err error
}

func (c cutShort) OpenRange(ctx context.Context, key media.Key, off, length int64) (io.ReadCloser, media.Info, error) {
	rc, info, err := c.Store.OpenRange(ctx, key, off, length)
	if err != nil {
		return nil, info, err
	}
	r := io.MultiReader(io.LimitReader(rc, 1_000_000), failing{c.err})
	return struct {
		io.Reader
		io.Closer
	}{r, rc}, info, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestServeBrokenStore: the client must notice that bytes are missing.
func TestServeBrokenStore(t *testing.T) {
	s := openDisk(t)
	data := mediatest.Bytes(2, 2_000_000)
	if _, err := s.Put(t.Context(), clipKey, bytes.NewReader(data), -1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, broken := range []error{io.EOF, errors.New("reset")} {
		served := make(chan error, 1)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served <- media.ServeObject(w, r, cutShort{s, broken}, clipKey, media.ServeOptions{})
		}))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err == nil || len(got) > 1_000_000 {
			t.Errorf("%v: the client gets %d bytes and no error", broken, len(got))
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, media.ErrResponseStarted) {
			t.Errorf("%v: ServeObject = %v, want ErrResponseStarted", broken, err)
		}
		srv.Close()
	}
}

// fileCatcher is a ResponseWriter that notes whether it is given a file to send.
type fileCatcher struct {
	*httptest.ResponseRecorder
	file bool
}

func (c *fileCatcher) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); ok {
		_, c.file = l.R.(*os.File)
	}
	return io.Copy(c.ResponseRecorder, r)
}

// TestServeSendfile: net/http uses sendfile if and only if it finds a file behind at most one LimitedReader.
func TestServeSendfile(t *testing.T) {
	s := openDisk(t)
	if _, err := s.Put(t.Context(), clipKey, strings.NewReader("0123456789"), -1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"", "bytes=2-5", "bytes=0-1,3-4"} {
		req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		req.Header.Set("Range", value)
		w := &fileCatcher{ResponseRecorder: httptest.NewRecorder()}
		if err := media.ServeObject(w, req, s, clipKey, media.ServeOptions{}); err != nil || !w.file {
			t.Errorf("Range %q: file handed on %t, %v", value, w.file, err)
		}
	}
}
