package notice

import (
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// batch is how many rows or values go into one statement.
const batch = 200

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (n *Notice) AfterFind(*gorm.DB) error {
	n.CreatedAt = n.CreatedAt.UTC()
	if n.ReadAt != nil {
		at := n.ReadAt.UTC()
		n.ReadAt = &at
	}
	return nil
}

func insert(tx *db.Tx, rows []Notice) error {
	return db.Fault(tx.Gorm().CreateInBatches(rows, batch).Error, "video")
}

func reword(tx *db.Tx, noteID, body string) error {
	return tx.Gorm().Model(&Notice{}).Where("note_id = ?", noteID).Update("body", body).Error
}

// remove deletes notices and says whose they were.
func remove(tx *db.Tx, condition, value string) (persons []string, err error) {
	if err := tx.Gorm().Model(&Notice{}).Where(condition, value).Distinct().Order("person_id").Pluck("person_id", &persons).Error; err != nil || len(persons) == 0 {
		return nil, err
	}
	return persons, tx.Gorm().Where(condition, value).Delete(&Notice{}).Error
}

type changeRow struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement"`
	PersonID  string
	CreatedAt time.Time
}

func (changeRow) TableName() string { return "notice_changes" }

func noteChanges(tx *db.Tx, persons []string) error {
	rows := make([]changeRow, len(persons))
	for i, p := range persons {
		rows[i] = changeRow{PersonID: p, CreatedAt: tx.Now}
	}
	return tx.Gorm().CreateInBatches(rows, batch).Error
}

// own narrows a query to the actor's notices about what they may see now: the twin of video.Can.
func own(g *gorm.DB, a people.Actor) *gorm.DB {
	return g.Where("person_id = ?", a.PersonID).Where(`(video_id IS NULL OR EXISTS (SELECT 1 FROM videos v JOIN video_audience k ON k.video_id = v.id
		WHERE v.id = notices.video_id AND v.deleted_at IS NULL AND k.key IN ?))`, append([]string{""}, a.Reach.Keys...))
}

func list(g *gorm.DB, a people.Actor, f Filter) ([]Notice, error) {
	q := own(g, a)
	if f.Unread {
		q = q.Where("read_at IS NULL")
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	var out []Notice
	return out, q.Order("id DESC").Limit(f.Limit).Find(&out).Error
}

func unread(g *gorm.DB, a people.Actor) (int, error) {
	var n int64
	err := own(g.Model(&Notice{}), a).Where("read_at IS NULL").Count(&n).Error
	return int(n), err
}

// markRead says how many of the person's notices were unread.
func markRead(tx *db.Tx, person string, ids []string, all bool) (int64, error) {
	q := tx.Gorm().Model(&Notice{}).Where("person_id = ? AND read_at IS NULL", person)
	if !all {
		q = q.Where("id IN ?", ids)
	}
	res := q.Update("read_at", tx.Now)
	return res.RowsAffected, res.Error
}

func trim(tx *db.Tx, before, changesBefore time.Time) error {
	if err := tx.Gorm().Where("created_at < ?", before).Delete(&Notice{}).Error; err != nil {
		return err
	}
	// The newest is kept: where the feed ends must not go back.
	return tx.Gorm().Exec(`DELETE FROM notice_changes WHERE created_at < ? AND seq < (SELECT MAX(seq) FROM notice_changes)`, changesBefore).Error
}
