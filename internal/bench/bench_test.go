package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make(samples, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.95: 96, 0.99: 100, 1: 100} {
		if got := hundred.quantile(q); got != want {
			t.Errorf("quantile(%v) = %d, want %d", q, got, want)
		}
	}
	if hundred[0] != 100 {
		t.Error("the samples were sorted in place")
	}
	if got := (samples{}).median(); got != 0 {
		t.Errorf("median of nothing = %d", got)
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	// The second round was ten times as slow for both sides, which says nothing about either.
	if got := ratios([]float64{2, 20, 2}, []float64{1, 10, 1}); got != 2 {
		t.Errorf("ratio = %v, want 2", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median = %v, want 2.5", got)
	}
}

func TestRoundsTakeTurns(t *testing.T) {
	var order []string
	side := func(name string) func(bool) error {
		return func(warm bool) error {
			if warm {
				name += "w"
			}
			order = append(order, name)
			name = strings.TrimSuffix(name, "w")
			return nil
		}
	}
	if err := rounds(t.Context(), 2, side("a"), side("b")); err != nil {
		t.Fatal(err)
	}
	if want := strings.Fields("aw bw b a a b"); !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	broken := errors.New("broken")
	if err := rounds(t.Context(), 2, func(bool) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestPacedCountsFromWhenDue(t *testing.T) {
	// One worker that needs 5 ms for what comes every millisecond: each waits longer than the one before.
	took, err := paced(t.Context(), 5, 1000, 1, func(int) error {
		<-time.After(5 * time.Millisecond)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(took) != 5 || took[4] < 20*time.Millisecond {
		t.Errorf("took %v: the wait in the queue is missing", took)
	}
	broken := errors.New("broken")
	if _, err := paced(t.Context(), 3, 1e6, 2, func(int) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestAwaitGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := await(ctx, "nothing", time.Millisecond, func() (bool, error) { return false, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestWriteBetweenKeepsWhatPeopleWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docs", "benchmarks.md")
	read := func() string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if err := writeBetween(path, "first"); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(read(), "# Benchmarks\n", "# Benchmarks\n\nWhy.\n", 1) + "\nCauses.\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeBetween(path, "second"); err != nil {
		t.Fatal(err)
	}
	got := read()
	if got != strings.Replace(text, "first", "second", 1) {
		t.Errorf("the file is now\n%s", got)
	}
	if err := os.WriteFile(path, []byte("no markers"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeBetween(path, "third"); err == nil || read() != "no markers" {
		t.Errorf("a file without markers was overwritten, error %v", err)
	}
}

func TestReportSaysWhatMisses(t *testing.T) {
	r := report{machine: machine{cores: 2}, began: time.Unix(0, 0), most: 5}
	r.rows = []loaded{
		{Row{Name: "good", Measured: "1 ms", Budget: "2 ms", Verdict: Met}, 1, 1},
		{Row{Name: "costly", Measured: "9 µs", Ratio: "1.50 x", Budget: "1.2 x", Verdict: Missed, Note: "Why not."}, 5, 5},
		{Row{Name: "slow", Measured: "p95 3 ms", Ratio: "0.10 x", Budget: "p95 2 ms", Verdict: Missed, Wall: true}, 5, 5},
	}
	got := r.markdown(time.Unix(60, 0))
	for _, want := range []string{
		"| good | 1 ms |  |  | 2 ms | met | 1.0 → 1.0 |",
		"Missed: costly (1.50 x, budget 1.2 x); slow (p95 3 ms, budget p95 2 ms, busy machine).",
		"- **costly**: Why not.",
		"The machine was busy",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestChoose(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(measurements()) {
		t.Errorf("%d of %d, %v", len(all), len(measurements()), err)
	}
	some, err := choose("watch, read")
	if err != nil || len(some) != 2 || some[0].key != "watch" {
		t.Errorf("%v, %v", some, err)
	}
	if _, err := choose("read,reed"); err == nil {
		t.Error("an unknown name was taken")
	}
}

func TestCorpusIsTheSameEachTime(t *testing.T) {
	a, b := newCorpus(7), newCorpus(7)
	if x, y := a.say(30), b.say(30); x != y {
		t.Errorf("%q\n%q", x, y)
	}
	if x, y := a.say(30), newCorpus(8).say(30); x == y {
		t.Error("another seed says the same")
	}
}

func TestProcessFigures(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc here; the benchmarks are for Linux")
	}
	u, err := cpuOf(os.Getpid())
	if err != nil || u.total() < 0 {
		t.Errorf("CPU %v, %v", u, err)
	}
	m, err := memoryOf(os.Getpid())
	if err != nil || m.resident == 0 || m.peak < m.resident || m.resident < m.anonymous {
		t.Errorf("memory %+v, %v", m, err)
	}
}
