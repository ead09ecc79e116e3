package certificate

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
)

// remindAtOnce is how many holders are told in one go.
const remindAtOnce = 200

// Remind tells holders that a certificate ends, when its renewal window begins and again in its last days, as
// long as they can renew it. It says how many it told.
func (s *Service) Remind(ctx context.Context) (int, error) {
	n := 0
	var after Certificate
	for {
		rows, err := ending(s.DB.Read(ctx), s.DB.Now(), after, remindAtOnce)
		if err != nil {
			return n, err
		}
		for _, c := range rows {
			after = c
			if !c.toRemind(s.DB.Now()) {
				continue
			}
			told, err := s.remind(ctx, c.ID)
			if err != nil {
				return n, err
			}
			if told {
				n++
			}
		}
		if len(rows) < remindAtOnce {
			return n, nil
		}
	}
}

// remind tells one holder, unless another node was faster.
func (s *Service) remind(ctx context.Context, id string) (told bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		c, err := findForUpdate(tx, "id", id)
		if told = err == nil && c.toRemind(tx.Now); !told {
			return err
		}
		where, err := zoneOf(tx, c.PersonID)
		if err != nil {
			return err
		}
		c.RemindedAt = &tx.Now
		if err := save(tx, &c); err != nil {
			return err
		}
		if err := s.Notices.ForgetSubjectTx(tx, c.EnrolmentID, notice.Due); err != nil {
			return err
		}
		return s.Notices.TellTx(tx, notice.Notice{PersonID: c.PersonID, Kind: notice.Due, SubjectID: &c.EnrolmentID,
			Body: "Your certificate for " + c.Programme + " ends on " + c.ExpiresAt.In(where).Format(dateFormat) + "."})
	})
	return told, err
}

// toRemind says whether the holder is to be told now: once in the window, once in the last days.
func (c Certificate) toRemind(now time.Time) bool {
	if s := c.StateAt(now); s != Expiring && s != Valid || c.ExpiresAt == nil {
		return false
	}
	last := c.ExpiresAt.Add(-lastDays)
	switch {
	case c.RemindedAt == nil:
		return !now.Before(c.renewFrom())
	case !now.Before(last):
		return c.RemindedAt.Before(last)
	}
	return false
}
