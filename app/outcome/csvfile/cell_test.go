package csvfile_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

func TestCells(t *testing.T) {
	deals, _ := read(t, "ID,Name,Owner,Owner Email,Amount,Currency,Stage,Opened,Closed,Closed At,Notes,Notes,,Segment,Product\n"+
		"\u00a07\u00a0,\"A \"\"quoted\"\" name\n& more\",\"Doe, Jane\",Jane.DOE@Example.com ,\"$1,234.50\",usd,Won,2025-01-02T03:04:05+02:00,true,2025-02-03,one,two,three,Mid,Rocket\n", csvfile.Options{})
	if len(deals) != 1 {
		t.Fatalf("%d deals", len(deals))
	}
	d := deals[0]
	amount, closed := int64(1_234_500_000), time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC)
	want := csvfile.Deal{
		Line: 2, ExternalID: "7", Name: "A \"quoted\" name\n& more", Owner: "Doe, Jane", OwnerEmail: "jane.doe@example.com",
		AmountMicros: &amount, Currency: "USD", Stage: "Won", OpenedAt: d.OpenedAt, ClosedAt: &closed, Status: csvfile.StatusWon,
		Segment: "Mid", Product: "Rocket", Extra: map[string]string{"Notes": "one", "Notes (2)": "two", "Column 13": "three"},
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
	if !d.OpenedAt.Equal(time.Date(2025, 1, 2, 1, 4, 5, 0, time.UTC)) {
		t.Errorf("opened %s", d.OpenedAt)
	}
}

func TestDateOrder(t *testing.T) {
	const h = "id,owner,stage,opened_at,closed_at\n"
	row := func(id int, opened, closed string) string {
		return fmt.Sprintf("%d,o,won,\"%s\",\"%s\"\n", id, opened, closed)
	}
	for _, c := range []struct {
		name          string
		rows          []string
		order         csvfile.DateOrder
		column        string // That is asked for.
		mixed         bool
		opened        string // Of the deals that were read.
		faults        []string
		locationHours int
	}{
		{name: "only one order fits", rows: []string{row(1, "03/04/2025", ""), row(2, "31/01/2025", "")}, opened: "2025-04-03 2025-01-31"},
		{name: "and the other", rows: []string{row(1, "3/4/25", ""), row(2, "1/31/25", "")}, opened: "2025-03-04 2025-01-31"},
		{name: "undecidable", rows: []string{row(1, "03/04/2025", ""), row(2, "01/02/2025", "")}, column: "opened_at"},
		{name: "with points too", rows: []string{row(1, "03.04.2025", "")}, column: "opened_at"},
		{name: "the same day either way", rows: []string{row(1, "04/04/2025", "")}, opened: "2025-04-04"},
		{name: "both orders", rows: []string{row(1, "31/01/2025", ""), row(2, "01/31/2025", "")}, column: "opened_at", mixed: true},
		{name: "the person has said it", rows: []string{row(1, "03/04/2025", ""), row(2, "01/31/2025", "")}, order: csvfile.OrderMDY, opened: "2025-03-04 2025-01-31"},
		{name: "what does not fit is an error, never turned", rows: []string{row(1, "03/04/2025", ""), row(2, "31/01/2025", "")}, order: csvfile.OrderMDY, opened: "2025-03-04", faults: []string{"3 bad_date opened_at"}},
		{name: "another column shows it", rows: []string{row(1, "03/04/2025", "05/31/2025")}, opened: "2025-03-04"},
		{name: "but not one written otherwise", rows: []string{row(1, "03/04/2025", "31.05.2025")}, column: "opened_at"},
		{name: "the second column is asked for", rows: []string{row(1, "2025-03-04", "03/04/2025")}, column: "closed_at"},
		{name: "year first", rows: []string{row(1, "2025/03/04", ""), row(2, "2025.3.4 5:06", ""), row(3, "20250304", ""), row(4, "2025-03-04T05:06:07.123456Z", "")}, opened: "2025-03-04 2025-03-04 2025-03-04 2025-03-04"},
		{name: "month in words", rows: []string{row(1, "4 Mar 2025", ""), row(2, "March 4, 2025", ""), row(3, "4-MAR-25", ""), row(4, "4. März 2025", ""), row(5, "4 mars 2025 05:06", ""), row(6, "4 de marzo de 2025", "")},
			opened: "2025-03-04 2025-03-04 2025-03-04 2025-03-04 2025-03-04 2025-03-04"},
		{name: "nonsense does not vote", rows: []string{row(1, "03/04/2025", ""), row(2, "13/13/2025", ""), row(3, "1/31/2025", ""), row(4, "45000", ""), row(5, "03/04/2025 25:00", ""), row(6, "1/2", ""), row(7, "1/31/1925", "")},
			opened: "2025-03-04 2025-01-31", faults: []string{"3 bad_date opened_at", "5 bad_date opened_at", "6 bad_date opened_at", "7 bad_date opened_at", "8 bad_date opened_at"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := csvfile.Open(strings.NewReader(h+strings.Join(c.rows, "")), csvfile.Options{DateOrder: c.order})
			if c.column != "" {
				var ask *csvfile.DateOrderNeeded
				if !errors.As(err, &ask) || ask.Column != c.column || ask.Mixed != c.mixed || len(ask.Examples) == 0 {
					t.Fatalf("got %v (%+v), want to be asked for %s", err, ask, c.column)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for d, e := range f.Rows() {
				if e == nil {
					got = append(got, d.OpenedAt.Format(time.DateOnly))
				}
			}
			if s := strings.Join(got, " "); s != c.opened {
				t.Errorf("opened %q, want %q", s, c.opened)
			}
			if !slices.Equal(faults(f), c.faults) {
				t.Errorf("faults %q, want %q", faults(f), c.faults)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for cell, want := range map[string]string{
		"2025-01-31":                     "2025-01-30T23:00:00Z", // Midnight at the Location.
		"2025-01-31 13:14":               "2025-01-31T12:14:00Z",
		"2025-01-31T13:14:15.5Z":         "2025-01-31T13:14:15.5Z",
		"2025-01-31T13:14:15+0000":       "2025-01-31T13:14:15Z",
		"2025-01-31T13:14:15-05:30":      "2025-01-31T18:44:15Z",
		"1/31/2025 12:00 AM":             "2025-01-30T23:00:00Z",
		"1/31/2025 12:00 PM":             "2025-01-31T11:00:00Z",
		"1/31/2025, 1:14:15 pm":          "2025-01-31T12:14:15Z",
		"31.01.2025 13:14:15":            "2025-01-31T12:14:15Z",
		"31/1/2025 1:14 p.\u00a0m.":      "2025-01-31T12:14:00Z",
		"31/01/2025\u202f13:14 UTC":      "2025-01-31T13:14:00Z",
		"1/31/2025 13:00 PM":             "",
		"1/31/2025 0:30 AM":              "",
		"2025-01-31T13:60":               "",
		"2025-01-31T13:14 CET":           "",
		"2025-01-31T13:14:15+99:00":      "",
		"2025-01-31T13":                  "",
		"1/31/2025/1":                    "",
		"31":                             "",
		"-1/-2/2025":                     "",
		"2025-13-01":                     "",
		"2025-00-10":                     "",
		"99999999999999999999":           "",
		"10000000000000000/1/1":          "",
		strings.Repeat("2025-01-31 ", 9): "",
	} {
		deals, f := read(t, "id,owner,stage,opened_at\n1,o,s,\""+cell+"\"\n", csvfile.Options{Location: berlin})
		got := ""
		if len(deals) == 1 {
			got = deals[0].OpenedAt.UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%q)", cell, got, want, faults(f))
		}
	}
	// Closed on the day of opening, by date only: not before the opening.
	deals, _ := read(t, "id,owner,stage,opened_at,closed_at\n1,o,won,2025-01-31 13:14,2025-01-31\n", csvfile.Options{Location: berlin})
	if d := deals[0]; !d.ClosedAt.Equal(d.OpenedAt) {
		t.Errorf("opened %s, closed %s", d.OpenedAt, d.ClosedAt)
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		column  []string // The amounts of one file,
		want    []string // in micro-units; "!" is refused, "" is none.
		decimal string
	}{
		{column: []string{"0", "25000", "25000.00", "-1.5", "", "-"}, want: []string{"0", "25000000000", "25000000000", "-1500000", "", ""}},
		{column: []string{"1,234.50", "1,234", "12,345,678.9"}, want: []string{"1234500000", "1234000000", "12345678900000"}},
		{column: []string{"1.234,50", "1.234", "12.345.678"}, want: []string{"1234500000", "1234000000", "12345678000000"}},
		{column: []string{"12.50", "1.234"}, want: []string{"12500000", "1234000"}}, // The column shows that a point is decimal.
		{column: []string{"1.234", "1,234"}, want: []string{"1234000000", "1234000000"}},
		{column: []string{"1.234"}, want: []string{"1234000"}, decimal: "."},
		{column: []string{"1,234"}, want: []string{"1234000"}, decimal: ","},
		{column: []string{"12.50", "12,50", "1.234", "7"}, want: []string{"12500000", "12500000", "!", "7000000"}},
		{column: []string{"1 234,50 €", "€ 1 234,50", "1\u00a0234,50", "1\u202f234,50"}, want: []string{"1234500000", "1234500000", "1234500000", "1234500000"}},
		{column: []string{"1'234.50", "1’234.50 CHF", "Fr. 5.00"}, want: []string{"1234500000", "1234500000", "5000000"}},
		{column: []string{"(1,234.50)", "1,234.50-", "−7", "+7", "$(3)"}, want: []string{"-1234500000", "-1234500000", "-7000000", "7000000", "!"}},
		{column: []string{"12,34,567.00", "1,23,45,678.00"}, want: []string{"1234567000000", "12345678000000"}},
		{column: []string{".50", "5.", "0.000001", "0.0000010"}, want: []string{"500000", "5000000", "1", "1"}},
		{column: []string{"0.0000001", "9223372036854.775807", "9223372036854.775808"}, want: []string{"!", "9223372036854775807", "!"}},
		{column: []string{"1e5", "NaN", "1.2.3,4.5", "12 34 x 5", "1,23.00", "=1+1", "--5", "5 5-5", "1234.567.00", strings.Repeat("9", 70)}, want: []string{"!", "!", "!", "!", "!", "!", "!", "!", "!", "!"}},
	} {
		text := "id\towner\tstage\topened_at\tamount\n"
		for i, a := range c.column {
			text += fmt.Sprintf("%d\to\ts\t2025-01-01\t%s\n", i, a)
		}
		f, err := csvfile.Open(strings.NewReader(text), csvfile.Options{Decimal: c.decimal})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for d, e := range f.Rows() {
			switch {
			case e != nil && e.Code == csvfile.CodeBadAmount:
				got = append(got, "!")
			case e != nil:
				t.Error(e)
			case d.AmountMicros == nil:
				got = append(got, "")
			default:
				got = append(got, fmt.Sprint(*d.AmountMicros))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q\ngot  %q\nwant %q", c.column, got, c.want)
		}
	}
}

func TestCurrency(t *testing.T) {
	for _, c := range []struct{ amount, currency, want, extra string }{
		{"5", "eur", "EUR", ""},
		{"5 €", "", "EUR", ""},
		{"US$ 5", "", "USD", ""},
		{"$ 5", "", "", ""}, // Of which country?
		{"$ 5", "CAD", "CAD", ""},
		{"5 €", "US Dollar", "EUR", "US Dollar"},
		{"£5", "", "GBP", ""},
	} {
		deals, f := read(t, "id,owner,stage,opened_at,amount,currency\n1,o,s,2025-01-01,"+c.amount+","+c.currency+"\n", csvfile.Options{})
		if len(deals) != 1 || deals[0].Currency != c.want || deals[0].Extra["currency"] != c.extra {
			t.Errorf("%+v: %+v %q", c, deals, faults(f))
		}
	}
}

func TestStatusRules(t *testing.T) {
	for _, c := range []struct {
		header, cells string
		want          csvfile.Status // Empty: refused.
	}{
		{"stage", "Negotiation", csvfile.StatusOpen},
		{"stage", "Closed Won", csvfile.StatusWon},
		{"stage", "closedlost", csvfile.StatusLost},
		{"stage", "Signed", csvfile.StatusWon},       // Named by the person.
		{"stage", "No decision", csvfile.StatusLost}, // Likewise.
		{"stage,is_closed", "Mine,true", ""},         // Won or lost?
		{"stage,is_closed", "Closed Won,true", csvfile.StatusWon},
		{"stage,is_closed", "Closed Won,false", csvfile.StatusOpen},
		{"stage,is_won", "Closed Lost,false", csvfile.StatusLost},
		{"stage,is_won", "Closed Won,false", csvfile.StatusOpen},
		{"stage,is_won,is_closed", "Mine,no,yes", csvfile.StatusLost},
		{"stage,is_won,is_lost", "Mine,0,1", csvfile.StatusLost},
		{"stage,is_won,is_lost", "Closed Won,0,0", csvfile.StatusOpen},
		{"stage,is_won,is_lost", "Mine,1,1", ""},
		{"is_won", "", ""},
		{"status,stage", ",Closed Won", csvfile.StatusWon},
		{"status,stage", "lost,Closed Won", csvfile.StatusLost},
		{"is_deleted,status", "x,won", csvfile.StatusDeleted},
	} {
		deals, _ := read(t, "id,owner,opened_at,"+c.header+"\n1,o,2025-01-01,"+c.cells+"\n", csvfile.Options{WonStages: []string{"signed"}, LostStages: []string{"No Decision"}})
		got := csvfile.Status("")
		if len(deals) == 1 {
			got = deals[0].Status
		}
		if got != c.want {
			t.Errorf("%s = %s: %q, want %q", c.header, c.cells, got, c.want)
		}
	}
}

func TestEscapeCell(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"plain":             "plain",
		"=1+1":              "'=1+1",
		"@SUM(A1)":          "'@SUM(A1)",
		"+49 30 123":        "'+49 30 123",
		"-12.50":            "-12.50",
		"-12,5":             "-12,5",
		"+7":                "+7",
		"-1-1":              "'-1-1",
		"-":                 "'-",
		"  =cmd|' /C calc'": "'  =cmd|' /C calc'",
		"\t=1":              "'\t=1",
		"\rx":               "'\rx",
		"＝1":                "'＝1",
		"\u00a0=1":          "'\u00a0=1",
		"a=b":               "a=b",
	} {
		if got := csvfile.EscapeCell(in); got != want {
			t.Errorf("EscapeCell(%q) = %q, want %q", in, got, want)
		}
	}
}
