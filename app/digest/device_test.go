package digest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/webpush/webpushtest"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestDevices: whose a device is, and when it is nobody's any more.
func TestDevices(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		has := func(a people.Actor, want int, here bool) digest.Push {
			t.Helper()
			p, err := k.digests.PushOf(t.Context(), a)
			if err != nil || len(p.Devices) != want || (p.Here != "") != here {
				t.Errorf("%d devices, here %q, %v; want %d, %t", len(p.Devices), p.Here, err, want, here)
			}
			return p
		}
		mia, ana := at(k.mia, "m1"), at(k.ana, "a1")
		b := k.subscribe(t, mia, k.one)
		first := has(mia, 1, true).Here
		// Again is once, in the session it is used in now.
		for range 2 {
			if _, err := k.digests.Subscribe(t.Context(), at(k.mia, "m2"), given(b, false)); err != nil {
				t.Fatal(err)
			}
		}
		if p := has(at(k.mia, "m2"), 1, true); p.Here != first {
			t.Error("another id")
		}
		has(mia, 1, false)
		// Another subscribes on it: theirs. Another only uses it: nobody's.
		if _, err := k.digests.Subscribe(t.Context(), ana, given(b, false)); err != nil {
			t.Fatal(err)
		}
		has(mia, 0, false)
		has(ana, 1, true)
		if p, err := k.digests.Subscribe(t.Context(), ana, given(b, true)); err != nil || p.Here == "" {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := k.digests.Subscribe(t.Context(), mia, given(b, true)); err != nil || p.Here != "" {
			t.Errorf("%+v, %v", p, err)
		}
		has(ana, 0, false)
		// A session has one; signing out ends it, and signing out elsewhere those.
		k.subscribe(t, mia, k.one)
		other := webpushtest.NewBrowser(t, k.one.URL+"/push/other")
		if _, err := k.digests.Subscribe(t.Context(), mia, given(other, false)); err != nil {
			t.Fatal(err)
		}
		has(mia, 1, true)
		k.subscribe(t, at(k.mia, "m3"), k.two)
		if err := k.dir.SignOut(t.Context(), at(k.mia, "m3")); err != nil {
			t.Fatal(err)
		}
		has(mia, 1, true)
		k.subscribe(t, at(k.mia, "m4"), k.two)
		if err := k.dir.EndOtherSessions(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		has(mia, 1, true)
		// Taken out by hand; not by others.
		id := has(mia, 1, true).Here
		wantCode(t, k.digests.RemoveDevice(t.Context(), ana, id), "device_not_found")
		if err := k.digests.RemoveDevice(t.Context(), mia, id); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.digests.RemoveDevice(t.Context(), mia, id), "device_not_found")
		// At most ten, and another only once one is out.
		for i := range digest.MostDevices {
			k.subscribe(t, at(k.mia, fmt.Sprint("s", i)), k.one)
		}
		_, err := k.digests.Subscribe(t.Context(), at(k.mia, "more"), given(webpushtest.NewBrowser(t, k.one.URL+"/push/more"), false))
		wantCode(t, err, "devices_many")
		// What a new password ends is no device, and leaves its place.
		k.exec(t, `UPDATE persons SET auth_epoch = auth_epoch + 1 WHERE id = ?`, k.mia.PersonID)
		has(mia, 0, false)
		k.subscribe(t, at(k.mia, "more"), k.one)
		has(at(k.mia, "more"), 1, true)
		var rows int
		if err := k.DB.Read(t.Context()).Raw(`SELECT COUNT(*) FROM push_devices`).Scan(&rows).Error; err != nil || rows != 1 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

// TestEndSession: ending the session of a lost phone ends its messages, in the same transaction.
func TestEndSession(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		k.row(t, "sessions", map[string]any{"id": "lost", "handle": "h-lost", "person_id": k.mia.PersonID, "auth_epoch": 0, "user_agent": "", "address": "", "created_at": k.Clock.Now(), "last_seen_at": k.Clock.Now(), "expires_at": k.Clock.Now().Add(time.Hour)})
		k.subscribe(t, at(k.mia, "lost"), k.one)
		wantCode(t, k.dir.EndSession(t.Context(), k.ana, "h-lost"), "session_not_found")
		if p, err := k.digests.PushOf(t.Context(), k.mia); err != nil || len(p.Devices) != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		k.dir.OnSignedOut = func(*db.Tx, string, string, string) error { return errors.New("broken off") }
		if k.dir.EndSession(t.Context(), k.mia, "h-lost") == nil {
			t.Fatal("half of it")
		}
		k.dir.OnSignedOut = k.digests.SignedOut
		if err := k.dir.EndSession(t.Context(), k.mia, "h-lost"); err != nil {
			t.Fatal(err)
		}
		if p, err := k.digests.PushOf(t.Context(), k.mia); err != nil || len(p.Devices) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// TestSubscribeRefused is what a browser may not give: no other server is called for it.
func TestSubscribeRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		good := given(webpushtest.NewBrowser(t, k.one.URL+"/push/x"), false)
		for _, endpoint := range []string{"", "x", "http://" + k.one.Host() + "/push/x", k.one.URL, k.one.URL + "/", "https://127.0.0.1/push/x", "https://169.254.169.254/latest/meta-data", "https://u:p@" + k.one.Host() + "/x",
			"https://fcm.googleapis.com/fcm/send/x", "https://" + k.one.Host() + ".example.com/x", k.one.URL + "/" + strings.Repeat("a", 1100), k.one.URL + "/\xff", "https://%zz/"} {
			bad := good
			bad.Endpoint = endpoint
			_, err := k.digests.Subscribe(t.Context(), k.mia, bad)
			wantCode(t, err, "endpoint_invalid")
		}
		bad := good
		bad.P256DH = bad.Auth
		_, err := k.digests.Subscribe(t.Context(), k.mia, bad)
		wantCode(t, err, "key_invalid")
		bad = good
		bad.Auth = bad.P256DH
		_, err = k.digests.Subscribe(t.Context(), k.mia, bad)
		wantCode(t, err, "key_invalid")
		_, err = k.digests.Subscribe(t.Context(), people.System(), good)
		wantCode(t, err, "forbidden")
		off := k.service(t, func(c *digest.Config) { c.Push = nil })
		_, err = off.Subscribe(t.Context(), k.mia, good)
		wantCode(t, err, "push_off")
		if p, err := off.PushOf(t.Context(), k.mia); err != nil || p.Key != "" {
			t.Errorf("%+v, %v", p, err)
		}
		// The services of the browsers, as the product has them.
		product := k.service(t, func(c *digest.Config) { c.Push = webpushtest.Client().PostHeader })
		for endpoint, ok := range map[string]bool{
			"https://fcm.googleapis.com/fcm/send/abc": true, "https://fcm.googleapis.com:443/fcm/send/abc": true, "https://updates.push.services.mozilla.com/wpush/v2/abc": true, "https://web.push.apple.com/abc": true, "https://db5p.notify.windows.com/w/?token=abc": true,
			"https://fcm.googleapis.com.example.com/x": false, "https://push.apple.com/x": false, "https://evilpush.apple.com/x": false, "https://web.push.apple.com:8443/x": false, "https://example.com/x": false, k.one.URL + "/x": false,
		} {
			n := good
			n.Endpoint = endpoint
			if _, err := product.Subscribe(t.Context(), k.mia, n); (err == nil) != ok {
				t.Errorf("%s: %v", endpoint, err)
			}
		}
	})
}

// TestOneKey: nodes that start together agree on one pair of keys.
func TestOneKey(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		k.exec(t, `DELETE FROM push_keys`)
		keys := make(chan string, 8)
		for range 8 {
			s := k.node(t)
			go func() {
				p, err := s.PushOf(context.Background(), k.mia)
				if err != nil {
					t.Error(err)
				}
				keys <- p.Key
			}()
		}
		first := <-keys
		for range 7 {
			if key := <-keys; key != first || key == k.key {
				t.Errorf("%q, %q", key, first)
			}
		}
	})
}
