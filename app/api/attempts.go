package api

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// OwnNoteInput is a participant's note at a time of their own take.
type OwnNoteInput struct {
	AtMS int64  `json:"at_ms" minimum:"0"`
	Text string `json:"text" maxLength:"500"`
}

func (n *OwnNoteInput) note() programme.OwnNote {
	if n == nil {
		return programme.OwnNote{}
	}
	return programme.OwnNote{AtMS: n.AtMS, Text: n.Text}
}

type ownNoteDTO struct {
	AtMS int64  `json:"at_ms"`
	Text string `json:"text"`
}

type attemptMayDTO struct {
	Acknowledge bool `json:"acknowledge"`
	Dispute     bool `json:"dispute"`
	Swap        bool `json:"swap"`
	Trail       bool `json:"trail"`
}

type attemptDTO struct {
	ID             string          `json:"id"`
	EnrolmentID    string          `json:"enrolment_id"`
	Number         int             `json:"number"`
	Person         authorDTO       `json:"person"`
	Programme      authorDTO       `json:"programme"`
	Video          *videoDTO       `json:"video,omitempty" doc:"Absent once it is gone, and for who may not watch it."`
	State          string          `json:"state" enum:"waiting,settled" doc:"For who is still to send their own review it waits."`
	SubmittedAt    time.Time       `json:"submitted_at"`
	SwapUntil      time.Time       `json:"swap_until"`
	Swappable      bool            `json:"swappable" doc:"The take can be exchanged now, by its author."`
	Note           *ownNoteDTO     `json:"note,omitempty" doc:"The participant's own."`
	OnlyCriteria   []string        `json:"only_criteria" doc:"Looked at for these alone; empty for all."`
	Decision       string          `json:"decision,omitempty" enum:"pass,retry,fail"`
	Score          *float64        `json:"score,omitempty" doc:"Percent."`
	SettledAt      *time.Time      `json:"settled_at,omitempty"`
	AcknowledgedAt *time.Time      `json:"acknowledged_at,omitempty"`
	Result         *resultDTO      `json:"result,omitempty" doc:"Levels, notes and words; in the answer with one attempt, not in lists."`
	Dispute        *disputeDTO     `json:"dispute,omitempty"`
	Certificate    *certificateDTO `json:"certificate,omitempty"`
	May            attemptMayDTO   `json:"may"`
}

// attemptsOf makes attempts what a list of them shows.
func (s *Server) attemptsOf(ctx context.Context, a people.Actor, views []programme.AttemptView) ([]attemptDTO, error) {
	var ids, videoIDs, persons, programmes []string
	for _, v := range views {
		ids, persons, programmes = append(ids, v.ID), append(persons, v.PersonID), append(programmes, v.ProgrammeID)
		if v.VideoID != nil {
			videoIDs = append(videoIDs, *v.VideoID)
		}
	}
	videos, names, err := s.videosOn(ctx, a, videoIDs, persons)
	if err != nil {
		return nil, err
	}
	called, err := s.Programmes.Names(ctx, programmes...)
	if err != nil {
		return nil, err
	}
	certs, err := s.Certificates.OfAttempts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	disputes, err := s.disputesOn(ctx, a, ids...)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	out := make([]attemptDTO, len(views))
	for i, v := range views {
		own := programme.CanAttempt(a, programme.Acknowledge, people.Place{PersonID: v.PersonID}, false)
		d := attemptDTO{ID: v.ID, EnrolmentID: v.EnrolmentID, Number: v.Number, Person: authorDTO{v.PersonID, names[v.PersonID]}, Programme: authorDTO{v.ProgrammeID, called[v.ProgrammeID]},
			State: string(v.State), SubmittedAt: v.SubmittedAt, SwapUntil: v.SwapUntil, OnlyCriteria: list([]string(v.OnlyCriteria)), Decision: string(v.Decision), SettledAt: v.SettledAt, AcknowledgedAt: v.AcknowledgedAt}
		if !v.Blind {
			d.Dispute = disputes[v.ID]
		}
		d.Swappable = v.State == programme.Waiting && !v.Blind && !now.After(v.SwapUntil)
		d.May = attemptMayDTO{Acknowledge: own && v.State == programme.Settled && v.AcknowledgedAt == nil, Swap: own && d.Swappable,
			Dispute: d.Dispute == nil && review.MayDispute(a, v.Attempt), Trail: v.MayTrail && !v.Blind}
		if v.VideoID != nil {
			d.Video = videos[*v.VideoID]
		}
		if v.Note != "" {
			d.Note = &ownNoteDTO{v.NoteAtMS, v.Note}
		}
		if v.Score != nil {
			percent := score.Percent(*v.Score)
			d.Score = &percent
		}
		if c, has := certs[v.ID]; has && !v.Blind {
			cd := s.certificateOf(a, c)
			d.Certificate = &cd
		}
		out[i] = d
	}
	return out, nil
}

// attemptAnswer answers with one attempt and its result.
func (s *Server) attemptAnswer(ctx context.Context, a people.Actor, v programme.AttemptView, err error) (*body[attemptDTO], error) {
	if err != nil {
		return nil, err
	}
	out, err := s.attemptsOf(ctx, a, []programme.AttemptView{v})
	if err != nil {
		return nil, err
	}
	if out[0].Result, err = s.resultOf(ctx, a, v.Attempt); err != nil {
		return nil, err
	}
	return answer(out[0]), nil
}

type peerTakeDTO struct {
	AttemptID string    `json:"attempt_id"`
	Person    authorDTO `json:"person"`
	Score     float64   `json:"score" doc:"Percent."`
	At        time.Time `json:"at"`
}

type trailStepDTO struct {
	At     time.Time      `json:"at"`
	Actor  *authorDTO     `json:"actor,omitempty" doc:"Absent for the server's own act."`
	Action string         `json:"action" example:"attempt.submitted"`
	Words  string         `json:"words"`
	Detail map[string]any `json:"detail" doc:"Ids and figures, for trainers and admins."`
}

func (s *Server) attemptRoutes() {
	const tag = "enrolments"
	type listAttemptsRequest struct {
		Paging
		OfWhom
	}
	route(s, op{method: "GET", path: "/api/v1/attempts", tag: tag, summary: "Attempts one may see, newest first: one's own, those of one's line, those one reviews, to trainers all"},
		func(ctx context.Context, a people.Actor, in *listAttemptsRequest) (*body[page[attemptDTO]], error) {
			views, err := s.Programmes.Attempts(ctx, a, programme.AttemptFilter{PersonID: in.person(a), ProgrammeID: in.Programme, Before: in.Cursor, Limit: in.Limit + 1})
			return some(ctx, a, s.attemptsOf, in.Limit, func(d attemptDTO) string { return d.ID }, views, err)
		})
	route(s, op{method: "GET", path: "/api/v1/attempts/{id}", tag: tag, summary: "One attempt, with its result"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[attemptDTO], error) {
			v, err := s.Programmes.SeeAttempt(ctx, a, in.ID)
			return s.attemptAnswer(ctx, a, v, err)
		})
	type swapRequest struct {
		IDPath
		Body struct {
			VideoID string        `json:"video_id" format:"uuid" doc:"Another practice; or the same, to change the note."`
			Note    *OwnNoteInput `json:"note,omitempty"`
		}
	}
	own := func(ctx context.Context, a people.Actor, at programme.Attempt, err error) (*body[attemptDTO], error) {
		if err != nil {
			return nil, err
		}
		v, err := s.Programmes.SeeAttempt(ctx, a, at.ID)
		return s.attemptAnswer(ctx, a, v, err)
	}
	route(s, op{method: "PUT", path: "/api/v1/attempts/{id}/take", tag: tag, summary: "Exchange the take within 30 minutes, or change the note on it",
		codes: "swap_over, attempt_settled, attempt_reviewed, practice_unknown, video_not_playable, time_outside"},
		func(ctx context.Context, a people.Actor, in *swapRequest) (*body[attemptDTO], error) {
			at, err := s.Programmes.Swap(ctx, a, in.ID, in.Body.VideoID, in.Body.Note.note())
			return own(ctx, a, at, err)
		})
	route(s, op{method: "POST", path: "/api/v1/attempts/{id}/acknowledge", tag: tag, summary: "Say that one has seen one's result", codes: "attempt_waits"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[attemptDTO], error) {
			at, err := s.Programmes.Acknowledge(ctx, a, in.ID)
			return own(ctx, a, at, err)
		})
	route(s, op{method: "GET", path: "/api/v1/programmes/{id}/takes", tag: tag, summary: "Others' passed takes in a programme one takes part in, as far as it shows them, newest first"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[peerTakeDTO]], error) {
			ats, err := s.Programmes.Peers(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			persons := make([]string, len(ats))
			for i, at := range ats {
				persons[i] = at.PersonID
			}
			names, err := s.names(ctx, persons)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ats, len(ats), nil, func(at programme.Attempt) peerTakeDTO {
				return peerTakeDTO{at.ID, authorDTO{at.PersonID, names[at.PersonID]}, score.Percent(*at.Score), *at.SettledAt}
			})), nil
		})
	type openedDTO struct {
		VideoID string `json:"video_id"`
	}
	route(s, op{method: "POST", path: "/api/v1/attempts/{id}/open", tag: tag, summary: "Open another's passed take, from the list of those: one may watch its video from then on"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[openedDTO], error) {
			id, err := s.Programmes.OpenPeer(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(openedDTO{id}), nil
		})
	route(s, op{method: "GET", path: "/api/v1/attempts/{id}/trail", tag: tag, summary: "What was done to an attempt, oldest first (the participant, their line, trainers, admins)", codes: "review_waits"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[trailStepDTO]], error) {
			steps, err := s.Programmes.Trail(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			var persons []string
			for _, st := range steps {
				if st.ActorID != nil {
					persons = append(persons, *st.ActorID)
				}
			}
			names, err := s.names(ctx, persons)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(steps, len(steps), nil, func(st programme.Step) trailStepDTO {
				return trailStepDTO{st.At, personRef(st.ActorID, names), st.Action, st.Words, st.Detail}
			})), nil
		})
}
