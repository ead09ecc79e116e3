package main

import (
	"fmt"
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
