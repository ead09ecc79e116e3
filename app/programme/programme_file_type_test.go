package programme

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// packed makes a ZIP of empty parts.
func packed(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		if _, err := w.Create(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDetectType(t *testing.T) {
	// A letter of two bytes lies over the end of the reader's buffer.
	longText := strings.Repeat("a", 64<<10-1) + "é" + strings.Repeat("b", 100)
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 20)
	for _, c := range []struct{ what, content, want string }{
		{"PDF", "%PDF-1.7\n", pdfType},
		{"PNG", png, pngType},
		{"JPEG", "\xff\xd8\xff\xe0" + strings.Repeat("\x00", 20), jpegType},
		{"WebP", "RIFF\x10\x00\x00\x00WEBPVP8 ", webpType},
		{"text", "Ask who decides.\r\n\tThen ask when.\n", textType},
		{"text with a mark", "\ufeffÄpfel", textType},
		{"a letter over the end of the buffer", longText, textType},
		{"Word", packed(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml"), docxType},
		{"PowerPoint", packed(t, "[Content_Types].xml", "ppt/presentation.xml", "ppt/media/image1.png"), pptxType},
		{"Excel", packed(t, "[Content_Types].xml", "xl/workbook.xml"), xlsxType},

		{"nothing", "", "file_empty"},
		{"a program", "\x7fELF\x02\x01\x01\x00", "file_type_unfit"},
		{"HTML", "<!DOCTYPE html><script>alert(1)</script>", "file_type_unfit"},
		{"HTML after blanks", "  \n<html>", "file_type_unfit"},
		{"XML", "<?xml version=\"1.0\"?><svg/>", "file_type_unfit"},
		{"SVG", "<SVG onload=alert(1)>", "file_type_unfit"},
		{"SVG after a comment", "<x-comment/><svg>", "file_type_unfit"},
		{"GIF", "GIF89a\x01\x00\x01\x00", "file_type_unfit"},
		{"text, then a program", strings.Repeat("text ", 200) + "\x7fELF\x02\x01\x01\x00", "file_type_unfit"},
		{"another encoding", "Stra\xdfe, Stra\xdfe", "file_type_unfit"},
		{"half a letter at the end", "caf\xc3", "file_type_unfit"},
		{"an old Office document", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "file_type_unfit"},
		{"a ZIP", packed(t, "word/document.xml"), "file_type_unfit"},
		{"a ZIP with Office's list of types alone", packed(t, "[Content_Types].xml", "evil.exe"), "file_type_unfit"},
		{"macros", packed(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "file_macros"},
		{"macros, in capitals", packed(t, "[Content_Types].xml", "xl/workbook.xml", "XL/VBAPROJECT.BIN"), "file_macros"},
		{"half a ZIP", packed(t, "[Content_Types].xml", "word/document.xml")[:60], "file_type_unfit"},
	} {
		got, err := detectType(strings.NewReader(c.content), int64(len(c.content)))
		if got.MIME != c.want && fault.CodeOf(err) != c.want {
			t.Errorf("%s: %q, %v; want %s", c.what, got.MIME, err, c.want)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestZipBomb: a ZIP whose directory has 300,000 entries costs no more than any other.
func TestZipBomb(t *testing.T) {
	entry := make([]byte, zipEntryLen)
	copy(entry, zipEntry)
	bomb := []byte("PK\x03\x04")
	bomb = append(bomb, bytes.Repeat(entry, 300_000)...)
	end := make([]byte, zipEndLen)
	copy(end, zipEnd)
	for _, count := range []uint16{0xffff, 300_000 % (1 << 16), 1} {
		end[10], end[11] = byte(count), byte(count>>8)
		size := uint32(len(bomb) - 4)
		end[12], end[13], end[14], end[15], end[16] = byte(size), byte(size>>8), byte(size>>16), byte(size>>24), 4
		whole := append(bytes.Clone(bomb), end...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := detectType(bytes.NewReader(whole), int64(len(whole)))
		runtime.ReadMemStats(&after)
		if fault.CodeOf(err) != "file_type_unfit" {
			t.Errorf("%d entries: %v", count, err)
		}
		allocated := after.TotalAlloc - before.TotalAlloc
		if allocated > 4<<20 {
			t.Errorf("%d entries: %d bytes", count, allocated)
		}
	}
}

func TestCleanFileName(t *testing.T) {
	pdf, _ := typeNamed(pdfType)
	jpeg, _ := typeNamed(jpegType)
	for in, want := range map[string]string{
		"One pager.pdf": "One pager.pdf", "ONE.PDF": "ONE.pdf", "../../etc/passwd": "passwd.pdf", `C:\temp\a.pdf`: "a.pdf", "": "attachment.pdf", "..": "attachment.pdf", ".pdf": "attachment.pdf",
		"a\r\nSet-Cookie: x.pdf": "aSet-Cookie: x.pdf", "invoice\u202efdp.exe": "invoicefdp.exe.pdf", "setup.exe": "setup.exe.pdf", "a\x00.pdf": "a.pdf", "\xff\xfe.pdf": "attachment.pdf",
		"  so   many blanks .pdf": "so many blanks.pdf", "Übersicht – Q3.pdf": "Übersicht – Q3.pdf", strings.Repeat("é", 300) + ".pdf": strings.Repeat("é", 116) + ".pdf", "\u2028.pdf": "attachment.pdf",
	} {
		if got := cleanFileName(in, pdf); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := cleanFileName("photo.JPEG", jpeg); got != "photo.jpeg" {
		t.Errorf("%q", got)
	}
}

// FuzzDetectType: whatever comes in, it is one of the types or refused with a reason; names are clean.
func FuzzDetectType(f *testing.F) {
	for _, seed := range []string{"%PDF-1.7", packed(f, "[Content_Types].xml", "word/document.xml"), "text", "PK\x03\x04" + zipEnd + strings.Repeat("\xff", 18)} {
		f.Add([]byte(seed), "name.pdf")
	}
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		got, err := detectType(bytes.NewReader(content), int64(len(content)))
		if _, known := typeNamed(got.MIME); known != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("%+v, %v", got, err)
		}
		if err != nil {
			got = fileTypes()[rand.IntN(len(fileTypes()))]
		}
		clean := cleanFileName(name, got)
		if !utf8.ValidString(clean) || strings.ContainsAny(clean, "/\\\x00\r\n") || utf8.RuneCountInString(clean) > maxFileName || clean[0] == '.' || cleanFileName(clean, got) != clean {
			t.Fatalf("%q from %q", clean, name)
		}
	})
}
