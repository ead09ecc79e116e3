package live

import (
	"maps"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

const (
	// settleAfter is how long a gap in a feed may still be filled: on PostgreSQL numbers are given before
	// the transaction commits, so a lower one may appear after a higher (see library, which follows so too).
	settleAfter = 2*db.MaxTx + time.Minute
	// maxGaps is how many numbers are waited for; a transaction that writes more at once and is slower than
	// the next one is told of in part.
	maxGaps = 1000
	// lookBack is how far before its end a feed is looked at for gaps when following begins.
	lookBack = 500
)

// change is one row of a feed: about whom or what it is.
type change struct {
	Seq     int64
	Subject string
}

// feed is how far a table of changes has been read: all up to last, but for the gaps.
type feed struct {
	last int64
	gaps map[int64]time.Time // numbers that have not appeared, and when that was seen
}

// beginAt stands at the end of a feed, of which the last rows are given in order.
func beginAt(rows []change, now time.Time) feed {
	f := feed{gaps: map[int64]time.Time{}}
	if len(rows) > 0 {
		f.last = rows[0].Seq - 1
		f.take(rows, now)
	}
	return f
}

// take reads rows in order and gives what they are about, each once.
func (f *feed) take(rows []change, now time.Time) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range rows {
		if r.Seq <= f.last {
			delete(f.gaps, r.Seq)
		}
		for q := max(f.last+1, r.Seq-maxGaps); q < r.Seq && len(f.gaps) < maxGaps; q++ {
			f.gaps[q] = now
		}
		f.last = max(f.last, r.Seq)
		if !seen[r.Subject] {
			seen[r.Subject] = true
			out = append(out, r.Subject)
		}
	}
	return out
}

// open gives the gaps that may still be filled, and forgets the others: those numbers were rolled back.
func (f *feed) open(now time.Time) []int64 {
	out := make([]int64, 0, len(f.gaps))
	for q, since := range f.gaps {
		if now.Sub(since) > settleAfter {
			delete(f.gaps, q)
			continue
		}
		out = append(out, q)
	}
	return out
}

func (f *feed) clone() feed { return feed{f.last, maps.Clone(f.gaps)} }
