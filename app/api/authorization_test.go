package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// verdicts are the statuses that six askers get: nobody, a rep of another team, the author, the author's
// manager, the trainer, the admin.
type verdicts [6]int

var askers = [6]string{"nobody", "another rep", "the author", "the manager", "the trainer", "the admin"}

// all is for what everybody who is signed in may do.
func all(status int) verdicts { return verdicts{401, status, status, status, status, status} }

// rule is one operation of the document, asked of one thing.
type rule struct {
	op   string
	want verdicts
	// path fills the operation's path in; nil where it has no parameters.
	path func(t *testing.T, w *world) string
	body any
	// headers are sent besides.
	headers []apitest.Header
	// ask replaces the asker's client, where the request would end their token.
	ask func(t *testing.T, w *world, i int) *apitest.Client
	// stream says that the answer does not end: only its head is looked at.
	stream bool
	// then mends what a request that was allowed has changed.
	then func(t *testing.T, w *world)
}

func fixed(path string) func(*testing.T, *world) string {
	return func(*testing.T, *world) string { return path }
}

// TestAuthorization asks every operation of the document as everybody. An operation without a rule fails it.
func TestAuthorization(t *testing.T) {
	w := newWorld(t)
	file := clip(t)
	open, line := w.video(t, file, "For everyone", "everyone"), w.video(t, file, "For the line", "line")
	rules := slices.Concat(peopleRules(), videoRules(open, line), actRules(open), otherRules(t, w, open), liveRules(), homeRules(open), joinRules(),
		rubricRules(), programmeFileRules(), enrolmentRules(), reviewRules(), calibrationRules(), certificateRules(), coachingRules(), reminderRules())
	ruled := map[string]bool{}
	for _, r := range rules {
		ruled[r.op] = true
		t.Run(strings.ReplaceAll(r.op, "/", "|"), func(t *testing.T) { w.judge(t, r) })
	}
	for _, op := range operations(t) {
		if !ruled[op] {
			t.Errorf("%s has no rule", op)
		}
	}
	if n := len(operations(t)); len(ruled) != n {
		t.Errorf("%d operations, %d with rules", n, len(ruled))
	}
}

func (w *world) judge(t *testing.T, r rule) {
	t.Helper()
	method, path, _ := strings.Cut(r.op, " ")
	clients := [6]*apitest.Client{w.nobody, w.cleo, w.ana, w.mia, w.tom, w.ada}
	order := []int{0, 1, 2, 3, 4, 5}
	// Who is refused asks first, so that nobody finds the thing changed.
	slices.SortStableFunc(order, func(a, b int) int { return r.want[b]/100 - r.want[a]/100 })
	for _, i := range order {
		c := clients[i]
		if r.ask != nil {
			c = r.ask(t, w, i)
		}
		at := path
		if r.path != nil {
			at = r.path(t, w)
		}
		var a *apitest.Answer
		if r.stream {
			a = headOf(t, c, at)
		} else {
			a = c.Do(t, method, at, r.body, r.headers...)
		}
		if a.Status != r.want[i] {
			t.Errorf("%s for %s: status %d, want %d: %s", r.op, askers[i], a.Status, r.want[i], a.Body)
		}
		if a.Status >= 400 && method != http.MethodHead && a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s for %s: content type %q", r.op, askers[i], a.Header.Get("Content-Type"))
		}
		if r.then != nil && a.Status < 300 {
			r.then(t, w)
		}
	}
}

var (
	admins   = verdicts{401, 403, 403, 403, 403, 200}
	trainers = verdicts{401, 403, 403, 403, 200, 200}
)

// but gives other statuses where something is allowed.
func (v verdicts) but(status int) verdicts {
	for i, s := range v {
		if s == 200 {
			v[i] = status
		}
	}
	return v
}

func peopleRules() []rule {
	var n int
	fresh := func(t *testing.T, w *world) string { // a team that nobody is in
		n++
		return w.make(t, w.ada, "/api/v1/teams", map[string]any{"name": fmt.Sprintf("Team %d", n)})
	}
	seat := func(t *testing.T, w *world) string { return "/api/v1/teams/" + fresh(t, w) + "/members/" + w.id[w.tom] }
	person := func(t *testing.T, w *world) string {
		n++
		return w.make(t, w.ada, "/api/v1/people", map[string]any{"email": fmt.Sprintf("p%d@example.com", n), "name": "Somebody", "roles": []string{"rep"}})
	}
	own := func(t *testing.T, w *world, i int) *apitest.Client {
		if i == 0 {
			return w.nobody
		}
		return &apitest.Client{Base: w.base, Token: w.token(t, w.id[[]*apitest.Client{nil, w.cleo, w.ana, w.mia, w.tom, w.ada}[i]])}
	}
	same := func(status int) verdicts { return verdicts{status, status, status, status, status, status} }
	return []rule{
		{op: "POST /api/v1/sessions", want: same(401), body: map[string]string{"email": "x@example.com", "password": "not the password"}},
		{op: "POST /api/v1/setup", want: same(403), body: map[string]string{"code": "x", "email": "x@example.com", "name": "X", "password": "ten characters"}},
		{op: "DELETE /api/v1/sessions/current", want: all(204), ask: own},
		{op: "GET /api/v1/me", want: all(200)},
		{op: "PUT /api/v1/me/password", want: all(422), body: map[string]string{"old_password": "wrong", "new_password": "ten characters"}},
		{op: "GET /api/v1/tokens", want: all(200)},
		{op: "POST /api/v1/tokens", want: all(201), body: map[string]string{"name": "script"}},
		{op: "DELETE /api/v1/tokens/{id}", want: verdicts{401, 204, 404, 404, 404, 404}, path: func(t *testing.T, w *world) string {
			return "/api/v1/tokens/" + w.make(t, w.cleo, "/api/v1/tokens", map[string]string{"name": "cleo's"})
		}},
		{op: "GET /api/v1/people", want: all(200)},
		{op: "POST /api/v1/people", want: verdicts{401, 403, 403, 403, 403, 201}, body: map[string]any{"email": "new@example.com", "name": "New", "roles": []string{"rep"}}},
		{op: "GET /api/v1/people/{id}", want: all(200), path: func(_ *testing.T, w *world) string { return "/api/v1/people/" + w.id[w.ana] }},
		{op: "PATCH /api/v1/people/{id}", want: admins, body: map[string]any{"roles": []string{"trainer"}}, path: func(t *testing.T, w *world) string { return "/api/v1/people/" + person(t, w) }},
		{op: "PATCH /api/v1/people/{id}", want: verdicts{401, 403, 200, 403, 403, 200}, body: map[string]any{"name": "Ana Maria Silva"},
			path: func(_ *testing.T, w *world) string { return "/api/v1/people/" + w.id[w.ana] }},
		{op: "GET /api/v1/teams", want: all(200)},
		{op: "POST /api/v1/teams", want: admins.but(201), body: map[string]string{"name": "West"}},
		{op: "PATCH /api/v1/teams/{id}", want: admins, body: map[string]string{"name": "North by east"}, path: func(_ *testing.T, w *world) string { return "/api/v1/teams/" + w.north }},
		{op: "DELETE /api/v1/teams/{id}", want: admins.but(204), path: func(t *testing.T, w *world) string { return "/api/v1/teams/" + fresh(t, w) }},
		{op: "PUT /api/v1/teams/{id}/{seat}/{person_id}", want: admins.but(204), path: seat},
		{op: "DELETE /api/v1/teams/{id}/{seat}/{person_id}", want: admins.but(204), path: func(t *testing.T, w *world) string {
			at := seat(t, w)
			w.ada.Do(t, http.MethodPut, at, nil).Into(t, http.StatusNoContent, nil)
			return at
		}},
	}
}

func videoRules(open, line string) []rule {
	const base = "/api/v1/videos/{id}"
	var rules []rule
	add := func(op, rest string, body any, ofOpen, ofLine verdicts) {
		for id, want := range map[string]verdicts{open: ofOpen, line: ofLine} {
			rules = append(rules, rule{op: op + " " + base + rest, want: want, path: fixed("/api/v1/videos/" + id + rest), body: body})
		}
	}
	seen := func(status int) verdicts { return verdicts{401, 404, status, status, 404, 404} } // by the line
	for _, rest := range []string{"", "/transcript", "/captions", "/moments", "/suggestions", "/notes", "/progress", "/heat"} {
		add("GET", rest, nil, all(200), seen(200))
	}
	for _, rest := range []string{"/original", "/viewers"} {
		add("GET", rest, nil, verdicts{401, 403, 200, 403, 403, 403}, verdicts{401, 404, 200, 403, 404, 404})
	}
	edit := [2]verdicts{{401, 403, 200, 403, 403, 403}, {401, 404, 200, 403, 404, 404}}
	curate := [2]verdicts{{401, 403, 200, 403, 200, 403}, {401, 404, 200, 403, 404, 404}}
	add("PATCH", "", map[string]any{"title": "Another title"}, edit[0], edit[1])
	add("PATCH", "", map[string]any{"tags": []string{"a"}, "title": "Another title"}, edit[0], edit[1])
	add("PATCH", "", map[string]any{"tags": []string{"a"}, "situation": map[string]string{"stage": "demo"}}, curate[0], curate[1])
	add("PUT", "/captions", apitest.Raw{ContentType: "text/vtt", Body: captions}, curate[0], curate[1])
	add("PUT", "/transcript", map[string]any{"segments": []any{map[string]any{"start_ms": 0, "end_ms": 1000, "text": "Corrected."}}}, curate[0], curate[1])
	add("POST", "/retry", nil, edit[0].but(409), edit[1].but(409))
	add("POST", "/notes", map[string]any{"at_ms": 500, "text": "A note."}, all(201), seen(201))

	note := func(id string, writer func(*world) *apitest.Client) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string {
			return "/api/v1/videos/" + id + "/notes/" + w.make(t, writer(w), "/api/v1/videos/"+id+"/notes", map[string]any{"at_ms": 1, "text": "Mine."})
		}
	}
	cleo, mia := func(w *world) *apitest.Client { return w.cleo }, func(w *world) *apitest.Client { return w.mia }
	text := map[string]any{"text": "Changed."}
	restore := func(id string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			w.ana.Do(t, http.MethodPost, "/api/v1/videos/"+id+"/restore", nil).Into(t, http.StatusOK, nil)
		}
	}
	deleted := func(id string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string {
			if a := w.ana.Do(t, http.MethodDelete, "/api/v1/videos/"+id, nil); a.Status != http.StatusNoContent && a.Status != http.StatusNotFound {
				t.Fatalf("delete: %s", a.Body)
			}
			return "/api/v1/videos/" + id + "/restore"
		}
	}
	return append(rules,
		rule{op: "GET /api/v1/videos", want: all(200)},
		rule{op: "PATCH " + base + "/notes/{note_id}", want: verdicts{401, 200, 403, 403, 403, 403}, path: note(open, cleo), body: text},
		rule{op: "DELETE " + base + "/notes/{note_id}", want: verdicts{401, 204, 204, 403, 403, 403}, path: note(open, cleo)},
		rule{op: "PATCH " + base + "/notes/{note_id}", want: verdicts{401, 404, 403, 200, 404, 404}, path: note(line, mia), body: text},
		rule{op: "DELETE " + base + "/notes/{note_id}", want: verdicts{401, 404, 204, 204, 404, 404}, path: note(line, mia)},
		rule{op: "DELETE " + base, want: edit[0].but(204), path: fixed("/api/v1/videos/" + open), then: restore(open)},
		rule{op: "DELETE " + base, want: edit[1].but(204), path: fixed("/api/v1/videos/" + line), then: restore(line)},
		rule{op: "POST " + base + "/restore", want: verdicts{401, 404, 200, 404, 404, 404}, path: deleted(open)},
		rule{op: "POST " + base + "/restore", want: verdicts{401, 404, 200, 404, 404, 404}, path: deleted(line)},
	)
}

func actRules(open string) []rule {
	on := map[string]any{"video_id": open, "start_ms": 0, "end_ms": 1000}
	var n int
	return []rule{
		{op: "GET /api/v1/moments", want: all(200), path: fixed("/api/v1/moments?q=plan")},
		{op: "POST /api/v1/watch", want: all(200), body: map[string]any{"events": []any{map[string]any{"id": "e", "video_id": open, "from_ms": 0, "to_ms": 900, "at": time.Now().UTC()}}}},
		{op: "GET /api/v1/shares", want: all(200)},
		{op: "POST /api/v1/shares", want: all(201), path: func(_ *testing.T, w *world) string {
			on["to_person_id"] = w.id[w.ada]
			return "/api/v1/shares"
		}, body: on},
		{op: "GET /api/v1/saves", want: all(200)},
		{op: "POST /api/v1/saves", want: all(201), body: map[string]any{"video_id": open}},
		{op: "DELETE /api/v1/saves/{id}", want: verdicts{401, 204, 404, 404, 404, 404}, path: func(t *testing.T, w *world) string {
			n++
			return "/api/v1/saves/" + w.make(t, w.cleo, "/api/v1/saves", map[string]any{"video_id": open, "start_ms": n, "end_ms": 1000})
		}},
		{op: "GET /api/v1/uses", want: all(200)},
		{op: "POST /api/v1/uses", want: all(201), body: map[string]any{"video_id": open}},
		{op: "GET /api/v1/insights/modeled", want: all(200)},
		{op: "GET /api/v1/insights/modeled", want: verdicts{401, 403, 403, 200, 200, 200}, path: func(_ *testing.T, w *world) string { return "/api/v1/insights/modeled?team=" + w.north }},
		{op: "GET /api/v1/insights/modeled", want: verdicts{401, 403, 403, 403, 200, 200}, path: func(_ *testing.T, w *world) string { return "/api/v1/insights/modeled?team=" + w.south }},
		{op: "GET /api/v1/insights/tactics", want: verdicts{401, 403, 403, 200, 200, 200}},
		{op: "GET /api/v1/deals", want: all(200)},
		{op: "POST /api/v1/deals/import", want: trainers, body: apitest.Raw{ContentType: "text/csv", Body: "external_id,name,owner,status,opened_at\nx1,One,ana@example.com,open,2026-01-02\n"}},
		{op: "PUT /api/v1/deals/{external_id}", want: trainers.but(201), body: map[string]any{"name": "Two", "status": "open", "opened_at": "2026-01-02T00:00:00Z"},
			path: func(*testing.T, *world) string { n++; return fmt.Sprintf("/api/v1/deals/y%d", n) }},
	}
}

func otherRules(t *testing.T, w *world, open string) []rule {
	t.Helper()
	var terms struct{ Items []struct{ ID string } }
	w.ana.Get(t, "/api/v1/vocabulary?kind=persona", &terms)
	address := w.ana.Video(t, open).Media.Progressive
	var n int
	upload := func(t *testing.T, w *world) string { return w.cleo.Begin(t, 100, nil) }
	cleos := func(status int) verdicts { return verdicts{401, status, 404, 404, 404, 404} }
	same := func(status int) verdicts { return verdicts{status, status, status, status, status, status} }
	tus := []apitest.Header{apitest.TusVersion}
	return []rule{
		{op: "GET /api/v1/vocabulary", want: all(200)},
		{op: "POST /api/v1/vocabulary", want: trainers.but(201), ask: func(_ *testing.T, w *world, i int) *apitest.Client {
			n++ // a term has its name once
			return []*apitest.Client{w.nobody, w.cleo, w.ana, w.mia, w.tom, w.ada}[i]
		}, body: label{&n}},
		{op: "PATCH /api/v1/vocabulary/{id}", want: trainers, path: fixed("/api/v1/vocabulary/" + terms.Items[0].ID), body: map[string]any{"description": "Runs it all."}},
		{op: "GET /api/v1/glossary", want: all(200)},
		{op: "PUT /api/v1/glossary", want: trainers, body: map[string]any{"entries": []any{map[string]string{"heard": "north wind", "written": "Northwind"}}}},
		{op: "GET /api/v1/jobs", want: admins},
		{op: "GET /livez", want: same(200)},
		{op: "GET /readyz", want: same(200)},
		{op: "OPTIONS /api/v1/uploads", want: same(200)},
		{op: "POST /api/v1/uploads", want: all(201), headers: append(tus, apitest.Header{Name: "Upload-Length", Value: "100"})},
		{op: "HEAD /api/v1/uploads/{id}", want: cleos(200), path: upload, headers: tus},
		{op: "PATCH /api/v1/uploads/{id}", want: cleos(204), path: upload, headers: append(tus, apitest.Header{Name: "Upload-Offset", Value: "0"}, apitest.Header{Name: "Content-Type", Value: "application/offset+octet-stream"})},
		{op: "DELETE /api/v1/uploads/{id}", want: cleos(204), path: upload, headers: tus},
		{op: "GET /api/v1/uploads/{id}/receipt", want: cleos(200), path: func(t *testing.T, w *world) string { return upload(t, w) + "/receipt" }},
		// The right to media is in the address, whoever holds it.
		{op: "GET /media/{ticket}/{file}", want: same(200), path: fixed(address)},
		{op: "HEAD /media/{ticket}/{file}", want: same(200), path: fixed(address)},
	}
}

// label is a new term each time it is written.
type label struct{ n *int }

// MarshalJSON implements json.Marshaler.
func (l label) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"kind":"tactic","label":"Tactic number %d"}`, *l.n), nil
}
