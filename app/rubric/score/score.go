package score

import (
	"math/big"
	"slices"
)

// Level is one step of a criterion.
type Level struct {
	Points            int
	Name, Description string
}

// Criterion is one thing that is looked at.
type Criterion struct {
	ID                string
	Name, Description string
	// Weight is what it counts beside the others.
	Weight int
	// Levels are at least two, low to high; level 1 is the first.
	Levels []Level
}

// Criteria are those of one version of a rubric, in order.
type Criteria []Criterion

// Full is the best score, in hundredths of a percent.
const Full = 10000

// Levels are the levels given, by the id of the criterion, each from 1.
type Levels map[string]int

// Has says whether a criterion has this level.
func (c Criterion) Has(level int) bool { return level >= 1 && level <= len(c.Levels) }

// Share is what a level of the criterion is worth, 0 to 1; 0 for one that it does not have.
func (c Criterion) Share(level int) float64 {
	if !c.Has(level) {
		return 0
	}
	share, _ := c.share(level).Float64()
	return share
}

func (c Criterion) share(level int) *big.Rat {
	most := c.Levels[len(c.Levels)-1].Points
	if most <= 0 {
		return new(big.Rat)
	}
	return big.NewRat(int64(c.Levels[level-1].Points), int64(most))
}

// ByID gives a criterion.
func (r Criteria) ByID(id string) (Criterion, bool) {
	i := slices.IndexFunc(r, func(c Criterion) bool { return c.ID == id })
	if i < 0 {
		return Criterion{}, false
	}
	return r[i], true
}

// Score is the weighted mean of the shares in hundredths of a percent, 0 to Full, half rounded up; ok is
// false while a criterion has no level. It is worked out exactly, so that the order of the criteria and the
// machine make no difference.
func (r Criteria) Score(levels Levels) (hundredths int, ok bool) {
	sum, weights := new(big.Rat), int64(0)
	for _, c := range r {
		level := levels[c.ID]
		if !c.Has(level) {
			return 0, false
		}
		sum.Add(sum, new(big.Rat).Mul(big.NewRat(int64(c.Weight), 1), c.share(level)))
		weights += int64(c.Weight)
	}
	if weights <= 0 {
		return 0, false
	}
	sum.Mul(sum, big.NewRat(Full, weights)).Add(sum, big.NewRat(1, 2))
	return int(new(big.Int).Quo(sum.Num(), sum.Denom()).Int64()), true
}

// Percent is a score as it is shown: with one decimal, rounded down, so that nobody reads "80.0" who was
// refused for 79.96.
func Percent(hundredths int) float64 { return float64(hundredths/10) / 10 }

// Missing names the criteria that have no level yet and must get one, in the order of the rubric; only
// names those that are looked at, and is empty for all.
func (r Criteria) Missing(levels Levels, only []string) []string {
	var out []string
	for _, c := range r {
		if (len(only) == 0 || slices.Contains(only, c.ID)) && !c.Has(levels[c.ID]) {
			out = append(out, c.ID)
		}
	}
	return out
}

// Unknown names what levels were given for and the rubric does not have: other criteria, or levels beyond
// those of a criterion. It is sorted.
func (r Criteria) Unknown(levels Levels) []string {
	var out []string
	for id, level := range levels {
		if c, ok := r.ByID(id); !ok || !c.Has(level) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Carry gives the levels that a retry takes over from the attempt before: those of the criteria that are
// not looked at again. Where all are (only is empty), nothing is carried. A criterion that had no level
// before is not carried either, so it must be looked at (Open).
func (r Criteria) Carry(before Levels, only []string) Levels {
	out := Levels{}
	if len(only) == 0 {
		return out
	}
	for _, c := range r {
		if level := before[c.ID]; c.Has(level) && !slices.Contains(only, c.ID) {
			out[c.ID] = level
		}
	}
	return out
}

// Open names the criteria that are looked at: all that are not carried, in the order of the rubric.
func (r Criteria) Open(carried Levels) []string {
	var out []string
	for _, c := range r {
		if !c.Has(carried[c.ID]) {
			out = append(out, c.ID)
		}
	}
	return out
}

// With gives these levels and those carried; a carried one stands.
func (l Levels) With(carried Levels) Levels {
	out := make(Levels, len(l)+len(carried))
	for _, m := range []Levels{l, carried} {
		for id, level := range m {
			out[id] = level
		}
	}
	return out
}
