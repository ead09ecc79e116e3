package calibration

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// candidate is a gold take that somebody could be given.
type candidate struct {
	goldID string
	// before is how often they have scored it.
	before int
}

// draw chooses up to n takes: what was never scored before what was, and among equals by a hash of person,
// month and take. So it comes out the same however often it is asked, and differently for each reviewer.
func draw(person, month string, from []candidate, n int) []candidate {
	rank := func(c candidate) uint64 {
		sum := sha256.Sum256([]byte(person + "|" + month + "|" + c.goldID))
		return binary.BigEndian.Uint64(sum[:8])
	}
	from = slices.Clone(from)
	slices.SortFunc(from, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.goldID, b.goldID))
	})
	return from[:min(n, len(from))]
}

// skipsLeft is how many months can still be skipped, beginning with this one; skipped holds the months that
// were.
func skipsLeft(month string, skipped map[string]bool) int {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return 0
	}
	left := MaxSkips
	for n := 0; left > 0; n++ {
		m := MonthOf(t.AddDate(0, -n, 0))
		if !skipped[m] && n > 0 {
			break
		}
		if skipped[m] {
			left--
		}
	}
	return left
}

// Gap is how far one's own level lies from the panel's on a criterion, in levels; above 0 is milder.
type Gap struct {
	CriterionID string
	By          float64
}

// gaps gives the biggest gaps, at most n, and none of 0; equals in the order of the rubric.
func gaps(r score.Criteria, own score.Levels, panel map[string][]int, n int) []Gap {
	out := []Gap{}
	for _, c := range r {
		if by := float64(own[c.ID]) - median(panel[c.ID]); len(panel[c.ID]) > 0 && by != 0 {
			out = append(out, Gap{c.ID, by})
		}
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(math.Abs(b.By), math.Abs(a.By)) })
	return out[:min(n, len(out))]
}

// median is the level in the middle; of an even number the mean of the two in the middle, and 0 of none.
func median(levels []int) float64 {
	n := len(levels)
	if n == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(levels))
	return float64(s[(n-1)/2]+s[n/2]) / 2
}
