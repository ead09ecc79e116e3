package score_test

import (
	"math"
	"testing"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

func near(t *testing.T, what string, got, want, off float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > off {
		t.Errorf("%s: %.6f, want %.6f", what, got, want)
	}
}

func nominal(k int) [][]float64 {
	w := make([][]float64, k)
	for i := range w {
		w[i] = make([]float64, k)
		w[i][i] = 1
	}
	return w
}

func linear(k int) [][]float64 {
	w := nominal(k)
	for i := range w {
		for j := range w {
			w[i][j] = 1 - math.Abs(float64(i-j))/float64(k-1)
		}
	}
	return w
}

// TestKappaPublished compares with worked tables from the literature, to the digits printed there.
func TestKappaPublished(t *testing.T) {
	// Fleiss, Cohen and Everitt (1969), "Large sample standard errors of kappa and weighted kappa",
	// Psychological Bulletin 72, table 1: 200 diagnoses; kappa .429, variance .002885; weighted .507, .003248.
	diagnoses := [][]int{{106, 10, 4}, {22, 28, 10}, {2, 12, 6}}
	k, ok := score.Kappa(diagnoses, nominal(3))
	if !ok {
		t.Fatal("not defined")
	}
	near(t, "FCE 1969, kappa", k.Value, .429, .0005)
	near(t, "FCE 1969, variance", k.SE*k.SE, .002885, .0000005)
	k, _ = score.Kappa(diagnoses, [][]float64{{1, 0, .4444}, {0, 1, .6667}, {.4444, .6667, 1}})
	near(t, "FCE 1969, weighted kappa", k.Value, .507, .0005)
	near(t, "FCE 1969, variance of weighted kappa", k.SE*k.SE, .003248, .0000005)
	near(t, "FCE 1969, lower end", k.Low, .507-1.96*.05699, .0005)
	near(t, "FCE 1969, upper end", k.High, .507+1.96*.05699, .0005)

	// Cohen (1968), "Weighted kappa", Psychological Bulletin 70: 200 cases, disagreements weighted 1, 3 and 6;
	// unweighted .492, weighted .348.
	cohen := [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}
	k, _ = score.Kappa(cohen, nominal(3))
	near(t, "Cohen 1968, kappa", k.Value, .492, .0005)
	k, _ = score.Kappa(cohen, [][]float64{{1, 1 - 1./6, 1 - 3./6}, {1 - 1./6, 1, 0}, {1 - 3./6, 0, 1}})
	near(t, "Cohen 1968, weighted kappa", k.Value, .348, .0005)

	// Agresti, "Categorical Data Analysis" (2nd edition, 2002), section 10.5: two pathologists, 118 slides,
	// four ordered levels of carcinoma; kappa .493 with standard error .057, weighted by squares .784.
	slides := [][]int{{22, 2, 2, 0}, {5, 7, 14, 0}, {0, 2, 36, 0}, {0, 1, 17, 10}}
	k, _ = score.Kappa(slides, nominal(4))
	near(t, "Agresti, kappa", k.Value, .493, .0005)
	near(t, "Agresti, standard error", k.SE, .057, .0005)
	k, _ = score.Kappa(slides, score.Quadratic(4))
	near(t, "Agresti, quadratic", k.Value, .784, .0005)

	// The example of Kappa in the R package vcd, data of Hout, Duncan and Sobel (1987): unweighted .1293 (standard
	// error .0686), linear .2374 (.0783).
	couples := [][]int{{7, 7, 2, 3}, {2, 8, 3, 7}, {1, 5, 4, 9}, {2, 8, 9, 14}}
	k, _ = score.Kappa(couples, nominal(4))
	near(t, "couples, kappa", k.Value, .1293, .00005)
	near(t, "couples, standard error", k.SE, .0686, .00005)
	k, _ = score.Kappa(couples, linear(4))
	near(t, "couples, linear", k.Value, .2374, .00005)
	near(t, "couples, standard error of linear", k.SE, .0783, .00005)
}

// Worked by hand: three levels, ten pairs; 6 agree, 3 lie one apart, 1 lies two apart. Observed disagreement, in
// squares of 2: (3 x 1/4 + 1) / 10 = 0.175. A gives 3, 4, 3 of each level and B 4, 3, 3; expected: A1B2 9 + A1B3 9
// + A2B1 16 + A2B3 12 + A3B1 12 + A3B2 9 of 100, those one apart (9 + 16 + 12 + 9) / 4 = 11.5, two apart 9 + 12 = 21;
// 32.5 / 100. Kappa is 1 - 0.175 / 0.325 = 6/13.
func TestKappaByHand(t *testing.T) {
	pairs := []score.Pair{{1, 1}, {1, 1}, {1, 2}, {2, 2}, {2, 2}, {2, 1}, {2, 3}, {3, 3}, {3, 3}, {3, 1}}
	k, ok := score.KappaOf(pairs, 3)
	if !ok {
		t.Fatal("not defined")
	}
	near(t, "kappa", k.Value, 6./13, 1e-12)
	if !(k.Low < k.Value && k.Value < k.High && k.Low >= -1 && k.High <= 1) {
		t.Errorf("interval %v", k)
	}
	// The other way round is the same agreement.
	for i, p := range pairs {
		pairs[i] = score.Pair{A: p.B, B: p.A}
	}
	back, _ := score.KappaOf(pairs, 3)
	near(t, "kappa, raters exchanged", back.Value, k.Value, 1e-12)
	near(t, "standard error, raters exchanged", back.SE, k.SE, 1e-12)
}

func TestKappaAtItsEnds(t *testing.T) {
	k, ok := score.KappaOf([]score.Pair{{1, 1}, {2, 2}, {3, 3}}, 3)
	if !ok || k.Value != 1 || k.Low != 1 || k.High != 1 {
		t.Errorf("full agreement: %v, %v", k, ok)
	}
	k, ok = score.KappaOf([]score.Pair{{1, 3}, {3, 1}}, 3)
	if !ok || k.Value != -1 || k.Low < -1 {
		t.Errorf("full disagreement: %v, %v", k, ok)
	}
	for name, pairs := range map[string][]score.Pair{
		"no pairs": nil, "one level throughout": {{2, 2}, {2, 2}}, "a level that is none": {{1, 1}, {2, 4}}, "level 0": {{0, 1}},
	} {
		if k, ok := score.KappaOf(pairs, 3); ok {
			t.Errorf("%s: %v", name, k)
		}
	}
	// Independent raters agree as chance would have it.
	k, _ = score.Kappa([][]int{{4, 8, 4}, {8, 16, 8}, {4, 8, 4}}, score.Quadratic(3))
	near(t, "chance", k.Value, 0, 1e-12)
}
