package programme_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

func due(e programme.Enrolment) string {
	if e.DueAt == nil {
		return ""
	}
	return e.DueAt.UTC().Format(time.RFC3339)
}

// TestEnrolling is the way of people through a programme that follows the company.
func TestEnrolling(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.draft(t, func(p *programme.Programme) { p.Due = programme.Due{Kind: programme.DueDate, Date: "2026-03-31"} })
		if got := k.sync(t, p.ID); got != (programme.Synced{}) {
			t.Errorf("a draft enrolled: %+v", got)
		}
		p, err := k.programmes.Launch(t.Context(), k.tom, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.sync(t, p.ID); got != (programme.Synced{Joined: 2}) {
			t.Errorf("opened: %+v", got)
		}
		ana, ben := k.enrolment(t, p.ID, k.ana), k.enrolment(t, p.ID, k.ben)
		// The same day ends four hours apart in Lisbon (summer time) and New York.
		if due(ana) != "2026-03-31T22:59:59Z" || due(ben) != "2026-04-01T03:59:59Z" || ana.State != programme.Started || ana.Attempts != 0 {
			t.Errorf("due %s and %s, %+v", due(ana), due(ben), ana)
		}
		for _, who := range []people.Actor{k.ana, k.ben} {
			if got := k.told(t, who); !slices.Equal(got, []notice.Kind{notice.Enrolled}) {
				t.Errorf("%s was told %v", who.Name, got)
			}
		}
		if got := k.told(t, k.cleo); len(got) != 0 {
			t.Errorf("cleo was told %v", got)
		}
		if got := k.sync(t, p.ID); got != (programme.Synced{}) {
			t.Errorf("a second time: %+v", got)
		}

		// Cleo joins the team, ben leaves it, ana moves to Tokyo.
		k.Clock.Advance(24 * time.Hour)
		k.Place(t, k.north, k.cleo, people.AsMember)
		k.unplace(t, k.north, k.ben, people.AsMember)
		tokyo := "Asia/Tokyo"
		k.change(t, k.ana, people.PersonChange{TimeZone: &tokyo})
		if got := k.sync(t, p.ID); got != (programme.Synced{Joined: 1, Left: 1, Due: 1}) {
			t.Errorf("after the moves: %+v", got)
		}
		if got := k.enrolment(t, p.ID, k.ben); got.LeftAt == nil || !got.LeftAt.Equal(e.Clock.Now()) {
			t.Errorf("ben: %+v", got)
		}
		if got := k.told(t, k.ben); len(got) != 0 {
			t.Errorf("ben, who left, is still told %v", got)
		}
		if got := due(k.enrolment(t, p.ID, k.ana)); got != "2026-03-31T14:59:59Z" {
			t.Errorf("ana in Tokyo is due %s", got)
		}
		if got := k.enrolment(t, p.ID, k.cleo); due(got) != "2026-03-31T14:59:59Z" || !got.StartedAt.Equal(e.Clock.Now()) {
			t.Errorf("cleo: %+v", got)
		}

		// Ben is back: the same enrolment, its history untouched. Cleo's account is closed.
		k.Place(t, k.north, k.ben, people.AsMember)
		no := false
		k.change(t, k.cleo, people.PersonChange{Active: &no})
		if got := k.sync(t, p.ID); got != (programme.Synced{Returned: 1, Left: 1}) {
			t.Errorf("back: %+v", got)
		}
		if got := k.enrolment(t, p.ID, k.ben); got.LeftAt != nil || got.ID != ben.ID || !got.StartedAt.Equal(ben.StartedAt) {
			t.Errorf("ben: %+v", got)
		}
		if got := k.told(t, k.ben); !slices.Equal(got, []notice.Kind{notice.Enrolled}) {
			t.Errorf("ben was told %v", got)
		}
		// A closed programme enrols nobody, and lets nobody go.
		if _, err := k.programmes.Close(t.Context(), k.tom, p.ID); err != nil {
			t.Fatal(err)
		}
		k.unplace(t, k.north, k.ana, people.AsMember)
		if got := k.sync(t, p.ID); got != (programme.Synced{}) {
			t.Errorf("closed: %+v", got)
		}
	})
}

// TestDueTimesFollow: a change of the due date moves everybody's but those that were set by hand, and those of
// people who are done.
func TestDueTimesFollow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) {
			p.Rules = []programme.Rule{{Role: people.Rep}}
			p.Due = programme.Due{Kind: programme.DueDays, Days: 7}
		})
		if got := []string{due(k.enrolment(t, p.ID, k.ana)), due(k.enrolment(t, p.ID, k.ben)), due(k.enrolment(t, p.ID, k.cleo))}; !slices.Equal(got,
			[]string{"2026-03-09T23:59:59Z", "2026-03-10T03:59:59Z", "2026-03-09T14:59:59Z"}) {
			t.Errorf("due %v", got) // on the 8th New York went to summer time
		}
		at := e.Clock.Now().Add(100 * 24 * time.Hour)
		if _, err := k.programmes.ExtendFor(t.Context(), k.mia, p.ID, k.ana.PersonID, programme.Extension{DueAt: &at}); err != nil {
			t.Fatal(err)
		}
		k.Exec(t, `UPDATE enrolments SET state = ? WHERE person_id = ?`, string(programme.Passed), k.ben.PersonID)
		p, err := k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) { p.Due.Days = 10 })
		if err != nil {
			t.Fatal(err)
		}
		if got := k.sync(t, p.ID); got != (programme.Synced{Due: 1}) {
			t.Errorf("%+v", got)
		}
		if got := []string{due(k.enrolment(t, p.ID, k.ana)), due(k.enrolment(t, p.ID, k.ben)), due(k.enrolment(t, p.ID, k.cleo))}; !slices.Equal(got,
			[]string{"2026-06-10T09:00:00Z", "2026-03-10T03:59:59Z", "2026-03-12T14:59:59Z"}) {
			t.Errorf("due %v", got)
		}
		p, err = k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) { p.Due.Kind = programme.NoDue })
		if err != nil {
			t.Fatal(err)
		}
		if k.sync(t, p.ID); due(k.enrolment(t, p.ID, k.cleo)) != "" || due(k.enrolment(t, p.ID, k.ana)) == "" {
			t.Error("the end of the due date was not taken away, or that by hand was")
		}
	})
}

// TestTimeThatRanOutWhileAway begins anew on return, for those who still owe something; the rest stays.
func TestTimeThatRanOutWhileAway(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) { p.Due = programme.Due{Kind: programme.DueDays, Days: 7} })
		k.settle(t, p, k.ana, programme.TryAgain, 5000, 2, 3, 1)
		away := func(who people.Actor, days int) programme.Enrolment {
			t.Helper()
			k.unplace(t, k.north, who, people.AsMember)
			k.sync(t, p.ID)
			k.Clock.Advance(time.Duration(days) * 24 * time.Hour)
			k.Place(t, k.north, who, people.AsMember)
			if got := k.sync(t, p.ID); got.Returned != 1 {
				t.Errorf("%+v", got)
			}
			if got := k.sync(t, p.ID); got != (programme.Synced{}) {
				t.Errorf("a second time: %+v", got)
			}
			return k.enrolment(t, p.ID, who)
		}
		if got := away(k.ben, 2); due(got) != "2026-03-10T03:59:59Z" {
			t.Errorf("back in time, ben is due %s", due(got))
		}
		// On 14 March: seven more days, to the end of the 21st in Lisbon.
		if got := away(k.ana, 10); due(got) != "2026-03-21T23:59:59Z" || got.State != programme.Retry || got.Attempts != 1 {
			t.Errorf("back late, ana is due %s, %+v", due(got), got)
		}
		// Ben's time ran out while he was there: leaving does not help.
		if got := away(k.ben, 2); due(got) != "2026-03-10T03:59:59Z" || !got.Overdue(e.Clock.Now()) {
			t.Errorf("ben is due %s", due(got))
		}
	})
}

// TestSyncsAtOnce: many at once enrol everybody once, tell them once, and none fails.
func TestSyncsAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p, err := k.programmes.Launch(t.Context(), k.tom, k.draft(t, func(p *programme.Programme) { p.Rules = []programme.Rule{{}} }).ID)
		if err != nil {
			t.Fatal(err)
		}
		var joined, everybody int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				var got programme.Synced
				var err error
				if i%2 == 0 {
					got, err = k.programmes.Sync(t.Context(), p.ID)
				} else {
					err = k.programmes.SyncPersons(t.Context(), []string{k.ana.PersonID, k.cleo.PersonID})
				}
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				joined += got.Joined
				mu.Unlock()
			})
		}
		wg.Wait()
		var rows []programme.Enrolment
		if err := k.DB.Read(t.Context()).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		everybody = len(rows)
		if everybody != 7 || joined > 7 || joined < 5 {
			t.Errorf("%d enrolments, %d by the full ones", everybody, joined)
		}
		for _, who := range []people.Actor{k.ana, k.ben, k.cleo, k.ada} {
			if got := k.told(t, who); len(got) != 1 {
				t.Errorf("%s was told %v", who.Name, got)
			}
		}
	})
}

// TestNewInRole: who got the role, or joined the team, after or shortly before the opening.
func TestNewInRole(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.Clock.Advance(100 * 24 * time.Hour)
		roles := []people.Role{people.Rep, people.Manager}
		k.change(t, k.ben, people.PersonChange{Roles: &roles})
		k.Clock.Advance(5 * 24 * time.Hour)
		p := k.open(t, func(p *programme.Programme) { p.Rules = []programme.Rule{{Role: people.Manager, NewWithinDays: 30}} })
		var rows []programme.Enrolment
		list := func() []string {
			t.Helper()
			if err := k.DB.Read(t.Context()).Where("left_at IS NULL").Order("started_at").Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range rows {
				out = append(out, r.PersonID)
			}
			return out
		}
		if got := list(); !slices.Equal(got, []string{k.ben.PersonID}) {
			t.Errorf("enrolled %v", got)
		}
		// Who gets the role while the programme is open takes part; who has had it for long never does.
		k.Clock.Advance(90 * 24 * time.Hour)
		k.change(t, k.ana, people.PersonChange{Roles: &roles})
		k.sync(t, p.ID)
		if got := list(); !slices.Equal(got, []string{k.ben.PersonID, k.ana.PersonID}) {
			t.Errorf("enrolled %v", got)
		}
		// Who loses it has left; who gets it again is new again.
		rep := []people.Role{people.Rep}
		k.change(t, k.ben, people.PersonChange{Roles: &rep})
		k.sync(t, p.ID)
		if got := list(); !slices.Equal(got, []string{k.ana.PersonID}) {
			t.Errorf("enrolled %v", got)
		}
		k.change(t, k.ben, people.PersonChange{Roles: &roles})
		k.sync(t, p.ID)
		if got := list(); len(got) != 2 {
			t.Errorf("enrolled %v", got)
		}
	})
}

// TestEveryChangeQueues: each change of the company leaves the work of following it as a row.
func TestEveryChangeQueues(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		queued := func() map[string]int64 {
			t.Helper()
			var rows []struct {
				Kind string
				N    int64
			}
			k.tx(t, func(tx *db.Tx) error {
				return tx.Gorm().Raw(`SELECT kind, COUNT(*) AS n FROM river_job GROUP BY kind`).Scan(&rows).Error
			})
			out := map[string]int64{}
			for _, r := range rows {
				out[r.Kind] = r.N
			}
			return out
		}
		step := func(what, kind string, fn func()) {
			t.Helper()
			before := queued()
			fn()
			if got := queued()[kind] - before[kind]; got != 1 {
				t.Errorf("%s queued %d of %s", what, got, kind)
			}
		}
		const persons, all, one = "programme_sync_persons", "programme_sync_all", "programme_sync"
		step("a place", persons, func() { k.Place(t, k.north, k.cleo, people.AsMember) })
		step("a role", persons, func() { k.change(t, k.cleo, people.PersonChange{Roles: &[]people.Role{people.Trainer}}) })
		step("somebody new", persons, func() { k.Add(t, "Dan", "UTC", people.Rep) })
		step("a team below another", all, func() {
			if _, err := k.People.ChangeTeam(t.Context(), people.System(), k.north, nil, true, nil); err != nil {
				t.Fatal(err)
			}
		})
		p := k.draft(t, nil)
		step("an opening", one, func() {
			if _, err := k.programmes.Launch(t.Context(), k.tom, p.ID); err != nil {
				t.Fatal(err)
			}
		})
		before := queued()
		name := "Cleopatra"
		k.change(t, k.cleo, people.PersonChange{Name: &name})
		if got := queued()[persons] - before[persons]; got != 0 {
			t.Errorf("a new name queued %d", got)
		}
	})
}
