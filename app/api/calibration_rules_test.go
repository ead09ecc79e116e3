package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// calibrationRules: gold takes are kept by trainers and admins, reviewers' figures are for themselves and for
// trainers, and a take is scored by whom it was given to.
func calibrationRules() []rule {
	var (
		n               int
		version, number string
	)
	// rubric makes one with a single criterion, once.
	rubric := func(t *testing.T, w *world) (string, string) {
		t.Helper()
		if version != "" {
			return version, number
		}
		level := func(points int, name string) map[string]any {
			return map[string]any{"points": points, "name": name, "description": name}
		}
		var made struct {
			Current struct {
				ID       string
				Criteria []struct{ ID string }
			}
		}
		w.tom.Do(t, http.MethodPost, "/api/v1/rubrics", map[string]any{"name": "Gold", "criteria": []any{map[string]any{"name": "Opening", "description": "How it begins", "weight": 1, "levels": []any{level(0, "Low"), level(1, "High")}}}}).
			Into(t, http.StatusCreated, &made)
		version, number = made.Current.ID, made.Current.Criteria[0].ID
		return version, number
	}
	body := func(t *testing.T, w *world) map[string]any {
		v, criterion := rubric(t, w)
		n++
		var videos struct {
			Items []struct{ ID, Audience string }
		}
		w.tom.Get(t, "/api/v1/videos", &videos)
		video := ""
		for _, v := range videos.Items {
			if v.Audience == "everyone" {
				video = v.ID
			}
		}
		return map[string]any{"title": fmt.Sprintf("Gold %d", n), "video_id": video, "rubric_version_id": v, "panel": []any{map[string]any{"person_id": w.id[w.tom], "levels": map[string]int{criterion: 2}}}}
	}
	gold := func(t *testing.T, w *world) string { return w.make(t, w.tom, "/api/v1/calibration/gold", body(t, w)) }
	add := map[string]any{} // filled in by the path, which is asked first
	const base = "/api/v1/calibration/"
	none := verdicts{401, 404, 404, 404, 404, 404}
	return []rule{
		{op: "GET /api/v1/calibration", want: all(200)},
		{op: "GET /api/v1/calibration/reviewers", want: verdicts{401, 403, 403, 403, 200, 403}},
		// The figures of ana: hers, and the trainer's. Not her manager's, not the admin's.
		{op: "GET /api/v1/calibration/reviewers/{id}", want: verdicts{401, 404, 200, 404, 200, 404}, path: func(_ *testing.T, w *world) string { return base + "reviewers/" + w.id[w.ana] }},
		{op: "GET /api/v1/calibration/gold", want: trainers},
		{op: "POST /api/v1/calibration/gold", want: trainers.but(201), body: add, path: func(t *testing.T, w *world) string {
			maps.Copy(add, body(t, w))
			return base + "gold"
		}},
		{op: "PATCH /api/v1/calibration/gold/{id}", want: trainers, body: map[string]any{"title": "Another"}, path: func(t *testing.T, w *world) string { return base + "gold/" + gold(t, w) }},
		{op: "DELETE /api/v1/calibration/gold/{id}", want: trainers.but(204), path: func(t *testing.T, w *world) string { return base + "gold/" + gold(t, w) }},
		// Nobody reviews here, so nobody was given the take; those who were are tried in package calibration.
		{op: "PUT /api/v1/calibration/{gold_id}", want: none, body: map[string]any{"levels": map[string]int{}}, path: func(t *testing.T, w *world) string { return base + gold(t, w) }},
		{op: "POST /api/v1/calibration/{gold_id}/open", want: none, path: func(t *testing.T, w *world) string { return base + gold(t, w) + "/open" }},
		{op: "POST /api/v1/calibration/skip", want: none, ask: func(t *testing.T, w *world, i int) *apitest.Client {
			t.Helper()
			if askers[i] != "the manager" {
				return []*apitest.Client{w.nobody, w.cleo, w.ana, w.mia, w.tom, w.ada}[i]
			}
			// The manager reviews by now; one who manages nobody does not.
			id := w.make(t, w.ada, "/api/v1/people", map[string]any{"email": "manager-of-nobody@example.com", "name": "Manager of nobody", "roles": []string{"manager"}})
			return &apitest.Client{Base: w.base, Token: w.token(t, id)}
		}},
	}
}
