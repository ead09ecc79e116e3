package coach_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestFeedback is the whole way of an ask: the right to see the take begins and ends with it.
func TestFeedback(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		film := k.film(t, k.ana, people.Private, "take")
		n := coach.NewFeedbackAsk{ID: ident.New(), VideoID: film, ToID: k.cleo.PersonID, Text: " The close?\r\n"}
		asked, err := k.coach.AskFeedback(t.Context(), k.ana, n)
		if err != nil || asked.Body != "The close?" || asked.State != coach.Open || !asked.CreatedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v, %v", asked, err)
		}
		if again, err := k.coach.AskFeedback(t.Context(), k.ana, n); err != nil || again.ID != asked.ID {
			t.Errorf("the same id again: %+v, %v", again, err)
		}
		if !k.sees(t, k.cleo, film) || k.sees(t, k.ben, film) || k.sees(t, k.mia, film) {
			t.Error("cleo alone should see it")
		}
		if got := k.told(t, k.cleo); !slices.Equal(got, []notice.Kind{notice.Feedback}) {
			t.Errorf("cleo was told %v", got)
		}
		_, err = k.coach.AskFeedback(t.Context(), k.ana, coach.NewFeedbackAsk{VideoID: film, ToID: k.cleo.PersonID})
		apptest.WantCode(t, err, "already_asked", "to")

		_, err = k.coach.GiveFeedback(t.Context(), k.cleo, asked.ID, " ")
		apptest.WantCode(t, err, "feedback_empty", "text")
		k.note(t, k.cleo, film, 5000, "Pause here.")
		e.Clock.Advance(time.Hour)
		done, err := k.coach.GiveFeedback(t.Context(), k.cleo, asked.ID, "")
		if err != nil || done.State != coach.Done || !done.SettledAt.Equal(e.Clock.Now()) {
			t.Errorf("%+v, %v", done, err)
		}
		if again, err := k.coach.GiveFeedback(t.Context(), k.cleo, asked.ID, ""); err != nil || !again.SettledAt.Equal(*done.SettledAt) {
			t.Errorf("twice: %+v, %v", again, err)
		}
		if k.sees(t, k.cleo, film) {
			t.Error("cleo still sees the take")
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Note, notice.Given}) {
			t.Errorf("ana was told %v", got)
		}
		if got := k.told(t, k.cleo); len(got) != 0 {
			t.Errorf("cleo is still told %v", got)
		}
		_, err = k.coach.DeclineFeedback(t.Context(), k.cleo, asked.ID)
		apptest.WantCode(t, err, "settled", "")
		_, err = k.coach.WithdrawFeedback(t.Context(), k.ana, asked.ID)
		apptest.WantCode(t, err, "settled", "")

		// A note from before the ask is no answer to it.
		second := must(k.coach.AskFeedback(t.Context(), k.ana, coach.NewFeedbackAsk{VideoID: film, ToID: k.cleo.PersonID}))
		_, err = k.coach.GiveFeedback(t.Context(), k.cleo, second.ID, "")
		apptest.WantCode(t, err, "feedback_empty", "text")
		if done, err := k.coach.GiveFeedback(t.Context(), k.cleo, second.ID, "Better now."); err != nil || done.Answer != "Better now." {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

// TestFeedbackEnds has asks declined, withdrawn, and about what is gone.
func TestFeedbackEnds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ask := func() (string, string) {
			e.Clock.Advance(time.Minute)
			film := k.film(t, k.ana, people.Private, "take")
			return film, must(k.coach.AskFeedback(t.Context(), k.ana, coach.NewFeedbackAsk{VideoID: film, ToID: k.ben.PersonID, Text: "What do you think?"})).ID
		}
		box := func(a people.Actor, b coach.Box, state string) (ids []string) {
			for _, x := range must(k.coach.FeedbackAsks(t.Context(), a, coach.Filter{Box: b, State: state, Limit: 10})) {
				ids = append(ids, x.ID)
			}
			return ids
		}
		declinedFilm, declined := ask()
		withdrawnFilm, withdrawn := ask()
		goneFilm, gone := ask()
		_, open := ask()
		for range 2 {
			if x, err := k.coach.DeclineFeedback(t.Context(), k.ben, declined); err != nil || x.State != coach.Declined {
				t.Errorf("%+v, %v", x, err)
			}
			if x, err := k.coach.WithdrawFeedback(t.Context(), k.ana, withdrawn); err != nil || x.State != coach.Withdrawn {
				t.Errorf("%+v, %v", x, err)
			}
		}
		if k.sees(t, k.ben, declinedFilm) || k.sees(t, k.ben, withdrawnFilm) {
			t.Error("ben still sees what he was asked about")
		}
		if got := k.told(t, k.ana); len(got) != 0 {
			t.Errorf("ana was told %v", got)
		}
		if err := k.videos.Delete(t.Context(), k.ana, goneFilm); err != nil {
			t.Fatal(err)
		}
		if got := box(k.ben, coach.Received, ""); !slices.Equal(got, []string{open, declined}) {
			t.Errorf("ben finds %v", got)
		}
		if got := box(k.ana, coach.Sent, ""); !slices.Equal(got, []string{open, gone, withdrawn, declined}) {
			t.Errorf("ana finds %v", got)
		}
		if got := box(k.ana, coach.Sent, "declined"); !slices.Equal(got, []string{declined}) {
			t.Errorf("declined: %v", got)
		}
		page := must(k.coach.FeedbackAsks(t.Context(), k.ana, coach.Filter{Box: coach.Sent, Before: gone, Limit: 1}))
		if len(page) != 1 || page[0].ID != withdrawn {
			t.Errorf("after a cursor: %+v", page)
		}
		for _, cursor := range []string{ident.New(), "\x00", open} {
			a := k.ana
			if cursor == open {
				a = k.cleo
			}
			_, err := k.coach.FeedbackAsks(t.Context(), a, coach.Filter{Box: coach.Sent, Before: cursor, Limit: 1})
			apptest.WantCode(t, err, "cursor_unknown", "cursor")
		}
		if c := must(k.coach.Waiting(t.Context(), k.ben)); c != (coach.Counts{Feedback: 1}) {
			t.Errorf("waiting %+v", c)
		}
		// With the video all goes.
		k.Exec(t, `DELETE FROM videos WHERE id = ?`, goneFilm)
		if got := box(k.ana, coach.Sent, ""); !slices.Equal(got, []string{open, withdrawn, declined}) {
			t.Errorf("ana finds %v", got)
		}
	})
}

// TestFeedbackRefusals is what cannot be asked or answered, and changes nothing.
func TestFeedbackRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		film, practice, bens := k.film(t, k.ana, people.Private, "take"), k.film(t, k.ana, people.Private, video.Practice), k.film(t, k.ben, people.Everyone, "take")
		failed, hidden := k.film(t, k.ana, people.Private, "take"), k.film(t, k.ben, people.Private, "take")
		k.Exec(t, `UPDATE videos SET state = 'failed' WHERE id = ?`, failed)
		other := must(k.coach.AskFeedback(t.Context(), k.ben, coach.NewFeedbackAsk{VideoID: bens, ToID: k.mia.PersonID}))
		left := false
		if _, err := k.People.ChangePerson(t.Context(), people.System(), k.tom.PersonID, people.PersonChange{Active: &left}); err != nil {
			t.Fatal(err)
		}
		cleo := k.cleo.PersonID
		for _, c := range []struct {
			n           coach.NewFeedbackAsk
			code, field string
		}{
			{coach.NewFeedbackAsk{VideoID: film, ToID: k.ana.PersonID}, "ask_self", "to"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: ident.New()}, "person_not_found", "to"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: "\x00"}, "person_not_found", "to"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: k.tom.PersonID}, "person_not_found", "to"},
			{coach.NewFeedbackAsk{VideoID: practice, ToID: cleo}, "practice_private", "video_id"},
			{coach.NewFeedbackAsk{VideoID: failed, ToID: cleo}, "video_failed", "video_id"},
			{coach.NewFeedbackAsk{VideoID: bens, ToID: cleo}, "video_not_yours", "video_id"},
			{coach.NewFeedbackAsk{VideoID: hidden, ToID: cleo}, "video_not_found", ""},
			{coach.NewFeedbackAsk{VideoID: ident.New(), ToID: cleo}, "video_not_found", ""},
			{coach.NewFeedbackAsk{VideoID: "\x00", ToID: cleo}, "video_not_found", ""},
			{coach.NewFeedbackAsk{VideoID: film, ToID: cleo, Text: strings.Repeat("é", 501)}, "too_long", "text"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: cleo, Text: "\x07"}, "text_invalid", "text"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: cleo, ID: "x"}, "id_invalid", "id"},
			{coach.NewFeedbackAsk{VideoID: film, ToID: cleo, ID: other.ID}, "id_taken", "id"},
		} {
			_, err := k.coach.AskFeedback(t.Context(), k.ana, c.n)
			apptest.WantCode(t, err, c.code, c.field)
		}
		_, err := k.coach.AskFeedback(t.Context(), people.System(), coach.NewFeedbackAsk{VideoID: film, ToID: cleo})
		apptest.WantCode(t, err, "forbidden", "")
		for _, c := range []struct {
			who  people.Actor
			id   string
			code string
		}{{k.ana, other.ID, "feedback_ask_not_found"}, {k.ben, other.ID, "forbidden"}, {k.mia, ident.New(), "feedback_ask_not_found"}, {k.mia, "\x00", "feedback_ask_not_found"}, {people.System(), other.ID, "feedback_ask_not_found"}} {
			_, err := k.coach.GiveFeedback(t.Context(), c.who, c.id, "Good.")
			apptest.WantCode(t, err, c.code, "")
			_, err = k.coach.DeclineFeedback(t.Context(), c.who, c.id)
			apptest.WantCode(t, err, c.code, "")
		}
		_, err = k.coach.WithdrawFeedback(t.Context(), k.mia, other.ID)
		apptest.WantCode(t, err, "forbidden", "")
		if n := k.Count(t, `SELECT COUNT(*) FROM feedback_asks`); n != 1 {
			t.Errorf("%d asks", n)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM video_grants`); n != 1 {
			t.Errorf("%d grants", n)
		}
	})
}

// TestFeedbackAtOnce has the same be asked and settled many times at the same time.
func TestFeedbackAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		film, id := k.film(t, k.ana, people.Private, "take"), ident.New()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := k.coach.AskFeedback(t.Context(), k.ana, coach.NewFeedbackAsk{ID: id, VideoID: film, ToID: k.ben.PersonID}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for range 8 {
			wg.Go(func() {
				if _, err := k.coach.GiveFeedback(t.Context(), k.ben, id, "Good."); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Given}) {
			t.Errorf("ana was told %v", got)
		}
	})
}
