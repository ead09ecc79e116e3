package speech

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be its own worker, with an engine whose
// behaviour the sound file's name chooses.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "speech-worker" {
		err := Serve(context.Background(), os.Stdin, os.Stdout, func() (Engine, error) {
			if os.Getenv("TEST_NO_MODEL") != "" {
				return nil, fmt.Errorf("%w: missing: everything", ErrNoModel)
			}
			note("opened")
			return actor{}, nil
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		note("ended")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// note appends what happened, and in which process, to the test's log.
func note(what string) {
	f, err := os.OpenFile(os.Getenv("TEST_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "%s %d\n", what, os.Getpid())
}

type actor struct{}

func (actor) Transcribe(ctx context.Context, path string, progress func(float64)) (Transcript, error) {
	note("asked")
	switch name := filepath.Base(path); name {
	case "crash":
		fmt.Fprintln(os.Stderr, "the native library fell over")
		os.Exit(3)
	case "hang":
		for {
			time.Sleep(time.Hour)
		}
	case "patient":
		progress(0.5)
		<-ctx.Done()
		return Transcript{}, ctx.Err()
	case "steady": // longer than the timeout in all, but never silent
		for i := range 8 {
			progress(float64(i) / 8)
			<-time.After(50 * time.Millisecond) // work that takes its time
		}
	case "garbage":
		fmt.Println("<html>not a reply</html>")
		time.Sleep(time.Hour)
	case "empty reply":
		fmt.Println("{}")
		time.Sleep(time.Hour)
	case "impossible":
		return Transcript{DurationMS: 10, Segments: []Segment{{StartMS: 5, EndMS: 500}}}, nil
	case "bad":
		return Transcript{}, fmt.Errorf("%w: stereo", ErrBadAudio)
	case "fail":
		return Transcript{}, errors.New("out of luck")
	case "family":
		child := exec.Command("sleep", "600")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr // holds our pipes
		if err := child.Start(); err != nil {
			return Transcript{}, err
		}
		note("child " + strconv.Itoa(child.Process.Pid))
		os.Exit(4)
	case "memory":
		var hoard [][]byte
		for {
			block := make([]byte, 16<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			hoard = append(hoard, block)
			if len(hoard) > 64 { // 1 GiB: the limit did not hold
				return Transcript{}, errors.New("no limit")
			}
		}
	case "nice":
		priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
		if err != nil {
			return Transcript{}, err
		}
		return said(strconv.Itoa(20 - priority)), nil // the raw call counts backwards
	case "environment":
		return said(strings.Join(os.Environ(), " ")), nil
	}
	progress(0.25)
	progress(0.1) // must not go back
	progress(1)
	return said("heard " + filepath.Base(path)), nil
}

func said(text string) Transcript {
	return Transcript{
		Language: "en", Engine: "actor", DurationMS: 1000,
		Segments: []Segment{NewSegment(Spread(text, 0, 1000))},
	}
}

type stage struct {
	t   *testing.T
	dir string
	*Process
}

func newStage(t *testing.T, change func(*Config)) *stage {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, dir: t.TempDir()}
	config := Config{
		Command: []string{self, "speech-worker"},
		Env:     []string{"TEST_LOG=" + filepath.Join(s.dir, "log")},
		Timeout: 20 * time.Second,
	}
	if change != nil {
		change(&config)
	}
	s.Process = NewProcess(config)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, pid := range s.pids("asked") {
			if alive(pid) {
				t.Errorf("worker %d outlived Close", pid)
			}
		}
	})
	return s
}

func (s *stage) file(name string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *stage) hear(name string) (string, error) {
	s.t.Helper()
	t, err := s.Transcribe(s.t.Context(), s.file(name), nil)
	if err != nil {
		return "", err
	}
	return t.Segments[0].Text, nil
}

func (s *stage) mustHear(name string) {
	s.t.Helper()
	text, err := s.hear(name)
	if err != nil {
		s.t.Fatal(err)
	}
	if text != "heard "+name {
		s.t.Fatalf("heard %q", text)
	}
}

// pids lists the processes that noted what, in order.
func (s *stage) pids(what string) []int {
	s.t.Helper()
	log, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	var pids []int
	for line := range strings.Lines(string(log)) {
		if number, ok := strings.CutPrefix(strings.TrimSpace(line), what+" "); ok {
			pid, err := strconv.Atoi(strings.Fields(number)[0])
			if err != nil {
				s.t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") // a zombie is dead
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(20 * time.Second)
	for !cond() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestProcessKeepsOneWorker(t *testing.T) {
	s := newStage(t, nil)
	if n := len(s.pids("opened")); n != 0 {
		t.Fatal("started without need")
	}
	var shares []float64
	got, err := s.Transcribe(t.Context(), s.file("first take"), func(x float64) { shares = append(shares, x) })
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil || got.Engine != "actor" || got.Language != "en" || got.DurationMS != 1000 {
		t.Errorf("%+v, %v", got, err)
	}
	if fmt.Sprint(shares) != "[0.25 1]" {
		t.Errorf("progress %v", shares)
	}
	for i := range 3 {
		s.mustHear("take " + strconv.Itoa(i))
	}
	if n := len(s.pids("opened")); n != 1 {
		t.Errorf("the model was loaded %d times", n)
	}
}

func TestProcessTakesOneAtATime(t *testing.T) {
	s := newStage(t, nil)
	var wg sync.WaitGroup
	for i := range 8 {
		name := "take " + strconv.Itoa(i)
		path := s.file(name)
		wg.Go(func() {
			got, err := s.Transcribe(t.Context(), path, nil)
			if err != nil || got.Segments[0].Text != "heard "+name {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	if n := len(s.pids("opened")); n != 1 {
		t.Errorf("%d workers", n)
	}
}

func TestProcessSurvivesItsWorker(t *testing.T) {
	for name, want := range map[string]string{
		"crash":       "fell over",
		"garbage":     "unreadable reply",
		"empty reply": "empty reply",
		"impossible":  "after the recording's",
		"fail":        "out of luck",
		"family":      "exit status 4",
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.mustHear("before")
			if _, err := s.hear(name); !errors.Is(err, ErrWorker) || !strings.Contains(err.Error(), want) {
				t.Fatalf("got %v", err)
			}
			s.mustHear("after")
			for _, pid := range s.pids("child") {
				eventually(t, "the worker's own child is gone", func() bool { return !alive(pid) })
			}
		})
	}
}

func TestProcessKilledInTheMiddle(t *testing.T) {
	s := newStage(t, nil)
	_, err := s.Transcribe(t.Context(), s.file("patient"), func(float64) {
		if err := syscall.Kill(s.pids("asked")[0], syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	})
	if !errors.Is(err, ErrWorker) || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("got %v", err)
	}
	s.mustHear("after")
}

func TestProcessKilledWhileIdle(t *testing.T) {
	s := newStage(t, nil)
	s.mustHear("before")
	pid := s.pids("asked")[0]
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker is reaped", func() bool { return s.worker.gone() })
	s.mustHear("after")
}

func TestProcessHangIsAnError(t *testing.T) {
	s := newStage(t, func(c *Config) { c.Timeout = 200 * time.Millisecond })
	if _, err := s.hear("hang"); !errors.Is(err, ErrWorker) || !strings.Contains(err.Error(), "no sign of life") {
		t.Fatalf("got %v", err)
	}
	if alive(s.pids("asked")[0]) {
		t.Error("the hung worker is alive")
	}
	s.mustHear("steady") // progress counts as a sign of life
}

func TestProcessCancel(t *testing.T) {
	s := newStage(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Transcribe(ctx, s.file("patient"), func(float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if alive(s.pids("asked")[0]) {
		t.Error("the cancelled worker is alive")
	}
	if _, err := s.Transcribe(ctx, s.file("after"), nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("with an ended context: %v", err)
	}
	s.mustHear("after")
}

func TestProcessEndsWhenIdle(t *testing.T) {
	s := newStage(t, func(c *Config) { c.IdleTimeout = 50 * time.Millisecond })
	s.mustHear("first")
	eventually(t, "the idle worker ended by itself", func() bool { return len(s.pids("ended")) == 1 })
	eventually(t, "it is gone", func() bool { return !alive(s.pids("asked")[0]) })
	s.mustHear("second")
	if n := len(s.pids("opened")); n != 2 {
		t.Errorf("%d workers", n)
	}
}

func TestProcessWithoutIdleTime(t *testing.T) {
	s := newStage(t, func(c *Config) { c.IdleTimeout = -1 })
	s.mustHear("first")
	if alive(s.pids("asked")[0]) {
		t.Error("still there")
	}
}

func TestProcessClose(t *testing.T) {
	s := newStage(t, nil)
	failed := make(chan error, 2)
	working := make(chan struct{})
	path := s.file("patient")
	go func() {
		_, err := s.Transcribe(t.Context(), path, func(float64) { close(working) })
		failed <- err
	}()
	<-working
	go func() { // waits for its turn
		_, err := s.Transcribe(t.Context(), path, nil)
		failed <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-failed; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if alive(s.pids("asked")[0]) {
		t.Error("the worker is alive after Close")
	}
	if _, err := s.hear("after"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestProcessPassesErrorsOn(t *testing.T) {
	s := newStage(t, nil)
	if _, err := s.hear("bad"); !errors.Is(err, ErrBadAudio) || err.Error() != ErrBadAudio.Error()+": stereo" {
		t.Errorf("got %v", err)
	}
	s.mustHear("after")
	if n := len(s.pids("opened")); n != 1 {
		t.Errorf("a bad recording cost the worker (%d)", n)
	}
	if _, err := s.Transcribe(t.Context(), filepath.Join(s.dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}

	s = newStage(t, func(c *Config) { c.Env = append(c.Env, "TEST_NO_MODEL=1") })
	if _, err := s.hear("take"); !errors.Is(err, ErrNoModel) {
		t.Errorf("got %v", err)
	}

	s = newStage(t, func(c *Config) { c.ModelsDir = t.TempDir() })
	if _, err := s.hear("take"); !errors.Is(err, ErrNoModel) || !strings.Contains(err.Error(), "libonnxruntime.so") {
		t.Errorf("got %v", err)
	}

	s = newStage(t, func(c *Config) { c.Command = []string{filepath.Join(t.TempDir(), "nothing")} })
	if _, err := s.hear("take"); !errors.Is(err, ErrWorker) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestProcessLimits(t *testing.T) {
	s := newStage(t, func(c *Config) { c.Nice, c.MemoryLimit = 7, 512<<20 })
	if text, err := s.hear("nice"); err != nil || text != "7" {
		t.Errorf("priority %q, %v", text, err)
	}
	if _, err := s.hear("memory"); !errors.Is(err, ErrWorker) || strings.Contains(err.Error(), "no limit") {
		t.Errorf("got %v", err)
	}
	s.mustHear("after")
}

func TestProcessHandsOnNoSecrets(t *testing.T) {
	t.Setenv("FIELDREEL_S3_SECRET_KEY", "secret-value")
	s := newStage(t, nil)
	text, err := s.hear("environment")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "secret-value") || !strings.Contains(text, "PATH=") {
		t.Errorf("environment %s", text)
	}
}

// TestWorkerDiesWithItsParent kills a whole parent with a working child.
func TestWorkerDiesWithItsParent(t *testing.T) {
	if os.Getenv("TEST_BE_PARENT") != "" {
		s := newStage(t, nil)
		s.dir = os.Getenv("TEST_BE_PARENT")
		s.config.Env = []string{"TEST_LOG=" + filepath.Join(s.dir, "log")}
		_, _ = s.hear("hang") // until killed
		return
	}
	s := newStage(t, nil)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self, "-test.run=^TestWorkerDiesWithItsParent$")
	parent.Env = append(os.Environ(), "TEST_BE_PARENT="+s.dir)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker works", func() bool { return len(s.pids("asked")) == 1 })
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed, so always an error
	eventually(t, "the worker is gone", func() bool { return !alive(s.pids("asked")[0]) })
}

func TestServeEndsWithItsInput(t *testing.T) {
	var out strings.Builder
	open := func() (Engine, error) { return nil, errors.New("not needed") }
	if err := Serve(t.Context(), strings.NewReader(""), &out, open); err != nil || out.Len() != 0 {
		t.Errorf("%v, %q", err, out.String())
	}
	if err := Serve(t.Context(), strings.NewReader("nonsense\n"), &out, open); err == nil {
		t.Error("nonsense was accepted")
	}
}
