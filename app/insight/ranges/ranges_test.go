package ranges_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

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

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func at(sec int) time.Time { return start.Add(time.Duration(sec) * time.Second) }

func TestReachedAt(t *testing.T) {
	events := []ranges.Event{
		{At: at(500), From: 60_000, To: 80_000},
		{At: at(10), From: 0, To: 30_000},
		{At: at(20), From: 0, To: 30_000}, // Again: adds nothing.
		{At: at(400), From: 30_000, To: 60_000},
		{At: at(5), From: -7, To: 99_000}, // No range of any video.
		{At: at(6), From: 100_000, To: 200_000},
	}
	for _, c := range []struct {
		share float64
		want  time.Time
		ok    bool
	}{
		{0.30, at(10), true},
		{0.31, at(400), true},
		{0.60, at(400), true},
		{0.75, at(500), true},
		{0.80, at(500), true},
		{0.81, time.Time{}, false},
	} {
		got, ok := ranges.ReachedAt(events, 100_000, c.share)
		if ok != c.ok || !got.Equal(c.want) {
			t.Errorf("share %v: %v %v, want %v %v", c.share, got, ok, c.want, c.ok)
		}
	}
	if _, ok := ranges.ReachedAt(nil, 100_000, 0); ok {
		t.Error("nothing watched reached a share of 0")
	}
	if got, ok := ranges.MomentReachedAt(events, 20_000, 50_000); !ok || !got.Equal(at(400)) {
		t.Errorf("moment: %v %v", got, ok)
	}
}

func TestViews(t *testing.T) {
	const long = 120_000
	play := func(sec int, from, to int64) ranges.Event {
		return ranges.Event{At: at(sec), From: from, To: to}
	}
	for _, c := range []struct {
		name     string
		duration int64
		events   []ranges.Event
		want     []time.Time
	}{
		{"ten seconds", long, []ranges.Event{play(10, 0, 10_000)}, []time.Time{at(10)}},
		{"a millisecond short", long, []ranges.Event{play(10, 0, 9_999)}, nil},
		{"pieces add up", long, []ranges.Event{play(4, 0, 4_000), play(300, 50_000, 56_000)}, []time.Time{at(300)}},
		{"replay is play", long, []ranges.Event{play(6, 0, 6_000), play(13, 0, 6_000)}, []time.Time{at(13)}},
		{"one second a day is no view", long, []ranges.Event{
			play(0, 0, 9_000), play(1800, 0, 9_000), play(2*1800, 0, 9_000)}, nil},
		{"once in thirty minutes", long, []ranges.Event{
			play(10, 0, 10_000), play(60, 0, 60_000), play(1809, 0, 30_000)}, []time.Time{at(10)}},
		{"again after thirty minutes", long, []ranges.Event{
			play(10, 0, 10_000), play(1700, 0, 60_000), play(1810, 0, 10_000)}, []time.Time{at(10), at(1810)}},
		{"a short video needs three quarters", 8_000, []ranges.Event{play(6, 0, 6_000)}, []time.Time{at(6)}},
		{"a little less is none", 8_000, []ranges.Event{play(6, 0, 5_999)}, nil},
		{"12.999 s is short", 12_999, []ranges.Event{play(10, 0, 9_750)}, []time.Time{at(10)}},
		{"13 s is not", 13_000, []ranges.Event{play(10, 0, 9_750)}, nil},
		{"beyond the end is no play", 20_000, []ranges.Event{play(10, 15_000, 60_000)}, nil},
		{"nonsense is no play", long, []ranges.Event{play(10, 10_000, 0), play(11, -50_000, 10_000)}, nil},
		{"a video without length has none", 0, []ranges.Event{play(10, 0, 60_000)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ranges.Views(c.events, c.duration); !slices.EqualFunc(got, c.want, time.Time.Equal) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestViewingRefusesLateEvents(t *testing.T) {
	var v ranges.Viewing
	if _, err := v.Play(ranges.Event{At: at(10), From: 0, To: 9_000}, 60_000); err != nil {
		t.Fatal(err)
	}
	before := v
	if _, err := v.Play(ranges.Event{At: at(9), From: 0, To: 9_000}, 60_000); !errors.Is(err, ranges.ErrLate) {
		t.Fatalf("late event: %v", err)
	}
	if v != before {
		t.Error("a late event changed the state")
	}
}

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

func TestCodecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := ranges.Of(rapid.SliceOfN(genRange(), 0, 30).Draw(t, "ranges")...)
		data, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := ranges.Of(r{1, 2})
		if err := b.UnmarshalBinary(data); err != nil || !a.Equal(b) {
			t.Fatalf("%v became %v, %v", a.Ranges(), b.Ranges(), err)
		}
	})
}

func TestCodecRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"version":             {2, 0},
		"no count":            {1},
		"count without bytes": {1, 200, 15},
		"too many":            {1, 0xd1, 0x0f},
		"empty range":         {1, 1, 5, 0},
		"gap to be joined":    {1, 2, 0, 10, 5, 10},
		"cut off":             {1, 1, 0x80},
		"trailing":            {1, 0, 0},
		"long form":           {1, 1, 0x85, 0x00, 5},
		"overflow":            {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1},
		"beyond a day":        {1, 1, 0x80, 0xb8, 0x99, 0x29, 1},
	} {
		s := of(t, r{0, 10})
		if err := s.UnmarshalBinary(data); !errors.Is(err, ranges.ErrEncoding) {
			t.Errorf("%s: %v, want ErrEncoding", name, err)
		}
		if s.Total() != 10 {
			t.Errorf("%s: a refused encoding changed the set", name)
		}
	}
	var s ranges.Set
	if err := s.UnmarshalBinary(nil); err != nil || s.Len() != 0 {
		t.Errorf("no bytes: %v, %d ranges", err, s.Len())
	}
}

// Whatever decodes is canonical: encoding it again gives the same bytes.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{1, 0})
	f.Add([]byte{1, 2, 0, 10, 0xfb, 0x01, 10})
	full := of(f, r{0, 5}, r{1000, 2000}, r{70_000_000, ranges.MaxMS})
	data, _ := full.MarshalBinary()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s ranges.Set
		if err := s.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, ranges.ErrEncoding) {
				t.Fatal(err)
			}
			return
		}
		if s.Len() > ranges.MaxRanges || s.Total() > ranges.MaxMS {
			t.Fatalf("%d ranges, %d ms", s.Len(), s.Total())
		}
		again, _ := s.MarshalBinary()
		if len(data) > 0 && !slices.Equal(again, data) {
			t.Fatalf("%x decoded and became %x", data, again)
		}
		same, err := ranges.Of(s.Ranges()...)
		if err != nil || !same.Equal(s) {
			t.Fatalf("not canonical: %v", s.Ranges())
		}
	})
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
