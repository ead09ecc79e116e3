package people

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// Guess limits how often one network address may come with a secret that is none, as with links: look finds
// what the secret stands for, and NotFound from it counts as a guess. Too many from an address answer TooMany
// whatever they come with. purpose keeps the counts of different secrets apart.
func (d *Directory) Guess(ctx context.Context, purpose, address string, look func(tx *db.Tx) error) error {
	tries := []tryLimit{{purpose + ":" + address, triesPerAddress}}
	if err := d.reserveTry(ctx, tries); err != nil {
		return err
	}
	// A guess stays counted: what refuses it must not take the count back.
	var refused error
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		refused = look(tx)
		switch {
		case fault.Is(refused, fault.NotFound):
			return nil
		case refused != nil:
			return refused
		}
		return giveBackTry(tx, tries)
	})
	if err != nil {
		return err
	}
	return refused
}
