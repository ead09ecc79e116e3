package caption

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/speech"
)

// Limits of a caption file.
const (
	// MaxBytes is the largest file that is read: ten hours of dense captions.
	MaxBytes = 2 << 20
	// MaxCues is the greatest number of cues.
	MaxCues = 20_000
	// maxTimeMS is the latest time of a cue: 24 hours.
	maxTimeMS = 24 * 3600 * 1000
)

// Code says what is wrong with a caption file, for the caller's problem
// document.
type Code string

// The codes of Error.
const (
	CodeMalformed Code = "captions_malformed"
	CodeTooLarge  Code = "captions_too_large"
	CodeEncoding  Code = "captions_encoding"
)

// Error is why a caption file was refused. All errors of the parsers are of
// this type.
type Error struct {
	Code Code
	// Line is the line it was noticed at, counted from 1; 0 where no line is to blame.
	Line int
	// Reason says in words what is wrong; it is safe to show.
	Reason string
}

// Error gives the line and the reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return "captions: " + e.Reason
	}
	return fmt.Sprintf("captions, line %d: %s", e.Line, e.Reason)
}

// Cue is one caption as plain text.
type Cue struct {
	StartMS, EndMS int64
	// Text has no markup; its lines are parted by "\n" and none is empty.
	Text string
}

// ToTranscript makes a transcript of cues that are in order, as the parsers
// return them: one segment a cue, word times spread over the cue by the words'
// lengths, confidence 1. Where cues overlap, the earlier one ends when the next
// starts; cues that start together become one. Language and Engine are left to
// the caller; DurationMS is the last cue's end.
func ToTranscript(cues []Cue) speech.Transcript {
	var t speech.Transcript
	for len(cues) > 0 {
		start, end := cues[0].StartMS, cues[0].EndMS
		texts := []string{cues[0].Text}
		n := 1
		for ; n < len(cues) && cues[n].StartMS <= start; n++ {
			texts = append(texts, cues[n].Text)
			end = max(end, cues[n].EndMS)
		}
		if cues = cues[n:]; len(cues) > 0 {
			end = min(end, cues[0].StartMS)
		}
		if words := speech.Spread(strings.Join(texts, "\n"), start, end); len(words) > 0 {
			t.Segments = append(t.Segments, speech.NewSegment(words))
			t.DurationMS = end
		}
	}
	return t
}

// collector gathers the cues of a file within the limits.
type collector struct{ cues []Cue }

// add appends a cue unless it shows nothing.
func (c *collector) add(start, end int64, lines []string, line int) *Error {
	text := plain(lines)
	if text == "" || start == end {
		return nil
	}
	if len(c.cues) == MaxCues {
		return &Error{CodeTooLarge, line, fmt.Sprintf("more than %d cues", MaxCues)}
	}
	c.cues = append(c.cues, Cue{StartMS: start, EndMS: end, Text: text})
	return nil
}

// sorted returns the cues by start; cues that start together keep their order.
func (c *collector) sorted() []Cue {
	slices.SortStableFunc(c.cues, func(a, b Cue) int { return cmp.Compare(a.StartMS, b.StartMS) })
	return c.cues
}

// plain joins the lines of a cue without markup, white space and empty lines.
func plain(lines []string) string {
	// Tags may reach over a line's end.
	text := unescape(stripTags(strings.Join(lines, "\n")))
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
