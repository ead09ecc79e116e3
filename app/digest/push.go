package digest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/webpush"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// Pusher posts to a push service through the guarded door (egress.Client.PostHeader).
type Pusher func(ctx context.Context, address string, header http.Header, body []byte) (egress.Answer, error)

const (
	// pushFor is for how long after it was told a notice is of use as a message.
	pushFor = 24 * time.Hour
	// testFor is how long a push service keeps a test for a browser that is not there.
	testFor = 5 * time.Minute
	// pushLines is how many things a message to a device names.
	pushLines = 3
)

// pushPayload is all that goes by the browser's maker: that there is something, of which kind, and the name to ask
// for it by.
type pushPayload struct {
	ID   string       `json:"id"`
	Kind DeliveryKind `json:"kind"`
}

// pushTo sends a message to a device.
func (s *Service) pushTo(ctx context.Context, d Delivery) outcome {
	internal := func(err error) outcome {
		s.Log.Warn("a message to a device is not made", "delivery", d.ID, "error", err)
		return outcome{state: Waiting, trouble: "internal"}
	}
	device, found, err := liveDevice(s.DB.Read(ctx), d.DeviceID)
	if err != nil {
		return internal(err)
	}
	if !found || device.PersonID != d.PersonID {
		return outcome{state: Failed, trouble: "device_gone"}
	}
	plain, err := s.unseal(ctx, d.PersonID, device.Sealed)
	if errors.Is(err, errSealed) {
		return outcome{state: Failed, trouble: "device_gone", detail: err.Error()}
	}
	if err != nil {
		return internal(err)
	}
	var browser webpush.Browser
	if err := json.Unmarshal([]byte(plain), &browser); err != nil {
		return internal(err)
	}
	if _, ok := s.serviceAt(browser.Endpoint); !ok { // what was allowed once need not be now
		return outcome{state: Failed, trouble: "refused"}
	}
	keys, err := s.pushKeys(ctx)
	if err != nil {
		return internal(err)
	}
	text, err := json.Marshal(pushPayload{d.ID, d.Kind})
	if err != nil {
		return internal(err)
	}
	now := s.DB.Now()
	keep := d.GiveUpAt.Sub(now)
	if d.Kind == TestKind {
		keep = testFor
	}
	header, body, err := keys.Request(browser, webpush.Message{Text: text, TTL: keep, Topic: strings.ReplaceAll(d.ID, "-", "")}, now)
	if err != nil {
		return outcome{state: Failed, trouble: "device_gone", detail: err.Error()}
	}
	return pushOutcome(s.Push(ctx, browser.Endpoint, header, body))
}

// pushOutcome reads what a push service answered (RFC 8030, section 5; RFC 8292, section 4).
func pushOutcome(a egress.Answer, err error) outcome {
	if err != nil {
		switch {
		case egress.Sent(err):
			return outcome{state: Unsure, trouble: "no_answer", detail: err.Error(), down: true}
		case refused(err):
			return outcome{state: Failed, trouble: "refused", detail: err.Error()}
		}
		return outcome{state: Waiting, trouble: "unreachable", detail: err.Error(), down: true}
	}
	detail := fmt.Sprintf("%d %s", a.Status, cut(oneLine(string(a.Body)), 200))
	switch {
	case a.Status >= 200 && a.Status < 300:
		return outcome{state: Sent}
	case a.Status == http.StatusNotFound, a.Status == http.StatusGone:
		return outcome{state: Failed, trouble: "device_gone", detail: detail}
	case a.Status == http.StatusTooManyRequests:
		return outcome{state: Waiting, trouble: "slow_down", detail: detail, after: max(a.RetryAfter, retryIn(1)), down: true}
	case a.Status >= 500:
		// It says itself that it has not taken it. Others come first now: the fault may lie in this one.
		return outcome{state: Waiting, trouble: "unreachable", detail: detail, after: max(a.RetryAfter, retryIn(1)), down: true}
	}
	return outcome{state: Failed, trouble: "push", detail: detail}
}

// planNotices makes the deliveries of nudges and offers to devices. The notice is their cause, and stands there
// until each of its reader's devices has one.
func (s *Service) planNotices(ctx context.Context) error {
	if s.Push == nil {
		return nil
	}
	for {
		rows, err := unpushed(s.DB.Read(ctx), s.DB.Now().Add(-pushFor), some)
		if err != nil {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, r := range rows {
				set, err := loadSettings(tx.Gorm(), r.PersonID)
				if err != nil {
					return err
				}
				at := daytime(set.settings(), zone(r.TimeZone), tx.Now)
				kind := NudgeKind
				if r.Kind == string(notice.Deputy) {
					kind = OfferKind
				}
				d := Delivery{ID: ident.New(), OnceKey: "notice:" + r.ID + ":push:" + r.DeviceID, PersonID: r.PersonID, Kind: kind, Channel: ByPush, State: Waiting, NextAt: at, GiveUpAt: at.Add(morningLasts),
					CreatedAt: tx.Now, DeviceID: r.DeviceID, Service: r.Service, NoticeID: r.ID}
				if _, err := insertDelivery(tx, d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(rows) < some {
			return err
		}
	}
}

// PushMessage is what a device shows.
type PushMessage struct {
	Title, Body string
	// Link is a path of the web client.
	Link string
}

// MessageOf gives the words of a message that has reached one of the actor's devices; that it is asked for
// proves that it has. NotFound.
func (s *Service) MessageOf(ctx context.Context, a people.Actor, id string) (PushMessage, error) {
	if !Can(a, OwnReminders) {
		return PushMessage{}, fault.Denied("Only a person can do this.")
	}
	d, found, err := ownPush(s.DB.Read(ctx), id, a.PersonID)
	if err != nil {
		return PushMessage{}, err
	}
	if !found {
		return PushMessage{}, fault.Missing("message")
	}
	if err := s.noteArrival(ctx, a, d); err != nil {
		return PushMessage{}, err
	}
	return s.messageOf(ctx, a, d)
}

// noteArrival settles a message that is there, and has its device end with the session that asked.
func (s *Service) noteArrival(ctx context.Context, a people.Actor, d Delivery) error {
	device, found, err := liveDevice(s.DB.Read(ctx), d.DeviceID)
	if err != nil {
		return err
	}
	moved := found && device.PersonID == a.PersonID && device.SessionID != a.Session && a.Session != ""
	if !moved && d.State != Waiting && d.State != Unsure {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := arrived(tx, d.ID); err != nil || !moved {
			return err
		}
		return moveDevice(tx, device.ID, a.Session)
	})
}

func (s *Service) messageOf(ctx context.Context, a people.Actor, d Delivery) (PushMessage, error) {
	switch d.Kind {
	case TestKind:
		t := testDigest()
		return PushMessage{t.Subject, t.Items[0].Words, settingsPath}, nil
	case NudgeKind, OfferKind:
		n, found, err := unreadNotice(s.DB.Read(ctx), d.NoticeID)
		if err != nil {
			return PushMessage{}, err
		}
		if !found {
			break
		}
		title := "An attempt has waited a day for your review"
		if d.Kind == OfferKind {
			title = "An attempt has waited two days, and you stand in for its reviewer"
		}
		return PushMessage{title, n.Body, "/reviews/" + n.Subject}, nil
	case DigestKind:
		r, ok, err := receiverOf(s.DB.Read(ctx), a.PersonID)
		if err != nil || !ok {
			return PushMessage{}, orMissing(err)
		}
		what, err := s.digestFor(ctx, a, zone(r.TimeZone))
		if err != nil {
			return PushMessage{}, err
		}
		if what.Empty {
			break
		}
		return what.short(), nil
	}
	return PushMessage{"Nothing waits for you any more", "What this was about is done.", "/"}, nil
}

// short is a digest as a device shows it: the first thing as its title, a few more below.
func (d Digest) short() PushMessage {
	m := PushMessage{Title: d.Subject, Link: "/"}
	if len(d.Items) == 1 {
		m.Link = d.Items[0].Link
	}
	var lines []string
	for _, i := range d.Items {
		if i.Words != d.Subject && len(lines) < pushLines {
			lines = append(lines, i.Words)
		}
	}
	m.Body = strings.Join(lines, "\n")
	return m
}
