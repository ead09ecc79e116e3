package calibration

import (
	"time"

	"gorm.io/gorm"
)

// window is how far back figures look.
const window = 365 * 24 * time.Hour

// pairRow is one criterion that somebody scored, beside what one other gave it.
type pairRow struct {
	PersonID, Take, CriterionID string
	Own, Other                  int
}

// blind are the roles of reviews that are made without sight of the others'.
const blind = `('first', 'second', 'third', 'dispute')`

// mine is a condition on who scored, everybody for an empty person; the alias is that of their row.
func mine(column, person string) (string, []any) {
	if person == "" {
		return "TRUE", nil
	}
	return column + " = ?", []any{person}
}

// panelPairs compares first scorings of gold takes with each member of the panel.
func panelPairs(g *gorm.DB, person string, since time.Time) ([]pairRow, error) {
	who, args := mine("t.person_id", person)
	var rows []pairRow
	return rows, g.Raw(`SELECT t.person_id, t.gold_id AS take, s.criterion_id, s.level AS own, p.level AS other
		FROM calibration_takes t JOIN calibration_scores s ON s.take_id = t.id JOIN gold_scores p ON p.gold_id = t.gold_id AND p.criterion_id = s.criterion_id
		WHERE t.scored_at > ? AND NOT t.again AND p.person_id <> t.person_id AND `+who+` ORDER BY t.person_id, t.scored_at, t.gold_id, s.criterion_id, p.person_id`, append([]any{since}, args...)...).Scan(&rows).Error
}

// goldPairs compares first scorings of gold takes with those of colleagues.
func goldPairs(g *gorm.DB, person string, since time.Time) ([]pairRow, error) {
	who, args := mine("t.person_id", person)
	var rows []pairRow
	return rows, g.Raw(`SELECT t.person_id, t.gold_id AS take, s.criterion_id, s.level AS own, q.level AS other
		FROM calibration_takes t JOIN calibration_scores s ON s.take_id = t.id
		JOIN calibration_takes o ON o.gold_id = t.gold_id AND o.person_id <> t.person_id AND o.scored_at IS NOT NULL AND NOT o.again
		JOIN calibration_scores q ON q.take_id = o.id AND q.criterion_id = s.criterion_id
		WHERE t.scored_at > ? AND NOT t.again AND `+who+` ORDER BY t.person_id, t.scored_at, t.gold_id, s.criterion_id, o.person_id`, append([]any{since}, args...)...).Scan(&rows).Error
}

// reviewPairs compares reviews with those that others made of the same attempt under the same version of the
// rubric; levels that were carried from the attempt before were given by neither.
func reviewPairs(g *gorm.DB, person string, since time.Time) ([]pairRow, error) {
	who, args := mine("r.reviewer_id", person)
	var rows []pairRow
	return rows, g.Raw(`SELECT r.reviewer_id AS person_id, r.attempt_id AS take, s.criterion_id, s.level AS own, p.level AS other
		FROM reviews r JOIN reviews q ON q.attempt_id = r.attempt_id AND q.reviewer_id <> r.reviewer_id AND q.state = 'sent' AND q.role IN `+blind+` AND q.rubric_version_id = r.rubric_version_id
		JOIN review_scores s ON s.review_id = r.id AND NOT s.carried JOIN review_scores p ON p.review_id = q.id AND p.criterion_id = s.criterion_id AND NOT p.carried
		WHERE r.state = 'sent' AND r.role IN `+blind+` AND r.sent_at > ? AND `+who+` ORDER BY r.reviewer_id, r.sent_at, r.attempt_id, s.criterion_id, q.id`, append([]any{since}, args...)...).Scan(&rows).Error
}

// activeReviewers gives all reviewers who are still there, by name.
func activeReviewers(g *gorm.DB, since time.Time) ([]string, error) {
	var ids []string
	return ids, g.Raw(`SELECT p.id FROM persons p JOIN (`+reviewers+`) x ON x.person_id = p.id WHERE p.active ORDER BY lower(p.name), p.id`, since).Scan(&ids).Error
}

// grouped puts what several others gave to the same criterion of a take together, by person.
func grouped(rows []pairRow, out map[string][]scored) {
	last := ""
	for _, r := range rows {
		key := r.PersonID + "|" + r.Take + "|" + r.CriterionID
		if key != last {
			out[r.PersonID] = append(out[r.PersonID], scored{take: r.Take, criterion: r.CriterionID, own: r.Own})
			last = key
		}
		list := out[r.PersonID]
		list[len(list)-1].others = append(list[len(list)-1].others, r.Other)
	}
}
