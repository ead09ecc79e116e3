package live_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/live"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// kit is a company whose videos change on this node; far is another node, which only hears of that by
// asking.
type kit struct {
	*apptest.Env
	people    *people.Directory
	videos    *video.Service
	notices   *notice.Service
	near, far *live.Service
}

func newKit(t testing.TB, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, people: people.NewDirectory(e.DB), notices: notice.New(e.DB)}
	q, err := jobs.New(e.DB, jobs.Config{Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	k.videos = video.New(video.Config{Node: "n1", Log: e.Log, Notices: k.notices}, e.DB, nil, k.people, vocabulary.NewBook(e.DB), q)
	k.people.OnMoved = k.videos.AuthorsMoved
	k.near, k.far = k.node(t), k.node(t)
	k.videos.OnChanged, k.notices.OnTold = k.near.Wake, k.near.Wake
	return k
}

func (k *kit) node(t testing.TB) *live.Service {
	t.Helper()
	s := live.New(k.DB, k.videos, k.notices, k.people, k.Log)
	t.Cleanup(s.Stop)
	return s
}

// add makes a person and gives them as signed in with a token, whose id it gives too.
func (k *kit) add(t testing.TB, name string) (people.Actor, string) {
	t.Helper()
	p, err := k.people.AddPerson(t.Context(), people.System(), people.NewPerson{Email: strings.ReplaceAll(name, " ", ".") + "@example.com", Name: name, Roles: []people.Role{people.Rep}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := k.people.ActorFor(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	token, secret, err := k.people.NewToken(t.Context(), a, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = k.people.AuthenticateToken(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	return a, token.ID
}

// take makes a video of the actor's.
func (k *kit) take(t testing.TB, a people.Actor) string {
	t.Helper()
	id, _, err := k.videos.BeginUpload(t.Context(), a, video.NewUpload{Title: "A take"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.videos.FinishUpload(t.Context(), id, 1, strings.Repeat("0", 64)); err != nil {
		t.Fatal(err)
	}
	u, err := k.videos.OwnUpload(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return *u.VideoID
}

func (k *kit) change(t testing.TB, a people.Actor, id string, c video.Change) {
	t.Helper()
	if _, err := k.videos.Change(t.Context(), a, id, c); err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func listen(t testing.TB, s *live.Service, a people.Actor) *live.Listener {
	t.Helper()
	l, err := s.Listen(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if e := next(t, l); !e.Hello || e.Unread == nil {
		t.Fatalf("begins with %+v", e)
	}
	return l
}

// next waits for events.
func next(t testing.TB, l *live.Listener) live.Events {
	t.Helper()
	select {
	case <-l.Ready():
		return l.Take()
	case <-l.Done():
		t.Fatal("the listener has ended")
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
	}
	return live.Events{}
}

// titled waits until a listener is told of a video with this title.
func titled(t testing.TB, l *live.Listener, title string) {
	t.Helper()
	for {
		for _, v := range next(t, l).Videos {
			if v.Title == title {
				return
			}
		}
	}
}

func quiet(t testing.TB, l *live.Listener, why string) {
	t.Helper()
	select {
	case <-l.Ready():
		t.Errorf("%s: told %+v", why, l.Take())
	default:
	}
}

func ended(t testing.TB, l *live.Listener, within time.Duration) {
	t.Helper()
	select {
	case <-l.Done():
	case <-time.After(within):
		t.Errorf("the listener has not ended within %s", within)
	}
}

// TestTellsWhoMaySee: on the node of the change at once, on another within moments; to whom it may concern
// as it then is.
func TestTellsWhoMaySee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, _ := k.add(t, "ana")
		ben, _ := k.add(t, "ben")
		cid, _ := k.add(t, "cid")
		team, err := k.people.AddTeam(t.Context(), people.System(), "North", nil)
		if err != nil {
			t.Fatal(err)
		}
		seat := func(a people.Actor) {
			if err := k.people.Place(t.Context(), people.System(), team.ID, a.PersonID, people.AsMember); err != nil {
				t.Fatal(err)
			}
		}
		seat(ana)
		lAna, lBen, lCid, lFar := listen(t, k.near, ana), listen(t, k.near, ben), listen(t, k.near, cid), listen(t, k.far, ben)

		id := k.take(t, ana)
		if e := next(t, lAna); len(e.Videos) != 1 || e.Videos[0].ID != id || e.Videos[0].State != video.Processing || e.Hello || e.Unread != nil {
			t.Errorf("ana was told %+v", e)
		}
		began := time.Now()
		k.change(t, ana, id, video.Change{Audience: ptr(people.Everyone), Title: ptr("for all")})
		titled(t, lBen, "for all")
		titled(t, lCid, "for all")
		titled(t, lFar, "for all")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("told after %s on another node", took)
		}
		fastest := time.Hour // of a few: others may be busy on this machine
		for i := range 5 {
			title := fmt.Sprintf("again %d", i)
			began := time.Now()
			k.change(t, ana, id, video.Change{Title: &title})
			titled(t, lBen, title)
			titled(t, lCid, title)
			fastest = min(fastest, time.Since(began))
		}
		if fastest > 300*time.Millisecond {
			t.Errorf("told after %s at best on this node", fastest)
		}
		titled(t, lFar, "again 4")

		k.change(t, ana, id, video.Change{Audience: ptr(people.MyTeam), Title: ptr("for the team")})
		titled(t, lAna, "for the team")
		seat(ben) // while he is connected
		k.change(t, ana, id, video.Change{Title: ptr("to ben too")})
		titled(t, lBen, "to ben too")
		titled(t, lFar, "to ben too")
		if err := k.videos.Delete(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
		for {
			if e := next(t, lAna); len(e.Videos) == 1 && e.Videos[0].DeletedAt != nil {
				break
			}
		}
		quiet(t, lBen, "deleted")
		quiet(t, lCid, "narrowed")
		quiet(t, lFar, "deleted")
	})
}

func TestTellsOfNotices(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, _ := k.add(t, "ana")
		ben, _ := k.add(t, "ben")
		id := k.take(t, ana)
		k.change(t, ana, id, video.Change{Audience: ptr(people.Everyone)})
		near, far, lBen := listen(t, k.near, ana), listen(t, k.far, ana), listen(t, k.near, ben)
		unread := func(want int) {
			t.Helper()
			for _, l := range []*live.Listener{near, far} {
				if e := next(t, l); e.Unread == nil || *e.Unread != want || e.Hello {
					t.Errorf("told %+v, want %d unread", e, want)
				}
			}
		}
		if _, err := k.videos.WriteNote(t.Context(), ben, id, "", 0, "Well said"); err != nil {
			t.Fatal(err)
		}
		unread(1)
		if _, err := k.notices.Read(t.Context(), ana, nil, true); err != nil { // on one device: the others follow
			t.Fatal(err)
		}
		unread(0)
		quiet(t, lBen, "others' notices")
	})
}

func TestEndsWithTheSession(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, token := k.add(t, "ana")
		ben, benToken := k.add(t, "ben")
		id := k.take(t, ana)
		lAna, other, lBen := listen(t, k.near, ana), listen(t, k.near, ana), listen(t, k.far, ben)
		if err := k.people.RevokeToken(t.Context(), ana, token); err != nil {
			t.Fatal(err)
		}
		k.change(t, ana, id, video.Change{Title: ptr("not for that token")})
		ended(t, lAna, 5*time.Second)
		ended(t, other, 5*time.Second)
		quiet(t, lAna, "token revoked")
		if err := k.people.RevokeToken(t.Context(), ben, benToken); err != nil {
			t.Fatal(err)
		}
		ended(t, lBen, 20*time.Second) // though nothing happens
	})
}

// TestManyListeners: a change is told to 200 within a moment, and Stop ends them all at once.
func TestManyListeners(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, _ := k.add(t, "ana")
		id := k.take(t, ana)
		k.change(t, ana, id, video.Change{Audience: ptr(people.Everyone)})
		var all []*live.Listener
		for i := range 50 {
			p, _ := k.add(t, fmt.Sprintf("p%d", i))
			for range 4 {
				all = append(all, listen(t, k.near, p))
			}
		}
		for round := range 3 {
			title := fmt.Sprintf("round %d", round)
			began := time.Now()
			k.change(t, ana, id, video.Change{Title: &title})
			for _, l := range all {
				titled(t, l, title)
			}
			took := time.Since(began)
			t.Logf("200 told after %s", took)
			if took > 5*time.Second {
				t.Errorf("200 told after %s", took)
			}
		}
		began := time.Now()
		k.near.Stop()
		for _, l := range all {
			ended(t, l, 5*time.Second)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("stopped after %s", took)
		}
		_, err := k.near.Listen(t.Context(), ana)
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("after Stop: %v", err)
		}
		for _, l := range all {
			l.Close()
		}
	})
}

// TestNothingIsMissed begins to listen while videos change: whatever is not in the database when the hello
// comes is told.
func TestNothingIsMissed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, _ := k.add(t, "ana")
		var ids []string
		for range 4 {
			ids = append(ids, k.take(t, ana))
		}
		var work sync.WaitGroup
		for i, id := range ids {
			work.Go(func() {
				for n := range 25 {
					title := fmt.Sprintf("%d of %d", n, i)
					if _, err := k.videos.Change(context.Background(), ana, id, video.Change{Title: &title}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 10 { // the follower ends and begins with each of them
			l := listen(t, k.node(t), ana)
			have := map[string]int64{}
			for _, id := range ids {
				v, err := k.videos.Get(t.Context(), ana, id)
				if err != nil {
					t.Fatal(err)
				}
				have[id] = v.Version
			}
			deadline := time.Now().Add(10 * time.Second)
			for lag := true; lag && time.Now().Before(deadline); {
				lag = false
				for _, id := range ids {
					v, err := k.videos.Get(t.Context(), ana, id)
					if err != nil {
						t.Fatal(err)
					}
					lag = lag || v.Version != have[id]
				}
				if lag {
					for _, v := range next(t, l).Videos {
						have[v.ID] = max(have[v.ID], v.Version)
					}
				}
			}
			if !time.Now().Before(deadline) {
				t.Errorf("a listener has not caught up: %v", have)
			}
			l.Close()
		}
		work.Wait()
	})
}

// TestDatabaseAway: a follower outlives failures, and tells afterwards.
func TestDatabaseAway(t *testing.T) {
	e := apptest.SQLite(t)
	k := newKit(t, e)
	ana, _ := k.add(t, "ana")
	id := k.take(t, ana)
	l := listen(t, k.near, ana)
	exec := func(q string) {
		if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(q).Error }); err != nil {
			t.Fatal(err)
		}
	}
	exec(`ALTER TABLE notice_changes RENAME TO away`)
	k.change(t, ana, id, video.Change{Title: ptr("meanwhile")})
	refused, err := k.far.Listen(cancelled(t, 1500*time.Millisecond), ana)
	if err == nil {
		t.Errorf("listens without a feed: %+v", refused.Take())
	}
	quiet(t, l, "the feeds cannot be read")
	exec(`ALTER TABLE away RENAME TO notice_changes`)
	titled(t, l, "meanwhile")
}

func cancelled(t testing.TB, after time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), after)
	t.Cleanup(cancel)
	return ctx
}

// BenchmarkTell is one change told to 200 listeners of 50 persons.
func BenchmarkTell(b *testing.B) {
	e := apptest.SQLite(b)
	e.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	k := newKit(b, e)
	ana, _ := k.add(b, "ana")
	id := k.take(b, ana)
	k.change(b, ana, id, video.Change{Audience: ptr(people.Everyone)})
	var all []*live.Listener
	for i := range 50 {
		p, _ := k.add(b, fmt.Sprintf("p%d", i))
		for range 4 {
			all = append(all, listen(b, k.near, p))
		}
	}
	n := 0
	for b.Loop() {
		n++
		title := fmt.Sprint(n)
		k.change(b, ana, id, video.Change{Title: &title})
		for _, l := range all {
			titled(b, l, title)
		}
	}
}
