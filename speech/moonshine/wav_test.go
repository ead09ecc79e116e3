package moonshine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/fieldreel/fieldreel/speech"
)

// header is the 44 bytes before the sound of a plain file.
func header(soundBytes int) []byte {
	le := binary.LittleEndian
	b := []byte("RIFF")
	b = le.AppendUint32(b, uint32(36+soundBytes))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1) // PCM
	b = le.AppendUint16(b, 1) // mono
	b = le.AppendUint32(b, sampleRate)
	b = le.AppendUint32(b, sampleRate*2)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(soundBytes))
}

func with(b []byte, at int, bytes ...byte) []byte {
	c := append([]byte(nil), b...)
	copy(c[at:], bytes)
	return c
}

func insert(b []byte, at int, more []byte) []byte {
	return append(append(append([]byte(nil), b[:at]...), more...), b[at:]...)
}

func TestWAV(t *testing.T) {
	good := append(header(4), 0x00, 0x80, 0xff, 0x7f)
	list := append([]byte("LIST\x03\x00\x00\x00"), "abc\x00"...) // odd length, padded
	for name, c := range map[string]struct {
		file    []byte
		samples int64 // -1: refused
	}{
		"plain":                     {good, 2},
		"no sound":                  {header(0), 0},
		"list before the format":    {insert(good, 12, list), 2},
		"list before the sound":     {insert(good, 36, list), 2},
		"bytes after the sound":     {append(append([]byte(nil), good...), list...), 2},
		"streamed, length unknown":  {with(good, 40, 0xff, 0xff, 0xff, 0xff), 2},
		"RIFF length wrong":         {with(good, 4, 0, 0, 0, 0), 2},
		"empty":                     {nil, -1},
		"only RIFF":                 {good[:4], -1},
		"header cut":                {good[:30], -1},
		"no data header":            {good[:36], -1},
		"sound cut":                 {good[:46], -1},
		"half a sample":             {with(good, 40, 3), -1},
		"RIFX":                      {with(good, 3, 'X'), -1},
		"AVI":                       {with(good, 8, 'A', 'V', 'I', ' '), -1},
		"float":                     {with(good, 20, 3), -1},
		"extensible":                {with(good, 20, 0xfe, 0xff), -1},
		"stereo":                    {with(good, 22, 2), -1},
		"no channels":               {with(good, 22, 0), -1},
		"44.1 kHz":                  {with(good, 24, 0x44, 0xac), -1},
		"8 bits":                    {with(good, 34, 8), -1},
		"format too short":          {with(good, 16, 14), -1},
		"format of 4 GB":            {with(good, 16, 0xff, 0xff, 0xff, 0xff), -1},
		"sound of 4 GB minus two":   {with(good, 40, 0xfe, 0xff, 0xff, 0xff), -1},
		"sound before the format":   {append(append([]byte(nil), good[:12]...), good[36:]...), -1},
		"empty chunks without end":  {append(good[:12:12], bytes.Repeat([]byte("junk\x00\x00\x00\x00"), maxWAVChunks+1)...), -1},
		"a text":                    {[]byte("this is a text of more than forty-four bytes, surely"), -1},
		"an MP4":                    {append([]byte("\x00\x00\x00\x20ftypisom"), make([]byte, 64)...), -1},
		"big-endian rate":           {with(good, 24, 0, 0, 0x3e, 0x80), -1},
		"format twice, second bad":  {insert(good, 36, with(good[12:36], 10, 2)), -1},
		"format twice, both good":   {insert(good, 36, good[12:36]), 2},
		"sound twice, first counts": {append(append([]byte(nil), good...), good[36:]...), 2},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := openWAV(bytes.NewReader(c.file), int64(len(c.file)))
			if c.samples < 0 {
				if !errors.Is(err, speech.ErrBadAudio) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if w.samples != c.samples {
				t.Fatalf("%d samples, want %d", w.samples, c.samples)
			}
			got := make([]float32, w.samples)
			if err := w.read(got, 0); err != nil {
				t.Fatal(err)
			}
			if len(got) == 2 && (got[0] != -1 || got[1] != 32767.0/32768) {
				t.Errorf("samples %v", got)
			}
			if err := w.read(make([]float32, 1), w.samples); !errors.Is(err, speech.ErrBadAudio) {
				t.Errorf("read past the end: %v", err)
			}
			if err := w.read(make([]float32, 1), -1); !errors.Is(err, speech.ErrBadAudio) {
				t.Errorf("read before the start: %v", err)
			}
		})
	}
}

func FuzzWAV(f *testing.F) {
	good := append(header(8), 1, 2, 3, 4, 5, 6, 7, 8)
	f.Add(good)
	f.Add(with(good, 40, 0xff, 0xff, 0xff, 0xff))
	f.Add(insert(good, 12, []byte("LIST\x01\x00\x00\x00a\x00")))
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := openWAV(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if !errors.Is(err, speech.ErrBadAudio) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if w.samples < 0 || w.offset+2*w.samples > int64(len(file)) {
			t.Fatalf("%d samples at %d of %d bytes", w.samples, w.offset, len(file))
		}
		samples := make([]float32, w.samples)
		if err := w.read(samples, 0); err != nil {
			t.Fatal(err)
		}
		for _, x := range samples {
			if x < -1 || x >= 1 {
				t.Fatalf("sample %v", x)
			}
		}
	})
}
