package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Event says that [FromMS, ToMS) of a video was played without a break, ending at At.
type Event struct {
	ID, VideoID  string
	FromMS, ToMS int64
	At           time.Time
	// Source is where the person came from: search, share, home, lesson, player …
	Source string
}

// Refusal says why one event of a batch was not counted.
type Refusal struct {
	ID, Code, Detail string
}

// Receipt says what became of a batch.
type Receipt struct {
	Accepted, Duplicates int
	Refused              []Refusal
}

const (
	// MaxBatch is the most events of one batch.
	MaxBatch = 500
	maxID    = 64
	maxWords = 40
	// tolerance is how far players report beyond the end.
	tolerance = 250
	// clockSlack is how far a sender's clock may run ahead.
	clockSlack = 2 * time.Minute
	// oldest is how late an event may come in: a phone that was offline for a month.
	oldest = 30 * 24 * time.Hour
)

// Watch counts a batch of events, in one transaction. A bad event is refused and does not block the
// rest. Videos that the actor may not see are refused like absent ones.
func (s *Service) Watch(ctx context.Context, a people.Actor, events []Event) (Receipt, error) {
	if len(events) > MaxBatch {
		return Receipt{}, fault.InvalidField("events", "too_many", fmt.Sprintf("Send at most %d events at once.", MaxBatch))
	}
	var out Receipt
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		out = Receipt{}
		// One person's batches queue here, so that an id is counted once whoever sends it when.
		if err := lockPerson(tx, a.PersonID); err != nil {
			return err
		}
		good := checkEvents(events, tx.Now, &out)
		known, err := knownEvents(tx, a.PersonID, good)
		if err != nil {
			return err
		}
		byVideo := map[string][]Event{}
		for _, e := range good {
			if known[e.ID] {
				out.Duplicates++
				continue
			}
			known[e.ID] = true
			byVideo[e.VideoID] = append(byVideo[e.VideoID], e)
		}
		ids := make([]string, 0, len(byVideo))
		for id := range byVideo {
			ids = append(ids, id)
		}
		slices.Sort(ids) // one order for all, so that no two transactions wait for each other
		for _, id := range ids {
			v, err := s.videos.ForTx(tx, a, id)
			if fault.Is(err, fault.NotFound) {
				out.refuse(byVideo[id], "video_not_found", "There is no such video, or you may not see it.")
				continue
			}
			if err != nil {
				return err
			}
			in := inside(v, byVideo[id], &out)
			if len(in) == 0 {
				continue
			}
			if err := s.count(tx, a.PersonID, v, in); err != nil {
				return err
			}
			out.Accepted += len(in)
		}
		return nil
	})
	return out, err
}

func (r *Receipt) refuse(events []Event, code, detail string) {
	for _, e := range events {
		r.Refused = append(r.Refused, Refusal{e.ID, code, detail})
	}
}

// checkEvents keeps the events that can be true, with times no later than now.
func checkEvents(events []Event, now time.Time, out *Receipt) []Event {
	good := make([]Event, 0, len(events))
	for _, e := range events {
		e.At = e.At.UTC().Truncate(time.Microsecond)
		switch {
		case e.ID == "" || len(e.ID) > maxID || !plain(e.ID):
			out.refuse([]Event{e}, "id_invalid", "Give every event an id of its own, 1 to 64 plain characters.")
		case len(e.Source) > maxWords || !plain(e.Source):
			out.refuse([]Event{e}, "source_invalid", "Use at most 40 plain characters.")
		case e.FromMS < 0 || e.ToMS <= e.FromMS:
			out.refuse([]Event{e}, "range_invalid", "The range must begin at 0 or later and end after it begins.")
		case e.At.After(now.Add(clockSlack)):
			out.refuse([]Event{e}, "time_future", "This time is yet to come. Is the clock right?")
		case e.At.Before(now.Add(-oldest)):
			out.refuse([]Event{e}, "time_past", "This was watched more than 30 days ago.")
		default:
			if e.At.After(now) {
				e.At = now
			}
			good = append(good, e)
		}
	}
	return good
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// inside keeps the events that lie in the video, cut at its end, in order of time.
func inside(v video.Video, events []Event, out *Receipt) []Event {
	var in []Event
	for _, e := range events {
		if v.DurationMS == 0 || e.FromMS >= v.DurationMS || e.ToMS > v.DurationMS+tolerance {
			out.refuse([]Event{e}, "time_outside", "This range is not inside the video.")
			continue
		}
		e.ToMS = min(e.ToMS, v.DurationMS)
		in = append(in, e)
	}
	slices.SortStableFunc(in, func(a, b Event) int { return a.At.Compare(b.At) })
	return in
}

// count adds events, in order of time, to what a person has watched of a video.
func (s *Service) count(tx *db.Tx, person string, v video.Video, events []Event) error {
	if err := insertEvents(tx, person, events); err != nil {
		return err
	}
	w, err := loadWatched(tx, person, v.ID)
	if err != nil {
		return err
	}
	before := w.set.Total()
	late := !w.isNew && events[0].At.Before(w.LastAt)
	var viewsBefore []time.Time
	fresh := events
	if late {
		// Something older came in after something newer: what depends on the order is worked out anew.
		if viewsBefore, err = viewTimes(tx, person, v.ID); err != nil {
			return err
		}
		if events, err = allEvents(tx, person, v.ID); err != nil {
			return err
		}
		w.reset()
	}
	moments, err := momentsOf(tx, v.ID)
	if err != nil {
		return err
	}
	t := tally{v: v, w: w, moments: moments, whole: map[stretch]time.Time{}, days: map[string]*day{}}
	for _, e := range events {
		t.play(e)
	}
	if late {
		t.settleLate(fresh, viewsBefore, before)
	}
	return t.write(tx, person, late)
}

// tally is the counting of one person's events on one video.
type tally struct {
	v       video.Video
	w       *watched
	moments []stretch
	whole   map[stretch]time.Time // moments that became whole, and when
	views   []time.Time
	days    map[string]*day
}

type stretch struct{ start, end int64 }

type day struct {
	events, views, newMS int64
}

func (t *tally) day(at time.Time) *day {
	key := at.UTC().Format(time.DateOnly)
	if t.days[key] == nil {
		t.days[key] = &day{}
	}
	return t.days[key]
}

func (t *tally) play(e Event) {
	d := t.day(e.At)
	d.events++
	had := t.w.set.Total()
	if err := t.w.set.Add(ranges.Range{From: e.FromMS, To: e.ToMS}); err != nil {
		return // noise of thousands of fragments proves no watching; the event itself is kept
	}
	d.newMS += t.w.set.Total() - had
	view := ranges.Viewing{Played: t.w.ViewPlayedMS, LastPlay: t.w.LastAt, LastView: orZero(t.w.LastViewAt)}
	if counted, err := view.Play(ranges.Event{At: e.At, From: e.FromMS, To: e.ToMS}, t.v.DurationMS); err == nil {
		t.w.ViewPlayedMS = view.Played
		if counted {
			t.views = append(t.views, e.At)
			t.w.Views++
			t.w.LastViewAt = &t.views[len(t.views)-1]
			d.views++
		}
	}
	t.w.seen(e.At)
	if t.w.ExposedAt == nil && t.w.set.Reaches(t.v.DurationMS, ranges.ExposureShare) {
		t.w.ExposedAt = &e.At
	}
	if t.w.CompletedAt == nil && t.w.set.Completed(t.v.DurationMS, float64(t.v.CompleteShare)/100) {
		t.w.CompletedAt = &e.At
	}
	for _, m := range t.moments {
		if _, done := t.whole[m]; !done && e.FromMS < m.end && e.ToMS > m.start && t.w.set.CoversMoment(m.start, m.end) {
			t.whole[m] = e.At
		}
	}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// settleLate turns the rollup of a recount into what it changes: only fresh events are new, what they
// gained goes to the day of the last of them, and views move from their old days to the new.
func (t *tally) settleLate(fresh []Event, viewsBefore []time.Time, before int64) {
	for _, d := range t.days {
		d.events, d.newMS = 0, 0
	}
	for _, e := range fresh {
		t.day(e.At).events++
	}
	t.day(fresh[len(fresh)-1].At).newMS = t.w.set.Total() - before
	for _, at := range viewsBefore {
		t.day(at).views--
	}
}
