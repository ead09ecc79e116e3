package programme

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// maxPractices is how many practices of an enrolment are shown, the newest.
const maxPractices = 50

// practices gives the actor's own takes for an enrolment: that of the attempt that waits, then those that were
// not submitted, newest first.
func (s *Service) practices(ctx context.Context, a people.Actor, p Part) ([]video.Video, error) {
	list, err := s.Videos.List(ctx, a, video.Filter{Mine: true, Kind: video.Practice, ForID: p.ID, Limit: maxPractices})
	at, waits := p.Waiting()
	if err != nil || !waits || at.VideoID == nil {
		return list, err
	}
	v, err := s.Videos.Get(ctx, a, *at.VideoID)
	if err != nil {
		return nil, err
	}
	return append([]video.Video{v}, list...), nil
}
