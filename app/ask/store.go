package ask

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (k *Ask) AfterFind(*gorm.DB) error {
	db.UTC(&k.CreatedAt, k.SettledAt)
	return nil
}

// loadForUpdate is db.Take, holding the row against other writers until the transaction ends (SQLite has one
// writer anyway).
func loadForUpdate(tx *db.Tx, id string) (Ask, error) {
	if tx.Kind() == db.Postgres && db.Plain(id) {
		if err := tx.Gorm().Exec(`SELECT 1 FROM asks WHERE id = ? FOR UPDATE`, id).Error; err != nil {
			return Ask{}, err
		}
	}
	return db.Take[Ask](tx.Gorm(), "ask", id)
}

// made finds the ask that the same person has made before under this id; somebody else's is a conflict
// that says nothing of it.
func made(tx *db.Tx, k Ask) (Ask, bool, error) {
	var had Ask
	err := tx.Gorm().Where("id = ?", k.ID).Take(&had).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return Ask{}, false, nil
	case err != nil:
		return Ask{}, false, err
	case had.FromID != k.FromID:
		return Ask{}, false, db.IDTaken()
	}
	return had, true, nil
}

func insert(tx *db.Tx, k *Ask) error {
	err := tx.Gorm().Create(k).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return db.IDTaken()
	}
	return db.Fault(err, "video")
}

func save(tx *db.Tx, k Ask) error {
	return tx.Gorm().Model(&Ask{}).Where("id = ?", k.ID).Select("State", "AnswerVideoID", "SettledAt").Updates(&k).Error
}

// askedSince gives when a person was asked since a time, oldest first. What others have withdrawn does not
// count, what the same asker has does: else somebody could be told of asks without end.
func askedSince(tx *db.Tx, k Ask, since time.Time) ([]time.Time, error) {
	var rows []Ask
	err := tx.Gorm().Select("created_at").Where("to_id = ? AND created_at > ? AND (state <> ? OR from_id = ?)", k.ToID, since, string(Withdrawn), k.FromID).
		Order("created_at").Find(&rows).Error
	times := make([]time.Time, len(rows))
	for i, r := range rows {
		times[i] = r.CreatedAt
	}
	return times, err
}

// boxed narrows a query on asks to a box of the actor's: the twin of Can(a, Read, k).
func boxed(g *gorm.DB, a people.Actor, box Box) *gorm.DB {
	if box == Sent {
		return g.Where("from_id = ?", a.PersonID)
	}
	return g.Where("to_id = ? AND state <> ?", a.PersonID, string(Withdrawn))
}

func list(g *gorm.DB, a people.Actor, f Filter) ([]Ask, error) {
	q := boxed(g, a, f.Box)
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if f.Before != "" {
		last, err := db.Take[Ask](g, "ask", f.Before)
		if err == nil {
			err = allow(a, Read, last)
		}
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
		}
		if err != nil {
			return nil, err
		}
		q = q.Where("(created_at, id) < (?, ?)", last.CreatedAt, last.ID)
	}
	var out []Ask
	return out, q.Order("created_at DESC, id DESC").Limit(f.Limit).Find(&out).Error
}
