package coach

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// Promise is what one of two people has promised the other when they talked.
type Promise struct {
	ID string
	// PersonID is who is coached, CoachID somebody of their line.
	PersonID, CoachID string
	// ByID is who wrote it down, OwnerID whose promise it is; each is one of the two.
	ByID, OwnerID string
	Body          string
	// DueOn is the last day, where its owner is, as YYYY-MM-DD.
	DueOn                string
	DoneAt               *time.Time
	CreatedAt, UpdatedAt time.Time
	// Overdue says that it is not done and its day is over. It is worked out and not kept.
	Overdue bool `gorm:"-"`
}

// With gives the other of the two, seen from who wrote it down.
func (p Promise) With() string {
	if p.ByID == p.PersonID {
		return p.CoachID
	}
	return p.PersonID
}

// NewPromise is a promise to be written down.
type NewPromise struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same promise.
	ID string
	// Mine says that it is the actor's promise, and not the other's.
	Mine  bool
	Text  string
	DueOn string
}

// Promise writes down a promise on the page of a person: between them and the actor, or, on the actor's own
// page, between them and their manager, the nearest there is. The other is told. Errors: NotFound for a page
// that the actor may not see, Invalid with the field (required, too_long, date_invalid, date_past), Conflict
// no_manager.
func (s *Service) Promise(ctx context.Context, a people.Actor, person string, n NewPromise) (Promise, error) {
	text, err := cleanText("text", n.Text, maxPromise, true)
	if err == nil {
		n.ID, err = db.OwnID(n.ID)
	}
	if err == nil && n.DueOn == "" {
		err = fault.InvalidField("due_on", "required", "Say by which day.")
	}
	if err != nil {
		return Promise{}, err
	}
	var out Promise
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.openPage(tx, a, person); err != nil {
			return err
		}
		had, found, err := made(tx, a, n.ID, func(p Promise) bool { return p.ByID == a.PersonID })
		if found || err != nil {
			out = had
			return err
		}
		coach := a.PersonID
		if person == a.PersonID {
			if coach, err = nearestManager(tx.Gorm(), person); err != nil {
				return err
			}
			if coach == "" {
				return fault.New(fault.Conflict, "no_manager", "You have no manager here whom to promise it.")
			}
		}
		p := Promise{ID: n.ID, PersonID: person, CoachID: coach, ByID: a.PersonID, OwnerID: a.PersonID, Body: text, DueOn: n.DueOn, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if !n.Mine {
			p.OwnerID = p.With()
		}
		at, err := zone(tx.Gorm(), p.OwnerID)
		if err != nil {
			return err
		}
		if err := cleanDay("due_on", p.DueOn, tx.Now, at); err != nil {
			return err
		}
		if err := insert(tx, &p, nil); err != nil {
			return err
		}
		out = p
		return s.Notices.TellTx(tx, notice.Notice{PersonID: p.With(), Kind: notice.Promise, ActorID: &a.PersonID, SubjectID: &p.ID, Body: text})
	})
	if err != nil {
		return Promise{}, err
	}
	return out, nil
}

// OwnPromises gives the open promises that are the actor's to keep, by their day, at most maxPromises.
func (s *Service) OwnPromises(ctx context.Context, a people.Actor) ([]Promise, error) {
	g := s.DB.Read(ctx)
	out, err := openPromises(g, a.PersonID)
	if err != nil {
		return nil, err
	}
	at, err := zone(g, a.PersonID)
	for i := range out {
		out[i].Overdue = err == nil && passed(out[i].DueOn, s.DB.Now(), at)
	}
	return out, err
}

// PromiseChange holds what is to change of a promise; nil leaves a part as it is.
type PromiseChange struct {
	Text, DueOn *string
	Done        *bool
}

// ChangePromise ticks a promise off, or takes that back, which both of its two may; its words and its day are
// changed by who wrote it down. Errors: NotFound for all others, Forbidden, Invalid with the field.
func (s *Service) ChangePromise(ctx context.Context, a people.Actor, id string, c PromiseChange) (Promise, error) {
	var out Promise
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		p, err := s.promise(tx, a, id)
		if err != nil {
			return err
		}
		if (c.Text != nil || c.DueOn != nil) && p.ByID != a.PersonID {
			return fault.Denied("Only who wrote this down can change its words and its day.")
		}
		if c.Text != nil {
			if p.Body, err = cleanText("text", *c.Text, maxPromise, true); err != nil {
				return err
			}
		}
		at, err := zone(tx.Gorm(), p.OwnerID)
		if err != nil {
			return err
		}
		if c.DueOn != nil && *c.DueOn != p.DueOn {
			if *c.DueOn == "" {
				return fault.InvalidField("due_on", "required", "Say by which day.")
			}
			if err := cleanDay("due_on", *c.DueOn, tx.Now, at); err != nil {
				return err
			}
			p.DueOn = *c.DueOn
		}
		switch {
		case c.Done == nil:
		case !*c.Done:
			p.DoneAt = nil
		case p.DoneAt == nil:
			p.DoneAt = &tx.Now
		}
		p.UpdatedAt = tx.Now
		out = p
		out.Overdue = p.DoneAt == nil && passed(p.DueOn, tx.Now, at)
		return update(tx, p.ID, &p, "Body", "DueOn", "DoneAt", "UpdatedAt")
	})
	if err != nil {
		return Promise{}, err
	}
	return out, nil
}

// DropPromise removes a promise, and what was told of it: who wrote it down may. Errors: NotFound, Forbidden.
func (s *Service) DropPromise(ctx context.Context, a people.Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		p, err := s.promise(tx, a, id)
		if err != nil {
			return err
		}
		if p.ByID != a.PersonID {
			return fault.Denied("Only who wrote this down can remove it.")
		}
		if err := removePromise(tx, p.ID); err != nil {
			return err
		}
		return s.Notices.ForgetSubjectTx(tx, p.ID)
	})
}

func (s *Service) promise(tx *db.Tx, a people.Actor, id string) (Promise, error) {
	p, err := hold[Promise](tx, id, "promise")
	if err == nil && !party(a, p) {
		err = fault.Missing("promise")
	}
	return p, err
}
