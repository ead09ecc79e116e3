package search

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"
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
	n, err := normalize(q)
	if err != nil {
		return Results{}, err
	}
	after, paged, err := n.after()
	if err != nil {
		return Results{}, err
	}
	if err := ctx.Err(); err != nil {
		return Results{}, err
	}
	v, err := ix.acquire()
	if err != nil {
		return Results{}, err
	}
	defer v.release()
	if len(n.Audience) == 0 {
		return Results{}, nil
	}
	words := queryWords(ix.analyzer, n.Text)
	if len(words) == 0 && !n.hasFacets() && len(n.filters) == 0 {
		return Results{}, nil
	}

	s := ix.scans.get(v)
	defer ix.scans.put(s)
	if err := s.admit(ctx, n.Audience, n.filters); err != nil {
		return Results{}, err
	}
	if err := s.compare(n.situation); err != nil {
		return Results{}, err
	}
	terms, matched, err := choose(words, ix.synonyms, v.documents, s.frequency)
	if err != nil {
		return Results{}, err
	}
	if err := s.score(ctx, terms); err != nil {
		return Results{}, err
	}

	best := textScores(s)
	var results Results
	consider := func(yield func(candidate)) { textCandidates(s, &n, best, yield) }
	switch {
	case best > 0:
		results.By = MatchText
	case len(words) == 0 || n.hasFacets():
		results.By = MatchSituation
		consider = func(yield func(candidate)) { situationCandidates(s, &n, yield) }
	default:
		return Results{}, nil
	}
	top := topList{limit: n.Limit + 1, view: v}
	consider(func(c candidate) {
		results.Total++
		if !paged || after.before(c.key, top.id(c)) {
			top.offer(c)
		}
	})
	if len(top.items) > n.Limit {
		top.items = top.items[:n.Limit]
		last := top.items[n.Limit-1]
		results.Next = n.cursor(place{key: last.key, id: top.id(last)})
	}
	shower := shower{scan: s, query: &n, words: words, matched: matched, analyzer: ix.analyzer, best: best}
	for _, c := range top.items {
		r, err := shower.show(c)
		if err != nil {
			return Results{}, err
		}
		results.Items = append(results.Items, r)
	}
	if results.Total == 0 {
		results.By = MatchNothing
	}
	return results, nil
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

// storedHeader and storedPassage are what a document keeps to be shown. The audience is not kept: it is an answer to
// nobody's question.
type storedHeader struct {
	Title       string   `json:"t,omitempty"`
	Description string   `json:"d,omitempty"`
	AuthorID    string   `json:"a,omitempty"`
	AuthorName  string   `json:"n,omitempty"`
	Language    string   `json:"l,omitempty"`
	Tags        []string `json:"g,omitempty"`
	Tactics     []string `json:"c,omitempty"`
	Situation   Facets   `json:"s,omitzero"`
}

type storedPassage struct {
	StartMS int64  `json:"s"`
	EndMS   int64  `json:"e"`
	Text    string `json:"t"`
}

// shower makes results of candidates.
type shower struct {
	scan     *scan
	query    *normalQuery
	words    []queryWord
	matched  map[string]matchedTerm
	analyzer analysis.Analyzer
	best     float64
}

func (sh *shower) load(p *part, position uint32, into any) error {
	doc := p.table.document[position]
	err := fmt.Errorf("%w: document %d has nothing stored", errTorn, doc)
	visit := p.segment.VisitStoredFields(uint64(doc), func(field string, _ byte, value []byte, _ []uint64) bool {
		if field != fieldStored {
			return true
		}
		err = json.Unmarshal(value, into)
		return false
	})
	if visit != nil {
		return fmt.Errorf("read document %d: %w", doc, visit)
	}
	return err
}

func (sh *shower) show(c candidate) (Result, error) {
	p := &sh.scan.view.parts[c.part]
	row := p.table.videos[c.video]
	var h storedHeader
	if err := sh.load(p, row.first, &h); err != nil {
		return Result{}, err
	}
	r := Result{
		VideoID: row.id, Version: row.version, Title: h.Title, Description: h.Description, AuthorID: h.AuthorID,
		AuthorName: h.AuthorName, Language: h.Language, PublishedAt: time.UnixMilli(row.published).UTC(),
		Tags: h.Tags, Tactics: h.Tactics, Situation: h.Situation,
		Score: c.key, Text: c.text, Facets: c.facet,
	}
	if sh.best == 0 {
		r.Score = 1
	}
	spoken, titled, related := make(map[string]bool), make(map[string]bool), []string(nil)
	if err := sh.moments(&r, p, row, func(m matchedTerm, shown string) {
		if m.related {
			if !slices.Contains(related, shown) {
				related = append(related, shown)
			}
			return
		}
		spoken[m.word] = true
	}); err != nil {
		return Result{}, err
	}
	r.TitleMarks = marks(sh.analyzer, r.Title, sh.matched, func(m matchedTerm, _ string) {
		titled[m.word] = !m.related || titled[m.word]
	})
	r.reason(ReasonWords, sh.inOrder(spoken))
	r.reason(ReasonTitle, sh.inOrder(titled))
	about := make(map[string]bool)
	labels := Video{AuthorName: h.AuthorName, Tags: h.Tags, Tactics: h.Tactics, Situation: h.Situation, Description: h.Description}
	marks(sh.analyzer, labels.headerText(), sh.matched, func(m matchedTerm, _ string) {
		if !m.related && !spoken[m.word] && !titled[m.word] {
			about[m.word] = true
		}
	})
	r.reason(ReasonAbout, sh.inOrder(about))
	r.reason(ReasonRelated, related)
	for i, values := range h.Situation.values() {
		r.reason(facetKinds[i], common(values, sh.query.situation[i]))
	}
	r.reason(ReasonTactic, common(h.Tactics, normalAll(sh.query.Tactics)))
	if sh.query.AuthorID != "" {
		r.reason(ReasonAuthor, []string{h.AuthorName})
	}
	return r, nil
}

// moments loads the best moments of a video. Passages that match by the title alone are not shown beside ones in which
// something was said.
func (sh *shower) moments(r *Result, p *part, row videoRow, found func(matchedTerm, string)) error {
	type scored struct {
		position uint32
		score    float64
	}
	var ranked []scored
	for position := row.first + 1; position < row.end; position++ {
		if score := sh.scan.moment(p, row, position); score > 0 {
			ranked = append(ranked, scored{position, score})
		}
	}
	slices.SortFunc(ranked, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.position, b.position))
	})
	for _, m := range ranked[:min(len(ranked), 2*sh.query.PerVideo)] {
		if len(r.Moments) == sh.query.PerVideo {
			break
		}
		moment, err := sh.moment(p, row, m.position)
		if err != nil {
			return err
		}
		if moment.Marks = marks(sh.analyzer, moment.Text, sh.matched, found); len(moment.Marks) == 0 {
			continue
		}
		moment.Score = m.score / sh.best
		r.Moments = append(r.Moments, moment)
	}
	if len(r.Moments) == 0 && row.end > row.first+1 {
		moment, err := sh.moment(p, row, row.first+1)
		if err != nil {
			return err
		}
		moment.Marks = marks(sh.analyzer, moment.Text, sh.matched, found)
		r.Moments = append(r.Moments, moment)
	}
	return nil
}

func (sh *shower) moment(p *part, row videoRow, position uint32) (Moment, error) {
	var stored storedPassage
	if err := sh.load(p, position, &stored); err != nil {
		return Moment{}, err
	}
	return Moment{
		Ordinal: int(position - row.first - 1), StartMS: stored.StartMS, EndMS: stored.EndMS, Text: stored.Text,
	}, nil
}

// inOrder returns the words of a set in the order of the query.
func (sh *shower) inOrder(set map[string]bool) []string {
	var out []string
	for _, w := range sh.words {
		if set[w.word] && !slices.Contains(out, w.word) {
			out = append(out, w.word)
		}
	}
	return out
}

func (r *Result) reason(kind ReasonKind, values []string) {
	if len(values) > 0 {
		r.Reasons = append(r.Reasons, Reason{Kind: kind, Values: values})
	}
}

// common returns the values whose normal form is among the asked ones.
func common(values, asked []string) []string {
	var out []string
	for _, v := range values {
		if slices.Contains(asked, normal(v)) {
			out = append(out, v)
		}
	}
	return out
}
