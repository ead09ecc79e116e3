package api

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

type reviewNoteDTO struct {
	ID       string    `json:"id"`
	ReviewID string    `json:"review_id"`
	By       authorDTO `json:"by"`
	AtMS     int64     `json:"at_ms"`
	Kind     string    `json:"kind" enum:"good,work,question,note"`
	Text     string    `json:"text"`
	Voice    bool      `json:"voice" doc:"GET /api/v1/reviews/{review_id}/voice/{id} is the recording."`
	Reply    *videoDTO `json:"reply,omitempty" doc:"The reviewer's video, where one may see it."`
}

type resultScoreDTO struct {
	CriterionID string `json:"criterion_id"`
	Level       int    `json:"level"`
	Carried     bool   `json:"carried" doc:"It stands from the attempt before."`
}

type rescoredDTO struct {
	Reviewer authorDTO `json:"reviewer"`
	Version  int       `json:"version" doc:"Of the rubric."`
	Score    float64   `json:"score"`
	SentAt   time.Time `json:"sent_at"`
}

type resultDTO struct {
	Reviewer      authorDTO        `json:"reviewer"`
	Message       string           `json:"message"`
	Rubric        rubricVersionDTO `json:"rubric"`
	Scores        []resultScoreDTO `json:"scores" doc:"In the order of the rubric."`
	Notes         []reviewNoteDTO  `json:"notes" doc:"By time; where two agreed, those of both."`
	RetryCriteria []string         `json:"retry_criteria"`
	SentAt        time.Time        `json:"sent_at"`
	Rescored      []rescoredDTO    `json:"rescored" doc:"Scores under newer rubrics: they change nothing."`
}

// resultOf shows the result of an attempt; nil where it has none, or it is hidden from the actor.
func (s *Server) resultOf(ctx context.Context, a people.Actor, t programme.Attempt) (*resultDTO, error) {
	res, ok, err := s.Reviews.ResultOf(ctx, a, t)
	if err != nil || !ok {
		return nil, err
	}
	return s.showResult(ctx, a, res)
}

func (s *Server) showResult(ctx context.Context, a people.Actor, res review.Result) (*resultDTO, error) {
	versions := []string{res.RubricVersionID}
	persons := []string{res.Reviewer}
	var videos []string
	for _, n := range res.Notes {
		persons = append(persons, n.By)
		if n.ReplyVideoID != nil {
			videos = append(videos, *n.ReplyVideoID)
		}
	}
	for _, r := range res.Rescored {
		versions, persons = append(versions, r.RubricVersionID), append(persons, r.Reviewer)
	}
	found, names, err := s.videosOn(ctx, a, videos, persons)
	if err != nil {
		return nil, err
	}
	rubrics, err := s.Rubrics.Versions(ctx, versions...)
	if err != nil {
		return nil, err
	}
	v := rubrics[res.RubricVersionID]
	d := &resultDTO{Reviewer: authorDTO{res.Reviewer, names[res.Reviewer]}, Message: res.Message, Rubric: rubricVersionOf(v, nil, nil), Scores: scoresInOrder(v, res.Scores),
		Notes: make([]reviewNoteDTO, len(res.Notes)), RetryCriteria: list(res.RetryCriteria), SentAt: res.SentAt, Rescored: make([]rescoredDTO, len(res.Rescored))}
	for i, n := range res.Notes {
		d.Notes[i] = reviewNoteDTO{ID: n.ID, ReviewID: n.ReviewID, By: authorDTO{n.By, names[n.By]}, AtMS: n.AtMS, Kind: string(n.Kind), Text: n.Body, Voice: n.Voice}
		if n.ReplyVideoID != nil {
			d.Notes[i].Reply = found[*n.ReplyVideoID]
		}
	}
	for i, r := range res.Rescored {
		d.Rescored[i] = rescoredDTO{authorDTO{r.Reviewer, names[r.Reviewer]}, rubrics[r.RubricVersionID].Number, score.Percent(r.Score), r.SentAt}
	}
	return d, nil
}

// previousOf shows the result of the attempt before the one that is reviewed; nil where there is none to be shown.
func (s *Server) previousOf(ctx context.Context, a people.Actor, f review.Full) (*resultDTO, error) {
	res, ok, err := s.Reviews.PreviousOf(ctx, a, f)
	if err != nil || !ok {
		return nil, err
	}
	return s.showResult(ctx, a, res)
}

func scoresInOrder(v rubric.Version, scores []review.Score) []resultScoreDTO {
	out := []resultScoreDTO{}
	for _, c := range v.Criteria {
		for _, sc := range scores {
			if sc.CriterionID == c.ID {
				out = append(out, resultScoreDTO{sc.CriterionID, sc.Level, sc.Carried})
			}
		}
	}
	return out
}

// byName shows persons in the order of their names.
func byName(ids []string, names map[string]string) []authorDTO {
	out := make([]authorDTO, len(ids))
	for i, id := range ids {
		out[i] = authorDTO{id, names[id]}
	}
	slices.SortFunc(out, func(a, b authorDTO) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}
