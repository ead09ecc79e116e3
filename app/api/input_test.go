package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// bad is a request that must be refused, with this status and code, and change nothing.
type bad struct {
	name, method, path string
	body               any
	status             int
	code, field        string
	headers            []apitest.Header
	as                 *apitest.Client
}

func asJSON(text string) apitest.Raw { return apitest.Raw{ContentType: "application/json", Body: text} }

func csv(text string) apitest.Raw { return apitest.Raw{ContentType: "text/csv", Body: text} }

func vtt(text string) apitest.Raw { return apitest.Raw{ContentType: "text/vtt", Body: text} }

// inside are words of our own machinery that no answer may hold.
var inside = []string{"sql", "SQL", "goroutine", "panic", ".go:", "/tmp", "gorm", "huma", "echo", "constraint", "bleve", "ffmpeg:", "river"}

func TestBadInput(t *testing.T) {
	w := newWorld(t)
	open := w.video(t, clip(t), "For everyone", "everyone")
	note := w.make(t, w.ana, "/api/v1/videos/"+open+"/notes", map[string]any{"at_ms": 0, "text": "First."})
	save := w.make(t, w.ana, "/api/v1/saves", map[string]any{"video_id": open})
	w.tom.Do(t, http.MethodPost, "/api/v1/deals/import", csv("external_id,name,owner,status,opened_at\nd1,One,ana@example.com,open,2026-01-02\n")).Into(t, http.StatusOK, nil)
	var deals struct{ Items []struct{ ID string } }
	w.ana.Get(t, "/api/v1/deals?owner=me", &deals)
	before := w.contents(t)
	for _, group := range [][]bad{w.badJSON(open), w.badThings(open, note, save, deals.Items[0].ID), w.badTimes(open), w.badTexts(open), w.badFiles(open)} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) { w.refuses(t, c) })
		}
		if after := w.contents(t); after != before {
			t.Errorf("one of the requests from %q to %q has changed something: %s", group[0].name, group[len(group)-1].name, firstDifference(before, after))
			before = after
		}
	}
}

func (w *world) refuses(t *testing.T, c bad) {
	t.Helper()
	if c.as == nil {
		c.as = w.ana
	}
	a := c.as.Do(t, c.method, c.path, c.body, c.headers...)
	p := a.WantProblem(t, c.status, c.code)
	if c.field != p.Field {
		t.Errorf("field %q, want %q: %s", p.Field, c.field, a.Body)
	}
	for _, word := range inside {
		if strings.Contains(string(a.Body), word) {
			t.Errorf("the answer says %q: %s", word, a.Body)
		}
	}
}

func firstDifference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("%s\nis now\n%s", a[i], b[min(i, len(b)-1)])
		}
	}
	return "rows were added"
}

func (w *world) badJSON(open string) []bad {
	notes := "/api/v1/videos/" + open + "/notes"
	post := func(name string, body any, status int, code, field string) bad {
		return bad{name: name, method: http.MethodPost, path: notes, body: body, status: status, code: code, field: field}
	}
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	return []bad{
		post("unknown field", asJSON(`{"at_ms":1,"text":"x","bogus":1}`), 422, "unknown_field", "bogus"),
		post("duplicate field", asJSON(`{"at_ms":1,"text":"x","text":"y"}`), 400, "duplicate_field", ""),
		post("duplicate field in other case", asJSON(`{"at_ms":1,"text":"x","TEXT":"y"}`), 422, "unknown_field", "TEXT"),
		post("field missing", asJSON(`{"at_ms":1}`), 422, "required", "text"),
		post("text after the value", asJSON(`{"at_ms":1,"text":"x"} {}`), 400, "malformed", ""),
		post("cut off", asJSON(`{"at_ms":1,"text":"x"`), 400, "malformed", ""),
		post("not JSON", asJSON(`at_ms=1&text=x`), 400, "malformed", ""),
		post("a list for an object", asJSON(`[]`), 422, "invalid", ""),
		post("null", asJSON(`null`), 422, "invalid", ""),
		post("no body", nil, 400, "required", ""),
		post("deep nesting", asJSON(`{"at_ms":1,"text":`+deep+`}`), 400, "malformed", ""),
		post("text for a number", asJSON(`{"at_ms":"1","text":"x"}`), 422, "invalid", "at_ms"),
		post("number for a text", asJSON(`{"at_ms":1,"text":1}`), 422, "invalid", "text"),
		post("fraction for a whole number", asJSON(`{"at_ms":1.5,"text":"x"}`), 422, "invalid", "at_ms"),
		post("number too large", asJSON(`{"at_ms":1e30,"text":"x"}`), 422, "invalid", ""),
		post("content type of a form", apitest.Raw{ContentType: "application/x-www-form-urlencoded", Body: `{"at_ms":1,"text":"x"}`}, 415, "media_type_unsupported", ""),
		post("content type text", apitest.Raw{ContentType: "text/plain", Body: `{"at_ms":1,"text":"x"}`}, 415, "media_type_unsupported", ""),
		post("oversize", asJSON(`{"at_ms":1,"text":"`+strings.Repeat("x", 2<<20)+`"}`), 413, "body_too_large", ""),
		{name: "no credential", method: http.MethodGet, path: "/api/v1/me", status: 401, code: "unauthenticated", as: w.nobody},
		{name: "token of nobody", method: http.MethodGet, path: "/api/v1/me", status: 401, code: "unauthenticated", as: &apitest.Client{Base: w.base, Token: "frl_0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f_xxxxxxxxxxxxxxxxxxxxxxxx"}},
		{name: "token that is none", method: http.MethodGet, path: "/api/v1/me", status: 401, code: "unauthenticated", as: &apitest.Client{Base: w.base, Token: "x"}},
		{name: "another scheme", method: http.MethodGet, path: "/api/v1/me", status: 401, code: "authorization_invalid", as: w.nobody, headers: []apitest.Header{{Name: "Authorization", Value: "Basic YW5hOmFuYQ=="}}},
		{name: "no such route", method: http.MethodGet, path: "/api/v1/nothing", status: 404, code: "not_found"},
		{name: "no such method", method: http.MethodPut, path: "/api/v1/me", status: 405, code: "method_not_allowed"},
		{name: "unknown query parameter", method: http.MethodGet, path: "/api/v1/videos?writer=me", status: 422, code: "unknown_field", field: "writer"},
		{name: "limit 0", method: http.MethodGet, path: "/api/v1/videos?limit=0", status: 422, code: "invalid", field: "limit"},
		{name: "limit too high", method: http.MethodGet, path: "/api/v1/moments?limit=101", status: 422, code: "invalid", field: "limit"},
		{name: "limit in words", method: http.MethodGet, path: "/api/v1/videos?limit=many", status: 422, code: "invalid", field: "limit"},
		{name: "state unknown", method: http.MethodGet, path: "/api/v1/videos?state=lost", status: 422, code: "invalid", field: "state"},
		{name: "query too long", method: http.MethodGet, path: "/api/v1/moments?q=" + strings.Repeat("x", 16385), status: 422, code: "invalid", field: "q"},
		{name: "cursor of nobody", method: http.MethodGet, path: "/api/v1/moments?q=plan&cursor=xyz", status: 422, code: "query_invalid"},
		{name: "period backwards", method: http.MethodGet, path: "/api/v1/insights/modeled?from=2026-02-01&to=2026-01-01", status: 422, code: "period_empty", field: "to"},
		{name: "period in words", method: http.MethodGet, path: "/api/v1/insights/modeled?from=yesterday", status: 422, code: "time_invalid", field: "from"},
		{name: "report on no team", method: http.MethodGet, path: "/api/v1/insights/modeled?team=" + absent, status: 422, code: "team_not_found", field: "team", as: w.tom},
	}
}

// absent is an id that nothing has.
const absent = "0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f"

func (w *world) badThings(open, note, save, deal string) []bad {
	video := "/api/v1/videos/" + open
	return []bad{
		{name: "malformed id", method: http.MethodGet, path: "/api/v1/videos/1", status: 422, code: "invalid", field: "id"},
		{name: "id with a path", method: http.MethodGet, path: "/api/v1/videos/..%2F..%2Fetc%2Fpasswd", status: 422, code: "invalid", field: "id"},
		{name: "no such video", method: http.MethodGet, path: "/api/v1/videos/" + absent, status: 404, code: "video_not_found"},
		{name: "somebody else's note", method: http.MethodPatch, path: video + "/notes/" + note, body: map[string]string{"text": "Mine now."}, status: 403, code: "forbidden", as: w.cleo},
		{name: "a note of another video", method: http.MethodDelete, path: "/api/v1/videos/" + absent + "/notes/" + note, status: 404, code: "video_not_found"},
		{name: "no such note", method: http.MethodDelete, path: video + "/notes/" + absent, status: 404, code: "note_not_found"},
		{name: "a note's id that is taken", method: http.MethodPost, path: video + "/notes", body: map[string]any{"id": note, "at_ms": 0, "text": "Mine now."}, status: 409, code: "note_exists", field: "id", as: w.cleo},
		{name: "somebody else's save", method: http.MethodDelete, path: "/api/v1/saves/" + save, status: 404, code: "save_not_found", as: w.cleo},
		{name: "a save's id that is taken", method: http.MethodPost, path: "/api/v1/saves", body: map[string]any{"id": save, "video_id": open}, status: 409, code: "id_taken", field: "id", as: w.cleo},
		{name: "somebody else's deal", method: http.MethodPost, path: "/api/v1/uses", body: map[string]any{"video_id": open, "deal_id": deal}, status: 422, code: "deal_not_found", field: "deal_id", as: w.cleo},
		{name: "no such deal", method: http.MethodPost, path: "/api/v1/uses", body: map[string]any{"video_id": open, "deal_id": absent}, status: 422, code: "deal_not_found", field: "deal_id"},
		{name: "no such token", method: http.MethodDelete, path: "/api/v1/tokens/" + absent, status: 404, code: "token_not_found"},
		{name: "share with nobody", method: http.MethodPost, path: "/api/v1/shares", body: map[string]any{"video_id": open, "to_person_id": absent}, status: 422, code: "person_not_found", field: "to_person_id"},
		{name: "share with no team", method: http.MethodPost, path: "/api/v1/shares", body: map[string]any{"video_id": open, "to_team_id": absent}, status: 422, code: "team_not_found", field: "to_team_id"},
		{name: "share without recipient", method: http.MethodPost, path: "/api/v1/shares", body: map[string]any{"video_id": open}, status: 422, code: "recipient_needed", field: "to_person_id"},
		{name: "share with two recipients", method: http.MethodPost, path: "/api/v1/shares", body: map[string]any{"video_id": open, "to_team_id": w.north, "to_person_id": w.id[w.tom]}, status: 422, code: "recipient_needed", field: "to_person_id"},
		{name: "seat unknown", method: http.MethodPut, path: "/api/v1/teams/" + w.north + "/kings/" + w.id[w.tom], status: 422, code: "invalid", field: "seat", as: w.ada},
		{name: "a team below itself", method: http.MethodPatch, path: "/api/v1/teams/" + w.north, body: map[string]string{"parent_id": w.north}, status: 422, code: "team_ring", field: "parent_id", as: w.ada},
		{name: "the last admin", method: http.MethodPatch, path: "/api/v1/people/" + w.id[w.ada], body: map[string]any{"roles": []string{"rep"}}, status: 409, code: "last_admin", as: w.ada},
		{name: "role unknown", method: http.MethodPost, path: "/api/v1/people", body: map[string]any{"email": "k@example.com", "name": "K", "roles": []string{"king"}}, status: 422, code: "invalid", field: "roles[0]", as: w.ada},
		{name: "address taken", method: http.MethodPost, path: "/api/v1/people", body: map[string]any{"email": "ANA@example.com", "name": "Ana", "roles": []string{"rep"}}, status: 409, code: "email_taken", field: "email", as: w.ada},
		{name: "address that is none", method: http.MethodPost, path: "/api/v1/people", body: map[string]any{"email": "ana", "name": "Ana", "roles": []string{"rep"}}, status: 422, code: "email_invalid", field: "email", as: w.ada},
		{name: "password too short", method: http.MethodPost, path: "/api/v1/people", body: map[string]any{"email": "s@example.com", "name": "S", "roles": []string{"rep"}, "password": "short"}, status: 422, code: "password_short", field: "password", as: w.ada},
		{name: "token that has ended", method: http.MethodPost, path: "/api/v1/tokens", body: map[string]any{"name": "old", "expires_at": "2020-01-01T00:00:00Z"}, status: 422, code: "time_past", field: "expires_at"},
		{name: "term twice", method: http.MethodPost, path: "/api/v1/vocabulary", body: map[string]any{"kind": "persona", "label": "CFO"}, status: 409, code: "term_exists", field: "label", as: w.tom},
		{name: "glossary twice", method: http.MethodPut, path: "/api/v1/glossary", body: map[string]any{"entries": []any{map[string]string{"heard": "a b", "written": "AB"}, map[string]string{"heard": "A B", "written": "Ab"}}}, status: 422, code: "heard_twice", field: "entries[1].heard", as: w.tom},
		{name: "nothing failed", method: http.MethodPost, path: video + "/retry", status: 409, code: "nothing_failed"},
		{name: "not deleted", method: http.MethodPost, path: video + "/restore", status: 404, code: "video_not_found"},
	}
}

func (w *world) badTimes(open string) []bad {
	video := "/api/v1/videos/" + open
	act := func(name, path string, start, end any, field string) bad {
		return bad{name: name, method: http.MethodPost, path: path, body: map[string]any{"video_id": open, "start_ms": start, "end_ms": end}, status: 422, code: "time_outside", field: field}
	}
	segment := func(start, end int64) any {
		return map[string]any{"segments": []any{map[string]any{"start_ms": start, "end_ms": end, "text": "Words."}}}
	}
	return []bad{
		{name: "note after the end", method: http.MethodPost, path: video + "/notes", body: map[string]any{"at_ms": 60000, "text": "x"}, status: 422, code: "time_outside", field: "at_ms"},
		{name: "note before the beginning", method: http.MethodPost, path: video + "/notes", body: map[string]any{"at_ms": -1, "text": "x"}, status: 422, code: "invalid", field: "at_ms"},
		act("save after the end", "/api/v1/saves", 60000, 61000, "start_ms"),
		act("save beyond the end", "/api/v1/saves", 0, 60000, "end_ms"),
		act("save of nothing", "/api/v1/saves", 1000, 1000, "end_ms"),
		act("save backwards", "/api/v1/saves", 1000, 500, "end_ms"),
		act("use beyond the end", "/api/v1/uses", 0, 60000, "end_ms"),
		{name: "segment beyond the end", method: http.MethodPut, path: video + "/transcript", body: segment(0, 60000), status: 422, code: "time_outside", field: "segments[0]"},
		{name: "segment backwards", method: http.MethodPut, path: video + "/transcript", body: segment(900, 100), status: 422, code: "time_outside", field: "segments[0]"},
		{name: "segment before the beginning", method: http.MethodPut, path: video + "/transcript", body: segment(-5, 100), status: 422, code: "time_outside", field: "segments[0]"},
		{name: "transcript of another version", method: http.MethodPut, path: video + "/transcript", body: map[string]any{"version": 99, "segments": []any{}}, status: 409, code: "transcript_changed"},
		{name: "captions of another video", method: http.MethodPut, path: video + "/captions", body: vtt("WEBVTT\n\n01:00.000 --> 01:02.000\nLater.\n"), status: 422, code: "captions_outside", field: "file"},
	}
}

func (w *world) badTexts(open string) []bad {
	video := "/api/v1/videos/" + open
	patch := func(name string, body any, code, field string) bad {
		return bad{name: name, method: http.MethodPatch, path: video, body: body, status: 422, code: code, field: field}
	}
	many := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprintf("t%d", i)
		}
		return out
	}
	return []bad{
		patch("title empty", map[string]any{"title": "  "}, "required", "title"),
		patch("title of 201 characters", map[string]any{"title": strings.Repeat("x", 201)}, "invalid", "title"),
		patch("title with a control character", asJSON(`{"title":"a\u0000b"}`), "text_invalid", "title"),
		patch("title with a line break", map[string]any{"title": "a\nb"}, "text_invalid", "title"),
		patch("audience unknown", map[string]any{"audience": "world"}, "invalid", "audience"),
		patch("teams without a team", map[string]any{"audience": "teams"}, "required", "team_ids"),
		patch("teams that do not exist", map[string]any{"audience": "teams", "team_ids": []string{absent}}, "team_not_found", "team_ids"),
		patch("teams that are no ids", map[string]any{"audience": "teams", "team_ids": []string{"' OR 1=1"}}, "team_not_found", "team_ids"),
		patch("teams for everyone", map[string]any{"audience": "everyone", "team_ids": []string{w.north}}, "teams_unused", "team_ids"),
		patch("tactic unknown", map[string]any{"tactics": []string{"Shout louder"}}, "tactic_unknown", "tactics[0]"),
		patch("a good title beside a bad tactic", map[string]any{"title": "Better", "tactics": []string{"Shout louder"}}, "tactic_unknown", "tactics[0]"),
		patch("eleven tactics", map[string]any{"tactics": many(11)}, "invalid", "tactics"),
		patch("too many tags", map[string]any{"tags": many(21)}, "invalid", "tags"),
		patch("share of completion", map[string]any{"complete_share": 20}, "invalid", "complete_share"),
		patch("situation with an unknown facet", asJSON(`{"situation":{"mood":"bad"}}`), "unknown_field", "situation.mood"),
		{name: "note without words", method: http.MethodPost, path: video + "/notes", body: map[string]any{"at_ms": 0, "text": " "}, status: 422, code: "required", field: "text"},
		{name: "note that is no text", method: http.MethodPost, path: video + "/notes", body: asJSON("{\"at_ms\":0,\"text\":\"\\u0007\"}"), status: 422, code: "text_invalid", field: "text"},
	}
}

func (w *world) badFiles(open string) []bad {
	captions := func(name, body, code string) bad {
		return bad{name: name, method: http.MethodPut, path: "/api/v1/videos/" + open + "/captions", body: vtt(body), status: 422, code: code, field: "file"}
	}
	deals := func(name string, body any, status int, code, field string) bad {
		return bad{name: name, method: http.MethodPost, path: "/api/v1/deals/import", body: body, status: status, code: code, field: field, as: w.tom}
	}
	header := "external_id,name,owner,status,opened_at\n"
	return []bad{
		captions("captions that are none", "This is no caption file.", "captions_malformed"),
		captions("captions with a broken time", "WEBVTT\n\n00:00 --> never\nx\n", "captions_malformed"),
		captions("captions backwards", "WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", "captions_malformed"),
		captions("captions in UTF-16 cut in half", "\xff\xfeW\x00E", "captions_encoding"),
		captions("SRT cut off", "1\n00:00:00,000 -->", "captions_malformed"),
		{name: "captions too large", method: http.MethodPut, path: "/api/v1/videos/" + open + "/captions", body: vtt("WEBVTT\n\n" + strings.Repeat("x", 5<<20)), status: 413, code: "body_too_large"},
		deals("deals with headers that nobody knows", csv("What,Ever\n1,2\n"), 422, "deals_mapping_needed", "mapping"),
		deals("deals with days that may be months", csv(header+"x1,One,,open,01/02/2026\n"), 422, "deals_date_order_needed", "date_order"),
		deals("deals empty", csv(""), 422, "deals_file_empty", ""),
		deals("deals binary", csv("\x00\x01\x02PK\x03\x04"), 415, "deals_file_binary", ""),
		deals("deals in JSON", asJSON(`{}`), 415, "media_type_unsupported", ""),
		deals("deals in a broken form", apitest.Raw{ContentType: "multipart/form-data; boundary=x", Body: "--y"}, 400, "form_malformed", ""),
		{name: "deals with a mapping that is none", method: http.MethodPost, path: "/api/v1/deals/import?mapping=%7B", body: csv(header), status: 422, code: "mapping_invalid", field: "mapping", as: w.tom},
		{name: "deal worth words", method: http.MethodPut, path: "/api/v1/deals/x9", body: asJSON(`{"name":"x","amount":"a lot","status":"open","opened_at":"2026-01-02T00:00:00Z"}`), status: 422, code: "amount_invalid", field: "amount", as: w.tom},
	}
}

// TestWatchEventsOutside: a bad event is refused by itself, with the reason, and blocks no other.
func TestWatchEventsOutside(t *testing.T) {
	w := newWorld(t)
	open := w.video(t, clip(t), "For everyone", "everyone")
	line := w.video(t, clip(t), "For the line", "line")
	now := time.Now().UTC()
	event := func(id, video string, from, to int64, at time.Time) map[string]any {
		return map[string]any{"id": id, "video_id": video, "from_ms": from, "to_ms": to, "at": at}
	}
	var out struct {
		Accepted int
		Refused  []struct{ ID, Code, Detail string }
	}
	w.cleo.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": []any{
		event("good", open, 0, 1000, now), event("beyond", open, 0, 60000, now), event("backwards", open, 500, 400, now), event("negative", open, -1, 400, now),
		event("future", open, 0, 400, now.Add(time.Hour)), event("past", open, 0, 400, now.Add(-60*24*time.Hour)),
		event("hidden", line, 0, 400, now), event("absent", absent, 0, 400, now), event("malformed", "' OR 1=1 --", 0, 400, now), event("", open, 0, 400, now),
	}}).Into(t, http.StatusOK, &out)
	got := map[string]string{}
	for _, r := range out.Refused {
		got[r.ID] = r.Code
	}
	want := map[string]string{"beyond": "time_outside", "backwards": "range_invalid", "negative": "range_invalid", "future": "time_future", "past": "time_past",
		"hidden": "video_not_found", "absent": "video_not_found", "malformed": "video_not_found", "": "id_invalid"}
	if out.Accepted != 1 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("accepted %d, refused %v, want %v", out.Accepted, got, want)
	}
	var many []any
	for i := range 501 {
		many = append(many, event(fmt.Sprint(i), open, 0, 100, now))
	}
	w.cleo.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": many}).WantProblem(t, http.StatusUnprocessableEntity, "invalid")
}

// TestHostileSearch: whatever is searched for, the answer is a list or a clear refusal.
func TestHostileSearch(t *testing.T) {
	w := newWorld(t)
	w.video(t, clip(t), "For everyone", "everyone")
	for _, q := range []string{
		`"`, `'`, `plan"`, `*`, `?`, `~`, `plan*`, `title:(plan OR`, `/[/`, `((((`, `+ -plan`, `\`, `%00`, "\x00", "\xff\xfe", "\u202e", "🙂🙂", strings.Repeat("a ", 8000),
		strings.Repeat("x", 16000), `' OR 1=1 --`, `<script>alert(1)</script>`, `{"query":{"match_all":{}}}`, "plan\nplan", "audience:everyone", strings.Repeat("é", 8000),
	} {
		a := w.ana.Do(t, http.MethodGet, "/api/v1/moments?q="+escape(q), nil)
		switch {
		case a.Status == http.StatusUnprocessableEntity:
			a.WantProblem(t, a.Status, "query_invalid")
		case a.Status != http.StatusOK:
			t.Errorf("%.40q: %d %s", q, a.Status, a.Body)
		case !strings.Contains(string(a.Body), `"results":[`):
			t.Errorf("%.40q: %s", q, a.Body)
		}
	}
}
