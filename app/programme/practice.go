package programme

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// maxPractices is how many practices of an enrolment are shown, the newest.
const maxPractices = 50

// practices gives the actor's own takes for an enrolment that were not submitted, newest first.
func (s *Service) practices(ctx context.Context, a people.Actor, enrolmentID string) ([]video.Video, error) {
	return s.Videos.List(ctx, a, video.Filter{Mine: true, Kind: video.Practice, ForID: enrolmentID, Limit: maxPractices})
}
