// Package webpushtest stands in for browsers and for their makers' push service, in tests: a browser opens what
// was encrypted for it, and the service checks who sends, as the RFCs have it (8188, 8291, 8292). It shares no
// code with package webpush.
package webpushtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/webpush"
)

// Browser is a browser that can subscribe, and open what comes.
type Browser struct {
	key  *ecdh.PrivateKey
	auth []byte
	// Endpoint is its address at the push service.
	Endpoint string
}

// NewBrowser makes one with keys of its own.
func NewBrowser(t *testing.T, endpoint string) *Browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	if _, err := rand.Read(auth); err != nil {
		t.Fatal(err)
	}
	return &Browser{key, auth, endpoint}
}

// BrowserOf is the browser with these keys.
func BrowserOf(t *testing.T, private, auth []byte) *Browser {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{key, auth, "https://push.example.net/1"}
}

// Gives is what it gives of itself when it subscribes.
func (b *Browser) Gives() webpush.Browser {
	encode := base64.RawURLEncoding.EncodeToString
	return webpush.Browser{Endpoint: b.Endpoint, P256DH: encode(b.key.PublicKey().Bytes()), Auth: encode(b.auth)}
}

// Open decrypts the body of a request.
func (b *Browser) Open(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) > 4096 {
		return nil, fmt.Errorf("%d bytes", len(body))
	}
	salt, record, idLen := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	if idLen != 65 || len(body) < 21+idLen+17 {
		return nil, errors.New("the key is of another length")
	}
	sender, sealed := body[21:21+idLen], body[21+idLen:]
	if len(sealed) > int(record) {
		return nil, errors.New("more than one record")
	}
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	// HKDF by its two steps, each of one block (RFC 5869).
	info := bytes.Join([][]byte{[]byte("WebPush: info\x00"), b.key.PublicKey().Bytes(), sender, {1}}, nil)
	input := mac(mac(b.auth, shared), info)
	pseudo := mac(salt, input)
	block, err := aes.NewCipher(mac(pseudo, []byte("Content-Encoding: aes128gcm\x00\x01"))[:16])
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, mac(pseudo, []byte("Content-Encoding: nonce\x00\x01"))[:12], sealed, nil)
	if err != nil {
		return nil, err
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("the last record does not end as one")
	}
	return plain[:len(plain)-1], nil
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// Verify checks who sends: the public key in base64url to the service at an origin, at a time. It gives the
// contact that the sender names.
func Verify(authorization, origin, key string, now time.Time) (contact string, err error) {
	rest, ok := strings.CutPrefix(authorization, "vapid t=")
	token, k, ok2 := strings.Cut(rest, ", k=")
	if !ok || !ok2 || k != key {
		return "", fmt.Errorf("it is signed with another key: %q", authorization)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errors.New("this is no token")
	}
	raw := make([][]byte, 3)
	for i, p := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			return "", err
		}
	}
	var head struct{ Typ, Alg string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := errors.Join(json.Unmarshal(raw[0], &head), json.Unmarshal(raw[1], &claims)); err != nil {
		return "", err
	}
	point, err := base64.RawURLEncoding.DecodeString(k)
	if err != nil {
		return "", err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	expires := time.Unix(claims.Exp, 0)
	switch {
	case head.Typ != "JWT" || head.Alg != "ES256":
		return "", fmt.Errorf("header %s", raw[0])
	case len(raw[2]) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])):
		return "", errors.New("the signature is wrong")
	case claims.Aud != origin:
		return "", fmt.Errorf("it is for %q", claims.Aud)
	case !expires.After(now) || expires.After(now.Add(24*time.Hour)):
		return "", fmt.Errorf("it ends at %s", expires)
	}
	return claims.Sub, nil
}

// Request is what a push service was sent.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time
}

// Service is a push service on loopback, with TLS.
type Service struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Request
	answer   func(Request) (status int, header http.Header)
	now      func() time.Time
}

// NewService starts one that takes everything. now is the time of its clock.
func NewService(t *testing.T, now func() time.Time) *Service {
	t.Helper()
	s := &Service{now: now}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	return s
}

func (s *Service) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 5000))
	if err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	q := Request{r.URL.Path, r.Header, body, s.now()}
	s.requests = append(s.requests, q)
	answer := s.answer
	s.mu.Unlock()
	status := http.StatusCreated
	if answer != nil {
		var header http.Header
		status, header = answer(q)
		for name := range header {
			w.Header().Set(name, header.Get(name))
		}
	}
	if status == 0 { // it hangs up without a word
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// Answers has it answer so from now on; nil: it takes everything, status 0: it hangs up.
func (s *Service) Answers(with func(Request) (status int, header http.Header)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = with
}

// Requests gives what it was sent, the oldest first.
func (s *Service) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Host is its name and port.
func (s *Service) Host() string { return s.Listener.Addr().String() }

// Client is a guarded client that may call these services and nothing else on loopback.
func Client(all ...*Service) *egress.Client {
	c := egress.Config{Roots: x509.NewCertPool()}
	for _, s := range all {
		c.Roots.AddCert(s.Certificate())
		c.Allow = append(c.Allow, netip.MustParseAddrPort(s.Host()))
	}
	return egress.New(c)
}
