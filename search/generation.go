package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	bolterrors "go.etcd.io/bbolt/errors"
)

// What a generation keeps beside the documents, written in the same batch.
var (
	keySeq       = []byte("seq")       // The caller's position in its change feed.
	keyDocuments = []byte("documents") // The number of live documents, checked when the index is opened.
	keyComplete  = []byte("complete")  // Set when a rebuild was finished.
)

// generation is one Bleve index: the one that is searched, or the one that a rebuild is making.
type generation struct {
	dir   string
	bleve *scorch.Scorch
	queue *index.AnalysisQueue

	// building is held while a new view is made, and guards closed; mu is held while the view is exchanged.
	building   sync.Mutex
	closed     bool
	mu         sync.RWMutex
	view       *view
	refreshing atomic.Bool
	// open counts views that are not closed yet, and refreshes under way.
	open sync.WaitGroup
}

// openGeneration opens or makes the index in dir. Damage is errTorn or another error of Bleve, never a panic.
func openGeneration(dir string) (g *generation, err error) {
	defer func() {
		if r := recover(); r != nil {
			// Bleve trusts the offsets in its files. What is left open here is closed with the process; the folder will
			// be replaced by one of another name.
			g, err = nil, fmt.Errorf("%w: %v", errTorn, r)
		}
	}()
	g = &generation{dir: dir, queue: index.NewAnalysisQueue(1)}
	opened, err := scorch.NewScorch(scorch.Name, map[string]any{"path": dir, "bolt_timeout": "1s"}, g.queue)
	if err != nil {
		g.queue.Close()
		return nil, fmt.Errorf("search: configure bleve: %w", err)
	}
	g.bleve = opened.(*scorch.Scorch)
	if err := g.bleve.Open(); err != nil {
		g.queue.Close()
		if errors.Is(err, bolterrors.ErrTimeout) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("search: open %s: %w", dir, err)
	}
	if err := g.refresh(); err != nil {
		return nil, errors.Join(err, g.abandon())
	}
	if err := g.verify(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// verify checks that the files are what was written and belong together.
func (g *generation) verify() error {
	v := g.acquire()
	defer v.release()
	if n, ok, err := g.number(v, keyDocuments); err != nil {
		return err
	} else if ok && n != uint64(v.documents) {
		return fmt.Errorf("%w: %d documents, not %d", errTorn, v.documents, n)
	} else if !ok && v.documents > 0 {
		return fmt.Errorf("%w: %d documents of unknown number", errTorn, v.documents)
	}
	for i := range v.parts {
		if file, ok := v.parts[i].segment.(segment.PersistedSegment); ok {
			if err := verifyFile(file.Path()); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyFile checks a segment's checksum: its last four bytes are the CRC-32 of all before. Bleve writes but never reads
// it. It costs 0.1 s for 100 MB in the page cache.
func verifyFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("search: open segment: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("search: size of segment: %w", err)
	}
	if info.Size() < 4 {
		return fmt.Errorf("%w: segment %s is cut off", errTorn, path)
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyBuffer(sum, io.LimitReader(f, info.Size()-4), make([]byte, 1<<20)); err != nil {
		return fmt.Errorf("search: read segment: %w", err)
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return fmt.Errorf("search: read segment: %w", err)
	}
	if binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return fmt.Errorf("%w: checksum of segment %s", errTorn, path)
	}
	return nil
}

// acquire returns the newest view. Bleve merges segments in the background; a view of the segments before answers as well,
// so the new one is made aside rather than by the search that noticed.
func (g *generation) acquire() *view {
	g.mu.RLock()
	v := g.view
	v.retain()
	g.mu.RUnlock()
	if g.stale(v) && g.refreshing.CompareAndSwap(false, true) {
		g.open.Add(1)
		go func() {
			defer g.open.Done()
			defer g.refreshing.Store(false)
			// An error leaves the view as it is; a write would meet and report it.
			_ = g.refresh()
		}()
	}
	return v
}

func (g *generation) snapshot() (*scorch.IndexSnapshot, error) {
	reader, err := g.bleve.Reader()
	if err != nil {
		return nil, fmt.Errorf("search: read index: %w", err)
	}
	s, ok := reader.(*scorch.IndexSnapshot)
	if !ok || s == nil {
		return nil, ErrClosed
	}
	return s, nil
}

func (g *generation) stale(v *view) bool {
	s, err := g.snapshot()
	if err != nil {
		return false
	}
	defer func() { _ = s.Close() }()
	return s != v.snapshot
}

// refresh makes a view of what Bleve has now.
func (g *generation) refresh() error {
	g.building.Lock()
	defer g.building.Unlock()
	if g.closed {
		return ErrClosed
	}
	s, err := g.snapshot()
	if err != nil {
		return err
	}
	if g.view != nil && g.view.snapshot == s {
		return s.Close()
	}
	v, err := newView(s, g.view, &g.open)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	g.mu.Lock()
	old := g.view
	g.view = v
	g.mu.Unlock()
	if old != nil {
		old.release()
	}
	return nil
}

// apply writes one batch: prepared videos by id, nil for one to delete. The caller holds the lock of writers.
func (g *generation) apply(docs map[string]*prepared, set map[string][]byte) error {
	v := g.acquire()
	defer v.release()
	batch := index.NewBatch()
	documents := v.documents
	for id, p := range docs {
		row, old, ok, err := v.find(id)
		if err != nil {
			return err
		}
		if ok {
			if p != nil && p.version < row.version {
				continue
			}
			for _, documentID := range old {
				batch.Delete(documentID)
			}
			documents -= len(old)
		}
		if p != nil {
			for _, d := range p.documents {
				batch.Update(d)
			}
			documents += len(p.documents)
		}
	}
	for key, value := range set {
		batch.SetInternal([]byte(key), value)
	}
	if len(batch.IndexOps)+len(batch.InternalOps) == 0 {
		return nil
	}
	batch.SetInternal(keyDocuments, strconv.AppendUint(nil, uint64(documents), 10))
	if err := g.bleve.Batch(batch); err != nil {
		return fmt.Errorf("search: write batch: %w", err)
	}
	return g.refresh()
}

// number reads a number kept beside the documents.
func (g *generation) number(v *view, key []byte) (uint64, bool, error) {
	raw, err := v.snapshot.GetInternal(key)
	if err != nil {
		return 0, false, fmt.Errorf("search: read %s: %w", key, err)
	}
	if raw == nil {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("%w: %s is %q", errTorn, key, raw)
	}
	return n, true, nil
}

// close waits for the views in use and closes the index.
func (g *generation) close() error {
	g.building.Lock()
	g.closed = true // A refresh under way in the background would make a view that nobody gives back.
	g.building.Unlock()
	g.view.release()
	g.open.Wait()
	return g.abandon()
}

// abandon closes an index that has no view.
func (g *generation) abandon() error {
	err := g.bleve.Close()
	g.queue.Close()
	if err != nil {
		return fmt.Errorf("search: close index: %w", err)
	}
	return nil
}
