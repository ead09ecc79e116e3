package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// tokenLasts is how long a signature is good for; the RFC allows a day.
const tokenLasts = time.Hour

// Keys are the pair by which push services know a sender. A browser that subscribed to the public half takes
// messages of no other.
type Keys struct {
	private *ecdsa.PrivateKey
	// Public is what browsers are given, in base64url.
	Public string
	// Contact is where a push service can complain, as mailto:… or https://…; empty: it is not told.
	Contact string
}

// NewKeys makes a pair.
func NewKeys() (Keys, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Keys{}, fmt.Errorf("random key: %w", err)
	}
	return keysOf(private)
}

// ParseKeys reads what Private gave.
func ParseKeys(private string) (Keys, error) {
	raw, err := base64.RawURLEncoding.DecodeString(private)
	if err != nil {
		return Keys{}, errors.New("this is no private key")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return Keys{}, errors.New("this is no private key")
	}
	return keysOf(key)
}

func keysOf(private *ecdsa.PrivateKey) (Keys, error) {
	public, err := private.PublicKey.Bytes()
	if err != nil {
		return Keys{}, err
	}
	return Keys{private: private, Public: base64.RawURLEncoding.EncodeToString(public)}, nil
}

// Private gives the pair as text, to be kept: a secret.
func (k Keys) Private() (string, error) {
	raw, err := k.private.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// token signs that a request to a push service is this sender's (RFC 8292, section 3).
func (k Keys) token(endpoint string, now time.Time) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return "", errors.New("this is no address of a push service")
	}
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub,omitempty"`
	}{u.Scheme + "://" + u.Host, now.Add(tokenLasts).Unix(), k.Contact})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	// A JWT has the two numbers side by side, each in 32 bytes (RFC 7518, section 3.4).
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + signed + "." + base64.RawURLEncoding.EncodeToString(signature) + ", k=" + k.Public, nil
}
