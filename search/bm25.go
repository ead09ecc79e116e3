package search

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
)

// BM25's parameters: the textbook values. Tuning them gained nothing that held on a second collection.
const (
	bm25K1 = 1.2
	bm25B  = 0.75
)

// How much of a query is used. Every term costs time in proportion to how common it is, and the common ones say the
// least: leaving out all but the twelve rarest costs nothing on questions.
const (
	// maxQueryBytes is how much of a pasted text is read at all.
	maxQueryBytes = 16 << 10
	// maxConsidered is the number of distinct words of it that are looked up.
	maxConsidered = 256
	// longQuery is the number of distinct words above which a text is a pasted situation rather than a question. Its
	// many common words are then held down by squaring the idf (+0.03 nDCG@10 on long paraphrases, 0 on questions).
	longQuery = 20
	maxTerms  = 12
	maxLong   = 24
	// maxRelated bounds the terms added by synonyms.
	maxRelated = 24
	// relatedWeight is the weight of all synonyms of one word together, against 1 for the word itself.
	relatedWeight = 0.2
)

// idf is the weight of a term by its rarity: df of docs documents have it. It is always positive.
func idf(docs, df int) float64 {
	return math.Log1p((float64(docs) - float64(df) + 0.5) / (float64(df) + 0.5))
}

// lengthFactors returns a and b such that BM25's length normalisation k1·(1-b+b·length/average) is a + b·length.
func lengthFactors(averageLength float64) (float32, float32) {
	if averageLength <= 0 {
		return bm25K1, 0
	}
	return bm25K1 * (1 - bm25B), float32(bm25K1 * bm25B / averageLength)
}

// term is one word of a query, ready to be scored.
type term struct {
	text string
	// weight is the factor of BM25's term frequency part: how often the query has the word, times idf, times k1 + 1.
	weight float32
}

// matchedTerm says which word of the query a term of the index stands for.
type matchedTerm struct {
	// word is as the asker wrote it, in lower case.
	word string
	// related is set when the term is a synonym of the word.
	related bool
}

// queryWord is a distinct term of a query before its rarity is known.
type queryWord struct {
	text  string
	word  string
	count int
}

// queryWords analyses a query's text, whatever it is, into at most maxConsidered distinct terms in order.
func queryWords(a analysis.Analyzer, text string) []queryWord {
	text = clean(clip(text, maxQueryBytes))
	var words []queryWord
	index := make(map[string]int)
	for _, token := range a.Analyze([]byte(text)) {
		key := string(token.Term)
		if i, ok := index[key]; ok {
			words[i].count++
			continue
		}
		if len(words) == maxConsidered || key == "" {
			continue
		}
		index[key] = len(words)
		words = append(words, queryWord{text: key, word: strings.ToLower(text[token.Start:token.End]), count: 1})
	}
	return words
}

// choose weighs a query's words and keeps the rarest ones that occur at all, then adds related words. df gives the
// number of live documents that have a term; docs is the number of live documents. The map leads from each term kept to
// the asker's word.
func choose(words []queryWord, synonyms thesaurus, docs int, df func(string) (int, error)) ([]term, map[string]matchedTerm, error) {
	limit, long := maxTerms, len(words) > longQuery
	if long {
		limit = maxLong
	}
	var terms []term
	matched := make(map[string]matchedTerm)
	add := func(text string, boost float64, n int, m matchedTerm) {
		weight := idf(docs, n)
		if long {
			weight *= weight
		}
		terms = append(terms, term{text: text, weight: float32(boost * weight * (bm25K1 + 1))})
		matched[text] = m
	}

	type counted struct {
		queryWord
		df int
	}
	occurring := make([]counted, 0, len(words))
	for _, w := range words {
		n, err := df(w.text)
		if err != nil {
			return nil, nil, err
		}
		if n > 0 {
			occurring = append(occurring, counted{w, n})
		}
	}
	slices.SortStableFunc(occurring, func(a, b counted) int { return cmp.Compare(a.df, b.df) })
	for _, c := range occurring[:min(len(occurring), limit)] {
		add(c.text, float64(c.count), c.df, matchedTerm{word: c.word})
	}

	type near struct {
		relatedTerm
		df int
	}
	var nears []near
	sizes := make(map[int]int)
	for _, r := range synonyms.related(words) {
		if _, ok := matched[r.text]; ok || len(nears) == maxRelated {
			continue
		}
		n, err := df(r.text)
		if err != nil {
			return nil, nil, err
		}
		if n > 0 {
			nears = append(nears, near{r, n})
			sizes[r.group]++
			matched[r.text] = matchedTerm{word: r.word, related: true}
		}
	}
	for _, n := range nears {
		add(n.text, relatedWeight/float64(sizes[n.group]), n.df, matched[n.text])
	}
	return terms, matched, nil
}
