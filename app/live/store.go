package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// feedPage is how many rows of a feed are read at once.
const feedPage = 500

// table is a feed as kept: the order of writing, and what changed.
type table struct{ name, subject string }

var (
	videoChanges  = table{"search_changes", "video_id"}  //nolint:gochecknoglobals // a constant
	noticeChanges = table{"notice_changes", "person_id"} //nolint:gochecknoglobals // a constant
)

// tail gives the last rows of a feed, in order.
func (t table) tail(ctx context.Context, d *db.DB) ([]change, error) {
	var out []change
	err := d.Read(ctx).Raw(fmt.Sprintf(`SELECT seq, %s AS subject FROM %s ORDER BY seq DESC LIMIT ?`, t.subject, t.name), lookBack).Scan(&out).Error
	slices.Reverse(out)
	return out, err
}

// after gives the next rows of a feed, and those of the gaps that were filled.
func (t table) after(ctx context.Context, d *db.DB, last int64, gaps []int64) ([]change, error) {
	var out []change
	q := fmt.Sprintf(`SELECT seq, %s AS subject FROM %s WHERE seq > ?`, t.subject, t.name)
	args := []any{last}
	if len(gaps) > 0 {
		q += ` OR seq IN ?`
		args = append(args, gaps)
	}
	err := d.Read(ctx).Raw(q+` ORDER BY seq LIMIT ?`, append(args, feedPage)...).Scan(&out).Error
	return out, err
}

// directoryEpoch changes whenever what anybody may see does.
func directoryEpoch(ctx context.Context, d *db.DB) (int64, error) {
	var epoch int64
	err := d.Read(ctx).Raw(`SELECT value FROM directory_epochs WHERE id = 1`).Scan(&epoch).Error
	return epoch, err
}
