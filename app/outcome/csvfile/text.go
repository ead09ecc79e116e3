package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is how the text of a file is written.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// text is what is known of a file's bytes.
type text struct {
	encoding Encoding
	// skip is the length of the byte order mark.
	skip int64
	// plain says that the bytes after the mark are valid UTF-8 without NUL, so
	// that nothing needs decoding.
	plain bool
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
)

// inspect reads all of r to find out its encoding. A file without a byte order
// mark is UTF-8 if all of it is, and Windows-1252 otherwise: that is what Excel in
// Western Europe writes, and bytes that happen to be valid UTF-8 by chance are
// rare in it.
func inspect(r io.Reader, maxBytes int64) (text, error) {
	var (
		buf   = make([]byte, 64<<10)
		carry int   // Bytes of an unfinished rune at the start of buf.
		size  int64 // Bytes read so far.
		t     = text{encoding: UTF8, plain: true}
		valid = true
		nul   = false
	)
	for first := true; ; first = false {
		n, err := io.ReadFull(r, buf[carry:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return text{}, fmt.Errorf("csvfile: reading: %w", err)
		}
		if size += int64(n); size > maxBytes {
			return text{}, &LimitError{What: "bytes", Limit: maxBytes}
		}
		b := buf[:carry+n]
		if first {
			if bytes.HasPrefix(b, zipMagic) || bytes.HasPrefix(b, oleMagic) {
				return text{}, ErrWorkbook
			}
			t.encoding, t.skip = sniff(b)
			b = b[t.skip:]
		}
		if t.encoding == UTF16LE || t.encoding == UTF16BE {
			t.plain = false
			// The rest is read for its size only.
		} else {
			nul = nul || bytes.IndexByte(b, 0) >= 0
			if valid {
				whole := len(b)
				if !last {
					whole = wholeRunes(b)
				}
				valid = utf8.Valid(b[:whole])
				carry = copy(buf, b[whole:])
			} else {
				carry = 0
			}
		}
		if last {
			break
		}
	}
	if t.encoding == UTF8 && !valid && t.skip == 0 {
		t.encoding = Windows1252
	}
	if !valid || nul {
		t.plain = false
	}
	if size == t.skip {
		return text{}, ErrEmpty
	}
	return t, nil
}

// sniff looks at the beginning of a file for a byte order mark, or for the
// zeros that Latin text has in every other byte of UTF-16.
func sniff(b []byte) (Encoding, int64) {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return UTF8, 3
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return UTF16LE, 2
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return UTF16BE, 2
	}
	b = b[:min(len(b), 4096)&^1]
	var zeros [2]int
	for i, c := range b {
		if c == 0 {
			zeros[i&1]++
		}
	}
	pairs := len(b) / 2
	switch {
	case pairs < 4:
	case zeros[1]*10 > pairs*4 && zeros[0]*20 < pairs:
		return UTF16LE, 0
	case zeros[0]*10 > pairs*4 && zeros[1]*20 < pairs:
		return UTF16BE, 0
	}
	return UTF8, 0
}

// wholeRunes returns the length of b without an unfinished rune at its end.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				break
			}
			return i
		}
	}
	return len(b)
}

// open returns r from its start as valid UTF-8 without byte order mark and NUL.
func (t text) open(r io.ReadSeeker) (io.Reader, error) {
	if _, err := r.Seek(t.skip, io.SeekStart); err != nil {
		return nil, fmt.Errorf("csvfile: seeking: %w", err)
	}
	if t.plain {
		return r, nil
	}
	var e encoding.Encoding
	switch t.encoding {
	case UTF8:
		e = unicode.UTF8
	case UTF16LE:
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case Windows1252:
		e = charmap.Windows1252
	}
	return &noNUL{r: e.NewDecoder().Reader(r)}, nil
}

// noNUL leaves out NUL: it is in no honest cell, and PostgreSQL refuses it.
type noNUL struct{ r io.Reader }

func (r *noNUL) Read(p []byte) (int, error) {
	for {
		n, err := r.r.Read(p)
		kept := p[:0]
		for _, c := range p[:n] {
			if c != 0 {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 || err != nil || len(p) == 0 {
			return len(kept), err
		}
	}
}
