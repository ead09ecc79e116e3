package coach

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// Report is somebody of the actor's line, and how long ago the actor has said something to them.
type Report struct {
	PersonID, Name string
	// Direct says that nobody manages between the two.
	Direct bool
	// LastAt is when the actor last said something to them; zero for never.
	LastAt time.Time
	// OpenPromises stand between the two.
	OpenPromises int
	// ThisMonth counts the actor's interactions with them in this month (UTC).
	ThisMonth int
}

// Reports gives the active people of the actor's line: those whom the actor manages directly first, and of
// those the one first who has waited longest for a word; a page at a time. after is the id of the last one of
// the page before; Invalid cursor_unknown where that one is gone.
func (s *Service) Reports(ctx context.Context, a people.Actor, after string, limit int) ([]Report, error) {
	all, err := reports(s.DB.Read(ctx), a, monthOf(s.DB.Now()))
	if err != nil {
		return nil, err
	}
	if after != "" {
		for i, r := range all {
			if r.PersonID == after {
				return all[i+1 : min(len(all), i+1+limit)], nil
			}
		}
		return nil, errCursor()
	}
	return all[:min(len(all), limit)], nil
}

// monthOf gives when the month of a time begins, in UTC.
func monthOf(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}
