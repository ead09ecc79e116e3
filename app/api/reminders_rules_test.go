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
	device := func(t *testing.T, w *world) string {
		id := ident.New()
		err := w.app.DB.Tx(t.Context(), func(tx *db.Tx) error {
			return tx.Gorm().Exec(`INSERT INTO push_devices (id, person_id, session_id, auth_epoch, endpoint_sum, sealed, service, user_agent, created_at) VALUES (?, ?, 's', 0, ?, '', 'google', '', ?)`,
				id, w.id[w.ana], id, tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		return "/api/v1/me/push/devices/" + id
	}
	message := func(t *testing.T, w *world) string {
		id := ident.New()
		err := w.app.DB.Tx(t.Context(), func(tx *db.Tx) error {
			return tx.Gorm().Exec(`INSERT INTO deliveries (id, once_key, person_id, kind, channel, day, state, tries, trouble, detail, next_at, give_up_at, created_at)
				VALUES (?, ?, ?, 'digest', 'push', '2026-11-22', 'sent', 1, '', '', ?, ?, ?)`, id, id, w.id[w.ana], tx.Now, tx.Now, tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		return "/api/v1/me/push/messages/" + id
	}
	subscription := map[string]any{"endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": map[string]any{"p256dh": "x", "auth": "x"}}
	settings := map[string]any{"mail": true, "chat": map[string]any{"kind": "none"}, "at": "07:30", "days": []int{1, 2}, "nudges": true}
	return []rule{
		{op: "GET /api/v1/me/reminders", want: all(200)},
		{op: "PUT /api/v1/me/reminders", want: all(200), body: settings},
		{op: "POST /api/v1/me/reminders/test", want: all(409)}, // nothing leaves a server that was given no way
		{op: "GET /api/v1/me/push", want: all(200)},
		{op: "PUT /api/v1/me/push", want: all(409), body: subscription}, // nothing leaves here, either
		{op: "DELETE /api/v1/me/push/devices/{id}", want: verdicts{401, 404, 204, 404, 404, 404}, path: device},
		{op: "GET /api/v1/me/push/messages/{id}", want: verdicts{401, 404, 200, 404, 404, 404}, path: message},
		{op: "GET /api/v1/me/digest", want: all(200)},
		{op: "GET /api/v1/installation/deliveries", want: admins},
		{op: "POST /api/v1/installation/deliveries/{id}/retry", want: admins.but(204), path: sent},
	}
}
