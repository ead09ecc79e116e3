package insight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// mine finds an act that the actor has made before under this id. Another person's id is a conflict
// that tells nothing.
func mine[T Share | Save | Use](tx *db.Tx, person, id string, into *T) (bool, error) {
	if id == "" {
		return false, nil
	}
	var found T
	err := tx.Gorm().Where("id = ? AND person_id = ?", id, person).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err == nil {
		*into = found
	}
	return err == nil, err
}

func insertAct[T Share | Use](tx *db.Tx, act *T) error {
	err := tx.Gorm().Create(act).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("id")
	}
	return err
}

// insertSave writes a save; the same moment again gives the first one.
func insertSave(tx *db.Tx, s *Save) error {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(s)
	if res.Error != nil || res.RowsAffected > 0 {
		return res.Error
	}
	var had Save
	err := tx.Gorm().Where("person_id = ? AND video_id = ? AND start_ms = ? AND end_ms = ?", s.PersonID, s.VideoID, s.StartMS, s.EndMS).Take(&had).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("id")
	}
	*s = had
	return err
}

func ownDeal(tx *db.Tx, person, id string) error {
	var n int64
	if err := tx.Gorm().Table("deals").Where("id = ? AND owner_id = ? AND status <> 'deleted'", id, person).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return fault.InvalidField("deal_id", "deal_not_found", "There is no such deal of yours.")
	}
	return nil
}

func viewedSince(tx *db.Tx, person, video string, since time.Time) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&viewRow{}).Where("person_id = ? AND video_id = ? AND at >= ?", person, video, since).Count(&n).Error
	return n > 0, err
}

func teamMembers(ctx context.Context, d *db.DB, team string) ([]string, error) {
	var n int64
	if err := d.Read(ctx).Table("teams").Where("id = ?", team).Count(&n).Error; err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.InvalidField("to_team_id", "team_not_found", "There is no such team.")
	}
	var ids []string
	err := d.Read(ctx).Raw(`SELECT m.person_id FROM team_members m JOIN persons p ON p.id = m.person_id WHERE m.team_id = ? AND p.active ORDER BY 1`, team).Scan(&ids).Error
	return ids, err
}

// seenBy narrows a query on acts to videos that the actor may see now.
func seenBy(g *gorm.DB, table string, a people.Actor) *gorm.DB {
	return g.Where(fmt.Sprintf(`EXISTS (SELECT 1 FROM videos v JOIN video_audience k ON k.video_id = v.id WHERE v.id = %s.video_id AND v.deleted_at IS NULL AND k.key IN ?)`, table), append([]string{""}, a.Reach.Keys...))
}

func pageBefore(g *gorm.DB, before string, limit int) *gorm.DB {
	if before != "" {
		g = g.Where("id < ?", before)
	}
	return g.Order("id DESC").Limit(limit)
}

func listShares(ctx context.Context, d *db.DB, a people.Actor, box Box, before string, limit int) ([]Share, error) {
	g := seenBy(d.Read(ctx), "shares", a)
	if box == Outgoing {
		g = g.Where("person_id = ?", a.PersonID)
	} else {
		g = g.Where("(to_person_id = ? OR to_team_id IN ?) AND person_id <> ?", a.PersonID, append([]string{""}, a.Reach.MemberOf...), a.PersonID)
	}
	var out []Share
	return out, pageBefore(g, before, limit).Find(&out).Error
}

func listSaves(ctx context.Context, d *db.DB, a people.Actor, before string, limit int) ([]Save, error) {
	var out []Save
	return out, pageBefore(seenBy(d.Read(ctx), "saves", a).Where("person_id = ?", a.PersonID), before, limit).Find(&out).Error
}

func listUses(ctx context.Context, d *db.DB, a people.Actor, before string, limit int) ([]Use, error) {
	var out []Use
	return out, pageBefore(seenBy(d.Read(ctx), "uses", a).Where("person_id = ?", a.PersonID), before, limit).Find(&out).Error
}

func readWatched(ctx context.Context, d *db.DB, person, video string) (watched, error) {
	var w watched
	err := d.Read(ctx).Where("video_id = ? AND person_id = ?", video, person).Take(&w.watchedRow).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	return w, w.set.UnmarshalBinary(w.Ranges)
}

func watchers(ctx context.Context, d *db.DB, video string, limit int) ([]watched, error) {
	var rows []watchedRow
	if err := d.Read(ctx).Where("video_id = ?", video).Order("last_at DESC, person_id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]watched, len(rows))
	for i, r := range rows {
		out[i].watchedRow = r
		if err := out[i].set.UnmarshalBinary(r.Ranges); err != nil {
			return nil, fmt.Errorf("kept ranges of %s by %s: %w", video, r.PersonID, err)
		}
	}
	return out, nil
}
