package search

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"

	"github.com/fieldreel/fieldreel/search/passage"
)

// oracle answers queries by reading everything: the published formulas written down as plainly as they can be, in
// float64, without an index. It shares only the analyser with the code under test.
type oracle struct {
	analyzer analysis.Analyzer
	videos   map[string]Video
}

type oracleDoc struct {
	video  string
	header bool
	counts map[string]int
	length int
}

type oracleHit struct {
	id    string
	score float64
}

func newOracle(t testing.TB) *oracle {
	a, err := newAnalyzer()
	if err != nil {
		t.Fatal(err)
	}
	return &oracle{analyzer: a, videos: make(map[string]Video)}
}

func (o *oracle) terms(text string) []string {
	var out []string
	for _, token := range o.analyzer.Analyze([]byte(clean(text))) {
		out = append(out, string(token.Term))
	}
	return out
}

func (o *oracle) documents() []oracleDoc {
	var docs []oracleDoc
	add := func(video string, header bool, terms []string) {
		d := oracleDoc{video: video, header: header, counts: map[string]int{}, length: len(terms)}
		for _, t := range terms {
			d.counts[t]++
		}
		docs = append(docs, d)
	}
	for _, id := range slices.Sorted(maps.Keys(o.videos)) {
		v := o.videos[id]
		add(id, true, o.terms(v.headerText()))
		for _, p := range v.Passages {
			add(id, false, o.terms(p.Text+"\n"+v.Title))
		}
	}
	return docs
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(y)) && strings.TrimSpace(x) != "" {
				return true
			}
		}
	}
	return false
}

func (o *oracle) sees(q Query, v Video) bool {
	seen := false
	for _, k := range q.Audience {
		seen = seen || k != "" && slices.Contains(v.Audience, k)
	}
	return seen && (q.AuthorID == "" || q.AuthorID == v.AuthorID) && (len(q.Tactics) == 0 || overlap(q.Tactics, v.Tactics))
}

// search returns every hit, best first. It does not know synonyms.
func (o *oracle) search(q Query) []oracleHit {
	docs := o.documents()
	total := 0
	df := map[string]int{}
	for _, d := range docs {
		total += d.length
		for t := range d.counts {
			df[t]++
		}
	}
	n, average := float64(len(docs)), float64(total)/float64(len(docs))

	counts := map[string]int{}
	var distinct []string
	for _, t := range o.terms(q.Text) {
		if counts[t]++; counts[t] == 1 {
			distinct = append(distinct, t)
		}
	}
	long := len(distinct) > 20
	limit := 12
	if long {
		limit = 24
	}
	kept := slices.DeleteFunc(slices.Clone(distinct), func(t string) bool { return df[t] == 0 })
	slices.SortStableFunc(kept, func(a, b string) int { return cmp.Compare(df[a], df[b]) })
	kept = kept[:min(len(kept), limit)]

	scores := map[string][]float64{} // By video: the header's, then the passages'.
	for _, d := range docs {
		s := 0.0
		for _, t := range kept {
			idf := math.Log(1 + (n-float64(df[t])+0.5)/(float64(df[t])+0.5))
			if long {
				idf *= idf
			}
			tf := float64(d.counts[t])
			s += float64(counts[t]) * idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(d.length)/average))
		}
		scores[d.video] = append(scores[d.video], s)
	}
	text := map[string]float64{}
	best := 0.0
	for id, s := range scores {
		if !o.sees(q, o.videos[id]) {
			continue
		}
		parts := []float64{s[0], 0, 0}
		for i := 1; i < len(s); i++ {
			if s[i] == 0 {
				continue
			}
			smoothed := s[i]
			if i > 1 {
				smoothed += s[i-1] / 4
			}
			if i+1 < len(s) {
				smoothed += s[i+1] / 4
			}
			parts = append(parts, smoothed)
		}
		slices.SortFunc(parts, func(a, b float64) int { return cmp.Compare(b, a) })
		text[id] = parts[0] + parts[1]/4 + parts[2]/10
		best = max(best, text[id])
	}

	weights := [6]float64{.4, .25, .15, .1, .05, .05}
	asked := q.Situation.values()
	given := 0.0
	for i := range asked {
		if len(asked[i]) > 0 {
			given += weights[i]
		}
	}
	var hits []oracleHit
	for id, v := range o.videos {
		if !o.sees(q, v) {
			continue
		}
		match, all := 0.0, true
		for i, values := range v.Situation.values() {
			if len(asked[i]) > 0 {
				if overlap(asked[i], values) {
					match += weights[i]
				} else {
					all = false
				}
			}
		}
		switch {
		case best > 0 && text[id] > 0 && given > 0:
			hits = append(hits, oracleHit{id, 0.7*text[id]/best + 0.3*match/given})
		case best > 0 && text[id] > 0:
			hits = append(hits, oracleHit{id, text[id] / best})
		case best == 0 && all && (given > 0 || len(distinct) == 0 && (q.AuthorID != "" || len(q.Tactics) > 0)):
			hits = append(hits, oracleHit{id, float64(v.PublishedAt.UnixMilli())})
		}
	}
	slices.SortFunc(hits, func(a, b oracleHit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	return hits
}

// world makes random videos out of few words, labels and keys, so that everything meets everything.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 0x5eed))} }

var (
	worldWords = strings.Fields("price discount renewal budget Northwind security legal champion pilot rollout contract " +
		"seats onboarding ROI procurement demo integration competitor timeline migration the and of they we")
	worldLabels = []string{"price", "timing", "security"}
	worldKeys   = []string{"everyone", "team:a", "team:b", "person:x", "person:y"}
)

func (w world) pick(from []string, atMost int) []string {
	var out []string
	for range w.IntN(atMost + 1) {
		out = append(out, from[w.IntN(len(from))])
	}
	return out
}

func (w world) text(words int) string {
	var b strings.Builder
	for range words {
		// Squaring makes the first words common and the last ones rare.
		f := w.Float64()
		b.WriteString(worldWords[int(f*f*float64(len(worldWords)))])
		b.WriteByte(' ')
	}
	return b.String()
}

func (w world) facets() Facets {
	return Facets{
		Objection: w.pick(worldLabels, 2), Competitor: w.pick(worldLabels, 1), Stage: w.pick(worldLabels, 1),
		Industry: w.pick(worldLabels, 1), Persona: w.pick(worldLabels, 1), Product: w.pick(worldLabels, 1),
	}
}

func (w world) video(id int, version int64) Video {
	v := Video{
		ID: fmt.Sprintf("video-%03d", id), Version: version, Title: w.text(w.IntN(6)), Description: w.text(w.IntN(10)),
		AuthorID: fmt.Sprintf("author-%d", w.IntN(3)), AuthorName: "Sam", Tags: w.pick(worldLabels, 1),
		Tactics: w.pick(worldLabels, 2), Situation: w.facets(), Audience: w.pick(worldKeys, 2),
		PublishedAt: time.UnixMilli(1_700_000_000_000 + int64(w.IntN(5))*86_400_000),
	}
	for i := range w.IntN(8) {
		v.Passages = append(v.Passages, passage.Passage{
			StartMS: int64(i) * 10_000, EndMS: int64(i)*10_000 + 9_000, Text: w.text(1 + w.IntN(60)),
		})
	}
	return v
}

func (w world) query() Query {
	q := Query{Text: w.text(w.IntN(7)), Audience: w.pick(worldKeys, 3), Limit: MaxLimit}
	if w.IntN(4) == 0 {
		q.Text = w.text(60)
	}
	if w.IntN(2) == 0 {
		q.Situation = w.facets()
	}
	if w.IntN(5) == 0 {
		q.AuthorID = fmt.Sprintf("author-%d", w.IntN(4))
	}
	if w.IntN(5) == 0 {
		q.Tactics = w.pick(worldLabels, 2)
	}
	return q
}
