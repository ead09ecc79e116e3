package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// brittle is a connection that dies after so many bytes were sent, politely or with a reset.
type brittle struct {
	net.Conn
	left  int
	reset bool
}

func (b *brittle) Write(p []byte) (int, error) {
	if len(p) <= b.left {
		b.left -= len(p)
		return b.Conn.Write(p)
	}
	n, err := b.Conn.Write(p[:b.left])
	b.left = 0
	if tcp, ok := b.Conn.(*net.TCPConn); ok && b.reset {
		_ = tcp.SetLinger(0)
	}
	return n, errors.Join(errors.New("the tunnel"), err, b.Close())
}

// TestBrokenConnections sends one upload over connections that all die at random points.
func TestBrokenConnections(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 99))
			r := newRig(t, nil)
			want := content(30+seed, 1+rng.IntN(3<<20))
			path := r.client().create(t, int64(len(want)), "sha256", hexSum(want))
			broken := 0
			dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return &brittle{conn, 200 + rng.IntN(400_000), rng.IntN(2) == 0}, err
			}
			c := r.client()
			c.http = &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
			var acked int64
			for r.reg.done(idOfPath(path)) == nil {
				if broken > 500 {
					t.Fatal("no progress")
				}
				a, err := c.try("HEAD", path, nil, nil)
				if err != nil {
					broken++
					continue
				}
				if a.status != 200 || a.offset() < acked {
					t.Fatalf("HEAD: %d, offset %d after %d", a.status, a.offset(), acked)
				}
				acked = a.offset()
				body := io.Reader(bytes.NewReader(want[acked:]))
				if rng.IntN(3) == 0 {
					body = io.MultiReader(body) // Without a Content-Length.
				}
				if a, err = c.try("PATCH", path, patchHeaders(acked, nil), body); err != nil {
					broken++
				} else if a.status != 204 && a.status != 409 && a.status != 423 {
					// A broken request that the server reads late may still move the offset (409) or take over (423).
					t.Fatalf("PATCH: %d %s", a.status, a.body)
				}
			}
			r.mustBeDone(path, want)
			if len(want) > 1<<20 && broken == 0 {
				t.Fatal("no connection broke: the test sees nothing")
			}
		})
	}
}

// TestBrokenWithChecksum keeps nothing of a body whose checksum could not be verified, and goes on.
func TestBrokenWithChecksum(t *testing.T) {
	r := newRig(t, nil)
	want := content(60, 200_000)
	path := r.client().create(t, int64(len(want)))
	c := r.client()
	c.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return &brittle{conn, 100_000, false}, err
	}}}
	sum := headers{"Upload-Checksum": "sha256 " + base64Sum(want)}
	if a, err := c.try("PATCH", path, patchHeaders(0, sum), bytes.NewReader(want)); err == nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for {
		if a := r.client().head(t, path); a.status != 200 || a.offset() != 0 {
			t.Fatalf("HEAD: %d %v", a.status, a.header)
		}
		// The broken request may be read late, and take over once.
		a := r.client().patch(t, path, 0, want, sum)
		if a.status == 204 {
			break
		}
		if a.status != 423 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	r.mustBeDone(path, want)
}

// stalled starts a PATCH that sends part of its body and then nothing. done gives its answer.
func stalled(t *testing.T, r *rig, path string, offset int64, part []byte, length int) (feed io.WriteCloser, done chan answer) {
	t.Helper()
	body, feed := io.Pipe()
	done = make(chan answer, 1)
	req, err := http.NewRequest("PATCH", r.srv.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(length)
	for k, v := range patchHeaders(offset, headers{"Tus-Resumable": "1.0.0", "X-Owner": "ann"}) {
		req.Header.Set(k, v)
	}
	go func() {
		res, err := r.srv.Client().Do(req)
		if err != nil {
			done <- answer{status: -1, body: err.Error()}
			return
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		done <- answer{res.StatusCode, res.Header, string(b)}
	}()
	if _, err := feed.Write(part); err != nil {
		t.Fatal(err)
	}
	// The client waits for its body even after the connection is gone; a failing test must not wait with it.
	giveUp := time.AfterFunc(time.Minute, func() { _ = feed.Close() })
	t.Cleanup(func() { giveUp.Stop() })
	t.Cleanup(func() { _ = feed.Close() })
	return feed, done
}

// dataSize is how many bytes have reached the file, acknowledged or not.
func dataSize(t *testing.T, r *rig, path string) int64 {
	t.Helper()
	st, err := os.Stat(r.store.spool.path(idOfPath(path), dataName))
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// TestHalfOpenConnection: a phone loses its network without a word and comes back over another one. It must not wait
// for the time-out of the dead connection, and goes on from all that arrived.
func TestHalfOpenConnection(t *testing.T) {
	r := newRig(t, func(o *Options) { o.NetworkTimeout = time.Minute })
	want := content(61, 500_000)
	path := r.client().create(t, int64(len(want)))
	_, done := stalled(t, r, path, 0, want[:300_000], len(want))
	eventually(t, "the bytes arrive", func() bool { return dataSize(t, r, path) == 300_000 })
	begin := time.Now()
	a := r.client().head(t, path)
	if a.status != 200 || a.offset() != 300_000 {
		t.Fatalf("HEAD: %d %v", a.status, a.header)
	}
	if waited := time.Since(begin); waited > 5*time.Second {
		t.Fatalf("HEAD took %v", waited)
	}
	old := <-done
	if waited := time.Since(begin); waited > 5*time.Second {
		t.Fatalf("the old request took %v to end", waited)
	}
	if old.status != 423 || old.code(t) != "upload_interrupted" {
		t.Fatalf("interrupted PATCH: %+v", old)
	}
	if a := r.client().patch(t, path, 300_000, want[300_000:], nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

// TestStillConnectionEnds: nobody comes back, so the request must end by itself, keeping what arrived.
func TestStillConnectionEnds(t *testing.T) {
	r := newRig(t, func(o *Options) { o.NetworkTimeout = 500 * time.Millisecond })
	want := content(62, 100_000)
	path := r.client().create(t, int64(len(want)))
	_, done := stalled(t, r, path, 0, want[:70_000], len(want))
	if a := <-done; a.status != 500 || a.code(t) != "upload_body_incomplete" {
		t.Fatalf("%+v", a)
	}
	if got := r.client().head(t, path).offset(); got != 70_000 {
		t.Fatalf("offset %d", got)
	}
}

// TestOthersCannotDisturb: only the owner's requests may interrupt a running one.
func TestOthersCannotDisturb(t *testing.T) {
	r := newRig(t, nil)
	want := content(63, 100_000)
	path := r.client().create(t, int64(len(want)))
	feed, done := stalled(t, r, path, 0, want[:50_000], len(want))
	eventually(t, "the bytes arrive", func() bool { return dataSize(t, r, path) == 50_000 })
	eve := r.client()
	eve.owner = "eve"
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		if a := eve.do(t, method, path, patchHeaders(0, nil), nil); a.status != 404 {
			t.Fatalf("%s: %d", method, a.status)
		}
	}
	if _, err := feed.Write(want[50_000:]); err != nil {
		t.Fatal(err)
	}
	if a := <-done; a.status != 204 {
		t.Fatalf("%+v", a)
	}
	r.mustBeDone(path, want)
}

// TestTwoTabs sends the same upload from two sides at once, each from wherever HEAD says.
func TestTwoTabs(t *testing.T) {
	r := newRig(t, nil)
	want := content(64, 2<<20)
	path := r.client().create(t, int64(len(want)), "sha256", hexSum(want))
	var wg sync.WaitGroup
	var failed atomic.Value
	for tab := range uint64(2) {
		rng := rand.New(rand.NewPCG(tab, 5))
		wg.Go(func() {
			c := r.client()
			for r.reg.done(idOfPath(path)) == nil {
				a, err := c.try("HEAD", path, nil, nil)
				if err != nil || a.status != 200 {
					failed.Store(fmt.Sprintf("HEAD: %d %v", a.status, err))
					return
				}
				at := a.offset()
				to := min(at+int64(1+rng.IntN(200_000)), int64(len(want)))
				// The other side interrupts (423), or was faster (409); a connection may die with the interruption.
				a, err = c.try("PATCH", path, patchHeaders(at, nil), bytes.NewReader(want[at:to]))
				if err == nil && a.status != 204 && a.status != 409 && a.status != 423 {
					failed.Store(fmt.Sprintf("PATCH: %d %s", a.status, a.body))
					return
				}
			}
		})
	}
	wg.Wait()
	if f := failed.Load(); f != nil {
		t.Fatal(f)
	}
	r.mustBeDone(path, want)
}

// TestStop ends a running request with what it brought, and another process goes on.
func TestStop(t *testing.T) {
	r := newRig(t, nil)
	want := content(65, 100_000)
	path := r.client().create(t, int64(len(want)))
	_, done := stalled(t, r, path, 0, want[:60_000], len(want))
	eventually(t, "the bytes arrive", func() bool { return dataSize(t, r, path) == 60_000 })
	begin := time.Now()
	r.store.Stop()
	a := <-done
	if waited := time.Since(begin); waited > 5*time.Second {
		t.Fatalf("the request took %v to end", waited)
	}
	if a.status != 503 || a.code(t) != "server_stopping" || a.header.Get("Retry-After") == "" {
		t.Fatalf("%+v", a)
	}
	if a := r.client().do(t, "POST", testBase, headers{"Upload-Length": "1"}, nil); a.status != 503 || a.code(t) != "server_stopping" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.open(nil)
	if got := r.client().head(t, path).offset(); got != 60_000 {
		t.Fatalf("offset %d", got)
	}
}

// TestCheckpoints: a long request records its offset on the way.
func TestCheckpoints(t *testing.T) {
	r := newRig(t, nil)
	want := content(66, 20<<20)
	path := r.client().create(t, int64(len(want)))
	feed, done := stalled(t, r, path, 0, want[:19<<20], len(want))
	eventually(t, "the offset is recorded", func() bool {
		st, err := r.store.Status(t.Context(), idOfPath(path))
		if err != nil {
			t.Fatal(err)
		}
		return st.Offset >= 16<<20
	})
	if _, err := feed.Write(want[19<<20:]); err != nil {
		t.Fatal(err)
	}
	if a := <-done; a.status != 204 {
		t.Fatalf("%+v", a)
	}
	r.mustBeDone(path, want)
}

func TestSniff(t *testing.T) {
	var calls atomic.Int32
	sniff := func(head []byte) error {
		calls.Add(1)
		if len(head) > sniffLen {
			t.Errorf("head of %d bytes", len(head))
		}
		if bytes.HasPrefix(head, []byte("GOOD")) {
			return nil
		}
		if bytes.HasPrefix(head, []byte("OWN")) {
			return fmt.Errorf("sniff: %w", &Problem{Status: 415, Code: "media_no_video", Detail: "No video in it."})
		}
		return errors.New("internal words")
	}
	r := newRig(t, func(o *Options) { o.Sniff = sniff })
	c := r.client()
	t.Run("accepted, asked once", func(t *testing.T) {
		want := append([]byte("GOOD"), content(67, 50_000)...)
		path := c.create(t, int64(len(want)))
		c.patch(t, path, 0, want[:100], nil)
		c.patch(t, path, 100, want[100:5000], nil)
		c.patch(t, path, 5000, want[5000:20_000], nil)
		c.patch(t, path, 20_000, want[20_000:], nil)
		r.mustBeDone(path, want)
		if n := calls.Swap(0); n != 1 {
			t.Fatalf("asked %d times", n)
		}
	})
	t.Run("short one is asked at the end", func(t *testing.T) {
		path := c.create(t, 6)
		c.patch(t, path, 0, []byte("GOOD"), nil)
		if calls.Load() != 0 {
			t.Fatal("asked too early")
		}
		c.patch(t, path, 4, []byte("!!"), nil)
		r.mustBeDone(path, []byte("GOOD!!"))
		if calls.Swap(0) != 1 {
			t.Fatal("not asked")
		}
	})
	refused := func(t *testing.T, path string, a answer, code string) {
		t.Helper()
		if a.status != 415 || a.code(t) != code || strings.Contains(a.body, "internal words") {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if !r.reg.Rows[idOfPath(path)].Terminated {
			t.Fatal("the registry was not told")
		}
		if a := c.head(t, path); a.status != 404 {
			t.Fatalf("HEAD: %d", a.status)
		}
		if _, err := r.store.Path(idOfPath(path)); !errors.Is(err, ErrNotFound) {
			t.Fatalf("path: %v", err)
		}
	}
	t.Run("refused early", func(t *testing.T) {
		path := c.create(t, 100<<20)
		_, done := stalled(t, r, path, 0, content(68, 10_000), 100<<20)
		refused(t, path, <-done, "upload_type_unsupported")
	})
	t.Run("refused with an own problem", func(t *testing.T) {
		path := c.create(t, 8000)
		refused(t, path, c.patch(t, path, 0, append([]byte("OWN"), content(69, 7997)...), nil), "media_no_video")
	})
	t.Run("short one refused at the end", func(t *testing.T) {
		path := c.create(t, 4)
		refused(t, path, c.patch(t, path, 0, []byte("text"), nil), "upload_type_unsupported")
	})
	t.Run("empty", func(t *testing.T) {
		if a := c.do(t, "POST", testBase, headers{"Upload-Length": "0"}, nil); a.status != 415 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
	t.Run("a damaged body is no reason to refuse the upload", func(t *testing.T) {
		want := append([]byte("GOOD"), content(70, 9000)...)
		path := c.create(t, int64(len(want)))
		sum := headers{"Upload-Checksum": "sha256 " + base64Sum(want)}
		if a := c.patch(t, path, 0, append([]byte("BAD!"), want[4:]...), sum); a.status != 460 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := c.patch(t, path, 0, want, sum); a.status != 204 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		r.mustBeDone(path, want)
	})
}
