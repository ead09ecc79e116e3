package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/people"
)

type askDTO struct {
	ID      string    `json:"id"`
	From    authorDTO `json:"from"`
	To      authorDTO `json:"to"`
	Text    string    `json:"text"`
	VideoID string    `json:"video_id,omitempty" doc:"The video of the moment it points at; absent where there is none, or one may not see it any more."`
	StartMS int64     `json:"start_ms,omitempty"`
	EndMS   int64     `json:"end_ms,omitempty"`
	State   string    `json:"state" enum:"open,answered,declined,withdrawn"`
	// AnswerVideoID and the two videos are left out where one may not see them any more.
	AnswerVideoID string     `json:"answer_video_id,omitempty"`
	At            time.Time  `json:"at"`
	AnsweredAt    *time.Time `json:"answered_at,omitempty" doc:"When it was answered, by state answered only."`
	Video         *videoDTO  `json:"video,omitempty" doc:"The video it points at."`
	Answer        *videoDTO  `json:"answer,omitempty" doc:"The video that answers it."`
	Mine          bool       `json:"mine" doc:"One asked it oneself."`
}

// asksOf makes asks what a list of them shows: with names, and the videos as far as one may see them.
func (s *Server) asksOf(ctx context.Context, a people.Actor, asks []ask.Ask) ([]askDTO, error) {
	var ids, persons []string
	for _, k := range asks {
		ids, persons = append(ids, known(k.VideoID, k.AnswerVideoID)...), append(persons, k.FromID, k.ToID)
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	out := make([]askDTO, len(asks))
	for i, k := range asks {
		out[i] = askOf(a, k, videos, names)
	}
	return out, nil
}

func askOf(a people.Actor, k ask.Ask, videos map[string]*videoDTO, names map[string]string) askDTO {
	d := askDTO{ID: k.ID, From: authorDTO{k.FromID, names[k.FromID]}, To: authorDTO{k.ToID, names[k.ToID]}, Text: k.Body, State: string(k.State), At: k.CreatedAt, Mine: k.FromID == a.PersonID}
	if k.State == ask.Answered {
		d.AnsweredAt = k.SettledAt
	}
	show := func(id *string) *videoDTO {
		if id == nil {
			return nil
		}
		return videos[*id]
	}
	if d.Video = show(k.VideoID); d.Video != nil {
		d.VideoID, d.StartMS, d.EndMS = d.Video.ID, k.StartMS, k.EndMS
	}
	if d.Answer = show(k.AnswerVideoID); d.Answer != nil {
		d.AnswerVideoID = d.Answer.ID
	}
	return d
}

func (s *Server) askRoutes() {
	type makeAskRequest struct {
		Body struct {
			ID      string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same ask."`
			To      string `json:"to" format:"uuid" doc:"A person."`
			Text    string `json:"text" minLength:"1" maxLength:"280"`
			VideoID string `json:"video_id,omitempty" format:"uuid" doc:"The ask points at a moment of this video, or at all of it."`
			StartMS int64  `json:"start_ms,omitempty" minimum:"0"`
			EndMS   int64  `json:"end_ms,omitempty" minimum:"0" doc:"Left out with start_ms: the whole video."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/asks", tag: "asks", summary: "Ask a colleague for a short take", status: http.StatusCreated,
		codes: "ask_limit (with free_at in its context), ask_self, ask_not_visible, person_not_found, required, time_outside, id_taken"},
		func(ctx context.Context, a people.Actor, in *makeAskRequest) (*body[askDTO], error) {
			k, err := s.Asks.Make(ctx, a, ask.NewAsk{ID: in.Body.ID, ToID: in.Body.To, Text: in.Body.Text, VideoID: in.Body.VideoID, StartMS: in.Body.StartMS, EndMS: in.Body.EndMS})
			return one(ctx, a, s.asksOf, k, err)
		})
	type listRequest struct {
		Paging
		Box   string `query:"box" enum:"received,sent" default:"received"`
		State string `query:"state" enum:"open,answered,declined,withdrawn"`
	}
	route(s, op{method: "GET", path: "/api/v1/asks", tag: "asks", summary: "What one was asked, or asked, newest first"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[askDTO]], error) {
			asks, err := s.Asks.List(ctx, a, ask.Filter{Box: ask.Box(in.Box), State: ask.State(in.State), Before: in.Cursor, Limit: in.Limit + 1})
			return some(ctx, a, s.asksOf, in.Limit, func(d askDTO) string { return d.ID }, asks, err)
		})
	type answerAskRequest struct {
		IDPath
		Body struct {
			VideoID string `json:"video_id" format:"uuid" doc:"A video of one's own that the asker may see."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/asks/{id}/answer", tag: "asks", summary: "Answer an ask with a video of one's own",
		codes: "not_visible_to_asker (with the audience that would do in its context), video_not_yours, video_failed, ask_settled, asker_left"},
		func(ctx context.Context, a people.Actor, in *answerAskRequest) (*body[askDTO], error) {
			k, err := s.Asks.Give(ctx, a, in.ID, in.Body.VideoID)
			return one(ctx, a, s.asksOf, k, err)
		})
	route(s, op{method: "POST", path: "/api/v1/asks/{id}/decline", tag: "asks", summary: "Let an ask pass; nobody is told", codes: "ask_settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[askDTO], error) {
			k, err := s.Asks.Decline(ctx, a, in.ID)
			return one(ctx, a, s.asksOf, k, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/asks/{id}", tag: "asks", summary: "Take back one's own ask", status: http.StatusNoContent, codes: "ask_settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Asks.Withdraw(ctx, a, in.ID)
		})
}
