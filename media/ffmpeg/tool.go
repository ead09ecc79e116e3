package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Config says which programs to use and how much of the machine, and of an author's patience, one job may take. The zero
// value is good for a server with 2 cores and more.
type Config struct {
	// FFmpeg and FFprobe are paths or names looked up in PATH; empty means "ffmpeg" and "ffprobe".
	FFmpeg, FFprobe string
	// Bubblewrap is a path or name; empty means "bwrap". It is used where it is found and works.
	Bubblewrap string
	// Isolation chooses how children are kept apart; empty means the strongest that works here.
	Isolation Isolation
	// TempDir holds the empty working folders of runs that write nothing; empty means the system's.
	TempDir string
	// Nice is added to the niceness of children; 0 means 10, negative means none.
	Nice int
	// Threads bounds decoder, filter and encoder threads, each; 0 means 2.
	Threads int
	// MaxDuration of a source; 0 means 30 minutes. Also the cap on what is demuxed, whatever the header says.
	MaxDuration time.Duration
	// MaxPixels of one picture; 0 means 9.5 million (4K has 8.3 million).
	MaxPixels int64
	// MaxFPS is the mean number of pictures a second; 0 means 300 (slow motion of phones has 240).
	MaxFPS float64
	// MaxStreams of a file; 0 means 24 (phones write up to ten tracks of metadata).
	MaxStreams int
	// MemoryLimit of one child in bytes of address space; 0 means 2 GiB.
	MemoryLimit int64
	// CPUSeconds is the most that one child may use; 0 means 4 hours. Short sources get less, by their length.
	CPUSeconds int
	// Timeout is the longest that one child may run; 0 means 4 hours. Short sources get less, by their length.
	Timeout time.Duration
}

func (c Config) withDefaults() Config {
	setDefault(&c.FFmpeg, "ffmpeg")
	setDefault(&c.FFprobe, "ffprobe")
	setDefault(&c.Bubblewrap, "bwrap")
	setDefault(&c.TempDir, os.TempDir())
	setDefault(&c.Nice, 10)
	setDefault(&c.Threads, 2)
	setDefault(&c.MaxDuration, 30*time.Minute)
	setDefault(&c.MaxPixels, 9_500_000)
	setDefault(&c.MaxFPS, 300)
	setDefault(&c.MaxStreams, 24)
	setDefault(&c.MemoryLimit, 2<<30)
	setDefault(&c.CPUSeconds, 4*60*60)
	setDefault(&c.Timeout, 4*time.Hour)
	c.Nice = max(c.Nice, 0)
	return c
}

func setDefault[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

// Tool runs ffmpeg and ffprobe. It holds no state between runs and is safe for concurrent use; how many heavy jobs run
// at a time is for the caller to bound.
type Tool struct {
	config    Config
	isolation Isolation
	version   string
	toneMap   bool // The build has zscale and tonemap.
}

// Find looks up the programs, proves that they run inside the strongest isolation that works here, and returns a Tool.
// An absent or broken program is a [*Refusal] with CodeToolMissing that wraps [ErrMissing]; asking for an isolation that
// does not work here is another error.
func Find(ctx context.Context, c Config) (*Tool, error) {
	c = c.withDefaults()
	for _, program := range []*string{&c.FFmpeg, &c.FFprobe} {
		path, err := lookPath(*program)
		if err != nil {
			return nil, refuse(CodeToolMissing, fmt.Errorf("%w: %w", ErrMissing, err))
		}
		*program = path
	}
	t := &Tool{config: c}
	tries := []Isolation{Bubblewrapped, NetworkNamespace, Plain}
	if c.Isolation != "" {
		tries = []Isolation{c.Isolation}
	}
	var failures []error
	for _, isolation := range tries {
		err := t.try(ctx, isolation)
		if err == nil {
			return t, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("ffmpeg: finding the programs: %w", ctx.Err())
		}
		failures = append(failures, fmt.Errorf("%s: %w", isolation, err))
	}
	if c.Isolation != "" && c.Isolation != Plain {
		return nil, fmt.Errorf("ffmpeg: isolation does not work here: %w", errors.Join(failures...))
	}
	return nil, refuse(CodeToolMissing, fmt.Errorf("%w: %w", ErrMissing, errors.Join(failures...)))
}

// try runs both programs under isolation and keeps what they say of themselves.
func (t *Tool) try(ctx context.Context, isolation Isolation) error {
	t.isolation = isolation
	if isolation == Bubblewrapped {
		path, err := lookPath(t.config.Bubblewrap)
		if err != nil {
			return err
		}
		t.config.Bubblewrap = path
	}
	version, err := t.run(ctx, command{program: t.config.FFmpeg, args: []string{"-version"}, limits: t.shortLimits()})
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(version.stdout), "\n")
	if !strings.HasPrefix(first, "ffmpeg version ") {
		return errors.New("does not answer like ffmpeg")
	}
	t.version = strings.TrimSpace(first)
	if _, err := t.run(ctx, command{program: t.config.FFprobe, args: []string{"-version"}, limits: t.shortLimits()}); err != nil {
		return err
	}
	filters, err := t.run(ctx, command{
		program: t.config.FFmpeg, args: []string{"-hide_banner", "-v", "error", "-filters"}, limits: t.shortLimits(),
	})
	if err != nil {
		return err
	}
	t.toneMap = hasFilter(filters.stdout, "zscale") && hasFilter(filters.stdout, "tonemap")
	return nil
}

func hasFilter(list []byte, name string) bool {
	for line := range strings.Lines(string(list)) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == name {
			return true
		}
	}
	return false
}

func lookPath(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return path, nil
}

// Version is the first line that ffmpeg prints about itself.
func (t *Tool) Version() string { return t.version }

// Isolation says how children are kept apart from the rest of the machine.
func (t *Tool) Isolation() Isolation { return t.isolation }

// ToneMaps says whether this build of ffmpeg can bring HDR pictures to the range of ordinary screens. Where it cannot,
// they are converted without, and look pale.
func (t *Tool) ToneMaps() bool { return t.toneMap }

// Usage is what work cost.
type Usage struct {
	// CPU is user and system time of the children.
	CPU time.Duration
	// Wall is the time that passed.
	Wall time.Duration
}

func (u *Usage) add(v Usage) {
	u.CPU += v.CPU
	u.Wall += v.Wall
}

// limits bound one run.
type limits struct {
	wall time.Duration
	cpu  time.Duration
	file int64 // Bytes of the largest file that it may write.
}

// shortLimits are for runs that look but do not transform.
func (t *Tool) shortLimits() limits {
	return limits{wall: min(time.Minute, t.config.Timeout), cpu: min(time.Minute, t.cpuCap()), file: 1 << 20}
}

// workLimits are for runs that decode and encode a source of length d out of an input of size bytes. Measured: HEVC of
// 1080p costs 2.2 CPU seconds a second, 4K four times that; 40 leaves room for slow machines.
func (t *Tool) workLimits(d time.Duration, size int64) limits {
	return limits{
		wall: min(2*time.Minute+120*d, t.config.Timeout),
		cpu:  min(time.Minute+40*d, t.cpuCap()),
		file: max(size+64<<20, 2<<30),
	}
}

func (t *Tool) cpuCap() time.Duration { return time.Duration(t.config.CPUSeconds) * time.Second }

// cores is how many threads are useful for one run here.
func (t *Tool) cores() int { return min(t.config.Threads, runtime.NumCPU()) }
