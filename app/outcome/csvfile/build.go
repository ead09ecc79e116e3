package csvfile

import (
	"fmt"
	"strings"
	"time"
)

// maxIDLen bounds an external id; no CRM has longer ones.
const maxIDLen = 255

// builder makes deals of the records of one file.
type builder struct {
	f *File
	// seen has the line of each id so far.
	seen map[string]int

	c cells
	d Deal
	// left are fields of this row that the deal did not take; their cells go to
	// Extra like those of unknown columns.
	left []Field
}

func (b *builder) deal(rec record) (Deal, *RowError) {
	if rec.err != nil {
		return Deal{}, rec.err
	}
	if width := len(b.f.header.names); len(rec.cells) > width {
		if filled(rec.cells[width:]) > 0 {
			return Deal{}, &RowError{Code: CodeRagged, Detail: "more cells than the header has columns"}
		}
		rec.cells = rec.cells[:width]
	}
	b.c = cells{h: &b.f.header, row: rec.cells}
	b.left = b.left[:0]
	b.d = Deal{
		Line:       rec.line,
		Name:       b.c.get(FieldName),
		Stage:      b.c.get(FieldStage),
		Segment:    b.c.get(FieldSegment),
		Competitor: b.c.get(FieldCompetitor),
		Product:    b.c.get(FieldProduct),
	}
	b.owner()
	for _, step := range [...]func() *RowError{b.id, b.status, b.dates, b.amount} {
		if e := step(); e != nil {
			return Deal{}, e
		}
	}
	// Only now: a row that is refused does not make a later, sound one a
	// duplicate.
	if line, ok := b.seen[b.d.ExternalID]; ok {
		return Deal{}, b.c.fault(FieldExternalID, CodeDuplicateID, fmt.Sprintf("line %d has the same id", line))
	}
	b.seen[strings.Clone(b.d.ExternalID)] = rec.line
	b.extra()
	return b.d, nil
}

func (b *builder) id() *RowError {
	id := b.c.get(FieldExternalID)
	switch {
	case id == "":
		return b.c.fault(FieldExternalID, CodeMissingValue, "no id")
	case len(id) > maxIDLen:
		return b.c.fault(FieldExternalID, CodeBadID, fmt.Sprintf("longer than %d bytes", maxIDLen))
	case scientific(id):
		return b.c.fault(FieldExternalID, CodeBadID, "a spreadsheet has rounded the id: "+quote(id))
	}
	if b.f.header.preset == PresetSalesforce {
		if key, ok := SalesforceKey(id); ok {
			id = key
		}
	}
	b.d.ExternalID = id
	return nil
}

// scientific recognises a long number after a spreadsheet has saved it: 1.23E+11.
func scientific(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	return ok && exponent != "" && mantissa != "" && strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "0123456789") == ""
}

// owner takes the name, or else the address, or else the id.
func (b *builder) owner() {
	name, email, id := b.c.get(FieldOwner), b.c.get(FieldOwnerEmail), b.c.get(FieldOwnerID)
	if address, ok := emailIn(email); ok {
		b.d.OwnerEmail = address
	} else {
		b.left = append(b.left, FieldOwnerEmail)
		if address, ok := emailIn(name); ok {
			b.d.OwnerEmail = address
		}
	}
	switch {
	case name != "":
		b.d.Owner = name
	case email != "":
		b.d.Owner = email
	default:
		b.d.Owner = id
		return
	}
	b.left = append(b.left, FieldOwnerID)
}

// emailIn finds the address in "a@b.c", "Ann (a@b.c)" and "Ann <a@b.c>".
func emailIn(s string) (string, bool) {
	if n := len(s); n > 0 && (s[n-1] == ')' || s[n-1] == '>') {
		if i := strings.LastIndexAny(s, "(<"); i >= 0 {
			s = s[i+1 : n-1]
		}
	}
	at := strings.IndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > 254 || strings.LastIndexByte(s, '@') != at || strings.ContainsAny(s, " \t\r\n,;:<>()\"") {
		return "", false
	}
	return strings.ToLower(s), true
}

func (b *builder) status() *RowError {
	var e *RowError
	b.d.Status, e = statusOf(b.c, b.f.opts)
	return e
}

func (b *builder) dates() *RowError {
	opened, _, e := b.date(FieldOpenedAt)
	if e != nil {
		return e
	}
	if opened.IsZero() {
		return b.c.fault(FieldOpenedAt, CodeMissingValue, "no opening date")
	}
	b.d.OpenedAt = opened
	// A deal that was won after it was lost has both times; only its own counts.
	own := [2]Field{FieldClosedAt, FieldClosedAt}
	switch b.d.Status {
	case StatusWon:
		own[0] = FieldWonAt
	case StatusLost:
		own[0] = FieldLostAt
	case StatusOpen, StatusDeleted:
		own = [2]Field{}
	}
	for _, field := range own {
		closed, dateOnly, e := b.date(field)
		if e != nil {
			return e
		}
		if closed.IsZero() {
			continue
		}
		// A close date without a time is midnight, which on the day of opening
		// lies before the opening although the deal did not close before it.
		if dateOnly && closed.Before(opened) && sameDay(closed, opened.In(closed.Location())) {
			closed = opened
		}
		b.d.ClosedAt = &closed
		own[0] = field
		break
	}
	for _, field := range [...]Field{FieldWonAt, FieldLostAt, FieldClosedAt} {
		if b.d.ClosedAt == nil || field != own[0] {
			b.left = append(b.left, field)
		}
	}
	return nil
}

// date reads the date of a field; zero where the cell is empty.
func (b *builder) date(field Field) (t time.Time, dateOnly bool, e *RowError) {
	cell := b.c.get(field)
	if cell == "" {
		return time.Time{}, false, nil
	}
	d, ok := splitDate(cell)
	if !ok {
		return time.Time{}, false, b.c.fault(field, CodeBadDate, "not a date: "+quote(cell))
	}
	order := b.f.orders[field]
	if t, ok = d.time(order, b.f.opts.Location); !ok {
		return time.Time{}, false, b.c.fault(field, CodeBadDate, fmt.Sprintf("not a date as %s: %s", order, quote(cell)))
	}
	return t, d.dateOnly, nil
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

func (b *builder) amount() *RowError {
	if cell := b.c.get(FieldCurrency); cell != "" {
		if code, known := currencyOf(cell); known && code != "" {
			b.d.Currency = code
		} else {
			b.left = append(b.left, FieldCurrency)
		}
	}
	cell := b.c.get(FieldAmount)
	if cell == "" || cell == "-" || cell == "–" || cell == "—" { // Accounting formats write nothing as a dash.
		return nil
	}
	raw, ok := splitAmount(cell)
	if !ok {
		return b.c.fault(FieldAmount, CodeBadAmount, "not an amount: "+quote(cell))
	}
	micros, ok := raw.micros(b.f.style)
	if !ok {
		return b.c.fault(FieldAmount, CodeBadAmount, "out of range, or not written like the other amounts of the file: "+quote(cell))
	}
	b.d.AmountMicros = &micros
	if b.d.Currency == "" {
		b.d.Currency = raw.currency
	}
	return nil
}

// extra keeps every cell that the deal did not take.
func (b *builder) extra() {
	for i, cell := range b.c.row {
		if b.taken(i) {
			continue
		}
		if v := clean(cell); v != "" {
			if b.d.Extra == nil {
				b.d.Extra = make(map[string]string)
			}
			b.d.Extra[b.f.header.names[i]] = v
		}
	}
}

func (b *builder) taken(column int) bool {
	field := b.f.fields[column]
	if field == "" {
		return false
	}
	for _, l := range b.left {
		if l == field {
			return false
		}
	}
	return true
}
