//go:build !linux

package speech

import (
	"os/exec"
	"syscall"
)

// Elsewhere than on Linux, for which alone the engine is published, the child
// is a plain process.

func isolated() *syscall.SysProcAttr { return nil }

func limit(int, limits) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
