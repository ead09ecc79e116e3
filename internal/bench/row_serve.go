package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// measureServe compares the CPU time of serving ranges of a video with that of http.FileServer, for the same ranges of the
// same bytes.
func measureServe(ctx context.Context, k *kit) (_ []Row, err error) {
	path, err := k.long(ctx, k.size(5, 1))
	if err != nil {
		return nil, err
	}
	in, err := k.fresh(ctx, "--role", "web")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	s, err := in.sendFile(ctx, path)
	if err != nil {
		return nil, err
	}
	dir, done, err := k.folder("files")
	if err != nil {
		return nil, err
	}
	defer done()
	files, err := peer(ctx, peerFiles, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.end()) }()
	var v videoAnswer
	if err := in.admin.get(ctx, "/api/v1/videos/"+s.video, &v); err != nil {
		return nil, err
	}
	if err := in.settle(ctx); err != nil {
		return nil, err
	}
	size, err := download(ctx, in.client(""), v.Media.Progressive, filepath.Join(dir, "progressive.mp4"))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, n := range []struct {
		length   int64
		requests int
	}{{1 << 20, k.size(600, 60)}, {64 << 10, k.size(4000, 400)}} {
		row, err := serveRanges(ctx, k, ranged{in.client(""), in.process, v.Media.Progressive, size}, ranged{files.client(""), files.process, "/progressive.mp4", size}, n.length, n.requests)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// ranged is a file that a server gives in ranges.
type ranged struct {
	*client
	server *process
	path   string
	size   int64
}

// fetch gets n ranges of a length, one after the other as a player does, and gives the server's CPU time.
func (r ranged) fetch(ctx context.Context, from, n int, length int64, buf []byte) (time.Duration, error) {
	return r.server.work(func() error {
		for i := range n {
			at := int64(from+i) * length % (r.size - length)
			if err := r.one(ctx, at, length, buf); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r ranged) one(ctx context.Context, at, length int64, buf []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+r.path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", at, at+length-1))
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	got, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf)
	if err == nil && resp.StatusCode != http.StatusPartialContent {
		err = fmt.Errorf("a range of %s: %s", r.path, resp.Status)
	}
	return errors.Join(err, equal("bytes of a range", got, length))
}

func serveRanges(ctx context.Context, k *kit, ours, peer ranged, length int64, requests int) (Row, error) {
	var cpu [2]time.Duration
	turn := 0
	buf := make([]byte, 1<<20)
	side := func(i int, r ranged) func(bool) error {
		return func(warm bool) error {
			used, err := r.fetch(ctx, turn*requests, requests, length, buf)
			if !warm {
				cpu[i] += used
			}
			turn += i // after the peer's turn both have had these ranges
			return err
		}
	}
	n := k.size(8, 3)
	if err := rounds(ctx, n, side(0, ours), side(1, peer)); err != nil {
		return Row{}, err
	}
	total := float64(n * requests)
	per := func(d time.Duration) string {
		return fmt.Sprintf("%.0f µs, %.2f CPU s/GiB", d.Seconds()/total*1e6, d.Seconds()/(total*float64(length))*(1<<30))
	}
	ratio := cpu[0].Seconds() / cpu[1].Seconds()
	return Row{
		Name: fmt.Sprintf("serving ranges of %d KiB against http.FileServer", length>>10), Measured: per(cpu[0]), Peer: per(cpu[1]), Ratio: times(ratio), Budget: "1.2 x", Verdict: within(ratio, 1.2),
		Note: fmt.Sprintf("CPU of the server for each of %d ranges, taken in turns over one connection, as a player asks: through the signed address, with the right to see the video and the session checked. What the server uses when it is idle (%.1f ms a second) is taken off.", n*requests, ours.server.idle*1000),
	}, nil
}

// download writes what a path gives to a file and returns its size.
func download(ctx context.Context, c *client, path, to string) (int64, error) {
	a, err := c.do(ctx, http.MethodGet, path, nil, nil, 0)
	if err == nil {
		err = a.want(http.StatusOK, path)
	}
	if err != nil {
		return 0, err
	}
	return int64(len(a.body)), os.WriteFile(to, a.body, 0o600)
}
