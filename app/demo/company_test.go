package demo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media/disk"
	"github.com/fieldreel/fieldreel/media/upload"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// kit is the product without media: takes are sent without their bytes, and what the pipeline would make of
// them is written into their rows.
type kit struct {
	*apptest.Env
	parts    Parts
	insights *insight.Service
	outcomes *outcome.Service
	asks     *ask.Service
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	dir, words := people.NewDirectory(e.DB), vocabulary.NewBook(e.DB)
	if err := words.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	queue, err := jobs.New(e.DB, jobs.Config{Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	notices := notice.New(e.DB)
	videos := video.New(video.Config{Node: "n1", WorkDir: t.TempDir(), Notices: notices, Log: e.Log}, e.DB, store, dir, words, queue)
	return &kit{Env: e, insights: insight.New(e.DB, videos, dir, insight.Config{PersonAnalytics: true}, e.Log), outcomes: outcome.NewService(e.DB, dir, t.TempDir()), asks: ask.New(e.DB, videos, dir),
		parts: Parts{Node: "n1", DB: e.DB, Store: store, Jobs: queue, People: dir, Videos: videos, Notices: notices, WorkDir: t.TempDir(), Log: e.Log,
			TellOfAsks: func(asks *ask.Service, notices *notice.Service) {
				asks.OnAsked = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
					return notices.TellTx(tx, notice.Notice{PersonID: k.ToID, Kind: notice.Ask, ActorID: &k.FromID, AskID: &k.ID, Body: k.Body})
				}
			}}}
}

// send puts a take where filming and the pipeline would have brought it.
func (k *kit) send(t *testing.T, c *Company, p *past, x take) (people.Actor, video.Video) {
	t.Helper()
	ctx := t.Context()
	a, err := c.actor(ctx, x.author)
	if err != nil {
		t.Fatal(err)
	}
	p.clock.set(c.at(x.days))
	id, _, err := p.videos.BeginUpload(ctx, a, video.NewUpload{ClientID: clientID(x, 0), Title: x.title, Kind: "take"})
	if err == nil {
		err = p.videos.FinishUpload(ctx, id, 1000, strings.Repeat("a", 64))
	}
	if err != nil {
		t.Fatal(err)
	}
	_, v, err := c.find(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	err = k.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.Gorm().Exec(`UPDATE videos SET duration_ms = 27000, state = 'ready', media_progressive = ?, media_hls = ? WHERE id = ?`, true, true, v.ID).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	p.clock.set(c.at(x.days - 0.01))
	if err := c.publish(ctx, p, a, v.ID, x); err != nil {
		t.Fatal(err)
	}
	if _, err := p.videos.SetCaptions(ctx, a, v.ID, subtitles(x.said, 27000)); err != nil {
		t.Fatal(err)
	}
	_, v, err = c.find(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	return a, v
}

// TestTheReportsFindTheTruth makes the whole company but its films, and reads back through the use cases what
// was planted in it.
func TestTheReportsFindTheTruth(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ctx := t.Context()
		c, err := Open(ctx, k.parts)
		if err != nil {
			t.Fatal(err)
		}
		c.studio = &studio{speaker: "flite"}
		p := newPast(k.parts)
		if err := c.prepare(ctx, p); err != nil {
			t.Fatal(err)
		}
		for _, x := range c.plan.takes {
			if x.broken {
				continue
			}
			_, v := k.send(t, c, p, x)
			if err := errors.Join(c.watchOne(ctx, p, x, v), c.actOne(ctx, p, x, v)); err != nil {
				t.Fatal(err)
			}
		}
		k.checkEvidence(t, c)
		k.checkModeled(t, c)
		k.checkHomes(t, c)
		before := k.count(t)
		for _, x := range c.plan.takes[:3] { // what was done is not done again, whatever became of its note
			_, v, err := c.find(ctx, x)
			if err := errors.Join(err, c.watchOne(ctx, p, x, v), c.actOne(ctx, p, x, v)); err != nil {
				t.Fatal(err)
			}
		}
		if after := k.count(t); !slices.Equal(before, after) {
			t.Errorf("doing it again changed the numbers of rows from %v to %v", before, after)
		}
	})
}

func (k *kit) count(t *testing.T) []int64 {
	t.Helper()
	var out []int64
	for _, table := range []string{"persons", "teams", "videos", "watch_events", "views", "uses", "saves", "shares", "notes", "notices", "asks", "deals", "vocabulary"} {
		var n int64
		if err := k.DB.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func (k *kit) person(t *testing.T, c *Company, key string) people.Actor {
	t.Helper()
	a, err := c.actor(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) checkEvidence(t *testing.T, c *Company) {
	t.Helper()
	found, err := k.insights.ReportTactics(t.Context(), k.person(t, c, "tara"), insight.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]measure.Verdict{}
	for _, r := range found.Rows {
		got[r.Key] = r.Verdict
	}
	if len(got) != 12 || found.Mature != 1699 || found.Unowned != 0 {
		t.Errorf("%d tactics, %d mature deals, %d of nobody", len(got), found.Mature, found.Unowned)
	}
	checkTruth(t, got)
	// What is counted from watching is what the plan says, deal for deal.
	want, _ := verdicts(c.plan, c.begun)
	for tactic, v := range want {
		if g := got[tactic]; g.Exposed.Deals != v.Exposed.Deals || g.Exposed.Won != v.Exposed.Won || g.Unexposed.Won != v.Unexposed.Won {
			t.Errorf("%s: the report counts %d of %d and %d of %d, the plan %d of %d and %d of %d", tactic, g.Exposed.Won, g.Exposed.Deals, g.Unexposed.Won, g.Unexposed.Deals,
				v.Exposed.Won, v.Exposed.Deals, v.Unexposed.Won, v.Unexposed.Deals)
		}
	}
}

func (k *kit) checkModeled(t *testing.T, c *Company) {
	t.Helper()
	m, err := k.insights.ReportModeled(t.Context(), k.person(t, c, "tara"), insight.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.People) < 15 || m.People[0].Name != "Nadia Okafor" || m.People[0].Used <= m.People[1].Used || len(m.Moments) < 20 {
		t.Errorf("most modeled: %+v of %d, %d moments", m.People[:min(2, len(m.People))], len(m.People), len(m.Moments))
	}
}

// checkHomes looks at what waits for those who can sign in.
func (k *kit) checkHomes(t *testing.T, c *Company) {
	t.Helper()
	ctx := t.Context()
	rita, marco := k.person(t, c, "rita"), k.person(t, c, "marco")
	begun, err := k.insights.Unfinished(ctx, rita, 10)
	if err != nil || len(begun) < 3 {
		t.Errorf("Rita has %d videos to go on with, %v", len(begun), err)
	}
	asked, err := k.asks.List(ctx, rita, ask.Filter{Box: ask.Received, State: ask.Open, Limit: 10})
	if err != nil || len(asked) != 2 {
		t.Errorf("Rita is asked %d things, %v", len(asked), err)
	}
	kept, err := k.insights.Saves(ctx, rita, "", 20)
	if err != nil || len(kept) < 5 {
		t.Errorf("Rita has %d saved moments, %v", len(kept), err)
	}
	sent, err := k.insights.Shares(ctx, rita, insight.Received, "", 20)
	if err != nil || len(sent) < 3 {
		t.Errorf("Rita was sent %d moments, %v", len(sent), err)
	}
	open, err := k.outcomes.List(ctx, rita, outcome.Filter{Owner: "me", Status: outcome.Open})
	if err != nil || len(open) < 5 {
		t.Errorf("Rita has %d open deals, %v", len(open), err)
	}
	fresh, err := k.insights.New(ctx, rita, 10)
	if err != nil || len(fresh) < 2 {
		t.Errorf("%d videos are new to Rita, %v", len(fresh), err)
	}
	watch, err := k.insights.ToWatch(ctx, marco, 20)
	if err != nil || len(watch) < 4 {
		t.Errorf("%d videos wait for Marco, %v", len(watch), err)
	}
	unread, err := k.parts.Notices.Unread(ctx, rita)
	if err != nil || unread < 2 || unread > 25 {
		t.Errorf("Rita has %d unread notices, %v", unread, err)
	}
}

// TestPeopleComeFirst: who opens the company can sign in at once, and it is opened again as it is.
func TestPeopleComeFirst(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		for range 2 {
			c, err := Open(t.Context(), k.parts)
			if err != nil {
				t.Fatal(err)
			}
			if !c.begun.Equal(apptest.Epoch) {
				t.Errorf("begun at %v", c.begun)
			}
			k.Clock.Advance(36 * time.Hour)
		}
		for _, s := range SignIns() {
			in, err := k.parts.People.SignIn(t.Context(), people.SignIn{Email: s.Email, Password: s.Password})
			if err != nil || len(in.Person.Roles) != 1 || string(in.Person.Roles[0]) != s.Role {
				t.Errorf("%s: %+v, %v", s.Email, in, err)
			}
		}
		all, err := k.parts.People.ListPersons(t.Context(), people.System(), "", "", 100)
		if err != nil || len(all) != 30 {
			t.Errorf("%d people, %v", len(all), err)
		}
	})
}

// TestAForeignDatabaseIsRefused: not a word is written where somebody is at home.
func TestAForeignDatabaseIsRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		if _, err := k.parts.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "real@example.com", Name: "Real", Roles: []people.Role{people.Rep}}); err != nil {
			t.Fatal(err)
		}
		before := k.count(t)
		if _, err := Open(t.Context(), k.parts); !errors.Is(err, ErrForeign) {
			t.Fatalf("opened: %v", err)
		}
		if after := k.count(t); !slices.Equal(before, after) || k.DB.Read(t.Context()).Migrator().HasTable("demo_steps") {
			t.Errorf("rows from %v to %v", before, after)
		}
	})
}

// TestRequestsCannotGoBackInTime: without a sender of the demo's in its context an upload is recorded as ever.
func TestRequestsCannotGoBackInTime(t *testing.T) {
	next := &asked{}
	r := Registry(next)
	_, err1 := r.Owner(t.Context())
	_, err2 := r.Create(t.Context(), upload.NewUpload{})
	err3 := r.Authorize(t.Context(), "u")
	err4 := r.Finish(t.Context(), upload.Finished{})
	if err := errors.Join(err1, err2, err3, err4); err != nil || next.times != 4 {
		t.Errorf("asked %d times, %v", next.times, err)
	}
}

// asked counts what it is asked.
type asked struct {
	upload.Registry
	times int
}

func (a *asked) Owner(context.Context) (string, error) { a.times++; return "p", nil }
func (a *asked) Create(context.Context, upload.NewUpload) (upload.Created, error) {
	a.times++
	return upload.Created{}, nil
}
func (a *asked) Authorize(context.Context, string) error       { a.times++; return nil }
func (a *asked) Finish(context.Context, upload.Finished) error { a.times++; return nil }
