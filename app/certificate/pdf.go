package certificate

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"rsc.io/qr"
)

// The page is A4 across, in millimetres.
const (
	pageWidth  = 297.0
	pageHeight = 210.0
	margin     = 14.0
	inside     = 30.0 // from the edge of the page to the text
	textWidth  = pageWidth - 2*inside
)

// colour is red, green and blue.
type colour [3]int

//nolint:gochecknoglobals // constant colours
var (
	ink   = colour{24, 28, 36}
	faint = colour{92, 99, 112}
	reel  = colour{29, 78, 216}
	alarm = colour{185, 28, 28}
)

// PDF draws a certificate as it stands at a time on one page. address is its public address, with scheme and
// host.
func PDF(c Certificate, address string, now time.Time) ([]byte, error) {
	p, err := newPage()
	if err != nil {
		return nil, err
	}
	d := p.doc
	d.SetCatalogSort(true)
	d.SetTitle("Certificate "+c.Number, true)
	d.SetSubject(p.shown(c.Programme), true)
	d.SetCreator("Fieldreel", true)
	d.SetCreationDate(now)
	d.SetModificationDate(now)
	d.SetLang("en")
	d.AddPage()
	p.frame()
	p.line(38, 12, faint, "", "C E R T I F I C A T E")
	p.fitted(48, 30, 2, ink, "B", p.shown(c.Programme))
	p.line(87, 12, faint, "", "was passed by")
	if p.writes(c.Holder) {
		p.fitted(95, 26, 2, ink, "B", p.shown(c.Holder))
	} else {
		p.line(97, 18, ink, "B", "the holder of this certificate")
		p.line(107, 9, faint, "", "The letters of the name are not in the fonts of this page. Fieldreel shows it under the number below.")
	}
	p.standing(c, now)
	p.foot(c, address)
	if d.Err() {
		return nil, fmt.Errorf("draw certificate %s: %w", c.Number, d.Error())
	}
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("write certificate %s: %w", c.Number, err)
	}
	return out.Bytes(), nil
}

type page struct {
	doc  *fpdf.Fpdf
	font *sfnt.Font
	buf  sfnt.Buffer
}

func newPage() (*page, error) {
	font, err := sfnt.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	d := fpdf.New("L", "mm", "A4", "")
	d.SetMargins(inside, margin, inside)
	d.SetAutoPageBreak(false, 0)
	d.AddUTF8FontFromBytes("go", "", goregular.TTF)
	d.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	return &page{doc: d, font: font}, nil
}

func (p *page) frame() {
	d := p.doc
	d.SetDrawColor(reel[0], reel[1], reel[2])
	d.SetLineWidth(1.2)
	d.Rect(margin, margin, pageWidth-2*margin, pageHeight-2*margin, "D")
	d.SetLineWidth(0.2)
	d.Rect(margin+2.5, margin+2.5, pageWidth-2*margin-5, pageHeight-2*margin-5, "D")
}

func (p *page) pen(points float64, c colour, style string) {
	p.doc.SetFont("go", style, points)
	p.doc.SetTextColor(c[0], c[1], c[2])
}

// line writes one centred line.
func (p *page) line(y, points float64, c colour, style, text string) {
	p.pen(points, c, style)
	p.doc.SetXY(inside, y)
	p.doc.CellFormat(textWidth, points*0.5, text, "", 0, "C", false, 0, "")
}

// fitted writes a centred text on at most so many lines from y, smaller where it is long. What does not fit
// even so is cut, which shows.
func (p *page) fitted(y, points float64, most int, c colour, style, text string) {
	const smallest = 14
	var lines []string
	for ; ; points -= 2 {
		p.pen(points, c, style)
		lines = p.doc.SplitText(text, textWidth)
		if len(lines) <= most || points <= smallest {
			break
		}
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = strings.TrimRight(cutTo(p.doc, lines[most-1], textWidth), " ,.;:") + "…"
	}
	height := points * 0.46
	y += (float64(most)*14 - float64(len(lines))*height) / 2 // in the middle of its place
	for i, l := range lines {
		p.doc.SetXY(inside, y+float64(i)*height)
		p.doc.CellFormat(textWidth, height, strings.TrimSpace(l), "", 0, "C", false, 0, "")
	}
}

// cutTo leaves room for what says that a text goes on.
func cutTo(d *fpdf.Fpdf, text string, width float64) string {
	runes := []rune(text)
	for len(runes) > 0 && d.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes)
}

const dateFormat = "2 January 2006"

// standing says when it was issued and how it stands.
func (p *page) standing(c Certificate, now time.Time) {
	dates := "Issued on " + c.IssuedAt.Format(dateFormat)
	if c.ExpiresAt != nil {
		dates += "  ·  valid until " + c.ExpiresAt.Format(dateFormat)
	}
	p.line(130, 12, ink, "", dates)
	switch c.StateAt(now) {
	case Revoked:
		p.line(140, 14, alarm, "B", "REVOKED on "+c.RevokedAt.Format(dateFormat))
	case Replaced:
		p.line(140, 12, alarm, "B", "Replaced by a later certificate")
	case Expired:
		p.line(140, 14, alarm, "B", "EXPIRED")
	case Valid, Expiring:
	}
}

// foot has the number and where to check it, also for a camera.
func (p *page) foot(c Certificate, address string) {
	const size = 26.0
	top := pageHeight - margin - 10 - size
	p.squares(address, pageWidth-inside-size, top, size)
	d := p.doc
	write := func(y, points float64, col colour, style, text string) {
		p.pen(points, col, style)
		d.SetXY(inside, y)
		d.CellFormat(textWidth-size-6, points*0.5, text, "", 0, "L", false, 0, "")
	}
	write(top+1, 13, ink, "B", c.Number)
	write(top+9, 9, faint, "", "Check this certificate:")
	points := 9.0
	for p.pen(points, reel, ""); points > 5 && d.GetStringWidth(address) > textWidth-size-6; points -= 0.5 {
		p.pen(points-0.5, reel, "")
	}
	d.SetXY(inside, top+14)
	d.CellFormat(textWidth-size-6, 4.5, address, "", 0, "L", false, 0, address)
	says := "The page says the programme, the dates and how the certificate stands, but not the name: its holder keeps that to themself."
	if c.NamePublic {
		says = "The page says the programme, the holder, the dates and how the certificate stands."
	}
	write(top+20, 8, faint, "", says)
}

// squares draws an address as a QR code.
func (p *page) squares(address string, x, y, size float64) {
	code, err := qr.Encode(address, qr.M)
	if err != nil { // far too long for a code: the words stand beside it
		return
	}
	p.doc.SetFillColor(ink[0], ink[1], ink[2])
	dot := size / float64(code.Size)
	for row := range code.Size {
		for col := 0; col < code.Size; {
			n := 0
			for col+n < code.Size && code.Black(col+n, row) {
				n++
			}
			if n > 0 { // a run at once, a little wider, so that no seams show
				p.doc.Rect(x+float64(col)*dot, y+float64(row)*dot, float64(n)*dot+0.01, dot+0.01, "F")
			}
			col += max(n, 1)
		}
	}
}

// has says whether the fonts have a letter.
func (p *page) has(r rune) bool {
	i, err := p.font.GlyphIndex(&p.buf, r)
	return err == nil && i != 0
}

// shown writes a text with the letters that there are: an accent that the fonts lack is left off its letter
// rather than the letter out ("Nguyễn" becomes "Nguyên"); what remains becomes a dot.
func (p *page) shown(text string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(text) {
		b.WriteString(p.letter(r))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (p *page) letter(r rune) string {
	switch {
	case unicode.IsSpace(r):
		return " "
	case p.has(r):
		return string(r)
	case unicode.IsMark(r) || unicode.Is(unicode.Cf, r):
		return ""
	}
	parts := []rune(norm.NFD.String(string(r)))
	for _, accent := range parts[1:] { // one of several accents, if it can be
		if one := []rune(norm.NFC.String(string(parts[0]) + string(accent))); len(one) == 1 && p.has(one[0]) {
			return string(one)
		}
	}
	if p.has(parts[0]) {
		return string(parts[0])
	}
	return "·"
}

// writes says whether a name can be written so that it is still the name.
func (p *page) writes(name string) bool {
	letters, lost := 0, 0
	for _, r := range norm.NFC.String(name) {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if p.letter(r) == "·" {
			lost++
		}
	}
	return letters > 0 && lost == 0
}
