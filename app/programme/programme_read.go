package programme

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
)

// Programme gives a programme with its set-up to those who may see its participants and numbers; who only
// takes part finds it through the enrolment. NotFound.
func (s *Service) Programme(ctx context.Context, a people.Actor, id string) (Programme, error) {
	g := s.DB.Read(ctx)
	p, err := loadProgramme(g, id)
	if err != nil {
		return Programme{}, err
	}
	st := Standing{}
	if !Can(a, Read, st) && manages(a) {
		if st.OfLine, err = hasOfLine(g, a, id); err != nil {
			return Programme{}, err
		}
	}
	if !Can(a, Read, st) {
		return Programme{}, fault.Missing("programme")
	}
	return p, nil
}

// ListProgrammes gives the programmes whose numbers the actor may see, the newest first; state is empty for
// all. Trainers and admins see all, managers those in which people of their line take part, others none.
func (s *Service) ListProgrammes(ctx context.Context, a people.Actor, state State) ([]Programme, error) {
	if !Can(a, Read, Standing{OfLine: true}) {
		return nil, nil
	}
	g := s.DB.Read(ctx)
	ids, err := listProgrammes(g, a, state)
	if err != nil {
		return nil, err
	}
	return loadProgrammes(g, ids...)
}

// Use is what a programme's screen shows beside its set-up.
type Use struct {
	// Participants counts those whom a rule holds of, as far as the actor sees them.
	Participants int
	// Rubric is the version it has, and CurrentVersion the number of the rubric's newest; nil and 0 for none.
	Rubric         *rubric.Version
	RubricName     string
	CurrentVersion int
}

// Uses gives that for programmes the actor may read, by id.
func (s *Service) Uses(ctx context.Context, a people.Actor, programmes []Programme) (map[string]Use, error) {
	ids := make([]string, len(programmes))
	for i, p := range programmes {
		ids[i] = p.RubricVersionID
	}
	versions, err := s.Rubrics.Versions(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return loadUses(s.DB.Read(ctx), a, programmes, versions)
}
