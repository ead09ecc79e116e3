package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/media"
)

// VerifyVoices says in words which spoken notes have not the bytes that were made of them, and how many spoken
// notes there are. It changes nothing.
func VerifyVoices(ctx context.Context, d *db.DB, store media.Store) (wrong []string, n int, err error) {
	all, err := allVoices(d.Read(ctx))
	if err != nil {
		return nil, 0, err
	}
	for _, v := range all {
		switch info, err := store.Stat(ctx, v.Key()); {
		case errors.Is(err, media.ErrNotFound):
			wrong = append(wrong, fmt.Sprintf("spoken note %s of review %s: its bytes are missing", v.NoteID, v.ReviewID))
		case err != nil:
			return wrong, len(all), err
		case info.Size != v.Size:
			wrong = append(wrong, fmt.Sprintf("spoken note %s of review %s: its bytes have changed", v.NoteID, v.ReviewID))
		}
	}
	return wrong, len(all), nil
}
