package outcome_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
)

func utf16le(s string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// TestImportForms proves that one deal comes out the same whatever form the file has, all the way into
// both databases.
func TestImportForms(t *testing.T) {
	const plain = "id,name,owner,amount,status,opened_at,Größe\r\n1,\"Müller, Söhne\",ana@example.com,1234.50,won,2026-01-02,9 µm\r\n"
	latin := strings.NewReplacer("ü", "\xfc", "ö", "\xf6", "ß", "\xdf", "µ", "\xb5").Replace(plain)
	forms := map[string]string{
		"plain":        plain,
		"mark":         "\ufeff" + plain,
		"utf-16":       utf16le(plain),
		"windows-1252": latin,
		"tabs":         "id\tname\towner\tamount\tstatus\topened_at\tGröße\n1\tMüller, Söhne\tana@example.com\t1234.50\twon\t2026-01-02\t9 µm\n",
		"semicolons":   "id;name;owner;amount;status;opened_at;Größe\n1;Müller, Söhne;ana@example.com;1.234,50;won;2026-01-02;9 µm\n",
		"NUL":          strings.ReplaceAll(plain, "Müller", "Mül\x00ler"),
		"footer":       plain + "\r\nCopyright (c) somebody\r\n",
	}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		first := true
		for name, file := range forms {
			r := k.imports(t, file)
			want := "rows 1 created 0 updated 0 unchanged 1 failed 0"
			if first {
				want = "rows 1 created 1 updated 0 unchanged 0 failed 0"
			}
			if first = false; counts(r) != want {
				t.Errorf("%s: %s %+v\n%+v", name, counts(r), r.Errors, k.all(t)["1"])
			}
		}
		if d := k.all(t)["1"]; d.Name != "Müller, Söhne" || d.Amount != "1234.5" || d.Extra["Größe"] != "9 µm" {
			t.Errorf("%+v", d)
		}
	})
}

// TestImportHostile proves that files made to do harm end in a report or a refusal, soon, and leave
// whole deals only.
func TestImportHostile(t *testing.T) {
	head := "id,name,owner,status,opened_at,Note\n"
	row := func(id, name, note string) string {
		return id + "," + name + ",ana@example.com,open,2026-01-02," + note + "\n"
	}
	good := row("good", "Good", "x")
	wide := "id,name,owner,status,opened_at" + strings.Repeat(",c", 1900) + "\n"
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		for name, file := range map[string]string{
			"a cell of 300 KB":             head + row("1", strings.Repeat("x", 300<<10), "x") + good,
			"a note of 100 KB":             head + row("1", "A", strings.Repeat("x", 100<<10)) + good,
			"a quote that is never closed": head + row("1", `"open`, "x") + good,
			"a thousand of them":           head + strings.Repeat(row("1", `"open`, "x"), 1000) + good,
			"1,900 columns":                wide + "1,A,ana@example.com,open,2026-01-02" + strings.Repeat(",v", 1900) + "\ngood,Good,ana@example.com,open,2026-01-02\n",
			"more cells than columns":      head + row("1", "A", strings.Repeat("x,", 5000)+"x") + good,
			"control characters":           head + row("1", "a\x1b[31m\x07", "x") + good,
			"broken UTF-8":                 head + row("1", "\xc3\x28\xff", "x") + good,
			"formulas":                     head + row("=1+1", "@SUM(A1)", "+cmd") + good,
			"a header that comes again":    head + head + good,
			"only separators":              head + strings.Repeat(",,,,,\n", 1000) + good,
			"names of JSON":                strings.Replace(head, "Note", `"{""$ne"":1}"`, 1) + row("1", `{"a":1}`, `\u0000`) + good,
		} {
			k := newKit(t, e)
			_, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Filename: "../../etc/passwd\x00", Body: strings.NewReader(file)})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if d, ok := k.all(t)["good"]; !ok || d.Name != "Good" {
				t.Errorf("%s took the good row with it: %+v", name, d)
			}
			if err := e.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(`DELETE FROM deals`).Error }); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestImportAllOrNothing proves that when the database fails at the last row, no row is kept, no import
// is on record, and what was there is as it was.
func TestImportAllOrNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		var file strings.Builder
		file.WriteString("id,owner,amount,status,opened_at\n")
		for i := range 1100 {
			fmt.Fprintf(&file, "%d,ana@example.com,%d,open,2026-01-02\n", i, i)
		}
		k.put(t, "0", outcome.DealInput{Name: "Before", Amount: "7"})
		trigger := []string{`CREATE TRIGGER boom BEFORE INSERT ON deals WHEN NEW.external_id = '1099' BEGIN SELECT RAISE(ABORT, 'boom'); END`}
		if e.DB.Kind() == db.Postgres {
			trigger = []string{`CREATE FUNCTION boom() RETURNS trigger AS $$ BEGIN IF NEW.external_id = '1099' THEN RAISE 'boom'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql`,
				`CREATE TRIGGER boom BEFORE INSERT ON deals FOR EACH ROW EXECUTE FUNCTION boom()`}
		}
		for _, statement := range trigger {
			if _, err := e.DB.SQL().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		r, err := k.deals.Import(t.Context(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file.String())})
		if !fault.Is(err, fault.Internal) || r.Created != 0 {
			t.Fatalf("%s, %v", counts(r), err)
		}
		var records int
		if err := e.DB.Read(t.Context()).Raw(`SELECT COUNT(*) FROM deal_imports`).Scan(&records).Error; err != nil || records != 0 {
			t.Errorf("%d imports on record, %v", records, err)
		}
		if left := k.all(t); len(left) != 1 || left["0"].Amount != "7" || left["0"].Name != "Before" {
			t.Errorf("%d deals: %+v", len(left), left["0"])
		}
	})
}
