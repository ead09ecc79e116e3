package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/people"
)

type eventDTO struct {
	ID      string    `json:"id" maxLength:"64" doc:"The sender's own: an id twice counts once."`
	VideoID string    `json:"video_id" maxLength:"36"`
	FromMS  int64     `json:"from_ms"`
	ToMS    int64     `json:"to_ms"`
	At      time.Time `json:"at" doc:"When playing this range ended."`
	Source  string    `json:"source,omitempty" maxLength:"40" example:"search"`
}

type refusalDTO struct {
	ID     string `json:"id"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type watchAnswer struct {
	Accepted   int          `json:"accepted"`
	Duplicates int          `json:"duplicates"`
	Refused    []refusalDTO `json:"refused" doc:"Events that were not counted, and never will be; the rest was."`
}

// OnBody names a moment, or a whole video.
type OnBody struct {
	VideoID string `json:"video_id" format:"uuid"`
	StartMS int64  `json:"start_ms,omitempty" minimum:"0"`
	EndMS   int64  `json:"end_ms,omitempty" minimum:"0" doc:"Left out with start_ms: the whole video."`
}

func (o OnBody) on() insight.On {
	return insight.On{VideoID: o.VideoID, StartMS: o.StartMS, EndMS: o.EndMS}
}

type shareDTO struct {
	ID         string    `json:"id"`
	PersonID   string    `json:"person_id" doc:"Who shared it."`
	VideoID    string    `json:"video_id"`
	StartMS    int64     `json:"start_ms"`
	EndMS      int64     `json:"end_ms"`
	ToPersonID *string   `json:"to_person_id,omitempty"`
	ToTeamID   *string   `json:"to_team_id,omitempty"`
	Message    string    `json:"message,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	Blind      int       `json:"may_not_see,omitempty" doc:"How many members of the team may not see the video: sharing does not widen its audience."`
	From       string    `json:"from,omitempty" doc:"Name of who shared it, in lists."`
	To         string    `json:"to,omitempty" doc:"Name of the person or team it went to, in lists."`
	Video      *videoDTO `json:"video,omitempty" doc:"In lists; absent where one may not see it any more."`
}

func shareOf(s insight.Share) shareDTO {
	return shareDTO{ID: s.ID, PersonID: s.PersonID, VideoID: s.VideoID, StartMS: s.StartMS, EndMS: s.EndMS, ToPersonID: s.ToPersonID, ToTeamID: s.ToTeamID,
		Message: s.Message, CreatedAt: s.CreatedAt}
}

type progressDTO struct {
	Ranges    [][2]int64 `json:"ranges" doc:"Watched ranges in milliseconds, in order."`
	Share     float64    `json:"share" doc:"The union of them over the length, 0 to 1."`
	Views     int64      `json:"views"`
	Completed bool       `json:"completed"`
	ResumeMS  int64      `json:"resume_ms" doc:"Where to go on; 0 for the beginning, and once it was completed."`
}

type saveDTO struct {
	ID        string    `json:"id"`
	VideoID   string    `json:"video_id"`
	StartMS   int64     `json:"start_ms"`
	EndMS     int64     `json:"end_ms"`
	CreatedAt time.Time `json:"created_at"`
	Video     *videoDTO `json:"video,omitempty" doc:"In lists; absent where one may not see it any more."`
}

func saveOf(s insight.Save) saveDTO {
	return saveDTO{s.ID, s.VideoID, s.StartMS, s.EndMS, s.CreatedAt, nil}
}

type useDTO struct {
	ID        string    `json:"id"`
	VideoID   string    `json:"video_id"`
	StartMS   int64     `json:"start_ms"`
	EndMS     int64     `json:"end_ms"`
	DealID    *string   `json:"deal_id,omitempty"`
	Comment   string    `json:"comment,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	Video     *videoDTO `json:"video,omitempty" doc:"In lists; absent where one may not see it any more."`
}

func useOf(u insight.Use) useDTO {
	return useDTO{u.ID, u.VideoID, u.StartMS, u.EndMS, u.DealID, u.Comment, u.CreatedAt, nil}
}

func (s *Server) watchRoutes() {
	type watchRequest struct {
		Body struct {
			Events []eventDTO `json:"events" maxItems:"500"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/watch", tag: "moments", summary: "Say which ranges of videos were played"},
		func(ctx context.Context, a people.Actor, in *watchRequest) (*body[watchAnswer], error) {
			events := make([]insight.Event, len(in.Body.Events))
			for i, e := range in.Body.Events {
				events[i] = insight.Event(e)
			}
			r, err := s.Insights.Watch(ctx, a, events)
			if err != nil {
				return nil, err
			}
			out := watchAnswer{Accepted: r.Accepted, Duplicates: r.Duplicates, Refused: []refusalDTO{}}
			for _, f := range r.Refused {
				out.Refused = append(out.Refused, refusalDTO(f))
			}
			return answer(out), nil
		})
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/progress", tag: "videos", summary: "What one has watched of a video"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[progressDTO], error) {
			p, err := s.Insights.ProgressOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(progressDTO(p)), nil
		})
	type viewerDTO struct {
		Person    authorDTO `json:"person"`
		Share     float64   `json:"share"`
		Views     int64     `json:"views"`
		Completed bool      `json:"completed"`
		LastAt    time.Time `json:"last_at"`
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/viewers", tag: "videos", summary: "Who watched one's own video", codes: "person_analytics_off"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[viewerDTO]], error) {
			vs, err := s.Insights.ViewersOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(vs, len(vs), nil, func(v insight.Viewer) viewerDTO {
				return viewerDTO{authorDTO{v.PersonID, v.Name}, v.Share, v.Views, v.Completed, v.LastAt}
			})), nil
		})
	type heatDTO struct {
		Parts []float64 `json:"parts" doc:"Per fiftieth of the video, the share of its viewers who watched it; empty under 5 viewers."`
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/heat", tag: "videos", summary: "Which parts of a video are watched"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[heatDTO], error) {
			h, err := s.Insights.Heat(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(heatDTO{list(h)}), nil
		})
	s.shareRoutes()
	s.saveRoutes()
	s.useRoutes()
}

func (s *Server) shareRoutes() {
	type sendShareRequest struct {
		Body struct {
			OnBody
			ID         string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same share."`
			ToPersonID string `json:"to_person_id,omitempty" format:"uuid"`
			ToTeamID   string `json:"to_team_id,omitempty" format:"uuid"`
			Message    string `json:"message,omitempty" maxLength:"1000"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/shares", tag: "moments", summary: "Send a video or moment to a person or a team", status: http.StatusCreated, codes: "share_not_visible, recipient_needed, person_not_found, team_not_found, time_outside, id_taken"},
		func(ctx context.Context, a people.Actor, in *sendShareRequest) (*body[shareDTO], error) {
			sent, err := s.Insights.Send(ctx, a, insight.Sending{ID: in.Body.ID, On: in.Body.on(), ToPersonID: in.Body.ToPersonID, ToTeamID: in.Body.ToTeamID, Message: in.Body.Message})
			if err != nil {
				return nil, err
			}
			d := shareOf(sent.Share)
			d.Blind = sent.Blind
			return answer(d), nil
		})
	type listRequest struct {
		Paging
		Box string `query:"box" enum:"received,sent" default:"received"`
	}
	route(s, op{method: "GET", path: "/api/v1/shares", tag: "moments", summary: "What one received or sent, newest first"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[shareDTO]], error) {
			items, err := s.Insights.Shares(ctx, a, insight.Box(in.Box), in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return s.sharesAnswer(ctx, a, pageOf(items, in.Limit, func(x insight.Share) string { return x.ID }, shareOf))
		})
}

func (s *Server) saveRoutes() {
	type keepMomentRequest struct {
		Body struct {
			OnBody
			ID string `json:"id,omitempty" format:"uuid"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/saves", tag: "moments", summary: "Keep a moment for later", status: http.StatusCreated, codes: "time_outside"},
		func(ctx context.Context, a people.Actor, in *keepMomentRequest) (*body[saveDTO], error) {
			kept, err := s.Insights.Keep(ctx, a, in.Body.ID, in.Body.on())
			if err != nil {
				return nil, err
			}
			return answer(saveOf(kept)), nil
		})
	route(s, op{method: "GET", path: "/api/v1/saves", tag: "moments", summary: "What one keeps, newest first"},
		func(ctx context.Context, a people.Actor, in *Paging) (*body[page[saveDTO]], error) {
			items, err := s.Insights.Saves(ctx, a, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			d := pageOf(items, in.Limit, func(x insight.Save) string { return x.ID }, saveOf)
			return withVideos(ctx, s, a, d, func(k saveDTO) string { return k.VideoID }, func(k *saveDTO, v *videoDTO) { k.Video = v })
		})
	route(s, op{method: "DELETE", path: "/api/v1/saves/{id}", tag: "moments", summary: "Keep it no longer", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Insights.Unkeep(ctx, a, in.ID)
		})
}

func (s *Server) useRoutes() {
	type usedItRequest struct {
		Body struct {
			OnBody
			ID      string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same use."`
			DealID  string `json:"deal_id,omitempty" format:"uuid" doc:"One of one's own deals."`
			Comment string `json:"comment,omitempty" maxLength:"1000"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/uses", tag: "moments", summary: "Say that one used a moment with a customer", status: http.StatusCreated, codes: "deal_not_found, time_outside, id_taken"},
		func(ctx context.Context, a people.Actor, in *usedItRequest) (*body[useDTO], error) {
			u, err := s.Insights.UsedIt(ctx, a, insight.NewUse{ID: in.Body.ID, On: in.Body.on(), DealID: in.Body.DealID, Comment: in.Body.Comment})
			if err != nil {
				return nil, err
			}
			return answer(useOf(u)), nil
		})
	route(s, op{method: "GET", path: "/api/v1/uses", tag: "moments", summary: "What one said one used, newest first"},
		func(ctx context.Context, a people.Actor, in *Paging) (*body[page[useDTO]], error) {
			items, err := s.Insights.Uses(ctx, a, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			d := pageOf(items, in.Limit, func(x insight.Use) string { return x.ID }, useOf)
			return withVideos(ctx, s, a, d, func(u useDTO) string { return u.VideoID }, func(u *useDTO, v *videoDTO) { u.Video = v })
		})
}
