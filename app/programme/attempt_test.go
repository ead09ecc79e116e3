package programme_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestSubmitting is what can be submitted, when, and what follows.
func TestSubmitting(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.AttemptsMax, p.WaitHours = 2, 24 })
		enrolment := c.enrolment(t, c.programme.ID, c.ana).ID
		try := func(who people.Actor, n programme.NewAttempt) error {
			_, err := c.programmes.Submit(t.Context(), who, enrolment, n)
			return err
		}
		good := c.practice(t, c.ana)
		elsewhere := c.film(t, c.ana, video.Practice, people.Private) // for nothing
		take := c.film(t, c.ana, "take", people.Private)
		c.Exec(t, `UPDATE videos SET for_id = ? WHERE id = ?`, enrolment, take)
		bens, deleted, processing, failed, late := c.practice(t, c.ben), c.practice(t, c.ana), c.practice(t, c.ana), c.practice(t, c.ana), c.practice(t, c.ana)
		c.Exec(t, `UPDATE videos SET deleted_at = created_at WHERE id = ?`, deleted)
		c.Exec(t, `UPDATE videos SET state = 'processing' WHERE id = ?`, processing)
		c.Exec(t, `UPDATE videos SET state = 'failed' WHERE id = ?`, failed)
		c.Exec(t, `UPDATE videos SET created_at = ? WHERE id = ?`, e.Clock.Now().Add(-video.KeepPractice+9*time.Minute), late)
		for _, x := range []struct {
			who         people.Actor
			n           programme.NewAttempt
			code, field string
		}{
			{c.ben, programme.NewAttempt{VideoID: bens}, "enrolment_not_found", ""}, {c.mia, programme.NewAttempt{VideoID: good}, "enrolment_not_found", ""},
			{people.System(), programme.NewAttempt{VideoID: good}, "enrolment_not_found", ""},
			{c.ana, programme.NewAttempt{ID: "x", VideoID: good}, "id_invalid", "id"},
			{c.ana, programme.NewAttempt{VideoID: bens}, "practice_unknown", "video_id"}, {c.ana, programme.NewAttempt{VideoID: elsewhere}, "practice_unknown", "video_id"},
			{c.ana, programme.NewAttempt{VideoID: take}, "practice_unknown", "video_id"}, {c.ana, programme.NewAttempt{VideoID: deleted}, "practice_unknown", "video_id"},
			{c.ana, programme.NewAttempt{VideoID: late}, "practice_unknown", "video_id"}, {c.ana, programme.NewAttempt{VideoID: ident.New()}, "practice_unknown", "video_id"},
			{c.ana, programme.NewAttempt{VideoID: "\x00"}, "practice_unknown", "video_id"},
			{c.ana, programme.NewAttempt{VideoID: processing}, "video_not_playable", "video_id"}, {c.ana, programme.NewAttempt{VideoID: failed}, "video_not_playable", "video_id"},
			{c.ana, programme.NewAttempt{VideoID: good, Note: programme.OwnNote{AtMS: 60_001, Text: "x"}}, "time_outside", "note.at_ms"},
			{c.ana, programme.NewAttempt{VideoID: good, Note: programme.OwnNote{AtMS: -1, Text: "x"}}, "time_outside", "note.at_ms"},
			{c.ana, programme.NewAttempt{VideoID: good, Note: programme.OwnNote{Text: "a\x00"}}, "text_invalid", "note.text"},
			{c.ana, programme.NewAttempt{VideoID: good, Note: programme.OwnNote{Text: strings.Repeat("é", 501)}}, "too_long", "note.text"},
		} {
			apptest.WantCode(t, try(x.who, x.n), x.code, x.field)
		}
		if n := c.count(t, `SELECT COUNT(*) FROM attempts`); n != 0 {
			t.Fatalf("%d attempts", n)
		}

		id := ident.New()
		a, err := c.programmes.Submit(t.Context(), c.ana, enrolment, programme.NewAttempt{ID: id, VideoID: good, Note: programme.OwnNote{AtMS: 60_000, Text: " Here\r\nI lost it. "}})
		if err != nil {
			t.Fatal(err)
		}
		if a.ID != id || a.Number != 1 || a.Note != "Here\nI lost it." || a.NoteAtMS != 60_000 || a.State != programme.Waiting || !a.SwapUntil.Equal(e.Clock.Now().Add(programme.SwapFor)) || a.RubricVersionID != c.programme.RubricVersionID {
			t.Errorf("%+v", a)
		}
		if got := c.enrolment(t, c.programme.ID, c.ana); got.State != programme.Submitted || got.Attempts != 1 {
			t.Errorf("%+v", got)
		}
		v, err := c.videos.Get(t.Context(), c.ana, good)
		if err != nil || v.Kind != video.Attempt || v.Audience != people.Private {
			t.Errorf("the take is %s for %s, %v", v.Kind, v.Audience, err)
		}
		if _, err := c.videos.Get(t.Context(), c.mia, good); err != nil {
			t.Errorf("its reviewer: %v", err)
		}
		for _, who := range []people.Actor{c.ben, c.eve, c.tom, c.ada, c.cleo} {
			if _, err := c.videos.Get(t.Context(), who, good); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s sees it: %v", who.Name, err)
			}
		}
		if told := c.told(t, c.ana); slices.Contains(told, notice.Enrolled) {
			t.Errorf("ana is still told to begin: %v", told)
		}
		if again, err := c.programmes.Submit(t.Context(), c.ana, enrolment, programme.NewAttempt{ID: id, VideoID: good}); err != nil || again.Number != 1 || again.Note != a.Note {
			t.Errorf("again: %+v, %v", again, err)
		}
		_, err = c.programmes.Submit(t.Context(), c.ben, c.enrolment(t, c.programme.ID, c.ben).ID, programme.NewAttempt{ID: id, VideoID: bens})
		apptest.WantCode(t, err, "id_taken", "id")
		apptest.WantCode(t, try(c.ana, programme.NewAttempt{VideoID: c.practice(t, c.ana)}), "attempt_waits", "")
		apptest.WantCode(t, c.videos.Delete(t.Context(), c.ana, good), "attempt_waits", "")
		_, err = c.videos.Change(t.Context(), c.ana, c.practice(t, c.ana), video.Change{Audience: ptr(people.Everyone)})
		if err == nil {
			t.Error("a practice was widened")
		}

		// A day between a result and the next attempt, and two attempts in all.
		c.send(t, id, c.content(programme.Fail, 1))
		if got := c.enrolment(t, c.programme.ID, c.ana); got.State != programme.Failed || got.NextAttemptAt == nil || !got.NextAttemptAt.Equal(e.Clock.Now().Add(24*time.Hour)) {
			t.Errorf("%+v", got)
		}
		next := c.practice(t, c.ana)
		err = try(c.ana, programme.NewAttempt{VideoID: next})
		apptest.WantCode(t, err, "too_early", "")
		var f *fault.Error
		if !errors.As(err, &f) || !f.Extra["next_attempt_at"].(time.Time).Equal(e.Clock.Now().Add(24*time.Hour)) {
			t.Errorf("%+v", f)
		}
		e.Clock.Advance(24 * time.Hour)
		second, err := c.programmes.Submit(t.Context(), c.ana, enrolment, programme.NewAttempt{VideoID: next})
		if err != nil || second.Number != 2 {
			t.Fatal(second, err)
		}
		c.send(t, second.ID, c.content(programme.Fail, 1))
		e.Clock.Advance(48 * time.Hour)
		apptest.WantCode(t, try(c.ana, programme.NewAttempt{VideoID: c.practice(t, c.ana)}), "attempts_used", "")
		c.Exec(t, `UPDATE enrolments SET extra_attempts = 1 WHERE id = ?`, enrolment)
		third, err := c.programmes.Submit(t.Context(), c.ana, enrolment, programme.NewAttempt{VideoID: c.practice(t, c.ana)})
		if err != nil {
			t.Fatal(err)
		}
		c.send(t, third.ID, c.content(programme.Pass, 4))
		apptest.WantCode(t, try(c.ana, programme.NewAttempt{VideoID: c.practice(t, c.ana)}), "passed_already", "")
		if err := c.videos.Delete(t.Context(), c.ana, good); err != nil {
			t.Errorf("a take with its result cannot be deleted: %v", err)
		}
		// Programmes that are closed, and those one has left.
		enrolment = c.enrolment(t, c.programme.ID, c.ben).ID
		c.Exec(t, `UPDATE enrolments SET left_at = created_at WHERE id = ?`, enrolment)
		apptest.WantCode(t, try(c.ben, programme.NewAttempt{VideoID: bens}), "enrolment_left", "")
		c.Exec(t, `UPDATE enrolments SET left_at = NULL WHERE id = ?`, enrolment)
		if _, err := c.programmes.Close(t.Context(), c.tom, c.programme.ID); err != nil {
			t.Fatal(err)
		}
		apptest.WantCode(t, try(c.ben, programme.NewAttempt{VideoID: bens}), "programme_closed", "")
		c.verify(t)
	})
}

func ptr[T any](v T) *T { return &v }

// TestSwapping is within half an hour, before any result, and gives the reviewer the new take instead of the old.
func TestSwapping(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		a := c.submit(t, c.ana)
		old, fresh := *a.VideoID, c.practice(t, c.ana)
		swap := func(who people.Actor, take string) error {
			_, err := c.programmes.Swap(t.Context(), who, a.ID, take, programme.OwnNote{AtMS: 3, Text: "Better."})
			return err
		}
		apptest.WantCode(t, swap(c.ben, fresh), "attempt_not_found", "")
		apptest.WantCode(t, swap(c.ada, fresh), "attempt_not_found", "")
		apptest.WantCode(t, swap(c.mia, fresh), "forbidden", "")
		apptest.WantCode(t, swap(c.tom, fresh), "forbidden", "")
		apptest.WantCode(t, swap(c.ana, c.practice(t, c.ben)), "practice_unknown", "video_id")
		e.Clock.Advance(programme.SwapFor)
		if err := swap(c.ana, fresh); err != nil {
			t.Fatal(err)
		}
		if _, err := c.videos.Get(t.Context(), c.mia, old); !fault.Is(err, fault.NotFound) {
			t.Errorf("the reviewer still sees the old take: %v", err)
		}
		if _, err := c.videos.Get(t.Context(), c.mia, fresh); err != nil {
			t.Errorf("the reviewer does not see the new one: %v", err)
		}
		part, err := c.programmes.OwnPart(t.Context(), c.ana, a.EnrolmentID)
		if err != nil || len(part.Practices) != 2 || part.Practices[0].ID != fresh || part.Practices[1].ID != old || len(part.All) != 1 || *part.All[0].VideoID != fresh || part.All[0].Note != "Better." {
			t.Errorf("%+v, %v", part, err)
		}
		// The note alone.
		if got, err := c.programmes.Swap(t.Context(), c.ana, a.ID, fresh, programme.OwnNote{}); err != nil || got.Note != "" || *got.VideoID != fresh {
			t.Errorf("%+v, %v", got, err)
		}
		e.Clock.Advance(time.Second)
		apptest.WantCode(t, swap(c.ana, old), "swap_over", "")
		c.send(t, a.ID, c.content(programme.Pass, 4))
		apptest.WantCode(t, swap(c.ana, old), "attempt_settled", "")
		c.verify(t)
	})
}

// TestTryingAgain: only what was named is looked at, the rest is carried; and what the rubric's next version
// makes of that.
func TestTryingAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		opening, need, closing := c.criteria[0], c.criteria[1], c.criteria[2]
		first := c.send(t, c.submit(t, c.ana).ID, c.content(programme.TryAgain, 2, need))
		if got := c.enrolment(t, c.programme.ID, c.ana); got.State != programme.Retry || !slices.Equal(got.RetryCriteria, programme.List{need}) || got.NextAttemptAt != nil {
			t.Errorf("%+v", got)
		}
		if first.Decision != programme.TryAgain || *first.Score != 33_33 || first.Levels[closing] != 2 {
			t.Errorf("%+v", first)
		}
		part, err := c.programmes.OwnPart(t.Context(), c.ana, first.EnrolmentID)
		if err != nil || !slices.Equal(part.Only, programme.List{need}) || part.Status() != "retry" {
			t.Errorf("%v, %v, %v", part.Only, part.Status(), err)
		}
		second := c.submit(t, c.ana)
		if !slices.Equal(second.OnlyCriteria, programme.List{need}) || !reflect.DeepEqual(second.Carried, programme.Levels{opening: 2, closing: 2}) || second.Number != 2 {
			t.Errorf("%+v", second)
		}
		content := c.content(programme.TryAgain, 3, need)
		content.Levels = programme.Levels{need: 3}
		third := c.send(t, second.ID, content)
		if *third.Score != 44_44 { // a third each of 1/3, 2/3 and 1/3
			t.Errorf("score %d", *third.Score)
		}

		// A version in which the opening is worth something else, the need is another criterion's heir, and
		// something is new.
		rubricID := c.rubricOf(t)
		next := criteria("Opening", "Needs", "Close", "Tone")
		next[0].Continues, next[1].Continues, next[2].Continues = opening, need, closing
		next[0].Levels = append(next[0].Levels, score.Level{Points: 9, Name: "Brilliant", Description: "One sees more."})
		v, err := c.rubrics.Revise(t.Context(), c.tom, rubricID, 1, next)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.programmes.Programme(t.Context(), c.tom, c.programme.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.programmes.Change(t.Context(), c.tom, p.ID, p.Version, func(p *programme.Programme) { p.RubricVersionID = v.Current().ID }); err != nil {
			t.Fatal(err)
		}
		now := v.Current().Criteria
		fourth := c.submit(t, c.ana)
		if !slices.Equal(fourth.OnlyCriteria, programme.List{now[0].ID, now[1].ID, now[3].ID}) || !reflect.DeepEqual(fourth.Carried, programme.Levels{now[2].ID: 2}) {
			t.Errorf("only %v, carried %v of %v", fourth.OnlyCriteria, fourth.Carried, now)
		}
		// The old attempts keep what they were scored under.
		if old, err := c.programmes.Attempt(t.Context(), first.ID); err != nil || old.RubricVersionID != first.RubricVersionID || *old.Score != 33_33 {
			t.Errorf("%+v, %v", old, err)
		}
		c.verify(t)
	})
}

func (c *course) rubricOf(t *testing.T) string {
	t.Helper()
	v, err := c.rubrics.Version(t.Context(), c.programme.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	return v.RubricID
}

// TestRenewal: a new round in the last days of the certificate, or once it ended or was revoked.
func TestRenewal(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.ValidDays, p.RenewDays, p.AttemptsMax = 365, 30, 1 })
		first := c.submit(t, c.ana)
		renew := func(who people.Actor) error {
			_, err := c.programmes.Renew(t.Context(), who, first.EnrolmentID)
			return err
		}
		apptest.WantCode(t, renew(c.ana), "not_renewable", "")
		c.send(t, first.ID, c.content(programme.Pass, 4))
		apptest.WantCode(t, renew(c.ana), "not_renewable", "")
		apptest.WantCode(t, renew(c.mia), "enrolment_not_found", "")
		e.Clock.Advance(335*24*time.Hour - time.Second)
		apptest.WantCode(t, renew(c.ana), "not_renewable", "")
		e.Clock.Advance(time.Second)
		parts, err := c.programmes.Parts(t.Context(), c.ana)
		if err != nil || len(parts) != 1 || !parts[0].Renewable || !parts[0].ToDo(e.Clock.Now()) {
			t.Fatalf("%+v, %v", parts, err)
		}
		if err := renew(c.ana); err != nil {
			t.Fatal(err)
		}
		got := c.enrolment(t, c.programme.ID, c.ana)
		if got.State != programme.Started || got.Attempts != 0 || got.DueAt == nil || !got.DueAt.Equal(first.SubmittedAt.AddDate(1, 0, 0)) {
			t.Errorf("%+v", got)
		}
		apptest.WantCode(t, renew(c.ana), "not_renewable", "")
		second := c.submit(t, c.ana) // the one attempt of the new round
		if second.Number != 2 {
			t.Errorf("number %d", second.Number)
		}
		certs, err := c.certificates.Newest(t.Context(), first.EnrolmentID)
		if err != nil || certs[first.EnrolmentID].AttemptID != first.ID || certs[first.EnrolmentID].StateAt(e.Clock.Now()) != "expiring" {
			t.Errorf("while the new one waits the old one holds: %+v, %v", certs, err)
		}
		c.send(t, second.ID, c.content(programme.Pass, 4))
		both, err := c.certificates.OfAttempts(t.Context(), first.ID, second.ID)
		if err != nil || both[first.ID].StateAt(e.Clock.Now()) != "replaced" || both[second.ID].StateAt(e.Clock.Now()) != "valid" || *both[first.ID].ReplacedBy != both[second.ID].ID {
			t.Errorf("%+v, %v", both, err)
		}
		if _, err := c.certificates.Revoke(t.Context(), c.tom, both[second.ID].ID, "A mistake."); err != nil {
			t.Fatal(err)
		}
		if err := renew(c.ana); err != nil {
			t.Errorf("after a revocation: %v", err)
		}
		c.verify(t)
	})
}

// TestPeers is whose passed takes who may watch, and when.
func TestPeers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		for _, peers := range []programme.Peers{programme.PeersNever, programme.PeersBefore, programme.PeersAfter} {
			c := newCourse(t, e, func(p *programme.Programme) { p.Peers = peers })
			a := c.submit(t, c.ana)
			look := func(who people.Actor) (listed int, opened bool) {
				t.Helper()
				ats, err := c.programmes.Peers(t.Context(), who, c.programme.ID)
				if err != nil && !fault.Is(err, fault.NotFound) {
					t.Fatal(err)
				}
				id, err := c.programmes.OpenPeer(t.Context(), who, a.ID)
				if err != nil && !fault.Is(err, fault.NotFound) {
					t.Fatal(err)
				}
				if err == nil && id != *a.VideoID {
					t.Errorf("opened %s", id)
				}
				return len(ats), err == nil
			}
			if n, open := look(c.ben); n != 0 || open {
				t.Errorf("%s: ben is shown what waits (%d, %v)", peers, n, open)
			}
			c.send(t, a.ID, c.content(programme.Pass, 4))
			n, open := look(c.ben)
			if want := peers == programme.PeersBefore; (n == 1) != want || open != want {
				t.Errorf("%s: before his attempt ben is shown %d, and may open it: %v", peers, n, open)
			}
			c.submit(t, c.ben)
			n, open = look(c.ben)
			if want := peers != programme.PeersNever; (n == 1) != want || open != want {
				t.Errorf("%s: after his attempt ben is shown %d, and may open it: %v", peers, n, open)
			}
			if _, err := c.videos.Get(t.Context(), c.ben, *a.VideoID); (err == nil) != open {
				t.Errorf("%s: ben watches it: %v", peers, err)
			}
			// A programme that shows them no longer takes them back.
			p, err := c.programmes.Programme(t.Context(), c.tom, c.programme.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.programmes.Change(t.Context(), c.tom, p.ID, p.Version, func(p *programme.Programme) { p.Peers = programme.PeersNever }); err != nil {
				t.Fatal(err)
			}
			if n, open := look(c.ben); n != 0 || open {
				t.Errorf("%s, then never: ben is shown %d", peers, n)
			}
			if _, err := c.videos.Get(t.Context(), c.ben, *a.VideoID); err == nil {
				t.Errorf("%s, then never: ben still watches it", peers)
			}
			for _, who := range []people.Actor{c.cleo, c.eve, c.tom, c.ada} {
				if n, open := look(who); n != 0 || open {
					t.Errorf("%s: %s, who takes no part, is shown %d", peers, who.Name, n)
				}
			}
			if n, _ := look(c.ana); n != 0 {
				t.Errorf("%s: ana is shown her own", peers)
			}
		}
	})
}

// TestSight compares the rule in words with the question to the database, for everybody; and who is still to
// review finds nothing of what others found.
func TestSight(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		a := c.submit(t, c.ana)
		for _, settled := range []bool{false, true} {
			for _, who := range []people.Actor{c.ana, c.ben, c.cleo, c.mia, c.eve, c.tom, c.ada} {
				var place people.Place
				c.tx(t, func(tx *db.Tx) (err error) { place, err = c.People.PlaceTx(tx, a.PersonID); return err })
				reviews := who.PersonID == c.mia.PersonID
				got, err := c.programmes.SeeAttempt(t.Context(), who, a.ID)
				if want := programme.CanAttempt(who, programme.SeeAttempt, place, reviews); (err == nil) != want {
					t.Errorf("%s sees it: %v, want %v", who.Name, err, want)
				}
				list, lerr := c.programmes.Attempts(t.Context(), who, programme.AttemptFilter{Limit: 9})
				if lerr != nil || (len(list) == 1) != (err == nil) {
					t.Errorf("%s: the list has %d, the one answers %v", who.Name, len(list), err)
				}
				if blind := reviews && !settled; err == nil && got.Blind != blind {
					t.Errorf("%s is blind: %v", who.Name, got.Blind)
				}
				steps, err := c.programmes.Trail(t.Context(), who, a.ID)
				switch may := programme.CanAttempt(who, programme.SeeTrail, place, reviews); {
				case reviews && !settled:
					apptest.WantCode(t, err, "review_waits", "")
				case may && (err != nil || len(steps) == 0 || steps[0].Words != "Attempt 1 was submitted."):
					t.Errorf("%s reads %+v, %v", who.Name, steps, err)
				case !may && err == nil:
					t.Errorf("%s reads the trail", who.Name)
				}
				for _, s := range steps {
					all := who.Has(people.Trainer) || who.Has(people.Admin)
					if (len(s.Detail) > 0) != all && s.Action != "attempt.acknowledged" {
						t.Errorf("%s is told %v of %s", who.Name, s.Detail, s.Action)
					}
				}
			}
			if !settled {
				c.send(t, a.ID, c.content(programme.Pass, 4))
			}
		}
		steps, err := c.programmes.Trail(t.Context(), c.ana, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, s := range steps {
			said = append(said, s.Words)
		}
		for _, want := range []string{"Attempt 1 was submitted.", "A reviewer was asked.", "The result: passed with 100.0 %."} {
			if !slices.Contains(said, want) {
				t.Errorf("%q is missing in %q", want, said)
			}
		}
		// A dispute's third reviewer is blind, too.
		c.Exec(t, `UPDATE reviews SET state = 'waiting' WHERE attempt_id = ?`, a.ID)
		got, err := c.programmes.SeeAttempt(t.Context(), c.mia, a.ID)
		if err != nil || !got.Blind || got.Decision != "" || got.Score != nil || got.ResultReviewID != nil || got.State != programme.Waiting || len(got.Levels) > 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestAcknowledging is the participant's, once there is a result.
func TestAcknowledging(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		a := c.submit(t, c.ana)
		_, err := c.programmes.Acknowledge(t.Context(), c.ana, a.ID)
		apptest.WantCode(t, err, "attempt_waits", "")
		c.send(t, a.ID, c.content(programme.Pass, 4))
		if told := c.told(t, c.ana); len(told) == 0 || told[0] != notice.Result {
			t.Errorf("ana is told %v", told)
		}
		_, err = c.programmes.Acknowledge(t.Context(), c.mia, a.ID)
		apptest.WantCode(t, err, "forbidden", "")
		first, err := c.programmes.Acknowledge(t.Context(), c.ana, a.ID)
		if err != nil || first.AcknowledgedAt == nil {
			t.Fatal(first, err)
		}
		e.Clock.Advance(time.Hour)
		if again, err := c.programmes.Acknowledge(t.Context(), c.ana, a.ID); err != nil || !again.AcknowledgedAt.Equal(*first.AcknowledgedAt) {
			t.Errorf("%+v, %v", again, err)
		}
	})
}
