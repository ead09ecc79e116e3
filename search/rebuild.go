package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// layout names everything that decides what is on the disk: it changes whenever one of these does, and an index of
// another layout is left alone until a rebuild has replaced it.
const layout = "fieldreel 1; bleve 2.6 scorch zapx 17; header #length.version.published, passage ordinal.length; " +
	"text: uax29 lower fold possessive stop-en porter, title in each passage; labels: audience author tactic facets; json"

func layoutFolder() string {
	sum := sha256.Sum256([]byte(layout))
	return "layout-" + hex.EncodeToString(sum[:6])
}

// In a layout's folder, the file named by currentFile holds the name of the generation in use; other generations are
// left over from a rebuild that was broken off.
const (
	currentFile      = "current"
	generationPrefix = "g-"
)

// openCurrent opens the generation in use. reason says, if not "", why the index may be incomplete.
func openCurrent(dir string) (g *generation, reason string, err error) {
	name, err := os.ReadFile(filepath.Join(dir, currentFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		reason = "there is no index yet"
	case err != nil:
		return nil, "", fmt.Errorf("search: read current generation: %w", err)
	case !validGeneration(string(name)):
		reason = "the index is damaged: no generation is current"
	default:
		g, err = openGeneration(filepath.Join(dir, string(name)))
		if errors.Is(err, ErrLocked) {
			return nil, "", err
		}
		if err != nil {
			reason = "the index is damaged: " + err.Error()
		}
	}
	if g == nil {
		if g, err = newGeneration(dir); err != nil {
			return nil, "", err
		}
		if err := makeCurrent(dir, g); err != nil {
			return nil, "", errors.Join(err, g.close())
		}
	}
	if err := removeOthers(dir, generationPrefix, filepath.Base(g.dir)); err != nil {
		return nil, "", errors.Join(err, g.close())
	}
	if reason == "" {
		v := g.acquire()
		defer v.release()
		if _, ok, err := g.number(v, keyComplete); err != nil || !ok {
			reason = "no rebuild was finished yet"
		}
	}
	return g, reason, nil
}

func validGeneration(name string) bool {
	digits, ok := strings.CutPrefix(name, generationPrefix)
	_, err := strconv.ParseUint(digits, 10, 32)
	return ok && err == nil
}

// newGeneration makes an empty index beside those in dir.
func newGeneration(dir string) (*generation, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("search: list generations: %w", err)
	}
	last := uint64(0)
	for _, e := range entries {
		if digits, ok := strings.CutPrefix(e.Name(), generationPrefix); ok {
			if n, err := strconv.ParseUint(digits, 10, 32); err == nil {
				last = max(last, n)
			}
		}
	}
	return openGeneration(filepath.Join(dir, fmt.Sprintf("%s%06d", generationPrefix, last+1)))
}

// makeCurrent notes, in a way that survives a power cut at any moment, that a generation is the one in use.
func makeCurrent(dir string, g *generation) error {
	path := filepath.Join(dir, currentFile)
	f, err := os.CreateTemp(dir, currentFile+".*")
	if err != nil {
		return fmt.Errorf("search: note current generation: %w", err)
	}
	_, err = f.WriteString(filepath.Base(g.dir))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("search: note current generation: %w", err), os.RemoveAll(f.Name()))
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeOthers removes what has the prefix except one entry.
func removeOthers(dir, prefix, keep string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("search: list folder: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && e.Name() != keep {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("search: remove old index: %w", err)
			}
		}
	}
	return nil
}

// rebuildBatch is the number of passages written at once in a rebuild: more is hardly faster and takes memory.
const rebuildBatch = 2000

// Rebuild makes a new index of the videos that source yields, beside the one in use, and swaps them at once. Searches go
// on in the old index and never see a part of the new one. What is replaced or deleted meanwhile is in both, and later
// versions win over source's. An error from source, or the end of ctx, leaves the old index as it was.
//
// seq is the caller's position in its change feed when source began to read; it is Seq afterwards, so that the feed is
// followed from there (applying a change twice does no harm). Deleted text is gone from the disk when Rebuild returns. It
// returns ErrRebuilding if a rebuild is under way.
func (ix *Index) Rebuild(ctx context.Context, seq uint64, source iter.Seq2[Video, error]) (Counts, error) {
	if !ix.rebuilding.CompareAndSwap(false, true) {
		return Counts{}, ErrRebuilding
	}
	defer ix.rebuilding.Store(false)
	ix.mu.RLock()
	closed := ix.closed
	if !closed {
		ix.rebuilds.Add(1)
	}
	ix.mu.RUnlock()
	if closed {
		return Counts{}, ErrClosed
	}
	defer ix.rebuilds.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ix.stopped, cancel)()

	ix.writing.Lock()
	ix.pending = make(map[string]*Video)
	ix.writing.Unlock()
	defer func() {
		ix.writing.Lock()
		ix.pending = nil
		ix.writing.Unlock()
	}()

	g, err := newGeneration(ix.dir)
	if err != nil {
		return Counts{}, err
	}
	if err := ix.fill(ctx, g, source); err != nil {
		return Counts{}, errors.Join(err, g.close(), os.RemoveAll(g.dir))
	}
	old, err := ix.swap(ctx, g, seq)
	if err != nil {
		return Counts{}, errors.Join(err, g.close(), os.RemoveAll(g.dir))
	}
	ix.incomplete.Store(false)
	v := g.acquire()
	counts := Counts{Videos: v.videos, Passages: v.documents - v.videos}
	v.release()
	return counts, errors.Join(
		old.close(),
		removeOthers(ix.dir, generationPrefix, filepath.Base(g.dir)),
		removeOthers(filepath.Dir(ix.dir), "layout-", filepath.Base(ix.dir)),
	)
}

// fill indexes source into g. The next batch is analysed while one is written.
func (ix *Index) fill(ctx context.Context, g *generation, source iter.Seq2[Video, error]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan map[string]*prepared, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for batch := range batches {
			if err := g.apply(batch, nil); err != nil {
				cancel(err)
				return
			}
		}
	}()
	err := ix.batches(ctx, source, batches)
	close(batches)
	<-done
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// batches analyses source and sends it on in batches.
func (ix *Index) batches(ctx context.Context, source iter.Seq2[Video, error], out chan<- map[string]*prepared) error {
	batch, size := make(map[string]*prepared), 0
	send := func() error {
		select {
		case out <- batch:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		batch, size = make(map[string]*prepared), 0
		return nil
	}
	for v, err := range source {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("search: read videos to index: %w", err)
		}
		p, err := ix.prepareVideo(&v)
		if err != nil {
			return err
		}
		if before, ok := batch[v.ID]; ok && before.version > v.Version {
			continue
		}
		batch[v.ID] = p
		if size += len(p.documents); size >= rebuildBatch {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// swap makes the changes that came meanwhile in g as well and then searches g.
func (ix *Index) swap(ctx context.Context, g *generation, seq uint64) (*generation, error) {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var late Change
	for id, v := range ix.pending {
		if v == nil {
			late.Delete = append(late.Delete, id)
		} else {
			late.Replace = append(late.Replace, *v)
		}
	}
	docs, err := ix.prepare(late)
	if err != nil {
		return nil, err
	}
	if err := g.apply(docs, map[string][]byte{
		string(keySeq):      strconv.AppendUint(nil, seq, 10),
		string(keyComplete): []byte("1"),
	}); err != nil {
		return nil, err
	}
	if err := makeCurrent(ix.dir, g); err != nil {
		return nil, err
	}
	ix.mu.Lock()
	old := ix.generation
	ix.generation = g
	ix.mu.Unlock()
	ix.pending = nil
	return old, nil
}

// remember keeps a change for the rebuild that is under way, if one is. The caller holds the lock of writers.
func (ix *Index) remember(c Change) {
	if ix.pending == nil {
		return
	}
	for _, id := range c.Delete {
		ix.pending[id] = nil
	}
	for i := range c.Replace {
		v := c.Replace[i]
		if before := ix.pending[v.ID]; before == nil || before.Version <= v.Version || slices.Contains(c.Delete, v.ID) {
			ix.pending[v.ID] = &v
		}
	}
}
