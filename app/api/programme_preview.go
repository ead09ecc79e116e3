package api

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

type unseenDTO struct {
	VideoID string      `json:"video_id"`
	Hidden  bool        `json:"hidden" doc:"One may not see it oneself (any more); nothing else is told of it."`
	Author  *authorDTO  `json:"author,omitempty" doc:"Who can widen its audience."`
	Count   int         `json:"count" doc:"Who of those that the rules mean may not see it."`
	People  []authorDTO `json:"people" doc:"The first 50 of them by name."`
}

type previewAnswer struct {
	Count           int         `json:"count"`
	People          []authorDTO `json:"people" doc:"The first 50 by name."`
	WithoutReviewer []authorDTO `json:"without_reviewer" doc:"The first 50 for whom there is no active reviewer but themself."`
	CannotSee       []unseenDTO `json:"cannot_see" doc:"Those of the videos that not all of them may see. A programme shows nobody what the author of a video does not."`
}

func (s *Server) unseenOf(ctx context.Context, unseen []programme.Unseen) ([]unseenDTO, error) {
	authors := make([]string, len(unseen))
	for i, u := range unseen {
		authors[i] = u.AuthorID
	}
	names, err := s.names(ctx, authors)
	if err != nil {
		return nil, err
	}
	out := make([]unseenDTO, len(unseen))
	for i, u := range unseen {
		out[i] = unseenDTO{u.VideoID, u.Hidden, nil, u.Count, refsOf(u.People)}
		if u.AuthorID != "" {
			out[i].Author = &authorDTO{u.AuthorID, names[u.AuthorID]}
		}
	}
	return out, nil
}

// previewRoutes say what a set-up would do before it does it.
func (s *Server) previewRoutes(tag, base string) {
	type previewRequest struct {
		Body struct {
			Rules     []RuleInput    `json:"rules" maxItems:"50"`
			Reviewers ReviewersInput `json:"reviewers"`
			Videos    []string       `json:"videos,omitempty" maxItems:"21" doc:"Of the model take and of attachments: who may not see them is then said."`
		}
	}
	route(s, op{method: "POST", path: base + "/preview", tag: tag, summary: "Whom rules would enrol now, who of them would have no reviewer, and who may not see a video", codes: "rule_mixed, role_unknown, required, too_many"},
		func(ctx context.Context, a people.Actor, in *previewRequest) (*body[previewAnswer], error) {
			p, err := s.Programmes.Preview(ctx, a, rulesOf(in.Body.Rules), programme.ReviewerKind(in.Body.Reviewers.Kind), in.Body.Reviewers.PersonIDs, in.Body.Videos...)
			if err != nil {
				return nil, err
			}
			unseen, err := s.unseenOf(ctx, p.CannotSee)
			if err != nil {
				return nil, err
			}
			return answer(previewAnswer{p.Count, refsOf(p.People), refsOf(p.WithoutReviewer), unseen}), nil
		})
}
