package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/fieldreel/fieldreel/app/live"
	"github.com/fieldreel/fieldreel/app/video"
)

const (
	// beatEvery is how often a quiet stream says that it is alive: proxies close what is silent for a minute.
	beatEvery = 15 * time.Second
	// sendWithin is how long a write of a stream may take before its client is given up.
	sendWithin = 20 * time.Second
)

// stepsDTO says which parts of a video exist.
type stepsDTO struct {
	Progressive bool `json:"progressive"`
	HLS         bool `json:"hls"`
	Poster      bool `json:"poster"`
	Storyboard  bool `json:"storyboard"`
	Captions    bool `json:"captions"`
}

// videoEventDTO is what changes of a video while one looks, without the addresses, which are each viewer's
// own.
type videoEventDTO struct {
	ID              string    `json:"id"`
	Title           string    `json:"title"`
	AuthorID        string    `json:"author_id"`
	State           string    `json:"state" enum:"processing,playable,ready,failed"`
	Failure         string    `json:"failure,omitempty"`
	FailureCode     string    `json:"failure_code,omitempty"`
	MediaNote       string    `json:"media_note,omitempty"`
	TranscriptState string    `json:"transcript_state" enum:"none,waiting,ready,no_model,no_sound,failed"`
	TranscriptNote  string    `json:"transcript_note,omitempty"`
	DurationMS      int64     `json:"duration_ms"`
	Audience        string    `json:"audience" enum:"private,line,team,teams,everyone"`
	Media           stepsDTO  `json:"media" doc:"Which parts exist. Get the video for their addresses."`
	Deleted         bool      `json:"deleted,omitempty" doc:"Its author has deleted it; only they are told."`
	Version         int64     `json:"version" doc:"Grows with every change: an event may come after an answer that is newer."`
	UpdatedAt       time.Time `json:"updated_at"`
}

func videoEventOf(v video.Video) videoEventDTO {
	return videoEventDTO{ID: v.ID, Title: v.Title, AuthorID: v.AuthorID, State: string(v.State), Failure: v.Failure, FailureCode: v.FailureCode, MediaNote: v.MediaNote,
		TranscriptState: string(v.Transcript), TranscriptNote: v.TranscriptNote, DurationMS: v.DurationMS, Audience: string(v.Audience),
		Media: stepsDTO{v.Media.Progressive, v.Media.HLS, v.Media.Poster, v.Media.Storyboard, v.Transcript == video.TranscriptReady}, Deleted: v.DeletedAt != nil,
		Version: v.Version, UpdatedAt: v.UpdatedAt}
}

// helloDTO begins a stream.
type helloDTO struct {
	Unread *int `json:"unread,omitempty" doc:"Notices one has not seen."`
}

const eventsDoc = `Server-sent events, for EventSource. "hello" comes first, and again when something was missed: ask for what is shown. "video" tells that a video ` +
	`one may see has changed, with where its processing stands (VideoEventDTO); a burst of changes is told once. "notice" tells how many notices are unread. ` +
	`A comment every 15 s keeps the connection alive. There is nothing to resume: connect again and ask. A person may have 6 streams on a server; one more ends the ` +
	`oldest, which is asked to wait a minute before it comes again. The stream ends with the session or token.`

func (s *Server) eventRoutes() {
	s.echo.GET("/api/v1/events", s.events)
	schemas := s.api.OpenAPI().Components.Schemas
	one := func(name string, v *huma.Schema) *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, Description: "The data of an event named " + name + ".", Properties: map[string]*huma.Schema{name: v}, Required: []string{name}}
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{OperationID: operationID(http.MethodGet, "/api/v1/events"), Method: http.MethodGet, Path: "/api/v1/events", Tags: []string{"notices"},
		Summary: "What changes while one looks, as it happens", Description: eventsDoc, Security: []map[string][]string{{"token": {}}, {"session": {}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "The stream. The schema names each event's data by the event's name.", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{
				OneOf: []*huma.Schema{
					one("hello", schemas.Schema(reflect.TypeFor[helloDTO](), true, "HelloDTO")),
					one("video", schemas.Schema(reflect.TypeFor[videoEventDTO](), true, "VideoEventDTO")),
					one("notice", schemas.Schema(reflect.TypeFor[unreadDTO](), true, "UnreadDTO")),
				}}}}},
			"401": {Description: "unauthenticated"},
			"503": {Description: "stopping: connect again in a moment"},
		}})
}

// events streams to one client until it goes, its session ends or the server stops.
func (s *Server) events(c echo.Context) error {
	r := c.Request()
	a, err := s.authenticate(r)
	if err != nil {
		return err
	}
	l, err := s.Live.Listen(r.Context(), a)
	if err != nil {
		return err
	}
	defer l.Close()
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	w := c.Response().Writer
	out := http.NewResponseController(w)
	send := func(b []byte) error {
		if err := out.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		return out.Flush()
	}
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may serve other requests
	c.Response().Committed = true                            // whatever fails from here on is no answer any more
	if send([]byte("retry: 3000\n\n")) != nil {              // milliseconds until a client connects again
		return nil
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		var b []byte
		select {
		case <-r.Context().Done():
			return nil
		case <-l.Done():
			if l.Crowded() {
				_ = send([]byte("retry: 60000\n\n")) // it is over in any case
			}
			return nil
		case <-l.Ready():
			if b, err = frames(l.Take()); err != nil {
				return err
			}
		case <-beat.C:
			b = []byte(": still here\n\n")
		}
		if send(b) != nil {
			return nil // the client has gone
		}
	}
}

// frames writes events as they stand in a stream.
func frames(e live.Events) ([]byte, error) {
	var b bytes.Buffer
	frame := func(name string, data any) error {
		text, err := json.Marshal(data) // on one line, as a frame's data must be
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, text)
		return err
	}
	if e.Hello {
		if err := frame("hello", helloDTO{e.Unread}); err != nil {
			return nil, err
		}
	} else if e.Unread != nil {
		if err := frame("notice", unreadDTO{*e.Unread}); err != nil {
			return nil, err
		}
	}
	for _, v := range e.Videos {
		if err := frame("video", videoEventOf(v)); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
