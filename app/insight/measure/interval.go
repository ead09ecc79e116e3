package measure

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is the level of every interval that is shown.
const Confidence = 0.95

// Interval is a closed interval. As an interval of a rate or of a difference of
// rates it is in shares: 0.05 is five points.
type Interval struct {
	Low, High float64
}

// HalfWidth returns half the length of the interval.
func (i Interval) HalfWidth() float64 { return (i.High - i.Low) / 2 }

// ExcludesZero reports whether 0 lies outside the interval.
func (i Interval) ExcludesZero() bool { return i.Low > 0 || i.High < 0 }

// Wilson returns the score interval without continuity correction for successes
// out of n at the given confidence (Wilson, J. Am. Stat. Assoc. 22, 1927). It
// keeps inside [0, 1] and is usable for small n and for 0 or n successes. With
// n of 0 nothing is known: [0, 1].
func Wilson(successes, n int, confidence float64) Interval {
	if n <= 0 {
		return Interval{0, 1}
	}
	p := float64(min(max(successes, 0), n)) / float64(n)
	z := normalCritical(1 - confidence)
	return wilson(p, z*z/float64(n))
}

// wilson is the score interval around p. The critical value and the sample size
// come in only as c = critical² / n, which is also how an effective sample size
// and a t quantile enter.
func wilson(p, c float64) Interval {
	mid := (p + c/2) / (1 + c)
	half := math.Sqrt(c*p*(1-p)+c*c/4) / (1 + c)
	return Interval{Low: max(0, mid-half), High: min(1, mid+half)}
}

// Difference is a difference of two rates with its interval.
type Difference struct {
	Estimate float64
	Interval
}

// Newcombe returns the difference x1/n1 - x2/n2 of two independent proportions
// with the hybrid score interval (Newcombe, Stat. Med. 17, 1998, method 10). With
// no deals on a side nothing is known: [-1, 1].
func Newcombe(x1, n1, x2, n2 int, confidence float64) Difference {
	return newcombe(sample{deals: n1, won: x1}, sample{deals: n2, won: x2}, 1-confidence)
}

func newcombe(a, b sample, alpha float64) Difference {
	if a.deals <= 0 || b.deals <= 0 {
		return Difference{Interval: Interval{-1, 1}}
	}
	p1, p2 := a.rate(), b.rate()
	i1, i2 := a.wilson(alpha), b.wilson(alpha)
	d := p1 - p2
	return Difference{
		Estimate: d,
		Interval: Interval{
			Low:  max(-1, d-math.Hypot(p1-i1.Low, i2.High-p2)),
			High: min(1, d+math.Hypot(i1.High-p1, p2-i2.Low)),
		},
	}
}

// pValue is the level at which the Newcombe interval just touches 0, so that the
// interval and the p-value never disagree.
func pValue(a, b sample) float64 {
	if d := newcombe(a, b, 1); d.Estimate == 0 || a.deals <= 0 || b.deals <= 0 {
		return 1
	}
	lo, hi := 0.0, 1.0 // The interval contains 0 at alpha lo and not at hi.
	for range 50 {
		mid := (lo + hi) / 2
		if newcombe(a, b, mid).ExcludesZero() {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// sample is one side of a comparison, with what is known about how its deals
// hang together.
type sample struct {
	deals, won int
	// designEffect is by how much the variance of the rate exceeds that of
	// independent deals; 0 means independent deals.
	designEffect float64
	// reps is the number of reps; only used with a design effect.
	reps int
}

func (s sample) rate() float64 { return float64(s.won) / float64(s.deals) }

func (s sample) wilson(alpha float64) Interval {
	n, crit := float64(s.deals), 0.0
	if s.designEffect > 0 {
		n /= s.designEffect
		crit = tCritical(alpha, float64(s.reps-1))
	} else {
		crit = normalCritical(alpha)
	}
	return wilson(s.rate(), crit*crit/n)
}

// newSample works out how alike the deals of one rep are. A rep's deals share
// the rep, so 200 deals of four reps say much less than 200 deals of 100 reps.
// The variance of the rate is the linearised variance of a ratio of cluster
// totals with reps as clusters; the interval is then Wilson's on the effective
// sample size with a t quantile on reps-1 degrees of freedom (Korn and
// Graubard, Surv. Methodol. 24, 1998; Dean and Pagano, J. Surv. Stat. Methodol.
// 3, 2015). The design effect is never taken below 1: deals of one rep that look
// more different than chance are chance.
func newSample(c Counts) sample {
	s := sample{deals: c.Deals, won: c.Won}
	if len(c.Reps) < 2 || c.Deals == 0 {
		return s
	}
	p, total := s.rate(), float64(c.Deals)
	var sum float64
	for _, r := range c.Reps {
		d := float64(r.Won) - p*float64(r.Deals)
		sum += d * d
	}
	g := float64(len(c.Reps))
	s.reps = len(c.Reps)
	s.designEffect = 1
	if independent := p * (1 - p) / total; independent > 0 {
		s.designEffect = max(1, g/(g-1)*sum/(total*total)/independent)
	}
	return s
}

func normalCritical(alpha float64) float64 {
	return distuv.UnitNormal.Quantile(1 - alpha/2)
}

func tCritical(alpha, df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(1 - alpha/2)
}
