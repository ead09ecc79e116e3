package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

type levelOfDTO struct {
	CriterionID string `json:"criterion_id"`
	Level       int    `json:"level" doc:"From 1."`
}

type panelLevelDTO struct {
	CriterionID string  `json:"criterion_id"`
	Level       float64 `json:"level" doc:"The median; of an even number the mean of the two in the middle."`
	Levels      []int   `json:"levels" doc:"What each of the panel gave, low to high."`
}

type gapDTO struct {
	CriterionID string  `json:"criterion_id"`
	By          float64 `json:"by" doc:"One's own level less the panel's; above 0 is milder."`
}

type calibrationTakeDTO struct {
	GoldID   string          `json:"gold_id"`
	Title    string          `json:"title"`
	Video    *videoDTO       `json:"video,omitempty" doc:"As far as one may see it now; POST /calibration/{gold_id}/open lets one."`
	Rubric   goldRubricDTO   `json:"rubric"`
	Scored   bool            `json:"scored"`
	ScoredAt *time.Time      `json:"scored_at,omitempty"`
	Again    bool            `json:"again" doc:"One has scored it in an earlier month: now it counts for nothing."`
	Mine     []levelOfDTO    `json:"mine,omitempty"`
	Panel    []panelLevelDTO `json:"panel,omitempty" doc:"Only once one's own scores are in."`
	Gaps     []gapDTO        `json:"gaps,omitempty" doc:"The two biggest gaps."`
}

type goldRubricDTO struct {
	ID       string             `json:"id"`
	RubricID string             `json:"rubric_id"`
	Number   int                `json:"number"`
	Criteria []goldCriterionDTO `json:"criteria"`
}

type goldCriterionDTO struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Weight      int            `json:"weight"`
	Levels      []goldLevelDTO `json:"levels" doc:"Low to high; level 1 is the first."`
}

type goldLevelDTO struct {
	Points      int    `json:"points"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

func goldRubricOf(v rubric.Version) goldRubricDTO {
	d := goldRubricDTO{ID: v.ID, RubricID: v.RubricID, Number: v.Number, Criteria: []goldCriterionDTO{}}
	for _, c := range v.Criteria {
		k := goldCriterionDTO{ID: c.ID, Name: c.Name, Description: c.Description, Weight: c.Weight, Levels: []goldLevelDTO{}}
		for _, l := range c.Levels {
			k.Levels = append(k.Levels, goldLevelDTO(l))
		}
		d.Criteria = append(d.Criteria, k)
	}
	return d
}

type severityDTO struct {
	Mean float64 `json:"mean" doc:"In levels; above 0 is milder."`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

type kappaDTO struct {
	Value   float64 `json:"value"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Weights string  `json:"weights" enum:"quadratic"`
}

type agreementDTO struct {
	N          int          `json:"n" doc:"Scored criteria."`
	Takes      int          `json:"takes" doc:"The takes they are of."`
	State      string       `json:"state" enum:"too_few,ready"`
	Severity   *severityDTO `json:"severity,omitempty"`
	Kappa      *kappaDTO    `json:"kappa,omitempty" doc:"Absent, too, where it is not defined."`
	Definition string       `json:"definition"`
	Words      string       `json:"words"`
}

type reviewerStatsDTO struct {
	Reviewer   authorDTO    `json:"reviewer"`
	Panel      agreementDTO `json:"panel"`
	Colleagues agreementDTO `json:"colleagues"`
}

func agreementOf(a calibration.Agreement) agreementDTO {
	d := agreementDTO{N: a.N, Takes: a.Takes, State: "too_few", Definition: a.Definition, Words: a.Words}
	if !a.Ready {
		return d
	}
	d.State = "ready"
	if s := a.Severity; s != nil {
		d.Severity = &severityDTO{s.Value, s.Low, s.High}
	}
	if k := a.Kappa; k != nil {
		d.Kappa = &kappaDTO{k.Value, k.Low, k.High, "quadratic"}
	}
	return d
}

type calibrationDTO struct {
	Month     string               `json:"month" example:"2026-11"`
	DueOn     string               `json:"due_on" example:"2026-11-30"`
	Reviewer  bool                 `json:"reviewer" doc:"One has sent a review in the last 90 days, or manages participants. Others are given nothing."`
	Skipped   bool                 `json:"skipped"`
	SkipsLeft int                  `json:"skips_left" doc:"How many months can still be skipped in a row, this one included."`
	Takes     []calibrationTakeDTO `json:"takes"`
	Stats     reviewerStatsDTO     `json:"stats"`
}

type goldPanelistDTO struct {
	Person authorDTO      `json:"person"`
	Levels map[string]int `json:"levels" doc:"By criterion."`
}

type goldDTO struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	VideoID   string            `json:"video_id"`
	Video     *videoDTO         `json:"video,omitempty"`
	Usable    bool              `json:"usable" doc:"It is given to reviewers: it is not retired, and its video can be played and seen by all, or is that of who made it gold."`
	Rubric    goldRubricDTO     `json:"rubric"`
	Panel     []goldPanelistDTO `json:"panel"`
	Hidden    bool              `json:"panel_hidden" doc:"One is to score it this month oneself, so the panel is left out."`
	ScoredBy  int               `json:"scored_by" doc:"Reviewers who have scored it."`
	CreatedBy *authorDTO        `json:"created_by,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	RetiredAt *time.Time        `json:"retired_at,omitempty"`
}

// PanelistInput is what one of a panel gives.
type PanelistInput struct {
	PersonID string         `json:"person_id" format:"uuid"`
	Levels   map[string]int `json:"levels" doc:"A level for each criterion of the version, by its id."`
}

func panelOf(in []PanelistInput) []calibration.Panelist {
	out := make([]calibration.Panelist, len(in))
	for i, p := range in {
		out[i] = calibration.Panelist{PersonID: p.PersonID, Levels: p.Levels}
	}
	return out
}

func (s *Server) calibrationRoutes() {
	const finals = "calibration_final, level_missing and level_unknown (with criteria in their context)"
	route(s, op{method: "GET", path: "/api/v1/calibration", tag: "calibration", summary: "This month's gold takes for oneself to score blind, and one's own figures"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[calibrationDTO], error) {
			m, err := s.Calibration.This(ctx, a)
			return s.calibrationAnswer(ctx, a, m, err)
		})
	type goldPath struct {
		GoldID string `path:"gold_id" maxLength:"100"`
	}
	type scoreGoldRequest struct {
		GoldID string `path:"gold_id" maxLength:"100"`
		Body   struct {
			Levels map[string]int `json:"levels" doc:"A level for each criterion, by its id. Final."`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/calibration/{gold_id}", tag: "calibration", summary: "Score a gold take; only then the panel's scores are shown", codes: finals},
		func(ctx context.Context, a people.Actor, in *scoreGoldRequest) (*body[calibrationDTO], error) {
			m, err := s.Calibration.Score(ctx, a, in.GoldID, score.Levels(in.Body.Levels))
			return s.calibrationAnswer(ctx, a, m, err)
		})
	type openedGoldDTO struct {
		VideoID string   `json:"video_id"`
		Video   videoDTO `json:"video"`
	}
	route(s, op{method: "POST", path: "/api/v1/calibration/{gold_id}/open", tag: "calibration", summary: "Watch a gold take that one was given this month"},
		func(ctx context.Context, a people.Actor, in *goldPath) (*body[openedGoldDTO], error) {
			id, err := s.Calibration.Open(ctx, a, in.GoldID)
			if err != nil {
				return nil, err
			}
			v, err := s.Videos.Get(ctx, a, id)
			if err != nil {
				return nil, err
			}
			names, err := s.names(ctx, []string{v.AuthorID})
			if err != nil {
				return nil, err
			}
			return answer(openedGoldDTO{id, s.videoDTO(a, v, names)}), nil
		})
	route(s, op{method: "POST", path: "/api/v1/calibration/skip", tag: "calibration", summary: "Skip this month", codes: "skip_limit, calibration_begun, calibration_not_found"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[calibrationDTO], error) {
			m, err := s.Calibration.Skip(ctx, a)
			return s.calibrationAnswer(ctx, a, m, err)
		})
	type reviewerStatsAnswer struct {
		Items []reviewerStatsDTO `json:"items"`
	}
	route(s, op{method: "GET", path: "/api/v1/calibration/reviewers", tag: "calibration", summary: "How far each reviewer's levels lie from the panel's and from colleagues' (trainers)"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[reviewerStatsAnswer], error) {
			all, err := s.Calibration.Reviewers(ctx, a)
			if err != nil {
				return nil, err
			}
			items, err := s.statsOf(ctx, all)
			if err != nil {
				return nil, err
			}
			return answer(reviewerStatsAnswer{items}), nil
		})
	route(s, op{method: "GET", path: "/api/v1/calibration/reviewers/{id}", tag: "calibration", summary: "One reviewer's figures, for them and for trainers"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[reviewerStatsDTO], error) {
			f, err := s.Calibration.FiguresOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			items, err := s.statsOf(ctx, []calibration.Figures{f})
			if err != nil {
				return nil, err
			}
			return answer(items[0]), nil
		})
	s.goldRoutes()
}

func (s *Server) goldRoutes() {
	const codes = "gold_private, video_not_playable, video_not_found, rubric_version_not_found, person_not_found, person_twice, level_missing, level_unknown"
	type listGoldRequest struct {
		Paging
		Retired bool `query:"retired" doc:"Those that are given to nobody any more, too."`
	}
	route(s, op{method: "GET", path: "/api/v1/calibration/gold", tag: "calibration", summary: "Gold takes, newest first (trainers, admins)"},
		func(ctx context.Context, a people.Actor, in *listGoldRequest) (*body[page[goldDTO]], error) {
			golds, err := s.Calibration.ListGold(ctx, a, calibration.GoldFilter{Retired: in.Retired, Before: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			items, err := s.goldsOf(ctx, a, golds)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(items, in.Limit, func(d goldDTO) string { return d.ID }, func(d goldDTO) goldDTO { return d })), nil
		})
	type addGoldRequest struct {
		Body struct {
			ID              string          `json:"id,omitempty" format:"uuid" doc:"The sender's own: the same id twice is the same gold take."`
			Title           string          `json:"title" minLength:"1" maxLength:"120"`
			VideoID         string          `json:"video_id" format:"uuid" doc:"One that everybody may see, or one's own."`
			RubricVersionID string          `json:"rubric_version_id" format:"uuid"`
			Panel           []PanelistInput `json:"panel" minItems:"1" maxItems:"20"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/calibration/gold", tag: "calibration", summary: "Make a video gold (trainers, admins)", status: http.StatusCreated, codes: codes + ", id_taken"},
		func(ctx context.Context, a people.Actor, in *addGoldRequest) (*body[goldDTO], error) {
			g, err := s.Calibration.AddGold(ctx, a, calibration.NewGold{ID: in.Body.ID, Title: in.Body.Title, VideoID: in.Body.VideoID, RubricVersionID: in.Body.RubricVersionID, Panel: panelOf(in.Body.Panel)})
			return s.goldAnswer(ctx, a, g, err)
		})
	type changeGoldRequest struct {
		IDPath
		Body struct {
			Title           *string          `json:"title,omitempty" minLength:"1" maxLength:"120"`
			VideoID         *string          `json:"video_id,omitempty" format:"uuid" doc:"Until somebody has scored it."`
			RubricVersionID *string          `json:"rubric_version_id,omitempty" format:"uuid" doc:"Until somebody has scored it."`
			Panel           *[]PanelistInput `json:"panel,omitempty" minItems:"1" maxItems:"20"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/calibration/gold/{id}", tag: "calibration", summary: "Change a gold take (trainers, admins)", codes: codes + ", gold_scored, gold_hidden"},
		func(ctx context.Context, a people.Actor, in *changeGoldRequest) (*body[goldDTO], error) {
			c := calibration.GoldChange{Title: in.Body.Title, VideoID: in.Body.VideoID, RubricVersionID: in.Body.RubricVersionID}
			if in.Body.Panel != nil {
				panel := panelOf(*in.Body.Panel)
				c.Panel = &panel
			}
			g, err := s.Calibration.ChangeGold(ctx, a, in.ID, c)
			return s.goldAnswer(ctx, a, g, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/calibration/gold/{id}", tag: "calibration", summary: "Retire a gold take; what was scored stays (trainers, admins)", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Calibration.RetireGold(ctx, a, in.ID)
		})
}

// calibrationAnswer answers with the actor's month and their own figures.
func (s *Server) calibrationAnswer(ctx context.Context, a people.Actor, m calibration.Month, err error) (*body[calibrationDTO], error) {
	if err != nil {
		return nil, err
	}
	f, err := s.Calibration.FiguresOf(ctx, a, a.PersonID)
	if err != nil {
		return nil, err
	}
	stats, err := s.statsOf(ctx, []calibration.Figures{f})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(m.Takes))
	for i, t := range m.Takes {
		ids[i] = t.VideoID
	}
	videos, _, err := s.videosOn(ctx, a, ids, nil)
	if err != nil {
		return nil, err
	}
	d := calibrationDTO{Month: m.Month, DueOn: m.DueOn, Reviewer: m.Reviewer, Skipped: m.Skipped, SkipsLeft: m.SkipsLeft, Takes: []calibrationTakeDTO{}, Stats: stats[0]}
	for _, t := range m.Takes {
		item := calibrationTakeDTO{GoldID: t.GoldID, Title: t.Title, Video: videos[t.VideoID], Rubric: goldRubricOf(t.Rubric), Scored: t.ScoredAt != nil, ScoredAt: t.ScoredAt, Again: t.Again}
		if item.Scored {
			for _, c := range t.Rubric.Criteria {
				item.Mine = append(item.Mine, levelOfDTO{c.ID, t.Mine[c.ID]})
				item.Panel = append(item.Panel, panelLevelDTO{c.ID, t.Median(c.ID), t.Panel[c.ID]})
			}
			for _, g := range t.Gaps {
				item.Gaps = append(item.Gaps, gapDTO(g))
			}
		}
		d.Takes = append(d.Takes, item)
	}
	return answer(d), nil
}

func (s *Server) statsOf(ctx context.Context, all []calibration.Figures) ([]reviewerStatsDTO, error) {
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.PersonID
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]reviewerStatsDTO, len(all))
	for i, f := range all {
		out[i] = reviewerStatsDTO{authorDTO{f.PersonID, names[f.PersonID]}, agreementOf(f.Panel), agreementOf(f.Colleagues)}
	}
	return out, nil
}

func (s *Server) goldAnswer(ctx context.Context, a people.Actor, g calibration.Gold, err error) (*body[goldDTO], error) {
	if err != nil {
		return nil, err
	}
	out, err := s.goldsOf(ctx, a, []calibration.Gold{g})
	if err != nil {
		return nil, err
	}
	return answer(out[0]), nil
}

func (s *Server) goldsOf(ctx context.Context, a people.Actor, golds []calibration.Gold) ([]goldDTO, error) {
	var ids, persons, versions []string
	for _, g := range golds {
		ids, versions = append(ids, g.VideoID), append(versions, g.RubricVersionID)
		if g.CreatedBy != nil {
			persons = append(persons, *g.CreatedBy)
		}
		for _, p := range g.Panel {
			persons = append(persons, p.PersonID)
		}
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	rubrics, err := s.Rubrics.Versions(ctx, versions...)
	if err != nil {
		return nil, err
	}
	out := make([]goldDTO, len(golds))
	for i, g := range golds {
		d := goldDTO{ID: g.ID, Title: g.Title, VideoID: g.VideoID, Video: videos[g.VideoID], Usable: g.Usable, Rubric: goldRubricOf(rubrics[g.RubricVersionID]), Panel: []goldPanelistDTO{}, Hidden: g.Hidden,
			ScoredBy: g.ScoredBy, CreatedAt: g.CreatedAt, RetiredAt: g.RetiredAt}
		if g.CreatedBy != nil {
			d.CreatedBy = &authorDTO{*g.CreatedBy, names[*g.CreatedBy]}
		}
		for _, p := range g.Panel {
			d.Panel = append(d.Panel, goldPanelistDTO{authorDTO{p.PersonID, names[p.PersonID]}, p.Levels})
		}
		out[i] = d
	}
	return out, nil
}
