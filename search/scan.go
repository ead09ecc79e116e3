package search

import (
	"context"
	"fmt"
	"math/bits"
	"sync"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// The fields of the index. Passages have only "text" and what is stored; everything else is on a video's header.
const (
	fieldText     = "text"
	fieldAudience = "audience"
	fieldAuthor   = "author"
	fieldTactic   = "tactic"
	fieldStored   = "stored"
)

// How the scores of passages become those of moments and videos; see the package's documentation.
const (
	neighbourWeight = 0.25
	secondWeight    = 0.25
	thirdWeight     = 0.1
)

// scan is one pass of a query over a view. Everything in it is by part and position, and taken from a pool.
type scan struct {
	view *view
	// dicts are the dictionaries opened so far, by field and part; they are not safe for use by two queries.
	dicts map[string][]segment.TermDictionary
	list  segment.PostingsList
	iter  segment.PostingsIterator
	// scores has the BM25 score of each document, by base + position, for videos that may be seen.
	scores []float32
	// eligible has the videos that may be seen and pass the filters, and facets which given facets they have (a bit
	// each), by part and video.
	eligible [][]bool
	facets   [][]uint8
	// matches are the videos with a text score.
	matches []match
}

// match is a video of a part and its text score.
type match struct {
	part  int
	video int
	score float64
}

// scanPool keeps the arrays of finished scans. They are large, and new ones for each query would be most of its cost.
type scanPool struct{ pool sync.Pool }

func (sp *scanPool) get(v *view) *scan {
	s, ok := sp.pool.Get().(*scan)
	if !ok {
		s = &scan{}
	}
	s.view = v
	s.dicts = make(map[string][]segment.TermDictionary)
	s.scores = zeroed(s.scores, v.capacity)
	s.eligible = resized(s.eligible, len(v.parts))
	s.facets = resized(s.facets, len(v.parts))
	for i := range v.parts {
		videos := len(v.parts[i].table.videos)
		s.eligible[i] = zeroed(s.eligible[i], videos)
		s.facets[i] = zeroed(s.facets[i], videos)
	}
	return s
}

// put gives a scan back. Nothing of the view may stay in it: its memory is unmapped when the view is released.
func (sp *scanPool) put(s *scan) {
	s.view, s.dicts, s.list, s.iter = nil, nil, nil, nil
	sp.pool.Put(s)
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return append(s[:cap(s)], make([]T, n-cap(s))...)
	}
	return s[:n]
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	s = s[:n]
	clear(s)
	return s
}

// postings returns the postings of a term in a part. They are valid until the next call.
func (s *scan) postings(field, text string, part int) (segment.PostingsList, error) {
	dicts := s.dicts[field]
	if dicts == nil {
		dicts = make([]segment.TermDictionary, len(s.view.parts))
		s.dicts[field] = dicts
	}
	if dicts[part] == nil {
		dict, err := s.view.parts[part].segment.Dictionary(field)
		if err != nil {
			return nil, fmt.Errorf("open dictionary of %s: %w", field, err)
		}
		dicts[part] = dict
	}
	return dicts[part].PostingsList([]byte(text), nil, nil)
}

// frequency returns the number of live documents that have a word.
func (s *scan) frequency(text string) (int, error) {
	n := 0
	for i := range s.view.parts {
		p := &s.view.parts[i]
		list, err := s.postings(fieldText, text, i)
		if err != nil {
			return 0, err
		}
		if p.deleted == nil {
			n += int(list.Count())
			continue
		}
		if list, err = s.dicts[fieldText][i].PostingsList([]byte(text), p.deleted, nil); err != nil {
			return 0, err
		}
		n += int(list.Count())
	}
	return n, nil
}

// headers calls found with each live video of a part whose header has the label.
func (s *scan) headers(field, label string, part int, found func(video uint32)) error {
	list, err := s.postings(field, label, part)
	if err != nil {
		return err
	}
	p := &s.view.parts[part]
	s.iter = list.Iterator(false, false, false, s.iter)
	for {
		posting, err := s.iter.Next()
		if err != nil {
			return fmt.Errorf("read postings of %s: %w", field, err)
		}
		if posting == nil {
			return nil
		}
		video := p.table.video[p.table.position[posting.Number()]]
		if p.live == nil || p.live[video] {
			found(video)
		}
	}
}

// admit works out which videos may be seen: those with one of the audience's keys and, for each filter, one of its
// labels.
func (s *scan) admit(ctx context.Context, audience []string, filters []filter) error {
	for i := range s.view.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		eligible := s.eligible[i]
		for _, key := range audience {
			if err := s.headers(fieldAudience, key, i, func(video uint32) { eligible[video] = true }); err != nil {
				return err
			}
		}
		for _, f := range filters {
			has := make([]bool, len(eligible))
			for _, label := range f.labels {
				if err := s.headers(f.field, label, i, func(video uint32) { has[video] = true }); err != nil {
					return err
				}
			}
			for v := range eligible {
				eligible[v] = eligible[v] && has[v]
			}
		}
	}
	return nil
}

// filter asks for one of some labels.
type filter struct {
	field  string
	labels []string
}

// compare notes which of the given facets each video has.
func (s *scan) compare(situation [facetCount][]string) error {
	for i := range s.view.parts {
		facets := s.facets[i]
		for f, labels := range situation {
			for _, label := range labels {
				if err := s.headers(string(facetKinds[f]), label, i, func(video uint32) { facets[video] |= 1 << f }); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// score adds up BM25 over the postings of each term, for the videos that were admitted.
func (s *scan) score(ctx context.Context, terms []term) error {
	a, b := lengthFactors(s.view.averageLength())
	for i := range s.view.parts {
		p := &s.view.parts[i]
		scores, eligible := s.scores[p.base:], s.eligible[i]
		for _, t := range terms {
			if err := ctx.Err(); err != nil {
				return err
			}
			list, err := s.postings(fieldText, t.text, i)
			if err != nil {
				return err
			}
			s.iter = list.Iterator(true, false, false, s.iter)
			for {
				posting, err := s.iter.Next()
				if err != nil {
					return fmt.Errorf("read postings: %w", err)
				}
				if posting == nil {
					break
				}
				position := p.table.position[posting.Number()]
				if !eligible[p.table.video[position]] {
					continue
				}
				tf := float32(posting.Frequency())
				scores[position] += t.weight * tf / (tf + a + b*float32(p.table.length[position]))
			}
		}
	}
	return nil
}

// moment is the smoothed score of the passage at a position: its own and a quarter of each neighbour's. It is zero for a
// passage that does not match itself.
func (s *scan) moment(p *part, v videoRow, position uint32) float64 {
	scores := s.scores[p.base:]
	score := float64(scores[position])
	if score == 0 {
		return 0
	}
	if position > v.first+1 {
		score += neighbourWeight * float64(scores[position-1])
	}
	if position+1 < v.end {
		score += neighbourWeight * float64(scores[position+1])
	}
	return score
}

// videoScore is a video's text score: its best document, and a part of the second and third.
func (s *scan) videoScore(p *part, v videoRow) float64 {
	first, second, third := float64(s.scores[p.base+int(v.first)]), 0.0, 0.0
	for position := v.first + 1; position < v.end; position++ {
		switch score := s.moment(p, v, position); {
		case score > first:
			first, second, third = score, first, second
		case score > second:
			second, third = score, second
		case score > third:
			third = score
		}
	}
	return first + secondWeight*second + thirdWeight*third
}

// facetScore is the share of the given facets, by weight, that a video has.
func facetScore(has uint8, situation [facetCount][]string) float64 {
	match, given := 0.0, 0.0
	for f, labels := range situation {
		if len(labels) == 0 {
			continue
		}
		given += facetWeights[f]
		if has&(1<<f) != 0 {
			match += facetWeights[f]
		}
	}
	if given == 0 {
		return 0
	}
	return match / given
}

// hasAll reports whether a video has every facet that was given.
func hasAll(has uint8, situation [facetCount][]string) bool {
	given := 0
	for _, labels := range situation {
		if len(labels) > 0 {
			given++
		}
	}
	return bits.OnesCount8(has) == given
}
