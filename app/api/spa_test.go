package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fieldreel/fieldreel/app/api"
)

// clientServer serves a web client that is told apart by its bytes.
func clientServer(t *testing.T) http.Handler {
	t.Helper()
	files := fstest.MapFS{}
	for name, content := range map[string]string{
		"index.html": "the page", "index.html.br": "page br", "index.html.gz": "page gz",
		"assets/app-Ab12Cd34.js": "the script", "assets/app-Ab12Cd34.js.br": "script br",
		"assets/app-Ef56Gh78.css": "the style",
		"sw.js":                   "the worker", "sw.js.gz": "worker gz",
		"icon-192.png": "a picture", "manifest.webmanifest": "{}", ".keep": "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	s := &api.Server{Log: slog.New(slog.DiscardHandler), Client: files}
	s.Build()
	return s
}

func fetch(t *testing.T, h http.Handler, method, target string, header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// TestClientFiles: which bytes an address gives, in which form, under which name and for how long.
func TestClientFiles(t *testing.T) {
	t.Parallel()
	h := clientServer(t)
	const (
		forever = "public, max-age=31536000, immutable"
		asked   = "no-cache"
		both    = "gzip, deflate, br, zstd"
	)
	for _, tc := range []struct {
		path, accept                       string
		body, coding, contentType, caching string
	}{
		{"/", both, "page br", "br", "text/html; charset=utf-8", asked},
		{"/", "gzip", "page gz", "gzip", "text/html; charset=utf-8", asked},
		{"/", "", "the page", "", "text/html; charset=utf-8", asked},
		{"/", "br;q=0, gzip;q=0.5", "page gz", "gzip", "text/html; charset=utf-8", asked},
		{"/", "*", "page br", "br", "text/html; charset=utf-8", asked},
		{"/", "br;q=0, *", "page gz", "gzip", "text/html; charset=utf-8", asked},
		{"/", "br;q=nonsense, identity", "the page", "", "text/html; charset=utf-8", asked},
		{"/", "brotli, xgzip", "the page", "", "text/html; charset=utf-8", asked},
		{"/index.html", both, "page br", "br", "text/html; charset=utf-8", asked},
		{"/watch/0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f?t=12", "", "the page", "", "text/html; charset=utf-8", asked},
		{"/apiary", "", "the page", "", "text/html; charset=utf-8", asked},
		{"/assets/app-Ab12Cd34.js", both, "script br", "br", "text/javascript; charset=utf-8", forever},
		{"/assets/app-Ab12Cd34.js", "gzip", "the script", "", "text/javascript; charset=utf-8", forever},
		{"/assets/../assets/app-Ab12Cd34.js", "", "the script", "", "text/javascript; charset=utf-8", forever},
		{"/assets/app-Ef56Gh78.css", both, "the style", "", "text/css; charset=utf-8", forever},
		{"/sw.js", both, "worker gz", "gzip", "text/javascript; charset=utf-8", asked},
		{"/icon-192.png", both, "a picture", "", "image/png", asked},
		{"/manifest.webmanifest", both, "{}", "", "application/manifest+json", asked},
	} {
		res, body := fetch(t, h, http.MethodGet, tc.path, "Accept-Encoding", tc.accept)
		got := [...]string{body, res.Header.Get("Content-Encoding"), res.Header.Get("Content-Type"), res.Header.Get("Cache-Control")}
		if want := [...]string{tc.body, tc.coding, tc.contentType, tc.caching}; res.StatusCode != 200 || got != want {
			t.Errorf("%s, accepting %q: %d %q, want %q", tc.path, tc.accept, res.StatusCode, got, want)
		}
		packed := strings.HasSuffix(tc.body, " br") || strings.HasSuffix(tc.body, " gz") || tc.body == "the page" || tc.body == "the script"
		if packed != (res.Header.Get("Vary") == "Accept-Encoding") {
			t.Errorf("%s: Vary is %q", tc.path, res.Header.Get("Vary"))
		}
		again, body := fetch(t, h, http.MethodGet, tc.path, "Accept-Encoding", tc.accept, "If-None-Match", res.Header.Get("Etag"))
		if again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("Cache-Control") != tc.caching {
			t.Errorf("%s again: %d %q, want 304 with nothing", tc.path, again.StatusCode, body)
		}
	}
}

// TestClientForms: the same address in another form is another thing to a cache.
func TestClientForms(t *testing.T) {
	t.Parallel()
	h := clientServer(t)
	plain, _ := fetch(t, h, http.MethodGet, "/")
	packed, _ := fetch(t, h, http.MethodGet, "/", "Accept-Encoding", "br")
	if a, b := plain.Header.Get("Etag"), packed.Header.Get("Etag"); a == b || a == "" || b == "" {
		t.Errorf("both forms are called %q and %q", a, b)
	}
	res, body := fetch(t, h, http.MethodGet, "/", "Accept-Encoding", "br", "Range", "bytes=4-7")
	if res.StatusCode != http.StatusPartialContent || body != "page" || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("a range: %d %q, coding %q", res.StatusCode, body, res.Header.Get("Content-Encoding"))
	}
	res, body = fetch(t, h, http.MethodHead, "/", "Accept-Encoding", "br")
	if res.StatusCode != http.StatusOK || body != "" || res.Header.Get("Content-Encoding") != "br" {
		t.Errorf("HEAD: %d %q", res.StatusCode, body)
	}
}

// TestClientHasNot: what is no file is not found, and not the page: a stale script must fail as one.
func TestClientHasNot(t *testing.T) {
	t.Parallel()
	h := clientServer(t)
	for _, p := range []string{
		"/assets/app-Old00000.js", "/assets/", "/favicon.ico", "/robots.txt", "/index.html.br", "/assets/app-Ab12Cd34.js.br",
		"/.keep", "/.env", "/api", "/api/nothing", "/api/v1/nothing", "/media", "/media/x", "/../index.go", "/a/b.php", "/%2e%2e/spa.go",
	} {
		res, body := fetch(t, h, http.MethodGet, p)
		if res.StatusCode != http.StatusNotFound || strings.Contains(body, "the page") {
			t.Errorf("%s: %d %q, want 404", p, res.StatusCode, body)
		}
	}
}

// TestClientPolicy: pages run only what stands in files of this host.
func TestClientPolicy(t *testing.T) {
	t.Parallel()
	h := clientServer(t)
	for _, p := range []string{"/", "/watch/1", "/sw.js", "/assets/app-Ab12Cd34.js", "/api/docs"} {
		res, _ := fetch(t, h, http.MethodGet, p)
		policy := res.Header.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'self'", "script-src 'self'", "style-src 'self'", "worker-src 'self'", "object-src 'none'", "base-uri 'none'",
			"form-action 'self'", "frame-ancestors 'none'",
		} {
			if !strings.Contains(policy+";", want+";") {
				t.Errorf("%s: the policy %q lacks %q", p, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q lets too much in", p, policy)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be taken for another type", p)
		}
	}
}
