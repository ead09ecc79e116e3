package score

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is that of all intervals here.
const Confidence = 0.95

// Interval is an estimate with its interval at Confidence.
type Interval struct {
	Value, Low, High float64
	// SE is the standard error of the value.
	SE float64
}

// Quadratic gives the weights of agreement of Fleiss and Cohen (1973) for k ordered levels: 1 for the same
// level, 0 for the two ends, and less by the square of the distance between.
func Quadratic(k int) [][]float64 {
	w := make([][]float64, k)
	for i := range w {
		w[i] = make([]float64, k)
		for j := range w[i] {
			w[i][j] = 1
			if k > 1 {
				d := float64(i-j) / float64(k-1)
				w[i][j] = 1 - d*d
			}
		}
	}
	return w
}

// Kappa is Cohen's weighted kappa (1968) of two raters: how far they agree beyond what their own habits
// would make them agree by chance; 1 is perfect, 0 chance. table[i][j] counts what the first gave level i
// and the second level j; weights is of the same size, 1 for full agreement.
//
// The standard error is the large-sample one of Fleiss, Cohen and Everitt (1969); the interval is kept within
// -1 and 1. Where all ratings agree the formula gives 0 for it: read the interval with n beside it.
//
// ok is false where kappa is not defined: no ratings, or both raters gave one and the same level throughout.
func Kappa(table [][]int, weights [][]float64) (k Interval, ok bool) {
	size := len(table)
	n := 0.0
	rows, cols := make([]float64, size), make([]float64, size)
	for i := range table {
		for j, c := range table[i] {
			n += float64(c)
			rows[i] += float64(c)
			cols[j] += float64(c)
		}
	}
	if n == 0 {
		return Interval{}, false
	}
	for i := range rows {
		rows[i] /= n
		cols[i] /= n
	}
	// The mean weight of a row over the columns' shares, and the other way round.
	wRow, wCol := make([]float64, size), make([]float64, size)
	observed, expected := 0.0, 0.0
	for i := range table {
		for j, c := range table[i] {
			w := weights[i][j]
			observed += w * float64(c) / n
			expected += w * rows[i] * cols[j]
			wRow[i] += w * cols[j]
			wCol[j] += w * rows[i]
		}
	}
	if 1-expected < 1e-12 {
		return Interval{}, false
	}
	k.Value = (observed - expected) / (1 - expected)
	sum := 0.0
	for i := range table {
		for j, c := range table[i] {
			d := weights[i][j] - (wRow[i]+wCol[j])*(1-k.Value)
			sum += float64(c) / n * d * d
		}
	}
	shift := k.Value - expected*(1-k.Value)
	k.SE = math.Sqrt(max(0, sum-shift*shift)/n) / (1 - expected)
	z := distuv.UnitNormal.Quantile((1 + Confidence) / 2)
	k.Low, k.High = max(-1, k.Value-z*k.SE), min(1, k.Value+z*k.SE)
	return k, true
}

// Pair is what two raters gave to the same, each from 1.
type Pair struct{ A, B int }

// KappaOf is Kappa with quadratic weights over pairs of levels 1 to k. ok is false as there, and where a
// pair lies outside.
func KappaOf(pairs []Pair, k int) (Interval, bool) {
	table := make([][]int, k)
	for i := range table {
		table[i] = make([]int, k)
	}
	for _, p := range pairs {
		if p.A < 1 || p.A > k || p.B < 1 || p.B > k {
			return Interval{}, false
		}
		table[p.A-1][p.B-1]++
	}
	return Kappa(table, Quadratic(k))
}
