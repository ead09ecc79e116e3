package digest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/mail"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestMorning is a day of two people in two zones: each has one message at their morning, none at any other
// time, and none at the weekend.
func TestMorning(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e) // Monday, 2 March 2026, 09:00 UTC: 10:00 in Berlin, 04:00 in New York
		due := k.Clock.Now().Add(12 * time.Hour)
		enrolment := k.enrol(t, k.ana, map[string]any{"state": "submitted"})
		k.submit(t, enrolment, k.ana, k.mia, &due)
		other := k.person(t, "ben", "Europe/Berlin")
		k.submit(t, k.enrol(t, other, map[string]any{"state": "submitted"}), other, k.mia, nil)
		k.row(t, "enrolments", map[string]any{"programme_id": k.row(t, "programmes", map[string]any{"rubric_version_id": k.version, "name": "Discovery\r\nBcc: x"}), "person_id": k.ana.PersonID, "due_at": due})
		if n := k.run(t, k.digests); n != 1 || k.out.mails[0].To != "mia@example.com" {
			t.Fatalf("%d mails: %+v", n, k.out.mails)
		}
		m := k.out.mails[0]
		if m.Subject != "2 to review, about 8 minutes; 1 due today" || !strings.Contains(m.Text, m.Subject+"; oldest waits less than an hour.\nhttps://reel.example.com/reviews\n") ||
			m.Settings != "https://reel.example.com/settings" {
			t.Errorf("%+v", m)
		}
		for range 6 { // again and again, on two nodes
			k.Clock.Advance(30 * time.Minute)
			k.run(t, k.digests)
			k.run(t, k.service(t, func(*digest.Config) {}))
		}
		if len(k.out.mails) != 1 {
			t.Fatalf("%d mails by noon", len(k.out.mails))
		}
		k.to(t, "2026-03-02T12:59:00Z")
		k.run(t, k.digests)
		k.to(t, "2026-03-02T13:00:00Z") // 08:00 in New York
		if n := k.run(t, k.digests); n != 2 || k.out.mails[1].To != "ana@example.com" || k.out.mails[1].Subject != "Discovery Bcc: x: due today" {
			t.Fatalf("%+v", k.out.mails)
		}
		k.to(t, "2026-03-07T13:00:00Z") // Saturday
		if n := k.run(t, k.digests); n != 2 {
			t.Errorf("%d mails on a Saturday", n)
		}
		k.to(t, "2026-03-09T07:00:00Z") // Monday, 08:00 in Berlin
		if n := k.run(t, k.digests); n != 3 || !strings.Contains(k.out.mails[2].Text, "1 overdue") || !strings.Contains(k.out.mails[2].Text, "oldest waits 6 days") {
			t.Errorf("%+v", k.out.mails[2:])
		}
		if got := k.states(t); slices.Contains(got, "mail waiting") {
			t.Errorf("%q", got)
		}
	})
}

// TestNothingToSay is no message, and is looked at once a day only.
func TestNothingToSay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.gold = 3 // quiet until the last days of the month
		if n := k.run(t, k.digests); n != 0 || !slices.Equal(k.states(t), []string{"mail empty"}) {
			t.Fatalf("%d mails, %q", n, k.states(t))
		}
		k.submit(t, k.enrol(t, k.ana, map[string]any{"state": "submitted"}), k.ana, k.mia, nil)
		k.Clock.Advance(time.Minute)
		if n := k.run(t, k.digests); n != 0 {
			t.Error("what came after the morning waits for the next")
		}
		k.to(t, "2026-03-03T08:00:00Z")
		if n := k.run(t, k.digests); n != 1 || !strings.Contains(k.out.mails[0].Text, "3 gold takes to score blind until 31 March") {
			t.Errorf("%+v", k.out.mails)
		}
		// What is done between planning and sending is said to nobody.
		k.to(t, "2026-03-04T08:00:00Z")
		if n, err := k.digests.Plan(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		k.exec(t, `UPDATE reviews SET state = 'sent', decision = 'pass', sent_at = ?`, k.Clock.Now())
		if n := k.run(t, k.digests); n != 1 {
			t.Errorf("%d mails", n)
		}
		k.to(t, "2026-03-30T08:00:00Z")
		if n := k.run(t, k.digests); n != 2 || !strings.HasPrefix(k.out.mails[1].Subject, "3 gold takes") {
			t.Errorf("gold takes are no reason at the end of the month: %+v", k.out.mails)
		}
	})
}

// crowd is a company whose morning it is: n reviewers with one review each.
func (k *kit) crowd(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		rep, reviewer := k.person(t, fmt.Sprintf("rep%d", i), "Asia/Tokyo"), k.person(t, fmt.Sprintf("mgr%d", i), "Europe/Berlin")
		k.submit(t, k.enrol(t, rep, map[string]any{"state": "submitted"}), rep, reviewer, nil)
	}
}

// TestServerDown: an hour without the mail server loses nothing and makes no storm: few tries while it is
// down, and two a second at most when it is back.
func TestServerDown(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.crowd(t, 20)
		tries, down := 0, true
		k.out.fail = func(mail.Message) error {
			if !down {
				return nil
			}
			tries++
			return &mail.Failure{Unreachable: true, Cause: errors.New("connection refused")}
		}
		for range 60 {
			k.run(t, k.digests)
			k.Clock.Advance(time.Minute)
		}
		if tries > 16 || len(k.out.mails) != 0 {
			t.Fatalf("%d tries in an hour, %d mails", tries, len(k.out.mails))
		}
		down = false
		k.Clock.Advance(5 * time.Minute)
		begun := k.Clock.Now()
		if n := k.run(t, k.digests); n != 20 {
			t.Fatalf("%d of 20 mails, %q", n, k.states(t))
		}
		if took := k.Clock.Now().Sub(begun); took < 19*500*time.Millisecond {
			t.Errorf("20 mails in %s", took)
		}
		to := map[string]int{}
		for i, m := range k.out.mails {
			to[m.To]++
			if i > 0 && k.out.at[i].Sub(k.out.at[i-1]) < 500*time.Millisecond {
				t.Errorf("mail %d came %s after the one before", i, k.out.at[i].Sub(k.out.at[i-1]))
			}
		}
		if len(to) != 20 {
			t.Errorf("%d people", len(to))
		}
		k.Clock.Advance(time.Hour)
		if n := k.run(t, k.digests); n != 20 {
			t.Error("some had two")
		}
	})
}

// TestTooLate: what could not be sent in its morning is not sent in the evening.
func TestTooLate(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.crowd(t, 1)
		k.out.fail = func(mail.Message) error { return &mail.Failure{Unreachable: true, Cause: errors.New("no")} }
		k.run(t, k.digests)
		k.out.fail = nil
		k.to(t, "2026-03-02T13:30:00Z")
		if n := k.run(t, k.digests); n != 0 || !slices.Contains(k.states(t), "mail failed too_late") {
			t.Errorf("%d mails, %q", n, k.states(t))
		}
	})
}

// TestRefusals: what is known not to have been taken is tried again or given up; what may have been is not.
func TestRefusals(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		for _, c := range []struct {
			f     mail.Failure
			want  string
			again int // mails after it works again
		}{
			{mail.Failure{Permanent: true, Code: 550}, "mail failed receiver", 0},
			{mail.Failure{Unsure: true}, "mail unsure no_answer", 0},
			{mail.Failure{Code: 451}, "mail sent", 1},
		} {
			k := newKit(t, apptest.SQLite(t))
			k.crowd(t, 1)
			c.f.Cause = errors.New("said no")
			k.out.fail = func(mail.Message) error { return &c.f }
			k.run(t, k.digests)
			k.out.fail = nil
			k.Clock.Advance(6 * time.Minute)
			if n := k.run(t, k.digests); n != c.again || !slices.Contains(k.states(t), c.want) {
				t.Errorf("%+v: %d mails, %q", c.f, n, k.states(t))
			}
		}
	})
}

// TestKilled ends the process at each step of a message's way: it arrives once or not at all, never twice.
func TestKilled(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.crowd(t, 1)
		// Between planning and sending: nothing is lost.
		if n, err := k.digests.Plan(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		// While it is sent: the process dies after the server has taken it and before that is written down.
		dying, die := context.WithCancelCause(t.Context())
		k.out.fail = func(m mail.Message) error {
			k.out.mails = append(k.out.mails, m)
			die(errors.New("killed"))
			panic("killed")
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = k.digests.Send(dying, digest.ByMail)
		}()
		k.out.fail = nil
		k.exec(t, `UPDATE delivery_turns SET holder = 'dead', until = ? WHERE name = 'mail'`, k.Clock.Now().Add(2*time.Minute))
		if got := k.states(t); !slices.Contains(got, "mail sending") {
			t.Fatalf("%q", got)
		}
		second := k.service(t, func(*digest.Config) {})
		if n := k.run(t, second); n != 1 {
			t.Fatalf("%d mails while the turn is another's", n)
		}
		k.Clock.Advance(3 * time.Minute)
		if n := k.run(t, second); n != 1 || !slices.Contains(k.states(t), "mail unsure interrupted") {
			t.Fatalf("%d mails, %q", n, k.states(t))
		}
		// An admin may have it sent again, with the same id.
		ada, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "ada@example.com", Name: "Ada", Roles: []people.Role{people.Admin}})
		if err != nil {
			t.Fatal(err)
		}
		admin := k.actor(t, ada.ID)
		list, err := second.Deliveries(t.Context(), admin)
		if err != nil || len(list) != 1 || !list[0].Retryable() || !strings.Contains(list[0].Words(), "not sent twice") {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := second.RetryNow(t.Context(), admin, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if n := k.run(t, second); n != 2 || k.out.mails[0].ID != k.out.mails[1].ID {
			t.Errorf("%+v", k.out.mails)
		}
		wantCode(t, second.RetryNow(t.Context(), admin, list[0].ID), "delivery_settled")
		wantCode(t, second.RetryNow(t.Context(), admin, "\x00"), "delivery_not_found")
		wantCode(t, second.RetryNow(t.Context(), k.mia, list[0].ID), "forbidden")
		_, err = second.Deliveries(t.Context(), k.mia)
		wantCode(t, err, "forbidden")
	})
}

// TestManyNodes has eight nodes plan and send at once: everybody has one message.
func TestManyNodes(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.crowd(t, 10)
		var wg sync.WaitGroup
		for range 8 {
			s := k.service(t, func(*digest.Config) {})
			wg.Go(func() {
				for range 3 {
					if _, err := s.Plan(context.Background()); err != nil {
						t.Error(err)
					}
					if _, err := s.Send(context.Background(), digest.ByMail); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		k.run(t, k.digests)
		to := map[string]int{}
		for _, m := range k.out.mails {
			to[m.To]++
		}
		if len(to) != 10 || len(k.out.mails) != 10 {
			t.Errorf("%v", to)
		}
	})
}

// TestChat posts to a webhook that nobody is given back, and stops where it is refused.
func TestChat(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.submit(t, k.enrol(t, k.ana, map[string]any{"state": "submitted"}), k.ana, k.mia, nil)
		hook := "https://hooks.slack.com/services/T0/B0/secret"
		set := digest.NewSettings{Settings: digest.Default(), URL: &hook}
		set.Mail, set.Chat = false, digest.Slack
		got, err := k.digests.Change(t.Context(), k.mia, set)
		if err != nil || !got.HasURL || got.Chat != digest.Slack || got.Mail || !got.ChatReady {
			t.Fatalf("%+v, %v", got, err)
		}
		var kept []string
		if err := k.DB.Read(t.Context()).Raw(`SELECT chat_sealed FROM reminders`).Scan(&kept).Error; err != nil || strings.Contains(kept[0], "secret") || strings.Contains(kept[0], "slack") {
			t.Errorf("%q, %v", kept, err)
		}
		addresses := []string{}
		k.out.answer = func(a string) (egress.Answer, error) {
			addresses = append(addresses, a)
			if len(addresses) == 1 {
				return egress.Answer{Status: 429, RetryAfter: 90 * time.Second}, nil
			}
			return egress.Answer{Status: 200, Body: []byte("ok")}, nil
		}
		k.run(t, k.digests)
		k.Clock.Advance(time.Minute)
		k.run(t, k.digests)
		if len(addresses) != 1 || addresses[0] != hook {
			t.Fatalf("%q", addresses)
		}
		k.Clock.Advance(time.Minute)
		if n := k.run(t, k.digests); n != 0 || len(k.out.chats) != 1 || !strings.Contains(k.out.chats[0], `<https://reel.example.com/reviews|1 to review, about 4 minutes; oldest waits less than an hour>`) {
			t.Errorf("%d mails, %q", n, k.out.chats)
		}
		// Other settings keep the webhook, and another kind needs another.
		set.URL, set.At = nil, "09:30"
		if got, err := k.digests.Change(t.Context(), k.mia, set); err != nil || !got.HasURL || got.At != "09:30" {
			t.Errorf("%+v, %v", got, err)
		}
		set.Chat = digest.Teams
		_, err = k.digests.Change(t.Context(), k.mia, set)
		wantCode(t, err, "required")
		// A webhook that is gone is given up, and its owner sees it.
		k.out.answer = func(string) (egress.Answer, error) {
			return egress.Answer{Status: 404, Body: []byte("no_service")}, nil
		}
		k.to(t, "2026-03-03T09:00:00Z")
		k.run(t, k.digests)
		if got, err := k.digests.Of(t.Context(), k.mia); err != nil || got.LastChat == nil || got.LastChat.State != digest.Failed || !strings.Contains(got.LastChat.Words(), "make a new one") || got.LastChat.Detail != "404 no_service" {
			t.Errorf("%+v, %v", got.LastChat, err)
		}
		set.Chat = digest.NoChat
		if got, err := k.digests.Change(t.Context(), k.mia, set); err != nil || got.HasURL {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestSealed: a sealed address is of no use in another person's row.
func TestSealed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.submit(t, k.enrol(t, k.ana, map[string]any{"state": "submitted"}), k.ana, k.mia, nil)
		hook := "https://hooks.slack.com/services/T0/B0/secret"
		for _, a := range []people.Actor{k.ana, k.mia} {
			set := digest.NewSettings{Settings: digest.Default(), URL: &hook}
			set.Chat = digest.Slack
			if _, err := k.digests.Change(t.Context(), a, set); err != nil {
				t.Fatal(err)
			}
		}
		k.exec(t, `UPDATE reminders SET chat_sealed = (SELECT chat_sealed FROM reminders WHERE person_id = ?) WHERE person_id = ?`, k.ana.PersonID, k.mia.PersonID)
		k.run(t, k.digests)
		if len(k.out.chats) != 0 || !slices.Contains(k.states(t), "chat failed webhook") || len(k.out.mails) != 1 {
			t.Errorf("%q, %q", k.out.chats, k.states(t))
		}
	})
}

// TestTest sends a message now and says what came of it.
func TestTest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		got, err := k.digests.Test(t.Context(), k.mia)
		if err != nil || len(got) != 1 || !got[0].Sent || len(k.out.mails) != 1 || k.out.mails[0].To != "mia@example.com" {
			t.Fatalf("%+v, %v", got, err)
		}
		k.out.fail = func(mail.Message) error {
			return &mail.Failure{Unreachable: true, Cause: errors.New("dial tcp 10.0.0.3:587: refused")}
		}
		if got, err := k.digests.Test(t.Context(), k.mia); err != nil || got[0].Sent || strings.Contains(got[0].Words, "10.0.0.3") || !strings.Contains(got[0].Words, "cannot be reached") {
			t.Errorf("%+v, %v", got, err)
		}
		k.out.fail = nil
		for range 3 {
			if _, err := k.digests.Test(t.Context(), k.mia); err != nil {
				t.Fatal(err)
			}
		}
		_, err = k.digests.Test(t.Context(), k.mia)
		wantCode(t, err, "tests_many")
		none := k.service(t, func(c *digest.Config) { c.Mail, c.Post = nil, nil })
		_, err = none.Test(t.Context(), k.ana)
		wantCode(t, err, "no_channel")
		if r, err := none.Of(t.Context(), k.ana); err != nil || r.MailReady || r.ChatReady {
			t.Errorf("%+v, %v", r, err)
		}
		hook := "https://hooks.slack.com/services/T0/B0/x"
		set := digest.NewSettings{Settings: digest.Default(), URL: &hook}
		set.Chat = digest.Slack
		_, err = none.Change(t.Context(), k.ana, set)
		wantCode(t, err, "chat_off")
		if n, err := none.Plan(t.Context()); err != nil || n != 0 {
			t.Error(n, err)
		}
		_, err = k.digests.Test(t.Context(), people.System())
		wantCode(t, err, "forbidden")
	})
}

// TestRemind: a nudge after a day, an offer after two, a result and a due time once each.
func TestRemind(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		remind := func() {
			t.Helper()
			for range 2 {
				if err := k.digests.Remind(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		ben := k.person(t, "ben", "UTC")
		k.row(t, "deputies", map[string]any{"-id": true, "person_id": k.mia.PersonID, "deputy_id": ben.PersonID, "from_date": "2026-01-01", "to_date": "2026-01-02", "created_at": k.Clock.Now()})
		enrolment := k.enrol(t, k.ana, map[string]any{"state": "submitted"})
		attempt, _ := k.submit(t, enrolment, k.ana, k.mia, nil)
		due := k.Clock.Now().Add(72 * time.Hour)
		cleo := k.person(t, "cleo", "UTC")
		k.enrol(t, cleo, map[string]any{"due_at": due})
		quiet := digest.NewSettings{Settings: digest.Default()}
		quiet.Nudges = false
		rob := k.person(t, "rob", "UTC")
		if _, err := k.digests.Change(t.Context(), rob, quiet); err != nil {
			t.Fatal(err)
		}
		dora := k.person(t, "dora", "UTC")
		k.submit(t, k.enrol(t, dora, map[string]any{"state": "submitted"}), dora, rob, nil)
		remind()
		if len(k.told(t, k.mia))+len(k.told(t, ben))+len(k.told(t, cleo)) != 0 {
			t.Fatal("too early")
		}
		k.Clock.Advance(24 * time.Hour)
		remind()
		if got := k.told(t, k.mia); !slices.Equal(got, []notice.Kind{notice.Waiting}) || len(k.told(t, rob)) != 0 {
			t.Errorf("%v, %v", got, k.told(t, rob))
		}
		if got := k.told(t, cleo); !slices.Equal(got, []notice.Kind{notice.Due}) {
			t.Errorf("due in two days: %v", got)
		}
		k.Clock.Advance(24 * time.Hour)
		remind()
		if got := k.told(t, ben); !slices.Equal(got, []notice.Kind{notice.Deputy}) {
			t.Errorf("offered: %v", got)
		}
		k.exec(t, `UPDATE attempts SET state = 'settled', decision = 'pass', score = 10000, settled_at = ? WHERE id = ?`, k.Clock.Now(), attempt)
		remind()
		if got := k.told(t, k.ana); len(got) != 0 {
			t.Errorf("too early: %v", got)
		}
		k.Clock.Advance(48 * time.Hour)
		remind()
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Result}) {
			t.Errorf("unread result: %v", got)
		}
		k.Clock.Advance(48 * time.Hour)
		remind()
		if got := k.told(t, k.ana); len(got) != 1 {
			t.Errorf("reminded twice: %v", got)
		}
		if got := k.told(t, cleo); !slices.Equal(got, []notice.Kind{notice.Due}) {
			t.Errorf("due: %v", got)
		}
	})
}
