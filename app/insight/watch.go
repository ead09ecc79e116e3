package insight

import (
	"cmp"
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
)

// Event says that [FromMS, ToMS) of a video was played without a break, ending at At.
type Event struct {
	ID, VideoID  string
	FromMS, ToMS int64
	At           time.Time
	// Source is where the person came from: search, share, home, lesson, player …
	Source string
}

// byTime orders events in a way that does not depend on how they came in.
func byTime(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.FromMS, b.FromMS), cmp.Compare(a.ToMS, b.ToMS), strings.Compare(a.ID, b.ID))
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
	// tolerance is how far players report beyond the end, in milliseconds.
	tolerance = 250
	// clockSlack is how far a sender's clock may run ahead.
	clockSlack = 2 * time.Minute
	// oldest is how late an event may come in: a phone that was offline for a month.
	oldest = 30 * 24 * time.Hour
	// maxLog bounds how many events of one person and video are counted anew when a late one comes in.
	maxLog = 20000
)

// Watch counts a batch of events, in one transaction. A bad event is refused and does not block the
// rest. Videos that the actor may not see are refused like absent ones.
func (s *Service) Watch(ctx context.Context, a people.Actor, events []Event) (Receipt, error) {
	if len(events) > MaxBatch {
		return Receipt{}, fault.InvalidField("events", "too_many", fmt.Sprintf("Send at most %d events at once.", MaxBatch))
	}
	if err := somebody(a); err != nil {
		return Receipt{}, err
	}
	var out Receipt
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		out = Receipt{}
		// One person's batches queue here, so that an id is counted once whoever sends it when.
		if err := lockPerson(tx, a.PersonID); err != nil {
			return err
		}
		fresh, err := unknown(tx, a.PersonID, checkEvents(events, tx.Now, &out), &out)
		if err != nil || len(fresh) == 0 {
			return err
		}
		return s.count(tx, a, fresh, &out)
	})
	return out, err
}

// somebody refuses actors without an account, such as the command line: only persons watch and act.
func somebody(a people.Actor) error {
	if a.PersonID == "" {
		return fault.Denied("Only a person can do this.")
	}
	return nil
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
		code, detail := "", ""
		switch {
		case e.ID == "" || len(e.ID) > maxID || !plain(e.ID):
			code, detail = "id_invalid", "Give every event an id of its own, 1 to 64 plain characters."
		case len(e.Source) > maxWords || !plain(e.Source):
			code, detail = "source_invalid", "Use at most 40 plain characters."
		case !plain(e.VideoID):
			code, detail = videoMissing, videoMissingDetail
		case e.FromMS < 0 || e.ToMS <= e.FromMS:
			code, detail = "range_invalid", "The range must begin at 0 or later and end after it begins."
		case e.At.After(now.Add(clockSlack)):
			code, detail = "time_future", "This time is yet to come. Is the clock right?"
		case e.At.Before(now.Add(-oldest)):
			code, detail = "time_past", "This was watched more than 30 days ago."
		default:
			if e.At.After(now) {
				e.At = now
			}
			good = append(good, e)
			continue
		}
		out.refuse([]Event{e}, code, detail)
	}
	return good
}

const (
	videoMissing       = "video_not_found"
	videoMissingDetail = "There is no such video, or you may not see it."
)

// plain says whether a text can be kept and shown on one line. PostgreSQL refuses what is not.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// unknown keeps the events that were not counted before, in this batch or an earlier one.
func unknown(tx *db.Tx, person string, events []Event, out *Receipt) ([]Event, error) {
	known, err := knownEvents(tx, person, events)
	if err != nil {
		return nil, err
	}
	fresh := events[:0:0]
	for _, e := range events {
		if known[e.ID] {
			out.Duplicates++
			continue
		}
		known[e.ID] = true
		fresh = append(fresh, e)
	}
	return fresh, nil
}

// count adds fresh events to what a person has watched. The number of statements does not depend on
// the number of events or videos, unless some came in late.
func (s *Service) count(tx *db.Tx, a people.Actor, fresh []Event, out *Receipt) error {
	byVideo := map[string][]Event{}
	for _, e := range fresh {
		byVideo[e.VideoID] = append(byVideo[e.VideoID], e)
	}
	films, err := filmsFor(tx, a, keysOf(byVideo))
	if err != nil {
		return err
	}
	var ids []string // in one order for all, so that no two transactions wait for each other
	for _, id := range keysOf(byVideo) {
		f, ok := films[id]
		if !ok {
			out.refuse(byVideo[id], videoMissing, videoMissingDetail)
			continue
		}
		if byVideo[id] = inside(f, byVideo[id], out); len(byVideo[id]) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	kept, err := watchedBy(tx, a.PersonID, ids)
	if err != nil {
		return err
	}
	moments, err := momentsOf(tx, ids)
	if err != nil {
		return err
	}
	var all []*tally
	var events []Event
	for _, id := range ids {
		t := newTally(films[id], moments[id])
		in, err := t.playAfter(tx, a.PersonID, kept[id], byVideo[id], out)
		if err != nil {
			return err
		}
		if len(in) == 0 {
			continue
		}
		events = append(events, in...)
		all = append(all, t)
	}
	out.Accepted += len(events)
	return writeTallies(tx, a.PersonID, all, events)
}

// inside keeps the events that lie in the video, cut at its end, in order of time.
func inside(f film, events []Event, out *Receipt) []Event {
	var in []Event
	for _, e := range events {
		if e.FromMS >= f.DurationMS || e.ToMS > f.DurationMS+tolerance || e.ToMS > ranges.MaxMS {
			out.refuse([]Event{e}, "time_outside", "This range is not inside the video.")
			continue
		}
		e.ToMS = min(e.ToMS, f.DurationMS)
		in = append(in, e)
	}
	slices.SortFunc(in, byTime)
	return in
}

// playAfter counts events, in order of time, after what was kept of earlier ones (nil: nothing). Where
// something older comes in after something newer, what depends on the order is worked out anew from the
// log. It gives the events that were counted.
func (t *tally) playAfter(tx *db.Tx, person string, kept *watchedRow, in []Event, out *Receipt) ([]Event, error) {
	if kept == nil {
		t.play(in)
		return in, nil
	}
	if in[0].At.Before(kept.LastAt) {
		log, err := eventsOf(tx, person, t.film.ID)
		if err != nil {
			return nil, err
		}
		if len(log) <= maxLog {
			t.playLate(log, in)
			return in, nil
		}
		late, _ := slices.BinarySearchFunc(in, kept.LastAt, func(e Event, at time.Time) int { return e.At.Compare(at) })
		out.refuse(in[:late], "time_past", "Too much was watched since to count this in its place.")
		in = in[late:]
	}
	if err := t.load(*kept); err != nil {
		return nil, err
	}
	t.play(in)
	return in, nil
}

// MomentsChanged works out who has already watched the moments of a video whole, in the transaction that
// cut the video into them: people watch before the transcript is ready, and a transcript is corrected
// after they have watched. The caller holds the video's row, so that nobody watches meanwhile.
func (s *Service) MomentsChanged(_ context.Context, tx *db.Tx, videoID string) error {
	f, err := filmOf(tx, videoID)
	if err != nil {
		return err
	}
	moments, err := momentsOf(tx, []string{videoID})
	if err != nil {
		return err
	}
	crowd, err := watchers(tx.Gorm(), videoID, -1)
	if err != nil {
		return err
	}
	known, err := wholeOf(tx, videoID)
	if err != nil {
		return err
	}
	var fresh []*tally
	var persons []string
	for _, w := range crowd {
		var missing []stretch
		for _, m := range moments[videoID] {
			if !known[whose{w.PersonID, m}] && w.set.CoversMoment(m.start, m.end) {
				missing = append(missing, m)
			}
		}
		if len(missing) == 0 {
			continue
		}
		log, err := eventsOf(tx, w.PersonID, videoID)
		if err != nil {
			return err
		}
		t := newTally(f, missing)
		t.play(log)
		fresh, persons = append(fresh, t), append(persons, w.PersonID)
	}
	return writeWhole(tx, persons, fresh)
}
