package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"github.com/fieldreel/fieldreel/media"
)

// Stat implements [media.Store].
func (s *Store) Stat(ctx context.Context, key media.Key) (media.Info, error) {
	if err := key.Validate(); err != nil {
		return media.Info{}, err
	}
	o, err := s.core.StatObject(ctx, s.bucket, key.StoredName(), minio.StatObjectOptions{})
	if err != nil {
		return media.Info{}, fmt.Errorf("stat %s: %w", key, mapError(ctx, err))
	}
	return infoOf(key, o), nil
}

// OpenRange implements [media.Store]. The range goes to the server, so no more is transferred than is read.
func (s *Store) OpenRange(ctx context.Context, key media.Key, off, length int64) (io.ReadCloser, media.Info, error) {
	if err := key.Validate(); err != nil {
		return nil, media.Info{}, err
	}
	return s.openRange(ctx, key, off, length, "")
}

// openRange opens a range of the version with the given ETag, "" for any.
func (s *Store) openRange(ctx context.Context, key media.Key, off, length int64, etag string) (io.ReadCloser, media.Info, error) {
	if length == 0 || off < 0 && length != -1 || length < -1 {
		return s.openNothing(ctx, key, off, length)
	}
	var opts minio.GetObjectOptions
	byteRange := rangeHeader(off, length)
	if byteRange != "" {
		opts.Set("Range", byteRange)
	}
	if etag != "" {
		if err := opts.SetMatchETag(etag); err != nil {
			return nil, media.Info{}, fmt.Errorf("open %s: %w", key, err)
		}
	}
	rc, o, header, err := s.core.GetObject(ctx, s.bucket, key.StoredName(), opts)
	if err != nil {
		err = mapError(ctx, err)
		if errors.Is(err, media.ErrRange) {
			return s.openNothing(ctx, key, off, length)
		}
		return nil, media.Info{}, fmt.Errorf("open %s: %w", key, err)
	}
	info := infoOf(key, o)
	if byteRange != "" {
		start, size, ok := parseContentRange(header.Get("Content-Range"))
		if !ok || off >= 0 && start != off {
			return nil, media.Info{}, errors.Join(fmt.Errorf("open %s: the server does not honour ranges", key), rc.Close())
		}
		info.Size = size
	}
	return rc, info, nil
}

// openNothing opens a range that the server does not give: one without bytes, or one outside the object.
func (s *Store) openNothing(ctx context.Context, key media.Key, off, length int64) (io.ReadCloser, media.Info, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, media.Info{}, err
	}
	_, n, err := media.ResolveRange(info.Size, off, length)
	if err == nil && n > 0 {
		err = fmt.Errorf("%w: the object was replaced meanwhile", media.ErrRange)
	}
	if err != nil {
		return nil, info, fmt.Errorf("open %s: %w", key, err)
	}
	return emptyBody(), info, nil
}

func rangeHeader(off, length int64) string {
	switch {
	case off == 0 && length < 0, off == math.MinInt64:
		return ""
	case off < 0:
		return "bytes=" + strconv.FormatInt(off, 10)
	case length < 0 || off > math.MaxInt64-length:
		return "bytes=" + strconv.FormatInt(off, 10) + "-"
	}
	return "bytes=" + strconv.FormatInt(off, 10) + "-" + strconv.FormatInt(off+length-1, 10)
}

// parseContentRange reads "bytes 0-9/100".
func parseContentRange(h string) (start, size int64, ok bool) {
	rest, ok := strings.CutPrefix(h, "bytes ")
	if !ok {
		return 0, 0, false
	}
	span, total, ok := strings.Cut(rest, "/")
	if !ok {
		return 0, 0, false
	}
	first, _, ok := strings.Cut(span, "-")
	if !ok {
		return 0, 0, false
	}
	start, err1 := strconv.ParseInt(first, 10, 64)
	size, err2 := strconv.ParseInt(total, 10, 64)
	return start, size, err1 == nil && err2 == nil && start >= 0 && size >= 0
}

// Open implements [media.Store]. Reading on from where one is costs one request, a Seek elsewhere another, and each
// ReadAt one.
func (s *Store) Open(ctx context.Context, key media.Key) (media.Object, media.Info, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, media.Info{}, err
	}
	return &object{ctx: ctx, store: s, info: info}, info, nil
}

// object is one version of an object, told from later ones by its ETag.
type object struct {
	ctx   context.Context // Of the caller of Open; the signatures of io have no room for it.
	store *Store
	info  media.Info

	mu     sync.Mutex // Guards what follows: Close may come while another goroutine reads.
	pos    int64
	body   io.ReadCloser // What follows pos, nil while nothing is open.
	closed bool
}

func (o *object) Read(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if len(p) == 0 {
		return 0, nil
	}
	if o.pos >= o.info.Size {
		return 0, io.EOF
	}
	if o.body == nil {
		body, _, err := o.store.openRange(o.ctx, o.info.Key, o.pos, -1, o.info.ETag)
		if err != nil {
			return 0, err
		}
		o.body = body
	}
	n, err := o.body.Read(p)
	o.pos += int64(n)
	if err == io.EOF && o.pos < o.info.Size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (o *object) Seek(offset int64, whence int) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.pos
	case io.SeekEnd:
		offset += o.info.Size
	default:
		return 0, fmt.Errorf("seek %s: whence %d", o.info.Key, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek %s: position %d", o.info.Key, offset)
	}
	if offset == o.pos {
		return offset, nil
	}
	o.pos = offset
	return offset, o.closeBody()
}

func (o *object) ReadAt(p []byte, off int64) (int, error) {
	o.mu.Lock()
	closed := o.closed
	o.mu.Unlock()
	switch {
	case closed:
		return 0, http.ErrBodyReadAfterClose
	case off < 0:
		return 0, fmt.Errorf("read %s: position %d", o.info.Key, off)
	case len(p) == 0:
		return 0, nil
	case off >= o.info.Size:
		return 0, io.EOF
	}
	want := min(int64(len(p)), o.info.Size-off)
	body, _, err := o.store.openRange(o.ctx, o.info.Key, off, want, o.info.ETag)
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(body, p[:want])
	if err = errors.Join(err, body.Close()); err != nil {
		return n, fmt.Errorf("read %s: %w", o.info.Key, err)
	}
	if want < int64(len(p)) {
		return n, io.EOF
	}
	return n, nil
}

func (o *object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	return o.closeBody()
}

func (o *object) closeBody() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}

// List implements [media.Store], by pages of a thousand keys.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[media.Info, error] {
	return func(yield func(media.Info, error) bool) {
		if err := media.CheckListPrefix(prefix); err != nil {
			yield(media.Info{}, err)
			return
		}
		// Not the channel form: its goroutine would outlive a caller that stops half-way.
		owner := false
		opts := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, FetchOwner: &owner}
		for o := range s.core.ListObjectsIter(ctx, s.bucket, opts) {
			if o.Err != nil {
				yield(media.Info{}, fmt.Errorf("list %s: %w", prefix, mapError(ctx, o.Err)))
				return
			}
			key, ok := media.FromStoredName(o.Key)
			if !ok {
				continue
			}
			info := infoOf(key, o)
			info.ContentType = key.ContentType()
			if !yield(info, nil) {
				return
			}
		}
		// The client ends quietly when the context does.
		if err := ctx.Err(); err != nil {
			yield(media.Info{}, err)
		}
	}
}

// Delete implements [media.Store].
func (s *Store) Delete(ctx context.Context, key media.Key) error {
	if err := key.Validate(); err != nil {
		return err
	}
	err := mapError(ctx, s.core.RemoveObject(ctx, s.bucket, key.StoredName(), minio.RemoveObjectOptions{}))
	if err != nil && !errors.Is(err, media.ErrNotFound) {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// DeletePrefix implements [media.Store], a thousand keys in a request.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if err := media.CheckDeletePrefix(prefix); err != nil {
		return err
	}
	var listErr error
	objects := func(yield func(minio.ObjectInfo) bool) {
		for info, err := range s.List(ctx, prefix) {
			if err != nil {
				listErr = err
				return
			}
			if !yield(minio.ObjectInfo{Key: info.Key.StoredName()}) {
				return
			}
		}
	}
	results, err := s.core.RemoveObjectsWithIter(ctx, s.bucket, objects, minio.RemoveObjectsOptions{})
	if err != nil {
		return fmt.Errorf("delete %s: %w", prefix, mapError(ctx, err))
	}
	var errs []error
	for r := range results {
		if r.Err != nil && len(errs) < 3 { // Enough to tell why.
			errs = append(errs, fmt.Errorf("delete %s: %w", r.ObjectName, mapError(ctx, r.Err)))
		}
	}
	if listErr != nil {
		errs = append(errs, listErr)
	} else if err := ctx.Err(); err != nil {
		errs = append(errs, err) // The client ends quietly when the context does.
	}
	return errors.Join(errs...)
}
