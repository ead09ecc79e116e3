package s3

import (
	"context"
	"errors"
	"strings"
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
