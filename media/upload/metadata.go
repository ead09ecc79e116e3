package upload

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of the Upload-Metadata header. Other programs send keys of their own (filetype, relativePath), which are
// given back by HEAD and otherwise ignored.
const (
	metadataMaxBytes = 8 << 10
	metadataMaxKeys  = 32

	// Longest values, in characters.
	filenameMax = 255
	titleMax    = 300
	kindMax     = 32
	forMax      = 64
	clientIDMax = 200
)

// metadata is the checked Upload-Metadata header.
type metadata struct {
	filename, title, kind, purpose, clientID, sha256 string
	// all is every pair as sent.
	all map[string]string
}

func problemMetadata(field, format string, args ...any) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: "upload_metadata_invalid", Detail: fmt.Sprintf(format, args...), Field: field}
}

// parseMetadata reads the header strictly: tusd's own parser leaves out what it cannot read, and a sender would never
// learn that its title or its expected hash was lost.
func parseMetadata(header string) (metadata, error) {
	m := metadata{all: map[string]string{}}
	if strings.TrimSpace(header) == "" {
		return m, nil
	}
	const field = "Upload-Metadata"
	if len(header) > metadataMaxBytes {
		return metadata{}, problemMetadata(field, "The metadata is longer than %d bytes.", metadataMaxBytes)
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if key == "" || !printableASCII(key) {
			return metadata{}, problemMetadata(field, "A metadata key is empty or not plain ASCII.")
		}
		if _, twice := m.all[key]; twice {
			return metadata{}, problemMetadata(key, "The metadata key is given twice.")
		}
		if len(m.all) == metadataMaxKeys {
			return metadata{}, problemMetadata(field, "There are more than %d metadata keys.", metadataMaxKeys)
		}
		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil {
			return metadata{}, problemMetadata(key, "The value is not base64.")
		}
		m.all[key] = string(value)
	}
	m.filename, m.title, m.kind, m.purpose, m.clientID = m.all["filename"], m.all["title"], m.all["kind"], m.all["for"], m.all["client_id"]
	for _, text := range []struct {
		key, value string
		max        int
	}{
		{"filename", m.filename, filenameMax},
		{"title", m.title, titleMax},
		{"kind", m.kind, kindMax},
		{"for", m.purpose, forMax},
		{"client_id", m.clientID, clientIDMax},
	} {
		if err := checkText(text.key, text.value, text.max); err != nil {
			return metadata{}, err
		}
	}
	if !printableASCII(m.clientID) {
		return metadata{}, problemMetadata("client_id", "The client_id must be plain ASCII without spaces.")
	}
	if h, given := m.all["sha256"]; given {
		sum, err := hex.DecodeString(h)
		if err != nil || len(sum) != 32 {
			return metadata{}, problemMetadata("sha256", "The sha256 must be 64 hexadecimal digits.")
		}
		m.sha256 = strings.ToLower(h)
	}
	return m, nil
}

func checkText(key, value string, limit int) error {
	if !utf8.ValidString(value) {
		return problemMetadata(key, "The value is not UTF-8.")
	}
	if utf8.RuneCountInString(value) > limit {
		return problemMetadata(key, "The value is longer than %d characters.", limit)
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return problemMetadata(key, "The value contains control characters.")
	}
	return nil
}

// printableASCII says whether every byte is a visible ASCII character; true for the empty string.
func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
