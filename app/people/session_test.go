package people_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func TestMain(m *testing.M) { apptest.Main(m) }

const password = "correct horse battery"

// add makes an account whose e-mail is NAME@example.com.
func add(t testing.TB, d *people.Directory, name string, roles ...people.Role) people.Person {
	t.Helper()
	p, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: strings.ToLower(name) + "@example.com", Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// addWithPassword makes an account that can sign in.
func addWithPassword(t testing.TB, d *people.Directory, name string, roles ...people.Role) people.Person {
	t.Helper()
	p, err := d.AddPerson(t.Context(), people.System(), people.NewPerson{Email: strings.ToLower(name) + "@example.com", Name: name, Roles: roles, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signIn(t testing.TB, d *people.Directory, name string) people.Session {
	t.Helper()
	s, err := d.SignIn(t.Context(), people.SignIn{Email: strings.ToLower(name) + "@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func actorOf(t testing.TB, d *people.Directory, id string) people.Actor {
	t.Helper()
	a, err := d.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantCode fails unless err carries the code; an empty code wants no error.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if code == "" && err == nil {
		return
	}
	if err == nil || fault.CodeOf(err) != code {
		t.Fatalf("error %v, want code %q", err, code)
	}
}

func TestSignInAndOut(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		p := addWithPassword(t, d, "Ana", people.Rep)
		s, err := d.SignIn(t.Context(), people.SignIn{Email: " ana@EXAMPLE.com", Password: password, UserAgent: strings.Repeat("\xc3\x00ü", 200)})
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
		b, err := d.AuthenticateToken(t.Context(), tok)
		if err != nil || b.PersonID != p.ID {
			t.Fatalf("%+v, %v", b, err)
		}
		if err := d.SignOut(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		_, err = d.AuthenticateSession(t.Context(), s.Secret)
		wantCode(t, err, "unauthenticated")
		if _, err := d.AuthenticateToken(t.Context(), tok); err != nil {
			t.Fatalf("signing out of the browser ended a token: %v", err)
		}
		_, _, err = d.NewToken(t.Context(), a, "late", nil)
		wantCode(t, err, "unauthenticated")
	})
}

func TestNobody(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		id := "01890a5d-ac96-774b-bcce-b302099a8057"
		for _, bad := range []string{"", "x", "frl_", "frl__", "frl_a_b", "frl_" + id + "_", "frl_" + id, "frl_\xff\xfe_x", "frl_\x00_x",
			strings.Repeat("a", 43), strings.Repeat("\xff", 43), strings.Repeat("x", 10000), "frl_" + strings.Repeat("x", 10000)} {
			_, err := d.AuthenticateSession(t.Context(), bad)
			wantCode(t, err, "unauthenticated")
			_, err = d.AuthenticateToken(t.Context(), bad)
			wantCode(t, err, "unauthenticated")
			if ok, err := d.StillSignedIn(t.Context(), bad); ok || err != nil {
				t.Fatalf("%q: %v, %v", bad, ok, err)
			}
		}
		for _, email := range []string{"", "nobody@example.com", "a\x00b@example.com", "\xff@example.com", strings.Repeat("x", 100_000)} {
			_, err := d.SignIn(t.Context(), people.SignIn{Email: email, Password: "x"})
			wantCode(t, err, "sign_in_failed")
		}
	})
}

// TestUnknownAnswersAlike proves that neither words nor limits tell whether an account exists, has a
// password or is active.
func TestUnknownAnswersAlike(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Ana", people.Rep)
		add(t, d, "Bob", people.Rep) // has no password
		left := addWithPassword(t, d, "Cem", people.Rep)
		no := false
		if _, err := d.ChangePerson(t.Context(), people.System(), left.ID, people.PersonChange{Active: &no}); err != nil {
			t.Fatal(err)
		}
		var first string
		for _, in := range []people.SignIn{{Email: "ana@example.com", Password: "wrong"}, {Email: "bob@example.com", Password: ""}, {Email: "bob@example.com", Password: "wrong"},
			{Email: "cem@example.com", Password: password}, {Email: "dan@example.com", Password: password}} {
			_, err := d.SignIn(t.Context(), in)
			wantCode(t, err, "sign_in_failed")
			if first == "" {
				first = err.Error()
			}
			if err.Error() != first {
				t.Errorf("%s: %q, others %q", in.Email, err, first)
			}
		}
	})
}

func TestSignInLimit(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Ana", people.Rep)
		for _, email := range []string{"ana@example.com", "nobody@example.com"} {
			try := func(pw string) error {
				_, err := d.SignIn(t.Context(), people.SignIn{Email: email, Password: pw, Address: email}) // an own address for each
				return err
			}
			for i := range 8 {
				if i == 4 {
					e.Clock.Advance(10 * time.Minute)
				}
				wantCode(t, try("wrong"), "sign_in_failed")
			}
			err := try(password)
			wantCode(t, err, "too_many_tries")
			if f := retryAfter(t, err); f != 5*time.Minute {
				t.Fatalf("%s: retry after %s, want 5m: the window began 10 minutes ago", email, f)
			}
			e.Clock.Advance(5*time.Minute - time.Second)
			wantCode(t, try(password), "too_many_tries")
			e.Clock.Advance(time.Second)
			want := ""
			if email == "nobody@example.com" {
				want = "sign_in_failed"
			}
			wantCode(t, try(password), want)
		}
		// Those who type it right are not counted, however often they come.
		for range 12 {
			signIn(t, d, "Ana")
		}
	})
}

func TestSignInLimitPerAddress(t *testing.T) {
	e := apptest.SQLite(t)
	d := people.NewDirectory(e.DB)
	addWithPassword(t, d, "Ana", people.Rep)
	code := ""
	tries := 0
	for ; tries < 100; tries++ {
		_, err := d.SignIn(t.Context(), people.SignIn{Email: "user" + strings.Repeat("x", tries) + "@example.com", Password: "wrong", Address: "203.0.113.7"})
		if code = fault.CodeOf(err); code != "sign_in_failed" {
			break
		}
	}
	if code != "too_many_tries" || tries != 60 {
		t.Fatalf("%s after %d tries of different accounts from one address", code, tries)
	}
	_, err := d.SignIn(t.Context(), people.SignIn{Email: "ana@example.com", Password: password, Address: "203.0.113.8"})
	wantCode(t, err, "")
}

// TestParallelGuesses proves that guessing in parallel gives no more tries than one after another.
func TestParallelGuesses(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Ana", people.Rep)
		var mu sync.Mutex
		codes := map[string]int{}
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				_, err := d.SignIn(context.Background(), people.SignIn{Email: "ana@example.com", Password: "wrong", Address: "203.0.113.7"})
				mu.Lock()
				defer mu.Unlock()
				codes[fault.CodeOf(err)]++
			})
		}
		all.Wait()
		if codes["sign_in_failed"] != 8 || codes["too_many_tries"] != 22 {
			t.Fatalf("30 guesses at once: %v, want 8 to be looked at", codes)
		}
	})
}

func retryAfter(t testing.TB, err error) time.Duration {
	t.Helper()
	f := asFault(t, err)
	return f.RetryAfter
}

func TestSessionExpiry(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Ana", people.Rep)
		here := func(s people.Session) (people.Actor, string) {
			a, err := d.AuthenticateSession(t.Context(), s.Secret)
			if err == nil {
				return a, ""
			}
			return a, fault.CodeOf(err)
		}
		idle := signIn(t, d, "Ana")
		a, _ := here(idle)
		e.Clock.Advance(8*time.Hour - time.Second)
		if _, code := here(idle); code != "" {
			t.Fatalf("just within the idle time: %s", code)
		}
		e.Clock.Advance(8 * time.Hour) // counts from the last use
		if _, code := here(idle); code != "" {
			t.Fatalf("idle counts from sign-in, not from the last use: %s", code)
		}
		e.Clock.Advance(8*time.Hour + time.Second)
		if _, code := here(idle); code != "unauthenticated" {
			t.Fatalf("idle for over 8 hours: %q", code)
		}
		if ok, err := d.StillSignedIn(t.Context(), a.Session); ok || err != nil {
			t.Fatalf("media paths of an idle session live on: %v, %v", ok, err)
		}

		busy := signIn(t, d, "Ana")
		if want := e.Clock.Now().Add(7 * 24 * time.Hour); !busy.ExpiresAt.Equal(want) {
			t.Fatalf("expires %s, want %s", busy.ExpiresAt, want)
		}
		for range 7*4 - 1 {
			e.Clock.Advance(6 * time.Hour)
			if _, code := here(busy); code != "" {
				t.Fatalf("%s at %s", code, e.Clock.Now())
			}
		}
		e.Clock.Advance(6*time.Hour - time.Second)
		if a, code := here(busy); code != "" {
			t.Fatalf("one second before the end: %s", code)
		} else if ok, err := d.StillSignedIn(t.Context(), a.Session); !ok || err != nil {
			t.Fatalf("one second before the end: %v, %v", ok, err)
		}
		e.Clock.Advance(time.Second)
		if _, code := here(busy); code != "unauthenticated" {
			t.Fatalf("after 7 days: %q", code)
		}

		fresh := signIn(t, d, "Ana")
		if err := d.SweepSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := e.DB.Read(t.Context()).Raw(`SELECT COUNT(*) FROM sessions`).Scan(&left).Error; err != nil || left != 1 {
			t.Fatalf("%d sessions after the sweep, %v", left, err)
		}
		if _, code := here(fresh); code != "" {
			t.Fatalf("the sweep took a living session: %s", code)
		}
	})
}

// TestAuthEpoch proves that each change of what a person may do or prove ends all their credentials,
// and nobody else's; and that other changes end none.
func TestAuthEpoch(t *testing.T) {
	yes, no, fresh, name := true, false, "another long password", "Anna"
	cases := []struct {
		name   string
		change func(d *people.Directory, ctx context.Context, id string) error
		ends   bool
	}{
		{"roles", byAdmin(people.PersonChange{Roles: &[]people.Role{people.Rep, people.Trainer}}), true},
		{"password", byAdmin(people.PersonChange{Password: &fresh}), true},
		{"deactivated", byAdmin(people.PersonChange{Active: &no}), true},
		{"own password", func(d *people.Directory, ctx context.Context, id string) error {
			return d.ChangeOwnPassword(ctx, people.Actor{PersonID: id}, password, fresh)
		}, true},
		{"name", byAdmin(people.PersonChange{Name: &name}), false},
		{"same roles", byAdmin(people.PersonChange{Roles: &[]people.Role{people.Rep, people.Rep}}), false},
		{"still active", byAdmin(people.PersonChange{Active: &yes}), false},
	}
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		addWithPassword(t, d, "Bob", people.Rep)
		other := signIn(t, d, "Bob")
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				who := "Ana" + string(rune('a'+i))
				p := addWithPassword(t, d, who, people.Rep)
				s := signIn(t, d, who)
				a, err := d.AuthenticateSession(t.Context(), s.Secret)
				if err != nil {
					t.Fatal(err)
				}
				tok, token, err := d.NewToken(t.Context(), a, "curl", nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.change(d, t.Context(), p.ID); err != nil {
					t.Fatal(err)
				}
				want := ""
				if c.ends {
					want = "unauthenticated"
				}
				_, err = d.AuthenticateSession(t.Context(), s.Secret)
				wantCode(t, err, want)
				_, err = d.AuthenticateToken(t.Context(), token)
				wantCode(t, err, want)
				for _, credential := range []string{a.Session, tok.ID} {
					if ok, err := d.StillSignedIn(t.Context(), credential); ok == c.ends || err != nil {
						t.Errorf("still signed in: %v, %v", ok, err)
					}
				}
				_, _, err = d.NewToken(t.Context(), a, "begotten", nil)
				wantCode(t, err, want)
				_, err = d.AuthenticateSession(t.Context(), other.Secret)
				wantCode(t, err, "")
			})
		}
	})
}

func byAdmin(c people.PersonChange) func(d *people.Directory, ctx context.Context, id string) error {
	return func(d *people.Directory, ctx context.Context, id string) error {
		_, err := d.ChangePerson(ctx, people.System(), id, c)
		return err
	}
}

func TestTokens(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		d := people.NewDirectory(e.DB)
		ana := actorOf(t, d, add(t, d, "Ana", people.Rep).ID)
		bob := actorOf(t, d, add(t, d, "Bob", people.Rep).ID)
		ends := e.Clock.Now().Add(time.Hour).In(time.FixedZone("", 5*3600))
		tok, secret, err := d.NewToken(t.Context(), ana, "  nightly import ", &ends)
		if err != nil || tok.Name != "nightly import" || !strings.HasPrefix(secret, "frl_"+tok.ID+"_") {
			t.Fatalf("%+v %q, %v", tok, secret, err)
		}
		for column, query := range map[string]string{"secret_hash": `SELECT secret_hash FROM api_tokens`, "all": `SELECT id || name || secret_hash FROM api_tokens`} {
			var kept string
			if err := e.DB.Read(t.Context()).Raw(query).Scan(&kept).Error; err != nil {
				t.Fatal(err)
			}
			if own := secret[len("frl_")+36+1:]; kept == "" || strings.Contains(kept, own) {
				t.Fatalf("%s holds the secret, or nothing: %q", column, kept)
			}
		}
		list, err := d.ListTokens(t.Context(), ana)
		if err != nil || len(list) != 1 || list[0].ID != tok.ID || list[0].LastUsedAt != nil || !list[0].ExpiresAt.Equal(ends) {
			t.Fatalf("%+v, %v", list, err)
		}
		if _, err := d.AuthenticateToken(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		if list, _ = d.ListTokens(t.Context(), ana); list[0].LastUsedAt == nil || !list[0].LastUsedAt.Equal(e.Clock.Now()) {
			t.Fatalf("last used %v", list[0].LastUsedAt)
		}
		_, err = d.AuthenticateToken(t.Context(), secret+"x")
		wantCode(t, err, "unauthenticated")

		wantCode(t, d.RevokeToken(t.Context(), bob, tok.ID), "token_not_found")
		if list, err := d.ListTokens(t.Context(), bob); err != nil || len(list) != 0 {
			t.Fatalf("somebody else's tokens: %+v, %v", list, err)
		}
		e.Clock.Advance(time.Hour - time.Second)
		_, err = d.AuthenticateToken(t.Context(), secret)
		wantCode(t, err, "")
		e.Clock.Advance(time.Second)
		_, err = d.AuthenticateToken(t.Context(), secret)
		wantCode(t, err, "unauthenticated")

		tok, secret, err = d.NewToken(t.Context(), ana, "lasting", nil)
		if err != nil {
			t.Fatal(err)
		}
		e.Clock.Advance(1000 * time.Hour)
		_, err = d.AuthenticateToken(t.Context(), secret)
		wantCode(t, err, "")
		wantCode(t, d.RevokeToken(t.Context(), ana, tok.ID), "")
		wantCode(t, d.RevokeToken(t.Context(), ana, tok.ID), "token_not_found")
		_, err = d.AuthenticateToken(t.Context(), secret)
		wantCode(t, err, "unauthenticated")

		past := e.Clock.Now()
		_, _, err = d.NewToken(t.Context(), ana, "x", &past)
		wantCode(t, err, "time_past")
		_, _, err = d.NewToken(t.Context(), ana, "a\nb", nil)
		wantCode(t, err, "text_invalid")
		_, _, err = d.NewToken(t.Context(), people.System(), "x", nil)
		wantCode(t, err, "person_not_found")
	})
}
