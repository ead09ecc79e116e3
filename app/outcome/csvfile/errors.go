package csvfile

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrEmpty says that the file has no row at all.
	ErrEmpty = errors.New("csvfile: the file is empty")
	// ErrWorkbook says that the file is an Excel workbook and no CSV: the person
	// has to save it as CSV.
	ErrWorkbook = errors.New("csvfile: the file is an Excel workbook, not CSV")
	// ErrBinary says that the file is no text.
	ErrBinary = errors.New("csvfile: the file is not text")
)

// LimitError says that the file is larger than Options allow.
type LimitError struct {
	// What is "bytes", "rows" or "columns".
	What  string
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("csvfile: more than %d %s", e.Limit, e.What)
}

// Column is a column of the file, for a person to choose from.
type Column struct {
	// Name is the header as it is shown and as Options.Mapping names it.
	Name string
	// Samples are up to three different values.
	Samples []string
}

// NeedsMapping says that the file lacks columns that are needed, or that they
// are not recognised: the person chooses them, and the file is opened again with
// Options.Mapping.
type NeedsMapping struct {
	// Preset is the CRM that the header looks like; PresetPlain if none.
	Preset  Preset
	Columns []Column
	// Suggestions is what was recognised or looks right, by field.
	Suggestions map[Field]string
	// Missing are the fields that must be chosen.
	Missing []Field
}

func (e *NeedsMapping) Error() string {
	names := make([]string, len(e.Missing))
	for i, f := range e.Missing {
		names[i] = string(f)
	}
	return "csvfile: columns to be chosen: " + strings.Join(names, ", ")
}

// DateOrderNeeded says that a column's dates are right both as day/month and as
// month/day, or partly the one and partly the other: the person says which, and
// the file is opened again with Options.DateOrder.
type DateOrderNeeded struct {
	Column string
	Field  Field
	// Mixed is true when some dates fit only one order and others only the other.
	Mixed bool
	// Examples are up to three dates of the column.
	Examples []string
}

func (e *DateOrderNeeded) Error() string {
	return fmt.Sprintf("csvfile: the order of day and month in column %q is not clear (%s)", e.Column, strings.Join(e.Examples, ", "))
}

// Code says what is wrong with a row; it is stable and has a text on the screen.
type Code string

// The codes of rows that are refused.
const (
	// CodeMissingValue: a needed cell is empty.
	CodeMissingValue Code = "missing_value"
	// CodeBadID: the id is damaged, for example 1.23E+11 by a spreadsheet.
	CodeBadID Code = "bad_id"
	// CodeDuplicateID: an earlier row has the same id; that one counts.
	CodeDuplicateID Code = "duplicate_id"
	// CodeBadDate: not a date, or not one in the order of the column.
	CodeBadDate Code = "bad_date"
	// CodeBadAmount: not a number, or out of range.
	CodeBadAmount Code = "bad_amount"
	// CodeBadStatus: neither open, won, lost nor deleted.
	CodeBadStatus Code = "bad_status"
	// CodeRagged: more cells than the header has, so that it is not known
	// which cell belongs to which column.
	CodeRagged Code = "ragged_row"
	// CodeSingleCell: one cell only, amid the data.
	CodeSingleCell Code = "single_cell"
	// CodeUnclosedQuote: a quote is opened and never closed.
	CodeUnclosedQuote Code = "unclosed_quote"
	// CodeCellTooLarge: a cell is larger than Options.MaxCell.
	CodeCellTooLarge Code = "cell_too_large"
	// CodeRowTooLarge: a row is larger than is read at once.
	CodeRowTooLarge Code = "row_too_large"
)

// RowError is why one row was refused.
type RowError struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int
	// Column is the header of the cell at fault, empty for the whole row.
	Column string
	Code   Code
	// Detail says more in English, with at most the beginning of the cell.
	Detail string
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s: %s", e.Line, e.Code, e.Detail)
	}
	return fmt.Sprintf("line %d, %s: %s: %s", e.Line, e.Column, e.Code, e.Detail)
}

// quote shortens a cell for a message.
func quote(cell string) string {
	const most = 60
	n := 0
	for i := range cell {
		if n++; n > most {
			return fmt.Sprintf("%q…", cell[:i])
		}
	}
	return fmt.Sprintf("%q", cell)
}
