package insight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// AfterFind puts the time into UTC; PostgreSQL gives it in the zone of the machine.
func (s *Share) AfterFind(*gorm.DB) error { toUTC(&s.CreatedAt); return nil }

// AfterFind puts the time into UTC; PostgreSQL gives it in the zone of the machine.
func (s *Save) AfterFind(*gorm.DB) error { toUTC(&s.CreatedAt); return nil }

// AfterFind puts the time into UTC; PostgreSQL gives it in the zone of the machine.
func (u *Use) AfterFind(*gorm.DB) error { toUTC(&u.CreatedAt); return nil }

// mine finds an act that the person has made before under this id.
func mine[T Share | Save | Use](tx *db.Tx, person, id string) (T, bool, error) {
	var found T
	err := tx.Gorm().Where("id = ? AND person_id = ?", id, person).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, false, nil
	}
	return found, err == nil, err
}

func insertAct[T Share | Use](tx *db.Tx, act *T) error {
	err := tx.Gorm().Create(act).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return db.IDTaken()
	}
	return db.Fault(err, "video")
}

// insertSave writes a save; the same moment again gives the first one.
func insertSave(tx *db.Tx, s *Save) error {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(s)
	if res.Error != nil || res.RowsAffected > 0 {
		return db.Fault(res.Error, "video")
	}
	var had Save
	err := tx.Gorm().Where("person_id = ? AND video_id = ? AND start_ms = ? AND end_ms = ?", s.PersonID, s.VideoID, s.StartMS, s.EndMS).Take(&had).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return db.IDTaken()
	}
	*s = had
	return err
}

func removeSave(tx *db.Tx, person, id string) error {
	res := tx.Gorm().Where("id = ? AND person_id = ?", id, person).Delete(&Save{})
	if res.Error == nil && res.RowsAffected == 0 {
		return fault.Missing("save")
	}
	return res.Error
}

func ownDeal(tx *db.Tx, person, id string) error {
	var n int64
	if plain(id) {
		if err := tx.Gorm().Table("deals").Where("id = ? AND owner_id = ? AND status <> 'deleted'", id, person).Count(&n).Error; err != nil {
			return err
		}
	}
	if n == 0 {
		return fault.InvalidField("deal_id", "deal_not_found", "There is no such deal of yours.")
	}
	return nil
}

// audienceOf gives the keys of a video's audience, none for a deleted one.
func audienceOf(tx *db.Tx, video string) ([]string, error) {
	var keys []string
	err := tx.Gorm().Raw(`SELECT k.key FROM video_audience k JOIN videos v ON v.id = k.video_id WHERE v.id = ? AND v.deleted_at IS NULL`, video).Scan(&keys).Error
	return keys, err
}

// active gives those of the persons who have not left.
func active(tx *db.Tx, ids []string) ([]string, error) {
	var out []string
	for chunk := range slices.Chunk(ids, batch) {
		var some []string
		if err := tx.Gorm().Raw(`SELECT id FROM persons WHERE active AND id IN ?`, chunk).Scan(&some).Error; err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// seenBy narrows a query on acts to videos that the actor may see now.
func seenBy(g *gorm.DB, table string, a people.Actor) *gorm.DB {
	return g.Where(fmt.Sprintf(`EXISTS (SELECT 1 FROM videos v JOIN video_audience k ON k.video_id = v.id WHERE v.id = %s.video_id AND v.deleted_at IS NULL AND k.key IN ?)`, table), orNone(a.Reach.Keys))
}

// page orders acts by when they were made, whoever made up their ids, and begins after one of them.
func page(g *gorm.DB, table, before string, limit int) (*gorm.DB, error) {
	if before != "" {
		var last struct{ CreatedAt time.Time }
		err := gorm.ErrRecordNotFound
		if plain(before) {
			err = g.Session(&gorm.Session{NewDB: true}).Table(table).Select("created_at").Where("id = ?", before).Take(&last).Error
		}
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
		}
		if err != nil {
			return nil, err
		}
		g = g.Where("(created_at, id) < (?, ?)", last.CreatedAt.UTC(), before)
	}
	return g.Order("created_at DESC, id DESC").Limit(limit), nil
}

func list[T Share | Save | Use](g *gorm.DB, table, before string, limit int) ([]T, error) {
	g, err := page(g, table, before, limit)
	if err != nil {
		return nil, err
	}
	var out []T
	return out, g.Find(&out).Error
}

// listMine gives the acts that the actor made.
func listMine[T Share | Save | Use](ctx context.Context, d *db.DB, a people.Actor, table, before string, limit int) ([]T, error) {
	return list[T](seenBy(d.Read(ctx), table, a).Where("person_id = ?", a.PersonID), table, before, limit)
}

// listReceived gives the shares to the actor and to teams they are in.
func listReceived(ctx context.Context, d *db.DB, a people.Actor, before string, limit int) ([]Share, error) {
	g := seenBy(d.Read(ctx), "shares", a).Where("(to_person_id = ? OR to_team_id IN ?) AND person_id <> ?", a.PersonID, orNone(a.Reach.MemberOf), a.PersonID)
	return list[Share](g, "shares", before, limit)
}

// watcher is what somebody has watched of a video.
type watcher struct {
	watchedRow
	set ranges.Set
}

func readWatched(ctx context.Context, d *db.DB, person, video string) (watcher, error) {
	rows, err := watchers(d.Read(ctx).Where("person_id = ?", person), video, 1)
	if err != nil || len(rows) == 0 {
		return watcher{}, err
	}
	return rows[0], nil
}

// watchers gives who has watched a video, the last one first.
func watchers(g *gorm.DB, video string, limit int) ([]watcher, error) {
	var rows []watchedRow
	if err := g.Where("video_id = ?", video).Order("last_at DESC, person_id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]watcher, len(rows))
	for i, r := range rows {
		out[i].watchedRow = r
		if err := out[i].set.UnmarshalBinary(r.Ranges); err != nil {
			return nil, fmt.Errorf("kept ranges of %s by %s: %w", video, r.PersonID, err)
		}
	}
	return out, nil
}
