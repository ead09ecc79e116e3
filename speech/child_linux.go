package speech

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolated puts the child into a process group of its own and has the kernel
// kill it when the parent dies.
func isolated() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// limit bounds a running child. It is best effort: a child without limits still
// works, and the parent's own limits hold for it.
func limit(pid int, l limits) {
	if l.memory > 0 {
		// Private writable memory: it leaves the runtime's address space reservations
		// and the mapped library alone, which RLIMIT_AS would count.
		r := unix.Rlimit{Cur: l.memory, Max: l.memory}
		_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &r, nil)
	}
	if l.nice > 0 {
		// By group, because by process it would reach the first thread only.
		_ = unix.Setpriority(unix.PRIO_PGRP, pid, min(l.nice, 19))
	}
}

// killGroup kills a child and everything it started.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an error means that it is gone
	_ = cmd.Process.Kill()
}
