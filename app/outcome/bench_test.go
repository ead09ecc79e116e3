package outcome_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
)

// exportOf makes a Salesforce export of n deals of a hundred owners, with six columns that are ours and
// six that are not.
func exportOf(n int) string {
	var b strings.Builder
	b.WriteString(`"Opportunity ID","Opportunity Name","Owner Name","Owner Email","Stage","Amount","Opportunity Currency","Close Date","Created Date","Main Competitor(s)","Lead Source","Account Name","Next Step","Type","Description","Won","Closed"` + "\n")
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		opened := day.AddDate(0, 0, i%600)
		stage, won, closed := "Prospecting", 0, 0
		switch i % 3 {
		case 0:
			stage, won, closed = "Closed Won", 1, 1
		case 1:
			stage, closed = "Closed Lost", 1
		}
		fmt.Fprintf(&b, `"006%012d","Deal %d, renewal","Rep %d","rep%d@example.com","%s","%d.%02d","EUR","%s","%s","Northwind","Web","Account %d","Call them on Monday","New Business","A line of words that somebody typed about the deal %d","%d","%d"`+"\n",
			i, i, i%100, i%100, stage, i%90000, i%100, opened.AddDate(0, 0, 45).Format(time.DateOnly), opened.Format(time.DateOnly), i/7, i, won, closed)
	}
	return b.String()
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkImport measures 100,000 rows: the first import, which makes all deals, and the second, which
// changes none; the CPU of this process for each (PostgreSQL's own is not in it), and the longest that
// another writer had to wait meanwhile.
func BenchmarkImport(b *testing.B) {
	const n = 100_000
	file := exportOf(n)
	for name, open := range map[string]func() *apptest.Env{
		"sqlite":   func() *apptest.Env { return apptest.SQLite(b) },
		"postgres": func() *apptest.Env { return onPostgres(b) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k := newKit(b, open())
				for i := range 100 {
					k.add(b, fmt.Sprintf("Rep%d", i))
				}
				for _, pass := range []string{"first", "second"} {
					stop, wait := make(chan struct{}), make(chan time.Duration)
					go func() { wait <- longestWait(k.DB, stop) }()
					runtime.GC()
					before, began := cpu(), time.Now()
					r, err := k.deals.Import(context.Background(), people.System(), outcome.ImportRequest{Body: strings.NewReader(file)})
					took, used := time.Since(began), cpu()-before
					close(stop)
					longest := <-wait
					if want := map[string]int{"first": n, "second": 0}[pass]; err != nil || r.Created != want || r.Updated != 0 || r.Failed != 0 {
						b.Fatalf("%s; %+v, %v", counts(r), r.Errors, err)
					}
					b.ReportMetric(used.Seconds(), pass+"-CPU-s")
					b.ReportMetric(took.Seconds(), pass+"-s")
					b.ReportMetric(longest.Seconds(), pass+"-longest-wait-s")
				}
			}
		})
	}
}

func onPostgres(b *testing.B) *apptest.Env {
	e := &apptest.Env{URL: apptest.Postgres(b), Clock: apptest.NewClock(), Log: slog.New(slog.DiscardHandler)}
	var err error
	if e.DB, err = db.Open(b.Context(), db.Config{URL: e.URL, Clock: e.Clock.Now}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.DB.Close() }) // before its database is dropped
	if _, err := e.DB.Migrate(b.Context(), e.Log); err != nil {
		b.Fatal(err)
	}
	return e
}

// longestWait writes a row again and again, and says how long the slowest took.
func longestWait(d *db.DB, stop <-chan struct{}) (longest time.Duration) {
	for {
		select {
		case <-stop:
			return longest
		case <-time.After(10 * time.Millisecond):
			began := time.Now()
			if err := d.Tx(context.Background(), func(tx *db.Tx) error {
				return tx.Gorm().Exec(`UPDATE sign_in_failures SET failures = 0`).Error
			}); err != nil {
				panic(err)
			}
			longest = max(longest, time.Since(began))
		}
	}
}
