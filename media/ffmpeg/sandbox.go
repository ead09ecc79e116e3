package ffmpeg

import (
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
	"syscall"
	"time"
)

// Isolation is how a child is kept apart from the rest of the machine, beyond limits, white lists, an own process group
// and an own folder, which every child gets.
type Isolation string

// The isolations, strongest first.
const (
	// Bubblewrapped: no network, own processes, and a file system of the system's programs (read-only) and the job's folder.
	Bubblewrapped Isolation = "bubblewrap"
	// NetworkNamespace: no network.
	NetworkNamespace Isolation = "network namespace"
	// Plain: nothing more.
	Plain Isolation = "none"
)

// inputURL is how a child names its input: the descriptor that the parent opened. A relative name inside a hostile file
// resolves beside it, in a folder of descriptors, where no other person's file lies; nobody can swap the file under us;
// and no name of a file is ever parsed as an option or a protocol.
const inputURL = "file:/proc/self/fd/3"

// decoders are those of phones, browsers and screen recorders; a file that wants another is refused.
const decoders = "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,mpeg4,h263," +
	"aac,opus,libopus,vorbis,mp3,mp3float,amrnb,amrwb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_f32le"

// bystanders are decoders of tracks that editors and new phones put beside the recording: covers and second sounds.
// ffprobe gives up on a file if it may not open the decoder of any track, so these are allowed there, in a second try, and
// nowhere else; such tracks are never decoded in earnest.
var bystanders = map[string]bool{
	"mjpeg": true, "png": true, "alac": true, "ac3": true, "eac3": true, "flac": true, "pcm_mulaw": true, "pcm_alaw": true,
}

// demuxers lists the names by which ffmpeg knows the demuxer of each container, and demuxer the one to force.
var (
	demuxers = map[Container]string{MP4: "mov,mp4,m4a,3gp,3g2,mj2", Matroska: "matroska,webm", ogg: "ogg"}
	demuxer  = map[Container]string{MP4: "mov", Matroska: "matroska", ogg: "ogg"}
)

// guard returns the flags that go before the input of every run on foreign bytes.
// more are decoders that are allowed besides the usual ones.
func (t *Tool) guard(c Container, more ...string) []string {
	args := []string{
		"-protocol_whitelist", "file",
		"-format_whitelist", demuxers[c],
		"-codec_whitelist", strings.Join(append([]string{decoders}, more...), ","),
		"-max_streams", strconv.Itoa(t.config.MaxStreams),
		"-max_pixels", strconv.FormatInt(t.config.MaxPixels, 10),
		"-threads", strconv.Itoa(t.cores()),
	}
	if c == MP4 {
		// Both are off by default; said again because they are the one way out of an MP4 into another file.
		args = append(args, "-enable_drefs", "0", "-use_absolute_path", "0")
	}
	return append(args, "-f", demuxer[c])
}

// general returns the flags that come first in every run.
func general(program string) []string {
	args := []string{"-hide_banner", "-v", "error", "-max_alloc", "500000000"}
	if filepath.Base(program) != "ffprobe" {
		args = append(args, "-nostdin")
	}
	return args
}

// reading returns the flags up to and including the input, for ffmpeg. before are input options such as -ss.
func (t *Tool) reading(c Container, before ...string) []string {
	args := append(general("ffmpeg"), "-filter_threads", strconv.Itoa(t.cores()), "-filter_complex_threads", strconv.Itoa(t.cores()))
	args = append(args, before...)
	args = append(args, t.guard(c)...)
	return append(args, "-t", seconds(t.config.MaxDuration+time.Second), "-i", inputURL)
}

// writing returns the flags of every output: nothing but picture and sound, no name of a device or place, and the same
// bytes for the same input.
func writing() []string {
	return []string{
		"-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn",
		"-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-max_muxing_queue_size", "4096",
	}
}

// seconds formats d for ffmpeg.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

// limitScript sets the limits and becomes the program. It is constant: values and arguments are positional, so that
// nothing is ever interpolated. A shell is used because every system with ffmpeg has one, limits set by it hold from the
// first instruction of the program on, and no second entry into our own binary is needed. -f counts 512 bytes. The hard
// CPU limit is later than the soft one, so that ffmpeg can still say what happened.
const limitScript = `umask 077 && ulimit -c 0 && ulimit -n 64 && ulimit -v "$1" && ulimit -f "$2" && ulimit -S -t "$3" && ulimit -H -t "$4" &&
nice=$5 && shift 5 && exec nice -n "$nice" "$@"`

// wrap returns the argument list that runs program with args in dir under the limits and the isolation.
func (t *Tool) wrap(program string, args []string, dir string, l limits) []string {
	cpu := max(1, int64(l.cpu/time.Second))
	argv := []string{
		"/bin/sh", "-c", limitScript, "sh",
		strconv.FormatInt(t.config.MemoryLimit/1024, 10), strconv.FormatInt(l.file/512, 10),
		strconv.FormatInt(cpu, 10), strconv.FormatInt(cpu+5, 10), strconv.Itoa(t.config.Nice),
	}
	if t.isolation == Bubblewrapped {
		argv = append(argv, t.bubblewrap(program, dir)...)
	}
	return append(append(argv, program), args...)
}

// bubblewrap returns the command before the program: a file system that holds the programs of the system and dir.
func (t *Tool) bubblewrap(program, dir string) []string {
	argv := []string{
		t.config.Bubblewrap, "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
		"--ro-bind", "/usr", "/usr",
	}
	for _, path := range []string{"/bin", "/lib", "/lib32", "/lib64"} {
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if info.Mode()&os.ModeSymlink != 0 {
			if target, err := os.Readlink(path); err == nil {
				argv = append(argv, "--symlink", target, path)
			}
			continue
		}
		argv = append(argv, "--ro-bind", path, path)
	}
	for _, path := range []string{"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"} {
		argv = append(argv, "--ro-bind-try", path, path)
	}
	if !strings.HasPrefix(program, "/usr/") {
		argv = append(argv, "--ro-bind", filepath.Dir(program), filepath.Dir(program))
	}
	return append(argv, "--bind", dir, dir, "--chdir", dir, "--")
}

// environment is all that a child learns of ours. BLAS and OpenMP, which distributions link in, would reserve address
// space for every core of the machine, and so would malloc; the limit on address space would then be spent on large
// machines before the first frame.
func environment(dir string) []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1", "HOME=" + dir, "TMPDIR=" + dir,
		"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MALLOC_ARENA_MAX=2",
	}
}

// workDir makes the private folder of a run inside parent.
func workDir(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, ".ffmpeg-")
	if err != nil {
		return "", fmt.Errorf("ffmpeg: making a working folder: %w", err)
	}
	return filepath.Abs(dir)
}

// processAttributes puts a child into a process group of its own, lets the kernel kill it when the server dies, and cuts
// it from the network where asked. Without root that takes a user namespace in which the child stays who it is.
func processAttributes(isolation Isolation) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if isolation != NetworkNamespace {
		return attr
	}
	attr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	}
	return attr
}

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
	default: // it crashed, or ended by itself: the input is at fault
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
