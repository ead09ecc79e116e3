package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Verdict says how a figure stands to its budget.
type Verdict string

// The verdicts. A row without a budget tells something worth knowing and has none.
const (
	Met      Verdict = "met"
	Missed   Verdict = "**missed**"
	NoBudget Verdict = ""
)

// Row is one line of the table.
type Row struct {
	// Name says what was measured.
	Name string
	// Measured is Fieldreel's figure, Peer that of what it is compared with, both with their units; Ratio stands between
	// the two in the sense of the budget.
	Measured, Peer, Ratio string
	// Budget is what the design allows.
	Budget  string
	Verdict Verdict
	// Wall says that the budget is one of time, which is longer where other programs take the cores.
	Wall bool
	// Note says how it was measured, and what else was seen.
	Note string
}

// within gives the verdict on a figure that must not be above its budget.
func within(figure, budget float64) Verdict {
	if figure <= budget {
		return Met
	}
	return Missed
}

// atLeast gives the verdict on a figure that must not be below its budget.
func atLeast(figure, budget float64) Verdict {
	if figure >= budget {
		return Met
	}
	return Missed
}

// times writes a ratio.
func times(ratio float64) string { return fmt.Sprintf("%.2f x", ratio) }

// ms writes a duration in milliseconds, with the digits that mean something.
func ms(d time.Duration) string {
	v := float64(d) / float64(time.Millisecond)
	switch {
	case v < 1:
		return fmt.Sprintf("%.3f ms", v)
	case v < 100:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.0f ms", v)
}

// mib writes bytes in MiB.
func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }

// report gathers rows.
type report struct {
	machine  machine
	quick    bool
	began    time.Time
	rows     []loaded
	failures []error
	// most is the highest load seen.
	most float64
}

// loaded is a row with the load of the machine around it.
type loaded struct {
	Row
	before, after float64
}

// measure runs one measurement. One that fails stands in the table as not measured and does not keep the rest from being
// measured.
func (r *report) measure(ctx context.Context, k *kit, m measurement) {
	note("%s: %s", m.key, m.what)
	before, _ := load()
	took, err := timed(func() error {
		rows, err := m.run(ctx, k)
		after, _ := load()
		r.most = max(r.most, before, after)
		for _, row := range rows {
			note("  %s: %s | %s | %s | %s %s", row.Name, row.Measured, row.Peer, row.Ratio, row.Budget, row.Verdict)
			r.rows = append(r.rows, loaded{row, before, after})
		}
		return err
	})
	if err != nil {
		note("  %s failed: %v", m.key, err)
		r.failures = append(r.failures, fmt.Errorf("%s: %w", m.key, err))
		r.rows = append(r.rows, loaded{Row: Row{Name: m.what, Measured: "not measured", Note: "It failed: " + oneLine(err.Error()) + "."}, before: before})
	}
	note("  %s took %s", m.key, took.Round(time.Second))
}

// markdown writes the table, what missed its budget, and the notes.
func (r *report) markdown(now time.Time) string {
	var b strings.Builder
	m := r.machine
	fmt.Fprintf(&b, "Fieldreel %s (%s), measured on %s in %s.\n\n", m.fieldreel, m.goVersion, now.UTC().Format("2 January 2006, 15:04 UTC"), now.Sub(r.began).Round(time.Second))
	fmt.Fprintf(&b, "Machine: %s, %d cores, %.0f GiB of memory, Linux %s, data on %s, ffmpeg %s. ", m.cpu, m.cores, float64(m.memory)/(1<<30), m.kernel, m.disk, m.ffmpeg)
	if m.nice != "0" && m.nice != "" {
		fmt.Fprintf(&b, "Everything ran at nice %s. ", m.nice)
	}
	fmt.Fprintf(&b, "The load, of which the measurement itself is a part, stands beside each row (1 minute, before → after); the highest was %.1f.", r.most)
	if r.most > float64(m.cores)+1 {
		b.WriteString(" **The machine was busy with other work: ratios and sizes hold; CPU times come out longer, by half at the worst, and plain times many times as long.**")
	}
	if r.quick {
		b.WriteString(" Small sizes (-quick): the figures say little.")
	}
	b.WriteString("\n\n| what | Fieldreel | peer, same run | ratio | budget | | load |\n|---|---|---|---|---|---|---|\n")
	for _, row := range r.rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %.1f → %.1f |\n", row.Name, row.Measured, row.Peer, row.Ratio, row.Budget, string(row.Verdict)+r.doubt(row), row.before, row.after)
	}
	b.WriteString("\n")
	var missed []string
	for _, row := range r.rows {
		if row.Verdict == Missed {
			missed = append(missed, fmt.Sprintf("%s (%s, budget %s%s)", row.Name, row.figure(), row.Budget, r.doubt(row)))
		}
	}
	if len(missed) == 0 {
		b.WriteString("Every budget measured here is met.\n")
	} else {
		b.WriteString("Missed: " + strings.Join(missed, "; ") + ".\n")
	}
	b.WriteString("\nHow, and what else was seen:\n\n")
	for _, row := range r.rows {
		if row.Note != "" {
			fmt.Fprintf(&b, "- **%s**: %s\n", row.Name, row.Note)
		}
	}
	return b.String()
}

// figure is what the budget speaks of.
func (r Row) figure() string {
	if strings.Contains(r.Budget, " x") {
		return r.Ratio
	}
	return r.Measured
}

// doubt marks a missed budget of time on a machine that had other work.
func (r *report) doubt(row loaded) string {
	if row.Verdict == Missed && row.Wall && row.before > float64(r.machine.cores) {
		return ", busy machine"
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// The markers between which the file is ours; what people wrote around them stays.
const (
	beginMark = "<!-- make bench writes from here -->\n"
	endMark   = "<!-- to here -->\n"
)

// writeBetween puts text between the markers of a file, which is made if it is not there.
func writeBetween(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before, rest, found := bytes.Cut(old, []byte(beginMark))
	_, after, closed := bytes.Cut(rest, []byte(endMark))
	switch {
	case len(old) == 0:
		before = []byte("# Benchmarks\n\n")
	case !found || !closed:
		return fmt.Errorf("%s: the lines %q and %q are missing; where the table goes cannot be told", path, strings.TrimSpace(beginMark), strings.TrimSpace(endMark))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	whole := string(before) + beginMark + "\n" + text + "\n" + endMark + string(after)
	return os.WriteFile(path, []byte(whole), 0o644)
}
