package csvfile

import (
	"strings"
)

// EscapeCell makes a cell safe to be opened in a spreadsheet, for CSV that this
// program writes: a cell that a spreadsheet would take for a formula gets an
// apostrophe in front. Plain numbers, also negative ones, stay as they are. The
// quoting of delimiters and line ends is left to the CSV writer. It must not be
// used on what another program reads back.
func EscapeCell(cell string) string {
	trimmed := strings.TrimLeftFunc(cell, blank)
	if trimmed == "" {
		return cell
	}
	// A leading tab or line end can hide the character behind it.
	if trimmed != cell && strings.IndexByte("\t\r\n", cell[0]) >= 0 {
		return "'" + cell
	}
	for _, start := range []string{"=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "\u2212"} {
		if strings.HasPrefix(trimmed, start) && !plainNumber(trimmed) {
			return "'" + cell
		}
	}
	return cell
}

// plainNumber reports whether s is a sign, digits and at most one decimal
// separator: nothing that could be calculated.
func plainNumber(s string) bool {
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	separators, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' || c == ',':
			separators++
		default:
			return false
		}
	}
	return digits > 0 && separators <= 1
}
