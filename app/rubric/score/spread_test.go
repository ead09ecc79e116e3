package score_test

import (
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// Student (1908), "The probable error of a mean": the hours of sleep gained by ten patients by one drug over the
// other. Mean 1.58, standard deviation 1.23; t with 9 degrees of freedom is 2.262, so 1.58 ± 0.88 (R's t.test of
// the data set sleep prints 0.7001142 and 2.4598858).
func TestMeanDifferencePublished(t *testing.T) {
	m, ok := score.MeanDifference([]float64{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4})
	if !ok {
		t.Fatal("not defined")
	}
	near(t, "mean", m.Value, 1.58, 1e-9)
	near(t, "lower end", m.Low, 0.7001142, 1e-6)
	near(t, "upper end", m.High, 2.4598858, 1e-6)
}

func TestMeanDifferenceOfFew(t *testing.T) {
	if m, ok := score.MeanDifference(nil); ok || m != (score.Interval{}) {
		t.Errorf("of none: %v, %v", m, ok)
	}
	if m, ok := score.MeanDifference([]float64{-1}); ok || m.Value != -1 {
		t.Errorf("of one: %v, %v", m, ok)
	}
	// Worked by hand: mean 0, standard deviation √2, standard error 1, t with one degree of freedom 12.706.
	m, ok := score.MeanDifference([]float64{-1, 1})
	if !ok {
		t.Fatal("not defined")
	}
	near(t, "upper end", m.High, 12.7062, 1e-4)
	near(t, "lower end", m.Low, -12.7062, 1e-4)
}

// Type 7: at p (n - 1) between the sorted values. Worked by hand.
func TestQuantile(t *testing.T) {
	values := []float64{9, 1, 3, 5}
	for p, want := range map[float64]float64{0: 1, 0.5: 4, 0.9: 7.8, 1: 9, 1. / 3: 3, -1: 1, 2: 9} {
		got, ok := score.Quantile(values, p)
		if !ok {
			t.Fatal("not defined")
		}
		near(t, "quantile", got, want, 1e-9)
	}
	if values[0] != 9 {
		t.Error("the caller's values were sorted")
	}
	if got, ok := score.Quantile([]float64{7}, 0.9); !ok || got != 7 {
		t.Errorf("of one: %v", got)
	}
	if _, ok := score.Quantile(nil, 0.5); ok {
		t.Error("none have a median")
	}
}

func TestMedianLevel(t *testing.T) {
	for _, c := range []struct {
		levels []int
		want   int
	}{{nil, 0}, {[]int{3}, 3}, {[]int{4, 2}, 2}, {[]int{4, 1, 3}, 3}, {[]int{4, 3, 1, 4}, 3}} {
		if got := score.MedianLevel(c.levels); got != c.want {
			t.Errorf("of %v: %d, want %d", c.levels, got, c.want)
		}
	}
}

func TestBusinessHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC() // the zone of the value must not matter
	}
	for _, c := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"within a day", "2026-03-02 10:15", "2026-03-02 12:45", 150 * time.Minute},
		{"over a night", "2026-03-02 16:00", "2026-03-03 09:30", 90 * time.Minute},
		{"Friday evening to Monday morning", "2026-03-06 20:00", "2026-03-09 09:00", 0},
		{"Friday noon to Monday noon", "2026-03-06 12:00", "2026-03-09 12:00", 8 * time.Hour},
		{"within a weekend", "2026-03-07 09:00", "2026-03-08 17:00", 0},
		{"before the day begins", "2026-03-02 05:00", "2026-03-02 09:00", 0},
		{"a whole week", "2026-03-02 00:00", "2026-03-09 00:00", 40 * time.Hour},
		{"over the clocks going forward on Sunday", "2026-03-27 16:00", "2026-03-30 10:00", 2 * time.Hour},
		{"over the clocks going back on Sunday", "2026-10-23 16:00", "2026-10-26 10:00", 2 * time.Hour},
		{"over the end of a year", "2026-12-31 16:00", "2027-01-01 10:00", 2 * time.Hour},
		{"backwards", "2026-03-03 12:00", "2026-03-02 12:00", 0},
		{"no time at all", "2026-03-03 12:00", "2026-03-03 12:00", 0},
	} {
		if got := score.BusinessHours(at(c.from), at(c.to), berlin); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// The same stretch is night in one place and day in another: Monday 20:00 to 23:00 in Berlin is 14:00 to 17:00 in New York.
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if got := score.BusinessHours(at("2026-03-02 20:00"), at("2026-03-02 23:00"), york); got != 3*time.Hour {
		t.Errorf("in New York: %s", got)
	}
}
