package ask_test

import (
	"context"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
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
	dir  *people.Directory
	asks *ask.Service
	// told collects what the composition is told of.
	told []ask.Ask
	// ana and ben are reps of one team, cleo of none; mia manages the team.
	ana, ben, cleo, mia people.Actor
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB)}
	videos := video.New(video.Config{Node: "test", Log: e.Log}, e.DB, nil, k.dir, vocabulary.NewBook(e.DB), nil)
	k.dir.OnMoved = videos.AuthorsMoved
	k.asks = ask.New(e.DB, videos, k.dir)
	tell := func(_ context.Context, _ *db.Tx, a ask.Ask) error {
		k.told = append(k.told, a)
		return nil
	}
	k.asks.OnAsked, k.asks.OnAnswered, k.asks.OnWithdrawn = tell, tell, tell
	team, err := k.dir.AddTeam(t.Context(), people.System(), "North", nil)
	if err != nil {
		t.Fatal(err)
	}
	for p, seat := range map[*people.Actor]people.Seat{&k.ana: people.AsMember, &k.ben: people.AsMember, &k.mia: people.AsManager} {
		*p = k.add(t, "Somebody")
		if err := k.dir.Place(t.Context(), people.System(), team.ID, p.PersonID, seat); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.mia} {
		*p = k.actor(t, p.PersonID)
	}
	k.cleo = k.add(t, "Cleo")
	return k
}

func (k *kit) add(t *testing.T, name string) people.Actor {
	t.Helper()
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: name, Roles: []people.Role{people.Rep}})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) actor(t *testing.T, id string) people.Actor {
	t.Helper()
	a, err := k.dir.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// film makes a video of a minute.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, state video.State) string {
	t.Helper()
	id, now := ident.New(), k.Clock.Now()
	k.exec(t, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, 'A film', '', ?, '', '', ?, 90, 'take', '', 'video/mp4', 1, '', 60000, 1, 1, ?, ?, ?, ?, ?, ?, 'ready', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, author.PersonID, string(state), string(audience), true, true, true, true, true, true, now, now)
	err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		place, err := k.dir.PlaceTx(tx, author.PersonID)
		if err != nil {
			return err
		}
		for _, key := range people.AudienceKeys(audience, place, nil) {
			if err := tx.Gorm().Exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, key).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// make asks, and must be allowed to.
func (k *kit) make(t *testing.T, from, to people.Actor, text string) ask.Ask {
	t.Helper()
	made, err := k.asks.Make(t.Context(), from, ask.NewAsk{ToID: to.PersonID, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// list gives the texts of a box.
func (k *kit) list(t *testing.T, a people.Actor, f ask.Filter) []string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 50
	}
	asks, err := k.asks.List(t.Context(), a, f)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, x := range asks {
		if x.CreatedAt.Location() != time.UTC {
			t.Errorf("time in zone %s", x.CreatedAt.Location())
		}
		texts = append(texts, x.Body)
	}
	return texts
}

// wantCode also says in which field.
func wantCode(t *testing.T, err error, code, field string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
	if got := fieldOf(err); got != field {
		t.Errorf("%s in field %q, want %q", code, got, field)
	}
}
