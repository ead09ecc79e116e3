// Package pgtest is a test kit: it gives tests empty databases on a real PostgreSQL, which the test
// binary starts on loopback and ends. Imported by tests and other test kits only.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to make databases
)

// cluster is the temporary PostgreSQL of this test binary.
type cluster struct {
	once    sync.Once
	err     error
	absent  bool
	port    int
	dir     string
	process *os.Process
	exited  chan struct{}
	admin   *sql.DB
	n       atomic.Int64
}

// shared is the one piece of state that outlives a test: starting a cluster costs two seconds.
var shared cluster

// Main runs the tests of a package that uses Database, ends the server after them, and exits:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop ends the server, if a test has started it. A TestMain that does more than Main calls it after
// the tests; without it the server ends with the test binary, and its folder stays.
func Stop() { shared.stop() }

// Database gives the address of an empty database, dropped when the test ends. The first test that asks
// starts the server. Where PostgreSQL is not installed the test is skipped, or fails if
// FIELDREEL_TEST_STRICT=1.
func Database(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.start() })
	if shared.absent {
		const absent = "PostgreSQL is not installed"
		if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
			t.Fatal(absent + ", and FIELDREEL_TEST_STRICT=1")
		}
		t.Skip(absent)
	}
	if shared.err != nil {
		t.Fatalf("start PostgreSQL: %v", shared.err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), shared.n.Add(1))
	if _, err := shared.admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's context has ended by now.
		if _, err := shared.admin.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", shared.port, name)
}

func find(program string) string {
	places, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	sort.Sort(sort.Reverse(sort.StringSlice(places)))
	if len(places) > 0 {
		return places[0]
	}
	p, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return p
}

func (c *cluster) start() {
	initdb, server := find("initdb"), find("postgres")
	if initdb == "" || server == "" {
		c.absent = true
		return
	}
	c.err = c.run(initdb, server)
}

func (c *cluster) run(initdb, server string) error {
	dir, err := os.MkdirTemp("", "fieldreel-pg-")
	if err != nil {
		return err
	}
	c.dir = dir
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("as root, a user named postgres is needed: %w", err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // ids of a local account
		if err := os.Chown(dir, uid, gid); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "data")
	mk := exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	mk.SysProcAttr = &syscall.SysProcAttr{Credential: attr.Credential}
	mk.Dir = dir
	if out, err := mk.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return err
	}
	run := exec.Command(server, "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-k", "",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	run.SysProcAttr = attr
	run.Dir = dir
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	run.Stdout, run.Stderr = log, log
	started := make(chan error)
	c.exited = make(chan struct{})
	go func() {
		// The parent-death signal is tied to the thread that starts the child, which must live on.
		runtime.LockOSThread()
		started <- run.Start()
		_ = run.Wait() // its exit is told by the channel; the reason is in its log
		close(c.exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	c.process = run.Process
	c.admin, err = sql.Open("pgx", fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port))
	if err != nil {
		return err
	}
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		if err := c.admin.Ping(); err == nil {
			return nil
		}
		select {
		case <-c.exited:
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("it ended at once: %s", text)
		case <-deadline.C:
			return errors.New("it does not answer after 30 s")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *cluster) stop() {
	if c.admin != nil {
		_ = c.admin.Close()
	}
	if c.process != nil {
		_ = c.process.Signal(syscall.SIGQUIT) // immediate: its data is thrown away
		<-c.exited
	}
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}
