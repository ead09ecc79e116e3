package measure

import (
	"math"
	"slices"
)

// MinViewers is the number of viewers under which no rate is shown: with fewer,
// a rate tells what single colleagues did.
const MinViewers = 5

// Rate is a share of viewers, with what it was made of.
type Rate struct {
	Part, Viewers int
	// Value is Part / Viewers; 0 when not Shown.
	Value float64
	// Shown is false under MinViewers.
	Shown bool
}

// RateOf returns part of viewers as a rate, suppressed under MinViewers.
func RateOf(part, viewers int) Rate {
	r := Rate{Part: part, Viewers: viewers}
	if viewers >= MinViewers {
		r.Value, r.Shown = float64(part)/float64(viewers), true
	}
	return r
}

// Percentile returns the p-quantile (p from 0 to 1) of values by linear
// interpolation between order statistics, type 7 of Hyndman and Fan (Am. Stat.
// 50, 1996), which is the default of R and of spreadsheets. It returns NaN for no
// values. (stat.Quantile of gonum with LinInterp is type 4, not this one.)
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 || math.IsNaN(p) {
		return math.NaN()
	}
	s := slices.Clone(values)
	slices.Sort(s)
	h := float64(len(s)-1) * min(max(p, 0), 1)
	i := int(h)
	if i+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[i] + (h-float64(i))*(s[i+1]-s[i])
}

// BenjaminiHochberg returns, for each p-value, the smallest false discovery rate
// at which it would count as a discovery (Benjamini and Hochberg, J. R. Stat. Soc. B
// 57, 1995): p.adjust(p, "BH") of R. The order of p is kept.
func BenjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	q := make([]float64, len(p))
	smallest := 1.0
	for k, i := range order {
		rank := len(p) - k
		smallest = min(smallest, p[i]*float64(len(p))/float64(rank))
		q[i] = smallest
	}
	return q
}
