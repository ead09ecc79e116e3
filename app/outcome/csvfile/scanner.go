package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// maxColumns bounds one row. HubSpot allows about a thousand properties.
	maxColumns = 2000
	// maxRecoveries bounds how often a quote that does not close is read twice,
	// so that a hostile file costs at most this many windows and not its square.
	maxRecoveries = 100
	window        = 64 << 10
)

// record is one row of cells, or the reason why it could not be read.
type record struct {
	// line is the physical line on which the record begins, from 1.
	line  int
	cells []string
	err   *RowError
}

// scanner splits text into records. It is lenient where exports are odd: a record
// ends at LF, CRLF or CR; a quote inside a quoted cell that is not followed by a
// delimiter or the end of the line is part of the cell, doubled or not; spaces
// around quotes are no part of the cell; a quote in the middle of an unquoted
// cell is a character like any other.
type scanner struct {
	src       io.Reader
	comma     byte
	maxCell   int
	maxRecord int
	// width is the number of columns once it is known, else 0.
	width int

	buf  []byte // Unread text.
	eof  bool
	err  error // Of src, except io.EOF.
	line int   // Of the start of buf.
	// unclosed and swallows count the recoveries of each kind. After
	// maxRecoveries of the first, quotes end with their line; of the second, rows
	// are taken as they are.
	unclosed, swallows int
	scratch            []byte
	ends               []int // Ends of the cells in scratch.
	lone               bool  // The record has a quoted cell with a quote that is not doubled.
}

func newScanner(src io.Reader, comma byte, maxCell int) *scanner {
	return &scanner{src: src, comma: comma, maxCell: maxCell, maxRecord: max(1<<20, 2*maxCell), line: 1}
}

// outcome is how far parse came.
type outcome int

const (
	complete outcome = iota
	// needMore: the record may go on after the end of the buffer.
	needMore
	// openQuote: a quoted cell does not end within the text.
	openQuote
)

// next returns the next record, and false at the end of the text or on a read
// error, which is then in s.err. Cells are as in the file, without their quotes.
func (s *scanner) next() (record, bool) {
	for {
		if s.skipEmptyLines(); len(s.buf) == 0 && !s.fill() {
			return record{}, false
		}
		if s.buf[0] == '\n' || s.buf[0] == '\r' && (len(s.buf) > 1 || s.eof) {
			continue // Empty lines, just read.
		}
		used, inQuote, got := s.parse(s.buf, s.eof)
		if got == needMore && len(s.buf) < s.maxRecord {
			s.fill()
			if s.err != nil {
				return record{}, false
			}
			continue
		}
		line := s.line
		switch {
		case got == complete && s.swallowed(used):
			s.swallows++
		case got == complete:
			rec := s.take(line)
			s.consume(used)
			return rec, true
		case got == needMore && !inQuote:
			s.discardLine()
			return record{line: line, err: &RowError{Line: line, Code: CodeRowTooLarge,
				Detail: fmt.Sprintf("the row is longer than %d bytes", s.maxRecord)}}, s.err == nil
		default:
			s.unclosed++
		}
		// The quote costs its own line only: the text after it is read again as if
		// the line had ended there.
		s.discardLine()
		return record{line: line, err: &RowError{Line: line, Code: CodeUnclosedQuote,
			Detail: "a quote is opened and not closed"}}, s.err == nil
	}
}

// skipEmptyLines leaves line ends at the start of buf behind: nothing else is as
// cheap to write a million times.
func (s *scanner) skipEmptyLines() {
	n := 0
	for n < len(s.buf) && (s.buf[n] == '\n' || s.buf[n] == '\r') {
		n++
	}
	if n > 0 && n == len(s.buf) && s.buf[n-1] == '\r' && !s.eof {
		n-- // More decides whether a LF follows.
	}
	s.consume(n)
}

// fill reads more text behind buf and reports whether there is any text.
func (s *scanner) fill() bool {
	if s.eof || s.err != nil {
		return len(s.buf) > 0
	}
	// Doubling keeps reading a long record again from its start linear.
	size := len(s.buf) + max(window, len(s.buf))
	next := make([]byte, size)
	n := copy(next, s.buf)
	m, err := io.ReadFull(s.src, next[n:])
	s.buf = next[:n+m]
	switch {
	case err == nil:
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		s.eof = true
	default:
		s.err = fmt.Errorf("csvfile: reading: %w", err)
		return false
	}
	return len(s.buf) > 0
}

// parse splits the record at the start of b into scratch and ends. final says
// that nothing comes after b.
func (s *scanner) parse(b []byte, final bool) (used int, inQuote bool, got outcome) {
	s.scratch, s.ends, s.lone = s.scratch[:0], s.ends[:0], false
	oneLine := s.unclosed >= maxRecoveries
	i := 0
	for {
		start := i
		for i < len(b) && b[i] == ' ' {
			i++
		}
		if i < len(b) && b[i] == '"' {
			if i, got = s.quoted(b, i+1, final, oneLine); got != complete {
				return 0, true, got
			}
		} else {
			i = start
			for i < len(b) && b[i] != s.comma && b[i] != '\n' && b[i] != '\r' {
				i++
			}
			s.scratch = append(s.scratch, b[start:i]...)
		}
		if len(s.ends) <= maxColumns {
			s.ends = append(s.ends, len(s.scratch))
		}
		switch {
		case i == len(b):
			if !final {
				return 0, false, needMore
			}
			return i, false, complete
		case b[i] == s.comma:
			i++
		case b[i] == '\n':
			return i + 1, false, complete
		case i+1 < len(b):
			if b[i+1] == '\n' {
				i++
			}
			return i + 1, false, complete
		case final:
			return i + 1, false, complete
		default: // A CR at the end of the buffer may be half of a CRLF.
			return 0, false, needMore
		}
	}
}

// quoted appends the quoted cell whose text starts at b[i] and returns where the
// delimiter after it is.
func (s *scanner) quoted(b []byte, i int, final, oneLine bool) (int, outcome) {
	for {
		n := bytes.IndexByte(b[i:], '"')
		if oneLine {
			if eol := bytes.IndexAny(b[i:], "\r\n"); eol >= 0 && (n < 0 || eol < n) {
				return 0, openQuote
			}
		}
		if n < 0 {
			if final {
				return 0, openQuote
			}
			return 0, needMore
		}
		s.scratch = append(s.scratch, b[i:i+n]...)
		i += n + 1 // Behind the quote.
		after := i
		for after < len(b) && b[after] == ' ' {
			after++
		}
		switch {
		case after == len(b):
			if !final {
				return 0, needMore
			}
			return after, complete
		case b[after] == s.comma || b[after] == '\n' || b[after] == '\r':
			return after, complete
		case b[i] == '"':
			i++
		default:
			s.lone = true
		}
		s.scratch = append(s.scratch, '"')
	}
}

// swallowed reports whether a quote that was left open seems to have taken in the
// row below: the record spans lines, has as many delimiters as two rows, and has
// the wrong number of cells or a stray quote, as the first quote of the row below
// would be one. A sound cell with lines and delimiters has neither.
func (s *scanner) swallowed(used int) bool {
	if s.width < 2 || len(s.ends) == s.width && !s.lone || s.swallows >= maxRecoveries {
		return false
	}
	raw := s.buf[:used]
	return lineBreaks(raw) > 1 && bytes.Count(raw, []byte{s.comma}) >= 2*(s.width-1)
}

// take makes strings of the cells; one allocation holds them all.
func (s *scanner) take(line int) record {
	rec := record{line: line, cells: make([]string, len(s.ends))}
	all := string(s.scratch)
	start := 0
	for i, end := range s.ends {
		rec.cells[i] = all[start:end]
		if end-start > s.maxCell && rec.err == nil {
			rec.err = &RowError{Line: line, Code: CodeCellTooLarge,
				Detail: fmt.Sprintf("cell %d has %d bytes, at most %d are read", i+1, end-start, s.maxCell)}
		}
		start = end
	}
	return rec
}

// consume leaves the first n bytes behind.
func (s *scanner) consume(n int) {
	s.line += lineBreaks(s.buf[:n])
	s.buf = s.buf[n:]
}

// discardLine leaves everything behind up to and with the next end of a line.
func (s *scanner) discardLine() {
	for {
		i := bytes.IndexAny(s.buf, "\r\n")
		switch {
		case i >= 0 && (s.buf[i] == '\n' || i+1 < len(s.buf) || s.eof):
			if s.buf[i] == '\r' && i+1 < len(s.buf) && s.buf[i+1] == '\n' {
				i++
			}
			s.consume(i + 1)
			return
		case i >= 0: // A CR at the very end: more decides whether a LF follows.
			s.consume(i)
		default:
			s.buf = nil
		}
		if s.eof || !s.fill() {
			s.buf = nil
			return
		}
	}
}

// lineBreaks counts LF, CRLF and CR, each once.
func lineBreaks(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i+1 == len(b) || b[i+1] != '\n' {
			n++
		}
		next := bytes.IndexByte(b[i+1:], '\r')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return n
}
