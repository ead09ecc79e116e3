package people_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func invite(t testing.TB, d *people.Directory, actor people.Actor, n people.NewInvitation) (people.Link, string) {
	t.Helper()
	l, token, err := d.Invite(t.Context(), actor, n)
	if err != nil {
		t.Fatal(err)
	}
	return l, token
}

func dan() people.NewInvitation {
	return people.NewInvitation{Name: "Dan", Email: "dan@example.com", Roles: []people.Role{people.Rep}}
}

func TestInvitation(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		var added []string
		d.OnAdded = func(_ context.Context, _ *db.Tx, p people.Person) error { added = append(added, p.Email); return nil }
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		team, err := d.AddTeam(t.Context(), ada, "North", nil)
		if err != nil {
			t.Fatal(err)
		}
		n := dan()
		n.Email, n.TeamID, n.Seat, n.Roles = "Dan@Example.com", team.ID, people.AsManager, []people.Role{people.Manager, people.Rep}
		l, token := invite(t, d, ada, n)
		if l.State != people.LinkOpen || !l.ExpiresAt.Equal(e.Clock.Now().Add(7*24*time.Hour)) || l.Team != "North" || l.MadeByName != "Ada" || len(token) < 43 {
			t.Fatalf("%+v, a token of %d", l, len(token))
		}
		if kept := count(t, e, `SELECT COUNT(*) FROM links WHERE secret_hash = ? OR id = ?`, token, token); kept != 0 {
			t.Fatal("the secret itself is kept")
		}
		w, err := d.LookUpLink(t.Context(), token, "203.0.113.7")
		if err != nil || w.Name != "Dan" || w.Email != "Dan@Example.com" || w.InvitedBy != "Ada" || w.Team != "North" || w.Kind != people.Invitation {
			t.Fatalf("%+v, %v", w, err)
		}
		s, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Name: " Daniel ", Password: password, TimeZone: "Europe/Berlin", UserAgent: "Phone", Address: "203.0.113.7"})
		if err != nil || s.Person.Name != "Daniel" || s.Person.TimeZone != "Europe/Berlin" || !s.Person.Active || !s.Person.Has(people.Manager) {
			t.Fatalf("%+v, %v", s, err)
		}
		a, err := d.AuthenticateSession(t.Context(), s.Secret)
		if err != nil || a.PersonID != s.Person.ID || !a.ManagesTeam(team.ID) || len(a.Reach.MemberOf) != 0 {
			t.Fatalf("%+v, %v", a, err)
		}
		if len(added) != 2 || added[1] != "Dan@Example.com" {
			t.Errorf("told of %v", added)
		}
		if _, err := d.SignIn(t.Context(), people.SignIn{Email: "dan@example.com", Password: password}); err != nil {
			t.Fatal(err)
		}
		ls, err := d.ListInvitations(t.Context(), ada, "", "", 10)
		if err != nil || len(ls) != 1 || ls[0].State != people.LinkUsed || ls[0].PersonID != s.Person.ID || !ls[0].UsedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v, %v", ls, err)
		}
		_, _, err = d.Invite(t.Context(), ada, dan())
		wantCode(t, err, "email_taken")
		wantCode(t, d.RevokeInvitation(t.Context(), ada, l.ID), "invitation_accepted")
		_, _, err = d.RenewInvitation(t.Context(), ada, l.ID)
		wantCode(t, err, "invitation_accepted")
	})
}

// TestAcceptRaces proves that of twenty at once with one link one gets the account.
func TestAcceptRaces(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		_, token := invite(t, d, ada, dan())
		got := atOnce(20, func(i int) error {
			_, err := d.AcceptLink(context.Background(), people.Acceptance{Token: token, Name: fmt.Sprintf("Dan %d", i), Password: password, Address: "203.0.113.7"})
			return err
		})
		if got[""] != 1 || got["invitation_unknown"] != 19 {
			t.Fatalf("20 at once: %v", got)
		}
		if n := count(t, e, `SELECT COUNT(*) FROM persons WHERE email_key = 'dan@example.com'`); n != 1 {
			t.Errorf("%d accounts", n)
		}
		if n := count(t, e, `SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions", n)
		}
		// The same for a reset.
		ana := addWithPassword(t, d, "Ana", people.Rep)
		_, token, err := d.ResetPassword(t.Context(), ada, ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		got = atOnce(20, func(i int) error {
			_, err := d.AcceptLink(context.Background(), people.Acceptance{Token: token, Password: fmt.Sprintf("%s %d", password, i), Address: "203.0.113.8"})
			return err
		})
		if got[""] != 1 || got["invitation_unknown"] != 19 {
			t.Fatalf("20 resets at once: %v", got)
		}
		// Accepted or revoked: never both, and somebody is told which.
		for range 5 {
			l, token := invite(t, d, ada, people.NewInvitation{Name: "Fay", Email: fmt.Sprintf("fay%d@example.com", count(t, e, `SELECT COUNT(*) FROM links`)), Roles: []people.Role{people.Rep}})
			got := atOnce(2, func(i int) error {
				if i == 0 {
					return d.RevokeInvitation(context.Background(), ada, l.ID)
				}
				_, err := d.AcceptLink(context.Background(), people.Acceptance{Token: token, Password: password, Address: "203.0.113.9"})
				return err
			})
			both := count(t, e, `SELECT COUNT(*) FROM links WHERE used_at IS NOT NULL AND revoked_at IS NOT NULL`)
			if got[""] != 1 || got["invitation_unknown"]+got["invitation_accepted"] != 1 || both != 0 {
				t.Fatalf("%v, %d both accepted and revoked", got, both)
			}
		}
		// Two admins who invite the same person at once make one invitation.
		got = atOnce(10, func(int) error {
			_, _, err := d.Invite(context.Background(), ada, people.NewInvitation{Name: "Eve", Email: "eve@example.com", Roles: []people.Role{people.Rep}})
			return err
		})
		if got[""] != 1 || got["invitation_open"] != 9 {
			t.Fatalf("10 invitations at once: %v", got)
		}
	})
}

// atOnce runs fn n times side by side and counts the codes of the answers.
func atOnce(n int, fn func(i int) error) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]int{}
	for i := range n {
		all.Go(func() {
			code := ""
			if err := fn(i); err != nil {
				code = fault.CodeOf(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	all.Wait()
	return got
}

func TestRevokeAndRenew(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		l, _ := invite(t, d, ada, dan())
		_, _, err := d.Invite(t.Context(), ada, people.NewInvitation{Name: "Dan", Email: "DAN@example.com", Roles: []people.Role{people.Rep}})
		wantCode(t, err, "invitation_open")
		if err := d.RevokeInvitation(t.Context(), ada, l.ID); err != nil {
			t.Fatal(err)
		}
		second, _ := invite(t, d, ada, dan())
		_, _, err = d.RenewInvitation(t.Context(), ada, l.ID)
		wantCode(t, err, "invitation_open") // the second one
		e.Clock.Advance(8 * 24 * time.Hour)
		again, token, err := d.RenewInvitation(t.Context(), ada, l.ID)
		if err != nil || again.State != people.LinkOpen || again.RevokedAt != nil || !again.ExpiresAt.Equal(e.Clock.Now().Add(7*24*time.Hour)) {
			t.Fatalf("%+v, %v", again, err)
		}
		states := map[people.LinkState][]string{}
		for _, s := range []people.LinkState{people.LinkOpen, people.LinkExpired, people.LinkRevoked, people.LinkUsed} {
			ls, err := d.ListInvitations(t.Context(), ada, s, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range ls {
				if x.State != s {
					t.Errorf("listed as %s: %+v", s, x)
				}
				states[s] = append(states[s], x.ID)
			}
		}
		if fmt.Sprint(states) != fmt.Sprint(map[people.LinkState][]string{people.LinkOpen: {l.ID}, people.LinkExpired: {second.ID}}) {
			t.Errorf("%v", states)
		}
		// Somebody adds the account in another way meanwhile.
		add(t, d, "Dan", people.Rep)
		_, err = d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password})
		wantCode(t, err, "email_taken")
		_, _, err = d.RenewInvitation(t.Context(), ada, second.ID)
		wantCode(t, err, "email_taken")
		for _, id := range []string{"", "0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f"} {
			wantCode(t, d.RevokeInvitation(t.Context(), ada, id), "invitation_not_found")
		}
	})
}

func TestInvitationInput(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ada := actorOf(t, d, add(t, d, "Ada", people.Admin).ID)
		for _, c := range []struct {
			change      func(*people.NewInvitation)
			code, field string
		}{
			{func(n *people.NewInvitation) { n.Email = "dan" }, "email_invalid", "email"},
			{func(n *people.NewInvitation) { n.Email = "ada@EXAMPLE.com" }, "email_taken", "email"},
			{func(n *people.NewInvitation) { n.Name = " " }, "required", "name"},
			{func(n *people.NewInvitation) { n.Roles = nil }, "required", "roles"},
			{func(n *people.NewInvitation) { n.Roles = []people.Role{"king"} }, "role_unknown", "roles"},
			{func(n *people.NewInvitation) { n.TeamID = "nowhere" }, "team_not_found", "team_id"},
			{func(n *people.NewInvitation) { n.TeamID = "\xff\x00" }, "team_not_found", "team_id"},
			{func(n *people.NewInvitation) { n.Seat = people.AsMember }, "required", "team_id"},
			{func(n *people.NewInvitation) { n.TeamID, n.Seat = "x", "kings" }, "seat_unknown", "seat"},
		} {
			n := dan()
			c.change(&n)
			_, _, err := d.Invite(t.Context(), ada, n)
			if f := asFault(t, err); f.Code != c.code || f.Field != c.field {
				t.Errorf("%+v: %s at %q, want %s at %q", n, f.Code, f.Field, c.code, c.field)
			}
		}
		team, err := d.AddTeam(t.Context(), ada, "North", nil)
		if err != nil {
			t.Fatal(err)
		}
		n := dan()
		n.TeamID = team.ID
		_, token := invite(t, d, ada, n)
		for in, code := range map[people.Acceptance]string{{}: "required", {Password: "short"}: "password_short", {Password: password, Name: "a\nb"}: "text_invalid", {Password: password, TimeZone: "Nowhere"}: "time_zone_unknown"} {
			in.Token = token
			_, err := d.AcceptLink(t.Context(), in)
			wantCode(t, err, code)
		}
		// The team is dissolved meanwhile: the invitation goes on without a seat.
		if err := d.RemoveTeam(t.Context(), ada, team.ID); err != nil {
			t.Fatal(err)
		}
		s, err := d.AcceptLink(t.Context(), people.Acceptance{Token: token, Password: password})
		if err != nil || s.Person.Name != "Dan" || s.Person.TimeZone != "UTC" {
			t.Fatalf("%+v, %v", s, err)
		}
		for _, who := range []people.Role{people.Rep, people.Manager, people.Trainer} {
			a := people.Actor{PersonID: ada.PersonID, Roles: []people.Role{who}}
			_, _, err := d.Invite(t.Context(), a, dan())
			wantCode(t, err, "forbidden")
			_, err = d.ListInvitations(t.Context(), a, "", "", 10)
			wantCode(t, err, "forbidden")
			wantCode(t, d.RevokeInvitation(t.Context(), a, "x"), "forbidden")
			_, _, err = d.RenewInvitation(t.Context(), a, "x")
			wantCode(t, err, "forbidden")
			_, _, err = d.ResetPassword(t.Context(), a, ada.PersonID)
			wantCode(t, err, "forbidden")
			wantCode(t, d.SignOutPerson(t.Context(), a, ada.PersonID), "forbidden")
		}
	})
}

func TestListInvitationsPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		var want []string
		for i := range 7 {
			l, _ := invite(t, d, people.System(), people.NewInvitation{Name: "N", Email: fmt.Sprintf("n%d@example.com", i), Roles: []people.Role{people.Rep}})
			want = append([]string{l.ID}, want...)
			if l.MadeBy != "" || l.MadeByName != "" {
				t.Errorf("the command line is nobody: %+v", l)
			}
		}
		var got []string
		for after := ""; ; {
			ls, err := d.ListInvitations(t.Context(), people.System(), "", after, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range ls {
				got = append(got, l.ID)
			}
			if len(ls) < 3 {
				break
			}
			after = got[len(got)-1]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
