package demo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media/upload"
)

// past is the product's use cases at another time: built upon a handle of the same database whose clock is
// set by hand. Nothing that serves requests knows of it.
type past struct {
	clock    *clock
	people   *people.Directory
	words    *vocabulary.Book
	notices  *notice.Service
	videos   *video.Service
	insights *insight.Service
	asks     *ask.Service
	outcomes *outcome.Service
	// rubrics, programmes, certificates and reviews are what is certified.
	rubrics      *rubric.Service
	programmes   *programme.Service
	certificates *certificate.Service
	reviews      *review.Service
}

// clock stands still until it is set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// newPast builds the use cases as app.go does, except that they neither work on jobs nor receive bytes.
func newPast(p Parts) *past {
	c := &clock{now: p.DB.Now()}
	d := p.DB.At(c.Now)
	t := &past{clock: c, people: people.NewDirectory(d), words: vocabulary.NewBook(d), notices: notice.New(d)}
	t.videos = video.New(video.Config{Node: p.Node, WorkDir: p.WorkDir, Notices: t.notices, Log: p.Log}, d, p.Store, t.people, t.words, p.Jobs)
	t.insights = insight.New(d, t.videos, t.people, insight.Config{PersonAnalytics: true, Notices: t.notices}, p.Log)
	t.asks = ask.New(d, t.videos, t.people)
	t.outcomes = outcome.NewService(d, t.people, p.WorkDir)
	t.rubrics = rubric.New(d)
	t.programmes = programme.New(programme.Config{DB: d, Rubrics: t.rubrics, Videos: t.videos, People: t.people, Notices: t.notices, Jobs: p.Jobs, Log: p.Log})
	t.certificates = certificate.New(certificate.Config{DB: d, People: t.people, Notices: t.notices, Log: p.Log})
	t.reviews = review.New(review.Config{DB: d, Rubrics: t.rubrics, Programmes: t.programmes, Certificates: t.certificates, Videos: t.videos, People: t.people, Notices: t.notices,
		Store: p.Store, WorkDir: p.WorkDir, Jobs: p.Jobs, Log: p.Log})
	t.programmes.OnSubmitted = t.reviews.Submitted
	p.TellOfAsks(t.asks, t.notices)
	t.people.OnMoved = t.videos.AuthorsMoved
	t.people.OnAdded = t.outcomes.Rematch
	t.words.OnChanged = t.videos.TermChanged
	t.videos.OnMoments = t.insights.MomentsChanged
	t.videos.OnChanged = func() { p.Videos.OnChanged() }
	t.notices.OnTold = func() { p.Notices.OnTold() }
	return t
}

// sender is who uploads a recording, and when.
type sender struct {
	past  *past
	actor people.Actor
}

type senderKey struct{}

// Registry lets a recording be uploaded at a past time by one of the company's people: where the context of
// an upload names a sender it records for them, and otherwise it is next. Requests cannot name one.
func Registry(next upload.Registry) upload.Registry { return registry{next} }

type registry struct{ upload.Registry }

// Owner implements upload.Registry.
func (r registry) Owner(ctx context.Context) (string, error) {
	if s, ok := ctx.Value(senderKey{}).(sender); ok {
		return s.actor.PersonID, nil
	}
	return r.Registry.Owner(ctx)
}

// Create implements upload.Registry.
func (r registry) Create(ctx context.Context, n upload.NewUpload) (upload.Created, error) {
	s, ok := ctx.Value(senderKey{}).(sender)
	if !ok {
		return r.Registry.Create(ctx, n)
	}
	id, existing, err := s.past.videos.BeginUpload(ctx, s.actor, video.NewUpload{ClientID: n.ClientID, Filename: n.Filename, Title: n.Title, Kind: n.Kind, For: n.For, Length: n.Length})
	return upload.Created{ID: id, Existing: existing}, err
}

// Authorize implements upload.Registry.
func (r registry) Authorize(ctx context.Context, id string) error {
	s, ok := ctx.Value(senderKey{}).(sender)
	if !ok {
		return r.Registry.Authorize(ctx, id)
	}
	_, err := s.past.videos.OwnUpload(ctx, s.actor, id)
	return err
}

// Finish implements upload.Registry.
func (r registry) Finish(ctx context.Context, f upload.Finished) error {
	s, ok := ctx.Value(senderKey{}).(sender)
	if !ok {
		return r.Registry.Finish(ctx, f)
	}
	return s.past.videos.FinishUpload(ctx, f.ID, f.Size, f.SHA256)
}

// errConflict says that an earlier try began to send other bytes under the same id.
var errConflict = errors.New("another recording was begun under this id")

// sending says what a recording is: a take, or a practice of somebody's enrolment.
type sending struct {
	clientID, title, kind string
	// of is the enrolment; empty for takes.
	of string
}

// send uploads a file through the upload store, as a client of the API would, in one request.
func (c *Company) send(ctx context.Context, p *past, a people.Actor, path string, what sending) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, senderKey{}, sender{p, a})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.parts.UploadPath, f)
	if err != nil {
		return err
	}
	req.ContentLength = info.Size()
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	req.Header.Set("Upload-Length", fmt.Sprint(info.Size()))
	var meta []string
	for _, kv := range [][2]string{{"filename", "take.mp4"}, {"title", what.title}, {"kind", what.kind}, {"for", what.of}, {"client_id", what.clientID}} {
		if kv[1] == "" {
			continue
		}
		meta = append(meta, kv[0]+" "+base64.StdEncoding.EncodeToString([]byte(kv[1])))
	}
	req.Header.Set("Upload-Metadata", strings.Join(meta, ","))
	answer := &answered{header: http.Header{}}
	c.parts.Uploads.ServeHTTP(answer, req)
	switch {
	case answer.status == http.StatusConflict:
		return errConflict
	case answer.status != http.StatusCreated || answer.header.Get("Upload-Offset") != fmt.Sprint(info.Size()):
		return fmt.Errorf("upload of %s: status %d, offset %s: %s", what.clientID, answer.status, answer.header.Get("Upload-Offset"), answer.body.String())
	}
	return nil
}

// answered keeps the answer to a request that never was on a wire.
type answered struct {
	header http.Header
	status int
	body   strings.Builder
}

// Header implements http.ResponseWriter.
func (a *answered) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answered) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// SetReadDeadline, SetWriteDeadline and EnableFullDuplex are asked for by the upload store, which is used to
// networks; a file needs none of them.
func (*answered) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is as SetReadDeadline.
func (*answered) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex is as SetReadDeadline.
func (*answered) EnableFullDuplex() error { return nil }
