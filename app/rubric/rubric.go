package rubric

import (
	"time"

	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// Rubric is what attempts are looked at with; its criteria stand in its versions.
type Rubric struct {
	ID, Name             string
	CreatedBy            *string
	ArchivedAt           *time.Time
	CreatedAt, UpdatedAt time.Time
}

// Version is one version of a rubric. It is never changed.
type Version struct {
	ID, RubricID string
	// Number is from 1.
	Number    int
	Criteria  []Criterion
	CreatedBy *string
	CreatedAt time.Time
}

// Criterion is a criterion of a version.
type Criterion struct {
	score.Criterion
	// Lineage is the same for criteria of several versions that stand for each other.
	Lineage string
}

// Scored gives the criteria to calculate with.
func (v Version) Scored() score.Criteria {
	out := make(score.Criteria, len(v.Criteria))
	for i, c := range v.Criteria {
		out[i] = c.Criterion
	}
	return out
}
