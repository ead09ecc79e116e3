package api_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// world is a running server over a data folder of its own, with a small company in it: ana and cleo are
// reps of two teams, mia manages ana's, tom is the trainer, ada the admin.
type world struct {
	base string
	// app is a second door to the same data, for what the API gives nobody.
	app *app.App
	// stop ends the server, as a signal does, and waits for that.
	stop func() error

	nobody, ana, cleo, mia, tom, ada *apitest.Client
	id                               map[*apitest.Client]string
	north, south                     string
}

// greeting takes what the server prints and tells the address in its first line.
type greeting struct {
	once    sync.Once
	address chan string
}

// Write implements io.Writer.
func (g *greeting) Write(p []byte) (int, error) {
	if rest, ok := strings.CutPrefix(string(p), "Fieldreel is at "); ok {
		g.once.Do(func() { g.address <- strings.Fields(rest)[0] })
	}
	return len(p), nil
}

// lockedLog collects the server's log.
type lockedLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// newWorld starts the server in this process, so that the race detector watches it.
func newWorld(t *testing.T, change ...func(*app.Config, *app.ServeConfig)) *world {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	cfg := app.Config{Data: dir, FFmpeg: "ffmpeg", FFprobe: "ffprobe", MaxUpload: 8 << 20, MaxDuration: time.Minute, Quota: 1 << 30, Reserve: 1 << 20, PersonAnalytics: true}
	sc := app.ServeConfig{Role: app.All, Listen: "127.0.0.1:0", Drain: 5 * time.Second}
	for _, fn := range change {
		fn(&cfg, &sc)
	}
	log := &lockedLog{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	ctx, stop := context.WithCancel(t.Context())
	g := &greeting{address: make(chan string, 1)}
	done := make(chan error, 1)
	go func() { done <- app.Serve(ctx, cfg, sc, "test", logger, g) }()
	w := &world{id: map[*apitest.Client]string{}, stop: sync.OnceValue(func() error {
		stop()
		return <-done
	})}
	select {
	case w.base = <-g.address:
	case err := <-done:
		t.Fatalf("the server does not start: %v\n%s", err, log)
	case <-time.After(30 * time.Second):
		t.Fatal("no greeting after 30 s")
	}
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
		if text := log.String(); strings.Contains(text, "level=ERROR") || t.Failed() {
			t.Logf("the server said:\n%s", text)
		}
		if strings.Contains(log.String(), `msg="request failed"`) {
			t.Error("a request failed inside the server, see its log")
		}
	})
	var err error
	if w.app, err = app.Open(t.Context(), cfg, app.Options{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.app.Close(); err != nil {
			t.Error(err)
		}
	})
	w.nobody = &apitest.Client{Base: w.base}
	w.ana, w.cleo = w.person(t, "Ana Silva", people.Rep), w.person(t, "Cleo Marin", people.Rep)
	w.mia, w.tom, w.ada = w.person(t, "Mia Wolf", people.Manager), w.person(t, "Tom Reyes", people.Trainer), w.person(t, "Ada Berg", people.Admin)
	w.north, w.south = w.make(t, w.ada, "/api/v1/teams", map[string]any{"name": "North"}), w.make(t, w.ada, "/api/v1/teams", map[string]any{"name": "South"})
	for _, seat := range []string{w.north + "/members/" + w.id[w.ana], w.south + "/members/" + w.id[w.cleo], w.north + "/managers/" + w.id[w.mia]} {
		w.ada.Do(t, http.MethodPut, "/api/v1/teams/"+seat, nil).Into(t, http.StatusNoContent, nil)
	}
	apitest.Eventually(t, 20*time.Second, func() (bool, string) {
		a := w.nobody.Do(t, http.MethodGet, "/readyz", nil)
		return a.Status == http.StatusOK, string(a.Body)
	})
	return w
}

// person adds somebody with a token.
func (w *world) person(t *testing.T, name string, role people.Role) *apitest.Client {
	t.Helper()
	p, err := w.app.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: strings.ToLower(strings.Fields(name)[0]) + "@example.com", Name: name, Roles: []people.Role{role}})
	if err != nil {
		t.Fatal(err)
	}
	c := &apitest.Client{Base: w.base, Token: w.token(t, p.ID)}
	w.id[c] = p.ID
	return c
}

// token makes an API token for a person.
func (w *world) token(t *testing.T, person string) string {
	t.Helper()
	a, err := w.app.People.ActorFor(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := w.app.People.NewToken(t.Context(), a, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// make posts something that makes a thing, and gives its id.
func (w *world) make(t *testing.T, c *apitest.Client, path string, body any) string {
	t.Helper()
	var made struct{ ID string }
	c.Do(t, http.MethodPost, path, body).Into(t, http.StatusCreated, &made)
	return made.ID
}

// captions are what the videos of these tests say.
const captions = "WEBVTT\n\n00:00.000 --> 00:01.800\nThe renewal was saved by a mutual plan.\n"

// video uploads a ready video of ana's, two seconds long, with captions, for an audience.
func (w *world) video(t *testing.T, clip, title, audience string) string {
	t.Helper()
	id := w.ana.Upload(t, clip, title)
	w.ana.Await(t, id, time.Minute, "ready")
	w.ana.Do(t, http.MethodPut, "/api/v1/videos/"+id+"/captions", apitest.Raw{ContentType: "text/vtt", Body: captions}).Into(t, http.StatusOK, nil)
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+id, map[string]any{"audience": audience}).Into(t, http.StatusOK, nil)
	return id
}

// clip makes the recording behind video.
func clip(t *testing.T) string {
	t.Helper()
	return apitest.Silent(t, "2", "160x120")
}

// contents writes down every row of the database, but for what no request of a test is to blame for: the
// queue, when a token was last used, counted guesses.
func (w *world) contents(t *testing.T) string {
	t.Helper()
	d := w.app.DB.SQL()
	tables := query(t, d, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	var b strings.Builder
	for _, row := range tables {
		name := fmt.Sprint(row[0])
		if strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "sqlite_") || slices.Contains([]string{"api_tokens", "sessions", "sign_in_failures", "search_changes"}, name) {
			continue
		}
		fmt.Fprintln(&b, name, query(t, d, `SELECT * FROM `+name+` ORDER BY 1, 2`))
	}
	return b.String()
}

func query(t *testing.T, d *sql.DB, q string) [][]any {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]any
	for rows.Next() {
		values, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		out = append(out, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
