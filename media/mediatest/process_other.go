//go:build !linux

package mediatest

import "syscall"

// dieWithParent exists on Linux only; elsewhere a child outlives a test process that is killed.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
