package ffmpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of the walk: a real file stays far below, a hostile one is cut short. A fragmented MP4 of 30 minutes with a
// fragment for every frame has about 108,000 boxes at the top.
const (
	maxTopBoxes   = 300_000
	maxInnerBoxes = 10_000
)

// box is the header of one box: its kind and where its content lies.
type box struct {
	kind       string
	start, end int64 // Content only, end exclusive.
}

// errBoxOverrun says that a box claims to end after what encloses it.
var errBoxOverrun = errors.New("a box runs past the end of what holds it")

// readBox reads the header at off of a box that must end at or before limit. next is where the following box begins.
func readBox(r io.ReaderAt, off, limit int64) (b box, next int64, err error) {
	if limit-off < 8 {
		return box{}, 0, errBoxOverrun
	}
	var h [16]byte
	if err := readAt(r, h[:8], off); err != nil {
		return box{}, 0, err
	}
	b.kind = string(h[4:8])
	size, header := int64(binary.BigEndian.Uint32(h[:4])), int64(8)
	switch {
	case size == 0: // To the end.
		size = limit - off
	case size == 1:
		if limit-off < 16 {
			return b, 0, errBoxOverrun
		}
		if err := readAt(r, h[8:], off+8); err != nil {
			return box{}, 0, err
		}
		large := binary.BigEndian.Uint64(h[8:])
		if large < 16 {
			return b, 0, refuse(CodeBroken, fmt.Errorf("box at %d has an impossible size", off))
		}
		if large > uint64(limit-off) {
			return b, 0, errBoxOverrun
		}
		size, header = int64(large), 16
	case size < 8:
		return b, 0, refuse(CodeBroken, fmt.Errorf("box at %d has an impossible size", off))
	}
	if size > limit-off {
		return b, 0, errBoxOverrun
	}
	b.start, b.end = off+header, off+size
	return b, b.end, nil
}

// children calls fn for every box in parent. Inside a box an overrun is damage, not a missing end.
func children(r io.ReaderAt, parent box, fn func(box) error) error {
	off := parent.start
	for n := 0; parent.end-off >= 8; n++ {
		if n == maxInnerBoxes {
			return refuse(CodeBroken, errors.New("too many boxes"))
		}
		b, next, err := readBox(r, off, parent.end)
		if errors.Is(err, errBoxOverrun) {
			return refuse(CodeBroken, fmt.Errorf("in %q at %d: %w", parent.kind, off, err))
		}
		if err != nil {
			return err
		}
		if err := fn(b); err != nil {
			return err
		}
		off = next
	}
	return nil // Up to 7 bytes of padding, as QuickTime's four zero bytes at the end of udta.
}

// topKinds are the boxes that files have at the top. What follows the media and is none of these is something a phone
// has glued to the end, and is passed over.
var topKinds = map[string]bool{
	"ftyp": true, "styp": true, "moov": true, "moof": true, "mdat": true, "mfra": true, "sidx": true, "ssix": true,
	"free": true, "skip": true, "wide": true, "uuid": true, "meta": true, "udta": true, "pdin": true, "prft": true,
	"emsg": true, "pnot": true,
}

func inspectMP4(r io.ReaderAt, size int64) (Structure, error) {
	s := Structure{Container: MP4}
	var moov, media bool
	var moovBox box
	var off int64
	for n := 0; off < size; n++ {
		if n == maxTopBoxes {
			return s, refuse(CodeBroken, errors.New("too many boxes"))
		}
		b, next, err := readBox(r, off, size)
		var refused *Refusal
		foreseen := err == nil || errors.Is(err, errBoxOverrun) || errors.As(err, &refused)
		switch {
		case moov && media && !topKinds[b.kind] && foreseen:
			off = size
			continue
		case errors.Is(err, errBoxOverrun):
			return s, refuse(CodeTruncated, fmt.Errorf("box %q at %d of %d bytes: %w", b.kind, off, size, err))
		case err != nil:
			return s, err
		}
		switch b.kind {
		case "ftyp":
			if b.end-b.start >= 4 && s.Brand == "" {
				var brand [4]byte
				if err := readAt(r, brand[:], b.start); err != nil {
					return s, err
				}
				s.Brand = string(brand[:])
			}
		case "moov":
			if moov {
				return s, refuse(CodeBroken, errors.New("more than one moov"))
			}
			moov, moovBox, s.HeaderFirst = true, b, !media
		case "moof":
			s.Fragmented, media = true, true
		case "mdat":
			media = true
		}
		off = next
	}
	switch {
	case !moov && !media:
		return s, refuse(CodeNotVideo, errors.New("neither index nor media"))
	case !moov:
		return s, refuse(CodeTruncated, errors.New("no moov: the index was never written"))
	case !media:
		return s, refuse(CodeTruncated, errors.New("an index without media"))
	}
	return s, readMoov(r, moovBox, size, &s)
}

func readMoov(r io.ReaderAt, moov box, size int64, s *Structure) error {
	return children(r, moov, func(b box) error {
		switch b.kind {
		case "mvhd":
			return readMvhd(r, b, s)
		case "mvex":
			s.Fragmented = true
		case "cmov":
			// QuickTime's zlib-compressed index of the 1990s; a decompressor we do not want to feed.
			return refuse(CodeCodecUnsupported, errors.New("compressed moov"))
		case "trak":
			s.Tracks++
			return readTrak(r, b, size)
		}
		return nil
	})
}

func readMvhd(r io.ReaderAt, b box, s *Structure) error {
	var buf [32]byte
	n := min(int64(len(buf)), b.end-b.start)
	if err := readAt(r, buf[:n], b.start); err != nil {
		return err
	}
	switch {
	case buf[0] == 0 && n >= 20: // Version and flags, created, modified, time scale, duration.
		if d := binary.BigEndian.Uint32(buf[16:]); d != 0xffffffff {
			s.Duration = ticks(uint64(d), uint64(binary.BigEndian.Uint32(buf[12:])))
		}
	case buf[0] == 1 && n == 32:
		if d := binary.BigEndian.Uint64(buf[24:]); d != 1<<64-1 {
			s.Duration = ticks(d, uint64(binary.BigEndian.Uint32(buf[20:])))
		}
	default:
		return refuse(CodeBroken, errors.New("unreadable mvhd"))
	}
	return nil
}

// readTrak goes down trak, mdia, minf, stbl to the table of chunk offsets: a chunk that begins after the end of the file
// means that the end is missing, even where the mdat before it is honest about its own size.
func readTrak(r io.ReaderAt, trak box, size int64) error {
	path := map[string]string{"trak": "mdia", "mdia": "minf", "minf": "stbl"}
	var walk func(box) error
	walk = func(parent box) error {
		return children(r, parent, func(b box) error {
			switch {
			case b.kind == path[parent.kind]:
				return walk(b)
			case parent.kind == "stbl" && b.kind == "stco":
				return checkChunks(r, b, 4, size)
			case parent.kind == "stbl" && b.kind == "co64":
				return checkChunks(r, b, 8, size)
			}
			return nil
		})
	}
	return walk(trak)
}

// checkChunks looks at the last of the table's offsets: tables ascend in all files that cameras write.
func checkChunks(r io.ReaderAt, b box, width, size int64) error {
	if b.end-b.start < 8 {
		return refuse(CodeBroken, errors.New("empty chunk table"))
	}
	var buf [8]byte
	if err := readAt(r, buf[:4], b.start+4); err != nil {
		return err
	}
	count := int64(binary.BigEndian.Uint32(buf[:4]))
	if count == 0 {
		return nil
	}
	if count > (b.end-b.start-8)/width {
		return refuse(CodeBroken, errors.New("chunk table longer than its box"))
	}
	if err := readAt(r, buf[:width], b.start+8+(count-1)*width); err != nil {
		return err
	}
	last := binary.BigEndian.Uint64(buf[:])
	if width == 4 {
		last = uint64(binary.BigEndian.Uint32(buf[:4]))
	}
	if last >= uint64(size) {
		return refuse(CodeTruncated, fmt.Errorf("the last chunk begins at %d of %d bytes", last, size))
	}
	return nil
}
