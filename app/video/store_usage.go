package video

import (
	"slices"

	"gorm.io/gorm"
)

func usage(g *gorm.DB, top int) (Usage, error) {
	u := Usage{States: map[State]int{}}
	var states []struct {
		State   State
		Deleted bool
		N       int
		Bytes   int64
	}
	if err := g.Raw(`SELECT state, deleted_at IS NOT NULL AS deleted, COUNT(*) AS n, CAST(SUM(size) AS bigint) AS bytes FROM videos GROUP BY 1, 2`).Scan(&states).Error; err != nil {
		return u, err
	}
	for _, s := range states {
		u.Bytes += s.Bytes
		if s.Deleted {
			u.Deleted += s.N
		} else {
			u.States[s.State] += s.N
		}
	}
	if err := g.Raw(`SELECT CAST(COALESCE(SUM(length), 0) AS bigint) FROM uploads WHERE state = ?`, string(Receiving)).Scan(&u.Receiving).Error; err != nil {
		return u, err
	}
	if err := g.Raw(`SELECT COUNT(*) FROM videos WHERE deleted_at IS NULL AND transcript_state IN ?`,
		[]string{string(TranscriptFailed), string(TranscriptNoModel)}).Scan(&u.NoWords).Error; err != nil {
		return u, err
	}
	return u, g.Raw(`SELECT author_id AS person_id, COUNT(*) AS videos, CAST(SUM(size) AS bigint) AS bytes FROM videos WHERE deleted_at IS NULL
		GROUP BY author_id ORDER BY 3 DESC, 1 LIMIT ?`, top).Scan(&u.Top).Error
}

func authors(g *gorm.DB, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var rows []struct{ ID, AuthorID string }
		if err := g.Raw(`SELECT id, author_id FROM videos WHERE id IN ?`, chunk).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.AuthorID
		}
	}
	return out, nil
}
