package caption

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/speech"
)

// The shape of a written cue. 42 characters and two lines are what broadcasters
// and Netflix's Timed Text Style Guide use for English.
const (
	maxLine    = 42 // characters
	maxCueMS   = 7000
	minCueMS   = 1000 // a cue stays this long where the next one leaves room
	splitMS    = 1500 // a pause this long ends a cue
	gapMS      = 1    // between cues
	readableIn = 2 * maxLine
)

// WriteVTT writes segments, which must be in order, as a WebVTT file: cues of
// at most two lines of at most 42 characters, in order, never touching, of at
// least one millisecond. A segment with words is cut at its words' times; one
// with text only, as a person corrected it, by the length of the text.
func WriteVTT(w io.Writer, segments []speech.Segment) error {
	var cues []Cue
	for _, s := range segments {
		words := s.Words
		if len(words) == 0 {
			words = speech.Spread(s.Text, s.StartMS, s.EndMS)
		}
		cues = appendCues(cues, words)
	}
	space(cues)
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("WEBVTT\n") // bufio keeps the first error for Flush
	for _, c := range cues {
		_, _ = fmt.Fprintf(out, "\n%s --> %s\n%s\n", formatTime(c.StartMS), formatTime(c.EndMS), escape.Replace(c.Text))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write captions: %w", err)
	}
	return nil
}

// escape also hides what our own parser would take for SubStation Alpha markup.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `{\`, "{&#92;")

// appendCues cuts one segment's words into cues.
func appendCues(cues []Cue, words []speech.Word) []Cue {
	words = printable(words)
	for len(words) > 0 {
		n := cueLength(words)
		texts := make([]string, n)
		for i, w := range words[:n] {
			texts[i] = w.Text
		}
		cues = append(cues, Cue{StartMS: words[0].StartMS, EndMS: words[n-1].EndMS, Text: layOut(texts)})
		words = words[n:]
	}
	return cues
}

// printable makes words fit for a line: without control characters, and longer
// ones than a line in pieces.
func printable(words []speech.Word) []speech.Word {
	out := make([]speech.Word, 0, len(words))
	for _, w := range words {
		for text := range strings.FieldsSeq(withoutControl(w.Text)) {
			for cut := byteIndex(text, maxLine); cut < len(text); cut = byteIndex(text, maxLine) {
				out = append(out, speech.Word{Text: text[:cut], StartMS: w.StartMS, EndMS: w.EndMS})
				text = text[cut:]
			}
			out = append(out, speech.Word{Text: text, StartMS: w.StartMS, EndMS: w.EndMS})
		}
	}
	return out
}

// byteIndex is where the given number of characters end, at most len(s).
func byteIndex(s string, runes int) int {
	for i := range s {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(s)
}

// cueLength is how many of the words make the next cue: as many as two lines
// hold, less where a pause or, in the second half, a phrase's end comes before.
func cueLength(words []speech.Word) int {
	fits, phrase := 1, 0
	texts := []string{words[0].Text}
	for fits < len(words) {
		next := words[fits]
		if next.StartMS-words[fits-1].EndMS >= splitMS || next.EndMS-words[0].StartMS > maxCueMS {
			return fits
		}
		texts = append(texts, next.Text)
		if layOut(texts) == "" {
			break
		}
		fits++
		if strings.ContainsAny(next.Text[len(next.Text)-1:], ".,;:?!") && runes(texts) >= readableIn/2 {
			phrase = fits
		}
	}
	if fits < len(words) && phrase > 0 {
		return phrase
	}
	return fits
}

// layOut breaks words into one line or two about equal ones, or returns "" if
// they do not fit.
func layOut(words []string) string {
	total := runes(words)
	if total <= maxLine {
		return strings.Join(words, " ")
	}
	best, bestDifference := 0, readableIn
	first := -1
	for i := range len(words) - 1 {
		first += 1 + utf8.RuneCountInString(words[i])
		second := total - first - 1
		if first > maxLine || second > maxLine {
			continue
		}
		if d := max(first-second, second-first); d < bestDifference {
			best, bestDifference = i+1, d
		}
	}
	if best == 0 {
		return ""
	}
	return strings.Join(words[:best], " ") + "\n" + strings.Join(words[best:], " ")
}

// runes is the length of the words joined by spaces.
func runes(words []string) int {
	n := len(words) - 1
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return n
}

// space moves the cues' times so that each lasts at least a millisecond, long
// enough to be read where there is room, and none touches the next.
func space(cues []Cue) {
	for i := range cues {
		c := &cues[i]
		c.StartMS = max(c.StartMS, 0)
		if i > 0 {
			c.StartMS = max(c.StartMS, cues[i-1].StartMS+1+gapMS)
		}
	}
	for i := range cues {
		c := &cues[i]
		c.EndMS = max(c.EndMS, c.StartMS+minCueMS)
		if i+1 < len(cues) {
			c.EndMS = min(c.EndMS, cues[i+1].StartMS-gapMS)
		}
	}
}

func formatTime(ms int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
