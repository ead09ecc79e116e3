package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/people"
)

type promiseMayDTO struct {
	Edit bool `json:"edit"`
	Done bool `json:"done"`
}

type promiseDTO struct {
	ID      string        `json:"id"`
	By      authorDTO     `json:"by" doc:"Who wrote it down."`
	With    authorDTO     `json:"with" doc:"The other of the two."`
	Owner   authorDTO     `json:"owner" doc:"Whose promise it is."`
	Person  authorDTO     `json:"person" doc:"Whose page it stands on: who of the two is coached."`
	Text    string        `json:"text"`
	DueOn   string        `json:"due_on" doc:"The last day, where its owner is."`
	DoneAt  *time.Time    `json:"done_at,omitempty"`
	Overdue bool          `json:"overdue"`
	May     promiseMayDTO `json:"may"`
}

func (s *Server) promisesOf(ctx context.Context, a people.Actor, all []coach.Promise) ([]promiseDTO, error) {
	var persons []string
	for _, p := range all {
		persons = append(persons, p.PersonID, p.CoachID)
	}
	names, err := s.names(ctx, persons)
	if err != nil {
		return nil, err
	}
	out := make([]promiseDTO, len(all))
	for i, p := range all {
		out[i] = promiseDTO{ID: p.ID, By: authorDTO{p.ByID, names[p.ByID]}, With: authorDTO{p.With(), names[p.With()]}, Owner: authorDTO{p.OwnerID, names[p.OwnerID]},
			Person: authorDTO{p.PersonID, names[p.PersonID]}, Text: p.Body,
			DueOn: p.DueOn, DoneAt: p.DoneAt, Overdue: p.Overdue, May: promiseMayDTO{Edit: p.ByID == a.PersonID, Done: true}}
	}
	return out, nil
}

type coachScoreDTO struct {
	AttemptID string    `json:"attempt_id"`
	Score     float64   `json:"score" doc:"Percent."`
	Decision  string    `json:"decision" enum:"pass,retry,fail"`
	At        time.Time `json:"at"`
}

type progressOfDTO struct {
	Programme authorDTO     `json:"programme"`
	Attempts  int           `json:"attempts" doc:"How many have a result."`
	First     coachScoreDTO `json:"first"`
	Last      coachScoreDTO `json:"last"`
}

type coachMomentDTO struct {
	Video   videoDTO `json:"video"`
	StartMS int64    `json:"start_ms"`
	EndMS   int64    `json:"end_ms"`
	Why     string   `json:"why"`
}

type interactionDTO struct {
	Kind  string    `json:"kind" enum:"note,reply,review,video_reply"`
	By    authorDTO `json:"by"`
	At    time.Time `json:"at"`
	Video *videoDTO `json:"video,omitempty" doc:"Absent where one may not see it any more."`
	AtMS  int64     `json:"at_ms,omitempty" doc:"The second of a note."`
	Text  string    `json:"text" doc:"What a note says; the programme of a review."`
}

type nextStepDTO struct {
	Words string `json:"words"`
	Link  string `json:"link,omitempty" doc:"The address of its screen; absent where it is on this page."`
}

type oneToOneDTO struct {
	Person       authorDTO        `json:"person"`
	Mine         bool             `json:"mine" doc:"It is one's own page."`
	With         *authorDTO       `json:"with,omitempty" doc:"On one's own page: the manager whom a new promise is made to."`
	Since        time.Time        `json:"since" doc:"There is nothing older on this page, but for first attempts."`
	Programmes   []progressOfDTO  `json:"attempts" doc:"First against last, by programme, the latest result first."`
	Moments      []coachMomentDTO `json:"moments" doc:"At most three: something good, something to work on, something said."`
	Promises     []promiseDTO     `json:"promises" doc:"Open ones first. Only the two of a promise know of it."`
	Interactions []interactionDTO `json:"last_interactions"`
	Suggestion   *nextStepDTO     `json:"suggestion,omitempty"`
}

func (s *Server) oneToOneOf(ctx context.Context, a people.Actor, p coach.Page) (oneToOneDTO, error) {
	var ids []string
	persons := []string{p.CoachID}
	for _, m := range p.Moments {
		ids = append(ids, m.VideoID)
	}
	for _, i := range p.Interactions {
		persons = append(persons, i.CoachID)
		if i.VideoID != nil {
			ids = append(ids, *i.VideoID)
		}
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return oneToOneDTO{}, err
	}
	d := oneToOneDTO{Person: authorDTO{p.Person.ID, p.Person.Name}, Mine: p.Person.ID == a.PersonID, Since: p.Since, Programmes: []progressOfDTO{}, Moments: []coachMomentDTO{}, Interactions: []interactionDTO{}}
	if p.CoachID != "" {
		d.With = &authorDTO{p.CoachID, names[p.CoachID]}
	}
	score := func(x coach.Score) coachScoreDTO { return coachScoreDTO{x.AttemptID, x.Percent, x.Decision, x.At} }
	for _, x := range p.Programmes {
		d.Programmes = append(d.Programmes, progressOfDTO{Programme: authorDTO{x.ProgrammeID, x.Programme}, Attempts: x.Attempts, First: score(x.First), Last: score(x.Last)})
	}
	for _, m := range p.Moments {
		if v := videos[m.VideoID]; v != nil { // else it has just been deleted
			d.Moments = append(d.Moments, coachMomentDTO{*v, m.StartMS, m.EndMS, m.Why})
		}
	}
	for _, i := range p.Interactions {
		x := interactionDTO{Kind: string(i.Kind), By: authorDTO{i.CoachID, names[i.CoachID]}, At: i.At, AtMS: i.AtMS, Text: i.Text}
		if i.VideoID != nil {
			x.Video = videos[*i.VideoID]
		}
		d.Interactions = append(d.Interactions, x)
	}
	if p.Suggestion != nil {
		d.Suggestion = &nextStepDTO{p.Suggestion.Words, p.Suggestion.Link}
	}
	d.Promises, err = s.promisesOf(ctx, a, p.Promises)
	return d, err
}

type coachedDTO struct {
	Person          authorDTO  `json:"person"`
	Direct          bool       `json:"direct" doc:"One manages them without anybody between."`
	LastInteraction *time.Time `json:"last_interaction_at,omitempty" doc:"When one last said something to them: a note, a reply, a review. Absent for never."`
	OpenPromises    int        `json:"open_promises" doc:"Between the two."`
	ThisMonth       int        `json:"interactions_this_month" doc:"In this month (UTC)."`
}

func coachedOf(r coach.Report) coachedDTO {
	d := coachedDTO{Person: authorDTO{r.PersonID, r.Name}, Direct: r.Direct, OpenPromises: r.OpenPromises, ThisMonth: r.ThisMonth}
	if !r.LastAt.IsZero() {
		d.LastInteraction = &r.LastAt
	}
	return d
}

func (s *Server) pageOfPersonRoutes() {
	route(s, op{method: "GET", path: "/api/v1/coaching/people", tag: "coaching", summary: "One's line: those whom one manages directly first, and of those the one who has waited longest for a word"},
		func(ctx context.Context, a people.Actor, in *Paging) (*body[page[coachedDTO]], error) {
			all, err := s.Coaching.Reports(ctx, a, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(all, in.Limit, func(r coach.Report) string { return r.PersonID }, coachedOf)), nil
		})
	route(s, op{method: "GET", path: "/api/v1/coaching/people/{id}", tag: "coaching", summary: "What two people need before them when they talk; for the person themself and their line"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[oneToOneDTO], error) {
			p, err := s.Coaching.PageOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.oneToOneOf(ctx, a, p)
			if err != nil {
				return nil, err
			}
			return answer(d), nil
		})
	type promiseRequest struct {
		IDPath
		Body struct {
			ID    string `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same promise."`
			Owner string `json:"owner" enum:"me,them" doc:"Whose promise it is."`
			Text  string `json:"text" minLength:"1" maxLength:"500"`
			DueOn string `json:"due_on" minLength:"10" maxLength:"10" example:"2026-11-30"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/coaching/people/{id}/promises", tag: "coaching", summary: "Write down a promise between the two; on one's own page, between one and one's manager", status: http.StatusCreated,
		codes: "no_manager, date_invalid, date_past, id_taken"},
		func(ctx context.Context, a people.Actor, in *promiseRequest) (*body[promiseDTO], error) {
			p, err := s.Coaching.Promise(ctx, a, in.ID, coach.NewPromise{ID: in.Body.ID, Mine: in.Body.Owner == "me", Text: in.Body.Text, DueOn: in.Body.DueOn})
			return one(ctx, a, s.promisesOf, p, err)
		})
	route(s, op{method: "GET", path: "/api/v1/promises", tag: "coaching", summary: "Open promises that are one's own to keep, by their day"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[page[promiseDTO]], error) {
			all, err := s.Coaching.OwnPromises(ctx, a)
			if err != nil {
				return nil, err
			}
			items, err := s.promisesOf(ctx, a, all)
			if err != nil {
				return nil, err
			}
			return answer(page[promiseDTO]{Items: items}), nil
		})
	type changePromiseRequest struct {
		IDPath
		Body struct {
			Text  *string `json:"text,omitempty" maxLength:"500"`
			DueOn *string `json:"due_on,omitempty" maxLength:"10"`
			Done  *bool   `json:"done,omitempty"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/promises/{id}", tag: "coaching", summary: "Tick a promise off, or take that back (both); change its words and its day (who wrote it down)", codes: "date_invalid, date_past"},
		func(ctx context.Context, a people.Actor, in *changePromiseRequest) (*body[promiseDTO], error) {
			p, err := s.Coaching.ChangePromise(ctx, a, in.ID, coach.PromiseChange{Text: in.Body.Text, DueOn: in.Body.DueOn, Done: in.Body.Done})
			return one(ctx, a, s.promisesOf, p, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/promises/{id}", tag: "coaching", summary: "Remove a promise that one wrote down", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Coaching.DropPromise(ctx, a, in.ID)
		})
}

type cadenceMonthDTO struct {
	Month   string  `json:"month" example:"2026-11"`
	Notes   int     `json:"notes"`
	Reviews int     `json:"reviews"`
	Replies int     `json:"replies"`
	PerRep  float64 `json:"per_rep" doc:"All of them for each person whom the manager manages directly."`
}

type cadenceManagerDTO struct {
	Manager authorDTO         `json:"manager"`
	Reps    int               `json:"reps" doc:"People managed directly, as it stands now."`
	Months  []cadenceMonthDTO `json:"months"`
}

type cadenceFiltersDTO struct {
	From string `json:"from"`
	To   string `json:"to"`
	Team string `json:"team,omitempty"`
}

type cadenceDTO struct {
	Definition string              `json:"definition"`
	AsOf       time.Time           `json:"as_of"`
	Filters    cadenceFiltersDTO   `json:"filters"`
	Managers   []cadenceManagerDTO `json:"managers"`
}

func (s *Server) cadenceRoutes() {
	type cadenceRequest struct {
		From string `query:"from" maxLength:"7" doc:"The first month, such as 2026-06; the usual is six months."`
		To   string `query:"to" maxLength:"7" doc:"The last month."`
		Team string `query:"team" maxLength:"36" doc:"Managers of this team and of teams below it."`
	}
	route(s, op{method: "GET", path: "/api/v1/coaching/cadence", tag: "coaching", summary: "How often managers say something to their reports: one's own and of managers below one; trainers and admins: all",
		codes: "month_invalid, period_empty, period_long, team_not_found"},
		func(ctx context.Context, a people.Actor, in *cadenceRequest) (*body[cadenceDTO], error) {
			c, err := s.Coaching.Cadence(ctx, a, coach.CadenceFilter{From: in.From, To: in.To, Team: in.Team})
			if err != nil {
				return nil, err
			}
			d := cadenceDTO{Definition: c.Definition, AsOf: c.AsOf, Filters: cadenceFiltersDTO{c.From, c.To, in.Team}, Managers: []cadenceManagerDTO{}}
			for _, m := range c.Managers {
				of := cadenceManagerDTO{Manager: authorDTO{m.PersonID, m.Name}, Reps: m.Reps}
				for _, x := range m.Months {
					of.Months = append(of.Months, cadenceMonthDTO(x))
				}
				d.Managers = append(d.Managers, of)
			}
			return answer(d), nil
		})
}
