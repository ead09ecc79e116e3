package upload

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const childEnv = "FIELDREEL_UPLOAD_TEST_CHILD"

func base64Sum(b []byte) string {
	s := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(s[:])
}

// TestMain also is the server process that TestKill kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := serveChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveChild(dir string) error {
	store, err := Open(Options{
		Dir: filepath.Join(dir, "spool"), BasePath: testBase, Space: endless,
		Registry: newRegistry(filepath.Join(dir, "rows.json")),
	})
	if err != nil {
		return err
	}
	if err := store.Recover(context.Background()); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// The parent holds our standard input: if it dies, so do we.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(2)
	}()
	fmt.Fprintln(os.Stdout, "http://"+l.Addr().String())
	return http.Serve(l, withOwner(store))
}

// child is a server process.
type child struct {
	cmd *exec.Cmd
	url string
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd, strings.TrimSpace(line)}
	t.Cleanup(c.kill)
	return c
}

// kill ends the process as the kernel would: no handler runs.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// killer kills the server once so many bytes of a body were sent.
type killer struct {
	io.Reader
	left int
	kill func()
}

func (k *killer) Read(p []byte) (int, error) {
	n, err := k.Reader.Read(p)
	if k.left > 0 && k.left <= n {
		k.kill()
	}
	k.left -= n
	return n, err
}

// TestKill kills a real server process in the middle of an upload, again and again, and goes on after each restart.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(7, 7))
	want := content(80, 40<<20)
	srv := startChild(t, dir)
	c := &client{base: srv.url, owner: "ann", http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	path := c.create(t, int64(len(want)), "sha256", hexSum(want))
	var acked, kills int64
	for at := int64(0); at < int64(len(want)); {
		// Some bodies are the whole rest, some a piece that is acknowledged before the next is killed.
		to := int64(len(want))
		body := io.Reader(bytes.NewReader(want[at:to]))
		if rng.IntN(3) == 0 {
			to = min(at+2<<20, to)
			body = bytes.NewReader(want[at:to])
		} else if kills < 6 {
			body = &killer{body, 1 + rng.IntN(12<<20), srv.kill}
		}
		a, err := c.try("PATCH", path, patchHeaders(at, nil), body)
		if err == nil {
			if a.status != 204 {
				t.Fatalf("PATCH: %d %s", a.status, a.body)
			}
			acked, at = a.offset(), a.offset()
			continue
		}
		kills++
		srv.kill()
		srv = startChild(t, dir)
		c.base = srv.url
		a = c.head(t, path)
		if a.status != 200 || a.offset() < acked {
			t.Fatalf("HEAD after kill: %d, offset %d, acknowledged %d", a.status, a.offset(), acked)
		}
		at = a.offset()
	}
	if kills < 3 {
		t.Fatalf("only %d kills", kills)
	}
	srv.kill()
	f := newRegistry(filepath.Join(dir, "rows.json")).done(idOfPath(path))
	if f == nil || f.SHA256 != hexSum(want) || f.Size != int64(len(want)) {
		t.Fatalf("recorded %+v", f)
	}
	got, err := os.ReadFile(f.Path)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("stored bytes differ (%v)", err)
	}
}

// TestFlatMemory runs 50 uploads at once and compares the live heap at their middle with the heap before, for files of
// two sizes: it must depend on the number of uploads only.
func TestFlatMemory(t *testing.T) {
	const parallel = 50
	live := func() int64 {
		var m runtime.MemStats
		// Twice, for pools give up their content in the second round only.
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse)
	}
	measure := func(size int) int64 {
		r := newRig(t, func(o *Options) { o.NetworkTimeout = time.Minute })
		before := live()
		var paths []string
		var feeds []io.WriteCloser
		var answers []chan answer
		piece := content(81, 64<<10)
		for range parallel {
			path := r.client().create(t, int64(size))
			feed, done := stalled(t, r, path, 0, nil, size)
			paths, feeds, answers = append(paths, path), append(feeds, feed), append(answers, done)
		}
		send := func(bytes int) {
			var wg sync.WaitGroup
			for _, f := range feeds {
				wg.Go(func() {
					for sent := 0; sent < bytes; sent += len(piece) {
						if _, err := f.Write(piece); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		}
		send(size / 2)
		for _, p := range paths {
			eventually(t, "half is there", func() bool { return dataSize(t, r, p) >= int64(size/2) })
		}
		used := live() - before
		send(size / 2)
		for i, done := range answers {
			if a := <-done; a.status != 204 {
				t.Fatalf("%s: %+v", paths[i], a)
			}
			id := idOfPath(paths[i])
			if f := r.reg.done(id); f == nil || f.Size != int64(size) {
				t.Fatalf("%s: %+v", id, f)
			}
		}
		return used
	}
	small, large := measure(128<<10), measure(1<<20)
	t.Logf("live heap for %d uploads at their middle: %.1f MiB of 128 KiB files, %.1f MiB of 1 MiB files", parallel, float64(small)/(1<<20), float64(large)/(1<<20))
	// 50 buffers of 256 KiB are 12.5 MiB; client and server share this process.
	if limit := int64(40 << 20); small > limit || large > limit {
		t.Fatalf("heap grew by %d and %d bytes", small, large)
	}
	if large > small+8<<20 {
		t.Fatalf("heap grows with the size of the files: %d and %d bytes", small, large)
	}
}
