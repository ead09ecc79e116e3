package webpush

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
const (
	exampleText    = "When I grow up, I want to be a watermelon"
	examplePrivate = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw" // of the sender, for this message
	examplePublic  = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	exampleAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
	exampleSalt    = "DGv6ra1nlYgDCS1FRnbzlw"
	exampleBody    = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

// TestExample gives the very bytes of the RFC.
func TestExample(t *testing.T) {
	once, err := ecdh.P256().NewPrivateKey(decode(t, examplePrivate))
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal(Browser{P256DH: examplePublic, Auth: exampleAuth}, []byte(exampleText), 0, once, decode(t, exampleSalt), 4096)
	if err != nil || !bytes.Equal(got, decode(t, exampleBody)) {
		t.Errorf("%s, %v", base64.RawURLEncoding.EncodeToString(got), err)
	}
}

// TestKeys: a pair is read back as it was, and what is none is refused.
func TestKeys(t *testing.T) {
	k, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	private, err := k.Private()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseKeys(private)
	if err != nil || again.Public != k.Public || len(decode(t, k.Public)) != 65 {
		t.Errorf("%+v, %v", again, err)
	}
	for _, bad := range []string{"", "x", "!", strings.Repeat("A", 43), private + "AAAA"} {
		if _, err := ParseKeys(bad); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
}

// TestBrowser is what a browser may give of itself.
func TestBrowser(t *testing.T) {
	good := Browser{P256DH: examplePublic, Auth: exampleAuth}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	point := decode(t, examplePublic)
	off := bytes.Clone(point)
	off[64] ^= 1
	encode := base64.RawURLEncoding.EncodeToString
	for _, key := range []string{"", "!", "AAAA", encode(point[:33]), encode(off), encode(make([]byte, 65)), encode(append(point, 0)), encode([]byte{0})} {
		if err := (Browser{P256DH: key, Auth: exampleAuth}).Check(); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, auth := range []string{"", "!", "AAAA", encode(make([]byte, 15)), encode(make([]byte, 17))} {
		if err := (Browser{P256DH: examplePublic, Auth: auth}).Check(); !errors.Is(err, ErrAuth) {
			t.Errorf("%q: %v", auth, err)
		}
	}
}

// TestRequest: what is sent tells nothing by its length, is another each time, and has its limits.
func TestRequest(t *testing.T) {
	k, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	b := Browser{Endpoint: "https://push.example.net/1", P256DH: examplePublic, Auth: exampleAuth}
	bodies := map[string]bool{}
	for _, n := range []int{0, 0, 1, 100, MaxText} {
		h, body, err := k.Request(b, Message{Text: make([]byte, n), TTL: 90 * time.Second, Topic: "t"}, time.Unix(0, 0))
		if err != nil || len(body) != headerSize+MaxText+1+tagSize {
			t.Fatalf("%d: %d bytes, %v", n, len(body), err)
		}
		if h.Get("TTL") != "90" || h.Get("Topic") != "t" || h.Get("Urgency") != "normal" || h.Get("Content-Encoding") != "aes128gcm" {
			t.Errorf("%v", h)
		}
		bodies[string(body)] = true
	}
	if len(bodies) != 5 {
		t.Error("the same bytes twice")
	}
	if _, _, err := k.Request(b, Message{Text: make([]byte, MaxText+1)}, time.Unix(0, 0)); !errors.Is(err, ErrText) {
		t.Error(err)
	}
	if _, _, err := k.Request(b, Message{Topic: strings.Repeat("t", 33)}, time.Unix(0, 0)); err == nil {
		t.Error("a long topic")
	}
	if h, _, err := k.Request(b, Message{TTL: -time.Second}, time.Unix(0, 0)); err != nil || h.Get("TTL") != "0" || h.Values("Topic") != nil {
		t.Error(h, err)
	}
	if _, _, err := k.Request(Browser{Endpoint: "nowhere", P256DH: examplePublic, Auth: exampleAuth}, Message{}, time.Unix(0, 0)); err == nil {
		t.Error("an address of nobody")
	}
	for _, bad := range []Browser{{Endpoint: b.Endpoint, Auth: exampleAuth}, {Endpoint: b.Endpoint, P256DH: examplePublic}} {
		if _, _, err := k.Request(bad, Message{}, time.Unix(0, 0)); err == nil {
			t.Errorf("%+v", bad)
		}
	}
}
