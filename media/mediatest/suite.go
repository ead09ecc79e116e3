// Package mediatest holds what a [media.Store] must pass, and what its tests need. Only tests import it.
package mediatest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/media"
)

const mib = 1 << 20

// Suite checks that a store keeps the promises of [media.Store]. newStore gives a store that is empty, and that no other
// test uses.
func Suite(t *testing.T, newStore func(t *testing.T) media.Store) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, s media.Store)
	}{
		{"sizes", testSizes},
		{"wrong size", testWrongSize},
		{"failing body", testFailingBody},
		{"cancelled", testCancelled},
		{"overwrite", testOverwrite},
		{"concurrent puts", testConcurrentPuts},
		{"body is left alone", testBodyLeftAlone},
		{"put file", testPutFile},
		{"put file hostile", testPutFileHostile},
		{"info", testInfo},
		{"absent", testAbsent},
		{"ranges", testRanges},
		{"ranges of an empty object", testRangesEmpty},
		{"seek", testSeek},
		{"read at", testReadAt},
		{"read one version", testReadOneVersion},
		{"list", testList},
		{"list many", testListMany},
		{"delete", testDelete},
		{"delete prefix", testDeletePrefix},
		{"copy", testCopy},
		{"hostile keys", testHostileKeys},
		{"abilities", testAbilities},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newStore(t)) })
	}
}

// Bytes gives n bytes that are the same in each run, and different for each seed.
func Bytes(seed uint64, n int) []byte {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	b := make([]byte, n)
	if _, err := rand.NewChaCha8(key).Read(b); err != nil {
		panic(err) // Never, says its documentation.
	}
	return b
}

// plain hides everything of a reader but Read.
func plain(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

func put(t *testing.T, s media.Store, key media.Key, data []byte) media.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, plain(bytes.NewReader(data)), int64(len(data)), media.PutOptions{})
	if err != nil {
		t.Fatalf("Put %s: %v", key, err)
	}
	return info
}

func read(t *testing.T, s media.Store, key media.Key, off, length int64) []byte {
	t.Helper()
	rc, _, err := s.OpenRange(t.Context(), key, off, length)
	if err != nil {
		t.Fatalf("OpenRange %s %d %d: %v", key, off, length, err)
	}
	defer closing(t, rc)
	b, err := io.ReadAll(rc)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return b
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func wantBytes(t *testing.T, s media.Store, key media.Key, want []byte) {
	t.Helper()
	if got := read(t, s, key, 0, -1); !bytes.Equal(got, want) {
		t.Fatalf("%s holds %d bytes, want %d, or other ones", key, len(got), len(want))
	}
}

// wantNothing fails if anything can be seen in the store.
func wantNothing(t *testing.T, s media.Store, key media.Key) {
	t.Helper()
	if _, err := s.Stat(t.Context(), key); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("Stat %s = %v, want ErrNotFound", key, err)
	}
	if keys := list(t, s, ""); len(keys) != 0 {
		t.Errorf("the store lists %v, want nothing", keys)
	}
}

func list(t *testing.T, s media.Store, prefix string) []media.Key {
	t.Helper()
	var keys []media.Key
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List %q: %v", prefix, err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func wantList(t *testing.T, s media.Store, prefix string, want ...media.Key) {
	t.Helper()
	if got := list(t, s, prefix); !slices.Equal(got, want) {
		t.Errorf("List %q = %q, want %q", prefix, got, want)
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

var errBroken = errors.New("the line broke")

// brokenAfter gives the bytes of data and then fails.
func brokenAfter(data []byte, err error) io.Reader {
	return io.MultiReader(plain(bytes.NewReader(data)), errReader{err})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// cancelAfter cancels when n bytes are read, and reads on regardless, as a reader does that knows of no context.
type cancelAfter struct {
	r      io.Reader
	n      int
	cancel context.CancelFunc
}

func (c *cancelAfter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n -= n; c.n <= 0 {
		c.cancel()
	}
	return n, err
}
