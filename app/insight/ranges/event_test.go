package ranges_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
)

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
