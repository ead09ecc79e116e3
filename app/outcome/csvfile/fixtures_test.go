package csvfile_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

// The 24 files of reference/crm-exports.md: 3 CRMs x 4 locales x 2 date orders. Each
// locale also has its own encoding, delimiter, line end and way to write numbers,
// and all have cells with delimiters, quotes and line breaks. Whatever the file,
// the deals are the same.

// saleDeal is a deal before it is written in some CRM's way.
type saleDeal struct {
	id, name, owner  string
	cents            int64
	currency, stage  string
	opened, closed   time.Time
	status           csvfile.Status
	note, competitor string
}

func date(y, m, d, h, min int) time.Time {
	return time.Date(y, time.Month(m), d, h, min, 0, 0, time.UTC)
}

func sales() []saleDeal {
	return []saleDeal{
		{"006A0000001AbCd", "Müller & Söhne", "Ann Lee", 1234550, "EUR", "Proposal", date(2025, 3, 4, 9, 30), date(2025, 5, 31, 16, 5), csvfile.StatusWon, "plain", "Northwind"},
		{"006A0000001AbCD", `15" screens, 40 pieces; "urgent"`, "Bob Ñuñez", 99, "EUR", "Negotiation", date(2025, 12, 31, 0, 15), date(2026, 1, 2, 12, 0), csvfile.StatusLost, "first line\nsecond, line; \"third\"\tend", ""},
		{"006A0000001AbCe", "Café \u00e0 la carte", "Ann Lee", 100000000, "EUR", "Prospecting", date(2025, 1, 28, 23, 59), date(2026, 6, 15, 8, 0), csvfile.StatusOpen, "", "Contoso"},
		{"006A0000001AbCf", "Line\r\nbreak GmbH", "Cem Öz", -250050, "EUR", "Prospecting", date(2025, 7, 7, 13, 0), date(2025, 7, 9, 18, 45), csvfile.StatusWon, `""`, "Northwind"},
	}
}

type fixture struct {
	crm    csvfile.Preset
	locale string
	order  csvfile.DateOrder
}

func (x fixture) name() string { return fmt.Sprintf("%s-%s-%s", x.crm, x.locale, x.order) }

func fixtures() []fixture {
	var out []fixture
	for _, crm := range []csvfile.Preset{csvfile.PresetSalesforce, csvfile.PresetHubSpot, csvfile.PresetPipedrive} {
		for _, locale := range []string{"en", "de", "fr", "es"} {
			for _, order := range []csvfile.DateOrder{csvfile.OrderDMY, csvfile.OrderMDY} {
				out = append(out, fixture{crm, locale, order})
			}
		}
	}
	return out
}

// headers are in the order id, name, owner, amount, currency, stage, opened, closed
// (Pipedrive: won), lost, status flags, note, competitor. An empty one is left out.
//
//nolint:misspell // The words of other languages.
func (x fixture) headers() []string {
	return map[string][]string{
		"salesforce-en": {"Opportunity ID", "Opportunity Name", "Opportunity Owner", "Amount", "Opportunity Currency", "Stage", "Created Date", "Close Date", "", "Closed", "Won", "Next Step", "Main Competitor(s)"},
		"salesforce-de": {"Opportunity-ID", "Opportunityname", "Opportunity-Inhaber", "Betrag", "Betrag Währung", "Phase", "Erstelldatum", "Schlusstermin", "", "Geschlossen", "Gewonnen", "Nächster Schritt", "Hauptmitbewerber"},
		"salesforce-fr": {"ID de l'opportunité", "Nom de l’opportunité", "Propriétaire de l'opportunité", "Montant", "Devise de l'opportunité", "Étape", "Date de création", "Date de clôture", "", "Fermé", "Gagné", "Étape suivante", "Concurrent"},
		"salesforce-es": {"Id. de la oportunidad", "Nombre de la oportunidad", "Propietario de la oportunidad", "Importe", "Divisa", "Etapa", "Fecha de creación", "Fecha de cierre", "", "Cerrada", "Ganada", "Siguiente paso", "Competidor"},
		"hubspot-en":    {"Record ID", "Deal Name", "Deal owner", "Amount", "Currency", "Deal Stage", "Create Date", "Close Date", "Is closed lost", "", "Is Closed Won", "Deal Description", "Competitor"},
		"hubspot-de":    {"Datensatz-ID", "Deal-Name", "Für Deal zuständiger Mitarbeiter", "Betrag", "Währung", "Deal-Phase", "Erstellungsdatum", "Abschlussdatum", "Ist abgeschlossen und verloren", "", "Ist abgeschlossen und gewonnen", "Beschreibung", "Wettbewerber"},
		"hubspot-fr":    {"ID de fiche d'informations", "Nom de la transaction", "Propriétaire de la transaction", "Montant", "Devise", "Phase de la transaction", "Date de création", "Date de fermeture", "Fermée perdue", "", "Fermée gagnée", "Description", "Concurrent"},
		"hubspot-es":    {"ID de registro", "Nombre del negocio", "Propietario del negocio", "Importe", "Moneda", "Etapa del negocio", "Fecha de creación", "Fecha de cierre", "Cerrado perdido", "", "Cerrado ganado", "Descripción", "Competidor"},
		"pipedrive-en":  {"Deal - ID", "Deal - Title", "Deal - Owner", "Deal - Value", "Deal - Currency of value", "Deal - Stage", "Deal - Deal created", "Deal - Won time", "Deal - Lost time", "", "Deal - Status", "Deal - Lost reason", "Deal - Competitor"},
		"pipedrive-de":  {"Deal - ID", "Deal - Titel", "Deal - Besitzer", "Deal - Wert", "Deal - Währung", "Deal - Phase", "Deal - Deal erstellt am", "Deal - Gewonnen am", "Deal - Verloren am", "", "Deal - Status", "Deal - Verlustgrund", "Deal - Wettbewerber"},
		"pipedrive-fr":  {"Affaire - ID", "Affaire - Titre", "Affaire - Propriétaire", "Affaire - Valeur", "Affaire - Devise", "Affaire - Étape", "Affaire - Affaire créée le", "Affaire - Gagnée le", "Affaire - Perdue le", "", "Affaire - Statut", "Affaire - Motif", "Affaire - Concurrent"},
		"pipedrive-es":  {"Trato - ID", "Trato - Título", "Trato - Propietario", "Trato - Valor", "Trato - Moneda", "Trato - Etapa", "Trato - Trato creado", "Trato - Ganado el", "Trato - Perdido el", "", "Trato - Estado", "Trato - Motivo", "Trato - Competidor"},
	}[string(x.crm)+"-"+x.locale]
}

// locale is how a computer of that country writes.
func (x fixture) write(t testing.TB) []byte {
	t.Helper()
	var (
		comma, eol = ",", "\n"
		enc        encoding.Encoding
		number     = func(cents int64) string { return strconv.FormatFloat(float64(cents)/100, 'f', 2, 64) }
		sep, zero  = "/", "%02d"
		yes, no    = "true", "false"
		words      = map[csvfile.Status]string{csvfile.StatusOpen: "open", csvfile.StatusWon: "Won", csvfile.StatusLost: "lost"}
		bom        = ""
	)
	group := func(cents int64, thousands, decimal string) string {
		sign := ""
		if cents < 0 {
			sign, cents = "-", -cents
		}
		whole := strconv.FormatInt(cents/100, 10)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + thousands + whole[i:]
		}
		return fmt.Sprintf("%s%s%s%02d", sign, whole, decimal, cents%100)
	}
	switch x.locale {
	case "de":
		comma, eol, enc, sep = ";", "\r\n", charmap.Windows1252, "."
		number = func(c int64) string { return group(c, ".", ",") + " €" }
		yes, no = "Wahr", "Falsch"
		words = map[csvfile.Status]string{csvfile.StatusOpen: "Offen", csvfile.StatusWon: "Gewonnen", csvfile.StatusLost: "Verloren"}
	case "fr":
		comma, eol, enc = "\t", "\r", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
		number = func(c int64) string { return group(c, "\u202f", ",") + "\u00a0€" }
		yes, no = "1", "0"
		words = map[csvfile.Status]string{csvfile.StatusOpen: "Ouvert", csvfile.StatusWon: "Gagné", csvfile.StatusLost: "Perdu"}
	case "es":
		comma, bom, zero, sep = ";", "\ufeffsep=;\r\n", "%d", "-"
		number = func(c int64) string { return "EUR " + group(c, ".", ",") }
		yes, no = "Sí", "No"
		words = map[csvfile.Status]string{csvfile.StatusOpen: "abierto", csvfile.StatusWon: "ganado", csvfile.StatusLost: "perdido"}
	}
	when := func(t time.Time) string {
		a, b := t.Day(), int(t.Month())
		if x.order == csvfile.OrderMDY {
			a, b = b, a
		}
		d := fmt.Sprintf(zero+"%s"+zero+"%s%d", a, sep, b, sep, t.Year())
		if x.order == csvfile.OrderMDY {
			return d + t.Format(" 3:04 PM")
		}
		return d + t.Format(" 15:04")
	}
	bool2 := func(b bool) string {
		if b {
			return yes
		}
		return no
	}
	quote := func(s string) string {
		if strings.ContainsAny(s, comma+"\"\r\n ") {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		return s
	}
	var out strings.Builder
	out.WriteString(bom)
	headers := x.headers()
	row := func(cells []string) {
		first := true
		for i, c := range cells {
			if headers[i] == "" {
				continue
			}
			if !first {
				out.WriteString(comma)
			}
			first = false
			out.WriteString(quote(c))
		}
		out.WriteString(eol)
	}
	row(headers)
	for _, d := range sales() {
		won, lost := d.status == csvfile.StatusWon, d.status == csvfile.StatusLost
		cells := []string{d.id, d.name, d.owner, number(d.cents), d.currency, d.stage, when(d.opened), when(d.closed), bool2(lost), bool2(won || lost), bool2(won), d.note, d.competitor}
		if x.crm == csvfile.PresetPipedrive {
			cells[7], cells[8], cells[10] = "", "", words[d.status]
			switch d.status {
			case csvfile.StatusWon:
				cells[7] = when(d.closed)
			case csvfile.StatusLost:
				cells[8] = when(d.closed)
			}
		}
		row(cells)
	}
	if x.crm == csvfile.PresetSalesforce {
		out.WriteString(eol + eol + `"Confidential Information - Do Not Distribute"` + eol + "Copyright © 2000-2026 salesforce.com" + eol)
	}
	if enc == nil {
		return []byte(out.String())
	}
	data, err := enc.NewEncoder().Bytes([]byte(out.String()))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return data
}

func TestTwentyFourExports(t *testing.T) {
	for _, x := range fixtures() {
		t.Run(x.name(), func(t *testing.T) {
			f, err := csvfile.Open(bytes.NewReader(x.write(t)), csvfile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			r := f.Report()
			if r.Preset != x.crm {
				t.Errorf("recognised as %s", r.Preset)
			}
			if len(r.Unmapped) != 1 {
				t.Errorf("unmapped %q, want the note only", r.Unmapped)
			}
			for field, order := range r.DateOrders {
				if order != x.order {
					t.Errorf("%s read as %s", field, order)
				}
			}
			want := sales()
			i := 0
			for d, e := range f.Rows() {
				if e != nil {
					t.Fatal(e)
				}
				if i == len(want) {
					t.Fatalf("one deal too many: %+v", d)
				}
				checkSale(t, x, d, want[i])
				i++
			}
			if f.Err() != nil || i != len(want) {
				t.Fatalf("%d deals, %v", i, f.Err())
			}
			footers := 0
			if x.crm == csvfile.PresetSalesforce {
				footers = 2
			}
			if s := f.Summary(); s.Deals != len(want) || s.Failed != 0 || s.Footers != footers {
				t.Errorf("%+v", s)
			}
		})
	}
}

func checkSale(t *testing.T, x fixture, d csvfile.Deal, w saleDeal) {
	t.Helper()
	if d.ExternalID != w.id || d.Name != w.name || d.Owner != w.owner || d.Currency != w.currency || d.Stage != w.stage ||
		d.Status != w.status || d.Competitor != w.competitor {
		t.Errorf("got %+v\nwant %+v", d, w)
	}
	if d.AmountMicros == nil || *d.AmountMicros != w.cents*csvfile.MicrosPerUnit/100 {
		t.Errorf("%s: amount %v, want %d cents", w.id, d.AmountMicros, w.cents)
	}
	if !d.OpenedAt.Equal(w.opened) {
		t.Errorf("%s: opened %s, want %s", w.id, d.OpenedAt, w.opened)
	}
	switch {
	case w.status == csvfile.StatusOpen:
		if d.ClosedAt != nil {
			t.Errorf("%s: open and closed at %s", w.id, d.ClosedAt)
		}
	case d.ClosedAt == nil || !d.ClosedAt.Equal(w.closed):
		t.Errorf("%s: closed %v, want %s", w.id, d.ClosedAt, w.closed)
	}
	// The note is in a column of no field; line ends inside a cell stay.
	notes := 0
	for _, v := range d.Extra {
		if v == w.note {
			notes++
		}
	}
	if w.note != "" && notes != 1 {
		t.Errorf("%s: note is lost: %q", w.id, d.Extra)
	}
	if d.Line < 2 {
		t.Errorf("%s: line %d", w.id, d.Line)
	}
	_ = x
}
