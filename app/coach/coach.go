package coach

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// State is what has become of an ask for feedback or of an assigned practice.
type State string

// The states; Declined is of asks only. All but Open are final.
const (
	Open      State = "open"
	Done      State = "done"
	Declined  State = "declined"
	Withdrawn State = "withdrawn"
)

// The longest texts, in characters.
const (
	maxAsk     = 500
	maxAnswer  = 4000
	maxPrompt  = 500
	maxPromise = 500
	maxReason  = 500
)

// MaxTarget is the longest practice that can be asked for, in milliseconds.
const MaxTarget = 10 * 60 * 1000

// Box says whose things are listed.
type Box string

// The boxes.
const (
	Received Box = "received"
	Sent     Box = "sent"
)

// Filter narrows a list of what stands between the actor and one colleague each.
type Filter struct {
	Box Box
	// State is empty for all.
	State string
	// Before is the id of the last one of the page before.
	Before string
	Limit  int
}

// day is a day of the calendar without a place, as it is kept: YYYY-MM-DD, or empty.
const dayForm = "2006-01-02"

// today is the day that it is at now, where zone is.
func today(now time.Time, zone *time.Location) string { return now.In(zone).Format(dayForm) }

// passed says whether a last day is over where zone is; a day that is not set never is.
func passed(day string, now time.Time, zone *time.Location) bool {
	return day != "" && today(now, zone) > day
}

// cleanDay checks a day that somebody sets for what is still to come; empty is allowed.
func cleanDay(field, day string, now time.Time, zone *time.Location) error {
	if day == "" {
		return nil
	}
	at, err := time.Parse(dayForm, day)
	switch {
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "date_invalid", "Give a day such as 2026-11-30.").At(field)
	case day < today(now, zone):
		return fault.InvalidField(field, "date_past", "This day is over.")
	case at.After(now.AddDate(10, 0, 0)):
		return fault.InvalidField(field, "date_far", "Choose a day within ten years.")
	}
	return nil
}

// cleanText checks what somebody wrote.
func cleanText(field, s string, longest int, needed bool) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case s == "" && needed:
		return "", fault.InvalidField(field, "required", "This must not be empty.")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }):
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > longest:
		return "", fault.InvalidField(field, "too_long", "This is too long.")
	}
	return s, nil
}

func errSettled(state string) error {
	return fault.New(fault.Conflict, "settled", "This is settled already: "+state+".")
}
