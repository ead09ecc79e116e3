package certificate

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// State is how a certificate stands.
type State string

// The states. A later reason wins: what is revoked is no longer said to be expired.
const (
	Valid    State = "valid"
	Expiring State = "expiring" // valid, and may be renewed
	Expired  State = "expired"
	Replaced State = "replaced" // by a renewal
	Revoked  State = "revoked"
)

// Certificate is a passed attempt's.
type Certificate struct {
	ID string
	// Number is shown to people, such as FR-2026-7K3M9Q; Code is the secret part of its public address.
	Number, Code                                  string
	EnrolmentID, ProgrammeID, PersonID, AttemptID string
	// Programme and Holder are the names as they were when it was issued.
	Programme, Holder string
	// NamePublic is whether the public page says the holder's name.
	NamePublic bool
	IssuedAt   time.Time
	// ExpiresAt is nil for a certificate without an end.
	ExpiresAt    *time.Time
	RevokedAt    *time.Time
	RevokedBy    *string
	RevokeReason string
	// ReplacedBy is the certificate of the renewal.
	ReplacedBy *string
	// RemindedAt is when the holder was last told that it ends.
	RemindedAt *time.Time
	// RenewDays is how long before its end it may be renewed, as the programme has it now.
	RenewDays int `gorm:"->"`
}

// StateAt says how it stands at a time.
func (c Certificate) StateAt(now time.Time) State {
	switch {
	case c.RevokedAt != nil:
		return Revoked
	case c.ReplacedBy != nil:
		return Replaced
	case c.ExpiresAt == nil:
		return Valid
	case !now.Before(*c.ExpiresAt):
		return Expired
	case !now.Before(c.renewFrom()):
		return Expiring
	}
	return Valid
}

// renewFrom is when the renewal window begins; the certificate must have an end.
func (c Certificate) renewFrom() time.Time { return c.ExpiresAt.AddDate(0, 0, -c.RenewDays) }

// CheckPath is the path of its public page.
func (c Certificate) CheckPath() string { return "/check/" + c.Code }

const (
	// alphabet is Crockford's base 32: no I, L, O and U.
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// numberLength is of the part of a number after the year: a thousand million of them a year.
	numberLength = 6
	// codeLength gives 120 bits: nobody guesses one.
	codeLength = 24
)

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails; the program ends instead
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b)
}

// newNumber makes a number; that it is free is for the caller to see.
func newNumber(now time.Time) string {
	return fmt.Sprintf("FR-%04d-%s", now.UTC().Year(), random(numberLength))
}

// cleanCode reads a code as people type it off a page: small letters, spaces and dashes, O for 0, I and L
// for 1. Empty for what is none.
func cleanCode(s string) string {
	if len(s) > 4*codeLength {
		return ""
	}
	s = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != codeLength || strings.Trim(s, alphabet) != "" {
		return ""
	}
	return s
}
