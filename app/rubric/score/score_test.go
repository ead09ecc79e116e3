package score_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

func criterion(id string, weight int, points ...int) score.Criterion {
	c := score.Criterion{ID: id, Name: id, Weight: weight}
	for _, p := range points {
		c.Levels = append(c.Levels, score.Level{Points: p, Name: "some"})
	}
	return c
}

// pitch has criteria of two, three and four levels, one of which is worth nothing at its lowest.
func pitch() score.Criteria {
	return score.Criteria{criterion("open", 1, 0, 10), criterion("need", 2, 1, 2, 3), criterion("close", 3, 0, 1, 3, 4)}
}

// Worked by hand: (weight x points / highest points), summed and divided by the weights, which are 6 together.
func TestScoreByHand(t *testing.T) {
	for name, c := range map[string]struct {
		levels score.Levels
		want   int
	}{
		"all at their best":                           {score.Levels{"open": 2, "need": 3, "close": 4}, 10000},
		"all at their lowest: 2 x 1/3 / 6 = 1/9":      {score.Levels{"open": 1, "need": 1, "close": 1}, 1111},
		"(1 x 1 + 2 x 2/3 + 3 x 3/4) / 6 = 55/72":     {score.Levels{"open": 2, "need": 2, "close": 3}, 7639}, // 76.3888…
		"(1 x 0 + 2 x 3/3 + 3 x 1/4) / 6 = 11/24":     {score.Levels{"open": 1, "need": 3, "close": 2}, 4583}, // 45.8333…
		"(1 x 1 + 2 x 1/3 + 3 x 0) / 6 = 5/18":        {score.Levels{"open": 2, "need": 1, "close": 1}, 2778}, // 27.7777…
		"a level beyond those of another changes not": {score.Levels{"open": 2, "need": 3, "close": 4, "gone": 9}, 10000},
	} {
		if got, ok := pitch().Score(c.levels); !ok || got != c.want {
			t.Errorf("%s: %d, %v, want %d", name, got, ok, c.want)
		}
	}
	for name, levels := range map[string]score.Levels{
		"one without a level":     {"open": 2, "need": 3},
		"a level that is not one": {"open": 2, "need": 3, "close": 5},
		"none at all":             nil,
	} {
		if got, ok := pitch().Score(levels); ok || got != 0 {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	if _, ok := (score.Criteria{}).Score(nil); ok {
		t.Error("a rubric without criteria has a score")
	}
}

// 1/8 of a percent of 10000 is 12.5: half is rounded up, exactly. In floating point such halves fall either way.
func TestScoreRoundsHalfUp(t *testing.T) {
	r := score.Criteria{criterion("a", 1, 0, 100), criterion("b", 99, 0, 8)}
	r[0].Levels = []score.Level{{Points: 0}, {Points: 1}, {Points: 8}}
	// a: 1/8 of weight 1 of 100 = 0.125 %, that is 12.5 hundredths.
	if got, _ := r.Score(score.Levels{"a": 2, "b": 1}); got != 13 {
		t.Errorf("12.5 became %d", got)
	}
}

// The score does not depend on the order of the criteria, and a better level never lowers it.
func TestScoreHolds(t *testing.T) {
	r := pitch()
	back := slices.Clone(r)
	slices.Reverse(back)
	for open := 1; open <= 2; open++ {
		for need := 1; need <= 3; need++ {
			last := -1
			for end := 1; end <= 4; end++ {
				l := score.Levels{"open": open, "need": need, "close": end}
				a, _ := r.Score(l)
				b, _ := back.Score(l)
				if a != b || a < last || a > score.Full {
					t.Errorf("%v: %d, backwards %d, one level below %d", l, a, b, last)
				}
				last = a
			}
		}
	}
}

func TestPercentIsNeverMoreThanTheScore(t *testing.T) {
	for given, want := range map[int]float64{0: 0, 7996: 79.9, 8000: 80, 10000: 100, 5: 0, 10: 0.1} {
		if got := score.Percent(given); got != want {
			t.Errorf("%d is shown as %v, want %v", given, got, want)
		}
	}
}

func TestPassesByTotal(t *testing.T) {
	rule := score.PassRule{Kind: score.Total, Percent: 76, Level: 9}
	v := pitch().Passes(rule, score.Levels{"open": 2, "need": 2, "close": 3})
	if !v.Pass || v.Score != 7639 || v.NeedScore != 7600 || len(v.Short) != 0 {
		t.Errorf("%+v", v)
	}
	rule.Percent = 77
	if v := pitch().Passes(rule, score.Levels{"open": 2, "need": 2, "close": 3}); v.Pass || v.Score != 7639 || v.NeedScore != 7700 || len(v.Short) != 0 {
		t.Errorf("%+v", v)
	}
	// Without a level for each there is no pass, whatever the percentage.
	rule.Percent = 0
	v = pitch().Passes(rule, score.Levels{"open": 2, "close": 4})
	if want := []score.Short{{CriterionID: "need", Level: 0, Need: 1}}; v.Pass || v.Score != 0 || !slices.Equal(v.Short, want) {
		t.Errorf("%+v", v)
	}
}

func TestPassesByEach(t *testing.T) {
	rule := score.PassRule{Kind: score.Each, Percent: 100, Level: 3}
	// A criterion of two levels must reach its second.
	if v := pitch().Passes(rule, score.Levels{"open": 2, "need": 3, "close": 3}); !v.Pass || v.NeedScore != 0 {
		t.Errorf("%+v", v)
	}
	v := pitch().Passes(rule, score.Levels{"open": 1, "need": 3, "close": 2})
	want := []score.Short{{CriterionID: "open", Level: 1, Need: 2}, {CriterionID: "close", Level: 2, Need: 3}}
	if v.Pass || !slices.Equal(v.Short, want) {
		t.Errorf("%+v", v)
	}
	if v := pitch().Passes(score.PassRule{Kind: "luck"}, score.Levels{"open": 2, "need": 3, "close": 4}); v.Pass {
		t.Error("a rule of no known kind passes")
	}
}

func TestMissingAndUnknown(t *testing.T) {
	r := pitch()
	if got := r.Missing(score.Levels{"need": 2, "close": 9}, nil); !slices.Equal(got, []string{"open", "close"}) {
		t.Errorf("missing %v", got)
	}
	if got := r.Missing(score.Levels{"need": 2}, []string{"close", "need"}); !slices.Equal(got, []string{"close"}) {
		t.Errorf("missing of two %v", got)
	}
	if got := r.Unknown(score.Levels{"need": 2, "zeal": 1, "close": 0, "open": 3}); !slices.Equal(got, []string{"close", "open", "zeal"}) {
		t.Errorf("unknown %v", got)
	}
}

func TestCarry(t *testing.T) {
	r := pitch()
	before := score.Levels{"open": 2, "need": 1, "close": 4, "gone": 1}
	if got := r.Carry(before, nil); len(got) != 0 {
		t.Errorf("carried %v although all is looked at again", got)
	}
	carried := r.Carry(before, []string{"need"})
	if !maps.Equal(carried, score.Levels{"open": 2, "close": 4}) {
		t.Errorf("carried %v", carried)
	}
	if got := r.Open(carried); !slices.Equal(got, []string{"need"}) {
		t.Errorf("open %v", got)
	}
	// What had no level before must be looked at, named or not.
	if got := r.Open(r.Carry(score.Levels{"open": 2}, []string{"need"})); !slices.Equal(got, []string{"need", "close"}) {
		t.Errorf("open %v", got)
	}
	// Nobody scores again what was carried.
	all := score.Levels{"need": 3, "close": 1}.With(carried)
	if !maps.Equal(all, score.Levels{"open": 2, "need": 3, "close": 4}) {
		t.Errorf("together %v", all)
	}
}
