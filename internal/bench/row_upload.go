package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// recording is so many bytes that pass for a recording until somebody looks into it: the head of an MP4 file and noise,
// which no layer can compress. The server refuses it once it is received, which spares it the work that other rows measure.
func recording(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	copy(b, "\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom")
	return b
}

// turns are one side's figures of all rounds.
type turns struct {
	bytes int
	speed []float64 // bytes a second
	cpu   time.Duration
}

func (t *turns) add(warm bool, took, cpu time.Duration) {
	if !warm {
		t.speed = append(t.speed, float64(t.bytes)/took.Seconds())
		t.cpu += cpu
	}
}

func (t *turns) String() string {
	s := fmt.Sprintf("%.0f MiB/s", median(t.speed)/(1<<20))
	if t.cpu > 0 {
		s += fmt.Sprintf(", %.2f CPU s/GiB", t.cpu.Seconds()/float64(len(t.speed))/float64(t.bytes)*(1<<30))
	}
	return s
}

// measureUpload compares an upload, from its creation to the answer that says that every byte is durable, with a put of the
// same bytes by the MinIO client and with writing them to a file.
func measureUpload(ctx context.Context, k *kit) (_ []Row, err error) {
	content := recording(k.size(64<<20, 8<<20))
	in, err := k.fresh(ctx, "--role", "web")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	store, err := k.minio(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.stop()) }()
	dir, done, err := k.folder("file")
	if err != nil {
		return nil, err
	}
	defer done()

	ours, pieces, put, file := turns{bytes: len(content)}, turns{bytes: len(content)}, turns{bytes: len(content)}, turns{bytes: len(content)}
	send := func(t *turns, piece int) func(warm bool) error {
		return func(warm bool) error {
			var took time.Duration
			cpu, err := in.cpu(func() (err error) {
				took, err = timed(func() error { return sendPieces(ctx, in.admin, content, piece) })
				return err
			})
			t.add(warm, took, cpu)
			return errors.Join(err, in.idle(ctx, "ingest_"))
		}
	}
	n := 0
	err = rounds(ctx, k.size(7, 2), send(&ours, len(content)), func(warm bool) error {
		var took time.Duration
		n++
		cpu, err := store.cpu(func() (err error) {
			took, err = timed(func() error {
				_, err := store.client.PutObject(ctx, bucketName, fmt.Sprintf("take-%d", n), bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
				return err
			})
			return err
		})
		put.add(warm, took, cpu)
		return err
	}, func(warm bool) error {
		took, err := timed(func() error { return writeDurably(filepath.Join(dir, "take"), content) })
		file.add(warm, took, 0)
		return err
	}, send(&pieces, 8<<20))
	if err != nil {
		return nil, err
	}
	ratio := ratios(ours.speed, put.speed)
	size := mib(int64(len(content)))
	return []Row{{
		Name: "upload against a plain minio-go put", Measured: ours.String(), Peer: put.String(), Ratio: times(ratio), Budget: "at least 0.8 x", Verdict: atLeast(ratio, 0.8),
		Note: fmt.Sprintf("%s over loopback, from the creation of the upload to the answer that says that all is durable and its SHA-256 known; CPU of the server alone. In pieces of 8 MiB: %s, %s of the put. "+
			"The put takes the client library's defaults (parts in parallel).", size, &pieces, times(ratios(pieces.speed, put.speed))),
	}, {
		Name: "upload against writing a file", Measured: ours.String(), Peer: file.String(), Ratio: times(ratios(ours.speed, file.speed)),
		Note: "The floor: the same bytes from memory into a new file with one fsync of it and one of its folder; no network, no hash, no offsets that survive a crash on the way.",
	}}, nil
}

// sendPieces uploads content in requests of so many bytes.
func sendPieces(ctx context.Context, c *client, content []byte, piece int) error {
	path, err := c.begin(ctx, int64(len(content)))
	if err != nil {
		return err
	}
	for at := 0; at < len(content); at += piece {
		p := content[at:min(at+piece, len(content))]
		if err := c.patch(ctx, path, int64(at), bytes.NewReader(p), int64(len(p))); err != nil {
			return err
		}
	}
	return nil
}

// writeDurably writes a new file and removes it; the removal is not what is measured, but takes no time beside the syncs.
func writeDurably(path string, content []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	return errors.Join(err, os.Remove(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// measureParallel reads the peak of the server's memory under many uploads at once, and under one small and one large.
func measureParallel(ctx context.Context, k *kit) (_ []Row, err error) {
	in, err := k.fresh(ctx, "--role", "web")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	peak := func(fn func() error) (int64, error) {
		if err := errors.Join(in.idle(ctx, "ingest_"), forgetPeak(in.cmd.Process.Pid), fn()); err != nil {
			return 0, err
		}
		m, err := memoryOf(in.cmd.Process.Pid)
		return m.peak, err
	}
	one := func(size int) func() error {
		return func() error { return sendPieces(ctx, in.admin, recording(size), size) }
	}
	small, large, each, many := 16<<20, k.size(512<<20, 64<<20), k.size(8<<20, 1<<20), 50
	before, err := peak(func() error { return nil })
	if err != nil {
		return nil, err
	}
	ofSmall, err := peak(one(small))
	if err != nil {
		return nil, err
	}
	ofLarge, err := peak(one(large))
	if err != nil {
		return nil, err
	}
	ofMany, err := peak(func() error { return sendTogether(ctx, in.admin, recording(each), many) })
	if err != nil {
		return nil, err
	}
	return []Row{{
		Name: fmt.Sprintf("memory under %d parallel uploads", many), Measured: mib(ofMany) + " at the peak", Peer: mib(before) + " before", Budget: "under 300 MiB", Verdict: within(float64(ofMany), 300<<20),
		Note: fmt.Sprintf("%s each; all wait for one another in the middle, so that all are open at the same time. Resident memory of the server, without the ffprobe that looks at what is finished.", mib(int64(each))),
	}, {
		Name: "memory against the size of an upload", Measured: mib(ofLarge) + " for " + mib(int64(large)), Peer: mib(ofSmall) + " for " + mib(int64(small)), Ratio: times(float64(ofLarge) / float64(ofSmall)),
		Budget: "flat (1.25 x)", Verdict: within(float64(ofLarge), 1.25*float64(ofSmall)), Note: "The peak of the server's resident memory during one upload.",
	}}, nil
}

// sendTogether uploads content n times at once; each sends its second half only when all have sent their first.
func sendTogether(ctx context.Context, c *client, content []byte, n int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var halfway sync.WaitGroup
	halfway.Add(n)
	all := make(chan struct{})
	go func() {
		halfway.Wait()
		close(all)
	}()
	err := parallel(n, n, func(_, _ int) error {
		path, err := c.begin(ctx, int64(len(content)))
		if err == nil {
			half := len(content) / 2
			body := io.MultiReader(bytes.NewReader(content[:half]), &meeting{ctx: ctx, arrive: halfway.Done, all: all}, bytes.NewReader(content[half:]))
			err = c.patch(ctx, path, 0, body, int64(len(content)))
		}
		if err != nil {
			cancel(err) // nobody waits for one that will not come
		}
		return err
	})
	return errors.Join(err, context.Cause(ctx))
}

// meeting is an empty reader that ends once all others have been reached too.
type meeting struct {
	ctx    context.Context
	arrive func()
	all    <-chan struct{}
}

// Read implements io.Reader.
func (m *meeting) Read([]byte) (int, error) {
	m.arrive()
	select {
	case <-m.all:
		return 0, io.EOF
	case <-m.ctx.Done():
		return 0, context.Cause(m.ctx)
	}
}
