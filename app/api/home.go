package api

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/people"
)

// homeRows is how many rows each part of the first screen has at most.
const homeRows = 6

type continueDTO struct {
	Video        videoDTO `json:"video"`
	ResumeMS     int64    `json:"resume_ms" doc:"Where to go on."`
	WatchedShare float64  `json:"watched_share" doc:"0 to 1."`
}

type newDTO struct {
	Video videoDTO `json:"video"`
	Why   string   `json:"why" enum:"followed,team,everyone" doc:"One follows its author; its author is in a team of one's own; neither."`
}

type sharedDTO struct {
	ID      string    `json:"id" doc:"Of the share."`
	From    authorDTO `json:"from"`
	Message string    `json:"message,omitempty"`
	Video   videoDTO  `json:"video"`
	StartMS int64     `json:"start_ms"`
	EndMS   int64     `json:"end_ms"`
	At      time.Time `json:"at"`
}

type homeDTO struct {
	Continue   []continueDTO `json:"continue" doc:"Videos one has begun (5 s, or 5 % of a short one) and not completed, last watched first."`
	New        []newDTO      `json:"new" doc:"Published in the last 90 days and not begun: of people one follows and of one's teams, newest first, then of others."`
	Asked      []askDTO      `json:"asked" doc:"Open asks to oneself, newest first."`
	Shared     []sharedDTO   `json:"shared" doc:"What one was sent and has not watched since, newest first."`
	Processing []videoDTO    `json:"processing" doc:"One's own takes that are not ready, or failed, newest first."`
	ToWatch    []videoDTO    `json:"to_watch" doc:"Of people in the teams one manages, published in the last 90 days, without a note of one's own; newest first."`
}

// homeParts is what the parts of the first screen are made of.
type homeParts struct {
	begun            []insight.Unfinished
	fresh            []insight.Fresh
	asked            []ask.Ask
	shared           []insight.Share
	unready, toWatch []string
}

func (s *Server) homeRoutes() {
	route(s, op{method: "GET", path: "/api/v1/home", tag: "home", summary: "The first screen: what waits for one"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[homeDTO], error) {
			p, err := s.homeParts(ctx, a)
			if err != nil {
				return nil, err
			}
			d, err := s.homeOf(ctx, a, p)
			if err != nil {
				return nil, err
			}
			return answer(d), nil
		})
}

func (s *Server) homeParts(ctx context.Context, a people.Actor) (p homeParts, err error) {
	if p.begun, err = s.Insights.Unfinished(ctx, a, homeRows); err != nil {
		return p, err
	}
	if p.shared, err = s.Insights.UnwatchedShares(ctx, a, homeRows); err != nil {
		return p, err
	}
	// Some of the new ones may stand among the shared ones already.
	if p.fresh, err = s.Insights.New(ctx, a, homeRows+len(p.shared)); err != nil {
		return p, err
	}
	if p.asked, err = s.Asks.List(ctx, a, ask.Filter{Box: ask.Received, State: ask.Open, Limit: homeRows}); err != nil {
		return p, err
	}
	if p.unready, err = s.Insights.Unready(ctx, a, homeRows); err != nil {
		return p, err
	}
	p.toWatch, err = s.Insights.ToWatch(ctx, a, homeRows)
	return p, err
}

// homeOf reads all videos and all names at once. A video that has been hidden meanwhile is left out.
func (s *Server) homeOf(ctx context.Context, a people.Actor, p homeParts) (homeDTO, error) {
	d := homeDTO{Continue: []continueDTO{}, New: []newDTO{}, Asked: []askDTO{}, Shared: []sharedDTO{}, Processing: []videoDTO{}, ToWatch: []videoDTO{}}
	var ids, persons []string
	for _, u := range p.begun {
		ids = append(ids, u.VideoID)
	}
	for _, f := range p.fresh {
		ids = append(ids, f.VideoID)
	}
	for _, k := range p.asked {
		ids, persons = append(ids, known(k.VideoID, k.AnswerVideoID)...), append(persons, k.FromID, k.ToID)
	}
	for _, x := range p.shared {
		ids, persons = append(ids, x.VideoID), append(persons, x.PersonID)
	}
	ids = append(append(ids, p.unready...), p.toWatch...)
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return d, err
	}
	show := func(id string, add func(videoDTO)) {
		if v, ok := videos[id]; ok {
			add(*v)
		}
	}
	for _, u := range p.begun {
		show(u.VideoID, func(v videoDTO) { d.Continue = append(d.Continue, continueDTO{v, u.ResumeMS, u.Share}) })
	}
	shared := map[string]bool{}
	for _, x := range p.shared {
		shared[x.VideoID] = true
		show(x.VideoID, func(v videoDTO) {
			d.Shared = append(d.Shared, sharedDTO{x.ID, authorDTO{x.PersonID, names[x.PersonID]}, x.Message, v, x.StartMS, x.EndMS, x.CreatedAt})
		})
	}
	for _, f := range p.fresh {
		if shared[f.VideoID] || len(d.New) == homeRows {
			continue
		}
		show(f.VideoID, func(v videoDTO) { d.New = append(d.New, newDTO{v, string(f.Why)}) })
	}
	for _, k := range p.asked {
		d.Asked = append(d.Asked, askOf(a, k, videos, names))
	}
	for _, id := range p.unready {
		show(id, func(v videoDTO) { d.Processing = append(d.Processing, v) })
	}
	for _, id := range p.toWatch {
		show(id, func(v videoDTO) { d.ToWatch = append(d.ToWatch, v) })
	}
	return d, nil
}

// names gives the names of persons, each asked for once.
func (s *Server) names(ctx context.Context, persons []string) (map[string]string, error) {
	return s.People.Names(ctx, unique(persons))
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
