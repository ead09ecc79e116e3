package programme_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestSetUp: everything that is set is kept, on both engines, and may be changed after the launch.
func TestSetUp(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		model, other := k.film(t, k.tom, "take", people.Everyone), k.film(t, k.ana, "take", people.Everyone)
		version := k.rubric(t).Current().ID
		want := programme.Programme{Name: "First call", Brief: "Line one.\nLine two.", RubricVersionID: version, Model: programme.Model{VideoID: model, StartMS: 1000, EndMS: 9000},
			Attachments: []programme.Attachment{{Title: "Price list", URL: "https://example.com/prices"}, {Title: "Another take", VideoID: other}},
			TargetMS:    120_000, AnswerTypes: []string{"camera", "screen"}, Due: programme.Due{Kind: programme.DueDays, Days: 10}, AttemptsMax: 3, WaitHours: 24,
			Pass: score.PassRule{Kind: score.Each, Percent: 0, Level: 2}, Reviewers: programme.ByPool, SecondShare: 20, SecondDistance: 10, ValidDays: 365, RenewDays: 30,
			Peers: programme.PeersAfter, MustSay: []string{"next step"}, MustNotSay: []string{"to be honest"}}
		want.ReviewerIDs = []string{k.mia.PersonID, k.eve.PersonID}
		slices.Sort(want.ReviewerIDs)
		rules := []programme.Rule{{PersonID: k.cleo.PersonID}, {TeamID: k.north, Role: people.Rep, NewWithinDays: 30}}
		id := ident.New()
		make := func(a people.Actor) (programme.Programme, error) {
			return k.programmes.Make(t.Context(), a, id, func(p *programme.Programme) {
				blank := *p
				*p = want
				p.State, p.Version, p.Rules = blank.State, blank.Version, slices.Concat(rules, rules) // the same rule twice is one
			})
		}
		p, err := make(k.tom)
		if err != nil {
			t.Fatal(err)
		}
		same := func(got programme.Programme) bool {
			got.ID, got.State, got.Version, got.CreatedBy, got.CreatedAt, got.UpdatedAt, got.OpenedAt = "", "", 0, nil, time.Time{}, time.Time{}, nil
			got.Rules = nil
			return fmt.Sprintf("%+v", got) == fmt.Sprintf("%+v", want)
		}
		if !same(p) || p.State != programme.Draft || p.Version != 1 || len(p.Rules) != 2 || p.Rules[1].NewWithinDays != 30 || p.Rules[0].PersonID != k.cleo.PersonID {
			t.Errorf("%+v\nwant %+v", p, want)
		}
		if again, err := make(k.tom); err != nil || again.Version != 1 {
			t.Errorf("%+v, %v", again, err)
		}
		_, err = make(k.ada)
		apptest.WantCode(t, err, "id_taken", "id")

		if p, err = k.programmes.Launch(t.Context(), k.tom, id); err != nil || p.State != programme.Open || p.OpenedAt == nil || !same(p) {
			t.Fatalf("%+v, %v", p, err)
		}
		opened := *p.OpenedAt
		if again, err := k.programmes.Launch(t.Context(), k.ada, id); err != nil || again.Version != p.Version {
			t.Errorf("opened twice: %+v, %v", again, err)
		}
		want.Brief, want.AttemptsMax = "Another brief.", 5
		if p, err = k.programmes.Change(t.Context(), k.ada, id, p.Version, func(p *programme.Programme) { p.Brief, p.AttemptsMax = want.Brief, want.AttemptsMax }); err != nil || !same(p) {
			t.Errorf("%+v, %v", p, err)
		}
		_, err = k.programmes.Change(t.Context(), k.ada, id, p.Version-1, func(p *programme.Programme) { p.Name = "Late" })
		apptest.WantCode(t, err, "programme_changed", "version")
		_, err = k.programmes.Change(t.Context(), k.ada, id, p.Version, func(p *programme.Programme) { p.Brief = " " })
		apptest.WantCode(t, err, "programme_incomplete", "brief")
		var f *fault.Error
		if !errors.As(err, &f) || !slices.Equal(f.Extra["missing"].([]string), []string{"brief"}) {
			t.Errorf("%+v", f)
		}

		e.Clock.Advance(time.Hour)
		if p, err = k.programmes.Close(t.Context(), k.tom, id); err != nil || p.State != programme.Closed || p.ClosedAt == nil {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err = k.programmes.Launch(t.Context(), k.tom, id); err != nil || p.State != programme.Open || p.ClosedAt != nil || !p.OpenedAt.Equal(opened) {
			t.Errorf("opened again: %+v, %v", p, err)
		}
		c, err := k.programmes.Copy(t.Context(), k.ada, id, "")
		if err != nil || c.ID == id || c.State != programme.Draft || c.Version != 1 || c.Name != "First call (copy)" || *c.CreatedBy != k.ada.PersonID || len(c.Rules) != 2 || c.OpenedAt != nil {
			t.Errorf("%+v, %v", c, err)
		}
		apptest.WantCode(t, k.programmes.Discard(t.Context(), k.tom, id), "programme_opened", "")
		if err := k.programmes.Discard(t.Context(), k.tom, c.ID); err != nil {
			t.Error(err)
		}
		_, err = k.programmes.Programme(t.Context(), k.tom, c.ID)
		apptest.WantCode(t, err, "programme_not_found", "")

		var steps []string
		trail, err := audit.Of(k.DB.Read(t.Context()), id)
		for _, s := range trail {
			steps = append(steps, s.Action)
		}
		if got := strings.Join(steps, " "); err != nil || got != "programme.opened programme.changed programme.closed programme.opened" {
			t.Errorf("trail %s, %v", got, err)
		}
	})
}

func TestSetUpRefusals(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	practice, hidden, gone := k.film(t, k.tom, string(video.Practice), people.Private), k.film(t, k.ana, "take", people.Private), ident.New()
	open := k.film(t, k.ana, "take", people.Everyone)
	p := k.draft(t, nil)
	for name, c := range map[string]struct {
		change      func(*programme.Programme)
		code, field string
	}{
		"no name":             {func(p *programme.Programme) { p.Name = "" }, "required", "name"},
		"a long name":         {func(p *programme.Programme) { p.Name = strings.Repeat("ä", 121) }, "too_long", "name"},
		"a long brief":        {func(p *programme.Programme) { p.Brief = strings.Repeat("ä", 5001) }, "too_long", "brief"},
		"a NUL in the brief":  {func(p *programme.Programme) { p.Brief = "a\x00" }, "text_invalid", "brief"},
		"no such rubric":      {func(p *programme.Programme) { p.RubricVersionID = gone }, "rubric_not_found", "rubric_version_id"},
		"a rubric of bytes":   {func(p *programme.Programme) { p.RubricVersionID = "a\x00\xff" }, "rubric_not_found", "rubric_version_id"},
		"no way to answer":    {func(p *programme.Programme) { p.AnswerTypes = nil }, "required", "answer_types"},
		"an unknown way":      {func(p *programme.Programme) { p.AnswerTypes = []string{"letter"} }, "kind_unknown", "answer_types"},
		"eleven minutes":      {func(p *programme.Programme) { p.TargetMS = 660_000 }, "out_of_range", "target_ms"},
		"a 30th of February":  {func(p *programme.Programme) { p.Due = programme.Due{Kind: programme.DueDate, Date: "2026-02-30"} }, "date_invalid", "due.date"},
		"due in no days":      {func(p *programme.Programme) { p.Due = programme.Due{Kind: programme.DueDays} }, "out_of_range", "due.days"},
		"due somehow":         {func(p *programme.Programme) { p.Due.Kind = "soon" }, "kind_unknown", "due.kind"},
		"a pass by luck":      {func(p *programme.Programme) { p.Pass.Kind = "luck" }, "kind_unknown", "pass.kind"},
		"101 percent":         {func(p *programme.Programme) { p.Pass.Percent = 101 }, "out_of_range", "pass.percent"},
		"level 0":             {func(p *programme.Programme) { p.Pass.Level = 0 }, "out_of_range", "pass.level"},
		"nobody in the pool":  {func(p *programme.Programme) { p.Reviewers = programme.ByPool }, "required", "reviewers.person_ids"},
		"a stranger reviews":  {func(p *programme.Programme) { p.Reviewers, p.ReviewerIDs = programme.ByNamed, []string{gone} }, "person_not_found", "reviewers.person_ids"},
		"a review by lot":     {func(p *programme.Programme) { p.Reviewers = "lot" }, "kind_unknown", "reviewers.kind"},
		"a stranger takes":    {func(p *programme.Programme) { p.Rules = []programme.Rule{{PersonID: gone}} }, "person_not_found", "rules[0].person_id"},
		"no such team":        {func(p *programme.Programme) { p.Rules = append(p.Rules, programme.Rule{TeamID: gone}) }, "team_not_found", "rules[1].team_id"},
		"no such role":        {func(p *programme.Programme) { p.Rules = []programme.Rule{{Role: "king"}} }, "role_unknown", "rules[0].role"},
		"a person and a team": {func(p *programme.Programme) { p.Rules = []programme.Rule{{PersonID: k.ana.PersonID, TeamID: k.north}} }, "rule_mixed", "rules[0].person_id"},
		"renewed too early":   {func(p *programme.Programme) { p.ValidDays, p.RenewDays = 10, 11 }, "renewal_too_long", "renew_days"},
		"peers sometimes":     {func(p *programme.Programme) { p.Peers = "sometimes" }, "kind_unknown", "peers"},
		"said and not said":   {func(p *programme.Programme) { p.MustSay, p.MustNotSay = []string{"Now"}, []string{"now"} }, "phrase_both", "must_not_say"},
		"an empty phrase":     {func(p *programme.Programme) { p.MustSay = []string{"Now", " "} }, "required", "must_say[1]"},
		"a hidden model":      {func(p *programme.Programme) { p.Model.VideoID = hidden }, "video_not_found", "model.video_id"},
		"no such model":       {func(p *programme.Programme) { p.Model.VideoID = gone }, "video_not_found", "model.video_id"},
		"a practice as model": {func(p *programme.Programme) { p.Model.VideoID = practice }, "video_practice", "model.video_id"},
		"an end outside":      {func(p *programme.Programme) { p.Model = programme.Model{VideoID: open, EndMS: 60_001} }, "time_outside", "end_ms"},
		"a script to read": {func(p *programme.Programme) {
			p.Attachments = []programme.Attachment{{Title: "x", URL: "javascript:alert(1)"}}
		}, "url_invalid", "attachments[0].url"},
		"a plain address": {func(p *programme.Programme) {
			p.Attachments = []programme.Attachment{{Title: "x", URL: "http://example.com"}}
		}, "url_invalid", "attachments[0].url"},
		"a password in it": {func(p *programme.Programme) {
			p.Attachments = []programme.Attachment{{Title: "x", URL: "https://a:b@example.com"}}
		}, "url_invalid", "attachments[0].url"},
		"nothing attached":    {func(p *programme.Programme) { p.Attachments = []programme.Attachment{{Title: "x"}} }, "required", "attachments[0].url"},
		"a hidden attachment": {func(p *programme.Programme) { p.Attachments = []programme.Attachment{{Title: "x", VideoID: hidden}} }, "video_not_found", "attachments[0].video_id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.programmes.Change(t.Context(), k.tom, p.ID, 1, c.change)
			apptest.WantCode(t, err, c.code, c.field)
		})
	}
	if got, err := k.programmes.Programme(t.Context(), k.tom, p.ID); err != nil || got.Version != 1 || got.Name != p.Name {
		t.Errorf("a refusal changed something: %+v, %v", got, err)
	}
	empty, err := k.programmes.Make(t.Context(), k.tom, "", func(p *programme.Programme) { p.Name = "Empty" })
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.programmes.Launch(t.Context(), k.tom, empty.ID)
	apptest.WantCode(t, err, "programme_incomplete", "brief")
	_, err = k.programmes.Close(t.Context(), k.tom, empty.ID)
	apptest.WantCode(t, err, "programme_draft", "")
	_, err = k.programmes.Make(t.Context(), k.mia, "", func(p *programme.Programme) { p.Name = "Mine" })
	if !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	// What was named may stay, whatever has become of it.
	no := false
	k.change(t, k.eve, people.PersonChange{Active: &no})
	_, err = k.programmes.Change(t.Context(), k.tom, p.ID, 1, func(p *programme.Programme) { p.Reviewers, p.ReviewerIDs = programme.ByNamed, []string{k.eve.PersonID} })
	apptest.WantCode(t, err, "person_not_found", "reviewers.person_ids")
}

// TestChangesAtOnce: of many who change the same version, one succeeds; nothing is mixed.
func TestChangesAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) {
					p.Name, p.Brief = fmt.Sprintf("By %d", i), fmt.Sprintf("Brief of %d", i)
					p.Rules = []programme.Rule{{PersonID: k.ana.PersonID}, {TeamID: k.north, NewWithinDays: i + 1}}
				})
			})
		}
		wg.Wait()
		var made []int
		for i, err := range errs {
			switch {
			case err == nil:
				made = append(made, i)
			case fault.CodeOf(err) != "programme_changed":
				t.Error(err)
			}
		}
		got, err := k.programmes.Programme(t.Context(), k.tom, p.ID)
		if err != nil || len(made) != 1 {
			t.Fatalf("%v succeeded, %v", made, err)
		}
		if n := made[0]; got.Name != fmt.Sprintf("By %d", n) || got.Brief != fmt.Sprintf("Brief of %d", n) || len(got.Rules) != 2 || got.Rules[1].NewWithinDays != n+1 || got.Version != p.Version+1 {
			t.Errorf("%d won: %+v", n, got)
		}
	})
}

// TestWhoSees: trainers and admins all, managers those in which people of their line take part.
func TestWhoSees(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		north := k.open(t, nil)
		cleos := k.open(t, func(p *programme.Programme) { p.Rules = []programme.Rule{{PersonID: k.cleo.PersonID}} })
		mias := k.open(t, func(p *programme.Programme) { p.Rules = []programme.Rule{{PersonID: k.mia.PersonID}} })
		draft := k.draft(t, nil)
		all := []string{north.ID, cleos.ID, mias.ID, draft.ID}
		for _, c := range []struct {
			who  people.Actor
			want []string
		}{{k.tom, all}, {k.ada, all}, {k.mia, []string{north.ID}}, {k.eve, []string{north.ID, mias.ID}}, {k.ana, nil}, {k.cleo, nil}} {
			found, err := k.programmes.ListProgrammes(t.Context(), c.who, "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range found {
				got = append(got, p.ID)
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.want))
			if !slices.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", c.who.Name, got, want)
			}
			for _, id := range all {
				_, err := k.programmes.Programme(t.Context(), c.who, id)
				_, nerr := k.programmes.Numbers(t.Context(), c.who, id, "")
				_, lerr := k.programmes.Participants(t.Context(), c.who, id, programme.ParticipantFilter{Limit: 10})
				for _, err := range []error{err, nerr, lerr} {
					if sees := err == nil; sees != slices.Contains(want, id) || (!sees && !fault.Is(err, fault.NotFound)) {
						t.Errorf("%s of %s: %v", c.who.Name, id, err)
					}
				}
			}
		}
		if open, err := k.programmes.ListProgrammes(t.Context(), k.tom, programme.Draft); err != nil || len(open) != 1 || open[0].ID != draft.ID {
			t.Errorf("%+v, %v", open, err)
		}
		_, err := k.programmes.Change(t.Context(), k.mia, north.ID, north.Version, func(*programme.Programme) {})
		if !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		_, err = k.programmes.Change(t.Context(), k.mia, cleos.ID, cleos.Version, func(*programme.Programme) {})
		apptest.WantCode(t, err, "programme_not_found", "")
		uses, err := k.programmes.Uses(t.Context(), k.mia, []programme.Programme{north, mias})
		if err != nil || uses[north.ID].Participants != 2 || uses[mias.ID].Participants != 0 || uses[north.ID].Rubric.Number != 1 || uses[north.ID].RubricName != "Pitch" || uses[north.ID].CurrentVersion != 1 {
			t.Errorf("%+v, %v", uses, err)
		}
	})
}

func TestPreview(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		preview := func(kind programme.ReviewerKind, reviewers []string, rules ...programme.Rule) string {
			t.Helper()
			p, err := k.programmes.Preview(t.Context(), k.tom, rules, kind, reviewers)
			if err != nil {
				t.Fatal(err)
			}
			text := func(list []programme.Named) string {
				var out []string
				for _, n := range list {
					out = append(out, n.Name)
				}
				return strings.Join(out, " ")
			}
			return fmt.Sprintf("%d: %s; without: %s", p.Count, text(p.People), text(p.WithoutReviewer))
		}
		reps := programme.Rule{Role: people.Rep}
		if got := preview(programme.ByManager, nil, reps); got != "3: Ana Ben Cleo; without: Cleo" {
			t.Error(got)
		}
		// Eve stands at the top, so nobody is above her; mia's manager is eve.
		if got := preview(programme.ByManager, nil, programme.Rule{Role: people.Manager}); got != "2: Eve Mia; without: Eve" {
			t.Error(got)
		}
		if got := preview(programme.ByPool, []string{k.ana.PersonID}, reps); got != "3: Ana Ben Cleo; without: Ana" {
			t.Error(got)
		}
		no := false
		k.change(t, k.mia, people.PersonChange{Active: &no})
		if got := preview(programme.ByManager, nil, reps); got != "3: Ana Ben Cleo; without: Cleo" {
			t.Error(got) // eve, above mia, is still there
		}
		k.change(t, k.eve, people.PersonChange{Active: &no})
		if got := preview(programme.ByManager, nil, reps, programme.Rule{Role: people.Manager}); got != "3: Ana Ben Cleo; without: Ana Ben Cleo" {
			t.Error(got)
		}
		if got := preview(programme.ByManager, nil); got != "0: ; without: " {
			t.Error(got)
		}
		if _, err := k.programmes.Preview(t.Context(), k.mia, nil, programme.ByManager, nil); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}

func TestExtending(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) {
			p.Rules = append(p.Rules, programme.Rule{PersonID: k.mia.PersonID}, programme.Rule{PersonID: k.cleo.PersonID})
		})
		at, two := e.Clock.Now().Add(30*24*time.Hour), 2
		for _, c := range []struct {
			by, whom people.Actor
			want     string
		}{
			{k.mia, k.ana, ""}, {k.eve, k.mia, ""}, {k.tom, k.cleo, ""}, {k.ada, k.cleo, ""},
			{k.mia, k.cleo, "participant_not_found"}, {k.mia, k.mia, "forbidden"}, {k.ana, k.ana, "programme_not_found"}, {k.tom, k.eve, "participant_not_found"},
		} {
			got, err := k.programmes.ExtendFor(t.Context(), c.by, p.ID, c.whom.PersonID, programme.Extension{DueAt: &at, ExtraAttempts: &two})
			if c.want != "" {
				apptest.WantCode(t, err, c.want, "")
				continue
			}
			if err != nil || got.PersonID != c.whom.PersonID || got.DueAt == nil || !got.DueAt.Equal(at) || got.ExtraAttempts != 2 || got.Name != c.whom.Name {
				t.Errorf("%s for %s: %+v, %v", c.by.Name, c.whom.Name, got, err)
			}
		}
		past, many := e.Clock.Now().Add(-time.Second), 51
		_, err := k.programmes.ExtendFor(t.Context(), k.tom, p.ID, k.ana.PersonID, programme.Extension{DueAt: &past})
		apptest.WantCode(t, err, "time_past", "due_at")
		_, err = k.programmes.ExtendFor(t.Context(), k.tom, p.ID, k.ana.PersonID, programme.Extension{ExtraAttempts: &many})
		apptest.WantCode(t, err, "out_of_range", "extra_attempts")
		k.unplace(t, k.north, k.ben, people.AsMember)
		k.sync(t, p.ID)
		_, err = k.programmes.ExtendFor(t.Context(), k.tom, p.ID, k.ben.PersonID, programme.Extension{ExtraAttempts: &two})
		apptest.WantCode(t, err, "participant_left", "")
	})
}

// TestRescoring: choosing a newer rubric version offers the attempts that were scored under the old one, and
// hands them on once.
func TestRescoring(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		first := k.settle(t, p, k.ana, programme.TryAgain, 5000, 2, 3, 1)
		second := k.settle(t, p, k.ana, programme.Pass, 8000, 4, 3, 3)
		k.settle(t, p, k.ben, programme.Fail, 1000, 1, 1, 1)
		var asked [][]string
		k.programmes.OnRescore = func(_ context.Context, tx *db.Tx, ids []string) error {
			asked = append(asked, ids)
			for _, id := range ids {
				if err := tx.Gorm().Exec(`INSERT INTO reviews (id, attempt_id, programme_id, role, state, rubric_version_id, draft, draft_version, decision, retry_criteria, message, assigned_at, created_at)
					SELECT ?, a.id, a.programme_id, 'again', 'waiting', p.rubric_version_id, '', 0, '', '[]', '', ?, ? FROM attempts a JOIN programmes p ON p.id = a.programme_id WHERE a.id = ?`,
					ident.New(), tx.Now, tx.Now, id).Error; err != nil {
					return err
				}
			}
			return nil
		}
		if got, err := k.programmes.Rescorables(t.Context(), k.tom, p.ID); err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		v, err := k.rubrics.Version(t.Context(), p.RubricVersionID)
		if err != nil {
			t.Fatal(err)
		}
		view, err := k.rubrics.Revise(t.Context(), k.tom, v.RubricID, 1, criteria("Opening", "Need", "Close"))
		if err != nil {
			t.Fatal(err)
		}
		// A newer version alone changes nothing until the programme takes it.
		if got, err := k.programmes.Rescorables(t.Context(), k.tom, p.ID); err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		if p, err = k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) { p.RubricVersionID = view.Current().ID }); err != nil {
			t.Fatal(err)
		}
		got, err := k.programmes.Rescorables(t.Context(), k.tom, p.ID)
		if err != nil || len(got) != 3 || got[0].AttemptID != first || got[1].AttemptID != second || got[1].Score != 8000 || got[1].Version != 1 || got[1].Number != 2 || got[2].Name != "Ben" {
			t.Fatalf("%+v, %v", got, err)
		}
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = k.programmes.Rescore(t.Context(), k.tom, p.ID, []string{second, first, second}) })
		}
		wg.Wait()
		ok := 0
		for _, err := range errs {
			if err == nil {
				ok++
			} else {
				apptest.WantCode(t, err, "attempt_not_rescorable", "attempt_ids")
			}
		}
		if ok != 1 || !slices.Equal(asked[0], slices.Sorted(slices.Values([]string{first, second}))) {
			t.Errorf("%d succeeded, asked for %v", ok, asked)
		}
		if got, err := k.programmes.Rescorables(t.Context(), k.tom, p.ID); err != nil || len(got) != 1 || got[0].Name != "Ben" {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := k.programmes.Rescorables(t.Context(), k.mia, p.ID); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		apptest.WantCode(t, k.programmes.Rescore(t.Context(), k.cleo, p.ID, []string{first}), "programme_not_found", "")
	})
}
