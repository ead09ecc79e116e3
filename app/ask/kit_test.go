package ask_test

import (
	"context"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/people/peopletest"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/video/videotest"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

type kit struct {
	*apptest.Env
	peopletest.Company
	asks *ask.Service
	// told collects what the composition is told of.
	told []ask.Ask
	// ana and ben are reps of one team, cleo of none; mia manages the team.
	ana, ben, cleo, mia people.Actor
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, Company: peopletest.Company{People: people.NewDirectory(e.DB)}}
	videos := video.New(video.Config{Node: "test", Log: e.Log}, e.DB, nil, k.People, vocabulary.NewBook(e.DB), nil)
	k.People.OnMoved = videos.AuthorsMoved
	k.asks = ask.New(e.DB, videos, k.People)
	tell := func(_ context.Context, _ *db.Tx, a ask.Ask) error {
		k.told = append(k.told, a)
		return nil
	}
	k.asks.OnAsked, k.asks.OnAnswered, k.asks.OnWithdrawn = tell, tell, tell
	team := k.Team(t, "North", nil)
	for p, seat := range map[*people.Actor]people.Seat{&k.ana: people.AsMember, &k.ben: people.AsMember, &k.mia: people.AsManager} {
		*p = k.Add(t, "Somebody", "", people.Rep)
		k.Place(t, team, *p, seat)
	}
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.mia} {
		*p = k.Actor(t, p.PersonID)
	}
	k.cleo = k.Add(t, "Cleo", "", people.Rep)
	return k
}

// film makes a video of a minute.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, state video.State) string {
	t.Helper()
	return videotest.Film{Audience: audience, State: state}.Make(t, k.Env, author)
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
