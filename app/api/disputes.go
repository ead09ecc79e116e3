package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
)

// disputedDTO is what a dispute is about.
type disputedDTO struct {
	ID        string     `json:"id"`
	Number    int        `json:"number"`
	Programme authorDTO  `json:"programme"`
	Video     *videoDTO  `json:"video,omitempty" doc:"Where one may see it."`
	Decision  string     `json:"decision,omitempty" enum:"pass,retry,fail" doc:"The result that stands; absent while it is hidden from one, whose own review waits."`
	Score     *float64   `json:"score,omitempty"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
}

type disputeReviewDTO struct {
	ID       string           `json:"id"`
	Role     string           `json:"role" enum:"first,second,third,dispute,again"`
	Reviewer *authorDTO       `json:"reviewer,omitempty"`
	Score    *float64         `json:"score,omitempty"`
	Decision string           `json:"decision,omitempty" enum:"pass,retry,fail"`
	Scores   []resultScoreDTO `json:"scores"`
	Message  string           `json:"message"`
	SentAt   *time.Time       `json:"sent_at,omitempty"`
}

type disputeThirdDTO struct {
	ReviewID string     `json:"review_id"`
	State    string     `json:"state" enum:"waiting,sent,dropped"`
	Reviewer *authorDTO `json:"reviewer,omitempty"`
}

type disputeMayDTO struct {
	Resolve  bool `json:"resolve"`
	AskThird bool `json:"ask_third"`
	Withdraw bool `json:"withdraw"`
}

type disputeDTO struct {
	ID            string             `json:"id"`
	Attempt       disputedDTO        `json:"attempt"`
	Person        authorDTO          `json:"person"`
	Reason        string             `json:"reason"`
	State         string             `json:"state" enum:"open,stands,changed,withdrawn"`
	RubricVersion int                `json:"rubric_version"`
	Rubric        *rubricVersionDTO  `json:"rubric,omitempty" doc:"Of the attempt; in the answer with one dispute."`
	Reviews       []disputeReviewDTO `json:"reviews" doc:"All that were sent; for who weighs the dispute."`
	Third         *disputeThirdDTO   `json:"third,omitempty" doc:"The blind review that was asked for."`
	Resolution    string             `json:"resolution,omitempty"`
	ResolvedBy    *authorDTO         `json:"resolved_by,omitempty"`
	CreatedAt     time.Time          `json:"created_at"`
	ResolvedAt    *time.Time         `json:"resolved_at,omitempty"`
	May           disputeMayDTO      `json:"may"`
}

func (s *Server) disputesOf(ctx context.Context, a people.Actor, views []review.DisputeView) ([]disputeDTO, error) {
	var videos, persons, versions, attempts []string
	for _, v := range views {
		persons, versions, attempts = append(persons, v.PersonID), append(versions, v.Attempt.RubricVersionID), append(attempts, v.AttemptID)
		if v.Attempt.VideoID != nil {
			videos = append(videos, *v.Attempt.VideoID)
		}
		for _, r := range append(slices.Clone(v.Reviews), v.Third) {
			if r.ReviewerID != nil {
				persons = append(persons, *r.ReviewerID)
			}
		}
		if v.ResolvedBy != nil {
			persons = append(persons, *v.ResolvedBy)
		}
	}
	found, names, err := s.videosOn(ctx, a, videos, persons)
	if err != nil {
		return nil, err
	}
	rubrics, err := s.Rubrics.Versions(ctx, versions...)
	if err != nil {
		return nil, err
	}
	hidden, err := s.Reviews.HiddenFrom(ctx, a, attempts...)
	if err != nil {
		return nil, err
	}
	out := make([]disputeDTO, len(views))
	for i, v := range views {
		out[i] = disputeOf(v, found, names, rubrics[v.Attempt.RubricVersionID], hidden[v.AttemptID])
	}
	return out, nil
}

func disputeOf(v review.DisputeView, videos map[string]*videoDTO, names map[string]string, rubric rubric.Version, hidden bool) disputeDTO {
	d := disputeDTO{ID: v.ID, Person: authorDTO{v.PersonID, names[v.PersonID]}, Reason: v.Reason, State: string(v.State), RubricVersion: rubric.Number, Reviews: []disputeReviewDTO{},
		Resolution: v.Resolution, ResolvedBy: personRef(v.ResolvedBy, names), CreatedAt: v.CreatedAt, ResolvedAt: v.ResolvedAt,
		Attempt: disputedDTO{ID: v.AttemptID, Number: v.Attempt.Number, Programme: authorDTO{v.Attempt.ProgrammeID, v.Programme}},
		May:     disputeMayDTO{v.MayResolve, v.MayAskThird, v.MayWithdraw}}
	if v.Attempt.VideoID != nil {
		d.Attempt.Video = videos[*v.Attempt.VideoID]
	}
	if !hidden {
		d.Attempt.Decision, d.Attempt.Score, d.Attempt.SettledAt = string(v.Attempt.Decision), percentOf(v.Attempt.Score), v.Attempt.SettledAt
	}
	for _, r := range v.Reviews {
		d.Reviews = append(d.Reviews, disputeReviewDTO{r.ID, string(r.Role), personRef(r.ReviewerID, names), percentOf(r.Score), string(r.Decision), scoresInOrder(rubric, v.Scores[r.ID]), r.Message, r.SentAt})
	}
	if v.Third.ID != "" {
		d.Third = &disputeThirdDTO{v.Third.ID, string(v.Third.State), personRef(v.Third.ReviewerID, names)}
	}
	return d
}

// disputesOn gives the disputes of attempts that the actor may see, by attempt. Where there is none, and
// review.MayDispute says so, one may be opened.
func (s *Server) disputesOn(ctx context.Context, a people.Actor, attempts ...string) (map[string]*disputeDTO, error) {
	views, err := s.Reviews.DisputesOn(ctx, a, attempts...)
	if err != nil {
		return nil, err
	}
	dtos, err := s.disputesOf(ctx, a, slices.Collect(maps.Values(views)))
	out := make(map[string]*disputeDTO, len(dtos))
	for i := range dtos {
		out[dtos[i].Attempt.ID] = &dtos[i]
	}
	return out, err
}

// oneDispute answers with one dispute, and the rubric.
func (s *Server) oneDispute(ctx context.Context, a people.Actor, id string, err error) (*body[disputeDTO], error) {
	if err != nil {
		return nil, err
	}
	v, err := s.Reviews.OneDispute(ctx, a, id)
	if err != nil {
		return nil, err
	}
	out, err := s.disputesOf(ctx, a, []review.DisputeView{v})
	if err != nil {
		return nil, err
	}
	rubric, err := s.Rubrics.Version(ctx, v.Attempt.RubricVersionID)
	if err != nil {
		return nil, err
	}
	shown := rubricVersionOf(rubric, nil, nil)
	out[0].Rubric = &shown
	return answer(out[0]), nil
}

func (s *Server) disputeRoutes() {
	type disputeRequest struct {
		IDPath
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"2000"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/attempts/{id}/dispute", tag: "disputes", summary: "Say why the result of one's own attempt is wrong; it stands until that is resolved", status: http.StatusCreated,
		codes: "attempt_waits, dispute_open, dispute_settled, required"},
		func(ctx context.Context, a people.Actor, in *disputeRequest) (*body[disputeDTO], error) {
			d, err := s.Reviews.Dispute(ctx, a, in.ID, in.Body.Reason)
			return s.oneDispute(ctx, a, d.ID, err)
		})
	type listDisputesRequest struct {
		Paging
		State string `query:"state" enum:"open,stands,changed,withdrawn"`
	}
	route(s, op{method: "GET", path: "/api/v1/disputes", tag: "disputes", summary: "Disputes, newest first: all for trainers and admins, others' own"},
		func(ctx context.Context, a people.Actor, in *listDisputesRequest) (*body[page[disputeDTO]], error) {
			views, err := s.Reviews.Disputes(ctx, a, review.DisputeFilter{State: review.DisputeState(in.State), Before: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			items, err := s.disputesOf(ctx, a, views)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(items, in.Limit, func(d disputeDTO) string { return d.ID }, func(d disputeDTO) disputeDTO { return d })), nil
		})
	route(s, op{method: "GET", path: "/api/v1/disputes/{id}", tag: "disputes", summary: "A dispute with what is needed to weigh it"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[disputeDTO], error) {
			return s.oneDispute(ctx, a, in.ID, nil)
		})
	s.disputeWeighRoutes()
}

func (s *Server) disputeWeighRoutes() {
	type thirdRequest struct {
		IDPath
		Body struct {
			ReviewerID string `json:"reviewer_id" format:"uuid" doc:"One of GET reviewers."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/disputes/{id}/third", tag: "disputes", summary: "Ask somebody for a review who knows nothing of what was said", codes: "reviewer_unfit, third_asked, dispute_settled"},
		func(ctx context.Context, a people.Actor, in *thirdRequest) (*body[disputeDTO], error) {
			d, err := s.Reviews.AskThird(ctx, a, in.ID, in.Body.ReviewerID)
			return s.oneDispute(ctx, a, d.ID, err)
		})
	type thirdReviewersAnswer struct {
		Items []authorDTO `json:"items" doc:"By name."`
	}
	route(s, op{method: "GET", path: "/api/v1/disputes/{id}/reviewers", tag: "disputes", summary: "Whom one may ask for a third review"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[thirdReviewersAnswer], error) {
			found, err := s.Reviews.EligibleThird(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			names, err := s.names(ctx, slices.Clone(found))
			if err != nil {
				return nil, err
			}
			return answer(thirdReviewersAnswer{byName(found, names)}), nil
		})
	type resolveRequest struct {
		IDPath
		Body struct {
			Outcome  string `json:"outcome" enum:"stands,changed"`
			Decision string `json:"decision,omitempty" enum:"pass,retry,fail" doc:"With changed: better than before, or as before where a third review gives another score."`
			Text     string `json:"text" minLength:"1" maxLength:"2000" doc:"Why, to the participant."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/disputes/{id}/resolve", tag: "disputes", summary: "End a dispute; a pass gets its certificate", codes: "decision_unfit, dispute_settled, required"},
		func(ctx context.Context, a people.Actor, in *resolveRequest) (*body[disputeDTO], error) {
			d, err := s.Reviews.Resolve(ctx, a, in.ID, review.Resolution{Changed: in.Body.Outcome == "changed", Decision: programme.Decision(in.Body.Decision), Text: in.Body.Text})
			return s.oneDispute(ctx, a, d.ID, err)
		})
	route(s, op{method: "POST", path: "/api/v1/disputes/{id}/withdraw", tag: "disputes", summary: "Take back one's own dispute", codes: "dispute_settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[disputeDTO], error) {
			d, err := s.Reviews.WithdrawDispute(ctx, a, in.ID)
			return s.oneDispute(ctx, a, d.ID, err)
		})
}
