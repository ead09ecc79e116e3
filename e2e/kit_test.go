package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/internal/pgtest"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

// root is the module's folder; go test runs in the package's.
const root = ".."

func TestMain(m *testing.M) {
	code, err := withBinary(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withBinary(m *testing.M) (int, error) {
	defer pgtest.Stop()
	if os.Getenv("FIELDREEL_BIN") == "" {
		dir, err := os.MkdirTemp("", "fieldreel-e2e-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		bin := filepath.Join(dir, "fieldreel")
		build := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "./cmd/fieldreel")
		build.Dir, build.Stderr = root, os.Stderr
		if err := build.Run(); err != nil {
			return 0, fmt.Errorf("build the binary: %w", err)
		}
		if err := os.Setenv("FIELDREEL_BIN", bin); err != nil {
			return 0, err
		}
	}
	return m.Run(), nil
}

// site is one installation: a data folder and the environment it is run with.
type site struct {
	dir string
	env map[string]string
}

// newSite makes an installation on the embedded default, with the speech model; pairs of name and value
// change its environment.
func newSite(t *testing.T, env ...string) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), env: map[string]string{}}
	s.env["FIELDREEL_DATA"] = filepath.Join(s.dir, "data")
	s.env["FIELDREEL_MODELS"] = speechtest.ModelsDir(t)
	s.env["FIELDREEL_RESERVE"] = "1048576"
	for i := 0; i < len(env); i += 2 {
		s.env[env[i]] = env[i+1]
	}
	return s
}

func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Getenv("FIELDREEL_BIN"), args...)
	cmd.Dir = s.dir
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "FIELDREEL_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	for k, v := range s.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	return cmd
}

// run runs a command to its end and gives what it printed, and its exit code.
func (s *site) run(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := s.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// must is run for a command that has to succeed.
func (s *site) must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, errs, code := s.run(t, stdin, args...)
	if code != 0 {
		t.Fatalf("fieldreel %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return strings.TrimSpace(out)
}

// account is a person made with the command line.
type account struct{ id, token string }

// person adds somebody, without a password, and makes an API token for them.
func (s *site) person(t *testing.T, email, name string, roles ...string) account {
	t.Helper()
	args := []string{"person", "add", "--email", email, "--name", name}
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	return account{s.must(t, "", args...), s.must(t, "", "token", "create", "--email", email)}
}

// server is a running server.
type server struct {
	site *site
	base string
	// greeting is what it printed at its start.
	greeting string
	cmd      *exec.Cmd
	log      *log
	exited   chan struct{}
	lines    <-chan string
}

// log keeps what a server says, for when a test fails.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// start runs the server on a free port and waits until it can take work.
func (s *site) start(t *testing.T, args ...string) *server {
	t.Helper()
	return s.open(t, "serve", args...)
}

// open is start for a command that serves: serve or demo.
func (s *site) open(t *testing.T, command string, args ...string) *server {
	t.Helper()
	srv := s.spawn(t, command, args...)
	lines := srv.greet(t)
	if len(lines) == 0 {
		t.Fatalf("the server ended at its start:\n%s", srv.log)
	}
	srv.greeting = strings.Join(lines, "\n")
	address, ok := strings.CutPrefix(lines[0], "Fieldreel is at ")
	if !ok {
		t.Fatalf("the server's first line: %q", lines[0])
	}
	srv.base = address
	srv.awaitReady(t)
	return srv
}

func (s *site) launch(t *testing.T, args ...string) *server {
	t.Helper()
	return s.spawn(t, "serve", args...)
}

func (s *site) spawn(t *testing.T, command string, args ...string) *server {
	t.Helper()
	srv := &server{site: s, log: &log{}, exited: make(chan struct{})}
	srv.cmd = s.command(append([]string{command, "--listen", "127.0.0.1:0"}, args...)...)
	srv.cmd.Stderr = srv.log
	srv.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := srv.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan error, 1)
	lines := make(chan string, 64)
	go func() {
		// The parent-death signal is tied to the thread that starts the child, which must live on.
		runtime.LockOSThread()
		err := srv.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			lines <- scan.Text()
		}
		close(lines)
		_ = srv.cmd.Wait() // how it ended is asked of the process's state
		close(srv.exited)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	srv.lines = lines
	t.Cleanup(func() {
		srv.kill(t)
		if t.Failed() {
			t.Logf("the server said:\n%s", srv.log)
		}
	})
	return srv
}

// greet collects the greeting: it is over with the line that says how to sign in.
func (srv *server) greet(t *testing.T) []string {
	t.Helper()
	var got []string
	for {
		select {
		case l, ok := <-srv.lines:
			if !ok {
				return got
			}
			got = append(got, l)
			if strings.Contains(l, "fieldreel person add") || strings.HasPrefix(l, "Password of all") {
				return got
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("no greeting after 30 s: %q\n%s", got, srv.log)
		}
	}
}

func (srv *server) awaitReady(t *testing.T) {
	t.Helper()
	c := srv.as("")
	apitest.Eventually(t, 20*time.Second, func() (bool, string) {
		a, err := c.Try(t.Context(), http.MethodGet, "/readyz", nil)
		if err != nil {
			return false, err.Error()
		}
		return a.Status == http.StatusOK, string(a.Body)
	})
}

// as gives a client that sends this token.
func (srv *server) as(token string) *apitest.Client {
	return &apitest.Client{Base: srv.base, Token: token}
}

// stop asks the server to end and waits for it; it must end well, and within 30 s.
func (srv *server) stop(t *testing.T) {
	t.Helper()
	if err := srv.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := srv.wait(t, 30*time.Second); code != 0 {
		t.Fatalf("exit code %d after SIGTERM:\n%s", code, srv.log)
	}
}

// wait waits for the end and gives the exit code.
func (srv *server) wait(t *testing.T, limit time.Duration) int {
	t.Helper()
	select {
	case <-srv.exited:
	case <-time.After(limit):
		_ = srv.cmd.Process.Signal(syscall.SIGQUIT) // Go's runtime then says where everything stands
		<-srv.exited
		t.Fatalf("the server still runs after %s", limit)
	}
	return srv.cmd.ProcessState.ExitCode()
}

// kill ends the server as the system does where memory runs out; its children must end with it.
func (srv *server) kill(t *testing.T) {
	t.Helper()
	_ = srv.cmd.Process.Kill() // gone already is fine
	select {
	case <-srv.exited:
	case <-time.After(20 * time.Second):
		t.Fatal("a killed server does not end")
	}
}

// sharedMedia gives the path of a recording of ../shared/fixtures/media, or skips the test.
func sharedMedia(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(speechtest.SharedDir(t, "fixtures", "media"), name)
}

// sharedSpeech gives the path of a recording of ../shared/fixtures/speech, or skips the test.
func sharedSpeech(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(speechtest.SharedDir(t, "fixtures", "speech"), name)
}
