package video

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// Change holds what is to change of a video; nil leaves a part as it is.
type Change struct {
	Title, Description *string
	Audience           *people.Audience
	TeamIDs            *[]string
	Tactics            *[]string
	Situation          *Situation
	Tags               *[]string
	CompleteShare      *int
}

func (c Change) curatesOnly() bool {
	return c.Title == nil && c.Description == nil && c.Audience == nil && c.TeamIDs == nil && c.CompleteShare == nil
}

// Change edits a video: its author everything, a trainer who sees it tactics, situation and tags.
// Widening the audience of a private video publishes it. Errors: NotFound, Forbidden, Invalid with the
// field; nothing is changed then.
func (s *Service) Change(ctx context.Context, a people.Actor, id string, c Change) (Video, error) {
	var out Video
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		action := Edit
		if c.curatesOnly() {
			action = Curate
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := allow(a, action, v); err != nil {
			return err
		}
		if err := s.applyText(tx, &v, c); err != nil {
			return err
		}
		if err := s.applyAudience(tx, &v, c); err != nil {
			return err
		}
		if c.Tactics != nil {
			if err := s.applyTactics(tx, &v, *c.Tactics); err != nil {
				return err
			}
		}
		if err := save(tx, &v); err != nil {
			return err
		}
		out = v
		tx.AfterCommit(s.OnChanged)
		return nil
	})
	return out, err
}

func (s *Service) applyText(tx *db.Tx, v *Video, c Change) (err error) {
	if c.Title != nil {
		if v.Title, err = people.CleanLine("title", *c.Title, maxTitle); err != nil {
			return err
		}
	}
	if c.Description != nil {
		if v.Description, err = text("description", *c.Description, maxDescription); err != nil {
			return err
		}
	}
	if c.CompleteShare != nil {
		if *c.CompleteShare < 70 || *c.CompleteShare > 100 {
			return fault.InvalidField("complete_share", "out_of_range", "Use 70 to 100 percent.")
		}
		v.CompleteShare = *c.CompleteShare
	}
	if c.Tags != nil {
		if v.Tags, err = cleanTags(*c.Tags); err != nil {
			return err
		}
	}
	if c.Situation != nil {
		terms, err := s.words.TermsTx(tx, "")
		if err != nil {
			return err
		}
		if v.Situation, err = c.Situation.clean(terms); err != nil {
			return err
		}
	}
	return nil
}

// clean puts every facet into its canonical form.
func (sit Situation) clean(terms []vocabulary.Term) (Situation, error) {
	var err error
	if sit.Text, err = text("situation.text", sit.Text, maxSituation); err != nil {
		return sit, err
	}
	for kind, p := range sit.facets() {
		if *p, err = text("situation."+string(kind), *p, maxFacet); err != nil {
			return sit, err
		}
		*p = vocabulary.Settle(terms, kind, *p)
	}
	return sit, nil
}

func (sit *Situation) facets() map[vocabulary.Kind]*string {
	return map[vocabulary.Kind]*string{
		vocabulary.Stage: &sit.Stage, vocabulary.Industry: &sit.Industry, vocabulary.Persona: &sit.Persona,
		vocabulary.Competitor: &sit.Competitor, vocabulary.Product: &sit.Product, vocabulary.Objection: &sit.Objection,
	}
}

func (s *Service) applyTactics(tx *db.Tx, v *Video, names []string) error {
	if len(names) > maxTactics {
		return fault.InvalidField("tactics", "too_many", "Name at most 10 tactics.")
	}
	terms, err := s.words.ResolveTacticsTx(tx, names, v.Tactics)
	if err != nil {
		return err
	}
	if err := setTactics(tx, v.ID, terms); err != nil {
		return err
	}
	v.Tactics = nil
	for _, t := range terms {
		v.Tactics = append(v.Tactics, t.Key)
	}
	slices.Sort(v.Tactics)
	return s.retag(tx, v.ID, terms)
}
