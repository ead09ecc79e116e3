package outcome_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// kit is a company with an empty list of deals.
type kit struct {
	*apptest.Env
	people *people.Directory
	deals  *outcome.Service
}

func newKit(t testing.TB, e *apptest.Env) *kit {
	k := &kit{Env: e, people: people.NewDirectory(e.DB)}
	k.deals = outcome.NewService(e.DB, k.people, t.TempDir())
	k.people.OnAdded = k.deals.Rematch
	return k
}

func (k *kit) add(t testing.TB, name string, roles ...people.Role) people.Actor {
	t.Helper()
	if len(roles) == 0 {
		roles = []people.Role{people.Rep}
	}
	local, _, _ := strings.Cut(strings.ToLower(name), " ")
	p, err := k.people.AddPerson(t.Context(), people.System(), people.NewPerson{Email: local + "@example.com", Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) actor(t testing.TB, id string) people.Actor {
	t.Helper()
	a, err := k.people.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) imports(t testing.TB, file string) outcome.Report {
	t.Helper()
	r, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Filename: "deals.csv", Body: strings.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// all gives every deal by its external id.
func (k *kit) all(t testing.TB) map[string]outcome.Deal {
	t.Helper()
	out := map[string]outcome.Deal{}
	for _, status := range outcome.Statuses {
		for after := ""; ; {
			page, err := k.deals.List(t.Context(), people.System(), outcome.Filter{Status: status, After: after, Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, d := range page {
				out[d.ExternalID] = d
			}
			after = page[len(page)-1].ID
		}
	}
	return out
}

func counts(r outcome.Report) string {
	return fmt.Sprintf("rows %d created %d updated %d unchanged %d failed %d", r.Rows, r.Created, r.Updated, r.Unchanged, r.Failed)
}

// faultOf gives the error of a code, and fails without one.
func faultOf(t testing.TB, err error, code string) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("error %v, want code %q", err, code)
	}
	return f
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	_ = faultOf(t, err, code) // it is the error that was given
}

const salesforceFile = `"Opportunity ID","Opportunity Name","Opportunity Owner","Opportunity Owner: Email","Stage","Amount","Opportunity Currency","Close Date","Created Date","Main Competitor(s)","Lead Source","Won","Closed"
"0065g00000AbCdE","Acme renewal","Ana Lee","Ana@example.com","Closed Won","1,234.50","USD","2026-01-31","2025-11-03","Northwind","Web","1","1"
"0065g00000AbCdF","Beta pilot","Bob Ray","bob@example.com","Prospecting","","","2026-06-30","2026-02-01","","Fair","0","0"
"0065g00000AbCdG","Gamma, ""big"" one","Cem Nil","cem@example.com","Closed Lost","5000000","EUR","2026-02-02","2025-12-24","","","0","1"
`

func TestImport(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, bob := k.add(t, "Ana Lee"), k.add(t, "Bob Ray")
		trainer := k.add(t, "Tom T", people.Trainer)

		dry, err := k.deals.Import(t.Context(), trainer, outcome.ImportRequest{Filename: `C:\x\deals.csv`, Body: strings.NewReader(salesforceFile), DryRun: true})
		if err != nil || len(k.all(t)) != 0 || dry.ImportID != "" || !dry.DryRun {
			t.Fatalf("dry run: %+v, %v", dry, err)
		}
		got, err := k.deals.Import(t.Context(), trainer, outcome.ImportRequest{Filename: `C:\x\deals.csv`, Body: strings.NewReader(salesforceFile)})
		if err != nil || counts(got) != "rows 3 created 3 updated 0 unchanged 0 failed 0" || got.Preset != csvfile.PresetSalesforce || got.ImportID == "" {
			t.Fatalf("%+v, %v", got, err)
		}
		if want := []outcome.UnmatchedOwner{{Ref: "cem@example.com", Name: "Cem Nil", Deals: 1}}; !reflect.DeepEqual(got.UnmatchedOwners, want) {
			t.Errorf("unmatched %+v", got.UnmatchedOwners)
		}
		if !slices.Contains(got.UnknownColumns, "Lead Source") {
			t.Errorf("unknown columns %q", got.UnknownColumns)
		}
		dry.DryRun, dry.ImportID = false, got.ImportID
		if !reflect.DeepEqual(dry, got) {
			t.Errorf("the dry run promised\n%+v, the import did\n%+v", dry, got)
		}
		deals := k.all(t)
		a := deals["0065g00000AbCdE"]
		closed := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
		want := outcome.Deal{ID: a.ID, ExternalID: "0065g00000AbCdE", Name: "Acme renewal", OwnerID: &ana.PersonID, OwnerRef: "ana@example.com", Amount: "1234.5", Currency: "USD",
			Stage: "Closed Won", Status: outcome.Won, Competitor: "Northwind", Extra: a.Extra, OpenedAt: time.Date(2025, 11, 3, 0, 0, 0, 0, time.UTC), ClosedAt: a.ClosedAt,
			ImportID: &got.ImportID, CreatedAt: e.Clock.Now(), UpdatedAt: e.Clock.Now()}
		if !reflect.DeepEqual(a, want) || a.Extra["Lead Source"] != "Web" {
			t.Errorf("%+v\nwant\n%+v", a, want)
		}
		if a.ClosedAt == nil || a.ClosedAt.Sub(closed) < 0 || a.ClosedAt.Sub(closed) >= 24*time.Hour {
			t.Errorf("closed %v, want on %s", a.ClosedAt, closed)
		}
		if b := deals["0065g00000AbCdF"]; b.Status != outcome.Open || b.ClosedAt != nil || b.Amount != "" || *b.OwnerID != bob.PersonID {
			t.Errorf("%+v", b)
		}
		if c := deals["0065g00000AbCdG"]; c.Status != outcome.Lost || c.OwnerID != nil || c.Name != `Gamma, "big" one` || c.Amount != "5000000" || c.Currency != "EUR" {
			t.Errorf("%+v", c)
		}
		var record struct{ PersonID, Filename, Preset string }
		if err := e.DB.Read(t.Context()).Raw(`SELECT * FROM deal_imports`).Scan(&record).Error; err != nil || record.PersonID != trainer.PersonID || record.Filename != "deals.csv" || record.Preset != "salesforce" {
			t.Errorf("record %+v, %v", record, err)
		}

		// The same file again, later: nothing changes, not even the time of the last change.
		e.Clock.Advance(time.Hour)
		if again := k.imports(t, salesforceFile); counts(again) != "rows 3 created 0 updated 0 unchanged 3 failed 0" {
			t.Fatalf("again: %s", counts(again))
		}
		if now := k.all(t); !reflect.DeepEqual(now, deals) {
			t.Fatalf("the second import changed\n%+v\nto\n%+v", deals, now)
		}
		// One cell is different: one deal changes.
		changed := k.imports(t, strings.Replace(salesforceFile, "1,234.50", "1,234.51", 1))
		if counts(changed) != "rows 3 created 0 updated 1 unchanged 2 failed 0" {
			t.Fatalf("changed: %s", counts(changed))
		}
		if a := k.all(t)["0065g00000AbCdE"]; a.Amount != "1234.51" || a.ID != want.ID || !a.CreatedAt.Equal(want.CreatedAt) || !a.UpdatedAt.Equal(e.Clock.Now()) || *a.ImportID != changed.ImportID {
			t.Errorf("%+v", a)
		}
	})
}

// TestImportSubset proves that a file says nothing of what it has no column for.
func TestImportSubset(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.imports(t, "id,name,owner,amount,currency,stage,status,opened_at,closed_at,segment,competitor,product,Region,Note\n"+
			"1,One,ana@example.com,10.50,EUR,Done,won,2026-01-02,2026-01-30,SMB,Rival,Widget,North,hello\n")
		before := k.all(t)["1"]
		if before.Extra["Region"] != "North" || before.Extra["Note"] != "hello" || before.Segment != "SMB" || before.ClosedAt == nil {
			t.Fatalf("%+v", before)
		}
		r := k.imports(t, "id,owner,status,opened_at,Note\n1,ana@example.com,won,2026-01-02,hello\n")
		if counts(r) != "rows 1 created 0 updated 0 unchanged 1 failed 0" {
			t.Fatalf("fewer columns, the same cells: %s\n%+v", counts(r), k.all(t)["1"])
		}
		k.imports(t, "id,owner,status,opened_at,Note,Region\n1,ana@example.com,open,2026-01-02,,South\n")
		after := k.all(t)["1"]
		if after.ClosedAt != nil || after.Name != "One" || after.Amount != "10.5" || after.Segment != "SMB" || !reflect.DeepEqual(after.Extra, map[string]string{"Region": "South"}) {
			t.Fatalf("%+v", after)
		}
		k.imports(t, "id,name,owner,status,opened_at,segment\n1,,ana@example.com,open,2026-01-02,\n")
		if d := k.all(t)["1"]; d.Segment != "" || d.Name != "" || d.Competitor != "Rival" || d.Extra["Region"] != "South" {
			t.Fatalf("emptied cells: %+v", d)
		}
	})
}

// TestImportBadRows proves that a bad row stops no other, and is told with its line.
func TestImportBadRows(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		var file strings.Builder
		file.WriteString("id,name,owner,amount,status,opened_at\n")
		bad := map[int]string{} // by line
		line := 1
		row := func(text, code string) {
			line++
			file.WriteString(text + "\n")
			if code != "" {
				bad[line] = code
			}
		}
		row("1,Good,ana@example.com,1,open,2026-01-02", "")
		row(",No id,ana@example.com,1,open,2026-01-02", "missing_value")
		row("2,No date,ana@example.com,1,open,", "missing_value")
		row("3,Bad date,ana@example.com,1,open,2026-02-31", "bad_date")
		row("4,Bad amount,ana@example.com,lots,open,2026-01-02", "bad_amount")
		row("5,Bad status,ana@example.com,1,maybe,2026-01-02", "bad_status")
		row("1,Twice,ana@example.com,1,open,2026-01-02", "duplicate_id")
		row("6,"+strings.Repeat("ü", 501)+",ana@example.com,1,open,2026-01-02", "too_long")
		row("1.23E+11,Rounded,ana@example.com,1,open,2026-01-02", "bad_id")
		row("7,Ragged,ana@example.com,1,open,2026-01-02,more,cells", "ragged_row")
		row("8,Good too,ana@example.com,1,open,2026-01-02", "")
		row(`=cmd|'/c calc'!A1,"<script>alert(1)</script>",'; DROP TABLE deals; --,-1,OPEN,2026-01-02`, "")
		row("0065g00000ABCDEFGH,Long,ana@example.com,1,open,2026-01-02", "")
		row("9,Last,ana@example.com,1,open,2026-01-02", "")
		r := k.imports(t, file.String())
		got := map[int]string{}
		for _, e := range r.Errors {
			got[e.Line] = e.Code
			if e.Detail == "" {
				t.Errorf("line %d has no words", e.Line)
			}
		}
		if !reflect.DeepEqual(got, bad) || r.Failed != len(bad) || r.Created != 5 || r.Rows != line-1 {
			t.Fatalf("%s\ngot  %v\nwant %v", counts(r), got, bad)
		}
		deals := k.all(t)
		if d := deals["=cmd|'/c calc'!A1"]; d.Name != "<script>alert(1)</script>" || d.OwnerRef != "'; DROP TABLE deals; --" || d.Amount != "-1" {
			t.Errorf("hostile text is kept as text: %+v", d)
		}
		if again := k.imports(t, file.String()); again.Updated+again.Created != 0 || again.Failed != len(bad) {
			t.Errorf("again: %s", counts(again))
		}
	})
}

func TestImportManyErrors(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	var file strings.Builder
	file.WriteString("id,owner,status,opened_at\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "%d,owner%d@example.com,%s,2026-01-02\n", i, i, []string{"open", "what"}[i%2])
	}
	r := k.imports(t, file.String())
	if len(r.Errors) != 200 || r.Failed != 500 || r.Created != 500 || len(r.UnmatchedOwners) != 200 {
		t.Fatalf("%d errors told of %d, %d owners, %s", len(r.Errors), r.Failed, len(r.UnmatchedOwners), counts(r))
	}
}

// TestImportRefused proves which files are refused as a whole, with what, and that nothing changes.
func TestImportRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		broken := io.MultiReader(strings.NewReader(salesforceFile), iotestErr{errors.New("connection reset")})
		cases := []struct {
			name string
			body io.Reader
			opts csvfile.Options
			kind fault.Kind
			code string
		}{
			{"empty", strings.NewReader(""), csvfile.Options{}, fault.Invalid, "deals_file_empty"},
			{"blank", strings.NewReader("\n\n ,,\n"), csvfile.Options{}, fault.Invalid, "deals_file_empty"},
			{"workbook", strings.NewReader("PK\x03\x04 whatever"), csvfile.Options{}, fault.UnsupportedMedia, "deals_file_workbook"},
			{"binary", bytes.NewReader(slices.Repeat([]byte{1, 2, 3, 4, 250, 0}, 1000)), csvfile.Options{}, fault.UnsupportedMedia, "deals_file_binary"},
			{"foreign columns", strings.NewReader("a,b,c\n1,2,3\n"), csvfile.Options{}, fault.Invalid, "deals_mapping_needed"},
			{"undecided dates", strings.NewReader("id,owner,status,opened_at\n1,x,open,03/04/2026\n"), csvfile.Options{}, fault.Invalid, "deals_date_order_needed"},
			{"too many rows", strings.NewReader(salesforceFile), csvfile.Options{MaxRows: 2}, fault.TooLarge, "deals_file_too_large"},
			{"too many bytes", strings.NewReader(salesforceFile), csvfile.Options{MaxBytes: 100}, fault.TooLarge, "deals_file_too_large"},
			{"too many columns", strings.NewReader(strings.Repeat("a,", 5000) + "\n" + strings.Repeat("1,", 5000) + "\n"), csvfile.Options{}, fault.TooLarge, "deals_file_too_large"},
			{"broken off", broken, csvfile.Options{}, fault.Malformed, "deals_file_broken_off"},
			{"unknown preset", strings.NewReader(salesforceFile), csvfile.Options{Preset: "sap"}, fault.Invalid, "preset_unknown"},
			{"unknown order", strings.NewReader(salesforceFile), csvfile.Options{DateOrder: "ydm"}, fault.Invalid, "date_order_unknown"},
			{"unknown decimal", strings.NewReader(salesforceFile), csvfile.Options{Decimal: ";"}, fault.Invalid, "decimal_unknown"},
			{"unknown field", strings.NewReader(salesforceFile), csvfile.Options{Mapping: map[csvfile.Field]string{"margin": "Amount"}}, fault.Invalid, "field_unknown"},
			{"unknown column", strings.NewReader(salesforceFile), csvfile.Options{Mapping: map[csvfile.Field]string{csvfile.FieldOwner: "Nobody"}}, fault.Invalid, "deals_mapping_needed"},
		}
		for _, c := range cases {
			_, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: c.body, Options: c.opts})
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
		}
		for _, a := range []people.Actor{k.add(t, "Ana"), k.add(t, "Mia", people.Manager), {}} {
			_, err := k.deals.Import(t.Context(), a, outcome.ImportRequest{Body: strings.NewReader(salesforceFile)})
			wantCode(t, err, "forbidden")
		}
		if left := k.all(t); len(left) != 0 {
			t.Errorf("%d deals of refused files", len(left))
		}
	})
}

type iotestErr struct{ err error }

func (r iotestErr) Read([]byte) (int, error) { return 0, r.err }

// TestImportAsks proves that what a file leaves open is asked with all that is needed to answer, and
// that the answer is taken.
func TestImportAsks(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	file := "Ref;Verkäufer;Angelegt;Ergebnis;Summe\nA-1;ana@example.com;03.04.2026;Closed Won;1.234,50\nA-2;ana@example.com;05.06.2026;Angebot;2\n"
	_, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file)})
	f := faultOf(t, err, "deals_mapping_needed")
	missing, _ := f.Extra["missing"].([]string)
	columns, _ := f.Extra["columns"].([]map[string]any)
	if len(missing) == 0 || len(columns) != 5 || columns[0]["name"] != "Ref" || !reflect.DeepEqual(columns[0]["samples"], []string{"A-1", "A-2"}) {
		t.Fatalf("%+v", f.Extra)
	}
	opts := csvfile.Options{Mapping: map[csvfile.Field]string{csvfile.FieldExternalID: "Ref", csvfile.FieldOwner: "Verkäufer", csvfile.FieldOpenedAt: "Angelegt",
		csvfile.FieldStage: "Ergebnis", csvfile.FieldAmount: "Summe"}}
	_, err = k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file), Options: opts})
	if f := faultOf(t, err, "deals_date_order_needed"); f.Extra["column"] != "Angelegt" || len(f.Extra["examples"].([]string)) == 0 {
		t.Fatalf("%+v", f.Extra)
	}
	opts.DateOrder = csvfile.OrderDMY
	r, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file), Options: opts})
	if err != nil || r.Created != 2 || r.DateOrder != csvfile.OrderDMY {
		t.Fatalf("%+v, %v", r, err)
	}
	if d := k.all(t)["A-1"]; d.Amount != "1234.5" || !d.OpenedAt.Equal(time.Date(2026, 4, 3, 0, 0, 0, 0, time.UTC)) || d.Status != outcome.Won {
		t.Fatalf("%+v", d)
	}
}

// TestImportStream proves that a body that can be read only once does as well, and leaves nothing
// behind; and that a context that has ended stops an import.
func TestImportStream(t *testing.T) {
	e := apptest.SQLite(t)
	k := newKit(t, e)
	spool := t.TempDir()
	k.deals = outcome.NewService(e.DB, k.people, spool)
	r, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: io.MultiReader(strings.NewReader(salesforceFile))})
	if err != nil || r.Created != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(pw, salesforceFile)
		_ = pw.Close()
	}()
	if r, err = k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: pr}); err != nil || r.Unchanged != 3 {
		t.Fatalf("a pipe: %+v, %v", r, err)
	}
	_ = pr.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.deals.Import(ended, people.System(), outcome.ImportRequest{Body: io.MultiReader(strings.NewReader(salesforceFile))}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(spool); err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

// TestImportsAtOnce proves that two imports of the same deals, with single writes between them, end as
// if one had come after the other: no deal is made twice, and the counts are true.
func TestImportsAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		other := outcome.NewService(e.DB, people.NewDirectory(e.DB), t.TempDir()) // another node
		file := func(amount int) string {
			var b strings.Builder
			b.WriteString("id,name,owner,amount,status,opened_at\n")
			for i := range 1200 {
				fmt.Fprintf(&b, "%d,Deal %d,new@example.com,%d,open,2026-01-02\n", i, i, amount)
			}
			return b.String()
		}
		reports := make([]outcome.Report, 2)
		var all sync.WaitGroup
		for i, s := range []*outcome.Service{k.deals, other} {
			all.Go(func() {
				var err error
				if reports[i], err = s.Import(context.Background(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file(i))}); err != nil {
					t.Error(err)
				}
			})
		}
		puts := make([]bool, 4)
		for i := range puts {
			all.Go(func() {
				var err error
				if _, puts[i], err = k.deals.Put(context.Background(), people.System(), "500", outcome.DealInput{Name: "Put", Status: outcome.Open, OpenedAt: apptest.Epoch}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := k.people.AddPerson(context.Background(), people.System(), people.NewPerson{Email: "New@example.com", Name: "New", Roles: []people.Role{people.Rep}}); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		made := reports[0].Created + reports[1].Created
		for _, p := range puts {
			if p {
				made++
			}
		}
		deals := k.all(t)
		if made != 1200 || len(deals) != 1200 {
			t.Fatalf("%d made, %d there: %s; %s; puts %v", made, len(deals), counts(reports[0]), counts(reports[1]), puts)
		}
		for _, r := range reports {
			if r.Created+r.Updated+r.Unchanged != 1200 || r.Failed != 0 {
				t.Errorf("%s", counts(r))
			}
		}
		first := deals["0"].Amount
		for id, d := range deals {
			if id != "500" && d.Amount != first {
				t.Fatalf("deal %s is of one import (%s), deal 0 of the other (%s)", id, d.Amount, first)
			}
			if d.OwnerID == nil && d.OwnerRef != "" {
				t.Fatalf("deal %s missed its owner, who came during the imports", id)
			}
		}
	})
}

// TestOwnersMatched proves the order of matching, and what happens when persons come and go by name.
func TestOwnersMatched(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, bob := k.add(t, "Ana Lee"), k.add(t, "Bob Ray")
		owner := func(id string) string {
			d := k.all(t)[id]
			if d.OwnerID == nil {
				return ""
			}
			return *d.OwnerID
		}
		head := "id,owner,owner_email,status,opened_at\n"
		row := func(id, name, email string) string { return fmt.Sprintf("%s,%s,%s,open,2026-01-02\n", id, name, email) }
		k.imports(t, head+row("1", "Bob Ray", "ANA@example.com")+row("2", " bob  ray", "")+row("3", "BOB RAY", "")+row("4", "bob@example.com", "")+
			row("5", "Bob Ray", "left@example.com")+row("6", "Cem Nil", "cem@example.com")+row("7", "Cem Nil", "")+row("8", "", ""))
		for id, want := range map[string]string{"1": ana.PersonID, "2": "", "3": bob.PersonID, "4": bob.PersonID, "5": bob.PersonID, "6": "", "7": "", "8": ""} {
			if got := owner(id); got != want {
				t.Errorf("deal %s: owner %q, want %q", id, got, want)
			}
		}
		e.Clock.Advance(time.Minute)
		cem := k.add(t, "Cem Nil")
		if owner("6") != cem.PersonID || owner("7") != "" {
			t.Errorf("after the account came: %q, %q", owner("6"), owner("7"))
		}
		if d := k.all(t)["6"]; !d.UpdatedAt.Equal(e.Clock.Now()) {
			t.Errorf("updated %s", d.UpdatedAt)
		}
		r := k.imports(t, head+row("6", "Cem Nil", "cem@example.com")+row("7", "Cem Nil", ""))
		if counts(r) != "rows 2 created 0 updated 1 unchanged 1 failed 0" || owner("7") != cem.PersonID {
			t.Errorf("%s; %q", counts(r), owner("7"))
		}
		// A second person of that name: the name decides nothing any more, and takes nothing away.
		if _, err := k.people.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "other@example.com", Name: "Cem Nil", Roles: []people.Role{people.Rep}}); err != nil {
			t.Fatal(err)
		}
		if r := k.imports(t, head+row("7", "Cem Nil", "")); r.Unchanged != 1 || owner("7") != cem.PersonID {
			t.Errorf("%s; %q", counts(r), owner("7"))
		}
		if k.imports(t, head+row("7", "Somebody Else", "")); owner("7") != "" {
			t.Errorf("a new owner whom nobody matches: %q", owner("7"))
		}
	})
}
