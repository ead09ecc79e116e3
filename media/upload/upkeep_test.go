package upload

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestReserve(t *testing.T) {
	var free atomic.Int64
	const gib = 1 << 30
	free.Store(100 * gib)
	r := newRig(t, func(o *Options) {
		o.MaxSize = 0
		o.Space = func(string) (int64, int64, error) { return free.Load(), 100 * gib, nil }
	})
	c := r.client()
	want := content(71, 30<<20)
	path := c.create(t, int64(len(want)))
	c.patch(t, path, 0, want[:1000], nil)
	full := func(a answer) {
		t.Helper()
		if a.status != 507 || a.code(t) != "upload_no_space" || a.header.Get("Retry-After") == "" {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	free.Store(5*gib - 1) // Below 5 %.
	full(c.do(t, "POST", testBase, headers{"Upload-Length": "1"}, nil))
	full(c.patch(t, path, 1000, want[1000:], nil))
	free.Store(6 * gib)
	full(c.do(t, "POST", testBase, headers{"Upload-Length": fmt.Sprint(2 * gib)}, nil))
	if a := c.head(t, path); a.status != 200 || a.offset() != 1000 {
		t.Fatalf("HEAD: %d %v", a.status, a.header)
	}
	// The reserve is reached in the middle of a body.
	feed, done := stalled(t, r, path, 1000, want[1000:5<<20], len(want)-1000)
	free.Store(0)
	_, _ = feed.Write(want[5<<20:])
	full(<-done)
	at := c.head(t, path).offset()
	if at < 8<<20 || at == int64(len(want)) {
		t.Fatalf("offset %d", at)
	}
	free.Store(50 * gib)
	if a := c.patch(t, path, at, want[at:], nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
	if n := len(r.reg.Rows); n != 1 {
		t.Fatalf("%d rows: a refused creation left one", n)
	}
}

func TestSweepAndRelease(t *testing.T) {
	now := time.Now()
	r := newRig(t, func(o *Options) { o.Now = func() time.Time { return now } })
	c := r.client()
	idle := c.create(t, 100, "client_id", "idle")
	c.patch(t, idle, 0, []byte("abc"), nil)
	done := c.create(t, 3)
	c.patch(t, done, 0, []byte("abc"), nil)
	waiting := c.create(t, 3)
	r.reg.failFinish = 1
	c.patch(t, waiting, 0, []byte("abc"), nil)
	orphan := c.create(t, 100)
	r.reg.set(func() { delete(r.reg.Rows, idOfPath(orphan)) })

	sweep := func(want int) {
		t.Helper()
		if n, err := r.store.Sweep(t.Context(), 48*time.Hour); err != nil || n != want {
			t.Fatalf("swept %d, %v; want %d", n, err, want)
		}
	}
	sweep(0)
	now = now.Add(47 * time.Hour)
	sweep(1) // The orphan.
	if a := c.patch(t, idle, 3, []byte("d"), nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	now = now.Add(2 * time.Hour)
	sweep(1)
	if a := c.head(t, idle); a.status != 404 {
		t.Fatalf("HEAD: %d", a.status)
	}
	if !r.reg.Rows[idOfPath(idle)].Terminated {
		t.Fatal("the registry was not told")
	}
	sweep(0)
	r.mustBeDone(done, []byte("abc"))
	if a := c.head(t, waiting); a.status != 200 {
		t.Fatalf("a complete upload was swept: %d", a.status)
	}
	r.mustBeDone(waiting, []byte("abc"))
	for range 2 {
		if err := r.store.Release(t.Context(), idOfPath(done)); err != nil {
			t.Fatal(err)
		}
	}
	st, err := r.store.Status(t.Context(), idOfPath(done))
	if err != nil || !st.Finished || st.Offset != 3 || st.SHA256 != hexSum([]byte("abc")) {
		t.Fatalf("%+v %v", st, err)
	}
	for _, id := range []string{"019a-9999", "../x", ""} {
		if _, err := r.store.Status(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Fatalf("status of %q: %v", id, err)
		}
	}
	if n := len(folders(t, r.dir)); n != 1 {
		t.Fatalf("%d folders left", n)
	}
}

// TestSlowFinish: the answer must reach the sender although recording took longer than the connection may stand still.
func TestSlowFinish(t *testing.T) {
	r := newRig(t, func(o *Options) { o.NetworkTimeout = 300 * time.Millisecond })
	path := r.client().create(t, 5)
	r.reg.slow = 900 * time.Millisecond
	if a := r.client().patch(t, path, 0, []byte("hello"), nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, []byte("hello"))
}

func TestFinishFailsOnce(t *testing.T) {
	want := content(12, 20_000)
	for _, again := range []string{"HEAD", "PATCH", "recover", "creation"} {
		t.Run(again, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.client()
			path := c.create(t, 20_000, "client_id", "f")
			r.reg.failFinish = 2
			a := c.patch(t, path, 0, want, nil)
			if a.status != 500 || a.code(t) != "internal_error" || strings.Contains(a.body, "secret") {
				t.Fatalf("%d %s", a.status, a.body)
			}
			// Not recorded: a sender must not conclude from an offset at the end that it is done.
			if a := c.head(t, path); a.status != 500 || a.offset() != -1 {
				t.Fatalf("HEAD: %d %v", a.status, a.header)
			}
			if st, err := r.store.Status(t.Context(), idOfPath(path)); err != nil || st.Finished || st.Offset != 20_000 || st.SHA256 != hexSum(want) {
				t.Fatalf("status %+v %v", st, err)
			}
			if err := r.store.Release(t.Context(), idOfPath(path)); !errors.Is(err, ErrNotRecorded) {
				t.Fatalf("release: %v", err)
			}
			switch again {
			case "HEAD":
				if a := c.head(t, path); a.status != 200 || a.offset() != 20_000 {
					t.Fatalf("%d %v", a.status, a.header)
				}
			case "PATCH":
				if a := c.patch(t, path, 20_000, nil, nil); a.status != 204 || a.offset() != 20_000 {
					t.Fatalf("%d %s", a.status, a.body)
				}
			case "recover":
				if err := r.store.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
			case "creation":
				h := headers{"Upload-Length": "20000", "Content-Type": chunkType, "Upload-Metadata": meta("client_id", "f")}
				if a := c.do(t, "POST", testBase, h, bytes.NewReader(want)); a.status != 201 || a.offset() != 20_000 {
					t.Fatalf("%d %s", a.status, a.body)
				}
			}
			r.mustBeDone(path, want)
			calls := r.reg.calls[idOfPath(path)]
			c.head(t, path)
			c.patch(t, path, 20_000, nil, nil)
			if r.reg.calls[idOfPath(path)] != calls {
				t.Fatal("Finish is called after it succeeded")
			}
		})
	}
}

func TestProblemsOfTheRegistryPass(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	r.reg.createErr = fmt.Errorf("quota: %w", &Problem{Status: 413, Code: "quota_exceeded", Detail: "Full.", Field: "Upload-Length"})
	if a := c.do(t, "POST", testBase, headers{"Upload-Length": "5"}, nil); a.status != 413 || a.code(t) != "quota_exceeded" || a.header.Get("Location") != "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.reg.createErr = errors.New("secret")
	if a := c.do(t, "POST", testBase, headers{"Upload-Length": "5"}, nil); a.status != 500 || a.code(t) != "internal_error" || strings.Contains(a.body, "secret") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.reg.createErr = nil
	path := c.create(t, 5)
	r.reg.failFinish, r.reg.finishErr = 1, &Problem{Status: 415, Code: "media_unsupported", Detail: "No."}
	if a := c.patch(t, path, 0, []byte("hello"), nil); a.status != 415 || a.code(t) != "media_unsupported" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if n := len(folders(t, r.dir)); n != 1 {
		t.Fatalf("%d folders", n)
	}
}
