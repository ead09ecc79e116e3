// Command bench measures Fieldreel against the budgets of its design and writes one table of the results.
//
// It measures from outside: it starts the built program on loopback over a data folder of its own, speaks HTTP to it as a
// client would, and reads the CPU time and memory of the server from /proc. Where something comparable exists (a plain put
// of the MinIO client, http.FileServer, one bare ffmpeg run, SQLite's full text index …) that peer runs in turns with it,
// on the same bytes in the same minutes, so that the ratio survives a busy machine where a time does not.
//
// All made-up data comes from fixed seeds. Linux only, because of /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	if peer, ok := peerOf(os.Args); ok {
		exit(peer())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, os.Args[1:]))
}

func exit(err error) {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// options are the command line.
type options struct {
	out, only, dir    string
	binary, tools     string
	quick, list, keep bool
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.out, "out", "", "write the table to this Markdown `file` too; what stands in it outside the markers is kept")
	f.StringVar(&o.only, "only", "", "measure only these, by commas (see -list); the file is then left alone")
	f.StringVar(&o.dir, "dir", "", "`folder` to work in, on the disk to be measured (default: a temporary one)")
	f.StringVar(&o.binary, "bin", os.Getenv("FIELDREEL_BIN"), "the built program")
	f.StringVar(&o.tools, "tools", os.Getenv("FIELDREEL_TOOLS"), "the `folder` with bin/minio and models/")
	f.BoolVar(&o.quick, "quick", false, "small sizes, to try the benchmarks themselves; the file is left alone")
	f.BoolVar(&o.list, "list", false, "list what can be measured")
	f.BoolVar(&o.keep, "keep", false, "keep the working folder")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.binary == "" {
		o.binary = filepath.Join("bin", "fieldreel")
	}
	if o.tools == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return o, fmt.Errorf("find the tools folder: %w", err)
		}
		o.tools = filepath.Join(home, ".cache", "fieldreel")
	}
	return o, nil
}

func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	if o.list {
		for _, m := range chosen {
			fmt.Printf("%-10s %s\n", m.key, m.what)
		}
		return nil
	}
	k, err := newKit(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	r := report{machine: machineOf(ctx, k), quick: o.quick, began: time.Now()}
	for _, m := range chosen {
		r.measure(ctx, k, m)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	text := r.markdown(time.Now())
	fmt.Print(text)
	switch {
	case o.out == "":
	case o.only != "" || o.quick:
		note("not everything was measured at full size, so %s stays as it is", o.out)
	default:
		err = writeBetween(o.out, text)
	}
	return errors.Join(append(r.failures, err)...)
}

// measurement is one part of the table: what shares a set-up and is measured together.
type measurement struct {
	key, what string
	run       func(ctx context.Context, k *kit) ([]Row, error)
}

// measurements lists all, in the order of the table.
func measurements() []measurement {
	return []measurement{
		{"upload", "throughput of an upload against a plain MinIO put and against writing a file", measureUpload},
		{"parallel", "memory of the server under 50 parallel uploads, and with one large one", measureParallel},
		{"playable", "from the last byte received to playable, H.264", measurePlayable},
		{"first", "from the last byte received to playable, VP8", measureFirstRendition},
		{"media", "CPU of all media work against one bare ffmpeg run", measureMedia},
		{"serve", "CPU of serving ranges against http.FileServer", measureServe},
		{"speech", "CPU of transcription per second of sound", measureSpeech},
		{"start", "ready time, idle memory and rebuild of the index with 10,000 videos", measureStart},
		{"search", "moments search at 100,000 passages beside SQLite FTS5", measureSearch},
		{"read", "CPU of an authenticated read, and its p99 at 500 a second", measureRead},
		{"watch", "watch events a second, and their p99 at 2,000 a second", measureWatch},
	}
}

// choose gives the measurements named, or all.
func choose(only string) ([]measurement, error) {
	all := measurements()
	if only == "" {
		return all, nil
	}
	var chosen []measurement
	for name := range strings.SplitSeq(only, ",") {
		at := len(chosen)
		for _, m := range all {
			if m.key == strings.TrimSpace(name) {
				chosen = append(chosen, m)
			}
		}
		if len(chosen) == at {
			return nil, fmt.Errorf("nothing is called %q; see -list", name)
		}
	}
	return chosen, nil
}
