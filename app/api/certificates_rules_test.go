package api_test

import "testing"

// certificateRules: a certificate is its holder's, their line's and the trainer's; whoever has its code may
// check it.
func certificateRules() []rule {
	at := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return "/api/v1/certificates/" + w.pass(t).certificate + rest }
	}
	seen := verdicts{401, 404, 200, 200, 200, 404}
	return []rule{
		{op: "GET /api/v1/certificates", want: all(200)},
		{op: "GET /api/v1/certificates/{id}", want: seen, path: at("")},
		{op: "GET /api/v1/certificates/{id}/pdf", want: seen, path: at("/pdf")},
		{op: "PATCH /api/v1/certificates/{id}", want: verdicts{401, 404, 200, 403, 403, 404}, body: map[string]any{"name_public": true}, path: at("")},
		{op: "POST /api/v1/certificates/{id}/revoke", want: verdicts{401, 404, 403, 403, 200, 404}, body: map[string]any{"reason": "It was another's voice."}, path: at("/revoke")},
		{op: "GET /api/v1/certificates/check/{code}", want: verdicts{200, 200, 200, 200, 200, 200}, path: func(t *testing.T, w *world) string {
			var code string
			if err := w.app.DB.Read(t.Context()).Raw(`SELECT code FROM certificates WHERE id = ?`, w.pass(t).certificate).Scan(&code).Error; err != nil {
				t.Fatal(err)
			}
			return "/api/v1/certificates/check/" + code
		}},
		{op: "GET /api/v1/certificates/check/{code}", want: verdicts{404, 404, 404, 404, 404, 404}, path: fixed("/api/v1/certificates/check/AAAAAAAAAAAAAAAAAAAAAAAA")},
	}
}
