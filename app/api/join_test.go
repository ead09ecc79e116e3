package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// joinRules are those of invitations, sessions, following and the installation. They come last: a session
// of ana's is to be had only with a new password, which ends what she was handed out before.
func joinRules() []rule {
	var n int
	address := func() string { n++; return fmt.Sprintf("guest%d@example.com", n) }
	invited := func(t *testing.T, w *world) string {
		return w.make(t, w.ada, "/api/v1/invitations", map[string]any{"name": "Guest", "email": address(), "roles": []string{"rep"}})
	}
	person := func(t *testing.T, w *world) string {
		return w.make(t, w.ada, "/api/v1/people", map[string]any{"email": address(), "name": "Somebody", "roles": []string{"rep"}})
	}
	same := func(status int) verdicts { return verdicts{status, status, status, status, status, status} }
	at := func(make func(*testing.T, *world) string, format string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return fmt.Sprintf(format, make(t, w)) }
	}
	return []rule{
		{op: "GET /api/v1/setup", want: same(200)},
		{op: "POST /api/v1/invitations/lookup", want: same(404), body: map[string]string{"token": "x"}},
		{op: "POST /api/v1/invitations/accept", want: same(404), body: map[string]string{"token": "x", "password": "ten characters"}},
		{op: "POST /api/v1/invitations", want: admins.but(201), body: map[string]any{"name": "New", "email": "invited@example.com", "roles": []string{"rep"}}},
		{op: "GET /api/v1/invitations", want: admins},
		{op: "DELETE /api/v1/invitations/{id}", want: admins.but(204), path: at(invited, "/api/v1/invitations/%s")},
		{op: "POST /api/v1/invitations/{id}/renew", want: admins, path: at(invited, "/api/v1/invitations/%s/renew")},
		{op: "POST /api/v1/people/{id}/reset", want: admins.but(201), path: at(person, "/api/v1/people/%s/reset")},
		{op: "DELETE /api/v1/people/{id}/sessions", want: admins.but(204), path: at(person, "/api/v1/people/%s/sessions")},
		{op: "PUT /api/v1/people/{id}/follow", want: all(204), path: at(person, "/api/v1/people/%s/follow")},
		{op: "DELETE /api/v1/people/{id}/follow", want: all(204), path: at(person, "/api/v1/people/%s/follow")},
		{op: "PUT /api/v1/people/{id}/follow", want: all(404), path: fixed("/api/v1/people/" + absent + "/follow")},
		{op: "GET /api/v1/me/following", want: all(200)},
		{op: "GET /api/v1/me/sessions", want: all(200)},
		{op: "DELETE /api/v1/me/sessions", want: all(204)},
		{op: "DELETE /api/v1/me/sessions/{id}", want: verdicts{401, 404, 204, 404, 404, 404}, path: func(t *testing.T, w *world) string { return "/api/v1/me/sessions/" + w.anasSession(t) }},
		{op: "GET /api/v1/videos", want: all(200), path: func(_ *testing.T, w *world) string {
			return "/api/v1/videos?followed=true&reports=true&mine=true&q=x&team=" + w.north
		}},
		{op: "GET /api/v1/storage", want: admins},
		{op: "GET /api/v1/jobs", want: admins, path: fixed("/api/v1/jobs?state=failed")},
		{op: "POST /api/v1/jobs/{id}/retry", want: admins.but(404), path: fixed("/api/v1/jobs/999999/retry")},
	}
}

// anasSession begins a session of ana's and gives its id.
func (w *world) anasSession(t *testing.T) string {
	t.Helper()
	_, token, err := w.app.People.ResetPassword(t.Context(), people.System(), w.id[w.ana])
	if err != nil {
		t.Fatal(err)
	}
	c := w.join(t, token, "Ana's phone")
	// A new password ends her tokens; the rest of the test needs one.
	w.ana.Token = w.token(t, w.id[w.ana])
	var mine struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	c.Get(t, "/api/v1/me/sessions", &mine)
	for _, s := range mine.Items {
		if s.Current {
			return s.ID
		}
	}
	t.Fatalf("%+v: none is current", mine)
	return ""
}

// join uses a link and gives a client with the session's cookie.
func (w *world) join(t *testing.T, token, agent string) *apitest.Client {
	t.Helper()
	a := w.nobody.Do(t, http.MethodPost, "/api/v1/invitations/accept", map[string]string{"token": token, "password": "ten characters or more"}, apitest.Header{Name: "User-Agent", Value: agent})
	a.Into(t, http.StatusCreated, nil)
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	return &apitest.Client{Base: w.base, Cookie: cookie}
}

type invitationAnswer struct {
	ID, Link, Token, State, Seat, Team string
	PersonID                           string                 `json:"person_id"`
	InvitedBy                          *struct{ Name string } `json:"invited_by"`
}

// TestInvitationByLink goes the way of an invited person through the API, from the link to their first look around.
func TestInvitationByLink(t *testing.T) {
	w := newWorld(t)
	var made invitationAnswer
	w.ada.Do(t, http.MethodPost, "/api/v1/invitations", map[string]any{"name": "Dan", "email": "dan@example.com", "roles": []string{"rep", "manager"}, "team_id": w.north, "seat": "manager"}).Into(t, http.StatusCreated, &made)
	if made.Link != "/join/"+made.Token || len(made.Token) != 43 || made.State != "open" || made.Seat != "manager" || made.Team != "North" || made.InvitedBy == nil || made.InvitedBy.Name != "Ada Berg" {
		t.Fatalf("%+v", made)
	}
	var listed struct{ Items []invitationAnswer }
	w.ada.Get(t, "/api/v1/invitations?state=open", &listed)
	if len(listed.Items) != 1 || listed.Items[0].ID != made.ID || listed.Items[0].Token != "" || listed.Items[0].Link != "" {
		t.Fatalf("%+v", listed)
	}
	var welcome struct {
		Kind, Name, Email, Team string
		InvitedBy               string `json:"invited_by"`
	}
	w.nobody.Do(t, http.MethodPost, "/api/v1/invitations/lookup", map[string]string{"token": made.Token}).Into(t, http.StatusOK, &welcome)
	if welcome.Kind != "invitation" || welcome.Name != "Dan" || welcome.Email != "dan@example.com" || welcome.InvitedBy != "Ada Berg" || welcome.Team != "North" {
		t.Fatalf("%+v", welcome)
	}
	dan := w.join(t, made.Token, "Dan's phone")
	if !strings.HasPrefix(dan.Cookie, "fieldreel=") {
		t.Fatalf("cookie %q", dan.Cookie)
	}
	var me struct {
		Person struct {
			ID, Name  string
			Active    bool
			Following bool
		}
		Roles    []string
		TimeZone string `json:"time_zone"`
		Teams    []struct{ ID, Name, Seat string }
		Manages  bool
		Limits   struct {
			MaxUploadBytes int64 `json:"max_upload_bytes"`
			MaxTakeMS      int64 `json:"max_take_ms"`
			QuotaBytes     int64 `json:"quota_bytes"`
		}
		Setup   map[string]bool
		Version string
	}
	dan.Get(t, "/api/v1/me", &me)
	if me.Person.Name != "Dan" || !me.Person.Active || fmt.Sprint(me.Roles) != "[manager rep]" || me.TimeZone != "UTC" || !me.Manages || me.Version != "test" ||
		fmt.Sprint(me.Teams) != fmt.Sprintf("[{%s North manager}]", w.north) || me.Limits.MaxUploadBytes != 8<<20 || me.Limits.MaxTakeMS != 60_000 || me.Limits.QuotaBytes != 1<<30 ||
		!me.Setup["media_tools"] || me.Setup["speech_model"] {
		t.Fatalf("%+v", me)
	}
	for _, path := range []string{"lookup", "accept"} {
		for _, token := range []string{made.Token, "made up", ""} {
			w.nobody.Do(t, http.MethodPost, "/api/v1/invitations/"+path, lookOrAccept(path, token)).WantProblem(t, http.StatusNotFound, "invitation_unknown")
		}
	}
	w.ada.Get(t, "/api/v1/invitations?state=accepted", &listed)
	if len(listed.Items) != 1 || listed.Items[0].PersonID != me.Person.ID {
		t.Fatalf("%+v", listed)
	}
	w.ada.Do(t, http.MethodPost, "/api/v1/invitations", map[string]any{"name": "Dan", "email": "DAN@example.com", "roles": []string{"rep"}}).WantProblem(t, http.StatusConflict, "email_taken")
	// From another site's page a browser sends no such request with the cookie.
	dan.Do(t, http.MethodDelete, "/api/v1/me/sessions", nil, apitest.Header{Name: "Sec-Fetch-Site", Value: "cross-site"}).WantProblem(t, http.StatusForbidden, "cross_origin")
	var sessions struct {
		Items []struct {
			UserAgent string `json:"user_agent"`
			IP        string
			Current   bool
		}
	}
	dan.Get(t, "/api/v1/me/sessions", &sessions)
	if len(sessions.Items) != 1 || sessions.Items[0].UserAgent != "Dan's phone" || sessions.Items[0].IP != "127.0.0.1" || !sessions.Items[0].Current {
		t.Fatalf("%+v", sessions)
	}
	w.ada.Do(t, http.MethodDelete, "/api/v1/people/"+me.Person.ID+"/sessions", nil).Into(t, http.StatusNoContent, nil)
	dan.Do(t, http.MethodGet, "/api/v1/me", nil).WantProblem(t, http.StatusUnauthorized, "unauthenticated")
	// And back with a link for a new password.
	var reset invitationAnswer
	w.ada.Do(t, http.MethodPost, "/api/v1/people/"+me.Person.ID+"/reset", nil).Into(t, http.StatusCreated, &reset)
	w.join(t, strings.TrimPrefix(reset.Link, "/join/"), "Dan's laptop").Get(t, "/api/v1/me", &me)
	if me.Person.Name != "Dan" {
		t.Fatalf("%+v", me)
	}
}

func lookOrAccept(path, token string) map[string]string {
	body := map[string]string{"token": token}
	if path == "accept" {
		body["password"] = "ten characters or more"
	}
	return body
}

func TestSetupAnswers(t *testing.T) {
	w := newWorld(t)
	var setup struct {
		Needed *bool
		Demo   []any
	}
	w.nobody.Get(t, "/api/v1/setup", &setup)
	if setup.Needed == nil || *setup.Needed || setup.Demo == nil || len(setup.Demo) != 0 {
		t.Errorf("%+v", setup)
	}
}
