package review

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/media"
)

// AfterFind puts the time into UTC.
func (v *Voice) AfterFind(*gorm.DB) error {
	db.UTC(&v.CreatedAt)
	return nil
}

func voicesOf(g *gorm.DB, review string) ([]Voice, error) {
	var out []Voice
	return out, g.Where("review_id = ?", review).Order("note_id").Find(&out).Error
}

// putVoice writes the row of a recording, in place of one of the same note.
func putVoice(tx *db.Tx, v Voice) error {
	return tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "review_id"}, {Name: "note_id"}}, UpdateAll: true}).Create(&v).Error
}

func allVoices(g *gorm.DB) ([]Voice, error) {
	var out []Voice
	return out, g.Order("review_id, note_id").Find(&out).Error
}

func voiceKeys(g *gorm.DB) (map[media.Key]bool, error) {
	out := map[media.Key]bool{}
	all, err := allVoices(g)
	for _, v := range all {
		out[v.Key()] = true
	}
	return out, err
}
