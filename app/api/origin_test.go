package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// TestOtherSites: what another site makes a browser send with its cookie is refused; the own site's is not.
func TestOtherSites(t *testing.T) {
	w := newWorld(t, func(_ *app.Config, sc *app.ServeConfig) { sc.TrustProxy = true })
	const secret = "correct horse battery"
	if _, err := w.app.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "bea@example.com", Name: "Bea", Roles: []people.Role{people.Rep}, Password: secret}); err != nil {
		t.Fatal(err)
	}
	in := w.nobody.Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": "bea@example.com", "password": secret}).Into(t, http.StatusCreated, nil)
	bea := &apitest.Client{Base: w.base, Cookie: strings.SplitN(in.Header.Get("Set-Cookie"), ";", 2)[0]}
	header := func(pairs ...string) (out []apitest.Header) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, apitest.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		headers []apitest.Header
		allowed bool
	}{
		{"another site", header("Sec-Fetch-Site", "cross-site"), false},
		{"a sister host", header("Sec-Fetch-Site", "same-site"), false},
		{"another origin", header("Origin", "https://evil.example"), false},
		{"an origin of nowhere", header("Origin", "null"), false},
		{"both", header("Sec-Fetch-Site", "cross-site", "Origin", w.base), false},
		{"the same origin", header("Sec-Fetch-Site", "same-origin", "Origin", w.base), true},
		{"the same origin in an old browser", header("Origin", w.base), true},
		{"typed by the person", header("Sec-Fetch-Site", "none"), true},
		{"no browser", nil, true},
	} {
		a := bea.Do(t, http.MethodPost, "/api/v1/tokens", map[string]string{"name": "x"}, c.headers...)
		if c.allowed {
			a.Into(t, http.StatusCreated, nil)
		} else {
			a.WantProblem(t, http.StatusForbidden, "cross_origin")
		}
		bea.Do(t, http.MethodGet, "/api/v1/me", nil, c.headers...).Into(t, http.StatusOK, nil) // reading changes nothing
		up := bea.Do(t, http.MethodPost, "/api/v1/uploads", nil, append(c.headers, apitest.TusVersion, apitest.Header{Name: "Upload-Length", Value: "10"})...)
		if c.allowed != (up.Status == http.StatusCreated) {
			t.Errorf("%s: an upload answers %d", c.name, up.Status)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
			if got := a.Header.Get(name) + up.Header.Get(name); got != "" {
				t.Errorf("%s: %s: %s", c.name, name, got)
			}
		}
	}
	// Behind a proxy that ends TLS the cookie is bound to the host and to https.
	over := w.nobody.Do(t, http.MethodPost, "/api/v1/sessions", map[string]string{"email": "bea@example.com", "password": secret}, header("X-Forwarded-Proto", "https")...).Into(t, http.StatusCreated, nil)
	if set := over.Header.Get("Set-Cookie"); !strings.HasPrefix(set, "__Host-") || !strings.Contains(set, "Secure") || over.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("over TLS: %s", set)
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/api/docs", "/api/openapi.json", "/api/v1/me", "/api/v1/nothing", "/livez", "/media/x/y", "/some/page"} {
		a := w.nobody.Do(t, http.MethodGet, path, nil)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if a.Header.Get("X-Request-Id") == "" || a.Header.Get("Server") != "" {
			t.Errorf("%s: %v", path, a.Header)
		}
		if strings.HasPrefix(path, "/api/") && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept by caches: %q", path, a.Header.Get("Cache-Control"))
		}
		if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: a page without a policy", path)
		}
	}
	// A page asks nothing of other hosts.
	docs := string(w.nobody.Get(t, "/api/docs", nil).Body)
	if strings.Contains(docs, "https://") || strings.Contains(docs, "//cdn") {
		t.Error("the API reference names another host")
	}
	w.nobody.Do(t, http.MethodGet, "/api/docs/docs.js", nil).Into(t, http.StatusOK, nil)
	w.nobody.Do(t, http.MethodGet, "/api/docs/docs.css", nil).Into(t, http.StatusOK, nil)
	w.nobody.Do(t, http.MethodTrace, "/api/v1/me", nil).WantProblem(t, http.StatusMethodNotAllowed, "method_not_allowed")
}
