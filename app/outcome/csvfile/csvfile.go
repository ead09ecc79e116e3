package csvfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Options say how a file is to be read. The zero value recognises everything.
type Options struct {
	Preset Preset
	// Mapping names the column of a field by its header; it goes before what the
	// preset finds. An empty name says that the file has no such column.
	Mapping map[Field]string
	// DateOrder is the order of day and month where the person has said it.
	DateOrder DateOrder
	// Decimal is "." or "," where the person has said it.
	Decimal string
	// WonStages and LostStages are stages that close a deal, besides those that
	// CRMs have by default.
	WonStages, LostStages []string
	// Location is where times without a zone are read; nil means UTC.
	Location *time.Location
	// Bounds on the file; 0 means the default: 64 MiB, 500,000 rows, 256 KiB
	// for a cell.
	MaxBytes int64
	MaxRows  int
	MaxCell  int
	// MaxErrors is the number of row errors kept in the Summary; 0 means 100.
	MaxErrors int
}

func (o Options) withDefaults() Options {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxRows <= 0 {
		o.MaxRows = 500_000
	}
	if o.MaxCell <= 0 {
		o.MaxCell = 256 << 10
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = 100
	}
	return o
}

// headerRows is how far down the header is looked for: reports may begin with a
// title and the filters used.
const headerRows = 10

// File is an export that is understood and ready to be read. It must be used by
// one goroutine at a time.
type File struct {
	src    io.ReadSeeker
	opts   Options
	text   text
	comma  byte
	sep    bool // The first line is "sep=…".
	header header
	// fields is the field of each column, empty for those that none has.
	fields []Field
	// start is the line of the header.
	start  int
	orders map[Field]DateOrder
	style  style
	survey survey

	summary Summary
	err     error
}

// survey is what the first reading finds.
type survey struct {
	// lines counts all rows, rows those that are not empty.
	lines, rows int
	stages      map[string]int
}

// maxStages bounds the list of stages; a column with more is none.
const maxStages = 200

// StageUse is a stage that the file has and what became of its deals.
type StageUse struct {
	Stage string
	Rows  int
	// Closes is StatusWon or StatusLost if the name of the stage closes a
	// deal, else StatusOpen. Won and lost columns go before it.
	Closes Status
}

// Open looks at the whole of src, from its start. The error is ErrEmpty,
// ErrWorkbook, ErrBinary, a *LimitError, a *NeedsMapping, a *DateOrderNeeded or what
// reading src gave. src must not change until the last Rows.
func Open(src io.ReadSeeker, opts Options) (*File, error) {
	f := &File{src: src, opts: opts.withDefaults()}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("csvfile: seeking: %w", err)
	}
	var err error
	if f.text, err = inspect(src, f.opts.MaxBytes); err != nil {
		return nil, err
	}
	r, err := f.text.open(src)
	if err != nil {
		return nil, err
	}
	head := bufio.NewReaderSize(r, window)
	sample, err := head.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("csvfile: reading: %w", err)
	}
	if binary(sample) {
		return nil, ErrBinary
	}
	if f.comma, f.sep = sepLine(sample); !f.sep {
		f.comma = detectDelimiter(sample, f.opts)
	}
	if err := f.look(f.scanner(head)); err != nil {
		return nil, err
	}
	return f, nil
}

// binary reports whether text has control characters that no export has: it is
// some other kind of file, read as Windows-1252.
func binary(sample []byte) bool {
	n := 0
	for _, c := range sample {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b && c != 0x1a {
			n++
		}
	}
	return n*20 > len(sample)
}

func (f *File) scanner(r io.Reader) *scanner {
	s := newScanner(r, f.comma, f.opts.MaxCell)
	if f.sep {
		s.next() // If it cannot be read, the next record says so.
	}
	return s
}

// look finds the header and surveys the rows after it.
func (f *File) look(s *scanner) error {
	var first []record
	best, bestScore := -1, -1
	for n := 0; n < headerRows; n++ {
		rec, ok := s.next()
		if !ok {
			break
		}
		first = append(first, rec)
		if rec.err != nil || len(rec.cells) > maxColumns || emptyRow(rec.cells) {
			continue
		}
		got := 0
		if filled(rec.cells) > 1 {
			got = 1 + score(rec.cells)
		}
		// A word of a data row can be a known header ("won"), three are none
		// by chance.
		if got > bestScore && (bestScore <= 0 || got > 2*3) {
			best, bestScore = n, got
		}
	}
	if s.err != nil {
		return s.err
	}
	if best < 0 {
		if len(first) > 0 && len(first[0].cells) > maxColumns {
			return &LimitError{What: "columns", Limit: maxColumns}
		}
		return ErrEmpty
	}
	f.start = first[best].line
	names := columnNames(first[best].cells)
	s.width = len(names)
	h, ask := readHeader(names, f.opts)
	f.header = h
	f.fields = make([]Field, len(names))
	for field, i := range h.column {
		f.fields[i] = field
	}
	l := newLook(f)
	for _, rec := range first[best+1:] {
		if err := l.row(rec); err != nil {
			return err
		}
	}
	for {
		if ask != nil && f.survey.rows >= headerRows {
			break // Enough for samples; the file is opened again anyway.
		}
		rec, ok := s.next()
		if !ok {
			break
		}
		if err := l.row(rec); err != nil {
			return err
		}
	}
	if s.err != nil {
		return s.err
	}
	if ask != nil {
		for i, name := range names {
			ask.Columns = append(ask.Columns, Column{Name: name, Samples: l.samples[i]})
		}
		return ask
	}
	return l.decide()
}

// looking is the first reading of the rows.
type looking struct {
	f       *File
	samples [][]string
	dates   map[Field]*dateVotes
	decimal decimalVotes
}

func newLook(f *File) *looking {
	l := &looking{f: f, samples: make([][]string, len(f.header.names)), dates: map[Field]*dateVotes{}}
	for _, field := range []Field{FieldOpenedAt, FieldClosedAt, FieldWonAt, FieldLostAt} {
		if _, ok := f.header.column[field]; ok {
			l.dates[field] = &dateVotes{}
		}
	}
	f.survey.stages = map[string]int{}
	return l
}

func (l *looking) row(rec record) error {
	f := l.f
	// Spreadsheets save rows of nothing but delimiters, but not without end.
	if f.survey.lines++; f.survey.lines > 4*f.opts.MaxRows {
		return &LimitError{What: "rows", Limit: int64(f.opts.MaxRows)}
	}
	if emptyRow(rec.cells) {
		return nil
	}
	if f.survey.rows++; f.survey.rows > f.opts.MaxRows {
		return &LimitError{What: "rows", Limit: int64(f.opts.MaxRows)}
	}
	if rec.err != nil || filled(rec.cells) < 2 {
		return nil
	}
	if f.survey.rows <= 20 {
		for i := range min(len(rec.cells), len(l.samples)) {
			v := clean(rec.cells[i])
			if v != "" && len(v) <= 200 && len(l.samples[i]) < 3 && !slices.Contains(l.samples[i], v) {
				l.samples[i] = append(l.samples[i], strings.Clone(v))
			}
		}
	}
	c := cells{h: &f.header, row: rec.cells}
	for field, votes := range l.dates {
		votes.add(c.get(field))
	}
	if v := c.get(FieldAmount); v != "" {
		l.decimal.add(v)
	}
	if v := c.get(FieldStage); v != "" && (len(f.survey.stages) < maxStages || f.survey.stages[v] > 0) {
		f.survey.stages[strings.Clone(v)]++ // A cell keeps its whole row in memory.
	}
	return nil
}

// decide fixes what the columns have shown. The columns of one export are written
// in one locale: a column whose own dates leave the order open takes it from
// another column with the same separator, and only if no column shows it is the
// person asked.
func (l *looking) decide() error {
	f := l.f
	f.style = l.decimal.style()
	if f.opts.Decimal == "." || f.opts.Decimal == "," {
		f.style = style{decimal: f.opts.Decimal[0]}
	}
	f.orders = map[Field]DateOrder{}
	for _, field := range Fields() {
		votes, ok := l.dates[field]
		if !ok {
			continue
		}
		if f.opts.DateOrder != OrderAuto {
			f.orders[field] = f.opts.DateOrder
			continue
		}
		order, undecided := votes.order()
		if undecided && order != OrderAuto {
			order, undecided = l.fromOthers(votes.sep)
		}
		if undecided {
			return &DateOrderNeeded{
				Column:   f.header.names[f.header.column[field]],
				Field:    field,
				Mixed:    votes.dmy > 0 && votes.mdy > 0,
				Examples: votes.examples,
			}
		}
		f.orders[field] = order
	}
	return nil
}

func (l *looking) fromOthers(sep byte) (order DateOrder, undecided bool) {
	var all dateVotes
	for _, votes := range l.dates {
		if votes.sep == sep {
			all.dmy += votes.dmy
			all.mdy += votes.mdy
		}
	}
	if all.dmy+all.mdy == 0 {
		return OrderAuto, true
	}
	return all.order()
}

func emptyRow(row []string) bool { return len(row) > 0 && filled(row) == 0 }

// filled counts the cells that are not empty, up to two.
func filled(row []string) int {
	n := 0
	for _, c := range row {
		if clean(c) != "" {
			if n++; n == 2 {
				break
			}
		}
	}
	return n
}

// Report is how a file was understood; it is shown before an import.
type Report struct {
	Preset    Preset
	Encoding  Encoding
	Delimiter string
	// HeaderLine is the line of the header.
	HeaderLine int
	// Mapping is the header of each field that was found.
	Mapping map[Field]string
	// Unmapped are the columns that go to Deal.Extra.
	Unmapped []string
	// DateOrders is the order of day and month for each date column.
	DateOrders map[Field]DateOrder
	// Decimal is the decimal separator, empty where the file does not show it.
	Decimal string
	// Stages are the stages, most used first.
	Stages []StageUse
	// Rows is the number of rows after the header that are not empty.
	Rows int
}

// Report returns how the file was understood.
func (f *File) Report() Report {
	r := Report{
		Preset:     f.header.preset,
		Encoding:   f.text.encoding,
		Delimiter:  string(rune(f.comma)),
		HeaderLine: f.start,
		Mapping:    map[Field]string{},
		DateOrders: f.orders,
		Rows:       f.survey.rows,
	}
	if f.style.decimal != 0 {
		r.Decimal = string(rune(f.style.decimal))
	}
	mapped := map[int]bool{}
	for field, i := range f.header.column {
		r.Mapping[field] = f.header.names[i]
		mapped[i] = true
	}
	for i, name := range f.header.names {
		if !mapped[i] {
			r.Unmapped = append(r.Unmapped, name)
		}
	}
	for stage, rows := range f.survey.stages {
		closes := StatusOpen
		if s, ok := stageStatus(stage, f.opts); ok {
			closes = s
		}
		r.Stages = append(r.Stages, StageUse{Stage: stage, Rows: rows, Closes: closes})
	}
	slices.SortFunc(r.Stages, func(a, b StageUse) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return strings.Compare(a.Stage, b.Stage)
	})
	return r
}
