package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

// fault stands between the client and the server and may answer in its place.
type fault struct {
	next http.RoundTripper

	mu sync.Mutex
	// answer is asked before each request; nil, nil lets it through.
	answer func(r *http.Request) (*http.Response, error)
	// change may alter the server's answer.
	change func(r *http.Request, resp *http.Response)
	seen   []string
}

func (f *fault) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	answer, change := f.answer, f.change
	f.seen = append(f.seen, r.Method)
	f.mu.Unlock()
	if answer != nil {
		if resp, err := answer(r); resp != nil || err != nil {
			return resp, err
		}
	}
	resp, err := f.next.RoundTrip(r)
	if err == nil && change != nil {
		change(r, resp)
	}
	return resp, err
}

// faulty opens a store whose faults begin after that.
func faulty(t *testing.T, m mediatest.MinIO) (*Store, *fault) {
	t.Helper()
	transport, err := minio.DefaultTransport(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	f := &fault{next: transport}
	cfg := config(m, m.NewBucket(t))
	cfg.Transport = f
	return open(t, cfg), f
}

// refuse is an S3 error.
func refuse(r *http.Request, status int, code string) *http.Response {
	body := `<?xml version="1.0"?><Error><Code>` + code + `</Code><Message>made by the test</Message></Error>`
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// first gives true for the first n requests with the method.
func first(n int, method string) func(r *http.Request) bool {
	var mu sync.Mutex
	return func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != method || n == 0 {
			return false
		}
		n--
		return true
	}
}

// putAndCompare stores bodies small and large, of known and unknown size, and reads them back.
func putAndCompare(t *testing.T, s *Store, before func()) {
	t.Helper()
	for _, size := range []int{1000, 20 << 20} {
		data := mediatest.Bytes(uint64(size), size)
		for _, declared := range []int64{int64(size), -1} {
			before()
			if _, err := s.Put(t.Context(), "v/a/original", io.MultiReader(bytes.NewReader(data)), declared, media.PutOptions{}); err != nil {
				t.Errorf("Put of %d bytes, declared %d: %v", size, declared, err)
				continue
			}
			rc, _, err := s.OpenRange(t.Context(), "v/a/original", 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(rc)
			if err = errors.Join(err, rc.Close()); err != nil || !bytes.Equal(got, data) {
				t.Errorf("Put of %d bytes, declared %d: %d are stored, %v", size, declared, len(got), err)
			}
		}
	}
}

func testBusyServer(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	putAndCompare(t, s, func() {
		busy := first(2, http.MethodPut)
		f.answer = func(r *http.Request) (*http.Response, error) {
			if !busy(r) {
				return nil, nil // Lets the request through.
			}
			// Like a server that reads on before it refuses.
			if r.Body != nil {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return nil, err
				}
			}
			return refuse(r, http.StatusServiceUnavailable, "SlowDown"), nil
		}
	})
}

func testBrokenLine(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	putAndCompare(t, s, func() {
		broken := first(2, http.MethodPut)
		f.answer = func(r *http.Request) (*http.Response, error) {
			if !broken(r) {
				return nil, nil // Lets the request through.
			}
			if r.Body != nil {
				if _, err := io.CopyN(io.Discard, r.Body, r.ContentLength/2); err != nil {
					return nil, err
				}
			}
			return nil, errors.New("connection reset by peer")
		}
	})
}

func testFullServer(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	for _, tt := range []struct {
		status int
		code   string
	}{
		{http.StatusInsufficientStorage, "XMinioStorageFull"},
		{http.StatusInsufficientStorage, "Whatever"},
		{http.StatusBadRequest, "XMinioAdminBucketQuotaExceeded"},
	} {
		f.answer = func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut {
				return refuse(r, tt.status, tt.code), nil
			}
			return nil, nil // Lets the request through.
		}
		for _, size := range []int64{10, 20 << 20} {
			_, err := s.Put(t.Context(), "v/a/original", io.LimitReader(zeros{}, size), size, media.PutOptions{})
			if !errors.Is(err, media.ErrNoSpace) {
				t.Errorf("%s for %d bytes: %v, want ErrNoSpace", tt.code, size, err)
			}
		}
	}
	f.answer = nil
	if _, err := s.Stat(t.Context(), "v/a/original"); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("after it Stat = %v", err)
	}
	wantNoParts(t, s)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// testSeenLate: some servers show a new object after a moment only.
func testSeenLate(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	late := first(3, http.MethodHead)
	f.answer = func(r *http.Request) (*http.Response, error) {
		if late(r) {
			resp := refuse(r, http.StatusNotFound, "NoSuchKey")
			resp.Body, resp.ContentLength = http.NoBody, 0
			return resp, nil
		}
		return nil, nil // Lets the request through.
	}
	if info, err := s.Put(t.Context(), "v/a/original", strings.NewReader("abc"), 3, media.PutOptions{}); err != nil || info.Size != 3 {
		t.Errorf("Put = %+v, %v", info, err)
	}
}

// testStoredShort: what the server says it has is not what it was given.
func testStoredShort(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	f.change = func(r *http.Request, resp *http.Response) {
		if r.Method == http.MethodHead {
			resp.Header.Set("Content-Length", "2")
		}
	}
	for _, size := range []int64{3, 20 << 20} {
		_, err := s.Put(t.Context(), "v/a/original", io.LimitReader(zeros{}, size), size, media.PutOptions{})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("Put of %d bytes: %v, want io.ErrUnexpectedEOF", size, err)
		}
	}
	f.change = nil
	if _, err := s.Stat(t.Context(), "v/a/original"); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("the short object can be seen: %v", err)
	}
}

// testReplacedAtOnce: between Put and its look at the result another Put may win.
func testReplacedAtOnce(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	other := open(t, config(m, s.bucket))
	look := first(1, http.MethodHead)
	f.answer = func(r *http.Request) (*http.Response, error) {
		if look(r) {
			if _, err := other.Put(r.Context(), "v/a/original", strings.NewReader("the other's"), -1, media.PutOptions{}); err != nil {
				return nil, err
			}
		}
		return nil, nil // Lets the request through.
	}
	info, err := s.Put(t.Context(), "v/a/original", strings.NewReader("abc"), 3, media.PutOptions{})
	if err != nil || info.Size != 3 {
		t.Errorf("Put = %+v, %v", info, err)
	}
	if stat, err := s.Stat(t.Context(), "v/a/original"); err != nil || stat.Size != 11 || stat.ETag == info.ETag {
		t.Errorf("Stat = %+v, %v, want the other's", stat, err)
	}
}

// testBodyCutShort: the line breaks while an object is read.
func testBodyCutShort(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	data := mediatest.Bytes(1, 1_000_000)
	if _, err := s.Put(t.Context(), "v/a/original", bytes.NewReader(data), -1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	f.change = func(r *http.Request, resp *http.Response) {
		if r.Method == http.MethodGet {
			resp.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(io.LimitReader(resp.Body, 1000), errReader{io.ErrUnexpectedEOF}), resp.Body}
		}
	}
	rc, _, err := s.OpenRange(t.Context(), "v/a/original", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(rc); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that is cut short: %v", err)
	}
	_ = rc.Close()
	obj, _, err := s.Open(t.Context(), "v/a/original")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := obj.ReadAt(make([]byte, 5000), 100); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("ReadAt of a body that is cut short: %v", err)
	}
	if _, err := io.ReadAll(obj); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Read of a body that is cut short: %v", err)
	}
	_ = obj.Close()
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// testRangesNotHonoured: a server or proxy that answers a range with the whole must not pass for the range.
func testRangesNotHonoured(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	if _, err := s.Put(t.Context(), "v/a/original", strings.NewReader("0123456789"), -1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, contentRange := range []string{"", "bytes", "bytes */10", "bytes 0-4/10", "bytes 3-5/*", "items 3-5/10", "bytes 3-5/-1"} {
		f.change = func(_ *http.Request, resp *http.Response) { resp.Header.Set("Content-Range", contentRange) }
		if rc, _, err := s.OpenRange(t.Context(), "v/a/original", 3, 3); err == nil {
			t.Errorf("Content-Range %q passes", contentRange)
			_ = rc.Close()
		}
	}
}

func testHangingServer(t *testing.T, m mediatest.MinIO) {
	s, f := faulty(t, m)
	f.answer = func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, call := range map[string]func(ctx context.Context) error{
		"Put": func(ctx context.Context) error {
			_, err := s.Put(ctx, "a", strings.NewReader("x"), 1, media.PutOptions{})
			return err
		},
		"Put in parts": func(ctx context.Context) error {
			_, err := s.Put(ctx, "a", io.LimitReader(zeros{}, 20<<20), 20<<20, media.PutOptions{})
			return err
		},
		"OpenRange": func(ctx context.Context) error {
			_, _, err := s.OpenRange(ctx, "a", 0, -1)
			return err
		},
		"Stat":         func(ctx context.Context) error { _, err := s.Stat(ctx, "a"); return err },
		"Delete":       func(ctx context.Context) error { return s.Delete(ctx, "a") },
		"DeletePrefix": func(ctx context.Context) error { return s.DeletePrefix(ctx, "a/") },
		"Copy":         func(ctx context.Context) error { _, err := s.Copy(ctx, "a", "b"); return err },
		"Check":        s.Check,
		"List": func(ctx context.Context) error {
			for _, err := range s.List(ctx, "") {
				return err
			}
			return nil
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s on a server that hangs: %v, want the context's error", name, err)
		}
		cancel()
	}
}
