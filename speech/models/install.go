package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

var (
	// ErrUnsupported says that the runtime is not published for this machine.
	ErrUnsupported = errors.New("the speech model runs on linux/amd64 only")
	// ErrChecksum says that a file is not the pinned one; it was not kept.
	ErrChecksum = errors.New("file is not the pinned one")
	// ErrMissing says that a models folder lacks a file.
	ErrMissing = errors.New("model file missing")
)

// Options say where the files go and where they come from.
type Options struct {
	// Dir is the models folder; it is made where absent.
	Dir string
	// From is a folder, or an http or https address, that holds the files under
	// their own names. Empty means the npm packages.
	From string
	// NPM is the npm client to run; empty means "npm" on the PATH.
	NPM string
	// Client makes the requests when From is an address; nil means a plain
	// client without a total time limit (the context bounds it).
	Client *http.Client
	// Log is told in words what is done; nil means silence.
	Log io.Writer
}

// Install brings the models folder to the pinned state and says so on
// Options.Log. Files that are already right are not touched, so a second run
// does nothing and a broken one goes on where it stopped. Every new file is
// checked, made durable and moved into place in one step: at no time does the
// folder hold half a file under a final name. Two installs on one folder wait
// for each other.
//
// It fails with ErrUnsupported on another platform than linux/amd64, with
// ErrChecksum where the source holds something else than the pinned file, and
// otherwise with the source's error.
func Install(ctx context.Context, o Options) error {
	if err := supported(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	return install(ctx, o, weights.Files())
}

// Verify reads every file of dir and compares it with its pinned digest. The
// error names all files that are missing (ErrMissing) or wrong (ErrChecksum).
func Verify(dir string) error { return verify(dir, weights.Files()) }

func supported(goos, goarch string) error {
	if goos != "linux" || goarch != "amd64" {
		return fmt.Errorf("%w: this is %s/%s; videos work without a transcript, and caption files can be uploaded",
			ErrUnsupported, goos, goarch)
	}
	return nil
}

func verify(dir string, files []weights.File) error {
	var all []error
	for _, f := range files {
		if err := check(filepath.Join(dir, f.Name), f); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// check compares the file at path with its pinned length and digest.
func check(path string, want weights.File) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s (%s)", ErrMissing, want.Name, want.What)
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", want.Name, err)
	}
	defer file.Close() // opened for reading only

	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(file, want.Size+1))
	if err != nil {
		return fmt.Errorf("check %s: %w", want.Name, err)
	}
	if n != want.Size {
		return fmt.Errorf("%w: %s has another length than %d bytes", ErrChecksum, want.Name, want.Size)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 {
		return fmt.Errorf("%w: %s has SHA-256 %s instead of %s", ErrChecksum, want.Name, got, want.SHA256)
	}
	return nil
}

func install(ctx context.Context, o Options, files []weights.File) error {
	log := o.Log
	if log == nil {
		log = io.Discard
	}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(log, format+"\n", args...) } // a deaf log must not stop an install

	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return fmt.Errorf("make the models folder: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(o.Dir, ".install.lock"))
	if err != nil {
		return fmt.Errorf("lock the models folder: %w", err)
	}
	defer unlock()

	var todo []weights.File
	for _, f := range files {
		switch err := check(filepath.Join(o.Dir, f.Name), f); {
		case err == nil:
			continue
		case errors.Is(err, ErrChecksum):
			say("%s is there but not right: fetching it again", f.Name)
		case !errors.Is(err, ErrMissing):
			return err
		}
		todo = append(todo, f)
	}
	if len(todo) == 0 {
		say("The speech model in %s is complete and right; nothing to do.", o.Dir)
		return nil
	}

	// Inside the models folder, so that the last step is a rename on one disk.
	temp, err := os.MkdirTemp(o.Dir, ".install-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp) // left-overs are harmless and the result stands

	switch {
	case o.From == "":
		err = fromPackages(ctx, o, todo, temp, say)
	case strings.HasPrefix(o.From, "http://"), strings.HasPrefix(o.From, "https://"):
		err = fromAddress(ctx, o, todo, say)
	default:
		err = fromFolder(ctx, o, todo, temp, say)
	}
	if err != nil {
		return err
	}
	if err := verify(o.Dir, files); err != nil {
		return err
	}
	say("The speech model is installed in %s.", o.Dir)
	return nil
}

// keep checks the file at path, makes it durable and gives it its final name.
// It removes a file that is not the pinned one.
func keep(path, dir string, want weights.File) error {
	if err := check(path, want); err != nil {
		if errors.Is(err, ErrChecksum) {
			_ = os.Remove(path) // the checksum error is what matters
		}
		return err
	}
	if err := syncPath(path); err != nil {
		return fmt.Errorf("make %s durable: %w", want.Name, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		return fmt.Errorf("set the mode of %s: %w", want.Name, err)
	}
	if err := os.Rename(path, filepath.Join(dir, want.Name)); err != nil {
		return fmt.Errorf("move %s into place: %w", want.Name, err)
	}
	return syncPath(dir)
}

// syncPath fsyncs a file or a folder.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}
