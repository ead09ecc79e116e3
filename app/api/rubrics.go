package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

type levelDTO struct {
	Points      int    `json:"points" minimum:"0" maximum:"100" doc:"Not fewer than those of the level below; the last has more than the first."`
	Name        string `json:"name" minLength:"1" maxLength:"120"`
	Description string `json:"description" maxLength:"1000" doc:"What one can observe."`
}

type criterionDTO struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Weight      int        `json:"weight"`
	Levels      []levelDTO `json:"levels" doc:"Low to high; level 1 is the first."`
	Continues   string     `json:"continues,omitempty" doc:"The criterion of the nearest earlier version that this one stands for in trends; absent in lists that know one version only."`
}

type rubricVersionDTO struct {
	ID        string         `json:"id"`
	RubricID  string         `json:"rubric_id"`
	Number    int            `json:"number"`
	Criteria  []criterionDTO `json:"criteria"`
	CreatedAt time.Time      `json:"created_at"`
	CreatedBy *authorDTO     `json:"created_by,omitempty"`
}

type rubricVersionRowDTO struct {
	ID        string     `json:"id"`
	Number    int        `json:"number"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy *authorDTO `json:"created_by,omitempty"`
}

type rubricDTO struct {
	ID       string                `json:"id"`
	Name     string                `json:"name"`
	Archived bool                  `json:"archived" doc:"Programmes that have it keep it; others cannot choose it."`
	Current  rubricVersionDTO      `json:"current"`
	Versions []rubricVersionRowDTO `json:"versions" doc:"Oldest first."`
	UsedBy   []authorDTO           `json:"used_by" doc:"Programmes."`
}

type rubricRowDTO struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Archived  bool      `json:"archived"`
	Version   int       `json:"version"`
	VersionID string    `json:"version_id"`
	Criteria  int       `json:"criteria"`
	UsedBy    int       `json:"used_by"`
	UpdatedAt time.Time `json:"updated_at"`
}

type trendPointDTO struct {
	Version   int     `json:"version"`
	Month     string  `json:"month" example:"2026-11"`
	N         int     `json:"n"`
	MeanShare float64 `json:"mean_share" doc:"0 to 1."`
}

type trendLineDTO struct {
	Lineage string          `json:"lineage"`
	Name    string          `json:"name"`
	Points  []trendPointDTO `json:"points"`
}

type trendDTO struct {
	Definition string         `json:"definition"`
	AsOf       time.Time      `json:"as_of"`
	Lines      []trendLineDTO `json:"lines"`
}

// personRef gives a person with their name, or nil for none.
func personRef(id *string, names map[string]string) *authorDTO {
	if id == nil {
		return nil
	}
	return &authorDTO{*id, names[*id]}
}

// rubricVersionOf shows a version; names may be nil where nobody asks who made it, and continues where no
// other version is known.
func rubricVersionOf(v rubric.Version, names, continues map[string]string) rubricVersionDTO {
	d := rubricVersionDTO{ID: v.ID, RubricID: v.RubricID, Number: v.Number, CreatedAt: v.CreatedAt, Criteria: make([]criterionDTO, len(v.Criteria))}
	if names != nil {
		d.CreatedBy = personRef(v.CreatedBy, names)
	}
	for i, c := range v.Criteria {
		d.Criteria[i] = criterionDTO{ID: c.ID, Name: c.Name, Description: c.Description, Weight: c.Weight, Continues: continues[c.ID], Levels: make([]levelDTO, len(c.Levels))}
		for j, l := range c.Levels {
			d.Criteria[i].Levels[j] = levelDTO(l)
		}
	}
	return d
}

func (s *Server) rubricOf(ctx context.Context, v rubric.View) (rubricDTO, error) {
	var persons []string
	for _, r := range v.Versions {
		if r.CreatedBy != nil {
			persons = append(persons, *r.CreatedBy)
		}
	}
	names, err := s.names(ctx, persons)
	if err != nil {
		return rubricDTO{}, err
	}
	d := rubricDTO{ID: v.ID, Name: v.Name, Archived: v.ArchivedAt != nil, Current: rubricVersionOf(v.Current(), names, rubric.Continued(v.Versions)), UsedBy: make([]authorDTO, len(v.UsedBy))}
	for _, r := range v.Versions {
		d.Versions = append(d.Versions, rubricVersionRowDTO{r.ID, r.Number, r.CreatedAt, personRef(r.CreatedBy, names)})
	}
	for i, p := range v.UsedBy {
		d.UsedBy[i] = authorDTO(p)
	}
	return d, nil
}

func (s *Server) rubricAnswer(ctx context.Context, v rubric.View, err error) (*body[rubricDTO], error) {
	if err != nil {
		return nil, err
	}
	d, err := s.rubricOf(ctx, v)
	if err != nil {
		return nil, err
	}
	return answer(d), nil
}

// CriterionInput is a criterion of a version to be.
type CriterionInput struct {
	Name        string     `json:"name" minLength:"1" maxLength:"120"`
	Description string     `json:"description,omitempty" maxLength:"1000"`
	Weight      int        `json:"weight" minimum:"1" maximum:"100" doc:"What it counts beside the others."`
	Levels      []levelDTO `json:"levels" minItems:"2" maxItems:"6" doc:"Low to high."`
	Continues   string     `json:"continues,omitempty" maxLength:"36" doc:"A criterion of an earlier version that this one stands for in trends."`
}

// PairInput says which earlier criterion one continues.
type PairInput struct {
	CriterionID string `json:"criterion_id" format:"uuid" doc:"Of the current version."`
	Continues   string `json:"continues,omitempty" maxLength:"36" doc:"Of an earlier version; left out: it stands for none."`
}

func criteriaOf(in []CriterionInput) []rubric.NewCriterion {
	out := make([]rubric.NewCriterion, len(in))
	for i, c := range in {
		out[i] = rubric.NewCriterion{Name: c.Name, Description: c.Description, Weight: c.Weight, Continues: c.Continues}
		for _, l := range c.Levels {
			out[i].Levels = append(out[i].Levels, score.Level(l))
		}
	}
	return out
}

func (s *Server) rubricRoutes() {
	const tag = "rubrics"
	type listRubricsRequest struct {
		Archived bool `query:"archived" doc:"Those archived, instead of those in use."`
	}
	route(s, op{method: "GET", path: "/api/v1/rubrics", tag: tag, summary: "Rubrics, by name"},
		func(ctx context.Context, a people.Actor, in *listRubricsRequest) (*body[page[rubricRowDTO]], error) {
			rows, err := s.Rubrics.List(ctx, a, in.Archived)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(rows, len(rows), nil, func(r rubric.Row) rubricRowDTO {
				return rubricRowDTO{r.ID, r.Name, r.ArchivedAt != nil, r.Version, r.VersionID, r.Criteria, r.UsedBy, r.UpdatedAt}
			})), nil
		})
	type makeRubricRequest struct {
		Body struct {
			ID       string           `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same rubric."`
			Name     string           `json:"name" minLength:"1" maxLength:"120"`
			Criteria []CriterionInput `json:"criteria" minItems:"1" maxItems:"20"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/rubrics", tag: tag, summary: "Make a rubric with its first version", status: http.StatusCreated,
		codes: "required, name_twice, points_fall, points_equal, id_taken"},
		func(ctx context.Context, a people.Actor, in *makeRubricRequest) (*body[rubricDTO], error) {
			v, err := s.Rubrics.Make(ctx, a, in.Body.ID, in.Body.Name, criteriaOf(in.Body.Criteria))
			return s.rubricAnswer(ctx, v, err)
		})
	route(s, op{method: "GET", path: "/api/v1/rubrics/{id}", tag: tag, summary: "A rubric with its current version"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[rubricDTO], error) {
			v, err := s.Rubrics.Rubric(ctx, a, in.ID)
			return s.rubricAnswer(ctx, v, err)
		})
	type changeRubricRequest struct {
		IDPath
		Body struct {
			Name     *string `json:"name,omitempty" maxLength:"120"`
			Archived *bool   `json:"archived,omitempty"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/rubrics/{id}", tag: tag, summary: "Rename or archive a rubric", codes: "required"},
		func(ctx context.Context, a people.Actor, in *changeRubricRequest) (*body[rubricDTO], error) {
			v, err := s.Rubrics.Change(ctx, a, in.ID, rubric.Change{Name: in.Body.Name, Archived: in.Body.Archived})
			return s.rubricAnswer(ctx, v, err)
		})
	type rubricVersionRequest struct {
		IDPath
		Number int `path:"number" minimum:"1"`
	}
	route(s, op{method: "GET", path: "/api/v1/rubrics/{id}/versions/{number}", tag: tag, summary: "One version of a rubric; it never changes"},
		func(ctx context.Context, a people.Actor, in *rubricVersionRequest) (*body[rubricVersionDTO], error) {
			v, err := s.Rubrics.UpTo(ctx, a, in.ID, in.Number)
			if err != nil {
				return nil, err
			}
			d, err := s.rubricOf(ctx, v)
			if err != nil {
				return nil, err
			}
			return answer(d.Current), nil
		})
	type reviseRequest struct {
		IDPath
		Body struct {
			Base     int              `json:"base" minimum:"1" doc:"The number of the version that this one was made from."`
			Criteria []CriterionInput `json:"criteria" minItems:"1" maxItems:"20"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/rubrics/{id}/versions", tag: tag, summary: "Make a new version; old scores keep theirs", status: http.StatusCreated,
		codes: "rubric_changed (with current in its context), criterion_not_found, continued_twice, name_twice, points_fall, points_equal"},
		func(ctx context.Context, a people.Actor, in *reviseRequest) (*body[rubricDTO], error) {
			v, err := s.Rubrics.Revise(ctx, a, in.ID, in.Body.Base, criteriaOf(in.Body.Criteria))
			return s.rubricAnswer(ctx, v, err)
		})
	type mapRequest struct {
		IDPath
		Body struct {
			Pairs []PairInput `json:"pairs" minItems:"1" maxItems:"20"`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/rubrics/{id}/mapping", tag: tag, summary: "Say which criteria stand for which earlier ones, for trends", codes: "criterion_not_found, continued_twice"},
		func(ctx context.Context, a people.Actor, in *mapRequest) (*body[rubricDTO], error) {
			pairs := make([]rubric.Pair, len(in.Body.Pairs))
			for i, p := range in.Body.Pairs {
				pairs[i] = rubric.Pair(p)
			}
			v, err := s.Rubrics.Map(ctx, a, in.ID, pairs)
			return s.rubricAnswer(ctx, v, err)
		})
	route(s, op{method: "GET", path: "/api/v1/rubrics/{id}/trend", tag: tag, summary: "How the criteria come out over versions and months"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[trendDTO], error) {
			t, err := s.Rubrics.Trend(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			d := trendDTO{Definition: t.Definition, AsOf: t.AsOf, Lines: make([]trendLineDTO, len(t.Lines))}
			for i, l := range t.Lines {
				d.Lines[i] = trendLineDTO{l.Lineage, l.Name, make([]trendPointDTO, len(l.Points))}
				for j, p := range l.Points {
					d.Lines[i].Points[j] = trendPointDTO(p)
				}
			}
			return answer(d), nil
		})
}
