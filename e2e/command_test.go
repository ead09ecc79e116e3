package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

const password = "correct horse battery"

// TestFirstStart: a fresh installation prints a one-time code, which makes the first admin; the admin signs
// in by password, and signing out ends the session and the media addresses it was given.
func TestFirstStart(t *testing.T) {
	s := newSite(t)
	s.must(t, "", "migrate")
	srv := s.start(t)
	match := regexp.MustCompile(`"code":"([^"]+)"`).FindStringSubmatch(srv.greeting)
	if match == nil {
		t.Fatalf("no code in the greeting: %s", srv.greeting)
	}
	nobody := srv.as("")
	setup := func(code string) *apitest.Answer {
		return nobody.Do(t, http.MethodPost, "/api/v1/setup", map[string]string{"code": code, "email": "ada@example.com", "name": "Ada Berg", "password": password})
	}
	setup("wrong-"+match[1]).WantProblem(t, http.StatusForbidden, "setup_code_wrong")
	setup(match[1]).Into(t, http.StatusCreated, nil)
	setup(match[1]).WantProblem(t, http.StatusForbidden, "setup_code_wrong")

	signIn := func(email, secret string) *apitest.Answer {
		return nobody.Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": email, "password": secret})
	}
	wrong, unknown := signIn("ada@example.com", "wrong horse battery"), signIn("nobody@example.com", "wrong horse battery")
	wrong.WantProblem(t, http.StatusUnauthorized, "sign_in_failed")
	if string(wrong.Body) != string(unknown.Body) {
		t.Errorf("a wrong password answers %s, a wrong address %s", wrong.Body, unknown.Body)
	}
	in := signIn("ADA@example.com", password).Into(t, http.StatusCreated, nil)
	set := in.Header.Get("Set-Cookie")
	if !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") || !strings.Contains(set, "Path=/") {
		t.Errorf("cookie: %s", set)
	}
	ada := &apitest.Client{Base: srv.base, Cookie: strings.SplitN(set, ";", 2)[0]}
	var me struct {
		Person struct {
			Email string
			Roles []string
		}
	}
	ada.Get(t, "/api/v1/me", &me)
	if me.Person.Email != "ada@example.com" || !strings.Contains(strings.Join(me.Person.Roles, " "), "admin") {
		t.Errorf("me: %+v", me)
	}
	id := ada.Upload(t, apitest.Silent(t, "1", "160x120"), "By cookie")
	address := ada.Await(t, id, 3*time.Minute, "playable", "ready").Media.Progressive
	nobody.Get(t, address, nil)
	out := ada.Do(t, http.MethodDelete, "/api/v1/sessions/current", nil).Into(t, http.StatusNoContent, nil)
	if gone := out.Header.Get("Set-Cookie"); !strings.Contains(gone, "Max-Age=0") {
		t.Errorf("cookie after signing out: %s", gone)
	}
	ended := time.Now()
	ada.Do(t, http.MethodGet, "/api/v1/me", nil).WantProblem(t, http.StatusUnauthorized, "unauthenticated")
	apitest.Eventually(t, 3*time.Second, func() (bool, string) {
		return nobody.Do(t, http.MethodGet, address, nil).Status == http.StatusNotFound, "media are still served"
	})
	if took := time.Since(ended); took > 2*time.Second {
		t.Errorf("media were served for %s after signing out", took)
	}
	srv.stop(t)
	if again := s.start(t); strings.Contains(again.greeting, `"code"`) {
		t.Error("a code is printed although there is an account")
	}
}

// TestCommands walks the commands of the contract that the other tests do not use.
func TestCommands(t *testing.T) {
	s := newSite(t)
	admin := freeAddress(t)
	s.env["FIELDREEL_ADMIN_LISTEN"] = admin
	if out := s.must(t, "", "migrate"); !strings.Contains(out, "up to date") {
		t.Errorf("migrate: %s", out)
	}
	if out := s.must(t, "", "version"); out == "" {
		t.Error("version prints nothing")
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(s.must(t, "", "openapi")), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 30 {
		t.Errorf("openapi: %v, %q, %d paths", err, doc.OpenAPI, len(doc.Paths))
	}
	if out, _, code := s.run(t, "", "--help"); code != 0 || !strings.Contains(out, "serve") || !strings.Contains(out, "deals import") {
		t.Errorf("help, exit code %d: %s", code, out)
	}
	if _, errs, code := s.run(t, "", "person", "add", "--email", "x@example.com", "--name", "X", "--role", "king"); code == 0 || !strings.Contains(errs, "king") {
		t.Errorf("an unknown role, exit code %d: %s", code, errs)
	}
	s.must(t, password+"\n", "person", "add", "--email", "ana@example.com", "--name", "Ana Silva", "--role", "rep", "--role", "trainer", "--password-stdin")
	if _, errs, code := s.run(t, "", "person", "add", "--email", "ANA@example.com", "--name", "Ana", "--role", "rep"); code != 1 || !strings.Contains(errs, "email_taken") {
		t.Errorf("an address twice, exit code %d: %s", code, errs)
	}
	if _, errs, code := s.run(t, "", "token", "create", "--email", "who@example.com"); code != 1 || !strings.Contains(errs, "not_found") {
		t.Errorf("a token for nobody, exit code %d: %s", code, errs)
	}
	ana := account{token: s.must(t, "", "token", "create", "--email", "ana@example.com")}
	s.importDeals(t)

	srv := s.start(t)
	srv.as("").Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": "ana@example.com", "password": password}).Into(t, http.StatusCreated, nil)
	metrics := (&apitest.Client{Base: "http://" + admin}).Get(t, "/metrics", nil)
	if !strings.Contains(string(metrics.Body), "fieldreel_ready 1") {
		t.Errorf("metrics: %s", metrics.Body)
	}
	if public := srv.as("").Do(t, http.MethodGet, "/metrics", nil); strings.Contains(string(public.Body), "fieldreel_ready") {
		t.Error("metrics are served to the public")
	}
	c := srv.as(ana.token)
	id := c.Upload(t, apitest.Silent(t, "3", "160x120"), "Captions only")
	c.Await(t, id, 3*time.Minute, "ready")
	c.Do(t, http.MethodPut, "/api/v1/videos/"+id+"/captions", apitest.Raw{ContentType: "text/vtt", Body: "WEBVTT\n\n00:00.000 --> 00:02.500\nThe renewal was saved by a mutual plan.\n"}).Into(t, http.StatusOK, nil)
	look := func(srv *server) []moment {
		t.Helper()
		var found struct{ Results []moment }
		apitest.Eventually(t, 10*time.Second, func() (bool, string) {
			srv.as(ana.token).Get(t, "/api/v1/moments?q=mutual+plan", &found)
			return len(found.Results) > 0, "nothing found"
		})
		return found.Results
	}
	before := look(srv)
	if _, errs, code := s.run(t, "", "reindex"); code != 1 || !strings.Contains(errs, "stop it first") {
		t.Errorf("reindex beside the server, exit code %d: %s", code, errs)
	}
	if out := s.must(t, "", "verify"); !strings.Contains(out, "The search index was not checked") || !strings.Contains(out, "0 things wrong") {
		t.Errorf("verify beside the server: %s", out)
	}
	srv.stop(t)
	if out := s.must(t, "", "reindex"); !strings.Contains(out, "holds 1 videos") {
		t.Errorf("reindex: %s", out)
	}
	if out := s.must(t, "", "verify"); !strings.Contains(out, "1 videos checked, 0 things wrong.") {
		t.Errorf("verify: %s", out)
	}
	srv = s.start(t)
	if after := look(srv); !reflect.DeepEqual(before, after) {
		t.Errorf("search before the rebuild: %+v, after: %+v", before, after)
	}
	srv.stop(t)
	s.damage(t, id)
	if out, errs, code := s.run(t, "", "verify"); code != 1 || !strings.Contains(out, "the recording has changed") || !strings.Contains(out, "poster.jpg is missing") {
		t.Errorf("verify of damage, exit code %d: %s%s", code, out, errs)
	}
}

// damage changes one byte of a recording and removes a poster.
func (s *site) damage(t *testing.T, id string) {
	t.Helper()
	dir := filepath.Join(s.env["FIELDREEL_DATA"], "media", "objects", "v", id)
	original, poster := filepath.Join(dir, "original!"), filepath.Join(dir, "poster.jpg!")
	data := apitest.ReadFile(t, original)
	data[len(data)/2] ^= 1
	for _, err := range []error{os.WriteFile(original, data, 0o600), os.Remove(poster)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *site) importDeals(t *testing.T) {
	t.Helper()
	file := filepath.Join(s.dir, "deals.csv")
	if err := os.WriteFile(file, []byte(salesforce), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"--dry-run"}, "Dry run: nothing was written.\n3 deals read: 3 new"}, {nil, "3 deals read: 3 new, 0 changed, 0 unchanged, 0 refused (preset salesforce"},
		{nil, "3 deals read: 0 new, 0 changed, 3 unchanged"},
	} {
		if out := s.must(t, "", append([]string{"deals", "import", file}, step.args...)...); !strings.Contains(out, step.want) {
			t.Errorf("deals import %v: %s", step.args, out)
		}
	}
	if err := os.WriteFile(file, []byte("What,Ever\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := s.run(t, "", "deals", "import", file); code != 1 || !strings.Contains(errs, "deals_mapping_needed") {
		t.Errorf("a file that nobody knows, exit code %d: %s", code, errs)
	}
}

// TestModelsInstall: from a folder, as on a machine without a way out.
func TestModelsInstall(t *testing.T) {
	s := newSite(t)
	s.env["FIELDREEL_MODELS"] = filepath.Join(s.dir, "models")
	s.must(t, "", "models", "install", "--from", speechtest.ModelsDir(t))
	if out, _, _ := s.run(t, "", "doctor"); !strings.Contains(out, "ok   speech model") {
		t.Errorf("doctor: %s", out)
	}
	s.env["FIELDREEL_MODELS"] = filepath.Join(s.dir, "others")
	if _, errs, code := s.run(t, "", "models", "install", "--from", s.dir+"/nowhere"); code != 1 || errs == "" {
		t.Errorf("installing from nowhere, exit code %d: %s", code, errs)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
