package people_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func asFault(t testing.TB, err error) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("%v carries no kind", err)
	}
	return f
}

func TestSetup(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		setupCode := func() string {
			t.Helper()
			code, err := d.SetupCode(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		setup := func(code string) (people.Person, error) {
			return d.Setup(t.Context(), code, people.NewPerson{Email: "ana@example.com", Name: "Ana", Roles: []people.Role{people.Trainer}, Password: password})
		}
		old := setupCode()
		code := setupCode()
		for _, wrong := range []string{"", "x", old, "\xff\x00"} {
			_, err := setup(wrong)
			wantCode(t, err, "setup_code_wrong")
		}
		_, err := d.Setup(t.Context(), code, people.NewPerson{Email: "ana@example.com", Name: "Ana", Password: "short"})
		wantCode(t, err, "password_short")
		_, err = d.Setup(t.Context(), code, people.NewPerson{Email: "ana@example.com", Name: "Ana"})
		wantCode(t, err, "required")
		e.Clock.Advance(24 * time.Hour)
		_, err = setup(code)
		wantCode(t, err, "setup_code_wrong")

		code = setupCode()
		p, err := setup(code)
		if err != nil || !p.Has(people.Admin) || !p.Has(people.Trainer) || !p.Active {
			t.Fatalf("%+v, %v", p, err)
		}
		_, err = setup(code)
		wantCode(t, err, "setup_code_wrong")
		if code := setupCode(); code != "" {
			t.Fatalf("a code although somebody has an account: %q", code)
		}
		signIn(t, d, "Ana")
	})
}

// TestSetupRaces proves that one first account is made, whoever races: with one code, or with two of
// two nodes that started together.
func TestSetupRaces(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		codes := make([]string, 4)
		var made sync.WaitGroup
		for i := range codes {
			made.Go(func() {
				var err error
				if codes[i], err = d.SetupCode(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		made.Wait()
		var mu sync.Mutex
		got := map[string]int{}
		var all sync.WaitGroup
		for i, code := range append(codes, codes...) {
			all.Go(func() {
				_, err := d.Setup(context.Background(), code, people.NewPerson{Email: fmt.Sprintf("a%d@example.com", i), Name: "A", Password: password})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got["ok"]++
				} else {
					got[fault.CodeOf(err)]++
				}
			})
		}
		all.Wait()
		if got["ok"] != 1 || got["setup_code_wrong"] != 7 {
			t.Fatalf("8 at once: %v", got)
		}
		everybody, err := d.ListPersons(t.Context(), people.System(), "", "", 10)
		if err != nil || len(everybody) != 1 {
			t.Fatalf("%+v, %v", everybody, err)
		}
	})
}
