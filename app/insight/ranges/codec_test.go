package ranges_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
)

func TestCodecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := ranges.Of(rapid.SliceOfN(genRange(), 0, 30).Draw(t, "ranges")...)
		data, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := ranges.Of(r{1, 2})
		if err := b.UnmarshalBinary(data); err != nil || !a.Equal(b) {
			t.Fatalf("%v became %v, %v", a.Ranges(), b.Ranges(), err)
		}
	})
}

func TestCodecRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"version":             {2, 0},
		"no count":            {1},
		"count without bytes": {1, 200, 15},
		"too many":            {1, 0xd1, 0x0f},
		"empty range":         {1, 1, 5, 0},
		"gap to be joined":    {1, 2, 0, 10, 5, 10},
		"cut off":             {1, 1, 0x80},
		"trailing":            {1, 0, 0},
		"long form":           {1, 1, 0x85, 0x00, 5},
		"overflow":            {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1},
		"beyond a day":        {1, 1, 0x80, 0xb8, 0x99, 0x29, 1},
	} {
		s := of(t, r{0, 10})
		if err := s.UnmarshalBinary(data); !errors.Is(err, ranges.ErrEncoding) {
			t.Errorf("%s: %v, want ErrEncoding", name, err)
		}
		if s.Total() != 10 {
			t.Errorf("%s: a refused encoding changed the set", name)
		}
	}
	var s ranges.Set
	if err := s.UnmarshalBinary(nil); err != nil || s.Len() != 0 {
		t.Errorf("no bytes: %v, %d ranges", err, s.Len())
	}
}

// Whatever decodes is canonical: encoding it again gives the same bytes.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{1, 0})
	f.Add([]byte{1, 2, 0, 10, 0xfb, 0x01, 10})
	full := of(f, r{0, 5}, r{1000, 2000}, r{70_000_000, ranges.MaxMS})
	data, _ := full.MarshalBinary()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s ranges.Set
		if err := s.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, ranges.ErrEncoding) {
				t.Fatal(err)
			}
			return
		}
		if s.Len() > ranges.MaxRanges || s.Total() > ranges.MaxMS {
			t.Fatalf("%d ranges, %d ms", s.Len(), s.Total())
		}
		again, _ := s.MarshalBinary()
		if len(data) > 0 && !slices.Equal(again, data) {
			t.Fatalf("%x decoded and became %x", data, again)
		}
		same, err := ranges.Of(s.Ranges()...)
		if err != nil || !same.Equal(s) {
			t.Fatalf("not canonical: %v", s.Ranges())
		}
	})
}
