package api_test

import (
	"fmt"
	"net/http"
	"testing"
)

// criteriaBody are the criteria of a rubric that can be used.
func criteriaBody(names ...string) []any {
	var out []any
	for _, n := range names {
		var levels []any
		for p := range 3 {
			levels = append(levels, map[string]any{"points": p, "name": fmt.Sprintf("Level %d", p+1), "description": "What one sees."})
		}
		out = append(out, map[string]any{"name": n, "weight": 1, "levels": levels})
	}
	return out
}

// rubric makes one, as the trainer, and gives its id and that of its version.
func (w *world) rubric(t *testing.T) (id, version string) {
	t.Helper()
	var made struct {
		ID      string
		Current struct{ ID string }
	}
	w.tom.Do(t, http.MethodPost, "/api/v1/rubrics", map[string]any{"name": "Pitch", "criteria": criteriaBody("Opening", "Close")}).Into(t, http.StatusCreated, &made)
	return made.ID, made.Current.ID
}

// programme makes a draft for the team North that could be opened.
func (w *world) programme(t *testing.T) string {
	t.Helper()
	_, version := w.rubric(t)
	return w.make(t, w.tom, "/api/v1/programmes", map[string]any{"name": "First call", "brief": "Open a first call.", "rubric_version_id": version,
		"rules": []any{map[string]any{"team_id": w.north}}})
}

// opened makes one, opens it, and enrols the team: Ana takes part, whom Mia manages.
func (w *world) opened(t *testing.T) string {
	t.Helper()
	id := w.programme(t)
	w.tom.Do(t, http.MethodPost, "/api/v1/programmes/"+id+"/open", nil).Into(t, http.StatusOK, nil)
	if _, err := w.app.Programmes.Sync(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return id
}

func rubricRules() []rule {
	const rubrics, programmes = "/api/v1/rubrics", "/api/v1/programmes"
	ofRubric := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string {
			id, _ := w.rubric(t)
			return rubrics + "/" + id + rest
		}
	}
	ofDraft := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return programmes + "/" + w.programme(t) + rest }
	}
	ofOpen := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return programmes + "/" + w.opened(t) + rest }
	}
	ofAna := func(t *testing.T, w *world) string {
		return programmes + "/" + w.opened(t) + "/participants/" + w.id[w.ana]
	}
	nowhere := "0190a000-0000-7000-8000-000000000000"
	// Of a draft a manager sees nothing; of an open one in which their people take part all but how to change it.
	draft, read, edit := verdicts{401, 404, 404, 404, 200, 200}, verdicts{401, 404, 404, 200, 200, 200}, verdicts{401, 404, 404, 403, 200, 200}
	return []rule{
		{op: "GET " + rubrics, want: trainers},
		{op: "GET " + rubrics, want: trainers, path: fixed(rubrics + "?archived=true")},
		{op: "POST " + rubrics, want: trainers.but(201), body: map[string]any{"name": "Pitch", "criteria": criteriaBody("Opening")}},
		{op: "GET " + rubrics + "/{id}", want: trainers, path: ofRubric("")},
		{op: "PATCH " + rubrics + "/{id}", want: trainers, path: ofRubric(""), body: map[string]any{"archived": true}},
		{op: "GET " + rubrics + "/{id}/versions/{number}", want: trainers, path: ofRubric("/versions/1")},
		{op: "GET " + rubrics + "/{id}/versions/{number}", want: trainers.but(404), path: ofRubric("/versions/2")},
		{op: "POST " + rubrics + "/{id}/versions", want: trainers.but(201), path: ofRubric("/versions"), body: map[string]any{"base": 1, "criteria": criteriaBody("Opening")}},
		{op: "POST " + rubrics + "/{id}/versions", want: trainers.but(409), path: ofRubric("/versions"), body: map[string]any{"base": 2, "criteria": criteriaBody("Opening")}},
		{op: "PUT " + rubrics + "/{id}/mapping", want: trainers.but(422), path: ofRubric("/mapping"), body: map[string]any{"pairs": []any{map[string]any{"criterion_id": nowhere}}}},
		{op: "GET " + rubrics + "/{id}/trend", want: trainers, path: ofRubric("/trend")},

		{op: "GET " + programmes, want: all(200)},
		{op: "POST " + programmes, want: trainers.but(201), body: map[string]any{"name": "Second call"}},
		{op: "GET " + programmes + "/{id}", want: draft, path: ofDraft("")},
		{op: "GET " + programmes + "/{id}", want: read, path: ofOpen("")},
		{op: "PATCH " + programmes + "/{id}", want: draft, path: ofDraft(""), body: map[string]any{"version": 1, "name": "Another name"}},
		{op: "PATCH " + programmes + "/{id}", want: edit, path: ofOpen(""), body: map[string]any{"version": 2, "attempts_max": 3}},
		{op: "PATCH " + programmes + "/{id}", want: edit.but(409), path: ofOpen(""), body: map[string]any{"version": 1, "attempts_max": 3}},
		{op: "DELETE " + programmes + "/{id}", want: draft.but(204), path: ofDraft("")},
		{op: "DELETE " + programmes + "/{id}", want: edit.but(409), path: ofOpen("")},
		{op: "POST " + programmes + "/{id}/open", want: draft, path: ofDraft("/open")},
		{op: "POST " + programmes + "/{id}/close", want: edit, path: ofOpen("/close")},
		{op: "POST " + programmes + "/{id}/copy", want: edit.but(201), path: ofOpen("/copy")},
		{op: "POST " + programmes + "/preview", want: trainers, body: map[string]any{"rules": []any{map[string]any{"role": "rep"}}, "reviewers": map[string]any{"kind": "manager"}}},
		{op: "GET " + programmes + "/{id}/participants", want: read, path: ofOpen("/participants")},
		{op: "PATCH " + programmes + "/{id}/participants/{person_id}", want: read, path: ofAna, body: map[string]any{"extra_attempts": 1}},
		{op: "GET " + programmes + "/{id}/numbers", want: read, path: ofOpen("/numbers")},
		{op: "GET " + programmes + "/{id}/numbers.csv", want: read, path: ofOpen("/numbers.csv")},
		{op: "GET " + programmes + "/{id}/rescore", want: edit, path: ofOpen("/rescore")},
		{op: "POST " + programmes + "/{id}/rescore", want: edit.but(422), path: ofOpen("/rescore"), body: map[string]any{"attempt_ids": []string{nowhere}}},
	}
}
