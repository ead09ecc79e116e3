package outcome

import (
	"cmp"
	"context"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
)

// ImportRequest is a file of deals, as a CRM exports it.
type ImportRequest struct {
	// Filename is what the sender calls the file; it is only shown.
	Filename string
	// Body is the file. It is read where it is if it can be read twice, and otherwise kept on disk
	// while it is read.
	Body io.Reader
	// Options say how the file is to be read; the zero value recognises everything. Their limits can
	// only be made narrower than those of the package.
	Options csvfile.Options
	// DryRun does everything but writing.
	DryRun bool
}

// Report says what an import did, or what it would do.
type Report struct {
	// ImportID is empty for a dry run.
	ImportID string
	DryRun   bool
	// Rows are the deals of the file; each is created, updated, unchanged or failed.
	Rows, Created, Updated, Unchanged, Failed int
	// Errors are the first 200 rows that failed, in the order of the file.
	Errors []RowError
	// Preset is the CRM that the file is from. DateOrder is the order of day and month of the opening
	// dates.
	Preset    csvfile.Preset
	DateOrder csvfile.DateOrder
	// UnknownColumns are kept as they are, in Deal.Extra.
	UnknownColumns []string
	// UnmatchedOwners are the owners whom nobody's account matches, with most deals first; at most 200.
	UnmatchedOwners []UnmatchedOwner
	// File is how the file was understood in full.
	File csvfile.Report
}

// RowError is why a row was refused. Column is the header of the cell at fault, empty for the whole row.
type RowError struct {
	Line                 int
	Column, Code, Detail string
}

// UnmatchedOwner is an owner in the CRM whom nobody's account matches.
type UnmatchedOwner struct {
	// Ref is how the deals name the owner; Name is empty where the file has no other.
	Ref, Name string
	Deals     int
}

const (
	maxRowErrors = 200
	maxUnmatched = 200
	// batch is how many deals are read or written in one statement: 18 columns of each are below the
	// 32,766 parameters of SQLite.
	batch = 500
)

// Import makes and changes deals as a CRM's export says, all in one transaction; see the rules of the
// package. Only trainers and admins may. Errors: those that the file causes as a whole (see
// fileFault), after which nothing has changed; rows that cannot be read are in the report instead.
func (s *Service) Import(ctx context.Context, actor people.Actor, req ImportRequest) (Report, error) {
	if !Can(actor, ImportDeals, Standing{}) {
		return Report{}, fault.Denied("Only a trainer or an admin may import deals.")
	}
	if err := checkOptions(req.Options); err != nil {
		return Report{}, err
	}
	select {
	case s.slot <- struct{}{}:
		defer func() { <-s.slot }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	in, err := s.read(ctx, req)
	if err != nil {
		return Report{}, err
	}
	if req.DryRun {
		byEmail, byName, err := s.people.Owners(ctx)
		if err != nil {
			return Report{}, err
		}
		err = in.apply(ctx, owners{byEmail, byName}, func(ids []string) (map[string]*dealRow, error) { return loadDeals(s.db.Read(ctx), ids) }, nil)
		return in.report(), err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		byEmail, byName, err := s.people.OwnersTx(tx)
		if err != nil {
			return err
		}
		if err := lockDeals(tx, true); err != nil {
			return err
		}
		record := importRow{ID: ident.New(), Filename: filename(req.Filename), Preset: string(in.file.Preset), CreatedAt: tx.Now}
		if actor.PersonID != "" {
			record.PersonID = &actor.PersonID
		}
		if err := insertImport(tx, record); err != nil {
			return err
		}
		err = in.apply(ctx, owners{byEmail, byName}, func(ids []string) (map[string]*dealRow, error) { return loadDeals(tx.Gorm(), ids) },
			func(rows []dealRow) error {
				for i := range rows {
					rows[i].ImportID, rows[i].UpdatedAt = &record.ID, tx.Now
					if rows[i].CreatedAt.IsZero() {
						rows[i].CreatedAt = tx.Now
					}
				}
				return writeDeals(tx, rows)
			})
		if err != nil {
			return err
		}
		in.result.ImportID = record.ID
		r := in.report()
		record.RowsRead, record.Created, record.Updated, record.Unchanged, record.Failed = int64(r.Rows), int64(r.Created), int64(r.Updated), int64(r.Unchanged), int64(r.Failed)
		return saveImport(tx, record)
	})
	if err != nil {
		return Report{}, err
	}
	return in.report(), nil
}

// filename keeps the last part of a name from outside, as far as it can be shown.
func filename(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if clean, err := people.CleanLine("filename", name, maxText); err == nil && clean != "." && clean != "/" {
		return clean
	}
	return ""
}

// importing is one file on its way into the database. Its rows are in memory, so that the one writer
// of SQLite is held up by the writing alone and not by the reading of the file.
type importing struct {
	file    csvfile.Report
	dryRun  bool
	rows    []incoming
	failed  int
	errors  []RowError
	has     columns
	headers map[string]bool
	// result is what apply counts; the transaction may run it again.
	result Report
}

// incoming is one row of the file: the deal without what only the database knows.
type incoming struct {
	row dealRow
	// owner is the owner's name where the owner ref is an address.
	owner string
}

// columns are the parts of a deal that a file may lack, and then says nothing of.
type columns struct{ name, amount, currency, stage, segment, competitor, product, closed bool }

// read reads and checks all rows.
func (s *Service) read(ctx context.Context, req ImportRequest) (*importing, error) {
	body, done, err := s.seekable(ctx, req.Body)
	if err != nil {
		return nil, err
	}
	defer done()
	file, err := csvfile.Open(body, bounded(req.Options))
	if err != nil {
		return nil, fileFault(err)
	}
	in := &importing{file: file.Report(), dryRun: req.DryRun, headers: map[string]bool{}}
	for _, name := range in.file.Unmapped {
		in.headers[name] = true
	}
	for _, name := range in.file.Mapping {
		in.headers[name] = true
	}
	column := func(fields ...csvfile.Field) bool {
		return slices.ContainsFunc(fields, func(f csvfile.Field) bool { return in.file.Mapping[f] != "" })
	}
	in.has = columns{name: column(csvfile.FieldName), amount: column(csvfile.FieldAmount), currency: column(csvfile.FieldCurrency), stage: column(csvfile.FieldStage),
		segment: column(csvfile.FieldSegment), competitor: column(csvfile.FieldCompetitor), product: column(csvfile.FieldProduct),
		closed: column(csvfile.FieldClosedAt, csvfile.FieldWonAt, csvfile.FieldLostAt)}
	in.rows = make([]incoming, 0, in.file.Rows)
	lines := make(map[string]int, in.file.Rows)
	for d, bad := range file.Rows() {
		if bad != nil {
			in.refuse(RowError{Line: bad.Line, Column: bad.Column, Code: string(bad.Code), Detail: bad.Detail})
			continue
		}
		in.take(d, lines)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if err := file.Err(); err != nil {
		return nil, fileFault(err)
	}
	return in, nil
}

func (in *importing) refuse(e RowError) {
	in.failed++
	if len(in.errors) < maxRowErrors {
		in.errors = append(in.errors, e)
	}
}

// take checks a row of the file against what a deal is here.
func (in *importing) take(c csvfile.Deal, lines map[string]int) {
	d := Deal{ExternalID: Key(c.ExternalID), Name: c.Name, OwnerRef: ownerRef(cmp.Or(c.OwnerEmail, c.Owner)), Currency: c.Currency, Stage: c.Stage,
		Status: Status(c.Status), Segment: c.Segment, Competitor: c.Competitor, Product: c.Product, Extra: c.Extra, OpenedAt: moment(c.OpenedAt)}
	if c.AmountMicros != nil {
		d.Amount = fromMicros(*c.AmountMicros)
	}
	if c.ClosedAt != nil {
		at := moment(*c.ClosedAt)
		d.ClosedAt = &at
	}
	if wrong := d.tooLong(); len(wrong) > 0 {
		in.refuse(RowError{Line: c.Line, Column: in.file.Mapping[csvfile.Field(wrong[0].Location)], Code: wrong[0].Code, Detail: wrong[0].Detail})
		return
	}
	if line, ok := lines[d.ExternalID]; ok { // csvfile does not know that 18 characters can be 15
		in.refuse(RowError{Line: c.Line, Column: in.file.Mapping[csvfile.FieldExternalID], Code: string(csvfile.CodeDuplicateID), Detail: duplicate(line)})
		return
	}
	lines[d.ExternalID] = c.Line
	row := incoming{row: rowOf(d)}
	if c.Owner != d.OwnerRef {
		row.owner = c.Owner
	}
	in.rows = append(in.rows, row)
}

// owners finds the person whom a row names.
type owners struct{ byEmail, byName map[string]string }

func (o owners) match(row incoming) *string {
	for _, id := range []string{o.byEmail[row.row.OwnerRef], o.byName[people.EmailKey(row.owner)], o.byName[people.EmailKey(row.row.OwnerRef)]} {
		if id != "" {
			return &id
		}
	}
	return nil
}

// apply compares the rows with what there is, a batch at a time, and has those written that are new or
// different; write is nil for a dry run.
func (in *importing) apply(ctx context.Context, who owners, load func(ids []string) (map[string]*dealRow, error), write func(rows []dealRow) error) error {
	in.result = Report{}
	unmatched := map[string]*UnmatchedOwner{}
	ids := make([]string, 0, batch)
	for chunk := range slices.Chunk(in.rows, batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		ids = ids[:0]
		for i := range chunk {
			ids = append(ids, chunk[i].row.ExternalID)
		}
		old, err := load(ids)
		if err != nil {
			return err
		}
		changed := make([]dealRow, 0, len(chunk))
		for _, next := range chunk {
			row := next.row
			row.OwnerID = who.match(next)
			if row.OwnerID == nil && row.OwnerRef != "" {
				u := unmatched[row.OwnerRef]
				if u == nil {
					u = &UnmatchedOwner{Ref: row.OwnerRef, Name: next.owner}
					unmatched[row.OwnerRef] = u
				}
				u.Deals++
			}
			was := old[row.ExternalID]
			if was == nil {
				row.ID = ident.New()
				in.result.Created++
				changed = append(changed, row)
				continue
			}
			if err := in.merge(&row, was); err != nil {
				return err
			}
			if sameRow(&row, was) {
				in.result.Unchanged++
				continue
			}
			in.result.Updated++
			changed = append(changed, row)
		}
		if write != nil {
			if err := write(changed); err != nil {
				return err
			}
		}
	}
	for _, u := range unmatched {
		in.result.UnmatchedOwners = append(in.result.UnmatchedOwners, *u)
	}
	slices.SortFunc(in.result.UnmatchedOwners, func(a, b UnmatchedOwner) int {
		return cmp.Or(cmp.Compare(b.Deals, a.Deals), cmp.Compare(a.Ref, b.Ref))
	})
	in.result.UnmatchedOwners = in.result.UnmatchedOwners[:min(len(in.result.UnmatchedOwners), maxUnmatched)]
	return nil
}

// merge fills in what the file does not speak of from the deal as it was.
func (in *importing) merge(row *dealRow, was *dealRow) error {
	row.ID, row.CreatedAt = was.ID, was.CreatedAt
	if row.OwnerID == nil && row.OwnerRef == was.OwnerRef {
		row.OwnerID = was.OwnerID
	}
	keep := func(has bool, to *string, from string) {
		if !has {
			*to = from
		}
	}
	keep(in.has.name, &row.Name, was.Name)
	keep(in.has.amount, &row.Amount, was.Amount)
	keep(in.has.currency || row.Currency != "", &row.Currency, was.Currency)
	keep(in.has.stage, &row.Stage, was.Stage)
	keep(in.has.segment, &row.Segment, was.Segment)
	keep(in.has.competitor, &row.Competitor, was.Competitor)
	keep(in.has.product, &row.Product, was.Product)
	if !in.has.closed && row.Status == was.Status {
		row.ClosedAt = was.ClosedAt
	}
	if row.Extra == was.Extra || was.Extra == "{}" {
		return nil
	}
	before, err := decodeExtra(was.Extra)
	if err != nil {
		return err
	}
	maps.DeleteFunc(before, func(name, _ string) bool { return in.headers[name] })
	if len(before) == 0 {
		return nil
	}
	now, err := decodeExtra(row.Extra)
	if err != nil {
		return err
	}
	maps.Copy(before, now)
	row.Extra = encodeExtra(before)
	return nil
}

// report adds what was read to what apply counted.
func (in *importing) report() Report {
	r := in.result
	r.DryRun, r.Failed, r.Errors = in.dryRun, in.failed, in.errors
	r.Rows = len(in.rows) + in.failed
	r.File, r.Preset, r.UnknownColumns = in.file, in.file.Preset, in.file.Unmapped
	r.DateOrder = in.file.DateOrders[csvfile.FieldOpenedAt]
	return r
}
