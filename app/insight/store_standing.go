package insight

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// directoryEpoch tells whether the directory has changed.
func directoryEpoch(g *gorm.DB) (int64, error) {
	var epoch int64
	err := g.Raw(`SELECT value FROM directory_epochs WHERE id = 1`).Scan(&epoch).Error
	return epoch, err
}

// lastTo gives where somebody's last play of a video ended, in milliseconds; 0 where they never played it.
func lastTo(ctx context.Context, d *db.DB, person, video string) (int64, error) {
	var at int64
	err := d.Read(ctx).Raw(`SELECT to_ms FROM watch_events WHERE video_id = ? AND person_id = ? ORDER BY at DESC LIMIT 1`, video, person).Scan(&at).Error
	return at, err
}

func savesIn(g *gorm.DB, person string, videos []string) ([]Save, error) {
	var out []Save
	return out, g.Where("person_id = ? AND video_id IN ?", person, videos).Order("video_id, start_ms, end_ms").Find(&out).Error
}

// countDone counts, for some videos, the distinct people who did each of the kinds, without those of the
// pairs of video and person.
func countDone(g *gorm.DB, videos []string, leftOut [][2]string) (map[string][kinds]int, error) {
	var args []any
	values := strings.TrimSuffix(strings.Repeat("(?,?),", len(leftOut)), ",")
	for _, p := range leftOut {
		args = append(args, p[0], p[1])
	}
	list := strings.TrimSuffix(strings.Repeat("?,", len(videos)), ",")
	var parts []string
	for k, table := range [kinds]string{saw: "watched", shared: "shares", saved: "saves", used: "uses"} {
		count, also := "DISTINCT t.person_id", ""
		if kind(k) == saw {
			count, also = "*", " AND t.views > 0" // one row a person
		}
		parts = append(parts, `SELECT t.video_id, `+string(rune('0'+k))+` AS kind, COUNT(`+count+`) AS n FROM `+table+` t WHERE t.video_id IN (`+list+`)`+also+
			` AND NOT EXISTS (SELECT 1 FROM o WHERE o.video_id = t.video_id AND o.person_id = t.person_id) GROUP BY t.video_id`)
		for _, id := range videos {
			args = append(args, id)
		}
	}
	var rows []struct {
		VideoID string
		Kind    kind
		N       int
	}
	err := g.Raw(`WITH o (video_id, person_id) AS (VALUES `+values+`) `+strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error
	out := make(map[string][kinds]int, len(videos))
	for _, r := range rows {
		n := out[r.VideoID]
		n[r.Kind] = r.N
		out[r.VideoID] = n
	}
	return out, err
}
