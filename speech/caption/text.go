package caption

import (
	"bytes"
	"encoding/binary"
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decode turns a file into text with "\n" line ends. A byte order mark decides
// the encoding; without one it is UTF-16 if every other byte of the start is
// zero, else UTF-8 if valid, else Windows-1252, which old subtitle editors
// write.
func decode(data []byte) (string, *Error) {
	if len(data) > MaxBytes {
		return "", &Error{CodeTooLarge, 0, "file larger than 2 MiB"}
	}
	text, err := decodeBytes(data)
	if err != nil {
		return "", err
	}
	if len(text) > 2*MaxBytes { // other encodings grow in UTF-8
		return "", &Error{CodeTooLarge, 0, "file larger than 2 MiB"}
	}
	// The WebVTT standard's own preprocessing; it suits SRT as well.
	return strings.NewReplacer("\x00", "�", "\r\n", "\n", "\r", "\n").Replace(text), nil
}

func decodeBytes(data []byte) (string, *Error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		if data = data[3:]; !utf8.Valid(data) {
			return "", &Error{CodeEncoding, badLine(data), "marked as UTF-8, but is not"}
		}
		return string(data), nil
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return "", &Error{CodeEncoding, 0, "UTF-32 is not supported; save the file as UTF-8"}
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return decodeUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return decodeUTF16(data[2:], binary.BigEndian)
	}
	if order := zeroPattern(data); order != nil {
		return decodeUTF16(data, order)
	}
	if utf8.Valid(data) {
		return string(data), nil
	}
	for i, b := range data {
		// Text has no control characters but these, and Windows-1252 leaves five
		// codes unused: such a file is no text, or in another encoding.
		control := b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a
		if control || bytes.IndexByte([]byte{0x7f, 0x81, 0x8d, 0x8f, 0x90, 0x9d}, b) >= 0 {
			return "", &Error{CodeEncoding, 1 + bytes.Count(data[:i], []byte("\n")), "neither UTF-8 nor UTF-16 nor Windows-1252; save the file as UTF-8"}
		}
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return "", &Error{CodeEncoding, 0, "cannot be read as Windows-1252; save the file as UTF-8"}
	}
	return string(text), nil
}

// zeroPattern recognizes UTF-16 without a mark: Latin text, as a caption file's
// first lines are, has a zero in every other byte.
func zeroPattern(data []byte) binary.ByteOrder {
	if len(data) < 8 || len(data)%2 != 0 {
		return nil
	}
	little, big := true, true
	for i := 0; i < 8; i += 2 {
		little = little && data[i] != 0 && data[i+1] == 0
		big = big && data[i] == 0 && data[i+1] != 0
	}
	switch {
	case little:
		return binary.LittleEndian
	case big:
		return binary.BigEndian
	}
	return nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, *Error) {
	if len(data)%2 != 0 {
		return "", &Error{CodeEncoding, 0, "UTF-16 with half a character at its end"}
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	line := 1
	for i := 0; i < len(units); i++ {
		switch u := units[i]; {
		case u == '\n':
			line++
		case u >= 0xd800 && u < 0xdc00 && i+1 < len(units) && units[i+1] >= 0xdc00 && units[i+1] < 0xe000:
			i++
		case u >= 0xd800 && u < 0xe000:
			return "", &Error{CodeEncoding, line, "UTF-16 with half of a surrogate pair"}
		}
	}
	return string(utf16.Decode(units)), nil
}

func badLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

// stripTags removes markup: <i>, </c.loud>, <v Ann Lee>, <00:01.000>, <font …>
// and the {\an8} of SubStation Alpha that SRT files carry. A "<" that begins no
// tag ("a < b", "<3") stays.
func stripTags(s string) string {
	if !strings.ContainsAny(s, "<{") {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		at := strings.IndexAny(s, "<{")
		if at < 0 {
			break
		}
		b.WriteString(s[:at])
		s = s[at:]
		n := tagLength(s)
		if n == 0 {
			b.WriteByte(s[0])
			n = 1
		}
		s = s[n:]
	}
	b.WriteString(s)
	return b.String()
}

// maxTag bounds how far a tag's end is looked for, so that a file full of "<"
// takes linear time.
const maxTag = 1000

// tagLength is the length of the tag at the start of s, or 0.
func tagLength(s string) int {
	window := s[:min(len(s), maxTag)]
	if s[0] == '{' {
		if !strings.HasPrefix(s, `{\`) {
			return 0
		}
		return strings.IndexByte(window, '}') + 1
	}
	end := strings.IndexByte(window, '>')
	if end < 0 {
		return 0
	}
	inner := window[1:end]
	switch {
	case inner == "":
		return 0
	case strings.Trim(inner, "0123456789:.,") == "": // a time inside the cue
		if !strings.Contains(inner, ":") {
			return 0
		}
	case inner[0] == '/', inner[0] == '.', inner[0] >= 'a' && inner[0] <= 'z', inner[0] >= 'A' && inner[0] <= 'Z':
	default:
		return 0
	}
	return end + 1
}

// unescape resolves character references and removes what must not stand in
// plain text.
func unescape(s string) string {
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	return withoutControl(s)
}

func withoutControl(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0:
			return -1 // control characters
		case r == '\ufeff', r == '\u200b', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1 // invisible, and able to turn the text around them
		}
		return r
	}, s)
}
