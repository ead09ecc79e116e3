package ranges

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	// JoinGap is the longest gap, in milliseconds, that is closed between two
	// ranges: one tick of a player's position report.
	JoinGap = 250
	// MaxRanges bounds one Set. A video under eight minutes cannot reach it,
	// because neighbours are always more than JoinGap apart; it keeps the
	// database column and the work per event small for hostile senders.
	MaxRanges = 2000
	// MaxMS is the last position, in milliseconds, that a Set can hold: 24 hours.
	MaxMS = 24 * 60 * 60 * 1000
	// DefaultCompletion is the watched share at which a video is completed
	// unless its author chose another.
	DefaultCompletion = 0.90
	// ExposureShare is the watched share of a video that exposes a rep to the
	// tactics it is tagged with.
	ExposureShare = 0.75
)

var (
	// ErrRange says that a range is negative, reversed or beyond MaxMS.
	ErrRange = errors.New("ranges: not a range inside a video")
	// ErrTooMany says that a Set would need more than MaxRanges ranges. The
	// Set is unchanged; ranges that extend existing ones are still accepted.
	ErrTooMany = errors.New("ranges: too many separate ranges")
)

// Range is the half-open stretch [From, To) of a video, in milliseconds.
type Range struct {
	From, To int64
}

func (r Range) check() error {
	if r.From < 0 || r.To < r.From || r.To > MaxMS {
		return fmt.Errorf("%w: [%d, %d)", ErrRange, r.From, r.To)
	}
	return nil
}

// Set is the union of watched ranges. The zero value is the empty set. A Set may
// be copied: changing one copy never changes another.
type Set struct {
	// rs is sorted; every range is non-empty and every gap is wider than
	// JoinGap. The slice is replaced and never written to, see Add.
	rs []Range
}

// Of returns the union of the given ranges.
func Of(rs ...Range) (Set, error) {
	var s Set
	for _, r := range rs {
		if err := s.Add(r); err != nil {
			return Set{}, err
		}
	}
	return s, nil
}

// Add puts r into the set. An empty range changes nothing. The error is
// ErrRange or ErrTooMany, and then the set is unchanged.
func (s *Set) Add(r Range) error {
	if err := r.check(); err != nil {
		return err
	}
	if r.From == r.To || s.Covers(r.From, r.To) {
		return nil
	}
	// [i, j) are the ranges that r touches or nearly touches.
	i := sort.Search(len(s.rs), func(k int) bool { return s.rs[k].To+JoinGap >= r.From })
	j := i
	for j < len(s.rs) && s.rs[j].From <= r.To+JoinGap {
		r.From = min(r.From, s.rs[j].From)
		r.To = max(r.To, s.rs[j].To)
		j++
	}
	if len(s.rs)-(j-i)+1 > MaxRanges {
		return ErrTooMany
	}
	next := make([]Range, 0, len(s.rs)-(j-i)+1)
	next = append(next, s.rs[:i]...)
	next = append(next, r)
	s.rs = append(next, s.rs[j:]...)
	return nil
}

// Merge adds everything in o. The error is ErrTooMany, and then the set is
// unchanged.
func (s *Set) Merge(o Set) error {
	next := make([]Range, 0, len(s.rs)+len(o.rs))
	a, b := s.rs, o.rs
	for len(a) > 0 || len(b) > 0 {
		var r Range
		if len(b) == 0 || len(a) > 0 && a[0].From <= b[0].From {
			r, a = a[0], a[1:]
		} else {
			r, b = b[0], b[1:]
		}
		if n := len(next); n > 0 && r.From <= next[n-1].To+JoinGap {
			next[n-1].To = max(next[n-1].To, r.To)
		} else {
			next = append(next, r)
		}
	}
	if len(next) > MaxRanges {
		return ErrTooMany
	}
	s.rs = next
	return nil
}

// Ranges returns the ranges in order, as a copy.
func (s Set) Ranges() []Range { return slices.Clone(s.rs) }

// Len returns the number of separate ranges.
func (s Set) Len() int { return len(s.rs) }

// Total returns the unique milliseconds in the set.
func (s Set) Total() int64 {
	var total int64
	for _, r := range s.rs {
		total += r.To - r.From
	}
	return total
}

// Overlap returns the unique milliseconds of [from, to) that are in the set.
func (s Set) Overlap(from, to int64) int64 {
	var total int64
	i := sort.Search(len(s.rs), func(k int) bool { return s.rs[k].To > from })
	for ; i < len(s.rs) && s.rs[i].From < to; i++ {
		total += min(s.rs[i].To, to) - max(s.rs[i].From, from)
	}
	return total
}

// Covers reports whether every millisecond of [from, to) is in the set. An
// empty or reversed stretch is covered.
func (s Set) Covers(from, to int64) bool {
	if to <= from {
		return true
	}
	i := sort.Search(len(s.rs), func(k int) bool { return s.rs[k].To > from })
	return i < len(s.rs) && s.rs[i].From <= from && to <= s.rs[i].To
}

// CoversMoment reports whether a whole moment [start, end) was watched. At each
// end up to JoinGap, and at most a quarter of the moment, may be missing: a
// seek lands on the next frame, and the last position report of a player comes
// up to JoinGap before it stops.
func (s Set) CoversMoment(start, end int64) bool {
	if end <= start {
		return false
	}
	slack := min(int64(JoinGap), (end-start)/4)
	return s.Covers(start+slack, end-slack)
}

// ContainsAllOf reports whether everything in o is also in s.
func (s Set) ContainsAllOf(o Set) bool {
	for _, r := range o.rs {
		if !s.Covers(r.From, r.To) {
			return false
		}
	}
	return true
}

// Equal reports whether both sets hold the same milliseconds.
func (s Set) Equal(o Set) bool { return slices.Equal(s.rs, o.rs) }

// Clamp returns the part of the set that lies inside a video of durationMS.
func (s Set) Clamp(durationMS int64) Set {
	if n := len(s.rs); n == 0 || s.rs[n-1].To <= durationMS {
		return s
	}
	var out Set
	for _, r := range s.rs {
		if r.To = min(r.To, durationMS); r.To > r.From {
			out.rs = append(out.rs, r)
		}
	}
	return out
}

// Share returns the watched share of a video of durationMS, from 0 to 1. The
// share of a video without length is 0: nothing of it can have been watched.
func (s Set) Share(durationMS int64) float64 {
	if durationMS <= 0 {
		return 0
	}
	return float64(s.Overlap(0, durationMS)) / float64(durationMS)
}

// Reaches reports whether the watched share of a video of durationMS is at
// least share, without the rounding of a division.
func (s Set) Reaches(durationMS int64, share float64) bool {
	return durationMS > 0 && s.Overlap(0, durationMS) >= needed(durationMS, share)
}

// Completed reports whether the watched share reaches the completion share. An
// author may choose 0.70 to 1.00; anything else means DefaultCompletion.
func (s Set) Completed(durationMS int64, completion float64) bool {
	if !(completion >= 0.70 && completion <= 1) {
		completion = DefaultCompletion
	}
	return s.Reaches(durationMS, completion)
}

// needed returns the unique milliseconds that make share of durationMS. The
// small allowance keeps 0.9 x 1000 at 900 although 0.9 has no exact float.
// Something must always have been watched, even for a share of 0.
func needed(durationMS int64, share float64) int64 {
	return max(1, int64(math.Ceil(share*float64(durationMS)-1e-6)))
}
