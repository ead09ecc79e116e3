package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func config(dir string) Config {
	return Config{Data: dir, MaxUpload: 1 << 30, MaxDuration: time.Minute, Quota: 1 << 30, Reserve: -1, FFmpeg: "ffmpeg", FFprobe: "ffprobe", PersonAnalytics: true}
}

// clip makes a tiny recording.
func clip(t testing.TB) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal("ffmpeg is not installed, and FIELDREEL_TEST_STRICT=1")
		}
		t.Skip("ffmpeg is not installed")
	}
	out := filepath.Join(t.TempDir(), "a.mp4")
	b, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=15:duration=1.5", "-f", "lavfi", "-i", "sine=duration=1.5",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", out).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	body, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// output is what a server prints, read while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// node is a running server.
type node struct {
	out  *output
	stop func() error
}

func serve(t *testing.T, cfg Config, role Role) *node {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n := &node{out: &output{}}
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, cfg, ServeConfig{Role: role, Listen: "127.0.0.1:0", Drain: 10 * time.Second}, "test", quiet(), n.out)
	}()
	n.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(30 * time.Second):
			return errors.New("it does not stop")
		}
	})
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// said waits for what a server prints.
func (n *node) said(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	apptest.Eventually(t, 30*time.Second, func() (bool, string) {
		found = re.FindStringSubmatch(n.out.String())
		return found != nil, n.out.String()
	})
	return found[1]
}

// client speaks to a server as one person.
type client struct {
	base, token string
}

func (c *client) do(t *testing.T, method, path string, body []byte, header map[string]string, want int) ([]byte, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.base+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d: %s %v", method, path, res.StatusCode, want, b, err)
	}
	return b, res.Header
}

func (c *client) json(t *testing.T, method, path string, in, out any, want int) {
	t.Helper()
	var body []byte
	header := map[string]string{}
	if in != nil {
		body, _ = json.Marshal(in)
		header["Content-Type"] = "application/json"
	}
	b, _ := c.do(t, method, path, body, header, want)
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
}

// upload sends a take in one piece and gives its video.
func (c *client) upload(t *testing.T, b []byte, title string) string {
	t.Helper()
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("a.mp4")) + ",title " + base64.StdEncoding.EncodeToString([]byte(title))
	_, h := c.do(t, "POST", "/api/v1/uploads", nil, map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(len(b)), "Upload-Metadata": meta}, http.StatusCreated)
	at := h.Get("Location")
	if i := strings.Index(at, "/api/"); i > 0 {
		at = at[i:]
	}
	c.do(t, "PATCH", at, b, map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}, http.StatusNoContent)
	var receipt struct {
		State   string `json:"state"`
		VideoID string `json:"video_id"`
	}
	c.json(t, "GET", at+"/receipt", nil, &receipt, http.StatusOK)
	if receipt.State != "finished" || receipt.VideoID == "" {
		t.Fatalf("%+v", receipt)
	}
	return receipt.VideoID
}

// TestTwoNodes: a web node and a worker node on one database and one media store. A take that the web
// node receives is prepared by the worker node, and comes to its end also when either starts late.
func TestTwoNodes(t *testing.T) {
	b := clip(t)
	url := apptest.Postgres(t)
	shared := t.TempDir()
	folder := func() Config {
		cfg := config(t.TempDir())
		cfg.DatabaseURL = url
		// The disk store is in the data folder; here both nodes' folders hold the same one, as over a network mount.
		if err := os.Symlink(shared, filepath.Join(cfg.Data, "media")); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	webFolder := folder()
	web := serve(t, webFolder, Web)
	c := &client{base: web.said(t, `Fieldreel is at (\S+)`)}
	code := web.said(t, `"code":"([^"]+)"`)
	c.json(t, "POST", "/api/v1/setup", map[string]string{"code": code, "email": "ana@example.com", "name": "Ana", "password": "a long enough one"}, nil, http.StatusCreated)
	token := func() string {
		a, err := Open(t.Context(), config2(webFolder, t.TempDir()), Options{}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}()
		s, err := a.CreateToken(t.Context(), "ana@example.com", "test")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	c.token = token()
	state := func(id string) (s struct {
		State           string `json:"state"`
		TranscriptState string `json:"transcript_state"`
		Failure         string `json:"failure"`
		Media           struct {
			Progressive, HLS, Poster, Storyboard string
		} `json:"media"`
	}) {
		c.json(t, "GET", "/api/v1/videos/"+id, nil, &s, http.StatusOK)
		return s
	}
	reaches := func(id, want string) {
		t.Helper()
		apptest.Eventually(t, 60*time.Second, func() (bool, string) {
			s := state(id)
			return s.State == want, fmt.Sprintf("%+v", s)
		})
	}
	first := c.upload(t, b, "Walrus one")
	reaches(first, "playable") // by the web node itself
	worker := serve(t, folder(), Worker)
	reaches(first, "ready")
	s := state(first)
	if s.TranscriptState != "no_model" || s.Media.HLS == "" || s.Media.Storyboard == "" {
		t.Errorf("%+v", s)
	}
	for _, path := range []string{s.Media.Progressive, s.Media.HLS, s.Media.Poster} {
		if got, _ := c.do(t, "GET", path, nil, nil, http.StatusOK); len(got) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	// What the worker changed reaches the web node's index.
	apptest.Eventually(t, 20*time.Second, func() (bool, string) {
		var found struct {
			Results []struct {
				VideoID string `json:"video_id"`
			} `json:"results"`
		}
		c.json(t, "GET", "/api/v1/moments?q=walrus", nil, &found, http.StatusOK)
		return len(found.Results) == 1 && found.Results[0].VideoID == first, fmt.Sprintf("%+v", found)
	})
	if err := Serve(t.Context(), webFolder, ServeConfig{Role: All, Listen: "127.0.0.1:0"}, "test", quiet(), io.Discard); !errors.Is(err, ErrInUse) {
		t.Errorf("a second server on a folder: %v", err)
	}
	if err := worker.stop(); err != nil {
		t.Fatal(err)
	}
	second := c.upload(t, b, "Walrus two")
	reaches(second, "playable")
	serve(t, folder(), Worker)
	reaches(second, "ready")
	if err := web.stop(); err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), webFolder, Options{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	wantVerify(t, a)
}

// config2 is a config on the same database with another folder.
func config2(c Config, dir string) Config {
	c.Data = dir
	return c
}

func wantVerify(t *testing.T, a *App, want ...string) {
	t.Helper()
	var out bytes.Buffer
	n, err := a.Verify(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if n != len(want) {
		t.Errorf("%d wrong, want %d:\n%s", n, len(want), out.String())
	}
	for _, w := range want {
		if !strings.Contains(out.String(), w) {
			t.Errorf("nothing about %q in:\n%s", w, out.String())
		}
	}
}

// TestVerify plants damage of each sort and finds it, and nothing else.
func TestVerify(t *testing.T) {
	b := clip(t)
	cfg := config(t.TempDir())
	srv := serve(t, cfg, All)
	c := &client{base: srv.said(t, `Fieldreel is at (\S+)`)}
	code := srv.said(t, `"code":"([^"]+)"`)
	c.json(t, "POST", "/api/v1/setup", map[string]string{"code": code, "email": "ana@example.com", "name": "Ana", "password": "a long enough one"}, nil, http.StatusCreated)
	if err := srv.stop(); err != nil {
		t.Fatal(err)
	}
	open := func() *App {
		a, err := Open(t.Context(), cfg, Options{}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := open()
	token, err := a.CreateToken(t.Context(), "ana@example.com", "test")
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	srv = serve(t, cfg, All)
	c = &client{base: srv.said(t, `Fieldreel is at (\S+)`), token: token}
	id := c.upload(t, b, "Mine")
	apptest.Eventually(t, 60*time.Second, func() (bool, string) {
		var s struct {
			State string `json:"state"`
		}
		c.json(t, "GET", "/api/v1/videos/"+id, nil, &s, http.StatusOK)
		return s.State == "ready", s.State
	})
	if err := srv.stop(); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []struct {
		name string
		do   func(s media.Store) error
		want []string
	}{
		{"none", func(media.Store) error { return nil }, nil},
		{"a stray file of no video", func(s media.Store) error {
			_, err := s.Put(t.Context(), "v/019b0000-0000-7000-8000-000000000000/original", strings.NewReader("x"), 1, media.PutOptions{})
			return err
		}, []string{"v/019b0000-0000-7000-8000-000000000000/original belongs to no video"}},
		{"a stray file of a video", func(s media.Store) error {
			_, err := s.Put(t.Context(), video.Key(id, "999p.mp4"), strings.NewReader("x"), 1, media.PutOptions{})
			return err
		}, []string{"999p.mp4 belongs to nothing"}},
		{"a missing rendition", func(s media.Store) error { return s.Delete(t.Context(), video.Key(id, "120p.mp4")) }, []string{"120p.mp4 is missing"}},
		{"a missing storyboard", func(s media.Store) error { return s.Delete(t.Context(), video.Key(id, "storyboard.jpg")) }, []string{"storyboard.jpg is missing"}},
		{"a missing poster", func(s media.Store) error { return s.Delete(t.Context(), video.Key(id, "poster.jpg")) }, []string{"poster.jpg is missing"}},
		{"a flipped bit", func(s media.Store) error {
			bad := bytes.Clone(b)
			bad[len(bad)/2] ^= 1
			_, err := s.Put(t.Context(), video.OriginalKey(id), bytes.NewReader(bad), int64(len(bad)), media.PutOptions{})
			return err
		}, []string{"the recording has changed"}},
		{"the recording gone", func(s media.Store) error { return s.Delete(t.Context(), video.OriginalKey(id)) }, []string{"original is missing"}},
	} {
		// Damage adds up, except that the last two are about the same file.
		a := open()
		if err := damage.do(a.Store); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		_, err := a.Verify(t.Context(), &out)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range damage.want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: nothing about %q in\n%s", damage.name, w, out.String())
			}
		}
		if damage.want == nil && !strings.Contains(out.String(), "1 videos checked, 0 things wrong.") {
			t.Errorf("%s:\n%s", damage.name, out.String())
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a = open()
	defer a.Close()
	wantVerify(t, a, "v/019b0000-0000-7000-8000-000000000000/original", "999p.mp4 belongs to nothing", "120p.mp4 is missing", "storyboard.jpg is missing", "poster.jpg is missing", "original is missing")
	n, err := a.Reindex(t.Context())
	if err == nil || n != 0 {
		t.Errorf("the index was opened twice: %d, %v", n, err)
	}
}

// TestDoctor: what it says of a sound installation, and of each thing that can be missing.
func TestDoctor(t *testing.T) {
	clip(t)
	models := filepath.Join(tools(), "models")
	withModels := true
	if _, err := os.Stat(filepath.Join(models, "silero_vad_v6.onnx")); err != nil {
		models, withModels = t.TempDir(), false
	}
	plain := config(t.TempDir())
	plain.Models = models
	with := func(change func(c *Config)) Config {
		c := plain
		c.Data = t.TempDir()
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		cfg Config
		bad []string
	}{
		"sound":       {plain, nil},
		"no ffmpeg":   {with(func(c *Config) { c.FFmpeg = "/nowhere/ffmpeg" }), []string{"ffmpeg"}},
		"no model":    {with(func(c *Config) { c.Models = t.TempDir() }), []string{"speech model"}},
		"disk full":   {with(func(c *Config) { c.Reserve = 1 << 60 }), []string{"disk"}},
		"no database": {with(func(c *Config) { c.DatabaseURL = "postgres://127.0.0.1:1/none?connect_timeout=2" }), []string{"fieldreel"}},
		"no bucket":   {with(func(c *Config) { c.S3Endpoint, c.S3AccessKey, c.S3SecretKey = "http://127.0.0.1:1", "a", "b" }), []string{"fieldreel"}},
		"no folder":   {with(func(c *Config) { c.Data = "/dev/null/x" }), []string{"fieldreel"}},
		"mistakes":    {with(func(c *Config) { c.MaxUpload = 0 }), []string{"fieldreel"}},
	} {
		var out bytes.Buffer
		n, err := Doctor(t.Context(), c.cfg, quiet(), &out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := map[string]bool{}
		for _, b := range c.bad {
			want[b] = true
		}
		if !withModels && len(c.bad) == 0 || (!withModels && c.bad[0] != "fieldreel") {
			want["speech model"] = true
		}
		for line := range strings.Lines(out.String()) {
			if rest, ok := strings.CutPrefix(line, "BAD "); ok {
				what := strings.TrimSpace(rest[:14])
				if !want[what] {
					t.Errorf("%s: %s", name, line)
				}
				delete(want, what)
				n--
			}
		}
		if len(want) > 0 || n != 0 {
			t.Errorf("%s: %v unsaid, %d unexplained:\n%s", name, want, n, out.String())
		}
	}
}

func tools() string {
	if dir := os.Getenv("FIELDREEL_TOOLS"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cache", "fieldreel")
}

// TestOpenRefuses: what cannot be opened is closed again, and says what is wrong.
func TestOpenRefuses(t *testing.T) {
	cfg := config(t.TempDir())
	if err := os.WriteFile(filepath.Join(cfg.Data, "media"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), cfg, Options{}, quiet()); err == nil {
		t.Fatal("a file was taken for the media folder")
	}
	if err := os.Remove(filepath.Join(cfg.Data, "media")); err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, Options{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	if id, err := func() (string, error) {
		a, err := Open(t.Context(), cfg, Options{}, quiet())
		if err != nil {
			return "", err
		}
		defer a.Close()
		return a.AddPerson(t.Context(), PersonInput{Email: "ana@example.com", Name: "Ana", Roles: []string{string(people.Rep)}})
	}(); err != nil || id == "" {
		t.Fatal(id, err)
	}
}
