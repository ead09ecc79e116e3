package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestFeedMissesNothing commits numbered rows in any order, some never, and reads at any time: every
// committed row is given exactly once.
func TestFeedMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "rows")
		before := rapid.IntRange(0, n).Draw(t, "rows before it begins")
		now := time.Unix(0, 0)
		committed := map[int64]bool{}
		var open []int64 // numbers that were given out, and whose transactions have not ended
		given := map[int64]int{}
		next := int64(1)
		rows := func(from int64, gaps []int64) (out []change) {
			for q := int64(1); q < next; q++ {
				if committed[q] && (q > from || slices.Contains(gaps, q)) {
					out = append(out, change{q, fmt.Sprint(q)})
				}
			}
			return out
		}
		var f *feed
		step := func() {
			switch at := rapid.IntRange(0, 3).Draw(t, "step"); {
			case at == 0 && next <= int64(n):
				open = append(open, next)
				next++
			case at == 1 && len(open) > 0:
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				committed[open[i]] = rapid.IntRange(0, 9).Draw(t, "rolled back") > 0
				open = slices.Delete(open, i, i+1)
			case f != nil:
				for _, s := range f.take(rows(f.last, f.open(now)), now) {
					var q int64
					if _, err := fmt.Sscan(s, &q); err != nil {
						t.Fatal(err)
					}
					given[q]++
				}
			}
		}
		for next <= int64(before) {
			step()
		}
		old := rows(0, nil)
		begun := beginAt(old, now)
		f = &begun
		seen := map[int64]bool{}
		for _, r := range old {
			seen[r.Seq] = true
		}
		for range 400 {
			step()
		}
		for _, q := range open {
			committed[q] = true
		}
		for _, s := range f.take(rows(f.last, f.open(now)), now) {
			var q int64
			if _, err := fmt.Sscan(s, &q); err != nil {
				t.Fatal(err)
			}
			given[q]++
		}
		for q := int64(1); q < next; q++ {
			want := 0
			// What was given out before the first row that is there is looked for by nobody.
			if committed[q] && !seen[q] && (len(old) == 0 || q > old[0].Seq) {
				want = 1
			}
			if given[q] != want && (len(old) == 0 || q > old[0].Seq) {
				t.Fatalf("row %d given %d times, want %d", q, given[q], want)
			}
		}
	})
}

func TestFeedForgetsOldGaps(t *testing.T) {
	now := time.Unix(0, 0)
	f := beginAt([]change{{10, "a"}, {12, "a"}}, now)
	if got := f.open(now); !slices.Equal(got, []int64{11}) {
		t.Errorf("gaps %v", got)
	}
	if got := f.take([]change{{5000, "b"}}, now); !slices.Equal(got, []string{"b"}) || len(f.gaps) != maxGaps {
		t.Errorf("%v, %d gaps", got, len(f.gaps))
	}
	if got := f.open(now.Add(settleAfter + time.Second)); len(got) != 0 || len(f.gaps) != 0 || f.last != 5000 {
		t.Errorf("%d gaps are still open", len(got))
	}
}
