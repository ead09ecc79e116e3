package moonshine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/fieldreel/fieldreel/speech"
)

const (
	sampleRate = 16_000
	// maxSamples bounds a recording to 12 hours; anything longer is a mistake.
	maxSamples = 12 * 3600 * sampleRate
	// maxWAVChunks bounds the walk over a hostile file's empty chunks.
	maxWAVChunks = 1000
)

// wav gives the samples of an open 16 kHz mono 16-bit PCM WAV file without
// holding them in memory.
type wav struct {
	r       io.ReaderAt
	offset  int64 // of the first sample
	samples int64
}

// openWAV reads the headers of a file of the given size. Everything else than
// 16 kHz mono 16-bit PCM, and every file whose headers do not add up, is
// speech.ErrBadAudio. It allocates nothing that depends on the file's claims.
func openWAV(r io.ReaderAt, size int64) (wav, error) {
	var head [12]byte
	if err := readFull(r, head[:], 0); err != nil {
		return wav{}, err
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return wav{}, bad("no RIFF/WAVE header")
	}
	known := false
	at := int64(12)
	for range maxWAVChunks {
		var chunk [8]byte
		if err := readFull(r, chunk[:], at); err != nil {
			return wav{}, err
		}
		at += 8
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if err := checkFormat(r, at, length); err != nil {
				return wav{}, err
			}
			known = true
		case "data":
			if !known {
				return wav{}, bad("sound before its format")
			}
			// A writer that cannot seek leaves 2^32-1: the sound goes to the end.
			if length == 1<<32-1 {
				length = size - at
			}
			if length > size-at {
				return wav{}, bad(fmt.Sprintf("%d bytes of sound promised, %d there", length, size-at))
			}
			if length%2 != 0 {
				return wav{}, bad("half a sample at the end")
			}
			if length/2 > maxSamples {
				return wav{}, bad("longer than 12 hours")
			}
			return wav{r: r, offset: at, samples: length / 2}, nil
		}
		at += length + length&1 // chunks begin at even offsets
	}
	return wav{}, bad("no sound among the first chunks")
}

func checkFormat(r io.ReaderAt, at, length int64) error {
	if length < 16 {
		return bad("format header too short")
	}
	var f [16]byte
	if err := readFull(r, f[:], at); err != nil {
		return err
	}
	var (
		code     = binary.LittleEndian.Uint16(f[0:])
		channels = binary.LittleEndian.Uint16(f[2:])
		rate     = binary.LittleEndian.Uint32(f[4:])
		bits     = binary.LittleEndian.Uint16(f[14:])
	)
	if code != 1 || channels != 1 || rate != sampleRate || bits != 16 {
		return bad(fmt.Sprintf("16 kHz mono 16-bit PCM wanted, got format %d, %d channels, %d Hz, %d bits",
			code, channels, rate, bits))
	}
	return nil
}

// durationMS is the length of the recording, rounded up so that no sample lies
// outside.
func (w wav) durationMS() int64 { return (w.samples*1000 + sampleRate - 1) / sampleRate }

// read fills dst with the samples from the given one on, scaled to [-1, 1).
func (w wav) read(dst []float32, from int64) error {
	if from < 0 || int64(len(dst)) > w.samples-from {
		return bad("samples outside the recording asked for")
	}
	var buf [8192]byte
	for len(dst) > 0 {
		n := min(len(dst), len(buf)/2)
		if err := readFull(w.r, buf[:2*n], w.offset+2*from); err != nil {
			return err
		}
		for i := range n {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(buf[2*i:]))) / 32768
		}
		dst, from = dst[n:], from+int64(n)
	}
	return nil
}

func readFull(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) || err == nil {
		return bad("file ends too early")
	}
	return fmt.Errorf("read the sound file: %w", err)
}

func bad(reason string) error { return fmt.Errorf("%w: %s", speech.ErrBadAudio, reason) }
