package ranges_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
)

// Properties, on sets small enough to compare with a bitmap.

const span = 12_000

func genRange() *rapid.Generator[r] {
	return rapid.Custom(func(t *rapid.T) r {
		from := rapid.Int64Range(0, span).Draw(t, "from")
		return r{from, min(span, from+rapid.Int64Range(0, 1500).Draw(t, "len"))}
	})
}

// bitmap is the brute force: mark each millisecond, then close small gaps.
func bitmap(rs []r) []bool {
	bits := make([]bool, span)
	for _, x := range rs {
		for i := x.From; i < x.To; i++ {
			bits[i] = true
		}
	}
	last := -1
	for i, set := range bits {
		if !set {
			continue
		}
		if last >= 0 && i-last-1 <= ranges.JoinGap {
			for k := last + 1; k < i; k++ {
				bits[k] = true
			}
		}
		last = i
	}
	return bits
}

func TestUnionIsTheBitmap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(genRange(), 0, 25).Draw(t, "ranges")
		s, err := ranges.Of(rs...)
		if err != nil {
			t.Fatal(err)
		}
		bits := bitmap(rs)
		var total int64
		for _, set := range bits {
			if set {
				total++
			}
		}
		if s.Total() != total {
			t.Fatalf("Total = %d, bitmap %d", s.Total(), total)
		}
		q := genRange().Draw(t, "question")
		var overlap int64
		for i := q.From; i < q.To; i++ {
			if bits[i] {
				overlap++
			}
		}
		if got := s.Overlap(q.From, q.To); got != overlap {
			t.Fatalf("Overlap(%v) = %d, bitmap %d", q, got, overlap)
		}
		if got := s.Covers(q.From, q.To); got != (overlap == q.To-q.From) {
			t.Fatalf("Covers(%v) = %v", q, got)
		}
		prev := r{To: -ranges.JoinGap - 1}
		for _, x := range s.Ranges() {
			if x.From >= x.To || x.From-prev.To <= ranges.JoinGap {
				t.Fatalf("not canonical: %v", s.Ranges())
			}
			prev = x
		}
	})
}

func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(genRange(), 1, 25).Draw(t, "ranges")
		a, err := ranges.Of(rs...)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(rs).Draw(t, "order")
		b, err := ranges.Of(append(shuffled, rs...)...)
		if err != nil {
			t.Fatal(err)
		}
		if !a.Equal(b) {
			t.Fatalf("%v and %v", a.Ranges(), b.Ranges())
		}
		// Merging any split gives the same as adding all.
		cut := rapid.IntRange(0, len(rs)).Draw(t, "cut")
		left, _ := ranges.Of(rs[:cut]...)
		right, _ := ranges.Of(rs[cut:]...)
		if err := left.Merge(right); err != nil {
			t.Fatal(err)
		}
		if !left.Equal(a) {
			t.Fatalf("merged %v, added %v", left.Ranges(), a.Ranges())
		}
		if !a.ContainsAllOf(right) {
			t.Fatal("the union lost a part")
		}
		// Watching something again adds nothing.
		again := rapid.SampledFrom(append(a.Ranges(), r{7, 7})).Draw(t, "again")
		before := a.Total()
		if err := a.Add(again); err != nil || a.Total() != before {
			t.Fatalf("watching %v again: %d then %d, %v", again, before, a.Total(), err)
		}
	})
}

// Seeking is an event without length, wherever it lands.
func TestSeekingAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(genRange(), 0, 10).Draw(t, "ranges")
		a, _ := ranges.Of(rs...)
		b := a
		for _, pos := range rapid.SliceOfN(rapid.Int64Range(0, span), 0, 10).Draw(t, "seeks") {
			if err := b.Add(r{pos, pos}); err != nil {
				t.Fatal(err)
			}
		}
		if !a.Equal(b) {
			t.Fatalf("seeking changed %v to %v", a.Ranges(), b.Ranges())
		}
	})
}

func TestReachedAtDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []ranges.Event
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			x := genRange().Draw(t, "range")
			events = append(events, ranges.Event{At: at(rapid.IntRange(0, 30).Draw(t, "at")), From: x.From, To: x.To})
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		w1, ok1 := ranges.ReachedAt(events, span, share)
		v1 := ranges.Views(events, span)
		w2, ok2 := ranges.ReachedAt(rapid.Permutation(events).Draw(t, "order"), span, share)
		v2 := ranges.Views(rapid.Permutation(events).Draw(t, "order2"), span)
		if ok1 != ok2 || !w1.Equal(w2) {
			t.Fatalf("%v %v and %v %v", w1, ok1, w2, ok2)
		}
		if !reflect.DeepEqual(v1, v2) {
			t.Fatalf("views %v and %v", v1, v2)
		}
		// It is the earliest: the events up to then reach it, those before do not.
		if ok1 {
			var until, before ranges.Set
			for _, e := range events {
				if !e.At.After(w1) {
					_ = until.Add(r{e.From, e.To})
				}
				if e.At.Before(w1) {
					_ = before.Add(r{e.From, e.To})
				}
			}
			if !until.Reaches(span, share) || before.Reaches(span, share) {
				t.Fatalf("%v is not the earliest", w1)
			}
		}
	})
}
