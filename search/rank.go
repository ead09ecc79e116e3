package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The shares of words and facets in a score (priors, not fitted: there is no public data to fit them to).
const (
	textShare  = 0.7
	facetShare = 0.3
)

// candidate is a video that matches.
type candidate struct {
	part  int
	video int
	// key orders: the score of a text, the time of publication of a situation.
	key   float64
	text  float64
	facet float64
}

// Search finds the best videos for a query, each with its best moments. Its results contain every change that Replace,
// Delete or Apply had finished before the call. The errors are ErrInvalid, ErrClosed, the context's, or of the disk.
func (ix *Index) Search(ctx context.Context, q Query) (Results, error) {
	r, err := ix.Rank(ctx, q)
	if err != nil {
		return Results{}, err
	}
	defer r.Close()
	results := Results{By: r.By, Total: r.Total, Next: r.Next}
	for _, c := range r.top {
		item, err := r.show(c)
		if err != nil {
			return Results{}, err
		}
		results.Items = append(results.Items, item)
	}
	return results, nil
}

// Ranked is a video that matches a query; see Result for the scores.
type Ranked struct {
	VideoID     string
	PublishedAt time.Time
	Score       float64
	TextScore   float64
	FacetScore  float64
}

// Ranking is a page of results without what is to be shown of them, which is most of a search's cost. It is for callers
// that order many videos by what only they know and show a few of them. It belongs to one goroutine and must be closed.
type Ranking struct {
	Items []Ranked
	By    MatchKind
	Total int
	Next  string

	index   *Index
	query   normalQuery
	scan    *scan
	top     []candidate
	words   []queryWord
	matched map[string]matchedTerm
	best    float64
}

// Rank does what Search does up to showing the results.
func (ix *Index) Rank(ctx context.Context, q Query) (*Ranking, error) {
	n, err := normalize(q)
	if err != nil {
		return nil, err
	}
	after, paged, err := n.after()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	r := &Ranking{index: ix, query: n, scan: ix.scans.get(v), words: queryWords(ix.analyzer, n.Text)}
	if err := r.run(ctx, after, paged); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close gives back what the ranking holds of the index. It may be called twice.
func (r *Ranking) Close() {
	if r.scan == nil {
		return
	}
	v := r.scan.view
	r.index.scans.put(r.scan)
	r.scan = nil
	v.release()
}

// Show loads the results for some of the ranked videos, in the order of the ids. An id that is not in Items is ErrInvalid.
func (r *Ranking) Show(ids ...string) ([]Result, error) {
	if r.scan == nil {
		return nil, ErrClosed
	}
	results := make([]Result, 0, len(ids))
	for _, id := range ids {
		i := slices.IndexFunc(r.Items, func(item Ranked) bool { return item.VideoID == id })
		if i < 0 {
			return nil, fmt.Errorf("%w: video %q is not in the ranking", ErrInvalid, id)
		}
		result, err := r.show(r.top[i])
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

func (r *Ranking) run(ctx context.Context, after place, paged bool) error {
	s, n := r.scan, &r.query
	if len(n.Audience) == 0 || len(r.words) == 0 && !n.hasFacets() && len(n.filters) == 0 {
		return nil
	}
	if err := s.admit(ctx, n.Audience, n.filters); err != nil {
		return err
	}
	if err := s.compare(n.situation); err != nil {
		return err
	}
	terms, matched, err := choose(r.words, r.index.synonyms, s.view.documents, s.frequency)
	if err != nil {
		return err
	}
	r.matched = matched
	if err := s.score(ctx, terms); err != nil {
		return err
	}
	r.best = textScores(s)
	top := topList{limit: n.Limit + 1, view: s.view}
	consider := func(c candidate) {
		r.Total++
		if !paged || after.before(c.key, top.id(c)) {
			top.offer(c)
		}
	}
	switch {
	case r.best > 0:
		r.By = MatchText
		textCandidates(s, n, r.best, consider)
	case len(r.words) == 0 || n.hasFacets():
		situationCandidates(s, n, consider)
		if r.Total > 0 {
			r.By = MatchSituation
		}
	}
	if len(top.items) > n.Limit {
		top.items = top.items[:n.Limit]
		last := top.items[n.Limit-1]
		r.Next = n.cursor(place{key: last.key, id: top.id(last)})
	}
	r.top = top.items
	for _, c := range r.top {
		row := s.view.parts[c.part].table.videos[c.video]
		r.Items = append(r.Items, Ranked{
			VideoID: row.id, PublishedAt: time.UnixMilli(row.published).UTC(), Score: r.score(c), TextScore: c.text, FacetScore: c.facet,
		})
	}
	return nil
}

// score is a candidate's score as it is shown: what was found by its situation alone agrees wholly.
func (r *Ranking) score(c candidate) float64 {
	if r.By == MatchSituation {
		return 1
	}
	return c.key
}

// textScores notes the text score of every video that matches and returns the best, 0 if nothing matches.
func textScores(s *scan) float64 {
	best := 0.0
	s.matches = s.matches[:0]
	for i := range s.view.parts {
		p := &s.view.parts[i]
		for n, row := range p.table.videos {
			if !s.eligible[i][n] {
				continue
			}
			if score := s.videoScore(p, row); score > 0 {
				s.matches = append(s.matches, match{part: i, video: n, score: score})
				best = max(best, score)
			}
		}
	}
	return best
}

func textCandidates(s *scan, q *normalQuery, best float64, yield func(candidate)) {
	faceted := q.hasFacets()
	for _, m := range s.matches {
		c := candidate{part: m.part, video: m.video, text: m.score / best}
		c.key = c.text
		if faceted {
			c.facet = facetScore(s.facets[m.part][m.video], q.situation)
			c.key = textShare*c.text + facetShare*c.facet
		}
		yield(c)
	}
}

func situationCandidates(s *scan, q *normalQuery, yield func(candidate)) {
	for i := range s.view.parts {
		for n, row := range s.view.parts[i].table.videos {
			if s.eligible[i][n] && hasAll(s.facets[i][n], q.situation) {
				yield(candidate{part: i, video: n, key: float64(row.published), facet: 1})
			}
		}
	}
}

// topList keeps the best candidates, best first; see place for the order.
type topList struct {
	limit int
	view  *view
	items []candidate
}

func (t *topList) id(c candidate) string { return t.view.parts[c.part].table.videos[c.video].id }

func (t *topList) compare(a, b candidate) int {
	if order := cmp.Compare(b.key, a.key); order != 0 {
		return order
	}
	return strings.Compare(t.id(a), t.id(b))
}

func (t *topList) offer(c candidate) {
	if n := len(t.items); n == t.limit {
		if t.compare(t.items[n-1], c) < 0 {
			return
		}
		t.items = t.items[:n-1]
	}
	at, _ := slices.BinarySearchFunc(t.items, c, t.compare)
	t.items = slices.Insert(t.items, at, c)
}
