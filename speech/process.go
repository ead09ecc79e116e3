package speech

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Defaults of Config.
const (
	DefaultIdleTimeout = time.Minute
	DefaultTimeout     = 3 * time.Minute
)

// Config says how the worker process is run.
type Config struct {
	// Command is the worker's program and first arguments; "--models" and
	// ModelsDir follow. Empty means this program with the argument "speech-worker".
	Command []string
	// ModelsDir is the folder of the installed model. Transcribe fails with
	// ErrNoModel, without starting anything, while it is incomplete. Empty means that the
	// command needs no model (a test's stand-in).
	ModelsDir string
	// Env is the worker's environment beside PATH, HOME, TMPDIR and the locale.
	// Nothing else is handed on: the worker reads foreign sound and needs no secrets.
	Env []string
	// IdleTimeout is how long the worker, with the loaded model, is kept after a
	// transcription. 0 means DefaultIdleTimeout; negative, that it ends at once.
	IdleTimeout time.Duration
	// Timeout is the longest time without a sign of life (progress or an
	// answer) before the worker counts as hung and is killed. It bounds silence, not the
	// length of the work, which grows with the recording. 0 means DefaultTimeout.
	Timeout time.Duration
	// MemoryLimit bounds the worker's private memory in bytes (Linux); an
	// allocation beyond it fails and ends the worker. 0 means no limit; the engine needs
	// 700 MB.
	MemoryLimit uint64
	// Nice lowers the worker's priority (0 to 19), so that it takes only what
	// requests leave (Linux).
	Nice int
}

// Process is an Engine that works in a child process: started at the first
// need, one at a time, one transcription at a time, ended when idle so that its
// memory is given back. A worker that crashes, hangs or talks nonsense costs the
// running transcription an error (ErrWorker); the next one starts a new worker.
// A worker never outlives its parent: it is killed with its process group when
// the context ends or Close is called, by the kernel when the parent dies
// (Linux), and ends by itself when its input closes.
type Process struct {
	config Config
	// turn holds one token; who has it may use worker and idle.
	turn   chan struct{}
	worker *child // nil while none runs
	idle   *time.Timer

	closeOnce sync.Once
	closed    chan struct{}
}

var _ Engine = (*Process)(nil)

// NewProcess starts nothing yet.
func NewProcess(config Config) *Process {
	if config.IdleTimeout == 0 {
		config.IdleTimeout = DefaultIdleTimeout
	}
	if config.Timeout <= 0 {
		config.Timeout = DefaultTimeout
	}
	p := &Process{config: config, turn: make(chan struct{}, 1), closed: make(chan struct{})}
	p.turn <- struct{}{}
	return p
}

// Transcribe implements Engine; calls wait for their turn. Beside the errors of
// Engine it fails with ErrWorker, which passes with another try, and with
// ErrClosed.
func (p *Process) Transcribe(ctx context.Context, wavPath string, progress func(share float64)) (Transcript, error) {
	select {
	case <-p.closed:
		return Transcript{}, ErrClosed
	default:
	}
	if p.config.ModelsDir != "" {
		if err := Available(p.config.ModelsDir); err != nil {
			return Transcript{}, err
		}
	}
	wavPath, err := filepath.Abs(wavPath) // the worker may have another working folder
	if err != nil {
		return Transcript{}, fmt.Errorf("find the sound file: %w", err)
	}
	if _, err := os.Stat(wavPath); err != nil {
		return Transcript{}, fmt.Errorf("find the sound file: %w", err)
	}
	select {
	case <-ctx.Done():
		return Transcript{}, ctx.Err()
	case <-p.closed:
		return Transcript{}, ErrClosed
	case <-p.turn:
	}
	defer func() { p.turn <- struct{}{} }()
	select {
	case <-p.closed: // both may have been ready
		return Transcript{}, ErrClosed
	default:
	}

	if p.idle != nil {
		p.idle.Stop()
	}
	if p.worker != nil && p.worker.gone() {
		p.worker = nil // it died while idle; nothing was lost
	}
	if p.worker == nil {
		if p.worker, err = p.start(); err != nil {
			return Transcript{}, fmt.Errorf("%w: start: %w", ErrWorker, err)
		}
	}
	t, err := p.ask(ctx, wavPath, progress)
	var answered *remoteError
	if err != nil && !errors.As(err, &answered) {
		// Whatever state it is in, a worker that did not answer is not used again.
		p.worker.kill()
		p.worker = nil
		return Transcript{}, err
	}
	p.rest()
	return t, err
}

// ask sends one request and reads replies until the answer.
func (p *Process) ask(ctx context.Context, wavPath string, progress func(float64)) (Transcript, error) {
	if err := p.worker.send(wireRequest{WAV: wavPath}); err != nil {
		return Transcript{}, p.worker.failure(err)
	}
	silence := time.NewTimer(p.config.Timeout)
	defer silence.Stop()
	last := 0.0
	for {
		select {
		case <-ctx.Done():
			return Transcript{}, ctx.Err()
		case <-p.closed:
			return Transcript{}, ErrClosed
		case <-silence.C:
			return Transcript{}, fmt.Errorf("%w: no sign of life for %s", ErrWorker, p.config.Timeout)
		case reply, ok := <-p.worker.replies:
			switch {
			case !ok:
				return Transcript{}, p.worker.failure(nil)
			case reply.Progress != nil:
				silence.Reset(p.config.Timeout)
				if share := min(*reply.Progress, 1); share > last {
					last = share
					if progress != nil {
						progress(share)
					}
				}
			case reply.Error != nil:
				return Transcript{}, reply.Error.err()
			case reply.Result != nil:
				t := reply.Result.transcript()
				if err := t.Validate(); err != nil {
					return Transcript{}, fmt.Errorf("%w: %w", ErrWorker, err)
				}
				return t, nil
			default:
				return Transcript{}, fmt.Errorf("%w: an empty reply", ErrWorker)
			}
		}
	}
}

// rest arms the idle timer after a transcription. The caller has the turn.
func (p *Process) rest() {
	if p.config.IdleTimeout < 0 {
		p.worker.end()
		p.worker = nil
		return
	}
	idle := p.worker
	p.idle = time.AfterFunc(p.config.IdleTimeout, func() {
		select {
		case <-p.turn:
		default:
			return // somebody works with it, and will arm the timer again
		}
		defer func() { p.turn <- struct{}{} }()
		if p.worker == idle {
			p.worker = nil
			idle.end()
		}
	})
}

// Close ends a running transcription with ErrClosed, ends the worker and waits
// until it is gone. It may be called more than once.
func (p *Process) Close() error {
	p.closeOnce.Do(func() { close(p.closed) })
	<-p.turn
	defer func() { p.turn <- struct{}{} }()
	if p.idle != nil {
		p.idle.Stop()
	}
	if p.worker != nil {
		p.worker.end()
		p.worker = nil
	}
	return nil
}

func (p *Process) start() (*child, error) {
	command := p.config.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command = []string{self, "speech-worker"}
	}
	args := append([]string{}, command[1:]...)
	if p.config.ModelsDir != "" {
		args = append(args, "--models", p.config.ModelsDir)
	}
	return startChild(command[0], args, p.environment(), limits{memory: p.config.MemoryLimit, nice: p.config.Nice})
}

func (p *Process) environment() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, p.config.Env...)
}
