package api

import (
	"context"

	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/search"
)

type markDTO struct {
	Start int `json:"start" doc:"In text, counted in UTF-16 units, as JavaScript counts."`
	End   int `json:"end"`
}

type otherMomentDTO struct {
	StartMS int64     `json:"start_ms"`
	EndMS   int64     `json:"end_ms"`
	Text    string    `json:"text"`
	Marks   []markDTO `json:"marks"`
	Score   float64   `json:"score"`
	SaveID  string    `json:"save_id,omitempty" doc:"One's own save of this moment; absent where one does not keep it."`
}

type foundDTO struct {
	VideoID    string           `json:"video_id"`
	Title      string           `json:"title"`
	Author     authorDTO        `json:"author"`
	StartMS    int64            `json:"start_ms"`
	EndMS      int64            `json:"end_ms"`
	Text       string           `json:"text"`
	Marks      []markDTO        `json:"marks" doc:"The words of the text that matched."`
	Tactics    []string         `json:"tactics"`
	Reasons    []string         `json:"reasons" doc:"Why this moment is shown, from facts and counts only."`
	Score      float64          `json:"score" doc:"0 to 1, comparable within one query only."`
	Others     []otherMomentDTO `json:"others" doc:"Further moments of the same video, best first."`
	DurationMS int64            `json:"duration_ms"`
	Width      int              `json:"width"`
	Height     int              `json:"height"`
	Media      mediaDTO         `json:"media"`
	// TacticNames stand beside Tactics, which are keys.
	TacticNames []string `json:"tactic_names" doc:"The names of tactics, in their order."`
	SaveID      string   `json:"save_id,omitempty" doc:"One's own save of this moment; absent where one does not keep it."`
	Done        doneDTO  `json:"done"`
	Mine        bool     `json:"mine"`
}

type momentsAnswer struct {
	Results    []foundDTO `json:"results" doc:"Grouped by video, best moment first."`
	Total      int        `json:"total" doc:"Videos that match and that one may see."`
	NextCursor string     `json:"next_cursor,omitempty"`
}

// marksOf counts marks in UTF-16 units: what the clients that show them count in.
func marksOf(text string, marks []search.Mark) []markDTO {
	out := make([]markDTO, 0, len(marks))
	units, at := 0, 0
	count := func(to int) int {
		for _, r := range text[at:to] {
			units++
			if r > 0xffff {
				units++
			}
		}
		at = to
		return units
	}
	for _, m := range marks {
		if m.Start < at || m.End > len(text) || m.End < m.Start {
			continue
		}
		start := count(m.Start)
		out = append(out, markDTO{start, count(m.End)})
	}
	return out
}

func (s *Server) momentRoutes() {
	type request struct {
		Query      string `query:"q" maxLength:"16384" doc:"The situation in one's own words; nothing in it is an operator."`
		Stage      string `query:"stage" maxLength:"120"`
		Industry   string `query:"industry" maxLength:"120"`
		Persona    string `query:"persona" maxLength:"120"`
		Competitor string `query:"competitor" maxLength:"120"`
		Product    string `query:"product" maxLength:"120"`
		Objection  string `query:"objection" maxLength:"120"`
		Tactic     string `query:"tactic" maxLength:"120"`
		Author     string `query:"author" maxLength:"36" doc:"An id, or me."`
		Cursor     string `query:"cursor" maxLength:"200"`
		Limit      int    `query:"limit" default:"10" minimum:"1" maximum:"100"`
	}
	route(s, op{method: "GET", path: "/api/v1/moments", tag: "moments", summary: "Moments for a situation, best first", codes: "query_invalid"},
		func(ctx context.Context, a people.Actor, in *request) (*body[momentsAnswer], error) {
			q := library.Query{Text: in.Query, Tactic: in.Tactic, AuthorID: in.Author, Limit: in.Limit, Cursor: in.Cursor,
				Situation: video.Situation{Stage: in.Stage, Industry: in.Industry, Persona: in.Persona, Competitor: in.Competitor, Product: in.Product, Objection: in.Objection}}
			if q.AuthorID == "me" {
				q.AuthorID = a.PersonID
			}
			found, err := s.Library.Moments(ctx, a, q)
			if err != nil {
				return nil, err
			}
			out, err := s.momentsAnswer(ctx, a, found)
			if err != nil {
				return nil, err
			}
			return answer(out), nil
		})
}

// momentsAnswer puts beside the moments what a list of them shows, so that it needs no second request.
func (s *Server) momentsAnswer(ctx context.Context, a people.Actor, found library.Answer) (momentsAnswer, error) {
	out := momentsAnswer{Results: []foundDTO{}, Total: found.Total, NextCursor: found.Next}
	videos, ids := make([]video.Video, len(found.Found)), make([]string, len(found.Found))
	for i, f := range found.Found {
		videos[i], ids[i] = f.Video, f.VideoID
	}
	saves, err := s.savesIn(ctx, a, ids...)
	if err != nil {
		return out, err
	}
	done, err := s.Insights.DoneWith(ctx, a, videos)
	if err != nil {
		return out, err
	}
	for _, f := range found.Found {
		d := foundDTO{VideoID: f.VideoID, Title: f.Title, Author: authorDTO{f.AuthorID, f.AuthorName}, StartMS: f.StartMS, EndMS: f.EndMS, Text: f.Text,
			Marks: marksOf(f.Text, f.Marks), Tactics: list(f.Tactics), TacticNames: list(f.TacticNames), Reasons: list(f.Reasons), Score: f.Score, Others: []otherMomentDTO{},
			DurationMS: f.DurationMS, Width: f.Video.Width, Height: f.Video.Height, Media: s.mediaOf(a, f.Video), SaveID: saves[stretch{f.VideoID, f.StartMS, f.EndMS}],
			Done: doneOf(done[f.VideoID]), Mine: f.AuthorID == a.PersonID}
		for _, o := range f.Others {
			d.Others = append(d.Others, otherMomentDTO{o.StartMS, o.EndMS, o.Text, marksOf(o.Text, o.Marks), o.Score, saves[stretch{f.VideoID, o.StartMS, o.EndMS}]})
		}
		out.Results = append(out.Results, d)
	}
	return out, nil
}
