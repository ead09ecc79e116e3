package video_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// told gives what a person was told of, oldest first: the kind and the words.
func (k *kit) told(t testing.TB, a people.Actor) []string {
	t.Helper()
	ns, err := notice.New(k.DB).List(t.Context(), a, notice.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range slices.Backward(ns) {
		out = append(out, string(n.Kind)+": "+n.Body)
	}
	return out
}

func (k *kit) wantTold(t testing.TB, a people.Actor, want ...string) {
	t.Helper()
	if got := k.told(t, a); !slices.Equal(got, want) {
		t.Errorf("%s was told of %q, want %q", a.Name, got, want)
	}
}

func (k *kit) note(t testing.TB, a people.Actor, v video.Video, atMS int64, body string) video.TimedNote {
	t.Helper()
	k.Clock.Advance(time.Second)
	n, err := k.videos.WriteNote(t.Context(), a, v.ID, "", atMS, body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (k *kit) reply(t testing.TB, a people.Actor, v video.Video, to, body string) video.TimedNote {
	t.Helper()
	k.Clock.Advance(time.Second)
	n, err := k.videos.Reply(t.Context(), a, v.ID, "", to, body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// notes gives the words of the notes on a video in their order, read in pages.
func (k *kit) notes(t testing.TB, a people.Actor, v video.Video, page int) (out []string) {
	t.Helper()
	after := ""
	for {
		ns, err := k.videos.Notes(t.Context(), a, v.ID, after, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range ns {
			out = append(out, n.Body)
		}
		if len(ns) < page {
			return out
		}
		after = ns[page-1].Cursor()
	}
}

func everyone(r *recording) { r.audience = people.Everyone }

func TestThreads(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cid, dan := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cid"), k.add(t, "Dan")
		v, other := k.take(t, ana, everyone), k.take(t, ana, everyone)
		first := k.note(t, ben, v, 5000, "Why wait here?")
		k.note(t, dan, v, 1000, "Nice opening")
		second := k.reply(t, ana, v, first.ID, "They were thinking")
		third := k.reply(t, cid, v, second.ID, "I would ask again") // joins the thread
		fourth := k.reply(t, ben, v, first.ID, "Me too")
		for _, n := range []video.TimedNote{second, third, fourth} {
			if n.ReplyTo == nil || *n.ReplyTo != first.ID || n.AtMS != 5000 {
				t.Errorf("%q: %+v", n.Body, n)
			}
		}
		want := []string{"Nice opening", "Why wait here?", "They were thinking", "I would ask again", "Me too"}
		for _, page := range []int{1, 2, 3, 5, 50} {
			if got := k.notes(t, cid, v, page); !slices.Equal(got, want) {
				t.Errorf("by %d: %q", page, got)
			}
		}
		k.wantTold(t, ana, "note: Why wait here?", "note: Nice opening", "reply: I would ask again", "reply: Me too")
		k.wantTold(t, ben, "reply: They were thinking", "reply: I would ask again")
		k.wantTold(t, cid, "reply: Me too")
		k.wantTold(t, dan)

		// The same reply twice is one, and tells once; under another video's note, or none, it is refused.
		again, err := k.videos.Reply(t.Context(), cid, v.ID, third.ID, first.ID, "Sent twice")
		if err != nil || again.Body != third.Body {
			t.Errorf("%+v, %v", again, err)
		}
		k.wantTold(t, ben, "reply: They were thinking", "reply: I would ask again")
		for _, to := range []string{ident.New(), "\x00", "", first.ID} {
			target := v
			if to == first.ID {
				target = other
			}
			_, err := k.videos.Reply(t.Context(), cid, target.ID, "", to, "x")
			wantCode(t, err, "note_not_found")
		}
		private := k.take(t, ana)
		_, err = k.videos.Reply(t.Context(), cid, private.ID, "", first.ID, "x")
		wantCode(t, err, "video_not_found")
		for _, cursor := range []string{"x", "1.2", "1.2." + first.ID, "a.2." + first.ID, first.Cursor() + "x", "9999999999999999999.1." + first.ID, "1.-9223372036854775808." + first.ID} {
			_, err := k.videos.Notes(t.Context(), ana, v.ID, cursor, 5)
			wantCode(t, err, "cursor_unknown")
		}

		// What was told follows the words, and is taken back with them.
		if _, err := k.videos.EditNote(t.Context(), cid, v.ID, third.ID, "I would ask twice"); err != nil {
			t.Fatal(err)
		}
		k.wantTold(t, ben, "reply: They were thinking", "reply: I would ask twice")
		if err := k.videos.DeleteNote(t.Context(), cid, v.ID, third.ID); err != nil {
			t.Fatal(err)
		}
		k.wantTold(t, ben, "reply: They were thinking")
	})
}

// TestDeletedNoteWithReplies: the words and the writer go, the replies stay, and with the last of them the
// empty note goes.
func TestDeletedNoteWithReplies(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cid := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cid")
		v := k.take(t, ana, everyone)
		first := k.note(t, ben, v, 5000, "Delete me")
		second := k.reply(t, cid, v, first.ID, "An answer")
		remove := func(a people.Actor, id string) {
			t.Helper()
			if err := k.videos.DeleteNote(t.Context(), a, v.ID, id); err != nil {
				t.Fatal(err)
			}
		}
		remove(ben, first.ID)
		ns, err := k.videos.Notes(t.Context(), ana, v.ID, "", 10)
		if err != nil || len(ns) != 2 || ns[0].ID != first.ID || ns[0].Body != "" || ns[0].DeletedAt == nil || ns[1].Body != "An answer" || ns[1].DeletedAt != nil {
			t.Fatalf("%+v, %v", ns, err)
		}
		if n := k.count(t, `SELECT COUNT(*) FROM notes WHERE body = 'Delete me'`) + k.count(t, `SELECT COUNT(*) FROM notices WHERE body = 'Delete me'`); n != 0 {
			t.Error("the words are still there")
		}
		_, err = k.videos.EditNote(t.Context(), ben, v.ID, first.ID, "Back again")
		wantCode(t, err, "note_not_found")
		wantCode(t, k.videos.DeleteNote(t.Context(), ben, v.ID, first.ID), "note_not_found")
		// The thread goes on; its first writer is told of nothing any more.
		told := len(k.told(t, ben))
		third := k.reply(t, ana, v, first.ID, "Still of use")
		if len(k.told(t, ben)) != told {
			t.Error("ben was told of a thread that his words have left")
		}
		k.wantTold(t, cid, "reply: Still of use")
		remove(cid, second.ID)
		if got := k.notes(t, ana, v, 10); len(got) != 2 {
			t.Errorf("%q", got)
		}
		remove(ana, third.ID)
		if got := k.notes(t, ana, v, 10); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
}

// TestThreadsAtOnce answers and deletes one note at the same time: a reply is never lost with it, and never
// hangs on nothing.
func TestThreadsAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		v := k.take(t, ana, everyone)
		for round := range 8 {
			first := k.note(t, ben, v, int64(round), "First")
			var work sync.WaitGroup
			var wrote [2]bool
			for i := range wrote {
				work.Go(func() {
					_, err := k.videos.Reply(context.Background(), ana, v.ID, "", first.ID, fmt.Sprintf("%d answers %d", i, round))
					if wrote[i] = err == nil; err != nil && !strings.Contains(err.Error(), "note_not_found") {
						t.Error(err)
					}
				})
			}
			work.Go(func() {
				if err := k.videos.DeleteNote(context.Background(), ben, v.ID, first.ID); err != nil {
					t.Error(err)
				}
			})
			work.Wait()
			for i, ok := range wrote {
				if n := k.count(t, `SELECT COUNT(*) FROM notes WHERE body = ?`, fmt.Sprintf("%d answers %d", i, round)); (n == 1) != ok {
					t.Errorf("round %d: reply %d acknowledged: %v, kept: %d", round, i, ok, n)
				}
			}
		}
	})
}

func TestFailureIsTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		k.Clock.Advance(time.Second)
		up, id := k.upload(t, ana)
		k.exec(t, `UPDATE videos SET media_original = false WHERE id = ?`, id)
		// Without ffmpeg nothing can be made of it: the last worker says so, once.
		if err := k.videos.Ingest(t.Context(), id, up, true); err != nil {
			t.Fatal(err)
		}
		k.wantTold(t, ana)
		for range 2 {
			if err := k.videos.Process(t.Context(), id, true); err != nil {
				t.Fatal(err)
			}
			k.wantTold(t, ana, "failed: ffmpeg is not installed.")
		}
		if _, err := k.videos.Retry(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
		k.wantTold(t, ana) // it is worked on again
		if err := k.videos.Process(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		k.wantTold(t, ana, "failed: ffmpeg is not installed.")
	})
}

func TestOwnUploads(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		begin := func(a people.Actor, client string) string {
			t.Helper()
			id, _, err := k.videos.BeginUpload(t.Context(), a, video.NewUpload{ClientID: client, Length: ptr(int64(10))})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		one, two, given := begin(ana, "one"), begin(ana, "two"), begin(ana, "given up")
		three, bens := begin(ana, ""), begin(ben, "one")
		if err := k.videos.FinishUpload(t.Context(), two, 10, strings.Repeat("0", 64)); err != nil {
			t.Fatal(err)
		}
		if err := k.videos.TerminateUpload(t.Context(), given); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			who  people.Actor
			f    video.UploadFilter
			want []string
		}{
			{ana, video.UploadFilter{}, []string{three, one}},
			{ana, video.UploadFilter{Before: three}, []string{one}},
			{ben, video.UploadFilter{}, []string{bens}},
			{ana, video.UploadFilter{ClientID: "one"}, []string{one}},
			{ana, video.UploadFilter{ClientID: "two"}, []string{two}},
			{ben, video.UploadFilter{ClientID: "two"}, nil},
			{ana, video.UploadFilter{ClientID: "given up"}, nil},
			{ana, video.UploadFilter{ClientID: "\x00"}, nil},
			{ana, video.UploadFilter{Before: "\xff"}, nil},
			{people.Actor{}, video.UploadFilter{}, nil},
		} {
			c.f.Limit = 10
			us, err := k.videos.OwnUploads(t.Context(), c.who, c.f)
			var got []string
			for _, u := range us {
				got = append(got, u.ID)
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s %+v: %v, %v; want %v", c.who.Name, c.f, got, err, c.want)
			}
		}
	})
}
