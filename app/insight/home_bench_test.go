package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// homeWorld is a company of 300 reps in 30 teams who made 10,000 videos in a year, two fifths for everyone,
// two fifths for their team, the rest for nobody. A rep has watched 300 of them, was sent some and follows
// five colleagues. Rep gives one of them, diligent one who has watched everything, and manager is over ten
// teams.
func (k *kit) homeWorld(b *testing.B) (rep, diligent, manager people.Actor) {
	b.Helper()
	const reps, teams, videos = 300, 30, 10_000
	r := rand.New(rand.NewPCG(7, 11))
	now := k.Clock.Now()
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
	type follow struct {
		PersonID, FollowedID string
		CreatedAt            time.Time
	}
	boss, root := k.add(b, "Boss", people.Manager), k.team(b, "Company", "")
	var teamIDs []string
	for i := range teams {
		teamIDs = append(teamIDs, k.team(b, fmt.Sprint("Team ", i), root))
		if i < 10 {
			k.exec(b, `INSERT INTO team_managers (team_id, person_id, created_at) VALUES (?, ?, ?)`, teamIDs[i], boss.PersonID, now)
		}
	}
	var crew []person
	var seats []seat
	var follows []follow
	for i := range reps {
		id := ident.New()
		crew = append(crew, person{ID: id, Email: id, EmailKey: id, Name: fmt.Sprint("Rep ", i), Roles: "rep", TimeZone: "UTC", Active: true, AuthEpoch: 1, CreatedAt: now, UpdatedAt: now})
		seats = append(seats, seat{teamIDs[i%teams], id, now})
	}
	for i, p := range crew {
		for j := range 5 {
			follows = append(follows, follow{p.ID, crew[(i+1+j*31)%reps].ID, now})
		}
	}
	bulk(b, k, "persons", crew)
	bulk(b, k, "team_members", seats)
	bulk(b, k, "follows", follows)
	k.exec(b, `UPDATE directory_epochs SET value = value + 1`)

	type key struct{ VideoID, Key string }
	var keys []key
	ids, when, authors, published := make([]string, videos), make([]time.Time, videos), make([]int, videos), make([]bool, videos)
	first := k.film(b, boss, film{length: 300_000, audience: people.Private})
	for i := range ids {
		ids[i], when[i] = ident.New(), now.Add(-365*day+time.Duration(i)*(365*day/videos)).Truncate(time.Microsecond)
		author := r.IntN(reps)
		authors[i] = author
		keys = append(keys, key{ids[i], "p:" + crew[author].ID})
		published[i] = i%5 != 4
		switch i % 5 {
		case 0, 1:
			keys = append(keys, key{ids[i], "e"}, key{ids[i], "l:" + teamIDs[author%teams]})
		case 2, 3:
			keys = append(keys, key{ids[i], "t:" + teamIDs[author%teams]}, key{ids[i], "l:" + teamIDs[author%teams]})
		}
	}
	k.copyFilms(b, first, ids, func(i int) (author string, at *time.Time) {
		if !published[i] {
			return crew[authors[i]].ID, nil
		}
		return crew[authors[i]].ID, &when[i]
	})
	bulk(b, k, "video_audience", keys)

	set, err := ranges.Of(ranges.Range{From: 0, To: 90_000}, ranges.Range{From: 120_000, To: 240_000})
	if err != nil {
		b.Fatal(err)
	}
	packed, err := set.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	type watched struct {
		VideoID, PersonID string
		Ranges            []byte
		UniqueMS          int64 `gorm:"column:unique_ms"`
		Views             int64
		FirstAt, LastAt   time.Time
		CompletedAt       *time.Time
		ViewPlayedMS      int64 `gorm:"column:view_played_ms"`
	}
	type event struct {
		PersonID, ID, VideoID string
		FromMS                int64 `gorm:"column:from_ms"`
		ToMS                  int64 `gorm:"column:to_ms"`
		At                    time.Time
		Source                string
		CreatedAt             time.Time
	}
	var rows []watched
	var events []event
	see := func(person string, v int) {
		late := when[v].Add(time.Hour)
		w := watched{VideoID: ids[v], PersonID: person, Ranges: packed, UniqueMS: 210_000, Views: 1, FirstAt: late, LastAt: late}
		if r.IntN(2) == 0 {
			w.CompletedAt = &late
		}
		rows = append(rows, w)
		events = append(events, event{person, ident.New(), ids[v], 120_000, 240_000, late, "home", late})
	}
	for i, p := range crew {
		for n := range videos / 33 {
			if i == 1 {
				break
			}
			see(p.ID, n*33+r.IntN(33))
		}
	}
	for v := range ids {
		see(crew[1].ID, v)
	}
	bulk(b, k, "watched", rows)
	bulk(b, k, "watch_events", events)
	type share struct {
		ID, PersonID, VideoID, Message string
		StartMS                        int64 `gorm:"column:start_ms"`
		EndMS                          int64 `gorm:"column:end_ms"`
		ToPersonID, ToTeamID           *string
		CreatedAt                      time.Time
	}
	var shares []share
	for i := range 5000 {
		v := r.IntN(videos)
		s := share{ID: ident.New(), PersonID: crew[i%reps].ID, VideoID: ids[v], Message: "Look", EndMS: 300_000, CreatedAt: when[v].Add(time.Minute)}
		if i%2 == 0 {
			s.ToPersonID = &crew[r.IntN(reps)].ID
		} else {
			s.ToTeamID = &teamIDs[r.IntN(teams)]
		}
		shares = append(shares, s)
	}
	bulk(b, k, "shares", shares)
	if k.DB.Kind() == db.Postgres {
		// What autovacuum does within minutes.
		if _, err := k.DB.SQL().ExecContext(context.Background(), `VACUUM ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
	return k.actor(b, crew[0].ID), k.actor(b, crew[1].ID), k.actor(b, boss.PersonID)
}

// copyFilms makes many videos like one, in one transaction.
func (k *kit) copyFilms(b *testing.B, from string, ids []string, of func(i int) (author string, published *time.Time)) {
	b.Helper()
	const rest = `title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256, duration_ms, width, height,
		media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note, media_note, situation_text,
		stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at`
	err := k.DB.Tx(context.Background(), func(tx *db.Tx) error {
		for i, id := range ids {
			author, published := of(i)
			if err := tx.Gorm().Exec(`INSERT INTO videos (id, author_id, published_at, `+rest+`) SELECT ?, ?, ?, `+rest+` FROM videos WHERE id = ?`, id, author, published, from).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkHome measures what the first screen is made of, but for asks: the budget is 5 ms of CPU.
func BenchmarkHome(b *testing.B) {
	onBoth(b, func(b *testing.B, k *kit) {
		rep, diligent, manager := k.homeWorld(b)
		for name, a := range map[string]people.Actor{"rep": rep, "diligent": diligent, "manager": manager} {
			var ids []string
			parts := []struct {
				name string
				do   func(ctx context.Context) error
			}{
				{"unfinished", func(ctx context.Context) error {
					got, err := k.insights.Unfinished(ctx, a, 6)
					for _, u := range got {
						ids = append(ids, u.VideoID)
					}
					return err
				}},
				{"new", func(ctx context.Context) error {
					got, err := k.insights.New(ctx, a, 6)
					for _, f := range got {
						ids = append(ids, f.VideoID)
					}
					return err
				}},
				{"shared", func(ctx context.Context) error {
					got, err := k.insights.UnwatchedShares(ctx, a, 6)
					for _, s := range got {
						ids = append(ids, s.VideoID)
					}
					return err
				}},
				{"unready", func(ctx context.Context) error {
					_, err := k.insights.Unready(ctx, a, 6)
					return err
				}},
				{"to-watch", func(ctx context.Context) error {
					got, err := k.insights.ToWatch(ctx, a, 6)
					ids = append(ids, got...)
					return err
				}},
				{"videos", func(ctx context.Context) error {
					got, err := k.videos.Visible(ctx, a, ids)
					if len(got) == 0 {
						b.Fatal("nothing to show")
					}
					return err
				}},
			}
			measure := func(name string, do func(ctx context.Context) error) {
				b.Run(name, func(b *testing.B) {
					var took []time.Duration
					before := cpu()
					for b.Loop() {
						began := time.Now()
						if err := do(context.Background()); err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(began))
					}
					b.ReportMetric((cpu()-before).Seconds()*1000/float64(b.N), "CPU-ms")
					report(b, took)
				})
			}
			for _, p := range parts[:len(parts)-1] {
				measure(name+"/"+p.name, func(ctx context.Context) error { ids = nil; return p.do(ctx) })
			}
			measure(name+"/all", func(ctx context.Context) error {
				ids = nil
				for _, p := range parts {
					if err := p.do(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
}

// BenchmarkStanding measures what is asked beside a video, and beside ten that were found.
func BenchmarkStanding(b *testing.B) {
	onBoth(b, func(b *testing.B, k *kit) {
		rep, _, _ := k.homeWorld(b)
		fresh, err := k.insights.New(b.Context(), rep, 10)
		if err != nil || len(fresh) != 10 {
			b.Fatal(len(fresh), err)
		}
		var all []video.Video
		for _, f := range fresh {
			v, err := k.videos.Get(b.Context(), rep, f.VideoID)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, v)
		}
		for _, c := range []struct {
			name string
			do   func(ctx context.Context) (int, error)
		}{
			{"video", func(ctx context.Context) (int, error) {
				_, err := k.insights.StandingOf(ctx, rep, all[0])
				return 1, err
			}},
			{"ten", func(ctx context.Context) (int, error) {
				done, err := k.insights.DoneWith(ctx, rep, all)
				return len(done), err
			}},
		} {
			b.Run(c.name, func(b *testing.B) {
				var took []time.Duration
				before := cpu()
				for b.Loop() {
					began := time.Now()
					if n, err := c.do(context.Background()); err != nil || n == 0 {
						b.Fatal(n, err)
					}
					took = append(took, time.Since(began))
				}
				b.ReportMetric((cpu()-before).Seconds()*1000/float64(b.N), "CPU-ms")
				report(b, took)
			})
		}
	})
}
