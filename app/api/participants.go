package api

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

type proofDTO struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

type participantDTO struct {
	EnrolmentID   string     `json:"enrolment_id"`
	Person        authorDTO  `json:"person"`
	Team          *authorDTO `json:"team,omitempty" doc:"The first by name of the teams they are a member of."`
	Status        string     `json:"status" enum:"not_started,submitted,retry,passed,failed,left" doc:"Whether somebody practises is theirs to know."`
	Overdue       bool       `json:"overdue"`
	Expiring      bool       `json:"expiring" doc:"The certificate may be renewed now, or has ended."`
	DueAt         *time.Time `json:"due_at,omitempty"`
	Attempts      int        `json:"attempts" doc:"Since the start or the last renewal."`
	ExtraAttempts int        `json:"extra_attempts"`
	LastScore     *float64   `json:"last_score,omitempty" doc:"Percent."`
	LastDecision  string     `json:"last_decision,omitempty" enum:"pass,retry,fail"`
	LastAttemptID string     `json:"last_attempt_id,omitempty" doc:"The newest attempt: it waits, or has the last result."`
	WaitingSince  *time.Time `json:"waiting_since,omitempty"`
	Certificate   *proofDTO  `json:"certificate,omitempty"`
}

func participantOf(p programme.Participant) participantDTO {
	d := participantDTO{EnrolmentID: p.ID, Person: authorDTO{p.PersonID, p.Name}, Status: string(p.Status), Overdue: p.IsOverdue, Expiring: p.Expiring, DueAt: p.DueAt,
		Attempts: p.Attempts, ExtraAttempts: p.ExtraAttempts, LastDecision: string(p.LastDecision), LastAttemptID: p.LastAttemptID, WaitingSince: p.WaitingSince}
	if p.Team.ID != "" {
		d.Team = &authorDTO{p.Team.ID, p.Team.Name}
	}
	if p.LastScore != nil {
		percent := score.Percent(*p.LastScore)
		d.LastScore = &percent
	}
	if c := p.Proof; c != nil {
		d.Certificate = &proofDTO{c.ID, c.Number, c.ExpiresAt}
	}
	return d
}

type participantCountsDTO struct {
	People          int        `json:"people"`
	NotStarted      int        `json:"not_started"`
	Submitted       int        `json:"submitted"`
	WaitingReviews  int        `json:"waiting_reviews"`
	OldestWaitingAt *time.Time `json:"oldest_waiting_at,omitempty"`
	Passed          int        `json:"passed"`
	Retry           int        `json:"retry"`
	Failed          int        `json:"failed"`
	Overdue         int        `json:"overdue"`
	Expiring        int        `json:"expiring"`
}

func participantCountsOf(c programme.Counts) participantCountsDTO {
	return participantCountsDTO{c.People, c.NotStarted, c.Submitted, c.WaitingReviews, c.OldestWaitingAt, c.Passed, c.Retry, c.Failed, c.Overdue, c.Expiring}
}

type teamCountsDTO struct {
	Team   *authorDTO           `json:"team,omitempty" doc:"Absent for those in no team."`
	Counts participantCountsDTO `json:"counts"`
}

type attemptSumDTO struct {
	N         int      `json:"n"`
	MeanScore *float64 `json:"mean_score,omitempty" doc:"Percent; absent for none."`
	PassShare *float64 `json:"pass_share,omitempty" doc:"0 to 1; absent for none."`
}

func attemptSumOf(r programme.Results) attemptSumDTO {
	d := attemptSumDTO{N: r.N}
	if r.N > 0 {
		mean, share := tenth(r.MeanScore/100), float64(r.Passed)/float64(r.N)
		d.MeanScore, d.PassShare = &mean, &share
	}
	return d
}

type missedDTO struct {
	CriterionID string  `json:"criterion_id" doc:"Of the newest version it stands in."`
	Name        string  `json:"name"`
	N           int     `json:"n" doc:"Results."`
	BelowShare  float64 `json:"below_share" doc:"0 to 1."`
	MeanShare   float64 `json:"mean_share" doc:"0 to 1."`
}

type reviewTimeDTO struct {
	N           int      `json:"n"`
	MedianHours *float64 `json:"median_hours,omitempty"`
	P90Hours    *float64 `json:"p90_hours,omitempty"`
}

type disputeCountsDTO struct {
	Open    int `json:"open"`
	Changed int `json:"changed"`
	Stands  int `json:"stands"`
}

type programmeNumbersDTO struct {
	Definition []string  `json:"definition"`
	AsOf       time.Time `json:"as_of"`
	Filters    struct {
		Team string `json:"team,omitempty"`
	} `json:"filters"`
	Total        participantCountsDTO `json:"total"`
	Teams        []teamCountsDTO      `json:"teams"`
	FirstAttempt attemptSumDTO        `json:"first_attempt"`
	LastAttempt  attemptSumDTO        `json:"last_attempt"`
	Missed       []missedDTO          `json:"missed" doc:"Most often missed first."`
	ReviewTime   reviewTimeDTO        `json:"review_time"`
	Disputes     disputeCountsDTO     `json:"disputes"`
}

func programmeNumbersOf(n programme.Numbers) programmeNumbersDTO {
	d := programmeNumbersDTO{Definition: n.Definition, AsOf: n.AsOf, Total: participantCountsOf(n.Total), Teams: make([]teamCountsDTO, len(n.Teams)), FirstAttempt: attemptSumOf(n.First),
		LastAttempt: attemptSumOf(n.Last), Missed: make([]missedDTO, len(n.Missed)), ReviewTime: reviewTimeDTO{N: n.ReviewTime.N}, Disputes: disputeCountsDTO(n.Disputes)}
	d.Filters.Team = n.Team
	for i, t := range n.Teams {
		d.Teams[i].Counts = participantCountsOf(t.Counts)
		if t.Team.ID != "" {
			d.Teams[i].Team = &authorDTO{t.Team.ID, t.Team.Name}
		}
	}
	for i, m := range n.Missed {
		d.Missed[i] = missedDTO(m)
	}
	if n.ReviewTime.N > 0 {
		median, p90 := tenth(n.ReviewTime.Median), tenth(n.ReviewTime.P90)
		d.ReviewTime.MedianHours, d.ReviewTime.P90Hours = &median, &p90
	}
	return d
}

// participantRoutes are about the people in a programme, and its figures.
func (s *Server) participantRoutes(tag, base string) {
	type participantsRequest struct {
		IDPath
		Paging
		Status   string `query:"status" enum:"not_started,submitted,retry,passed,failed,left" doc:"Left out: all who have not left."`
		Overdue  bool   `query:"overdue"`
		Expiring bool   `query:"expiring"`
		Team     string `query:"team" maxLength:"36" doc:"This team and all below it."`
	}
	route(s, op{method: "GET", path: base + "/{id}/participants", tag: tag, summary: "Participants, as far as one may see them, by name", codes: "team_not_found, cursor_unknown"},
		func(ctx context.Context, a people.Actor, in *participantsRequest) (*body[page[participantDTO]], error) {
			found, err := s.Programmes.Participants(ctx, a, in.ID, programme.ParticipantFilter{Status: programme.Status(in.Status), Overdue: in.Overdue, Expiring: in.Expiring,
				Team: in.Team, After: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			return answer(pageOf(found, in.Limit, func(p programme.Participant) string { return p.ID }, participantOf)), nil
		})
	type extendRequest struct {
		IDPath
		PersonID string `path:"person_id" format:"uuid"`
		Body     struct {
			DueAt         *time.Time `json:"due_at,omitempty"`
			ExtraAttempts *int       `json:"extra_attempts,omitempty" minimum:"0" maximum:"50" doc:"Beyond those of the programme, in all."`
		}
	}
	route(s, op{method: "PATCH", path: base + "/{id}/participants/{person_id}", tag: tag, summary: "Give one participant more time, or more attempts", codes: "time_past, participant_left"},
		func(ctx context.Context, a people.Actor, in *extendRequest) (*body[participantDTO], error) {
			p, err := s.Programmes.ExtendFor(ctx, a, in.ID, in.PersonID, programme.Extension{DueAt: in.Body.DueAt, ExtraAttempts: in.Body.ExtraAttempts})
			if err != nil {
				return nil, err
			}
			return answer(participantOf(p)), nil
		})
	type numbersRequest struct {
		IDPath
		Team string `query:"team" maxLength:"36" doc:"This team and all below it."`
	}
	route(s, op{method: "GET", path: base + "/{id}/numbers", tag: tag, summary: "How a programme goes, each figure with its definition", codes: "team_not_found"},
		func(ctx context.Context, a people.Actor, in *numbersRequest) (*body[programmeNumbersDTO], error) {
			n, err := s.Programmes.Numbers(ctx, a, in.ID, in.Team)
			if err != nil {
				return nil, err
			}
			return answer(programmeNumbersOf(n)), nil
		})
	route(s, op{method: "GET", path: base + "/{id}/numbers.csv", tag: tag, summary: "Its participants as CSV", codes: "team_not_found"},
		func(ctx context.Context, a people.Actor, in *numbersRequest) (*csvAnswer, error) {
			content, err := s.Programmes.NumbersCSV(ctx, a, in.ID, in.Team)
			if err != nil {
				return nil, err
			}
			return csvFile("participants", s.Now(), content), nil
		})
	s.rescoreRoutes(tag, base)
}
