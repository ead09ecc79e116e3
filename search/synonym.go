package search

import (
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
)

// maxGroup bounds a group of synonyms, in expressions; what is longer is a vocabulary, not a set of names for one thing.
const maxGroup = 32

// thesaurus holds the caller's groups of expressions that mean nearly the same. An expression is a list of terms.
type thesaurus struct {
	groups [][][]string
	byTerm map[string][]int
}

// relatedTerm is a term that is added to a query, because the query has word.
type relatedTerm struct {
	text  string
	word  string
	group int
}

func newThesaurus(a analysis.Analyzer, groups [][]string) thesaurus {
	t := thesaurus{byTerm: make(map[string][]int)}
	for _, group := range groups {
		var expressions [][]string
		for _, expression := range group[:min(len(group), maxGroup)] {
			var terms []string
			for _, token := range a.Analyze([]byte(clean(expression))) {
				terms = append(terms, string(token.Term))
			}
			// Without its stop words an expression is another one: "too low" is not "low".
			if len(terms) > 0 && len(terms) >= len(strings.Fields(expression)) {
				expressions = append(expressions, terms)
			}
		}
		for _, terms := range expressions {
			for _, text := range terms {
				if n := len(t.groups); !slices.Contains(t.byTerm[text], n) {
					t.byTerm[text] = append(t.byTerm[text], n)
				}
			}
		}
		t.groups = append(t.groups, expressions)
	}
	return t
}

// related returns the terms to add to a query: those of every group of which the query has one whole expression. The
// words of "North Wind" do not stand for each other.
func (t thesaurus) related(words []queryWord) []relatedTerm {
	asked := make(map[string]string, len(words))
	for _, w := range words {
		asked[w.text] = w.word
	}
	var out []relatedTerm
	done := make(map[int]bool)
	for _, w := range words {
		for _, g := range t.byTerm[w.text] {
			if done[g] {
				continue
			}
			if trigger := expressionIn(t.groups[g], asked); trigger != "" {
				done[g] = true
				for _, terms := range t.groups[g] {
					for _, text := range terms {
						if _, ok := asked[text]; !ok {
							out = append(out, relatedTerm{text: text, word: trigger, group: g})
						}
					}
				}
			}
		}
	}
	return out
}

// expressionIn returns, in the asker's words, the first expression of which every term was asked for, or "".
func expressionIn(expressions [][]string, asked map[string]string) string {
	for _, terms := range expressions {
		words := make([]string, 0, len(terms))
		for _, text := range terms {
			if word, ok := asked[text]; ok {
				words = append(words, word)
			}
		}
		if len(words) == len(terms) {
			return strings.Join(words, " ")
		}
	}
	return ""
}
