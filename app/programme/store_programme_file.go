package programme

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/media"
)

// TableName implements gorm's Tabler.
func (AttachedFile) TableName() string { return "programme_files" }

// AfterFind puts the times into UTC.
func (f *AttachedFile) AfterFind(*gorm.DB) error {
	db.UTC(&f.CreatedAt, f.LooseSince)
	return nil
}

func filesOf(g *gorm.DB, programmeIDs ...string) ([]AttachedFile, error) {
	var out []AttachedFile
	return out, g.Where("programme_id IN ?", programmeIDs).Order("programme_id, created_at, id").Find(&out).Error
}

func insertFile(tx *db.Tx, f AttachedFile) error {
	err := tx.Gorm().Create(&f).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errFileTaken()
	}
	return err
}

// settleFiles writes which of a programme's files nothing attaches any more.
func settleFiles(tx *db.Tx, programmeID string) error {
	const attached = `EXISTS (SELECT 1 FROM programme_attachments a WHERE a.programme_id = programme_files.programme_id AND a.file_id = programme_files.id)`
	err := tx.Gorm().Exec(`UPDATE programme_files SET loose_since = NULL WHERE programme_id = ? AND loose_since IS NOT NULL AND `+attached, programmeID).Error
	if err != nil {
		return err
	}
	return tx.Gorm().Exec(`UPDATE programme_files SET loose_since = ? WHERE programme_id = ? AND loose_since IS NULL AND NOT `+attached, tx.Now, programmeID).Error
}

// withLooseFiles names programmes with files that nothing has attached since before a time.
func withLooseFiles(g *gorm.DB, before time.Time) ([]string, error) {
	var ids []string
	return ids, g.Model(&AttachedFile{}).Where("loose_since < ?", before).Distinct().Order("programme_id").Pluck("programme_id", &ids).Error
}

func deleteLooseFiles(tx *db.Tx, programmeID string, before time.Time) (int, error) {
	done := tx.Gorm().Where("programme_id = ? AND loose_since < ?", programmeID, before).Delete(&AttachedFile{})
	return int(done.RowsAffected), done.Error
}

// fileObjects gives where the bytes of all files are.
func fileObjects(g *gorm.DB) (map[media.Key]bool, error) {
	var ids []string
	if err := g.Model(&AttachedFile{}).Distinct().Pluck("object_id", &ids).Error; err != nil {
		return nil, err
	}
	out := make(map[media.Key]bool, len(ids))
	for _, id := range ids {
		out[AttachedFile{ObjectID: id}.Key()] = true
	}
	return out, nil
}

// filesAfter gives a page of all files, by id.
func filesAfter(g *gorm.DB, id string, limit int) ([]AttachedFile, error) {
	var out []AttachedFile
	return out, g.Where("id > ?", id).Order("id").Limit(limit).Find(&out).Error
}

// takesPartNow says whether a person takes part in a programme that is open, or was.
func takesPartNow(g *gorm.DB, programmeID, personID string) (bool, error) {
	var found []string
	err := g.Table("enrolments e").Joins("JOIN programmes p ON p.id = e.programme_id").
		Where("e.programme_id = ? AND e.person_id = ? AND e.left_at IS NULL AND p.state <> ?", programmeID, personID, string(Draft)).Limit(1).Pluck("e.id", &found).Error
	return len(found) > 0, err
}
