package digest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/webpush/webpushtest"
	"github.com/fieldreel/fieldreel/app/people"
)

// pushKit is a company whose messages leave by two push services only, on loopback.
type pushKit struct {
	*kit
	one, two *webpushtest.Service
	key      string
}

func newPushKit(t *testing.T, e *apptest.Env) *pushKit {
	t.Helper()
	k := &pushKit{kit: newKit(t, e), one: webpushtest.NewService(t, e.Clock.Now), two: webpushtest.NewService(t, e.Clock.Now)}
	k.digests = k.node(t)
	k.dir.OnSignedOut = k.digests.SignedOut
	p, err := k.digests.PushOf(t.Context(), k.mia)
	if err != nil || p.Key == "" || p.Here != "" || len(p.Devices) != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	k.key = p.Key
	return k
}

// node is another node over the same database.
func (k *pushKit) node(t *testing.T) *digest.Service {
	t.Helper()
	return k.service(t, func(c *digest.Config) {
		c.Mail, c.Post, c.Push, c.PushContact = nil, nil, webpushtest.Client(k.one, k.two).PostHeader, "mailto:reel@example.com"
		c.PushServices = []digest.PushService{{Name: "one", Hosts: []string{k.one.Host()}}, {Name: "two", Hosts: []string{k.two.Host()}}}
	})
}

// at is somebody in a session.
func at(a people.Actor, session string) people.Actor {
	a.Session = session
	return a
}

func given(b *webpushtest.Browser, renew bool) digest.NewDevice {
	g := b.Gives()
	return digest.NewDevice{Endpoint: g.Endpoint, P256DH: g.P256DH, Auth: g.Auth, UserAgent: "Chrome", Renew: renew}
}

// subscribe has a browser of a push service show somebody's messages.
func (k *pushKit) subscribe(t *testing.T, a people.Actor, s *webpushtest.Service) *webpushtest.Browser {
	t.Helper()
	b := webpushtest.NewBrowser(t, fmt.Sprintf("%s/push/%s-%s", s.URL, a.PersonID, a.Session))
	if _, err := k.digests.Subscribe(t.Context(), a, given(b, false)); err != nil {
		t.Fatal(err)
	}
	return b
}

// got gives what a browser was sent, opened, and checks all of the way there.
func (k *pushKit) got(t *testing.T, b *webpushtest.Browser) (out []told) {
	t.Helper()
	u, err := url.Parse(b.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	s := k.one
	if u.Host == k.two.Host() {
		s = k.two
	}
	for _, q := range s.Requests() {
		if q.Path != u.Path {
			continue
		}
		text, err := b.Open(q.Body)
		if err != nil {
			t.Fatal(err)
		}
		if contact, err := webpushtest.Verify(q.Header.Get("Authorization"), "https://"+u.Host, k.key, q.At); err != nil || contact != "mailto:reel@example.com" {
			t.Errorf("%q, %v", contact, err)
		}
		var m told
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&m); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if q.Header.Get("Topic") != strings.ReplaceAll(m.ID, "-", "") || q.Header.Get("Content-Encoding") != "aes128gcm" || q.Header.Get("Urgency") != "normal" || q.Header.Get("TTL") == "" || q.Header.Get("TTL") == "0" {
			t.Errorf("%v", q.Header)
		}
		out = append(out, m)
	}
	return out
}

// told is all that a push service's messages may hold.
type told struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// push plans and sends.
func (k *pushKit) push(t *testing.T, s *digest.Service) {
	t.Helper()
	if _, err := s.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), digest.ByPush); err != nil {
		t.Fatal(err)
	}
}

func (k *pushKit) waits(t *testing.T, reviewer people.Actor) {
	t.Helper()
	rep := k.person(t, "rep"+fmt.Sprint(k.Clock.Now().UnixNano()), "Asia/Tokyo")
	k.submit(t, k.enrol(t, rep, map[string]any{"state": "submitted"}), rep, reviewer, nil)
	k.Clock.Advance(time.Millisecond)
}

// TestPush: each device has the digest once, of which nothing is said on the way; its words are there to be asked
// for, by its owner alone.
func TestPush(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		k.waits(t, k.mia)
		phone, laptop := k.subscribe(t, at(k.mia, "phone"), k.one), k.subscribe(t, at(k.mia, "laptop"), k.two)
		k.push(t, k.digests) // 10:00 in Berlin: switched on after the morning has begun
		if n := len(k.got(t, phone)) + len(k.got(t, laptop)); n != 0 {
			t.Fatalf("%d messages on the morning they were switched on", n)
		}
		k.to(t, "2026-03-03T07:00:00Z")
		for range 3 {
			k.push(t, k.digests)
			k.push(t, k.node(t))
			k.Clock.Advance(10 * time.Minute)
		}
		a, b := k.got(t, phone), k.got(t, laptop)
		if len(a) != 1 || len(b) != 1 || a[0].Kind != "digest" || a[0].ID == b[0].ID {
			t.Fatalf("%+v, %+v", a, b)
		}
		for _, q := range slices.Concat(k.one.Requests(), k.two.Requests()) {
			if len(q.Body) > 500 {
				t.Errorf("%d bytes", len(q.Body))
			}
		}
		m, err := k.digests.MessageOf(t.Context(), k.mia, a[0].ID)
		if err != nil || m.Title != "1 to review, about 4 minutes" || m.Body != "1 to review, about 4 minutes; oldest waits 22 h" || m.Link != "/reviews" {
			t.Errorf("%+v, %v", m, err)
		}
		_, err = k.digests.MessageOf(t.Context(), k.ana, a[0].ID)
		wantCode(t, err, "message_not_found")
		p, err := k.digests.PushOf(t.Context(), at(k.mia, "phone"))
		if err != nil || len(p.Devices) != 2 || p.Here != p.Devices[1].ID || p.Devices[1].SentAt == nil || p.Devices[1].UserAgent != "Chrome" {
			t.Errorf("%+v, %v", p, err)
		}
		if r, err := k.digests.Of(t.Context(), k.mia); err != nil || !r.PushReady || r.LastPush == nil || r.LastPush.State != digest.Sent {
			t.Errorf("%+v, %v", r, err)
		}
		// The session that asks for the words is the one it ends with from now on.
		if _, err := k.digests.MessageOf(t.Context(), at(k.mia, "phone, later"), a[0].ID); err != nil {
			t.Fatal(err)
		}
		if p, err := k.digests.PushOf(t.Context(), at(k.mia, "phone, later")); err != nil || p.Here != p.Devices[1].ID {
			t.Errorf("%+v, %v", p, err)
		}
		// What is done meanwhile is said to be.
		k.exec(t, `UPDATE reviews SET state = 'sent', decision = 'pass', sent_at = ?`, k.Clock.Now())
		if m, err := k.digests.MessageOf(t.Context(), k.mia, a[0].ID); err != nil || m.Title != "Nothing waits for you any more" || m.Link != "/" {
			t.Errorf("%+v, %v", m, err)
		}
		var kept []string
		if err := k.DB.Read(t.Context()).Raw(`SELECT sealed FROM push_devices UNION ALL SELECT sealed FROM push_keys`).Scan(&kept).Error; err != nil || len(kept) != 3 {
			t.Fatal(kept, err)
		}
		for _, s := range kept {
			if strings.Contains(s, "127.0.0.1") || strings.Contains(s, phone.Gives().Auth) {
				t.Errorf("not sealed: %s", s)
			}
		}
	})
}

// TestPushNudge: who has a review waiting for a day is nudged in the hours they are up, the deputy is offered it
// after two; what is read or done is not sent any more.
func TestPushNudge(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		ben := k.person(t, "ben", "Europe/Berlin")
		k.row(t, "deputies", map[string]any{"-id": true, "person_id": k.mia.PersonID, "deputy_id": ben.PersonID, "from_date": "2026-01-01", "to_date": "2026-01-02", "created_at": k.Clock.Now()})
		k.to(t, "2026-03-02T21:00:00Z") // 22:00 in Berlin
		phone, bens := k.subscribe(t, at(k.mia, "phone"), k.one), k.subscribe(t, at(ben, "phone"), k.one)
		_, rev := k.submit(t, k.enrol(t, k.ana, map[string]any{"state": "submitted"}), k.ana, k.mia, nil)
		of := func(b *webpushtest.Browser, kind string) (ids []string) {
			for _, m := range k.got(t, b) {
				if m.Kind == kind {
					ids = append(ids, m.ID)
				}
			}
			return ids
		}
		tick := func(until string) {
			t.Helper()
			k.to(t, until)
			for range 2 {
				if err := k.digests.Remind(t.Context()); err != nil {
					t.Fatal(err)
				}
				k.push(t, k.digests)
			}
		}
		tick("2026-03-03T20:59:00Z")
		tick("2026-03-03T21:00:00Z")
		if got := of(phone, "nudge"); len(got) != 0 {
			t.Fatalf("woken at ten in the evening: %v", got)
		}
		tick("2026-03-04T06:59:00Z")
		if got := of(phone, "nudge"); len(got) != 0 {
			t.Fatalf("too early: %v", got)
		}
		tick("2026-03-04T07:00:00Z")
		got := of(phone, "nudge")
		if len(got) != 1 {
			t.Fatalf("%v, %q", got, k.states(t))
		}
		if m, err := k.digests.MessageOf(t.Context(), k.mia, got[0]); err != nil || m.Title != "An attempt has waited a day for your review" || m.Body != "Cold calls" || m.Link != "/reviews/"+rev {
			t.Errorf("%+v, %v", m, err)
		}
		tick("2026-03-05T09:00:00Z")
		offers := of(bens, "offer")
		if len(offers) != 1 || len(of(phone, "nudge")) != 1 {
			t.Fatalf("%v, %q", offers, k.states(t))
		}
		if m, err := k.digests.MessageOf(t.Context(), ben, offers[0]); err != nil || !strings.Contains(m.Title, "you stand in") || m.Link != "/reviews/"+rev {
			t.Errorf("%+v, %v", m, err)
		}
		// Read before it could be sent.
		k.submit(t, k.enrol(t, ben, map[string]any{"state": "submitted"}), ben, k.mia, nil)
		k.to(t, "2026-03-06T10:00:00Z")
		if err := k.digests.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := k.digests.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.exec(t, `UPDATE notices SET read_at = ?`, k.Clock.Now())
		k.push(t, k.digests)
		if got := of(phone, "nudge"); len(got) != 1 || !slices.Contains(k.states(t), "push empty") {
			t.Errorf("%v, %q", got, k.states(t))
		}
	})
}

// TestPushGone: a device that its push service knows no more is taken out, and only that.
func TestPushGone(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		apptest.Each(t, func(t *testing.T, e *apptest.Env) {
			k := newPushKit(t, e)
			k.waits(t, k.mia)
			k.subscribe(t, at(k.mia, "old"), k.one)
			fresh := k.subscribe(t, at(k.mia, "new"), k.one)
			k.one.Answers(func(q webpushtest.Request) (int, http.Header) {
				if strings.HasSuffix(q.Path, "-old") {
					return status, nil
				}
				return http.StatusCreated, nil
			})
			k.to(t, "2026-03-03T07:00:00Z")
			k.push(t, k.digests)
			p, err := k.digests.PushOf(t.Context(), at(k.mia, "new"))
			if err != nil || len(p.Devices) != 1 || p.Here == "" || len(k.got(t, fresh)) != 1 || !slices.Contains(k.states(t), "push failed device_gone") {
				t.Errorf("%+v, %v, %q", p, err, k.states(t))
			}
			k.Clock.Advance(time.Hour)
			k.push(t, k.digests)
			if n := len(k.one.Requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestPushRefused: other answers, and what becomes of the message and of the device.
func TestPushRefused(t *testing.T) {
	for status, want := range map[int]string{http.StatusForbidden: "push failed push", http.StatusRequestEntityTooLarge: "push failed push", http.StatusFound: "push failed push", http.StatusTooManyRequests: "push waiting slow_down",
		http.StatusBadGateway: "push waiting unreachable", 0: "push unsure no_answer", http.StatusOK: "push sent"} {
		k := newPushKit(t, apptest.SQLite(t))
		k.waits(t, k.mia)
		b := k.subscribe(t, at(k.mia, "phone"), k.one)
		k.one.Answers(func(webpushtest.Request) (int, http.Header) {
			return status, http.Header{"Retry-After": {"1800"}, "Location": {k.two.URL}}
		})
		k.to(t, "2026-03-03T07:00:00Z")
		k.push(t, k.digests)
		if got := k.states(t); !slices.Contains(got, want) || len(k.two.Requests()) != 0 {
			t.Errorf("%d: %q", status, got)
		}
		if status == http.StatusTooManyRequests { // as long as it asks
			k.one.Answers(nil)
			k.Clock.Advance(29 * time.Minute)
			k.push(t, k.digests)
			if n := len(k.got(t, b)); n != 1 {
				t.Errorf("%d requests within what it asked for", n)
			}
			k.Clock.Advance(2 * time.Minute)
			k.push(t, k.digests)
			if got := k.got(t, b); len(got) != 2 || got[0] != got[1] || !slices.Contains(k.states(t), "push sent") {
				t.Errorf("%+v, %q", got, k.states(t))
			}
		}
		if status == 0 { // nobody knows whether it arrived: until the device asks for its words
			k.one.Answers(nil)
			k.Clock.Advance(time.Hour)
			k.push(t, k.digests)
			got := k.got(t, b)
			if len(got) != 1 {
				t.Fatalf("sent %d times", len(got))
			}
			if _, err := k.digests.MessageOf(t.Context(), k.mia, got[0].ID); err != nil || !slices.Contains(k.states(t), "push sent") {
				t.Errorf("%v, %q", err, k.states(t))
			}
		}
	}
}

// TestPushDown: an hour without one push service loses nothing, makes no storm, and is nothing to the other.
func TestPushDown(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		const each = 10
		browsers := map[*webpushtest.Browser]*webpushtest.Service{}
		for i := range 2 * each {
			who, s := k.person(t, fmt.Sprint("mgr", i), "Europe/Berlin"), []*webpushtest.Service{k.one, k.two}[i%2]
			k.waits(t, who)
			browsers[k.subscribe(t, at(who, "phone"), s)] = s
		}
		k.one.Answers(func(webpushtest.Request) (int, http.Header) { return http.StatusServiceUnavailable, nil })
		k.to(t, "2026-03-03T07:00:00Z")
		for range 60 {
			k.push(t, k.digests)
			k.Clock.Advance(time.Minute)
		}
		if n := len(k.one.Requests()); n == 0 || n > 16 {
			t.Errorf("%d requests in an hour to what is out of order", n)
		}
		if n := len(k.two.Requests()); n != each {
			t.Errorf("%d requests to the other", n)
		}
		before := len(k.one.Requests())
		k.one.Answers(nil)
		for range 40 {
			k.Clock.Advance(time.Minute)
			k.push(t, k.digests)
		}
		after := k.one.Requests()[before:]
		if len(after) != each {
			t.Errorf("%d messages of %d once it is back: %q", len(after), each, k.states(t))
		}
		for _, all := range [][]webpushtest.Request{after, k.two.Requests()} {
			for i := range all {
				if i > 0 && all[i].At.Sub(all[i-1].At) < 500*time.Millisecond {
					t.Errorf("%s between two", all[i].At.Sub(all[i-1].At))
				}
			}
		}
		if got := slices.Compact(slices.Sorted(slices.Values(k.states(t)))); slices.Contains(got, "push waiting unreachable") || !slices.Contains(got, "push sent") {
			t.Errorf("%q", got)
		}
	})
}

// TestPushKilled: a process that ends while a message is on its way leaves one that is not sent again.
func TestPushKilled(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		k.waits(t, k.mia)
		b := k.subscribe(t, at(k.mia, "phone"), k.one)
		k.to(t, "2026-03-03T07:00:00Z")
		if _, err := k.digests.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		dying := k.service(t, func(c *digest.Config) {
			c.Push = func(ctx context.Context, address string, h http.Header, body []byte) (a egress.Answer, err error) {
				if a, err = webpushtest.Client(k.one, k.two).PostHeader(ctx, address, h, body); err == nil {
					panic("killed")
				}
				return a, err
			}
			c.PushContact, c.PushServices = "mailto:reel@example.com", []digest.PushService{{Name: "one", Hosts: []string{k.one.Host()}}}
		})
		func() {
			defer func() { _ = recover() }()
			_, _ = dying.Send(t.Context(), digest.ByPush)
		}()
		for range 5 {
			k.Clock.Advance(3 * time.Minute)
			k.push(t, k.node(t))
		}
		if got := k.got(t, b); len(got) != 1 || !slices.Contains(k.states(t), "push unsure interrupted") {
			t.Errorf("%+v, %q", got, k.states(t))
		}
	})
}

// TestPushTest sends one to each device now, and tells of each what came of it.
func TestPushTest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newPushKit(t, e)
		_, err := k.digests.Test(t.Context(), k.mia)
		wantCode(t, err, "no_channel")
		phone := k.subscribe(t, at(k.mia, "phone"), k.one)
		k.Clock.Advance(time.Second)
		k.subscribe(t, at(k.mia, "laptop"), k.two)
		k.two.Answers(func(webpushtest.Request) (int, http.Header) { return http.StatusGone, nil })
		got, err := k.digests.Test(t.Context(), k.mia)
		if err != nil || len(got) != 2 || got[0].Sent || !got[1].Sent || got[1].DeviceID == "" || got[0].Words != "The device takes no messages any more." {
			t.Fatalf("%+v, %v", got, err)
		}
		m := k.got(t, phone)
		if len(m) != 1 || m[0].Kind != "test" {
			t.Fatalf("%+v", m)
		}
		if words, err := k.digests.MessageOf(t.Context(), k.mia, m[0].ID); err != nil || words.Title == "" || words.Link != "/settings" {
			t.Errorf("%+v, %v", words, err)
		}
		if p, err := k.digests.PushOf(t.Context(), k.mia); err != nil || len(p.Devices) != 1 {
			t.Errorf("%+v, %v", p, err)
		}
		ada, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "ada@example.com", Name: "Ada", Roles: []people.Role{people.Admin}})
		if err != nil {
			t.Fatal(err)
		}
		list, err := k.digests.Deliveries(t.Context(), k.actor(t, ada.ID))
		if err != nil || len(list) != 2 || list[0].Channel != digest.ByPush || list[0].Retryable() {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
