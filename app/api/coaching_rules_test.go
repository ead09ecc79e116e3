package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// coached makes what the rules on coaching are asked of, when the first of them needs it, and again once a
// request that was allowed has used it up.
type coached struct {
	line, open string            // videos of ana's
	made       map[string]string // by what it is
}

func (c *coached) video(t *testing.T, w *world, at *string, audience string) string {
	t.Helper()
	if *at == "" {
		*at = w.video(t, clip(t), "For "+audience, audience)
	}
	return *at
}

// of gives the path of something, which make makes where it is not there.
func (c *coached) of(what, rest string, make func(t *testing.T, w *world) string) func(*testing.T, *world) string {
	return func(t *testing.T, w *world) string {
		t.Helper()
		if c.made[what] == "" {
			c.made[what] = make(t, w)
		}
		return "/api/v1/" + what + "/" + c.made[what] + rest
	}
}

// used says that the next rule needs another.
func (c *coached) used(what string) func(*testing.T, *world) {
	return func(*testing.T, *world) { c.made[what] = "" }
}

// filled gives a path to post to, and fills in the body for who asks.
func filled(path string, body map[string]any, fill func(t *testing.T, w *world, body map[string]any)) func(*testing.T, *world) string {
	return func(t *testing.T, w *world) string {
		t.Helper()
		fill(t, w, body)
		return path
	}
}

func coachingRules() []rule {
	c := &coached{made: map[string]string{}}
	return append(append(feedbackRules(c), practiceRules(c)...), append(promiseRules(c), promotionRules(c)...)...)
}

func feedbackRules(c *coached) []rule {
	body := map[string]any{"text": "The close?"}
	ask := func(t *testing.T, w *world) string {
		return w.make(t, w.ana, "/api/v1/feedback-asks", map[string]any{"video_id": c.video(t, w, &c.line, "line"), "to": w.id[w.mia]})
	}
	used := c.used("feedback-asks")
	return []rule{
		{op: "POST /api/v1/feedback-asks", want: verdicts{401, 404, 201, 422, 422, 404}, body: body,
			path: filled("/api/v1/feedback-asks", body, func(t *testing.T, w *world, body map[string]any) {
				body["video_id"], body["to"] = c.video(t, w, &c.line, "line"), w.id[w.tom]
			})},
		{op: "GET /api/v1/feedback-asks", want: all(200)},
		{op: "POST /api/v1/feedback-asks/{id}/done", want: verdicts{401, 404, 403, 200, 404, 404}, path: c.of("feedback-asks", "/done", ask), body: map[string]any{"text": "Good."}, then: used},
		{op: "POST /api/v1/feedback-asks/{id}/decline", want: verdicts{401, 404, 403, 200, 404, 404}, path: c.of("feedback-asks", "/decline", ask), then: used},
		{op: "POST /api/v1/feedback-asks/{id}/withdraw", want: verdicts{401, 404, 200, 403, 404, 404}, path: c.of("feedback-asks", "/withdraw", ask), then: used},
	}
}

func practiceRules(c *coached) []rule {
	body := map[string]any{"prompt": "Say it your way."}
	fill := func(t *testing.T, w *world, body map[string]any) {
		body["video_id"], body["to"] = c.video(t, w, &c.open, "everyone"), w.id[w.ana]
	}
	assign := func(t *testing.T, w *world) string {
		fill(t, w, body)
		return w.make(t, w.mia, "/api/v1/practice-assignments", body)
	}
	used := c.used("practice-assignments")
	return []rule{
		{op: "POST /api/v1/practice-assignments", want: verdicts{401, 403, 422, 201, 201, 403}, body: body, path: filled("/api/v1/practice-assignments", body, fill)},
		{op: "GET /api/v1/practice-assignments", want: all(200)},
		{op: "GET /api/v1/practice-assignments/{id}", want: verdicts{401, 404, 200, 200, 404, 404}, path: c.of("practice-assignments", "", assign)},
		{op: "POST /api/v1/practice-assignments/{id}/done", want: verdicts{401, 404, 200, 403, 404, 404}, path: c.of("practice-assignments", "/done", assign), body: map[string]any{}, then: used},
		{op: "DELETE /api/v1/practice-assignments/{id}", want: verdicts{401, 404, 403, 204, 404, 404}, path: c.of("practice-assignments", "", assign), then: used},
	}
}

func promiseRules(c *coached) []rule {
	body := map[string]any{"owner": "them", "text": "Two calls on tape", "due_on": time.Now().AddDate(0, 0, 7).Format(time.DateOnly)}
	person := func(rest string) func(*testing.T, *world) string {
		return func(_ *testing.T, w *world) string { return "/api/v1/coaching/people/" + w.id[w.ana] + rest }
	}
	promise := func(t *testing.T, w *world) string { return w.make(t, w.mia, person("/promises")(t, w), body) }
	return []rule{
		{op: "GET /api/v1/coaching/people", want: all(200)},
		{op: "GET /api/v1/coaching/cadence", want: all(200)},
		{op: "GET /api/v1/promises", want: all(200)},
		{op: "GET /api/v1/coaching/people/{id}", want: verdicts{401, 404, 200, 200, 404, 404}, path: person("")},
		{op: "POST /api/v1/coaching/people/{id}/promises", want: verdicts{401, 404, 201, 201, 404, 404}, path: person("/promises"), body: body},
		{op: "PATCH /api/v1/promises/{id}", want: verdicts{401, 404, 200, 200, 404, 404}, path: c.of("promises", "", promise), body: map[string]any{"done": true}},
		{op: "PATCH /api/v1/promises/{id}", want: verdicts{401, 404, 403, 200, 404, 404}, path: c.of("promises", "", promise), body: map[string]any{"text": "Three calls"}},
		{op: "DELETE /api/v1/promises/{id}", want: verdicts{401, 404, 403, 204, 404, 404}, path: c.of("promises", "", promise), then: c.used("promises")},
	}
}

func promotionRules(c *coached) []rule {
	body := map[string]any{"reason": "The best opening", "audience": "everyone"}
	fill := func(t *testing.T, w *world, body map[string]any) { body["video_id"] = c.video(t, w, &c.line, "line") }
	suggest := func(t *testing.T, w *world) string {
		fill(t, w, body)
		return w.make(t, w.mia, "/api/v1/promotions", body)
	}
	used := c.used("promotions")
	return []rule{
		{op: "POST /api/v1/promotions", want: verdicts{401, 404, 422, 201, 404, 404}, body: body, path: filled("/api/v1/promotions", body, fill), then: func(t *testing.T, w *world) {
			var sent struct{ Items []struct{ ID string } }
			w.mia.Get(t, "/api/v1/promotions?box=sent&state=suggested", &sent)
			for _, p := range sent.Items {
				w.mia.Do(t, http.MethodDelete, "/api/v1/promotions/"+p.ID, nil).Into(t, http.StatusNoContent, nil)
			}
		}, ask: func(t *testing.T, w *world, i int) *apitest.Client {
			return withoutGrant(t, w, i, c)
		}},
		{op: "GET /api/v1/promotions", want: all(200)},
		{op: "GET /api/v1/promotions/{id}", want: verdicts{401, 404, 200, 200, 404, 404}, path: c.of("promotions", "", suggest)},
		{op: "DELETE /api/v1/promotions/{id}", want: verdicts{401, 404, 403, 204, 404, 404}, path: c.of("promotions", "", suggest), then: used},
		{op: "POST /api/v1/promotions/{id}/decline", want: verdicts{401, 404, 200, 403, 404, 404}, path: c.of("promotions", "/decline", suggest), then: used},
		{op: "POST /api/v1/promotions/{id}/agree", want: verdicts{401, 404, 200, 403, 404, 404}, path: c.of("promotions", "/agree", suggest), body: map[string]any{}, then: func(t *testing.T, w *world) {
			used(t, w)
			w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+c.line, map[string]any{"audience": "line"}).Into(t, http.StatusOK, nil)
		}},
	}
}

// withoutGrant takes back what ana has asked the trainer about, who would see her video by it.
func withoutGrant(t *testing.T, w *world, i int, c *coached) *apitest.Client {
	t.Helper()
	var sent struct{ Items []struct{ ID string } }
	w.ana.Get(t, "/api/v1/feedback-asks?box=sent&state=open", &sent)
	for _, k := range sent.Items {
		w.ana.Do(t, http.MethodPost, "/api/v1/feedback-asks/"+k.ID+"/withdraw", nil).Into(t, http.StatusOK, nil)
	}
	c.made["feedback-asks"] = ""
	return []*apitest.Client{w.nobody, w.cleo, w.ana, w.mia, w.tom, w.ada}[i]
}
