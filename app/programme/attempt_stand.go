package programme

import (
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/rubric"
)

// stand works out where an enrolment stands from its attempts, which must be in the order of their numbers:
// what a person has is what their attempts of this round say, and nothing else. The round are the last
// e.Attempts of them; those before are of an earlier certificate. A pass stays, whatever comes after it.
func stand(e *Enrolment, p Programme, attempts []Attempt) {
	round := attempts[max(0, len(attempts)-e.Attempts):]
	e.State, e.NextAttemptAt, e.RetryCriteria, e.SettledAt = Started, nil, List{}, nil
	for _, a := range round {
		switch {
		case a.State == Waiting:
			e.State, e.NextAttemptAt = Submitted, nil
		case a.Decision == Pass:
			e.State, e.NextAttemptAt, e.RetryCriteria, e.SettledAt = Passed, nil, List{}, a.SettledAt
			return
		default:
			e.State, e.RetryCriteria, e.SettledAt = Failed, List{}, a.SettledAt
			if a.Decision == TryAgain {
				e.State, e.RetryCriteria = Retry, slices.Clone(a.RetryCriteria)
			}
			e.NextAttemptAt = nil
			if p.WaitHours > 0 && a.SettledAt != nil {
				next := a.SettledAt.Add(time.Duration(p.WaitHours) * time.Hour)
				e.NextAttemptAt = &next
			}
		}
	}
}

// lookedAt works out what an attempt is looked at for under a rubric version, after a result that named
// criteria to try again: those criteria, and the levels of the others, which are carried. Criteria of another
// version stand for those of the result where they are of one lineage. A level is carried only where the
// criterion is still worth the same; whatever else there is, is looked at again. Both are empty for all of it.
func lookedAt(now, then rubric.Version, result Attempt) (only List, carried Levels) {
	only, carried = List{}, Levels{}
	if result.Decision != TryAgain || len(result.RetryCriteria) == 0 {
		return only, carried
	}
	was := make(map[string]rubric.Criterion, len(then.Criteria))
	for _, c := range then.Criteria {
		was[c.Lineage] = c
	}
	for _, c := range now.Criteria {
		old, known := was[c.Lineage]
		level, has := result.Levels[old.ID]
		if !known || !has || slices.Contains(result.RetryCriteria, old.ID) || !worthTheSame(c, old) {
			only = append(only, c.ID)
			continue
		}
		carried[c.ID] = level
	}
	if len(only) == 0 || len(carried) == 0 { // nothing that was named is left, or nothing else is
		return List{}, Levels{}
	}
	return only, carried
}

// worthTheSame says whether a level of one criterion means the same in the other.
func worthTheSame(a, b rubric.Criterion) bool {
	if len(a.Levels) != len(b.Levels) {
		return false
	}
	for i := range a.Levels {
		if a.Levels[i] != b.Levels[i] {
			return false
		}
	}
	return true
}
