package people_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func TestSignInAndOut(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		p, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "Ana@example.com", Name: "Ana", Roles: []people.Role{people.Rep}, Password: "correct horse battery"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.SignIn(t.Context(), people.SignIn{Email: "ana@EXAMPLE.com", Password: "correct horse battery"})
		if err != nil {
			t.Fatal(err)
		}
		a, err := d.AuthenticateSession(t.Context(), s.Secret)
		if err != nil || a.PersonID != p.ID || !a.Has(people.Rep) || a.Has(people.Admin) {
			t.Fatalf("%+v, %v", a, err)
		}
		_, tok, err := d.NewToken(t.Context(), a, "curl", nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := d.AuthenticateToken(t.Context(), tok); err != nil || b.PersonID != p.ID {
			t.Fatalf("%+v, %v", b, err)
		}
		if err := d.SignOut(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if _, err := d.AuthenticateSession(t.Context(), s.Secret); err == nil {
			t.Fatal("the session lives on")
		}
	})
}
