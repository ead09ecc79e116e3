package api

import (
	"context"
	"net/http"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/review"
)

type absenceDTO struct {
	Person authorDTO `json:"person" doc:"Who stands in."`
	From   string    `json:"from" format:"date"`
	To     string    `json:"to" format:"date" doc:"The last day."`
	Now    bool      `json:"now" doc:"It holds today."`
}

type deputyDTO struct {
	Deputy   *absenceDTO  `json:"deputy,omitempty" doc:"Absent where nobody stands in for one."`
	StandsIn []absenceDTO `json:"stands_in" doc:"For whom one stands in oneself, now or later; person is the absent one."`
}

func (s *Server) deputyAnswer(ctx context.Context, a people.Actor) (*body[deputyDTO], error) {
	own, standsIn, err := s.Reviews.Deputy(ctx, a)
	if err != nil {
		return nil, err
	}
	persons := []string{own.DeputyID}
	for _, d := range standsIn {
		persons = append(persons, d.PersonID)
	}
	names, err := s.names(ctx, persons)
	if err != nil {
		return nil, err
	}
	show := func(person string, d review.Absence) absenceDTO {
		return absenceDTO{authorDTO{person, names[person]}, d.FromDate, d.ToDate, s.Reviews.On(d)}
	}
	out := deputyDTO{StandsIn: []absenceDTO{}}
	if own.DeputyID != "" {
		d := show(own.DeputyID, own)
		out.Deputy = &d
	}
	for _, d := range standsIn {
		out.StandsIn = append(out.StandsIn, show(d.PersonID, d))
	}
	return answer(out), nil
}

func (s *Server) deputyRoutes() {
	route(s, op{method: "GET", path: "/api/v1/me/deputy", tag: "reviews", summary: "Who stands in for one, and for whom one stands in"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[deputyDTO], error) {
			return s.deputyAnswer(ctx, a)
		})
	type setDeputyRequest struct {
		Body struct {
			PersonID string `json:"person_id" format:"uuid"`
			From     string `json:"from" format:"date" doc:"The first day, where one is oneself."`
			To       string `json:"to" format:"date" doc:"The last day."`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/me/deputy", tag: "reviews", summary: "Have somebody stand in while one is away", codes: "deputy_self, person_not_found, date_invalid, dates_reversed, date_passed, too_long"},
		func(ctx context.Context, a people.Actor, in *setDeputyRequest) (*body[deputyDTO], error) {
			if _, err := s.Reviews.SetDeputy(ctx, a, in.Body.PersonID, in.Body.From, in.Body.To); err != nil {
				return nil, err
			}
			return s.deputyAnswer(ctx, a)
		})
	route(s, op{method: "DELETE", path: "/api/v1/me/deputy", tag: "reviews", summary: "Be back: nobody stands in any more", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, _ *nothing) (*nothing, error) {
			return nil, s.Reviews.RemoveDeputy(ctx, a)
		})
}
