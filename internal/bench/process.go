package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// userHZ is the unit of the CPU times in /proc: a constant of the kernel's interface on all platforms that Go runs on.
const userHZ = 100

// stopWithin is how long a child may take to stop before it is killed.
const stopWithin = 30 * time.Second

// process is a child that was started here and is ended here, by its own id.
type process struct {
	cmd    *exec.Cmd
	said   *tail
	exited chan struct{} // closed when it is gone
	err    error         // of its end; to be read after exited
	// idle is the CPU time it uses a second when nobody asks anything of it; see settle.
	idle float64
}

// command prepares a child with a small environment: nothing that FIELDREEL_… of this shell says. It is asked to stop when
// ctx ends.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	cmd.SysProcAttr = dieWithParent()
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL"} {
		if value, ok := os.LookupEnv(key); ok {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
	}
	return cmd
}

// start runs cmd until end is called; it dies with this process. What it writes to standard error is kept for reports of
// failure, and each line of standard output is given to line, if not nil.
func start(cmd *exec.Cmd, line func(string)) (*process, error) {
	p := &process{cmd: cmd, said: &tail{}, exited: make(chan struct{})}
	cmd.Stderr = p.said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	go func() {
		// The kernel signals the death of the thread that started the child, so this goroutine keeps its thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if line != nil {
				line(lines.Text())
			}
		}
		_, _ = io.Copy(io.Discard, out) // a line too long for the scanner; the pipe must not fill up
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, <-started
}

// end asks the process to stop, and kills it if it does not in time.
func (p *process) end() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopWithin):
		err := p.cmd.Process.Kill()
		<-p.exited
		return errors.Join(fmt.Errorf("%s did not stop by itself", p.cmd.Path), err)
	}
}

// failed says why a process that should run does not.
func (p *process) failed() error {
	<-p.exited
	return fmt.Errorf("%s ended: %w\n%s", filepath.Base(p.cmd.Path), p.err, p.said)
}

// output runs a command to its end and gives what it printed.
func output(cmd *exec.Cmd) (string, error) {
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	runtime.LockOSThread() // see start
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// usage is CPU time, in user and kernel mode together.
type usage struct {
	self time.Duration
	// children is that of children that have ended and were waited for, and of theirs.
	children time.Duration
}

func (u usage) total() time.Duration { return u.self + u.children }

// cpuOf reads the CPU time of a process so far. The unit is 10 ms, so a measurement must last many times that.
func cpuOf(pid int) (usage, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	// The name of the program, in brackets, may hold anything; the fields are counted from behind it (proc(5)).
	_, after, ok := strings.Cut(string(b), ") ")
	fields := strings.Fields(after)
	if !ok || len(fields) < 15 {
		return usage{}, fmt.Errorf("/proc/%d/stat: %q", pid, b)
	}
	var t [4]int64 // utime, stime, cutime, cstime
	for i := range t {
		if t[i], err = strconv.ParseInt(fields[11+i], 10, 64); err != nil {
			return usage{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
	}
	const tick = time.Second / userHZ
	return usage{time.Duration(t[0]+t[1]) * tick, time.Duration(t[2]+t[3]) * tick}, nil
}

// cpu gives the CPU time that a process used while fn ran, its children's included.
func (p *process) cpu(fn func() error) (time.Duration, error) {
	before, err := cpuOf(p.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := cpuOf(p.cmd.Process.Pid)
	return after.total() - before.total(), err
}

// settle lets the process come to rest and takes what it uses then: asking its queues for work and such. On a busy machine a
// measurement lasts longer, and more of that falls into it, which says nothing about what is measured.
func (p *process) settle(ctx context.Context) error {
	const rest, span = 2 * time.Second, 5 * time.Second
	pause := func(d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
	if err := pause(rest); err != nil {
		return err
	}
	var took time.Duration
	used, err := p.cpu(func() (err error) {
		took, err = timed(func() error { return pause(span) })
		return err
	})
	p.idle = used.Seconds() / took.Seconds()
	return err
}

// work is cpu without what the process would have used anyway.
func (p *process) work(fn func() error) (time.Duration, error) {
	var took time.Duration
	used, err := p.cpu(func() (err error) {
		took, err = timed(fn)
		return err
	})
	return max(0, used-time.Duration(p.idle*float64(took))), err
}

// memory is the physical memory of a process, in bytes.
type memory struct {
	resident, anonymous, file, peak int64
}

// memoryOf reads it.
func memoryOf(pid int) (memory, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		to, ok := map[string]*int64{"VmRSS": &m.resident, "RssAnon": &m.anonymous, "RssFile": &m.file, "VmHWM": &m.peak}[name]
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		if err != nil {
			return m, fmt.Errorf("/proc/%d/status: %q", pid, line)
		}
		*to = kib << 10
	}
	return m, nil
}

// forgetPeak makes the process's peak of memory begin anew (proc(5), clear_refs).
func forgetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// tail keeps the last of what a process writes.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - 16<<10; over > 0 {
		t.buf = t.buf[over:]
	}
	return len(p), nil
}

// String gives it.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
