package facts

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/speech"
)

// around is how many words on each side of a likely place must be sure for it to be called missing.
const around = 1

// look finds each phrase in what was said. Nothing to look for is Missing.
func look(said []token, phrases []string, noisy bool) []Phrase {
	out := make([]Phrase, len(phrases))
	for i, p := range phrases {
		out[i] = find(said, phraseOf(p), noisy)
		out[i].Phrase = p
	}
	return out
}

func find(said, phrase []token, noisy bool) Phrase {
	p := Phrase{State: Missing}
	if len(phrase) == 0 {
		return p
	}
	for i := range said {
		n := exactAt(said[i:], phrase)
		if n == 0 {
			continue
		}
		if !slices.ContainsFunc(said[i:i+n], token.unsure) {
			return Phrase{State: Found, AtMS: at(said[i])}
		}
		if p.AtMS == nil { // a later place may be sure
			p = Phrase{State: Unclear, AtMS: at(said[i])}
		}
	}
	if p.State == Unclear {
		return p
	}
	if !noisy && !slices.ContainsFunc(said, token.unsure) {
		return p
	}
	if i, n := likeliest(said, phrase); n > 0 {
		if noisy {
			return Phrase{State: Unclear, AtMS: at(said[i])}
		}
		if slices.ContainsFunc(said[max(0, i-around):min(len(said), i+n+around)], token.unsure) {
			return Phrase{State: Unclear, AtMS: at(said[i])}
		}
	}
	if noisy {
		p.State = Unclear
	}
	return p
}

func at(t token) *int64 {
	ms := t.startMS
	return &ms
}

// exactAt gives how many tokens from the start of said are the phrase, or 0. What is written as one word
// here and as two there is the same ("North wind", "Northwind").
func exactAt(said, phrase []token) int {
	if len(said) >= len(phrase) {
		fits := true
		for k := range phrase {
			if !same(said[k], phrase[k]) {
				fits = false
				break
			}
		}
		if fits {
			return len(phrase)
		}
	}
	whole := joined(phrase)
	if utf8.RuneCountInString(whole) < 5 {
		return 0 // "to day" is no place to be clever
	}
	rest := whole
	for n, t := range said {
		if rest, _ = strings.CutPrefix(rest, t.text); len(rest)+len(joined(said[:n+1])) != len(whole) {
			return 0
		}
		if rest == "" {
			return n + 1
		}
	}
	return 0
}

func joined(ts []token) string {
	var b strings.Builder
	for _, t := range ts {
		b.WriteString(t.text)
	}
	return b.String()
}

func (t token) unsure() bool { return t.confidence < speech.LowConfidence }

// longestLikely is the longest phrase, in words, that is looked for by likeness.
const longestLikely = 40

// likeliest gives the place that is most like a phrase that was not found, as a first token and a number of
// tokens; 0 tokens where under half of the phrase is like anything there.
func likeliest(said, phrase []token) (first, n int) {
	best := 0.0
	width := len(phrase)
	if width > longestLikely {
		return 0, 0
	}
	for i := range said {
		window := said[i:min(i+width, len(said))]
		sum := 0.0
		for k, p := range phrase {
			top := 0.0
			for _, j := range []int{k - 1, k, k + 1} { // a word may have been missed, or be one too many
				if j >= 0 && j < len(window) {
					top = max(top, alike(window[j], p))
				}
			}
			sum += top
		}
		if sum > best {
			best, first = sum, i
		}
	}
	if best*2 < float64(width) || best == 0 {
		return 0, 0
	}
	return first, min(width, len(said)-first)
}

// alike is 1 for forms of one word, and for others the share of their letters that need not change to make
// one into the other, if that is more than half.
func alike(a, b token) float64 {
	if same(a, b) {
		return 1
	}
	x, y := []rune(a.text), []rune(b.text)
	longest, shortest := max(len(x), len(y)), min(len(x), len(y))
	if longest > 40 || shortest*2 <= longest {
		return 0
	}
	share := 1 - float64(changes(x, y))/float64(longest)
	if share <= 0.5 {
		return 0
	}
	return share
}

// changes is the Levenshtein distance.
func changes(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
