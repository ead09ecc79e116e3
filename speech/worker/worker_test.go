package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

const sales = "../moonshine/testdata/sales.wav"

// TestMain lets the test binary be the worker, as `fieldreel speech-worker` is.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "speech-worker" && os.Args[2] == "--models" {
		if err := os.WriteFile(os.Getenv("TEST_PID"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			panic(err)
		}
		if err := Run(context.Background(), os.Stdin, os.Stdout, os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func newProcess(t *testing.T, idle time.Duration) (p *speech.Process, pid func() int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pid")
	p = speech.NewProcess(speech.Config{
		Command: []string{self, "speech-worker"}, ModelsDir: speechtest.ModelsDir(t),
		Env: []string{"TEST_PID=" + file}, IdleTimeout: idle, Nice: 5, MemoryLimit: 2 << 30,
	})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, func() int {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(string(b))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
}

func hear(t *testing.T, p *speech.Process) {
	t.Helper()
	got, err := p.Transcribe(t.Context(), sales, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Segments) != 2 || !strings.Contains(got.Segments[1].Text, "week of delay") || len(got.Segments[1].Words) != 9 {
		t.Fatalf("heard %+v", got.Segments)
	}
}

func eventuallyGone(t *testing.T, pid int) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(20 * time.Second)
	for syscall.Kill(pid, 0) == nil {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// TestTheEngineInItsProcess goes through a worker's life with the real model:
// killed in the middle of the work, given a bad file, cancelled, and ended when
// idle.
func TestTheEngineInItsProcess(t *testing.T) {
	p, pid := newProcess(t, 2*time.Second)

	_, err := p.Transcribe(t.Context(), sales, func(float64) { _ = syscall.Kill(pid(), syscall.SIGKILL) })
	if !errors.Is(err, speech.ErrWorker) || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("killed in the middle: %v", err)
	}
	killed := pid()

	bad := filepath.Join(t.TempDir(), "no.wav")
	if err := os.WriteFile(bad, []byte("RIFF but not really"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Transcribe(t.Context(), bad, nil); !errors.Is(err, speech.ErrBadAudio) {
		t.Fatalf("a bad file: %v", err)
	}
	if pid() == killed {
		t.Fatal("no new worker after the crash")
	}
	hear(t, p)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = p.Transcribe(ctx, sales, func(float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	eventuallyGone(t, pid())

	hear(t, p)
	eventuallyGone(t, pid()) // idle: the memory is given back
}
