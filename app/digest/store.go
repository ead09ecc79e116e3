package digest

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (d *Delivery) AfterFind(*gorm.DB) error {
	for _, t := range []*time.Time{&d.NextAt, &d.GiveUpAt, &d.CreatedAt, d.StartedAt, d.SentAt} {
		if t != nil {
			*t = t.UTC()
		}
	}
	return nil
}

type settingsRow struct {
	PersonID   string
	Mail       bool
	ChatKind   string
	ChatSealed string
	At         string
	Days       string
	Nudges     bool
	UpdatedAt  time.Time
}

func (settingsRow) TableName() string { return "reminders" }

func (r settingsRow) settings() Settings {
	return Settings{Mail: r.Mail, Chat: ChatKind(r.ChatKind), HasURL: r.ChatSealed != "", At: r.At, Days: splitDays(r.Days), Nudges: r.Nudges}
}

func rowOf(person string, s Settings, sealed string, now time.Time) settingsRow {
	return settingsRow{PersonID: person, Mail: s.Mail, ChatKind: string(s.Chat), ChatSealed: sealed, At: s.At, Days: joinDays(s.Days), Nudges: s.Nudges, UpdatedAt: now}
}

// loadSettings gives somebody's settings, the default where they have said nothing.
func loadSettings(g *gorm.DB, person string) (settingsRow, error) {
	var r settingsRow
	err := g.Where("person_id = ?", person).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return rowOf(person, Default(), "", time.Time{}), nil
	}
	return r, err
}

func saveSettings(tx *db.Tx, r settingsRow) error {
	return db.Fault(tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "person_id"}}, UpdateAll: true}).Create(&r).Error, "person")
}

// holdPerson has those who write for one person at the same time wait in a queue.
func holdPerson(tx *db.Tx, id string) error {
	if tx.Kind() != db.Postgres {
		return nil
	}
	return tx.Gorm().Exec(`SELECT 1 FROM persons WHERE id = ? FOR NO KEY UPDATE`, id).Error
}

// receiver is an active person with their settings.
type receiver struct {
	ID, Email, TimeZone string
	Settings            settingsRow `gorm:"-"`
	Devices             []Device    `gorm:"-"`

	HasRow                         bool
	Mail, Nudges                   bool
	ChatKind, ChatSealed, At, Days string
}

// receivers gives active persons with their settings, in the order of their ids, after one of them.
func receivers(g *gorm.DB, after string, limit int) ([]receiver, error) {
	var out []receiver
	err := g.Raw(`SELECT p.id, p.email, p.time_zone, r.person_id IS NOT NULL AS has_row, COALESCE(r.mail, FALSE) AS mail, COALESCE(r.nudges, FALSE) AS nudges,
		COALESCE(r.chat_kind, '') AS chat_kind, COALESCE(r.chat_sealed, '') AS chat_sealed, COALESCE(r.at, '') AS at, COALESCE(r.days, '') AS days
		FROM persons p LEFT JOIN reminders r ON r.person_id = p.id WHERE p.active AND p.id > ? ORDER BY p.id LIMIT ?`, after, limit).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return out, err
	}
	devices, err := devicesBetween(g, out[0].ID, out[len(out)-1].ID)
	for i := range out {
		out[i].fill()
		out[i].Devices = devices[out[i].ID]
	}
	return out, err
}

func (r *receiver) fill() {
	r.Settings = rowOf(r.ID, Default(), "", time.Time{})
	if r.HasRow {
		r.Settings = settingsRow{PersonID: r.ID, Mail: r.Mail, ChatKind: r.ChatKind, ChatSealed: r.ChatSealed, At: r.At, Days: r.Days, Nudges: r.Nudges}
	}
}

// receiverOf is receivers for one; ok is false for somebody who is not there any more.
func receiverOf(g *gorm.DB, id string) (r receiver, ok bool, err error) {
	var rows []struct{ ID, Email, TimeZone string }
	if err := g.Raw(`SELECT id, email, time_zone FROM persons WHERE id = ? AND active`, id).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return r, false, err
	}
	r.ID, r.Email, r.TimeZone = rows[0].ID, rows[0].Email, rows[0].TimeZone
	if r.Settings, err = loadSettings(g, id); err != nil {
		return r, false, err
	}
	r.Devices, err = devicesOf(g, id)
	return r, err == nil, err
}

// known gives those of some keys that there is a delivery for.
func known(g *gorm.DB, keys []string) (map[string]bool, error) {
	out := map[string]bool{}
	const some = 500
	for len(keys) > 0 {
		n := min(some, len(keys))
		var had []string
		if err := g.Model(&Delivery{}).Where("once_key IN ?", keys[:n]).Pluck("once_key", &had).Error; err != nil {
			return nil, err
		}
		for _, k := range had {
			out[k] = true
		}
		keys = keys[n:]
	}
	return out, nil
}

// insertDelivery says whether it was written; false where there is one with the same key.
func insertDelivery(tx *db.Tx, d Delivery) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "once_key"}}, DoNothing: true}).Create(&d)
	return res.RowsAffected == 1, db.Fault(res.Error, "person")
}

// settleDelivery writes down what came of a try, if the delivery is still being tried by it.
func settleDelivery(tx *db.Tx, d Delivery) (bool, error) {
	res := tx.Gorm().Model(&Delivery{}).Where("id = ? AND state = ? AND started_at = ?", d.ID, string(Sending), d.StartedAt).
		Select("State", "Tries", "Trouble", "Detail", "NextAt", "SentAt").Updates(&d)
	return res.RowsAffected == 1, res.Error
}

func startDelivery(tx *db.Tx, d Delivery) error {
	return tx.Gorm().Model(&Delivery{}).Where("id = ? AND state = ?", d.ID, string(Waiting)).Select("State", "Tries", "StartedAt").Updates(&d).Error
}

// endDelivery brings one that waits to its end without a try.
func endDelivery(tx *db.Tx, id string, state State, trouble string) error {
	return tx.Gorm().Model(&Delivery{}).Where("id = ? AND state = ?", id, string(Waiting)).Updates(map[string]any{"state": string(state), "trouble": trouble}).Error
}

// nextDelivery gives the one that is due first on a channel, of none of the push services named.
func nextDelivery(g *gorm.DB, c Channel, now time.Time, without []string) (Delivery, bool, error) {
	var d Delivery
	g = g.Where("channel = ? AND state = ? AND next_at <= ?", string(c), string(Waiting), now)
	if len(without) > 0 {
		g = g.Where("service NOT IN ?", without)
	}
	err := g.Order("next_at, id").Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

// dueChannels gives the channels on which something is due.
func dueChannels(g *gorm.DB, now time.Time) ([]Channel, error) {
	var out []Channel
	return out, g.Raw(`SELECT DISTINCT channel FROM deliveries WHERE (state = 'waiting' AND next_at <= ?) OR (state = 'sending' AND started_at < ?)`, now, now.Add(-turnLasts)).Scan(&out).Error
}

// markInterrupted ends tries whose process is gone, and says how many.
func markInterrupted(tx *db.Tx, c Channel, before time.Time) (int64, error) {
	res := tx.Gorm().Model(&Delivery{}).Where("channel = ? AND state = ? AND started_at < ?", string(c), string(Sending), before).
		Updates(map[string]any{"state": string(Unsure), "trouble": "interrupted"})
	return res.RowsAffected, res.Error
}

type turnRow struct {
	Name     string `gorm:"primaryKey"`
	Holder   string
	Until    time.Time
	Failures int
	NextAt   time.Time
}

func (turnRow) TableName() string { return "delivery_turns" }

// takeTurn begins or prolongs somebody's turn; false while it is another's.
func takeTurn(tx *db.Tx, name, holder string, until time.Time) (turnRow, bool, error) {
	var t turnRow
	res := tx.Gorm().Model(&turnRow{}).Where("name = ? AND (holder = ? OR until <= ?)", name, holder, tx.Now).Updates(map[string]any{"holder": holder, "until": until})
	if res.Error != nil || res.RowsAffected == 0 {
		return t, false, res.Error
	}
	err := tx.Gorm().Where("name = ?", name).Take(&t).Error
	t.Until, t.NextAt = t.Until.UTC(), t.NextAt.UTC()
	return t, err == nil, err
}

// endTurn lets the next one begin.
func endTurn(tx *db.Tx, name, holder string) error {
	return tx.Gorm().Model(&turnRow{}).Where("name = ? AND holder = ?", name, holder).Updates(map[string]any{"holder": "", "until": tx.Now}).Error
}

func saveServer(tx *db.Tx, name string, failures int, next time.Time) error {
	return tx.Gorm().Model(&turnRow{}).Where("name = ?", name).Updates(map[string]any{"failures": failures, "next_at": next}).Error
}

func loadDelivery(g *gorm.DB, id string) (Delivery, error) {
	var d Delivery
	return d, db.Fault(g.Where("id = ?", id).Take(&d).Error, "delivery")
}

// recentDeliveries gives the newest, without those that had nothing to say.
func recentDeliveries(g *gorm.DB, limit int) ([]Delivery, error) {
	var out []Delivery
	return out, g.Where("state <> ?", string(Nothing)).Order("created_at DESC, id DESC").Limit(limit).Find(&out).Error
}

// lastOf gives the newest delivery of a person on a channel that came to an end, or waits after a failure.
func lastOf(g *gorm.DB, person string, c Channel) (Delivery, bool, error) {
	var d Delivery
	err := g.Where("person_id = ? AND channel = ? AND (state IN ? OR (state = ? AND trouble <> ''))", person, string(c), []string{string(Sent), string(Failed), string(Unsure)}, string(Waiting)).
		Order("created_at DESC, id DESC").Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

func countTests(g *gorm.DB, person string, since time.Time) (int, error) {
	var n int64
	err := g.Model(&Delivery{}).Where("person_id = ? AND kind = ? AND created_at > ?", person, string(TestKind), since).Count(&n).Error
	return int(n), err
}

func retryDelivery(tx *db.Tx, d Delivery) error {
	return tx.Gorm().Model(&Delivery{}).Where("id = ?", d.ID).Select("State", "Trouble", "Detail", "NextAt", "GiveUpAt").Updates(&d).Error
}

// trim forgets deliveries: those with nothing to say soon, others later.
func trim(tx *db.Tx, empty, all time.Time) error {
	if err := tx.Gorm().Where("state = ? AND created_at < ?", string(Nothing), empty).Delete(&Delivery{}).Error; err != nil {
		return err
	}
	return tx.Gorm().Where("created_at < ?", all).Delete(&Delivery{}).Error
}

type remindedRow struct {
	Kind, SubjectID, AtKey string
	CreatedAt              time.Time
}

func (remindedRow) TableName() string { return "reminded" }

// remindOnce says whether somebody is to be reminded: the first time only.
func remindOnce(tx *db.Tx, kind, subject, key string) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&remindedRow{kind, subject, key, tx.Now})
	return res.RowsAffected == 1, res.Error
}

// participantRow is what a participant may be reminded of.
type participantRow struct {
	ID, PersonID, Programme string
	EnrolmentID             string
	DueAt                   *time.Time
}

// unreadResults gives attempts whose result has waited to be read since a time, and of which nobody was
// reminded. Who disputes a result has read it.
func unreadResults(g *gorm.DB, before time.Time, limit int) ([]participantRow, error) {
	var out []participantRow
	return out, g.Raw(`SELECT a.id, a.person_id, a.enrolment_id, p.name AS programme FROM attempts a JOIN programmes p ON p.id = a.programme_id JOIN persons w ON w.id = a.person_id AND w.active
		WHERE a.state = 'settled' AND a.acknowledged_at IS NULL AND a.settled_at <= ?
		AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.attempt_id = a.id)
		AND NOT EXISTS (SELECT 1 FROM attempts b WHERE b.enrolment_id = a.enrolment_id AND b.number > a.number)
		AND NOT EXISTS (SELECT 1 FROM reminded r WHERE r.kind = 'result' AND r.subject_id = a.id AND r.at_key = '') ORDER BY a.settled_at, a.id LIMIT ?`, before, limit).Scan(&out).Error
}

// dueSoon gives enrolments whose due time lies between two times, and who still owe an attempt.
func dueSoon(g *gorm.DB, from, until time.Time, after string, limit int) ([]participantRow, error) {
	var out []participantRow
	return out, g.Raw(`SELECT e.id, e.person_id, e.id AS enrolment_id, e.due_at, p.name AS programme FROM enrolments e JOIN programmes p ON p.id = e.programme_id AND p.state = 'open' JOIN persons w ON w.id = e.person_id AND w.active
		WHERE e.left_at IS NULL AND e.state IN ('open', 'retry') AND e.due_at > ? AND e.due_at <= ? AND e.id > ? ORDER BY e.id LIMIT ?`, from, until, after, limit).Scan(&out).Error
}

// wantsNone says whether the reviewer of a review wants no nudges.
func wantsNone(g *gorm.DB, review string) (bool, error) {
	var n int64
	err := g.Raw(`SELECT COUNT(*) FROM reviews r JOIN reminders s ON s.person_id = r.reviewer_id WHERE r.id = ? AND NOT s.nudges`, review).Scan(&n).Error
	return n > 0, err
}

func loadTurn(g *gorm.DB, name string) (turnRow, error) {
	var t turnRow
	return t, g.Where("name = ?", name).Take(&t).Error
}
