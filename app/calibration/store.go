package calibration

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// batch is how many rows or values go into one statement.
const batch = 200

type goldRow struct {
	ID, Title, VideoID, RubricVersionID string
	CreatedBy                           *string
	CreatedAt, UpdatedAt                time.Time
	RetiredAt                           *time.Time
	// ScoredBy and Usable are worked out by selectGold, and not kept.
	ScoredBy int  `gorm:"->"`
	Usable   bool `gorm:"->"`
}

func (goldRow) TableName() string { return "gold_takes" }

func (r goldRow) gold() Gold {
	g := Gold{ID: r.ID, Title: r.Title, VideoID: r.VideoID, RubricVersionID: r.RubricVersionID, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		ScoredBy: r.ScoredBy, Usable: r.Usable && r.RetiredAt == nil}
	if r.RetiredAt != nil {
		at := r.RetiredAt.UTC()
		g.RetiredAt = &at
	}
	return g
}

type panelRow struct {
	GoldID, PersonID, CriterionID string
	Level                         int
}

func (panelRow) TableName() string { return "gold_scores" }

type monthRow struct {
	PersonID, Month string
	Skipped         bool
	ToldAt          *time.Time
	CreatedAt       time.Time
}

func (monthRow) TableName() string { return "calibrations" }

type takeRow struct {
	ID, PersonID, Month, GoldID string
	Position                    int
	Again                       bool
	OpenedAt, ScoredAt          *time.Time
}

func (takeRow) TableName() string { return "calibration_takes" }

type scoreRow struct {
	TakeID, CriterionID string
	Level               int
}

func (scoreRow) TableName() string { return "calibration_scores" }

// usable is when a gold take's video may be given to reviewers: it is there, and everybody may see it, or it
// is that of the trainer who made it gold.
const usable = `(v.deleted_at IS NULL AND v.state IN ('playable', 'ready') AND v.kind <> 'practice' AND (v.audience = 'everyone' OR v.author_id = gold_takes.created_by))`

func selectGold(g *gorm.DB) *gorm.DB {
	return g.Model(&goldRow{}).Select(`gold_takes.*, EXISTS (SELECT 1 FROM videos v WHERE v.id = gold_takes.video_id AND ` + usable + `) AS usable,
		(SELECT COUNT(DISTINCT t.person_id) FROM calibration_takes t WHERE t.gold_id = gold_takes.id AND t.scored_at IS NOT NULL) AS scored_by`)
}

func loadGold(g *gorm.DB, id string) (Gold, error) {
	if !db.Plain(id) {
		return Gold{}, fault.Missing("gold_take")
	}
	one, err := loadGoldAlone(g, id)
	if err != nil {
		return one, err
	}
	out := []Gold{one}
	err = withPanels(g, out)
	return out[0], err
}

// loadGoldAlone is loadGold without the panel, which most who ask must not see.
func loadGoldAlone(g *gorm.DB, id string) (Gold, error) {
	var r goldRow
	err := selectGold(g).Where("gold_takes.id = ?", id).Take(&r).Error
	return r.gold(), db.Fault(err, "gold_take")
}

// loadGoldForUpdate is loadGold, holding the row against other writers until the transaction ends.
func loadGoldForUpdate(tx *db.Tx, id string) (Gold, error) {
	if tx.Kind() == db.Postgres && db.Plain(id) {
		if err := tx.Gorm().Exec(`SELECT 1 FROM gold_takes WHERE id = ? FOR UPDATE`, id).Error; err != nil {
			return Gold{}, err
		}
	}
	return loadGold(tx.Gorm(), id)
}

// listGold gives gold takes, newest first.
func listGold(g *gorm.DB, retired bool, before string, limit int) ([]Gold, error) {
	q := selectGold(g).Order("gold_takes.id DESC").Limit(limit)
	if !retired {
		q = q.Where("retired_at IS NULL")
	}
	if before != "" {
		q = q.Where("gold_takes.id < ?", before)
	}
	var rows []goldRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Gold, len(rows))
	for i, r := range rows {
		out[i] = r.gold()
	}
	return out, withPanels(g, out)
}

// withPanels reads the panels' levels into gold takes.
func withPanels(g *gorm.DB, golds []Gold) error {
	at := map[string]int{}
	ids := make([]string, len(golds))
	for i := range golds {
		at[golds[i].ID], ids[i], golds[i].Panel = i, golds[i].ID, nil
	}
	rows, err := panels(g, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		gold := &golds[at[r.GoldID]]
		if n := len(gold.Panel); n == 0 || gold.Panel[n-1].PersonID != r.PersonID {
			gold.Panel = append(gold.Panel, Panelist{PersonID: r.PersonID, Levels: score.Levels{}})
		}
		gold.Panel[len(gold.Panel)-1].Levels[r.CriterionID] = r.Level
	}
	return nil
}

// panels gives the panels' levels, by gold take and person.
func panels(g *gorm.DB, ids []string) ([]panelRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []panelRow
	return rows, g.Where("gold_id IN ?", ids).Order("gold_id, person_id, criterion_id").Find(&rows).Error
}

// insertGold says whether it was written; false for one that is there already.
func insertGold(tx *db.Tx, r goldRow) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true, Columns: []clause.Column{{Name: "id"}}}).Omit("ScoredBy", "Usable").Create(&r)
	return res.RowsAffected == 1, db.Fault(res.Error, "video")
}

func saveGold(tx *db.Tx, g Gold) error {
	return tx.Gorm().Model(&goldRow{}).Where("id = ?", g.ID).Updates(map[string]any{"title": g.Title, "video_id": g.VideoID, "rubric_version_id": g.RubricVersionID,
		"updated_at": tx.Now, "retired_at": g.RetiredAt}).Error
}

func setPanel(tx *db.Tx, goldID string, panel []Panelist) error {
	if err := tx.Gorm().Where("gold_id = ?", goldID).Delete(&panelRow{}).Error; err != nil {
		return err
	}
	var rows []panelRow
	for _, p := range panel {
		for criterion, level := range p.Levels {
			rows = append(rows, panelRow{goldID, p.PersonID, criterion, level})
		}
	}
	return db.Fault(tx.Gorm().CreateInBatches(rows, batch).Error, "person")
}

// reviewers is who has sent a review since a time, or manages people who take part in a programme.
const reviewers = `SELECT r.reviewer_id AS person_id FROM reviews r WHERE r.state = 'sent' AND r.sent_at > ? AND r.reviewer_id IS NOT NULL
	UNION SELECT tm.person_id FROM team_managers tm JOIN team_members m ON m.team_id = tm.team_id JOIN enrolments e ON e.person_id = m.person_id AND e.left_at IS NULL`

// reviewersAfter gives active reviewers in the order of their ids, after one of them, without those of whom
// the month is told already.
func reviewersAfter(g *gorm.DB, since time.Time, month, after string, limit int) ([]string, error) {
	var ids []string
	return ids, g.Raw(`SELECT p.id FROM persons p JOIN (`+reviewers+`) x ON x.person_id = p.id WHERE p.active AND p.id > ?
		AND NOT EXISTS (SELECT 1 FROM calibrations c WHERE c.person_id = p.id AND c.month = ? AND c.told_at IS NOT NULL) ORDER BY p.id LIMIT ?`, since, after, month, limit).Scan(&ids).Error
}

func isReviewer(g *gorm.DB, since time.Time, person string) (bool, error) {
	var n int64
	err := g.Raw(`SELECT COUNT(*) FROM (`+reviewers+`) x WHERE x.person_id = ?`, since, person).Scan(&n).Error
	return n > 0, err
}

// beginMonth makes a reviewer's month, and holds it until the transaction ends.
func beginMonth(tx *db.Tx, person, month string) (monthRow, error) {
	r := monthRow{PersonID: person, Month: month, CreatedAt: tx.Now}
	if err := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error; err != nil {
		return r, db.Fault(err, "person")
	}
	m, err := loadMonth(tx.Gorm(), person, month)
	if err != nil {
		return m, err
	}
	if tx.Kind() == db.Postgres {
		err = tx.Gorm().Exec(`SELECT 1 FROM calibrations WHERE person_id = ? AND month = ? FOR UPDATE`, person, month).Error
		if err != nil {
			return m, err
		}
	}
	return loadMonth(tx.Gorm(), person, month)
}

// loadMonth gives a reviewer's month; an empty one where it has not begun.
func loadMonth(g *gorm.DB, person, month string) (monthRow, error) {
	var r monthRow
	err := g.Where("person_id = ? AND month = ?", person, month).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return monthRow{}, nil
	}
	return r, err
}

func saveMonth(tx *db.Tx, r monthRow) error {
	return tx.Gorm().Model(&monthRow{}).Where("person_id = ? AND month = ?", r.PersonID, r.Month).Select("Skipped", "ToldAt").Updates(&r).Error
}

// skippedMonths gives the months that somebody skipped.
func skippedMonths(g *gorm.DB, person string) (map[string]bool, error) {
	var months []string
	err := g.Model(&monthRow{}).Where("person_id = ? AND skipped", person).Pluck("month", &months).Error
	out := map[string]bool{}
	for _, m := range months {
		out[m] = true
	}
	return out, err
}

// candidates gives the gold takes that somebody could be given this month.
func candidates(g *gorm.DB, person, month string) ([]candidate, error) {
	var rows []struct {
		ID     string
		Before int
	}
	err := g.Raw(`SELECT gold_takes.id, (SELECT COUNT(*) FROM calibration_takes t WHERE t.gold_id = gold_takes.id AND t.person_id = ? AND t.scored_at IS NOT NULL) AS before
		FROM gold_takes JOIN videos v ON v.id = gold_takes.video_id
		WHERE gold_takes.retired_at IS NULL AND `+usable+` AND v.author_id <> ? AND (gold_takes.created_by IS NULL OR gold_takes.created_by <> ?)
			AND NOT EXISTS (SELECT 1 FROM gold_scores s WHERE s.gold_id = gold_takes.id AND s.person_id = ?)
			AND NOT EXISTS (SELECT 1 FROM calibration_takes t WHERE t.gold_id = gold_takes.id AND t.person_id = ? AND t.month = ?)`,
		person, person, person, person, person, month).Scan(&rows).Error
	out := make([]candidate, len(rows))
	for i, r := range rows {
		out[i] = candidate{r.ID, r.Before}
	}
	return out, err
}

// monthTakes gives the takes of a month in their order. What is not scored yet and cannot be given any more
// (retired, or seen by fewer people now) is left out.
func monthTakes(g *gorm.DB, person, month string) ([]takeRow, error) {
	var rows []takeRow
	return rows, g.Where("person_id = ? AND month = ?", person, month).Where(`(scored_at IS NOT NULL OR EXISTS (SELECT 1 FROM gold_takes JOIN videos v ON v.id = gold_takes.video_id
		WHERE gold_takes.id = calibration_takes.gold_id AND gold_takes.retired_at IS NULL AND ` + usable + `))`).Order("position").Find(&rows).Error
}

func insertTakes(tx *db.Tx, rows []takeRow) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Gorm().Create(&rows).Error
}

func saveTake(tx *db.Tx, r takeRow) error {
	return tx.Gorm().Model(&takeRow{}).Where("id = ?", r.ID).Select("OpenedAt", "ScoredAt").Updates(&r).Error
}

// closeTake writes down that a grant has ended.
func closeTake(tx *db.Tx, id string) error {
	return tx.Gorm().Model(&takeRow{}).Where("id = ?", id).Update("opened_at", nil).Error
}

// grantsBefore gives the takes of earlier months whose videos somebody was let see.
func grantsBefore(tx *db.Tx, person, month string) (rows []struct{ ID, VideoID string }, err error) {
	return rows, tx.Gorm().Raw(`SELECT t.id, g.video_id FROM calibration_takes t JOIN gold_takes g ON g.id = t.gold_id WHERE t.person_id = ? AND t.month < ? AND t.opened_at IS NOT NULL`,
		person, month).Scan(&rows).Error
}

func insertScores(tx *db.Tx, take string, levels score.Levels) error {
	rows := make([]scoreRow, 0, len(levels))
	for criterion, level := range levels {
		rows = append(rows, scoreRow{take, criterion, level})
	}
	return tx.Gorm().Create(&rows).Error
}

// ownScores gives what was scored, by take.
func ownScores(g *gorm.DB, takes []string) (map[string]score.Levels, error) {
	out := map[string]score.Levels{}
	if len(takes) == 0 {
		return out, nil
	}
	var rows []scoreRow
	err := g.Where("take_id IN ?", takes).Find(&rows).Error
	for _, r := range rows {
		if out[r.TakeID] == nil {
			out[r.TakeID] = score.Levels{}
		}
		out[r.TakeID][r.CriterionID] = r.Level
	}
	return out, err
}
