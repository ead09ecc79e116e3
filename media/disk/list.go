package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/fieldreel/fieldreel/media"
)

// Delete implements [media.Store]. Folders that become empty go, too.
func (s *Store) Delete(ctx context.Context, key media.Key) error {
	if err := key.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.remove(key); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// remove is durable, too: what was erased must not come back after a power cut.
func (s *Store) remove(key media.Key) error {
	err := s.root.Remove(objectPath(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	dir := dirOf(key)
	for dir != objectsDir && s.root.Remove(dir) == nil { // It fails while the folder is not empty.
		dir = path.Dir(dir)
	}
	err = s.syncDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // Another Delete took the folder, and syncs the one above it.
	}
	return err
}

// DeletePrefix implements [media.Store].
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if err := media.CheckDeletePrefix(prefix); err != nil {
		return err
	}
	for info, err := range s.List(ctx, prefix) {
		if err != nil {
			return fmt.Errorf("delete %s: %w", prefix, err)
		}
		if err := s.remove(info.Key); err != nil {
			return fmt.Errorf("delete %s: %w", info.Key, err)
		}
	}
	return nil
}

// List implements [media.Store]. It reads one folder at a time, whole.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[media.Info, error] {
	return func(yield func(media.Info, error) bool) {
		if err := media.CheckListPrefix(prefix); err != nil {
			yield(media.Info{}, err)
			return
		}
		// Begin in the deepest folder that the prefix names completely.
		dir, base := objectsDir, ""
		if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
			base = prefix[:i+1]
			dir += "/" + base[:i]
		}
		w := walker{store: s, prefix: prefix, yield: yield}
		w.walk(ctx, dir, base)
	}
}

type walker struct {
	store  *Store
	prefix string
	yield  func(media.Info, error) bool
}

// walk gives what is in the folder dir, whose objects have keys that start with base, and says whether to go on.
func (w *walker) walk(ctx context.Context, dir, base string) bool {
	if err := ctx.Err(); err != nil {
		w.yield(media.Info{}, err)
		return false
	}
	entries, err := fs.ReadDir(w.store.root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return true // Deleted meanwhile, or never there.
	}
	if err != nil {
		w.yield(media.Info{}, fmt.Errorf("list %s: %w", base, err))
		return false
	}
	// In the order of keys a folder stands where its name with "/" would.
	name := func(e fs.DirEntry) string {
		if e.IsDir() {
			return e.Name() + "/"
		}
		return e.Name()
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(name(a), name(b)) })
	for _, e := range entries {
		full := base + name(e)
		if e.IsDir() {
			if strings.HasPrefix(full, w.prefix) || strings.HasPrefix(w.prefix, full) {
				if !w.walk(ctx, dir+"/"+e.Name(), full) {
					return false
				}
			}
			continue
		}
		key, ok := media.FromStoredName(full)
		if !ok || !strings.HasPrefix(string(key), w.prefix) || !e.Type().IsRegular() {
			continue
		}
		fi, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			w.yield(media.Info{}, fmt.Errorf("list %s: %w", full, err))
			return false
		}
		if !w.yield(infoOf(key, fi), nil) {
			return false
		}
	}
	return true
}
