package video

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// TimedNote is what somebody wrote at a second of a video.
type TimedNote struct {
	ID, VideoID, AuthorID string
	AtMS                  int64 `gorm:"column:at_ms"`
	// ReplyTo is the note that begins the thread; nil for that note itself.
	ReplyTo              *string
	Body                 string
	CreatedAt, UpdatedAt time.Time
	// DeletedAt is set on a note that was deleted and is kept, without its words, for its replies.
	DeletedAt *time.Time `gorm:"column:deleted_at"`
}

// TableName names the table for GORM.
func (TimedNote) TableName() string { return "notes" }

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (n *TimedNote) AfterFind(*gorm.DB) error {
	n.CreatedAt, n.UpdatedAt, n.DeletedAt = n.CreatedAt.UTC(), n.UpdatedAt.UTC(), utc(n.DeletedAt)
	return nil
}

// loadNote gives a note that has not been deleted.
func loadNote(g *gorm.DB, video, id string) (TimedNote, error) {
	var n TimedNote
	err := g.Where("id = ? AND video_id = ? AND deleted_at IS NULL", id, video).Take(&n).Error
	return n, db.Fault(err, "note")
}

// holdThread gives the note that begins the thread a note is in, deleted or not, and holds it: replies and
// deletions in one thread come one after the other.
func holdThread(tx *db.Tx, video, id string) (TimedNote, error) {
	g := tx.Gorm().Session(&gorm.Session{})
	var n TimedNote
	if err := g.Where("id = ? AND video_id = ?", id, video).Take(&n).Error; err != nil {
		return n, db.Fault(err, "note")
	}
	if n.ReplyTo != nil {
		id = *n.ReplyTo
	}
	if tx.Kind() == db.Postgres {
		g = g.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var begin TimedNote
	err := g.Where("id = ?", id).Take(&begin).Error
	return begin, db.Fault(err, "note")
}

// insertNote writes a new note; false says that there is one with this id already.
func insertNote(tx *db.Tx, n TimedNote) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&n)
	return res.RowsAffected > 0, db.Fault(res.Error, "note")
}

func saveNote(tx *db.Tx, n TimedNote) error { return tx.Gorm().Select("*").Updates(&n).Error }

func removeNote(tx *db.Tx, n TimedNote) error { return tx.Gorm().Delete(&n).Error }

func countReplies(tx *db.Tx, id string) (n int64, err error) {
	err = tx.Gorm().Model(&TimedNote{}).Where("reply_to = ?", id).Count(&n).Error
	return n, err
}

// removeIfEmpty removes the deleted note that begins a thread once nothing is left of the thread.
func removeIfEmpty(tx *db.Tx, id string) error {
	return tx.Gorm().Exec(`DELETE FROM notes WHERE id = ? AND deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notes r WHERE r.reply_to = ?)`, id, id).Error
}

// threadWriters gives those who wrote in a thread and whose words still stand there.
func threadWriters(tx *db.Tx, begin string, limit int) ([]string, error) {
	var ids []string
	err := tx.Gorm().Raw(`SELECT DISTINCT author_id FROM notes WHERE (id = ? OR reply_to = ?) AND deleted_at IS NULL ORDER BY author_id LIMIT ?`, begin, begin, limit).Scan(&ids).Error
	return ids, err
}

func listNotes(g *gorm.DB, video string, after *noteCursor, limit int) ([]TimedNote, error) {
	g = g.Where("video_id = ?", video)
	if after != nil {
		g = g.Where("(at_ms, created_at, id) > (?, ?, ?)", after.atMS, after.createdAt, after.id)
	}
	var out []TimedNote
	return out, g.Order("at_ms, created_at, id").Limit(limit).Find(&out).Error
}
