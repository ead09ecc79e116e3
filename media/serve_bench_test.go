package media_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

// clientEnv makes the test program the client of a benchmark, in a process of its own, so that the CPU time of this one
// is the server's alone.
const clientEnv = "FIELDREEL_TEST_RANGE_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(clientEnv) == "1" {
		if err := fetchRanges(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fetchRanges reads lines "URL first last", gets each range, and answers each line with the number of bytes.
func fetchRanges(in io.Reader, out io.Writer) error {
	buf := make([]byte, 1<<20)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var url string
		var first, last int64
		if _, err := fmt.Sscan(lines.Text(), &url, &first, &last); err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf)
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusPartialContent {
			return fmt.Errorf("%s: %s", url, resp.Status)
		}
		fmt.Fprintln(out, n)
	}
	return nil
}

// rangeClient is such a process.
type rangeClient struct {
	in  io.Writer
	out *bufio.Reader
}

func startClient(b *testing.B) *rangeClient {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), clientEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // Killed with the benchmark's context, or ended by the end of its input.
	})
	return &rangeClient{in: in, out: bufio.NewReader(out)}
}

func (c *rangeClient) get(b *testing.B, url string, first, n int64) {
	if _, err := fmt.Fprintln(c.in, url, first, first+n-1); err != nil {
		b.Fatal(err)
	}
	answer, err := c.out.ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != fmt.Sprint(n) {
		b.Fatalf("the client got %q, %v", answer, err)
	}
}

// cpuTime is what this process has used, in user and kernel mode.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkServe gives the server's CPU time for ranges of 1 MiB and of 64 KiB, as seconds per GiB and as a ratio to
// http.FileServer with the same ranges in the same run, taken in turns. The budget is a ratio of 1.2 for local files.
// The time of MinIO's own process is not in it.
func BenchmarkServe(b *testing.B) {
	const size = 64 << 20
	data := mediatest.Bytes(1, size)
	dir := b.TempDir()
	path := filepath.Join(dir, string(clipKey))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	for _, store := range []struct {
		name string
		open func(b *testing.B) media.Store
	}{
		{"disk", func(b *testing.B) media.Store { return openDisk(b) }},
		{"s3", func(b *testing.B) media.Store { return openS3(b) }},
	} {
		b.Run(store.name, func(b *testing.B) {
			s := store.open(b)
			if _, err := s.Put(b.Context(), clipKey, bytes.NewReader(data), size, media.PutOptions{}); err != nil {
				b.Fatal(err)
			}
			files := httptest.NewServer(http.FileServer(http.Dir(dir)))
			defer files.Close()
			ours := httptest.NewServer(handler(s, media.ServeOptions{ETag: clipTag, ContentType: "video/mp4"}))
			defer ours.Close()
			client := startClient(b)
			for _, n := range []int64{1 << 20, 64 << 10} {
				b.Run(fmt.Sprintf("%dKiB", n>>10), func(b *testing.B) {
					b.SetBytes(n)
					var used [2]time.Duration
					turn := 0
					for b.Loop() {
						for i, url := range []string{files.URL, ours.URL} {
							start := cpuTime(b)
							// Some in a row, so that what a turn itself costs does not count.
							for k := range int64(20) {
								client.get(b, url+"/"+string(clipKey), (int64(turn)*20+k)*n%(size-n), n)
							}
							used[i] += cpuTime(b) - start
						}
						turn++
					}
					gib := float64(turn) * 20 * float64(n) / (1 << 30)
					b.ReportMetric(used[0].Seconds()/gib, "fileserver-cpu-s/GiB")
					b.ReportMetric(used[1].Seconds()/gib, "cpu-s/GiB")
					b.ReportMetric(used[1].Seconds()/used[0].Seconds(), "cpu-ratio")
				})
			}
		})
	}
}
