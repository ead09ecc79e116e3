package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

type feedbackAskDTO struct {
	ID        string     `json:"id"`
	From      authorDTO  `json:"from" doc:"The author of the take."`
	To        authorDTO  `json:"to"`
	Text      string     `json:"text" doc:"What the author would like to know; may be empty."`
	State     string     `json:"state" enum:"open,done,declined,withdrawn"`
	Answer    string     `json:"answer,omitempty" doc:"What was said in words, beside notes at seconds of the take."`
	VideoID   string     `json:"video_id,omitempty" doc:"Absent where one may not see it any more."`
	Video     *videoDTO  `json:"video,omitempty"`
	At        time.Time  `json:"at"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
	Mine      bool       `json:"mine" doc:"One asked it oneself."`
}

func (s *Server) feedbackAsksOf(ctx context.Context, a people.Actor, asks []coach.FeedbackAsk) ([]feedbackAskDTO, error) {
	var ids, persons []string
	for _, k := range asks {
		ids, persons = append(ids, k.VideoID), append(persons, k.FromID, k.ToID)
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	out := make([]feedbackAskDTO, len(asks))
	for i, k := range asks {
		out[i] = feedbackAskDTO{ID: k.ID, From: authorDTO{k.FromID, names[k.FromID]}, To: authorDTO{k.ToID, names[k.ToID]}, Text: k.Body, State: string(k.State), Answer: k.Answer,
			Video: videos[k.VideoID], At: k.CreatedAt, SettledAt: k.SettledAt, Mine: k.FromID == a.PersonID}
		if out[i].Video != nil {
			out[i].VideoID = k.VideoID
		}
	}
	return out, nil
}

type assignmentDTO struct {
	ID           string     `json:"id"`
	From         authorDTO  `json:"from"`
	To           authorDTO  `json:"to"`
	Prompt       string     `json:"prompt"`
	TargetMS     int64      `json:"target_ms" doc:"The length to aim at; 0 for none."`
	DueOn        string     `json:"due_on,omitempty" doc:"The last day, where the person is."`
	Overdue      bool       `json:"overdue"`
	State        string     `json:"state" enum:"open,done,withdrawn"`
	VideoID      string     `json:"video_id,omitempty" doc:"Of the moment; absent where it is gone, or one may not see it any more."`
	StartMS      int64      `json:"start_ms"`
	EndMS        int64      `json:"end_ms"`
	Video        *videoDTO  `json:"video,omitempty"`
	ShownVideoID string     `json:"shown_video_id,omitempty"`
	Shown        *videoDTO  `json:"shown,omitempty" doc:"The take that the person chose to show."`
	At           time.Time  `json:"at"`
	SettledAt    *time.Time `json:"settled_at,omitempty"`
	Mine         bool       `json:"mine" doc:"One assigned it oneself."`
	Practices    []videoDTO `json:"practices,omitempty" doc:"One's own takes for it, newest first, where one asks for this one alone. Nobody else ever sees them, and they are deleted after 30 days."`
}

func (s *Server) assignmentsOf(ctx context.Context, a people.Actor, all []coach.Assignment) ([]assignmentDTO, error) {
	var ids, persons []string
	for _, k := range all {
		ids, persons = append(ids, known(k.VideoID, k.ShownVideoID)...), append(persons, k.FromID, k.ToID)
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	out := make([]assignmentDTO, len(all))
	for i, k := range all {
		d := assignmentDTO{ID: k.ID, From: authorDTO{k.FromID, names[k.FromID]}, To: authorDTO{k.ToID, names[k.ToID]}, Prompt: k.Prompt, TargetMS: k.TargetMS, DueOn: k.DueOn,
			Overdue: k.Overdue, State: string(k.State), At: k.CreatedAt, SettledAt: k.SettledAt, Mine: k.FromID == a.PersonID}
		if k.VideoID != nil && videos[*k.VideoID] != nil {
			d.VideoID, d.Video, d.StartMS, d.EndMS = *k.VideoID, videos[*k.VideoID], k.StartMS, k.EndMS
		}
		if k.ShownVideoID != nil && videos[*k.ShownVideoID] != nil {
			d.ShownVideoID, d.Shown = *k.ShownVideoID, videos[*k.ShownVideoID]
		}
		out[i] = d
	}
	return out, nil
}

func (s *Server) coachingRoutes() {
	s.feedbackRoutes()
	s.assignmentRoutes()
	s.pageOfPersonRoutes()
	s.cadenceRoutes()
}

func (s *Server) feedbackRoutes() {
	type askFeedbackRequest struct {
		Body struct {
			ID      string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same ask."`
			VideoID string `json:"video_id" format:"uuid" doc:"A video of one's own."`
			To      string `json:"to" format:"uuid" doc:"A person, who may see the video while the ask is open."`
			Text    string `json:"text,omitempty" maxLength:"500"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/feedback-asks", tag: "coaching", summary: "Ask a colleague for feedback on a take of one's own", status: http.StatusCreated,
		codes: "already_asked, ask_self, person_not_found, practice_private, video_not_yours, video_failed, id_taken"},
		func(ctx context.Context, a people.Actor, in *askFeedbackRequest) (*body[feedbackAskDTO], error) {
			k, err := s.Coaching.AskFeedback(ctx, a, coach.NewFeedbackAsk{ID: in.Body.ID, VideoID: in.Body.VideoID, ToID: in.Body.To, Text: in.Body.Text})
			return one(ctx, a, s.feedbackAsksOf, k, err)
		})
	type listFeedbackRequest struct {
		Paging
		Box   string `query:"box" enum:"received,sent" default:"received"`
		State string `query:"state" enum:"open,done,declined,withdrawn"`
	}
	route(s, op{method: "GET", path: "/api/v1/feedback-asks", tag: "coaching", summary: "Asks for feedback, newest first"},
		func(ctx context.Context, a people.Actor, in *listFeedbackRequest) (*body[page[feedbackAskDTO]], error) {
			asks, err := s.Coaching.FeedbackAsks(ctx, a, coach.Filter{Box: coach.Box(in.Box), State: in.State, Before: in.Cursor, Limit: in.Limit + 1})
			return some(ctx, a, s.feedbackAsksOf, in.Limit, func(d feedbackAskDTO) string { return d.ID }, asks, err)
		})
	type giveFeedbackRequest struct {
		IDPath
		Body struct {
			Text string `json:"text,omitempty" maxLength:"4000" doc:"Needed where one has written no note on the video since one was asked."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/feedback-asks/{id}/done", tag: "coaching", summary: "Say that one has given feedback, by notes on the video or in words here", codes: "feedback_empty, settled"},
		func(ctx context.Context, a people.Actor, in *giveFeedbackRequest) (*body[feedbackAskDTO], error) {
			k, err := s.Coaching.GiveFeedback(ctx, a, in.ID, in.Body.Text)
			return one(ctx, a, s.feedbackAsksOf, k, err)
		})
	route(s, op{method: "POST", path: "/api/v1/feedback-asks/{id}/decline", tag: "coaching", summary: "Let an ask for feedback pass; nobody is told", codes: "settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[feedbackAskDTO], error) {
			k, err := s.Coaching.DeclineFeedback(ctx, a, in.ID)
			return one(ctx, a, s.feedbackAsksOf, k, err)
		})
	route(s, op{method: "POST", path: "/api/v1/feedback-asks/{id}/withdraw", tag: "coaching", summary: "Take back one's own ask for feedback", codes: "settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[feedbackAskDTO], error) {
			k, err := s.Coaching.WithdrawFeedback(ctx, a, in.ID)
			return one(ctx, a, s.feedbackAsksOf, k, err)
		})
}

func (s *Server) assignmentRoutes() {
	type assignRequest struct {
		Body struct {
			ID       string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same assignment."`
			To       string `json:"to" format:"uuid" doc:"A person of one's line; trainers: anybody."`
			VideoID  string `json:"video_id" format:"uuid" doc:"Of the moment; both must be able to see it."`
			StartMS  int64  `json:"start_ms,omitempty" minimum:"0"`
			EndMS    int64  `json:"end_ms,omitempty" minimum:"0" doc:"Left out with start_ms: the whole video."`
			Prompt   string `json:"prompt" minLength:"1" maxLength:"500" example:"Say it your way, in 20 seconds."`
			TargetMS int64  `json:"target_ms,omitempty" minimum:"0" maximum:"600000" doc:"The length to aim at; 0 for none."`
			DueOn    string `json:"due_on,omitempty" maxLength:"10" doc:"The last day, where the person is, such as 2026-11-30."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/practice-assignments", tag: "coaching", summary: "Assign a practice from a moment (managers to their line, trainers)", status: http.StatusCreated,
		codes: "assign_self, person_not_found, moment_not_visible, time_outside, date_invalid, date_past, id_taken"},
		func(ctx context.Context, a people.Actor, in *assignRequest) (*body[assignmentDTO], error) {
			b := in.Body
			k, err := s.Coaching.Assign(ctx, a, coach.NewAssignment{ID: b.ID, ToID: b.To, VideoID: b.VideoID, StartMS: b.StartMS, EndMS: b.EndMS, Prompt: b.Prompt, TargetMS: b.TargetMS, DueOn: b.DueOn})
			return one(ctx, a, s.assignmentsOf, k, err)
		})
	type listAssignmentsRequest struct {
		Paging
		Box   string `query:"box" enum:"received,sent" default:"received"`
		State string `query:"state" enum:"open,done,withdrawn"`
	}
	route(s, op{method: "GET", path: "/api/v1/practice-assignments", tag: "coaching", summary: "Assigned practices, newest first"},
		func(ctx context.Context, a people.Actor, in *listAssignmentsRequest) (*body[page[assignmentDTO]], error) {
			all, err := s.Coaching.Assignments(ctx, a, coach.Filter{Box: coach.Box(in.Box), State: in.State, Before: in.Cursor, Limit: in.Limit + 1})
			return some(ctx, a, s.assignmentsOf, in.Limit, func(d assignmentDTO) string { return d.ID }, all, err)
		})
	route(s, op{method: "GET", path: "/api/v1/practice-assignments/{id}", tag: "coaching", summary: "One assigned practice, with one's own takes for it"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[assignmentDTO], error) {
			k, err := s.Coaching.Assignment(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.assignmentsOf(ctx, a, []coach.Assignment{k})
			if err != nil {
				return nil, err
			}
			own, err := s.Videos.List(ctx, a, video.Filter{Mine: true, Kind: video.Practice, ForID: k.ID, Limit: 50})
			if err != nil {
				return nil, err
			}
			for _, v := range own {
				d[0].Practices = append(d[0].Practices, s.videoDTO(a, v, map[string]string{a.PersonID: a.Name}))
			}
			return answer(d[0]), nil
		})
	type practisedRequest struct {
		IDPath
		Body struct {
			ShowVideoID string `json:"show_video_id,omitempty" format:"uuid" doc:"A take of one's own that who assigned it may see from now on. Left out: they hear that it was done, and nothing more."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/practice-assignments/{id}/done", tag: "coaching", summary: "Say that one has practised, and show a take of it or not",
		codes: "practice_of_another, shown_already, video_not_yours, video_failed, settled"},
		func(ctx context.Context, a people.Actor, in *practisedRequest) (*body[assignmentDTO], error) {
			k, err := s.Coaching.Practised(ctx, a, in.ID, in.Body.ShowVideoID)
			return one(ctx, a, s.assignmentsOf, k, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/practice-assignments/{id}", tag: "coaching", summary: "Take back a practice that one assigned", status: http.StatusNoContent, codes: "settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Coaching.WithdrawAssignment(ctx, a, in.ID)
		})
}
