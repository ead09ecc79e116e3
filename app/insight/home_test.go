package insight_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// publish makes a video as film does, and says since when others may see it.
func (k *kit) publish(t testing.TB, author people.Actor, f film) string {
	t.Helper()
	id := k.film(t, author, f)
	k.exec(t, `UPDATE videos SET published_at = ? WHERE id = ?`, k.Clock.Now(), id)
	return id
}

func (k *kit) follow(t testing.TB, who, whom people.Actor) {
	t.Helper()
	if err := k.dir.Follow(t.Context(), who, whom.PersonID); err != nil {
		t.Fatal(err)
	}
}

// TestUnfinished is what has been begun and not completed: from when on, where it goes on, in what order.
func TestUnfinished(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		at := func(minutes int) time.Time { return e.Clock.Now().Add(time.Duration(minutes-60) * time.Minute) }
		type part struct {
			from, to int64
			minute   int
		}
		films := map[string]string{}
		for name, c := range map[string]struct {
			f     film
			parts []part
		}{
			"glance":    {film{length: 200_000}, []part{{0, 4999, 1}}},
			"five":      {film{length: 200_000}, []part{{0, 5000, 2}}},
			"short":     {film{length: 40_000}, []part{{0, 2000, 3}}},
			"tooshort":  {film{length: 40_000}, []part{{0, 1999, 4}}},
			"jumped":    {film{}, []part{{0, 6000, 5}, {30_000, 41_000, 6}}},
			"back":      {film{}, []part{{30_000, 41_000, 7}, {0, 6000, 8}}},
			"end":       {film{}, []part{{0, 9000, 9}, {50_000, 60_000, 10}}},
			"endfirst":  {film{}, []part{{20_000, 60_000, 11}}},
			"completed": {film{}, []part{{0, 55_000, 12}}},
			"private":   {film{audience: people.Private}, []part{{0, 10_000, 13}}},
			"deleted":   {film{}, []part{{0, 10_000, 14}}},
			"failed":    {film{}, []part{{0, 10_000, 15}}},
		} {
			wide := c.f
			wide.audience = people.Everyone
			id := k.film(t, ana, wide)
			films[name] = id
			for i, p := range c.parts {
				k.watch(t, ben, play(fmt.Sprint(name, i), id, p.from, p.to, at(p.minute)))
			}
			switch {
			case c.f.audience == people.Private:
				k.exec(t, `DELETE FROM video_audience WHERE video_id = ? AND key = 'e'`, id)
			case name == "deleted":
				k.exec(t, `UPDATE videos SET deleted_at = ? WHERE id = ?`, e.Clock.Now(), id)
			case name == "failed":
				k.exec(t, `UPDATE videos SET state = 'failed' WHERE id = ?`, id)
			}
		}
		own := k.film(t, ben, film{})
		k.watch(t, ben, play("own", own, 0, 20_000, at(20)))

		got, err := k.insights.Unfinished(t.Context(), ben, 50)
		if err != nil {
			t.Fatal(err)
		}
		want := []struct {
			name   string
			resume int64
			share  float64
		}{{"endfirst", 0, 2.0 / 3}, {"end", 9000, 19.0 / 60}, {"back", 6000, 17.0 / 60}, {"jumped", 41_000, 17.0 / 60}, {"short", 2000, 0.05}, {"five", 5000, 0.025}}
		if len(got) != len(want) {
			t.Fatalf("%+v", got)
		}
		for i, w := range want {
			if g := got[i]; g.VideoID != films[w.name] || g.ResumeMS != w.resume || math.Abs(g.Share-w.share) > 1e-9 {
				t.Errorf("%d: %+v, want %s at %d, %f", i, g, w.name, w.resume, w.share)
			}
			wantUTC(t, got[i].LastAt)
			p, err := k.insights.ProgressOf(t.Context(), ben, films[w.name])
			if err != nil || p.ResumeMS != w.resume {
				t.Errorf("%s: progress %+v, %v", w.name, p, err)
			}
		}
		if p, err := k.insights.ProgressOf(t.Context(), ben, films["completed"]); err != nil || p.ResumeMS != 0 || !p.Completed {
			t.Errorf("completed: %+v, %v", p, err)
		}
		if got, err := k.insights.Unfinished(t.Context(), ben, 2); err != nil || len(got) != 2 || got[0].VideoID != films["endfirst"] {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := k.insights.Unfinished(t.Context(), ana, 50); err != nil || len(got) != 0 {
			t.Errorf("ana goes on with %+v, %v", got, err)
		}
	})
}

// TestNew is what is new to whom, and why.
func TestNew(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, mate, boss, stranger, star, above := k.add(t, "Ana"), k.add(t, "Mate"), k.add(t, "Boss"), k.add(t, "Stranger"), k.add(t, "Star"), k.add(t, "Above")
		root := k.team(t, "Company", "")
		team := k.team(t, "North", root)
		k.seat(t, team, people.AsMember, &ana, &mate)
		k.seat(t, team, people.AsManager, &boss)
		k.seat(t, root, people.AsManager, &above)
		k.follow(t, ana, star)
		k.publish(t, mate, film{}) // 90 days before the rest
		e.Clock.Advance(90*24*time.Hour + time.Minute)
		ids := map[string]string{}
		for _, c := range []struct {
			name   string
			author people.Actor
			f      film
		}{
			{"mates", mate, film{audience: people.MyTeam}}, {"far", stranger, film{}}, {"stars", star, film{}}, {"boss", boss, film{}}, {"aboves", above, film{}},
			{"line", mate, film{audience: people.Line}}, {"own", ana, film{}}, {"begun", star, film{}}, {"glanced", stranger, film{}}, {"failed", star, film{}}, {"deleted", star, film{}},
		} {
			e.Clock.Advance(time.Hour)
			ids[c.name] = k.publish(t, c.author, c.f)
		}
		unpublished := k.film(t, star, film{audience: people.Private})
		k.exec(t, `UPDATE videos SET state = 'failed' WHERE id = ?`, ids["failed"])
		k.exec(t, `UPDATE videos SET deleted_at = ? WHERE id = ?`, e.Clock.Now(), ids["deleted"])
		k.watch(t, ana, play("1", ids["begun"], 0, 5000, e.Clock.Now()), play("2", ids["glanced"], 0, 2000, e.Clock.Now()))

		check := func(who people.Actor, limit int, want ...string) {
			t.Helper()
			fresh, err := k.insights.New(t.Context(), who, limit)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range fresh {
				name := "unknown " + f.VideoID
				for n, id := range ids {
					if id == f.VideoID {
						name = n
					}
				}
				if f.VideoID == unpublished {
					name = "unpublished"
				}
				got = append(got, name+" "+string(f.Why))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		}
		check(ana, 50, "boss team", "stars followed", "mates team", "glanced everyone", "aboves everyone", "far everyone")
		check(ana, 4, "boss team", "stars followed", "mates team", "glanced everyone")
		check(ana, 2, "boss team", "stars followed")
		check(stranger, 50, "begun everyone", "own everyone", "aboves everyone", "boss everyone", "stars everyone")
		k.follow(t, ana, mate) // stronger than the team
		check(ana, 3, "boss team", "stars followed", "mates followed")
		check(above, 4, "own team", "line team", "boss team", "mates team")

		// A manager watches what people of theirs have published, until they have written a note.
		to := func(who people.Actor, want ...string) {
			t.Helper()
			got, err := k.insights.ToWatch(t.Context(), who, 50)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, id := range got {
				for n := range ids {
					if ids[n] == id {
						names = append(names, n)
					}
				}
			}
			if !slices.Equal(names, want) {
				t.Errorf("to watch %q, want %q", names, want)
			}
		}
		to(boss, "own", "line", "mates")
		to(above, "own", "line", "boss", "mates")
		to(ana)
		note, err := k.videos.WriteNote(t.Context(), boss, ids["line"], "", 100, "Good.")
		if err != nil {
			t.Fatal(err)
		}
		to(boss, "own", "mates")
		to(above, "own", "line", "boss", "mates")
		if err := k.videos.DeleteNote(t.Context(), boss, ids["line"], note.ID); err != nil {
			t.Fatal(err)
		}
		to(boss, "own", "line", "mates")
	})
}

// TestUnwatchedShares is what one was sent and has not watched since.
func TestUnwatchedShares(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cleo := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cleo")
		team := k.team(t, "North", "")
		k.seat(t, team, people.AsMember, &ana, &cleo)
		send := func(from people.Actor, video string, to *people.Actor, message string) {
			t.Helper()
			s := insight.Sending{On: insight.On{VideoID: video}, Message: message, ToTeamID: team}
			if to != nil {
				s.ToPersonID, s.ToTeamID = to.PersonID, ""
			}
			if _, err := k.insights.Send(t.Context(), from, s); err != nil {
				t.Fatal(err)
			}
			e.Clock.Advance(time.Hour)
		}
		one, two, hidden := k.film(t, ben, film{}), k.film(t, ben, film{}), k.film(t, ben, film{})
		send(ben, one, &ana, "too old")
		e.Clock.Advance(90 * 24 * time.Hour)
		k.see(t, one, e.Clock.Now(), ana)
		e.Clock.Advance(time.Hour)
		send(ben, one, &ana, "watched before")
		send(cleo, two, nil, "to the team")
		send(ana, two, nil, "by herself")
		send(ben, hidden, &ana, "hidden since")
		send(ben, two, &cleo, "to another")
		k.exec(t, `DELETE FROM video_audience WHERE video_id = ?`, hidden)
		check := func(who people.Actor, want ...string) {
			t.Helper()
			shares, err := k.insights.UnwatchedShares(t.Context(), who, 50)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range shares {
				got = append(got, s.Message)
				wantUTC(t, s.CreatedAt)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		}
		check(ana, "to the team", "watched before")
		check(cleo, "to another", "by herself")
		check(ben)
		k.watch(t, ana, play("again", one, 3000, 4000, e.Clock.Now()))
		check(ana, "to the team")
	})
}

// TestUnready is one's own takes that are still being worked on, or failed.
func TestUnready(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		var want []string
		for _, state := range []string{"ready", "processing", "playable", "failed", "failed"} {
			id := k.film(t, ana, film{})
			k.exec(t, `UPDATE videos SET state = ? WHERE id = ?`, state, id)
			if state != "ready" {
				want = append([]string{id}, want...)
			}
		}
		k.exec(t, `UPDATE videos SET deleted_at = ? WHERE id = ?`, e.Clock.Now(), want[0])
		got, err := k.insights.Unready(t.Context(), ana, 50)
		if err != nil || !slices.Equal(got, want[1:]) {
			t.Errorf("%v, %v, want %v", got, err, want[1:])
		}
		if got, err := k.insights.Unready(t.Context(), ben, 50); err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// TestDone counts what colleagues did with videos, and shows few to those only who may know whom.
func TestDone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		author, boss, trainer := k.add(t, "Author"), k.add(t, "Boss"), k.add(t, "Trainer", people.Trainer)
		team := k.team(t, "North", "")
		k.seat(t, team, people.AsMember, &author)
		k.seat(t, team, people.AsManager, &boss)
		var crowd []people.Actor
		for i := range 4 {
			crowd = append(crowd, k.add(t, fmt.Sprint("Rep ", i)))
		}
		one, two, private := k.film(t, author, film{}), k.film(t, author, film{}), k.film(t, author, film{audience: people.Private})
		// Four see the one, three save it, two use it twice; the author and the boss do all of it too.
		k.see(t, one, e.Clock.Now(), append(slices.Clone(crowd), author, boss)...)
		for i, a := range append(slices.Clone(crowd), author, boss) {
			on := insight.On{VideoID: one, StartMS: int64(i * 10), EndMS: 50_000}
			if i != 3 {
				if _, err := k.insights.Keep(t.Context(), a, "", on); err != nil {
					t.Fatal(err)
				}
			}
			if i != 2 && i != 3 {
				k.use(t, on, a, a)
			}
		}
		k.see(t, two, e.Clock.Now(), crowd[0])
		show := func(n *int) string {
			if n == nil {
				return "-"
			}
			return fmt.Sprint(*n)
		}
		videos, err := k.videos.Visible(t.Context(), author, []string{one, two, private})
		if err != nil || len(videos) != 3 {
			t.Fatal(videos, err)
		}
		for _, c := range []struct {
			who      people.Actor
			one, two string
		}{{author, "4 0 3 2", "1 0 0 0"}, {boss, "4 0 3 2", "1 0 0 0"}, {trainer, "4 0 3 2", "1 0 0 0"}, {crowd[0], "4 - 3 -", "- - - -"}} {
			done, err := k.insights.DoneWith(t.Context(), c.who, []video.Video{videos[one], videos[two], videos[private]})
			if err != nil {
				t.Fatal(err)
			}
			for id, want := range map[string]string{one: c.one, two: c.two} {
				d := done[id]
				if got := fmt.Sprint(show(d.Saw), " ", show(d.Shared), " ", show(d.Saved), " ", show(d.Used)); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
			if _, known := done[private]; known != (c.who.PersonID == author.PersonID) {
				t.Error("counts of a video that they may not see")
			}
		}

		// Whoever comes to stand above the author does not count any more: the tree is read anew.
		k.seat(t, team, people.AsManager, &crowd[1])
		done, err := k.insights.DoneWith(t.Context(), author, []video.Video{videos[one]})
		if d := done[one]; err != nil || *d.Saw != 3 || *d.Saved != 2 || *d.Used != 1 {
			t.Errorf("%+v, %v", d, err)
		}
		if done, err := k.insights.DoneWith(t.Context(), author, nil); err != nil || len(done) != 0 {
			t.Errorf("%v, %v", done, err)
		}
	})
}

// TestStanding is what stands between somebody and a video, and only theirs.
func TestStanding(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		author, ben, cleo := k.add(t, "Author"), k.add(t, "Ben"), k.add(t, "Cleo")
		id, other := k.film(t, author, film{}), k.film(t, author, film{})
		for _, c := range []struct {
			who people.Actor
			on  insight.On
		}{{ben, insight.On{VideoID: id, StartMS: 5000, EndMS: 9000}}, {ben, insight.On{VideoID: id, EndMS: 2000}}, {ben, insight.On{VideoID: other}}, {cleo, insight.On{VideoID: id}}} {
			if _, err := k.insights.Keep(t.Context(), c.who, ident.New(), c.on); err != nil {
				t.Fatal(err)
			}
		}
		k.watch(t, ben, play("1", id, 0, 7000, e.Clock.Now()))
		v, err := k.videos.Get(t.Context(), ben, id)
		if err != nil {
			t.Fatal(err)
		}
		st, err := k.insights.StandingOf(t.Context(), ben, v)
		if err != nil || len(st.Saves) != 2 || st.Saves[0].EndMS != 2000 || st.Saves[1].StartMS != 5000 || st.Progress.ResumeMS != 7000 || st.SeesViewers {
			t.Errorf("%+v, %v", st, err)
		}
		wantUTC(t, st.Saves[0].CreatedAt)
		for names, want := range map[bool]bool{true: true, false: false} {
			if st, err := k.service(names).StandingOf(t.Context(), author, v); err != nil || st.SeesViewers != want || len(st.Saves) != 0 || len(st.Progress.Ranges) != 0 {
				t.Errorf("%+v, %v", st, err)
			}
		}
		k.exec(t, `DELETE FROM video_audience WHERE video_id = ? AND key = 'e'`, id)
		v.Keys = slices.DeleteFunc(slices.Clone(v.Keys), func(key string) bool { return key == "e" })
		_, err = k.insights.StandingOf(t.Context(), ben, v)
		wantCode(t, err, "video_not_found")
	})
}
