package people_test

import (
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestReset(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		ana := addWithPassword(t, d, "Ana", people.Rep)
		here := signIn(t, d, "Ana")
		reset := func() string {
			t.Helper()
			l, token, err := d.ResetPassword(t.Context(), ada, ana.ID)
			if err != nil || l.Kind != people.Reset || !l.ExpiresAt.Equal(e.Clock.Now().Add(24*time.Hour)) {
				t.Fatalf("%+v, %v", l, err)
			}
			return token
		}
		first, token := reset(), reset()
		_, err := d.LookUpLink(t.Context(), first, "")
		wantCode(t, err, "invitation_unknown")
		if w, err := d.LookUpLink(t.Context(), token, ""); err != nil || w.Kind != people.Reset || w.Email != "ana@example.com" {
			t.Fatalf("%+v, %v", w, err)
		}
		if _, err := d.AuthenticateSession(t.Context(), here.Secret); err != nil {
			t.Fatalf("making a link ended a session: %v", err)
		}
		const fresh = "another long password"
		s, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: fresh, Name: "Somebody else"})
		if err != nil || s.Person.ID != ana.ID || s.Person.Name != "Ana" {
			t.Fatalf("%+v, %v", s, err)
		}
		_, err = d.AuthenticateSession(t.Context(), here.Secret)
		wantCode(t, err, "unauthenticated")
		if _, err := d.AuthenticateSession(t.Context(), s.Secret); err != nil {
			t.Fatal(err)
		}
		_, err = d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: password})
		wantCode(t, err, "sign_in_failed")
		if _, err := d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: fresh}); err != nil {
			t.Fatal(err)
		}
		// A link dies with whatever else sets a password, and when all credentials are ended.
		for name, change := range map[string]func() error{
			"own":      func() error { return d.ChangeOwnPassword(t.Context(), actorOf(t, d, ana.ID), fresh, fresh+"!") },
			"admin":    func() error { pw := fresh; return byAdmin(people.PersonChange{Password: &pw})(d, t.Context(), ana.ID) },
			"sign out": func() error { return d.SignOutPerson(t.Context(), ada, ana.ID) },
		} {
			pw := fresh
			if err := byAdmin(people.PersonChange{Password: &pw})(d, t.Context(), ana.ID); err != nil {
				t.Fatal(err)
			}
			token := reset()
			if err := change(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password})
			wantCode(t, err, "invitation_unknown")
		}
		if ls, err := d.ListInvitations(t.Context(), ada, "", "", 10); err != nil || len(ls) != 0 {
			t.Errorf("resets among the invitations: %+v, %v", ls, err)
		}
		no := false
		if _, err := d.ChangePerson(t.Context(), ada, ana.ID, people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		_, _, err = d.ResetPassword(t.Context(), ada, ana.ID)
		wantCode(t, err, "person_inactive")
		_, _, err = d.ResetPassword(t.Context(), ada, "nobody")
		wantCode(t, err, "person_not_found")
	})
}

func TestSweepForgetsOldResets(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ana := add(t, d, "Ana", people.Rep)
		if _, _, err := d.ResetPassword(t.Context(), people.System(), ana.ID); err != nil {
			t.Fatal(err)
		}
		invite(t, d, people.System(), dan())
		for _, c := range []struct {
			wait time.Duration
			left int
		}{{31 * 24 * time.Hour, 2}, {time.Second, 1}, {365 * 24 * time.Hour, 1}} {
			e.Clock.Advance(c.wait)
			if err := d.SweepSessions(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := count(t, e, `SELECT COUNT(*) FROM links`); n != c.left {
				t.Errorf("%d links, want %d", n, c.left)
			}
		}
	})
}
