package csvfile

import "time"

// Status is what a deal has come to.
type Status string

// The states of a deal.
const (
	StatusOpen    Status = "open"
	StatusWon     Status = "won"
	StatusLost    Status = "lost"
	StatusDeleted Status = "deleted"
)

// MicrosPerUnit is how many micro-units make one unit of a currency.
const MicrosPerUnit = 1_000_000

// Deal is one row of an export.
type Deal struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int
	// ExternalID is the CRM's id, as it is compared: of a Salesforce id, the
	// first 15 characters (see SalesforceKey).
	ExternalID string
	Name       string
	// Owner is the owner as the file has it: a name, or else an e-mail address,
	// or else an id. Empty for a deal that nobody owns.
	Owner string
	// OwnerEmail is the owner's address in lower case, where the file has one.
	OwnerEmail string
	// AmountMicros is the amount in millionths of a unit of Currency, exact; nil
	// where the cell is empty. No currency has more than four decimals, and
	// int64 reaches nine trillion units.
	AmountMicros *int64
	// Currency is an ISO 4217 code, or empty where the file does not say.
	Currency string
	Stage    string
	// OpenedAt is when the deal was created in the CRM. A date without a time is
	// midnight at Options.Location.
	OpenedAt time.Time
	// ClosedAt is when the deal was won or lost; nil for open and deleted deals
	// (the close date that CRMs keep for open deals is a forecast, and is in
	// Extra) and where the file does not say.
	ClosedAt   *time.Time
	Status     Status
	Segment    string
	Competitor string
	Product    string
	// Extra is every other cell that is not empty, by its header.
	Extra map[string]string
}

// SalesforceKey returns the part of a Salesforce id that tells records apart:
// the first 15 characters, case-sensitive; the 18-character form only adds a
// checksum of their case. It returns false for what is no Salesforce id.
func SalesforceKey(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return "", false
		}
	}
	return id[:15], true
}
