package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/internal/pgtest"
)

func liveRules() []rule {
	return []rule{
		{op: "GET /api/v1/events", want: all(200), stream: true},
		{op: "GET /api/v1/notices", want: all(200)},
		{op: "POST /api/v1/notices/read", want: all(200), body: map[string]any{"all": true}},
		{op: "GET /api/v1/uploads", want: all(200)},
	}
}

// streams sends the requests of streams, which have no time limit of their own.
var streams = &http.Client{}

// open begins a stream; it ends with the test, or when the function it gives is called.
func open(t *testing.T, c *apitest.Client, path string) (*http.Response, context.CancelFunc) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Cookie != "" {
		req.Header.Set("Cookie", c.Cookie)
	}
	resp, err := streams.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		resp.Body.Close()
	})
	return resp, stop
}

// headOf gives the head of an answer that does not end, and the whole of a refusal.
func headOf(t *testing.T, c *apitest.Client, path string) *apitest.Answer {
	t.Helper()
	resp, stop := open(t, c, path)
	defer stop()
	a := &apitest.Answer{Request: "GET " + path, Status: resp.StatusCode, Header: resp.Header}
	if a.Status >= http.StatusBadRequest {
		var err error
		if a.Body, err = io.ReadAll(resp.Body); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// event is one event of a stream, with what a test looks at of its data.
type event struct {
	name string
	ID   string
	// State and TranscriptState are a video's.
	State           string
	TranscriptState string `json:"transcript_state"`
	Title           string
	Deleted         bool
	Media           map[string]bool
	Version         int64
	Unread          *int
}

// listener reads the events of a stream.
type listener struct {
	t      *testing.T
	who    string
	resp   *http.Response
	events chan event
	stop   context.CancelFunc
}

// listen opens a stream and reads its hello.
func listen(t *testing.T, c *apitest.Client, who string) *listener {
	t.Helper()
	l := &listener{t: t, who: who, events: make(chan event, 1000)}
	l.resp, l.stop = open(t, c, "/api/v1/events")
	if l.resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(l.resp.Body)
		t.Fatalf("%s: %d %s", who, l.resp.StatusCode, body)
	}
	go l.read()
	if e := l.next(5 * time.Second); e.name != "hello" || e.Unread == nil {
		t.Fatalf("%s: begins with %+v", who, e)
	}
	return l
}

func (l *listener) read() {
	defer close(l.events)
	lines := bufio.NewScanner(l.resp.Body)
	var e event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				l.t.Errorf("%s: %v in %s", l.who, err, value)
			}
		case "":
			if e.name != "" {
				l.events <- e
			}
			e = event{}
		}
	}
}

// next gives the next event; the zero event when the stream has ended.
func (l *listener) next(within time.Duration) event {
	l.t.Helper()
	select {
	case e := <-l.events:
		return e
	case <-time.After(within):
		l.t.Fatalf("%s: no event within %s", l.who, within)
		return event{}
	}
}

// until reads events until one fits, and gives all it read.
func (l *listener) until(what string, within time.Duration, fits func(event) bool) []event {
	l.t.Helper()
	late := time.After(within)
	var read []event
	for {
		select {
		case e, ok := <-l.events:
			if read = append(read, e); ok && fits(e) {
				return read
			}
			if !ok {
				l.t.Fatalf("%s: the stream ended before %s; events: %+v", l.who, what, read)
			}
		case <-late:
			l.t.Fatalf("%s: not %s within %s; events: %+v", l.who, what, within, read)
		}
	}
}

// ended waits until the server has ended the stream.
func (l *listener) ended(within time.Duration) []event {
	l.t.Helper()
	late := time.After(within)
	var read []event
	for {
		select {
		case e, ok := <-l.events:
			if !ok {
				return read
			}
			read = append(read, e)
		case <-late:
			l.t.Fatalf("%s: the stream has not ended within %s", l.who, within)
		}
	}
}

// onBoth runs a test against a server on each database.
func onBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, newWorld(t)) })
	t.Run("postgres", func(t *testing.T) {
		address := pgtest.Database(t)
		fn(t, newWorld(t, func(c *app.Config, _ *app.ServeConfig) { c.DatabaseURL = address }))
	})
}

// TestLiveVideos: the author sees each step of the processing arrive, a colleague hears of nothing until the
// audience is widened, and then of everything.
func TestLiveVideos(t *testing.T) {
	file := clip(t)
	onBoth(t, func(t *testing.T, w *world) {
		ana, cleo := listen(t, w.ana, "ana"), listen(t, w.cleo, "cleo")
		h := ana.resp.Header
		if h.Get("Content-Type") != "text/event-stream" || h.Get("X-Accel-Buffering") != "no" || !strings.Contains(h.Get("Cache-Control"), "no-store") || !strings.Contains(h.Get("Cache-Control"), "no-transform") {
			t.Errorf("headers %v", h)
		}
		id := w.ana.Upload(t, file, "Live")
		read := ana.until("ready", time.Minute, func(e event) bool { return e.ID == id && e.State == "ready" })
		states, last := []string{}, int64(0)
		for _, e := range read {
			if e.name != "video" || e.ID != id || e.Version <= last {
				t.Errorf("event %+v after version %d", e, last)
			}
			last = e.Version
			if len(states) == 0 || states[len(states)-1] != e.State {
				states = append(states, e.State)
			}
		}
		if got := strings.Join(states, " "); got != "processing playable ready" {
			t.Errorf("states %s", got)
		}
		if m := read[len(read)-1].Media; !m["progressive"] || !m["hls"] || !m["poster"] || !m["storyboard"] || m["captions"] {
			t.Errorf("parts %v", m)
		}
		w.ana.Do(t, http.MethodPut, "/api/v1/videos/"+id+"/captions", apitest.Raw{ContentType: "text/vtt", Body: captions}).Into(t, http.StatusOK, nil)
		ana.until("captions", 5*time.Second, func(e event) bool { return e.Media["captions"] && e.TranscriptState == "ready" })

		change := func(body map[string]any) {
			w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+id, body).Into(t, http.StatusOK, nil)
		}
		change(map[string]any{"title": "Still private"})
		change(map[string]any{"audience": "everyone"})
		began := time.Now()
		first := cleo.until("the widened video", 5*time.Second, func(event) bool { return true })
		if took := time.Since(began); took > time.Second {
			t.Errorf("told after %s", took)
		}
		if first[0].ID != id || first[0].Title != "Still private" || first[0].State != "ready" {
			t.Errorf("cleo's first event: %+v", first[0])
		}
		change(map[string]any{"title": "For all"})
		cleo.until("the title", 5*time.Second, func(e event) bool { return e.Title == "For all" })
		change(map[string]any{"audience": "private", "title": "Mine again"})
		ana.until("the title", 5*time.Second, func(e event) bool { return e.Title == "Mine again" })
		w.ana.Do(t, http.MethodDelete, "/api/v1/videos/"+id, nil).Into(t, http.StatusNoContent, nil)
		ana.until("deleted", 5*time.Second, func(e event) bool { return e.ID == id && e.Deleted })
		select {
		case e := <-cleo.events:
			t.Errorf("cleo was told of what she may not see: %+v", e)
		default:
		}
	})
}
