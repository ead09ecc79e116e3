package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// job is one step on one input: an open file, and a private folder in which results are made before they get their names.
type job struct {
	tool  *Tool
	probe Probe
	file  *os.File
	size  int64
	out   string // The caller's folder.
	dir   string // The job's own, inside it, so that giving a name is a rename.
	usage Usage
}

// begin opens the input and makes the private folder inside outDir, which must exist.
func (t *Tool) begin(in Input, outDir string) (*job, error) {
	f, size, err := openInput(in.Path)
	if err != nil {
		return nil, err
	}
	dir, err := workDir(outDir)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &job{tool: t, probe: in.Probe, file: f, size: size, out: outDir, dir: dir}, nil
}

// end removes whatever has no name yet.
func (j *job) end() {
	_ = j.file.Close() // It was only read.
	removeAll(j.dir)
}

// ffmpeg runs ffmpeg on the input: before are options of the input, after those of the outputs. stdout may be nil.
func (j *job) ffmpeg(ctx context.Context, before, after []string, stdout io.Writer) (outcome, error) {
	o, err := j.tool.run(ctx, command{
		program: j.tool.config.FFmpeg,
		args:    append(j.tool.reading(j.probe.Container, before...), after...),
		input:   j.file, dir: j.dir, stdout: stdout,
		limits: j.tool.workLimits(j.probe.Duration, j.size),
	})
	j.usage.add(o.usage)
	return o, err
}

// errEmptyOutput says that ffmpeg was content and yet there is nothing: it could decode no frame.
var errEmptyOutput = errors.New("an output is missing or empty")

// check returns the size of a result in the private folder, or an error if it does not exist or holds nothing.
func (j *job) check(name string) (int64, error) {
	info, err := os.Lstat(filepath.Join(j.dir, name))
	if errors.Is(err, os.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		return 0, refuse(CodeBroken, fmt.Errorf("%w: %s", errEmptyOutput, name))
	}
	if err != nil {
		return 0, fmt.Errorf("ffmpeg: looking at a result: %w", err)
	}
	return info.Size(), nil
}

// publish checks the results and gives them their names in the caller's folder, in the order given: name last what refers
// to the others. A result of an earlier try is replaced.
func (j *job) publish(names ...string) error {
	for _, name := range names {
		if _, err := j.check(name); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(j.dir, name), filepath.Join(j.out, name)); err != nil {
			return fmt.Errorf("ffmpeg: publishing a result: %w", err)
		}
	}
	return nil
}

// write makes a small result whose content we have.
func (j *job) write(name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(j.dir, name), content, 0o600); err != nil {
		return fmt.Errorf("ffmpeg: writing a result: %w", err)
	}
	return nil
}

// inspect reads the boxes of an MP4 in the private folder.
func (j *job) inspect(name string) (Structure, error) {
	if _, err := j.check(name); err != nil {
		return Structure{}, err
	}
	f, size, err := openInput(filepath.Join(j.dir, name))
	if err != nil {
		return Structure{}, err
	}
	defer f.Close()
	return Inspect(f, size)
}

// near says whether a result lasts about as long as the source: within a second, or 3 % of a long one. A larger gap means
// that the source broke off in decoding, or that its header lied.
func (j *job) near(got time.Duration, name string) error {
	want := j.probe.Duration
	if gap := (got - want).Abs(); gap > max(time.Second, want*3/100) {
		return refuse(CodeBroken, fmt.Errorf("%s lasts %v, the source %v", name, got, want))
	}
	return nil
}

// share returns a progress writer that calls report with a share of the source in 0..1 that only grows; report may be nil.
// The 1 is left to [whole].
func (j *job) share(report func(float64)) *progress {
	p := &progress{}
	if report != nil {
		last := 0.0
		p.each = func(out time.Duration) {
			if s := out.Seconds() / j.probe.Duration.Seconds(); s > last && s < 1 {
				last = s
				report(s)
			}
		}
	}
	return p
}

// whole reports that all is done.
func whole(report func(float64)) {
	if report != nil {
		report(1)
	}
}
