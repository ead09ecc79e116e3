package insight_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// kept is everything that is kept of the watching of some videos, readable.
type kept struct {
	watched, views, whole, days map[string]string
}

func (k *kit) kept(t testing.TB, videos ...string) kept {
	t.Helper()
	out := kept{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
	for _, r := range read[struct {
		VideoID, PersonID                  string
		Ranges                             []byte
		UniqueMS                           int64 `gorm:"column:unique_ms"`
		Views                              int64
		FirstAt, LastAt                    time.Time
		ExposedAt, CompletedAt, LastViewAt *time.Time
	}](t, k, `SELECT * FROM watched WHERE video_id IN ?`, videos) {
		var set ranges.Set
		if err := set.UnmarshalBinary(r.Ranges); err != nil {
			t.Fatal(err)
		}
		if set.Total() != r.UniqueMS {
			t.Errorf("unique %d, union %d", r.UniqueMS, set.Total())
		}
		out.watched[r.VideoID+r.PersonID] = fmt.Sprint(set.Ranges(), r.Views, stamp(&r.FirstAt), stamp(&r.LastAt), stamp(r.ExposedAt), stamp(r.CompletedAt), stamp(r.LastViewAt))
	}
	for _, r := range read[struct {
		VideoID, PersonID string
		At                time.Time
	}](t, k, `SELECT * FROM views WHERE video_id IN ? ORDER BY at`, videos) {
		out.views[r.VideoID+r.PersonID] += stamp(&r.At) + " "
	}
	for _, r := range read[struct {
		VideoID, PersonID string
		StartMS           int64 `gorm:"column:start_ms"`
		EndMS             int64 `gorm:"column:end_ms"`
		At                time.Time
	}](t, k, `SELECT * FROM watched_moments WHERE video_id IN ?`, videos) {
		out.whole[fmt.Sprint(r.VideoID, r.PersonID, r.StartMS, r.EndMS)] = stamp(&r.At)
	}
	for _, r := range read[struct {
		VideoID, Day  string
		Events, Views int64
		NewMS         int64 `gorm:"column:new_ms"`
	}](t, k, `SELECT * FROM video_days WHERE video_id IN ?`, videos) {
		out.days[r.VideoID+r.Day] = fmt.Sprint(r.Events, r.Views, r.NewMS)
	}
	return out
}

func stamp(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.UTC().Format("02T15:04:05.999999")
}

// recount works out what must be kept, from the log and the published rules alone.
func (k *kit) recount(t testing.TB, films map[string]film) kept {
	t.Helper()
	out := kept{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
	videos := slices.Collect(maps.Keys(films))
	logs := map[[2]string][]ranges.Event{}
	type sum struct{ events, views, newMS int64 }
	days := map[string]*sum{}
	day := func(video string, at time.Time) *sum {
		key := video + at.UTC().Format(time.DateOnly)
		if days[key] == nil {
			days[key] = &sum{}
		}
		return days[key]
	}
	for _, r := range read[struct {
		VideoID, PersonID string
		FromMS            int64 `gorm:"column:from_ms"`
		ToMS              int64 `gorm:"column:to_ms"`
		At                time.Time
	}](t, k, `SELECT * FROM watch_events WHERE video_id IN ?`, videos) {
		key := [2]string{r.VideoID, r.PersonID}
		logs[key] = append(logs[key], ranges.Event{At: r.At.UTC(), From: r.FromMS, To: r.ToMS})
		day(r.VideoID, r.At).events++
	}
	for key, log := range logs {
		f := films[key[0]]
		slices.SortFunc(log, func(a, b ranges.Event) int { return a.At.Compare(b.At) })
		var set ranges.Set
		for _, e := range log {
			had := set.Total()
			if err := set.Add(ranges.Range{From: e.From, To: e.To}); err != nil {
				t.Fatal(err)
			}
			day(key[0], e.At).newMS += set.Total() - had
		}
		views := ranges.Views(log, f.length)
		var last *time.Time
		for i, at := range views {
			day(key[0], at).views++
			out.views[key[0]+key[1]] += stamp(&at) + " "
			last = &views[i]
		}
		reached := func(share float64) string {
			if at, ok := ranges.ReachedAt(log, f.length, share); ok {
				return stamp(&at)
			}
			return "-"
		}
		out.watched[key[0]+key[1]] = fmt.Sprint(set.Ranges(), len(views), stamp(&log[0].At), stamp(&log[len(log)-1].At), reached(0.75), reached(0.9), stamp(last))
		for _, m := range f.moments {
			if at, ok := ranges.MomentReachedAt(log, m[0], m[1]); ok {
				out.whole[fmt.Sprint(key[0], key[1], m[0], m[1])] = stamp(&at)
			}
		}
	}
	for key, d := range days {
		out.days[key] = fmt.Sprint(d.events, d.views, d.newMS)
	}
	return out
}

// check compares what is kept with the recount.
func (k *kit) check(t testing.TB, films map[string]film) {
	t.Helper()
	if diff := k.diff(t, films); diff != "" {
		t.Error(diff)
	}
}

// diff says how what is kept differs from the recount.
func (k *kit) diff(t testing.TB, films map[string]film) string {
	t.Helper()
	got, want := k.kept(t, slices.Collect(maps.Keys(films))...), k.recount(t, films)
	out := ""
	for name, pair := range map[string][2]map[string]string{"watched": {got.watched, want.watched}, "views": {got.views, want.views},
		"watched_moments": {got.whole, want.whole}, "video_days": {got.days, want.days}} {
		if !maps.Equal(pair[0], pair[1]) {
			out += fmt.Sprintf("%s:\n got %v\nwant %v\n", name, pair[0], pair[1])
		}
	}
	return out
}

func TestWatchOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		f := film{moments: [][2]int64{{0, 5000}, {5000, 20_000}}}
		id := k.film(t, ana, f)
		at := e.Clock.Now()
		first := play("a", id, 0, 8000, at.Add(-time.Minute))
		r := k.watch(t, ben, first, first, play("b", id, 8000, 12_000, at))
		if r.Accepted != 2 || r.Duplicates != 1 || len(r.Refused) != 0 {
			t.Errorf("%+v", r)
		}
		r = k.watch(t, ben, first, play("c", id, 12_000, 60_200, at), play("b", id, 0, 60_000, at))
		if r.Accepted != 1 || r.Duplicates != 2 {
			t.Errorf("%+v", r)
		}
		// Ids are a sender's own: another person's are others.
		if r = k.watch(t, ana, play("a", id, 0, 1000, at)); r.Accepted != 1 {
			t.Errorf("%+v", r)
		}
		k.check(t, map[string]film{id: {length: 60_000, moments: f.moments}})
		p, err := k.insights.ProgressOf(t.Context(), ben, id)
		if err != nil || !slices.Equal(p.Ranges, [][2]int64{{0, 60_000}}) || p.Share != 1 || p.Views != 1 || !p.Completed {
			t.Errorf("%+v, %v", p, err)
		}
		p, err = k.insights.ProgressOf(t.Context(), k.add(t, "Cat"), id)
		if err != nil || len(p.Ranges) != 0 || p.Share != 0 || p.Completed {
			t.Errorf("%+v, %v", p, err)
		}
		if r := k.watch(t, ben); r.Accepted != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWatchRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		open, hidden, gone := k.film(t, ana, film{}), k.film(t, ana, film{audience: people.Private}), k.film(t, ana, film{})
		unknown := k.film(t, ana, film{})
		k.exec(t, `UPDATE videos SET duration_ms = 0 WHERE id = ?`, unknown)
		if err := k.videos.Delete(t.Context(), ana, gone); err != nil {
			t.Fatal(err)
		}
		now := e.Clock.Now()
		day := 24 * time.Hour
		bad := []insight.Event{
			play("absent", ident.New(), 0, 10, now), play("hidden", hidden, 0, 10, now), play("gone", gone, 0, 10, now), play("unprobed", unknown, 0, 10, now),
			play("nul", "\x00", 0, 10, now), play("bytes", "\xff\xfe", 0, 10, now), play("none", "", 0, 10, now),
			play("negative", open, -1, 10, now), play("empty", open, 10, 10, now), play("reversed", open, 10, 5, now), play("beyond", open, 0, 60_251, now),
			play("after", open, 60_000, 60_001, now), play("huge", open, 0, 1<<62, now), play("overflow", open, 1<<63-2, 1<<63-1, now),
			play("future", open, 0, 10, now.Add(121*time.Second)), play("old", open, 0, 10, now.Add(-30*day-time.Second)), play("zero", open, 0, 10, time.Time{}),
			play("far", open, 0, 10, time.Date(200_000, 1, 1, 0, 0, 0, 0, time.UTC)),
			play("", open, 0, 10, now), play(strings.Repeat("x", 65), open, 0, 10, now), play("a\x00b", open, 0, 10, now), play("a\nb", open, 0, 10, now), play("a\xffb", open, 0, 10, now),
			{ID: "source", VideoID: open, ToMS: 10, At: now, Source: strings.Repeat("s", 41)}, {ID: "source nul", VideoID: open, ToMS: 10, At: now, Source: "\x00"},
		}
		good := []insight.Event{
			play(strings.Repeat("é", 32), open, 0, 10, now), play("'; DROP TABLE views; --", open, 0, 59_999, now), play("edge", open, 0, 60_250, now.Add(-30*day)),
			play("slack", open, 59_999, 60_000, now.Add(2*time.Minute)), {ID: "no source", VideoID: open, ToMS: 10, At: now.In(time.FixedZone("", -7*3600))},
		}
		all := slices.Concat(bad, good)
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		r := k.watch(t, ben, all...)
		if r.Accepted != len(good) || r.Duplicates != 0 || len(r.Refused) != len(bad) {
			t.Errorf("accepted %d, twice %d, refused %d: %s", r.Accepted, r.Duplicates, len(r.Refused), codes(r))
		}
		want := map[string]string{"absent": "video_not_found", "hidden": "video_not_found", "gone": "video_not_found", "nul": "video_not_found", "bytes": "video_not_found", "none": "video_not_found",
			"unprobed": "time_outside", "negative": "range_invalid", "empty": "range_invalid", "reversed": "range_invalid", "beyond": "time_outside", "after": "time_outside",
			"huge": "time_outside", "overflow": "time_outside", "future": "time_future", "far": "time_future", "old": "time_past", "zero": "time_past", "source": "source_invalid",
			"source nul": "source_invalid", "": "id_invalid"}
		for _, f := range r.Refused {
			if code, ok := want[f.ID]; ok && code != f.Code || !ok && f.Code != "id_invalid" || f.Detail == "" {
				t.Errorf("%+v, want %s", f, code)
			}
		}
		k.check(t, map[string]film{open: {length: 60_000}})
		// What was refused may come again, when it can be counted.
		if r := k.watch(t, ben, play("future", open, 0, 10, now)); r.Accepted != 1 {
			t.Errorf("%+v", r)
		}
		_, err := k.insights.Watch(t.Context(), ben, make([]insight.Event, insight.MaxBatch+1))
		wantCode(t, err, "too_many")
		_, err = k.insights.Watch(t.Context(), people.System(), []insight.Event{play("x", open, 0, 10, now)})
		wantCode(t, err, "forbidden")
		for _, id := range []string{hidden, gone, ident.New(), "\x00", "\xff", ""} {
			_, err := k.insights.ProgressOf(t.Context(), ben, id)
			wantCode(t, err, "video_not_found")
			_, err = k.insights.Heat(t.Context(), ben, id)
			wantCode(t, err, "video_not_found")
			_, err = k.insights.ViewersOf(t.Context(), ben, id)
			wantCode(t, err, "video_not_found")
		}
	})
}

// TestWatchFullBatch sends as much as one may, over many videos.
func TestWatchFullBatch(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		films := map[string]film{}
		var ids []string
		for range 20 {
			f := film{length: 60_000, moments: [][2]int64{{0, 20_000}, {20_000, 40_000}}}
			id := k.film(t, ana, f)
			films[id], ids = f, append(ids, id)
		}
		var events []insight.Event
		for i := range insight.MaxBatch {
			from := int64(i / 20 * 2000)
			events = append(events, play(fmt.Sprint(i), ids[i%20], from, from+2000, e.Clock.Now().Add(time.Duration(i-insight.MaxBatch)*time.Second)))
		}
		if r := k.watch(t, ben, events...); r.Accepted != insight.MaxBatch {
			t.Errorf("%+v", r)
		}
		if r := k.watch(t, ben, events...); r.Duplicates != insight.MaxBatch {
			t.Errorf("%+v", r)
		}
		k.check(t, films)
	})
}

// TestWatchAtOnce sends the same events from several places at the same time, in batches that overlap,
// over videos that others watch too.
func TestWatchAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		films := map[string]film{}
		var ids []string
		for range 4 {
			f := film{length: 60_000, moments: [][2]int64{{0, 20_000}, {20_000, 21_000}}}
			id := k.film(t, ana, f)
			films[id], ids = f, append(ids, id)
		}
		const each, viewers, devices = 60, 3, 3
		var wg sync.WaitGroup
		var mu sync.Mutex
		accepted := 0
		for v := range viewers {
			ben := k.add(t, fmt.Sprintf("Viewer %d", v))
			var events []insight.Event
			for i := range each {
				from := int64(i) * 900
				at := e.Clock.Now().Add(-time.Duration(i*7919%each) * 40 * time.Minute).Truncate(time.Second)
				events = append(events, play(fmt.Sprintf("e%d", i), ids[i%4], from, from+1000, at))
			}
			for d := range devices {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(v), uint64(d)))
					mine := slices.Clone(events)
					r.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
					for batch := range slices.Chunk(mine, 9) {
						got, err := k.insights.Watch(t.Context(), ben, batch)
						if err != nil || len(got.Refused) > 0 {
							t.Errorf("%+v, %v", got, err)
						}
						mu.Lock()
						accepted += got.Accepted
						mu.Unlock()
					}
				})
			}
		}
		wg.Wait()
		if accepted != each*viewers {
			t.Errorf("%d accepted, want %d", accepted, each*viewers)
		}
		k.check(t, films)
	})
}

// TestWatchAnyOrder: whatever the order and the batches in which events come in, what is kept equals
// the count of the whole log in order of time.
func TestWatchAnyOrder(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		now := e.Clock.Now()
		films := map[string]film{}
		for _, f := range []film{
			{length: 60_000, moments: [][2]int64{{0, 5000}, {5000, 30_000}, {30_000, 30_150}, {30_150, 59_000}}},
			{length: 8000, moments: [][2]int64{{0, 8000}}},
		} {
			films[k.film(t, ana, f)] = f
		}
		ids := slices.Sorted(maps.Keys(films))
		rapid.Check(t, func(rt *rapid.T) {
			// Everyone begins with nothing; the videos stay.
			for _, table := range []string{"watch_events", "watched", "views", "watched_moments", "video_days"} {
				k.exec(t, `DELETE FROM `+table)
			}
			viewer := k.add(t, "Viewer")
			n := rapid.IntRange(1, 14).Draw(rt, "events")
			events := make([]insight.Event, n)
			for i := range events {
				id := ids[rapid.IntRange(0, 1).Draw(rt, "video")]
				length := films[id].length
				from := rapid.Int64Range(0, length-1).Draw(rt, "from")
				to := min(length, from+rapid.SampledFrom([]int64{50, 900, 2500, 6000, 12_000, 50_000}).Draw(rt, "play"))
				minutes := rapid.IntRange(0, 60).Draw(rt, "minutes")
				at := now.Add(-9*time.Hour + time.Duration(minutes-30)*time.Minute + time.Duration(rapid.SampledFrom([]int{0, 0, 1, 500_000, 250_000}).Draw(rt, "micros"))*time.Microsecond)
				events[i] = play(fmt.Sprint(i), id, from, to, at)
			}
			for len(events) > 0 {
				size := rapid.IntRange(1, len(events)).Draw(rt, "batch")
				if r := k.watch(t, viewer, events[:size]...); r.Accepted != size {
					rt.Fatalf("%+v", r)
				}
				events = events[size:]
			}
			if diff := k.diff(t, films); diff != "" {
				rt.Fatal(diff)
			}
		})
	})
}

// TestWatchFragments: thousands of fragments fill no column, and still the rest is counted.
func TestWatchFragments(t *testing.T) {
	e := apptest.SQLite(t)
	k := newKit(t, e)
	ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
	id := k.film(t, ana, film{length: 3_600_000})
	n := 0
	for batch := range 5 {
		var events []insight.Event
		for range insight.MaxBatch {
			events = append(events, play(fmt.Sprint(n), id, int64(n)*300, int64(n)*300+1, e.Clock.Now()))
			n++
		}
		if r := k.watch(t, ben, events...); r.Accepted != insight.MaxBatch {
			t.Fatalf("%d: %+v", batch, r)
		}
	}
	k.watch(t, ben, play("whole", id, 0, 3_600_000, e.Clock.Now()))
	p, err := k.insights.ProgressOf(t.Context(), ben, id)
	if err != nil || p.Share != 1 || p.Views != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestMomentsChanged: what was watched before a transcript was ready, or before it was corrected, counts
// as watched then.
func TestMomentsChanged(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cat := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cat")
		id, other := k.film(t, ana, film{}), k.film(t, ana, film{moments: [][2]int64{{0, 1000}}})
		now := e.Clock.Now()
		for i, at := range []time.Duration{-3 * time.Hour, -time.Hour, -2 * time.Hour} {
			k.watch(t, ben, play(fmt.Sprint(i), id, int64(i)*10_000, int64(i+1)*10_000, now.Add(at)))
		}
		k.watch(t, cat, play("0", id, 0, 15_000, now), play("1", other, 0, 1000, now))
		for _, moments := range [][][2]int64{
			{{0, 10_000}, {10_000, 20_000}, {20_000, 30_000}, {30_000, 60_000}}, // the transcript is ready
			{{0, 10_000}, {10_000, 20_000}, {20_000, 30_000}, {30_000, 60_000}}, // tagged anew, with the same moments
			{{5000, 25_000}, {25_000, 29_000}, {40_000, 60_000}},                // corrected
		} {
			k.exec(t, `DELETE FROM moments WHERE video_id = ?`, id)
			for i, m := range moments {
				k.exec(t, `INSERT INTO moments (video_id, ordinal, start_ms, end_ms, body) VALUES (?, ?, ?, ?, 'words')`, id, i, m[0], m[1])
			}
			for range 2 {
				if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.insights.MomentsChanged(t.Context(), tx, id) }); err != nil {
					t.Fatal(err)
				}
			}
			got := k.kept(t, id, other).whole
			want := k.recount(t, map[string]film{id: {length: 60_000, moments: moments}, other: {length: 60_000, moments: [][2]int64{{0, 1000}}}}).whole
			if len(want) < 3 {
				t.Fatalf("the test tests nothing: %v", want)
			}
			for key, at := range want {
				if got[key] != at {
					t.Errorf("%s whole at %q, want %s", key, got[key], at)
				}
			}
		}
		err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.insights.MomentsChanged(t.Context(), tx, ident.New()) })
		wantCode(t, err, "video_not_found")
	})
}
