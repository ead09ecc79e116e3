package api_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// said is a spoken note of a second, as browsers record it.
func said(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "said.webm")
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=300:duration=1", "-c:a", "libopus", "-b:a", "24k", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reviewOf gives the review that waits for mia of an attempt of ana's.
func (w *world) reviewOf(t *testing.T, attempt string) string {
	t.Helper()
	var id string
	if err := w.app.DB.Read(t.Context()).Raw(`SELECT id FROM reviews WHERE attempt_id = ? AND role = 'first'`, attempt).Scan(&id).Error; err != nil || id == "" {
		t.Fatalf("review %q, %v", id, err)
	}
	return id
}

// sentBody is a review of one level for everything.
func (w *world) sentBody(t *testing.T, c *apitest.Client, id string, level int, decision string) map[string]any {
	t.Helper()
	var r struct {
		Rubric struct{ Criteria []struct{ ID string } }
	}
	c.Get(t, "/api/v1/reviews/"+id, &r)
	levels := map[string]any{}
	for _, criterion := range r.Rubric.Criteria {
		levels[criterion.ID] = level
	}
	body := map[string]any{"levels": levels, "decision": decision, "message": "Go on."}
	if decision == "retry" {
		body["retry_criteria"] = []any{r.Rubric.Criteria[0].ID}
	}
	return body
}

// failed is an attempt of ana's that mia failed.
func (w *world) failed(t *testing.T) part {
	t.Helper()
	p := w.submit(t)
	id := w.reviewOf(t, p.attempt)
	w.mia.Do(t, http.MethodPost, "/api/v1/reviews/"+id+"/send", w.sentBody(t, w.mia, id, 1, "fail")).Into(t, http.StatusOK, nil)
	return p
}

// disputed is the dispute of that.
func (w *world) disputed(t *testing.T) string {
	t.Helper()
	return w.make(t, w.ana, "/api/v1/attempts/"+w.failed(t).attempt+"/dispute", map[string]any{"reason": "I said it."})
}

// reviewRules: an attempt of ana's, whom mia manages. It is mia's to review; tom and ada look after it; ana
// and others know of none.
func reviewRules() []rule {
	const reviews = "/api/v1/reviews"
	waiting := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return reviews + "/" + w.reviewOf(t, w.submit(t).attempt) + rest }
	}
	seen, hers := verdicts{401, 404, 404, 200, 200, 200}, verdicts{401, 404, 404, 200, 403, 403}
	send, give, third, voice := map[string]any{}, map[string]any{}, map[string]any{}, apitest.Raw{ContentType: "audio/webm", Body: "no recording"}
	ready := func(t *testing.T, w *world) string {
		id := w.reviewOf(t, w.submit(t).attempt)
		clear(send)
		for k, v := range w.sentBody(t, w.mia, id, 2, "pass") {
			send[k] = v
		}
		return reviews + "/" + id + "/send"
	}
	tape := func(t *testing.T, w *world) string {
		p := w.submit(t)
		note := ident.New()
		at := reviews + "/" + w.reviewOf(t, p.attempt)
		w.mia.Do(t, http.MethodPut, at+"/voice/"+note, apitest.Raw{ContentType: "audio/webm", Body: string(said(t))}).Into(t, http.StatusOK, nil)
		return at + "/voice/" + note
	}
	disputed := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return "/api/v1/disputes/" + w.disputed(t) + rest }
	}
	judged, weighed, withdrawn := verdicts{401, 404, 200, 404, 200, 200}, verdicts{401, 404, 403, 404, 200, 200}, verdicts{401, 404, 200, 404, 403, 403}
	absence := map[string]any{"from": "2026-01-01", "to": "2099-01-01"}
	return []rule{
		{op: "GET " + reviews, want: all(200)},
		{op: "GET " + reviews, want: all(200), path: fixed(reviews + "?box=team")},
		{op: "GET " + reviews, want: all(200), path: fixed(reviews + "?box=pool")},
		{op: "GET " + reviews, want: all(200), path: fixed(reviews + "?box=done")},
		{op: "GET " + reviews + "/{id}", want: seen, path: waiting("")},
		{op: "PUT " + reviews + "/{id}/draft", want: hers, path: waiting("/draft"), body: map[string]any{"base_version": 0, "message": "So far."}},
		{op: "POST " + reviews + "/{id}/send", want: hers, path: ready, body: send},
		{op: "POST " + reviews + "/{id}/claim", want: hers, path: waiting("/claim")}, // it is hers already
		{op: "POST " + reviews + "/{id}/release", want: verdicts{401, 404, 404, 403, 403, 403}, path: waiting("/release")},
		{op: "POST " + reviews + "/{id}/reassign", want: verdicts{401, 404, 404, 422, 200, 200}, body: give, path: func(t *testing.T, w *world) string {
			give["person_id"] = w.id[w.ada] // no manager of ana's: for trainers and admins to choose
			return waiting("/reassign")(t, w)
		}},
		{op: "GET " + reviews + "/{id}/reviewers", want: seen, path: waiting("/reviewers")},
		{op: "PUT " + reviews + "/{id}/voice/{note_id}", want: hers.but(422), body: voice, path: func(t *testing.T, w *world) string { return waiting("/voice/"+ident.New())(t, w) }},
		{op: "GET " + reviews + "/{id}/voice/{note_id}", want: verdicts{401, 404, 404, 200, 404, 404}, path: tape},
		{op: "GET /api/v1/me/deputy", want: all(200)},
		{op: "PUT /api/v1/me/deputy", want: all(422), body: map[string]any{"person_id": ident.New(), "from": "2026-01-01", "to": "2099-01-01"}},
		{op: "PUT /api/v1/me/deputy", want: verdicts{401, 422, 422, 422, 422, 422}, body: absence, path: func(_ *testing.T, w *world) string {
			absence["person_id"], absence["to"] = w.id[w.cleo], "2099-01-01" // longer than a year
			return "/api/v1/me/deputy"
		}},
		{op: "DELETE /api/v1/me/deputy", want: all(204)},
		{op: "POST /api/v1/attempts/{id}/dispute", want: verdicts{401, 404, 201, 404, 404, 404}, body: map[string]any{"reason": "I said it."}, path: func(t *testing.T, w *world) string {
			return "/api/v1/attempts/" + w.failed(t).attempt + "/dispute"
		}},
		{op: "GET /api/v1/disputes", want: all(200)},
		{op: "GET /api/v1/disputes/{id}", want: judged, path: disputed("")},
		{op: "GET /api/v1/disputes/{id}/reviewers", want: weighed, path: disputed("/reviewers")},
		{op: "POST /api/v1/disputes/{id}/third", want: verdicts{401, 404, 403, 404, 200, 422}, body: third, path: func(t *testing.T, w *world) string {
			third["reviewer_id"] = w.id[w.ada] // who weighs it is not asked
			return disputed("/third")(t, w)
		}},
		{op: "POST /api/v1/disputes/{id}/resolve", want: weighed, path: disputed("/resolve"), body: map[string]any{"outcome": "changed", "decision": "pass", "text": "You did."}},
		{op: "POST /api/v1/disputes/{id}/withdraw", want: withdrawn, path: disputed("/withdraw")},
	}
}
