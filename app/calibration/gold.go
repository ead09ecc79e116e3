package calibration

import (
	"time"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// Takes is how many gold takes a reviewer scores in a month.
const Takes = 3

// Recent is how long somebody who has sent a review counts as a reviewer.
const Recent = 90 * 24 * time.Hour

// MaxSkips is how many months in a row may be skipped.
const MaxSkips = 2

const (
	maxTitle = 120
	maxPanel = 20
)

// Gold is a take that a panel has scored.
type Gold struct {
	ID, Title, VideoID string
	// RubricVersionID is the version it was, and is, scored under.
	RubricVersionID string
	CreatedBy       *string
	// RetiredAt is when it was given to nobody any more; nil while it is in use.
	RetiredAt            *time.Time
	CreatedAt, UpdatedAt time.Time
	// Panel is what the panel gave.
	Panel []Panelist
	// ScoredBy counts the reviewers who have scored it.
	ScoredBy int
	// Usable says that its video can still be given to reviewers.
	Usable bool
	// Hidden says that Panel is left out: the actor is to score it this month themself.
	Hidden bool
}

// Panelist is one member of a panel with their levels.
type Panelist struct {
	PersonID string
	Levels   score.Levels
}

// NewGold is a gold take to be made.
type NewGold struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same gold take.
	ID                              string
	Title, VideoID, RubricVersionID string
	Panel                           []Panelist
}

// GoldChange is what is to change of a gold take; nil leaves a part as it is.
type GoldChange struct {
	Title, VideoID, RubricVersionID *string
	Panel                           *[]Panelist
}

// checkPanel says what is wrong with a panel under a rubric.
func checkPanel(panel []Panelist, r score.Criteria) error {
	switch {
	case len(panel) == 0:
		return fault.InvalidField("panel", "required", "Say what at least one member of the panel gives.")
	case len(panel) > maxPanel:
		return fault.InvalidField("panel", "too_many", "A panel has at most 20 members.")
	}
	seen := map[string]bool{}
	for _, p := range panel {
		if seen[p.PersonID] {
			return fault.InvalidField("panel", "person_twice", "Somebody is named twice.")
		}
		seen[p.PersonID] = true
		if err := checkLevels("panel", p.Levels, r); err != nil {
			return err
		}
	}
	return nil
}

// checkLevels refuses levels that do not fit a rubric: all criteria need one, and no other may have one.
func checkLevels(field string, levels score.Levels, r score.Criteria) error {
	if unknown := r.Unknown(levels); len(unknown) > 0 {
		f := fault.InvalidField(field, "level_unknown", "These criteria are not in the rubric, or do not have this level.")
		f.Extra = map[string]any{"criteria": unknown}
		return f
	}
	if missing := r.Missing(levels, nil); len(missing) > 0 {
		f := fault.InvalidField(field, "level_missing", "Every criterion needs a level.")
		f.Extra = map[string]any{"criteria": missing}
		return f
	}
	return nil
}

func cleanTitle(s string) (string, error) { return people.CleanLine("title", s, maxTitle) }

// MonthOf names the month of a time, as in 2026-11: the calendar's, in UTC.
func MonthOf(t time.Time) string { return t.UTC().Format("2006-01") }

// DueOn is the last day of a month, as in 2026-11-30.
func DueOn(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 1, -1).Format(time.DateOnly)
}
