package people_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestAddPerson(t *testing.T) {
	rep := []people.Role{people.Rep}
	cases := []struct {
		name string
		in   people.NewPerson
		code string
	}{
		{"plain", people.NewPerson{Email: " Zoë@example.com ", Name: " Zoë  Ö ", Roles: []people.Role{people.Trainer, people.Rep, people.Rep}, TimeZone: "Europe/Berlin"}, ""},
		{"same e-mail in other letters", people.NewPerson{Email: "ANA@example.com", Name: "x", Roles: rep}, "email_taken"},
		{"no e-mail", people.NewPerson{Name: "x", Roles: rep}, "email_invalid"},
		{"name in the e-mail", people.NewPerson{Email: "Ana <a@example.com>", Name: "x", Roles: rep}, "email_invalid"},
		{"two e-mails", people.NewPerson{Email: "a@example.com, b@example.com", Name: "x", Roles: rep}, "email_invalid"},
		{"header in the e-mail", people.NewPerson{Email: "a@example.com\r\nBcc: b@example.com", Name: "x", Roles: rep}, "email_invalid"},
		{"long e-mail", people.NewPerson{Email: strings.Repeat("a", 250) + "@example.com", Name: "x", Roles: rep}, "email_invalid"},
		{"no name", people.NewPerson{Email: "a@example.com", Name: " ", Roles: rep}, "required"},
		{"broken name", people.NewPerson{Email: "a@example.com", Name: "a\xff", Roles: rep}, "text_invalid"},
		{"zero in the name", people.NewPerson{Email: "a@example.com", Name: "a\x00", Roles: rep}, "text_invalid"},
		{"long name", people.NewPerson{Email: "a@example.com", Name: strings.Repeat("ü", 201), Roles: rep}, "too_long"},
		{"no role", people.NewPerson{Email: "a@example.com", Name: "x"}, "required"},
		{"unknown role", people.NewPerson{Email: "a@example.com", Name: "x", Roles: []people.Role{"owner"}}, "role_unknown"},
		{"unknown zone", people.NewPerson{Email: "a@example.com", Name: "x", Roles: rep, TimeZone: "Mars/Olympus"}, "time_zone_unknown"},
		{"path as zone", people.NewPerson{Email: "a@example.com", Name: "x", Roles: rep, TimeZone: "../../etc/passwd"}, "time_zone_unknown"},
		{"short password", people.NewPerson{Email: "a@example.com", Name: "x", Roles: rep, Password: "ninechars"}, "password_short"},
		{"long password", people.NewPerson{Email: "a@example.com", Name: "x", Roles: rep, Password: strings.Repeat("x", 257)}, "password_long"},
	}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ana := actorOf(t, d, add(t, d, "Ana", people.Rep, people.Manager, people.Trainer).ID)
		for _, c := range cases {
			p, err := d.AddPerson(t.Context(), people.System(), c.in)
			if fault.CodeOf(err) != c.code && (c.code != "" || err != nil) {
				t.Errorf("%s: %v, want %q", c.name, err, c.code)
			}
			if err != nil && p.ID != "" {
				t.Errorf("%s: an error and a person: %+v", c.name, p)
			}
		}
		p, err := d.PersonByEmail(t.Context(), "zoË@EXAMPLE.com")
		if err != nil || p.Name != "Zoë  Ö" || !slices.Equal(p.Roles, []people.Role{people.Rep, people.Trainer}) || p.TimeZone != "Europe/Berlin" || !p.CreatedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v, %v", p, err)
		}
		_, err = d.AddPerson(t.Context(), ana, people.NewPerson{Email: "b@example.com", Name: "x", Roles: rep})
		wantCode(t, err, "forbidden")
	})
}

func TestLastAdmin(t *testing.T) {
	no := false
	reps := []people.Role{people.Rep}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		name := "Robert"
		bob := add(t, d, "Bob", people.Rep)
		if _, err := d.ChangePerson(t.Context(), actorOf(t, d, bob.ID), bob.ID, people.PersonChange{Name: &name}); err != nil {
			t.Fatalf("own name, before there is an admin: %v", err)
		}
		ana, cem := add(t, d, "Ana", people.Admin), add(t, d, "Cem", people.Admin, people.Rep)
		change := func(id string, c people.PersonChange) error {
			p, err := d.ChangePerson(context.Background(), people.System(), id, c)
			if err != nil && p.ID != "" {
				t.Errorf("an error and a person: %+v", p)
			}
			return err
		}
		// Both at once: one must stay.
		for _, c := range []people.PersonChange{{Roles: &reps}, {Active: &no}} {
			errs := make([]error, 2)
			var both sync.WaitGroup
			for i, p := range []people.Person{ana, cem} {
				both.Go(func() { errs[i] = change(p.ID, c) })
			}
			both.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("two admins taken away at once: %v", errs)
			}
			wantCode(t, errors.Join(errs...), "last_admin")
			yes, roles := true, []people.Role{people.Admin}
			for _, p := range []people.Person{ana, cem} {
				wantCode(t, change(p.ID, people.PersonChange{Active: &yes, Roles: &roles}), "")
			}
		}
		wantCode(t, change(ana.ID, people.PersonChange{Active: &no}), "")
		wantCode(t, change(cem.ID, people.PersonChange{Roles: &reps}), "last_admin")
		wantCode(t, change(cem.ID, people.PersonChange{Active: &no}), "last_admin")
		if p, err := d.PersonByEmail(t.Context(), "cem@example.com"); err != nil || !p.Active || !p.Has(people.Admin) {
			t.Fatalf("the refused change was kept: %+v, %v", p, err)
		}
	})
}

func TestChangePersonWhoMay(t *testing.T) {
	e := apptest.SQLite(t)
	d := people.NewDirectory(e.DB)
	ana, bob := add(t, d, "Ana", people.Rep, people.Manager, people.Trainer), add(t, d, "Bob", people.Rep)
	actor := actorOf(t, d, ana.ID)
	name, zone, pw, yes, roles := "New", "Asia/Tokyo", "another long password", true, []people.Role{people.Admin}
	p, err := d.ChangePerson(t.Context(), actor, ana.ID, people.PersonChange{Name: &name, TimeZone: &zone})
	if err != nil || p.Name != name || p.TimeZone != zone {
		t.Fatalf("%+v, %v", p, err)
	}
	for what, c := range map[string]people.PersonChange{"roles": {Roles: &roles}, "active": {Active: &yes}, "password": {Password: &pw}} {
		if _, err := d.ChangePerson(t.Context(), actor, ana.ID, c); !fault.Is(err, fault.Forbidden) {
			t.Errorf("own %s: %v", what, err)
		}
	}
	_, err = d.ChangePerson(t.Context(), actor, bob.ID, people.PersonChange{Name: &name})
	wantCode(t, err, "forbidden")
	_, err = d.ChangePerson(t.Context(), people.System(), "\x00", people.PersonChange{Name: &name})
	wantCode(t, err, "person_not_found")
}

func TestOwnPassword(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ana := actorOf(t, d, addWithPassword(t, d, "Ana", people.Rep).ID)
		wantCode(t, d.ChangeOwnPassword(t.Context(), ana, password, "short"), "password_short")
		for range 8 {
			wantCode(t, d.ChangeOwnPassword(t.Context(), ana, "guess", "a new long password"), "password_wrong")
		}
		wantCode(t, d.ChangeOwnPassword(t.Context(), ana, password, "a new long password"), "too_many_tries")
		e.Clock.Advance(15 * 60 * 1e9)
		wantCode(t, d.ChangeOwnPassword(t.Context(), ana, password, "a new long password"), "")
		_, err := d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: password})
		wantCode(t, err, "sign_in_failed")
		_, err = d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: "a new long password"})
		wantCode(t, err, "")
	})
}

func TestRedaction(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		bob := add(t, d, "Bob", people.Rep, people.Trainer)
		rep := add(t, d, "Ana", people.Rep)
		for _, c := range []struct {
			who   people.Person
			roles bool
		}{{rep, false}, {add(t, d, "Mia", people.Manager), true}, {add(t, d, "Tom", people.Trainer), true}, {add(t, d, "Root", people.Admin), true}, {bob, true}} {
			a := actorOf(t, d, c.who.ID)
			got, err := d.PersonByID(t.Context(), a, bob.ID)
			if err != nil || got.Name != "Bob" || (got.Email != "") != c.roles || (len(got.Roles) > 0) != c.roles || (got.TimeZone != "") != c.roles {
				t.Errorf("%s sees %+v, %v", c.who.Name, got, err)
			}
			list, err := d.ListPersons(t.Context(), a, "bo", "", 10)
			if err != nil || len(list) != 1 || (list[0].Email != "") != c.roles {
				t.Errorf("%s lists %+v, %v", c.who.Name, list, err)
			}
		}
		_, err := d.PersonByID(t.Context(), actorOf(t, d, rep.ID), "\xff\x00")
		wantCode(t, err, "person_not_found")
	})
}

func TestListPersons(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ids := map[string]string{}
		for i, name := range []string{"Ana Öztürk", "Örs Anton", "Hanan_b", "100% Bob", `Back\slash Joe`, "Left Person"} {
			p, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: string(rune('a'+i)) + "@example.com", Name: name, Roles: []people.Role{people.Rep}})
			if err != nil {
				t.Fatal(err)
			}
			ids[name] = p.ID
		}
		no := false
		if _, err := d.ChangePerson(t.Context(), people.System(), ids["Left Person"], people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		rep := actorOf(t, d, ids["Hanan_b"])
		for query, want := range map[string]string{
			"an": "Ana Öztürk|Örs Anton", "AN": "Ana Öztürk|Örs Anton", "ö": "Ana Öztürk|Örs Anton", "Ör": "Örs Anton", "ÖZ": "Ana Öztürk",
			"%": "", "100%": "100% Bob", "hanan_": "Hanan_b", "hananx": "", `back\s`: `Back\slash Joe`, "person": "", "\x00": "", "\xff": "", "' OR 1=1 --": "",
			" ": "Ana Öztürk|Örs Anton|Hanan_b|100% Bob|Back\\slash Joe",
		} {
			got, err := d.ListPersons(t.Context(), rep, query, "", 10)
			var names []string
			for _, p := range got {
				names = append(names, p.Name)
			}
			if s := strings.Join(names, "|"); err != nil || s != want {
				t.Errorf("%q: %q, want %q (%v)", query, s, want, err)
			}
		}
		all, err := d.ListPersons(t.Context(), people.System(), "person", "", 10)
		if err != nil || len(all) != 1 || all[0].Active {
			t.Fatalf("an admin sees those who left: %+v, %v", all, err)
		}
		var paged []string
		for after := ""; ; {
			page, err := d.ListPersons(t.Context(), rep, "", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				paged = append(paged, p.ID)
			}
			after = page[len(page)-1].ID
		}
		if len(paged) != 5 || !slices.IsSorted(paged) {
			t.Fatalf("pages: %v", paged)
		}
		names, err := d.Names(t.Context(), []string{ids["100% Bob"], "unknown"})
		if err != nil || len(names) != 1 || names[ids["100% Bob"]] != "100% Bob" {
			t.Fatalf("%v, %v", names, err)
		}
	})
}

func TestOwners(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ids := map[string]string{}
		for email, name := range map[string]string{"Ana@example.com": "Ana Lee", "bob@example.com": "Same Name", "cem@example.com": "same name", "dan@example.com": "SAME NAME"} {
			p, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: email, Name: name, Roles: []people.Role{people.Rep}})
			if err != nil {
				t.Fatal(err)
			}
			ids[email] = p.ID
		}
		byEmail, byName, err := d.Owners(t.Context())
		if err != nil || len(byEmail) != 4 || byEmail["ana@example.com"] != ids["Ana@example.com"] || len(byName) != 1 || byName["ana lee"] != ids["Ana@example.com"] {
			t.Fatalf("%v %v, %v", byEmail, byName, err)
		}
		err = e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			alsoEmail, alsoName, err := d.OwnersTx(tx)
			if err != nil || !maps.Equal(alsoEmail, byEmail) || !maps.Equal(alsoName, byName) {
				t.Errorf("in a transaction: %v %v, %v", alsoEmail, alsoName, err)
			}
			for ref, want := range map[string]string{"ANA@example.com": ids["Ana@example.com"], " ana LEE": ids["Ana@example.com"], "same name": "", "": "", "\x00": ""} {
				if got, err := d.OwnerTx(tx, ref); got != want || err != nil {
					t.Errorf("%q is %q, %v; want %q", ref, got, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestOnAdded proves that what waits for a new person is handed over in the transaction that makes
// them: when that fails, there is no account either.
func TestOnAdded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		var got []string
		boom := errors.New("boom")
		d.OnAdded = func(_ context.Context, tx *db.Tx, p people.Person) error {
			got = append(got, p.Email)
			if p.Name == "Bob" {
				return boom
			}
			return d.CheckPersonTx(tx, "person_id", p.ID)
		}
		add(t, d, "Ana", people.Rep)
		_, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "bob@example.com", Name: "Bob", Roles: []people.Role{people.Rep}})
		if !errors.Is(err, boom) || !slices.Equal(got, []string{"ana@example.com", "bob@example.com"}) {
			t.Fatalf("%v, %v", got, err)
		}
		_, err = d.PersonByEmail(t.Context(), "bob@example.com")
		wantCode(t, err, "person_not_found")
	})
}
