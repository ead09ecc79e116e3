package insight_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

func onPostgres(b *testing.B) *apptest.Env {
	e := &apptest.Env{URL: apptest.Postgres(b), Clock: apptest.NewClock(), Log: slog.New(slog.DiscardHandler)}
	var err error
	if e.DB, err = db.Open(b.Context(), db.Config{URL: e.URL, Clock: e.Clock.Now}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.DB.Close() }) // before its database is dropped
	if _, err := e.DB.Migrate(b.Context(), e.Log); err != nil {
		b.Fatal(err)
	}
	return e
}

func onBoth(b *testing.B, fn func(b *testing.B, k *kit)) {
	b.Run("sqlite", func(b *testing.B) { fn(b, newKit(b, apptest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { fn(b, newKit(b, onPostgres(b))) })
}

// bulk writes rows fast.
func bulk[T any](b *testing.B, k *kit, table string, rows []T) {
	b.Helper()
	err := k.DB.Tx(context.Background(), func(tx *db.Tx) error { return tx.Gorm().Table(table).CreateInBatches(rows, 1000).Error })
	if err != nil {
		b.Fatalf("%s: %v", table, err)
	}
}

// BenchmarkWatch measures 20 senders at once, each with batches of 50 events over five videos.
func BenchmarkWatch(b *testing.B) {
	onBoth(b, func(b *testing.B, k *kit) {
		const senders, size, spread = 20, 50, 5
		author := k.add(b, "Author")
		var films []string
		for range 100 {
			f := film{length: 300_000}
			for m := range int64(10) {
				f.moments = append(f.moments, [2]int64{m * 30_000, m*30_000 + 25_000})
			}
			films = append(films, k.film(b, author, f))
		}
		var viewers []people.Actor
		for i := range senders {
			viewers = append(viewers, k.add(b, fmt.Sprint("Viewer ", i)))
		}
		var mu sync.Mutex
		var took []time.Duration
		batches := 0
		began := time.Now()
		for b.Loop() {
			batches++
			k.Clock.Advance(time.Minute)
			now := k.Clock.Now()
			var wg sync.WaitGroup
			for s, a := range viewers {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(s), uint64(batches)))
					events := make([]insight.Event, 0, size)
					for range spread {
						id, from := films[r.IntN(len(films))], r.Int64N(200_000)
						for i := range int64(size / spread) {
							events = append(events, play(ident.New(), id, from+i*5000, from+(i+1)*5000, now.Add(time.Duration(i-size)*time.Second)))
						}
					}
					start := time.Now()
					got, err := k.insights.Watch(context.Background(), a, events)
					d := time.Since(start)
					if err != nil || got.Accepted != size {
						b.Errorf("%+v, %v", got, err)
					}
					mu.Lock()
					took = append(took, d)
					mu.Unlock()
				})
			}
			wg.Wait()
		}
		b.ReportMetric(float64(batches*senders*size)/time.Since(began).Seconds(), "events/s")
		report(b, took)
	})
}

// cpu gives what this process has used so far; PostgreSQL's own is not in it.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for name, share := range map[string]float64{"p50": 0.5, "p95": 0.95, "p99": 0.99} {
		b.ReportMetric(float64(took[int(share*float64(len(took)-1))].Microseconds())/1000, name+"-ms")
	}
}

// world fills the database as a company of 300 reps in 30 teams has after a year: 2,000 videos with
// 20,000 moments, 300,000 rows of what was watched, 200,000 views and as many whole moments, some
// thousand acts, and 2,000 deals.
func (k *kit) world(b *testing.B) (trainer, manager people.Actor, team string) {
	b.Helper()
	const reps, videos, tactics = 300, 2000, 12
	r := rand.New(rand.NewPCG(3, 5))
	now := k.Clock.Now()
	past := func() time.Time {
		return now.Add(-time.Duration(r.Int64N(int64(365 * day)))).Truncate(time.Microsecond)
	}
	trainer, manager = k.add(b, "Trainer", people.Trainer), k.add(b, "Manager", people.Manager)
	root := k.team(b, "Company", "")
	type person struct {
		ID, Email, EmailKey, Name, Roles, PasswordHash, TimeZone string
		Active                                                   bool
		AuthEpoch                                                int64
		CreatedAt, UpdatedAt                                     time.Time
	}
	type seat struct {
		TeamID, PersonID string
		CreatedAt        time.Time
	}
	var people []person
	var seats, managers []seat
	var teams []string
	for i := range 30 {
		teams = append(teams, k.team(b, fmt.Sprint("Team ", i), root))
	}
	for i := range reps {
		id := ident.New()
		people = append(people, person{ID: id, Email: id, EmailKey: id, Name: fmt.Sprint("Rep ", i), Roles: "rep", TimeZone: "UTC", Active: true, AuthEpoch: 1, CreatedAt: now, UpdatedAt: now})
		seats = append(seats, seat{teams[i%30], id, now})
		if i < 30 {
			managers = append(managers, seat{teams[i], id, now})
		}
	}
	bulk(b, k, "persons", people)
	bulk(b, k, "team_members", seats)
	bulk(b, k, "team_managers", managers)
	k.exec(b, `INSERT INTO team_managers (team_id, person_id, created_at) VALUES (?, ?, ?)`, teams[0], manager.PersonID, now)
	k.exec(b, `UPDATE directory_epochs SET value = value + 1`)

	ids := make([]string, videos)
	for i := range ids { // one by hand, the others after it
		ids[i] = ident.New()
	}
	first := k.film(b, trainer, film{length: 300_000})
	type key struct{ VideoID, Key string }
	type moment struct {
		VideoID string
		Ordinal int
		StartMS int64 `gorm:"column:start_ms"`
		EndMS   int64 `gorm:"column:end_ms"`
		Body    string
	}
	type tag struct {
		VideoID, TacticID string
		CreatedAt         time.Time
	}
	type momentTag struct {
		VideoID  string
		Ordinal  int
		TacticID string
	}
	var keys []key
	var moments []moment
	var tags []tag
	var momentTags []momentTag
	var terms []string
	for i := range tactics {
		terms = append(terms, k.tactic(b, fmt.Sprint("tactic ", i)))
	}
	for i, id := range ids {
		author := people[i%reps]
		k.copyFilm(b, first, id, author.ID)
		keys = append(keys, key{id, "e"}, key{id, "p:" + author.ID}, key{id, "l:" + seats[i%reps].TeamID})
		t := r.IntN(tactics)
		tags = append(tags, tag{id, terms[t], now}, tag{id, terms[(t+1)%tactics], now})
		for m := range 10 {
			moments = append(moments, moment{id, m, int64(m) * 30_000, int64(m)*30_000 + 25_000, "a passage of some words"})
			if m%5 == 0 {
				momentTags = append(momentTags, momentTag{id, m, terms[t]})
			}
		}
	}
	bulk(b, k, "video_audience", keys)
	bulk(b, k, "moments", moments)
	bulk(b, k, "video_tactics", tags)
	bulk(b, k, "moment_tactics", momentTags)

	type watched struct {
		VideoID, PersonID                  string
		Ranges                             []byte
		UniqueMS                           int64 `gorm:"column:unique_ms"`
		Views                              int64
		FirstAt, LastAt                    time.Time
		ExposedAt, LastViewAt, CompletedAt *time.Time
		ViewPlayedMS                       int64 `gorm:"column:view_played_ms"`
	}
	type view struct {
		VideoID, PersonID string
		At                time.Time
	}
	type whole struct {
		VideoID, PersonID string
		StartMS           int64 `gorm:"column:start_ms"`
		EndMS             int64 `gorm:"column:end_ms"`
		At                time.Time
	}
	set, err := ranges.Of(ranges.Range{From: 0, To: 90_000}, ranges.Range{From: 120_000, To: 240_000})
	if err != nil {
		b.Fatal(err)
	}
	packed, err := set.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	var rows []watched
	var views []view
	var wholes []whole
	for _, id := range ids {
		for _, p := range people {
			if r.IntN(2) == 0 {
				continue
			}
			at := past()
			w := watched{VideoID: id, PersonID: p.ID, Ranges: packed, UniqueMS: 210_000, FirstAt: at, LastAt: at}
			if r.IntN(3) > 0 {
				w.Views, w.LastViewAt = 1, &at
				views = append(views, view{id, p.ID, at})
				if r.IntN(2) == 0 {
					w.ExposedAt = &at
				}
				m := int64(r.IntN(10))
				wholes = append(wholes, whole{id, p.ID, m * 30_000, m*30_000 + 25_000, at})
			}
			rows = append(rows, w)
		}
	}
	bulk(b, k, "watched", rows)
	bulk(b, k, "views", views)
	bulk(b, k, "watched_moments", wholes)

	type Act struct {
		ID, PersonID, VideoID string
		StartMS               int64 `gorm:"column:start_ms"`
		EndMS                 int64 `gorm:"column:end_ms"`
		CreatedAt             time.Time
	}
	type share struct {
		Act      `gorm:"embedded"`
		ToTeamID string
		Message  string
	}
	type use struct {
		Act       `gorm:"embedded"`
		AfterView bool
		Comment   string
	}
	var shares []share
	var uses []use
	var saves []Act
	for i := range 5000 {
		w := wholes[(i*7919)%len(wholes)]
		a := Act{ident.New(), w.PersonID, w.VideoID, w.StartMS, w.EndMS, w.At}
		saves = append(saves, a)
		shares = append(shares, share{a, teams[i%30], ""})
		uses = append(uses, use{a, true, ""})
	}
	bulk(b, k, "saves", saves)
	bulk(b, k, "shares", shares)
	bulk(b, k, "uses", uses)

	var specs []dealSpec
	for i := range 2000 {
		d := dealSpec{owner: people[i%reps].ID, status: "lost", segment: []string{"SMB", "Mid", "Large"}[i%3], opened: past()}
		d.closed = d.opened.Add(time.Duration(5+r.IntN(60)) * day)
		if r.IntN(3) == 0 {
			d.status = "won"
		}
		specs = append(specs, d)
	}
	k.deals(b, specs...)
	if k.DB.Kind() == db.Postgres {
		// What autovacuum does within minutes.
		if _, err := k.DB.SQL().ExecContext(context.Background(), `VACUUM ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
	return k.actor(b, trainer.PersonID), k.actor(b, manager.PersonID), teams[1]
}

func (k *kit) copyFilm(b *testing.B, from, id, author string) {
	k.exec(b, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		SELECT ?, ?, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at FROM videos WHERE id = ?`, id, author, from)
}

// BenchmarkReports measures both reports over the world.
func BenchmarkReports(b *testing.B) {
	onBoth(b, func(b *testing.B, k *kit) {
		trainer, manager, team := k.world(b)
		from := k.Clock.Now().Add(-90 * day)
		for _, c := range []struct {
			name string
			a    people.Actor
			f    insight.Filter
		}{
			{"company", trainer, insight.Filter{}},
			{"quarter", trainer, insight.Filter{From: &from}},
			{"team", trainer, insight.Filter{Team: team}},
			{"manager", manager, insight.Filter{}},
			{"tactic", trainer, insight.Filter{Tactic: "tactic 3"}},
		} {
			measure := func(name string, do func() (int, error)) {
				b.Run(name+"/"+c.name, func(b *testing.B) {
					var took []time.Duration
					before := cpu()
					for b.Loop() {
						began := time.Now()
						if n, err := do(); err != nil || n == 0 {
							b.Fatalf("%d rows, %v", n, err)
						}
						took = append(took, time.Since(began))
					}
					b.ReportMetric((cpu()-before).Seconds()*1000/float64(b.N), "CPU-ms")
					report(b, took)
				})
			}
			measure("modeled", func() (int, error) {
				r, err := k.insights.ReportModeled(context.Background(), c.a, c.f)
				return len(r.People) * len(r.Videos) * len(r.Moments), err
			})
			measure("tactics", func() (int, error) {
				r, err := k.insights.ReportTactics(context.Background(), c.a, c.f)
				return r.Mature * len(r.Rows), err
			})
		}
	})
}
