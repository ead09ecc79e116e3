package outcome

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
)

// Status is what a deal has come to.
type Status string

// The states of a deal.
const (
	Open    Status = "open"
	Won     Status = "won"
	Lost    Status = "lost"
	Deleted Status = "deleted" // in the CRM; kept here because people may have named it
)

// Statuses lists all states.
var Statuses = []Status{Open, Won, Lost, Deleted} //nolint:gochecknoglobals // a constant list

// Deal is a CRM opportunity.
type Deal struct {
	ID string
	// ExternalID is the CRM's id (see Key); unique and compared exactly.
	ExternalID string
	Name       string
	// OwnerID is the person who owns it; nil while OwnerRef matches nobody.
	OwnerID *string
	// OwnerRef is how the CRM names the owner: an e-mail address in lower case where it is known, else
	// a name or an id. Empty for a deal that nobody owns.
	OwnerRef string
	// Amount is an exact decimal in units of Currency without superfluous zeros ("1234.5"); empty where
	// it is not known. Currency is an ISO 4217 code, or empty.
	Amount, Currency             string
	Stage                        string
	Status                       Status
	Segment, Competitor, Product string
	// Extra holds what else the CRM says, by the name it has there.
	Extra map[string]string
	// OpenedAt is when the deal was created in the CRM, ClosedAt when it was won or lost: nil for deals
	// that were not, and where the CRM does not say.
	OpenedAt time.Time
	ClosedAt *time.Time
	// ImportID is the import that last changed the deal; nil for a Put.
	ImportID             *string
	CreatedAt, UpdatedAt time.Time
}

// The longest texts that are kept, in characters; far above what the CRMs allow.
const (
	maxExternalID = 255
	maxText       = 500
	maxExtra      = 64 << 10 // bytes of all of Extra
)

// Key gives the form of a CRM's id that is kept: without spaces around it, and of the 18-character form
// of a Salesforce id the first 15, which is how the same deal is named in other exports. The last three
// of those 18 only repeat the case of the 15; they are recognised by that.
func Key(externalID string) string {
	id := strings.TrimSpace(externalID)
	if short, ok := csvfile.SalesforceKey(id); ok && len(id) == 18 && id[15:] == salesforceSuffix(short) {
		return short
	}
	return id
}

// salesforceSuffix computes the last three characters of the long form of a Salesforce id: each stands
// for five characters, with a bit for every capital.
func salesforceSuffix(id string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	out := make([]byte, 3)
	for i := range out {
		n := 0
		for bit, c := range []byte(id[i*5 : i*5+5]) {
			if c >= 'A' && c <= 'Z' {
				n |= 1 << bit
			}
		}
		out[i] = alphabet[n]
	}
	return string(out)
}

// ownerRef gives the form of an owner's name or address that is kept and matched.
func ownerRef(s string) string {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "@") {
		return people.EmailKey(s)
	}
	return s
}

// DealInput is a deal as the CRM's integration puts it: all of it, what is left out is empty.
type DealInput struct {
	Name string
	// Owner is the owner's e-mail address, or full name.
	Owner                        string
	Amount, Currency             string
	Stage                        string
	Status                       Status
	Segment, Competitor, Product string
	Extra                        map[string]string
	OpenedAt                     time.Time
	ClosedAt                     *time.Time
}

// deal checks the input. All mistakes are named at once.
func (in DealInput) deal(externalID string) (Deal, error) {
	d := Deal{ExternalID: Key(externalID), OwnerRef: ownerRef(in.Owner), Currency: strings.ToUpper(strings.TrimSpace(in.Currency)), Status: in.Status,
		Stage: strings.TrimSpace(in.Stage), Segment: strings.TrimSpace(in.Segment), Competitor: strings.TrimSpace(in.Competitor),
		Product: strings.TrimSpace(in.Product), Name: strings.TrimSpace(in.Name), Extra: in.Extra, OpenedAt: moment(in.OpenedAt)}
	var wrong []fault.Field
	add := func(field, code, detail string) {
		wrong = append(wrong, fault.Field{Location: field, Code: code, Detail: detail})
	}
	amount, err := Decimal(in.Amount)
	if err != nil {
		add("amount", "amount_invalid", "Give the amount as a plain decimal such as 1234.50, with at most six decimals.")
	}
	d.Amount = amount
	if d.Currency != "" && !isCurrency(d.Currency) {
		add("currency", "currency_invalid", "Give the currency as three letters, such as EUR.")
	}
	if !slices.Contains(Statuses, d.Status) {
		add("status", "status_unknown", "A deal is open, won, lost or deleted.")
	}
	if d.OpenedAt.IsZero() {
		add("opened_at", "required", "Say when the deal was opened.")
	}
	if in.ClosedAt != nil && (d.Status == Won || d.Status == Lost) {
		at := moment(*in.ClosedAt)
		d.ClosedAt = &at
	}
	if in.ClosedAt != nil && d.Status == Open {
		add("closed_at", "closed_but_open", "An open deal has no closing time.")
	}
	if d.Name == "" {
		add("name", "required", "Give the deal a name.")
	}
	wrong = append(wrong, d.tooLong()...)
	if len(wrong) > 0 {
		first := wrong[0]
		return Deal{}, &fault.Error{Kind: fault.Invalid, Code: first.Code, Detail: first.Detail, Field: first.Location, Fields: wrong}
	}
	return d, nil
}

// tooLong names the texts that cannot be kept: over-long, or with characters no line of text has.
func (d Deal) tooLong() []fault.Field {
	var wrong []fault.Field
	for _, f := range []struct {
		name, text string
		longest    int
		needed     bool
	}{{"external_id", d.ExternalID, maxExternalID, true}, {"name", d.Name, maxText, false}, {"owner", d.OwnerRef, maxText, false}, {"stage", d.Stage, maxText, false},
		{"segment", d.Segment, maxText, false}, {"competitor", d.Competitor, maxText, false}, {"product", d.Product, maxText, false}} {
		switch {
		case f.text == "" && f.needed:
			wrong = append(wrong, fault.Field{Location: f.name, Code: "required", Detail: "This must not be empty."})
		case !utf8.ValidString(f.text) || strings.ContainsFunc(f.text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
			wrong = append(wrong, fault.Field{Location: f.name, Code: "text_invalid", Detail: "This has characters that cannot be shown."})
		case len(f.text) > f.longest && utf8.RuneCountInString(f.text) > f.longest:
			wrong = append(wrong, fault.Field{Location: f.name, Code: "too_long", Detail: fmt.Sprintf("This is longer than %d characters.", f.longest)})
		}
	}
	size := 0
	for name, text := range d.Extra {
		size += len(name) + len(text)
		if !utf8.ValidString(name+text) || strings.ContainsRune(name+text, 0) {
			wrong = append(wrong, fault.Field{Location: "extra", Code: "text_invalid", Detail: "This has characters that cannot be kept."})
			break
		}
	}
	if size > maxExtra {
		wrong = append(wrong, fault.Field{Location: "extra", Code: "too_long", Detail: fmt.Sprintf("The further columns are larger than %d bytes together.", maxExtra)})
	}
	return wrong
}

func duplicate(line int) string { return fmt.Sprintf("line %d has the same id", line) }

// moment gives a time as both databases keep it.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func isCurrency(s string) bool {
	return len(s) == 3 && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

// maxWhole is how many digits an amount may have before the point: what fits millionths in 64 bits.
const maxWhole = 12

// Decimal reads a plain decimal ("-1234.50") exactly and gives it without superfluous zeros; the empty
// text stays empty. It refuses exponents, separators of thousands, more than 12 digits before and more
// than six after the point.
func Decimal(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	notDigits := func(s string) bool { return strings.Trim(s, "0123456789") != "" }
	if whole == "" || point && fraction == "" || notDigits(whole) || notDigits(fraction) {
		return "", fmt.Errorf("%q is not a plain decimal", shorten(s))
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole) > maxWhole || len(fraction) > 6 {
		return "", fmt.Errorf("%q has too many digits", shorten(s))
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && whole != "0" {
		whole = "-" + whole
	}
	return whole, nil
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// fromMicros writes millionths as Decimal does.
func fromMicros(n int64) string {
	sign := ""
	u := uint64(n) //nolint:gosec // two's complement is meant, for the most negative number too
	if n < 0 {
		sign, u = "-", -u
	}
	out := sign + strconv.FormatUint(u/csvfile.MicrosPerUnit, 10)
	if fraction := u % csvfile.MicrosPerUnit; fraction != 0 {
		out += "." + strings.TrimRight(fmt.Sprintf("%06d", fraction), "0")
	}
	return out
}
