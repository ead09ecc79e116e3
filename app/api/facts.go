package api

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

type paceBandDTO struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

type pauseDTO struct {
	StartMS int64 `json:"start_ms"`
	EndMS   int64 `json:"end_ms"`
}

type fillerDTO struct {
	StartMS int64  `json:"start_ms"`
	Word    string `json:"word"`
}

type fillersDTO struct {
	AtLeast int         `json:"at_least" doc:"The speech engine leaves most fillers out: there were so many, or more."`
	Known   bool        `json:"known" doc:"Whether fillers are counted in this language at all."`
	At      []fillerDTO `json:"at"`
}

type saidDTO struct {
	Phrase string `json:"phrase"`
	State  string `json:"state" enum:"found,missing,unclear"`
	AtMS   *int64 `json:"at_ms,omitempty" doc:"Where it was said, or where to listen whether it was."`
}

type factsDTO struct {
	State          string       `json:"state" enum:"ready,waiting,none" doc:"Without a transcript there is only the length."`
	Note           string       `json:"note" doc:"Why there are none, in words; or what to know about them."`
	DurationMS     int64        `json:"duration_ms"`
	TargetMS       int64        `json:"target_ms" doc:"The length to aim at; 0 for none."`
	Words          int          `json:"words"`
	SpeakingMS     int64        `json:"speaking_ms"`
	WordsPerMinute *int         `json:"words_per_minute,omitempty" doc:"Absent where too little was said to tell."`
	PaceBand       *paceBandDTO `json:"pace_band,omitempty" doc:"What is usual; absent where it is not known for the language."`
	Pauses         []pauseDTO   `json:"pauses" doc:"Silences of more than a second between words."`
	Fillers        fillersDTO   `json:"fillers"`
	MustSay        []saidDTO    `json:"must_say"`
	MustNotSay     []saidDTO    `json:"must_not_say"`
	LowConfidence  bool         `json:"low_confidence" doc:"The transcript is unsure of so many words that the facts are rough."`
	Definition     []string     `json:"definition" doc:"How each fact is counted."`
}

func factsOf(f programme.Facts) factsDTO {
	d := factsDTO{State: f.State, Note: f.Note, DurationMS: f.DurationMS, TargetMS: f.TargetMS, Words: f.Words, SpeakingMS: f.SpeakingMS, Pauses: []pauseDTO{},
		Fillers: fillersDTO{AtLeast: len(f.Fillers), Known: f.FillersKnown, At: []fillerDTO{}}, MustSay: saidOf(f.MustSay), MustNotSay: saidOf(f.MustNotSay),
		LowConfidence: f.LowConfidence, Definition: list(f.Definition)}
	if f.WordsPerMinute > 0 {
		d.WordsPerMinute = &f.WordsPerMinute
	}
	if f.Pace != nil {
		d.PaceBand = &paceBandDTO{f.Pace.Low, f.Pace.High}
	}
	for _, p := range f.Pauses {
		d.Pauses = append(d.Pauses, pauseDTO(p))
	}
	for _, w := range f.Fillers {
		d.Fillers.At = append(d.Fillers.At, fillerDTO(w))
	}
	return d
}

func saidOf(in []programme.Phrase) []saidDTO {
	out := make([]saidDTO, len(in))
	for i, p := range in {
		out[i] = saidDTO{p.Phrase, string(p.State), p.AtMS}
	}
	return out
}

func (s *Server) factRoutes() {
	type factsRequest struct {
		IDPath
		Enrolment string `query:"enrolment" maxLength:"36" doc:"Hold it against this enrolment's programme; left out, against that of what it was made for."`
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/facts", tag: "enrolments", summary: "What can be counted in one's own take, or in an attempt one reviews; no score, nothing about emotion", codes: "forbidden"},
		func(ctx context.Context, a people.Actor, in *factsRequest) (*body[factsDTO], error) {
			f, err := s.Programmes.Facts(ctx, a, in.ID, in.Enrolment)
			if err != nil {
				return nil, err
			}
			return answer(factsOf(f)), nil
		})
}
