package score

// PassKind is what a pass is made of.
type PassKind string

// The kinds of pass rules.
const (
	Total PassKind = "total" // the score reaches a percentage
	Each  PassKind = "each"  // every criterion reaches a level
)

// PassRule says what passes.
type PassRule struct {
	Kind PassKind
	// Percent is what the score must reach, by Total.
	Percent int
	// Level is what every criterion must reach, by Each; its highest where it has fewer.
	Level int
}

// Short is a criterion that falls short.
type Short struct {
	CriterionID string
	// Level is what it has, 0 for none; Need is what it must have.
	Level, Need int
}

// Verdict is whether levels pass, and what is missing.
type Verdict struct {
	Pass bool
	// Score is in hundredths of a percent; 0 while a criterion has no level.
	Score int
	// NeedScore is what the score must reach, in hundredths of a percent, by Total.
	NeedScore int
	// Short names the criteria without a level and, by Each, those below the level they need.
	Short []Short
}

// Passes says whether these levels, the carried ones among them, pass under the rule. It compares the score
// as it is kept: in hundredths of a percent.
func (r Criteria) Passes(rule PassRule, levels Levels) Verdict {
	var v Verdict
	if rule.Kind == Total {
		v.NeedScore = rule.Percent * 100
	}
	score, whole := r.Score(levels)
	v.Score = score
	for _, c := range r {
		need := 1
		if rule.Kind == Each {
			need = max(1, min(rule.Level, len(c.Levels)))
		}
		if level := levels[c.ID]; !c.Has(level) {
			v.Short = append(v.Short, Short{c.ID, 0, need})
		} else if level < need {
			v.Short = append(v.Short, Short{c.ID, level, need})
		}
	}
	v.Pass = whole && len(v.Short) == 0 && score >= v.NeedScore && (rule.Kind == Total || rule.Kind == Each)
	return v
}
