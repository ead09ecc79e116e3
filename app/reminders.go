package app

import (
	"context"
	netmail "net/mail"
	"strings"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/mail"
	"github.com/fieldreel/fieldreel/app/people"
)

// openDigests builds what leaves the installation: nothing, unless a mail server, webhooks or push services were
// allowed.
func (a *App) openDigests(publicURL string) error {
	c := digest.Config{DB: a.DB, People: a.People, Programmes: a.Programmes, Reviews: a.Reviews, Notices: a.Notices, Gold: a.Calibration.Waiting,
		Coaching: func(ctx context.Context, who people.Actor) (digest.Coaching, error) {
			n, err := a.Coaching.Waiting(ctx, who)
			return digest.Coaching{Feedback: n.Feedback, Assignments: n.Assignments, Promotions: n.Promotions, PromisesDue: n.PromisesDue}, err
		}, PublicURL: publicURL, Jobs: a.Jobs, Log: a.Log}
	if a.Config.SMTPAddress != "" {
		sender, err := mail.New(a.Config.mail())
		if err != nil {
			return err
		}
		c.Mail = sender
	}
	if a.Config.ChatWebhooks {
		c.Post = egress.New(egress.Config{}).Post
	}
	if a.Config.WebPush {
		c.Push, c.PushContact = egress.New(egress.Config{}).PostHeader, a.pushContact(publicURL)
	}
	a.Digests = digest.New(c)
	a.People.OnSignedOut = a.Digests.SignedOut
	a.Digests.Register(a.Jobs)
	a.Calibration.Register(a.Jobs)
	return nil
}

// pushContact is where a push service can complain: the sender of our mail, or else our own address; empty where
// neither is one that can be reached.
func (a *App) pushContact(publicURL string) string {
	if from, err := netmail.ParseAddress(a.Config.SMTPFrom); err == nil {
		return "mailto:" + from.Address
	}
	if strings.HasPrefix(publicURL, "https://") {
		return publicURL
	}
	return ""
}
