package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
)

// mediaPath is where the bytes of videos are served: /media/TICKET/FILE. The ticket stands in the path
// so that the relative addresses in a playlist inherit it, and media players that leave out cookies
// work.
const mediaPath = "/media/:ticket/:file"

const (
	// ticketLives is how long an address works beyond the length of the video.
	ticketLives = time.Hour
	// ticketStep rounds the end of tickets, so that asking again soon gives the same address and the
	// browser's cache holds.
	ticketStep = 30 * time.Minute
	// grantLives is how long a ticket that was found good is believed: a withdrawn right ends within it.
	grantLives = time.Second
)

// mediaOf mints the addresses of a video's files for the actor.
func (s *Server) mediaOf(a people.Actor, v video.Video) mediaDTO {
	var d mediaDTO
	if !v.Media.Progressive || v.DeletedAt != nil {
		return d
	}
	expires := s.Now().Add(time.Duration(v.DurationMS)*time.Millisecond + ticketLives).Truncate(ticketStep).Add(ticketStep).UTC()
	segment, err := s.Tickets.Mint(v.ID, a.PersonID, a.Session, expires)
	if err != nil {
		s.Log.Error("mint media ticket", "video", v.ID, "error", err)
		return d
	}
	base := "/media/" + segment + "/"
	d.Progressive, d.ExpiresAt = base+"progressive.mp4", &expires
	if v.Media.HLS {
		d.HLS = base + "master.m3u8"
	}
	if v.Media.Poster {
		d.Poster = base + "poster.jpg"
	}
	if v.Media.Storyboard {
		d.Storyboard = base + "storyboard.vtt"
	}
	if v.Transcript == video.TranscriptReady {
		d.Captions = base + "captions.vtt"
	}
	return d
}

// served is what a ticket opens: not the original with its metadata, and not the speech engine's sound.
func served(name string) bool {
	if slices.Contains([]string{"progressive.mp4", "master.m3u8", "poster.jpg", "storyboard.vtt", "storyboard.jpg"}, name) {
		return true
	}
	stem, ok := strings.CutSuffix(name, "p.m3u8")
	if !ok {
		stem, ok = strings.CutSuffix(name, "p.mp4")
	}
	return ok && len(stem) >= 2 && len(stem) <= 4 && strings.Trim(stem, "0123456789") == ""
}

func (s *Server) mediaRoutes() {
	get := func(c echo.Context) error { return s.serveMedia(c) }
	s.echo.GET(mediaPath, get)
	s.echo.HEAD(mediaPath, get)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		s.api.OpenAPI().AddOperation(&huma.Operation{OperationID: strings.ToLower(method) + "-media", Method: method, Path: "/media/{ticket}/{file}", Tags: []string{"videos"},
			Summary: "A file of a video: single ranges, correct types. The addresses come with the video.", Parameters: []*huma.Param{
				{Name: "ticket", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}, {Name: "file", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}},
			Responses: map[string]*huma.Response{"200": {Description: "The file"}, "206": {Description: "A range of it"}, "404": {Description: "No such file, or the address has expired: get the video again"}, "416": {Description: "The range is outside"}}})
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/original", tag: "videos", summary: "The recording as it was sent, with its metadata (its author only)"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*huma.StreamResponse, error) {
			v, key, err := s.Videos.OriginalKey(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			r, _ := ctx.Value(requestKey).(*http.Request)
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				c := unwrap(hc)
				if err := media.ServeObject(c.Response().Writer, r, s.Store, key, media.ServeOptions{ContentType: v.ContentType, Filename: originalName(v), ETag: v.SHA256, CacheControl: "private, no-store"}); err != nil {
					s.mediaFailed(c, err)
				}
			}}, nil
		})
}

func originalName(v video.Video) string {
	if v.Filename != "" {
		return v.Filename
	}
	if v.ContentType == "video/webm" {
		return v.Title + ".webm"
	}
	return v.Title + ".mp4"
}

var errNoMedia = fault.New(fault.NotFound, "media_not_found", "There is no such file, or its address has expired. Get the video again for a fresh one.")

func (s *Server) serveMedia(c echo.Context) error {
	r := c.Request()
	name := c.Param("file")
	claims, err := s.Tickets.Verify(c.Param("ticket"), s.Now())
	if err != nil {
		s.Log.DebugContext(r.Context(), "media refused", "error", err)
		return errNoMedia
	}
	a, err := s.granted(r.Context(), claims.Session, claims.Viewer, claims.Video)
	if err != nil {
		return err
	}
	if name == "captions.vtt" {
		return s.serveCaptions(c, a, claims.Video)
	}
	if !served(name) {
		return errNoMedia
	}
	w := c.Response().Writer // unwrapped: only the server's own writer sends files by sendfile
	cache := "private, max-age=3600, immutable"
	if !strings.HasSuffix(name, ".mp4") {
		cache = "private, max-age=300" // posters and playlists are made anew by "try again"
	}
	if err := media.ServeObject(w, r, s.Store, video.Key(claims.Video, name), media.ServeOptions{CacheControl: cache}); err != nil {
		s.mediaFailed(c, err)
	}
	return nil
}

// mediaFailed answers for an object that could not be served, if the answer has not begun.
func (s *Server) mediaFailed(c echo.Context, err error) {
	switch {
	case errors.Is(err, media.ErrResponseStarted):
		s.Log.Debug("media response broke off", "error", err)
	case errors.Is(err, media.ErrNotFound):
		writeProblem(c.Response().Writer, problemOf(c.Request().Context(), s.Log, errNoMedia))
	default:
		writeProblem(c.Response().Writer, problemOf(c.Request().Context(), s.Log, err))
	}
}

func (s *Server) serveCaptions(c echo.Context, a people.Actor, id string) error {
	var b bytes.Buffer
	err := s.Videos.Captions(c.Request().Context(), a, id, &b)
	if fault.Is(err, fault.NotFound) {
		return errNoMedia
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache") // corrections show at once
	return c.Blob(http.StatusOK, "text/vtt; charset=utf-8", b.Bytes())
}

// grants remembers for a moment which tickets were found good, so that a player's many ranges cost one
// look into the database a second.
type grants struct {
	mu *sync.Mutex
	at map[grant]granted
}

type grant struct{ session, viewer, video string }

type granted struct {
	until time.Time
	actor people.Actor
}

const maxGrants = 10000

func newGrants() grants { return grants{&sync.Mutex{}, map[grant]granted{}} }

// granted says who the bearer of a ticket is, if their session still holds and they still may see the
// video.
func (s *Server) granted(ctx context.Context, session, viewer, id string) (people.Actor, error) {
	key := grant{session, viewer, id}
	now := s.Now()
	s.seen.mu.Lock()
	g, ok := s.seen.at[key]
	if len(s.seen.at) > maxGrants {
		clear(s.seen.at)
	}
	s.seen.mu.Unlock()
	if ok && now.Before(g.until) {
		return g.actor, nil
	}
	alive, err := s.People.StillSignedIn(ctx, session)
	if err != nil {
		return people.Actor{}, err
	}
	if !alive {
		return people.Actor{}, errNoMedia
	}
	a, err := s.People.ActorFor(ctx, viewer)
	if err != nil {
		return people.Actor{}, err
	}
	a.Session = session
	may, err := s.Videos.MaySee(ctx, a, id)
	if err != nil {
		return people.Actor{}, err
	}
	if !may {
		return people.Actor{}, errNoMedia
	}
	s.seen.mu.Lock()
	s.seen.at[key] = granted{now.Add(grantLives), a}
	s.seen.mu.Unlock()
	return a, nil
}
