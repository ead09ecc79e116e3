package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/people"
)

type promotionDTO struct {
	ID          string     `json:"id"`
	VideoID     string     `json:"video_id,omitempty" doc:"Absent where one may not see it any more."`
	Video       *videoDTO  `json:"video,omitempty"`
	SuggestedBy authorDTO  `json:"suggested_by"`
	Author      authorDTO  `json:"author"`
	Reason      string     `json:"reason"`
	Audience    string     `json:"audience" enum:"line,team,teams,everyone" doc:"As suggested, then as agreed to."`
	TeamIDs     []string   `json:"team_ids"`
	EndsOn      string     `json:"ends_on,omitempty" doc:"The last day, where the author is; absent for no end."`
	State       string     `json:"state" enum:"suggested,agreed,declined,withdrawn,ended"`
	At          time.Time  `json:"at"`
	SettledAt   *time.Time `json:"settled_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	Mine        bool       `json:"mine" doc:"One suggested it oneself."`
}

func (s *Server) promotionsOf(ctx context.Context, a people.Actor, all []coach.Promotion) ([]promotionDTO, error) {
	var ids, persons []string
	for _, p := range all {
		ids, persons = append(ids, p.VideoID), append(persons, p.SuggestedBy, p.AuthorID)
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	out := make([]promotionDTO, len(all))
	for i, p := range all {
		out[i] = promotionDTO{ID: p.ID, Video: videos[p.VideoID], SuggestedBy: authorDTO{p.SuggestedBy, names[p.SuggestedBy]}, Author: authorDTO{p.AuthorID, names[p.AuthorID]}, Reason: p.Reason,
			Audience: string(p.Audience), TeamIDs: list([]string(p.TeamIDs)), EndsOn: p.EndsOn, State: string(p.State), At: p.CreatedAt, SettledAt: p.SettledAt, EndedAt: p.EndedAt, Mine: p.SuggestedBy == a.PersonID}
		if out[i].Video != nil {
			out[i].VideoID = p.VideoID
		}
	}
	return out, nil
}

func (s *Server) promotionRoutes() {
	type suggestRequest struct {
		Body struct {
			ID       string   `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same suggestion."`
			VideoID  string   `json:"video_id" format:"uuid"`
			Reason   string   `json:"reason" minLength:"1" maxLength:"500" doc:"For its author: why others should see it."`
			Audience string   `json:"audience" enum:"line,team,teams,everyone"`
			TeamIDs  []string `json:"team_ids,omitempty" maxItems:"50"`
			EndsOn   string   `json:"ends_on,omitempty" maxLength:"10" doc:"The last day, where the author is; left out for no end."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/promotions", tag: "coaching", summary: "Suggest a colleague's take for the library (its reviewers, managers of its author, trainers)", status: http.StatusCreated,
		codes: "promotion_own, suggested_already, audience_wide, audience_unknown, team_not_found, date_past, id_taken"},
		func(ctx context.Context, a people.Actor, in *suggestRequest) (*body[promotionDTO], error) {
			b := in.Body
			p, err := s.Coaching.Suggest(ctx, a, coach.NewPromotion{ID: b.ID, VideoID: b.VideoID, Reason: b.Reason, Audience: people.Audience(b.Audience), TeamIDs: b.TeamIDs, EndsOn: b.EndsOn})
			return one(ctx, a, s.promotionsOf, p, err)
		})
	type listPromotionsRequest struct {
		Paging
		Box   string `query:"box" enum:"received,sent" default:"received"`
		State string `query:"state" enum:"suggested,agreed,declined,withdrawn,ended"`
	}
	route(s, op{method: "GET", path: "/api/v1/promotions", tag: "coaching", summary: "Suggestions for the library, newest first: of one's own takes, or made by oneself"},
		func(ctx context.Context, a people.Actor, in *listPromotionsRequest) (*body[page[promotionDTO]], error) {
			all, err := s.Coaching.Promotions(ctx, a, coach.Filter{Box: coach.Box(in.Box), State: in.State, Before: in.Cursor, Limit: in.Limit + 1})
			return some(ctx, a, s.promotionsOf, in.Limit, func(d promotionDTO) string { return d.ID }, all, err)
		})
	route(s, op{method: "GET", path: "/api/v1/promotions/{id}", tag: "coaching", summary: "One suggestion, for its author and for who made it"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[promotionDTO], error) {
			p, err := s.Coaching.Promotion(ctx, a, in.ID)
			return one(ctx, a, s.promotionsOf, p, err)
		})
	type agreeRequest struct {
		IDPath
		Body struct {
			Audience *string   `json:"audience,omitempty" enum:"line,team,teams,everyone" doc:"As suggested, or narrower."`
			TeamIDs  *[]string `json:"team_ids,omitempty" maxItems:"50"`
			EndsOn   *string   `json:"ends_on,omitempty" maxLength:"10" doc:"As suggested, or earlier."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/promotions/{id}/agree", tag: "coaching", summary: "Agree to a suggestion (the take's author): it is in the library from now on", codes: "audience_wider, ends_later, date_past, settled"},
		func(ctx context.Context, a people.Actor, in *agreeRequest) (*body[promotionDTO], error) {
			c := coach.Consent{TeamIDs: in.Body.TeamIDs, EndsOn: in.Body.EndsOn}
			if in.Body.Audience != nil {
				audience := people.Audience(*in.Body.Audience)
				c.Audience = &audience
			}
			p, err := s.Coaching.Agree(ctx, a, in.ID, c)
			return one(ctx, a, s.promotionsOf, p, err)
		})
	route(s, op{method: "POST", path: "/api/v1/promotions/{id}/decline", tag: "coaching", summary: "Say no to a suggestion (the take's author)", codes: "settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[promotionDTO], error) {
			p, err := s.Coaching.DeclinePromotion(ctx, a, in.ID)
			return one(ctx, a, s.promotionsOf, p, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/promotions/{id}", tag: "coaching", summary: "Take back one's own suggestion", status: http.StatusNoContent, codes: "settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Coaching.WithdrawPromotion(ctx, a, in.ID)
		})
}
