package upload

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

func slotBytes(t testing.TB, s state) []byte {
	t.Helper()
	b, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	return b[:]
}

func TestSlotRoundTrip(t *testing.T) {
	for _, s := range []state{
		{length: deferred},
		{sequence: 1<<64 - 1, offset: 5, length: 5, recorded: true, sniffed: true, hash: bytes.Repeat([]byte{7}, hashStateMax)},
		{sequence: 2, offset: 1 << 40, length: 1 << 41, sniffed: true, hash: []byte{1}},
	} {
		got, err := decodeSlot(slotBytes(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.hash) == 0 {
			got.hash = nil
		}
		if !reflect.DeepEqual(got, s) {
			t.Errorf("%+v became %+v", s, got)
		}
	}
	if _, err := (state{hash: make([]byte, hashStateMax+1)}).encode(); err == nil {
		t.Error("an overlong hash state was written")
	}
}

func TestEveryFlippedBitIsSeen(t *testing.T) {
	b := slotBytes(t, state{sequence: 9, offset: 100, length: 200, hash: bytes.Repeat([]byte{3}, 108)})
	for i := range len(b) * 8 {
		b[i/8] ^= 1 << (i % 8)
		if _, err := decodeSlot(b); err == nil {
			t.Fatalf("bit %d flipped unseen", i)
		}
		b[i/8] ^= 1 << (i % 8)
	}
}

func TestStateFallsBack(t *testing.T) {
	older := state{sequence: 6, offset: 10, length: 100}
	newer := state{sequence: 7, offset: 20, length: 100}
	file := func() []byte {
		b := make([]byte, stateSize)
		copy(b, slotBytes(t, older))
		copy(b[slotStride:], slotBytes(t, newer))
		return b
	}
	for _, tc := range []struct {
		name   string
		change func(b []byte) []byte
		size   int64
		want   int64
	}{
		{"both whole", func(b []byte) []byte { return b }, 20, 20},
		{"data behind the offset", func(b []byte) []byte { return b }, 500, 20},
		{"newer torn", func(b []byte) []byte { clear(b[slotStride+10 : slotStride+30]); return b }, 20, 10},
		{"newer missing", func(b []byte) []byte { return b[:slotStride] }, 20, 10},
		{"newer cut", func(b []byte) []byte { return b[:slotStride+slotSize-1] }, 20, 10},
		{"newer speaks of bytes that are not there", func(b []byte) []byte { return b }, 19, 10},
		{"older torn", func(b []byte) []byte { b[20] ^= 4; return b }, 20, 20},
		{"both torn", func(b []byte) []byte { b[20] ^= 4; b[slotStride+9] ^= 1; return b }, 20, -1},
		{"empty", func([]byte) []byte { return nil }, 20, -1},
		{"no data", func(b []byte) []byte { return b }, 0, -1},
	} {
		got, err := decodeState(tc.change(file()), tc.size)
		if tc.want < 0 != (err != nil) || err == nil && got.offset != tc.want {
			t.Errorf("%s: offset %d, %v; want %d", tc.name, got.offset, err, tc.want)
		}
	}
}

// FuzzState feeds whole state files: the decoder must not panic, and must believe only records that are consistent.
func FuzzState(f *testing.F) {
	one := slotBytes(f, state{sequence: 3, offset: 5, length: 9, hash: []byte("sha")})
	f.Add(append(bytes.Clone(one), make([]byte, slotStride)...), int64(7))
	f.Add([]byte{}, int64(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		s, err := decodeState(b, size)
		if err != nil {
			return
		}
		if s.offset < 0 || s.offset > size || s.length < deferred || s.length != deferred && s.offset > s.length || len(s.hash) > hashStateMax {
			t.Fatalf("believed %+v for %d bytes", s, size)
		}
		again, err := decodeSlot(slotBytes(t, s))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
	})
}

// TestHostileFieldsBehindAValidSum lets hostile content reach the fields behind the checksum.
func TestHostileFieldsBehindAValidSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	base := slotBytes(t, state{sequence: 3, offset: 5, length: 9, hash: []byte("sha")})
	believed := 0
	for range 20_000 {
		b := bytes.Clone(base)
		for range 1 + rng.IntN(4) {
			b[4+rng.IntN(36)] = byte(rng.Uint32())
		}
		sum := crc(b[:slotSize-4])
		b[slotSize-4], b[slotSize-3], b[slotSize-2], b[slotSize-1] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		s, err := decodeSlot(b)
		if err != nil {
			continue
		}
		believed++
		if s.offset < 0 || s.length < deferred || s.length != deferred && s.offset > s.length || s.recorded && !s.complete() {
			t.Fatalf("believed %+v", s)
		}
	}
	if believed == 0 {
		t.Fatal("nothing got through: the test sees nothing")
	}
}

func TestMetadata(t *testing.T) {
	m, err := parseMetadata(meta("filename", "a b.mp4", "title", "Tür", "kind", "practice", "client_id", "9f-1", "filetype", "video/mp4") + ",is_confidential")
	if err != nil || m.filename != "a b.mp4" || m.title != "Tür" || m.kind != "practice" || m.clientID != "9f-1" || len(m.all) != 6 {
		t.Fatalf("%+v %v", m, err)
	}
	if m, err := parseMetadata("  "); err != nil || len(m.all) != 0 {
		t.Fatalf("%+v %v", m, err)
	}
	for _, tc := range []struct{ header, field string }{
		{meta("title", "a", "title", "b"), "title"},
		{"title a=b", "title"},
		{"title YQ", "title"},
		{"title YR==", "title"},
		{"title YQ== YQ==", "title"},
		{",", "Upload-Metadata"},
		{meta("title", "a") + ",", "Upload-Metadata"},
		{"tïtle YQ==", "Upload-Metadata"},
		{meta("title", "a\x00b"), "title"},
		{meta("filename", "a\nb"), "filename"},
		{meta("filename", "a\xffb"), "filename"},
		{meta("filename", strings.Repeat("ü", 256)), "filename"},
		{meta("kind", strings.Repeat("k", 33)), "kind"},
		{meta("client_id", "a b"), "client_id"},
		{meta("client_id", "ü"), "client_id"},
		{meta("sha256", ""), "sha256"},
		{meta("sha256", strings.Repeat("g", 64)), "sha256"},
		{meta("sha256", strings.Repeat("a", 66)), "sha256"},
		{strings.Repeat("x", metadataMaxBytes+1), "Upload-Metadata"},
		{strings.Repeat("k,", 40), "k"},
	} {
		_, err := parseMetadata(tc.header)
		p, ok := problemOf(err)
		if err == nil || !ok || p.Status != 400 || p.Field != tc.field {
			t.Errorf("%.60q: %v, want field %s", tc.header, err, tc.field)
		}
	}
	if m, err := parseMetadata(meta("filename", strings.Repeat("ü", 255))); err != nil || len(m.filename) != 510 {
		t.Errorf("a long name of the allowed length: %v", err)
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add("filename d29ybGQ=,client_id YQ==,flag")
	f.Add("sha256 " + strings.Repeat("YWFh", 22))
	f.Fuzz(func(t *testing.T, header string) {
		m, err := parseMetadata(header)
		if err != nil {
			if p, ok := problemOf(err); !ok || p.Status != 400 {
				t.Fatalf("%q: %v", header, err)
			}
			return
		}
		if len(m.all) > metadataMaxKeys || !printableASCII(m.clientID) || strings.ContainsAny(m.title+m.filename+m.kind, "\x00\r\n") {
			t.Fatalf("accepted %+v", m)
		}
		if m.sha256 != "" {
			if b, err := hex.DecodeString(m.sha256); err != nil || len(b) != 32 || m.sha256 != strings.ToLower(m.sha256) {
				t.Fatalf("accepted hash %q", m.sha256)
			}
		}
	})
}

func FuzzChecksum(f *testing.F) {
	f.Add("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
	f.Add("sha256 ")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := parseChecksum(header)
		if err == nil && c != nil && len(c.want) != c.new().Size() {
			t.Fatalf("accepted %q", header)
		}
	})
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"019a-7": true, "A_z-9": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
		"": false, ".": false, "..": false, "a/b": false, `a\b`: false, "a.b": false, "a%2fb": false, "ü": false, "a\x00": false, ".new-1": false,
	} {
		if validID(id) != want {
			t.Errorf("validID(%q) = %v", id, !want)
		}
	}
}

func TestOpenClearsWhatACrashLeft(t *testing.T) {
	r := newRig(t, nil)
	kept := r.client().create(t, 5)
	for _, name := range []string{tempPrefix + "1", gonePrefix + "2"} {
		if err := os.MkdirAll(r.dir+"/"+name+"/deep", 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.open(nil)
	if f := folders(t, r.dir); len(f) != 1 || idOfPath(f[0]) != idOfPath(kept) {
		t.Fatalf("left: %v", f)
	}
}
