// Package s3 keeps media objects in a bucket of MinIO or any other S3: the production form of [media.Store].
//
// It uses plain S3 only: no bucket CORS, no lifecycle rules, no object versions, so that any server will do. Payloads are
// always signed or checksummed end to end: without that a server may store a body that was cut short on the way, as was
// measured with one of them. Objects are named by [media.Key.StoredName]. Credentials never leave this process; browsers are never sent to the bucket.
//
// A process that is killed in the middle of a large Put leaves parts that no key shows. MinIO drops them by itself after a
// day; on other servers set the usual lifecycle rule for incomplete uploads.
package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/fieldreel/fieldreel/media"
)

// maxRetries bounds how often one request is tried while the server is away or busy: about two seconds in all. Longer
// outages are for the caller, whose jobs come back and whose pages say so.
const maxRetries = 5

const defaultRegion = "us-east-1"

// Config says where the bucket is.
type Config struct {
	// Endpoint is http://host:port, https://host:port or host:port. Without a scheme it means TLS, except on loopback.
	Endpoint string
	// Secure asks for TLS where Endpoint has no scheme, on loopback too.
	Secure    bool
	Bucket    string
	AccessKey string
	SecretKey string
	Region    string // Default us-east-1, which is what MinIO answers to.
	// CreateBucket makes New create the bucket if there is none.
	CreateBucket bool
	// Transport carries the requests; nil for a client's default one with connection reuse.
	Transport http.RoundTripper
}

// Store is a [media.Store] in a bucket. It is also a [media.Checker].
type Store struct {
	core   *minio.Core
	bucket string
}

var (
	_ media.Store   = (*Store)(nil)
	_ media.Checker = (*Store)(nil)
)

// New opens the bucket. It fails with [media.ErrNoBucket] where that does not exist, with a plain error on a
// configuration that cannot work, and with the server's answer otherwise.
func New(ctx context.Context, cfg Config) (*Store, error) {
	host, secure, err := parseEndpoint(cfg.Endpoint, cfg.Secure)
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.Bucket == "":
		return nil, errors.New("s3: no bucket given")
	case cfg.AccessKey == "" || cfg.SecretKey == "":
		return nil, errors.New("s3: access key and secret key must both be given")
	}
	region := cfg.Region
	if region == "" {
		region = defaultRegion
	}
	core, err := minio.NewCore(host, &minio.Options{
		Creds:           credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:          secure,
		Region:          region,
		Transport:       cfg.Transport,
		TrailingHeaders: true,
		MaxRetries:      maxRetries,
	})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	s := &Store{core: core, bucket: cfg.Bucket}
	if cfg.CreateBucket {
		if err := s.createBucket(ctx, region); err != nil {
			return nil, fmt.Errorf("s3: create bucket %q: %w", cfg.Bucket, err)
		}
	}
	if err := s.checkBucket(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) createBucket(ctx context.Context, region string) error {
	err := s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	var resp minio.ErrorResponse
	if errors.As(err, &resp) && resp.Code == minio.BucketAlreadyOwnedByYou {
		return nil
	}
	return err
}

func (s *Store) checkBucket(ctx context.Context) error {
	exists, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil {
		return fmt.Errorf("s3: bucket %q at %s: %w", s.bucket, s.core.EndpointURL(), mapError(ctx, err))
	}
	if !exists {
		return fmt.Errorf("s3: %w: %q at %s; create it, or let it be created", media.ErrNoBucket, s.bucket, s.core.EndpointURL())
	}
	return nil
}

// Check implements [media.Checker]: the bucket exists, and a probe can be written, seen and removed in it. The probe's
// name is no valid key, so that it is never listed.
func (s *Store) Check(ctx context.Context) error {
	if err := s.checkBucket(ctx); err != nil {
		return err
	}
	name := "~probe/" + rand.Text()
	if _, err := s.putBytes(ctx, name, []byte("probe"), "text/plain"); err != nil {
		return fmt.Errorf("s3: write to bucket %q: %w", s.bucket, mapError(ctx, err))
	}
	_, statErr := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	removeErr := s.core.RemoveObject(context.WithoutCancel(ctx), s.bucket, name, minio.RemoveObjectOptions{})
	if err := errors.Join(statErr, removeErr); err != nil {
		return fmt.Errorf("s3: read and delete in bucket %q: %w", s.bucket, mapError(ctx, err))
	}
	return nil
}

// parseEndpoint gives host:port and whether to use TLS.
func parseEndpoint(endpoint string, secure bool) (string, bool, error) {
	if endpoint == "" {
		return "", false, errors.New("s3: no endpoint given")
	}
	if !strings.Contains(endpoint, "://") {
		u, err := url.Parse("//" + endpoint)
		if err != nil || !plainHost(u) {
			return "", false, fmt.Errorf("s3: endpoint %q is not host:port", endpoint)
		}
		return u.Host, secure || !isLoopback(u.Hostname()), nil
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || !plainHost(u):
		// Not the parser's error: an address may hold a password, and errors are logged.
		return "", false, errors.New("s3: the endpoint is not of the form https://host:port")
	case u.Scheme == "https":
		return u.Host, true, nil
	case u.Scheme == "http" && secure:
		return "", false, errors.New("s3: the endpoint says http:// where TLS is asked for")
	case u.Scheme == "http":
		return u.Host, false, nil
	}
	return "", false, fmt.Errorf("s3: the endpoint's scheme is %q, not http or https", u.Scheme)
}

func plainHost(u *url.URL) bool {
	return u.Hostname() != "" && u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// mapError turns the server's answers into the errors of package media, keeping the original in the chain. A request
// that ended because ctx did says so, whatever the client made of it.
func mapError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		return fmt.Errorf("%w: %w", ctxErr, err)
	}
	var resp minio.ErrorResponse
	if !errors.As(err, &resp) {
		return err
	}
	switch {
	case resp.Code == minio.NoSuchBucket:
		return fmt.Errorf("%w: %w", media.ErrNoBucket, err)
	case resp.Code == minio.NoSuchKey:
		return fmt.Errorf("%w: %w", media.ErrNotFound, err)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable || resp.Code == "InvalidRange":
		return fmt.Errorf("%w: %w", media.ErrRange, err)
	case resp.StatusCode == http.StatusInsufficientStorage, isFull(resp.Code):
		return fmt.Errorf("%w: %w", media.ErrNoSpace, err)
	}
	return err
}

// isFull knows what servers say when their disks or quotas are full.
func isFull(code string) bool {
	switch code {
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientCapacity", "StorageFull":
		return true
	}
	return false
}

func infoOf(key media.Key, o minio.ObjectInfo) media.Info {
	info := media.Info{Key: key, Size: o.Size, ModTime: o.LastModified, ContentType: o.ContentType, ETag: o.ETag}
	if info.ContentType == "" {
		info.ContentType = key.ContentType()
	}
	return info
}

// emptyBody is the body of a range without bytes.
func emptyBody() io.ReadCloser { return http.NoBody }
