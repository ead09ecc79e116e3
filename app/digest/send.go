package digest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/mail"
)

const (
	// turnLasts is how long somebody keeps the turn who does not come back; each message prolongs it. A try is
	// shorter (tryLasts), so that nobody else begins while one is under way.
	turnLasts = 2 * time.Minute
	// spacing is between two messages: two a second at most.
	spacing = 500 * time.Millisecond
	// runLasts is how long one run sends; the next minute's goes on.
	runLasts = 4 * time.Minute
)

// Send sends what is due on a channel, until nothing is, the server cannot be reached, or runLasts is over;
// it gives how many were sent. One at a time does, on all nodes together: another gives 0 at once.
func (s *Service) Send(ctx context.Context, c Channel) (int, error) {
	holder, sent := ident.New(), 0
	end := s.DB.Now().Add(runLasts)
	mine, err := s.begin(ctx, c, holder)
	if err != nil || !mine {
		return 0, err
	}
	defer func() {
		// The turn ends by itself where this fails.
		err := s.DB.Tx(context.WithoutCancel(ctx), func(tx *db.Tx) error { return endTurn(tx, string(c), holder) })
		if err != nil {
			s.Log.Warn("the turn to send is not given on", "channel", string(c), "error", err)
		}
	}()
	for s.DB.Now().Before(end) {
		d, ok, err := s.claim(ctx, c, holder)
		if err != nil || !ok {
			return sent, err
		}
		ok, down, err := s.try(ctx, d)
		if err != nil {
			return sent, err
		}
		if ok {
			sent++
		}
		if down && c != ByPush { // of those there are several, and claim passes over this one's
			return sent, nil
		}
		if err := s.Pause(ctx, spacing); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// begin takes the turn, and ends the tries of those who had it and vanished.
func (s *Service) begin(ctx context.Context, c Channel, holder string) (mine bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if _, mine, err = takeTurn(tx, string(c), holder, tx.Now.Add(turnLasts)); err != nil || !mine {
			return err
		}
		n, err := markInterrupted(tx, c, tx.Now.Add(-turnLasts))
		if n > 0 {
			s.Log.Warn("messages were on their way when a process ended; they are not sent again", "channel", string(c), "messages", n)
		}
		return err
	})
	return mine, err
}

// claim marks the next message as being sent. From here on it is never sent again by itself, unless it is
// known that it was not taken.
func (s *Service) claim(ctx context.Context, c Channel, holder string) (d Delivery, ok bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, ok = Delivery{}, false
		turn, mine, err := takeTurn(tx, string(c), holder, tx.Now.Add(turnLasts))
		if err != nil || !mine || turn.NextAt.After(tx.Now) {
			return err
		}
		var without []string
		if c == ByPush {
			if without, err = leftAlone(tx.Gorm(), tx.Now); err != nil {
				return err
			}
		}
		for {
			next, found, err := nextDelivery(tx.Gorm(), c, tx.Now, without)
			if err != nil || !found {
				return err
			}
			if next.GiveUpAt.Before(tx.Now) {
				if err := endDelivery(tx, next.ID, Failed, "too_late"); err != nil {
					return err
				}
				continue
			}
			next.State, next.StartedAt = Sending, &tx.Now
			next.Tries++
			d, ok = next, true
			return startDelivery(tx, next)
		}
	})
	return d, ok && err == nil, err
}

// try sends one message and writes down what came of it. down says that the server cannot be spoken to.
func (s *Service) try(ctx context.Context, d Delivery) (sent, down bool, err error) {
	o := s.attempt(ctx, d)
	tries := d.Tries
	if o.down && o.state == Waiting && o.after == 0 {
		tries--
	}
	d.Tries = tries
	d.State, d.Trouble, d.Detail = o.state, o.trouble, o.detail
	if o.state == Waiting {
		wait := o.after
		if wait == 0 && !o.down {
			wait = retryIn(tries)
		}
		d.NextAt = s.DB.Now().Add(wait)
	}
	// Whatever has happened to ctx: what is known now is not known later.
	keep := context.WithoutCancel(ctx)
	if err := s.settle(keep, d); err != nil {
		return false, false, err
	}
	if d.Channel != ByChat { // each of those has a server of its own
		err = s.noteServer(keep, d.server(), o)
	}
	return o.state == Sent, o.down, err
}

// attempt works out what to say, and says it.
func (s *Service) attempt(ctx context.Context, d Delivery) outcome {
	ctx, cancel := context.WithTimeout(ctx, tryLasts)
	defer cancel()
	broken := func(err error) outcome {
		s.Log.Warn("a digest is not worked out", "delivery", d.ID, "error", err)
		return outcome{state: Waiting, trouble: "internal"}
	}
	r, ok, err := receiverOf(s.DB.Read(ctx), d.PersonID)
	if err != nil {
		return broken(err)
	}
	if !ok {
		return outcome{state: Failed, trouble: "gone"}
	}
	if !slices.ContainsFunc(s.ways(r), func(w way) bool { return w.channel == d.Channel && w.device == d.DeviceID }) {
		if d.Channel == ByPush && s.Push != nil {
			return outcome{state: Failed, trouble: "device_gone"}
		}
		return outcome{state: Failed, trouble: "off"}
	}
	if d.NoticeID != "" {
		_, found, err := unreadNotice(s.DB.Read(ctx), d.NoticeID)
		if err != nil {
			return broken(err)
		}
		if !found {
			return outcome{state: Nothing}
		}
		return s.send(ctx, d, r, Digest{})
	}
	a, err := s.People.ActorFor(ctx, d.PersonID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthenticated) {
		return outcome{state: Failed, trouble: "gone"}
	}
	if err != nil {
		return broken(err)
	}
	what, err := s.digestFor(ctx, a, zone(r.TimeZone))
	if err != nil {
		return broken(err)
	}
	if what.Empty {
		return outcome{state: Nothing}
	}
	return s.send(ctx, d, r, what)
}

// send hands a message to the other side.
func (s *Service) send(ctx context.Context, d Delivery, r receiver, what Digest) outcome {
	ctx, cancel := context.WithTimeout(ctx, tryLasts)
	defer cancel()
	if d.Channel == ByMail {
		settings := ""
		if s.PublicURL != "" {
			settings = s.PublicURL + settingsPath
		}
		return mailOutcome(s.Mail.Send(ctx, mail.Message{ID: d.ID, To: r.Email, Subject: what.Subject, Text: what.Text(s.PublicURL), Settings: settings}))
	}
	if d.Channel == ByPush {
		return s.pushTo(ctx, d)
	}
	kind := ChatKind(r.Settings.ChatKind)
	address, err := s.unseal(ctx, d.PersonID, r.Settings.ChatSealed)
	if errors.Is(err, errSealed) {
		return outcome{state: Failed, trouble: "webhook", detail: err.Error()}
	}
	if err != nil {
		return outcome{state: Waiting, trouble: "internal"}
	}
	if checkHook(kind, address) != nil { // what was allowed once need not be now
		return outcome{state: Failed, trouble: "refused"}
	}
	body, err := payload(kind, what, s.PublicURL)
	if err != nil {
		return outcome{state: Failed, trouble: "internal"}
	}
	answer, err := s.Post(ctx, address, "application/json", body)
	return chatOutcome(kind, answer, err)
}

// settle writes down what came of a try.
func (s *Service) settle(ctx context.Context, d Delivery) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if d.State == Sent {
			d.SentAt = &tx.Now
		}
		ok, err := settleDelivery(tx, d)
		if err == nil && !ok {
			s.Log.Warn("a try took so long that it was given up meanwhile", "delivery", d.ID)
		}
		if err != nil || d.Channel != ByPush {
			return err
		}
		switch {
		case d.State == Sent:
			return deviceReached(tx, d.DeviceID)
		case d.Trouble == "device_gone":
			return removeDevice(tx, d.DeviceID)
		}
		return nil
	})
}

// noteServer remembers whether a server can be reached, for all nodes.
func (s *Service) noteServer(ctx context.Context, name string, o outcome) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := ensureTurn(tx, name); err != nil {
			return err
		}
		turn, err := loadTurn(tx.Gorm(), name)
		if err != nil {
			return err
		}
		if !o.down {
			if turn.Failures == 0 {
				return nil
			}
			return saveServer(tx, name, 0, tx.Now)
		}
		s.Log.Warn("a server for messages cannot be reached", "server", name, "failures", turn.Failures+1, "error", o.detail)
		return saveServer(tx, name, turn.Failures+1, tx.Now.Add(max(downFor(turn.Failures+1), o.after)))
	})
}
