package certificate

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// Config is what the service is made of; all fields are required.
type Config struct {
	DB      *db.DB
	People  *people.Directory
	Notices *notice.Service
	Log     *slog.Logger
}

// Service holds the use cases.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

const (
	// maxReason is the longest reason of a revocation, in characters.
	maxReason = 500
	// lastDays is when a holder is told a second time that a certificate ends.
	lastDays = 7 * 24 * time.Hour
)

// IssueTx gives the certificate of an attempt, in the transaction that settled it with a pass. For an attempt
// that has one it gives that, and changes nothing. What the person had of the programme before is replaced.
// Conflict attempt_not_passed for any other attempt, NotFound for none.
func (s *Service) IssueTx(tx *db.Tx, attemptID string) (Certificate, error) {
	p, err := passedOf(tx, attemptID)
	if err != nil {
		return Certificate{}, err
	}
	if p.State != "settled" || p.Decision != "pass" {
		return Certificate{}, fault.New(fault.Conflict, "attempt_not_passed", "Only an attempt that passed gets a certificate.")
	}
	if had, has, err := ofAttempt(tx.Gorm(), attemptID); err != nil || has {
		return had, err
	}
	c := Certificate{ID: ident.At(tx.Now), Code: random(codeLength), EnrolmentID: p.EnrolmentID, ProgrammeID: p.ProgrammeID, PersonID: p.PersonID, AttemptID: p.AttemptID,
		Programme: p.Programme, Holder: p.Holder, IssuedAt: tx.Now}
	if p.ValidDays > 0 {
		end := tx.Now.AddDate(0, 0, p.ValidDays)
		c.ExpiresAt = &end
	}
	for taken := true; taken; {
		c.Number = newNumber(tx.Now)
		if taken, err = numberTaken(tx, c.Number); err != nil {
			return Certificate{}, err
		}
	}
	if err := insert(tx, &c); err != nil {
		return Certificate{}, err
	}
	old, err := replace(tx, c)
	if err != nil {
		return Certificate{}, err
	}
	if err := s.Notices.ForgetSubjectTx(tx, p.EnrolmentID, notice.Due); err != nil {
		return Certificate{}, err
	}
	detail := map[string]any{"certificate_id": c.ID, "number": c.Number}
	if len(old) > 0 {
		detail["replaces"] = old
	}
	return c, audit.Write(tx, "", "certificate.issued", attemptID, detail)
}

// RevokeTx takes back the certificate of an attempt that a dispute made fail, if it has one. byID is who
// decided.
func (s *Service) RevokeTx(tx *db.Tx, byID, attemptID, reason string) error {
	c, err := findForUpdate(tx, "attempt_id", attemptID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case c.RevokedAt != nil:
		return nil
	}
	return s.revoke(tx, byID, &c, reason)
}

func (s *Service) revoke(tx *db.Tx, byID string, c *Certificate, reason string) error {
	c.RevokedAt, c.RevokeReason = &tx.Now, reason
	if byID != "" {
		c.RevokedBy = &byID
	}
	if err := save(tx, c); err != nil {
		return err
	}
	n := notice.Notice{PersonID: c.PersonID, Kind: notice.Certificate, SubjectID: &c.ID, Body: reason}
	if byID != "" && byID != c.PersonID {
		n.ActorID = &byID
	}
	if err := s.Notices.ForgetSubjectTx(tx, c.EnrolmentID, notice.Due); err != nil {
		return err
	}
	if err := s.Notices.TellTx(tx, n); err != nil {
		return err
	}
	return audit.Write(tx, byID, "certificate.revoked", c.AttemptID, map[string]any{"certificate_id": c.ID, "number": c.Number})
}

// Revoke takes a certificate back, with a reason that its holder reads. A trainer's. Conflict
// certificate_revoked where it was done before.
func (s *Service) Revoke(ctx context.Context, a people.Actor, id, reason string) (Certificate, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return Certificate{}, err
	}
	return s.change(ctx, a, id, Revoke, func(tx *db.Tx, c *Certificate) error {
		if c.RevokedAt != nil {
			return fault.New(fault.Conflict, "certificate_revoked", "This certificate is revoked already.")
		}
		return s.revoke(tx, a.PersonID, c, reason)
	})
}

func cleanReason(s string) (string, error) {
	return people.CleanLine("reason", strings.Join(strings.Fields(s), " "), maxReason)
}

// SetNamePublic says whether the public page has the holder's name; only the holder decides.
func (s *Service) SetNamePublic(ctx context.Context, a people.Actor, id string, public bool) (Certificate, error) {
	return s.change(ctx, a, id, Name, func(tx *db.Tx, c *Certificate) error {
		if c.NamePublic == public {
			return nil
		}
		c.NamePublic = public
		if err := save(tx, c); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "certificate.name", c.AttemptID, map[string]any{"certificate_id": c.ID, "public": public})
	})
}

func (s *Service) change(ctx context.Context, a people.Actor, id string, action Action, fn func(*db.Tx, *Certificate) error) (Certificate, error) {
	var out Certificate
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		c, err := findForUpdate(tx, "id", id)
		if err != nil {
			return err
		}
		place, err := s.People.PlaceTx(tx, c.PersonID)
		if err != nil {
			return err
		}
		switch {
		case !Can(a, Read, place):
			return fault.Missing("certificate")
		case !Can(a, action, place):
			return fault.Denied(map[Action]string{Name: "Only who holds this certificate decides that.", Revoke: "Only a trainer may revoke a certificate."}[action])
		}
		out = c
		return fn(tx, &out)
	})
	return out, err
}

// Filter narrows a list of certificates.
type Filter struct {
	PersonID, ProgrammeID string
	// Before is the id of the last one of the page before.
	Before string
	Limit  int
}

// List gives the certificates that the actor may read, newest first, a page at a time.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Certificate, error) {
	return list(s.DB.Read(ctx), a, f)
}

// Get gives a certificate that the actor may read.
func (s *Service) Get(ctx context.Context, a people.Actor, id string) (Certificate, error) {
	return find(seen(s.DB.Read(ctx), a), "id", id)
}

// OfAttempts gives the certificates of attempts, by attempt; that the attempts may be seen is for the caller
// to decide.
func (s *Service) OfAttempts(ctx context.Context, ids ...string) (map[string]Certificate, error) {
	return ofAttempts(s.DB.Read(ctx), ids)
}

// Newest gives the last certificate of each enrolment, by enrolment; that the enrolments may be seen is for
// the caller to decide.
func (s *Service) Newest(ctx context.Context, enrolmentIDs ...string) (map[string]Certificate, error) {
	return newest(s.DB.Read(ctx), enrolmentIDs)
}

// Check gives the certificate of a public address, for whoever has it. NotFound certificate_not_found for all
// that is none, TooMany for an address that comes with too many of those.
func (s *Service) Check(ctx context.Context, code, address string) (Certificate, error) {
	var out Certificate
	err := s.People.Guess(ctx, "check", address, func(tx *db.Tx) error {
		clean := cleanCode(code)
		if clean == "" {
			return fault.Missing("certificate")
		}
		c, err := find(tx.Gorm(), "code", clean)
		out = c
		return err
	})
	if err != nil {
		return Certificate{}, err
	}
	return out, nil
}
