package search

import (
	"strings"
	stdunicode "unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/token/porter"
	"github.com/blevesearch/bleve/v2/analysis/token/stop"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"golang.org/x/text/unicode/norm"
)

// maxTokenBytes bounds a word. What is longer was never spoken; it is left out of the index and of queries.
const maxTokenBytes = 64

// newAnalyzer makes the one analyser of videos, queries and marks: words by Unicode's rules (UAX #29), lower case,
// accents and typographic apostrophes folded, English possessives and stop words removed, English stems (Porter 1980).
// Other languages lose little by it: their words are found as they are, apart from English suffixes.
func newAnalyzer() (analysis.Analyzer, error) {
	stopWords := analysis.NewTokenMap()
	if err := stopWords.LoadBytes(en.EnglishStopWords); err != nil {
		return nil, err
	}
	return &analysis.DefaultAnalyzer{
		Tokenizer: unicode.NewUnicodeTokenizer(),
		TokenFilters: []analysis.TokenFilter{
			lowercase.NewLowerCaseFilter(),
			foldFilter{},
			en.NewPossessiveFilter(),
			stop.NewStopTokensFilter(stopWords),
			porter.NewPorterStemmer(),
		},
	}, nil
}

// foldFilter writes words without accents and with a plain apostrophe, since transcripts, titles and queries differ in
// both ("café", "don’t"). Offsets stay those of the original. Words that are too long are dropped.
type foldFilter struct{}

// Filter implements analysis.TokenFilter.
func (foldFilter) Filter(in analysis.TokenStream) analysis.TokenStream {
	out := in[:0]
	for _, token := range in {
		if len(token.Term) > maxTokenBytes {
			continue
		}
		for _, b := range token.Term {
			if b >= utf8.RuneSelf {
				token.Term = fold(token.Term)
				break
			}
		}
		out = append(out, token)
	}
	return out
}

func fold(term []byte) []byte {
	folded := strings.Map(func(r rune) rune {
		switch {
		case r >= 0x300 && r <= 0x36F: // The combining accents of Latin, Greek and Cyrillic; other scripts need theirs.
			return -1
		case stdunicode.Is(stdunicode.Cf, r): // Direction marks and soft hyphens are not seen, so they make no difference.
			return -1
		case r == '’' || r == '‘' || r == '＇':
			return '\''
		}
		return r
	}, norm.NFKD.String(string(term)))
	return []byte(norm.NFC.String(folded))
}

// clean makes text valid UTF-8 without zero bytes: what is indexed, shown and marked is then the same string.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", " ")
}

// clip returns at most limit bytes of text, cut between characters.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// Mark is a stretch [Start, End) of a text, in bytes, that matched the query.
type Mark struct {
	Start int
	End   int
}

// marks finds the words of a text whose stem is among the terms, in order, and calls found with each.
func marks(a analysis.Analyzer, text string, terms map[string]matchedTerm, found func(matchedTerm, string)) []Mark {
	var out []Mark
	for _, token := range a.Analyze([]byte(text)) {
		term, ok := terms[string(token.Term)]
		if !ok || token.Start < 0 || token.End > len(text) || token.Start >= token.End {
			continue
		}
		out = append(out, Mark{Start: token.Start, End: token.End})
		found(term, strings.ToLower(text[token.Start:token.End]))
	}
	return out
}
