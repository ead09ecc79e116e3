// Package disk keeps media objects in a local folder: the embedded default of [media.Store].
//
// In the folder, `objects` holds the bytes, named by [media.Key.StoredName] (objects/v/<video id>/poster.jpg!), and `tmp`
// what is being written.
//
// An object is written to tmp, fsynced, renamed, and the folders above it are fsynced; only then is it acknowledged. It
// is never written in place, so that a reader keeps what it opened, and a copy may share blocks with its source.
//
// Every name is resolved through [os.Root], so that not even a link planted in the folder leads out of it.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fieldreel/fieldreel/media"
)

const (
	objectsDir = "objects"
	tmpDir     = "tmp"

	// A temporary file this old belongs to nobody: no write stays without progress for so long.
	staleAfter = time.Hour

	copyBuffer = 256 << 10
)

// Store is a [media.Store] in a local folder. It is also a [media.LocalFiler], [media.FreeSpacer] and [media.Checker].
// Any number of goroutines and processes may use one folder.
type Store struct {
	root *os.Root
	sync func(*os.File) error // (*os.File).Sync, but for tests of the order of things.
}

var (
	_ media.Store      = (*Store)(nil)
	_ media.LocalFiler = (*Store)(nil)
	_ media.FreeSpacer = (*Store)(nil)
	_ media.Checker    = (*Store)(nil)
)

// Open opens the store in dir, makes the folder if it is absent, and removes what writers that died more than an hour
// ago left in it. The caller closes the store.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open media folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open media folder: %w", err)
	}
	s := &Store{root: root, sync: (*os.File).Sync}
	if err := s.prepare(time.Now()); err != nil {
		return nil, errors.Join(fmt.Errorf("open media folder: %w", err), root.Close())
	}
	return s, nil
}

func (s *Store) prepare(now time.Time) error {
	for _, d := range []string{objectsDir, tmpDir} {
		if err := s.root.Mkdir(d, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := s.syncDir("."); err != nil {
		return err
	}
	return s.sweep(now)
}

// Close releases the folder. Objects and bodies that are open stay readable.
func (s *Store) Close() error { return s.root.Close() }

// sweep removes temporary files whose writers are gone. Both the time in the name and that of the last write must be
// old: a shared block file has the times of its source, and a slow copy an old name.
func (s *Store) sweep(now time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	limit := now.Add(-staleAfter)
	for _, e := range entries {
		stamp, _, ours := strings.Cut(e.Name(), "-")
		made, err := strconv.ParseInt(stamp, 36, 64)
		if !ours || err != nil || time.Unix(made, 0).After(limit) {
			continue
		}
		fi, err := e.Info()
		if err != nil || !fi.Mode().IsRegular() || fi.ModTime().After(limit) {
			continue // Gone meanwhile, none of ours, or still growing.
		}
		if err := s.root.Remove(tmpDir + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func newTmpName(now time.Time) string {
	return tmpDir + "/" + strconv.FormatInt(now.Unix(), 36) + "-" + rand.Text()
}

// objectPath is where the object is below the root, dirOf the folder it is in.
func objectPath(key media.Key) string { return objectsDir + "/" + key.StoredName() }

func dirOf(key media.Key) string { return path.Dir(objectPath(key)) }

// Put implements [media.Store].
func (s *Store) Put(ctx context.Context, key media.Key, r io.Reader, size int64, _ media.PutOptions) (media.Info, error) {
	if err := media.CheckPut(ctx, key, size); err != nil {
		return media.Info{}, err
	}
	if err := s.checkSpace(ctx, size); err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, err)
	}
	info, err := s.write(ctx, key, media.NewBodyReader(ctx, r, size))
	if err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, noSpace(err))
	}
	return info, nil
}

// PutFile implements [media.Store]. On the same file system it takes no space and no time; elsewhere it copies.
func (s *Store) PutFile(ctx context.Context, key media.Key, source string, _ media.PutOptions) (_ media.Info, err error) {
	if err := media.CheckPut(ctx, key, -1); err != nil {
		return media.Info{}, err
	}
	src, fi, err := media.OpenSource(source)
	if err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()

	tmp := newTmpName(time.Now())
	if linkErr := s.linkOpenFile(src, tmp); linkErr == nil {
		info, err := s.commit(ctx, key, tmp, src)
		if err != nil {
			return media.Info{}, fmt.Errorf("put %s: %w", key, noSpace(err))
		}
		return info, nil
	}
	if err := s.checkSpace(ctx, fi.Size()); err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, err)
	}
	info, err := s.write(ctx, key, media.NewBodyReader(ctx, src, fi.Size()))
	if err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, noSpace(err))
	}
	return info, nil
}

// Copy implements [media.Store]. The copy shares blocks with its source, which nobody ever writes again.
func (s *Store) Copy(ctx context.Context, src, dst media.Key) (_ media.Info, err error) {
	if err := errors.Join(src.Validate(), dst.Validate()); err != nil {
		return media.Info{}, err
	}
	f, info, err := s.open(ctx, src)
	if err != nil {
		return media.Info{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if src == dst {
		return info, nil
	}
	tmp := newTmpName(time.Now())
	if linkErr := s.linkOpenFile(f, tmp); linkErr != nil {
		// No links on this file system, or too many to this file.
		info, err = s.write(ctx, dst, media.NewBodyReader(ctx, f, info.Size))
	} else {
		info, err = s.commit(ctx, dst, tmp, f)
	}
	if err != nil {
		return media.Info{}, fmt.Errorf("copy %s to %s: %w", src, dst, noSpace(err))
	}
	return info, nil
}

// write stores a body under key.
func (s *Store) write(ctx context.Context, key media.Key, body *media.BodyReader) (_ media.Info, err error) {
	tmp := newTmpName(time.Now())
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return media.Info{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, body, make([]byte, copyBuffer)); err != nil {
		return media.Info{}, errors.Join(err, s.root.Remove(tmp))
	}
	return s.commit(ctx, key, tmp, f)
}

// commit makes the temporary file tmp, open as f, the object under key, durably. tmp is gone afterwards in any case.
func (s *Store) commit(ctx context.Context, key media.Key, tmp string, f *os.File) (_ media.Info, err error) {
	defer func() {
		// A rename over another name of the same file does nothing, so tmp may be there after success, too.
		if rmErr := s.root.Remove(tmp); rmErr != nil && !errors.Is(rmErr, fs.ErrNotExist) {
			err = errors.Join(err, rmErr)
		}
	}()
	if err := s.sync(f); err != nil {
		return media.Info{}, err
	}
	fi, err := f.Stat()
	if err != nil {
		return media.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return media.Info{}, err
	}
	if err := s.place(key, tmp); err != nil {
		return media.Info{}, err
	}
	return infoOf(key, fi), nil
}

// place renames tmp to the object under key and makes that durable. A Delete beside it may remove a folder as long as
// that is empty, so it is tried again while folders vanish; that must end some time.
func (s *Store) place(key media.Key, tmp string) (err error) {
	dir := dirOf(key)
	for range 100 {
		if err = s.root.MkdirAll(dir, 0o700); err == nil {
			err = s.root.Rename(tmp, objectPath(key))
		}
		if err == nil {
			// A folder that is gone after the rename was not empty before: the object was stored, and then deleted by
			// somebody, who sees to it that this lasts.
			if err = s.syncUp(dir); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
			return err
		}
		// ErrExist: MkdirAll found a folder that was gone when it looked what it was.
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return err
}

// syncUp makes a folder and those above it durable. All of them, and each time: another Put may have made one of them a
// moment ago and not be so far yet.
func (s *Store) syncUp(dir string) error {
	for {
		if err := s.syncDir(dir); err != nil {
			return err
		}
		if dir == objectsDir {
			return nil
		}
		dir = path.Dir(dir)
	}
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(s.sync(d), d.Close())
}

// checkSpace refuses a body that cannot fit, before the disk is filled with a part of it.
func (s *Store) checkSpace(ctx context.Context, size int64) error {
	if size <= 0 {
		return nil
	}
	free, err := s.FreeBytes(ctx)
	if err != nil {
		return err
	}
	if size > free {
		return fmt.Errorf("%w: %d bytes needed, %d free", media.ErrNoSpace, size, free)
	}
	return nil
}

// noSpace adds [media.ErrNoSpace] to the system's words for it: disk full, quota used up, file too large for the file
// system.
func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", media.ErrNoSpace, err)
	}
	return err
}
