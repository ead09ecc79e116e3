package programme

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/video"
)

// MayDelete refuses the deletion of a video that waits for a review as an attempt: Conflict attempt_waits. It
// is the hook of the same name of package video.
func (s *Service) MayDelete(_ context.Context, tx *db.Tx, v video.Video) error {
	a, is, err := attemptOn(tx.Gorm(), v.ID)
	if err != nil || !is || a.State != Waiting {
		return err
	}
	return fault.New(fault.Conflict, "attempt_waits", "This video waits for its review. You can delete it once you have the result.")
}
