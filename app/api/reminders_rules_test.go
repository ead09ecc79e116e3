package api_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// reminderRules are about one's own reminders, which are nobody else's, and about what left the installation.
func reminderRules() []rule {
	sent := func(t *testing.T, w *world) string {
		id := ident.New()
		err := w.app.DB.Tx(t.Context(), func(tx *db.Tx) error {
			return tx.Gorm().Exec(`INSERT INTO deliveries (id, once_key, person_id, kind, channel, day, state, tries, trouble, detail, next_at, give_up_at, created_at)
				VALUES (?, ?, ?, 'digest', 'mail', '2026-11-22', 'failed', 1, 'receiver', '550 no', ?, ?, ?)`, id, id, w.id[w.ana], tx.Now, tx.Now, tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		return "/api/v1/installation/deliveries/" + id + "/retry"
	}
	settings := map[string]any{"mail": true, "chat": map[string]any{"kind": "none"}, "at": "07:30", "days": []int{1, 2}, "nudges": true}
	return []rule{
		{op: "GET /api/v1/me/reminders", want: all(200)},
		{op: "PUT /api/v1/me/reminders", want: all(200), body: settings},
		{op: "POST /api/v1/me/reminders/test", want: all(409)}, // nothing leaves a server that was given no way
		{op: "GET /api/v1/me/digest", want: all(200)},
		{op: "GET /api/v1/installation/deliveries", want: admins},
		{op: "POST /api/v1/installation/deliveries/{id}/retry", want: admins.but(204), path: sent},
	}
}
