package insight

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
)

// film is what counting needs to know of a video.
type film struct {
	ID            string
	DurationMS    int64 `gorm:"column:duration_ms"`
	CompleteShare int
}

// stretch is [start, end) of a video, in milliseconds.
type stretch struct{ start, end int64 }

// day is one line of the rollup.
type day struct {
	events, views, newMS int64
}

// tally is the counting of one person's events on one video. Played in order of time, it gives what
// the functions of package ranges give for the whole log.
type tally struct {
	film    film
	moments []stretch

	set       ranges.Set
	viewing   ranges.Viewing
	nViews    int64
	first     time.Time
	last      time.Time
	exposed   *time.Time
	completed *time.Time

	// What is to be written besides the row: new views, moments that are whole, and what the days gain.
	views []time.Time
	whole map[stretch]time.Time
	days  map[string]day

	// late says that everything was counted anew: then views holds all of them.
	late bool
}

func newTally(f film, moments []stretch) *tally {
	return &tally{film: f, moments: moments, whole: map[stretch]time.Time{}, days: map[string]day{}}
}

// load goes on from a kept row.
func (t *tally) load(k watchedRow) error {
	if err := t.set.UnmarshalBinary(k.Ranges); err != nil {
		return fmt.Errorf("kept ranges of %s by %s: %w", k.VideoID, k.PersonID, err)
	}
	t.viewing = ranges.Viewing{Played: k.ViewPlayedMS, LastPlay: k.LastAt}
	if k.LastViewAt != nil {
		t.viewing.LastView = *k.LastViewAt
	}
	t.nViews, t.first, t.last, t.exposed, t.completed = k.Views, k.FirstAt, k.LastAt, k.ExposedAt, k.CompletedAt
	return nil
}

// play counts events that are in order of time.
func (t *tally) play(events []Event) {
	for _, e := range events {
		t.playOne(e)
	}
}

func (t *tally) playOne(e Event) {
	d := t.days[dayOf(e.At)]
	d.events++
	had := t.set.Total()
	// The error means noise of thousands of fragments, which proves no watching: it adds nothing to the
	// union. Its play still counts towards a view, which needs no union.
	if err := t.set.Add(ranges.Range{From: e.FromMS, To: e.ToMS}); err == nil {
		d.newMS += t.set.Total() - had
		t.reach(e)
	}
	if counted, err := t.viewing.Play(ranges.Event{At: e.At, From: e.FromMS, To: e.ToMS}, t.film.DurationMS); err == nil && counted {
		t.views = append(t.views, e.At)
		t.nViews++
		d.views++
	}
	if t.first.IsZero() {
		t.first = e.At
	}
	t.last = e.At
	t.days[dayOf(e.At)] = d
}

// reach notes what the union has come to with an event.
func (t *tally) reach(e Event) {
	if t.exposed == nil && t.set.Reaches(t.film.DurationMS, ranges.ExposureShare) {
		t.exposed = &e.At
	}
	if t.completed == nil && t.set.Completed(t.film.DurationMS, float64(t.film.CompleteShare)/100) {
		t.completed = &e.At
	}
	for _, m := range t.moments {
		// An event also closes the small gaps beside it.
		near := e.FromMS-ranges.JoinGap < m.end && e.ToMS+ranges.JoinGap > m.start
		if _, done := t.whole[m]; !done && near && t.set.CoversMoment(m.start, m.end) {
			t.whole[m] = e.At
		}
	}
}

// playLate counts everything anew: log is what was counted before, fresh what came in late, both in
// order of time. The days gain what differs from the count without the fresh ones, which is what was
// written before.
func (t *tally) playLate(log, fresh []Event) {
	before := newTally(t.film, nil)
	before.play(log)
	all := slices.Concat(log, fresh)
	slices.SortFunc(all, byTime)
	t.late = true
	t.play(all)
	for key, was := range before.days {
		d := t.days[key]
		t.days[key] = day{d.events - was.events, d.views - was.views, d.newMS - was.newMS}
	}
}

func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// row gives what is kept of the tally.
func (t *tally) row(person string) (watchedRow, error) {
	packed, err := t.set.MarshalBinary()
	r := watchedRow{VideoID: t.film.ID, PersonID: person, Ranges: packed, UniqueMS: t.set.Total(), Views: t.nViews, FirstAt: t.first, LastAt: t.last,
		ExposedAt: t.exposed, ViewPlayedMS: t.viewing.Played, CompletedAt: t.completed}
	if !t.viewing.LastView.IsZero() {
		at := t.viewing.LastView
		r.LastViewAt = &at
	}
	return r, err
}

// keysOf gives the keys of a map in order.
func keysOf[K cmp.Ordered, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
