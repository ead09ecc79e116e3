package app

import (
	"context"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/mail"
	"github.com/fieldreel/fieldreel/app/people"
)

// openDigests builds what leaves the installation: nothing, unless a mail server or webhooks were allowed.
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
	a.Digests = digest.New(c)
	a.Digests.Register(a.Jobs)
	a.Calibration.Register(a.Jobs)
	return nil
}
