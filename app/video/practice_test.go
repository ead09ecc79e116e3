package video_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// practise gives a take that was recorded as a practice for something.
func (k *kit) practise(t *testing.T, who people.Actor, forID string) video.Video {
	t.Helper()
	v := k.take(t, who)
	k.exec(t, `UPDATE videos SET kind = 'practice', for_id = ? WHERE id = ?`, forID, v.ID)
	return k.get(t, who, v.ID)
}

func (k *kit) tx(t *testing.T, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestPracticesAreNobodysBusiness: nobody but their author ever finds, lists, sees or is told of one, and they
// cannot be shown to anybody.
func TestPracticesAreNobodysBusiness(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, mia, tom, ada := k.add(t, "Ana"), k.add(t, "Mia", people.Manager), k.add(t, "Tom", people.Trainer), k.add(t, "Ada", people.Admin)
		team, err := k.people.AddTeam(t.Context(), people.System(), "North", nil)
		if err != nil {
			t.Fatal(err)
		}
		for who, seat := range map[string]people.Seat{ana.PersonID: people.AsMember, mia.PersonID: people.AsManager} {
			if err := k.people.Place(t.Context(), people.System(), team.ID, who, seat); err != nil {
				t.Fatal(err)
			}
		}
		ana, mia = k.actor(t, ana.PersonID), k.actor(t, mia.PersonID)
		enrolment := ident.New()
		take, practice := k.take(t, ana), k.practise(t, ana, enrolment)
		other := k.practise(t, ana, ident.New())
		if practice.Findable() || !take.Findable() {
			t.Error("a practice can be found, or a take cannot")
		}
		found, err := k.videos.Versions(t.Context())
		if _, in := found[practice.ID]; in || err != nil {
			t.Errorf("search knows of it: %v", err)
		}
		list := func(who people.Actor, f video.Filter) (out []string) {
			t.Helper()
			f.Limit = 50
			vs, err := k.videos.List(t.Context(), who, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vs {
				out = append(out, v.ID)
			}
			return out
		}
		for _, f := range []video.Filter{{}, {Mine: true}, {AuthorID: ana.PersonID}, {ForID: enrolment}, {Title: "take"}, {State: video.Playable}, {Reports: true}, {Team: team.ID}, {Kind: "take"}} {
			for _, who := range []people.Actor{ana, mia, tom, ada} {
				if got := list(who, f); slices.Contains(got, practice.ID) || slices.Contains(got, other.ID) {
					t.Errorf("%s finds it by %+v", who.Name, f)
				}
			}
		}
		if got := list(ana, video.Filter{Kind: video.Practice}); !slices.Equal(got, []string{other.ID, practice.ID}) {
			t.Errorf("ana finds %d of her practices", len(got))
		}
		if got := list(ana, video.Filter{Kind: video.Practice, ForID: enrolment}); !slices.Equal(got, []string{practice.ID}) {
			t.Errorf("ana finds %d for her enrolment", len(got))
		}
		for _, who := range []people.Actor{mia, tom, ada} {
			if got := list(who, video.Filter{Kind: video.Practice}); len(got) != 0 {
				t.Errorf("%s finds %d practices", who.Name, len(got))
			}
			_, err := k.videos.Get(t.Context(), who, practice.ID)
			wantCode(t, err, "video_not_found")
		}
		for _, audience := range []people.Audience{people.Line, people.MyTeam, people.Everyone} {
			_, err := k.videos.Change(t.Context(), ana, practice.ID, video.Change{Audience: &audience})
			wantCode(t, err, "practice_private")
		}
		_, err = k.videos.Change(t.Context(), ana, practice.ID, video.Change{Audience: ptr(people.Teams), TeamIDs: &[]string{team.ID}})
		wantCode(t, err, "practice_private")
		if _, err := k.videos.Change(t.Context(), ana, practice.ID, video.Change{Title: ptr("My second try"), Audience: ptr(people.Private)}); err != nil {
			t.Error(err)
		}
		// Not even that one failed is known.
		k.exec(t, `UPDATE videos SET state = 'failed', failure = 'No.' WHERE id IN ?`, []string{take.ID, practice.ID})
		failed, err := k.videos.Failures(t.Context(), ada, 9)
		if err != nil || len(failed) != 1 || failed[0].ID != take.ID {
			t.Errorf("the admin is shown %d failures, %v", len(failed), err)
		}
		wantCode(t, k.videos.RetryFailure(t.Context(), ada, practice.ID), "video_not_found")
		// Another's grant would be a hole; so would a move.
		k.people.OnMoved = k.videos.AuthorsMoved
		if err := k.people.Place(t.Context(), people.System(), team.ID, tom.PersonID, people.AsManager); err != nil {
			t.Fatal(err)
		}
		_, err = k.videos.Get(t.Context(), k.actor(t, tom.PersonID), practice.ID)
		wantCode(t, err, "video_not_found")
	})
}

// TestPracticesGo after thirty days, with their bytes; attempts, takes and younger ones stay.
func TestPracticesGo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		old, attempt, take := k.practise(t, ana, ident.New()), k.practise(t, ana, ident.New()), k.take(t, ana)
		k.tx(t, func(tx *db.Tx) error { return k.videos.SetKindTx(tx, attempt.ID, video.Attempt) })
		e.Clock.Advance(time.Hour)
		young := k.practise(t, ana, ident.New())
		e.Clock.Advance(video.KeepPractice - time.Hour)
		if n, err := k.videos.Purge(t.Context()); n != 0 || err != nil {
			t.Errorf("%d go on their last day, %v", n, err)
		}
		e.Clock.Advance(time.Second)
		if n, err := k.videos.Purge(t.Context()); n != 1 || err != nil {
			t.Errorf("%d go, %v", n, err)
		}
		_, err := k.videos.Get(t.Context(), ana, old.ID)
		wantCode(t, err, "video_not_found")
		for _, v := range []video.Video{attempt, take, young} {
			k.get(t, ana, v.ID)
		}
		if n := k.count(t, `SELECT COUNT(*) FROM videos WHERE id = ?`, old.ID); n != 0 {
			t.Error("its row is still there")
		}
	})
}

// TestGrants: who was granted a video sees it for as long as a reason is left, wherever its author moves and
// whatever audience they choose; and it is in nobody's lists.
func TestGrants(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.people.OnMoved = k.videos.AuthorsMoved
		ana, ben, mia := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Mia", people.Manager)
		team, err := k.people.AddTeam(t.Context(), people.System(), "North", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.people.Place(t.Context(), people.System(), team.ID, mia.PersonID, people.AsManager); err != nil {
			t.Fatal(err)
		}
		mia = k.actor(t, mia.PersonID)
		v := k.practise(t, ana, ident.New())
		sees := func(who people.Actor, want bool, when string) {
			t.Helper()
			_, err := k.videos.Get(t.Context(), who, v.ID)
			if (err == nil) != want || (err != nil && !fault.Is(err, fault.NotFound)) {
				t.Errorf("%s: %s sees it: %v, want %v", when, who.Name, err, want)
			}
			visible, err := k.videos.Visible(t.Context(), who, []string{v.ID})
			if err != nil || (len(visible) == 1) != want {
				t.Errorf("%s: the database says otherwise of %s: %d, %v", when, who.Name, len(visible), err)
			}
		}
		grant := func(who people.Actor, subject string) {
			k.tx(t, func(tx *db.Tx) error { return k.videos.GrantTx(tx, v.ID, who.PersonID, subject) })
		}
		revoke := func(subject string) {
			k.tx(t, func(tx *db.Tx) error { return k.videos.RevokeTx(tx, v.ID, subject) })
		}
		k.tx(t, func(tx *db.Tx) error { return k.videos.SetKindTx(tx, v.ID, video.Attempt) })
		sees(ben, false, "before")
		grant(ben, "review")
		grant(ben, "review") // twice is once
		sees(ben, true, "granted")
		sees(mia, false, "granted to ben")
		for _, f := range []video.Filter{{}, {AuthorID: ana.PersonID}, {Kind: video.Attempt}} {
			f.Limit = 9
			if vs, err := k.videos.List(t.Context(), ben, f); err != nil || len(vs) != 0 {
				t.Errorf("%+v lists it to its reviewer: %d, %v", f, len(vs), err)
			}
		}
		if got := k.get(t, ana, v.ID); got.Findable() {
			t.Error("search may know of it")
		}
		// Its author moves: below mia, whose line it is not shown to.
		if err := k.people.Place(t.Context(), people.System(), team.ID, ana.PersonID, people.AsMember); err != nil {
			t.Fatal(err)
		}
		sees(ben, true, "after a move")
		sees(mia, false, "after a move")
		if _, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{Audience: ptr(people.Line)}); err != nil {
			t.Fatal(err)
		}
		sees(ben, true, "for the line")
		sees(mia, true, "for the line")
		if err := k.people.Unplace(t.Context(), people.System(), team.ID, ana.PersonID, people.AsMember); err != nil {
			t.Fatal(err)
		}
		sees(ben, true, "after another move")
		sees(mia, false, "after another move")
		// Two reasons, and one goes.
		grant(ben, "feedback")
		revoke("review")
		sees(ben, true, "with one reason left")
		revoke("feedback")
		revoke("feedback")
		sees(ben, false, "with none left")
		sees(ana, true, "her own")

		// Exchanged for another it is a practice again: whatever was shown of it is taken back.
		grant(ben, "review")
		if _, err := k.videos.Change(t.Context(), ana, v.ID, video.Change{Audience: ptr(people.Everyone)}); err != nil {
			t.Fatal(err)
		}
		sees(mia, true, "for everyone")
		k.tx(t, func(tx *db.Tx) error { return k.videos.SetKindTx(tx, v.ID, video.Practice) })
		sees(ben, false, "a practice")
		sees(mia, false, "a practice")
		sees(ana, true, "a practice of her own")
		if got := k.get(t, ana, v.ID); got.Audience != people.Private || got.PublishedAt != nil || got.Kind != video.Practice {
			t.Errorf("%+v", got)
		}
		// A deleted one, and one that is gone.
		k.tx(t, func(tx *db.Tx) error { return k.videos.SetKindTx(tx, v.ID, video.Attempt) })
		grant(ben, "review")
		if err := k.videos.Delete(t.Context(), ana, v.ID); err != nil {
			t.Fatal(err)
		}
		sees(ben, false, "deleted")
		err = k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.videos.GrantTx(tx, ident.New(), ben.PersonID, "review") })
		wantCode(t, err, "video_not_found")
	})
}
