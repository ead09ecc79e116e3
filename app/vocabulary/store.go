package vocabulary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

type termRow struct {
	ID          string
	Kind        string
	Key         string
	Label       string
	Description string
	Keywords    string
	RetiredAt   *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

func (termRow) TableName() string { return "vocabulary" }

func (r termRow) term() (Term, error) {
	t := Term{ID: r.ID, Kind: Kind(r.Kind), Key: r.Key, Label: r.Label, Description: r.Description, RetiredAt: r.RetiredAt, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	if err := json.Unmarshal([]byte(r.Keywords), &t.Keywords); err != nil {
		return t, fmt.Errorf("keywords of term %s: %w", r.ID, err)
	}
	return t, nil
}

func rowOf(t Term) (termRow, error) {
	if t.Keywords == nil {
		t.Keywords = []string{}
	}
	kw, err := json.Marshal(t.Keywords)
	return termRow{ID: t.ID, Kind: string(t.Kind), Key: t.Key, Label: t.Label, Description: t.Description, Keywords: string(kw), RetiredAt: t.RetiredAt, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}, err
}

func insertTerm(tx *db.Tx, t Term) error {
	row, err := rowOf(t)
	if err != nil {
		return err
	}
	err = tx.Gorm().Create(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.New(fault.Conflict, "term_exists", "There is a term with this name already, perhaps a retired one.").At("label")
	}
	return err
}

func saveTerm(tx *db.Tx, t Term) error {
	row, err := rowOf(t)
	if err != nil {
		return err
	}
	return tx.Gorm().Select("*").Updates(&row).Error
}

func loadTerm(g *gorm.DB, id string) (Term, error) {
	var r termRow
	if err := g.Where("id = ?", id).Take(&r).Error; err != nil {
		return Term{}, db.Fault(err, "term")
	}
	return r.term()
}

// loadTerms gives the terms of a kind ("" for all), by kind and label.
func loadTerms(g *gorm.DB, kind Kind) ([]Term, error) {
	if kind != "" {
		g = g.Where("kind = ?", string(kind))
	}
	var rows []termRow
	if err := g.Order("kind, label, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Term, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.term(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func anyTerm(tx *db.Tx) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&termRow{}).Limit(1).Count(&n).Error
	return n > 0, err
}

// Entry is one line of the glossary: what the speech engine hears, and how it is written.
type Entry struct {
	ID        string
	Heard     string
	HeardKey  string
	Written   string
	CreatedAt time.Time
}

// TableName names the table for GORM.
func (Entry) TableName() string { return "glossary" }

func loadGlossary(ctx context.Context, d *db.DB) ([]Entry, error) {
	var out []Entry
	err := d.Read(ctx).Order("heard_key").Find(&out).Error
	return out, err
}

func replaceGlossary(tx *db.Tx, entries []Entry) error {
	if err := tx.Gorm().Where("1 = 1").Delete(&Entry{}).Error; err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	return tx.Gorm().CreateInBatches(entries, 200).Error
}
