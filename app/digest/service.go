package digest

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/internal/mail"
	"github.com/fieldreel/fieldreel/app/internal/webpush"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
)

// Mailer sends a mail; its error is a *mail.Failure.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Poster posts to a webhook through the guarded door (egress.Client.Post).
type Poster func(ctx context.Context, address, contentType string, body []byte) (egress.Answer, error)

// Config is what the service is made of; all fields but Mail, Post, Push…, PublicURL and Pause are required.
type Config struct {
	DB         *db.DB
	People     *people.Directory
	Programmes *programme.Service
	Reviews    *review.Service
	Notices    *notice.Service
	// Coaching gives what waits for somebody outside programmes, Gold the gold takes of this month that they have
	// not scored, and their day.
	Coaching func(ctx context.Context, a people.Actor) (Coaching, error)
	Gold     func(ctx context.Context, a people.Actor) (n int, dueOn string, err error)
	// Mail is nil where there is no mail server, Post where no webhooks may be called, Push where no push services.
	Mail Mailer
	Post Poster
	Push Pusher
	// PushContact is where a push service can complain, as mailto:… or https://…; it may be empty. PushServices are
	// those that may be called; nil: those of the browsers.
	PushContact  string
	PushServices []PushService
	// PublicURL is the address people use, such as https://reel.example.com; messages have no links without it.
	PublicURL string
	// Pause waits between two messages; nil waits on the clock. It is for tests.
	Pause func(ctx context.Context, d time.Duration) error
	Jobs  *jobs.Client
	Log   *slog.Logger
}

// Service holds the use cases.
type Service struct {
	Config
	sealed once[[]people.SigningKey]
	pushed once[webpush.Keys]
}

// New makes the service.
func New(c Config) *Service {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.Pause == nil {
		c.Pause = pause
	}
	if c.PushServices == nil {
		c.PushServices = pushServices
	}
	return &Service{Config: c}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Reminders is how a person is reminded, and what this installation can do.
type Reminders struct {
	Settings
	// MailReady, ChatReady and PushReady say whether messages can leave by these ways here at all.
	MailReady, ChatReady, PushReady bool
	// Email is where mail goes, Zone where their morning is.
	Email, Zone string
	// LastMail, LastChat and LastPush are what became of the last message; nil for none.
	LastMail, LastChat, LastPush *Delivery
}

// Of gives how the actor is reminded.
func (s *Service) Of(ctx context.Context, a people.Actor) (Reminders, error) {
	if !Can(a, OwnReminders) {
		return Reminders{}, fault.Denied("Only a person can do this.")
	}
	r, ok, err := receiverOf(s.DB.Read(ctx), a.PersonID)
	if err != nil || !ok {
		return Reminders{}, orMissing(err)
	}
	out := Reminders{Settings: r.Settings.settings(), MailReady: s.Mail != nil, ChatReady: s.Post != nil, PushReady: s.Push != nil, Email: r.Email, Zone: zone(r.TimeZone).String()}
	for c, to := range map[Channel]**Delivery{ByMail: &out.LastMail, ByChat: &out.LastChat, ByPush: &out.LastPush} {
		d, ok, err := lastOf(s.DB.Read(ctx), a.PersonID, c)
		if err != nil {
			return out, err
		}
		if ok {
			*to = &d
		}
	}
	return out, nil
}

func orMissing(err error) error {
	if err != nil {
		return err
	}
	return fault.Missing("person")
}

// Change keeps how the actor wants to be reminded. Errors: Invalid with the field (time_invalid, day_invalid,
// chat_unknown, webhook_invalid, required); Conflict chat_off for a new webhook where none may be called.
func (s *Service) Change(ctx context.Context, a people.Actor, n NewSettings) (Reminders, error) {
	if !Can(a, OwnReminders) {
		return Reminders{}, fault.Denied("Only a person can do this.")
	}
	if n.URL != nil {
		trimmed := strings.TrimSpace(*n.URL)
		n.URL = &trimmed
	}
	sealed := ""
	if n.URL != nil && *n.URL != "" {
		if err := n.check(true); err != nil {
			return Reminders{}, err
		}
		if s.Post == nil {
			return Reminders{}, fault.New(fault.Conflict, "chat_off", "This installation calls no webhooks. Ask an admin to allow it.").At("chat.url")
		}
		var err error
		if sealed, err = s.seal(ctx, a.PersonID, *n.URL); err != nil { // before the transaction, which it would not be part of
			return Reminders{}, err
		}
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := holdPerson(tx, a.PersonID); err != nil {
			return err
		}
		had, err := loadSettings(tx.Gorm(), a.PersonID)
		if err != nil {
			return err
		}
		if err := n.check(had.ChatSealed != "" && had.ChatKind == string(n.Chat)); err != nil {
			return err
		}
		keep := sealed
		if n.Chat != NoChat && n.URL == nil {
			keep = had.ChatSealed
		}
		return saveSettings(tx, rowOf(a.PersonID, n.Settings, keep, tx.Now))
	})
	if err != nil {
		return Reminders{}, err
	}
	return s.Of(ctx, a)
}

// Today gives what today's digest would say to the actor.
func (s *Service) Today(ctx context.Context, a people.Actor) (d Digest, text string, err error) {
	if !Can(a, OwnReminders) {
		return d, "", fault.Denied("Only a person can do this.")
	}
	r, ok, err := receiverOf(s.DB.Read(ctx), a.PersonID)
	if err != nil || !ok {
		return d, "", orMissing(err)
	}
	if d, err = s.digestFor(ctx, a, zone(r.TimeZone)); err != nil {
		return d, "", err
	}
	return d, d.Text(s.PublicURL), nil
}

// digestFor works out what waits for somebody.
func (s *Service) digestFor(ctx context.Context, a people.Actor, at *time.Location) (Digest, error) {
	var w Todo
	c, err := s.Reviews.Counts(ctx, a)
	if err != nil {
		return Digest{}, err
	}
	w.Reviews = ReviewsWaiting{Count: c.Count, Minutes: c.Minutes, DueToday: c.DueToday, Overdue: c.Overdue, Pool: c.Pool, Oldest: c.Oldest}
	if w.Parts, err = s.Programmes.Parts(ctx, a); err != nil {
		return Digest{}, err
	}
	if w.Coaching, err = s.Coaching(ctx, a); err != nil {
		return Digest{}, err
	}
	if w.Gold, w.GoldDueOn, err = s.Gold(ctx, a); err != nil {
		return Digest{}, err
	}
	return compose(w, at, s.DB.Now()), nil
}

const (
	// mostTests is how many test messages somebody may send themself in testsWithin.
	mostTests   = 5
	testsWithin = time.Hour
	// tryLasts bounds one try, and is shorter than a turn.
	tryLasts = time.Minute
)

// TestResult is what came of a test message on one way.
type TestResult struct {
	Channel Channel
	// DeviceID is the device of a push.
	DeviceID string
	Sent     bool
	Words    string
}

// Test sends the actor a message on each of their ways now, and says what came of it. Errors: Conflict
// no_channel where there is none; TooMany tests_many.
func (s *Service) Test(ctx context.Context, a people.Actor) ([]TestResult, error) {
	if !Can(a, OwnReminders) {
		return nil, fault.Denied("Only a person can do this.")
	}
	r, ok, err := receiverOf(s.DB.Read(ctx), a.PersonID)
	if err != nil || !ok {
		return nil, orMissing(err)
	}
	ways := s.ways(r)
	if len(ways) == 0 {
		return nil, fault.New(fault.Conflict, "no_channel", s.noChannel(r))
	}
	var tests []Delivery
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		tests = nil
		if err := holdPerson(tx, a.PersonID); err != nil {
			return err
		}
		n, err := countTests(tx.Gorm(), a.PersonID, tx.Now.Add(-testsWithin))
		if err != nil {
			return err
		}
		if n+len(ways) > mostTests*len(ways) {
			f := fault.New(fault.TooMany, "tests_many", "That is enough for now. Try again in an hour.")
			f.RetryAfter = testsWithin
			return f
		}
		for _, w := range ways {
			id := ident.New()
			d := Delivery{ID: id, OnceKey: "test:" + id, PersonID: a.PersonID, Kind: TestKind, Channel: w.channel, DeviceID: w.device, Service: w.service, State: Sending, Tries: 1, NextAt: tx.Now, GiveUpAt: tx.Now,
				StartedAt: &tx.Now, CreatedAt: tx.Now}
			if _, err := insertDelivery(tx, d); err != nil {
				return err
			}
			tests = append(tests, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]TestResult, len(tests))
	for i, d := range tests {
		o := s.send(ctx, d, r, testDigest())
		if o.state == Waiting { // a test is not tried again
			o.state = Failed
		}
		d.State, d.Trouble, d.Detail = o.state, o.trouble, o.detail
		if err := s.settle(context.WithoutCancel(ctx), d); err != nil {
			return nil, err
		}
		out[i] = TestResult{d.Channel, d.DeviceID, d.State == Sent, d.Words()}
	}
	return out, nil
}

func testDigest() Digest {
	return Digest{Subject: "This is how Fieldreel reminds you", Items: []Item{{Kind: Reviews, Words: "This is a test: the way is open", Link: "/"}}}
}

// noChannel says why somebody gets no messages.
func (s *Service) noChannel(r receiver) string {
	switch {
	case s.Mail == nil && s.Post == nil && s.Push == nil:
		return "This installation sends no messages: no mail server is set up. What waits for you stands in the app."
	case s.Mail == nil && r.Settings.Mail && s.Post == nil:
		return "No mail server is set up here. Switch on messages on this device instead."
	case s.Mail == nil && r.Settings.Mail:
		return "No mail server is set up here. Add a webhook of your chat instead."
	}
	return "You have switched off all ways: mail, chat, and messages on your devices."
}

// way is a channel, and for pushes a device.
type way struct {
	channel Channel
	// device is the id of one that was there since a time, service its push service.
	device, service string
	since           time.Time
}

// onceKey is what makes a digest of a day one only on its way.
func (w way) onceKey(person, day string) string {
	key := string(DigestKind) + ":" + person + ":" + day + ":" + string(w.channel)
	if w.device != "" {
		key += ":" + w.device
	}
	return key
}

// ways are the ways out that somebody wants and this installation has.
func (s *Service) ways(r receiver) []way {
	var out []way
	if r.Settings.Mail && s.Mail != nil && r.Email != "" {
		out = append(out, way{channel: ByMail})
	}
	if r.Settings.ChatKind != string(NoChat) && r.Settings.ChatSealed != "" && s.Post != nil {
		out = append(out, way{channel: ByChat})
	}
	if s.Push != nil {
		for _, d := range r.Devices {
			out = append(out, way{ByPush, d.ID, d.Service, d.CreatedAt})
		}
	}
	return out
}

// Shown is a delivery as an admin sees it: who, when and what became of it, and not what it said.
const deliveriesShown = 100

// Deliveries gives the last deliveries, newest first. Forbidden for all but admins.
func (s *Service) Deliveries(ctx context.Context, a people.Actor) ([]Delivery, error) {
	if !Can(a, ReadDeliveries) {
		return nil, fault.Denied("Only an admin sees what left the installation.")
	}
	return recentDeliveries(s.DB.Read(ctx), deliveriesShown)
}

// RetryNow has a delivery sent again that failed, or of which nobody knows. Errors: Forbidden; NotFound;
// Conflict delivery_settled.
func (s *Service) RetryNow(ctx context.Context, a people.Actor, id string) error {
	if !Can(a, RetryDelivery) {
		return fault.Denied("Only an admin may do this.")
	}
	if !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return fault.Missing("delivery")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, err := loadDelivery(tx.Gorm(), id)
		if err != nil {
			return err
		}
		if err := holdPerson(tx, d.PersonID); err != nil {
			return err
		}
		if d, err = loadDelivery(tx.Gorm(), id); err != nil {
			return err
		}
		if !d.Retryable() {
			return fault.New(fault.Conflict, "delivery_settled", "This needs no other try: it is sent, under way, or was a test.")
		}
		d.State, d.Trouble, d.Detail, d.NextAt, d.GiveUpAt = Waiting, "", "", tx.Now, tx.Now.Add(time.Hour)
		if err := retryDelivery(tx, d); err != nil {
			return err
		}
		return s.queueSend(ctx, tx, d.Channel)
	})
}
