package search

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// part is one segment as one view sees it.
type part struct {
	id      uint64
	segment segment.Segment
	table   *table
	// deleted are the documents that are no longer there, nil for none; live says the same by video (nil: all).
	deleted *roaring.Bitmap
	live    []bool
	// base is the number of documents in the parts before this one.
	base  int
	docs  int
	terms uint64
	count int // live videos
}

// view is one state of the index, ready to be searched: Bleve's snapshot with the passage tables of its segments. It is
// reference counted, since Bleve unmaps a segment's file when the last snapshot with it is closed.
type view struct {
	snapshot *scorch.IndexSnapshot
	parts    []part
	// documents and terms count what is live; capacity counts deleted documents as well.
	documents int
	terms     uint64
	videos    int
	capacity  int

	refs atomic.Int64
	open *sync.WaitGroup
}

// newView takes over a snapshot. Tables of segments known from the view before are used again, and so is the work on
// their deletions if those did not change.
func newView(snapshot *scorch.IndexSnapshot, before *view, open *sync.WaitGroup) (*view, error) {
	known := make(map[uint64]part)
	if before != nil {
		for _, p := range before.parts {
			known[p.id] = p
		}
	}
	v := &view{snapshot: snapshot, open: open}
	for _, s := range snapshot.Segments() {
		p, err := newPart(s, known)
		if err != nil {
			return nil, err
		}
		p.base = v.capacity
		v.capacity += len(p.table.document)
		v.documents += p.docs
		v.terms += p.terms
		v.videos += p.count
		v.parts = append(v.parts, p)
	}
	v.refs.Store(1)
	open.Add(1)
	return v, nil
}

func newPart(s *scorch.SegmentSnapshot, known map[uint64]part) (part, error) {
	p, ok := known[s.Id()]
	if !ok || len(p.table.document) != int(s.FullSize()) {
		t, err := newTable(s.Segment())
		if err != nil {
			return part{}, fmt.Errorf("segment %d: %w", s.Id(), err)
		}
		p, ok = part{id: s.Id(), table: t}, false
	}
	p.segment = s.Segment()
	deleted := s.Deleted()
	if deleted != nil && deleted.IsEmpty() {
		deleted = nil
	}
	if ok && cardinality(deleted) == cardinality(p.deleted) {
		p.deleted = deleted // Deletions are only ever added.
		return p, nil
	}
	p.deleted, p.live = deleted, nil
	p.docs, p.terms, p.count = len(p.table.document), 0, len(p.table.videos)
	if deleted != nil {
		p.docs -= int(deleted.GetCardinality())
		p.live = make([]bool, len(p.table.videos))
	}
	for i, row := range p.table.videos {
		if deleted != nil {
			if deleted.Contains(p.table.document[row.first]) {
				p.count--
				continue
			}
			p.live[i] = true
		}
		p.terms += row.terms
	}
	return p, nil
}

func cardinality(b *roaring.Bitmap) uint64 {
	if b == nil {
		return 0
	}
	return b.GetCardinality()
}

// averageLength is BM25's average document length.
func (v *view) averageLength() float64 {
	if v.documents == 0 {
		return 0
	}
	return float64(v.terms) / float64(v.documents)
}

// all yields every live video.
func (v *view) all() iter.Seq2[*part, int] {
	return func(yield func(*part, int) bool) {
		for i := range v.parts {
			p := &v.parts[i]
			for n := range p.table.videos {
				if (p.live == nil || p.live[n]) && !yield(p, n) {
					return
				}
			}
		}
	}
}

// find returns the live row of a video and the ids of its documents; ok is false where there is none.
func (v *view) find(id string) (found videoRow, documents []string, ok bool, err error) {
	for i := range v.parts {
		p := &v.parts[i]
		n, has := slices.BinarySearchFunc(p.table.videos, id, func(row videoRow, id string) int {
			return cmp.Compare(row.id, id)
		})
		if !has || p.live != nil && !p.live[n] {
			continue
		}
		found = p.table.videos[n]
		for position := found.first; position < found.end; position++ {
			raw, err := p.segment.DocID(uint64(p.table.document[position]))
			if err != nil {
				return videoRow{}, nil, false, fmt.Errorf("read id: %w", err)
			}
			documents = append(documents, string(raw))
		}
		return found, documents, true, nil
	}
	return videoRow{}, nil, false, nil
}

func (v *view) retain() { v.refs.Add(1) }

// release gives a reference back; the last one closes the snapshot.
func (v *view) release() {
	if v.refs.Add(-1) == 0 {
		// A snapshot only counts references: an error here is one of unmapping a file that is no longer needed.
		_ = v.snapshot.Close()
		v.open.Done()
	}
}
