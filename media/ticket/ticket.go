// Package ticket makes and checks the segment of a media address that carries the right to it:
//
//	/media/<video>.<viewer>.<session>.<expires>.<key id>.<signature>/720.m3u8
//
// A player asks for dozens of ranges and follows the relative addresses in a playlist. The right stands in the path, so
// that all of them inherit it, no cookie is needed (media engines may leave it out), and none costs a database query.
// A ticket is minted after the policy has said yes, lives for minutes, and names the session, so that whoever checks it
// can also refuse tickets of sessions that have ended.
//
// A ticket is a bearer right: keep it out of access logs and send Referrer-Policy: no-referrer. It says who asked for
// it, in ids that mean nothing outside.
//
// [Signer.Verify] tells expired from tampered from malformed tickets, for our own logs and counters only. A caller must
// answer all of them, and a video that does not exist, in the same way: otherwise the answer tells what exists.
package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a ticket; compare with errors.Is.
var (
	// ErrMalformed: it is no ticket at all.
	ErrMalformed = errors.New("media ticket malformed")
	// ErrTampered: nobody with one of our keys, for this purpose, signed it as it is.
	ErrTampered = errors.New("media ticket tampered with")
	// ErrExpired: it was ours, and its time is over. The player asks for a new one.
	ErrExpired = errors.New("media ticket expired")
)

// Errors of making things; none of them is caused by what a client sends.
var (
	// ErrBadKey: a signing key is unfit.
	ErrBadKey = errors.New("media ticket key unfit")
	// ErrBadClaims: an id or a time cannot be put into a ticket.
	ErrBadClaims = errors.New("media ticket claims unfit")
)

// Purpose separates kinds of tickets that are signed with the same key: one kind never passes for another. Values are
// part of what is signed and must never be given a new meaning.
type Purpose byte

// The purposes in use.
const (
	Play     Purpose = 1 // See and hear a video, by its own people and whom they shared it with.
	Download Purpose = 2 // Save the original.
)

// MinSecret is the least number of bytes of a secret: as many as the hash gives.
const MinSecret = sha256.Size

const (
	maxID    = 64
	maxKeyID = 16
	fields   = 6
	// Longest ticket: three ids, a key id, an int64 and a signature, with dots between.
	maxTicket = 3*maxID + maxKeyID + 19 + 43 + fields - 1
	// 9999-12-31, the last second that RFC 3339 can write.
	maxUnix = 253402300799
)

// Key is a secret and the name it goes by. The name is in each ticket.
type Key struct {
	ID     string // 1 to 16 characters of [a-z0-9].
	Secret []byte // At least MinSecret random bytes.
}

// Claims is what a ticket says.
type Claims struct {
	Video   string
	Viewer  string
	Session string
	Expires time.Time // Whole seconds, UTC. From this moment on the ticket is void.
	KeyID   string    // The key it was signed with.
}

// Signer mints and verifies tickets of one purpose. It never changes and is safe for concurrent use; to rotate keys make
// a new one.
//
// To rotate without refusing anybody: first let every node verify the new key, then sign with it, and drop the old one
// when the last ticket signed with it has expired.
type Signer struct {
	purpose Purpose
	signing string
	secrets map[string][]byte
}

// NewSigner signs with one key, and verifies with it and the others. It fails with [ErrBadKey].
func NewSigner(purpose Purpose, signing Key, verifying ...Key) (*Signer, error) {
	s := &Signer{purpose: purpose, signing: signing.ID, secrets: make(map[string][]byte, 1+len(verifying))}
	for _, k := range append([]Key{signing}, verifying...) {
		if k.ID == "" || len(k.ID) > maxKeyID || strings.Trim(k.ID, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return nil, fmt.Errorf("%w: id %q is not 1 to %d characters of a-z0-9", ErrBadKey, k.ID, maxKeyID)
		}
		if len(k.Secret) < MinSecret {
			return nil, fmt.Errorf("%w: %q has %d secret bytes, at least %d are needed", ErrBadKey, k.ID, len(k.Secret), MinSecret)
		}
		if _, twice := s.secrets[k.ID]; twice {
			return nil, fmt.Errorf("%w: id %q is given twice", ErrBadKey, k.ID)
		}
		s.secrets[k.ID] = append([]byte(nil), k.Secret...)
	}
	return s, nil
}

// Mint makes a ticket: one path segment of [A-Za-z0-9._-], at most 275 bytes, that needs no escaping. The ids are 1 to
// 64 characters of [A-Za-z0-9_-] and opaque to this package; the session is its id in the database and never its
// secret. Fractions of a second of expires are cut off. It fails with [ErrBadClaims].
func (s *Signer) Mint(video, viewer, session string, expires time.Time) (string, error) {
	for _, id := range []string{video, viewer, session} {
		if !validID(id) {
			return "", fmt.Errorf("%w: id %q", ErrBadClaims, id)
		}
	}
	exp := expires.Unix()
	if exp <= 0 || exp > maxUnix {
		return "", fmt.Errorf("%w: expires %v", ErrBadClaims, expires)
	}
	b := make([]byte, 0, maxTicket)
	for _, id := range []string{video, viewer, session} {
		b = append(append(b, id...), '.')
	}
	b = strconv.AppendInt(b, exp, 10)
	b = append(append(b, '.'), s.signing...)
	mac := s.sign(s.secrets[s.signing], string(b))
	b = append(b, '.')
	return string(base64.RawURLEncoding.AppendEncode(b, mac)), nil
}

// Verify reads a ticket and checks it at the time now. Its claims count only if the error is nil. The error is
// [ErrMalformed], [ErrTampered] or [ErrExpired]; an expired ticket is one with a right signature. See the package for
// what callers must not do with the difference.
func (s *Signer) Verify(segment string, now time.Time) (Claims, error) {
	if len(segment) > maxTicket {
		return Claims{}, ErrMalformed
	}
	dot := strings.LastIndexByte(segment, '.')
	if dot < 0 {
		return Claims{}, ErrMalformed
	}
	signed, signature := segment[:dot], segment[dot+1:]
	// Strict: otherwise a few other last characters would decode to the same bytes.
	mac, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || len(mac) != sha256.Size || len(signature) != base64.RawURLEncoding.EncodedLen(sha256.Size) {
		return Claims{}, ErrMalformed // The decoder passes over line breaks, hence the length.
	}
	part := strings.Split(signed, ".")
	if len(part) != fields-1 || !validID(part[0]) || !validID(part[1]) || !validID(part[2]) {
		return Claims{}, ErrMalformed
	}
	exp, err := strconv.ParseInt(part[3], 10, 64)
	if err != nil || exp <= 0 || exp > maxUnix || strconv.FormatInt(exp, 10) != part[3] {
		return Claims{}, ErrMalformed
	}
	secret, known := s.secrets[part[4]]
	if !known {
		return Claims{}, fmt.Errorf("%w: unknown key", ErrTampered)
	}
	if !hmac.Equal(mac, s.sign(secret, signed)) {
		return Claims{}, ErrTampered
	}
	if now.Unix() >= exp {
		return Claims{}, ErrExpired
	}
	return Claims{Video: part[0], Viewer: part[1], Session: part[2], Expires: time.Unix(exp, 0).UTC(), KeyID: part[4]}, nil
}

// sign binds the text to the product and the purpose. The fields of the text cannot hold its separator, so no two
// different sets of claims give the same text.
func (s *Signer) sign(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("fieldreel media ticket\x00"))
	h.Write([]byte{byte(s.purpose), 0})
	h.Write([]byte(text))
	return h.Sum(nil)
}

func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
