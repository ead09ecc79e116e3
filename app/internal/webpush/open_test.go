package webpush_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/webpush"
	"github.com/fieldreel/fieldreel/app/internal/webpush/webpushtest"
)

// TestOpen has the browser of the tests open the example of RFC 8291, so that it is a judge of ours.
func TestOpen(t *testing.T) {
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := webpushtest.BrowserOf(t, decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), decode("BTBZMqHH6r4Tts7J_aSIgg"))
	body := decode("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	if got, err := b.Open(body); err != nil || string(got) != "When I grow up, I want to be a watermelon" {
		t.Fatalf("%q, %v", got, err)
	}
	for i := range body {
		bad := append([]byte(nil), body...)
		bad[i] ^= 1
		// The size of a record is no part of what is sealed.
		if _, err := b.Open(bad); err == nil && (i < 16 || i > 19) {
			t.Errorf("byte %d may be another", i)
		}
	}
}

// TestRoundTrip: a browser opens what was made for it, another does not, and a push service knows the sender.
func TestRoundTrip(t *testing.T) {
	k, err := webpush.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	k.Contact = "mailto:reel@example.com"
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	one, other := webpushtest.NewBrowser(t, "https://push.example.net:443/a?b"), webpushtest.NewBrowser(t, "")
	h, body, err := k.Request(one.Gives(), webpush.Message{Text: []byte(`{"id":"1"}`)}, now)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := one.Open(body); err != nil || string(got) != `{"id":"1"}` {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := other.Open(body); err == nil {
		t.Errorf("another opens it: %q", got)
	}
	token := h.Get("Authorization")
	if contact, err := webpushtest.Verify(token, "https://push.example.net:443", k.Public, now); err != nil || contact != k.Contact {
		t.Errorf("%q, %v", contact, err)
	}
	stranger, err := webpush.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	for what, refused := range map[string]func() error{
		"another service": func() error {
			_, err := webpushtest.Verify(token, "https://other.example.net", k.Public, now)
			return err
		},
		"an hour later": func() error {
			_, err := webpushtest.Verify(token, "https://push.example.net:443", k.Public, now.Add(time.Hour))
			return err
		},
		"another's key": func() error {
			_, err := webpushtest.Verify(strings.Replace(token, k.Public, stranger.Public, 1), "https://push.example.net:443", stranger.Public, now)
			return err
		},
	} {
		if refused() == nil {
			t.Error(what)
		}
	}
}
