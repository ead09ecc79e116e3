package disk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// FreeBytes implements [media.FreeSpacer]: what a process without special rights may still write.
func (s *Store) FreeBytes(context.Context) (int64, error) {
	d, err := s.root.Open(".")
	if err != nil {
		return 0, fmt.Errorf("free space: %w", err)
	}
	var st unix.Statfs_t
	err = errors.Join(unix.Fstatfs(int(d.Fd()), &st), d.Close())
	if err != nil {
		return 0, fmt.Errorf("free space: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// Check implements [media.Checker]: it writes, syncs and removes a temporary file, and looks for the folder of objects.
func (s *Store) Check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.root.Stat(objectsDir); err != nil {
		return fmt.Errorf("check media folder: %w", err)
	}
	tmp := newTmpName(time.Now())
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("check media folder: %w", noSpace(err))
	}
	_, err = f.WriteString("probe")
	if err == nil {
		err = s.sync(f)
	}
	if err = errors.Join(err, f.Close(), s.root.Remove(tmp)); err != nil {
		return fmt.Errorf("check media folder: %w", noSpace(err))
	}
	return nil
}

// linkOpenFile gives the open file f a further name, below the root. It goes by the descriptor and not by the path that
// was opened, so that what is stored is what was looked at. It fails where f is on another file system, or where the
// system has no /proc/self/fd or no links; then the caller copies.
func (s *Store) linkOpenFile(f *os.File, name string) (err error) {
	dir, err := s.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	src := "/proc/self/fd/" + strconv.Itoa(int(f.Fd()))
	return unix.Linkat(unix.AT_FDCWD, src, int(dir.Fd()), path.Base(name), unix.AT_SYMLINK_FOLLOW)
}
