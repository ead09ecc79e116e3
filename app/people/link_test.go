package people_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func count(t testing.TB, e *apptest.Env, query string, args ...any) int {
	t.Helper()
	var n int
	if err := e.DB.Read(context.Background()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDeadLinksAnswerAlike proves that used, revoked, renewed, expired and made-up links cannot be told
// apart, whatever else is wrong with the request.
func TestDeadLinksAnswerAlike(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		dead := map[string]string{"empty": "", "made up": strings.Repeat("a", 43), "bytes": "\xff\x00", "long": strings.Repeat("x", 100_000)}
		fresh := func(name string) (people.Link, string) {
			return invite(t, d, ada, people.NewInvitation{Name: name, Email: name + "@example.com", Roles: []people.Role{people.Rep}})
		}
		_, dead["expired"] = fresh("expired")
		_, resets, err := d.ResetPassword(t.Context(), ada, add(t, d, "Rae", people.Rep).ID)
		if err != nil {
			t.Fatal(err)
		}
		dead["expired reset"] = resets
		e.Clock.Advance(7*24*time.Hour - time.Second)
		if _, err := d.LookUpLink(t.Context(), dead["expired"], ""); err != nil {
			t.Fatalf("one second before the end: %v", err)
		}
		e.Clock.Advance(time.Second)
		var l people.Link
		l, dead["revoked"] = fresh("revoked")
		if err := d.RevokeInvitation(t.Context(), ada, l.ID); err != nil {
			t.Fatal(err)
		}
		wantCode(t, d.RevokeInvitation(t.Context(), ada, l.ID), "") // twice changes nothing
		l, dead["renewed"] = fresh("renewed")
		if _, _, err := d.RenewInvitation(t.Context(), ada, l.ID); err != nil {
			t.Fatal(err)
		}
		_, dead["used"] = fresh("used")
		if _, err := d.AcceptLink(t.Context(), people.Acceptance{Token: dead["used"], Password: password}); err != nil {
			t.Fatal(err)
		}
		gone := add(t, d, "Gus", people.Rep)
		if _, dead["reset of one who left"], err = d.ResetPassword(t.Context(), ada, gone.ID); err != nil {
			t.Fatal(err)
		}
		no, yes := false, true
		for _, active := range []*bool{&no, &yes} { // and it stays dead when they come back
			if _, err := d.ChangePerson(t.Context(), ada, gone.ID, people.PersonChange{Active: active}); err != nil {
				t.Fatal(err)
			}
		}
		persons := count(t, e, `SELECT COUNT(*) FROM persons`)
		words := errLinkWords(t, d)
		for name, token := range dead {
			_, err := d.LookUpLink(t.Context(), token, name)
			wantCode(t, err, "invitation_unknown")
			for _, in := range []people.Acceptance{{Token: token, Password: password}, {Token: token}, {Token: token, Password: "short"}, {Token: token, Password: password, Name: "\x00", TimeZone: "Nowhere"}} {
				_, err := d.AcceptLink(t.Context(), in)
				if err == nil || err.Error() != words || !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: %v, want %s", name, err, words)
				}
			}
		}
		if now := count(t, e, `SELECT COUNT(*) FROM persons`); now != persons {
			t.Errorf("%d persons, before %d", now, persons)
		}
	})
}

func errLinkWords(t testing.TB, d *people.Directory) string {
	t.Helper()
	_, err := d.LookUpLink(t.Context(), "nothing", "")
	if err == nil {
		t.Fatal("a link named nothing")
	}
	return err.Error()
}

func TestLinkLimit(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, addWithPassword(t, d, "Ada", people.Admin).ID)
		_, token := invite(t, d, ada, dan())
		for range 30 {
			_, err := d.LookUpLink(t.Context(), "guess", "203.0.113.7")
			wantCode(t, err, "invitation_unknown")
			_, err = d.AcceptLink(t.Context(), people.Acceptance{Token: "guess", Password: password, Address: "203.0.113.7"})
			wantCode(t, err, "invitation_unknown")
		}
		_, err := d.LookUpLink(t.Context(), token, "203.0.113.7")
		wantCode(t, err, "too_many_tries")
		_, err = d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password, Address: "203.0.113.7"})
		wantCode(t, err, "too_many_tries")
		if f := retryAfter(t, err); f != 15*time.Minute {
			t.Errorf("retry after %s", f)
		}
		if _, err := d.SignIn(t.Context(), people.SignIn{Email: "ada@example.com", Password: password, Address: "203.0.113.7"}); err != nil {
			t.Errorf("wrong links keep people of that office from signing in: %v", err)
		}
		// Those with a good link are not counted, however often they look.
		for range 70 {
			if _, err := d.LookUpLink(t.Context(), token, "203.0.113.9"); err != nil {
				t.Fatal(err)
			}
		}
		e.Clock.Advance(15 * time.Minute)
		if _, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password, Address: "203.0.113.7"}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLinksOfWhoIsNoAdminAnyMore proves that the links an admin made, whose secrets they know, die with
// their right to make them, and that another admin can renew them.
func TestLinksOfWhoIsNoAdminAnyMore(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada, zoe := actorOf(t, d, add(t, d, "Ada", people.Admin).ID), actorOf(t, d, add(t, d, "Zoe", people.Admin).ID)
		l, token := invite(t, d, zoe, people.NewInvitation{Name: "Zoe two", Email: "zoe2@example.com", Roles: []people.Role{people.Admin}})
		_, reset, err := d.ResetPassword(t.Context(), zoe, ada.PersonID)
		if err != nil {
			t.Fatal(err)
		}
		_, others := invite(t, d, ada, dan())
		if err := byAdmin(people.PersonChange{Roles: &[]people.Role{people.Rep}})(d, t.Context(), zoe.PersonID); err != nil {
			t.Fatal(err)
		}
		for _, dead := range []string{token, reset} {
			_, err := d.AcceptLink(t.Context(), people.Acceptance{Token: dead, Password: password})
			wantCode(t, err, "invitation_unknown")
		}
		if _, err := d.AcceptLink(t.Context(), people.Acceptance{Token: others, Password: password}); err != nil {
			t.Fatalf("somebody else's link died: %v", err)
		}
		again, token, err := d.RenewInvitation(t.Context(), ada, l.ID)
		if err != nil || again.MadeByName != "Ada" || again.State != people.LinkOpen {
			t.Fatalf("%+v, %v", again, err)
		}
		if _, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEndedTokensAreNotListed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		a := actorOf(t, d, add(t, d, "Ana", people.Rep).ID)
		if _, _, err := d.NewToken(t.Context(), a, "old", nil); err != nil {
			t.Fatal(err)
		}
		fresh := password + "!"
		if err := byAdmin(people.PersonChange{Password: &fresh})(d, t.Context(), a.PersonID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.NewToken(t.Context(), a, "new", nil); err != nil {
			t.Fatal(err)
		}
		if ts, err := d.ListTokens(t.Context(), a); err != nil || len(ts) != 1 || ts[0].Name != "new" {
			t.Errorf("%+v, %v", ts, err)
		}
	})
}
