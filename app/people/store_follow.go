package people

import (
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

type followRow struct {
	PersonID   string
	FollowedID string
	CreatedAt  time.Time
}

func (followRow) TableName() string { return "follows" }

// insertFollow writes that a person follows another; a second time it changes nothing.
func insertFollow(tx *db.Tx, person, followed string) error {
	return tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&followRow{person, followed, tx.Now}).Error
}

func deleteFollow(tx *db.Tx, person, followed string) error {
	return tx.Gorm().Where("person_id = ? AND followed_id = ?", person, followed).Delete(&followRow{}).Error
}

// followedBy gives the active persons whom a person follows, after an id in order.
func followedBy(g *gorm.DB, person, after string, limit int) ([]personRow, error) {
	var rows []personRow
	err := g.Where("active AND id > ? AND id IN (SELECT followed_id FROM follows WHERE person_id = ?)", after, person).Order("id").Limit(limit).Find(&rows).Error
	return rows, err
}

// markFollowed says of persons whether the actor follows them.
func markFollowed(g *gorm.DB, actor Actor, persons []Person) error {
	if actor.PersonID == "" || len(persons) == 0 {
		return nil
	}
	followed := map[string]bool{}
	for chunk := range slices.Chunk(persons, 500) {
		ids := make([]string, len(chunk))
		for i, p := range chunk {
			ids[i] = p.ID
		}
		var some []string
		if err := g.Model(&followRow{}).Where("person_id = ? AND followed_id IN ?", actor.PersonID, ids).Pluck("followed_id", &some).Error; err != nil {
			return err
		}
		for _, id := range some {
			followed[id] = true
		}
	}
	for i := range persons {
		persons[i].Following = followed[persons[i].ID]
	}
	return nil
}
