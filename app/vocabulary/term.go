package vocabulary

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a term describes.
type Kind string

// The kinds.
const (
	Tactic     Kind = "tactic"
	Stage      Kind = "stage"
	Objection  Kind = "objection"
	Persona    Kind = "persona"
	Industry   Kind = "industry"
	Competitor Kind = "competitor"
	Product    Kind = "product"
)

// Kinds lists all kinds.
var Kinds = []Kind{Tactic, Stage, Objection, Persona, Industry, Competitor, Product} //nolint:gochecknoglobals // a constant list

// Term is one entry of the vocabulary.
type Term struct {
	ID          string
	Kind        Kind
	Key         string
	Label       string
	Description string
	Keywords    []string
	RetiredAt   *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Key turns a label into a key: letters and digits of any script in lower case, everything else one
// hyphen. It is what facets are compared by.
func Key(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKC.String(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’': // don't → dont
		default:
			gap = true
		}
	}
	return norm.NFKC.String(b.String()) // a small letter may have a form with its mark where the capital has none
}

// Suggestion is a term that the words of a video point to, with the phrases that were found.
type Suggestion struct {
	Term    Term
	Phrases []string
}

// Suggest finds the terms whose label or keywords are said in text, most phrases first, then by key.
// Phrases match as whole words, without regard to case, punctuation or simple endings (s, ed, ing).
func Suggest(terms []Term, text string) []Suggestion {
	said := " " + strings.Join(stems(text), " ") + " "
	var out []Suggestion
	for _, t := range terms {
		if t.RetiredAt != nil {
			continue
		}
		var found, as []string // phrases, and what they are matched by: "price" and "pricing" are one
		for _, phrase := range append([]string{t.Label}, t.Keywords...) {
			words := strings.Join(stems(phrase), " ")
			if words != "" && !slices.Contains(as, words) && strings.Contains(said, " "+words+" ") {
				found, as = append(found, phrase), append(as, words)
			}
		}
		if len(found) > 0 {
			out = append(out, Suggestion{Term: t, Phrases: found})
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int {
		if d := len(b.Phrases) - len(a.Phrases); d != 0 {
			return d
		}
		return strings.Compare(a.Term.Key, b.Term.Key)
	})
	return out
}

func stems(s string) []string {
	words := strings.Split(Key(s), "-")
	out := words[:0]
	for _, w := range words {
		if w != "" {
			out = append(out, stem(w))
		}
	}
	return out
}

// stem cuts the commonest English endings, alike in phrases and in speech; it need not be right, only
// the same on both sides.
func stem(w string) string {
	for _, end := range []string{"ing", "ed", "es", "s"} {
		if len(w) >= len(end)+4 && strings.HasSuffix(w, end) && !strings.HasSuffix(w, "ss") {
			w = strings.TrimSuffix(w, end)
			break
		}
	}
	if len(w) > 4 {
		w = strings.TrimSuffix(w, "e")
		if strings.HasSuffix(w, "y") { // study, studies
			w = strings.TrimSuffix(w, "y") + "i"
		}
	}
	return w
}
