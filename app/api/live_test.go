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
	"github.com/fieldreel/fieldreel/app/people"
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
	retry  string // the last one that was told, once the stream has ended
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
	if e := l.next(20 * time.Second); e.name != "hello" || e.Unread == nil {
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
		case "retry":
			l.retry = value
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
		read := ana.until("ready", 3*time.Minute, func(e event) bool { return e.ID == id && e.State == "ready" })
		states, last := []string{}, int64(0)
		for _, e := range read {
			if e.name != "video" || e.ID != id || e.Version < last { // the same may come twice: it is told as it stands
				t.Errorf("event %+v after version %d", e, last)
			}
			last = e.Version
			if len(states) == 0 || states[len(states)-1] != e.State {
				states = append(states, e.State)
			}
		}
		if got := strings.Join(states, " "); got != "processing playable ready" && got != "playable ready" { // what passes in a moment may be told as it then stands
			t.Errorf("states %s", got)
		}
		if m := read[len(read)-1].Media; !m["progressive"] || !m["hls"] || !m["poster"] || !m["storyboard"] || m["captions"] {
			t.Errorf("parts %v", m)
		}
		w.ana.Do(t, http.MethodPut, "/api/v1/videos/"+id+"/captions", apitest.Raw{ContentType: "text/vtt", Body: captions}).Into(t, http.StatusOK, nil)
		ana.until("captions", 20*time.Second, func(e event) bool { return e.Media["captions"] && e.TranscriptState == "ready" })

		change := func(body map[string]any) {
			w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+id, body).Into(t, http.StatusOK, nil)
		}
		change(map[string]any{"title": "Still private"})
		change(map[string]any{"audience": "everyone"})
		began := time.Now()
		first := cleo.until("the widened video", 20*time.Second, func(event) bool { return true })
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("told after %s", took)
		}
		if first[0].ID != id || first[0].Title != "Still private" || first[0].State != "ready" {
			t.Errorf("cleo's first event: %+v", first[0])
		}
		change(map[string]any{"title": "For all"})
		cleo.until("the title", 20*time.Second, func(e event) bool { return e.Title == "For all" })
		change(map[string]any{"audience": "private", "title": "Mine again"})
		ana.until("the title", 20*time.Second, func(e event) bool { return e.Title == "Mine again" })
		w.ana.Do(t, http.MethodDelete, "/api/v1/videos/"+id, nil).Into(t, http.StatusNoContent, nil)
		ana.until("deleted", 20*time.Second, func(e event) bool { return e.ID == id && e.Deleted })
		select {
		case e := <-cleo.events:
			t.Errorf("cleo was told of what she may not see: %+v", e)
		default:
		}
	})
}

// TestLiveNotices: the author hears of a note as it is written, and other devices of what was read on one.
func TestLiveNotices(t *testing.T) {
	file := clip(t)
	onBoth(t, func(t *testing.T, w *world) {
		id := w.video(t, file, "Told", "everyone")
		phone, desk := listen(t, w.ana, "ana's phone"), listen(t, w.ana, "ana's desk")
		unread := func(want int) {
			t.Helper()
			for _, l := range []*listener{phone, desk} {
				l.until("unread", 20*time.Second, func(e event) bool { return e.name == "notice" && *e.Unread == want })
			}
		}
		type note struct {
			ID, Text  string
			Author    struct{ ID, Name string }
			ReplyTo   string `json:"reply_to"`
			AtMS      int64  `json:"at_ms"`
			Mine      bool
			Deleted   bool
			CreatedAt time.Time `json:"created_at"`
			UpdatedAt time.Time `json:"updated_at"`
		}
		notes := "/api/v1/videos/" + id + "/notes"
		var first, second note
		w.cleo.Do(t, http.MethodPost, notes, map[string]any{"at_ms": 700, "text": "How did you know?"}).Into(t, http.StatusCreated, &first)
		unread(1)
		w.ana.Do(t, http.MethodPost, notes, map[string]any{"reply_to": first.ID, "text": "They told me."}).Into(t, http.StatusCreated, &second)
		if second.ReplyTo != first.ID || second.AtMS != 700 || !second.Mine || second.Author.Name != "Ana Silva" {
			t.Errorf("%+v", second)
		}
		var page struct {
			Items      []note
			NextCursor string `json:"next_cursor"`
		}
		w.cleo.Get(t, notes+"?limit=1", &page)
		if len(page.Items) != 1 || page.Items[0].ID != first.ID || !page.Items[0].Mine || page.NextCursor == "" {
			t.Fatalf("%+v", page)
		}
		w.cleo.Get(t, notes+"?limit=1&cursor="+page.NextCursor, &page)
		if len(page.Items) != 1 || page.Items[0].ID != second.ID || page.Items[0].Mine {
			t.Errorf("%+v", page)
		}
		w.cleo.Do(t, http.MethodPost, notes, map[string]any{"text": "Nowhere"}).WantProblem(t, http.StatusUnprocessableEntity, "required")
		w.cleo.Do(t, http.MethodPost, notes, map[string]any{"text": "x", "reply_to": absent}).WantProblem(t, http.StatusUnprocessableEntity, "note_not_found")

		type told struct {
			ID, Kind, Text string
			Actor          struct{ ID, Name string }
			VideoID        string `json:"video_id"`
			VideoTitle     string `json:"video_title"`
			NoteID         string `json:"note_id"`
			AtMS           *int64 `json:"at_ms"`
			StartMS        *int64 `json:"start_ms"`
			At             time.Time
			Read           bool
		}
		var list struct {
			Items      []told
			NextCursor string `json:"next_cursor"`
			Unread     int
		}
		w.cleo.Get(t, "/api/v1/notices", &list)
		if len(list.Items) != 1 || list.Items[0].Kind != "reply" || list.Items[0].Text != "They told me." || list.Items[0].Actor.Name != "Ana Silva" || list.Unread != 1 {
			t.Errorf("cleo: %+v", list)
		}
		w.mia.Do(t, http.MethodPost, "/api/v1/shares", map[string]any{"video_id": id, "start_ms": 100, "end_ms": 900, "to_team_id": w.north, "message": "Watch this"}).Into(t, http.StatusCreated, nil)
		unread(2)
		w.ana.Get(t, "/api/v1/notices?unread=true&limit=1", &list)
		if n := list.Items[0]; len(list.Items) != 1 || n.Kind != "share" || n.Text != "Watch this" || n.VideoTitle != "Told" || *n.StartMS != 100 || n.Read || list.Unread != 2 || list.NextCursor == "" {
			t.Errorf("ana: %+v", list)
		}
		w.ana.Get(t, "/api/v1/notices?unread=true&limit=1&cursor="+list.NextCursor, &list)
		if n := list.Items[0]; n.Kind != "note" || n.NoteID != first.ID || n.VideoID != id || *n.AtMS != 700 || n.Actor.ID != w.id[w.cleo] || n.At.IsZero() {
			t.Errorf("ana: %+v", list)
		}
		var left struct{ Unread int }
		w.ana.Do(t, http.MethodPost, "/api/v1/notices/read", map[string]any{"ids": []string{list.Items[0].ID}}).Into(t, http.StatusOK, &left)
		if left.Unread != 1 {
			t.Errorf("%d left", left.Unread)
		}
		unread(1)
		// What one may not see any more is not told of.
		w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+id, map[string]any{"audience": "private"}).Into(t, http.StatusOK, nil)
		w.cleo.Get(t, "/api/v1/notices", &list)
		if len(list.Items) != 0 || list.Unread != 0 {
			t.Errorf("cleo, of a private video: %+v", list)
		}
		w.ana.Do(t, http.MethodPost, "/api/v1/notices/read", map[string]any{}).WantProblem(t, http.StatusUnprocessableEntity, "required")
		w.ana.Do(t, http.MethodPost, "/api/v1/notices/read", map[string]any{"ids": []string{"x"}}).WantProblem(t, http.StatusUnprocessableEntity, "id_invalid")
		w.ana.Do(t, http.MethodGet, "/api/v1/notices?cursor=x", nil).WantProblem(t, http.StatusUnprocessableEntity, "cursor_unknown")
	})
}

// TestStreamsEnd: with the session, when a person opens too many, and when the server stops.
func TestStreamsEnd(t *testing.T) {
	w := newWorld(t)
	if _, err := w.app.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "eve@example.com", Name: "Eve", Password: "a long password", Roles: []people.Role{people.Rep}}); err != nil {
		t.Fatal(err)
	}
	in := w.nobody.Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": "eve@example.com", "password": "a long password"}).Into(t, http.StatusCreated, nil)
	browser := &apitest.Client{Base: w.base, Cookie: strings.Split(in.Header.Get("Set-Cookie"), ";")[0]}
	tab := listen(t, browser, "the browser")
	browser.Do(t, http.MethodDelete, "/api/v1/sessions/current", nil).Into(t, http.StatusNoContent, nil)
	tab.ended(20 * time.Second)
	if a := headOf(t, browser, "/api/v1/events"); a.Status != http.StatusUnauthorized {
		t.Errorf("after the session: %d", a.Status)
	}

	var tabs []*listener
	for range 6 {
		tabs = append(tabs, listen(t, w.cleo, "cleo"))
	}
	others := listen(t, w.mia, "mia")
	tabs = append(tabs, listen(t, w.cleo, "cleo"))
	tabs[0].ended(20 * time.Second)
	if tabs[0].retry != "60000" { // else as many as are open would end each other without end
		t.Errorf("the oldest was told to come again after %s ms", tabs[0].retry)
	}
	tabs[3].stop() // a client that goes away makes room
	tabs[3].ended(20 * time.Second)
	w.cleo.Do(t, http.MethodPost, "/api/v1/notices/read", map[string]any{"all": true}).Into(t, http.StatusOK, nil)

	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- w.stop() }()
	for i, l := range append(tabs, others) {
		if read := l.ended(20 * time.Second); len(read) != 0 {
			t.Errorf("stream %d: %+v", i, read)
		}
		if i != 0 && l.retry != "3000" {
			t.Errorf("stream %d: come again after %s ms", i, l.retry)
		}
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the streams ended after %s", took)
	}
	if err := <-done; err != nil {
		t.Errorf("the stop: %v", err)
	}
}

// TestQuietStream: a stream on which nothing happens says every 15 s that it is alive.
func TestQuietStream(t *testing.T) {
	t.Parallel() // it only waits
	w := newWorld(t)
	resp, _ := open(t, w.ana, "/api/v1/events")
	began, lines := time.Now(), bufio.NewScanner(resp.Body)
	var text []string
	for lines.Scan() {
		if text = append(text, lines.Text()); strings.HasPrefix(lines.Text(), ":") {
			break
		}
	}
	if took := time.Since(began); took < 10*time.Second || took > 30*time.Second {
		t.Errorf("the first comment came after %s", took)
	}
	if got := strings.Join(text[:4], "|"); got != `retry: 3000||event: hello|data: {"unread":0}` {
		t.Errorf("begins with %s", got)
	}
}

// TestFindUploadAgain: a sender that has lost the address of an upload finds it by its own id.
func TestFindUploadAgain(t *testing.T) {
	w := newWorld(t)
	type upload struct {
		ID, Location, State string
		Offset              int64
		Size                *int64
		VideoID             string `json:"video_id"`
		ClientID            string `json:"client_id"`
	}
	find := func(c *apitest.Client, query string) []upload {
		t.Helper()
		var list struct{ Items []upload }
		c.Get(t, "/api/v1/uploads"+query, &list)
		return list.Items
	}
	location := w.ana.Begin(t, 100, map[string]string{"client_id": "phone-1"})
	id := location[strings.LastIndex(location, "/")+1:]
	w.ana.Send(t, location, 0, []byte("\x00\x00\x00\x18ftypmp42")).Into(t, http.StatusNoContent, nil)
	for _, query := range []string{"?client_id=phone-1", ""} {
		got := find(w.ana, query)
		if len(got) != 1 || got[0].ID != id || got[0].Location != "/api/v1/uploads/"+id || got[0].Offset != 12 || got[0].Size == nil || *got[0].Size != 100 || got[0].State != "receiving" || got[0].ClientID != "phone-1" || got[0].VideoID != "" {
			t.Errorf("%q: %+v", query, got)
		}
	}
	if got := append(find(w.cleo, "?client_id=phone-1"), find(w.cleo, "")...); len(got) != 0 {
		t.Errorf("cleo finds %+v", got)
	}
	data := apitest.ReadFile(t, clip(t))
	done := w.ana.Finish(t, w.ana.Begin(t, int64(len(data)), map[string]string{"client_id": "phone-2"}), data)
	got := find(w.ana, "?client_id=phone-2")
	if len(got) != 1 || got[0].State != "finished" || got[0].VideoID != done.VideoID || got[0].Offset != int64(len(data)) || *got[0].Size != int64(len(data)) {
		t.Errorf("finished: %+v", got)
	}
	if got := find(w.ana, ""); len(got) != 1 || got[0].ID != id {
		t.Errorf("finished ones are listed: %+v", got)
	}
	w.ana.Do(t, http.MethodDelete, location, nil, apitest.TusVersion).Into(t, http.StatusNoContent, nil)
	if got := find(w.ana, "?client_id=phone-1"); len(got) != 0 {
		t.Errorf("given up: %+v", got)
	}
}

// TestAsksAreTold: who is asked hears of it, the asker of the answer, and nobody of what was taken back.
func TestAsksAreTold(t *testing.T) {
	w := newWorld(t)
	type told struct {
		Kind, Text string
		AskID      string `json:"ask_id"`
		VideoID    string `json:"video_id"`
	}
	notices := func(c *apitest.Client) []told {
		t.Helper()
		var list struct{ Items []told }
		c.Get(t, "/api/v1/notices", &list)
		return list.Items
	}
	ana, cleo := listen(t, w.ana, "ana"), listen(t, w.cleo, "cleo")
	unread := func(l *listener, want int) {
		t.Helper()
		l.until("unread", 20*time.Second, func(e event) bool { return e.name == "notice" && *e.Unread == want })
	}
	first := w.make(t, w.cleo, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "How do you open?"})
	unread(ana, 1)
	if got := notices(w.ana); len(got) != 1 || got[0] != (told{"ask", "How do you open?", first, ""}) {
		t.Errorf("ana: %+v", got)
	}
	w.cleo.Do(t, http.MethodDelete, "/api/v1/asks/"+first, nil).Into(t, http.StatusNoContent, nil)
	unread(ana, 0)
	second := w.make(t, w.cleo, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "How do you close?"})
	unread(ana, 1)
	id := w.video(t, clip(t), "Closing", "everyone")
	w.ana.Do(t, http.MethodPost, "/api/v1/asks/"+second+"/answer", map[string]any{"video_id": id}).Into(t, http.StatusOK, nil)
	unread(cleo, 1)
	if got := notices(w.cleo); len(got) != 1 || got[0] != (told{"answer", "How do you close?", second, id}) {
		t.Errorf("cleo: %+v", got)
	}
}
