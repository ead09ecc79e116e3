package programme

import (
	"errors"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

func setSecond(tx *db.Tx, attemptID string) error {
	return tx.Gorm().Model(&Attempt{}).Where("id = ?", attemptID).Update("second", true).Error
}

// attemptOn finds the attempt that a video was submitted as.
func attemptOn(g *gorm.DB, videoID string) (Attempt, bool, error) {
	var a Attempt
	err := g.Where("video_id = ?", videoID).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return a, false, nil
	}
	return a, err == nil, err
}
