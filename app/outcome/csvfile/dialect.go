package csvfile

import (
	"bytes"
	"slices"
	"strings"
)

// delimiters are tried in this order; on a tie the earlier wins.
const delimiters = ",;\t|"

// sepLine is Excel's own way to name the delimiter: a first line "sep=;".
func sepLine(sample []byte) (comma byte, ok bool) {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	line, _, _ = bytes.Cut(line, []byte("\r"))
	line = bytes.Trim(line, `" `)
	if len(line) == len("sep=")+1 && bytes.EqualFold(line[:4], []byte("sep=")) && strings.IndexByte(delimiters, line[4]) >= 0 {
		return line[4], true
	}
	return 0, false
}

// detectDelimiter finds the delimiter by reading the beginning of the file with
// each candidate: the one that makes known headers wins, and else the one that
// gives most rows the same number of cells.
func detectDelimiter(sample []byte, opts Options) byte {
	best, bestComma := []int{-1}, byte(',')
	for i := range len(delimiters) {
		comma := delimiters[i]
		s := newScanner(nil, comma, opts.MaxCell)
		s.buf, s.eof = sample, true
		known := 0
		counts := map[int]int{}
		for n := 0; n < 50; n++ {
			rec, ok := s.next()
			if !ok {
				break
			}
			if rec.err != nil || len(rec.cells) < 2 {
				continue
			}
			if n < headerRows {
				known = max(known, score(rec.cells))
			}
			counts[len(rec.cells)]++
		}
		width, rows := 0, 0
		for w, n := range counts {
			if n > rows || n == rows && w > width {
				width, rows = w, n
			}
		}
		if got := []int{known, rows, width}; slices.Compare(got, best) > 0 {
			best, bestComma = got, comma
		}
	}
	return bestComma
}
