package people

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// Role is what a person does in the company, as far as Fieldreel is concerned.
type Role string

// The roles.
const (
	Rep     Role = "rep"
	Manager Role = "manager"
	Trainer Role = "trainer"
	Admin   Role = "admin"
)

// Roles lists all roles, in the order of reading.
var Roles = []Role{Rep, Manager, Trainer, Admin} //nolint:gochecknoglobals // a constant list

// Person is somebody with an account.
type Person struct {
	ID        string
	Email     string
	Name      string
	Roles     []Role
	TimeZone  string // IANA name
	Active    bool
	CreatedAt time.Time
	UpdatedAt time.Time
	// Following says whether the actor who asked for colleagues follows this one.
	Following bool
}

// Has says whether the person has the role.
func (p Person) Has(r Role) bool { return slices.Contains(p.Roles, r) }

// Team is a node in the tree of teams.
type Team struct {
	ID        string
	ParentID  *string
	Name      string
	CreatedAt time.Time
	UpdatedAt time.Time
}

const (
	maxName     = 200
	maxEmail    = 254 // RFC 5321
	minPassword = 10
	maxPassword = 256
)

// EmailKey gives the form of an e-mail address that sign-in and imports compare.
func EmailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func cleanEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > maxEmail {
		return "", fault.InvalidField("email", "email_invalid", "Give one plain e-mail address, such as ana@example.com.")
	}
	return email, nil
}

// CleanLine trims a single line of text and refuses control characters, empty and over-long values.
// The field names it in the problem.
func CleanLine(field, s string, longest int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", fault.InvalidField(field, "required", "This must not be empty.")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > longest:
		return "", fault.InvalidField(field, "too_long", "This is too long.")
	}
	return s, nil
}

// CleanText trims a text of several lines, which may be empty, and gives its ends of line one form. Errors:
// Invalid with the field, text_invalid or too_long; longest is in characters.
func CleanText(field, s string, longest int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }):
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > longest:
		return "", fault.InvalidField(field, "too_long", fmt.Sprintf("Use at most %d characters.", longest))
	}
	return s, nil
}

func cleanRoles(roles []Role) ([]Role, error) {
	if len(roles) == 0 {
		return nil, fault.InvalidField("roles", "required", "Give at least one role: rep, manager, trainer or admin.")
	}
	out := slices.Clone(roles)
	slices.Sort(out)
	out = slices.Compact(out)
	for _, r := range out {
		if !slices.Contains(Roles, r) {
			return nil, fault.InvalidField("roles", "role_unknown", "The roles are rep, manager, trainer and admin.")
		}
	}
	return out, nil
}

func checkPassword(field, pw string) error {
	switch n := utf8.RuneCountInString(pw); {
	case n < minPassword:
		return fault.InvalidField(field, "password_short", "Use at least 10 characters; a few words in a row are good.")
	case len(pw) > maxPassword:
		return fault.InvalidField(field, "password_long", "Use at most 256 characters.")
	}
	return nil
}

func cleanZone(zone string) (string, error) {
	if zone == "" {
		return "UTC", nil
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return "", fault.InvalidField("time_zone", "time_zone_unknown", "Give a time zone such as Europe/Berlin.")
	}
	return zone, nil
}
