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
		{op: "POST /api/v1/failures/{id}/retry", want: admins.but(404), path: fixed("/api/v1/failures/" + absent + "/retry")},
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

// TestBadJoin sends what must be refused of invitations, sessions, following and work, and changes nothing.
func TestBadJoin(t *testing.T) {
	w := newWorld(t)
	var open, accepted invitationAnswer
	w.ada.Do(t, http.MethodPost, "/api/v1/invitations", map[string]any{"name": "Open", "email": "open@example.com", "roles": []string{"rep"}}).Into(t, http.StatusCreated, &open)
	w.ada.Do(t, http.MethodPost, "/api/v1/invitations", map[string]any{"name": "In", "email": "in@example.com", "roles": []string{"rep"}}).Into(t, http.StatusCreated, &accepted)
	w.join(t, accepted.Token, "x")
	invite := func(name string, body any, status int, code, field string) bad {
		return bad{name: name, method: http.MethodPost, path: "/api/v1/invitations", body: body, status: status, code: code, field: field, as: w.ada}
	}
	accept := func(name string, body any, status int, code, field string) bad {
		return bad{name: name, method: http.MethodPost, path: "/api/v1/invitations/accept", body: body, status: status, code: code, field: field, as: w.nobody}
	}
	with := func(key string, value any) map[string]any {
		body := map[string]any{"name": "New", "email": "new@example.com", "roles": []string{"rep"}}
		body[key] = value
		return body
	}
	before := w.contents(t)
	for _, c := range []bad{
		invite("address taken", with("email", "ANA@example.com"), 409, "email_taken", "email"),
		invite("address invited", with("email", "Open@example.com"), 409, "invitation_open", "email"),
		invite("address that is none", with("email", "new"), 422, "email_invalid", "email"),
		invite("no role", with("roles", []string{}), 422, "invalid", "roles"),
		invite("role unknown", with("roles", []string{"king"}), 422, "invalid", "roles[0]"),
		invite("no such team", with("team_id", absent), 422, "team_not_found", "team_id"),
		invite("a seat without a team", with("seat", "member"), 422, "required", "team_id"),
		invite("a seat that is none", with("seat", "throne"), 422, "invalid", "seat"),
		invite("a member too many", with("expires_at", "2030-01-01T00:00:00Z"), 422, "unknown_field", "expires_at"),
		accept("no password", map[string]any{"token": open.Token, "password": ""}, 422, "required", "password"),
		accept("short password", map[string]any{"token": open.Token, "password": "short"}, 422, "password_short", "password"),
		accept("time zone", map[string]any{"token": open.Token, "password": "ten characters", "time_zone": "Mars"}, 422, "time_zone_unknown", "time_zone"),
		accept("name of two lines", map[string]any{"token": open.Token, "password": "ten characters", "name": "a\nb"}, 422, "text_invalid", "name"),
		accept("used", map[string]any{"token": accepted.Token, "password": "ten characters"}, 404, "invitation_unknown", ""),
		accept("by id", map[string]any{"token": open.ID, "password": "ten characters"}, 404, "invitation_unknown", ""),
		{name: "revoke what was accepted", method: http.MethodDelete, path: "/api/v1/invitations/" + accepted.ID, status: 409, code: "invitation_accepted", as: w.ada},
		{name: "renew what was accepted", method: http.MethodPost, path: "/api/v1/invitations/" + accepted.ID + "/renew", status: 409, code: "invitation_accepted", as: w.ada},
		{name: "renew nothing", method: http.MethodPost, path: "/api/v1/invitations/" + absent + "/renew", status: 404, code: "invitation_not_found", as: w.ada},
		{name: "reset nobody", method: http.MethodPost, path: "/api/v1/people/" + absent + "/reset", status: 404, code: "person_not_found", as: w.ada},
		{name: "sign nobody out", method: http.MethodDelete, path: "/api/v1/people/" + absent + "/sessions", status: 404, code: "person_not_found", as: w.ada},
		{name: "follow oneself", method: http.MethodPut, path: "/api/v1/people/" + w.id[w.ana] + "/follow", status: 422, code: "follow_self", field: "id"},
		{name: "end no session", method: http.MethodDelete, path: "/api/v1/me/sessions/" + absent, status: 404, code: "session_not_found"},
		{name: "jobs in no state", method: http.MethodGet, path: "/api/v1/jobs?state=odd", status: 422, code: "invalid", field: "state", as: w.ada},
		{name: "retry no job", method: http.MethodPost, path: "/api/v1/jobs/999999/retry", status: 404, code: "job_not_found", as: w.ada},
		{name: "videos of no team", method: http.MethodGet, path: "/api/v1/videos?team=" + absent, status: 422, code: "team_not_found", field: "team"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refuses(t, c) })
	}
	if after := w.contents(t); after != before {
		t.Errorf("something has changed: %s", firstDifference(before, after))
	}
}
