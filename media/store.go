package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"syscall"
	"time"
)

// Errors that every [Store] answers with, wrapped; compare with errors.Is.
var (
	// ErrNotFound: there is no object under the key.
	ErrNotFound = errors.New("media object not found")
	// ErrRange: the range starts behind the end of the object, or is none.
	ErrRange = errors.New("media range outside the object")
	// ErrNoSpace: the store is full. Nothing was stored; retry after space was made.
	ErrNoSpace = errors.New("no space left in the media store")
	// ErrInvalidKey: the key or prefix is not in the form of [Key]. A mistake of the caller; never retry.
	ErrInvalidKey = errors.New("invalid media key")
	// ErrShort: a body had fewer or more bytes than the size declared for it. Nothing was stored.
	ErrShort = errors.New("media body does not have its declared size")
	// ErrNoBucket: the S3 bucket does not exist.
	ErrNoBucket = errors.New("media bucket does not exist")
	// ErrNotRegular: a path given to PutFile is a link, a folder, a pipe or a device.
	ErrNotRegular = errors.New("not a regular file")
)

// Info describes an object.
type Info struct {
	Key  Key
	Size int64 // bytes
	// ModTime is when the bytes were last written; whole seconds on some stores. After PutFile it may be the time of the
	// source.
	ModTime time.Time
	// ContentType is what Put was told, on stores that keep it (S3), otherwise [Key.ContentType]. List leaves it to the
	// extension on all stores. The database, not this, is the authority for what a video's original is.
	ContentType string
	// ETag is an opaque strong validator without quotes: it changes whenever the bytes do. It is no checksum. Two
	// stores give different ones for the same bytes.
	ETag string
}

// PutOptions says what is kept beside the bytes.
type PutOptions struct {
	// ContentType defaults to [Key.ContentType].
	ContentType string
}

// TypeFor is the content type to store for key under these options.
func (o PutOptions) TypeFor(key Key) string {
	if o.ContentType != "" {
		return o.ContentType
	}
	return key.ContentType()
}

// Object is an open object. Read and Seek share one position and belong to one goroutine at a time; ReadAt may be called
// from many. It sees the version that was there when it was opened, or fails, if that was replaced or deleted meanwhile.
// It lives no longer than the context it was opened with. The caller closes it.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Store keeps objects. Implementations are safe for concurrent use by many goroutines, and by many processes.
//
// Errors are those of this package, wrapped, or the context's, or the engine's own. Nothing is logged, and nothing is
// retried beyond what the engine's client does for single requests; every method may be called again after an error.
type Store interface {
	// Put stores what r gives up to its end, replacing what was there, and returns once it is durable. size is the
	// number of bytes r will give, -1 if unknown; on a mismatch it fails with ErrShort. r is not closed. An error of r
	// comes back wrapped. After an error or a cancellation nothing of the new bytes can be seen and the old object is
	// untouched; only where the engine failed at its very last step is it open whether the whole new object is there.
	// Of concurrent Puts to one key one wins whole. A context that ends stops Put at the next Read of r that returns.
	Put(ctx context.Context, key Key, r io.Reader, size int64, opts PutOptions) (Info, error)

	// PutFile is Put of a local file. The source stays where it is, and may be deleted or renamed afterwards, but must
	// NEVER be written again: a store on the same file system shares its blocks (hard link) instead of copying them.
	// The last element of path must be a regular file and no link, else ErrNotRegular.
	PutFile(ctx context.Context, key Key, path string, opts PutOptions) (Info, error)

	// OpenRange opens the bytes [off, off+length) for one pass; length -1 means up to the end, and a range that starts
	// inside the object is cut at its end. A negative off (only with length -1) means the last -off bytes, all if the
	// object is shorter. The Info describes the whole object.
	// A range that starts at or behind the end fails with ErrRange, and Info is filled in then, too; but from 0 of an
	// empty object is an empty body, as is any range with length 0 up to the end. The caller closes the body; a body cut
	// short gives io.ErrUnexpectedEOF or the engine's error, never a silent EOF.
	OpenRange(ctx context.Context, key Key, off, length int64) (io.ReadCloser, Info, error)

	// Open opens an object for reading at random.
	Open(ctx context.Context, key Key) (Object, Info, error)

	// Stat describes an object.
	Stat(ctx context.Context, key Key) (Info, error)

	// Delete removes an object. That there is none is no error.
	Delete(ctx context.Context, key Key) error

	// DeletePrefix removes every object whose key starts with prefix, which is a key followed by "/". After an error
	// some may be gone; call it again. Objects put meanwhile may stay.
	DeletePrefix(ctx context.Context, prefix string) error

	// List gives the objects whose keys start with prefix ("" for all; may end inside a segment), in the byte order of
	// keys. It ends after the first error. Foreign names in the store's folder or bucket are passed over. An object
	// put or deleted meanwhile may or may not be in it.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Copy makes dst an object with the same bytes and content type as src, as durably and atomically as Put.
	Copy(ctx context.Context, src, dst Key) (Info, error)
}

// LocalFiler is the ability to give an object as an open local file, so that the kernel can send it to a socket and
// ffmpeg can read it. The file is for reading only, and stays readable when the object is deleted. The caller closes it.
type LocalFiler interface {
	LocalFile(ctx context.Context, key Key) (*os.File, error)
}

// FreeSpacer is the ability to say how many bytes can still be written.
type FreeSpacer interface {
	FreeBytes(ctx context.Context) (int64, error)
}

// Checker is the ability to say whether the store can take and give back bytes now. It writes and removes a small probe
// outside of all keys that a caller uses, so it suits a start-up check, a doctor command and a readiness probe every few
// seconds, but not every request.
type Checker interface {
	Check(ctx context.Context) error
}

// CheckPut checks the arguments of Put in the same way for every implementation.
func CheckPut(ctx context.Context, key Key, size int64) error {
	if err := key.Validate(); err != nil {
		return err
	}
	if size < -1 {
		return fmt.Errorf("%w: declared size %d", ErrShort, size)
	}
	return ctx.Err()
}

// ResolveRange turns the arguments of OpenRange into the bytes [start, start+n) of an object of the given size, by the
// rules written there. It fails with [ErrRange].
func ResolveRange(size, off, length int64) (start, n int64, err error) {
	switch {
	case off < 0 && length != -1, length < -1:
		return 0, 0, fmt.Errorf("%w: offset %d, length %d", ErrRange, off, length)
	case off < 0:
		// -off overflows for the smallest int64, and is then still negative.
		if n = -off; n < 0 || n > size {
			n = size
		}
		return size - n, n, nil
	case off > size || off == size && size > 0 && length != 0:
		return 0, 0, fmt.Errorf("%w: offset %d of %d bytes", ErrRange, off, size)
	}
	n = size - off
	if length >= 0 && length < n {
		n = length
	}
	return off, n, nil
}

// OpenSource opens the source of a PutFile. It refuses with [ErrNotRegular] what is no regular file: a link that a
// hostile decoder left in its output folder must not lead to somebody else's bytes, and a pipe must not hang a worker.
func OpenSource(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENXIO) {
			return nil, nil, fmt.Errorf("open source: %w: %w", ErrNotRegular, err)
		}
		return nil, nil, fmt.Errorf("open source: %w", err)
	}
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = fmt.Errorf("open source %s: %w", path, ErrNotRegular)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, fi, nil
}

// BodyReader reads the body of a Put: it ends with the context's error when that is over, and with [ErrShort] unless the
// body has exactly the declared size (-1: any). The surplus of a longer body is noticed before its last declared byte
// is handed on, so that an implementation that streams can never complete a body that is too long.
type BodyReader struct {
	ctx  context.Context
	r    io.Reader
	size int64
	n    int64
	done bool
	err  error
}

// NewBodyReader reads r, which should give size bytes (-1 if unknown), for a Put under ctx.
func NewBodyReader(ctx context.Context, r io.Reader, size int64) *BodyReader {
	return &BodyReader{ctx: ctx, r: r, size: size}
}

// N is the number of bytes handed on so far.
func (b *BodyReader) N() int64 { return b.n }

// Err is the error that the body ended with, nil for none: engines' clients may hide it under their own.
func (b *BodyReader) Err() error { return b.err }

// Read implements io.Reader.
func (b *BodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.done {
		return 0, io.EOF
	}
	if err := b.ctx.Err(); err != nil {
		return b.fail(err)
	}
	if b.size >= 0 && b.n == b.size {
		return b.end(0)
	}
	if left := b.size - b.n; b.size >= 0 && int64(len(p)) > left {
		p = p[:left]
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	switch {
	case err == nil && b.size >= 0 && b.n == b.size:
		return b.end(n)
	case err == nil:
		return n, nil
	case err == io.EOF && (b.size < 0 || b.n == b.size): // A wrapped EOF is a failure, not an end.
		b.done = true
		return n, io.EOF
	case err == io.EOF:
		_, err = b.fail(fmt.Errorf("%w: ended after %d of %d bytes", ErrShort, b.n, b.size))
		return n, err
	default:
		_, err = b.fail(fmt.Errorf("read body: %w", err))
		return n, err
	}
}

// end makes sure that nothing follows the last declared byte, and then hands on n bytes.
func (b *BodyReader) end(n int) (int, error) {
	var one [1]byte
	for range 100 {
		m, err := b.r.Read(one[:])
		switch {
		case m > 0:
			return b.fail(fmt.Errorf("%w: more than %d bytes", ErrShort, b.size))
		case err == io.EOF:
			b.done = true
			return n, io.EOF
		case err != nil:
			return b.fail(fmt.Errorf("read body: %w", err))
		}
		if err := b.ctx.Err(); err != nil {
			return b.fail(err)
		}
	}
	return b.fail(fmt.Errorf("read body: %w", io.ErrNoProgress))
}

func (b *BodyReader) fail(err error) (int, error) {
	b.err = err
	return 0, err
}
