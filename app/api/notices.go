package api

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

type noticeDTO struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"note,reply,share,ask,answer,failed,enrolled,due,extended,result,certificate,review,waiting,deputy,dispute,resolved,feedback,given,assigned,practised,promise,promotion,promoted,calibration" doc:"note: on one's video. reply: after one in a thread of notes. share: a moment for one or one's team. ask: for a take of one's own. answer: to one's ask. failed: one's take could not be processed."`
	Actor      *authorDTO `json:"actor,omitempty" doc:"Whose act it was; absent where the server itself has something to say."`
	VideoID    *string    `json:"video_id,omitempty"`
	VideoTitle string     `json:"video_title,omitempty"`
	AtMS       *int64     `json:"at_ms,omitempty" doc:"The second of the note."`
	StartMS    *int64     `json:"start_ms,omitempty" doc:"The moment that was shared."`
	EndMS      *int64     `json:"end_ms,omitempty"`
	NoteID     *string    `json:"note_id,omitempty"`
	AskID      *string    `json:"ask_id,omitempty"`
	SubjectID  *string    `json:"subject_id,omitempty" doc:"What it is about beside those, by kind: the enrolment (enrolled, due), the attempt (result, resolved), the certificate, the review (review, waiting, deputy), the dispute, the ask for feedback (feedback, given), the assigned practice (assigned, practised), the promise, the promotion (promotion, promoted)."`
	Text       string     `json:"text,omitempty" doc:"The beginning of what was written."`
	At         time.Time  `json:"at"`
	Read       bool       `json:"read"`
}

type noticesAnswer struct {
	Items      []noticeDTO `json:"items"`
	NextCursor string      `json:"next_cursor,omitempty" doc:"Send it as cursor for the next page; absent on the last."`
	Unread     int         `json:"unread" doc:"How many one has not seen, on all pages."`
}

type unreadDTO struct {
	Unread int `json:"unread" doc:"How many are left."`
}

func (s *Server) noticeRoutes() {
	type listNoticesRequest struct {
		Paging
		Unread bool `query:"unread" doc:"Only those one has not seen."`
	}
	route(s, op{method: "GET", path: "/api/v1/notices", tag: "notices", summary: "What one is told of, newest first"},
		func(ctx context.Context, a people.Actor, in *listNoticesRequest) (*body[noticesAnswer], error) {
			items, err := s.Notices.List(ctx, a, notice.Filter{Unread: in.Unread, Before: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			unread, err := s.Notices.Unread(ctx, a)
			if err != nil {
				return nil, err
			}
			dto, err := s.noticeDTOs(ctx, a, items)
			if err != nil {
				return nil, err
			}
			p := pageOf(items, in.Limit, func(n notice.Notice) string { return n.ID }, dto)
			return answer(noticesAnswer{p.Items, p.NextCursor, unread}), nil
		})
	type readNoticesRequest struct {
		Body struct {
			IDs []string `json:"ids,omitempty" maxItems:"200" doc:"Those one has seen; ids that are not one's own are passed over."`
			All bool     `json:"all,omitempty"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/notices/read", tag: "notices", summary: "Say which notices one has seen"},
		func(ctx context.Context, a people.Actor, in *readNoticesRequest) (*body[unreadDTO], error) {
			left, err := s.Notices.Read(ctx, a, in.Body.IDs, in.Body.All)
			if err != nil {
				return nil, err
			}
			return answer(unreadDTO{left}), nil
		})
}

// noticeDTOs looks up what notices name, and gives how each is shown.
func (s *Server) noticeDTOs(ctx context.Context, a people.Actor, items []notice.Notice) (func(notice.Notice) noticeDTO, error) {
	var actors, ids []string
	for _, n := range items {
		if n.ActorID != nil {
			actors = append(actors, *n.ActorID)
		}
		if n.VideoID != nil {
			ids = append(ids, *n.VideoID)
		}
	}
	names, err := s.People.Names(ctx, actors)
	if err != nil {
		return nil, err
	}
	videos, err := s.Videos.Visible(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	return func(n notice.Notice) noticeDTO {
		d := noticeDTO{ID: n.ID, Kind: string(n.Kind), VideoID: n.VideoID, AtMS: n.AtMS, StartMS: n.StartMS, EndMS: n.EndMS, NoteID: n.NoteID, AskID: n.AskID, SubjectID: n.SubjectID,
			Text: n.Body, At: n.CreatedAt, Read: n.ReadAt != nil}
		if n.ActorID != nil {
			d.Actor = &authorDTO{*n.ActorID, names[*n.ActorID]}
		}
		if n.VideoID != nil {
			d.VideoTitle = videos[*n.VideoID].Title
		}
		return d
	}, nil
}
