package people_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestOwnSessions(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Ana", people.Rep)
		addWithPassword(t, d, "Bob", people.Rep)
		signIn(t, d, "Bob")
		in := func(agent, address string) people.Actor {
			t.Helper()
			s, err := d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: password, UserAgent: agent, Address: address})
			if err != nil {
				t.Fatal(err)
			}
			a, err := d.AuthenticateSession(t.Context(), s.Secret)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		list := func(a people.Actor) []people.OpenSession {
			t.Helper()
			out, err := d.ListSessions(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		idle := in("Old laptop", "198.51.100.1")
		e.Clock.Advance(8*time.Hour - time.Minute)
		phone := in("Phone"+strings.Repeat("é", 200), "203.0.113.7")
		e.Clock.Advance(time.Minute)
		laptop := in("Laptop", "")
		got := list(laptop)
		if len(got) != 3 || got[0].UserAgent != "Laptop" || !got[0].Current || got[0].Address != "" || got[1].Current || got[1].Address != "203.0.113.7" || len(got[1].UserAgent) > 200 {
			t.Fatalf("%+v", got)
		}
		if !got[0].CreatedAt.Equal(e.Clock.Now()) || !got[0].LastSeenAt.Equal(e.Clock.Now()) || got[2].UserAgent != "Old laptop" {
			t.Fatalf("%+v", got)
		}
		e.Clock.Advance(time.Second)
		if got = list(laptop); len(got) != 2 {
			t.Fatalf("one that was idle for 8 hours is listed: %+v", got)
		}
		if ok, err := d.StillSignedIn(t.Context(), idle.Session); ok || err != nil {
			t.Fatalf("%v, %v", ok, err)
		}
		bob, err := d.PersonByEmail(t.Context(), "bob@example.com")
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, d.EndSession(t.Context(), actorOf(t, d, bob.ID), got[1].ID), "session_not_found")
		for _, bad := range []string{"", "x", "\xff\x00", phone.Session} {
			wantCode(t, d.EndSession(t.Context(), laptop, bad), "session_not_found")
		}
		wantCode(t, d.EndSession(t.Context(), laptop, got[1].ID), "")
		wantCode(t, d.EndSession(t.Context(), laptop, got[1].ID), "session_not_found")
		if ok, err := d.StillSignedIn(t.Context(), phone.Session); ok || err != nil {
			t.Fatalf("the phone is still signed in: %v, %v", ok, err)
		}
		third := in("Tablet", "")
		_, token, err := d.NewToken(t.Context(), third, "script", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.EndOtherSessions(t.Context(), third); err != nil {
			t.Fatal(err)
		}
		if got = list(third); len(got) != 1 || !got[0].Current {
			t.Fatalf("%+v", got)
		}
		byToken, err := d.AuthenticateToken(t.Context(), token)
		if err != nil {
			t.Fatalf("ending sessions ended a token: %v", err)
		}
		if got = list(byToken); len(got) != 1 || got[0].Current {
			t.Fatalf("asked with a token: %+v", got)
		}
		if err := d.EndOtherSessions(t.Context(), byToken); err != nil {
			t.Fatal(err)
		}
		if got = list(byToken); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		if got = list(actorOf(t, d, bob.ID)); len(got) != 0 { // idle by now, and nobody ended it
			t.Fatalf("%+v", got)
		}
	})
}

func TestSignOutPerson(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		ana := addWithPassword(t, d, "Ana", people.Rep)
		addWithPassword(t, d, "Bob", people.Rep)
		mine, other := signIn(t, d, "Ana"), signIn(t, d, "Bob")
		a, err := d.AuthenticateSession(t.Context(), mine.Secret)
		if err != nil {
			t.Fatal(err)
		}
		_, token, err := d.NewToken(t.Context(), a, "script", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SignOutPerson(t.Context(), ada, ana.ID); err != nil {
			t.Fatal(err)
		}
		_, err = d.AuthenticateSession(t.Context(), mine.Secret)
		wantCode(t, err, "unauthenticated")
		_, err = d.AuthenticateToken(t.Context(), token)
		wantCode(t, err, "unauthenticated")
		if ts, err := d.ListTokens(t.Context(), a); err != nil || len(ts) != 0 {
			t.Errorf("%+v, %v", ts, err)
		}
		_, _, err = d.NewToken(t.Context(), a, "begotten", nil)
		wantCode(t, err, "unauthenticated")
		if _, err := d.AuthenticateSession(t.Context(), other.Secret); err != nil {
			t.Errorf("somebody else was signed out: %v", err)
		}
		signIn(t, d, "Ana") // may come back
		wantCode(t, d.SignOutPerson(t.Context(), ada, "nobody"), "person_not_found")
	})
}
