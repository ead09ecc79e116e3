package s3

import (
	"testing"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

func config(m mediatest.MinIO, bucket string) Config {
	return Config{Endpoint: m.Endpoint, Bucket: bucket, AccessKey: m.AccessKey, SecretKey: m.SecretKey}
}

func open(t *testing.T, cfg Config) *Store {
	t.Helper()
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMinIO(t *testing.T) {
	m := mediatest.StartMinIO(t)
	t.Run("suite", func(t *testing.T) {
		mediatest.Suite(t, func(t *testing.T) media.Store { return open(t, config(m, m.NewBucket(t))) })
	})
}
