package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine is what figures depend on.
type machine struct {
	cpu, kernel       string
	cores             int
	memory            int64
	disk              string
	goVersion, ffmpeg string
	nice              string
	fieldreel         string
}

// machineOf asks; what cannot be found out stays unknown, since no figure hangs on it.
func machineOf(ctx context.Context, k *kit) machine {
	m := machine{cpu: "unknown CPU", kernel: "unknown", nice: "unknown", cores: runtime.NumCPU(), disk: fileSystem(k.dir), goVersion: "unknown", ffmpeg: "none", fieldreel: "unknown"}
	m.cpu = field("/proc/cpuinfo", "model name", m.cpu)
	var kib int64
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal", ""), "%d kB", &kib); err == nil {
		m.memory = kib << 10
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel = strings.TrimSpace(string(b))
	}
	if b, err := os.ReadFile("/proc/self/stat"); err == nil {
		if _, after, ok := strings.Cut(string(b), ") "); ok && len(strings.Fields(after)) > 16 {
			m.nice = strings.Fields(after)[16]
		}
	}
	if info, err := buildinfo.ReadFile(k.binary); err == nil {
		m.goVersion = info.GoVersion
	}
	if out, err := output(command(ctx, "ffmpeg", "-version")); err == nil {
		if words := strings.Fields(out); len(words) > 2 {
			m.ffmpeg = words[2]
		}
	}
	if out, err := output(command(ctx, k.binary, "version")); err == nil {
		m.fieldreel = out
	}
	return m
}

// field reads the first "name: value" of a file of /proc.
func field(path, name, fallback string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return fallback
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return fallback
}

// fileSystem names the file system that holds dir: on one in memory a sync costs nothing, and no figure of a disk means
// anything.
func fileSystem(dir string) string {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "unknown"
	}
	longest, kind := -1, "unknown"
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) <= longest {
			continue
		}
		if f[1] == "/" || dir == f[1] || strings.HasPrefix(dir, f[1]+"/") {
			longest, kind = len(f[1]), f[2]
		}
	}
	return kind
}

// load gives the load averages of the last 1 and 5 minutes.
func load() (one, five float64) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, 0
	}
	if _, err := fmt.Sscan(string(b), &one, &five); err != nil {
		return 0, 0
	}
	return one, five
}
