package mediatest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
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

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// MinIO is a running MinIO server with nothing in it.
type MinIO struct {
	Endpoint  string // host:port on loopback, without TLS.
	AccessKey string
	SecretKey string
}

// StartMinIO runs a MinIO server of the test's own, with random credentials, on a free loopback port and in a folder of
// the test; it ends with the test, or with the test's process. Starting takes about a second, so start one for many
// tests and use [MinIO.NewBucket].
//
// The program is bin/minio in $FIELDREEL_TOOLS (default ~/.cache/fieldreel), put there by scripts/install-minio.sh. Where
// it is absent the test is skipped, or fails if FIELDREEL_TEST_STRICT=1.
func StartMinIO(t testing.TB) MinIO {
	t.Helper()
	bin := minioPath(t)
	dir := t.TempDir()
	m := MinIO{AccessKey: rand.Text(), SecretKey: rand.Text() + rand.Text()}
	// Between finding a free port and MinIO's listening on it another process may take it.
	var last error
	for range 5 {
		p, err := launch(bin, dir, m, freeAddr(t))
		if err != nil {
			t.Fatalf("start minio: %v", err)
		}
		if err := p.waitReady(t.Context()); err != nil {
			last = fmt.Errorf("%w\n%s", err, p.end())
			continue
		}
		t.Cleanup(func() { p.end() })
		m.Endpoint = p.addr
		return m
	}
	t.Fatalf("minio does not start: %v", last)
	return MinIO{}
}

// NewBucket makes an empty bucket with a name of its own.
func (m MinIO) NewBucket(t testing.TB) string {
	t.Helper()
	name := "test-" + strings.ToLower(rand.Text())
	client, err := m.client()
	if err == nil {
		err = client.MakeBucket(t.Context(), name, minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatalf("make bucket: %v", err)
	}
	return name
}

func (m MinIO) client() (*minio.Client, error) {
	return minio.New(m.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(m.AccessKey, m.SecretKey, ""),
		Region: "us-east-1",
	})
}

func minioPath(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("FIELDREEL_TOOLS")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatalf("find the tools folder: %v", err)
		}
		dir = filepath.Join(home, ".cache", "fieldreel")
	}
	bin := filepath.Join(dir, "bin", "minio")
	if _, err := os.Stat(bin); err != nil {
		const absent = "MinIO is not installed; run scripts/install-minio.sh"
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal(absent)
		}
		t.Skip(absent)
	}
	return bin
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}

// process is one server that was started.
type process struct {
	addr   string
	cmd    *exec.Cmd
	output *output
	exited chan struct{} // Closed when it is gone.
}

func launch(bin, dir string, m MinIO, addr string) (*process, error) {
	p := &process{addr: addr, output: &output{}, exited: make(chan struct{})}
	p.cmd = exec.Command(bin, "server", filepath.Join(dir, "data"),
		"--address", addr, "--certs-dir", filepath.Join(dir, "certs"), "--quiet")
	p.cmd.Env = []string{
		"HOME=" + dir,
		"PATH=" + os.Getenv("PATH"),
		"MINIO_ROOT_USER=" + m.AccessKey,
		"MINIO_ROOT_PASSWORD=" + m.SecretKey,
		"MINIO_BROWSER=off",
		"MINIO_UPDATE=off", // No look-up for newer versions on the net.
		"MINIO_CI_CD=on",   // Accept a folder on the system's own disk.
	}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.SysProcAttr = dieWithParent()

	started := make(chan error, 1)
	go func() {
		// The kernel sends the parent-death signal when the THREAD that started the child ends, so this goroutine keeps
		// its thread for as long as the server runs.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // It is always killed, so the state says nothing.
			close(p.exited)
		}
	}()
	return p, <-started
}

func (p *process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // Seconds in fact; a minute on a machine that is very busy.
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.exited:
			return fmt.Errorf("minio ended by itself")
		case <-ctx.Done():
			return fmt.Errorf("minio is not ready in time: %w", ctx.Err())
		case <-tick.C:
		}
		if p.healthy(ctx) {
			return nil
		}
	}
}

func (p *process) healthy(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+"/minio/health/cluster", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	// Another process may have got the port.
	ok := resp.StatusCode == http.StatusOK && strings.HasPrefix(resp.Header.Get("Server"), "MinIO")
	return resp.Body.Close() == nil && ok
}

// end kills the server, waits until it is gone, and gives what it wrote.
func (p *process) end() string {
	_ = p.cmd.Process.Kill() // Fails only if it is gone already.
	<-p.exited
	return p.output.String()
}

// output collects what two streams write.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < 64<<10 {
		o.buf.Write(p)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
