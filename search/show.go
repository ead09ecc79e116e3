package search

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

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

// load reads what the document at a position keeps.
func (r *Ranking) load(p *part, position uint32, into any) error {
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
		return fmt.Errorf("search: read document %d: %w", doc, visit)
	}
	return err
}

// found gathers which words of the query were found where.
type found struct {
	spoken, titled, about map[string]bool
	related               []string
}

// show makes the result of a candidate.
func (r *Ranking) show(c candidate) (Result, error) {
	p := &r.scan.view.parts[c.part]
	row := p.table.videos[c.video]
	var h storedHeader
	if err := r.load(p, row.first, &h); err != nil {
		return Result{}, err
	}
	f := found{spoken: make(map[string]bool), titled: make(map[string]bool), about: make(map[string]bool)}
	moments, err := r.moments(p, row, &f)
	if err != nil {
		return Result{}, err
	}
	result := Result{
		VideoID: row.id, Version: row.version, Title: h.Title, Description: h.Description, AuthorID: h.AuthorID,
		AuthorName: h.AuthorName, Language: h.Language, PublishedAt: time.UnixMilli(row.published).UTC(),
		Tags: h.Tags, Tactics: h.Tactics, Situation: h.Situation,
		Score: r.score(c), TextScore: c.text, FacetScore: c.facet, Moments: moments,
	}
	result.TitleMarks = marks(r.index.analyzer, h.Title, r.matched, func(m matchedTerm, _ string) {
		if !m.related {
			f.titled[m.word] = true
		}
	})
	rest := Video{AuthorName: h.AuthorName, Tags: h.Tags, Tactics: h.Tactics, Situation: h.Situation, Description: h.Description}
	marks(r.index.analyzer, rest.headerText(), r.matched, func(m matchedTerm, _ string) {
		if !m.related && !f.spoken[m.word] && !f.titled[m.word] {
			f.about[m.word] = true
		}
	})
	result.Reasons = r.reasons(&h, &f)
	return result, nil
}

func (r *Ranking) reasons(h *storedHeader, f *found) []Reason {
	var reasons []Reason
	add := func(kind ReasonKind, values []string) {
		if len(values) > 0 {
			reasons = append(reasons, Reason{Kind: kind, Values: values})
		}
	}
	add(ReasonWords, r.inOrder(f.spoken))
	add(ReasonTitle, r.inOrder(f.titled))
	add(ReasonAbout, r.inOrder(f.about))
	add(ReasonRelated, f.related)
	for i, values := range h.Situation.values() {
		add(facetKinds[i], common(values, r.query.situation[i]))
	}
	add(ReasonTactic, common(h.Tactics, normalAll(r.query.Tactics)))
	if r.query.AuthorID != "" {
		add(ReasonAuthor, []string{h.AuthorName})
	}
	return reasons
}

// moments loads the best moments of a video. Passages that match by the title alone are not shown beside ones in which
// something was said.
func (r *Ranking) moments(p *part, row videoRow, f *found) ([]Moment, error) {
	type scored struct {
		position uint32
		score    float64
	}
	var ranked []scored
	for position := row.first + 1; position < row.end; position++ {
		if score := r.scan.moment(p, row, position); score > 0 {
			ranked = append(ranked, scored{position, score})
		}
	}
	slices.SortFunc(ranked, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.position, b.position))
	})
	var moments []Moment
	for _, m := range ranked[:min(len(ranked), 2*r.query.PerVideo)] {
		if len(moments) == r.query.PerVideo {
			break
		}
		moment, err := r.moment(p, row, m.position, f)
		if err != nil {
			return nil, err
		}
		if len(moment.Marks) > 0 {
			moment.Score = m.score / r.best
			moments = append(moments, moment)
		}
	}
	if len(moments) == 0 && row.end > row.first+1 {
		moment, err := r.moment(p, row, row.first+1, f)
		if err != nil {
			return nil, err
		}
		moments = append(moments, moment)
	}
	return moments, nil
}

func (r *Ranking) moment(p *part, row videoRow, position uint32, f *found) (Moment, error) {
	var stored storedPassage
	if err := r.load(p, position, &stored); err != nil {
		return Moment{}, err
	}
	return Moment{
		Ordinal: int(position - row.first - 1), StartMS: stored.StartMS, EndMS: stored.EndMS, Text: stored.Text,
		Marks: marks(r.index.analyzer, stored.Text, r.matched, func(m matchedTerm, shown string) {
			if !m.related {
				f.spoken[m.word] = true
			} else if !slices.Contains(f.related, shown) {
				f.related = append(f.related, shown)
			}
		}),
	}, nil
}

// inOrder returns the words of a set in the order of the query.
func (r *Ranking) inOrder(set map[string]bool) []string {
	var out []string
	for _, w := range r.words {
		if set[w.word] && !slices.Contains(out, w.word) {
			out = append(out, w.word)
		}
	}
	return out
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
