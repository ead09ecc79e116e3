package rubric

import (
	"context"
	"fmt"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// Service holds the use cases.
type Service struct{ DB *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{DB: d} }

// View is a rubric with all its versions.
type View struct {
	Rubric
	// Versions are in order; the last is the current one.
	Versions []Version
	// UsedBy are the programmes that have a version of it, by name.
	UsedBy []Named
}

// Named is something with a name.
type Named struct{ ID, Name string }

// Current is the newest version.
func (v View) Current() Version { return v.Versions[len(v.Versions)-1] }

// Row is a rubric in a list.
type Row struct {
	Rubric
	Version   int
	VersionID string
	Criteria  int
	// UsedBy counts programmes.
	UsedBy int
}

// List gives rubrics by name: those in use, or those archived. Forbidden but to trainers and admins.
func (s *Service) List(ctx context.Context, a people.Actor, archived bool) ([]Row, error) {
	if err := mayEdit(a); err != nil {
		return nil, err
	}
	return listRubrics(s.DB.Read(ctx), archived)
}

// Rubric gives a rubric with its versions. NotFound; Forbidden but to trainers and admins.
func (s *Service) Rubric(ctx context.Context, a people.Actor, id string) (View, error) {
	if err := mayEdit(a); err != nil {
		return View{}, err
	}
	return viewRubric(s.DB.Read(ctx), id)
}

// Make makes a rubric with its first version. id is the sender's own, or empty: the same id twice is the
// same rubric. Errors: Invalid with the field, Conflict id_taken, Forbidden.
func (s *Service) Make(ctx context.Context, a people.Actor, id, name string, criteria []NewCriterion) (View, error) {
	if err := mayEdit(a); err != nil {
		return View{}, err
	}
	id, err := db.OwnID(id)
	if err != nil {
		return View{}, err
	}
	name, err = people.CleanLine("name", name, maxName)
	if err != nil {
		return View{}, err
	}
	cleaned, err := cleanCriteria(criteria)
	if err != nil {
		return View{}, err
	}
	return s.rubricTx(ctx, func(tx *db.Tx) (string, error) {
		if done, err := db.MadeBy(tx, &Rubric{}, id, a.PersonID); done || err != nil {
			return id, err
		}
		r := Rubric{ID: id, Name: name, CreatedBy: db.Ref(a.PersonID), CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if err := insertRubric(tx, r); err != nil {
			return "", err
		}
		return id, insertVersion(tx, Version{ID: ident.New(), RubricID: id, Number: 1, Criteria: cleaned, CreatedBy: r.CreatedBy, CreatedAt: tx.Now})
	})
}

// Change is what is to change of a rubric; nil leaves a part as it is.
type Change struct {
	Name     *string
	Archived *bool
}

// Change renames a rubric or archives it: programmes that have it keep it, others cannot choose it.
func (s *Service) Change(ctx context.Context, a people.Actor, id string, c Change) (View, error) {
	if err := mayEdit(a); err != nil {
		return View{}, err
	}
	return s.rubricTx(ctx, func(tx *db.Tx) (string, error) {
		r, err := rubricHeld(tx, id)
		if err != nil {
			return "", err
		}
		if c.Name != nil {
			if r.Name, err = people.CleanLine("name", *c.Name, maxName); err != nil {
				return "", err
			}
		}
		if c.Archived != nil && *c.Archived != (r.ArchivedAt != nil) {
			r.ArchivedAt = nil
			if *c.Archived {
				r.ArchivedAt = &tx.Now
			}
		}
		return id, saveRubric(tx, r)
	})
}

// Revise makes a new version of a rubric; what was scored under older ones stands, and programmes go on with
// theirs until they choose the new one. base is the number of the version that it was made from. Errors:
// NotFound, Invalid with the field, Forbidden, Conflict rubric_changed with the current number where base is
// not the newest any more.
func (s *Service) Revise(ctx context.Context, a people.Actor, id string, base int, criteria []NewCriterion) (View, error) {
	if err := mayEdit(a); err != nil {
		return View{}, err
	}
	cleaned, err := cleanCriteria(criteria)
	if err != nil {
		return View{}, err
	}
	continues := map[string]string{}
	for i, c := range cleaned {
		continues[c.ID] = criteria[i].Continues
	}
	return s.rubricTx(ctx, func(tx *db.Tx) (string, error) {
		r, err := rubricHeld(tx, id)
		if err != nil {
			return "", err
		}
		versions, err := versionsOf(tx.Gorm(), id)
		if err != nil {
			return "", err
		}
		if n := len(versions); base != n {
			f := fault.New(fault.Conflict, "rubric_changed", fmt.Sprintf("Somebody has made version %d meanwhile. Look at it first.", n)).At("base")
			f.Extra = map[string]any{"current": n}
			return "", f
		}
		if err := join(cleaned, continues, versions, "criteria"); err != nil {
			return "", err
		}
		v := Version{ID: ident.New(), RubricID: id, Number: base + 1, Criteria: cleaned, CreatedBy: db.Ref(a.PersonID), CreatedAt: tx.Now}
		if err := insertVersion(tx, v); err != nil {
			return "", err
		}
		if err := saveRubric(tx, r); err != nil {
			return "", err
		}
		return id, audit.Write(tx, a.PersonID, "rubric.revised", id, map[string]any{"version": v.ID, "number": v.Number})
	})
}

// Pair says which earlier criterion one of the current version continues; Continues is empty for none.
type Pair struct{ CriterionID, Continues string }

// Map says anew which criteria of the current version stand for which earlier ones, in trends. Criteria that
// no pair names keep what they have. The words and scores of no version change. Errors: NotFound, Forbidden,
// Invalid criterion_not_found or continued_twice.
func (s *Service) Map(ctx context.Context, a people.Actor, id string, pairs []Pair) (View, error) {
	if err := mayEdit(a); err != nil {
		return View{}, err
	}
	return s.rubricTx(ctx, func(tx *db.Tx) (string, error) {
		r, err := rubricHeld(tx, id)
		if err != nil {
			return "", err
		}
		versions, err := versionsOf(tx.Gorm(), id)
		if err != nil {
			return "", err
		}
		continues := Continued(versions)
		current, earlier := versions[len(versions)-1].Criteria, versions[:len(versions)-1]
		own := map[string]bool{}
		for _, c := range current {
			own[c.ID] = true
		}
		for i, p := range pairs {
			if !own[p.CriterionID] {
				return "", fault.InvalidField(fmt.Sprintf("pairs[%d].criterion_id", i), "criterion_not_found", "The current version of this rubric has no such criterion.")
			}
			continues[p.CriterionID] = p.Continues
		}
		if err := join(current, continues, earlier, "pairs"); err != nil {
			return "", err
		}
		if err := saveLineages(tx, current); err != nil {
			return "", err
		}
		return id, saveRubric(tx, r)
	})
}

// rubricTx runs a change in a transaction and gives the rubric as it then is.
func (s *Service) rubricTx(ctx context.Context, fn func(tx *db.Tx) (id string, err error)) (View, error) {
	var out View
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, err := fn(tx)
		if err != nil {
			return err
		}
		out, err = viewRubric(tx.Gorm(), id)
		return err
	})
	if err != nil {
		return View{}, err
	}
	return out, nil
}

// UpTo gives a rubric as it was when its version of a number was the current one. NotFound; Forbidden
// but to trainers and admins.
func (s *Service) UpTo(ctx context.Context, a people.Actor, id string, number int) (View, error) {
	v, err := s.Rubric(ctx, a, id)
	if err != nil {
		return View{}, err
	}
	if number < 1 || number > len(v.Versions) {
		return View{}, fault.Missing("rubric_version")
	}
	v.Versions = v.Versions[:number]
	return v, nil
}
