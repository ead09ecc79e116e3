package api

import (
	"context"
	"net/http"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

type termDTO struct {
	ID          string   `json:"id"`
	Kind        string   `json:"kind" enum:"tactic,stage,objection,persona,industry,competitor,product"`
	Key         string   `json:"key" doc:"Stable; what videos and filters name."`
	Label       string   `json:"label"`
	Description string   `json:"description"`
	Keywords    []string `json:"keywords" doc:"Phrases that, when said, suggest the term."`
	Retired     bool     `json:"retired"`
}

func termOf(t vocabulary.Term) termDTO {
	return termDTO{t.ID, string(t.Kind), t.Key, t.Label, t.Description, list(t.Keywords), t.RetiredAt != nil}
}

type entryDTO struct {
	Heard   string `json:"heard" maxLength:"120"`
	Written string `json:"written" maxLength:"120"`
}

func (s *Server) vocabularyRoutes() {
	type listRequest struct {
		Kind    string `query:"kind" enum:"tactic,stage,objection,persona,industry,competitor,product"`
		Retired bool   `query:"retired" doc:"Retired terms too."`
	}
	route(s, op{method: "GET", path: "/api/v1/vocabulary", tag: "vocabulary", summary: "Tactics, and the terms of situations"},
		func(ctx context.Context, _ people.Actor, in *listRequest) (*body[page[termDTO]], error) {
			ts, err := s.Words.List(ctx, vocabulary.Kind(in.Kind), in.Retired)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ts, len(ts), nil, termOf)), nil
		})
	type addTermRequest struct {
		Body struct {
			Kind        string   `json:"kind" enum:"tactic,stage,objection,persona,industry,competitor,product"`
			Label       string   `json:"label" maxLength:"120"`
			Key         string   `json:"key,omitempty" maxLength:"120" doc:"Made from the label where it is left out."`
			Description string   `json:"description,omitempty" maxLength:"2000"`
			Keywords    []string `json:"keywords,omitempty" maxItems:"40"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/vocabulary", tag: "vocabulary", summary: "Add a term (trainer)", status: http.StatusCreated, codes: "term_exists"},
		func(ctx context.Context, a people.Actor, in *addTermRequest) (*body[termDTO], error) {
			t, err := s.Words.Add(ctx, a, vocabulary.Draft{Kind: vocabulary.Kind(in.Body.Kind), Label: in.Body.Label, Key: in.Body.Key, Description: in.Body.Description, Keywords: in.Body.Keywords})
			if err != nil {
				return nil, err
			}
			return answer(termOf(t)), nil
		})
	type changeTermRequest struct {
		IDPath
		Body struct {
			Label       *string   `json:"label,omitempty" maxLength:"120"`
			Description *string   `json:"description,omitempty" maxLength:"2000"`
			Keywords    *[]string `json:"keywords,omitempty" maxItems:"40"`
			Retired     *bool     `json:"retired,omitempty"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/vocabulary/{id}", tag: "vocabulary", summary: "Edit, retire or bring back a term (trainer)"},
		func(ctx context.Context, a people.Actor, in *changeTermRequest) (*body[termDTO], error) {
			t, err := s.Words.Change(ctx, a, in.ID, vocabulary.Edit{Label: in.Body.Label, Description: in.Body.Description, Keywords: in.Body.Keywords, Retired: in.Body.Retired})
			if err != nil {
				return nil, err
			}
			return answer(termOf(t)), nil
		})
	entries := func(es []vocabulary.Entry) *body[page[entryDTO]] {
		return answer(pageOf(es, len(es), nil, func(e vocabulary.Entry) entryDTO { return entryDTO{e.Heard, e.Written} }))
	}
	route(s, op{method: "GET", path: "/api/v1/glossary", tag: "vocabulary", summary: "What the speech engine mishears, and how it is written"},
		func(ctx context.Context, _ people.Actor, _ *nothing) (*body[page[entryDTO]], error) {
			es, err := s.Words.Glossary(ctx)
			if err != nil {
				return nil, err
			}
			return entries(es), nil
		})
	type setGlossaryRequest struct {
		Body struct {
			Entries []entryDTO `json:"entries" maxItems:"2000"`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/glossary", tag: "vocabulary", summary: "Replace the glossary (trainer); it corrects transcripts made from now on", codes: "heard_twice"},
		func(ctx context.Context, a people.Actor, in *setGlossaryRequest) (*body[page[entryDTO]], error) {
			es := make([]vocabulary.Entry, len(in.Body.Entries))
			for i, e := range in.Body.Entries {
				es[i] = vocabulary.Entry{Heard: e.Heard, Written: e.Written}
			}
			es, err := s.Words.SetGlossary(ctx, a, es)
			if err != nil {
				return nil, err
			}
			return entries(es), nil
		})
}
