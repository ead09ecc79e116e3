package api

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

type reportRequest struct {
	Team   string `query:"team" maxLength:"36" doc:"A team and those below it."`
	Tactic string `query:"tactic" maxLength:"120" doc:"A key of the vocabulary."`
	From   string `query:"from" maxLength:"40" doc:"A day (2026-01-31) or a time in RFC 3339."`
	To     string `query:"to" maxLength:"40" doc:"A day, which is included, or a time, which is not."`
}

func (r reportRequest) filter() (insight.Filter, error) {
	f := insight.Filter{Team: r.Team, Tactic: r.Tactic}
	var err error
	if f.From, err = instant("from", r.From, 0); err != nil {
		return f, err
	}
	if f.To, err = instant("to", r.To, 24*time.Hour); err != nil {
		return f, err
	}
	if f.From != nil && f.To != nil && !f.From.Before(*f.To) {
		return f, fault.InvalidField("to", "period_empty", "The end must come after the beginning.")
	}
	return f, nil
}

// instant reads a day or a time; whole is what a day is long.
func instant(field, s string, whole time.Duration) (*time.Time, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no bound is an answer
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		t = t.Add(whole)
		return &t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil, fault.InvalidField(field, "time_invalid", "Give a day such as 2026-01-31, or a time such as 2026-01-31T09:00:00Z.")
	}
	t = t.UTC()
	return &t, nil
}

type filtersDTO struct {
	Team   string     `json:"team,omitempty"`
	Tactic string     `json:"tactic,omitempty"`
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
}

func filtersOf(f insight.Filter) filtersDTO { return filtersDTO(f) }

// CountsDTO holds the separate counts of one row.
type CountsDTO struct {
	Saw      int      `json:"saw"`
	Shared   int      `json:"shared"`
	Saved    int      `json:"saved"`
	Used     int      `json:"used"`
	UsedRate *float64 `json:"used_rate,omitempty" doc:"used over saw; absent under 5 viewers."`
}

func countsOf(c insight.Counts) CountsDTO {
	d := CountsDTO{Saw: c.Saw, Shared: c.Shared, Saved: c.Saved, Used: c.Used}
	if c.UsedRate.Shown {
		d.UsedRate = &c.UsedRate.Value
	}
	return d
}

type modeledPersonDTO struct {
	Person authorDTO `json:"person"`
	Videos int       `json:"videos"`
	CountsDTO
}

// ModeledVideoDTO is one video of the report.
type ModeledVideoDTO struct {
	VideoID string    `json:"video_id"`
	Title   string    `json:"title"`
	Author  authorDTO `json:"author"`
	CountsDTO
}

type modeledMomentDTO struct {
	ModeledVideoDTO
	StartMS int64  `json:"start_ms"`
	EndMS   int64  `json:"end_ms"`
	Text    string `json:"text"`
}

type modeledDTO struct {
	Definition string             `json:"definition"`
	AsOf       time.Time          `json:"as_of"`
	Filters    filtersDTO         `json:"filters"`
	People     []modeledPersonDTO `json:"people"`
	Videos     []ModeledVideoDTO  `json:"videos"`
	Moments    []modeledMomentDTO `json:"moments"`
}

func modeledVideo(v insight.VideoRow) ModeledVideoDTO {
	return ModeledVideoDTO{v.VideoID, v.Title, authorDTO{v.AuthorID, v.AuthorName}, countsOf(v.Counts)}
}

func modeledOf(r insight.Modeled) modeledDTO {
	d := modeledDTO{Definition: r.Definition, AsOf: r.AsOf, Filters: filtersOf(r.Filter), People: []modeledPersonDTO{}, Videos: []ModeledVideoDTO{}, Moments: []modeledMomentDTO{}}
	for _, p := range r.People {
		d.People = append(d.People, modeledPersonDTO{authorDTO{p.PersonID, p.Name}, p.Videos, countsOf(p.Counts)})
	}
	for _, v := range r.Videos {
		d.Videos = append(d.Videos, modeledVideo(v))
	}
	for _, m := range r.Moments {
		d.Moments = append(d.Moments, modeledMomentDTO{modeledVideo(m.VideoRow), m.StartMS, m.EndMS, m.Text})
	}
	return d
}

// IntervalDTO is a confidence interval.
type IntervalDTO struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

type sideDTO struct {
	Deals     int          `json:"n" doc:"Deals."`
	Won       int          `json:"won" doc:"Won in time."`
	Reps      int          `json:"reps"`
	Rate      *float64     `json:"rate,omitempty" doc:"won over n; absent where there is not enough data."`
	Interval  *IntervalDTO `json:"interval,omitempty" doc:"95 percent, by Wilson."`
	MoreDeals int          `json:"more_deals_needed"`
}

func sideOf(s measure.Side, enough bool) sideDTO {
	d := sideDTO{Deals: s.Deals, Won: s.Won, Reps: s.Reps, MoreDeals: s.MoreDeals}
	if enough {
		d.Rate, d.Interval = &s.Rate, &IntervalDTO{s.Interval.Low, s.Interval.High}
	}
	return d
}

type differenceDTO struct {
	Estimate float64 `json:"estimate"`
	IntervalDTO
}

type tacticDTO struct {
	Tactic     string         `json:"tactic"`
	Label      string         `json:"label"`
	State      string         `json:"state" enum:"not_enough_data,no_clear_difference,difference"`
	Reason     string         `json:"reason,omitempty"`
	Strength   string         `json:"strength" enum:"none,weak,moderate,strong"`
	Wording    string         `json:"wording" doc:"What may be said: association, and nothing stronger."`
	Exposed    sideDTO        `json:"exposed"`
	Unexposed  sideDTO        `json:"unexposed"`
	Difference *differenceDTO `json:"difference,omitempty" doc:"Exposed minus unexposed, 95 percent, by Newcombe, widened for deals that share a rep."`
	Q          *float64       `json:"q,omitempty" doc:"False discovery rate over all tactics shown (Benjamini-Hochberg)."`
}

type evidenceDTO struct {
	Definition string         `json:"definition"`
	Method     string         `json:"method"`
	AsOf       time.Time      `json:"as_of"`
	Filters    filtersDTO     `json:"filters"`
	Tactics    []tacticDTO    `json:"tactics"`
	Deals      int            `json:"deals" doc:"Deals that take part."`
	LeftOut    map[string]int `json:"left_out" doc:"Deals that take no part, by reason."`
	Horizons   map[string]int `json:"horizon_days" doc:"H by segment; the empty name is overall."`
}

func evidenceOf(r insight.Evidence) evidenceDTO {
	d := evidenceDTO{Definition: r.Definition, Method: "association", AsOf: r.AsOf, Filters: filtersOf(r.Filter), Tactics: []tacticDTO{}, Deals: r.Mature,
		LeftOut:  map[string]int{"opened_too_recently": r.LeftOut.Immature, "entered_when_closed": r.LeftOut.BackFilled, "unusable_dates": r.LeftOut.Unusable, "no_known_rep": r.Unowned},
		Horizons: map[string]int{"": r.Horizons.Overall.Days}}
	for segment, h := range r.Horizons.BySegment {
		if segment != "" {
			d.Horizons[segment] = h.Days
		}
	}
	for _, t := range r.Rows {
		v := t.Verdict
		enough := v.State != measure.NotEnoughData
		td := tacticDTO{Tactic: t.Key, Label: t.Label, State: string(v.State), Reason: string(v.Reason), Strength: string(v.Strength), Wording: t.Sentence,
			Exposed: sideOf(v.Exposed, enough), Unexposed: sideOf(v.Unexposed, enough)}
		if enough {
			td.Difference = &differenceDTO{v.Difference.Estimate, IntervalDTO{v.Difference.Low, v.Difference.High}}
			td.Q = &v.Q
		}
		d.Tactics = append(d.Tactics, td)
	}
	return d
}

func (s *Server) insightRoutes() {
	route(s, op{method: "GET", path: "/api/v1/insights/modeled", tag: "insights", summary: "Most modeled people, videos and moments, by separate counts", codes: "team_not_found, tactic_not_found, time_invalid"},
		func(ctx context.Context, a people.Actor, in *reportRequest) (*body[modeledDTO], error) {
			f, err := in.filter()
			if err != nil {
				return nil, err
			}
			r, err := s.Insights.ReportModeled(ctx, a, f)
			if err != nil {
				return nil, err
			}
			return answer(modeledOf(r)), nil
		})
	route(s, op{method: "GET", path: "/api/v1/insights/tactics", tag: "insights", summary: "Tactics and won deals: exposed against unexposed, as association", codes: "team_not_found, tactic_not_found, time_invalid"},
		func(ctx context.Context, a people.Actor, in *reportRequest) (*body[evidenceDTO], error) {
			f, err := in.filter()
			if err != nil {
				return nil, err
			}
			r, err := s.Insights.ReportTactics(ctx, a, f)
			if err != nil {
				return nil, err
			}
			return answer(evidenceOf(r)), nil
		})
}
