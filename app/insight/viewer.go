package insight

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Progress is what the actor has watched of a video.
type Progress struct {
	// Ranges are [from, to) in milliseconds, in order.
	Ranges [][2]int64
	// Share is the watched share, 0 to 1.
	Share     float64
	Views     int64
	Completed bool
	// ResumeMS is where to go on, in milliseconds; 0, the beginning, for what was completed.
	ResumeMS int64
}

// ProgressOf gives what the actor has watched of a video, to go on from there.
func (s *Service) ProgressOf(ctx context.Context, a people.Actor, id string) (Progress, error) {
	v, err := s.seen(ctx, a, id)
	if err != nil {
		return Progress{}, err
	}
	return s.progress(ctx, a, v)
}

func (s *Service) progress(ctx context.Context, a people.Actor, v video.Video) (Progress, error) {
	w, err := readWatched(ctx, s.db, a.PersonID, v.ID)
	if err != nil {
		return Progress{}, err
	}
	p := progressOf(w, v)
	if len(p.Ranges) == 0 || p.Completed {
		return p, nil
	}
	last, err := lastTo(ctx, s.db, a.PersonID, v.ID)
	p.ResumeMS = resume(w.set, last, v.DurationMS)
	return p, err
}

func progressOf(w watcher, v video.Video) Progress {
	p := Progress{Ranges: [][2]int64{}, Share: w.set.Share(v.DurationMS), Views: w.Views, Completed: w.CompletedAt != nil}
	for _, r := range w.set.Ranges() {
		p.Ranges = append(p.Ranges, [2]int64{r.From, r.To})
	}
	return p
}

// seen gives a video that the actor may see.
func (s *Service) seen(ctx context.Context, a people.Actor, id string) (video.Video, error) {
	if !plain(id) {
		return video.Video{}, fault.Missing("video")
	}
	return s.videos.Get(ctx, a, id)
}

// Viewer is somebody who watched.
type Viewer struct {
	PersonID string
	Name     string
	// Share is the watched share, 0 to 1.
	Share     float64
	Views     int64
	Completed bool
	LastAt    time.Time
}

// maxViewers is how many viewers are listed.
const maxViewers = 500

// ViewersOf tells an author who watched their video, the last one first, at most 500. Where the
// installation has switched names off it is Forbidden person_analytics_off.
func (s *Service) ViewersOf(ctx context.Context, a people.Actor, id string) ([]Viewer, error) {
	v, err := s.seen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if !video.Can(a, video.Audit, v) {
		return nil, fault.Denied("Only the author of a video sees who watched it.")
	}
	if !s.cfg.PersonAnalytics {
		return nil, fault.New(fault.Forbidden, "person_analytics_off", "Your company has switched off figures by name.")
	}
	rows, err := watchers(s.db.Read(ctx).Where("person_id <> ?", v.AuthorID), id, maxViewers)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, w := range rows {
		ids[i] = w.PersonID
	}
	names, err := s.dir.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Viewer, len(rows))
	for i, w := range rows {
		out[i] = Viewer{w.PersonID, names[w.PersonID], w.set.Share(v.DurationMS), w.Views, w.CompletedAt != nil, w.LastAt}
	}
	return out, nil
}

// HeatParts is into how many parts a video is divided for its heat.
const HeatParts = 50

// maxHeat bounds how many viewers a heat is made of: the latest ones.
const maxHeat = 10000

// Heat gives, for each of HeatParts equal parts of a video, the share of its viewers (those with a
// view) who watched at least half of it; nil under five viewers other than the author.
func (s *Service) Heat(ctx context.Context, a people.Actor, id string) ([]float64, error) {
	v, err := s.seen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	rows, err := watchers(s.db.Read(ctx).Where("person_id <> ? AND views > 0", v.AuthorID), id, maxHeat)
	if err != nil || len(rows) < measure.MinViewers {
		return nil, err
	}
	heat := make([]float64, HeatParts)
	for i := range heat {
		from, to := int64(i)*v.DurationMS/HeatParts, int64(i+1)*v.DurationMS/HeatParts
		n := 0
		for _, w := range rows {
			if to > from && w.set.Overlap(from, to)*2 >= to-from {
				n++
			}
		}
		heat[i] = float64(n) / float64(len(rows))
	}
	return heat, nil
}

// resume says where to go on in a video: where the last play ended, or, where that is the end of the
// video, at the first part that was not watched.
func resume(watched ranges.Set, lastTo, durationMS int64) int64 {
	if lastTo > 0 && lastTo < durationMS-resumeSlack {
		return lastTo
	}
	at := int64(0)
	for _, r := range watched.Ranges() {
		if r.From > at {
			break
		}
		at = r.To
	}
	if at >= durationMS-resumeSlack {
		return 0 // all of it was watched: from the beginning
	}
	return at
}
