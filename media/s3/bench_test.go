package s3

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

// BenchmarkPutFile compares storing a file of 100 MiB with a plain put by the client library, in turns.
func BenchmarkPutFile(b *testing.B) {
	m := mediatest.StartMinIO(b)
	s := open(b, config(m, m.NewBucket(b)))
	const size = 100 << 20
	path := filepath.Join(b.TempDir(), "file")
	if err := os.WriteFile(path, mediatest.Bytes(1, size), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	var plain, ours time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := s.core.FPutObject(b.Context(), s.bucket, "plain", path, minio.PutObjectOptions{}); err != nil {
			b.Fatal(err)
		}
		plain += time.Since(start)
		start = time.Now()
		if _, err := s.PutFile(b.Context(), "ours", path, media.PutOptions{}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
	}
	b.ReportMetric(plain.Seconds()/ours.Seconds(), "speed-ratio")
}
