package calibration

import (
	"fmt"
	"math"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// MinTakes is how many takes figures need.
const MinTakes = 10

// Against says whom a reviewer's levels are compared with.
type Against string

// Those whom they are compared with.
const (
	ThePanel   Against = "the panel"
	Colleagues Against = "colleagues"
)

// scored is one criterion of one take: one's own level, and what others gave it.
type scored struct {
	take, criterion string
	own             int
	others          []int
}

// Agreement is how far a reviewer's levels lie from others'.
type Agreement struct {
	// N counts scored criteria, Takes the takes they are of.
	N, Takes int
	// Ready says that there are enough; Severity and Kappa are nil while there are not. Kappa is nil, too,
	// where it is not defined: everybody gave one and the same level throughout.
	Ready bool
	// Severity is in levels; above 0 is milder than the others.
	Severity, Kappa   *score.Interval
	Definition, Words string
}

// agreement works out a reviewer's figures.
//
// The criteria of one take hang together, so the interval of the severity is that of the takes' means: as
// many observations as there are takes. Kappa counts criteria, as published; its interval is rather narrow.
func agreement(against Against, pairs []scored) Agreement {
	sums, counts := map[string]float64{}, map[string]float64{}
	var order []string
	levels := make([]score.Pair, len(pairs))
	most := 2
	for i, p := range pairs {
		m := median(p.others)
		if counts[p.take] == 0 {
			order = append(order, p.take)
		}
		sums[p.take] += float64(p.own) - m
		counts[p.take]++
		// Half way between two levels counts as the lower one: a pair is of two levels.
		levels[i] = score.Pair{A: p.own, B: int(math.Ceil(m - 0.5))}
		most = max(most, levels[i].A, levels[i].B)
	}
	a := Agreement{N: len(pairs), Takes: len(order), Definition: definition(against)}
	if a.Takes < MinTakes {
		a.Words = fmt.Sprintf("Too few: %d of %d takes.", a.Takes, MinTakes)
		return a
	}
	a.Ready = true
	means := make([]float64, len(order))
	for i, t := range order {
		means[i] = sums[t] / counts[t]
	}
	if m, ok := score.MeanDifference(means); ok {
		a.Severity = &m
	}
	if k, ok := score.KappaOf(levels, most); ok {
		a.Kappa = &k
	}
	a.Words = words(against, a)
	return a
}

func definition(against Against) string {
	of := "gold takes that you scored blind, compared with the median of the panel"
	if against == Colleagues {
		of = "attempts that two reviewed without knowing of each other, and gold takes that colleagues scored too, compared with the median of the others"
	}
	return fmt.Sprintf("Of the last 12 months: %s. Severity is the mean difference in levels, over takes; above 0 is milder. Agreement is Cohen's kappa with quadratic weights, over criteria: "+
		"1 is the same throughout, 0 is what chance would give. Intervals are at 95 %%; that of kappa takes criteria of one take as independent, so it is rather narrow. Shown from %d takes on.", of, MinTakes)
}

// words says it in a sentence that holds what the figures allow.
func words(against Against, a Agreement) string {
	s := a.Severity
	if s == nil {
		return ""
	}
	way := "milder"
	by, low, high := s.Value, s.Low, s.High
	if by < 0 {
		way, by, low, high = "stricter", -by, -high, -low
	}
	if low <= 0 {
		return fmt.Sprintf("No milder or stricter than %s, as far as %d takes can tell (%.1f levels %s, between %.1f and %.1f).", against, a.Takes, by, way, low, high)
	}
	return fmt.Sprintf("%.1f levels %s than %s (between %.1f and %.1f, %d takes).", by, way, against, low, high, a.Takes)
}
