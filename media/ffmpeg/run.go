package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command is one run of one of the two programs.
type command struct {
	program string
	args    []string
	// input becomes descriptor 3 of the child; nil for none.
	input *os.File
	// dir is the child's working folder and, under bubblewrap, the only one it can write to. Empty: a fresh empty one.
	dir    string
	limits limits
	// stdout receives what the child prints; nil keeps up to maxOutput of it.
	stdout io.Writer
}

// outcome is what a run gave.
type outcome struct {
	stdout []byte
	said   string // The end of what it wrote to standard error.
	usage  Usage
}

// Caps on what is kept of a child's words.
const (
	maxOutput = 4 << 20
	maxError  = 8 << 10
)

// killGrace is how long after the kill of a group its pipes may stay open before they are closed from our side.
const killGrace = 5 * time.Second

// errOutputTooLong says that a child printed more than any honest input makes it print.
var errOutputTooLong = errors.New("more output than expected")

// run starts the command inside the sandbox and waits for its end. Whatever the end, the child's whole process group is
// gone when run returns. The usage is right for failed runs too.
func (t *Tool) run(ctx context.Context, c command) (outcome, error) {
	if c.dir == "" {
		dir, err := workDir(t.config.TempDir)
		if err != nil {
			return outcome{}, err
		}
		defer removeAll(dir)
		c.dir = dir
	}
	type ended struct {
		outcome outcome
		err     error
	}
	done := make(chan ended)
	go func() {
		// The kernel sends Pdeathsig when the thread that started the child ends, not the process: stay on one thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		o, err := t.start(ctx, c)
		done <- ended{o, err}
	}()
	e := <-done
	return e.outcome, e.err
}

func (t *Tool) start(parent context.Context, c command) (outcome, error) {
	ctx, cancel := context.WithTimeout(parent, c.limits.wall)
	defer cancel()
	argv := t.wrap(c.program, c.args, c.dir, c.limits)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, environment(c.dir)
	cmd.SysProcAttr = processAttributes(t.isolation)
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = killGrace
	if c.input != nil {
		cmd.ExtraFiles = []*os.File{c.input}
	}
	kept := &head{limit: maxOutput}
	cmd.Stdout = kept
	if c.stdout != nil {
		cmd.Stdout = c.stdout
	}
	said := &tail{limit: maxError}
	cmd.Stderr = said

	began := time.Now()
	if err := cmd.Start(); err != nil {
		return outcome{}, fmt.Errorf("ffmpeg: starting: %w", err)
	}
	err := cmd.Wait()
	// Nothing that the child may have started outlives it. (For its number to be another group's by now, the kernel would
	// have had to hand out all the others since the line above.) An error means that the group is empty.
	_ = killGroup(cmd.Process.Pid)
	o := outcome{stdout: kept.b, said: string(said.b), usage: Usage{Wall: time.Since(began)}}
	if s := cmd.ProcessState; s != nil {
		o.usage.CPU = s.UserTime() + s.SystemTime()
	}
	if err == nil && kept.over {
		err = errOutputTooLong
	}
	if err == nil {
		return o, nil
	}
	return o, explain(parent, ctx, c.limits, o.usage, said.String(), err)
}

// explain tells apart whose fault the end of a run was: the caller's (cancelled), ours (disk, memory of the machine), or
// the input's, which is a refusal.
func explain(parent, ctx context.Context, l limits, used Usage, said string, err error) error {
	if parent.Err() != nil {
		return fmt.Errorf("ffmpeg: stopped: %w", parent.Err())
	}
	if ctx.Err() != nil || used.CPU >= l.cpu {
		return refuse(CodeTimeout, fmt.Errorf("%w after %v (%v CPU): %s", err, used.Wall, used.CPU, said))
	}
	// The program has only words for this, and to call a full disk a broken video would lose the video.
	if strings.Contains(said, "No space left on device") {
		return fmt.Errorf("ffmpeg: %w: %s", syscall.ENOSPC, said)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if errors.Is(err, errOutputTooLong) {
			return refuse(CodeBroken, err)
		}
		return fmt.Errorf("ffmpeg: %w: %s", err, said)
	}
	switch endedBy(exit) {
	case syscall.SIGXCPU:
		return refuse(CodeTimeout, err)
	case syscall.SIGKILL:
		return fmt.Errorf("ffmpeg: killed from outside, perhaps for want of memory: %w", err)
	}
	return refuse(CodeBroken, fmt.Errorf("%w: %s", err, said))
}

// endedBy returns the signal that ended a child, or that bubblewrap passes on from its own child as shells do; 0 for none.
func endedBy(exit *exec.ExitError) syscall.Signal {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal()
	}
	return syscall.Signal(max(0, exit.ExitCode()-128))
}

// killGroup kills every process of the group that pid leads.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// removeAll removes a working folder. A failure is no reason to fail the work: the folder's name (.ffmpeg-…) tells
// whoever sweeps the job's folder what it is.
func removeAll(dir string) { _ = os.RemoveAll(dir) }

// head keeps the first bytes written to it and swallows the rest, so that a child never blocks on us.
type head struct {
	b     []byte
	limit int
	over  bool
}

func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), h.limit-len(h.b))
	h.b = append(h.b, p[:n]...)
	h.over = h.over || n < len(p)
	return len(p), nil
}

// tail keeps the last bytes written to it: a program says why it failed at the end.
type tail struct {
	b     []byte
	limit int
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - t.limit; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

// String gives what is kept as one line of valid text.
func (t *tail) String() string {
	return strings.ToValidUTF8(string(bytes.ReplaceAll(bytes.TrimSpace(t.b), []byte("\n"), []byte("; "))), "?")
}

// progress reads what ffmpeg prints for -progress and remembers the last values. Lines longer than any that ffmpeg
// writes are dropped.
type progress struct {
	line   []byte
	skip   bool
	out    time.Duration // End of what has been written.
	frames int64
	each   func(time.Duration)
}

func (p *progress) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c == '\n':
			if !p.skip {
				p.take(string(p.line))
			}
			p.line, p.skip = p.line[:0], false
		case len(p.line) < 256:
			p.line = append(p.line, c)
		default:
			p.skip = true
		}
	}
	return len(b), nil
}

func (p *progress) take(line string) {
	key, value, _ := strings.Cut(line, "=")
	value = strings.TrimSpace(value)
	switch key {
	case "frame":
		if n, err := parseInt(value); err == nil {
			p.frames = n
		}
	case "out_time_us":
		if us, err := parseInt(value); err == nil && us > 0 {
			p.out = time.Duration(us) * time.Microsecond
		}
	case "progress":
		if p.each != nil {
			p.each(p.out)
		}
	}
}
