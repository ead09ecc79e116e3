package outcome

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// dealRow is a deal as kept: what else the CRM says is one JSON object.
type dealRow struct {
	ID         string
	ExternalID string
	Name       string
	OwnerID    *string
	OwnerRef   string
	Amount     string
	Currency   string
	Stage      string
	Status     string
	Segment    string
	Competitor string
	Product    string
	Extra      string
	OpenedAt   time.Time
	ClosedAt   *time.Time
	ImportID   *string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (dealRow) TableName() string { return "deals" }

func rowOf(d Deal) dealRow {
	return dealRow{ID: d.ID, ExternalID: d.ExternalID, Name: d.Name, OwnerID: d.OwnerID, OwnerRef: d.OwnerRef, Amount: d.Amount, Currency: d.Currency,
		Stage: d.Stage, Status: string(d.Status), Segment: d.Segment, Competitor: d.Competitor, Product: d.Product, Extra: encodeExtra(d.Extra),
		OpenedAt: d.OpenedAt, ClosedAt: d.ClosedAt, ImportID: d.ImportID, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
}

func (r dealRow) deal() (Deal, error) {
	extra, err := decodeExtra(r.Extra)
	if err != nil {
		return Deal{}, fmt.Errorf("deal %s: %w", r.ID, err)
	}
	d := Deal{ID: r.ID, ExternalID: r.ExternalID, Name: r.Name, OwnerID: r.OwnerID, OwnerRef: r.OwnerRef, Amount: r.Amount, Currency: r.Currency,
		Stage: r.Stage, Status: Status(r.Status), Segment: r.Segment, Competitor: r.Competitor, Product: r.Product, Extra: extra,
		OpenedAt: r.OpenedAt.UTC(), ImportID: r.ImportID, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}
	if r.ClosedAt != nil {
		at := r.ClosedAt.UTC()
		d.ClosedAt = &at
	}
	return d, nil
}

// encodeExtra writes further columns in the order of their names, so that equal ones are equal texts.
func encodeExtra(extra map[string]string) string {
	if len(extra) == 0 {
		return "{}"
	}
	b, err := json.Marshal(extra)
	if err != nil {
		panic(err) // a map of strings can always be written
	}
	return string(b)
}

func decodeExtra(s string) (map[string]string, error) {
	if s == "" || s == "{}" {
		return nil, nil
	}
	var extra map[string]string
	if err := json.Unmarshal([]byte(s), &extra); err != nil {
		return nil, fmt.Errorf("read the further columns: %w", err)
	}
	return extra, nil
}

// same says whether two deals are equal in all that the CRM says.
func same(a, b Deal) bool {
	x, y := rowOf(a), rowOf(b)
	return sameRow(&x, &y)
}

func sameRow(a, b *dealRow) bool {
	return a.ExternalID == b.ExternalID && a.Name == b.Name && equal(a.OwnerID, b.OwnerID) && a.OwnerRef == b.OwnerRef && a.Amount == b.Amount &&
		a.Currency == b.Currency && a.Stage == b.Stage && a.Status == b.Status && a.Segment == b.Segment && a.Competitor == b.Competitor &&
		a.Product == b.Product && a.Extra == b.Extra && a.OpenedAt.Equal(b.OpenedAt) &&
		(a.ClosedAt == nil) == (b.ClosedAt == nil) && (a.ClosedAt == nil || a.ClosedAt.Equal(*b.ClosedAt))
}

func equal(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// dealsLock is the advisory lock of PostgreSQL behind lockDeals; any constant of our own.
const dealsLock = 7205759403792002

// lockDeals keeps imports apart from each other and from single writes, which may go on side by side:
// an import decides by what it has read. It comes after the lock on the directory that OwnersTx takes,
// everywhere, so that the two cannot wait for each other. SQLite has one writer anyway.
func lockDeals(tx *db.Tx, alone bool) error {
	if tx.Kind() == db.SQLite {
		return nil
	}
	lock := `SELECT pg_advisory_xact_lock_shared(?)`
	if alone {
		lock = `SELECT pg_advisory_xact_lock(?)`
	}
	return tx.Gorm().Exec(lock, dealsLock).Error
}

// insertDeal makes a deal and says whether there was none of its external id.
func insertDeal(tx *db.Tx, d Deal) (bool, error) {
	row := rowOf(d)
	res := tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "external_id"}}, DoNothing: true}).Create(&row)
	return res.RowsAffected == 1, res.Error
}

// lockDeal reads a deal that this transaction is going to replace.
func lockDeal(tx *db.Tx, externalID string) (Deal, error) {
	q := tx.Gorm()
	if tx.Kind() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var row dealRow
	if err := q.Where("external_id = ?", externalID).Take(&row).Error; err != nil {
		return Deal{}, db.Fault(err, "deal")
	}
	return row.deal()
}

func saveDeal(tx *db.Tx, d Deal) error {
	row := rowOf(d)
	return tx.Gorm().Select("*").Updates(&row).Error
}

func findDeal(g *gorm.DB, actor people.Actor, id string) (Deal, error) {
	if !storable(id) {
		return Deal{}, fault.Missing("deal")
	}
	condition, args := visible(actor)
	var row dealRow
	if err := g.Where("deals.id = ?", id).Where(condition, args...).Take(&row).Error; err != nil {
		return Deal{}, db.Fault(err, "deal")
	}
	return row.deal()
}

func listDeals(g *gorm.DB, actor people.Actor, f Filter) ([]Deal, error) {
	if !storable(f.Owner + string(f.Status) + f.Query + f.After) {
		return nil, nil // no column holds such characters
	}
	condition, args := visible(actor)
	q := g.Where(condition, args...).Order("deals.id DESC").Limit(f.Limit)
	if f.Owner != "" {
		q = q.Where("deals.owner_id = ?", f.Owner)
	}
	if f.Status != "" {
		q = q.Where("deals.status = ?", string(f.Status))
	} else {
		q = q.Where("deals.status <> ?", string(Deleted))
	}
	if f.After != "" {
		q = q.Where("deals.id < ?", f.After)
	}
	if query := strings.TrimSpace(f.Query); query != "" {
		either := g.Session(&gorm.Session{NewDB: true}).Where("deals.external_id = ?", Key(query))
		for _, form := range cases(query) {
			like := db.LikePrefix(form)
			either = either.Or(`LOWER(deals.name) LIKE ? ESCAPE '\'`, like).Or(`LOWER(deals.name) LIKE ? ESCAPE '\'`, "% "+like)
		}
		q = q.Where(either)
	}
	var rows []dealRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Deal, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.deal(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cases gives the forms of a query that LOWER of the engines can give: it may know ASCII letters only,
// and then leaves a first letter beyond those as it is.
func cases(query string) []string {
	query = strings.ToLower(query)
	first, size := utf8.DecodeRuneInString(query)
	if first < utf8.RuneSelf {
		return []string{query}
	}
	return []string{query, string(unicode.ToTitle(first)) + query[size:]}
}

// storable says whether a text from outside can be in a column at all; PostgreSQL refuses the rest.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func adoptDeals(tx *db.Tx, personID, emailKey string) error {
	return tx.Gorm().Model(&dealRow{}).Where("owner_id IS NULL AND owner_ref = ?", emailKey).
		Updates(map[string]any{"owner_id": personID, "updated_at": tx.Now}).Error
}

// loadDeals reads the deals of these external ids.
func loadDeals(g *gorm.DB, externalIDs []string) (map[string]*dealRow, error) {
	var rows []dealRow
	if err := g.Where("external_id IN ?", externalIDs).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]*dealRow, len(rows))
	for i := range rows {
		out[rows[i].ExternalID] = &rows[i]
	}
	return out, nil
}

// importedColumns are what an import may change of a deal that exists.
func importedColumns() clause.Set {
	return clause.AssignmentColumns([]string{"name", "owner_id", "owner_ref", "amount", "currency", "stage", "status", "segment", "competitor", "product",
		"extra", "opened_at", "closed_at", "import_id", "updated_at"})
}

// writeDeals makes or changes deals, all in one statement.
func writeDeals(tx *db.Tx, rows []dealRow) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "external_id"}}, DoUpdates: importedColumns()}).Create(&rows).Error
}

// importRow is the record of an import.
type importRow struct {
	ID        string
	PersonID  *string
	Filename  string
	Preset    string
	RowsRead  int64
	Created   int64
	Updated   int64
	Unchanged int64
	Failed    int64
	CreatedAt time.Time
}

func (importRow) TableName() string { return "deal_imports" }

func insertImport(tx *db.Tx, r importRow) error { return tx.Gorm().Create(&r).Error }

func saveImport(tx *db.Tx, r importRow) error { return tx.Gorm().Select("*").Updates(&r).Error }
