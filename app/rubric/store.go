package rubric

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// AfterFind puts the times into UTC.
func (r *Rubric) AfterFind(*gorm.DB) error {
	db.UTC(r.ArchivedAt, &r.CreatedAt, &r.UpdatedAt)
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
	c := Criterion{Criterion: score.Criterion{ID: r.ID, Name: r.Name, Description: r.Description, Weight: r.Weight}, Lineage: r.LineageID}
	for _, l := range levels {
		c.Levels = append(c.Levels, score.Level(l))
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
func loadVersions(g *gorm.DB, ids ...string) (map[string]Version, error) {
	out := make(map[string]Version, len(ids))
	ids = slices.Compact(slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !db.Plain(id) }))))
	for chunk := range slices.Chunk(ids, 500) {
		var versions []versionRow
		if err := g.Where("id IN ?", chunk).Find(&versions).Error; err != nil {
			return nil, err
		}
		for _, v := range versions {
			out[v.ID] = Version{ID: v.ID, RubricID: v.RubricID, Number: v.Number, CreatedBy: v.CreatedBy, CreatedAt: v.CreatedAt.UTC()}
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

func loadVersion(g *gorm.DB, id string) (Version, error) {
	versions, err := loadVersions(g, id)
	if err != nil {
		return Version{}, err
	}
	v, ok := versions[id]
	if !ok {
		return v, db.Fault(gorm.ErrRecordNotFound, "rubric_version")
	}
	return v, nil
}

// VersionTx reads a version inside another domain's transaction; NotFound.
func (s *Service) VersionTx(tx *db.Tx, id string) (Version, error) {
	return loadVersion(tx.Gorm(), id)
}

// VersionsTx is Versions inside another domain's transaction.
func (s *Service) VersionsTx(tx *db.Tx, ids ...string) (map[string]Version, error) {
	return loadVersions(tx.Gorm(), ids...)
}

// OfVersionTx gives the rubric that has a version, inside another domain's transaction; NotFound.
func (s *Service) OfVersionTx(tx *db.Tx, versionID string) (Rubric, error) {
	v, err := loadVersion(tx.Gorm(), versionID)
	if err != nil {
		return Rubric{}, err
	}
	return db.Take[Rubric](tx.Gorm(), "rubric", v.RubricID)
}

// Version reads a version; who may see it is for the caller to decide. NotFound.
func (s *Service) Version(ctx context.Context, id string) (Version, error) {
	return loadVersion(s.DB.Read(ctx), id)
}

// Versions reads several, by id; those that are not there are left out.
func (s *Service) Versions(ctx context.Context, ids ...string) (map[string]Version, error) {
	return loadVersions(s.DB.Read(ctx), ids...)
}

func rubricHeld(tx *db.Tx, id string) (Rubric, error) {
	if err := db.Hold(tx, "rubrics", id); err != nil {
		return Rubric{}, err
	}
	return db.Take[Rubric](tx.Gorm(), "rubric", id)
}

func insertRubric(tx *db.Tx, r Rubric) error { return db.Taken(tx.Gorm().Create(&r).Error) }

// saveRubric writes all of a rubric, at the transaction's time.
func saveRubric(tx *db.Tx, r Rubric) error {
	r.UpdatedAt = tx.Now
	return tx.Gorm().Select("*").Updates(&r).Error
}

func insertVersion(tx *db.Tx, v Version) error {
	row := versionRow{ID: v.ID, RubricID: v.RubricID, Number: v.Number, CreatedBy: v.CreatedBy, CreatedAt: v.CreatedAt}
	if err := tx.Gorm().Create(&row).Error; err != nil {
		return err
	}
	rows := make([]criterionRow, len(v.Criteria))
	for i, c := range v.Criteria {
		var err error
		if rows[i], err = rowOf(v.ID, i, c); err != nil {
			return err
		}
	}
	return tx.Gorm().Create(&rows).Error
}

// saveLineages writes which criteria stand for each other, and nothing else of them.
func saveLineages(tx *db.Tx, criteria []Criterion) error {
	for _, c := range criteria {
		if err := tx.Gorm().Exec(`UPDATE criteria SET lineage_id = ? WHERE id = ?`, c.Lineage, c.ID).Error; err != nil {
			return err
		}
	}
	return nil
}

// versionsOf gives all versions of a rubric, in order.
func versionsOf(g *gorm.DB, rubricID string) ([]Version, error) {
	var ids []string
	if err := g.Raw(`SELECT id FROM rubric_versions WHERE rubric_id = ? ORDER BY number`, rubricID).Scan(&ids).Error; err != nil {
		return nil, err
	}
	byID, err := loadVersions(g, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Version, len(ids))
	for i, id := range ids {
		out[i] = byID[id]
	}
	return out, nil
}

func viewRubric(g *gorm.DB, id string) (View, error) {
	r, err := db.Take[Rubric](g, "rubric", id)
	if err != nil {
		return View{}, err
	}
	v := View{Rubric: r}
	if v.Versions, err = versionsOf(g, id); err != nil {
		return View{}, err
	}
	err = g.Raw(`SELECT p.id, p.name FROM programmes p JOIN rubric_versions v ON v.id = p.rubric_version_id WHERE v.rubric_id = ? ORDER BY p.name, p.id`, id).Scan(&v.UsedBy).Error
	return v, err
}

func listRubrics(g *gorm.DB, archived bool) ([]Row, error) {
	condition := "r.archived_at IS NULL"
	if archived {
		condition = "r.archived_at IS NOT NULL"
	}
	var out []Row
	err := g.Raw(`SELECT r.*, v.id AS version_id, v.number AS version, (SELECT COUNT(*) FROM criteria c WHERE c.version_id = v.id) AS criteria,
		(SELECT COUNT(*) FROM programmes p JOIN rubric_versions w ON w.id = p.rubric_version_id WHERE w.rubric_id = r.id) AS used_by
		FROM rubrics r JOIN rubric_versions v ON v.rubric_id = r.id AND v.number = (SELECT MAX(m.number) FROM rubric_versions m WHERE m.rubric_id = r.id)
		WHERE ` + condition + ` ORDER BY r.name, r.id`).Scan(&out).Error
	for i := range out {
		db.UTC(out[i].ArchivedAt, &out[i].CreatedAt, &out[i].UpdatedAt)
	}
	return out, err
}

// tallyLevels counts the levels of results under all versions of a rubric, by criterion and month.
func tallyLevels(g *gorm.DB, kind db.Kind, rubricID string) ([]levelTally, error) {
	month := `substr(a.settled_at, 1, 7)`
	if kind == db.Postgres {
		month = `to_char(a.settled_at AT TIME ZONE 'UTC', 'YYYY-MM')`
	}
	var out []levelTally
	err := g.Raw(`SELECT s.criterion_id, `+month+` AS month, s.level, COUNT(*) AS n
		FROM rubric_versions v JOIN attempts a ON a.rubric_version_id = v.id AND a.state = 'settled' JOIN review_scores s ON s.review_id = a.result_review_id
		WHERE v.rubric_id = ? AND NOT s.carried GROUP BY 1, 2, 3`, rubricID).Scan(&out).Error
	return out, err
}
