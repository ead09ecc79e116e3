package rubric

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// TrendPoint is the results of a month under one version.
type TrendPoint struct {
	Version int
	Month   string // YYYY-MM, UTC
	N       int
	// MeanShare is the mean of the levels' shares of the criterion's points, 0 to 1.
	MeanShare float64
}

// TrendLine is the criteria that stand for each other, over versions and months.
type TrendLine struct {
	// Lineage names the line, and Name is that of its newest criterion.
	Lineage, Name string
	Points        []TrendPoint
}

// Trend is how a rubric's criteria come out over time.
type Trend struct {
	Definition string
	AsOf       time.Time
	Lines      []TrendLine
}

const trendDefinition = "Mean share of a criterion's points (0 to 1) in the results of attempts, by the month of the result (UTC) and the rubric's version; n counts results. " +
	"Criteria of several versions share a line where they are mapped to each other. A level carried over from the attempt before is not counted again."

// Trend gives the trend of a rubric, the lines in the order of its current version and those that it has
// no longer after them. NotFound; Forbidden but to trainers and admins.
func (s *Service) Trend(ctx context.Context, a people.Actor, id string) (Trend, error) {
	v, err := s.Rubric(ctx, a, id)
	if err != nil {
		return Trend{}, err
	}
	tallies, err := tallyLevels(s.DB.Read(ctx), s.DB.Kind(), id)
	if err != nil {
		return Trend{}, err
	}
	return Trend{Definition: trendDefinition, AsOf: s.DB.Now(), Lines: trendOf(v.Versions, tallies)}, nil
}

// levelTally counts the results in which a criterion has a level.
type levelTally struct {
	CriterionID, Month string
	Level, N           int
}

func trendOf(versions []Version, tallies []levelTally) []TrendLine {
	type key struct {
		version int
		month   string
	}
	type sum struct {
		n      int
		shares float64
	}
	byCriterion := map[string][]levelTally{}
	for _, t := range tallies {
		byCriterion[t.CriterionID] = append(byCriterion[t.CriterionID], t)
	}
	var lines []TrendLine
	for i := len(versions) - 1; i >= 0; i-- {
		for _, c := range versions[i].Criteria {
			at := slices.IndexFunc(lines, func(l TrendLine) bool { return l.Lineage == c.Lineage })
			if at < 0 {
				lines = append(lines, TrendLine{Lineage: c.Lineage, Name: c.Name})
				at = len(lines) - 1
			}
			sums := map[key]sum{}
			for _, t := range byCriterion[c.ID] {
				k := key{versions[i].Number, t.Month}
				s := sums[k]
				sums[k] = sum{s.n + t.N, s.shares + float64(t.N)*c.Share(t.Level)}
			}
			for k, s := range sums {
				lines[at].Points = append(lines[at].Points, TrendPoint{k.version, k.month, s.n, s.shares / float64(s.n)})
			}
		}
	}
	for _, l := range lines {
		slices.SortFunc(l.Points, func(a, b TrendPoint) int {
			if c := strings.Compare(a.Month, b.Month); c != 0 {
				return c
			}
			return a.Version - b.Version
		})
	}
	return lines
}
