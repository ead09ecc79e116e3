package people

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// Follow has the actor follow a colleague: whose new videos they want to see first. It gives no right to
// see any. Doing it twice changes nothing. Errors: NotFound for who is not there or has left, Invalid
// follow_self.
func (d *Directory) Follow(ctx context.Context, actor Actor, person string) error {
	return d.following(ctx, actor, person, func(tx *db.Tx, row personRow) error {
		if !row.Active {
			return fault.Missing("person")
		}
		return insertFollow(tx, actor.PersonID, row.ID)
	})
}

// Unfollow ends that; doing it twice changes nothing.
func (d *Directory) Unfollow(ctx context.Context, actor Actor, person string) error {
	return d.following(ctx, actor, person, func(tx *db.Tx, row personRow) error {
		return deleteFollow(tx, actor.PersonID, row.ID)
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
	rows, err := followedBy(d.db.Read(ctx), actor.PersonID, after, limit)
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
