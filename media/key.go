package media

import (
	"fmt"
	"strings"
)

// Longest key and longest segment, in bytes; both fit the limits of file systems and S3 with room for a mark.
const (
	maxKeyLen     = 512
	maxSegmentLen = 128
)

// Key names an object: segments joined by "/", each made of [a-z0-9._-]. A segment starts with a letter, a digit or "_",
// does not end with ".", and holds no "..": so a key is never absolute, never climbs, never is hidden, and is the same
// name on a case-insensitive file system and in a URL.
//
// Make keys with [NewKey] or [ParseKey]. Every [Store] method checks the key it is given, so that a converted string
// cannot do harm.
type Key string

// NewKey joins segments to a key. A segment that holds "/" is refused, so that an id from outside cannot add levels.
// It fails with [ErrInvalidKey].
func NewKey(segments ...string) (Key, error) {
	for _, s := range segments {
		if err := checkSegment(s); err != nil {
			return "", invalidKey(strings.Join(segments, "/"), err.Error())
		}
	}
	return ParseKey(strings.Join(segments, "/"))
}

// ParseKey checks a key that was written down elsewhere. It fails with [ErrInvalidKey].
func ParseKey(s string) (Key, error) {
	k := Key(s)
	if err := k.Validate(); err != nil {
		return "", err
	}
	return k, nil
}

// Validate says with [ErrInvalidKey] what is wrong with the key, nil if nothing is.
func (k Key) Validate() error {
	if k == "" {
		return invalidKey("", "it is empty")
	}
	if len(k) > maxKeyLen {
		return invalidKey(string(k), fmt.Sprintf("it is longer than %d bytes", maxKeyLen))
	}
	for s := range strings.SplitSeq(string(k), "/") {
		if err := checkSegment(s); err != nil {
			return invalidKey(string(k), err.Error())
		}
	}
	return nil
}

// Join adds segments below the key. It fails with [ErrInvalidKey].
func (k Key) Join(segments ...string) (Key, error) {
	return NewKey(append(strings.Split(string(k), "/"), segments...)...)
}

// Base is the last segment.
func (k Key) Base() string {
	return string(k[strings.LastIndexByte(string(k), '/')+1:])
}

// ContentType is the media type that the extension of the key stands for, "application/octet-stream" where it stands for
// none of the types this product writes. The table is fixed: the host's own table of types would make two nodes answer
// differently.
func (k Key) ContentType() string {
	base := k.Base()
	dot := strings.LastIndexByte(base, '.')
	if dot < 0 {
		return defaultContentType
	}
	switch base[dot+1:] {
	case "mp4", "m4v":
		return "video/mp4"
	case "m4s":
		return "video/iso.segment"
	case "mov":
		return "video/quicktime"
	case "webm":
		return "video/webm"
	case "mkv":
		return "video/x-matroska"
	case "m4a":
		return "audio/mp4"
	case "wav":
		return "audio/wav"
	case "m3u8":
		return "application/vnd.apple.mpegurl"
	case "vtt":
		return "text/vtt; charset=utf-8"
	case "json":
		return "application/json"
	case "jpg", "jpeg":
		return "image/jpeg"
	case "png":
		return "image/png"
	case "webp":
		return "image/webp"
	case "txt":
		return "text/plain; charset=utf-8"
	}
	return defaultContentType
}

const defaultContentType = "application/octet-stream"

// storedMark ends the name of every object in an engine; see [Key.StoredName].
const storedMark = "!"

// StoredName is the name that all engines keep the object under: the key with a "!" behind it, which no key can hold.
// So the name of an object is never that of a folder, and "a/b" and "a/b/c" can stand side by side. Otherwise a file
// system refuses the second, and MinIO takes it and then leaves it out of every listing, so that deleting by prefix
// would silently leave it behind (measured). "!" sorts before all characters of keys, so names have the order of keys.
// And as disk and S3 use the same names, a mirroring tool can move a store from one to the other.
func (k Key) StoredName() string { return string(k) + storedMark }

// FromStoredName is the key of an object kept under name; ok is false for foreign names.
func FromStoredName(name string) (key Key, ok bool) {
	base, ok := strings.CutSuffix(name, storedMark)
	if !ok || Key(base).Validate() != nil {
		return "", false
	}
	return Key(base), true
}

// CheckListPrefix says with [ErrInvalidKey] whether a prefix can start a key: empty, or the beginning of one, in the
// middle of a segment too. Implementations of [Store] call it in List.
func CheckListPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	if len(prefix) > maxKeyLen {
		return invalidKey(prefix, "the prefix is too long")
	}
	trimmed := strings.TrimSuffix(prefix, "/")
	for s := range strings.SplitSeq(trimmed, "/") {
		// A cut segment may end with a dot that the whole one continues.
		if err := checkSegment(strings.TrimSuffix(s, ".")); err != nil {
			return invalidKey(prefix, err.Error())
		}
	}
	return nil
}

// CheckDeletePrefix says with [ErrInvalidKey] whether a prefix is fit for DeletePrefix: a key followed by "/". Deleting
// by a prefix that ends in the middle of a segment ("v/1") would take neighbours ("v/10/…") along, and the empty one
// everything; neither is ever meant. Implementations of [Store] call it in DeletePrefix.
func CheckDeletePrefix(prefix string) error {
	base, ok := strings.CutSuffix(prefix, "/")
	if !ok {
		return invalidKey(prefix, `the prefix does not end with "/"`)
	}
	return Key(base).Validate()
}

type segmentError string

func (e segmentError) Error() string { return string(e) }

func checkSegment(s string) error {
	switch {
	case s == "":
		return segmentError("it has an empty segment")
	case len(s) > maxSegmentLen:
		return segmentError(fmt.Sprintf("a segment is longer than %d bytes", maxSegmentLen))
	case s[0] == '.' || s[0] == '-':
		return segmentError(`a segment starts with "." or "-"`)
	case s[len(s)-1] == '.':
		return segmentError(`a segment ends with "."`)
	case strings.Contains(s, ".."):
		return segmentError(`it holds ".."`)
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return segmentError("a segment holds a character other than a-z 0-9 . _ -")
		}
	}
	return nil
}

// invalidKey cuts the key short: it may be as long as an attacker liked.
func invalidKey(key, reason string) error {
	if len(key) > 80 {
		key = key[:80] + "…"
	}
	return fmt.Errorf("%w %q: %s", ErrInvalidKey, key, reason)
}
