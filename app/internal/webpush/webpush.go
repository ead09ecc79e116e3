// Package webpush makes the requests that bring a message to a browser through its maker's push service:
// encrypted for that browser alone (RFC 8291, RFC 8188) and signed, so that the service knows whose they are
// (RFC 8292). It sends nothing.
//
// It stands on Go's own cryptography, and its bytes are those of the RFC's example (webpush_test.go).
package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	// recordSize is how long the one record of a message may be, in bytes.
	recordSize = 4096
	// headerSize is the salt, the size of a record, and the length and bytes of the key (RFC 8188, RFC 8291).
	headerSize = saltSize + 4 + 1 + keySize
	saltSize   = 16
	keySize    = 65
	authSize   = 16
	tagSize    = 16
	// padTo is what every message is made as long as, so that its length tells nothing of it.
	padTo = 256
	// MaxText is the longest message, in bytes.
	MaxText = padTo
	// maxTopic is the longest name of a message at the push service.
	maxTopic = 32
)

// Errors of what a browser gave, and of messages.
var (
	ErrKey  = errors.New("this is no public key of a browser: 65 bytes, a point of P-256, in base64url")
	ErrAuth = errors.New("this is no secret of a browser: 16 bytes in base64url")
	ErrText = errors.New("the message is too long")
)

// Browser is what a browser gave of itself when it subscribed.
type Browser struct {
	// Endpoint is its address at the push service: a secret, for who knows it can try to send.
	Endpoint string `json:"endpoint"`
	// P256DH is its public key, Auth its secret; both in base64url.
	P256DH string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// Check says what is wrong with the keys: ErrKey, ErrAuth. It does not look at the address.
func (b Browser) Check() error {
	_, _, err := b.keys()
	return err
}

func (b Browser) keys() (*ecdh.PublicKey, []byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(b.P256DH)
	if err != nil {
		return nil, nil, ErrKey
	}
	key, err := ecdh.P256().NewPublicKey(raw) // of the uncompressed form only, and on the curve
	if err != nil {
		return nil, nil, ErrKey
	}
	auth, err := base64.RawURLEncoding.DecodeString(b.Auth)
	if err != nil || len(auth) != authSize {
		return nil, nil, ErrAuth
	}
	return key, auth, nil
}

// Message is what is sent.
type Message struct {
	// Text is what the browser gets, at most MaxText bytes.
	Text []byte
	// TTL is how long the push service keeps it for a browser that is not there, to the second.
	TTL time.Duration
	// Topic names the message: another of the same name replaces it while it waits. At most 32 letters, digits, - and _.
	Topic string
}

// Request gives the headers and the body to post to the browser's address. The signature is good for an hour
// from now. Errors: ErrKey, ErrAuth, ErrText.
func (k Keys) Request(b Browser, m Message, now time.Time) (http.Header, []byte, error) {
	token, err := k.token(b.Endpoint, now)
	if err != nil {
		return nil, nil, err
	}
	once, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("random key: %w", err)
	}
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, nil, fmt.Errorf("random salt: %w", err)
	}
	if len(m.Text) > MaxText {
		return nil, nil, ErrText
	}
	if len(m.Topic) > maxTopic {
		return nil, nil, fmt.Errorf("a topic has at most %d characters", maxTopic)
	}
	body, err := seal(b, m.Text, padTo-len(m.Text), once, salt, recordSize)
	if err != nil {
		return nil, nil, err
	}
	h := http.Header{}
	h.Set("Authorization", token)
	h.Set("Content-Encoding", "aes128gcm")
	h.Set("Content-Type", "application/octet-stream")
	h.Set("TTL", strconv.Itoa(int(max(m.TTL, 0)/time.Second)))
	h.Set("Urgency", "normal")
	if m.Topic != "" {
		h.Set("Topic", m.Topic)
	}
	return h, body, nil
}

// seal encrypts a text for a browser, with a pair of keys that is used once (RFC 8291, section 3.4). pad is how
// many bytes are added to it.
func seal(b Browser, text []byte, pad int, once *ecdh.PrivateKey, salt []byte, record int) ([]byte, error) {
	theirs, auth, err := b.keys()
	if err != nil {
		return nil, err
	}
	shared, err := once.ECDH(theirs)
	if err != nil {
		return nil, ErrKey
	}
	ours := once.PublicKey().Bytes()
	ikm, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(theirs.Bytes())+string(ours), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(text)+1+pad)
	copy(plain, text)
	plain[len(text)] = 2 // the last record; zeros follow it
	if len(plain)+tagSize > record {
		return nil, ErrText
	}
	out := make([]byte, 0, headerSize+len(plain)+tagSize)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, uint32(record))
	out = append(append(out, byte(len(ours))), ours...)
	return gcm.Seal(out, nonce, plain, nil), nil
}
