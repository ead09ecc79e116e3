package ffmpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"time"
)

// Element ids of RFC 8794 (EBML) and RFC 9559 (Matroska), length marker included.
const (
	idDoctype        = 0x4282
	idSegment        = 0x18538067
	idInfo           = 0x1549A966
	idTimestampScale = 0x2AD7B1
	idDuration       = 0x4489
	idTracks         = 0x1654AE6B
	idTrackEntry     = 0xAE
	idCluster        = 0x1F43B675
)

var ebmlMagic = []byte{0x1A, 0x45, 0xDF, 0xA3}

// maxElements is how many elements of one level are looked at.
const maxElements = 300_000

// element is the header of one EBML element. An element of unknown size reaches to the end of its parent.
type element struct {
	id         uint32
	start, end int64
	unknown    bool
}

// errElementOverrun says that an element claims to end after what encloses it.
var errElementOverrun = errors.New("an element runs past the end of what holds it")

// readElement reads the header at off; limit is where the parent ends.
func readElement(r io.ReaderAt, off, limit int64) (element, error) {
	var h [12]byte
	n := int(min(int64(len(h)), limit-off))
	if n < 2 {
		return element{}, errElementOverrun
	}
	if err := readAt(r, h[:n], off); err != nil {
		return element{}, err
	}
	return parseElement(h[:n], off, limit)
}

// parseElement reads an element header out of h, whose first byte lies at off of the file.
func parseElement(h []byte, off, limit int64) (element, error) {
	idLen := bits.LeadingZeros8(h[0]) + 1
	if idLen > 4 {
		return element{}, refuse(CodeBroken, fmt.Errorf("no element at %d", off))
	}
	if idLen >= len(h) {
		return element{}, errElementOverrun
	}
	var e element
	for _, b := range h[:idLen] {
		e.id = e.id<<8 | uint32(b)
	}
	first := h[idLen]
	sizeLen := bits.LeadingZeros8(first) + 1
	if sizeLen > 8 {
		return e, refuse(CodeBroken, fmt.Errorf("element at %d has no size", off))
	}
	if idLen+sizeLen > len(h) {
		return e, errElementOverrun
	}
	size := uint64(first) &^ (1 << (8 - sizeLen))
	for _, b := range h[idLen+1 : idLen+sizeLen] {
		size = size<<8 | uint64(b)
	}
	e.start = off + int64(idLen+sizeLen)
	if e.start > limit { // h may reach past the parent.
		return e, errElementOverrun
	}
	e.unknown = size == 1<<(7*sizeLen)-1
	if e.unknown {
		e.end = limit
		return e, nil
	}
	if size > uint64(limit-e.start) {
		return e, errElementOverrun
	}
	e.end = e.start + int64(size)
	return e, nil
}

// sniffDoctype finds the doctype in the EBML header at the start of head.
func sniffDoctype(head []byte) (string, bool) {
	top, err := parseElement(head, 0, int64(len(head)))
	if err != nil || top.unknown {
		return "", false
	}
	for off := top.start; off < top.end; {
		e, err := parseElement(head[off:], off, top.end)
		if err != nil {
			return "", false
		}
		if e.id == idDoctype {
			b := head[e.start:e.end]
			for len(b) > 0 && b[len(b)-1] == 0 { // RFC 8794 allows padding with zeros.
				b = b[:len(b)-1]
			}
			return string(b), true
		}
		off = e.end
	}
	return "", false
}

func inspectMatroska(r io.ReaderAt, size int64) (Structure, error) {
	s := Structure{Container: Matroska}
	head := make([]byte, min(size, SniffLen))
	if err := readAt(r, head, 0); err != nil {
		return s, err
	}
	s.Brand, _ = sniffDoctype(head) // Sniff has found it already.
	header, err := readElement(r, 0, size)
	if err != nil {
		return s, truncatedIfOverrun(err)
	}
	segment := element{}
	for off, n := header.end, 0; ; n++ {
		if off >= size {
			return s, refuse(CodeTruncated, errors.New("no segment"))
		}
		if n == maxElements {
			return s, refuse(CodeBroken, errors.New("too many elements"))
		}
		segment, err = readElement(r, off, size)
		if err != nil {
			return s, truncatedIfOverrun(err)
		}
		if segment.id == idSegment {
			break
		}
		off = segment.end
	}
	return s, readSegment(r, segment, &s)
}

func truncatedIfOverrun(err error) error {
	if errors.Is(err, errElementOverrun) {
		return refuse(CodeTruncated, err)
	}
	return err
}

// readSegment reads up to the first cluster of media. A segment of known size has been found to lie wholly in the file
// before; one of unknown size was written live by a browser, which may have been closed at any byte: what is there plays,
// so a cut in its last cluster is no reason to refuse it.
func readSegment(r io.ReaderAt, segment element, s *Structure) error {
	var scale uint64 = 1_000_000 // Nanoseconds a tick, unless the file says otherwise.
	var duration float64
	var cluster, header bool
	for off, n := segment.start, 0; off < segment.end && !cluster; n++ {
		if n == maxElements {
			return refuse(CodeBroken, errors.New("too many elements"))
		}
		e, err := readElement(r, off, segment.end)
		if e.id == idCluster && header {
			cluster = true
			break
		}
		if err != nil {
			return truncatedIfOverrun(err)
		}
		switch e.id {
		case idCluster:
			return refuse(CodeBroken, errors.New("media before the description of its tracks"))
		case idInfo:
			err = elements(r, e, func(c element) error {
				var err error
				switch c.id {
				case idTimestampScale:
					scale, err = readUint(r, c)
				case idDuration:
					duration, err = readFloat(r, c)
				}
				return err
			})
		case idTracks:
			header = true
			err = elements(r, e, func(c element) error {
				if c.id == idTrackEntry {
					s.Tracks++
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
		if e.unknown {
			return refuse(CodeBroken, fmt.Errorf("element %X of unknown size", e.id))
		}
		off = e.end
	}
	if !cluster {
		return refuse(CodeTruncated, errors.New("no cluster: nothing was recorded"))
	}
	s.HeaderFirst = true
	if seconds := duration * float64(scale) / 1e9; seconds > 0 && !math.IsInf(seconds, 0) && !math.IsNaN(seconds) {
		s.Duration = time.Duration(min(seconds, maxHeaderSeconds) * float64(time.Second))
	}
	return nil
}

// elements calls fn for each element in parent, which has a known size.
func elements(r io.ReaderAt, parent element, fn func(element) error) error {
	for off, n := parent.start, 0; off < parent.end; n++ {
		if n == maxInnerBoxes {
			return refuse(CodeBroken, errors.New("too many elements"))
		}
		e, err := readElement(r, off, parent.end)
		if errors.Is(err, errElementOverrun) {
			return refuse(CodeBroken, err)
		}
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
		off = e.end
	}
	return nil
}

func readUint(r io.ReaderAt, e element) (uint64, error) {
	var buf [8]byte
	n := e.end - e.start
	if n > 8 {
		return 0, refuse(CodeBroken, errors.New("number of more than 8 bytes"))
	}
	if err := readAt(r, buf[8-n:], e.start); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(buf[:]), nil
}

func readFloat(r io.ReaderAt, e element) (float64, error) {
	n := e.end - e.start
	raw, err := readUint(r, e)
	switch {
	case err != nil:
		return 0, err
	case n == 4:
		return float64(math.Float32frombits(uint32(raw))), nil
	case n == 8:
		return math.Float64frombits(raw), nil
	}
	return 0, nil // An empty element means the default, which is none.
}
