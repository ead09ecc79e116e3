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

func config(m mediatest.MinIO, bucket string) Config {
	return Config{Endpoint: m.Endpoint, Bucket: bucket, AccessKey: m.AccessKey, SecretKey: m.SecretKey}
}

func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMinIO runs everything that needs a server on one.
func TestMinIO(t *testing.T) {
	m := mediatest.StartMinIO(t)
	t.Run("suite", func(t *testing.T) {
		mediatest.Suite(t, func(t *testing.T) media.Store {
			s := open(t, config(m, m.NewBucket(t)))
			t.Cleanup(func() { wantNoParts(t, s) })
			return s
		})
	})
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, m mediatest.MinIO)
	}{
		{"parts are seen", testPartsAreSeen},
		{"buckets", testBuckets},
		{"wrong keys", testWrongKeys},
		{"busy server", testBusyServer},
		{"broken line", testBrokenLine},
		{"full server", testFullServer},
		{"seen late", testSeenLate},
		{"stored short", testStoredShort},
		{"replaced at once", testReplacedAtOnce},
		{"body cut short", testBodyCutShort},
		{"ranges not honoured", testRangesNotHonoured},
		{"hanging server", testHangingServer},
		{"foreign names", testForeignNames},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, m) })
	}
}

// unfinished counts the uploads in parts that were begun and neither completed nor aborted. MinIO lists those of one
// exact name only, so it is the name that the tests use for all that fails.
func unfinished(t *testing.T, s *Store) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // The test's own is over in a clean-up.
	defer cancel()
	n := 0
	for up := range s.core.ListIncompleteUploads(ctx, s.bucket, media.Key("v/a/original").StoredName(), true) {
		if up.Err != nil {
			t.Error(up.Err)
			return n
		}
		n++
	}
	return n
}

func wantNoParts(t *testing.T, s *Store) {
	t.Helper()
	if n := unfinished(t, s); n != 0 {
		t.Errorf("%d uploads in parts are left", n)
	}
}

// testPartsAreSeen makes sure that wantNoParts would notice.
func testPartsAreSeen(t *testing.T, m mediatest.MinIO) {
	s := open(t, config(m, m.NewBucket(t)))
	name := media.Key("v/a/original").StoredName()
	id, err := s.core.NewMultipartUpload(t.Context(), s.bucket, name, minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := unfinished(t, s); n != 1 {
		t.Errorf("%d unfinished uploads are seen, want 1", n)
	}
	if err := s.core.AbortMultipartUpload(t.Context(), s.bucket, name, id); err != nil {
		t.Fatal(err)
	}
	wantNoParts(t, s)
}

func TestParseEndpoint(t *testing.T) {
	for _, tt := range []struct {
		endpoint string
		secure   bool
		host     string
		tls      bool
	}{
		{"http://minio:9000", false, "minio:9000", false},
		{"http://minio:9000/", false, "minio:9000", false},
		{"https://s3.example.org", false, "s3.example.org", true},
		{"https://s3.example.org:8443", true, "s3.example.org:8443", true},
		{"s3.example.org", false, "s3.example.org", true},
		{"minio:9000", false, "minio:9000", true},
		{"localhost:9000", false, "localhost:9000", false},
		{"127.0.0.1:9000", false, "127.0.0.1:9000", false},
		{"127.0.0.1:9000", true, "127.0.0.1:9000", true},
		{"[::1]:9000", false, "[::1]:9000", false},
		{"localhost.evil.example:9000", false, "localhost.evil.example:9000", true},
	} {
		host, tls, err := parseEndpoint(tt.endpoint, tt.secure)
		if err != nil || host != tt.host || tls != tt.tls {
			t.Errorf("%s (secure %t) = %s, %t, %v, want %s, %t", tt.endpoint, tt.secure, host, tls, err, tt.host, tt.tls)
		}
	}
	for _, endpoint := range []string{
		"", "http://", "https:///x", "ftp://minio", "http://minio/path", "http://minio?x=1", "minio:9000/path", "http://key:secret@minio:9000",
		"key:secret@minio:9000", "http://mi nio", "://", ":9000", "http://minio:port",
	} {
		_, _, err := parseEndpoint(endpoint, false)
		if err == nil {
			t.Errorf("%q passes", endpoint)
		} else if strings.Contains(err.Error(), "secret") && !strings.Contains(endpoint, "://") {
			continue // It is what the operator typed as a host.
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells a password: %v", err)
		}
	}
	if _, _, err := parseEndpoint("http://minio:9000", true); err == nil {
		t.Error("http:// passes where TLS is asked for")
	}
}

func TestBadConfig(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no endpoint":   {Bucket: "b", AccessKey: "a", SecretKey: "s"},
		"no bucket":     {Endpoint: "localhost:1", AccessKey: "a", SecretKey: "s"},
		"no access key": {Endpoint: "localhost:1", Bucket: "b", SecretKey: "s"},
		"no secret key": {Endpoint: "localhost:1", Bucket: "b", AccessKey: "a"},
		"bucket's name": {Endpoint: "localhost:1", Bucket: "No Bucket", AccessKey: "a", SecretKey: "s"},
	} {
		if _, err := New(t.Context(), cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Nobody listens there: an error soon, and none that looks like a missing bucket.
	start := time.Now()
	_, err := New(t.Context(), Config{Endpoint: "127.0.0.1:1", Bucket: "bucket", AccessKey: "a", SecretKey: "s"})
	if err == nil || errors.Is(err, media.ErrNoBucket) || time.Since(start) > 30*time.Second {
		t.Errorf("without a server: %v after %v", err, time.Since(start))
	}
}

func testBuckets(t *testing.T, m mediatest.MinIO) {
	cfg := config(m, "not-there-yet")
	if _, err := New(t.Context(), cfg); !errors.Is(err, media.ErrNoBucket) {
		t.Errorf("New without a bucket: %v, want ErrNoBucket", err)
	}
	cfg.CreateBucket = true
	for range 2 { // Again is no error.
		s := open(t, cfg)
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cfg.Endpoint, cfg.CreateBucket = "http://"+cfg.Endpoint+"/", false
	s := open(t, cfg)
	if err := s.core.RemoveBucket(t.Context(), cfg.Bucket); err != nil {
		t.Fatal(err)
	}
	_, putErr := s.Put(t.Context(), "a", strings.NewReader("x"), 1, media.PutOptions{})
	_, _, openErr := s.OpenRange(t.Context(), "a", 0, -1)
	for _, err := range []error{putErr, openErr, s.Check(t.Context())} {
		if !errors.Is(err, media.ErrNoBucket) || errors.Is(err, media.ErrNotFound) {
			t.Errorf("after the bucket is gone: %v, want ErrNoBucket", err)
		}
	}
}

func testWrongKeys(t *testing.T, m mediatest.MinIO) {
	cfg := config(m, m.NewBucket(t))
	for _, change := range []func(*Config){
		func(c *Config) { c.SecretKey = "wrong-secret-key" },
		func(c *Config) { c.AccessKey = "nobody" },
	} {
		bad := cfg
		change(&bad)
		_, err := New(t.Context(), bad)
		if err == nil || errors.Is(err, media.ErrNoBucket) || strings.Contains(err.Error(), bad.SecretKey) {
			t.Errorf("New = %v, want another error than ErrNoBucket, without the secret", err)
		}
	}
}

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

// testForeignNames: what others keep in the bucket is neither listed nor deleted.
func testForeignNames(t *testing.T, m mediatest.MinIO) {
	s := open(t, config(m, m.NewBucket(t)))
	for _, name := range []string{"v/a/foreign", "v/A/x!", "v/a/x!!", "README.md"} {
		if _, err := s.putBytes(t.Context(), name, []byte("x"), "text/plain"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Put(t.Context(), "v/a/original", strings.NewReader("x"), 1, media.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for info, err := range s.List(t.Context(), "") {
		if n++; err != nil || info.Key != "v/a/original" {
			t.Errorf("List gives %+v, %v", info, err)
		}
	}
	if err := s.DeletePrefix(t.Context(), "v/"); err != nil || n != 1 {
		t.Errorf("DeletePrefix: %v, after %d keys", err, n)
	}
	if _, err := s.core.StatObject(t.Context(), s.bucket, "v/a/foreign", minio.StatObjectOptions{}); err != nil {
		t.Errorf("a foreign object is gone: %v", err)
	}
}

func TestPartSizeFor(t *testing.T) {
	for _, size := range []int64{partSize + 1, 1 << 30, partSize * maxParts, partSize*maxParts + 1, 5 << 40} {
		part := partSizeFor(size)
		if parts := (uint64(size) + part - 1) / part; parts > maxParts || part < 5<<20 {
			t.Errorf("%d bytes go in %d parts of %d", size, parts, part)
		}
	}
	if partSizeFor(-1) != unknownPartSize {
		t.Error("an unknown size has another part size")
	}
}
