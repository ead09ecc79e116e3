package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

type modelDTO struct {
	Video   *videoDTO `json:"video,omitempty" doc:"Absent where one may not see it (any more)."`
	VideoID string    `json:"video_id"`
	StartMS int64     `json:"start_ms"`
	EndMS   int64     `json:"end_ms"`
}

type attachmentDTO struct {
	Title   string    `json:"title"`
	URL     string    `json:"url,omitempty"`
	VideoID string    `json:"video_id,omitempty"`
	Video   *videoDTO `json:"video,omitempty" doc:"Absent where one may not see it (any more)."`
	File    *fileDTO  `json:"file,omitempty"`
}

type programmeRubricDTO struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Version        int    `json:"version"`
	VersionID      string `json:"version_id"`
	CurrentVersion int    `json:"current_version" doc:"The newest. Choosing it leaves old scores as they are; see rescore."`
}

type ruleDTO struct {
	Person        *authorDTO `json:"person,omitempty"`
	Team          *authorDTO `json:"team,omitempty" doc:"Its members and those of all teams below; with the role manager, also who manages them."`
	Role          string     `json:"role,omitempty" enum:"rep,manager,trainer,admin"`
	NewWithinDays int        `json:"new_within_days" doc:"Only of whom all this holds since at most so many days before the programme opened; 0: of all."`
}

type dueDTO struct {
	Kind string `json:"kind" enum:"none,date,days"`
	Date string `json:"date,omitempty" maxLength:"10" example:"2026-11-30" doc:"Until the end of that day where the participant is. Who joins later has no due time until they are given one."`
	Days int    `json:"days,omitempty" minimum:"0" maximum:"730" doc:"Until the end of so many days after the start where the participant is."`
}

type passDTO struct {
	Kind    string `json:"kind" enum:"total,each" doc:"The score reaches percent; every criterion reaches level."`
	Percent int    `json:"percent" minimum:"0" maximum:"100"`
	Level   int    `json:"level" minimum:"1" maximum:"6" doc:"A criterion with fewer levels must reach its highest."`
}

type reviewersDTO struct {
	Kind   string      `json:"kind" enum:"manager,named,pool"`
	People []authorDTO `json:"people"`
}

type mayProgrammeDTO struct {
	Edit    bool `json:"edit"`
	Numbers bool `json:"numbers"`
}

type programmeDTO struct {
	ID             string              `json:"id"`
	Name           string              `json:"name"`
	Brief          string              `json:"brief"`
	State          string              `json:"state" enum:"draft,open,closed"`
	Model          *modelDTO           `json:"model,omitempty"`
	Attachments    []attachmentDTO     `json:"attachments"`
	Rubric         *programmeRubricDTO `json:"rubric,omitempty"`
	TargetMS       int64               `json:"target_ms" doc:"The length to aim at; 0 for none."`
	AnswerTypes    []string            `json:"answer_types" enum:"camera,screen,file"`
	Rules          []ruleDTO           `json:"rules" doc:"One that holds of a person is enough."`
	Due            dueDTO              `json:"due"`
	AttemptsMax    int                 `json:"attempts_max" doc:"0 for no limit."`
	WaitHours      int                 `json:"wait_hours" doc:"Between a result and the next attempt."`
	Pass           passDTO             `json:"pass"`
	Reviewers      reviewersDTO        `json:"reviewers"`
	SecondShare    int                 `json:"second_share" doc:"Percent of attempts that two review, each without knowing of the other."`
	SecondDistance int                 `json:"second_distance" doc:"How far apart their scores may lie, in points of a hundred, before a third is asked."`
	ValidDays      int                 `json:"valid_days" doc:"Of the certificate; 0 for ever."`
	RenewDays      int                 `json:"renew_days" doc:"Before its end, when it may be renewed."`
	Peers          string              `json:"peers" enum:"never,before,after"`
	MustSay        []string            `json:"must_say"`
	MustNotSay     []string            `json:"must_not_say"`
	Version        int                 `json:"version" doc:"Send it with a change."`
	CreatedBy      *authorDTO          `json:"created_by,omitempty"`
	CreatedAt      time.Time           `json:"created_at"`
	UpdatedAt      time.Time           `json:"updated_at"`
	OpenedAt       *time.Time          `json:"opened_at,omitempty"`
	ClosedAt       *time.Time          `json:"closed_at,omitempty"`
	Participants   int                 `json:"participants" doc:"Who takes part now, as far as one may see them."`
	Missing        []string            `json:"missing" doc:"Fields that must be filled in before it can be opened."`
	May            mayProgrammeDTO     `json:"may"`
}

// RuleInput is a rule of who takes part.
type RuleInput struct {
	PersonID      string `json:"person_id,omitempty" maxLength:"36"`
	TeamID        string `json:"team_id,omitempty" maxLength:"36"`
	Role          string `json:"role,omitempty" enum:"rep,manager,trainer,admin"`
	NewWithinDays int    `json:"new_within_days,omitempty" minimum:"0" maximum:"730"`
}

// ReviewersInput is who reviews.
type ReviewersInput struct {
	Kind      string   `json:"kind" enum:"manager,named,pool"`
	PersonIDs []string `json:"person_ids,omitempty" maxItems:"100" doc:"By named and pool."`
}

// ModelInput is the take that shows how it is done.
type ModelInput struct {
	VideoID string `json:"video_id" maxLength:"36" doc:"Empty: no model take."`
	StartMS int64  `json:"start_ms,omitempty" minimum:"0"`
	EndMS   int64  `json:"end_ms,omitempty" minimum:"0" doc:"Left out with start_ms: the whole video."`
}

// AttachmentInput is something to read or watch beside the brief.
type AttachmentInput struct {
	Title   string `json:"title" minLength:"1" maxLength:"120"`
	URL     string `json:"url,omitempty" maxLength:"2000" doc:"https://…"`
	VideoID string `json:"video_id,omitempty" maxLength:"36" doc:"Instead of url."`
	FileID  string `json:"file_id,omitempty" maxLength:"36" doc:"Instead of url: a file that was sent for this programme."`
}

// ProgrammeSetUp is a programme's set-up; what is left out stays as it is, or is the default.
type ProgrammeSetUp struct {
	Brief           *string            `json:"brief,omitempty" maxLength:"5000"`
	RubricVersionID *string            `json:"rubric_version_id,omitempty" maxLength:"36"`
	Model           *ModelInput        `json:"model,omitempty"`
	Attachments     *[]AttachmentInput `json:"attachments,omitempty" maxItems:"20"`
	TargetMS        *int64             `json:"target_ms,omitempty" minimum:"0" maximum:"600000"`
	AnswerTypes     *[]string          `json:"answer_types,omitempty" enum:"camera,screen,file" minItems:"1" maxItems:"3"`
	Rules           *[]RuleInput       `json:"rules,omitempty" maxItems:"50"`
	Due             *dueDTO            `json:"due,omitempty"`
	AttemptsMax     *int               `json:"attempts_max,omitempty" minimum:"0" maximum:"50"`
	WaitHours       *int               `json:"wait_hours,omitempty" minimum:"0" maximum:"720"`
	Pass            *passDTO           `json:"pass,omitempty"`
	Reviewers       *ReviewersInput    `json:"reviewers,omitempty"`
	SecondShare     *int               `json:"second_share,omitempty" minimum:"0" maximum:"100"`
	SecondDistance  *int               `json:"second_distance,omitempty" minimum:"0" maximum:"100"`
	ValidDays       *int               `json:"valid_days,omitempty" minimum:"0" maximum:"3650"`
	RenewDays       *int               `json:"renew_days,omitempty" minimum:"0" maximum:"3650"`
	Peers           *string            `json:"peers,omitempty" enum:"never,before,after"`
	MustSay         *[]string          `json:"must_say,omitempty" maxItems:"30"`
	MustNotSay      *[]string          `json:"must_not_say,omitempty" maxItems:"30"`
}

func set[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}

func rulesOf(in []RuleInput) []programme.Rule {
	out := make([]programme.Rule, len(in))
	for i, r := range in {
		out[i] = programme.Rule{PersonID: r.PersonID, TeamID: r.TeamID, Role: people.Role(r.Role), NewWithinDays: r.NewWithinDays}
	}
	return out
}

// apply puts what is given into a programme.
func (u ProgrammeSetUp) apply(p *programme.Programme) {
	set(&p.Brief, u.Brief)
	set(&p.RubricVersionID, u.RubricVersionID)
	set(&p.TargetMS, u.TargetMS)
	set(&p.AnswerTypes, u.AnswerTypes)
	set(&p.AttemptsMax, u.AttemptsMax)
	set(&p.WaitHours, u.WaitHours)
	set(&p.SecondShare, u.SecondShare)
	set(&p.SecondDistance, u.SecondDistance)
	set(&p.ValidDays, u.ValidDays)
	set(&p.RenewDays, u.RenewDays)
	set(&p.MustSay, u.MustSay)
	set(&p.MustNotSay, u.MustNotSay)
	if m := u.Model; m != nil {
		p.Model = programme.Model{VideoID: m.VideoID, StartMS: m.StartMS, EndMS: m.EndMS}
	}
	if u.Attachments != nil {
		p.Attachments = nil
		for _, a := range *u.Attachments {
			p.Attachments = append(p.Attachments, programme.Attachment{Title: a.Title, URL: a.URL, VideoID: a.VideoID, File: programme.AttachedFile{ID: a.FileID}})
		}
	}
	if u.Rules != nil {
		p.Rules = rulesOf(*u.Rules)
	}
	if d := u.Due; d != nil {
		p.Due = programme.Due{Kind: programme.DueKind(d.Kind), Date: d.Date, Days: d.Days}
	}
	if k := u.Pass; k != nil {
		p.Pass = score.PassRule{Kind: score.PassKind(k.Kind), Percent: k.Percent, Level: k.Level}
	}
	if r := u.Reviewers; r != nil {
		p.Reviewers, p.ReviewerIDs = programme.ReviewerKind(r.Kind), r.PersonIDs
	}
	if u.Peers != nil {
		p.Peers = programme.Peers(*u.Peers)
	}
}

// programmesOf makes programmes what lists of them show: with names, and videos as far as one may see them.
func (s *Server) programmesOf(ctx context.Context, a people.Actor, programmes []programme.Programme) ([]programmeDTO, error) {
	uses, err := s.Programmes.Uses(ctx, a, programmes)
	if err != nil {
		return nil, err
	}
	var videoIDs, persons []string
	for _, p := range programmes {
		videoIDs = append(videoIDs, p.Model.VideoID)
		for _, at := range p.Attachments {
			videoIDs = append(videoIDs, at.VideoID)
		}
		for _, r := range p.Rules {
			persons = append(persons, r.PersonID)
		}
		persons = append(persons, p.ReviewerIDs...)
		if p.CreatedBy != nil {
			persons = append(persons, *p.CreatedBy)
		}
	}
	videos, names, err := s.videosOn(ctx, a, videoIDs, persons)
	if err != nil {
		return nil, err
	}
	teams, err := s.teamNames(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]programmeDTO, len(programmes))
	for i, p := range programmes {
		out[i] = programmeOf(a, p, uses[p.ID], programmeNames{videos, names, teams})
	}
	return out, nil
}

func (s *Server) teamNames(ctx context.Context, a people.Actor) (map[string]string, error) {
	teams, err := s.People.ListTeams(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(teams))
	for _, t := range teams {
		out[t.ID] = t.Name
	}
	return out, nil
}

type programmeNames struct {
	videos         map[string]*videoDTO
	persons, teams map[string]string
}

func programmeOf(a people.Actor, p programme.Programme, u programme.Use, n programmeNames) programmeDTO {
	d := programmeDTO{ID: p.ID, Name: p.Name, Brief: p.Brief, State: string(p.State), Attachments: make([]attachmentDTO, len(p.Attachments)), TargetMS: p.TargetMS,
		AnswerTypes: p.AnswerTypes, Rules: make([]ruleDTO, len(p.Rules)), Due: dueDTO{string(p.Due.Kind), p.Due.Date, p.Due.Days}, AttemptsMax: p.AttemptsMax, WaitHours: p.WaitHours,
		Pass: passDTO{string(p.Pass.Kind), p.Pass.Percent, p.Pass.Level}, Reviewers: reviewersDTO{string(p.Reviewers), make([]authorDTO, len(p.ReviewerIDs))},
		SecondShare: p.SecondShare, SecondDistance: p.SecondDistance, ValidDays: p.ValidDays, RenewDays: p.RenewDays, Peers: string(p.Peers),
		MustSay: list(p.MustSay), MustNotSay: list(p.MustNotSay), Version: p.Version, CreatedBy: personRef(p.CreatedBy, n.persons), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		OpenedAt: p.OpenedAt, ClosedAt: p.ClosedAt, Participants: u.Participants, Missing: list(p.Missing()),
		May: mayProgrammeDTO{Edit: programme.Can(a, programme.Edit, programme.Standing{}), Numbers: true}}
	if p.Model.VideoID != "" {
		d.Model = &modelDTO{n.videos[p.Model.VideoID], p.Model.VideoID, p.Model.StartMS, p.Model.EndMS}
	}
	for i, at := range p.Attachments {
		d.Attachments[i] = attachmentDTO{at.Title, at.URL, at.VideoID, n.videos[at.VideoID], fileOf(at.File)}
	}
	for i, r := range p.Rules {
		d.Rules[i] = ruleDTO{Role: string(r.Role), NewWithinDays: r.NewWithinDays}
		if r.PersonID != "" {
			d.Rules[i].Person = &authorDTO{r.PersonID, n.persons[r.PersonID]}
		}
		if r.TeamID != "" {
			d.Rules[i].Team = &authorDTO{r.TeamID, n.teams[r.TeamID]}
		}
	}
	for i, id := range p.ReviewerIDs {
		d.Reviewers.People[i] = authorDTO{id, n.persons[id]}
	}
	if v := u.Rubric; v != nil {
		d.Rubric = &programmeRubricDTO{v.RubricID, u.RubricName, v.Number, v.ID, u.CurrentVersion}
	}
	return d
}

func (s *Server) programmeAnswer(ctx context.Context, a people.Actor, p programme.Programme, err error) (*body[programmeDTO], error) {
	if err != nil {
		return nil, err
	}
	out, err := s.programmesOf(ctx, a, []programme.Programme{p})
	if err != nil {
		return nil, err
	}
	return answer(out[0]), nil
}

func refsOf(in []programme.Named) []authorDTO {
	out := make([]authorDTO, len(in))
	for i, n := range in {
		out[i] = authorDTO(n)
	}
	return out
}

// tenth rounds to one decimal.
func tenth(f float64) float64 { return math.Round(f*10) / 10 }

func (s *Server) programmeRoutes() {
	const tag, base = "programmes", "/api/v1/programmes"
	type listProgrammesRequest struct {
		State string `query:"state" enum:"draft,open,closed"`
	}
	route(s, op{method: "GET", path: base, tag: tag, summary: "Programmes whose numbers one may see, newest first: trainers all, managers those of their people"},
		func(ctx context.Context, a people.Actor, in *listProgrammesRequest) (*body[page[programmeDTO]], error) {
			found, err := s.Programmes.ListProgrammes(ctx, a, programme.State(in.State))
			if err != nil {
				return nil, err
			}
			items, err := s.programmesOf(ctx, a, found)
			if err != nil {
				return nil, err
			}
			return answer(page[programmeDTO]{Items: items}), nil
		})
	type makeProgrammeRequest struct {
		Body struct {
			ID   string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same programme."`
			Name string `json:"name" minLength:"1" maxLength:"120"`
			ProgrammeSetUp
		}
	}
	const codes = "required, too_long, out_of_range, kind_unknown, date_invalid, rubric_not_found, rubric_archived, person_not_found, team_not_found, video_not_found, video_practice, rule_mixed, url_invalid, time_outside, file_not_found, file_twice, too_many"
	route(s, op{method: "POST", path: base, tag: tag, summary: "Make a programme: a draft", status: http.StatusCreated, codes: codes + ", id_taken"},
		func(ctx context.Context, a people.Actor, in *makeProgrammeRequest) (*body[programmeDTO], error) {
			p, err := s.Programmes.Make(ctx, a, in.Body.ID, func(p *programme.Programme) {
				p.Name = in.Body.Name
				in.Body.apply(p)
			})
			return s.programmeAnswer(ctx, a, p, err)
		})
	route(s, op{method: "GET", path: base + "/{id}", tag: tag, summary: "A programme with its set-up"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[programmeDTO], error) {
			p, err := s.Programmes.Programme(ctx, a, in.ID)
			return s.programmeAnswer(ctx, a, p, err)
		})
	type changeProgrammeRequest struct {
		IDPath
		Body struct {
			Version int     `json:"version" minimum:"1" doc:"The one that the change was made from."`
			Name    *string `json:"name,omitempty" maxLength:"120"`
			ProgrammeSetUp
		}
	}
	route(s, op{method: "PATCH", path: base + "/{id}", tag: tag, summary: "Change a programme's set-up, open or not", codes: "programme_changed (with version in its context), programme_incomplete, " + codes},
		func(ctx context.Context, a people.Actor, in *changeProgrammeRequest) (*body[programmeDTO], error) {
			p, err := s.Programmes.Change(ctx, a, in.ID, in.Body.Version, func(p *programme.Programme) {
				set(&p.Name, in.Body.Name)
				in.Body.apply(p)
			})
			return s.programmeAnswer(ctx, a, p, err)
		})
	route(s, op{method: "DELETE", path: base + "/{id}", tag: tag, summary: "Delete a draft", status: http.StatusNoContent, codes: "programme_opened"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Programmes.Discard(ctx, a, in.ID)
		})
	for _, step := range []struct {
		name, summary, codes string
		do                   func(*programme.Service, context.Context, people.Actor, string) (programme.Programme, error)
	}{
		{"open", "Open a programme: its rules enrol people from now on", "programme_incomplete (with missing in its context)", (*programme.Service).Launch},
		{"close", "Close a programme: attempts that wait get their results, no more come in", "programme_draft", (*programme.Service).Close},
	} {
		route(s, op{method: "POST", path: base + "/{id}/" + step.name, tag: tag, summary: step.summary, codes: step.codes},
			func(ctx context.Context, a people.Actor, in *IDPath) (*body[programmeDTO], error) {
				p, err := step.do(s.Programmes, ctx, a, in.ID)
				return s.programmeAnswer(ctx, a, p, err)
			})
	}
	type copyRequest struct {
		IDPath
		Body *struct {
			ID string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same copy."`
		}
	}
	route(s, op{method: "POST", path: base + "/{id}/copy", tag: tag, summary: "Make a draft with the same set-up, its files too", codes: "id_taken", status: http.StatusCreated},
		func(ctx context.Context, a people.Actor, in *copyRequest) (*body[programmeDTO], error) {
			id := ""
			if in.Body != nil {
				id = in.Body.ID
			}
			p, err := s.Programmes.Copy(ctx, a, in.ID, id)
			return s.programmeAnswer(ctx, a, p, err)
		})
	s.previewRoutes(tag, base)
	s.programmeFileRoutes(tag, base)
	s.participantRoutes(tag, base)
}

// rescoreRoutes are about attempts that were scored under older versions.
func (s *Server) rescoreRoutes(tag, base string) {
	type rescorableDTO struct {
		AttemptID string    `json:"attempt_id"`
		Person    authorDTO `json:"person"`
		Number    int       `json:"number" doc:"Of the attempt."`
		Version   int       `json:"version" doc:"Of the rubric."`
		Score     float64   `json:"score" doc:"Percent."`
	}
	route(s, op{method: "GET", path: base + "/{id}/rescore", tag: tag, summary: "Attempts scored under other rubric versions than the programme's"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[rescorableDTO]], error) {
			found, err := s.Programmes.Rescorables(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(found, len(found), nil, func(r programme.Rescorable) rescorableDTO {
				return rescorableDTO{r.AttemptID, authorDTO{r.PersonID, r.Name}, r.Number, r.Version, score.Percent(r.Score)}
			})), nil
		})
	type rescoreRequest struct {
		IDPath
		Body struct {
			AttemptIDs []string `json:"attempt_ids" minItems:"1" maxItems:"500"`
		}
	}
	type rescoreAnswer struct {
		Count int `json:"count"`
	}
	route(s, op{method: "POST", path: base + "/{id}/rescore", tag: tag, summary: "Have attempts looked at again under the present rubric version; results stand until then", status: http.StatusAccepted,
		codes: "attempt_not_rescorable"},
		func(ctx context.Context, a people.Actor, in *rescoreRequest) (*body[rescoreAnswer], error) {
			if err := s.Programmes.Rescore(ctx, a, in.ID, in.Body.AttemptIDs); err != nil {
				return nil, err
			}
			return answer(rescoreAnswer{len(in.Body.AttemptIDs)}), nil
		})
}

// csvAnswer is a file to keep.
type csvAnswer struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func csvFile(name string, at time.Time, content []byte) *csvAnswer {
	return &csvAnswer{"text/csv; charset=utf-8", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, at.UTC().Format(time.DateOnly)), content}
}
