package ranges

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Event says that [From, To), in milliseconds of the video, was played without
// a break and that the playing ended at At.
type Event struct {
	At       time.Time
	From, To int64
}

func (e Event) rng() Range { return Range{From: e.From, To: e.To} }

// byTime orders events in a way that does not depend on how they came in.
func byTime(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// ReachedAt returns the earliest time by which the union of the events covers at
// least share of a video of durationMS, and false when it never does. Events may
// come in any order and more than once. Events outside any video are ignored,
// and the part after the end of this one counts nothing.
func ReachedAt(events []Event, durationMS int64, share float64) (time.Time, bool) {
	return firstTime(events, func(s Set) bool { return s.Reaches(durationMS, share) })
}

// MomentReachedAt returns the earliest time by which the union of the events
// covers the whole moment [start, end) as CoversMoment has it.
func MomentReachedAt(events []Event, start, end int64) (time.Time, bool) {
	return firstTime(events, func(s Set) bool { return s.CoversMoment(start, end) })
}

func firstTime(events []Event, done func(Set) bool) (time.Time, bool) {
	ordered := slices.Clone(events)
	slices.SortFunc(ordered, byTime)
	var s Set
	for _, e := range ordered {
		if err := s.Add(e.rng()); err != nil {
			continue // Outside a video, or noise beyond MaxRanges: it proves no watching.
		}
		if done(s) {
			return e.At, true
		}
	}
	return time.Time{}, false
}

const (
	// ViewPlay is the play, in milliseconds, that makes a view.
	ViewPlay = 10_000
	// ShortVideo is the length, in milliseconds, under which ViewShare of the
	// video makes a view instead of ViewPlay.
	ShortVideo = 13_000
	// ViewShare is the share of a short video that makes a view.
	ViewShare = 0.75
	// ViewWindow is the time in which one person's play of one video makes at
	// most one view.
	ViewWindow = 30 * time.Minute
)

// ErrLate says that an event ended before one that a Viewing has already seen.
// The caller counts again from the stored events with Views.
var ErrLate = errors.New("ranges: event is older than the last one counted")

// ViewNeeds returns the play, in milliseconds, that makes a view of a video of
// durationMS.
func ViewNeeds(durationMS int64) int64 {
	if durationMS > 0 && durationMS < ShortVideo {
		return needed(durationMS, ViewShare)
	}
	return ViewPlay
}

// Viewing counts the views of one person and one video as the play comes in.
// The zero value has seen nothing. All of it is kept between batches.
//
// Play adds up over events that are less than ViewWindow apart, so ten seconds
// broken by a pause are a view and one second a day is not. After a view, play
// counts nothing until ViewWindow has passed.
type Viewing struct {
	// Played is the play in milliseconds towards the next view.
	Played int64
	// LastPlay is when the last event ended.
	LastPlay time.Time
	// LastView is when the last view was counted; zero before the first.
	LastView time.Time
}

// Play takes one event and reports whether it completes a view. Play is the
// length that was played and need not be unique: a moment of six seconds played
// twice is twelve seconds of play. What lies outside the video is not play.
// The error is ErrRange or ErrLate, and then nothing has changed.
func (v *Viewing) Play(e Event, durationMS int64) (bool, error) {
	if err := e.rng().check(); err != nil {
		return false, err
	}
	if e.At.Before(v.LastPlay) {
		return false, ErrLate
	}
	if e.At.Sub(v.LastPlay) >= ViewWindow {
		v.Played = 0
	}
	v.LastPlay = e.At
	if !v.LastView.IsZero() && e.At.Sub(v.LastView) < ViewWindow {
		return false, nil
	}
	v.Played += max(0, min(e.To, durationMS)-e.From)
	if durationMS <= 0 || v.Played < ViewNeeds(durationMS) {
		return false, nil
	}
	v.Played, v.LastView = 0, e.At
	return true, nil
}

// Views returns when one person's views of a video of durationMS were counted.
// It gives the same answer for the events in any order. An event must be
// present once only: the sender's id decides that, before this package.
func Views(events []Event, durationMS int64) []time.Time {
	ordered := slices.Clone(events)
	slices.SortFunc(ordered, byTime)
	var (
		v     Viewing
		views []time.Time
	)
	for _, e := range ordered {
		// ErrRange only: such an event is no play. ErrLate cannot come, the
		// events are in order.
		if counted, err := v.Play(e, durationMS); err == nil && counted {
			views = append(views, e.At)
		}
	}
	return views
}
