package programme

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// Synced is what working out who takes part has changed.
type Synced struct{ Joined, Returned, Left, Due int }

// Sync works out anew who takes part in a programme: whom a rule holds of is enrolled and told, whom none
// holds of any more has left, and due times follow the set-up and the participants' time zones. It changes
// nothing in a programme that is not open, nor when done twice; two at once queue.
func (s *Service) Sync(ctx context.Context, programmeID string) (Synced, error) {
	return s.sync(ctx, programmeID, nil)
}

// SyncAll does that for all open programmes.
func (s *Service) SyncAll(ctx context.Context) error { return s.syncPersons(ctx, nil) }

// SyncPersons does it for these people only: their place, roles or time zone have changed.
func (s *Service) SyncPersons(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.syncPersons(ctx, ids)
}

func (s *Service) syncPersons(ctx context.Context, ids []string) error {
	programmes, err := openProgrammes(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	for _, id := range programmes {
		if _, err := s.sync(ctx, id, ids); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// sync looks at these people, or at all for nil.
func (s *Service) sync(ctx context.Context, programmeID string, persons []string) (Synced, error) {
	var done Synced
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		done = Synced{}
		p, err := programmeHeld(tx, programmeID)
		if err != nil || p.State != Open || p.OpenedAt == nil {
			return err
		}
		company, err := loadCompany(tx.Gorm(), persons)
		if err != nil {
			return err
		}
		had, err := enrolmentsIn(tx.Gorm(), programmeID, persons)
		if err != nil {
			return err
		}
		plan := planSync(p, company, had, tx.Now)
		done = Synced{len(plan.join), len(plan.back), len(plan.leave), len(plan.due)}
		return s.applySync(tx, p, plan)
	})
	return done, err
}

// company is the people and teams that rules are asked about.
type company struct {
	people []Subject
	tree   tree
}

// plan is what is to be done so that a programme's enrolments follow its rules.
type plan struct {
	join []Enrolment
	// back and leave are enrolments as they were.
	back, leave []Enrolment
	// anew are those of back whose time ran out while they were away: it begins again.
	anew []Enrolment
	// due are new due times by enrolment; a nil one ends the old.
	due map[string]*time.Time
}

// planSync compares who should take part with who does. Who has a result that ends it keeps their due time, as
// history.
func planSync(p Programme, c company, had []Enrolment, now time.Time) plan {
	out := plan{due: map[string]*time.Time{}}
	byPerson := make(map[string]Enrolment, len(had))
	for _, e := range had {
		byPerson[e.PersonID] = e
	}
	for _, who := range c.people {
		e, enrolled := byPerson[who.ID]
		takes := takesPart(p.Rules, who, c.tree, *p.OpenedAt)
		switch {
		case takes && !enrolled:
			out.join = append(out.join, Enrolment{ID: ident.At(now), ProgrammeID: p.ID, PersonID: who.ID, State: Started, DueAt: DueAt(p.Due, now, who.Zone),
				StartedAt: now, CreatedAt: now, UpdatedAt: now})
			continue
		case !enrolled:
			continue
		case takes && e.LeftAt != nil:
			if e.ranOutSince(*e.LeftAt, now) {
				e.StartedAt = now
				out.anew = append(out.anew, e)
			}
			out.back = append(out.back, e)
		case !takes && e.LeftAt == nil:
			out.leave = append(out.leave, e)
		}
		if takes && !e.ByHand && !e.Done() {
			if due := DueAt(p.Due, e.StartedAt, who.Zone); !sameTime(due, e.DueAt) {
				out.due[e.ID] = due
			}
		}
	}
	return out
}

// ranOutSince says whether the due time, where rules set it, passed between two times with something still owed.
func (e Enrolment) ranOutSince(from, now time.Time) bool {
	return !e.ByHand && !e.Done() && e.DueAt != nil && !e.DueAt.Before(from) && e.DueAt.Before(now)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

func (s *Service) applySync(tx *db.Tx, p Programme, pl plan) error {
	if err := insertEnrolments(tx, pl.join); err != nil {
		return err
	}
	if err := setLeft(tx, pl.back, nil); err != nil {
		return err
	}
	if err := setLeft(tx, pl.leave, &tx.Now); err != nil {
		return err
	}
	if err := setStarted(tx, pl.anew, tx.Now); err != nil {
		return err
	}
	if err := setDue(tx, pl.due); err != nil {
		return err
	}
	told := make([]notice.Notice, 0, len(pl.join)+len(pl.back))
	for _, list := range [][]Enrolment{pl.join, pl.back} {
		for _, e := range list {
			if !e.Done() {
				told = append(told, notice.Notice{PersonID: e.PersonID, Kind: notice.Enrolled, SubjectID: db.Ref(e.ID), Body: p.Name})
			}
		}
	}
	if err := s.Notices.TellTx(tx, told...); err != nil {
		return err
	}
	for _, e := range pl.leave {
		if err := s.Notices.ForgetSubjectTx(tx, e.ID, notice.Enrolled, notice.Due, notice.Extended); err != nil {
			return err
		}
	}
	if len(pl.join)+len(pl.back)+len(pl.leave) == 0 {
		return nil
	}
	return audit.Write(tx, "", "programme.synced", p.ID, map[string]any{"joined": len(pl.join), "returned": len(pl.back), "left": len(pl.leave)})
}

// PersonChanged remembers when somebody got the roles they have, for rules about who is new in one, and has
// the rules asked again (people.Directory.OnChanged).
func (s *Service) PersonChanged(ctx context.Context, tx *db.Tx, was, now people.Person) error {
	for _, r := range people.Roles {
		switch {
		case now.Has(r) && !was.Has(r):
			if err := startRole(tx, now.ID, r); err != nil {
				return err
			}
		case was.Has(r) && !now.Has(r):
			if err := endRole(tx, now.ID, r); err != nil {
				return err
			}
		}
	}
	return s.queuePersons(ctx, tx, now.ID)
}

// PersonsMoved has the rules asked again of people whose place has changed (people.Directory.OnMoved).
func (s *Service) PersonsMoved(ctx context.Context, tx *db.Tx, ids []string) error {
	return s.queuePersons(ctx, tx, ids...)
}

// PersonAdded has the rules asked of somebody new (people.Directory.OnAdded).
func (s *Service) PersonAdded(ctx context.Context, tx *db.Tx, p people.Person) error {
	return s.queuePersons(ctx, tx, p.ID)
}

// TreeChanged has the rules asked again of everybody (people.Directory.OnTree).
func (s *Service) TreeChanged(ctx context.Context, tx *db.Tx) error { return s.queueAll(ctx, tx) }
