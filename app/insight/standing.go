package insight

import (
	"context"
	"sync"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// minShown is from how many colleagues on a count is shown to everybody: below, it would point at one.
const minShown = 3

// Done counts what colleagues did with a video or moments of it: distinct ones, without the author and the
// author's line. A count is nil where it is too small to be shown to who asks.
type Done struct {
	Saw, Shared, Saved, Used *int
}

// Standing is what stands between somebody and a video.
type Standing struct {
	Progress Progress
	// Saves are the moments of it that they keep, in order.
	Saves []Save
	Done  Done
	// SeesViewers says whether they may see who watched it, by name.
	SeesViewers bool
}

// StandingOf gives what stands between the actor and a video that they were given.
func (s *Service) StandingOf(ctx context.Context, a people.Actor, v video.Video) (Standing, error) {
	if !video.Can(a, video.View, v) {
		return Standing{}, fault.Missing("video")
	}
	p, err := s.progress(ctx, a, v)
	if err != nil {
		return Standing{}, err
	}
	saves, err := s.SavesIn(ctx, a, []string{v.ID})
	if err != nil {
		return Standing{}, err
	}
	done, err := s.DoneWith(ctx, a, []video.Video{v})
	if err != nil {
		return Standing{}, err
	}
	return Standing{Progress: p, Saves: saves, Done: done[v.ID], SeesViewers: s.cfg.PersonAnalytics && video.Can(a, video.Audit, v)}, nil
}

// SavesIn gives the moments of some videos that the actor keeps, by video and time. It says nothing of the
// videos: whoever calls it was given them.
func (s *Service) SavesIn(ctx context.Context, a people.Actor, videoIDs []string) ([]Save, error) {
	if len(videoIDs) == 0 {
		return nil, nil
	}
	return savesIn(s.db.Read(ctx), a.PersonID, videoIDs)
}

// DoneWith counts what colleagues did with videos that the actor was given, by id; others are left out.
// Exact counts are for the author, the author's line, trainers and admins; to all others a count under 3
// is nil.
func (s *Service) DoneWith(ctx context.Context, a people.Actor, videos []video.Video) (map[string]Done, error) {
	out := make(map[string]Done, len(videos))
	if len(videos) == 0 {
		return out, nil
	}
	o, err := s.orgs.get(ctx, s)
	if err != nil {
		return nil, err
	}
	var ids []string
	var leftOut [][2]string
	exact := map[string]bool{}
	for _, v := range videos {
		if !video.Can(a, video.View, v) {
			continue
		}
		ids = append(ids, v.ID)
		exact[v.ID] = ScopeOf(a, ReadModeled) == Company
		for _, id := range append(o.line(v.AuthorID), v.AuthorID) {
			leftOut = append(leftOut, [2]string{v.ID, id})
			exact[v.ID] = exact[v.ID] || id == a.PersonID
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	counts, err := countDone(s.db.Read(ctx), ids, leftOut)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		shown := func(k kind) *int {
			if n := counts[id][k]; exact[id] || n >= minShown {
				return &n
			}
			return nil
		}
		out[id] = Done{Saw: shown(saw), Shared: shown(shared), Saved: shown(saved), Used: shown(used)}
	}
	return out, nil
}

// orgs keeps the tree of teams for as long as the directory does not change.
type orgs struct {
	mu    sync.Mutex
	epoch int64
	org   org
}

func (o *orgs) get(ctx context.Context, s *Service) (org, error) {
	// Read first: what is read after it can only be newer, and is then read again.
	epoch, err := directoryEpoch(s.db.Read(ctx))
	if err != nil {
		return org{}, err
	}
	o.mu.Lock()
	kept, known := o.org, o.epoch
	o.mu.Unlock()
	if known == epoch {
		return kept, nil
	}
	fresh, err := s.org(ctx)
	if err != nil {
		return org{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if epoch > o.epoch {
		o.org, o.epoch = fresh, epoch
	}
	return fresh, nil
}
