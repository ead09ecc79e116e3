package review

import (
	"slices"

	"github.com/fieldreel/fieldreel/app/programme"
)

// step is what follows from the reviews of an attempt that waits for its result.
type step string

const (
	wait     step = "wait"  // a review is still to come
	askThird step = "third" // the two disagree
	settled  step = "settled"
)

// outcome is the result of an attempt.
type outcome struct {
	decision programme.Decision
	// score is in hundredths of a percent.
	score int
	// shown is the review whose levels and words the participant sees.
	shown Review
	// retry are the criteria to look at next time, with the decision to retry.
	retry []string
}

// next works out what follows from the reviews of an attempt: of one, its decision; of two that came to the
// same decision and whose scores lie within distance (points of a hundred), that with the mean of the scores
// and all that either would have tried again; else a third decides. Dropped reviews, and those of disputes and
// newer rubrics, do not count.
func next(reviews []Review, distance int) (step, outcome) {
	by := map[Role]Review{}
	for _, r := range reviews {
		if r.State != Dropped {
			by[r.Role] = r
		}
	}
	first, second, third := by[First], by[Second], by[Third]
	switch {
	case third.State == Sent:
		return settled, alone(third)
	case third.State == Waiting, first.State != Sent, second.State == Waiting:
		return wait, outcome{}
	case second.State != Sent:
		return settled, alone(first)
	}
	a, b := *first.Score, *second.Score
	if first.Decision != second.Decision || max(a-b, b-a) > distance*100 {
		return askThird, outcome{}
	}
	out := alone(first)
	out.score = (a + b + 1) / 2 // half rounded up, as single scores are
	if out.decision == programme.TryAgain {
		for _, id := range second.RetryCriteria {
			if !slices.Contains(out.retry, id) {
				out.retry = append(out.retry, id)
			}
		}
	}
	return settled, out
}

func alone(r Review) outcome {
	return outcome{decision: r.Decision, score: *r.Score, shown: r, retry: slices.Clone([]string(r.RetryCriteria))}
}
