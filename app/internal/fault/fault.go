// Package fault gives every error of the application a kind, a stable code and a message that is
// safe to show, translated once where the cause is known and mapped once to an HTTP status at the
// edge (app/api). Causes stay inside the process: they are wrapped for the log and never sent.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure an error is. The zero value is Internal.
type Kind int

// The kinds, each with the status that app/api answers.
const (
	Internal         Kind = iota // 500: a bug or a broken engine
	Invalid                      // 422: the input is understood and wrong
	Malformed                    // 400: the input cannot be read at all
	Unauthenticated              // 401: nobody, or a session that has ended
	Forbidden                    // 403: somebody who may know of it, and may not do it
	NotFound                     // 404: does not exist, or may not be seen
	Conflict                     // 409: true, but not now
	TooLarge                     // 413
	UnsupportedMedia             // 415
	TooMany                      // 429: try again after RetryAfter
	Unavailable                  // 503: an engine is missing or down
	NoSpace                      // 507: the store is below its reserve
)

// Field is one mistake in the input: where it stands (JSON path, header or query parameter), a code
// and what to do about it.
type Field struct {
	Location string
	Code     string
	Detail   string
}

// Error is a failure with a kind, a code for programs (snake_case, stable), a detail for people
// (safe to show, says what to do) and the cause for the log.
type Error struct {
	Kind       Kind
	Code       string
	Detail     string
	Field      string
	Fields     []Field
	RetryAfter time.Duration
	// Extra holds further members of the problem document, for errors that a program answers
	// (for example the columns of a file that needs a mapping).
	Extra map[string]any
	Cause error
}

// Error describes the failure for the log: code, detail and cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Cause)
	}
	return e.Code + ": " + e.Detail
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Wrap makes an error of a kind around a cause that must not be shown.
func Wrap(cause error, kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail, Cause: cause}
}

// At returns a copy of e that names the field the mistake stands in.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// InvalidField is the commonest mistake: one field with a wrong value.
func InvalidField(field, code, detail string) *Error {
	return &Error{Kind: Invalid, Code: code, Detail: detail, Field: field}
}

// Between refuses a number outside its bounds; both are inside.
func Between(field string, n, low, high int) error {
	if n < low || n > high {
		return InvalidField(field, "out_of_range", fmt.Sprintf("Give a number from %d to %d.", low, high))
	}
	return nil
}

// Missing says that a thing does not exist, in the same words whether it is absent or hidden.
func Missing(thing string) *Error {
	return &Error{Kind: NotFound, Code: thing + "_not_found", Detail: "There is no such " + thing + ", or you may not see it."}
}

// Denied says that the actor may not do this.
func Denied(detail string) *Error {
	return &Error{Kind: Forbidden, Code: "forbidden", Detail: detail}
}

// KindOf gives the kind of err, Internal for errors that carry none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is says whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// CodeOf gives the code of err, or "internal".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "internal"
}
