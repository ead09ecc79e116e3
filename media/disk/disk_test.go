package disk

import (
	"testing"

	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSuite(t *testing.T) {
	mediatest.Suite(t, func(t *testing.T) media.Store { return open(t, t.TempDir()) })
}
