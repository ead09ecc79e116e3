package coach

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/video"
)

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (p *Promotion) AfterFind(*gorm.DB) error {
	db.UTC(&p.CreatedAt, p.SettledAt, p.EndedAt)
	return nil
}

// texts is a list of texts in one column, as JSON.
type texts []string

// Value implements driver.Valuer.
func (l texts) Value() (driver.Value, error) {
	if l == nil {
		l = texts{}
	}
	b, err := json.Marshal([]string(l))
	return string(b), err
}

// Scan implements sql.Scanner.
func (l *texts) Scan(src any) error {
	switch s := src.(type) {
	case string:
		return json.Unmarshal([]byte(s), l)
	case []byte:
		return json.Unmarshal(s, l)
	}
	return fmt.Errorf("a list as %T", src)
}

// endBefore notes what the video was before. A promotion of it that still runs ends with the new one, which
// takes over what that one would have put back.
func endBefore(tx *db.Tx, p *Promotion, v video.Video) error {
	p.PriorKind, p.PriorAudience, p.PriorTeamIDs = v.Kind, v.Audience, v.TeamIDs
	var before Promotion
	found := tx.Gorm().Where("video_id = ? AND state = ? AND ends_on <> ''", p.VideoID, string(Agreed)).Order("settled_at DESC").Limit(1).Find(&before)
	if found.Error != nil || found.RowsAffected == 0 {
		return found.Error
	}
	if before.Audience == v.Audience && slices.Equal(before.TeamIDs, texts(v.TeamIDs)) {
		p.PriorKind, p.PriorAudience, p.PriorTeamIDs = before.PriorKind, before.PriorAudience, before.PriorTeamIDs
	}
	return tx.Gorm().Model(&Promotion{}).Where("video_id = ? AND state = ? AND ends_on <> ''", p.VideoID, string(Agreed)).
		Updates(map[string]any{"state": string(Ended), "ended_at": tx.Now}).Error
}

// reviewedBy says whether a person has reviewed an attempt with this video, or is to.
func reviewedBy(tx *db.Tx, video, person string) (bool, error) {
	var n int64
	err := tx.Gorm().Raw(`SELECT COUNT(*) FROM reviews r JOIN attempts t ON t.id = r.attempt_id WHERE t.video_id = ? AND r.reviewer_id = ? AND r.state <> 'dropped'`, video, person).Scan(&n).Error
	return n > 0, err
}

// endedBefore gives the promotions in force whose last day came before a day, the earliest first.
func endedBefore(g *gorm.DB, day string) (ids []string, err error) {
	err = g.Model(&Promotion{}).Where("state = ? AND ends_on <> '' AND ends_on < ?", string(Agreed), day).Order("ends_on, id").Pluck("id", &ids).Error
	return ids, err
}
