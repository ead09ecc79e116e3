package measure_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/insight/measure"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}

// prop.test(x, n, correct=FALSE) of R 4.2.2, reference/statistics.md table 15; the
// last two are from Newcombe, Stat. Med. 17 (1998) 857-872, table I, method 3.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		x, n      int
		low, high float64
		tolerance float64
	}{
		{7, 25, 0.142839, 0.475766, 5e-7},
		{0, 12, 0, 0.242494, 5e-7},
		{45, 120, 0.293524, 0.464230, 5e-7},
		{81, 263, 0.2553, 0.3662, 5e-5},
		{15, 148, 0.0624, 0.1605, 5e-5},
	} {
		got := measure.Wilson(c.x, c.n, 0.95)
		near(t, "low", got.Low, c.low, c.tolerance)
		near(t, "high", got.High, c.high, c.tolerance)
	}
	if got := measure.Wilson(0, 0, 0.95); got != (measure.Interval{Low: 0, High: 1}) {
		t.Errorf("of nothing: %v", got)
	}
}

// Newcombe, Stat. Med. 17 (1998) 873-890, table II, method 10.
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		x1, n1, x2, n2 int
		low, high      float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1.0000},
		{10, 10, 0, 10, 0.6075, 1.0000},
	} {
		got := measure.Newcombe(c.x1, c.n1, c.x2, c.n2, 0.95)
		near(t, "low", got.Low, c.low, 5e-5)
		near(t, "high", got.High, c.high, 5e-5)
		near(t, "estimate", got.Estimate, float64(c.x1)/float64(c.n1)-float64(c.x2)/float64(c.n2), 1e-12)
	}
	if got := measure.Newcombe(0, 0, 1, 2, 0.95).Interval; got != (measure.Interval{Low: -1, High: 1}) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestIntervalsAreIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n1, n2 := rapid.IntRange(1, 3000).Draw(t, "n1"), rapid.IntRange(1, 3000).Draw(t, "n2")
		x1, x2 := rapid.IntRange(0, n1).Draw(t, "x1"), rapid.IntRange(0, n2).Draw(t, "x2")
		w := measure.Wilson(x1, n1, 0.95)
		p := float64(x1) / float64(n1)
		if w.Low < 0 || w.High > 1 || p < w.Low-1e-12 || p > w.High+1e-12 || w.Low >= w.High {
			t.Fatalf("Wilson(%d, %d) = %v", x1, n1, w)
		}
		d := measure.Newcombe(x1, n1, x2, n2, 0.95)
		if d.Low < -1 || d.High > 1 || d.Estimate < d.Low-1e-12 || d.Estimate > d.High+1e-12 {
			t.Fatalf("Newcombe = %+v", d)
		}
		o := measure.Newcombe(x2, n2, x1, n1, 0.95)
		if math.Abs(d.Low+o.High) > 1e-12 || math.Abs(d.High+o.Low) > 1e-12 {
			t.Fatalf("not symmetric: %+v %+v", d, o)
		}
		// The p-value says the same as the interval.
		v := measure.Association(measure.Counts{Deals: n1, Won: x1}, measure.Counts{Deals: n2, Won: x2})
		if (v.P < 0.05) != v.Difference.ExcludesZero() && math.Abs(v.P-0.05) > 1e-9 {
			t.Fatalf("p %v, interval %v", v.P, v.Difference.Interval)
		}
	})
}

// The p-values of table 1 of Benjamini and Hochberg (1995); adjusted values by R,
// reference/statistics.md table 15.
func TestBenjaminiHochberg(t *testing.T) {
	p := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	q := measure.BenjaminiHochberg(p)
	near(t, "[4]", q[3], 0.035625, 5e-7)
	near(t, "[6]", q[5], 0.063857, 5e-7)
	near(t, "[12]", q[11], 0.714875, 5e-7)
	rejected := 0
	for _, x := range q {
		if x <= 0.05 {
			rejected++
		}
	}
	if rejected != 4 {
		t.Errorf("%d rejected at 0.05, want 4", rejected)
	}
	if got := measure.BenjaminiHochberg(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	// The order of the argument is kept.
	mixed := measure.BenjaminiHochberg([]float64{.9, .01, .5})
	near(t, "mixed", mixed[1], 0.03, 1e-12)
	near(t, "mixed", mixed[0], 0.9, 1e-12)
}

// quantile(x, p, type=7) of R.
func TestPercentile(t *testing.T) {
	primes := []float64{29, 2, 23, 3, 19, 5, 17, 7, 13, 11}
	for _, c := range []struct {
		values []float64
		p      float64
		want   float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9, 9.1},
		{primes, 0.9, 23.6},
		{primes, 0.5, 12},
		{primes, 0, 2},
		{primes, 1, 29},
		{primes, 7, 29},
		{[]float64{4}, 0.9, 4},
	} {
		near(t, "percentile", measure.Percentile(c.values, c.p), c.want, 1e-12)
	}
	if !math.IsNaN(measure.Percentile(nil, 0.9)) {
		t.Error("percentile of nothing")
	}
	if primes[0] != 29 {
		t.Error("the argument was sorted")
	}
}

func TestRateOf(t *testing.T) {
	if r := measure.RateOf(3, 4); r.Shown || r.Value != 0 || r.Part != 3 || r.Viewers != 4 {
		t.Errorf("4 viewers: %+v", r)
	}
	if r := measure.RateOf(3, 5); !r.Shown || r.Value != 0.6 {
		t.Errorf("5 viewers: %+v", r)
	}
}
