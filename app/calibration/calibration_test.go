package calibration_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestMonth is a reviewer's month: three takes, the same however often it is asked, scored blind, then beside
// the panel.
func TestMonth(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		for range 6 {
			k.gold(t, k.film(t, k.ana, people.Everyone, "take"), k.levels(2, 4), k.levels(4, 4))
		}
		m := k.this(t, k.mia)
		if len(m.Takes) != 3 || m.Month != "2026-03" || m.DueOn != "2026-03-31" || !m.Reviewer || m.SkipsLeft != 2 {
			t.Fatalf("%+v", m)
		}
		for _, take := range m.Takes {
			if take.Panel != nil || take.Mine != nil || take.Gaps != nil {
				t.Fatalf("the panel is seen before: %+v", take)
			}
		}
		if again := k.this(t, k.mia); !slices.Equal(ids(again), ids(m)) {
			t.Errorf("%q, then %q", ids(m), ids(again))
		}
		first := m.Takes[0].GoldID
		for _, c := range []struct {
			levels score.Levels
			code   string
		}{{k.levels(1), "level_missing"}, {k.levels(1, 6), "level_unknown"}, {k.levels(0, 1), "level_unknown"}, {score.Levels{"x": 1}, "level_unknown"}, {nil, "level_missing"}} {
			_, err := k.s.Score(t.Context(), k.mia, first, c.levels)
			apptest.WantCode(t, err, c.code)
		}
		done, err := k.s.Score(t.Context(), k.mia, first, k.levels(5, 4))
		if err != nil {
			t.Fatal(err)
		}
		take := done.Takes[0]
		if take.GoldID != first || take.ScoredAt == nil || !maps.Equal(take.Mine, k.levels(5, 4)) || !slices.Equal(take.Panel[k.criteria[0]], []int{2, 4}) || take.Median(k.criteria[0]) != 3 ||
			len(take.Gaps) != 1 || take.Gaps[0].By != 2 || take.Gaps[0].CriterionID != k.criteria[0] {
			t.Errorf("%+v", take)
		}
		if done.Takes[1].Panel != nil || done.Left() != 2 {
			t.Errorf("%+v", done)
		}
		if _, err := k.s.Score(t.Context(), k.mia, first, k.levels(5, 4)); err != nil {
			t.Errorf("the same again: %v", err)
		}
		_, err = k.s.Score(t.Context(), k.mia, first, k.levels(3, 4))
		apptest.WantCode(t, err, "calibration_final")
		_, err = k.s.Skip(t.Context(), k.mia)
		apptest.WantCode(t, err, "calibration_begun")
		// Whom it was not given to.
		for _, a := range []people.Actor{k.ana, k.tom, people.System()} {
			_, err := k.s.Score(t.Context(), a, first, k.levels(1, 1))
			apptest.WantCode(t, err, "gold_take_not_found")
		}
		if m := k.this(t, k.ana); m.Reviewer || len(m.Takes) != 0 {
			t.Errorf("ana reviews nobody: %+v", m)
		}
		_, err = k.s.Score(t.Context(), k.mia, "\x00", nil)
		apptest.WantCode(t, err, "gold_take_not_found")
		// The next month brings the three that were not seen, and the one after it the first again.
		k.nextMonth()
		second := k.this(t, k.mia)
		for _, id := range ids(second) {
			if id == first {
				t.Error("the scored take comes again too early")
			}
			if _, err := k.s.Score(t.Context(), k.mia, id, k.levels(1, 1)); err != nil {
				t.Fatal(err)
			}
		}
		k.nextMonth()
		third := k.this(t, k.mia)
		if len(third.Takes) != 3 || third.Takes[0].Again || third.Takes[1].Again || !third.Takes[2].Again {
			t.Errorf("%+v", third.Takes)
		}
	})
}

// TestParallel scores one take from many sides at once: it is scored once.
func TestParallel(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		id := k.gold(t, k.film(t, k.ana, people.Everyone, "take"), k.levels(2, 4), k.levels(4, 4))
		var wg sync.WaitGroup
		var mu sync.Mutex
		ok := 0
		for i := range 20 {
			wg.Go(func() {
				if _, err := k.s.This(t.Context(), k.mia); err != nil {
					t.Error(err)
				}
				_, err := k.s.Score(t.Context(), k.mia, id, k.levels(1+i%5, 1))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					ok++
				} else if fault.CodeOf(err) != "calibration_final" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if m := k.this(t, k.mia); ok != 4 || len(m.Takes) != 1 || m.Left() != 0 {
			t.Errorf("%d of 20 were taken: %+v", ok, m)
		}
	})
}

// TestWhoIsGivenWhat: no take of one's own, none that one made gold, none whose panel one was on; none that
// fewer people may see now.
func TestWhoIsGivenWhat(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		open := k.film(t, k.ana, people.Everyone, "take")
		own := k.film(t, k.mia, people.Everyone, "take")
		trainers := k.film(t, k.tom, people.Private, "take")
		onOpen := k.gold(t, open, k.levels(1, 1), k.levels(1, 1))
		k.gold(t, own, k.levels(1, 1), k.levels(1, 1))
		onTrainers := k.gold(t, trainers, k.levels(1, 1), k.levels(1, 1))
		if got := ids(k.this(t, k.mia)); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values([]string{onOpen, onTrainers}))) {
			t.Errorf("mia is given %q", got)
		}
		// Who reviews, but sits on the panel or made them gold, is given none of them.
		for _, a := range []people.Actor{k.pia, k.tom} {
			k.sent(t, k.ana, a, nil)
			for _, take := range k.this(t, a).Takes {
				if a.PersonID == k.pia.PersonID || take.GoldID == onOpen {
					t.Errorf("%s is given %+v", a.PersonID, take)
				}
			}
		}
		// The trainer's private video is seen by who is given it, from then on, until the month is over.
		if _, err := k.videos.Get(t.Context(), k.mia, trainers); !fault.Is(err, fault.NotFound) {
			t.Fatalf("seen before: %v", err)
		}
		for range 2 {
			if id, err := k.s.Open(t.Context(), k.mia, onTrainers); err != nil || id != trainers {
				t.Fatal(id, err)
			}
		}
		if _, err := k.videos.Get(t.Context(), k.mia, trainers); err != nil {
			t.Error(err)
		}
		_, err := k.s.Open(t.Context(), k.ana, onTrainers)
		apptest.WantCode(t, err, "gold_take_not_found")
		if _, err := k.s.Score(t.Context(), k.mia, onTrainers, k.levels(1, 1)); err != nil {
			t.Fatal(err)
		}
		// The author takes the other one back: it is given to nobody any more.
		private := people.Private
		if _, err := k.videos.Change(t.Context(), k.ana, open, video.Change{Audience: &private}); err != nil {
			t.Fatal(err)
		}
		if got := ids(k.this(t, k.mia)); !slices.Equal(got, []string{onTrainers}) {
			t.Errorf("mia is given %q", got)
		}
		_, err = k.s.Open(t.Context(), k.mia, onOpen)
		apptest.WantCode(t, err, "gold_take_not_found")
		k.nextMonth()
		k.this(t, k.mia)
		if _, err := k.videos.Get(t.Context(), k.mia, trainers); !fault.Is(err, fault.NotFound) {
			t.Errorf("still seen in the next month: %v", err)
		}
	})
}

// TestSkip: two months in a row at most.
func TestSkip(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.gold(t, k.film(t, k.ana, people.Everyone, "take"), k.levels(1, 1), k.levels(1, 1))
		for left := 1; left >= 0; left-- {
			for range 2 {
				m, err := k.s.Skip(t.Context(), k.mia)
				if err != nil || !m.Skipped || m.SkipsLeft != left || len(m.Takes) != 0 {
					t.Fatalf("%+v, %v", m, err)
				}
			}
			k.nextMonth()
		}
		_, err := k.s.Skip(t.Context(), k.mia)
		apptest.WantCode(t, err, "skip_limit")
		if m := k.this(t, k.mia); m.SkipsLeft != 0 || len(m.Takes) != 1 {
			t.Errorf("%+v", m)
		}
		k.nextMonth()
		if m, err := k.s.Skip(t.Context(), k.mia); err != nil || m.SkipsLeft != 1 {
			t.Errorf("%+v, %v", m, err)
		}
		_, err = k.s.Skip(t.Context(), k.ana)
		apptest.WantCode(t, err, "calibration_not_found")
	})
}

// TestTell: one notice a month for each reviewer, gone when all is scored or skipped.
func TestTell(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		if n, err := k.s.Tell(t.Context()); err != nil || n != 0 {
			t.Fatal("told of nothing", n, err)
		}
		id := k.gold(t, k.film(t, k.ana, people.Everyone, "take"), k.levels(1, 1), k.levels(1, 1))
		told := func() int {
			t.Helper()
			list, err := k.notices.List(t.Context(), k.mia, notice.Filter{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range list {
				if n.Kind != notice.Calibration {
					t.Errorf("%+v", n)
				}
			}
			return len(list)
		}
		for i := range 3 {
			if n, err := k.s.Tell(t.Context()); err != nil || n != map[bool]int{true: 1}[i == 0] || told() != 1 {
				t.Errorf("run %d: %d, %v, %d notices", i, n, err, told())
			}
		}
		if n, due, err := k.s.Waiting(t.Context(), k.mia); err != nil || n != 1 || due != "2026-03-31" {
			t.Error(n, due, err)
		}
		if _, err := k.s.Score(t.Context(), k.mia, id, k.levels(1, 1)); err != nil {
			t.Fatal(err)
		}
		if n, _, err := k.s.Waiting(t.Context(), k.mia); err != nil || n != 0 || told() != 0 {
			t.Error(n, err, told())
		}
		k.nextMonth()
		if n, err := k.s.Tell(t.Context()); err != nil || n != 1 || told() != 1 {
			t.Error(n, err, told())
		}
		if _, err := k.s.Skip(t.Context(), k.mia); err != nil || told() != 0 {
			t.Error(err, told())
		}
	})
}

// TestGold is making, changing and retiring gold takes, and what is refused.
func TestGold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		open, line, practice := k.film(t, k.ana, people.Everyone, "take"), k.film(t, k.ana, people.MyTeam, "take"), k.film(t, k.tom, people.Private, video.Practice)
		panel := []calibration.Panelist{{k.pia.PersonID, k.levels(1, 2)}}
		good := calibration.NewGold{ID: ident.New(), Title: "G", VideoID: open, RubricVersionID: k.version, Panel: panel}
		for name, c := range map[string]struct {
			who    people.Actor
			change func(n *calibration.NewGold)
			code   string
		}{
			"a manager":       {k.mia, func(*calibration.NewGold) {}, "forbidden"},
			"no title":        {k.tom, func(n *calibration.NewGold) { n.Title = " " }, "required"},
			"an odd id":       {k.tom, func(n *calibration.NewGold) { n.ID = "x" }, "id_invalid"},
			"unseen":          {k.tom, func(n *calibration.NewGold) { n.VideoID = line }, "video_not_found"},
			"no video":        {k.tom, func(n *calibration.NewGold) { n.VideoID = "\x00" }, "video_not_found"},
			"a practice":      {k.tom, func(n *calibration.NewGold) { n.VideoID = practice }, "gold_private"},
			"no rubric":       {k.tom, func(n *calibration.NewGold) { n.RubricVersionID = ident.New() }, "rubric_version_not_found"},
			"no panel":        {k.tom, func(n *calibration.NewGold) { n.Panel = nil }, "required"},
			"a panel of none": {k.tom, func(n *calibration.NewGold) { n.Panel = []calibration.Panelist{{ident.New(), k.levels(1, 1)}} }, "person_not_found"},
			"twice": {k.tom, func(n *calibration.NewGold) {
				n.Panel = []calibration.Panelist{{k.pia.PersonID, k.levels(1, 1)}, {k.pia.PersonID, k.levels(1, 1)}}
			}, "person_twice"},
			"a level missing": {k.tom, func(n *calibration.NewGold) { n.Panel = []calibration.Panelist{{k.pia.PersonID, k.levels(1)}} }, "level_missing"},
			"an odd level":    {k.tom, func(n *calibration.NewGold) { n.Panel = []calibration.Panelist{{k.pia.PersonID, k.levels(1, 9)}} }, "level_unknown"},
		} {
			n := good
			c.change(&n)
			if _, err := k.s.AddGold(t.Context(), c.who, n); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		for range 2 { // twice is once
			if g, err := k.s.AddGold(t.Context(), k.tom, good); err != nil || g.ID != good.ID || len(g.Panel) != 1 || !g.Usable {
				t.Fatalf("%+v, %v", g, err)
			}
		}
		tina := k.Add(t, "Somebody", "", people.Trainer)
		_, err := k.s.AddGold(t.Context(), tina, good)
		apptest.WantCode(t, err, "id_taken")
		list := func(a people.Actor, retired bool) []calibration.Gold {
			t.Helper()
			out, err := k.s.ListGold(t.Context(), a, calibration.GoldFilter{Retired: retired, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := list(tina, false); len(got) != 1 || got[0].Hidden || !maps.Equal(got[0].Panel[0].Levels, k.levels(1, 2)) {
			t.Errorf("%+v", got)
		}
		_, err = k.s.ListGold(t.Context(), k.mia, calibration.GoldFilter{Limit: 10})
		apptest.WantCode(t, err, "forbidden")
		// A trainer who reviews scores it blind, too.
		k.sent(t, k.ana, tina, nil)
		if m := k.this(t, tina); len(m.Takes) != 1 {
			t.Fatalf("%+v", m)
		}
		if got := list(tina, false); !got[0].Hidden || got[0].Panel != nil {
			t.Errorf("%+v", got)
		}
		title := "Another"
		_, err = k.s.ChangeGold(t.Context(), tina, good.ID, calibration.GoldChange{Title: &title})
		apptest.WantCode(t, err, "gold_hidden")
		if _, err := k.s.Score(t.Context(), tina, good.ID, k.levels(1, 1)); err != nil {
			t.Fatal(err)
		}
		if got := list(tina, false); got[0].Hidden || got[0].ScoredBy != 1 {
			t.Errorf("%+v", got)
		}
		other := k.film(t, k.ana, people.Everyone, "take")
		_, err = k.s.ChangeGold(t.Context(), k.tom, good.ID, calibration.GoldChange{VideoID: &other})
		apptest.WantCode(t, err, "gold_scored")
		mended := []calibration.Panelist{{k.pol.PersonID, k.levels(5, 5)}}
		if g, err := k.s.ChangeGold(t.Context(), k.tom, good.ID, calibration.GoldChange{Title: &title, Panel: &mended}); err != nil || g.Title != title || len(g.Panel) != 1 || g.Panel[0].PersonID != k.pol.PersonID {
			t.Errorf("%+v, %v", g, err)
		}
		for range 2 {
			if err := k.s.RetireGold(t.Context(), k.tom, good.ID); err != nil {
				t.Error(err)
			}
		}
		if len(list(k.tom, false)) != 0 || len(list(k.tom, true)) != 1 {
			t.Error("retired ones are listed wrongly")
		}
		apptest.WantCode(t, k.s.RetireGold(t.Context(), k.mia, good.ID), "forbidden")
		apptest.WantCode(t, k.s.RetireGold(t.Context(), k.tom, "\x00"), "gold_take_not_found")
	})
}

// sent writes down a review that was sent, of an attempt of its own unless one is named, and gives the attempt.
func (k *kit) sent(t *testing.T, of, by people.Actor, levels score.Levels, attempt ...string) string {
	t.Helper()
	now, role := k.Clock.Now(), "second"
	if len(attempt) == 0 {
		role = "first"
		programme := k.programme
		k.programme = k.copyProgramme(t)
		enrolment := k.enrol(t, of)
		attempt = []string{k.row(t, "attempts", map[string]any{"enrolment_id": enrolment, "programme_id": k.programme, "person_id": of.PersonID, "rubric_version_id": k.version, "number": 1, "only_criteria": "[]", "carried": "{}",
			"note_at_ms": 0, "note": "", "second": true, "state": "waiting", "decision": "", "levels": "{}", "retry_criteria": "[]", "submitted_at": now, "swap_until": now})}
		k.programme = programme
	}
	r := k.row(t, "reviews", map[string]any{"attempt_id": attempt[0], "programme_id": k.programme, "role": role, "reviewer_id": by.PersonID, "state": "sent", "rubric_version_id": k.version, "draft": "", "draft_version": 0,
		"decision": "pass", "retry_criteria": "[]", "message": "", "score": 1, "created_at": now, "assigned_at": now, "sent_at": now})
	for criterion, level := range levels {
		k.bare(t, "review_scores", map[string]any{"review_id": r, "criterion_id": criterion, "level": level, "carried": false})
	}
	return attempt[0]
}

func (k *kit) copyProgramme(t *testing.T) string {
	t.Helper()
	id := ident.New()
	k.Exec(t, `INSERT INTO programmes (id, name, brief, state, rubric_version_id, model_start_ms, model_end_ms, target_ms, answer_types, due_kind, due_date, due_days, attempts_max, wait_hours, pass_kind, pass_percent, pass_level,
		reviewer_kind, second_share, second_distance, valid_days, renew_days, peers, must_say, must_not_say, version, created_at, updated_at)
		SELECT ?, name, brief, state, rubric_version_id, model_start_ms, model_end_ms, target_ms, answer_types, due_kind, due_date, due_days, attempts_max, wait_hours, pass_kind, pass_percent, pass_level,
		reviewer_kind, second_share, second_distance, valid_days, renew_days, peers, must_say, must_not_say, version, created_at, updated_at FROM programmes WHERE id = ?`, id, k.programme)
	return id
}

// TestFigures: too few under ten takes; then severity and kappa as worked out by hand; and who sees them.
func TestFigures(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		figures := func(a people.Actor) calibration.Figures {
			t.Helper()
			f, err := k.s.FiguresOf(t.Context(), a, k.mia.PersonID)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		other := k.Add(t, "Somebody", "", people.Manager)
		for i := range 10 {
			if f := figures(k.mia); f.Colleagues.Ready || f.Colleagues.N != 2*i || f.Colleagues.Takes != i || f.Colleagues.Severity != nil || !strings.HasPrefix(f.Colleagues.Words, "Too few") {
				t.Fatalf("after %d: %+v", i, f.Colleagues)
			}
			// One level milder on the first criterion, the same on the second.
			attempt := k.sent(t, k.ana, k.mia, k.levels(2+i%4, 1+i%5))
			if f := figures(k.mia); f.Colleagues.N != 2*i {
				t.Fatal("compared before the other one is in")
			}
			k.sent(t, k.ana, other, k.levels(1+i%4, 1+i%5), attempt)
		}
		f := figures(k.mia)
		if s := f.Colleagues.Severity; !f.Colleagues.Ready || f.Colleagues.N != 20 || s == nil || !near(s.Value, 0.5) || !near(s.Low, 0.5) || !near(s.High, 0.5) || !strings.Contains(f.Colleagues.Words, "0.5 levels milder than colleagues") {
			t.Errorf("%+v, %+v", f.Colleagues, f.Colleagues.Severity)
		}
		// By hand: the disagreement seen is (10 x 1 + 10 x 0) / 20 = 0.5 squared levels. By chance it would be the mean
		// square of the difference of the marginals: the variances and the square of the difference of the means.
		mine, theirs := []float64{}, []float64{}
		for i := range 10 {
			mine, theirs = append(mine, float64(2+i%4), float64(1+i%5)), append(theirs, float64(1+i%4), float64(1+i%5))
		}
		want := 1 - 0.5/chance(mine, theirs)
		if kappa := f.Colleagues.Kappa; kappa == nil || !near(kappa.Value, want) || kappa.Low >= kappa.Value || kappa.High <= kappa.Value {
			t.Errorf("kappa %+v, want %v", kappa, want)
		}
		if f.Panel.Ready || f.Panel.N != 0 {
			t.Errorf("%+v", f.Panel)
		}
		// Seen by the trainer, and by nobody else: not the admin, not her manager.
		if got := figures(k.tom); got.Colleagues.N != 20 {
			t.Errorf("%+v", got)
		}
		admin := k.Add(t, "Somebody", "", people.Admin)
		for _, a := range []people.Actor{admin, other, k.ana, people.System()} {
			if _, err := k.s.FiguresOf(t.Context(), a, k.mia.PersonID); a.PersonID != "" && fault.CodeOf(err) != "reviewer_not_found" {
				t.Errorf("%v", err)
			}
			if _, err := k.s.Reviewers(t.Context(), a); a.PersonID != "" && fault.CodeOf(err) != "forbidden" {
				t.Errorf("%v", err)
			}
		}
		_, err := k.s.FiguresOf(t.Context(), k.tom, "\x00")
		apptest.WantCode(t, err, "reviewer_not_found")
		all, err := k.s.Reviewers(t.Context(), k.tom)
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, f := range all {
			if f.Colleagues.N != 20 || (f.PersonID == other.PersonID) != (f.Colleagues.Severity.Value < 0) {
				t.Errorf("%+v", f)
			}
		}
	})
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// chance is the mean square of the difference of all pairs.
func chance(a, b []float64) float64 {
	sum := 0.0
	for _, x := range a {
		for _, y := range b {
			sum += (x - y) * (x - y)
		}
	}
	return sum / float64(len(a)*len(b))
}

// TestPanelFigures: gold takes count once, against the median of the panel; colleagues who scored them too are
// compared with.
func TestPanelFigures(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		for range 12 {
			k.gold(t, k.film(t, k.ana, people.Everyone, "take"), k.levels(2, 2), k.levels(4, 2))
		}
		other := k.Add(t, "Somebody", "", people.Manager)
		k.sent(t, k.ana, other, nil)
		for range 5 { // the fifth month brings takes again
			for _, a := range []people.Actor{k.mia, other} {
				for _, id := range ids(k.this(t, a)) {
					levels := k.levels(2, 2)
					if a.PersonID == other.PersonID {
						levels = k.levels(3, 3)
					}
					if _, err := k.s.Score(t.Context(), a, id, levels); err != nil {
						t.Fatal(err)
					}
				}
			}
			k.sent(t, k.ana, other, nil) // still a reviewer
			k.nextMonth()
		}
		f, err := k.s.FiguresOf(t.Context(), k.mia, k.mia.PersonID)
		if err != nil || f.Panel.Takes != 12 || f.Panel.N != 24 || !near(f.Panel.Severity.Value, -0.5) || !strings.Contains(f.Panel.Words, "0.5 levels stricter than the panel") {
			t.Errorf("%+v, %v", f.Panel, err)
		}
		if f.Colleagues.Takes != 12 || !near(f.Colleagues.Severity.Value, -1) {
			t.Errorf("%+v", f.Colleagues)
		}
		if f, err = k.s.FiguresOf(t.Context(), other, other.PersonID); err != nil || !near(f.Panel.Severity.Value, 0.5) {
			t.Errorf("%+v, %v", f.Panel, err)
		}
	})
}
