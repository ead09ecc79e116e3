package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

type noteDTO struct {
	ID        string    `json:"id"`
	Author    authorDTO `json:"author" doc:"Empty for a deleted note."`
	AtMS      int64     `json:"at_ms"`
	Text      string    `json:"text"`
	ReplyTo   *string   `json:"reply_to,omitempty" doc:"The note that begins this thread; absent for that note itself. Threads have one level."`
	Deleted   bool      `json:"deleted,omitempty" doc:"It was deleted, and stands here without words and writer for its replies."`
	Mine      bool      `json:"mine"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at" doc:"Later than created_at: it was changed."`
}

func noteOf(a people.Actor, n video.TimedNote, names map[string]string) noteDTO {
	d := noteDTO{ID: n.ID, AtMS: n.AtMS, Text: n.Body, ReplyTo: n.ReplyTo, Deleted: n.DeletedAt != nil, CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt}
	if !d.Deleted {
		d.Author, d.Mine = authorDTO{n.AuthorID, names[n.AuthorID]}, n.AuthorID == a.PersonID
	}
	return d
}

func (s *Server) noteRoutes() {
	type listNotesRequest struct {
		IDPath
		Paging
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/notes", tag: "videos", summary: "Notes at seconds of a video and their replies, by their second and then as they were written"},
		func(ctx context.Context, a people.Actor, in *listNotesRequest) (*body[page[noteDTO]], error) {
			ns, err := s.Videos.Notes(ctx, a, in.ID, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(ns))
			for i, n := range ns {
				ids[i] = n.AuthorID
			}
			names, err := s.People.Names(ctx, ids)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ns, in.Limit, video.TimedNote.Cursor, func(n video.TimedNote) noteDTO { return noteOf(a, n, names) })), nil
		})
	type writeNoteRequest struct {
		IDPath
		Body struct {
			ID      string  `json:"id,omitempty" format:"uuid" doc:"The sender's own id: the same id twice is the same note."`
			AtMS    *int64  `json:"at_ms,omitempty" minimum:"0" doc:"Needed unless it is a reply, which stands at the second of its thread."`
			ReplyTo *string `json:"reply_to,omitempty" format:"uuid" doc:"The note that this answers. A reply to a reply joins the thread."`
			Text    string  `json:"text" maxLength:"4000"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/videos/{id}/notes", tag: "videos", summary: "Write a note at a second, or a reply; the video's author and those in the thread are told", status: http.StatusCreated, codes: "time_outside, note_not_found, note_exists"},
		func(ctx context.Context, a people.Actor, in *writeNoteRequest) (*body[noteDTO], error) {
			var n video.TimedNote
			var err error
			switch {
			case in.Body.ReplyTo != nil:
				n, err = s.Videos.Reply(ctx, a, in.ID, in.Body.ID, *in.Body.ReplyTo, in.Body.Text)
			case in.Body.AtMS != nil:
				n, err = s.Videos.WriteNote(ctx, a, in.ID, in.Body.ID, *in.Body.AtMS, in.Body.Text)
			default:
				err = fault.InvalidField("at_ms", "required", "Say at which second, or which note this answers.")
			}
			if err != nil {
				return nil, err
			}
			return answer(noteOf(a, n, map[string]string{a.PersonID: a.Name})), nil
		})
	// NotePath names a note on a video.
	type NotePath struct {
		IDPath
		NoteID string `path:"note_id" format:"uuid"`
	}
	type editNoteRequest struct {
		NotePath
		Body struct {
			Text string `json:"text" maxLength:"4000"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/videos/{id}/notes/{note_id}", tag: "videos", summary: "Change one's own note"},
		func(ctx context.Context, a people.Actor, in *editNoteRequest) (*body[noteDTO], error) {
			n, err := s.Videos.EditNote(ctx, a, in.ID, in.NoteID, in.Body.Text)
			if err != nil {
				return nil, err
			}
			return answer(noteOf(a, n, map[string]string{a.PersonID: a.Name})), nil
		})
	route(s, op{method: "DELETE", path: "/api/v1/videos/{id}/notes/{note_id}", tag: "videos", summary: "Delete one's own note, or any on one's own video; replies to it stay", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *NotePath) (*nothing, error) {
			return nil, s.Videos.DeleteNote(ctx, a, in.ID, in.NoteID)
		})
}
