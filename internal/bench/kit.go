package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// kit is what measurements share: the working folder, the programs, and what is costly to make and was made once.
type kit struct {
	options
	// dir is the working folder; made says that it is ours to remove.
	dir  string
	made bool
	// library is the data folder with the large library, once a measurement has needed it.
	library *library
}

func newKit(o options) (*kit, error) {
	binary, err := filepath.Abs(o.binary)
	if err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil {
		return nil, fmt.Errorf("the built program: %w (make build)", err)
	}
	o.binary = binary
	k := &kit{options: o, dir: o.dir}
	if k.dir == "" {
		k.made = true
		k.dir, err = os.MkdirTemp("", "fieldreel-bench-")
	} else if k.dir, err = filepath.Abs(k.dir); err == nil {
		err = os.MkdirAll(k.dir, 0o700)
	}
	return k, err
}

func (k *kit) close() error {
	var err error
	if k.library != nil && k.library.fts != nil {
		err = k.library.fts.Close()
	}
	if k.keep || !k.made {
		return err
	}
	return errors.Join(err, os.RemoveAll(k.dir))
}

// folder makes an empty folder in the working folder; done removes it, so that measurements do not fill the disk.
func (k *kit) folder(name string) (dir string, done func(), err error) {
	dir, err = os.MkdirTemp(k.dir, name+"-")
	return dir, func() {
		if !k.keep {
			_ = os.RemoveAll(dir) // what is left goes with the working folder
		}
	}, err
}

// size gives the full size, or the small one of -quick.
func (k *kit) size(full, quick int) int {
	if k.quick {
		return quick
	}
	return full
}

// clip makes a video with ffmpeg, once, and gives its path.
func (k *kit) clip(ctx context.Context, name string, args ...string) (string, error) {
	path := filepath.Join(k.dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	note("making %s", name)
	// The suffix decides the format, so it stays at the end.
	half := filepath.Join(k.dir, "half-"+name)
	args = append(append([]string{"-v", "error", "-nostdin", "-y"}, args...), half)
	if _, err := output(command(ctx, "ffmpeg", args...)); err != nil {
		return "", err
	}
	return path, os.Rename(half, path)
}

// Sources of moving detail under the noise of a small sensor, and a tone: hard enough to encode that an encoder has real
// work, and the same every time.
func testPicture(size string, seconds int) []string {
	return []string{
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=%s:r=30:d=%d,noise=alls=12:all_seed=1:allf=t", size, seconds),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=r=48000:d=%d", seconds),
	}
}

// h264 makes a clip as phones record: H.264 and AAC in MP4, a key frame every two seconds.
func (k *kit) h264(ctx context.Context, size string, seconds int) (string, error) {
	return k.clip(ctx, fmt.Sprintf("h264-%s-%ds.mp4", size, seconds), append(testPicture(size, seconds),
		"-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac", "-b:a", "96k")...)
}

// long makes a clip of minutes out of a short one without encoding it again.
func (k *kit) long(ctx context.Context, minutes int) (string, error) {
	short, err := k.h264(ctx, "640x360", 20)
	if err != nil {
		return "", err
	}
	return k.clip(ctx, fmt.Sprintf("h264-long-%dm.mp4", minutes), "-stream_loop", fmt.Sprint(minutes*3-1), "-i", short, "-c", "copy")
}

// program finds one of the tools.
func (k *kit) program(name string) (string, error) {
	path := filepath.Join(k.tools, "bin", name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not installed in the tools folder: %w (make setup)", name, err)
	}
	return path, nil
}

// fieldreel prepares the built program over a data folder. Nothing it does is slowed by a reserve meant for production.
func (k *kit) fieldreel(ctx context.Context, dir string, args ...string) *fieldreelCommand {
	cmd := command(ctx, k.binary, args...)
	cmd.Env = append(cmd.Env, "FIELDREEL_DATA="+dir, "FIELDREEL_MODELS="+filepath.Join(k.dir, "no-models"), "FIELDREEL_RESERVE=0", "FIELDREEL_LOG_LEVEL=warn")
	return &fieldreelCommand{cmd}
}

// addPerson makes a person with an account and an API token, and gives the id and the token.
func (k *kit) addPerson(ctx context.Context, dir, email, role string) (id, token string, err error) {
	id, err = k.fieldreel(ctx, dir, "person", "add", "--email", email, "--name", "Sam "+strings.Split(email, "@")[0], "--role", role).output()
	if err != nil {
		return "", "", err
	}
	token, err = k.token(ctx, dir, email)
	return id, token, err
}

func (k *kit) token(ctx context.Context, dir, email string) (string, error) {
	return k.fieldreel(ctx, dir, "token", "create", "--email", email).output()
}

// errNotEqual is a failed check of what must hold whatever the speed.
var errNotEqual = errors.New("not what it must be")

// equal fails unless two numbers are the same.
func equal(what string, got, want int64) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s: %d, %w: %d", what, got, errNotEqual, want)
}
