package programme

import (
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// on narrows a query to the part of a programme that is looked at; alias is the table that holds
// programme_id and person_id.
func (sc scope) on(q *gorm.DB, alias string) *gorm.DB {
	condition, args := linedSQL(sc.actor, alias+".person_id")
	q = q.Where(alias+".programme_id = ?", sc.programmeID).Where(condition, args...)
	if sc.teams != nil {
		q = q.Where(alias+".person_id IN (SELECT person_id FROM team_members WHERE team_id IN ?)", sc.teams)
	}
	return q
}

// loadParticipants reads them in four queries, whatever their number, by name.
func loadParticipants(g *gorm.DB, sc scope, p Programme, now time.Time) ([]Participant, error) {
	var rows []struct {
		Enrolment
		Name, Email string
	}
	err := sc.on(g.Table("enrolments e"), "e").Joins("JOIN persons p ON p.id = e.person_id").Select("e.*, p.name AS name, p.email AS email").
		Order("p.name, e.id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]Participant, len(rows))
	byEnrolment, byPerson := make(map[string]*Participant, len(out)), make(map[string]*Participant, len(out))
	for i := range out {
		o := &out[i]
		o.Enrolment, o.Name, o.Email = rows[i].Enrolment, rows[i].Name, rows[i].Email
		db.UTC(o.DueAt, o.NextAttemptAt, o.SettledAt, &o.StartedAt, o.LeftAt, &o.CreatedAt, &o.UpdatedAt)
		o.Status, o.IsOverdue = o.Enrolment.Status(), o.Overdue(now)
		byEnrolment[o.ID], byPerson[o.PersonID] = o, o
	}
	var seats []struct{ PersonID, ID, Name string }
	err = sc.on(g.Table("enrolments e"), "e").Joins("JOIN team_members m ON m.person_id = e.person_id JOIN teams t ON t.id = m.team_id").
		Select("e.person_id, t.id, t.name").Order("t.name, t.id").Find(&seats).Error
	if err != nil {
		return nil, err
	}
	for _, s := range seats {
		if o := byPerson[s.PersonID]; o != nil && o.Team.ID == "" {
			o.Team = Named{s.ID, s.Name}
		}
	}
	var attempts []struct {
		ID, EnrolmentID string
		State, Decision string
		Score           *int
		SubmittedAt     time.Time
	}
	err = sc.on(g.Table("attempts a"), "a").Select("a.id, a.enrolment_id, a.state, a.decision, a.score, a.submitted_at").Order("a.enrolment_id, a.number").Find(&attempts).Error
	if err != nil {
		return nil, err
	}
	for _, a := range attempts {
		o := byEnrolment[a.EnrolmentID]
		if o == nil {
			continue
		}
		o.LastAttemptID = a.ID
		switch AttemptState(a.State) {
		case Settled:
			o.LastScore, o.LastDecision = a.Score, Decision(a.Decision)
		default:
			at := a.SubmittedAt.UTC()
			o.WaitingSince = &at
		}
	}
	return out, addProofs(g, sc, p, now, byEnrolment)
}

func addProofs(g *gorm.DB, sc scope, p Programme, now time.Time, byEnrolment map[string]*Participant) error {
	var proofs []struct {
		EnrolmentID, ID, Number string
		ExpiresAt               *time.Time
	}
	err := sc.on(g.Table("certificates c"), "c").Where("c.revoked_at IS NULL AND c.replaced_by IS NULL").
		Select("c.enrolment_id, c.id, c.number, c.expires_at").Order("c.issued_at, c.id").Find(&proofs).Error
	for _, c := range proofs {
		o := byEnrolment[c.EnrolmentID]
		if o == nil {
			continue
		}
		db.UTC(c.ExpiresAt)
		o.Proof = &Proof{c.ID, c.Number, c.ExpiresAt}
		o.Expiring = o.LeftAt == nil && c.ExpiresAt != nil && !now.Before(c.ExpiresAt.AddDate(0, 0, -p.RenewDays))
	}
	return err
}

func loadWaiting(g *gorm.DB, sc scope) ([]waitingReview, error) {
	var out []waitingReview
	err := sc.on(g.Table("attempts a"), "a").Joins("JOIN reviews r ON r.attempt_id = a.id AND r.state = 'waiting'").
		Select("a.person_id, r.created_at AS since").Find(&out).Error
	for i := range out {
		db.UTC(&out[i].Since)
	}
	return out, err
}

// loadResults reads the results, by enrolment and number.
func loadResults(g *gorm.DB, sc scope) ([]result, error) {
	var rows []struct {
		EnrolmentID, Decision, TimeZone string
		Score                           int
		SubmittedAt, SettledAt          time.Time
	}
	err := sc.on(g.Table("attempts a"), "a").Where("a.state = ?", string(Settled)).
		Joins("LEFT JOIN reviews r ON r.id = a.result_review_id LEFT JOIN persons z ON z.id = r.reviewer_id").
		Select("a.enrolment_id, a.decision, a.score, a.submitted_at, a.settled_at, COALESCE(z.time_zone, 'UTC') AS time_zone").
		Order("a.enrolment_id, a.number").Find(&rows).Error
	zones := map[string]*time.Location{}
	out := make([]result, len(rows))
	for i, r := range rows {
		out[i] = result{r.EnrolmentID, Decision(r.Decision), r.Score, r.SubmittedAt.UTC(), r.SettledAt.UTC(), zoneOf(zones, r.TimeZone)}
	}
	return out, err
}

// loadLevels counts the levels of all results, and names the rubric versions they were given under.
func loadLevels(g *gorm.DB, sc scope) ([]levelTally, []string, error) {
	var tallies []levelTally
	err := sc.on(g.Table("attempts a"), "a").Where("a.state = ?", string(Settled)).
		Joins("JOIN review_scores s ON s.review_id = a.result_review_id AND NOT s.carried").
		Select("s.criterion_id, s.level, COUNT(*) AS n").Group("s.criterion_id, s.level").Find(&tallies).Error
	if err != nil {
		return nil, nil, err
	}
	var versions []string
	err = sc.on(g.Table("attempts a"), "a").Where("a.state = ?", string(Settled)).Distinct().Pluck("a.rubric_version_id", &versions).Error
	return tallies, versions, err
}

func loadDisputes(g *gorm.DB, sc scope) (Disputes, error) {
	var rows []struct {
		State string
		N     int
	}
	err := sc.on(g.Table("attempts a"), "a").Joins("JOIN disputes d ON d.attempt_id = a.id").Select("d.state, COUNT(*) AS n").Group("d.state").Find(&rows).Error
	var out Disputes
	for _, r := range rows {
		switch r.State {
		case "open":
			out.Open = r.N
		case "changed":
			out.Changed = r.N
		case "stands":
			out.Stands = r.N
		}
	}
	return out, err
}

// loadRescorables reads what can be scored again, of these attempts or of all for nil.
func loadRescorables(g *gorm.DB, p Programme, ids []string) ([]Rescorable, error) {
	if p.RubricVersionID == "" {
		return nil, nil
	}
	var out []Rescorable
	q := g.Table("attempts a").Joins("JOIN persons p ON p.id = a.person_id JOIN rubric_versions v ON v.id = a.rubric_version_id").
		Select("a.id AS attempt_id, a.person_id, p.name, a.number, v.number AS version, a.score").
		Where("a.programme_id = ? AND a.state = ? AND a.rubric_version_id <> ? AND a.video_id IS NOT NULL", p.ID, string(Settled), p.RubricVersionID).
		Where("NOT EXISTS (SELECT 1 FROM reviews r WHERE r.attempt_id = a.id AND r.rubric_version_id = ? AND r.state <> 'dropped')", p.RubricVersionID)
	if ids != nil {
		q = q.Where("a.id IN ?", ids)
	}
	return out, q.Order("p.name, a.person_id, a.number").Find(&out).Error
}
