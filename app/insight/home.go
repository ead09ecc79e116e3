package insight

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// Begun is when somebody has begun a video: they have watched beginMS of it, or one part in beginParts of
// a short one. Less is a glance, after which a video is still new.
const (
	beginMS    = 5000
	beginParts = 20
)

// resumeSlack is how near to the end, in milliseconds, there is nothing left to go on with.
const resumeSlack = 1000

// lately is how far back the first screen looks.
const lately = 90 * 24 * time.Hour

// Unfinished is a video that somebody has begun and not completed.
type Unfinished struct {
	VideoID string
	// ResumeMS is where to go on: where the last play ended, or the first part that was not watched where
	// that was the end of the video. In milliseconds.
	ResumeMS int64
	// Share is the watched share, 0 to 1.
	Share  float64
	LastAt time.Time
}

// Unfinished gives the videos of others that the actor has begun and not completed in the last 90 days, the
// last watched one first, as far as the actor may see them.
func (s *Service) Unfinished(ctx context.Context, a people.Actor, limit int) ([]Unfinished, error) {
	rows, err := unfinished(s.db.Read(ctx), a, s.db.Now().Add(-lately), limit)
	if err != nil {
		return nil, err
	}
	out := make([]Unfinished, len(rows))
	for i, r := range rows {
		out[i] = Unfinished{VideoID: r.VideoID, ResumeMS: resume(r.set, r.LastTo, r.DurationMS), Share: r.set.Share(r.DurationMS), LastAt: r.LastAt}
	}
	return out, nil
}

// Why says why a video is new to somebody.
type Why string

// The reasons, strongest first.
const (
	WhyFollowed Why = "followed" // its author is one whom they follow
	WhyTeam     Why = "team"     // its author is in a team of theirs, or one below a team they manage
	WhyEveryone Why = "everyone" // nobody in particular
)

// Fresh is a video that somebody has not begun.
type Fresh struct {
	VideoID string
	Why     Why
}

// New gives videos of others that the actor may see and has not begun, out of the newest thousand of the
// company's last 90 days: first those of people they follow and of their teams, newest first; where these
// are too few, those of others.
func (s *Service) New(ctx context.Context, a people.Actor, limit int) ([]Fresh, error) {
	since := s.db.Now().Add(-lately)
	g := s.db.Read(ctx)
	near, err := fresh(g, a, true, since, limit)
	if err != nil || len(near) >= limit {
		return near, err
	}
	// These are all that are near, so that what else is found is of others.
	all, err := fresh(g, a, false, since, limit)
	out := near
	for _, f := range all {
		if len(out) < limit && !slices.ContainsFunc(near, func(n Fresh) bool { return n.VideoID == f.VideoID }) {
			out = append(out, f)
		}
	}
	return out, err
}

// UnwatchedShares gives what the actor was sent in the last 90 days, also by a team, of which they have
// watched nothing since, newest first, as far as they may see the videos.
func (s *Service) UnwatchedShares(ctx context.Context, a people.Actor, limit int) ([]Share, error) {
	return unwatchedShares(s.db.Read(ctx), a, s.db.Now().Add(-lately), limit)
}

// Unready gives the ids of the actor's own takes that are not ready yet, or failed, newest first.
func (s *Service) Unready(ctx context.Context, a people.Actor, limit int) ([]string, error) {
	return unready(s.db.Read(ctx), a, limit)
}

// ToWatch gives the ids of videos that people in the teams the actor manages have published, out of the
// newest thousand of the company's last 90 days, on which the actor has written no note, newest first. It
// is empty for who manages nobody.
func (s *Service) ToWatch(ctx context.Context, a people.Actor, limit int) ([]string, error) {
	if len(a.Reach.ManagedTeams) == 0 {
		return nil, nil
	}
	return toWatch(s.db.Read(ctx), a, s.db.Now().Add(-lately), limit)
}
