package people

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

type followRow struct {
	PersonID   string
	FollowedID string
	CreatedAt  time.Time
}

func (followRow) TableName() string { return "follows" }

// Follow has the actor follow a colleague: whose new videos they want to see first. It gives no right to
// see any. Doing it twice changes nothing. Errors: NotFound for who is not there or has left, Invalid
// follow_self.
func (d *Directory) Follow(ctx context.Context, actor Actor, person string) error {
	return d.following(ctx, actor, person, func(tx *db.Tx, row personRow) error {
		if !row.Active {
			return fault.Missing("person")
		}
		return tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&followRow{actor.PersonID, row.ID, tx.Now}).Error
	})
}

// Unfollow ends that; doing it twice changes nothing.
func (d *Directory) Unfollow(ctx context.Context, actor Actor, person string) error {
	return d.following(ctx, actor, person, func(tx *db.Tx, row personRow) error {
		return tx.Gorm().Where("person_id = ? AND followed_id = ?", actor.PersonID, row.ID).Delete(&followRow{}).Error
	})
}

func (d *Directory) following(ctx context.Context, actor Actor, person string, change func(*db.Tx, personRow) error) error {
	if person == actor.PersonID {
		return fault.InvalidField("id", "follow_self", "You cannot follow yourself.")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		row, err := loadPerson(tx.Gorm(), person)
		if err != nil {
			return err
		}
		return change(tx, row)
	})
}

// ListFollowing gives the colleagues whom the actor follows, in the order they joined, a page at a time.
// After is the id of the last one of the page before. Who has left is not among them.
func (d *Directory) ListFollowing(ctx context.Context, actor Actor, after string, limit int) ([]Person, error) {
	if !storable(after) {
		return nil, nil
	}
	var rows []personRow
	err := d.db.Read(ctx).Where("active AND id > ? AND id IN (SELECT followed_id FROM follows WHERE person_id = ?)", after, actor.PersonID).
		Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(rows))
	for i, r := range rows {
		out[i] = d.redact(actor, r.person())
		out[i].Following = true
	}
	return out, nil
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
