package digest

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// TableName says which table devices are in.
func (Device) TableName() string { return "push_devices" }

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (d *Device) AfterFind(*gorm.DB) error {
	d.CreatedAt = d.CreatedAt.UTC()
	if d.SentAt != nil {
		*d.SentAt = d.SentAt.UTC()
	}
	return nil
}

// live are the devices that messages go to: of active people who have not signed out everywhere since.
const live = `EXISTS (SELECT 1 FROM persons p WHERE p.id = push_devices.person_id AND p.active AND p.auth_epoch = push_devices.auth_epoch)`

// devicesOf gives the live devices of a person, the newest first.
func devicesOf(g *gorm.DB, person string) ([]Device, error) {
	var out []Device
	return out, g.Where("person_id = ? AND "+live, person).Order("created_at DESC, id DESC").Find(&out).Error
}

// devicesBetween gives the live devices of the people whose ids lie in a page.
func devicesBetween(g *gorm.DB, first, last string) (map[string][]Device, error) {
	var all []Device
	if err := g.Where("person_id >= ? AND person_id <= ? AND "+live, first, last).Order("created_at, id").Find(&all).Error; err != nil {
		return nil, err
	}
	out := map[string][]Device{}
	for _, d := range all {
		out[d.PersonID] = append(out[d.PersonID], d)
	}
	return out, nil
}

func deviceAt(g *gorm.DB, sum string) (Device, bool, error) {
	return oneDevice(g.Where("endpoint_sum = ?", sum))
}

func deviceByID(g *gorm.DB, id string) (Device, bool, error) { return oneDevice(g.Where("id = ?", id)) }

// liveDevice is deviceByID for those that messages go to.
func liveDevice(g *gorm.DB, id string) (Device, bool, error) {
	return oneDevice(g.Where("id = ? AND "+live, id))
}

func oneDevice(g *gorm.DB) (Device, bool, error) {
	var d Device
	err := g.Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

func countDevices(g *gorm.DB, person string) (int, error) {
	var n int64
	err := g.Model(&Device{}).Where("person_id = ?", person).Count(&n).Error
	return int(n), err
}

// insertDevice fails with Conflict where another transaction has just written the same.
func insertDevice(tx *db.Tx, d Device) error { return db.Fault(tx.Gorm().Create(&d).Error, "device") }

func updateDevice(tx *db.Tx, d Device) error { return tx.Gorm().Save(&d).Error }

func removeDevice(tx *db.Tx, id string) error {
	return tx.Gorm().Where("id = ?", id).Delete(&Device{}).Error
}

// removeOthers takes out what a device stands in the place of: its session's other one, and those of its owner
// that signing out everywhere has ended.
func removeOthers(tx *db.Tx, d Device) error {
	return tx.Gorm().Where("person_id = ? AND endpoint_sum <> ? AND (session_id = ? OR auth_epoch <> ?)", d.PersonID, d.EndpointSum, d.SessionID, d.AuthEpoch).Delete(&Device{}).Error
}

func removeSignedOut(tx *db.Tx, person, ended, kept string) error {
	if ended != "" {
		return tx.Gorm().Where("person_id = ? AND session_id = ?", person, ended).Delete(&Device{}).Error
	}
	return tx.Gorm().Where("person_id = ? AND session_id <> ?", person, kept).Delete(&Device{}).Error
}

// moveDevice has a device end with another session.
func moveDevice(tx *db.Tx, id, session string) error {
	return tx.Gorm().Model(&Device{}).Where("id = ?", id).Update("session_id", session).Error
}

// deviceReached notes that a push service took a message.
func deviceReached(tx *db.Tx, id string) error {
	return tx.Gorm().Model(&Device{}).Where("id = ?", id).Update("sent_at", tx.Now).Error
}

// authEpoch gives an active person's.
func authEpoch(g *gorm.DB, person string) (int64, error) {
	var out []int64
	if err := g.Raw(`SELECT auth_epoch FROM persons WHERE id = ? AND active`, person).Scan(&out).Error; err != nil {
		return 0, err
	}
	if len(out) == 0 {
		return 0, fault.Missing("person")
	}
	return out[0], nil
}

type pushKeysRow struct {
	ID        int64
	Sealed    string
	CreatedAt time.Time
}

func (pushKeysRow) TableName() string { return "push_keys" }

func loadPushKeys(g *gorm.DB) (string, bool, error) {
	var rows []pushKeysRow
	if err := g.Where("id = 1").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return "", false, err
	}
	return rows[0].Sealed, true, nil
}

// insertPushKeys leaves those that are there.
func insertPushKeys(tx *db.Tx, sealed string) error {
	return tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&pushKeysRow{1, sealed, tx.Now}).Error
}

// toldRow is a notice that a device is to show.
type toldRow struct {
	ID, PersonID, Kind, DeviceID, Service, TimeZone string
	CreatedAt                                       time.Time
}

// unpushed gives notices of a kind, told since a time and unread, with each device of their reader that was there
// already and has no delivery for it.
func unpushed(g *gorm.DB, since time.Time, limit int) ([]toldRow, error) {
	var out []toldRow
	err := g.Raw(`SELECT n.id, n.person_id, n.kind, n.created_at, d.id AS device_id, d.service, p.time_zone
		FROM push_devices d JOIN persons p ON p.id = d.person_id AND p.active AND p.auth_epoch = d.auth_epoch
		JOIN notices n ON n.person_id = d.person_id AND n.read_at IS NULL AND n.kind IN ('waiting', 'deputy') AND n.created_at > ? AND n.created_at >= d.created_at
		WHERE NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.once_key = 'notice:' || n.id || ':push:' || d.id)
		ORDER BY n.id, d.id LIMIT ?`, since, limit).Scan(&out).Error
	for i := range out {
		out[i].CreatedAt = out[i].CreatedAt.UTC()
	}
	return out, err
}

// noticeRow is what a nudge or an offer says.
type noticeRow struct{ Kind, Subject, Body string }

// unreadNotice gives a notice; false where it is read, or taken back.
func unreadNotice(g *gorm.DB, id string) (noticeRow, bool, error) {
	var rows []noticeRow
	err := g.Raw(`SELECT kind, COALESCE(subject_id, '') AS subject, body FROM notices WHERE id = ? AND read_at IS NULL`, id).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return noticeRow{}, false, err
	}
	return rows[0], true, nil
}

// ownPush gives a message to one of somebody's devices.
func ownPush(g *gorm.DB, id, person string) (Delivery, bool, error) {
	var d Delivery
	err := g.Where("id = ? AND person_id = ? AND channel = ?", id, person, string(ByPush)).Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

// arrived settles a message whose device has asked for its words: it is there, whatever its push service said.
func arrived(tx *db.Tx, id string) error {
	return tx.Gorm().Model(&Delivery{}).Where("id = ? AND state IN ?", id, []string{string(Waiting), string(Unsure)}).
		Updates(map[string]any{"state": string(Sent), "trouble": "", "detail": "", "sent_at": tx.Now}).Error
}

// leftAlone gives the push services that are left alone at a time.
func leftAlone(g *gorm.DB, now time.Time) ([]string, error) {
	var names []string
	if err := g.Model(&turnRow{}).Where("name LIKE 'push:%' AND next_at > ?", now).Pluck("name", &names).Error; err != nil {
		return nil, err
	}
	for i, n := range names {
		names[i] = n[len("push:"):]
	}
	return names, nil
}

// ensureTurn makes the row of a push service that could not be reached.
func ensureTurn(tx *db.Tx, name string) error {
	return tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&turnRow{Name: name, Until: tx.Now, NextAt: tx.Now}).Error
}
