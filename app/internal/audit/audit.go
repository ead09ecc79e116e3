// Package audit keeps the trail of what was decided about people: who, what, when, to what. An entry is
// written in the transaction of the act, is never changed, and carries a hash over itself and the entry
// before it, so that a later edit, deletion or exchange shows (Verify).
//
// An entry holds ids and figures, never what people wrote: what must be erased later stands elsewhere.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// Entry is one act.
type Entry struct {
	Seq int64 `gorm:"primaryKey;autoIncrement:false"`
	At  time.Time
	// ActorID is whose act it was; nil for the server's own.
	ActorID *string
	// Action names the act, such as review.sent.
	Action string
	// SubjectID is what it was done to.
	SubjectID string
	// Detail is a JSON object of ids and figures.
	Detail         string
	PrevHash, Hash string
}

// TableName implements gorm's Tabler.
func (Entry) TableName() string { return "audit_entries" }

type head struct {
	ID   int64 `gorm:"primaryKey"`
	Seq  int64
	Hash string
}

func (head) TableName() string { return "audit_heads" }

// sealed works out the hash of an entry over all that it says and the hash before it. Every part is
// preceded by its length, so that nothing can move from one into another.
func (e Entry) sealed() string {
	actor := ""
	if e.ActorID != nil {
		actor = *e.ActorID
	}
	h := sha256.New()
	for _, part := range []string{e.PrevHash, fmt.Sprint(e.Seq), e.At.UTC().Format(time.RFC3339Nano), actor, e.Action, e.SubjectID, e.Detail} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Write adds an entry in the transaction of its act. actorID is empty for the server's own acts; detail
// becomes a JSON object. Writers queue: the end of the trail is held until the transaction ends, so an
// act writes its entries last.
func Write(tx *db.Tx, actorID, action, subjectID string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	text, err := json.Marshal(detail) // keys are sorted
	if err != nil {
		return fmt.Errorf("detail of %s: %w", action, err)
	}
	// The update holds the row on both engines before it is read.
	if err := tx.Gorm().Exec(`UPDATE audit_heads SET seq = seq + 1 WHERE id = 1`).Error; err != nil {
		return err
	}
	var end head
	if err := tx.Gorm().Take(&end, 1).Error; err != nil {
		return err
	}
	e := Entry{Seq: end.Seq, At: tx.Now, Action: action, SubjectID: subjectID, Detail: string(text), PrevHash: end.Hash}
	if actorID != "" {
		e.ActorID = &actorID
	}
	e.Hash = e.sealed()
	if err := tx.Gorm().Create(&e).Error; err != nil {
		return err
	}
	return tx.Gorm().Model(&head{}).Where("id = 1").Update("hash", e.Hash).Error
}

// Verify reads the whole trail and gives how many entries it has, or an error that names the first that is
// not what was written: changed, removed, exchanged, or cut off at the end.
func Verify(ctx context.Context, d *db.DB) (int64, error) {
	const some = 1000
	var seq int64
	hash := ""
	for {
		var entries []Entry
		if err := d.Read(ctx).Where("seq > ?", seq).Order("seq").Limit(some).Find(&entries).Error; err != nil {
			return seq, err
		}
		for _, e := range entries {
			if e.Seq != seq+1 || e.PrevHash != hash || e.Hash != e.sealed() {
				return seq, fmt.Errorf("the audit trail is broken after entry %d", seq)
			}
			seq, hash = e.Seq, e.Hash
		}
		if len(entries) < some {
			break
		}
	}
	var end head
	if err := d.Read(ctx).Take(&end, 1).Error; err != nil {
		return seq, err
	}
	if end.Seq != seq || end.Hash != hash {
		return seq, fmt.Errorf("the audit trail ends at entry %d, and %d were written", seq, end.Seq)
	}
	return seq, nil
}
