package ask

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// State is what has become of an ask.
type State string

// The states. All but Open are final.
const (
	Open      State = "open"
	Answered  State = "answered"
	Declined  State = "declined"
	Withdrawn State = "withdrawn"
)

// MostAWeek is how often one person is asked within Week, by all colleagues together.
const MostAWeek = 2

// Week is the time over which MostAWeek counts: the last seven days, not the calendar's week.
const Week = 7 * 24 * time.Hour

// MaxText is the longest text of an ask, in characters.
const MaxText = 280

// Ask is one person asking another for a short take.
type Ask struct {
	ID, FromID, ToID string
	Body             string
	// VideoID names the video of the moment that the ask points at; nil for none, and once it is gone.
	VideoID *string
	// StartMS and EndMS are the moment, in milliseconds; 0 and the length for the whole video.
	StartMS int64 `gorm:"column:start_ms"`
	EndMS   int64 `gorm:"column:end_ms"`
	State   State
	// AnswerVideoID is the video that answers it; nil until then, and once it is gone.
	AnswerVideoID *string
	CreatedAt     time.Time
	// SettledAt is when it was answered, declined or withdrawn.
	SettledAt *time.Time
}

// cleanText checks what somebody asks: one or two sentences.
func cleanText(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case s == "":
		return "", fault.InvalidField("text", "required", "Write what you would like to know.")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }):
		return "", fault.InvalidField("text", "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > MaxText:
		return "", fault.InvalidField("text", "too_long", "Use at most 280 characters: a short question gets a short answer.")
	}
	return s, nil
}
