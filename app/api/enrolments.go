package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

type partProgrammeDTO struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	TargetMS    int64    `json:"target_ms" doc:"The length to aim at; 0 for none."`
	AnswerTypes []string `json:"answer_types" enum:"camera,screen,file"`
}

type partWaitingDTO struct {
	AttemptID   string    `json:"attempt_id"`
	SubmittedAt time.Time `json:"submitted_at"`
	SwapUntil   time.Time `json:"swap_until" doc:"Until then the take can be exchanged for another."`
}

type partLastDTO struct {
	AttemptID    string    `json:"attempt_id"`
	Decision     string    `json:"decision" enum:"pass,retry,fail"`
	Score        float64   `json:"score" doc:"Percent."`
	At           time.Time `json:"at"`
	Acknowledged bool      `json:"acknowledged"`
}

type enrolmentDTO struct {
	ID            string           `json:"id"`
	Programme     partProgrammeDTO `json:"programme"`
	Status        string           `json:"status" enum:"not_started,practising,submitted,retry,passed,failed,left"`
	Overdue       bool             `json:"overdue"`
	DueAt         *time.Time       `json:"due_at,omitempty"`
	Attempts      int              `json:"attempts" doc:"Since the start, or the last renewal."`
	AttemptsLeft  *int             `json:"attempts_left,omitempty" doc:"Absent where there is no limit."`
	NextAttemptAt *time.Time       `json:"next_attempt_at,omitempty" doc:"Not before; absent where one may come now."`
	Expiring      bool             `json:"expiring" doc:"The certificate ends soon."`
	Renewable     bool             `json:"renewable"`
	Open          bool             `json:"open" doc:"An attempt could come in now, as far as the programme goes."`
	Certificate   *certificateDTO  `json:"certificate,omitempty" doc:"The last one."`
	Waiting       *partWaitingDTO  `json:"waiting,omitempty"`
	Last          *partLastDTO     `json:"last,omitempty" doc:"The last result."`
}

// EnrolmentBody is enrolmentDTO under a name that is exported: huma passes over other structs that are embedded.
type EnrolmentBody = enrolmentDTO

type briefModelDTO struct {
	Video   videoDTO `json:"video"`
	StartMS int64    `json:"start_ms"`
	EndMS   int64    `json:"end_ms"`
}

type briefAttachmentDTO struct {
	Title string    `json:"title"`
	URL   string    `json:"url,omitempty"`
	Video *videoDTO `json:"video,omitempty"`
	File  *fileDTO  `json:"file,omitempty"`
}

type partPassDTO struct {
	Kind    string `json:"kind" enum:"total,each"`
	Percent int    `json:"percent" doc:"Of the score, by total."`
	Level   int    `json:"level" doc:"Of every criterion, by each."`
}

type practiceDTO struct {
	Video     videoDTO  `json:"video"`
	Facts     factsDTO  `json:"facts"`
	Submitted bool      `json:"submitted" doc:"It is the take of the attempt that waits."`
	GoesAt    time.Time `json:"goes_at" doc:"When it is deleted, unless it is submitted."`
}

type enrolmentFullDTO struct {
	EnrolmentBody
	Brief        string               `json:"brief"`
	Model        *briefModelDTO       `json:"model,omitempty"`
	Attachments  []briefAttachmentDTO `json:"attachments"`
	Rubric       rubricVersionDTO     `json:"rubric" doc:"That of the attempt that waits, or of the next one."`
	Pass         partPassDTO          `json:"pass"`
	OnlyCriteria []string             `json:"only_criteria" doc:"Looked at for these alone; empty for all."`
	MustSay      []string             `json:"must_say"`
	MustNotSay   []string             `json:"must_not_say"`
	Reviewers    string               `json:"reviewers" doc:"Who reviews, in words."`
	Peers        string               `json:"peers" enum:"never,before,after"`
	PeersOpen    bool                 `json:"peers_open" doc:"Others' passed takes may be watched now."`
	Practices    []practiceDTO        `json:"practices" doc:"The take that waits for its review, then practices, newest first; nobody else ever sees those."`
	AttemptsList []attemptDTO         `json:"attempts_list" doc:"Newest first."`
}

func (s *Server) enrolmentOf(a people.Actor, p programme.Part, certs map[string]certificate.Certificate) enrolmentDTO {
	now := s.Now()
	d := enrolmentDTO{ID: p.ID, Programme: partProgrammeDTO{p.Programme.ID, p.Programme.Name, p.Programme.TargetMS, list(p.Programme.AnswerTypes)}, Status: p.Status(),
		Overdue: p.Overdue(now), DueAt: p.DueAt, Attempts: p.Attempts, Renewable: p.Renewable, Open: p.MayTry(now)}
	if left, limited := p.Programme.AttemptsLeft(p.Enrolment); limited {
		d.AttemptsLeft = &left
	}
	if p.NextAttemptAt != nil && p.NextAttemptAt.After(now) {
		d.NextAttemptAt = p.NextAttemptAt
	}
	if c, has := certs[p.ID]; has {
		cd := s.certificateOf(a, c)
		d.Certificate, d.Expiring = &cd, cd.State == string(certificate.Expiring)
	}
	if at, has := p.Waiting(); has {
		d.Waiting = &partWaitingDTO{at.ID, at.SubmittedAt, at.SwapUntil}
	}
	if at, has := p.Last(); has {
		d.Last = &partLastDTO{at.ID, string(at.Decision), score.Percent(*at.Score), *at.SettledAt, at.AcknowledgedAt != nil}
	}
	return d
}

func (s *Server) enrolmentsOf(ctx context.Context, a people.Actor, parts []programme.Part) ([]enrolmentDTO, error) {
	ids := make([]string, len(parts))
	for i, p := range parts {
		ids[i] = p.ID
	}
	certs, err := s.Certificates.Newest(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]enrolmentDTO, len(parts))
	for i, p := range parts {
		out[i] = s.enrolmentOf(a, p, certs)
	}
	return out, nil
}

func (s *Server) enrolmentFullOf(ctx context.Context, a people.Actor, p programme.PartFull) (enrolmentFullDTO, error) {
	short, err := s.enrolmentsOf(ctx, a, []programme.Part{p.Part})
	if err != nil {
		return enrolmentFullDTO{}, err
	}
	g := p.Programme
	d := enrolmentFullDTO{EnrolmentBody: short[0], Brief: g.Brief, Attachments: []briefAttachmentDTO{}, Rubric: rubricVersionOf(p.Rubric, nil, nil),
		Pass: partPassDTO{string(g.Pass.Kind), g.Pass.Percent, g.Pass.Level}, OnlyCriteria: list([]string(p.Only)), MustSay: list(g.MustSay), MustNotSay: list(g.MustNotSay),
		Peers: string(g.Peers), PeersOpen: p.SeesPeers(), Practices: []practiceDTO{}, AttemptsList: []attemptDTO{}}
	var ids []string
	if g.Model.VideoID != "" {
		ids = append(ids, g.Model.VideoID)
	}
	for _, x := range g.Attachments {
		if x.VideoID != "" {
			ids = append(ids, x.VideoID)
		}
	}
	videos, names, err := s.videosOn(ctx, a, ids, append([]string{a.PersonID}, g.ReviewerIDs...))
	if err != nil {
		return d, err
	}
	if v := videos[g.Model.VideoID]; v != nil {
		d.Model = &briefModelDTO{*v, g.Model.StartMS, g.Model.EndMS}
	}
	for _, x := range g.Attachments {
		// Who has left gets no file any more, so it is not offered either.
		if (x.VideoID == "" || videos[x.VideoID] != nil) && (x.File.ID == "" || p.LeftAt == nil) {
			d.Attachments = append(d.Attachments, briefAttachmentDTO{x.Title, x.URL, videos[x.VideoID], fileOf(x.File)})
		}
	}
	d.Reviewers = reviewersInWords(g, names)
	facts, err := s.Programmes.FactsOfPractices(ctx, p)
	if err != nil {
		return d, err
	}
	for i, v := range p.Practices {
		d.Practices = append(d.Practices, practiceDTO{Video: s.videoDTO(a, v, names), Facts: factsOf(facts[i]), Submitted: v.Kind == video.Attempt, GoesAt: programme.GoesAt(v)})
	}
	views := make([]programme.AttemptView, len(p.All))
	for i, at := range p.All { // one's own: nothing of them is hidden
		views[len(views)-1-i] = programme.AttemptView{Attempt: at, MayTrail: true}
	}
	d.AttemptsList, err = s.attemptsOf(ctx, a, views)
	return d, err
}

// reviewersInWords says to a participant who will look at their attempt.
func reviewersInWords(p programme.Programme, names map[string]string) string {
	var known []string
	for _, id := range p.ReviewerIDs {
		if names[id] != "" {
			known = append(known, names[id])
		}
	}
	who := "Your manager"
	if p.Reviewers != programme.ByManager {
		switch n := len(known); {
		case n == 0:
			who = "A reviewer"
		case n <= 3:
			who = orList(known)
		default:
			who = "One of " + strconv.Itoa(n) + " reviewers"
		}
	}
	switch {
	case p.SecondShare == 100:
		return who + ", and a second reviewer who does not know what the first one found."
	case p.SecondShare > 0:
		return who + "; some attempts are looked at by a second reviewer as well."
	}
	return who + "."
}

// orList joins names: A, B or C.
func orList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func (s *Server) enrolmentRoutes() {
	const tag = "enrolments"
	route(s, op{method: "GET", path: "/api/v1/enrolments", tag: tag, summary: "The programmes one takes part in, most urgent first"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[page[enrolmentDTO]], error) {
			parts, err := s.Programmes.Parts(ctx, a)
			if err != nil {
				return nil, err
			}
			items, err := s.enrolmentsOf(ctx, a, parts)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(items, len(items), nil, func(d enrolmentDTO) enrolmentDTO { return d })), nil
		})
	full := func(ctx context.Context, a people.Actor, id string) (*body[enrolmentFullDTO], error) {
		p, err := s.Programmes.OwnPart(ctx, a, id)
		if err != nil {
			return nil, err
		}
		d, err := s.enrolmentFullOf(ctx, a, p)
		if err != nil {
			return nil, err
		}
		return answer(d), nil
	}
	route(s, op{method: "GET", path: "/api/v1/enrolments/{id}", tag: tag, summary: "One's own part in a programme, with all that is needed to practise and submit"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[enrolmentFullDTO], error) {
			return full(ctx, a, in.ID)
		})
	route(s, op{method: "POST", path: "/api/v1/enrolments/{id}/renew", tag: tag, summary: "Begin again, once the certificate may be renewed", codes: "not_renewable"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[enrolmentFullDTO], error) {
			if _, err := s.Programmes.Renew(ctx, a, in.ID); err != nil {
				return nil, err
			}
			return full(ctx, a, in.ID)
		})
	type submitRequest struct {
		IDPath
		Body struct {
			ID      string        `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same attempt."`
			VideoID string        `json:"video_id" format:"uuid" doc:"One of one's practices for this enrolment."`
			Note    *OwnNoteInput `json:"note,omitempty"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/enrolments/{id}/attempts", tag: tag, summary: "Submit a practice: its reviewers see it from then on", status: http.StatusCreated,
		codes: "practice_unknown, video_not_playable, attempt_waits, passed_already, attempts_used, too_early (with next_attempt_at in its context), programme_closed, enrolment_left, id_taken"},
		func(ctx context.Context, a people.Actor, in *submitRequest) (*body[attemptDTO], error) {
			at, err := s.Programmes.Submit(ctx, a, in.ID, programme.NewAttempt{ID: in.Body.ID, VideoID: in.Body.VideoID, Note: in.Body.Note.note()})
			return s.attemptAnswer(ctx, a, programme.AttemptView{Attempt: at, MayTrail: true}, err)
		})
	s.attemptRoutes()
	s.factRoutes()
}
