package video

import (
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// SetAudienceTx changes who may see a video and what it counts as, in another domain's transaction and whoever
// asks: who may is decided there. It holds for a deleted video, too, which its author may bring back. Errors:
// NotFound, and for the audience as Change.
func (s *Service) SetAudienceTx(tx *db.Tx, videoID, kind string, audience people.Audience, teamIDs []string) (Video, error) {
	v, err := loadForUpdate(tx, videoID)
	if err != nil {
		return Video{}, err
	}
	v.Kind = kind
	if err := s.applyAudience(tx, &v, Change{Audience: &audience, TeamIDs: &teamIDs}); err != nil {
		return Video{}, err
	}
	tx.AfterCommit(s.OnChanged)
	return v, save(tx, &v)
}
