package mediatest

import "syscall"

// dieWithParent makes the kernel kill the child when this process ends, however it does.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
