package video

import (
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

type grantRow struct {
	VideoID, PersonID, SubjectID string
	CreatedAt                    time.Time
}

func (grantRow) TableName() string { return "video_grants" }

func insertGrant(tx *db.Tx, video, person, subject string) error {
	return db.Fault(tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&grantRow{video, person, subject, tx.Now}).Error, "person")
}

func deleteGrants(tx *db.Tx, video, subject string) error {
	return tx.Gorm().Where("video_id = ? AND subject_id = ?", video, subject).Delete(&grantRow{}).Error
}

// grantedBy gives the videos on which a subject granted something, in the order in which they are held.
func grantedBy(tx *db.Tx, subject string) ([]string, error) {
	var ids []string
	return ids, tx.Gorm().Model(&grantRow{}).Where("subject_id = ?", subject).Distinct().Order("video_id").Pluck("video_id", &ids).Error
}

func deleteAllGrants(tx *db.Tx, video string) error {
	return tx.Gorm().Where("video_id = ?", video).Delete(&grantRow{}).Error
}

// withGrants adds the keys of those who may see a video beyond its audience.
func withGrants(tx *db.Tx, video string, keys []string) ([]string, error) {
	var persons []string
	if err := tx.Gorm().Model(&grantRow{}).Where("video_id = ?", video).Distinct().Pluck("person_id", &persons).Error; err != nil {
		return nil, err
	}
	for _, p := range persons {
		keys = append(keys, people.PersonKey(p))
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}
