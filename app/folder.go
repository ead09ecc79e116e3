package app

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fieldreel/fieldreel/app/video"
)

// ErrInUse says that another server runs on the data folder.
var ErrInUse = errors.New("another Fieldreel server is running on this data folder: stop it, or give this one a folder of its own (FIELDREEL_DATA)")

// lockFolder takes the data folder for one server. The lock goes with the process, however it ends.
func lockFolder(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrInUse, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing releases
}

// sweepWork removes what jobs of a killed server left in the folder of private work. Only a server makes
// such folders, and only one runs at a time; a file of deals may belong to a command that is running.
func sweepWork(dir string) error {
	var errs []error
	for _, pattern := range []string{video.WorkPrefix + "*", ".ffmpeg-*", "deals-*"} {
		left, err := filepath.Glob(filepath.Join(dir, pattern))
		errs = append(errs, err)
		for _, path := range left {
			info, err := os.Lstat(path)
			if err != nil || (pattern == "deals-*" && time.Since(info.ModTime()) < time.Hour) {
				continue // gone already, or perhaps in use
			}
			errs = append(errs, os.RemoveAll(path))
		}
	}
	return errors.Join(errs...)
}

// nodeName gives this data folder's lasting name, which marks its spool and its jobs.
func nodeName(dir string) (string, error) {
	path := filepath.Join(dir, "node")
	b, err := os.ReadFile(path)
	if err == nil {
		if name := strings.TrimSpace(string(b)); name != "" {
			return name, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the node's name: %w", err)
	}
	random := make([]byte, 10)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make the node's name: %w", err)
	}
	name := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))
	tmp, err := os.CreateTemp(dir, "node-")
	if err != nil {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	_, werr := tmp.WriteString(name + "\n")
	if err := errors.Join(werr, tmp.Sync(), tmp.Close()); err != nil {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	// Link fails where another process was faster: its name then holds.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	if err := os.Remove(tmp.Name()); err != nil {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	// The name must outlive a power cut: jobs that only this node can do carry it.
	d, err := os.Open(dir)
	if err != nil {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return "", fmt.Errorf("keep the node's name: %w", err)
	}
	if b, err = os.ReadFile(path); err != nil {
		return "", fmt.Errorf("read the node's name: %w", err)
	}
	if name = strings.TrimSpace(string(b)); name == "" {
		return "", fmt.Errorf("the file %s is empty: remove it", path)
	}
	return name, nil
}
