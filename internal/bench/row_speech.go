package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/speech"
)

// recordings gives the WAV files to transcribe: the one of the repository, and the project's shared ones where they are.
func recordings() ([]string, error) {
	files := []string{filepath.Join("speech", "moonshine", "testdata", "sales.wav")}
	shared := os.Getenv("FIELDREEL_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	more, err := filepath.Glob(filepath.Join(shared, "fixtures", "speech", "*.wav"))
	if err != nil {
		return nil, err
	}
	return append(files, more...), nil
}

// measureSpeech takes the CPU time of the worker process per second of sound, with the model loaded, and what loading
// costs.
func measureSpeech(ctx context.Context, k *kit) (_ []Row, err error) {
	files, err := recordings()
	if err != nil {
		return nil, err
	}
	if k.quick {
		files = files[:1]
	}
	engine := speech.NewProcess(speech.Config{Command: []string{k.binary, "speech-worker"}, ModelsDir: filepath.Join(k.tools, "models"), IdleTimeout: time.Hour})
	defer func() { err = errors.Join(err, engine.Close()) }()
	pid := 0
	used := func() (time.Duration, error) {
		if pid == 0 {
			return 0, nil // it has not begun
		}
		u, err := cpuOf(pid)
		return u.total(), err
	}
	var loading, cpu, wall, sound time.Duration
	var peak memory
	for i, file := range append(files[:1:1], files...) { // the first once more, to load and warm up
		before, err := used()
		if err != nil {
			return nil, err
		}
		t, err := speechOf(ctx, engine, file)
		if err != nil {
			return nil, err
		}
		if pid == 0 {
			if pid, err = childNamed("speech-worker"); err != nil {
				return nil, err
			}
		}
		after, err := used()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			loading = after
			continue
		}
		if i == 1 {
			loading -= after - before // the same file: the difference is what loading cost
		}
		cpu, wall, sound = cpu+after-before, wall+t.took, sound+t.sound
	}
	if peak, err = memoryOf(pid); err != nil {
		return nil, err
	}
	return []Row{{
		Name: "transcription", Measured: fmt.Sprintf("%.3f CPU s per second of sound", cpu.Seconds()/sound.Seconds()),
		Note: fmt.Sprintf("%d recordings of read and spoken English, %.0f s together, in %.1f s; one worker process with the model loaded. Loading it costs %.1f CPU s; the worker's memory peaked at %s and is given back when it has been idle.",
			len(files), sound.Seconds(), wall.Seconds(), loading.Seconds(), mib(peak.peak)),
	}}, nil
}

type transcribed struct{ took, sound time.Duration }

func speechOf(ctx context.Context, engine speech.Engine, file string) (transcribed, error) {
	var t speech.Transcript
	took, err := timed(func() (err error) {
		t, err = engine.Transcribe(ctx, file, nil)
		return err
	})
	if err == nil && len(t.Segments) == 0 {
		err = fmt.Errorf("%s: no words", filepath.Base(file))
	}
	return transcribed{took, time.Duration(t.DurationMS) * time.Millisecond}, err
}

// childNamed finds the child of this process that has an argument.
func childNamed(argument string) (int, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	self := strconv.Itoa(os.Getpid())
	for _, dir := range dirs {
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || !strings.Contains(string(line), "\x00"+argument+"\x00") {
			continue // also one that has just ended
		}
		stat, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue
		}
		if _, after, ok := strings.Cut(string(stat), ") "); ok && len(strings.Fields(after)) > 1 && strings.Fields(after)[1] == self {
			return strconv.Atoi(filepath.Base(dir))
		}
	}
	return 0, fmt.Errorf("no child process has the argument %s", argument)
}
