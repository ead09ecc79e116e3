package upload

import (
	"crypto/sha256"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	infoName  = "info"
	stateName = "state"
	dataName  = "data"

	// Folders being built or removed; never the name of an upload, and cleared when the spool is opened.
	tempPrefix = ".new-"
	gonePrefix = ".gone-"
)

// facts are what was said at creation, kept in the info file.
type facts struct {
	ID       string            `json:"id"`
	Owner    string            `json:"owner"`
	Metadata map[string]string `json:"metadata"`
	SHA256   string            `json:"sha256,omitempty"`
	// Length in bytes, or -1 when it was to be declared later.
	Length  int64     `json:"length"`
	Created time.Time `json:"created"`
}

// spool is the folder of folders. It keeps nothing in memory, so a process that dies leaves nothing to mend but what
// lies on the disk.
type spool struct {
	dir  string
	disk disk
}

// disk holds the two calls whose order and failure decide what may be acknowledged, so that tests can make them fail
// and replay power cuts.
type disk struct {
	writeAt func(f *os.File, p []byte, at int64) (int, error)
	sync    func(f *os.File) error
}

// openSpool makes the folder if need be and clears what a crash left half built or half removed.
func openSpool(dir string) (*spool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("spool folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool folder: %w", err)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("spool folder: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) || strings.HasPrefix(e.Name(), gonePrefix) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("clear spool: %w", err)
			}
		}
	}
	return &spool{dir, disk{(*os.File).WriteAt, syncData}}, nil
}

// validID says whether id can name an upload. Nothing else ever reaches the file system.
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func (s *spool) path(id string, name ...string) string {
	return filepath.Join(append([]string{s.dir, id}, name...)...)
}

// create makes the folder of an upload, whole and durable when it returns; a folder that is there already stays as it is.
func (s *spool) create(f facts) (err error) {
	temp, err := os.MkdirTemp(s.dir, tempPrefix)
	if err != nil {
		return fmt.Errorf("create upload: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	info, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("create upload: %w", err)
	}
	first, err := (state{length: f.Length}).encode()
	if err != nil {
		return err
	}
	// The second slot's page is written too: later slot writes then need no new blocks, so an offset can still be
	// recorded on a disk that has become full.
	slots := make([]byte, stateSize)
	copy(slots, first[:])
	for name, content := range map[string][]byte{infoName: info, stateName: slots, dataName: nil} {
		if err := writeSynced(filepath.Join(temp, name), content); err != nil {
			return fmt.Errorf("create upload: %w", err)
		}
	}
	if err := syncDir(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, s.path(f.ID)); err != nil {
		// A second creation of the same upload was faster; its folder is as good.
		if _, statErr := os.Stat(s.path(f.ID, infoName)); statErr == nil {
			return os.RemoveAll(temp)
		}
		return fmt.Errorf("create upload: %w", err)
	}
	return syncDir(s.dir)
}

// remove deletes an upload's folder; a folder that is not there is no error.
func (s *spool) remove(id string) error {
	gone, err := os.MkdirTemp(s.dir, gonePrefix)
	if err != nil {
		return fmt.Errorf("remove upload: %w", err)
	}
	if err := os.Rename(s.path(id), filepath.Join(gone, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("remove upload: %w", err), os.RemoveAll(gone))
	}
	if err := syncDir(s.dir); err != nil {
		return err
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("remove upload: %w", err)
	}
	return nil
}

// ids lists the uploads that have a folder.
func (s *spool) ids() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list spool: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && validID(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// snapshot is what the spool holds on an upload at one moment.
type snapshot struct {
	facts facts
	state state
	// touched is when the state was last written.
	touched time.Time
	// mended is set when no record could be believed and the upload starts again.
	mended bool
}

// load reads an upload without changing anything. It returns ErrNotFound where there is no folder.
func (s *spool) load(id string) (snapshot, error) {
	if !validID(id) {
		return snapshot{}, ErrNotFound
	}
	var snap snapshot
	info, err := os.ReadFile(s.path(id, infoName))
	if errors.Is(err, fs.ErrNotExist) {
		return snap, ErrNotFound
	}
	if err != nil {
		return snap, fmt.Errorf("read upload: %w", err)
	}
	if err := json.Unmarshal(info, &snap.facts); err != nil {
		return snap, fmt.Errorf("read upload %s: info: %w", id, err)
	}
	data, err := os.Stat(s.path(id, dataName))
	if err != nil {
		return snap, fmt.Errorf("read upload: %w", notFoundIfGone(err))
	}
	slots, err := os.Open(s.path(id, stateName))
	if err != nil {
		return snap, fmt.Errorf("read upload: %w", notFoundIfGone(err))
	}
	defer func() { _ = slots.Close() }() // Only read from.
	if st, err := slots.Stat(); err == nil {
		snap.touched = st.ModTime()
	}
	buf := make([]byte, stateSize)
	n, err := io.ReadFull(slots, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return snap, fmt.Errorf("read upload: %w", err)
	}
	snap.state, err = decodeState(buf[:n], data.Size())
	if err != nil {
		snap.state, snap.mended = state{length: snap.facts.Length}, true
	}
	return snap, nil
}

// notFoundIfGone turns the sight of a folder that is being removed into ErrNotFound.
func notFoundIfGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// session is an upload opened for change. The holder has the upload's lock.
type session struct {
	snapshot
	disk        disk
	data, slots *os.File
}

// open opens an upload for change and cuts off bytes that were never acknowledged.
func (s *spool) open(id string) (_ *session, err error) {
	snap, err := s.load(id)
	if err != nil {
		return nil, err
	}
	w := &session{snapshot: snap, disk: s.disk}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.data, err = os.OpenFile(s.path(id, dataName), os.O_RDWR, 0); err != nil {
		return nil, fmt.Errorf("open upload: %w", notFoundIfGone(err))
	}
	if w.slots, err = os.OpenFile(s.path(id, stateName), os.O_RDWR, 0); err != nil {
		return nil, fmt.Errorf("open upload: %w", notFoundIfGone(err))
	}
	st, err := w.data.Stat()
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	if st.Size() > w.state.offset {
		if err := w.data.Truncate(w.state.offset); err != nil {
			return nil, fmt.Errorf("open upload: %w", err)
		}
	}
	return w, nil
}

func (w *session) close() {
	// Everything acknowledged was synced before; a failing close has nothing left to lose.
	if w.data != nil {
		_ = w.data.Close()
	}
	if w.slots != nil {
		_ = w.slots.Close()
	}
}

// save makes next the durable state. The data it speaks of must have been synced.
func (w *session) save(next state) error {
	next.sequence = w.state.sequence + 1
	b, err := next.encode()
	if err != nil {
		return err
	}
	at := int64(next.sequence%2) * slotStride
	if _, err = w.disk.writeAt(w.slots, b[:], at); err == nil {
		err = w.disk.sync(w.slots)
	}
	if err != nil {
		// The record may be in the page cache only. Blank it, so that nobody in this process takes it for durable.
		_, _ = w.disk.writeAt(w.slots, make([]byte, slotSize), at)
		return fmt.Errorf("record offset: %w", err)
	}
	w.state = next
	return nil
}

// rewind takes the upload back to an earlier state and drops the bytes behind it. Both slots are written: the other one
// would otherwise speak of bytes that are about to be replaced.
func (w *session) rewind(to state) error {
	for range 2 {
		if err := w.save(to); err != nil {
			return err
		}
	}
	if err := w.data.Truncate(to.offset); err != nil {
		return fmt.Errorf("drop bytes: %w", err)
	}
	return nil
}

// hasher gives the running SHA-256 of the recorded bytes. A hash state that this build of Go cannot read (it is not
// promised to stay the same for ever) is made again from the bytes.
func (w *session) hasher() (hash.Hash, error) {
	h := sha256.New()
	if w.state.offset == 0 {
		return h, nil
	}
	if len(w.state.hash) > 0 && h.(encoding.BinaryUnmarshaler).UnmarshalBinary(w.state.hash) == nil {
		return h, nil
	}
	h = sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(w.data, 0, w.state.offset)); err != nil {
		return nil, fmt.Errorf("hash upload: %w", err)
	}
	return h, nil
}

// head gives the first bytes, at most sniffLen.
func (w *session) head(available int64) ([]byte, error) {
	b := make([]byte, min(available, sniffLen))
	if _, err := io.ReadFull(io.NewSectionReader(w.data, 0, int64(len(b))), b); err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	return b, nil
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer func() { _ = d.Close() }() // Only synced.
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
