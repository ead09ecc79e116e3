package csvfile

import (
	"io"
	"iter"
)

// Summary counts what Rows has given.
type Summary struct {
	// Deals is the number of rows that were read, Failed of those that were
	// refused, all of them.
	Deals, Failed int
	// ByCode breaks Failed down.
	ByCode map[Code]int
	// Errors are the first Options.MaxErrors of them.
	Errors []RowError
	// Footers is the number of lines after the data that are no deals, as
	// Salesforce puts them at the end of a report.
	Footers int
}

// Rows reads the file from its start and yields each row as a deal or as the
// error for which it was refused; then the deal is zero. Empty rows, a header that
// comes again and lines of one cell after the data are passed over. When it ends,
// Err says whether the whole file was read. Every call starts anew.
func (f *File) Rows() iter.Seq2[Deal, *RowError] {
	return func(yield func(Deal, *RowError) bool) {
		f.summary, f.err = Summary{ByCode: map[Code]int{}}, nil
		r, err := f.text.open(f.src)
		if err != nil {
			f.err = err
			return
		}
		f.err = f.read(r, yield)
	}
}

// Err returns the error that ended the last Rows early, nil at the end of the file.
func (f *File) Err() error { return f.err }

// Summary returns the counts of the last Rows.
func (f *File) Summary() Summary { return f.summary }

func (f *File) read(r io.Reader, yield func(Deal, *RowError) bool) error {
	s := f.scanner(r)
	width := len(f.header.names)
	b := builder{f: f, seen: map[string]int{}}
	var single []int // Lines of one cell, of which it is not yet known whether data follows.
	refuse := func(e *RowError) bool {
		f.summary.Failed++
		f.summary.ByCode[e.Code]++
		if len(f.summary.Errors) < f.opts.MaxErrors {
			f.summary.Errors = append(f.summary.Errors, *e)
		}
		return yield(Deal{}, e)
	}
	rows := 0
	for {
		rec, ok := s.next()
		if !ok {
			break
		}
		if rec.line < f.start {
			continue
		}
		if rec.line == f.start {
			s.width = width
			continue
		}
		if emptyRow(rec.cells) {
			continue
		}
		if rows++; rows > f.opts.MaxRows {
			return &LimitError{What: "rows", Limit: int64(f.opts.MaxRows)} // src has grown since Open.
		}
		if rec.err == nil && width > 1 && filled(rec.cells) == 1 {
			single = append(single, rec.line)
			continue
		}
		for _, line := range single {
			if !refuse(&RowError{Line: line, Code: CodeSingleCell, Detail: "one cell only, amid the data"}) {
				return nil
			}
		}
		single = single[:0]
		if rec.err == nil && f.repeatsHeader(rec.cells) {
			continue
		}
		d, e := b.deal(rec)
		if e != nil {
			e.Line = rec.line
			if !refuse(e) {
				return nil
			}
			continue
		}
		f.summary.Deals++
		if !yield(d, nil) {
			return nil
		}
	}
	f.summary.Footers = len(single)
	return s.err
}

// repeatsHeader recognises the header of a second export that was appended.
func (f *File) repeatsHeader(row []string) bool {
	for _, i := range f.header.column {
		if i >= len(row) || headerText(row[i]) != f.header.names[i] {
			return false
		}
	}
	return true
}
