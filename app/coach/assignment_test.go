package coach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestPractice is a practice assigned and done, where who assigned it learns that and no more.
func TestPractice(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		model := k.film(t, k.ben, people.Everyone, "take")
		n := coach.NewAssignment{ID: ident.New(), ToID: k.ana.PersonID, VideoID: model, StartMS: 2000, EndMS: 9000, Prompt: " Say it your way, 20 s. ", TargetMS: 20_000, DueOn: today(k, 2)}
		given, err := k.coach.Assign(t.Context(), k.mia, n)
		if err != nil || given.Prompt != "Say it your way, 20 s." || *given.VideoID != model || given.StartMS != 2000 || given.EndMS != 9000 || given.State != coach.Open {
			t.Fatalf("%+v, %v", given, err)
		}
		if again, err := k.coach.Assign(t.Context(), k.mia, n); err != nil || again.ID != given.ID {
			t.Errorf("the same id again: %+v, %v", again, err)
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Assigned}) {
			t.Errorf("ana was told %v", got)
		}
		practice := k.film(t, k.ana, people.Private, video.Practice, given.ID)
		e.Clock.Advance(time.Hour)
		done, err := k.coach.Practised(t.Context(), k.ana, given.ID, "")
		if err != nil || done.State != coach.Done || done.ShownVideoID != nil || !done.SettledAt.Equal(e.Clock.Now()) {
			t.Errorf("%+v, %v", done, err)
		}
		if again, err := k.coach.Practised(t.Context(), k.ana, given.ID, ""); err != nil || !again.SettledAt.Equal(*done.SettledAt) {
			t.Errorf("twice: %+v, %v", again, err)
		}
		if got := k.told(t, k.mia); !slices.Equal(got, []notice.Kind{notice.Practised}) {
			t.Errorf("mia was told %v", got)
		}
		if got := k.told(t, k.ana); len(got) != 0 {
			t.Errorf("ana is still told %v", got)
		}
		if k.sees(t, k.mia, practice) {
			t.Error("mia sees a practice")
		}

		// Shown, it is a take that both see and that stays; it is found by nobody.
		e.Clock.Advance(time.Hour)
		shown, err := k.coach.Practised(t.Context(), k.ana, given.ID, practice)
		if err != nil || *shown.ShownVideoID != practice || !shown.SettledAt.Equal(*done.SettledAt) {
			t.Errorf("%+v, %v", shown, err)
		}
		if !k.sees(t, k.mia, practice) || k.sees(t, k.dora, practice) || k.sees(t, k.ben, practice) {
			t.Error("mia alone should see it now")
		}
		if v := must(k.videos.Get(t.Context(), k.mia, practice)); v.Kind != video.Attempt || v.Audience != people.Private || v.Findable() {
			t.Errorf("kind %s, audience %s", v.Kind, v.Audience)
		}
		other := k.film(t, k.ana, people.Private, video.Practice, given.ID)
		_, err = k.coach.Practised(t.Context(), k.ana, given.ID, other)
		apptest.WantCode(t, err, "shown_already", "show_video_id")
		apptest.WantCode(t, k.coach.WithdrawAssignment(t.Context(), k.mia, given.ID), "settled", "")

		// The assignment outlives both videos.
		k.Exec(t, `DELETE FROM videos WHERE id IN ?`, []string{model, practice})
		if left := must(k.coach.Assignment(t.Context(), k.mia, given.ID)); left.VideoID != nil || left.ShownVideoID != nil || left.State != coach.Done {
			t.Errorf("%+v", left)
		}
	})
}

// today gives a day some days from now.
func today(k *kit, days int) string {
	return k.Clock.Now().AddDate(0, 0, days).UTC().Format(time.DateOnly)
}

// TestPracticeDue has the day end where the person is.
func TestPracticeDue(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		model := k.film(t, k.ben, people.Everyone, "take")
		zone := "Pacific/Kiritimati" // 14 hours ahead
		if _, err := k.People.ChangePerson(t.Context(), people.System(), k.ana.PersonID, people.PersonChange{TimeZone: &zone}); err != nil {
			t.Fatal(err)
		}
		at := e.Clock.Now().UTC()
		e.Clock.Advance(time.Date(at.Year(), at.Month(), at.Day()+1, 9, 59, 0, 0, time.UTC).Sub(at))
		there := e.Clock.Now().UTC().Format(time.DateOnly) // a minute to midnight in Kiritimati
		assign := func(to people.Actor) string {
			return must(k.coach.Assign(t.Context(), k.mia, coach.NewAssignment{ToID: to.PersonID, VideoID: model, Prompt: "Again.", DueOn: there})).ID
		}
		anas, bens := assign(k.ana), assign(k.ben)
		overdue := func(a people.Actor, id string) bool { return must(k.coach.Assignment(t.Context(), a, id)).Overdue }
		if overdue(k.ana, anas) || overdue(k.ben, bens) {
			t.Error("overdue on the day itself")
		}
		e.Clock.Advance(time.Minute)
		if !overdue(k.ana, anas) || overdue(k.ben, bens) {
			t.Error("the day is over for ana only")
		}
		_, err := k.coach.Assign(t.Context(), k.mia, coach.NewAssignment{ToID: k.ana.PersonID, VideoID: model, Prompt: "Again.", DueOn: there})
		apptest.WantCode(t, err, "date_past", "due_on")
		must(k.coach.Practised(t.Context(), k.ana, anas, ""))
		if overdue(k.ana, anas) {
			t.Error("overdue after it is done")
		}
		if c := must(k.coach.Waiting(t.Context(), k.ben)); c != (coach.Counts{Assignments: 1}) {
			t.Errorf("waiting %+v", c)
		}
	})
}

// TestPracticeRefusals is who may assign what to whom, and what may be shown.
func TestPracticeRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		model, hidden, mias := k.film(t, k.ben, people.Everyone, "take"), k.film(t, k.cleo, people.Private, "take"), k.film(t, k.mia, people.Private, "take")
		ana := k.ana.PersonID
		ok := coach.NewAssignment{ToID: ana, VideoID: model, Prompt: "Say it.", EndMS: 5000}
		for _, a := range []people.Actor{k.mia, k.dora, k.tom} { // every level, and trainers
			if _, err := k.coach.Assign(t.Context(), a, ok); err != nil {
				t.Errorf("%s: %v", a.Name, err)
			}
		}
		for _, a := range []people.Actor{k.ben, k.cleo, people.System()} {
			_, err := k.coach.Assign(t.Context(), a, ok)
			apptest.WantCode(t, err, "forbidden", "")
		}
		with := func(change func(*coach.NewAssignment)) coach.NewAssignment {
			n := ok
			change(&n)
			return n
		}
		taken := must(k.coach.Assign(t.Context(), k.dora, ok)).ID
		for _, c := range []struct {
			n           coach.NewAssignment
			code, field string
		}{
			{with(func(n *coach.NewAssignment) { n.ToID = k.mia.PersonID }), "assign_self", "to"},
			{with(func(n *coach.NewAssignment) { n.ToID = ident.New() }), "person_not_found", "to"},
			{with(func(n *coach.NewAssignment) { n.ToID = "\x00" }), "person_not_found", "to"},
			{with(func(n *coach.NewAssignment) { n.ToID = k.dora.PersonID }), "forbidden", ""},
			{with(func(n *coach.NewAssignment) { n.ToID = k.cleo.PersonID }), "forbidden", ""},
			{with(func(n *coach.NewAssignment) { n.VideoID = ident.New() }), "video_not_found", ""},
			{with(func(n *coach.NewAssignment) { n.VideoID = "" }), "video_not_found", ""},
			{with(func(n *coach.NewAssignment) { n.VideoID = "\x00" }), "video_not_found", ""},
			{with(func(n *coach.NewAssignment) { n.VideoID = hidden }), "video_not_found", ""},
			{with(func(n *coach.NewAssignment) { n.VideoID = mias }), "moment_not_visible", "video_id"},
			{with(func(n *coach.NewAssignment) { n.EndMS = 60_001 }), "time_outside", "end_ms"},
			{with(func(n *coach.NewAssignment) { n.StartMS, n.EndMS = 60_000, 60_001 }), "time_outside", "start_ms"},
			{with(func(n *coach.NewAssignment) { n.Prompt = " " }), "required", "prompt"},
			{with(func(n *coach.NewAssignment) { n.Prompt = strings.Repeat("é", 501) }), "too_long", "prompt"},
			{with(func(n *coach.NewAssignment) { n.TargetMS = coach.MaxTarget + 1 }), "out_of_range", "target_ms"},
			{with(func(n *coach.NewAssignment) { n.TargetMS = -1 }), "out_of_range", "target_ms"},
			{with(func(n *coach.NewAssignment) { n.DueOn = "tomorrow" }), "date_invalid", "due_on"},
			{with(func(n *coach.NewAssignment) { n.DueOn = "2026-02-30" }), "date_invalid", "due_on"},
			{with(func(n *coach.NewAssignment) { n.DueOn = today(k, -2) }), "date_past", "due_on"},
			{with(func(n *coach.NewAssignment) { n.DueOn = "9999-01-01" }), "date_far", "due_on"},
			{with(func(n *coach.NewAssignment) { n.ID = taken }), "id_taken", "id"},
		} {
			_, err := k.coach.Assign(t.Context(), k.mia, c.n)
			apptest.WantCode(t, err, c.code, c.field)
		}
		id := must(k.coach.Assign(t.Context(), k.mia, ok)).ID
		if n := k.Count(t, `SELECT COUNT(*) FROM practice_assignments`); n != 5 {
			t.Errorf("%d assignments", n)
		}
		foreign, bens := k.film(t, k.ana, people.Private, video.Practice, taken), k.film(t, k.ben, people.Private, video.Practice, id)
		for _, c := range []struct {
			who         people.Actor
			id, show    string
			code, field string
		}{
			{k.ben, id, "", "practice_assignment_not_found", ""}, {k.mia, id, "", "forbidden", ""}, {k.dora, id, "", "practice_assignment_not_found", ""},
			{k.ana, ident.New(), "", "practice_assignment_not_found", ""}, {k.ana, "\x00", "", "practice_assignment_not_found", ""},
			{k.ana, id, foreign, "practice_of_another", "show_video_id"}, {k.ana, id, bens, "video_not_found", ""}, {k.ana, id, model, "video_not_yours", "show_video_id"},
			{k.ana, id, "\x00", "video_not_found", ""},
		} {
			_, err := k.coach.Practised(t.Context(), c.who, c.id, c.show)
			apptest.WantCode(t, err, c.code, c.field)
		}
		if x := must(k.coach.Assignment(t.Context(), k.ana, id)); x.State != coach.Open {
			t.Errorf("%+v", x)
		}
		apptest.WantCode(t, k.coach.WithdrawAssignment(t.Context(), k.ana, id), "forbidden", "")
		apptest.WantCode(t, k.coach.WithdrawAssignment(t.Context(), k.dora, id), "practice_assignment_not_found", "")
		for range 2 {
			if err := k.coach.WithdrawAssignment(t.Context(), k.mia, id); err != nil {
				t.Error(err)
			}
		}
		_, err := k.coach.Assignment(t.Context(), k.ana, id)
		apptest.WantCode(t, err, "practice_assignment_not_found", "")
		_, err = k.coach.Practised(t.Context(), k.ana, id, "")
		apptest.WantCode(t, err, "practice_assignment_not_found", "")
		list := func(a people.Actor, b coach.Box) int {
			return len(must(k.coach.Assignments(t.Context(), a, coach.Filter{Box: b, Limit: 50})))
		}
		if list(k.ana, coach.Received) != 4 || list(k.mia, coach.Sent) != 2 || list(k.dora, coach.Sent) != 2 || list(k.ben, coach.Received) != 0 {
			t.Errorf("ana %d, mia %d, dora %d", list(k.ana, coach.Received), list(k.mia, coach.Sent), list(k.dora, coach.Sent))
		}
	})
}
