package ask_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

const day = 24 * time.Hour

// TestAskAndAnswer is the whole way of an ask, with who is told and who finds it where.
func TestAskAndAnswer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		about := k.film(t, k.ben, people.Everyone, video.Ready)
		id := ident.New()
		n := ask.NewAsk{ID: id, ToID: k.ana.PersonID, Text: "  How do you open\r\nwith a CFO? ", VideoID: about, StartMS: 1000, EndMS: 9000}
		made, err := k.asks.Make(t.Context(), k.ben, n)
		if err != nil {
			t.Fatal(err)
		}
		if made.ID != id || made.Body != "How do you open\nwith a CFO?" || made.State != ask.Open || *made.VideoID != about || made.StartMS != 1000 || made.EndMS != 9000 || !made.CreatedAt.Equal(e.Clock.Now()) {
			t.Errorf("made %+v", made)
		}
		if again, err := k.asks.Make(t.Context(), k.ben, n); err != nil || again.ID != id {
			t.Errorf("the same id again: %+v, %v", again, err)
		}
		if len(k.told) != 1 || k.told[0].ToID != k.ana.PersonID {
			t.Fatalf("told %+v", k.told)
		}
		text := made.Body
		for _, c := range []struct {
			who  people.Actor
			f    ask.Filter
			want []string
		}{
			{k.ana, ask.Filter{Box: ask.Received}, []string{text}}, {k.ana, ask.Filter{Box: ask.Received, State: ask.Open}, []string{text}},
			{k.ana, ask.Filter{Box: ask.Received, State: ask.Answered}, []string{}}, {k.ana, ask.Filter{Box: ask.Sent}, []string{}},
			{k.ben, ask.Filter{Box: ask.Sent}, []string{text}}, {k.ben, ask.Filter{Box: ask.Received}, []string{}}, {k.mia, ask.Filter{Box: ask.Received}, []string{}},
		} {
			if got := k.list(t, c.who, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %q, want %q", c.f, got, c.want)
			}
		}

		answer := k.film(t, k.ana, people.MyTeam, video.Processing)
		e.Clock.Advance(time.Hour)
		given, err := k.asks.Give(t.Context(), k.ana, id, answer)
		if err != nil {
			t.Fatal(err)
		}
		if given.State != ask.Answered || *given.AnswerVideoID != answer || !given.SettledAt.Equal(e.Clock.Now()) {
			t.Errorf("given %+v", given)
		}
		if again, err := k.asks.Give(t.Context(), k.ana, id, answer); err != nil || !again.SettledAt.Equal(*given.SettledAt) {
			t.Errorf("the same answer again: %+v, %v", again, err)
		}
		if len(k.told) != 2 || k.told[1].State != ask.Answered {
			t.Errorf("told %+v", k.told)
		}
		other := k.film(t, k.ana, people.MyTeam, video.Ready)
		_, err = k.asks.Give(t.Context(), k.ana, id, other)
		apptest.WantCode(t, err, "ask_settled", "")
		_, err = k.asks.Decline(t.Context(), k.ana, id)
		apptest.WantCode(t, err, "ask_settled", "")
		apptest.WantCode(t, k.asks.Withdraw(t.Context(), k.ben, id), "ask_settled", "")

		// The ask outlives both videos.
		k.Exec(t, `DELETE FROM videos WHERE id IN ?`, []string{about, answer})
		asks, err := k.asks.List(t.Context(), k.ben, ask.Filter{Box: ask.Sent, Limit: 5})
		if err != nil || len(asks) != 1 || asks[0].VideoID != nil || asks[0].AnswerVideoID != nil || asks[0].State != ask.Answered {
			t.Errorf("%+v, %v", asks, err)
		}
	})
}

// TestRefusals is what cannot be asked, and changes nothing.
func TestRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		open, private, line := k.film(t, k.ben, people.Everyone, video.Ready), k.film(t, k.ben, people.Private, video.Ready), k.film(t, k.ben, people.Line, video.Ready)
		gone := k.Add(t, "Gone", "", people.Rep)
		left := false
		if _, err := k.People.ChangePerson(t.Context(), people.System(), gone.PersonID, people.PersonChange{Active: &left}); err != nil {
			t.Fatal(err)
		}
		taken := k.make(t, k.cleo, k.mia, "Cleo's")
		k.told = nil
		ana := k.ana.PersonID
		for _, c := range []struct {
			n           ask.NewAsk
			code, field string
		}{
			{ask.NewAsk{ToID: k.ben.PersonID, Text: "Me?"}, "ask_self", "to"},
			{ask.NewAsk{ToID: gone.PersonID, Text: "There?"}, "person_not_found", "to"},
			{ask.NewAsk{ToID: ident.New(), Text: "There?"}, "person_not_found", "to"},
			{ask.NewAsk{ToID: "\x00", Text: "There?"}, "person_not_found", "to"},
			{ask.NewAsk{ToID: ana, Text: " \n "}, "required", "text"},
			{ask.NewAsk{ToID: ana, Text: "a\x00b"}, "text_invalid", "text"},
			{ask.NewAsk{ToID: ana, Text: "a\xffb"}, "text_invalid", "text"},
			{ask.NewAsk{ToID: ana, Text: strings.Repeat("é", ask.MaxText+1)}, "too_long", "text"},
			{ask.NewAsk{ToID: ana, Text: "x", ID: "x"}, "id_invalid", "id"},
			{ask.NewAsk{ToID: ana, Text: "x", ID: taken.ID}, "id_taken", "id"},
			{ask.NewAsk{ToID: ana, Text: "x", EndMS: 5}, "required", "video_id"},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: ident.New()}, "video_not_found", ""},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: "\x00"}, "video_not_found", ""},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: open, StartMS: 5, EndMS: 60_001}, "time_outside", "end_ms"},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: open, StartMS: 60_000, EndMS: 60_001}, "time_outside", "start_ms"},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: private}, "ask_not_visible", "video_id"},
			{ask.NewAsk{ToID: ana, Text: "x", VideoID: line}, "ask_not_visible", "video_id"},
		} {
			_, err := k.asks.Make(t.Context(), k.ben, c.n)
			apptest.WantCode(t, err, c.code, c.field)
		}
		_, err := k.asks.Make(t.Context(), k.cleo, ask.NewAsk{ToID: ana, Text: "x", VideoID: line})
		apptest.WantCode(t, err, "video_not_found", "") // and not that ana may not see it
		_, err = k.asks.Make(t.Context(), people.System(), ask.NewAsk{ToID: ana, Text: "x"})
		apptest.WantCode(t, err, "forbidden", "")
		if got := k.list(t, k.ana, ask.Filter{}); len(got)+len(k.told) != 0 {
			t.Errorf("ana was asked %q, told %+v", got, k.told)
		}
		longest := strings.Repeat("é", ask.MaxText)
		made, err := k.asks.Make(t.Context(), k.ben, ask.NewAsk{ToID: k.mia.PersonID, Text: longest, VideoID: line})
		if err != nil || made.Body != longest || made.EndMS != 60_000 {
			t.Errorf("%+v, %v", made, err)
		}
	})
}

// TestTwiceAWeek counts over all askers, over seven days, and not what others have withdrawn.
func TestTwiceAWeek(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		try := func(from people.Actor) error {
			_, err := k.asks.Make(t.Context(), from, ask.NewAsk{ToID: k.ana.PersonID, Text: "Again?"})
			return err
		}
		first := k.make(t, k.ben, k.ana, "One")
		e.Clock.Advance(2 * day)
		k.make(t, k.cleo, k.ana, "Two")
		err := try(k.mia)
		apptest.WantCode(t, err, "ask_limit", "to")
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Conflict || f.Extra["free_at"] != first.CreatedAt.Add(ask.Week) || !strings.Contains(f.Detail, "in 5 days") {
			t.Errorf("%+v", f)
		}
		// An answer does not make room, nor does declining: the week's two have reached ana.
		if _, err := k.asks.Decline(t.Context(), k.ana, first.ID); err != nil {
			t.Fatal(err)
		}
		apptest.WantCode(t, try(k.mia), "ask_limit", "to")
		k.make(t, k.mia, k.cleo, "Another person has a week of their own")

		e.Clock.Advance(5*day - time.Minute)
		apptest.WantCode(t, try(k.mia), "ask_limit", "to")
		e.Clock.Advance(time.Minute)
		if err := try(k.mia); err != nil {
			t.Errorf("after seven days: %v", err)
		}
		apptest.WantCode(t, try(k.ben), "ask_limit", "to")

		// What is withdrawn makes room for others only.
		mias, err := k.asks.List(t.Context(), k.mia, ask.Filter{Box: ask.Sent, State: ask.Open, Limit: 1})
		if err != nil || len(mias) != 1 {
			t.Fatal(mias, err)
		}
		if err := k.asks.Withdraw(t.Context(), k.mia, mias[0].ID); err != nil {
			t.Fatal(err)
		}
		apptest.WantCode(t, try(k.mia), "ask_limit", "to")
		if err := try(k.ben); err != nil {
			t.Errorf("after another has withdrawn: %v", err)
		}
	})
}

// TestTwiceAtOnce has many ask one person at the same time.
func TestTwiceAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.asks.OnAsked = func(context.Context, *db.Tx, ask.Ask) error { return nil }
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for _, from := range []people.Actor{k.ben, k.cleo, k.mia, k.ben, k.cleo, k.mia} {
			wg.Go(func() {
				_, err := k.asks.Make(context.Background(), from, ask.NewAsk{ToID: k.ana.PersonID, Text: "Now?"})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case fault.CodeOf(err) != "ask_limit":
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made != ask.MostAWeek {
			t.Errorf("%d asks were made", made)
		}
	})
}

// TestAnswers is who may answer, and with what.
func TestAnswers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		id := k.make(t, k.cleo, k.ana, "How?").ID
		private, team, failed := k.film(t, k.ana, people.Private, video.Ready), k.film(t, k.ana, people.MyTeam, video.Ready), k.film(t, k.ana, people.Everyone, video.Failed)
		bens, hidden := k.film(t, k.ben, people.Everyone, video.Ready), k.film(t, k.ben, people.Private, video.Ready)
		for _, c := range []struct {
			who         people.Actor
			id, video   string
			code, field string
		}{
			{k.ben, id, bens, "ask_not_found", ""}, {k.mia, id, team, "ask_not_found", ""}, {k.cleo, id, team, "forbidden", ""},
			{k.ana, ident.New(), team, "ask_not_found", ""}, {k.ana, "\x00", team, "ask_not_found", ""},
			{k.ana, id, ident.New(), "video_not_found", ""}, {k.ana, id, "\x00", "video_not_found", ""}, {k.ana, id, hidden, "video_not_found", ""},
			{k.ana, id, bens, "video_not_yours", "video_id"}, {k.ana, id, failed, "video_failed", "video_id"},
			{k.ana, id, private, "not_visible_to_asker", "video_id"}, {k.ana, id, team, "not_visible_to_asker", "video_id"},
		} {
			_, err := k.asks.Give(t.Context(), c.who, c.id, c.video)
			apptest.WantCode(t, err, c.code, c.field)
		}
		// What would help is said: cleo is in no team, ben in ana's, mia in her line.
		for _, c := range []struct {
			asker people.Actor
			want  people.Audience
		}{{k.cleo, people.Everyone}, {k.ben, people.MyTeam}, {k.mia, people.Line}} {
			e.Clock.Advance(ask.Week)
			_, err := k.asks.Give(t.Context(), k.ana, k.make(t, c.asker, k.ana, "How?").ID, private)
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != "not_visible_to_asker" || f.Extra["audience"] != string(c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
		if len(k.told) != 4 { // the asks
			t.Errorf("told %+v", k.told)
		}
		left := false
		if _, err := k.People.ChangePerson(t.Context(), people.System(), k.cleo.PersonID, people.PersonChange{Active: &left}); err != nil {
			t.Fatal(err)
		}
		_, err := k.asks.Give(t.Context(), k.ana, id, team)
		apptest.WantCode(t, err, "asker_left", "")
	})
}

// TestDeclineAndWithdraw end an ask, each by one of its two people, and only declining is silent.
func TestDeclineAndWithdraw(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		declined, withdrawn := k.make(t, k.ben, k.ana, "Declined").ID, k.make(t, k.ben, k.ana, "Withdrawn").ID
		k.told = nil
		for _, who := range []people.Actor{k.mia, k.cleo, people.System()} {
			_, err := k.asks.Decline(t.Context(), who, declined)
			apptest.WantCode(t, err, "ask_not_found", "")
			apptest.WantCode(t, k.asks.Withdraw(t.Context(), who, declined), "ask_not_found", "")
		}
		_, err := k.asks.Decline(t.Context(), k.ben, declined)
		apptest.WantCode(t, err, "forbidden", "")
		apptest.WantCode(t, k.asks.Withdraw(t.Context(), k.ana, declined), "forbidden", "")
		for range 2 {
			if got, err := k.asks.Decline(t.Context(), k.ana, declined); err != nil || got.State != ask.Declined || got.SettledAt == nil {
				t.Errorf("%+v, %v", got, err)
			}
		}
		apptest.WantCode(t, k.asks.Withdraw(t.Context(), k.ben, declined), "ask_settled", "")
		if len(k.told) != 0 {
			t.Errorf("declining told %+v", k.told)
		}
		for range 2 {
			if err := k.asks.Withdraw(t.Context(), k.ben, withdrawn); err != nil {
				t.Error(err)
			}
		}
		if len(k.told) != 1 || k.told[0].State != ask.Withdrawn {
			t.Errorf("withdrawing told %+v", k.told)
		}
		_, err = k.asks.Decline(t.Context(), k.ana, withdrawn)
		apptest.WantCode(t, err, "ask_not_found", "")
		if got := k.list(t, k.ana, ask.Filter{}); !slices.Equal(got, []string{"Declined"}) {
			t.Errorf("ana finds %q", got)
		}
		if got := k.list(t, k.ben, ask.Filter{Box: ask.Sent}); len(got) != 2 {
			t.Errorf("ben finds %q", got)
		}
	})
}

// TestPages goes through a long box, newest first, whatever the ids are.
func TestPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		var want []string
		for _, text := range []string{"1", "2", "3", "4", "5"} {
			k.make(t, k.ben, k.ana, text)
			want = append([]string{text}, want...)
			e.Clock.Advance(4 * day)
		}
		var got []string
		before := ""
		for range 3 {
			asks, err := k.asks.List(t.Context(), k.ana, ask.Filter{Box: ask.Received, Before: before, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range asks {
				got = append(got, x.Body)
				before = x.ID
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		for _, cursor := range []string{ident.New(), "\x00", k.make(t, k.cleo, k.mia, "Not yours").ID} {
			_, err := k.asks.List(t.Context(), k.ana, ask.Filter{Before: cursor, Limit: 2})
			apptest.WantCode(t, err, "cursor_unknown", "cursor")
		}
	})
}
