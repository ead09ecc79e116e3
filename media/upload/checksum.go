package upload

import (
	"bytes"
	"crypto/sha1" // The tus checksum extension demands it; it guards against line noise, not attackers.
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"strings"
)

// checksumAlgorithms is the Tus-Checksum-Algorithm header.
const checksumAlgorithms = "sha1,sha256"

// checksum is the promise of one request about its own body.
type checksum struct {
	new  func() hash.Hash
	want []byte
}

// parseChecksum reads an Upload-Checksum header, "<algorithm> <base64>". No header is no promise: nil, and no error.
func parseChecksum(header string) (*checksum, error) {
	if header == "" {
		return nil, nil
	}
	bad := func(detail string) error {
		return &Problem{Status: http.StatusBadRequest, Code: "upload_checksum_invalid", Detail: detail, Field: "Upload-Checksum"}
	}
	name, encoded, _ := strings.Cut(header, " ")
	c := &checksum{}
	switch name {
	case "sha1":
		c.new = sha1.New
	case "sha256":
		c.new = sha256.New
	default:
		return nil, bad("The checksum algorithm must be one of: " + checksumAlgorithms + ".")
	}
	want, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(want) != c.new().Size() {
		return nil, bad("The checksum is not base64 of the right length.")
	}
	c.want = want
	return c, nil
}

func (c *checksum) matches(h hash.Hash) bool { return bytes.Equal(h.Sum(nil), c.want) }
