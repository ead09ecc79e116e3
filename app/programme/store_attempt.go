package programme

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func setSecond(tx *db.Tx, attemptID string) error {
	return tx.Gorm().Model(&Attempt{}).Where("id = ?", attemptID).Update("second", true).Error
}

// attemptOn finds the attempt that a video was submitted as.
func attemptOn(g *gorm.DB, videoID string) (Attempt, bool, error) {
	var a Attempt
	if !db.Plain(videoID) {
		return a, false, nil
	}
	err := g.Where("video_id = ?", videoID).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Attempt{}, false, nil
	}
	return a, err == nil, err
}

// submitted finds the attempt that was made before under this id; another enrolment's is a conflict that
// says nothing of it.
func submitted(tx *db.Tx, id, enrolmentID string) (Attempt, bool, error) {
	a, err := loadAttempt(tx.Gorm(), id)
	switch {
	case fault.Is(err, fault.NotFound):
		return Attempt{}, false, nil
	case err != nil:
		return Attempt{}, false, err
	case a.EnrolmentID != enrolmentID:
		return Attempt{}, false, fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("id")
	}
	return a, true, nil
}

// partsOf gives a person's enrolments in programmes that are no drafts: those they are in, and those they
// have left or that were closed if there is a result to look at.
func partsOf(g *gorm.DB, personID string) ([]Enrolment, error) {
	var out []Enrolment
	return out, g.Where("person_id = ? AND (left_at IS NULL OR settled_at IS NOT NULL)", personID).
		Where("programme_id IN (SELECT id FROM programmes WHERE state = 'open' OR (state = 'closed' AND enrolments.settled_at IS NOT NULL))").Order("id").Find(&out).Error
}

// reviewing says which of the attempts the person reviews (or has), and of which their own review is still
// waited for: what others found is hidden from them until then.
func reviewing(g *gorm.DB, personID string, attemptIDs ...string) (reviews, blind map[string]bool, err error) {
	reviews, blind = map[string]bool{}, map[string]bool{}
	if personID == "" || len(attemptIDs) == 0 {
		return reviews, blind, nil
	}
	var rows []struct {
		AttemptID string
		State     string
		Role      string
	}
	err = g.Table("reviews").Select("attempt_id, state, role").Where("attempt_id IN ? AND reviewer_id = ? AND state <> 'dropped'", attemptIDs, personID).Scan(&rows).Error
	for _, r := range rows {
		reviews[r.AttemptID] = true
		if r.State == "waiting" && r.Role != "again" { // who scores again under a newer rubric knows the old score
			blind[r.AttemptID] = true
		}
	}
	return reviews, blind, err
}

// seenAttempts narrows a query on attempts to those the actor may see: the twin of CanAttempt(SeeAttempt).
func seenAttempts(g *gorm.DB, a people.Actor) *gorm.DB {
	if a.Has(people.Trainer) {
		return g
	}
	line, args := a.InLineSQL("attempts.person_id")
	return g.Where("("+line+" OR EXISTS (SELECT 1 FROM reviews r WHERE r.attempt_id = attempts.id AND r.reviewer_id = ? AND r.state <> 'dropped'))", append(args, a.PersonID)...)
}

func seenAttempt(g *gorm.DB, a people.Actor, id string) (Attempt, error) {
	return db.Take[Attempt](seenAttempts(g, a), "attempt", id)
}

func listAttempts(g *gorm.DB, a people.Actor, f AttemptFilter) ([]Attempt, error) {
	if !db.Plain(f.PersonID) || !db.Plain(f.ProgrammeID) {
		return nil, nil
	}
	q := seenAttempts(g, a)
	if f.PersonID != "" {
		q = q.Where("person_id = ?", f.PersonID)
	}
	if f.ProgrammeID != "" {
		q = q.Where("programme_id = ?", f.ProgrammeID)
	}
	if f.Before != "" {
		last, err := seenAttempt(g, a, f.Before)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "This is no cursor of this list. Begin with the first page.")
		}
		if err != nil {
			return nil, err
		}
		q = q.Where("(submitted_at, id) < (?, ?)", last.SubmittedAt, last.ID)
	}
	var out []Attempt
	return out, q.Order("submitted_at DESC, id DESC").Limit(f.Limit).Find(&out).Error
}

// enrolmentOf finds a person's own enrolment in a programme that they have not left.
func enrolmentOf(g *gorm.DB, programmeID, personID string) (Enrolment, error) {
	var e Enrolment
	if !db.Plain(programmeID) {
		return e, fault.Missing("programme")
	}
	return e, db.Fault(g.Where("programme_id = ? AND person_id = ? AND left_at IS NULL", programmeID, personID).Take(&e).Error, "programme")
}

// passedTakes gives the passed attempts of others in a programme whose videos are there, newest first.
func passedTakes(g *gorm.DB, programmeID, personID string, limit int) ([]Attempt, error) {
	var out []Attempt
	return out, g.Where("programme_id = ? AND person_id <> ? AND decision = 'pass'", programmeID, personID).
		Where("video_id IN (SELECT id FROM videos WHERE deleted_at IS NULL AND state IN ('playable', 'ready'))").
		Order("settled_at DESC, id DESC").Limit(limit).Find(&out).Error
}

// ending is what a renewal needs to know of the last certificate of an enrolment.
type ending struct {
	ExpiresAt, RevokedAt *time.Time
}

// lastCertificate gives the certificate of the last pass of an enrolment. Package certificate, which issues
// them, stands above this one.
func lastCertificate(g *gorm.DB, enrolmentID string) (ending, bool, error) {
	var rows []ending
	err := g.Table("certificates").Select("expires_at, revoked_at").Where("enrolment_id = ?", enrolmentID).Order("issued_at DESC, id DESC").Limit(1).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return ending{}, false, err
	}
	db.UTC(rows[0].ExpiresAt, rows[0].RevokedAt)
	return rows[0], true, nil
}

// practisedFor says for which enrolments their person has a practice.
func practisedFor(g *gorm.DB, personID string, enrolmentIDs []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(enrolmentIDs) == 0 {
		return out, nil
	}
	var ids []string
	err := g.Table("videos").Distinct("for_id").Where("author_id = ? AND kind = 'practice' AND deleted_at IS NULL AND for_id IN ?", personID, enrolmentIDs).Scan(&ids).Error
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// trailsFor says of which attempts the actor may read the trail: the twin of CanAttempt(SeeTrail).
func trailsFor(g *gorm.DB, a people.Actor, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	q := g.Model(&Attempt{}).Where("id IN ?", ids)
	if !a.Has(people.Trainer) && !a.Has(people.Admin) {
		line, args := a.InLineSQL("attempts.person_id")
		q = q.Where(line, args...)
	}
	var found []string
	err := q.Pluck("id", &found).Error
	for _, id := range found {
		out[id] = true
	}
	return out, err
}

func namesOf(g *gorm.DB, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct{ ID, Name string }
	err := g.Table("programmes").Select("id, name").Where("id IN ?", ids).Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}
