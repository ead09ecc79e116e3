package score

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanDifference is the mean of paired differences with its t interval, which needs at least two; ok is
// false under that, and Value is still the mean of one. The differences are taken to be independent of each
// other; those of one reviewer on the criteria of one attempt are not quite, which makes the interval narrower
// than it should be.
func MeanDifference(differences []float64) (m Interval, ok bool) {
	n := float64(len(differences))
	if n == 0 {
		return m, false
	}
	for _, d := range differences {
		m.Value += d / n
	}
	m.Low, m.High = m.Value, m.Value
	if n < 2 {
		return m, false
	}
	squares := 0.0
	for _, d := range differences {
		squares += (d - m.Value) * (d - m.Value)
	}
	m.SE = math.Sqrt(squares / (n - 1) / n)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + Confidence) / 2)
	m.Low, m.High = m.Value-t*m.SE, m.Value+t*m.SE
	return m, true
}

// Quantile is the value below which the share p (0 to 1) of the values lies, by type 7 of Hyndman and Fan
// (1996), the one of spreadsheets and R; ok is false for no values. The values need no order.
func Quantile(values []float64, p float64) (q float64, ok bool) {
	if len(values) == 0 || math.IsNaN(p) {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	at := min(max(p, 0), 1) * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1], true
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low]), true
}

// MedianLevel is the level in the middle; of two it is the lower one, so that it is always a level somebody
// gave. 0 for none.
func MedianLevel(levels []int) int {
	if len(levels) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(levels))
	return sorted[(len(sorted)-1)/2]
}
