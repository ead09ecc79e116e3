package programme

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// Rescorable is an attempt that has its result under another rubric version than the programme's.
type Rescorable struct {
	AttemptID, PersonID, Name string
	// Number is the attempt's, Version that of the rubric it was scored under.
	Number, Version int
	// Score is in hundredths of a percent.
	Score int
}

// maxRescore is how many attempts can be given to reviewers again at once.
const maxRescore = 500

// Rescorables gives the attempts that could be looked at again under the programme's present rubric version:
// those that have their result under another, and no review under the present one; by name and number.
// Errors: NotFound; Forbidden but to trainers and admins.
func (s *Service) Rescorables(ctx context.Context, a people.Actor, id string) ([]Rescorable, error) {
	if err := s.allowEdit(ctx, a, id); err != nil {
		return nil, err
	}
	g := s.DB.Read(ctx)
	p, err := loadProgramme(g, id)
	if err != nil {
		return nil, err
	}
	return loadRescorables(g, p, nil)
}

// Rescore has attempts looked at again under the programme's present rubric version. Their results stand until
// the new reviews are in. Errors: NotFound, Forbidden, Invalid attempt_not_rescorable.
func (s *Service) Rescore(ctx context.Context, a people.Actor, id string, attemptIDs []string) error {
	if err := s.allowEdit(ctx, a, id); err != nil {
		return err
	}
	ids := slices.Compact(slices.Sorted(slices.Values(attemptIDs)))
	if len(ids) == 0 || len(ids) > maxRescore {
		return fault.InvalidField("attempt_ids", "required", "Name 1 to 500 attempts.")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		// Held, so that two who ask at once do not both make reviews.
		p, err := programmeHeld(tx, id)
		if err != nil {
			return err
		}
		found, err := loadRescorables(tx.Gorm(), p, ids)
		if err != nil {
			return err
		}
		if len(found) != len(ids) {
			return fault.InvalidField("attempt_ids", "attempt_not_rescorable", "One of these attempts has no result, or is looked at under this rubric version already.")
		}
		if err := s.OnRescore(ctx, tx, ids); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "programme.rescored", id, map[string]any{"attempts": ids, "rubric_version": p.RubricVersionID})
	})
}
