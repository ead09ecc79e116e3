package insight_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

const day = 24 * time.Hour

func (k *kit) tactics(t testing.TB, a people.Actor, f insight.Filter) insight.Evidence {
	t.Helper()
	r, err := k.insights.ReportTactics(t.Context(), a, f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Definition == "" || !r.AsOf.Equal(k.Clock.Now()) || r.Filter != f {
		t.Errorf("%q as of %s, %+v", r.Definition, r.AsOf, r.Filter)
	}
	return r
}

// sides gives the exposed and unexposed deals of each tactic.
func sides(r insight.Evidence) string {
	var out []string
	for _, x := range r.Rows {
		out = append(out, fmt.Sprintf("%s %d/%d", x.Key, x.Verdict.Exposed.Deals, x.Verdict.Unexposed.Deals))
	}
	return strings.Join(out, ", ")
}

// TestExposure goes the whole way from watching to the sides that deals are on.
func TestExposure(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		tom := k.add(t, "Tom", people.Trainer)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		north := k.team(t, "North", "")
		mia := k.add(t, "Mia", people.Manager)
		k.seat(t, north, people.AsManager, &mia)
		k.seat(t, north, people.AsMember, &ben)
		// The video is tagged with both; of its moments the second one with "moment" only.
		id := k.film(t, ana, film{moments: [][2]int64{{0, 10_000}, {10_000, 30_000}}, tactics: []string{"video"}, tagged: map[int][]string{1: {"moment"}}})
		k.tactic(t, "none")
		k.tactic(t, "retired")
		k.exec(t, `UPDATE vocabulary SET retired_at = ? WHERE key = 'retired'`, e.Clock.Now())
		k.exec(t, `INSERT INTO video_tactics (video_id, tactic_id, created_at) VALUES (?, ?, ?)`, id, k.tactic(t, "retired"), e.Clock.Now())

		at := e.Clock.Now()
		k.watch(t, ana, play("own", id, 0, 60_000, at)) // one's own videos expose nobody
		k.watch(t, ben, play("1", id, 10_250, 29_750, at))
		e.Clock.Advance(day)
		k.watch(t, ben, play("2", id, 29_750, 56_000, e.Clock.Now())) // 75 % is 45 s
		opened := func(d time.Duration) dealSpec {
			return dealSpec{owner: ben.PersonID, status: "lost", opened: at.Add(d), closed: at.Add(d + 3*day)}
		}
		k.deals(t, opened(-day), opened(0), opened(time.Microsecond), opened(day), opened(day+time.Microsecond), opened(2*day),
			dealSpec{owner: ana.PersonID, status: "open", opened: at.Add(5 * day)}, dealSpec{status: "won", opened: at, closed: at.Add(day)},
			dealSpec{owner: ben.PersonID, status: "deleted", opened: at}, dealSpec{owner: ben.PersonID, status: "open", opened: at.Add(299 * day)},
			dealSpec{owner: ben.PersonID, status: "won", opened: at, closed: at.Add(time.Hour)})
		e.Clock.Advance(300 * day)
		r := k.tactics(t, tom, insight.Filter{})
		if got := sides(r); got != "moment 4/3, none 0/7, video 2/5" {
			t.Errorf("%s", got)
		}
		if r.Mature != 7 || r.Unowned != 1 || r.LeftOut.Immature != 1 || r.LeftOut.BackFilled != 1 {
			t.Errorf("%d mature, %d without a rep, %+v", r.Mature, r.Unowned, r.LeftOut)
		}
		for _, row := range r.Rows {
			if row.Verdict.State != measure.NotEnoughData || !strings.Contains(row.Sentence, row.Label) {
				t.Errorf("%+v", row)
			}
		}
		// A tactic that is asked for by name may be retired.
		if got := sides(k.tactics(t, tom, insight.Filter{Tactic: "retired"})); got != "retired 2/5" {
			t.Errorf("%s", got)
		}
		from, to := at, at.Add(2*day)
		if got := sides(k.tactics(t, tom, insight.Filter{Tactic: "video", From: &from, To: &to})); got != "video 1/3" {
			t.Errorf("%s", got)
		}
		// A deleted video has still exposed its viewers.
		if err := k.videos.Delete(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			who  string
			a    people.Actor
			team string
			want string
			none int
			code string
		}{
			{"trainer", tom, "", "moment 4/3, none 0/7, video 2/5", 1, ""},
			{"trainer, team", tom, north, "moment 4/2, none 0/6, video 2/4", 0, ""},
			{"manager", mia, "", "moment 4/2, none 0/6, video 2/4", 0, ""},
			{"manager, team", mia, north, "moment 4/2, none 0/6, video 2/4", 0, ""},
			{"command line", people.System(), "", "moment 4/3, none 0/7, video 2/5", 1, ""},
			{"rep", ben, "", "", 0, "forbidden"},
			{"nobody", people.Actor{}, "", "", 0, "forbidden"},
			{"manager, other", mia, k.team(t, "South", ""), "", 0, "forbidden"},
			{"no team", tom, ident.New(), "", 0, "team_not_found"},
		} {
			t.Run(s.who, func(t *testing.T) {
				r, err := k.insights.ReportTactics(t.Context(), s.a, insight.Filter{Team: s.team})
				wantCode(t, err, s.code)
				if got := sides(r); s.code == "" && (got != s.want || r.Unowned != s.none) {
					t.Errorf("%s, %d without a rep; want %s", got, r.Unowned, s.want)
				}
			})
		}
		_, err := k.insights.ReportTactics(t.Context(), tom, insight.Filter{Tactic: "\x00"})
		wantCode(t, err, "tactic_not_found")
	})
}

// TestExposureInstants: fractions of seconds are kept, compared and read alike by both databases.
func TestExposureInstants(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		tom, ana, ben := k.add(t, "Tom", people.Trainer), k.add(t, "Ana"), k.add(t, "Ben")
		base := e.Clock.Now().Add(-time.Hour)
		for i, fraction := range []time.Duration{0, 1, 10, 100_000, 120_000, 500_000, 999_999} {
			key := fmt.Sprint("t", i)
			at := base.Add(fraction * time.Microsecond)
			// Watched twice: the earlier one counts, whichever way their texts sort.
			k.see(t, k.film(t, ana, film{tactics: []string{key}}), at, ben)
			k.see(t, k.film(t, ana, film{tactics: []string{key}}), at.Add(7*time.Microsecond), ben)
			k.deals(t, dealSpec{owner: ben.PersonID, segment: key, status: "open", opened: at}, dealSpec{owner: ben.PersonID, segment: key, status: "open", opened: at.Add(time.Microsecond)})
		}
		e.Clock.Advance(200 * day)
		want := []string{"t0 13/1", "t1 11/3", "t2 9/5", "t3 7/7", "t4 5/9", "t5 3/11", "t6 1/13"}
		r := k.tactics(t, tom, insight.Filter{})
		got := map[string]string{}
		for _, row := range strings.Split(sides(r), ", ") {
			key, _, _ := strings.Cut(row, " ")
			got[key] = row
		}
		for _, row := range want {
			key, _, _ := strings.Cut(row, " ")
			if got[key] != row {
				t.Errorf("%s, want %s", got[key], row)
			}
		}
	})
}

// TestReportTactics plants an effect in 2,000 deals of 40 reps, and none in another tactic: the first
// is found, as an association, and the second not.
func TestReportTactics(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		tom, ana := k.add(t, "Tom", people.Trainer), k.add(t, "Ana")
		planted := k.film(t, ana, film{tactics: []string{"planted"}})
		nothing := k.film(t, ana, film{tactics: []string{"nothing"}})
		r := rand.New(rand.NewPCG(11, 4))
		at := e.Clock.Now()
		var specs []dealSpec
		for i := range 40 {
			rep := k.add(t, fmt.Sprint("Rep ", i))
			share := 0.25
			if i%2 == 0 {
				k.see(t, planted, at, rep)
				share = 0.42
			}
			if i%4 < 2 {
				k.see(t, nothing, at, rep)
			}
			for range 50 {
				d := dealSpec{owner: rep.PersonID, status: "lost", opened: at.Add(time.Duration(1+r.IntN(120)) * day)}
				d.closed = d.opened.Add(time.Duration(5+r.IntN(50)) * day)
				if r.Float64() < share {
					d.status = "won"
				}
				specs = append(specs, d)
			}
		}
		k.deals(t, specs...)
		e.Clock.Advance(300 * day)
		out := k.tactics(t, tom, insight.Filter{})
		if out.Mature != 2000 || len(out.Rows) != 2 {
			t.Fatalf("%d mature, %+v", out.Mature, out.Rows)
		}
		for _, row := range out.Rows {
			v := row.Verdict
			if v.Exposed.Deals != 1000 || v.Unexposed.Deals != 1000 || v.Exposed.Reps != 20 || v.Family != 2 {
				t.Errorf("%+v", v)
			}
			switch row.Key {
			case "planted":
				if v.State != measure.ClearDifference || v.Difference.Low <= 0 || v.Difference.Low > 0.17 || v.Difference.High < 0.17 || !strings.Contains(row.Sentence, "association") {
					t.Errorf("planted: %s", row.Sentence)
				}
			case "nothing":
				if v.State != measure.NoClearDifference || !strings.HasPrefix(row.Sentence, "No clear difference") {
					t.Errorf("nothing: %s", row.Sentence)
				}
			}
		}
	})
}
