package programme_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

func brief(c programme.Counts) string {
	return fmt.Sprintf("%d: %d new, %d sent, %d retry, %d passed, %d failed; %d over, %d ending; %d wait", c.People, c.NotStarted, c.Submitted, c.Retry, c.Passed, c.Failed, c.Overdue,
		c.Expiring, c.WaitingReviews)
}

// TestNumbers works a small programme through by hand: Ana fails once and passes, Ben waits, Cleo has done
// nothing in time, Mia has left after a pass, Eve passed and her certificate ends soon.
func TestNumbers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) {
			p.Rules = []programme.Rule{{Role: people.Rep}, {Role: people.Manager}}
			p.Due = programme.Due{Kind: programme.DueDays, Days: 3}
			p.Pass, p.ValidDays, p.RenewDays = score.PassRule{Kind: score.Each, Level: 3}, 365, 30
		})
		// Monday 09:00 UTC, 10:00 in Berlin, where Mia reviews. An attempt of 09:00 there has its result at 10:00.
		first := k.settle(t, p, k.ana, programme.TryAgain, 5000, 2, 3, 1)
		k.settle(t, p, k.mia, programme.Pass, 9000, 4, 4, 3)
		k.settle(t, p, k.eve, programme.Pass, 7000, 3, 3, 3)
		k.Clock.Advance(24 * time.Hour)
		passed := k.settle(t, p, k.ana, programme.Pass, 8000, 3, 3, 4)
		k.Clock.Advance(24 * time.Hour)
		k.wait(t, p, k.ben)
		waits := e.Clock.Now()
		k.Clock.Advance(3 * 24 * time.Hour) // Saturday: the third day is over everywhere
		rep := []people.Role{people.Trainer}
		k.change(t, k.mia, people.PersonChange{Roles: &rep})
		k.sync(t, p.ID)
		for _, c := range []struct {
			who     people.Actor
			expires time.Duration
			attempt string
		}{{k.ana, 300 * 24 * time.Hour, passed}, {k.eve, 29 * 24 * time.Hour, k.attemptOf(t, p, k.eve)}} {
			k.Exec(t, `INSERT INTO certificates (id, number, code, enrolment_id, programme_id, person_id, attempt_id, programme, holder, name_public, issued_at, expires_at, revoke_reason)
				VALUES (?, ?, ?, ?, ?, ?, ?, 'First call', 'Somebody', ?, ?, ?, '')`, ident.New(), "FR-"+c.who.Name, ident.New(), k.enrolment(t, p.ID, c.who).ID, p.ID, c.who.PersonID, c.attempt, false,
				e.Clock.Now(), e.Clock.Now().Add(c.expires))
		}
		k.Exec(t, `INSERT INTO disputes (id, attempt_id, person_id, reason, state, resolution, created_at) VALUES (?, ?, ?, 'No.', 'stands', '', ?)`, ident.New(), first, k.ana.PersonID, e.Clock.Now())

		n, err := k.programmes.Numbers(t.Context(), k.tom, p.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := brief(n.Total); got != "4: 1 new, 1 sent, 0 retry, 2 passed, 0 failed; 1 over, 1 ending; 1 wait" || !n.Total.OldestWaitingAt.Equal(waits) {
			t.Errorf("%s, oldest %v", got, n.Total.OldestWaitingAt)
		}
		teams := map[string]string{}
		var order []string
		for _, c := range n.Teams {
			teams[c.Team.Name] = brief(c.Counts)
			order = append(order, c.Team.Name)
		}
		// Eve manages Europe and is a member of none, like Cleo.
		if fmt.Sprint(order) != "[North ]" || teams["North"] != "2: 0 new, 1 sent, 0 retry, 1 passed, 0 failed; 0 over, 0 ending; 1 wait" ||
			teams[""] != "2: 1 new, 0 sent, 0 retry, 1 passed, 0 failed; 1 over, 1 ending; 0 wait" {
			t.Errorf("%v %v", order, teams)
		}
		// Of three people: (5000 + 9000 + 7000) / 3 at first, (8000 + 9000 + 7000) / 3 at last.
		if n.First != (programme.Results{N: 3, Passed: 2, MeanScore: 7000}) || n.Last != (programme.Results{N: 3, Passed: 3, MeanScore: 8000}) {
			t.Errorf("first %+v, last %+v", n.First, n.Last)
		}
		// Close: levels 1, 3, 3, 4 of 4, once of four times below 3, shares 0, 2/3, 2/3, 1. Opening: 2, 4, 3, 3: once, shares
		// 1/3, 1, 2/3, 2/3. Need: 3, 4, 3, 3: never.
		if len(n.Missed) != 3 || n.Missed[0].Name != "Close" || n.Missed[1].Name != "Opening" || n.Missed[2].Name != "Need" {
			t.Fatalf("%+v", n.Missed)
		}
		for i, want := range []programme.Missed{{N: 4, BelowShare: .25, MeanShare: 7. / 12}, {N: 4, BelowShare: .25, MeanShare: 8. / 12}, {N: 4, MeanShare: 9. / 12}} {
			got := n.Missed[i]
			if got.N != want.N || got.BelowShare != want.BelowShare || math.Abs(got.MeanShare-want.MeanShare) > 1e-9 {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		if n.ReviewTime != (programme.ReviewTime{N: 4, Median: 1, P90: 1}) {
			t.Errorf("%+v", n.ReviewTime)
		}
		if n.Disputes != (programme.Disputes{Stands: 1}) || len(n.Definition) < 6 || !n.AsOf.Equal(e.Clock.Now()) {
			t.Errorf("%+v, %d definitions, as of %s", n.Disputes, len(n.Definition), n.AsOf)
		}

		// By total the bar is a share of the points: 70 % of 3 is more than level 3, which is worth 2.
		if p, err = k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) { p.Pass = score.PassRule{Kind: score.Total, Percent: 70, Level: 1} }); err != nil {
			t.Fatal(err)
		}
		if n, err = k.programmes.Numbers(t.Context(), k.tom, p.ID, k.europe); err != nil {
			t.Fatal(err)
		}
		if got := brief(n.Total); got != "2: 0 new, 1 sent, 0 retry, 1 passed, 0 failed; 0 over, 0 ending; 1 wait" || n.First.N != 1 || n.Last.MeanScore != 8000 || n.ReviewTime.N != 2 {
			t.Errorf("Europe: %s, %+v", got, n)
		}
		if n.Missed[0].Name != "Opening" || n.Missed[0].BelowShare != 1 || n.Missed[1].BelowShare != 1 || n.Missed[2].BelowShare != .5 {
			t.Errorf("Europe: %+v", n.Missed)
		}
		_, err = k.programmes.Numbers(t.Context(), k.tom, p.ID, ident.New())
		apptest.WantCode(t, err, "team_not_found", "team")

		// Eve sees her line and neither herself nor Cleo.
		if n, err = k.programmes.Numbers(t.Context(), k.eve, p.ID, ""); err != nil || n.Total.People != 2 || n.First.N != 2 || n.Disputes.Stands != 1 {
			t.Errorf("for eve: %+v, %v", n, err)
		}
		trend, err := k.rubrics.Trend(t.Context(), k.tom, k.rubricOf(t, p))
		if err != nil || len(trend.Lines) != 3 || trend.Lines[0].Name != "Opening" || len(trend.Lines[0].Points) != 1 {
			t.Fatalf("%+v, %v", trend, err)
		}
		if got := trend.Lines[0].Points[0]; got.Month != "2026-03" || got.N != 4 || got.Version != 1 || math.Abs(got.MeanShare-8./12) > 1e-9 {
			t.Errorf("%+v", got)
		}
	})
}

// attemptOf gives the last attempt.
func (k *kit) attemptOf(t *testing.T, p programme.Programme, who people.Actor) string {
	t.Helper()
	var a programme.Attempt
	if err := k.DB.Read(t.Context()).Where("programme_id = ? AND person_id = ?", p.ID, who.PersonID).Order("number DESC").Take(&a).Error; err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func (k *kit) rubricOf(t *testing.T, p programme.Programme) string {
	t.Helper()
	v, err := k.rubrics.Version(t.Context(), p.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	return v.RubricID
}

func TestParticipants(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) {
			p.Rules, p.Due = []programme.Rule{{Role: people.Rep}}, programme.Due{Kind: programme.DueDays, Days: 1}
		})
		k.settle(t, p, k.ana, programme.TryAgain, 5025, 2, 3, 1)
		k.wait(t, p, k.ben)
		k.film(t, k.cleo, "practice", people.Private)
		k.Exec(t, `UPDATE videos SET for_id = ? WHERE kind = 'practice'`, k.enrolment(t, p.ID, k.cleo).ID)
		list := func(f programme.ParticipantFilter) string {
			t.Helper()
			if f.Limit == 0 {
				f.Limit = 10
			}
			got, err := k.programmes.Participants(t.Context(), k.tom, p.ID, f)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, o := range got {
				out = append(out, fmt.Sprintf("%s %s %v", o.Name, o.Status, o.IsOverdue))
			}
			return strings.Join(out, ", ")
		}
		// That Cleo practises is nobody's to see.
		if got := list(programme.ParticipantFilter{}); got != "Ana retry false, Ben submitted false, Cleo not_started false" {
			t.Error(got)
		}
		k.Clock.Advance(3 * 24 * time.Hour)
		if got := list(programme.ParticipantFilter{}); got != "Ana retry true, Ben submitted false, Cleo not_started true" {
			t.Error(got)
		}
		if got := list(programme.ParticipantFilter{Overdue: true, Status: programme.NotStarted}); got != "Cleo not_started true" {
			t.Error(got)
		}
		if got := list(programme.ParticipantFilter{Team: k.europe}); got != "Ana retry true, Ben submitted false" {
			t.Error(got)
		}
		if got := list(programme.ParticipantFilter{After: k.enrolment(t, p.ID, k.ana).ID, Limit: 1}); got != "Ben submitted false" {
			t.Error(got)
		}
		k.unplace(t, k.north, k.ben, people.AsMember)
		rep := []people.Role{people.Trainer}
		k.change(t, k.ben, people.PersonChange{Roles: &rep})
		k.sync(t, p.ID)
		if got := list(programme.ParticipantFilter{}); got != "Ana retry true, Cleo not_started true" {
			t.Error(got)
		}
		if got := list(programme.ParticipantFilter{Status: programme.StatusLeft}); got != "Ben left false" {
			t.Error(got)
		}
		if got := list(programme.ParticipantFilter{Expiring: true}); got != "" {
			t.Error(got)
		}
		_, err := k.programmes.Participants(t.Context(), k.tom, p.ID, programme.ParticipantFilter{After: "nobody", Limit: 1})
		apptest.WantCode(t, err, "cursor_unknown", "cursor")
		got, err := k.programmes.Participants(t.Context(), k.mia, p.ID, programme.ParticipantFilter{Limit: 10})
		if err != nil || len(got) != 1 || got[0].Name != "Ana" || got[0].LastAttemptID != k.attemptOf(t, p, k.ana) || *got[0].LastScore != 5025 || got[0].LastDecision != programme.TryAgain || got[0].Team.Name != "North" || got[0].DueAt == nil ||
			got[0].DueAt.Location() != time.UTC {
			t.Errorf("%+v, %v", got, err)
		}
		// What waits is the newest, and has nothing to do with the result before it.
		waits := k.wait(t, p, k.ana)
		if got, err = k.programmes.Participants(t.Context(), k.mia, p.ID, programme.ParticipantFilter{Limit: 10}); err != nil || got[0].LastAttemptID != waits || got[0].WaitingSince == nil || *got[0].LastScore != 5025 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestCSV: a spreadsheet calculates nothing of what people write, and can read all of it.
func TestCSV(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		evil := map[string]string{
			`=HYPERLINK("https://evil.example","x")`: `'=HYPERLINK("https://evil.example","x")`, "+1": "'+1", "-2+3": "'-2+3", "@SUM(1)": "'@SUM(1)", "＝1+1": "'＝1+1", `a "quoted", name`: `a "quoted", name`,
		}
		for name := range evil {
			k.Place(t, k.north, k.Add(t, name, "UTC", people.Rep), people.AsMember)
		}
		p := k.open(t, nil)
		k.settle(t, p, k.ana, programme.Pass, 7996, 4, 4, 3)
		text, err := k.programmes.NumbersCSV(t.Context(), k.mia, p.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil || len(rows) != 3+len(evil) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		column := map[string]int{}
		for i, h := range rows[0] {
			column[h] = i
		}
		found := map[string]bool{}
		for _, r := range rows[1:] {
			found[r[column["person"]]] = true
			for _, cell := range r {
				if cell != "" && strings.ContainsRune("=+-@＝", []rune(cell)[0]) {
					t.Errorf("a spreadsheet calculates %q", cell)
				}
			}
			if r[column["person"]] == "Ana" && (r[column["status"]] != "passed" || r[column["last_score"]] != "79.9" || r[column["team"]] != "North" || r[column["as_of"]] != "2026-03-02T09:00:00Z") {
				t.Errorf("%v", r)
			}
		}
		for name, safe := range evil {
			if !found[safe] {
				t.Errorf("%q is not there as %q", name, safe)
			}
		}
		_, err = k.programmes.NumbersCSV(t.Context(), k.ana, p.ID, "")
		apptest.WantCode(t, err, "programme_not_found", "")
	})
}
