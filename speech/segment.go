package speech

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a segment. Two caption lines hold about 14 words; a segment of up to
// 40 words still fits one screen of a transcript, and captions cut it further.
const (
	pauseMS         = 1000 // a silence this long ends a segment even inside a sentence
	maxSegmentMS    = 15_000
	maxSegmentWords = 40
)

// Cut groups words, which must be in order, into sentence-like segments. It
// cuts after the end of a sentence and at long pauses; a sentence that is too
// long is cut at its best comma or pause. The words are kept unchanged.
func Cut(words []Word) []Segment {
	var segments []Segment
	start := 0
	for i := range words {
		if i+1 < len(words) && !endsSentence(words[i].Text, words[i+1].Text) &&
			words[i+1].StartMS-words[i].EndMS < pauseMS {
			continue
		}
		segments = appendPieces(segments, words[start:i+1])
		start = i + 1
	}
	return segments
}

// appendPieces appends the words as one segment, or as several where they are
// too long for one.
func appendPieces(segments []Segment, words []Word) []Segment {
	n := len(words)
	long := n > maxSegmentWords || words[n-1].EndMS-words[0].StartMS > maxSegmentMS
	if !long || n < 4 {
		return append(segments, NewSegment(words))
	}
	// The middle half holds the candidates, so that both parts get shorter.
	best, bestScore := n/2, -1<<62
	for i := n / 4; i < n-n/4; i++ {
		if i == 0 {
			continue
		}
		score := int(words[i].StartMS-words[i-1].EndMS) - 10*abs(i-n/2)
		if strings.ContainsRune(",;:–—", lastRune(words[i-1].Text)) {
			score += 400
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return appendPieces(appendPieces(segments, words[:best]), words[best:])
}

// NewSegment makes a segment of words, which must be in order and not empty.
func NewSegment(words []Word) Segment {
	return Segment{
		StartMS: words[0].StartMS, EndMS: words[len(words)-1].EndMS,
		Text: joinWords(words), Words: words,
	}
}

func joinWords(words []Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// Spread gives each word of text (parted by white space) its part of [startMS,
// endMS) by its length in characters, with confidence 1: the best guess where
// only a line's times are known.
func Spread(text string, startMS, endMS int64) []Word {
	fields := strings.Fields(text)
	total := int64(0)
	for _, f := range fields {
		total += int64(utf8.RuneCountInString(f)) + 1
	}
	words := make([]Word, 0, len(fields))
	done := int64(0)
	for _, f := range fields {
		from := startMS + (endMS-startMS)*done/total
		done += int64(utf8.RuneCountInString(f)) + 1
		words = append(words, Word{
			Text: f, StartMS: from, EndMS: startMS + (endMS-startMS)*done/total, Confidence: 1,
		})
	}
	return words
}

// endsSentence reports whether a sentence ends between two words.
func endsSentence(word, next string) bool {
	word = strings.TrimRight(word, `"'”’)]»`)
	switch lastRune(word) {
	case '?', '!', '…', '。', '？', '！':
		return true
	case '.':
	default:
		return false
	}
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(next, `"'“‘([«`)); unicode.IsLower(first) {
		return false
	}
	stem := strings.ToLower(strings.TrimLeft(strings.TrimRight(word, "."), `"'“‘([«`))
	if utf8.RuneCountInString(stem) == 1 && stem != "i" && unicode.IsLetter([]rune(stem)[0]) {
		return false // an initial, as in "J. Smith"
	}
	switch stem {
	case "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "approx", "no":
		return stem == "no" && !startsWithDigit(next)
	}
	return true
}

func startsWithDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsDigit(r)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
