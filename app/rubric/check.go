package rubric

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// The bounds of a rubric.
const (
	MaxCriteria = 20
	MinLevels   = 2
	MaxLevels   = 6
	MaxWeight   = 100
	MaxPoints   = 100

	maxName        = 120
	maxDescription = 1000
)

// NewCriterion is a criterion of a version to be.
type NewCriterion struct {
	Name, Description string
	Weight            int
	Levels            []score.Level
	// Continues names the criterion of an earlier version that this one stands for in trends; empty for none.
	Continues string
}

// cleanCriteria checks the criteria of a version and gives them ids; their lineage is their own until it is
// said what they continue.
func cleanCriteria(in []NewCriterion) ([]Criterion, error) {
	if len(in) == 0 || len(in) > MaxCriteria {
		return nil, fault.InvalidField("criteria", "criteria_count", fmt.Sprintf("Give 1 to %d criteria.", MaxCriteria))
	}
	out := make([]Criterion, len(in))
	for i, n := range in {
		at := fmt.Sprintf("criteria[%d]", i)
		c, err := cleanCriterion(at, n)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out[:i], func(o Criterion) bool { return strings.EqualFold(o.Name, c.Name) }) {
			return nil, fault.InvalidField(at+".name", "name_twice", "Two criteria have this name. Give each its own.")
		}
		out[i] = c
	}
	return out, nil
}

func cleanCriterion(at string, n NewCriterion) (c Criterion, err error) {
	c.ID = ident.New()
	c.Lineage, c.Weight = c.ID, n.Weight
	if c.Name, err = people.CleanLine(at+".name", n.Name, maxName); err != nil {
		return c, err
	}
	if c.Description, err = people.CleanText(at+".description", n.Description, maxDescription); err != nil {
		return c, err
	}
	if err := fault.Between(at+".weight", n.Weight, 1, MaxWeight); err != nil {
		return c, err
	}
	if len(n.Levels) < MinLevels || len(n.Levels) > MaxLevels {
		return c, fault.InvalidField(at+".levels", "levels_count", fmt.Sprintf("Give %d to %d levels, low to high.", MinLevels, MaxLevels))
	}
	for j, l := range n.Levels {
		at := fmt.Sprintf("%s.levels[%d]", at, j)
		if err := fault.Between(at+".points", l.Points, 0, MaxPoints); err != nil {
			return c, err
		}
		if j > 0 && l.Points < n.Levels[j-1].Points {
			return c, fault.InvalidField(at+".points", "points_fall", "A level is worth at least as many points as the one below it.")
		}
		if l.Name, err = people.CleanLine(at+".name", l.Name, maxName); err != nil {
			return c, err
		}
		if l.Description, err = people.CleanText(at+".description", l.Description, maxDescription); err != nil {
			return c, err
		}
		c.Levels = append(c.Levels, l)
	}
	if last := n.Levels[len(n.Levels)-1].Points; last <= n.Levels[0].Points {
		return c, fault.InvalidField(fmt.Sprintf("%s.levels[%d].points", at, len(n.Levels)-1), "points_equal", "The highest level must be worth more than the lowest.")
	}
	return c, nil
}

// join sets the lineage of criteria to that of what they continue (criterion id to the id of one of an earlier
// version; absent or empty: none). earlier are the versions before; field names the list in problems.
func join(criteria []Criterion, continues map[string]string, earlier []Version, field string) error {
	lineage := map[string]string{}
	for _, v := range earlier {
		for _, c := range v.Criteria {
			lineage[c.ID] = c.Lineage
		}
	}
	taken := map[string]bool{}
	for i := range criteria {
		c := &criteria[i]
		c.Lineage = c.ID
		if from := continues[c.ID]; from != "" {
			l, ok := lineage[from]
			if !ok {
				return fault.InvalidField(fmt.Sprintf("%s[%d].continues", field, i), "criterion_not_found", "No earlier version of this rubric has this criterion.")
			}
			c.Lineage = l
		}
		if taken[c.Lineage] {
			return fault.InvalidField(fmt.Sprintf("%s[%d].continues", field, i), "continued_twice", "Two criteria of a version cannot continue the same one.")
		}
		taken[c.Lineage] = true
	}
	return nil
}

// Continued gives, for the criteria of the last of some versions (in order), the criterion that each continues:
// that of the nearest earlier version with the same lineage.
func Continued(versions []Version) map[string]string {
	out := map[string]string{}
	if len(versions) == 0 {
		return out
	}
	last, earlier := versions[len(versions)-1], versions[:len(versions)-1]
	for _, c := range last.Criteria {
		for i := len(earlier) - 1; i >= 0; i-- {
			at := slices.IndexFunc(earlier[i].Criteria, func(o Criterion) bool { return o.Lineage == c.Lineage })
			if at >= 0 {
				out[c.ID] = earlier[i].Criteria[at].ID
				break
			}
		}
	}
	return out
}
