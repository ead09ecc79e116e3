package review

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// Result is what the participant, and who looks after them, is shown of a settled attempt.
type Result struct {
	ReviewID, Reviewer, Message, RubricVersionID string
	Scores                                       []Score
	Notes                                        []ResultNote
	RetryCriteria                                []string
	SentAt                                       time.Time
	// Rescored are the scores under newer rubrics, oldest first. They change nothing.
	Rescored []Rescored
}

// ResultNote is a note with who wrote it.
type ResultNote struct {
	SentNote
	By string
}

// Rescored is a score under a newer rubric.
type Rescored struct {
	ReviewID, Reviewer, RubricVersionID string
	// Score is in hundredths of a percent.
	Score  int
	SentAt time.Time
}

// ResultOf gives the result of an attempt. ok is false while it has none, and for whom it is hidden: strangers,
// and reviewers whose own review of it waits (see HiddenFrom).
func (s *Service) ResultOf(ctx context.Context, a people.Actor, attempt programme.Attempt) (res Result, ok bool, err error) {
	if attempt.State != programme.Settled || attempt.ResultReviewID == nil {
		return res, false, nil
	}
	g := s.DB.Read(ctx)
	reviews, err := reviewsOf(g, attempt.ID)
	if err != nil {
		return res, false, err
	}
	line, err := inLine(g, a, attempt.PersonID)
	if err != nil {
		return res, false, err
	}
	if !MaySeeResult(a, attempt.PersonID, line, made(reviews, a.PersonID), blind(reviews, a.PersonID)) {
		return res, false, nil
	}
	return s.resultOf(ctx, attempt, reviews)
}

// PreviousOf gives the result of the attempt before to who writes or may read a review: what was said then is
// part of their work, also where they had nothing to do with it. ok is false for others, and where there is none.
func (s *Service) PreviousOf(ctx context.Context, a people.Actor, f Full) (res Result, ok bool, err error) {
	if f.Before.ResultReviewID == nil || (!Can(a, Write, f.Case) && !Can(a, Read, f.Case)) {
		return res, false, nil
	}
	reviews, err := reviewsOf(s.DB.Read(ctx), f.Before.ID)
	if err != nil {
		return res, false, err
	}
	return s.resultOf(ctx, f.Before, reviews)
}

// resultOf puts together what is shown of a settled attempt with these reviews.
func (s *Service) resultOf(ctx context.Context, attempt programme.Attempt, reviews []Review) (res Result, ok bool, err error) {
	g := s.DB.Read(ctx)
	shown := slices.DeleteFunc(slices.Clone(reviews), func(r Review) bool { return !shownIn(r, attempt, reviews) })
	i := slices.IndexFunc(shown, func(r Review) bool { return r.ID == *attempt.ResultReviewID })
	if i < 0 {
		return res, false, nil
	}
	main := shown[i]
	res = Result{ReviewID: main.ID, Reviewer: main.reviewer(), Message: main.Message, RubricVersionID: main.RubricVersionID, RetryCriteria: attempt.RetryCriteria, SentAt: *main.SentAt}
	if res.Scores, err = scoresOf(g, main.ID); err != nil {
		return res, false, err
	}
	by := map[string]string{}
	for _, r := range shown {
		by[r.ID] = r.reviewer()
	}
	notes, err := notesOf(g, ids(shown)...)
	if err != nil {
		return res, false, err
	}
	for _, n := range notes {
		res.Notes = append(res.Notes, ResultNote{n, by[n.ReviewID]})
	}
	for _, r := range reviews {
		if r.Role == Again && r.State == Sent {
			res.Rescored = append(res.Rescored, Rescored{r.ID, r.reviewer(), r.RubricVersionID, *r.Score, *r.SentAt})
		}
	}
	return res, true, nil
}

// shownIn says whether the notes of a review belong to the result of the attempt: those of the review that is
// shown and, beside the first of two that agree, the second's.
func shownIn(r Review, attempt programme.Attempt, all []Review) bool {
	if r.State != Sent || attempt.ResultReviewID == nil {
		return false
	}
	if r.ID == *attempt.ResultReviewID {
		return true
	}
	return r.Role == Second && slices.ContainsFunc(all, func(o Review) bool { return o.ID == *attempt.ResultReviewID && o.Role == First })
}

func ids(reviews []Review) []string {
	out := make([]string, len(reviews))
	for i, r := range reviews {
		out[i] = r.ID
	}
	return out
}

// HiddenFrom says of which of these attempts the actor must not be shown anything that others said of it,
// decision and score among it: their own review of it waits.
func (s *Service) HiddenFrom(ctx context.Context, a people.Actor, attempts ...string) (map[string]bool, error) {
	out := map[string]bool{}
	if a.PersonID == "" {
		return out, nil
	}
	found, err := countedFor(s.DB.Read(ctx), a.PersonID, attempts)
	for _, r := range found {
		if r.State == Waiting {
			out[r.AttemptID] = true
		}
	}
	return out, err
}

// Reviewed says which of these attempts the actor has, or had, a review of that counts: they may go on looking
// at them.
func (s *Service) Reviewed(ctx context.Context, a people.Actor, attempts ...string) (map[string]bool, error) {
	out := map[string]bool{}
	if a.PersonID == "" {
		return out, nil
	}
	var found []string
	err := s.DB.Read(ctx).Model(&Review{}).Where("attempt_id IN ? AND reviewer_id = ? AND state <> ?", append([]string{""}, attempts...), a.PersonID, string(Dropped)).Pluck("attempt_id", &found).Error
	for _, id := range found {
		out[id] = true
	}
	return out, err
}

// Scores gives the levels of reviews, by review, for those who may read them (Can Read; WeighDispute).
func (s *Service) scores(ctx context.Context, reviews ...string) (map[string][]Score, error) {
	all, err := scoresOf(s.DB.Read(ctx), reviews...)
	out := map[string][]Score{}
	for _, sc := range all {
		out[sc.ReviewID] = append(out[sc.ReviewID], sc)
	}
	return out, err
}
