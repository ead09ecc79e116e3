package ticket_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media/ticket"
)

const (
	video   = "01989b6c-7a10-7c3e-9d1f-0123456789ab"
	viewer  = "01989b6c-0000-7000-8000-000000000001"
	session = "01989b6c-ffff-7fff-bfff-ffffffffffff"
)

var (
	now     = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	expires = now.Add(10 * time.Minute)
)

func key(id string, fill byte) ticket.Key {
	return ticket.Key{ID: id, Secret: bytes.Repeat([]byte{fill}, ticket.MinSecret)}
}

func signer(t testing.TB, p ticket.Purpose, signing ticket.Key, verifying ...ticket.Key) *ticket.Signer {
	t.Helper()
	s, err := ticket.NewSigner(p, signing, verifying...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mint(t testing.TB, s *ticket.Signer) string {
	t.Helper()
	seg, err := s.Mint(video, viewer, session, expires)
	if err != nil {
		t.Fatal(err)
	}
	return seg
}

func TestMintVerify(t *testing.T) {
	s := signer(t, ticket.Play, key("k1", 1))
	seg := mint(t, s)
	if seg != url.PathEscape(seg) || strings.Contains(seg, "..") || strings.Contains(seg, "/") || len(seg) > 275 {
		t.Errorf("%q is no plain path segment", seg)
	}
	got, err := s.Verify(seg, now)
	want := ticket.Claims{Video: video, Viewer: viewer, Session: session, Expires: expires, KeyID: "k1"}
	if err != nil || got != want {
		t.Errorf("Verify = %+v, %v, want %+v", got, err, want)
	}
	if again := mint(t, s); again != seg {
		t.Errorf("the same claims give %q and %q", seg, again)
	}
}

// TestFormat pins the format: nodes of two releases must understand each other during an upgrade. The signature was made
// by another program than this.
func TestFormat(t *testing.T) {
	seg, err := signer(t, ticket.Play, key("k1", 1)).Mint("v", "p", "s", time.Unix(1800000000, 999))
	if err != nil {
		t.Fatal(err)
	}
	const want = "v.p.s.1800000000.k1.IXG_Xlx8st-6K_jT1jNNAUkU345m55SJ-A1oPeQWRLk"
	if seg != want {
		t.Errorf("Mint = %s, want %s", seg, want)
	}
}

func TestExpiry(t *testing.T) {
	s := signer(t, ticket.Play, key("k1", 1))
	seg := mint(t, s)
	for _, tt := range []struct {
		at   time.Time
		want error
	}{
		{now, nil},
		{expires.Add(-time.Nanosecond), nil},
		{expires, ticket.ErrExpired},
		{expires.Add(time.Hour), ticket.ErrExpired},
		{expires.Add(-time.Second).In(time.FixedZone("", 14*3600)), nil},
	} {
		got, err := s.Verify(seg, tt.at)
		if !errors.Is(err, tt.want) {
			t.Errorf("Verify at %v: %v, want %v", tt.at, err, tt.want)
		}
		if err != nil && got != (ticket.Claims{}) {
			t.Errorf("Verify gives claims %+v with its error", got)
		}
	}
	// An expired ticket that was changed is tampered with: its claim to have been ours is not believed.
	if _, err := s.Verify("x"+seg, expires.Add(time.Hour)); !errors.Is(err, ticket.ErrTampered) {
		t.Errorf("an expired ticket of somebody else: %v", err)
	}
}

// TestEveryChange changes each byte of a ticket to many others.
func TestEveryChange(t *testing.T) {
	s := signer(t, ticket.Play, key("k1", 1), key("k2", 2))
	seg := mint(t, s)
	for i := range len(seg) {
		for _, c := range []byte("aAzZ09._-/+=%\n\x00\xff") {
			if seg[i] == c {
				continue
			}
			changed := seg[:i] + string([]byte{c}) + seg[i+1:]
			if _, err := s.Verify(changed, now); !errors.Is(err, ticket.ErrTampered) && !errors.Is(err, ticket.ErrMalformed) {
				t.Fatalf("%q passes or is called %v", changed, err)
			}
		}
		if _, err := s.Verify(seg[:i]+seg[i+1:], now); err == nil {
			t.Fatalf("the ticket passes without byte %d", i)
		}
		if _, err := s.Verify(seg[:i], now); err == nil {
			t.Fatalf("the ticket passes cut to %d bytes", i)
		}
	}
}

func TestHostile(t *testing.T) {
	s := signer(t, ticket.Play, key("k1", 1))
	seg := mint(t, s)
	sig := seg[strings.LastIndexByte(seg, '.')+1:]
	for _, tt := range []struct {
		name, seg string
		want      error
	}{
		{"empty", "", ticket.ErrMalformed},
		{"dots", ".....", ticket.ErrMalformed},
		{"no signature", strings.TrimSuffix(seg, sig), ticket.ErrMalformed},
		{"padding", seg + "=", ticket.ErrMalformed},
		{"line break in the signature", seg[:len(seg)-5] + "\n" + seg[len(seg)-5:], ticket.ErrMalformed},
		{"line break instead of a character", seg[:len(seg)-5] + "\n" + seg[len(seg)-4:], ticket.ErrMalformed},
		{"a field more", "x." + seg, ticket.ErrMalformed},
		{"exp with a zero", strings.Replace(seg, ".1", ".01", 1), ticket.ErrMalformed},
		{"exp with a plus", strings.Replace(seg, ".1", ".+1", 1), ticket.ErrMalformed},
		{"negative exp", "v.p.s.-5.k1." + sig, ticket.ErrMalformed},
		{"exp beyond all", "v.p.s.99999999999999999999.k1." + sig, ticket.ErrMalformed},
		{"exp beyond the calendar", "v.p.s.253402300800.k1." + sig, ticket.ErrMalformed},
		{"empty id", "v..s.1800000000.k1." + sig, ticket.ErrMalformed},
		{"id with a slash", "../../x.p.s.1800000000.k1." + sig, ticket.ErrMalformed},
		{"unknown key", "v.p.s.1800000000.k9." + sig, ticket.ErrTampered},
		{"empty key", "v.p.s.1800000000.." + sig, ticket.ErrTampered},
		{"other video", strings.Replace(seg, "01989b6c-7a10", "01989b6c-7a11", 1), ticket.ErrTampered},
		{"longer life", strings.Replace(seg, ".17", ".18", 1), ticket.ErrTampered},
		{"huge", strings.Repeat("a", 1<<20), ticket.ErrMalformed},
	} {
		if _, err := s.Verify(tt.seg, now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestPurposeAndRotation(t *testing.T) {
	k1, k2 := key("k1", 1), key("k2", 2)
	old := signer(t, ticket.Play, k1)
	seg := mint(t, old)

	if _, err := signer(t, ticket.Download, k1).Verify(seg, now); !errors.Is(err, ticket.ErrTampered) {
		t.Errorf("a ticket to play lets one download: %v", err)
	}
	if _, err := signer(t, ticket.Play, key("k1", 3)).Verify(seg, now); !errors.Is(err, ticket.ErrTampered) {
		t.Errorf("another secret of the same name verifies: %v", err)
	}
	between := signer(t, ticket.Play, k2, k1)
	if c, err := between.Verify(seg, now); err != nil || c.KeyID != "k1" {
		t.Errorf("in rotation the old key gives %+v, %v", c, err)
	}
	fresh := mint(t, between)
	if c, err := signer(t, ticket.Play, k1, k2).Verify(fresh, now); err != nil || c.KeyID != "k2" {
		t.Errorf("a node that still signs with the old key gives %+v, %v", c, err)
	}
	if _, err := signer(t, ticket.Play, k2).Verify(seg, now); !errors.Is(err, ticket.ErrTampered) {
		t.Errorf("a dropped key still verifies: %v", err)
	}
	// The name of another key on top of a right signature.
	if _, err := between.Verify(strings.Replace(seg, ".k1.", ".k2.", 1), now); !errors.Is(err, ticket.ErrTampered) {
		t.Errorf("a signature counts under another key's name: %v", err)
	}
}

func TestUnfit(t *testing.T) {
	for _, keys := range [][]ticket.Key{
		{{ID: "k1"}},
		{{ID: "k1", Secret: make([]byte, ticket.MinSecret-1)}},
		{key("", 1)}, {key("K1", 1)}, {key("k.1", 1)}, {key("k_1", 1)}, {key("abcdefghijklmnopq", 1)},
		{key("k1", 1), key("k1", 2)},
		{key("k1", 1), {ID: "k2", Secret: []byte("short")}},
	} {
		if _, err := ticket.NewSigner(ticket.Play, keys[0], keys[1:]...); !errors.Is(err, ticket.ErrBadKey) {
			t.Errorf("NewSigner takes %v: %v", keys, err)
		}
	}
	s := signer(t, ticket.Play, key("k1", 1))
	for _, id := range []string{"", "a.b", "a/b", "a b", "é", "a\x00", strings.Repeat("a", 65)} {
		for i := range 3 {
			ids := []string{"v", "p", "s"}
			ids[i] = id
			if _, err := s.Mint(ids[0], ids[1], ids[2], expires); !errors.Is(err, ticket.ErrBadClaims) {
				t.Errorf("Mint takes %q: %v", ids, err)
			}
		}
	}
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(253402300800, 0)} {
		if _, err := s.Mint("v", "p", "s", at); !errors.Is(err, ticket.ErrBadClaims) {
			t.Errorf("Mint takes %v: %v", at, err)
		}
	}
}

// TestSecretIsCopied: who clears a secret after use must not change the signer.
func TestSecretIsCopied(t *testing.T) {
	k := key("k1", 1)
	s := signer(t, ticket.Play, k)
	seg := mint(t, s)
	clear(k.Secret)
	if _, err := s.Verify(seg, now); err != nil {
		t.Error(err)
	}
}

func FuzzVerify(f *testing.F) {
	s := signer(f, ticket.Play, key("k1", 1))
	good := mint(f, s)
	f.Add(good)
	f.Add("v.p.s.1800000000.k1.IXG_Xlx8st-6K_jT1jNNAUkU345m55SJ-A1oPeQWRLk")
	f.Add(strings.Repeat(".", 20))
	f.Fuzz(func(t *testing.T, seg string) {
		c, err := s.Verify(seg, now)
		if err != nil {
			if !errors.Is(err, ticket.ErrMalformed) && !errors.Is(err, ticket.ErrTampered) && !errors.Is(err, ticket.ErrExpired) {
				t.Errorf("%q: %v", seg, err)
			}
			return
		}
		// What passes is exactly what we would have minted.
		again, err := s.Mint(c.Video, c.Viewer, c.Session, c.Expires)
		if err != nil || again != seg {
			t.Errorf("%q passes, but its claims give %q, %v", seg, again, err)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	s := signer(b, ticket.Play, key("k1", 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Mint(video, viewer, session, expires); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b, ticket.Play, key("k1", 1))
	seg := mint(b, s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Verify(seg, now); err != nil {
			b.Fatal(err)
		}
	}
}
