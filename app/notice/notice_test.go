package notice_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

type kit struct {
	*apptest.Env
	dir     *people.Directory
	notices *notice.Service
	woken   int
}

func newKit(t testing.TB, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), notices: notice.New(e.DB)}
	k.notices.OnTold = func() { k.woken++ }
	return k
}

func (k *kit) add(t testing.TB, name string) people.Actor {
	t.Helper()
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: name + "@example.com", Name: name, Roles: []people.Role{people.Rep}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := k.dir.ActorFor(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(context.Background(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (k *kit) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := k.DB.Read(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// film makes a video that those with one of the keys may see.
func (k *kit) film(t testing.TB, author people.Actor, keys ...string) string {
	t.Helper()
	id, now := ident.New(), k.Clock.Now()
	k.exec(t, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, 'Film', '', 'ready', '', '', 'private', 90, 'take', '', 'video/mp4', 1, '', 60000, 1, 1, ?, ?, ?, ?, ?, ?, 'ready', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, author.PersonID, true, true, true, true, true, true, now, now)
	for _, key := range append(keys, "p:"+author.PersonID) {
		k.exec(t, `INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, key)
	}
	return id
}

func (k *kit) tell(t testing.TB, ns ...notice.Notice) {
	t.Helper()
	k.Clock.Advance(time.Second) // they are listed by their time
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.notices.TellTx(tx, ns...) }); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) list(t testing.TB, a people.Actor, f notice.Filter) []notice.Notice {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	out, err := k.notices.List(t.Context(), a, f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (k *kit) unread(t testing.TB, a people.Actor, want int) {
	t.Helper()
	if n, err := k.notices.Unread(t.Context(), a); err != nil || n != want {
		t.Errorf("%s has %d unread, %v; want %d", a.Name, n, err, want)
	}
}

func ptr[T any](v T) *T { return &v }

func TestTell(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "ana"), k.add(t, "ben")
		film := k.film(t, ana, "e")
		told := notice.Notice{PersonID: ben.PersonID, Kind: notice.Share, ActorID: &ana.PersonID, VideoID: &film, StartMS: ptr(int64(5)), EndMS: ptr(int64(900)), Body: "Look\n\tat this"}
		k.tell(t, told)
		got := k.list(t, ben, notice.Filter{})
		if len(got) != 1 || k.woken != 1 {
			t.Fatalf("%d notices, woken %d", len(got), k.woken)
		}
		n := got[0]
		if n.Kind != notice.Share || *n.ActorID != ana.PersonID || *n.VideoID != film || *n.StartMS != 5 || *n.EndMS != 900 || n.AtMS != nil || n.Body != "Look at this" ||
			!n.CreatedAt.Equal(k.Clock.Now()) || n.CreatedAt.Location() != time.UTC || n.ReadAt != nil || n.NoteID != nil || n.AskID != nil {
			t.Errorf("%+v", n)
		}
		k.unread(t, ben, 1)
		// One's own acts, nobody, and the same person for a second reason.
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Note, ActorID: &ana.PersonID, VideoID: &film}, notice.Notice{Kind: notice.Note},
			notice.Notice{PersonID: ben.PersonID, Kind: notice.Reply, VideoID: &film}, notice.Notice{PersonID: ben.PersonID, Kind: notice.Note, VideoID: &film})
		if got := k.list(t, ben, notice.Filter{}); len(got) != 2 || got[0].Kind != notice.Reply || got[0].ActorID != nil {
			t.Errorf("%+v", got)
		}
		k.unread(t, ana, 0)
		// Nothing is written for nobody, nor when the cause is rolled back.
		changes := k.count(t, `SELECT COUNT(*) FROM notice_changes`)
		k.tell(t)
		err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			if err := k.notices.TellTx(tx, told); err != nil {
				return err
			}
			return fault.Missing("cause")
		})
		if err == nil || k.woken != 2 || k.count(t, `SELECT COUNT(*) FROM notice_changes`) != changes || changes != 2 {
			t.Errorf("%v, woken %d, %d changes", err, k.woken, changes)
		}
		k.unread(t, ben, 2)
		told.VideoID = ptr(ident.New())
		if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.notices.TellTx(tx, told) }); !fault.Is(err, fault.NotFound) {
			t.Errorf("of a video that is not there: %v", err)
		}
	})
}

// TestOnlyWhatOneMaySee: a notice of a video comes and goes with the right to see it; one without a video
// stays.
func TestOnlyWhatOneMaySee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cid := k.add(t, "ana"), k.add(t, "ben"), k.add(t, "cid")
		hidden, open := k.film(t, ana), k.film(t, ana, "e")
		for _, v := range []*string{&hidden, &open, nil} {
			k.tell(t, notice.Notice{PersonID: ben.PersonID, Kind: notice.Answer, ActorID: &ana.PersonID, VideoID: v, AskID: ptr("ask")})
		}
		see := func(want int) {
			t.Helper()
			if got := k.list(t, ben, notice.Filter{}); len(got) != want {
				t.Errorf("%d notices, want %d", len(got), want)
			}
			k.unread(t, ben, want)
		}
		see(2)
		k.exec(t, `INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, hidden, "p:"+ben.PersonID)
		see(3)
		k.exec(t, `DELETE FROM video_audience WHERE video_id = ? AND key = 'e'`, open)
		see(2)
		k.exec(t, `UPDATE videos SET deleted_at = ? WHERE id = ?`, k.Clock.Now(), hidden)
		see(1)
		if got := k.list(t, cid, notice.Filter{}); len(got) != 0 {
			t.Errorf("cid reads ben's: %+v", got)
		}
		if got := k.list(t, people.Actor{PersonID: ben.PersonID}, notice.Filter{}); len(got) != 1 {
			t.Errorf("somebody without a reach sees %d", len(got))
		}
	})
}

func TestPagesAndReading(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cid := k.add(t, "ana"), k.add(t, "ben"), k.add(t, "cid")
		for i := range 7 {
			k.tell(t, notice.Notice{PersonID: ben.PersonID, Kind: notice.Ask, ActorID: &ana.PersonID, Body: fmt.Sprint(i)})
		}
		k.tell(t, notice.Notice{PersonID: cid.PersonID, Kind: notice.Ask, ActorID: &ana.PersonID})
		bodies := func(ns []notice.Notice) (out string) {
			for _, n := range ns {
				out += n.Body
			}
			return out
		}
		var all []notice.Notice
		for before := ""; ; before = all[len(all)-1].ID {
			some := k.list(t, ben, notice.Filter{Before: before, Limit: 3})
			if all = append(all, some...); len(some) < 3 {
				break
			}
		}
		if got := bodies(all); got != "6543210" {
			t.Errorf("pages give %s", got)
		}
		woken := k.woken
		read := func(a people.Actor, want int, every bool, ids ...string) {
			t.Helper()
			if left, err := k.notices.Read(t.Context(), a, ids, every); err != nil || left != want {
				t.Errorf("%d left, %v; want %d", left, err, want)
			}
		}
		ids := []string{strings.ToUpper(all[1].ID), all[3].ID}
		read(ben, 5, false, ids...)
		read(ben, 5, false, ids...) // seen before
		read(cid, 1, false, ids...) // others'
		if k.woken != woken+1 || ids[0] != strings.ToUpper(all[1].ID) {
			t.Errorf("woken %d times; ids %v", k.woken-woken, ids)
		}
		if got := bodies(k.list(t, ben, notice.Filter{Unread: true})); got != "64210" {
			t.Errorf("unread %s", got)
		}
		if got := bodies(k.list(t, ben, notice.Filter{Unread: true, Before: all[2].ID, Limit: 2})); got != "21" {
			t.Errorf("unread, second page %s", got)
		}
		k.Clock.Advance(time.Hour)
		read(ben, 0, true)
		read(ben, 0, true)
		got := k.list(t, ben, notice.Filter{})
		if len(got) != 7 || got[1].ReadAt.Equal(*got[0].ReadAt) || !got[0].ReadAt.Equal(k.Clock.Now()) {
			t.Errorf("when they were read: %v, %v", got[0].ReadAt, got[1].ReadAt)
		}
		k.unread(t, cid, 1)
		for name, err := range map[string]error{
			"required":       second(k.notices.Read(t.Context(), ben, nil, false)),
			"id_invalid":     second(k.notices.Read(t.Context(), ben, []string{"\x00"}, false)),
			"too_many":       second(k.notices.Read(t.Context(), ben, slices.Repeat([]string{all[0].ID}, 201), true)),
			"cursor_unknown": second(k.notices.List(t.Context(), ben, notice.Filter{Before: "\x00", Limit: 1})),
		} {
			if fault.CodeOf(err) != name || err == nil {
				t.Errorf("%v, want %s", err, name)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestTakenBack: what was deleted, withdrawn or mended is told of no longer, and whoever was told hears of it.
func TestTakenBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "ana"), k.add(t, "ben")
		film, other := k.film(t, ana, "e"), k.film(t, ana, "e")
		note := ident.New()
		k.exec(t, `INSERT INTO notes (id, video_id, author_id, at_ms, body, created_at, updated_at) VALUES (?, ?, ?, 0, 'x', ?, ?)`, note, film, ben.PersonID, k.Clock.Now(), k.Clock.Now())
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Note, ActorID: &ben.PersonID, VideoID: &film, NoteID: &note, Body: "one"})
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Failed, VideoID: &film, Body: "two"})
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Failed, VideoID: &other, Body: "three"})
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Ask, ActorID: &ben.PersonID, AskID: ptr("a1"), Body: "four"}, notice.Notice{PersonID: ben.PersonID, Kind: notice.Ask, AskID: ptr("a1"), Body: "five"})
		in := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := k.DB.Tx(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		want := func(bodies ...string) {
			t.Helper()
			var got []string
			for _, n := range k.list(t, ana, notice.Filter{}) {
				got = append(got, n.Body)
			}
			if !slices.Equal(got, bodies) {
				t.Errorf("told of %v, want %v", got, bodies)
			}
		}
		want("four", "three", "two", "one")
		in(func(tx *db.Tx) error { return k.notices.RewordTx(tx, note, "  better words ") })
		want("four", "three", "two", "better words")
		woken := k.woken
		in(func(tx *db.Tx) error { return k.notices.ForgetFailureTx(tx, film) })
		want("four", "three", "better words")
		in(func(tx *db.Tx) error { return k.notices.ForgetNoteTx(tx, note) })
		want("four", "three")
		in(func(tx *db.Tx) error { return k.notices.ForgetAskTx(tx, "a1") })
		want("three")
		k.unread(t, ben, 0)
		in(func(tx *db.Tx) error { return k.notices.ForgetAskTx(tx, "a1") }) // again: nobody is woken
		if k.woken != woken+3 {
			t.Errorf("woken %d times", k.woken-woken)
		}
		k.exec(t, `DELETE FROM videos WHERE id = ?`, other)
		want()
	})
}

func TestTrim(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "ana")
		for range 3 {
			k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Ask, Body: "old"})
		}
		k.Clock.Advance(181 * 24 * time.Hour)
		trim := func(notices, changes int) {
			t.Helper()
			if err := k.notices.Trim(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, c := k.count(t, `SELECT COUNT(*) FROM notices`), k.count(t, `SELECT COUNT(*) FROM notice_changes`); n != notices || c != changes {
				t.Errorf("%d notices and %d changes are kept, want %d and %d", n, c, notices, changes)
			}
		}
		trim(0, 1) // where the feed ends is kept
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Ask, Body: "young"})
		trim(1, 1)
		k.Clock.Advance(time.Minute)
		k.tell(t, notice.Notice{PersonID: ana.PersonID, Kind: notice.Ask, Body: "younger"})
		trim(2, 2)
		if seq := k.count(t, `SELECT MAX(seq) FROM notice_changes`); seq != 5 {
			t.Errorf("the feed ends at %d", seq)
		}
	})
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("wörter und ", 40)
	for _, c := range [][2]string{
		{"", ""},
		{" one \n two\t three ", "one two three"},
		{strings.Repeat("ö", 160), strings.Repeat("ö", 160)},
		{strings.Repeat("ö", 161), strings.Repeat("ö", 159) + "…"},
	} {
		if got := notice.Excerpt(c[0]); got != c[1] {
			t.Errorf("Excerpt(%q) = %q", c[0], got)
		}
	}
	got := notice.Excerpt(long)
	if n := utf8.RuneCountInString(got); n > 160 || n < 140 || !strings.HasSuffix(got, "…") || !strings.HasPrefix(long, strings.TrimSuffix(got, "…")) || strings.HasSuffix(got, " …") || !utf8.ValidString(got) {
		t.Errorf("%d characters: %q", n, got)
	}
}
