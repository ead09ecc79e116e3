package ranges_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
)

type r = ranges.Range

func of(t testing.TB, rs ...r) ranges.Set {
	t.Helper()
	s, err := ranges.Of(rs...)
	if err != nil {
		t.Fatalf("Of(%v): %v", rs, err)
	}
	return s
}

func TestAddJoins(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []r
		want []r
	}{
		{"nothing", nil, nil},
		{"an empty range is nothing", []r{{5, 5}}, nil},
		{"one", []r{{0, 1000}}, []r{{0, 1000}}},
		{"overlap", []r{{0, 1000}, {500, 2000}}, []r{{0, 2000}}},
		{"touching", []r{{0, 1000}, {1000, 2000}}, []r{{0, 2000}}},
		{"gap of 250 is closed", []r{{0, 1000}, {1250, 2000}}, []r{{0, 2000}}},
		{"gap of 251 stays", []r{{0, 1000}, {1251, 2000}}, []r{{0, 1000}, {1251, 2000}}},
		{"before", []r{{5000, 6000}, {0, 1000}}, []r{{0, 1000}, {5000, 6000}}},
		{"bridge", []r{{0, 1000}, {5000, 6000}, {900, 5100}}, []r{{0, 6000}}},
		{"swallow", []r{{2000, 2100}, {3000, 3100}, {4000, 4100}, {0, 9000}}, []r{{0, 9000}}},
		{"inside", []r{{0, 9000}, {2000, 2100}}, []r{{0, 9000}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := of(t, c.in...).Ranges(); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestAddRefuses(t *testing.T) {
	for _, bad := range []r{{-1, 5}, {5, 4}, {0, ranges.MaxMS + 1}, {-9, -5}, {1 << 62, -1 << 62}} {
		s := of(t, r{0, 10})
		if err := s.Add(bad); !errors.Is(err, ranges.ErrRange) {
			t.Errorf("Add(%v): %v, want ErrRange", bad, err)
		}
		if s.Total() != 10 {
			t.Errorf("Add(%v) changed the set", bad)
		}
	}
}

func TestNumberOfRangesIsBounded(t *testing.T) {
	var s ranges.Set
	for i := range int64(ranges.MaxRanges) {
		if err := s.Add(r{i * 300, i*300 + 1}); err != nil {
			t.Fatal(err)
		}
	}
	far := r{ranges.MaxRanges * 400, ranges.MaxRanges*400 + 5}
	if err := s.Add(far); !errors.Is(err, ranges.ErrTooMany) {
		t.Fatalf("one more: %v, want ErrTooMany", err)
	}
	one := of(t, far)
	if err := s.Merge(one); !errors.Is(err, ranges.ErrTooMany) {
		t.Fatalf("merge one more: %v, want ErrTooMany", err)
	}
	if s.Len() != ranges.MaxRanges {
		t.Fatalf("a refused range changed the set: %d", s.Len())
	}
	// Watching on joins ranges, so a full set never refuses a person for good.
	if err := s.Add(r{0, 600}); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(far); err != nil {
		t.Fatal(err)
	}
}

func TestCopiesAreIndependent(t *testing.T) {
	a := of(t, r{0, 1000}, r{5000, 6000})
	b := a
	if err := b.Add(r{500, 5500}); err != nil {
		t.Fatal(err)
	}
	got := a.Ranges()
	got[0].To = 99
	if want := []r{{0, 1000}, {5000, 6000}}; !slices.Equal(a.Ranges(), want) {
		t.Errorf("the copy's change reached the original: %v", a.Ranges())
	}
}

func TestQuestions(t *testing.T) {
	s := of(t, r{0, 30_000}, r{60_000, 90_000})
	if got := s.Total(); got != 60_000 {
		t.Errorf("Total = %d", got)
	}
	if got := s.Share(100_000); got != 0.6 {
		t.Errorf("Share = %v", got)
	}
	if got := s.Share(0); got != 0 {
		t.Errorf("Share of nothing = %v", got)
	}
	if got := s.Clamp(70_000).Ranges(); !slices.Equal(got, []r{{0, 30_000}, {60_000, 70_000}}) {
		t.Errorf("Clamp = %v", got)
	}
	if got := s.Clamp(0).Total(); got != 0 {
		t.Errorf("Clamp(0) = %d", got)
	}
	if got := s.Overlap(20_000, 70_000); got != 20_000 {
		t.Errorf("Overlap = %d", got)
	}
	if !s.Covers(0, 30_000) || s.Covers(0, 30_001) || s.Covers(29_000, 61_000) || !s.Covers(5, 5) {
		t.Error("Covers")
	}
	if !s.ContainsAllOf(of(t, r{1, 2}, r{60_000, 61_000})) || s.ContainsAllOf(of(t, r{1, 2}, r{50_000, 61_000})) {
		t.Error("ContainsAllOf")
	}
}

func TestCoversMoment(t *testing.T) {
	for _, c := range []struct {
		name       string
		watched    r
		start, end int64
		want       bool
	}{
		{"exactly", r{10_000, 30_000}, 10_000, 30_000, true},
		{"a quarter second late and early", r{10_250, 29_750}, 10_000, 30_000, true},
		{"later than that", r{10_251, 30_000}, 10_000, 30_000, false},
		{"stopped before", r{10_000, 29_749}, 10_000, 30_000, false},
		{"a moment of 400 ms allows 100", r{100, 300}, 0, 400, true},
		{"and no more", r{101, 300}, 0, 400, false},
		{"an empty moment is never watched", r{0, 1000}, 500, 500, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := of(t, c.watched).CoversMoment(c.start, c.end); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestCompleted(t *testing.T) {
	for _, c := range []struct {
		watched    int64
		completion float64
		want       bool
	}{
		{899, 0, false},
		{900, 0, true},
		{900, 0.90, true},
		{700, 0.70, true},
		{699, 0.70, false},
		{999, 1, false},
		{1000, 1, true},
		{700, 0.5, false}, // An author may not choose less than 0.70: the default applies.
		{900, 1.5, true},
	} {
		if got := of(t, r{0, c.watched}).Completed(1000, c.completion); got != c.want {
			t.Errorf("Completed(%d of 1000, %v) = %v", c.watched, c.completion, got)
		}
	}
	if (ranges.Set{}).Completed(0, 0.9) {
		t.Error("a video without length was completed")
	}
}

func BenchmarkAdd(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	events := make([]r, 1000)
	for i := range events {
		from := rng.Int64N(300_000)
		events[i] = r{from, from + rng.Int64N(10_000)}
	}
	b.ReportAllocs()
	var s ranges.Set
	for i := range b.N {
		if i%len(events) == 0 {
			s = ranges.Set{}
		}
		if err := s.Add(events[i%len(events)]); err != nil {
			b.Fatal(err)
		}
	}
}
