package programme

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/review/rubric"
)

// AfterFind puts the times into UTC.
func (r *Rubric) AfterFind(*gorm.DB) error {
	utc(r.ArchivedAt, &r.CreatedAt, &r.UpdatedAt)
	return nil
}

type versionRow struct {
	ID, RubricID string
	Number       int
	CreatedBy    *string
	CreatedAt    time.Time
}

func (versionRow) TableName() string { return "rubric_versions" }

type criterionRow struct {
	ID, VersionID     string
	Position          int
	Name, Description string
	Weight            int
	Levels            string
	LineageID         string
}

func (criterionRow) TableName() string { return "criteria" }

// levelJSON is a level as it stands in the column.
type levelJSON struct {
	Points      int    `json:"points"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

func (r criterionRow) criterion() (Criterion, error) {
	var levels []levelJSON
	if err := json.Unmarshal([]byte(r.Levels), &levels); err != nil {
		return Criterion{}, err
	}
	c := Criterion{Criterion: rubric.Criterion{ID: r.ID, Name: r.Name, Description: r.Description, Weight: r.Weight}, Lineage: r.LineageID}
	for _, l := range levels {
		c.Levels = append(c.Levels, rubric.Level(l))
	}
	return c, nil
}

func rowOf(version string, position int, c Criterion) (criterionRow, error) {
	levels := make([]levelJSON, len(c.Levels))
	for i, l := range c.Levels {
		levels[i] = levelJSON(l)
	}
	text, err := json.Marshal(levels)
	return criterionRow{ID: c.ID, VersionID: version, Position: position, Name: c.Name, Description: c.Description, Weight: c.Weight, Levels: string(text), LineageID: c.Lineage}, err
}

// loadVersions reads versions with their criteria, by id.
func loadVersions(g *gorm.DB, ids ...string) (map[string]RubricVersion, error) {
	out := make(map[string]RubricVersion, len(ids))
	ids = slices.Compact(slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !plain(id) }))))
	for chunk := range slices.Chunk(ids, 500) {
		var versions []versionRow
		if err := g.Where("id IN ?", chunk).Find(&versions).Error; err != nil {
			return nil, err
		}
		for _, v := range versions {
			out[v.ID] = RubricVersion{ID: v.ID, RubricID: v.RubricID, Number: v.Number, CreatedBy: v.CreatedBy, CreatedAt: v.CreatedAt.UTC()}
		}
		var rows []criterionRow
		if err := g.Where("version_id IN ?", chunk).Order("version_id, position").Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			c, err := r.criterion()
			if err != nil {
				return nil, err
			}
			v := out[r.VersionID]
			v.Criteria = append(v.Criteria, c)
			out[r.VersionID] = v
		}
	}
	return out, nil
}

func loadVersion(g *gorm.DB, id string) (RubricVersion, error) {
	versions, err := loadVersions(g, id)
	if err != nil {
		return RubricVersion{}, err
	}
	v, ok := versions[id]
	if !ok {
		return v, db.Fault(gorm.ErrRecordNotFound, "rubric_version")
	}
	return v, nil
}

// RubricVersionTx reads a version inside another domain's transaction; NotFound.
func (s *Service) RubricVersionTx(tx *db.Tx, id string) (RubricVersion, error) {
	return loadVersion(tx.Gorm(), id)
}

// RubricVersion reads a version; who may see it is for the caller to decide. NotFound.
func (s *Service) RubricVersion(ctx context.Context, id string) (RubricVersion, error) {
	return loadVersion(s.DB.Read(ctx), id)
}

// RubricVersions reads several, by id; those that are not there are left out.
func (s *Service) RubricVersions(ctx context.Context, ids ...string) (map[string]RubricVersion, error) {
	return loadVersions(s.DB.Read(ctx), ids...)
}
