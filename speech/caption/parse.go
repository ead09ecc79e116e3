package caption

import (
	"strings"
)

// Parse reads a WebVTT or SRT file, whichever its first line says it is, and
// returns its cues by start. An error is an *Error.
func Parse(data []byte) ([]Cue, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	if hasSignature(text) {
		return result(parseVTT(text))
	}
	return result(parseSRT(text))
}

// ParseVTT reads a WebVTT file and returns its cues by start. An error is an
// *Error.
func ParseVTT(data []byte) ([]Cue, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	return result(parseVTT(text))
}

// ParseSRT reads a SubRip file and returns its cues by start. An error is an
// *Error.
func ParseSRT(data []byte) ([]Cue, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	return result(parseSRT(text))
}

// result keeps a nil *Error from becoming a non-nil error.
func result(cues []Cue, err *Error) ([]Cue, error) {
	if err != nil {
		return nil, err
	}
	return cues, nil
}

func hasSignature(text string) bool {
	rest, ok := strings.CutPrefix(text, "WEBVTT")
	return ok && (rest == "" || strings.ContainsRune(" \t\n", rune(rest[0])))
}

// lineReader walks over the lines of a text and counts them.
type lineReader struct {
	rest string
	line int // of what next returned last
}

func (r *lineReader) next() (line string, ok bool) {
	if r.rest == "" {
		return "", false
	}
	line, r.rest, _ = strings.Cut(r.rest, "\n")
	r.line++
	return line, true
}

func parseVTT(text string) ([]Cue, *Error) {
	if !hasSignature(text) {
		return nil, &Error{CodeMalformed, 1, "a WebVTT file begins with the line WEBVTT"}
	}
	r := &lineReader{rest: text}
	var all collector
	for line, ok := r.next(); ok; line, ok = r.next() { // the header, to its blank line
		if strings.TrimSpace(line) == "" {
			break
		}
		if strings.Contains(line, "-->") {
			return nil, &Error{CodeMalformed, r.line, "a blank line is missing before the first cue"}
		}
	}
	for {
		block, at := nextBlock(r)
		if block == nil {
			return all.sorted(), nil
		}
		if err := vttBlock(&all, block, at); err != nil {
			return nil, err
		}
	}
}

// nextBlock returns the lines up to the next blank one, and the number of the
// first; nil at the end.
func nextBlock(r *lineReader) (block []string, at int) {
	for line, ok := r.next(); ok; line, ok = r.next() {
		switch {
		case strings.TrimSpace(line) != "":
			if block == nil {
				at = r.line
			}
			block = append(block, line)
		case block != nil:
			return block, at
		}
	}
	return block, at
}

// vttBlock reads a comment, a style, or a cue with its optional name. A line
// with an arrow inside a cue's text begins another cue, as in the standard.
func vttBlock(all *collector, block []string, at int) *Error {
	for _, other := range []string{"NOTE", "STYLE", "REGION"} {
		if rest, ok := strings.CutPrefix(block[0], other); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') &&
			!strings.Contains(rest, "-->") {
			return nil
		}
	}
	timing := 0
	if !strings.Contains(block[0], "-->") {
		timing = 1 // the first line is the cue's name
	}
	if timing >= len(block) || !strings.Contains(block[timing], "-->") {
		return &Error{CodeMalformed, at, "neither a cue nor a comment: no line with times"}
	}
	for timing < len(block) {
		start, end, err := parseTiming(block[timing], at+timing)
		if err != nil {
			return err
		}
		next := timing + 1
		for next < len(block) && !strings.Contains(block[next], "-->") {
			next++
		}
		if err := all.add(start, end, block[timing+1:next], at+timing); err != nil {
			return err
		}
		timing = next
	}
	return nil
}

// parseSRT takes every line with an arrow as the start of a cue, and the number
// before it, if there is one, as no text. So blank lines inside a cue and
// missing or repeated numbers do no harm.
func parseSRT(text string) ([]Cue, *Error) {
	r := &lineReader{rest: text}
	var all collector
	var lines []string
	var start, end int64
	begun := 0 // the line of the current cue's times; 0 before the first
	firstText := 0
	flush := func() *Error {
		if begun == 0 {
			return nil
		}
		return all.add(start, end, lines, begun)
	}
	for line, ok := r.next(); ok; line, ok = r.next() {
		if !strings.Contains(line, "-->") {
			lines = append(lines, line)
			if firstText == 0 && strings.TrimSpace(line) != "" {
				firstText = r.line
			}
			continue
		}
		lines = dropNumber(lines, begun == 0)
		if begun == 0 && strings.TrimSpace(strings.Join(lines, "")) != "" {
			return nil, &Error{CodeMalformed, firstText, "text before the first cue: neither SRT nor WebVTT"}
		}
		if err := flush(); err != nil {
			return nil, err
		}
		var err *Error
		if start, end, err = parseTiming(line, r.line); err != nil {
			return nil, err
		}
		lines, begun = lines[:0], r.line
	}
	if begun == 0 && firstText != 0 {
		return nil, &Error{CodeMalformed, firstText, "no cue in the file: neither SRT nor WebVTT"}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return all.sorted(), nil
}

// dropNumber removes a cue's number from the lines before its times. Inside a
// file it counts as a number only after a blank line, so that a caption which
// is a number stays.
func dropNumber(lines []string, first bool) []string {
	last := len(lines) - 1
	if last < 0 {
		return lines
	}
	number := strings.TrimSpace(lines[last])
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return lines
	}
	if first || last > 0 && strings.TrimSpace(lines[last-1]) == "" {
		return lines[:last]
	}
	return lines
}

// parseTiming reads "00:01:02,500 --> 00:01:04.000 align:start".
func parseTiming(line string, at int) (start, end int64, err *Error) {
	left, right, _ := strings.Cut(line, "-->")
	right = strings.TrimLeft(right, " \t")
	if i := strings.IndexAny(right, " \t"); i >= 0 {
		right = right[:i] // cue settings follow
	}
	start, ok := parseTime(strings.TrimSpace(left))
	if !ok {
		return 0, 0, &Error{CodeMalformed, at, "the start is not a time such as 00:01:02.500"}
	}
	if end, ok = parseTime(right); !ok {
		return 0, 0, &Error{CodeMalformed, at, "the end is not a time such as 00:01:02.500"}
	}
	if start > maxTimeMS || end > maxTimeMS {
		return 0, 0, &Error{CodeMalformed, at, "a time beyond 24 hours"}
	}
	if end < start {
		return 0, 0, &Error{CodeMalformed, at, "the cue ends before it starts"}
	}
	return start, end, nil
}

// parseTime reads [hours:]minutes:seconds with one to three decimals after a
// point or comma. It takes nothing else, no sign in particular.
func parseTime(s string) (ms int64, ok bool) {
	dot := strings.LastIndexAny(s, ".,")
	if dot < 0 {
		return 0, false
	}
	fraction, ok := digits(s[dot+1:], 1, 3)
	if !ok {
		return 0, false
	}
	for range 3 - len(s[dot+1:]) {
		fraction *= 10
	}
	parts := strings.Split(s[:dot], ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	total := int64(0)
	for i, p := range parts {
		most := 2
		if i == 0 {
			most = 4 // hours, or minutes in a file without hours: still below 60
		}
		n, ok := digits(p, 1, most)
		if !ok || n > 59 && (i > 0 || len(parts) == 2) {
			return 0, false
		}
		total = total*60 + n
	}
	return total*1000 + fraction, true
}

// digits reads a number of least to most ASCII digits.
func digits(s string, least, most int) (n int64, ok bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int64(s[i]-'0')
	}
	return n, true
}
