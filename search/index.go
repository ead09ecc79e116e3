package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// The errors of an Index, apart from ErrInvalid and those of the disk.
var (
	// ErrLocked says that another process has the index open.
	ErrLocked = errors.New("search: the index is in use by another process")
	// ErrClosed says that the index was closed.
	ErrClosed = errors.New("search: the index is closed")
	// ErrRebuilding says that a rebuild is under way already.
	ErrRebuilding = errors.New("search: the index is being rebuilt already")
)

// Options of an Index. The zero value is good.
type Options struct {
	// Synonyms are groups of expressions that mean nearly the same ("price", "cost", "budget"). Words of a group found
	// in a query add the others at a fifth of their weight. An expression of several words ("North Wind") counts when a
	// query has them all; one with a stop word in it ("too low") is ignored. They can change from one Open to the next.
	Synonyms [][]string
	// Logger, if set, is told when an index is replaced because it was damaged.
	Logger *slog.Logger
}

// Index is a search index in a folder. All methods may be called at the same time from many goroutines.
type Index struct {
	dir      string
	analyzer analysis.Analyzer
	synonyms thesaurus
	log      *slog.Logger
	lock     *folderLock
	scans    scanPool

	// mu guards which generation is searched; it is held for moments only.
	mu         sync.RWMutex
	generation *generation
	closed     bool

	// writing is held by whoever changes the index. pending, if not nil, gathers what is changed during a rebuild: the
	// last state of each video, nil for a deleted one.
	writing sync.Mutex
	pending map[string]*Video

	// rebuilds counts the running rebuild, stop ends it.
	rebuilding atomic.Bool
	rebuilds   sync.WaitGroup
	stop       context.CancelFunc
	stopped    context.Context

	incomplete atomic.Bool
}

// Open opens the index in a folder, and makes the folder where it does not exist. An index that is missing, of another
// layout or damaged is replaced by an empty one; NeedsRebuild then says so. It returns ErrLocked if another process has
// the folder open.
func Open(dir string, o Options) (*Index, error) {
	analyzer, err := newAnalyzer()
	if err != nil {
		return nil, fmt.Errorf("search: make analyser: %w", err)
	}
	ix := &Index{
		dir: filepath.Join(dir, layoutFolder()), analyzer: analyzer, synonyms: newThesaurus(analyzer, o.Synonyms), log: o.Logger,
	}
	if ix.log == nil {
		ix.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(ix.dir, 0o700); err != nil {
		return nil, fmt.Errorf("search: make folder: %w", err)
	}
	if ix.lock, err = lockFolder(dir); err != nil {
		return nil, err
	}
	g, reason, err := openCurrent(ix.dir)
	if err != nil {
		return nil, errors.Join(err, ix.lock.release())
	}
	if reason != "" {
		ix.log.Warn("search index will be rebuilt", "reason", reason)
		ix.incomplete.Store(true)
	}
	ix.generation = g
	ix.stopped, ix.stop = context.WithCancel(context.Background())
	return ix, nil
}

// Close ends a running rebuild, waits for searches and writes, then closes the index. Later calls return ErrClosed.
func (ix *Index) Close() error {
	ix.mu.Lock()
	if ix.closed {
		ix.mu.Unlock()
		return ErrClosed
	}
	ix.closed = true
	ix.mu.Unlock()
	ix.stop()
	ix.rebuilds.Wait()
	ix.writing.Lock()
	defer ix.writing.Unlock()
	return errors.Join(ix.generation.close(), ix.lock.release())
}

// NeedsRebuild reports whether the index may lack videos that the database has: it is new, or was replaced because it
// was damaged, and no Rebuild has been finished since.
func (ix *Index) NeedsRebuild() bool { return ix.incomplete.Load() }

// acquire returns the newest view; the caller releases it.
func (ix *Index) acquire() (*view, error) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if ix.closed {
		return nil, ErrClosed
	}
	return ix.generation.acquire(), nil
}

// Counts are the sizes of an index.
type Counts struct {
	Videos int
	// Passages does not include the documents of the videos themselves.
	Passages int
}

// Count returns how much is indexed.
func (ix *Index) Count() (Counts, error) {
	v, err := ix.acquire()
	if err != nil {
		return Counts{}, err
	}
	defer v.release()
	return Counts{Videos: v.videos, Passages: v.documents - v.videos}, nil
}

// Versions yields the id and version of every indexed video, of one state of the index and in no order, to compare it
// with the database.
func (ix *Index) Versions() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		v, err := ix.acquire()
		if err != nil {
			return
		}
		defer v.release()
		for p, n := range v.all() {
			if row := p.table.videos[n]; !yield(row.id, row.version) {
				return
			}
		}
	}
}

// Seq returns the position in the caller's change feed up to which the index has applied it, 0 for a new index.
func (ix *Index) Seq() (uint64, error) {
	v, err := ix.acquire()
	if err != nil {
		return 0, err
	}
	defer v.release()
	raw, err := v.snapshot.GetInternal(keySeq)
	if err != nil || raw == nil {
		return 0, err
	}
	seq, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: seq is %q", errTorn, raw)
	}
	return seq, nil
}

// SetSeq notes a position in the change feed when nothing had to be changed for it.
func (ix *Index) SetSeq(ctx context.Context, seq uint64) error {
	return ix.Apply(ctx, Change{Seq: seq})
}

// Replace indexes a video in place of the state of it that is indexed, if any. A state with a lower version than the
// indexed one is ignored. When it returns without error the change is on disk and in the results of later searches.
func (ix *Index) Replace(ctx context.Context, v Video) error {
	return ix.Apply(ctx, Change{Replace: []Video{v}})
}

// Delete removes a video; one that is not there is no error.
func (ix *Index) Delete(ctx context.Context, videoID string) error {
	return ix.Apply(ctx, Change{Delete: []string{videoID}})
}

// Change is a set of changes that are made together or not at all.
type Change struct {
	Replace []Video
	// Delete holds ids; a video that is also in Replace is replaced.
	Delete []string
	// Seq, unless 0, is the position in the caller's change feed that the index has afterwards.
	Seq uint64
}

// Apply makes a change in one atomic step. See Replace for what it promises.
func (ix *Index) Apply(ctx context.Context, c Change) error {
	docs, err := ix.prepare(c)
	if err != nil {
		return err
	}
	ix.writing.Lock()
	defer ix.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	ix.mu.RLock()
	closed, g := ix.closed, ix.generation
	ix.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	set := make(map[string][]byte)
	if c.Seq != 0 {
		set[string(keySeq)] = strconv.AppendUint(nil, c.Seq, 10)
	}
	if err := g.apply(docs, set); err != nil {
		return err
	}
	ix.remember(c)
	return nil
}

// prepared is a video, analysed. The work is done outside the lock of writers, and in a rebuild while the batch before is
// written.
type prepared struct {
	version   int64
	documents []*document.Document
}

// prepare analyses a change; a nil video is one to delete.
func (ix *Index) prepare(c Change) (map[string]*prepared, error) {
	docs := make(map[string]*prepared, len(c.Replace)+len(c.Delete))
	for _, id := range c.Delete {
		if err := checkID(id); err != nil {
			return nil, err
		}
		docs[id] = nil
	}
	for i := range c.Replace {
		v := &c.Replace[i]
		p, err := ix.prepareVideo(v)
		if err != nil {
			return nil, err
		}
		if before := docs[v.ID]; before == nil || before.version <= v.Version {
			docs[v.ID] = p
		}
	}
	return docs, nil
}

// analysed gives Bleve the terms that were found already: the length of a document is part of its id and so has to be
// known before Bleve sees it.
type analysed analysis.TokenStream

// Analyze implements analysis.Analyzer.
func (a analysed) Analyze([]byte) analysis.TokenStream { return analysis.TokenStream(a) }

// Text needs neither positions nor values by document, and labels not even frequencies; each would cost disk for nothing.
const (
	textOptions   = index.IndexField
	labelOptions  = index.IndexField | index.SkipFreqNorm
	storedOptions = index.StoreField
)

func (ix *Index) prepareVideo(v *Video) (*prepared, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	p := &prepared{version: v.Version}
	tokens := ix.analyzer.Analyze([]byte(clean(v.headerText())))
	header := document.NewDocument(headerID(v.ID, len(tokens), v.Version, v.PublishedAt.UnixMilli()))
	header.AddField(document.NewTextFieldCustom(fieldText, nil, nil, textOptions, analysed(tokens)))
	label := func(field, value string) {
		header.AddField(document.NewTextFieldCustom(field, nil, []byte(value), labelOptions, nil))
	}
	for _, key := range v.Audience {
		if key != "" {
			label(fieldAudience, key)
		}
	}
	if v.AuthorID != "" {
		label(fieldAuthor, v.AuthorID)
	}
	for _, tactic := range normalAll(v.Tactics) {
		label(fieldTactic, tactic)
	}
	for i, values := range v.Situation.values() {
		for _, value := range normalAll(values) {
			label(string(facetKinds[i]), value)
		}
	}
	if err := addStored(header, storedHeader{
		Title: clean(v.Title), Description: clean(v.Description), AuthorID: v.AuthorID, AuthorName: clean(v.AuthorName),
		Language: v.Language, Tags: v.Tags, Tactics: v.Tactics, Situation: v.Situation,
	}); err != nil {
		return nil, err
	}
	p.documents = append(p.documents, header)

	title := ix.analyzer.Analyze([]byte(clean(v.Title)))
	for i, passage := range v.Passages {
		text := clean(passage.Text)
		// The title counts as words of each passage: one joined field ranks better than two.
		tokens := append(ix.analyzer.Analyze([]byte(text)), title...)
		d := document.NewDocument(passageID(v.ID, i, len(tokens)))
		d.AddField(document.NewTextFieldCustom(fieldText, nil, nil, textOptions, analysed(tokens)))
		if err := addStored(d, storedPassage{StartMS: passage.StartMS, EndMS: passage.EndMS, Text: text}); err != nil {
			return nil, err
		}
		p.documents = append(p.documents, d)
	}
	return p, nil
}

func addStored(d *document.Document, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("search: encode document: %w", err)
	}
	d.AddField(document.NewTextFieldWithIndexingOptions(fieldStored, nil, encoded, storedOptions))
	return nil
}
