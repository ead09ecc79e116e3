package mediatest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/media"
)

func testAbsent(t *testing.T, s media.Store) {
	put(t, s, "v/a/original", []byte("x"))
	for _, key := range []media.Key{"absent", "v", "v/a", "v/a/original/below", "v/a/origina", "v/a/original1"} {
		_, err := s.Stat(t.Context(), key)
		wantErr(t, "Stat "+string(key), err, media.ErrNotFound)
		for _, r := range [][2]int64{{0, -1}, {5, 10}, {-5, -1}, {0, 0}} {
			rc, _, err := s.OpenRange(t.Context(), key, r[0], r[1])
			wantErr(t, fmt.Sprintf("OpenRange %s %v", key, r), err, media.ErrNotFound)
			if rc != nil {
				t.Error("OpenRange gives a body with its error")
			}
		}
		obj, _, err := s.Open(t.Context(), key)
		wantErr(t, "Open "+string(key), err, media.ErrNotFound)
		if obj != nil {
			t.Error("Open gives an object with its error")
		}
		_, err = s.Copy(t.Context(), key, "v/b/original")
		wantErr(t, "Copy "+string(key), err, media.ErrNotFound)
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete %s: %v", key, err)
		}
	}
	wantList(t, s, "", "v/a/original")
}

func testRanges(t *testing.T, s media.Store) {
	const size = 10_000
	data := Bytes(50, size)
	put(t, s, "v/a/original", data)
	for _, tt := range []struct{ off, length, from, to int64 }{
		{0, -1, 0, size},
		{0, size, 0, size},
		{0, 1, 0, 1},
		{1, 1, 1, 2},
		{size - 1, 1, size - 1, size},
		{size - 1, -1, size - 1, size},
		{size - 10, 100, size - 10, size},
		{0, math.MaxInt64, 0, size},
		{5000, math.MaxInt64, 5000, size},
		{0, 0, 0, 0},
		{size, 0, size, size},
		{-1, -1, size - 1, size},
		{-100, -1, size - 100, size},
		{-size, -1, 0, size},
		{-size - 1, -1, 0, size},
		{math.MinInt64, -1, 0, size},
	} {
		rc, info, err := s.OpenRange(t.Context(), "v/a/original", tt.off, tt.length)
		if err != nil {
			t.Errorf("OpenRange %d %d: %v", tt.off, tt.length, err)
			continue
		}
		got, err := io.ReadAll(rc)
		closing(t, rc)
		if err != nil || !bytes.Equal(got, data[tt.from:tt.to]) {
			t.Errorf("OpenRange %d %d gives %d bytes, %v, want [%d, %d)", tt.off, tt.length, len(got), err, tt.from, tt.to)
		}
		if info.Size != size || info.ETag == "" {
			t.Errorf("OpenRange %d %d gives %+v, want the whole object's", tt.off, tt.length, info)
		}
	}
	for _, r := range [][2]int64{
		{size, 1}, {size, -1}, {size + 1, 0}, {size + 1, 1}, {math.MaxInt64, 1}, {math.MaxInt64, math.MaxInt64},
		{-1, 1}, {-1, 0}, {0, -2}, {5, math.MinInt64},
	} {
		rc, info, err := s.OpenRange(t.Context(), "v/a/original", r[0], r[1])
		wantErr(t, fmt.Sprintf("OpenRange %v", r), err, media.ErrRange)
		if rc != nil || info.Size != size {
			t.Errorf("OpenRange %v: body %v, info %+v, want none and the object's", r, rc, info)
		}
	}
	// A body that is closed early leaves nothing behind that stands in the way of the next.
	put(t, s, "v/a/big", Bytes(51, 10*mib))
	for range 20 {
		rc, _, err := s.OpenRange(t.Context(), "v/a/big", 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(rc, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		closing(t, rc)
	}
}

func testRangesEmpty(t *testing.T, s media.Store) {
	put(t, s, "v/a/original", nil)
	for _, r := range [][2]int64{{0, -1}, {0, 0}, {0, 10}, {-1, -1}, {-100, -1}} {
		if got := read(t, s, "v/a/original", r[0], r[1]); len(got) != 0 {
			t.Errorf("OpenRange %v gives %d bytes", r, len(got))
		}
	}
	for _, r := range [][2]int64{{1, -1}, {1, 0}, {1, 1}} {
		_, _, err := s.OpenRange(t.Context(), "v/a/original", r[0], r[1])
		wantErr(t, fmt.Sprintf("OpenRange %v", r), err, media.ErrRange)
	}
}

func testSeek(t *testing.T, s media.Store) {
	const size = 300_000
	data := Bytes(60, size)
	put(t, s, "v/a/original", data)
	obj, info, err := s.Open(t.Context(), "v/a/original")
	if err != nil || info.Size != size {
		t.Fatalf("Open = %+v, %v", info, err)
	}
	// A bytes.Reader is the model; the same random walk on both.
	model := bytes.NewReader(data)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		whence := rng.IntN(3)
		off := rng.Int64N(size+1000) - 500
		switch whence {
		case io.SeekCurrent:
			off = rng.Int64N(10_000) - 5000
		case io.SeekEnd:
			off = -rng.Int64N(size) + 100
		}
		if i%3 == 0 {
			whence, off = io.SeekCurrent, 0 // Read on where it is.
		}
		got, gotErr := obj.Seek(off, whence)
		want, wantErr := model.Seek(off, whence)
		if (gotErr == nil) != (wantErr == nil) || wantErr == nil && got != want {
			t.Fatalf("Seek(%d, %d) = %d, %v, want %d, %v", off, whence, got, gotErr, want, wantErr)
		}
		n := rng.IntN(5000)
		gotBytes, gotErr := io.ReadAll(io.LimitReader(obj, int64(n)))
		wantBytes, _ := io.ReadAll(io.LimitReader(model, int64(n)))
		if gotErr != nil || !bytes.Equal(gotBytes, wantBytes) {
			t.Fatalf("step %d at %d: %d bytes, %v, want %d", i, want, len(gotBytes), gotErr, len(wantBytes))
		}
	}
	if _, err := obj.Seek(0, 17); err == nil {
		t.Error("Seek takes any whence")
	}
	closing(t, obj)
	if _, err := obj.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("Read after Close: %v", err)
	}
	if _, err := obj.ReadAt(make([]byte, 1), 0); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("ReadAt after Close: %v", err)
	}
}

func testReadAt(t *testing.T, s media.Store) {
	const size = 300_000
	data := Bytes(61, size)
	put(t, s, "v/a/original", data)
	obj, _, err := s.Open(t.Context(), "v/a/original")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, obj)
	for _, tt := range []struct {
		off  int64
		n    int
		want int
		eof  bool
	}{
		{0, 10, 10, false},
		{size - 10, 10, 10, false},
		{size - 10, 11, 10, true},
		{size, 1, 0, true},
		{size + 5, 1, 0, true},
		{0, size + 1, size, true},
		{5, 0, 0, false},
	} {
		p := make([]byte, tt.n)
		n, err := obj.ReadAt(p, tt.off)
		// At the exact end both answers are allowed by io.ReaderAt.
		atEnd := tt.off+int64(tt.n) == size
		if n != tt.want || err != nil && !errors.Is(err, io.EOF) || err == nil && tt.eof || err != nil && !tt.eof && !atEnd {
			t.Errorf("ReadAt(%d bytes, %d) = %d, %v, want %d", tt.n, tt.off, n, err, tt.want)
		}
		if n > 0 && !bytes.Equal(p[:n], data[tt.off:tt.off+int64(n)]) {
			t.Errorf("ReadAt(%d bytes, %d) gives other bytes", tt.n, tt.off)
		}
	}
	if _, err := obj.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("ReadAt takes a negative position")
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 0))
			p := make([]byte, 1000)
			for range 10 {
				off := rng.Int64N(size - 1000)
				if _, err := obj.ReadAt(p, off); err != nil || !bytes.Equal(p, data[off:off+1000]) {
					t.Errorf("ReadAt beside others at %d: %v", off, err)
				}
			}
		})
	}
	wg.Wait()
	if got, err := io.ReadAll(io.NewSectionReader(obj, 100, 5000)); err != nil || !bytes.Equal(got, data[100:5100]) {
		t.Errorf("a section has %d bytes, %v", len(got), err)
	}
}

// testReadOneVersion replaces an object below a reader, which must see the old one or an error.
func testReadOneVersion(t *testing.T, s media.Store) {
	// Small enough to be under way as a whole: MinIO locks an object while it is being sent, and Put would wait for that.
	const size = 100_000
	old := Bytes(70, size)
	put(t, s, "v/a/original", old)
	obj, _, err := s.Open(t.Context(), "v/a/original")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, obj)
	rc, _, err := s.OpenRange(t.Context(), "v/a/original", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rc.Close() }() // After a body that broke the client may have something to say; it is no matter.
	head := make([]byte, 1000)
	if _, err := io.ReadFull(rc, head); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(obj, head); err != nil {
		t.Fatal(err)
	}
	put(t, s, "v/a/original", Bytes(71, size))

	if rest, err := io.ReadAll(rc); err == nil && !bytes.Equal(rest, old[1000:]) {
		t.Error("a body mixes two versions")
	}
	if rest, err := io.ReadAll(obj); err == nil && !bytes.Equal(rest, old[1000:]) {
		t.Error("an object mixes two versions when read on")
	}
	if _, err := obj.Seek(5000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(obj, head); err == nil && !bytes.Equal(head[:n], old[5000:6000]) {
		t.Error("an object mixes two versions after a Seek")
	}
	if n, err := obj.ReadAt(head, 7000); err == nil && !bytes.Equal(head[:n], old[7000:8000]) {
		t.Error("an object mixes two versions in ReadAt")
	}
}
