package digest

import (
	"errors"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/mail"
)

// Channel is a way out.
type Channel string

// The channels.
const (
	ByMail Channel = "mail"
	ByChat Channel = "chat"
	ByPush Channel = "push" // to a browser, by its maker's push service
)

// State is what has become of a delivery.
type State string

// The states.
const (
	Waiting State = "waiting" // for its first or its next try
	Sending State = "sending"
	Sent    State = "sent"
	Nothing State = "empty"  // there was nothing to say
	Failed  State = "failed" // given up
	Unsure  State = "unsure" // it may have arrived, so it is not sent again by itself
)

// DeliveryKind is what a delivery is.
type DeliveryKind string

// The kinds.
const (
	DigestKind DeliveryKind = "digest"
	TestKind   DeliveryKind = "test"
	NudgeKind  DeliveryKind = "nudge" // a review has waited for a day
	OfferKind  DeliveryKind = "offer" // one has waited for two, and its reader stands in for the reviewer
)

// Delivery is a message on its way to one person on one channel.
type Delivery struct {
	ID string
	// OnceKey is what may be sent once only.
	OnceKey  string
	PersonID string
	Kind     DeliveryKind
	Channel  Channel
	// Day is the person's, as in 2026-11-22, of a digest.
	Day   string
	State State
	Tries int
	// Trouble is the code of what the last try failed with, Detail what the other side said.
	Trouble, Detail string
	// NextAt is not before, GiveUpAt not after which it is sent.
	NextAt, GiveUpAt  time.Time
	StartedAt, SentAt *time.Time
	CreatedAt         time.Time
	// DeviceID is the device of a push, Service its push service; NoticeID is what a nudge and an offer tell.
	DeviceID, Service, NoticeID string
}

// server names who a delivery goes through, for all that go the same way.
func (d Delivery) server() string {
	if d.Channel == ByPush {
		return string(ByPush) + ":" + d.Service
	}
	return string(d.Channel)
}

// Retryable says whether an admin may have it sent again: what failed, what nobody knows of, and what waits.
func (d Delivery) Retryable() bool {
	return d.Kind != TestKind && (d.State == Failed || d.State == Unsure || d.State == Waiting)
}

// Words says what became of a delivery, for its reader and for admins.
func (d Delivery) Words() string {
	switch d.State {
	case Waiting:
		if d.Trouble != "" {
			return troubleWords(d.Channel, d.Trouble) + " It is tried again."
		}
		return "Waits to be sent."
	case Sending:
		return "Is being sent."
	case Sent:
		switch d.Channel {
		case ByMail:
			return "The mail server has taken it."
		case ByPush:
			return "On its way to the device."
		case ByChat:
		}
		return "Posted."
	case Nothing:
		if d.Kind == NudgeKind || d.Kind == OfferKind {
			return "It was done before it was sent."
		}
		return "There was nothing to say."
	case Failed, Unsure:
		return troubleWords(d.Channel, d.Trouble)
	}
	return ""
}

func troubleWords(c Channel, trouble string) string {
	switch trouble {
	case "unreachable":
		if c == ByMail {
			return "The mail server cannot be reached, or does not let us in."
		}
		if c == ByPush {
			return "The push service of the browser cannot be reached, or is out of order."
		}
		return "The webhook cannot be reached."
	case "receiver":
		return "The mail server does not take messages for this address."
	case "later":
		return "The mail server asks us to come again later."
	case "slow_down":
		if c == ByPush {
			return "The push service of the browser asks us to come again later."
		}
		return "The chat asks us to come again later."
	case "no_answer":
		return "It was sent and nobody said that it arrived. It is not sent twice."
	case "interrupted":
		return "The server stopped while it was sent. It may have arrived, and is not sent twice."
	case "too_late":
		return "It could not be sent in time; tomorrow's says it all again."
	case "webhook":
		return "The chat does not take messages by this webhook any more: make a new one."
	case "device_gone":
		return "The device takes no messages any more."
	case "push":
		return "The push service of the browser does not take our messages."
	case "refused":
		if c == ByPush {
			return "The device names a push service that may not be called."
		}
		return "The webhook points at an address that may not be called."
	case "off":
		return "This way is not set up any more."
	case "gone":
		return "The person is not there any more, or wants none."
	}
	return "It could not be sent."
}

// outcome is what came of one try.
type outcome struct {
	state           State
	trouble, detail string
	// after is how long to wait before the next try, where it is another; 0 for as long as usual.
	after time.Duration
	// down says that the server cannot be spoken to: all others wait that go through it. Where after is 0 it is not
	// this one's fault, and was no try of it.
	down bool
}

// mailOutcome reads what came of a mail.
func mailOutcome(err error) outcome {
	if err == nil {
		return outcome{state: Sent}
	}
	var f *mail.Failure
	if !errors.As(err, &f) {
		return outcome{state: Unsure, trouble: "no_answer", detail: cut(err.Error(), maxDetail)}
	}
	o := outcome{state: Waiting, trouble: "later", detail: cut(oneLine(f.Error()), maxDetail)}
	switch {
	case f.Unsure:
		o.state, o.trouble = Unsure, "no_answer"
	case f.Unreachable:
		o.trouble, o.down = "unreachable", true
	case f.Permanent:
		o.state, o.trouble = Failed, "receiver"
	}
	return o
}

// maxDetail is how much of what the other side said is kept, in characters.
const maxDetail = 300

func refused(err error) bool { return errors.Is(err, egress.ErrRefused) }

// retryIn is how long a delivery waits after so many tries.
func retryIn(tries int) time.Duration { return time.Duration(min(max(tries, 1), 6)) * 5 * time.Minute }

// downFor is how long a server is left alone that could not be reached so many times in a row.
func downFor(failures int) time.Duration {
	return min(30*time.Second<<min(max(failures-1, 0), 4), 5*time.Minute)
}
