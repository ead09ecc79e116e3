package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/fieldreel/fieldreel/media"
)

// open opens an object for reading.
func (s *Store) open(ctx context.Context, key media.Key) (*os.File, media.Info, error) {
	f, fi, err := s.openFile(ctx, key)
	if err != nil {
		return nil, media.Info{}, err
	}
	return f, infoOf(key, fi), nil
}

// openFile opens the file of an object. Nothing but a regular file counts as one.
func (s *Store) openFile(ctx context.Context, key media.Key) (*os.File, fs.FileInfo, error) {
	if err := key.Validate(); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	// Not blocking, so that a pipe that somebody put into the folder hangs nobody.
	f, err := s.root.OpenFile(objectPath(key), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", key, notFound(err))
	}
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = media.ErrNotFound
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", key, err), f.Close())
	}
	return f, fi, nil
}

// Open implements [media.Store].
func (s *Store) Open(ctx context.Context, key media.Key) (media.Object, media.Info, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, media.Info{}, err // Not f: a nil *os.File in an interface is not nil.
	}
	return f, info, nil
}

// LocalFile implements [media.LocalFiler].
func (s *Store) LocalFile(ctx context.Context, key media.Key) (*os.File, error) {
	f, _, err := s.openFile(ctx, key)
	return f, err
}

// OpenRange implements [media.Store].
func (s *Store) OpenRange(ctx context.Context, key media.Key, off, length int64) (io.ReadCloser, media.Info, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, media.Info{}, err
	}
	start, n, err := media.ResolveRange(info.Size, off, length)
	if err != nil {
		return nil, info, errors.Join(fmt.Errorf("open %s: %w", key, err), f.Close())
	}
	return &body{ctx: ctx, f: f, r: io.NewSectionReader(f, start, n), left: n}, info, nil
}

// body is one range of a file.
type body struct {
	ctx  context.Context // Of the request that the body belongs to; the signature of Read has no room for it.
	f    *os.File
	r    io.Reader
	left int64
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if err == io.EOF && b.left > 0 {
		// Somebody cut the file from outside.
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *body) Close() error { return b.f.Close() }

// Stat implements [media.Store].
func (s *Store) Stat(ctx context.Context, key media.Key) (media.Info, error) {
	if err := key.Validate(); err != nil {
		return media.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return media.Info{}, err
	}
	fi, err := s.root.Lstat(objectPath(key))
	if err == nil && !fi.Mode().IsRegular() {
		err = media.ErrNotFound
	}
	if err != nil {
		return media.Info{}, fmt.Errorf("stat %s: %w", key, notFound(err))
	}
	return infoOf(key, fi), nil
}

func infoOf(key media.Key, fi fs.FileInfo) media.Info {
	return media.Info{
		Key:         key,
		Size:        fi.Size(),
		ModTime:     fi.ModTime(),
		ContentType: key.ContentType(),
		ETag:        etagOf(fi),
	}
}

// etagOf changes whenever an object is replaced: by the number of the file, the nanoseconds of its last write, its size.
func etagOf(fi fs.FileInfo) string {
	tag := strconv.FormatInt(fi.ModTime().UnixNano(), 36) + "-" + strconv.FormatInt(fi.Size(), 36)
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		tag = strconv.FormatUint(uint64(st.Ino), 36) + "-" + tag
	}
	return tag
}

// notFound turns what the system says into [media.ErrNotFound]. ENOTDIR and ENAMETOOLONG do not arise for valid keys.
func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return media.ErrNotFound
	}
	return err
}
