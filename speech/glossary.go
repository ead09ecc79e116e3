package speech

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a glossary, so that an edited list cannot make every transcript slow.
const (
	maxTerms     = 2000
	maxTermWords = 8
	maxTermBytes = 200
)

// ErrBadTerm says which term of a glossary cannot be used, and why.
var ErrBadTerm = errors.New("unusable glossary term")

// Term is one correction.
type Term struct {
	// Heard is what the engine writes: one or several words, matched as whole
	// words without regard to case, punctuation or hyphens.
	Heard string
	// Written is what shall stand there instead.
	Written string
	// SoundAlike also corrects words that merely sound like Heard, if the engine
	// itself was unsure of one of them (LowConfidence).
	SoundAlike bool
}

// Glossary is a checked list of terms. The zero value corrects nothing. It is
// safe for use by several goroutines.
type Glossary struct {
	exact map[string][]rule // by the first heard token, longest first
	sound map[string]rule   // by the sound of the whole term
}

type rule struct {
	tokens  []string // what is heard, as tokens
	written []string // what is written, as words
	letters int      // of what is heard
}

// NewGlossary checks the terms. Where two terms hear the same, the first wins;
// where one is part of another, the longer one is tried first. It fails with
// ErrBadTerm.
func NewGlossary(terms []Term) (Glossary, error) {
	if len(terms) > maxTerms {
		return Glossary{}, fmt.Errorf("%w: %d terms are more than %d", ErrBadTerm, len(terms), maxTerms)
	}
	g := Glossary{exact: map[string][]rule{}, sound: map[string]rule{}}
	for i, t := range terms {
		r := rule{tokens: tokens(t.Heard), written: strings.Fields(t.Written)}
		for _, tok := range r.tokens {
			r.letters += utf8.RuneCountInString(tok)
		}
		switch {
		case len(t.Heard) > maxTermBytes || len(t.Written) > maxTermBytes:
			return Glossary{}, fmt.Errorf("%w: term %d is longer than %d bytes", ErrBadTerm, i+1, maxTermBytes)
		case !utf8.ValidString(t.Heard) || !utf8.ValidString(t.Written):
			return Glossary{}, fmt.Errorf("%w: term %d is not UTF-8", ErrBadTerm, i+1)
		case len(r.tokens) == 0:
			return Glossary{}, fmt.Errorf("%w: term %d hears no word", ErrBadTerm, i+1)
		case len(r.written) == 0:
			return Glossary{}, fmt.Errorf("%w: term %d writes nothing", ErrBadTerm, i+1)
		case len(r.tokens) > maxTermWords || len(r.written) > maxTermWords:
			return Glossary{}, fmt.Errorf("%w: term %d has more than %d words", ErrBadTerm, i+1, maxTermWords)
		}
		g.exact[r.tokens[0]] = append(g.exact[r.tokens[0]], r)
		if key := soundKey(strings.Join(r.tokens, "")); t.SoundAlike && len(key) >= minSoundKey {
			if _, taken := g.sound[key]; !taken {
				g.sound[key] = r
			}
		}
	}
	for _, rules := range g.exact {
		slices.SortStableFunc(rules, func(a, b rule) int { return len(b.tokens) - len(a.tokens) })
	}
	return g, nil
}

// Apply returns the transcript with the glossary's corrections and leaves the
// given one as it is. Times stay: the written words share the time of the heard
// ones by their length. Punctuation around the heard words stays, and so does a
// possessive 's. A correction never reaches over punctuation or a segment's end, and what one
// term wrote is not corrected by another.
func (g Glossary) Apply(t Transcript) Transcript {
	if len(g.exact) == 0 {
		return t
	}
	segments := make([]Segment, len(t.Segments))
	for i, s := range t.Segments {
		segments[i] = g.applyTo(s)
	}
	t.Segments = segments
	return t
}

func (g Glossary) applyTo(s Segment) Segment {
	if len(s.Words) == 0 {
		return s
	}
	heard := make([][]string, len(s.Words))
	for i, w := range s.Words {
		heard[i] = tokens(w.Text)
	}
	words := make([]Word, 0, len(s.Words))
	changed := false
	for i := 0; i < len(s.Words); {
		r, n, possessive := g.match(s.Words[i:], heard[i:])
		if n == 0 {
			words = append(words, s.Words[i])
			i++
			continue
		}
		words = append(words, r.write(s.Words[i:i+n], possessive)...)
		changed = true
		i += n
	}
	if !changed {
		return s
	}
	s.Words = words
	s.Text = joinWords(words)
	return s
}

// match finds the rule for the words at the front and how many of them it
// takes; none is 0.
func (g Glossary) match(words []Word, heard [][]string) (r rule, n int, possessive bool) {
	if len(heard[0]) == 0 {
		return rule{}, 0, false
	}
	first := heard[0][0]
	for _, key := range []string{first, strings.TrimSuffix(first, "'s")} {
		for _, r := range g.exact[key] {
			if n, possessive := r.fits(words, heard); n > 0 {
				return r, n, possessive
			}
		}
	}
	if len(g.sound) == 0 {
		return rule{}, 0, false
	}
	return g.soundMatch(words, heard)
}

// fits reports how many words the rule's tokens fill exactly. A term does not
// reach over punctuation.
func (r rule) fits(words []Word, heard [][]string) (n int, possessive bool) {
	at := 0
	for n < len(heard) && at < len(r.tokens) {
		if len(heard[n]) == 0 || n > 0 && endsPhrase(words[n-1].Text) {
			return 0, false
		}
		for _, tok := range heard[n] {
			if at == len(r.tokens) {
				return 0, false // the word goes on after the term's end
			}
			last := at == len(r.tokens)-1
			switch {
			case tok == r.tokens[at]:
			case last && strings.TrimSuffix(tok, "'s") == r.tokens[at]:
				possessive = true
			default:
				return 0, false
			}
			at++
		}
		n++
	}
	if at < len(r.tokens) {
		return 0, false
	}
	return n, possessive
}

// write makes the corrected words.
func (r rule) write(from []Word, possessive bool) []Word {
	first, last := from[0], from[len(from)-1]
	words := Spread(strings.Join(r.written, " "), first.StartMS, last.EndMS)
	lead, _ := around(first.Text)
	_, trail := around(last.Text)
	if possessive {
		trail = "'s" + trail
	}
	words[0].Text = lead + words[0].Text
	words[len(words)-1].Text += trail
	confidence := 1.0
	for _, w := range from {
		confidence = min(confidence, w.Confidence)
	}
	for i := range words {
		words[i].Confidence = confidence
	}
	return words
}

// tokens splits a text into what is compared: lower case, no punctuation but
// apostrophes inside, hyphens part words.
func tokens(text string) []string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	parts := strings.FieldsFunc(text, func(r rune) bool {
		return r != '\'' && r != '&' && r != '+' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	out := parts[:0]
	for _, p := range parts {
		if p = strings.Trim(p, "'"); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// endsPhrase reports whether a word is followed by punctuation.
func endsPhrase(word string) bool {
	_, trail := around(word)
	return strings.ContainsAny(trail, ".,;:?!…")
}

// around returns the punctuation before and after a word.
func around(word string) (lead, trail string) {
	outside := func(r rune) bool {
		return r != '&' && r != '+' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}
	inner := strings.TrimLeftFunc(word, outside)
	if inner == "" {
		return "", ""
	}
	lead = word[:len(word)-len(inner)]
	return lead, inner[len(strings.TrimRightFunc(inner, outside)):]
}
