package csvfile_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

// FuzzRead holds what must be true of any file: it ends, every row is a deal or a
// counted error, every deal is whole, and reading again gives the same.
func FuzzRead(f *testing.F) {
	for _, x := range fixtures() {
		f.Add(x.write(f))
	}
	f.Add([]byte("id,owner,stage,opened_at\n1,\"o,s,2025-01-01\n2,\"o\",s,1/2/2025\n"))
	f.Add([]byte("\xff\xfei\x00d\x00,\x00"))
	f.Add([]byte("sep=|\nid|owner|stage|opened_at|amount\n1|o|s|2025-01-01|(1,234.5)\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := csvfile.Options{MaxBytes: 1 << 20, MaxRows: 2000, MaxCell: 2000, DateOrder: csvfile.OrderDMY}
		file, err := csvfile.Open(bytes.NewReader(data), opts)
		if err != nil {
			return
		}
		var first string
		for range 2 {
			rows, seen := 0, map[string]bool{}
			var log strings.Builder
			for d, e := range file.Rows() {
				rows++
				if e != nil {
					fmt.Fprintln(&log, e)
					if e.Line < 1 || e.Code == "" || d.ExternalID != "" {
						t.Fatalf("%+v with %+v", e, d)
					}
					continue
				}
				fmt.Fprintln(&log, d.Line, d.ExternalID, d.Status, d.OpenedAt, d.Extra)
				if d.ExternalID == "" || seen[d.ExternalID] || d.OpenedAt.IsZero() || d.Status == "" || d.Line < 2 {
					t.Fatalf("not a whole deal: %+v", d)
				}
				if (d.Status == csvfile.StatusOpen || d.Status == csvfile.StatusDeleted) && d.ClosedAt != nil {
					t.Fatalf("%s and closed: %+v", d.Status, d)
				}
				seen[d.ExternalID] = true
				for _, s := range []string{d.ExternalID, d.Name, d.Owner, d.OwnerEmail, d.Currency, d.Stage, d.Segment, d.Competitor, d.Product} {
					checkText(t, s)
				}
				for k, v := range d.Extra {
					checkText(t, k)
					checkText(t, v)
				}
			}
			s := file.Summary()
			if file.Err() != nil || s.Deals+s.Failed != rows || s.Deals != len(seen) || len(s.Errors) > 100 {
				t.Fatalf("%d rows, %+v, %v", rows, s, file.Err())
			}
			if first == "" {
				first = log.String()
			} else if first != log.String() {
				t.Fatalf("read again:\n%s\n%s", first, log.String())
			}
		}
		checkText(t, fmt.Sprint(file.Report()))
	})
}

func checkText(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		t.Fatalf("unsafe text %q", s)
	}
}

// manyDeals is a HubSpot export of n rows.
func manyDeals(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal owner,Deal Type,Associated Company,Is Closed Won,Is closed lost,Competitor,Notes\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,\"Deal number %d, \"\"big\"\"\",Contract sent (Sales),Sales,\"%d,%03d.50\",%02d/%02d/2025 10:00,01/%02d/2025 09:30,Ann Lee (ann%d@example.com),newbusiness,Company %d,%t,%t,Northwind,\"two\nlines\"\n",
			100000+i, i, i%90+1, i%1000, i%12+1, i%28+1, i%31+1, i%50, i%3000, i%4 == 0, i%4 == 1)
	}
	return b.Bytes()
}

func BenchmarkRead100000(b *testing.B) {
	data := manyDeals(100_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := csvfile.Open(bytes.NewReader(data), csvfile.Options{})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, e := range f.Rows() {
			if e != nil {
				b.Fatal(e)
			}
			n++
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}

// Memory must not grow with the file, but for the ids: about 100 bytes a row.
func TestMemoryIsBounded(t *testing.T) {
	const rows = 30_000
	data := manyDeals(rows)
	f, err := csvfile.Open(bytes.NewReader(data), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, peak, n := heap(), int64(0), 0
	for _, e := range f.Rows() {
		if e != nil {
			t.Fatal(e)
		}
		if n++; n%10_000 == 0 {
			peak = max(peak, heap()-before)
		}
	}
	if peak > rows*130+4<<20 {
		t.Errorf("%d KiB of live memory for a file of %d KiB", peak>>10, len(data)>>10)
	}
	t.Logf("file %d KiB, live memory %d KiB", len(data)>>10, peak>>10)
}
