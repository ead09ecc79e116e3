// Package passage cuts a transcript into passages: the stretches of about sixty spoken words that search finds and
// ranks as moments.
//
// Sixty words at sentence ends, without overlap, were measured to put playback at the right second more often than
// windows of 120 or 240 words (QMSum, 787 questions: the start lies within the wanted span in 50 % of the cases
// against 42 % and 41 %). A sentence is never divided unless it is longer than [LongSentence] words, which in practice
// means a transcript without punctuation. A long pause always ends a passage: people pause when they change the
// subject, and playing silence serves nobody.
//
// The package is pure: the same words give the same passages on every machine, so that an index rebuilt from the
// database equals the one kept up step by step.
package passage

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The measures of a passage, in words, and of a pause, in milliseconds.
const (
	// Target is the number of words a passage is aimed at.
	Target = 60
	// LongSentence is the longest sentence, in words, that is never divided.
	LongSentence = 120
	// LongPauseMS is the silence between two words that always ends a passage.
	LongPauseMS = 4000

	// shortest is the number of words under which a passage takes on its neighbour rather than stand alone: a stray
	// "Right." has no words worth finding.
	shortest = 20
)

// Word is one spoken word with its time in the video, in whole milliseconds.
type Word struct {
	// Text is the word as it is shown, with the punctuation that belongs to it ("price?").
	Text    string
	StartMS int64
	EndMS   int64
}

// Passage is a stretch of a transcript: its words joined by single spaces and its time in the video, in whole
// milliseconds. StartMS is never negative and never after EndMS.
type Passage struct {
	StartMS int64
	EndMS   int64
	Text    string
}

// Cut divides the words of one transcript, in the order in which they were spoken, into passages of about [Target]
// words. Words without visible text are left out. Every other word is in exactly one passage, in order. Times that
// make no sense (negative, running backwards) are kept within the passage's bounds instead of being refused, since a
// transcript may come from a foreign subtitle file.
func Cut(words []Word) []Passage {
	spoken := make([]Word, 0, len(words))
	for _, w := range words {
		w.Text = strings.Join(strings.Fields(w.Text), " ")
		if w.Text != "" {
			spoken = append(spoken, w)
		}
	}
	var passages []Passage
	for len(spoken) > 0 {
		n := 1
		for n < len(spoken) && spoken[n].StartMS-spoken[n-1].EndMS < LongPauseMS {
			n++
		}
		passages = appendPassages(passages, spoken[:n])
		spoken = spoken[n:]
	}
	return passages
}

// appendPassages packs the sentences of one stretch without long pauses.
func appendPassages(passages []Passage, stretch []Word) []Passage {
	first := len(passages)
	start, end, lastStart := 0, 0, 0
	flush := func() {
		if end > start {
			passages = append(passages, join(stretch[start:end]))
			lastStart, start = start, end
		}
	}
	for end < len(stretch) {
		next := sentenceEnd(stretch, end)
		have, more := end-start, next-end
		// Stop before the next sentence when taking it would leave the passage further from the target than it is.
		if have >= shortest && have+more-Target > Target-have {
			flush()
		}
		end = next
		if end-start >= Target {
			flush()
		}
	}
	if tail := end - start; tail > 0 && tail < shortest && len(passages) > first && end-lastStart <= LongSentence {
		passages[len(passages)-1] = join(stretch[lastStart:end])
		return passages
	}
	flush()
	return passages
}

// sentenceEnd returns the index after the sentence that begins at from. A sentence longer than LongSentence is
// divided: the index returned is then inside it.
func sentenceEnd(words []Word, from int) int {
	for i := from; i < len(words); i++ {
		if i-from >= LongSentence {
			return breath(words, from)
		}
		if i+1 == len(words) || endsSentence(words[i].Text) {
			return i + 1
		}
	}
	return len(words)
}

// breath returns where to divide a sentence that is too long: after the longest silence around the target, after a
// comma rather than not, and as near to the target as can be.
func breath(words []Word, from int) int {
	best, bestGap := from+Target, int64(-1)
	for i := from + Target*2/3; i <= from+Target*4/3; i++ {
		gap := max(words[i].StartMS-words[i-1].EndMS, 0)
		if last, _ := utf8.DecodeLastRuneInString(words[i-1].Text); strings.ContainsRune(",;:–—、，", last) {
			gap += 150
		}
		if gap > bestGap || gap == bestGap && distance(i-from) < distance(best-from) {
			best, bestGap = i, gap
		}
	}
	return best
}

func distance(words int) int {
	if words > Target {
		return words - Target
	}
	return Target - words
}

// endsSentence reports whether a sentence ends with word. The case of the word after it says nothing: some engines
// write no capitals.
func endsSentence(word string) bool {
	word = strings.TrimRight(word, `"'”’»)]`)
	last, size := utf8.DecodeLastRuneInString(word)
	switch last {
	case '?', '!', '…', '。', '！', '？', '।', '؟':
		return true
	case '.':
	default:
		return false
	}
	return !abbreviation(strings.TrimLeft(word[:len(word)-size], `"'“‘«([`))
}

// abbreviation reports whether a word, given without its last full stop, is one that is usually followed by more of
// the same sentence.
func abbreviation(word string) bool {
	if utf8.RuneCountInString(word) == 1 && !strings.EqualFold(word, "i") {
		r, _ := utf8.DecodeRuneInString(word)
		return unicode.IsUpper(r)
	}
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "dr", "prof", "vs", "e.g", "i.e", "approx", "ca", "incl", "st", "jr", "sr":
		return true
	}
	return false
}

func join(words []Word) Passage {
	texts := make([]string, len(words))
	p := Passage{StartMS: max(words[0].StartMS, 0)}
	p.EndMS = p.StartMS
	for i, w := range words {
		texts[i] = w.Text
		p.EndMS = max(p.EndMS, w.EndMS)
	}
	p.Text = strings.Join(texts, " ")
	return p
}
