package certificate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
)

// TestPDF draws every sort of certificate. Set FIELDREEL_PDF_DIR to look at them.
func TestPDF(t *testing.T) {
	issued := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	end := issued.AddDate(1, 0, 0)
	plain := certificate.Certificate{ID: "c", Number: "FR-2026-7K3M9Q", Code: strings.Repeat("7K3M9Q", 4), Programme: "Discovery call", Holder: "Ana Silva", IssuedAt: issued, ExpiresAt: &end, RenewDays: 30, NamePublic: true}
	with := func(change func(*certificate.Certificate)) certificate.Certificate {
		c := plain
		change(&c)
		return c
	}
	for name, c := range map[string]certificate.Certificate{
		"plain":   plain,
		"forever": with(func(c *certificate.Certificate) { c.ExpiresAt, c.NamePublic = nil, false }),
		"long": with(func(c *certificate.Certificate) {
			c.Programme = "Negotiating renewals with procurement under time pressure, second part: holding the price when they say that somebody else is half as much"
			c.Holder = "Maria Fernanda Guadalupe de los Ángeles Rodríguez y Montenegro-Vasconcelos de Albuquerque"
		}),
		"longest": with(func(c *certificate.Certificate) {
			c.Programme, c.Holder = strings.Repeat("Programme ", 40), strings.Repeat("W", 200)
		}),
		"greek": with(func(c *certificate.Certificate) {
			c.Programme, c.Holder = "Переговоры о цене", "Ελένη Παπαδοπούλου"
		}),
		"vietnamese": with(func(c *certificate.Certificate) { c.Holder = "Nguyễn Thị Minh Khai" }),
		"chinese":    with(func(c *certificate.Certificate) { c.Holder, c.Programme = "王小明", "价格谈判 — pricing" }),
		"odd": with(func(c *certificate.Certificate) {
			c.Holder, c.Programme = "A\u202eB 😀 (Ana)\\", "50 % off? <b>No</b>"
		}),
		"revoked":  with(func(c *certificate.Certificate) { c.RevokedAt = &issued }),
		"replaced": with(func(c *certificate.Certificate) { by := "x"; c.ReplacedBy = &by }),
		"expired":  with(func(c *certificate.Certificate) { c.ExpiresAt = &issued }),
	} {
		t.Run(name, func(t *testing.T) {
			file, err := certificate.PDF(c, "https://reel.example.com"+c.CheckPath(), issued.AddDate(0, 1, 0))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(file, []byte("%PDF-")) || !bytes.Contains(file[len(file)-32:], []byte("%%EOF")) {
				t.Errorf("this is no PDF: %q … %q", file[:8], file[len(file)-8:])
			}
			if n := bytes.Count(file, []byte("/Type /Page\n")); n != 1 {
				t.Errorf("%d pages", n)
			}
			if len(file) > 200<<10 {
				t.Errorf("%d bytes", len(file))
			}
			again, err := certificate.PDF(c, "https://reel.example.com"+c.CheckPath(), issued.AddDate(0, 1, 0))
			if err != nil || !bytes.Equal(file, again) {
				t.Errorf("the same certificate is another file the second time (%v)", err)
			}
			if dir := os.Getenv("FIELDREEL_PDF_DIR"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, name+".pdf"), file, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
