package insight_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

func shareIDs(s []insight.Share) string {
	var out []string
	for _, x := range s {
		out = append(out, x.ID)
	}
	return strings.Join(out, " ")
}

func TestSend(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cat, dan := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cat"), k.add(t, "Dan")
		left := k.add(t, "Left")
		north := k.team(t, "North", "")
		south := k.team(t, "South", "")
		k.seat(t, north, people.AsMember, &ana, &ben, &left)
		k.seat(t, south, people.AsMember, &ben, &cat, &dan)
		no := false
		if _, err := k.dir.ChangePerson(t.Context(), people.System(), left.PersonID, people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		id := k.film(t, ana, film{audience: people.MyTeam, moments: [][2]int64{{1000, 9000}}})
		on := insight.On{VideoID: id, StartMS: 1000, EndMS: 9000}
		send := func(a people.Actor, in insight.Sending) (insight.Sent, error) {
			e.Clock.Advance(time.Second)
			return k.insights.Send(t.Context(), a, in)
		}
		// v4 ids of a sender sort by nothing; lists go by time all the same.
		first, second, third := "ffffffff-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000", "88888888-0000-4000-8000-000000000000"
		got, err := send(ana, insight.Sending{ID: first, On: on, ToPersonID: ben.PersonID, Message: " Try this.\r\nIt works. "})
		if err != nil || got.ID != first || got.PersonID != ana.PersonID || got.StartMS != 1000 || got.EndMS != 9000 || *got.ToPersonID != ben.PersonID || got.ToTeamID != nil ||
			got.Message != "Try this.\nIt works." || got.Blind != 0 || !got.CreatedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v, %v", got, err)
		}
		made := got.CreatedAt
		// The same id again is the same share, whatever else is in it.
		again, err := send(ana, insight.Sending{ID: first, On: insight.On{VideoID: ident.New()}, ToPersonID: ident.New()})
		if err != nil || again.Message != got.Message || !again.CreatedAt.Equal(made) {
			t.Errorf("%+v, %v", again, err)
		}
		wantUTC(t, again.CreatedAt)
		got, err = send(ana, insight.Sending{ID: second, On: insight.On{VideoID: id}, ToTeamID: south})
		if err != nil || got.Blind != 2 || got.StartMS != 0 || got.EndMS != 60_000 || *got.ToTeamID != south {
			t.Errorf("%+v, %v", got, err)
		}
		if again, err := send(ana, insight.Sending{ID: second, On: on, ToTeamID: south}); err != nil || again.Blind != 2 || again.EndMS != 60_000 {
			t.Errorf("%+v, %v", again, err)
		}
		// Those who have left are not counted.
		if got, err = send(ana, insight.Sending{ID: third, On: on, ToTeamID: north, Message: "   "}); err != nil || got.Blind != 0 || got.Message != "" {
			t.Errorf("%+v, %v", got, err)
		}
		// Each who may see it was told once, and nobody else; the sender not, and nobody of what was refused.
		for name, want := range map[string]struct {
			who  people.Actor
			told []string
		}{
			"sender": {ana, nil}, "sees": {ben, []string{"1000-9000 Try this. It works.", "0-60000 ", "1000-9000 "}}, "may not see": {cat, nil}, "may not see either": {dan, nil}, "left": {left, nil},
		} {
			told, err := notice.New(e.DB).List(t.Context(), want.who, notice.Filter{Limit: 10})
			var got []string
			for _, n := range slices.Backward(told) {
				if n.Kind != notice.Share || *n.ActorID != ana.PersonID || *n.VideoID != id {
					t.Errorf("%s: %+v", name, n)
				}
				got = append(got, fmt.Sprintf("%d-%d %s", *n.StartMS, *n.EndMS, n.Body))
			}
			if err != nil || !slices.Equal(got, want.told) {
				t.Errorf("%s was told %q, %v; want %q", name, got, err, want.told)
			}
		}
		for name, bad := range map[string]struct {
			by   people.Actor
			in   insight.Sending
			code string
		}{
			"not visible":   {ana, insight.Sending{On: on, ToPersonID: cat.PersonID}, "share_not_visible"},
			"nobody":        {ana, insight.Sending{On: on}, "recipient_needed"},
			"both":          {ana, insight.Sending{On: on, ToPersonID: ben.PersonID, ToTeamID: south}, "recipient_needed"},
			"absent":        {ana, insight.Sending{On: on, ToPersonID: ident.New()}, "person_not_found"},
			"left":          {ana, insight.Sending{On: on, ToPersonID: left.PersonID}, "person_not_found"},
			"person nul":    {ana, insight.Sending{On: on, ToPersonID: "\x00"}, "person_not_found"},
			"no team":       {ana, insight.Sending{On: on, ToTeamID: ident.New()}, "team_not_found"},
			"team nul":      {ana, insight.Sending{On: on, ToTeamID: "\x00"}, "team_not_found"},
			"hidden":        {cat, insight.Sending{On: on, ToPersonID: ben.PersonID}, "video_not_found"},
			"no video":      {ana, insight.Sending{On: insight.On{VideoID: ident.New()}, ToPersonID: ben.PersonID}, "video_not_found"},
			"video nul":     {ana, insight.Sending{On: insight.On{VideoID: "\x00"}, ToPersonID: ben.PersonID}, "video_not_found"},
			"outside":       {ana, insight.Sending{On: insight.On{VideoID: id, StartMS: 1000, EndMS: 60_001}, ToPersonID: ben.PersonID}, "time_outside"},
			"reversed":      {ana, insight.Sending{On: insight.On{VideoID: id, StartMS: 2000, EndMS: 1000}, ToPersonID: ben.PersonID}, "time_outside"},
			"negative":      {ana, insight.Sending{On: insight.On{VideoID: id, StartMS: -1, EndMS: 1000}, ToPersonID: ben.PersonID}, "time_outside"},
			"taken":         {ben, insight.Sending{ID: first, On: on, ToPersonID: ana.PersonID}, "id_taken"},
			"id nul":        {ana, insight.Sending{ID: "\x00", On: on, ToPersonID: ben.PersonID}, "id_invalid"},
			"id long":       {ana, insight.Sending{ID: strings.Repeat("x", 65), On: on, ToPersonID: ben.PersonID}, "id_invalid"},
			"message nul":   {ana, insight.Sending{On: on, ToPersonID: ben.PersonID, Message: "\x00"}, "text_invalid"},
			"message bytes": {ana, insight.Sending{On: on, ToPersonID: ben.PersonID, Message: "\xff"}, "text_invalid"},
			"message long":  {ana, insight.Sending{On: on, ToPersonID: ben.PersonID, Message: strings.Repeat("é", 1001)}, "too_long"},
			"command line":  {people.System(), insight.Sending{On: on, ToPersonID: ben.PersonID}, "forbidden"},
		} {
			_, err := send(bad.by, bad.in)
			t.Run(name, func(t *testing.T) { wantCode(t, err, bad.code) })
		}
		list := func(a people.Actor, box insight.Box) string {
			s, err := k.insights.Shares(t.Context(), a, box, "", 100)
			if err != nil {
				t.Error(err)
			}
			for _, x := range s {
				wantUTC(t, x.CreatedAt)
			}
			return shareIDs(s)
		}
		if got, want := list(ana, insight.Outgoing), strings.Join([]string{third, second, first}, " "); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if got, want := list(ben, insight.Received), strings.Join([]string{third, second, first}, " "); got != want {
			t.Errorf("received %s, want %s", got, want)
		}
		if got := list(ana, insight.Received) + list(cat, insight.Received) + list(ben, insight.Outgoing) + list(people.Actor{}, insight.Received); got != "" {
			t.Errorf("listed %s", got)
		}
		// A page begins after the last one of the page before, whatever the ids are.
		var seen []string
		for before := ""; ; {
			s, err := k.insights.Shares(t.Context(), ben, insight.Received, before, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(s) == 0 {
				break
			}
			before = s[0].ID
			seen = append(seen, before)
		}
		if !slices.Equal(seen, []string{third, second, first}) {
			t.Errorf("pages %v", seen)
		}
		for _, before := range []string{ident.New(), "\x00"} {
			_, err := k.insights.Shares(t.Context(), ben, insight.Received, before, 1)
			wantCode(t, err, "cursor_unknown")
		}
		// What the author hides is hidden here too, and comes back with the audience.
		narrow := func(audience people.Audience) {
			if _, err := k.videos.Change(t.Context(), ana, id, video.Change{Audience: &audience}); err != nil {
				t.Fatal(err)
			}
		}
		narrow(people.Private)
		if got := list(ben, insight.Received); got != "" {
			t.Errorf("hidden, and listed %s", got)
		}
		if got := list(ana, insight.Outgoing); strings.Count(got, " ") != 2 {
			t.Errorf("the author's own: %s", got)
		}
		narrow(people.Everyone)
		if got := list(cat, insight.Received); got != second {
			t.Errorf("widened, and listed %q", got)
		}
	})
}

func TestKeep(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		id := k.film(t, ana, film{})
		other := k.film(t, ana, film{})
		keep := func(a people.Actor, own string, o insight.On) insight.Save {
			e.Clock.Advance(time.Second)
			s, err := k.insights.Keep(t.Context(), a, own, o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		x := keep(ben, "x", insight.On{VideoID: id, StartMS: 10, EndMS: 20})
		if x.ID != "x" || x.PersonID != ben.PersonID || x.VideoID != id || x.StartMS != 10 || x.EndMS != 20 {
			t.Errorf("%+v", x)
		}
		// The same id, and the same moment under another id, are the same save.
		for _, same := range []insight.Save{keep(ben, "x", insight.On{VideoID: other}), keep(ben, "y", insight.On{VideoID: id, StartMS: 10, EndMS: 20}), keep(ben, "", insight.On{VideoID: id, StartMS: 10, EndMS: 20})} {
			if same != x {
				t.Errorf("%+v, want %+v", same, x)
			}
		}
		whole := keep(ben, "", insight.On{VideoID: id})
		if again := keep(ben, "", insight.On{VideoID: id, StartMS: 0, EndMS: 60_000}); again != whole || whole.EndMS != 60_000 {
			t.Errorf("%+v, %+v", whole, again)
		}
		last := keep(ben, "a", insight.On{VideoID: other})
		keep(ana, "", insight.On{VideoID: id, StartMS: 10, EndMS: 20})
		_, err := k.insights.Keep(t.Context(), ana, "x", insight.On{VideoID: other})
		wantCode(t, err, "id_taken")
		_, err = k.insights.Keep(t.Context(), ben, "", insight.On{VideoID: other, StartMS: 59_000, EndMS: 60_001})
		wantCode(t, err, "time_outside")
		_, err = k.insights.Keep(t.Context(), ben, "", insight.On{VideoID: "\x00"})
		wantCode(t, err, "video_not_found")
		_, err = k.insights.Keep(t.Context(), ben, "\xff", insight.On{VideoID: id})
		wantCode(t, err, "id_invalid")
		_, err = k.insights.Keep(t.Context(), people.System(), "", insight.On{VideoID: id})
		wantCode(t, err, "forbidden")
		list := func(a people.Actor) []insight.Save {
			s, err := k.insights.Saves(t.Context(), a, "", 100)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if got := list(ben); !slices.Equal(got, []insight.Save{last, whole, x}) {
			t.Errorf("%+v", got)
		}
		wantCode(t, k.insights.Unkeep(t.Context(), ana, "x"), "save_not_found")
		wantCode(t, k.insights.Unkeep(t.Context(), ben, "\x00"), "save_not_found")
		wantCode(t, k.insights.Unkeep(t.Context(), ben, "x"), "")
		wantCode(t, k.insights.Unkeep(t.Context(), ben, "x"), "save_not_found")
		if err := k.videos.Delete(t.Context(), ana, other); err != nil {
			t.Fatal(err)
		}
		if got := list(ben); !slices.Equal(got, []insight.Save{whole}) {
			t.Errorf("%+v", got)
		}
		wantCode(t, k.insights.Unkeep(t.Context(), ben, last.ID), "") // also when hidden
	})
}

// TestActAtOnce: an act whose answer was lost is sent again while the first is still under way.
func TestActAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		id := k.film(t, ana, film{})
		var wg sync.WaitGroup
		for range 6 {
			for i := range 4 {
				wg.Go(func() {
					own := fmt.Sprint("id", i)
					_, err := k.insights.Send(t.Context(), ben, insight.Sending{ID: own, On: insight.On{VideoID: id}, ToPersonID: ana.PersonID})
					wantCode(t, err, "")
					_, err = k.insights.UsedIt(t.Context(), ben, insight.NewUse{ID: own, On: insight.On{VideoID: id}})
					wantCode(t, err, "")
					s, err := k.insights.Keep(t.Context(), ben, own, insight.On{VideoID: id, StartMS: int64(i), EndMS: 5000})
					if err != nil || s.ID != own {
						t.Errorf("%+v, %v", s, err)
					}
				})
			}
		}
		wg.Wait()
		for _, table := range []string{"shares", "saves", "uses"} {
			if n := read[int](t, k, `SELECT COUNT(*) FROM `+table); n[0] != 4 {
				t.Errorf("%d %s", n[0], table)
			}
		}
	})
}

func TestUsedIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		id := k.film(t, ana, film{})
		deals := k.deals(t, dealSpec{owner: ben.PersonID, status: "open", opened: e.Clock.Now()}, dealSpec{owner: ana.PersonID, status: "open", opened: e.Clock.Now()},
			dealSpec{status: "open", opened: e.Clock.Now()}, dealSpec{owner: ben.PersonID, status: "deleted", opened: e.Clock.Now()})
		on := insight.On{VideoID: id, StartMS: 0, EndMS: 5000}
		used := func(in insight.NewUse) insight.Use {
			u, err := k.insights.UsedIt(t.Context(), ben, in)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		u := used(insight.NewUse{ID: "u", On: on, DealID: deals[0], Comment: "They\nsigned."})
		if u.ID != "u" || *u.DealID != deals[0] || u.Comment != "They\nsigned." || u.AfterView || u.EndMS != 5000 {
			t.Errorf("%+v", u)
		}
		if again := used(insight.NewUse{ID: "u", On: insight.On{VideoID: "\x00"}, DealID: "x"}); again.Comment != u.Comment || *again.DealID != deals[0] {
			t.Errorf("%+v", again)
		}
		for _, id := range append(deals[1:], ident.New(), "\x00", "\xff") {
			_, err := k.insights.UsedIt(t.Context(), ben, insight.NewUse{On: on, DealID: id})
			wantCode(t, err, "deal_not_found")
		}
		_, err := k.insights.UsedIt(t.Context(), ana, insight.NewUse{ID: "u", On: on})
		wantCode(t, err, "id_taken")
		_, err = k.insights.UsedIt(t.Context(), ben, insight.NewUse{On: insight.On{VideoID: id, EndMS: 60_001}})
		wantCode(t, err, "time_outside")
		_, err = k.insights.UsedIt(t.Context(), ben, insight.NewUse{On: on, Comment: strings.Repeat("x", 1001)})
		wantCode(t, err, "too_long")
		afters := func() string {
			us, err := k.insights.Uses(t.Context(), ben, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, u := range us {
				wantUTC(t, u.CreatedAt)
				out = append(out, fmt.Sprint(u.ID, " ", u.AfterView))
			}
			return strings.Join(out, ", ")
		}
		if got := afters(); got != "u false" {
			t.Errorf("%s", got)
		}
		day := 24 * time.Hour
		epoch := e.Clock.Now()
		// A view that comes in after the use it came before: 14 days to the microsecond.
		e.Clock.Advance(time.Hour)
		k.watch(t, ben, play("late", id, 0, 20_000, epoch.Add(-14*day-time.Microsecond)))
		if got := afters(); got != "u false" {
			t.Errorf("14 days and a bit: %s", got)
		}
		k.watch(t, ben, play("later", id, 0, 20_000, epoch.Add(-14*day+30*time.Minute)))
		if got := afters(); got != "u true" {
			t.Errorf("within 14 days: %s", got)
		}
		// A view after the use says nothing of it.
		e.Clock.Advance(time.Hour)
		k.exec(t, `DELETE FROM views`)
		k.exec(t, `UPDATE uses SET after_view = ?`, false)
		k.watch(t, ben, play("after", id, 0, 20_000, epoch.Add(time.Minute)))
		if got := afters(); got != "u false" {
			t.Errorf("viewed after: %s", got)
		}
		e.Clock.Advance(14*day - 2*time.Hour + time.Minute)
		used(insight.NewUse{ID: "v", On: on})
		e.Clock.Advance(time.Microsecond)
		used(insight.NewUse{ID: "w", On: on})
		if got := afters(); got != "w false, v true, u false" {
			t.Errorf("%s", got)
		}
	})
}

// TestUseAndViewAtOnce: whichever comes first, the use knows of the view before it.
func TestUseAndViewAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id := k.film(t, ana, film{})
		var wg sync.WaitGroup
		for i := range 12 {
			ben := k.add(t, fmt.Sprint("Ben", i))
			wg.Go(func() { k.see(t, id, e.Clock.Now(), ben) })
			wg.Go(func() { k.use(t, insight.On{VideoID: id}, ben) })
		}
		wg.Wait()
		if n := read[int](t, k, `SELECT COUNT(*) FROM uses WHERE after_view`); n[0] != 12 {
			t.Errorf("%d of 12 uses know of the view", n[0])
		}
	})
}

func TestViewers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cat := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cat", people.Manager, people.Trainer, people.Admin)
		north := k.team(t, "North", "")
		k.seat(t, north, people.AsManager, &cat)
		k.seat(t, north, people.AsMember, &ana)
		id := k.film(t, ana, film{})
		now := e.Clock.Now()
		k.see(t, id, now, ana)
		k.watch(t, ben, play("1", id, 0, 30_000, now.Add(-time.Hour)), play("2", id, 15_000, 45_000, now.Add(-time.Minute)))
		k.watch(t, cat, play("1", id, 0, 57_000, now.Add(-30*time.Minute)))
		got, err := k.insights.ViewersOf(t.Context(), ana, id)
		want := []insight.Viewer{{PersonID: ben.PersonID, Name: "Ben", Share: 0.75, Views: 2, LastAt: now.Add(-time.Minute)},
			{PersonID: cat.PersonID, Name: "Cat", Share: 0.95, Views: 1, Completed: true, LastAt: now.Add(-30 * time.Minute)}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		for _, a := range []people.Actor{ben, cat} { // not even the manager, or an admin
			_, err := k.insights.ViewersOf(t.Context(), a, id)
			wantCode(t, err, "forbidden")
		}
		_, err = k.service(false).ViewersOf(t.Context(), ana, id)
		wantCode(t, err, "person_analytics_off")
	})
}

func TestHeat(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		id := k.film(t, ana, film{length: 50_000})
		now := e.Clock.Now()
		heat := func() []float64 {
			h, err := k.insights.Heat(t.Context(), ana, id)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		k.watch(t, ana, play("1", id, 0, 50_000, now))
		k.watch(t, k.add(t, "Glance"), play("1", id, 0, 5000, now)) // is no view
		for i := range 4 {
			k.watch(t, k.add(t, fmt.Sprint(i)), play("1", id, 0, 25_000, now))
		}
		if h := heat(); h != nil {
			t.Errorf("under five viewers: %v", h)
		}
		k.watch(t, k.add(t, "5"), play("1", id, 0, 49_500, now))
		h := heat()
		if len(h) != insight.HeatParts {
			t.Fatalf("%v", h)
		}
		for i, share := range h {
			want := 1.0
			if i >= 25 {
				want = 0.2
			}
			if share != want {
				t.Errorf("part %d: %v, want %v", i, share, want)
			}
		}
	})
}
