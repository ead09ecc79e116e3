package insight_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

type kit struct {
	*apptest.Env
	dir      *people.Directory
	words    *vocabulary.Book
	videos   *video.Service
	insights *insight.Service
}

func newKit(t testing.TB, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), words: vocabulary.NewBook(e.DB)}
	k.videos = video.New(video.Config{Node: "test", Log: e.Log}, e.DB, nil, k.dir, k.words, nil)
	k.dir.OnMoved = k.videos.AuthorsMoved
	k.insights = k.service(true)
	return k
}

func (k *kit) service(names bool) *insight.Service {
	return insight.New(k.DB, k.videos, k.dir, insight.Config{PersonAnalytics: names}, slog.New(slog.DiscardHandler))
}

func (k *kit) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(context.Background(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// read scans the rows of a query.
func read[T any](t testing.TB, k *kit, query string, args ...any) []T {
	t.Helper()
	var out []T
	if err := k.DB.Read(context.Background()).Raw(query, args...).Scan(&out).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// add makes an account; the actor is good until the person is moved.
func (k *kit) add(t testing.TB, name string, roles ...people.Role) people.Actor {
	t.Helper()
	if len(roles) == 0 {
		roles = []people.Role{people.Rep}
	}
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) actor(t testing.TB, id string) people.Actor {
	t.Helper()
	a, err := k.dir.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) team(t testing.TB, name, parent string) string {
	t.Helper()
	var above *string
	if parent != "" {
		above = &parent
	}
	team, err := k.dir.AddTeam(t.Context(), people.System(), name, above)
	if err != nil {
		t.Fatal(err)
	}
	return team.ID
}

// seat places people and gives them as they now are.
func (k *kit) seat(t testing.TB, team string, as people.Seat, persons ...*people.Actor) {
	t.Helper()
	for _, p := range persons {
		if err := k.dir.Place(t.Context(), people.System(), team, p.PersonID, as); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range persons {
		*p = k.actor(t, p.PersonID)
	}
}

// film is a video to be made.
type film struct {
	length   int64 // ms; 60,000 where it is 0
	audience people.Audience
	moments  [][2]int64
	tactics  []string
	// tagged are the tactics of the moments, by position.
	tagged map[int][]string
}

func (k *kit) film(t testing.TB, author people.Actor, f film) string {
	t.Helper()
	id := ident.New()
	now := k.Clock.Now()
	if f.length == 0 {
		f.length = 60_000
	}
	if f.audience == "" {
		f.audience = people.Everyone
	}
	k.exec(t, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, ?, '', 'ready', '', '', ?, 90, 'take', '', 'video/mp4', 1, '', ?, 1, 1, ?, ?, ?, ?, ?, ?, 'ready', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, author.PersonID, "Film "+id[30:], string(f.audience), f.length, true, true, true, true, true, true, now, now)
	err := k.DB.Tx(context.Background(), func(tx *db.Tx) error {
		place, err := k.dir.PlaceTx(tx, author.PersonID)
		if err != nil {
			return err
		}
		for _, key := range people.AudienceKeys(f.audience, place, nil) {
			if err := tx.Gorm().Exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, key).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range f.moments {
		k.exec(t, `INSERT INTO moments (video_id, ordinal, start_ms, end_ms, body) VALUES (?, ?, ?, ?, ?)`, id, i, m[0], m[1], fmt.Sprintf("words %d", i))
		for _, tactic := range f.tagged[i] {
			k.exec(t, `INSERT INTO moment_tactics (video_id, ordinal, tactic_id) VALUES (?, ?, ?)`, id, i, k.tactic(t, tactic))
		}
	}
	for _, tactic := range f.tactics {
		k.exec(t, `INSERT INTO video_tactics (video_id, tactic_id, created_at) VALUES (?, ?, ?)`, id, k.tactic(t, tactic), now)
	}
	return id
}

// tactic gives the id of a tactic, which it makes where there is none.
func (k *kit) tactic(t testing.TB, key string) string {
	t.Helper()
	if ids := read[string](t, k, `SELECT id FROM vocabulary WHERE kind = 'tactic' AND key = ?`, key); len(ids) > 0 {
		return ids[0]
	}
	id := ident.New()
	k.exec(t, `INSERT INTO vocabulary (id, kind, key, label, description, keywords, created_at, updated_at) VALUES (?, 'tactic', ?, ?, '', '[]', ?, ?)`,
		id, key, strings.ToUpper(key), k.Clock.Now(), k.Clock.Now())
	return id
}

type dealSpec struct {
	owner, status, segment string
	opened                 time.Time
	closed                 time.Time
}

func (k *kit) deals(t testing.TB, specs ...dealSpec) []string {
	t.Helper()
	var ids []string
	type row struct {
		ID, ExternalID, Name                                                           string
		OwnerID                                                                        *string
		OwnerRef, Amount, Currency, Stage, Status, Segment, Competitor, Product, Extra string
		OpenedAt                                                                       time.Time
		ClosedAt                                                                       *time.Time
		CreatedAt, UpdatedAt                                                           time.Time
	}
	var rows []row
	for _, s := range specs {
		r := row{ID: ident.New(), Name: "Deal", Status: s.status, Segment: s.segment, Extra: "{}", OpenedAt: s.opened.UTC(), CreatedAt: k.Clock.Now(), UpdatedAt: k.Clock.Now()}
		r.ExternalID = r.ID
		if s.owner != "" {
			r.OwnerID = &s.owner
		}
		if !s.closed.IsZero() {
			at := s.closed.UTC()
			r.ClosedAt = &at
		}
		rows = append(rows, r)
		ids = append(ids, r.ID)
	}
	if err := k.DB.Read(context.Background()).Table("deals").CreateInBatches(rows, 500).Error; err != nil {
		t.Fatal(err)
	}
	return ids
}

// play is an event of ten seconds or more.
func play(id, video string, from, to int64, at time.Time) insight.Event {
	return insight.Event{ID: id, VideoID: video, FromMS: from, ToMS: to, At: at, Source: "search"}
}

func (k *kit) watch(t testing.TB, a people.Actor, events ...insight.Event) insight.Receipt {
	t.Helper()
	r, err := k.insights.Watch(t.Context(), a, events)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// see has people watch a whole minute of a video at a time.
func (k *kit) see(t testing.TB, video string, at time.Time, viewers ...people.Actor) {
	t.Helper()
	for _, a := range viewers {
		if r := k.watch(t, a, play(ident.New(), video, 0, 60_000, at)); r.Accepted != 1 {
			t.Fatalf("%+v", r)
		}
	}
}

func (k *kit) use(t testing.TB, on insight.On, persons ...people.Actor) {
	t.Helper()
	for _, a := range persons {
		if _, err := k.insights.UsedIt(t.Context(), a, insight.NewUse{On: on}); err != nil {
			t.Fatal(err)
		}
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("error %v", err)
	case code != "" && err == nil:
		t.Errorf("no error, want %s", code)
	case code != "" && fault.CodeOf(err) != code:
		t.Errorf("error %v, want %s", err, code)
	}
}

// wantUTC refuses times in the zone of the machine.
func wantUTC(t testing.TB, at time.Time) {
	t.Helper()
	if at.Location() != time.UTC {
		t.Errorf("time in zone %s", at.Location())
	}
}

func codes(r insight.Receipt) string {
	var out []string
	for _, f := range r.Refused {
		out = append(out, f.ID+" "+f.Code)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
