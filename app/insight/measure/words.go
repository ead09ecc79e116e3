package measure

import (
	"fmt"
	"strings"
)

// Sentence says the verdict in English, for the tactic of that name. It says
// association and nothing stronger, whatever the figures; the test of this
// package keeps the list of words that must never appear.
func (v Verdict) Sentence(tactic string) string {
	switch v.State {
	case ClearDifference:
		way := "more"
		if v.Difference.Estimate < 0 {
			way = "less"
		}
		return fmt.Sprintf("Deals opened after their rep had watched %q were won in time %s often: %s, against %s. "+
			"That is %s points apart (95%% range %s to %s). %s evidence of an association: "+
			"reps chose what they watched, and may have differed to begin with.",
			tactic, way, v.Exposed.words(), v.Unexposed.words(),
			points(abs(v.Difference.Estimate)), points(v.Difference.Low), points(v.Difference.High), v.Strength.words())
	case NoClearDifference:
		out := fmt.Sprintf("No clear difference for %q: %s of the deals opened after watching were won in time, against %s "+
			"of the others. Anything from %s to %s points fits.",
			tactic, v.Exposed.words(), v.Unexposed.words(), points(v.Difference.Low), points(v.Difference.High))
		switch v.Reason {
		case ReasonFewReps:
			out += fmt.Sprintf(" The deals come from %s and %s: under %d on a side, a gap may be between the reps themselves.",
				plural(v.Exposed.Reps, "rep"), plural(v.Unexposed.Reps, "rep"), MinReps)
		case ReasonManyTactics:
			out += fmt.Sprintf(" Among %d tactics considered together, a gap of this size is expected by chance.", v.Family)
		case ReasonNone, ReasonFits0, ReasonFewDeals: // The interval says it.
		}
		return out
	case NotEnoughData:
	}
	var need []string
	if n := v.Exposed.MoreDeals; n > 0 {
		need = append(need, fmt.Sprintf("about %d more %s from reps who had watched it before", n, noun(n, "deal")))
	}
	if n := v.Unexposed.MoreDeals; n > 0 {
		need = append(need, fmt.Sprintf("about %d more %s from reps who had not", n, noun(n, "deal")))
	}
	return fmt.Sprintf("Not enough data for %q: %s needed.", tactic, strings.Join(need, " and "))
}

func (s Side) words() string {
	return fmt.Sprintf("%.1f%% of %d (95%% range %.1f to %.1f)", 100*s.Rate, s.Deals, 100*s.Interval.Low, 100*s.Interval.High)
}

func (s Strength) words() string {
	switch s {
	case StrengthStrong:
		return "Strong"
	case StrengthModerate:
		return "Moderate"
	case StrengthWeak:
		return "Weak"
	case StrengthNone:
	}
	return "No"
}

// points writes a share as points with one decimal and a true minus sign, and
// never as "-0.0".
func points(share float64) string {
	out := fmt.Sprintf("%.1f", 100*abs(share))
	if share < 0 && out != "0.0" {
		return "\u2212" + out
	}
	return out
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

func plural(n int, word string) string { return fmt.Sprintf("%d %s", n, noun(n, word)) }

func noun(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
