package digest

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
)

const (
	// keepEmpty and keepDeliveries are how long deliveries are remembered: those with nothing to say are needed
	// for their day only.
	keepEmpty      = 3 * 24 * time.Hour
	keepDeliveries = 90 * 24 * time.Hour
	// some is how many rows are read at a time.
	some = 500
)

// Plan makes the deliveries of all whose morning it is and who have none of today, and says how many are to be
// sent. One node does at a time; it may be killed at any line and begun again.
func (s *Service) Plan(ctx context.Context) (int, error) {
	if s.Mail == nil && s.Post == nil && s.Push == nil {
		return 0, nil
	}
	holder, made := ident.New(), 0
	after := ""
	for {
		mine := false
		err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			_, mine, err = takeTurn(tx, planTurn, holder, tx.Now.Add(turnLasts))
			return err
		})
		if err != nil || !mine {
			return made, err
		}
		people, err := receivers(s.DB.Read(ctx), after, some)
		if err != nil {
			return made, err
		}
		n, err := s.planFor(ctx, people)
		made += n
		if err != nil {
			return made, err
		}
		if len(people) < some {
			break
		}
		after = people[len(people)-1].ID
	}
	if err := s.planNotices(ctx); err != nil {
		return made, err
	}
	return made, s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := trim(tx, tx.Now.Add(-keepEmpty), tx.Now.Add(-keepDeliveries)); err != nil {
			return err
		}
		channels, err := dueChannels(tx.Gorm(), tx.Now)
		if err != nil {
			return err
		}
		for _, c := range channels {
			if err := s.queueSend(ctx, tx, c); err != nil {
				return err
			}
		}
		return endTurn(tx, planTurn, holder)
	})
}

const planTurn = "plan"

func (s *Service) planFor(ctx context.Context, all []receiver) (int, error) {
	type morningOf struct {
		receiver
		day   string
		until time.Time
		ways  []way
	}
	now, made := s.DB.Now(), 0
	var due []morningOf
	var keys []string
	for _, r := range all {
		ways := s.ways(r)
		if len(ways) == 0 {
			continue
		}
		day, begins, until, ok := morning(r.Settings.settings(), zone(r.TimeZone), now)
		if !ok {
			continue
		}
		// Who has switched a device on since has the app before their eyes.
		ways = slices.DeleteFunc(ways, func(w way) bool { return w.since.After(begins) })
		due = append(due, morningOf{r, day, until, ways})
		for _, w := range ways {
			keys = append(keys, w.onceKey(r.ID, day))
		}
	}
	had, err := known(s.DB.Read(ctx), keys)
	if err != nil {
		return 0, err
	}
	for _, m := range due {
		var missing []way
		for _, w := range m.ways {
			if !had[w.onceKey(m.ID, m.day)] {
				missing = append(missing, w)
			}
		}
		if len(missing) == 0 {
			continue
		}
		n, err := s.deliver(ctx, m.receiver, m.day, m.until, missing)
		if err != nil {
			if ctx.Err() != nil {
				return made, err
			}
			// One person's trouble must not take everybody's morning.
			s.Log.Error("a digest is not planned", "person", m.ID, "error", err)
			continue
		}
		made += n
	}
	return made, nil
}

// deliver writes down that a person has their digest of the day, with the work of sending it where there is
// something to say.
func (s *Service) deliver(ctx context.Context, r receiver, day string, until time.Time, ways []way) (made int, err error) {
	a, err := s.People.ActorFor(ctx, r.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthenticated) {
		return 0, nil // left meanwhile
	}
	if err != nil {
		return 0, err
	}
	what, err := s.digestFor(ctx, a, zone(r.TimeZone))
	if err != nil {
		return 0, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		made = 0
		for _, w := range ways {
			d := Delivery{ID: ident.New(), OnceKey: w.onceKey(r.ID, day), PersonID: r.ID, Kind: DigestKind, Channel: w.channel, Day: day, State: Waiting, NextAt: tx.Now, GiveUpAt: until, CreatedAt: tx.Now,
				DeviceID: w.device, Service: w.service}
			if what.Empty {
				d.State = Nothing
			}
			fresh, err := insertDelivery(tx, d)
			if err != nil {
				return err
			}
			if fresh && d.State == Waiting {
				made++
			}
		}
		return nil
	})
	return made, err
}

// Remind nudges reviewers, offers what has waited for two days to deputies, finds reviewers for what waits for
// people who have left, and reminds participants: each once. It may be broken off and begun again.
func (s *Service) Remind(ctx context.Context) error {
	if _, err := s.Reviews.Reroute(ctx); err != nil {
		return err
	}
	if err := s.nudge(ctx); err != nil {
		return err
	}
	if err := s.offer(ctx); err != nil {
		return err
	}
	if err := s.remindOfResults(ctx); err != nil {
		return err
	}
	return s.remindOfDue(ctx)
}

func (s *Service) nudge(ctx context.Context) error {
	for {
		ids, err := s.Reviews.ToNudge(ctx, some)
		if err != nil {
			return err
		}
		for _, id := range ids {
			none, err := wantsNone(s.DB.Read(ctx), id)
			if err != nil {
				return err
			}
			if _, err := s.Reviews.Nudge(ctx, id, !none); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if len(ids) < some {
			return nil
		}
	}
}

func (s *Service) offer(ctx context.Context) error {
	for {
		ids, err := s.Reviews.ToOffer(ctx, some)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := s.Reviews.OfferToDeputy(ctx, id); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if len(ids) < some {
			return nil
		}
	}
}

const (
	// resultAfter is how long a result waits to be read before its participant is reminded, dueBefore how long
	// before its due time an attempt is spoken of.
	resultAfter = 48 * time.Hour
	dueBefore   = 48 * time.Hour
)

// remindOfResults tells anew of results that nobody has read: the first notice goes, so that there is one.
func (s *Service) remindOfResults(ctx context.Context) error {
	for {
		rows, err := unreadResults(s.DB.Read(ctx), s.DB.Now().Add(-resultAfter), some)
		if err != nil {
			return err
		}
		for _, r := range rows {
			err := s.DB.Tx(ctx, func(tx *db.Tx) error {
				first, err := remindOnce(tx, "result", r.ID, "")
				if err != nil || !first {
					return err
				}
				if err := s.Notices.ForgetSubjectTx(tx, r.ID, notice.Result); err != nil {
					return err
				}
				return s.Notices.TellTx(tx, notice.Notice{PersonID: r.PersonID, Kind: notice.Result, SubjectID: &r.ID, Body: r.Programme})
			})
			if err != nil {
				return err
			}
		}
		if len(rows) < some {
			return nil
		}
	}
}

// remindOfDue tells of attempts that are due within two days, once for each due time.
func (s *Service) remindOfDue(ctx context.Context) error {
	now, after := s.DB.Now(), ""
	for {
		rows, err := dueSoon(s.DB.Read(ctx), now, now.Add(dueBefore), after, some)
		if err != nil {
			return err
		}
		for _, r := range rows {
			after = r.ID
			err := s.DB.Tx(ctx, func(tx *db.Tx) error {
				first, err := remindOnce(tx, "due", r.ID, r.DueAt.UTC().Format(time.RFC3339))
				if err != nil || !first {
					return err
				}
				if err := s.Notices.ForgetSubjectTx(tx, r.ID, notice.Due); err != nil {
					return err
				}
				return s.Notices.TellTx(tx, notice.Notice{PersonID: r.PersonID, Kind: notice.Due, SubjectID: &r.ID, Body: r.Programme})
			})
			if err != nil {
				return err
			}
		}
		if len(rows) < some {
			return nil
		}
	}
}
