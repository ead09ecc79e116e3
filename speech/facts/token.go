package facts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/fieldreel/fieldreel/speech"
)

// token is one word as phrases are compared by: folded, and without what may be written either way.
type token struct {
	text string
	// bases are what the word may be a form of, itself included.
	bases []string
	// startMS and confidence are those of the spoken word: one can be several tokens ("don't").
	startMS    int64
	confidence float64
}

func tokensOf(words []speech.Word) []token {
	var out []token
	for _, w := range words {
		for _, t := range fold(w.Text) {
			out = append(out, token{text: t, startMS: w.StartMS, confidence: w.Confidence})
		}
	}
	return finish(out)
}

// phraseOf cuts a phrase as tokensOf cuts what is said.
func phraseOf(phrase string) []token {
	var out []token
	for _, f := range strings.Fields(phrase) {
		for _, t := range fold(f) {
			out = append(out, token{text: t, confidence: 1})
		}
	}
	return finish(out)
}

// finish leaves hesitations out, writes numbers in figures, and works the bases out.
func finish(in []token) []token {
	out := make([]token, 0, len(in))
	for _, t := range in {
		if isHesitation(t.text) {
			continue
		}
		if n, ok := numbers[t.text]; ok {
			t.text = n
			// "twenty five" is 25.
			if k := len(out) - 1; k >= 0 && len(n) == 1 && n != "0" && isTens(out[k].text) && out[k].spelt() {
				out[k].text = out[k].text[:1] + n
				out[k].confidence = min(out[k].confidence, t.confidence)
				out[k].bases = []string{out[k].text}
				continue
			}
			t.bases = []string{n, spelt}
		}
		if t.bases == nil {
			t.bases = bases(t.text)
		}
		out = append(out, t)
	}
	return out
}

// spelt marks a number that was a word, which one that follows may still complete. It is no word.
const spelt = "\x00spelt"

func (t token) spelt() bool { return len(t.bases) == 2 && t.bases[1] == spelt }

func isTens(s string) bool { return len(s) == 2 && s[0] >= '2' && s[1] == '0' }

//nolint:gochecknoglobals // a constant table
var numbers = map[string]string{
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
	"twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20",
	"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
}

// fold gives the words in what stands between two spaces: "Don't" is "do not", "follow-up" "follow up",
// "20%" "20 percent". Letters with marks are kept, but however they are written they are the same.
func fold(s string) []string {
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "")))
	s = strings.NewReplacer("’", "'", "%", " percent ", "&", " and ").Replace(s)
	// The comma or point inside a figure is part of it; thousands may be written without.
	parts := strings.FieldsFunc(thousands(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '.'
	})
	var out []string
	for _, p := range parts {
		p = strings.Trim(p, "'.")
		if !isFigure(p) {
			p = strings.ReplaceAll(p, ".", "") // "e.g." and "U.S."
		}
		out = append(out, contracted(p)...)
	}
	return out
}

// thousands takes the commas out of figures: "1,000".
func thousands(s string) string {
	if !strings.Contains(s, ",") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == ',' && i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isFigure(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.") == ""
}

// contracted writes out what English runs together, both where it is said and where it is looked for.
func contracted(w string) []string {
	switch w {
	case "":
		return nil
	case "can't", "cannot":
		return []string{"can", "not"}
	case "won't":
		return []string{"will", "not"}
	case "let's":
		return []string{"let", "us"}
	case "it's", "that's", "there's", "here's", "what's", "who's", "where's", "how's", "he's", "she's":
		return []string{w[:len(w)-2], "is"}
	case "i'm":
		return []string{"i", "am"}
	case "okay":
		return []string{"ok"}
	}
	for _, c := range [][2]string{{"n't", "not"}, {"'re", "are"}, {"'ll", "will"}, {"'ve", "have"}} {
		if head, ok := strings.CutSuffix(w, c[0]); ok && head != "" {
			return []string{head, c[1]}
		}
	}
	w = strings.TrimSuffix(w, "'s") // whose it is
	w = strings.ReplaceAll(w, "'", "")
	if w == "" {
		return nil
	}
	return []string{w}
}

func isHesitation(w string) bool { return slices.Contains(hesitations, w) }

// bases gives what a word may be a form of: "guaranteed" of "guarantee", "prices" and "pricing" of
// "price", "companies" of "company". Two words are the same when they share one. It knows endings and no
// grammar, so it is held to words long enough that few others fall together.
func bases(w string) []string {
	out := []string{w}
	add := func(stem, ending string) {
		if utf8.RuneCountInString(stem) >= 3 && strings.ContainsAny(stem, "aeiouy") {
			out = append(out, stem+ending)
		}
	}
	cut := func(suffix string) (string, bool) { return strings.CutSuffix(w, suffix) }
	if s, ok := cut("ies"); ok {
		add(s, "y")
	}
	if s, ok := cut("ied"); ok {
		add(s, "y")
	}
	if s, ok := cut("es"); ok {
		add(s, "")
	}
	if s, ok := cut("s"); ok && !strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "u") && !strings.HasSuffix(s, "i") {
		add(s, "")
	}
	for _, suffix := range []string{"ed", "ing"} {
		s, ok := cut(suffix)
		if !ok {
			continue
		}
		add(s, "")
		add(s, "e")
		if n := len(s); n >= 2 && s[n-1] == s[n-2] && !strings.ContainsRune("aeiousl", rune(s[n-1])) {
			add(s[:n-1], "") // "planned"
		}
	}
	return out
}

// same says whether two tokens are forms of one word.
func same(a, b token) bool {
	for _, x := range a.bases {
		for _, y := range b.bases {
			if x == y && x != spelt {
				return true
			}
		}
	}
	return false
}
