package api

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// todoRows is how many enrolments and results the home screen shows.
const todoRows = 3

type todoReviewsDTO struct {
	Count    int `json:"count"`
	Minutes  int `json:"minutes" doc:"Twice the takes' lengths, at least one each."`
	DueToday int `json:"due_today"`
	Overdue  int `json:"overdue"`
	Pool     int `json:"pool" doc:"What one could take out of pools besides."`
}

type unreadResultDTO struct {
	AttemptID string    `json:"attempt_id"`
	Programme authorDTO `json:"programme"`
	Decision  string    `json:"decision" enum:"pass,retry,fail"`
	At        time.Time `json:"at"`
}

type todoDTO struct {
	Reviews       todoReviewsDTO    `json:"reviews" doc:"That wait for one."`
	Enrolments    []enrolmentDTO    `json:"enrolments" doc:"The most urgent of one's programmes in which one has something to do."`
	Assignments   int               `json:"assignments" doc:"Practices that one was assigned and has not done."`
	Feedback      int               `json:"feedback" doc:"Open asks for one's feedback."`
	Promotions    int               `json:"promotions" doc:"Takes of one's own suggested for the library: one decides."`
	PromisesDue   int               `json:"promises_due" doc:"Open promises of one's own that are due."`
	Calibration   bool              `json:"calibration" doc:"Gold takes of this month wait to be scored."`
	Disputes      int               `json:"disputes" doc:"Open disputes, for trainers and admins."`
	ResultsUnread []unreadResultDTO `json:"results_unread" doc:"Results of one's own that one has not acknowledged, newest first."`
}

func (s *Server) todoRoutes() {
	route(s, op{method: "GET", path: "/api/v1/todo", tag: "home", summary: "What of certification and coaching waits for one"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[todoDTO], error) {
			d, err := s.todoOf(ctx, a)
			if err != nil {
				return nil, err
			}
			return answer(d), nil
		})
}

func (s *Server) todoOf(ctx context.Context, a people.Actor) (todoDTO, error) {
	d := todoDTO{Enrolments: []enrolmentDTO{}, ResultsUnread: []unreadResultDTO{}}
	reviews, err := s.Reviews.Counts(ctx, a)
	if err != nil {
		return d, err
	}
	d.Reviews = todoReviewsDTO{reviews.Count, reviews.Minutes, reviews.DueToday, reviews.Overdue, reviews.Pool}
	parts, err := s.Programmes.Parts(ctx, a)
	if err != nil {
		return d, err
	}
	d.ResultsUnread = unread(parts)
	open := make([]programme.Part, 0, todoRows)
	for _, p := range parts {
		if len(open) < todoRows && p.ToDo(s.Now()) {
			open = append(open, p)
		}
	}
	if d.Enrolments, err = s.enrolmentsOf(ctx, a, open); err != nil {
		return d, err
	}
	coaching, err := s.Coaching.Waiting(ctx, a)
	if err != nil {
		return d, err
	}
	d.Assignments, d.Feedback, d.Promotions, d.PromisesDue = coaching.Assignments, coaching.Feedback, coaching.Promotions, coaching.PromisesDue
	gold, _, err := s.Calibration.Waiting(ctx, a)
	if err != nil {
		return d, err
	}
	d.Calibration = gold > 0
	d.Disputes, err = s.Reviews.OpenDisputes(ctx, a)
	return d, err
}

// unread gives the results that their participant has not acknowledged, of each programme the last.
func unread(parts []programme.Part) []unreadResultDTO {
	out := []unreadResultDTO{}
	for _, p := range parts {
		if at, has := p.Last(); has && at.AcknowledgedAt == nil {
			out = append(out, unreadResultDTO{at.ID, authorDTO{p.Programme.ID, p.Programme.Name}, string(at.Decision), *at.SettledAt})
		}
	}
	slices.SortFunc(out, func(x, y unreadResultDTO) int { return y.At.Compare(x.At) })
	return out[:min(len(out), todoRows)]
}
