package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a name server on loopback: each question for a name takes the next of its answers, the last one
// for ever.
type names struct {
	answers map[string][]string
	asked   map[string]int
}

func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go n.serve(conn)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (n *names) serve(conn net.PacketConn) {
	n.asked = map[string]int{}
	buf := make([]byte, 1024)
	for {
		size, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Authoritative, m.Additionals = true, true, nil
		if list := n.answers[strings.TrimSuffix(q.Name.String(), ".")]; q.Type == dnsmessage.TypeA && len(list) > 0 {
			i := n.asked[q.Name.String()]
			n.asked[q.Name.String()]++
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: netip.MustParseAddr(list[min(i, len(list)-1)]).As4()}}}
		}
		out, err := m.Pack()
		if err == nil {
			_, _ = conn.WriteTo(out, from)
		}
	}
}

// TestAddresses is the table of what may point at what only this server can reach: nothing of it is called.
func TestAddresses(t *testing.T) {
	c := New(Config{Resolver: (&names{answers: map[string][]string{
		"inside.example": {"10.0.0.8"}, "loop.example": {"127.0.0.1"}, "metadata.example": {"169.254.169.254"},
	}}).resolver(t)})
	for _, address := range []string{
		"https://127.0.0.1/", "https://127.0.0.1:443/", "https://127.1/", "https://localhost/", "https://0.0.0.0/", "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/",
		"https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/",
		"https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1%25eth0]/", "https://[fe80::1]/", "https://[fc00::1]/", "https://224.0.0.1/", "https://255.255.255.255/",
		"https://192.0.2.1/", "https://198.18.0.1/", "https://[2001:db8::1]/",
		"https://inside.example/", "https://loop.example/", "https://metadata.example/",
		"https://8.8.8.8:22/", "https://8.8.8.8:80/", "https://hooks.example:8443/",
		"http://8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/", "https:8.8.8.8", "//8.8.8.8/", "8.8.8.8", "", "https://", "https:///x", "https://user@8.8.8.8/", "https://u:p@8.8.8.8/",
		"https://8.8.8.8:443x/", "https://8.8.8.8/" + strings.Repeat("a", 3000), "https://%zz/", "https://exa mple/",
	} {
		if a, err := c.Post(t.Context(), address, "text/plain", nil); err == nil {
			t.Errorf("%q was called: %+v", address, a)
		} else if !errors.Is(err, ErrRefused) && !isLookup(err) {
			t.Errorf("%q: %v, want it refused", address, err)
		} else if Sent(err) {
			t.Errorf("%q: said to be sent", address)
		}
	}
}

// isLookup says that a name was found to stand for nothing, which is as good as refused.
func isLookup(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e)
}

// server answers over TLS for name on loopback, and gives the client that may call it there.
func server(t *testing.T, h http.Handler) (*httptest.Server, *Client) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return s, New(allow(s))
}

func allow(s *httptest.Server) Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return Config{Allow: []netip.AddrPort{netip.MustParseAddrPort(s.Listener.Addr().String())}, Roots: roots}
}

// TestRebinding: a name that stands for a public address when it is looked at, and for loopback when it is
// called. Only the address of the connection counts.
func TestRebinding(t *testing.T) {
	var hits atomic.Int32
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(s.Close)
	n := &names{answers: map[string][]string{"rebind.example": {"93.184.216.34", "127.0.0.1"}}}
	r := n.resolver(t)
	if got, err := r.LookupHost(t.Context(), "rebind.example"); err != nil || got[0] != "93.184.216.34" {
		t.Fatal(got, err)
	}
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := New(Config{Resolver: r})
	// Past the check of the text, too, since the port of a test is never 443.
	for range 3 {
		if _, err := c.post(t.Context(), "https://rebind.example:"+port+"/", "text/plain", nil); !errors.Is(err, ErrRefused) {
			t.Errorf("%v, want it refused", err)
		}
	}
	if _, err := c.Post(t.Context(), "https://rebind.example/", "text/plain", nil); !errors.Is(err, ErrRefused) {
		t.Errorf("%v, want it refused", err)
	}
	if hits.Load() != 0 {
		t.Error("loopback was called")
	}
}

// TestPost is a call that is allowed, and what it sends.
func TestPost(t *testing.T) {
	s, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || string(b) != `{"a":1}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %q %v", r.Method, b, r.Header)
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, "slow down")
	}))
	a, err := c.post(t.Context(), s.URL, "application/json", []byte(`{"a":1}`))
	if err != nil || a.Status != 429 || string(a.Body) != "slow down" || a.RetryAfter != 7*time.Second {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestRedirect is answered, and not followed: not to loopback, not anywhere.
func TestRedirect(t *testing.T) {
	var hits atomic.Int32
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inner.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		s, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, code) }))
		if a, err := c.post(t.Context(), s.URL, "text/plain", []byte("x")); err != nil || a.Status != code {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d redirects were followed", hits.Load())
	}
}

// TestLimits: an answer that is too long, one that drips, one that never comes; and what is known of whether
// the request arrived.
func TestLimits(t *testing.T) {
	long, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("a", MaxAnswer+1)) }))
	if _, err := c.post(t.Context(), long.URL, "text/plain", nil); !errors.Is(err, ErrTooLong) || !Sent(err) {
		t.Errorf("%v", err)
	}
	full, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("a", MaxAnswer)) }))
	if a, err := c.post(t.Context(), full.URL, "text/plain", nil); err != nil || len(a.Body) != MaxAnswer {
		t.Errorf("%d, %v", len(a.Body), err)
	}
	slow, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
				fmt.Fprint(w, "a")
				w.(http.Flusher).Flush()
			}
		}
	}))
	c.http.Timeout = 100 * time.Millisecond
	if _, err := c.post(t.Context(), slow.URL, "text/plain", nil); err == nil || !Sent(err) {
		t.Errorf("a dripping answer: %v", err)
	}
	mute, c := server(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	c.http.Timeout = 100 * time.Millisecond
	if _, err := c.post(t.Context(), mute.URL, "text/plain", nil); err == nil || !Sent(err) {
		t.Errorf("no answer: %v", err)
	}
	gone := httptest.NewTLSServer(nil)
	c = New(allow(gone))
	gone.Close()
	if _, err := c.post(t.Context(), gone.URL, "text/plain", nil); err == nil || Sent(err) {
		t.Errorf("nobody there: %v", err)
	}
	strange := httptest.NewUnstartedServer(nil)
	strange.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	strange.StartTLS()
	defer strange.Close()
	if _, err := New(Config{Allow: allow(strange).Allow}).post(t.Context(), strange.URL, "text/plain", nil); err == nil || Sent(err) || strings.Contains(err.Error(), strange.URL) {
		t.Errorf("a certificate of nobody: %v", err)
	}
}

// TestProduct: the timeout of the product is the one that is promised.
func TestProduct(t *testing.T) {
	if c := New(Config{}); c.http.Timeout != 5*time.Second || MaxAnswer != 64*1024 {
		t.Error(c.http.Timeout, MaxAnswer)
	}
	for value, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "30": 30 * time.Second, "999999999999": 0, "999999": time.Hour, "Mon, 02 Jan 2006 15:04:05 GMT": 0} {
		if got := retryAfter(value); got != want && !(value == "999999999999" && got == time.Hour) {
			t.Errorf("%q: %s", value, got)
		}
	}
}

// TestPostHeader sends the headers it is given, by https to public addresses and the very ones that are allowed.
func TestPostHeader(t *testing.T) {
	s, c := server(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Topic") != "t" || r.Header.Get("User-Agent") != "Fieldreel" || r.Header.Get("Content-Type") != "" {
			t.Errorf("%v", r.Header)
		}
		w.WriteHeader(http.StatusCreated)
	}))
	given := http.Header{"Topic": {"t"}, "User-Agent": {"somebody else"}}
	if a, err := c.PostHeader(t.Context(), s.URL, given, []byte("x")); err != nil || a.Status != http.StatusCreated || given.Get("User-Agent") != "somebody else" {
		t.Errorf("%+v, %v", a, err)
	}
	other, _ := server(t, nil)
	host := s.Listener.Addr().String()
	for _, address := range []string{other.URL, "http://" + host, "https://u:p@" + host, "https://localhost:1/", "https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]/", ""} {
		if a, err := c.PostHeader(t.Context(), address, nil, nil); !errors.Is(err, ErrRefused) || Sent(err) {
			t.Errorf("%q: %+v, %v", address, a, err)
		}
	}
}
