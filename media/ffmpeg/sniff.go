package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Container is a family of file formats that one demuxer of ffmpeg reads.
type Container string

// The two families that are accepted.
const (
	// MP4 is ISO base media and QuickTime: mp4, mov, m4v, 3gp.
	MP4 Container = "mp4"
	// Matroska is Matroska and WebM.
	Matroska Container = "matroska"
)

// SniffLen is how many bytes from the start of a file are enough for [Sniff]. Fewer will do for a shorter file.
const SniffLen = 512

// Structure is what the boxes of a file say, read without ffmpeg.
type Structure struct {
	Container Container
	// Brand is the major brand of an MP4 (empty in an old QuickTime file) or the doctype of a Matroska file.
	Brand string
	// Duration is what the header claims, to be believed only as far as a header can be; 0 if it does not say.
	Duration time.Duration
	// Tracks is the number of tracks declared.
	Tracks int
	// HeaderFirst says that the index comes before the pictures, so that play can begin while the file arrives.
	HeaderFirst bool
	// Fragmented says that an MP4 was written piece by piece, as browsers do.
	Fragmented bool
}

// Sniff tells the container from the first bytes of a file (SniffLen of them are enough), never from a name. Everything
// that is not MP4, QuickTime, Matroska or WebM is a [*Refusal] with CodeNotVideo: text, playlists, pictures (also those
// that live in MP4 boxes, such as HEIC), and other kinds of video.
func Sniff(head []byte) (Container, error) {
	if bytes.HasPrefix(head, ebmlMagic) {
		if doctype, ok := sniffDoctype(head); ok && (doctype == "webm" || doctype == "matroska") {
			return Matroska, nil
		}
		return "", refuse(CodeNotVideo, errors.New("EBML of another doctype"))
	}
	if len(head) < 8 {
		return "", refuse(CodeNotVideo, errors.New("shorter than any header"))
	}
	size, kind := binary.BigEndian.Uint32(head), string(head[4:8])
	if size != 0 && size != 1 && size < 8 {
		return "", refuse(CodeNotVideo, errors.New("no box at the start"))
	}
	switch kind {
	case "ftyp":
		if len(head) < 12 || size < 12 {
			return "", refuse(CodeNotVideo, errors.New("empty ftyp"))
		}
		if stillBrands[string(head[8:12])] {
			return "", refuse(CodeNotVideo, errors.New("a picture in MP4 boxes"))
		}
		return MP4, nil
	case "moov", "mdat", "wide", "free", "skip", "pnot":
		// QuickTime before 2001, and cameras since, begin without ftyp.
		return MP4, nil
	}
	return "", refuse(CodeNotVideo, errors.New("no known magic bytes"))
}

// stillBrands are the major brands of pictures and raw photographs in ISO base media boxes.
var stillBrands = map[string]bool{
	"heic": true, "heix": true, "heim": true, "heis": true, "hevc": true, "hevx": true, "mif1": true, "msf1": true,
	"avif": true, "avis": true, "crx ": true, "jp2 ": true, "jpx ": true, "jpm ": true,
}

// Inspect walks the boxes or elements of a file of size bytes and says what it holds. It reads headers only, a few
// kilobytes in all, and allocates next to nothing whatever the file claims. A [*Refusal] tells what is no video
// (CodeNotVideo), lacks its end (CodeTruncated: ffprobe is content with such files, players are not), or contradicts
// itself (CodeBroken). Any other error comes from r.
func Inspect(r io.ReaderAt, size int64) (Structure, error) {
	if size <= 0 {
		return Structure{}, refusef(CodeNotVideo, "This file is empty. Send the recording again.")
	}
	head := make([]byte, min(size, SniffLen))
	if err := readAt(r, head, 0); err != nil {
		return Structure{}, err
	}
	container, err := Sniff(head)
	if err != nil {
		return Structure{}, err
	}
	if container == Matroska {
		return inspectMatroska(r, size)
	}
	return inspectMP4(r, size)
}

// readAt fills b from off. A file that ends before its own size is an error of the reader, not of the input.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("ffmpeg: reading the container at byte %d: %w", off, err)
}

// ticks turns a count of 1/scale seconds into a duration; 0 for what no clock can hold.
func ticks(n, scale uint64) time.Duration {
	if scale == 0 || n == 0 {
		return 0
	}
	seconds := float64(n) / float64(scale)
	if seconds > maxHeaderSeconds {
		return maxHeaderSeconds * time.Second
	}
	return time.Duration(seconds * float64(time.Second))
}

// maxHeaderSeconds (about 30 years) keeps a header's claim within what time.Duration holds.
const maxHeaderSeconds = 1e9
