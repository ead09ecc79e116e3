// Package ident makes and reads the identifiers of rows: UUIDv7 in their usual text form, which sort
// by the time they were made in both databases.
package ident

import (
	"fmt"

	"github.com/google/uuid"
)

// New makes an identifier. It panics only when the operating system has no random numbers left to
// give, in which case nothing else is safe either.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Parse accepts any UUID in its usual form and gives it in lower case.
func Parse(s string) (string, error) {
	if len(s) != 36 {
		return "", fmt.Errorf("not a UUID: %d characters", len(s))
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return "", fmt.Errorf("not a UUID: %w", err)
	}
	return id.String(), nil
}
