package programme

import (
	"time"

	"github.com/fieldreel/fieldreel/app/review/rubric"
)

// Rubric is what attempts are looked at with; its criteria stand in its versions.
type Rubric struct {
	ID, Name             string
	CreatedBy            *string
	ArchivedAt           *time.Time
	CreatedAt, UpdatedAt time.Time
}

// RubricVersion is one version of a rubric. It is never changed.
type RubricVersion struct {
	ID, RubricID string
	// Number is from 1.
	Number    int
	Criteria  []Criterion
	CreatedBy *string
	CreatedAt time.Time
}

// Criterion is a criterion of a version.
type Criterion struct {
	rubric.Criterion
	// Lineage is the same for criteria of several versions that stand for each other.
	Lineage string
}

// Rubric gives the criteria to calculate with.
func (v RubricVersion) Rubric() rubric.Rubric {
	out := make(rubric.Rubric, len(v.Criteria))
	for i, c := range v.Criteria {
		out[i] = c.Criterion
	}
	return out
}
