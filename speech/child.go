package speech

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// graceToEnd is how long a worker may take to end after its input closed.
const graceToEnd = 5 * time.Second

// child is one running worker process.
type child struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	replies chan wireReply // closed when the worker says nothing more
	stderr  tail
	stopped chan struct{} // closed by kill and end: replies are not wanted any more
	stop    sync.Once
	done    chan struct{} // closed when the process is reaped
	err     error         // how it ended; readable after done
	garbled error         // what was wrong with its output; readable after replies closed
}

type limits struct {
	memory uint64
	nice   int
}

// startChild starts a worker in a process group of its own.
func startChild(program string, args, env []string, l limits) (*child, error) {
	c := &child{
		cmd:     exec.Command(program, args...),
		replies: make(chan wireReply),
		stopped: make(chan struct{}),
		done:    make(chan struct{}),
	}
	c.cmd.Env = env
	c.cmd.SysProcAttr = isolated()
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.stdin = stdin
	// Pipes of our own, so that Wait returns when the process ends, even while
	// something that it started still holds them.
	stdout, stdoutEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stdin.Close())
	}
	stderr, stderrEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stdin.Close(), stdout.Close(), stdoutEnd.Close())
	}
	c.cmd.Stdout, c.cmd.Stderr = stdoutEnd, stderrEnd

	started := make(chan error, 1)
	go func() {
		// The kernel sends the parent-death signal when the thread that started the
		// child ends, so this goroutine keeps its thread as long as the child lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		_, _ = stdoutEnd.Close(), stderrEnd.Close() // the child has its own
		if err != nil {
			_, _, _ = stdin.Close(), stdout.Close(), stderr.Close()
			started <- err
			return
		}
		limit(c.cmd.Process.Pid, l)
		started <- nil
		c.attend(stdout, stderr)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// attend reads what the process says and waits until it has ended.
func (c *child) attend(stdout, stderr *os.File) {
	var readers sync.WaitGroup
	readers.Go(func() { c.read(stdout) })
	readers.Go(func() { _, _ = io.Copy(&c.stderr, stderr) }) // ends with the pipe
	c.err = c.cmd.Wait()
	killGroup(c.cmd) // what it may have left behind
	// Something that left the group could still hold the pipes: read what is in
	// them, then go.
	deadline := time.Now().Add(graceToEnd)
	_, _ = stdout.SetReadDeadline(deadline), stderr.SetReadDeadline(deadline)
	readers.Wait()
	_, _ = stdout.Close(), stderr.Close()
	close(c.done)
}

// read passes the worker's replies on until its output ends or makes no sense.
func (c *child) read(stdout io.Reader) {
	defer close(c.replies)
	lines := newLines(stdout)
	for lines.Scan() {
		var reply wireReply
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			c.garbled = fmt.Errorf("unreadable reply: %w", err)
			killGroup(c.cmd)
			return
		}
		select {
		case c.replies <- reply:
		case <-c.stopped: // keep the pipe flowing, so that it can end in peace
			_, _ = io.Copy(io.Discard, stdout)
			return
		}
	}
	if err := lines.Err(); err != nil {
		c.garbled = fmt.Errorf("read a reply: %w", err)
		killGroup(c.cmd)
	}
}

func (c *child) send(r wireRequest) error { return writeLine(c.stdin, r) }

// gone reports whether the process has ended.
func (c *child) gone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// kill ends the process group at once and waits until the process is reaped.
func (c *child) kill() {
	c.stop.Do(func() { close(c.stopped) })
	if !c.gone() {
		killGroup(c.cmd)
	}
	_ = c.stdin.Close() // the process is gone; so may the pipe be
	<-c.done
}

// end lets the process end by itself, and kills it if it does not.
func (c *child) end() {
	c.stop.Do(func() { close(c.stopped) })
	_ = c.stdin.Close() // a broken pipe means that it has ended already
	select {
	case <-c.done:
	case <-time.After(graceToEnd):
		c.kill()
	}
}

// failure describes a worker that broke off; cause is what was noticed first.
func (c *child) failure(cause error) error {
	c.kill()
	parts := []string{}
	if cause = errors.Join(cause, c.garbled); cause != nil {
		parts = append(parts, cause.Error())
	}
	if c.err != nil {
		parts = append(parts, c.err.Error())
	} else {
		parts = append(parts, "ended without an answer")
	}
	if said := c.stderr.String(); said != "" {
		parts = append(parts, said)
	}
	return fmt.Errorf("%w: %s", ErrWorker, strings.Join(parts, ": "))
}

// tail keeps the last bytes written to it: the worker's final words.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

const maxTail = 2048

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if extra := len(t.bytes) - maxTail; extra > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.bytes), "�"))
}
