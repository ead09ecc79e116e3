package library

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// change is one row of the feed.
type change struct {
	Seq       int64
	VideoID   string
	CreatedAt time.Time
}

const feedPage = 500

// changesAfter gives the next rows of the feed.
func changesAfter(ctx context.Context, d *db.DB, seq int64) ([]change, error) {
	var out []change
	err := d.Read(ctx).Table("search_changes").Where("seq > ?", seq).Order("seq").Limit(feedPage).Find(&out).Error
	return out, err
}

// feedEnds gives the first and the last seq of the feed, 0 and 0 for an empty one.
func feedEnds(ctx context.Context, d *db.DB) (first, last int64, err error) {
	var ends struct{ First, Last int64 }
	err = d.Read(ctx).Raw(`SELECT COALESCE(MIN(seq), 0) AS first, COALESCE(MAX(seq), 0) AS last FROM search_changes`).Scan(&ends).Error
	return ends.First, ends.Last, err
}

// lastBefore gives the newest row of the feed that was written before a time, 0 for none.
func lastBefore(ctx context.Context, d *db.DB, before time.Time) (int64, error) {
	var seq int64
	err := d.Read(ctx).Raw(`SELECT COALESCE(MAX(seq), 0) FROM search_changes WHERE created_at < ?`, before).Scan(&seq).Error
	return seq, err
}

// trimFeed forgets changes so old that a node that missed them rebuilds anyway. The newest is kept: by
// the ends of the feed a node tells what it has missed.
func trimFeed(ctx context.Context, d *db.DB, before time.Time) error {
	return d.Tx(ctx, func(tx *db.Tx) error {
		return tx.Gorm().Exec(`DELETE FROM search_changes WHERE created_at < ? AND seq < (SELECT MAX(seq) FROM search_changes)`, before).Error
	})
}

// proof is what colleagues did with a moment's video: counts of facts, for the reasons.
type proof struct {
	VideoID string
	Uses    int
	Won     int
}

// proofs counts, for videos, the distinct colleagues who said "used it" and the distinct deals of
// those uses that were won; the author's own are left out.
func proofs(ctx context.Context, d *db.DB, videos []string) (map[string]proof, error) {
	var rows []proof
	err := d.Read(ctx).Raw(`SELECT u.video_id, COUNT(DISTINCT u.person_id) AS uses, COUNT(DISTINCT CASE WHEN d.status = 'won' THEN d.id END) AS won
		FROM uses u JOIN videos v ON v.id = u.video_id LEFT JOIN deals d ON d.id = u.deal_id
		WHERE u.video_id IN ? AND u.person_id <> v.author_id GROUP BY u.video_id`, videos).Scan(&rows).Error
	out := make(map[string]proof, len(rows))
	for _, r := range rows {
		out[r.VideoID] = r
	}
	return out, err
}
