package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// demoVideo is what this test looks at of a video of the made-up company.
type demoVideo struct {
	ID, Title, State string
	TranscriptState  string `json:"transcript_state"`
	Failure          string
}

// signIn gives a client that is signed in as one of the people whom the sign-in screen offers.
func (srv *server) signIn(t *testing.T, role string) *apitest.Client {
	t.Helper()
	var setup struct {
		Needed bool
		Demo   []struct{ Name, Role, Email, Password string }
	}
	srv.as("").Get(t, "/api/v1/setup", &setup)
	for _, d := range setup.Demo {
		if d.Role != role {
			continue
		}
		a := srv.as("").Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": d.Email, "password": d.Password})
		a.Into(t, http.StatusCreated, nil)
		cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
		return &apitest.Client{Base: srv.base, Cookie: cookie}
	}
	t.Fatalf("no sign-in for a %s: %+v", role, setup)
	return nil
}

func demoVideos(t *testing.T, c *apitest.Client) map[string]demoVideo {
	t.Helper()
	var page struct{ Items []demoVideo }
	c.Get(t, "/api/v1/videos?limit=50", &page)
	out := map[string]demoVideo{}
	for _, v := range page.Items {
		out[v.Title] = v
	}
	return out
}

// TestTheDemoIsKilledAndGoesOn: people can sign in as soon as it serves; killed while it films and while the
// pipeline works it makes each video once; a finished one is left alone.
func TestTheDemoIsKilledAndGoesOn(t *testing.T) {
	const plays, fails = "They say Northwind is half the price", "After the call at the depot"
	s := newSite(t)
	few := []string{"--videos", "2"}

	srv := s.open(t, "demo", few...)
	srv.signIn(t, "rep")
	apitest.Eventually(t, 3*time.Minute, func() (bool, string) { return len(s.children(t)) > 0, "nothing is filmed" })
	srv.kill(t)
	apitest.Eventually(t, 10*time.Second, func() (bool, string) {
		left := s.children(t)
		return len(left) == 0, "children live on: " + strings.Join(left, "; ")
	})

	srv = s.open(t, "demo", few...)
	rita := srv.signIn(t, "rep")
	apitest.Eventually(t, 5*time.Minute, func() (bool, string) { return demoVideos(t, rita)[plays].ID != "", "no video yet" })
	id := demoVideos(t, rita)[plays].ID
	srv.kill(t)

	srv = s.open(t, "demo", few...)
	apitest.Eventually(t, 10*time.Minute, func() (bool, string) {
		return strings.Contains(srv.log.String(), "the demo company is complete"), srv.log.String()
	})
	rita = srv.signIn(t, "rep")
	apitest.Eventually(t, 5*time.Minute, func() (bool, string) {
		return demoVideos(t, rita)[plays].State == "ready", "the pipeline still works"
	})
	made := demoVideos(t, rita)
	if v := made[plays]; len(made) != 2 || v.ID != id || v.TranscriptState != "ready" {
		t.Errorf("the videos: %+v", made)
	}
	if v := made[fails]; v.State != "failed" || v.Failure == "" {
		t.Errorf("the take that cannot be played: %+v", v)
	}
	var found struct{ Results []struct{ Text string } }
	rita.Get(t, "/api/v1/moments?q=they+say+Northwind+is+half+the+price", &found)
	if len(found.Results) == 0 {
		t.Error("nothing is found")
	}
	srv.stop(t)
	// The two, and the seven attempts of its programmes: each once, also after two kills.
	if out := s.must(t, "", "verify"); !strings.Contains(out, "9 videos checked, 0 things wrong.") {
		t.Errorf("verify: %s", out)
	}

	srv = s.open(t, "demo", few...)
	rita = srv.signIn(t, "rep")
	if again := demoVideos(t, rita); len(again) != 2 || again[plays].ID != id {
		t.Errorf("after another start: %+v", again)
	}
	srv.stop(t)
	if strings.Contains(srv.log.String(), "complete") {
		t.Errorf("a finished company was made again:\n%s", srv.log)
	}
}

// TestTheDemoKeepsOutOfRealFolders: where somebody is at home it does not even start.
func TestTheDemoKeepsOutOfRealFolders(t *testing.T) {
	s := newSite(t)
	s.person(t, "ana@example.com", "Ana Silva", "rep")
	if _, errs, code := s.run(t, "", "demo", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "people who are not made up") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
