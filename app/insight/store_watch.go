package insight

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

type eventRow struct {
	PersonID  string
	ID        string
	VideoID   string
	FromMS    int64 `gorm:"column:from_ms"`
	ToMS      int64 `gorm:"column:to_ms"`
	At        time.Time
	Source    string
	CreatedAt time.Time
}

func (eventRow) TableName() string { return "watch_events" }

// watchedRow is the union of what a person watched of a video.
type watchedRow struct {
	VideoID      string
	PersonID     string
	Ranges       []byte
	UniqueMS     int64 `gorm:"column:unique_ms"`
	Views        int64
	FirstAt      time.Time
	LastAt       time.Time
	ExposedAt    *time.Time
	ViewPlayedMS int64 `gorm:"column:view_played_ms"`
	LastViewAt   *time.Time
	CompletedAt  *time.Time
}

func (watchedRow) TableName() string { return "watched" }

type watched struct {
	watchedRow
	set   ranges.Set
	isNew bool
}

func (w *watched) seen(at time.Time) {
	if w.FirstAt.IsZero() || at.Before(w.FirstAt) {
		w.FirstAt = at
	}
	if at.After(w.LastAt) {
		w.LastAt = at
	}
}

// reset forgets everything but whose it is.
func (w *watched) reset() {
	w.watchedRow = watchedRow{VideoID: w.VideoID, PersonID: w.PersonID}
	w.set = ranges.Set{}
}

func lockPerson(tx *db.Tx, id string) error {
	if tx.Kind() != db.Postgres {
		return nil // one writer anyway
	}
	return tx.Gorm().Exec(`SELECT 1 FROM persons WHERE id = ? FOR NO KEY UPDATE`, id).Error
}

func knownEvents(tx *db.Tx, person string, events []Event) (map[string]bool, error) {
	known := make(map[string]bool, len(events))
	if len(events) == 0 {
		return known, nil
	}
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	var had []string
	err := tx.Gorm().Raw(`SELECT id FROM watch_events WHERE person_id = ? AND id IN ?`, person, ids).Scan(&had).Error
	for _, id := range had {
		known[id] = true
	}
	return known, err
}

func insertEvents(tx *db.Tx, person string, events []Event) error {
	rows := make([]eventRow, len(events))
	for i, e := range events {
		rows[i] = eventRow{person, e.ID, e.VideoID, e.FromMS, e.ToMS, e.At, e.Source, tx.Now}
	}
	return tx.Gorm().CreateInBatches(rows, 100).Error
}

func loadWatched(tx *db.Tx, person, video string) (*watched, error) {
	w := &watched{}
	err := tx.Gorm().Where("video_id = ? AND person_id = ?", video, person).Take(&w.watchedRow).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		w.watchedRow, w.isNew = watchedRow{VideoID: video, PersonID: person}, true
		return w, nil
	}
	if err != nil {
		return nil, err
	}
	w.LastAt, w.FirstAt = w.LastAt.UTC(), w.FirstAt.UTC()
	if err := w.set.UnmarshalBinary(w.Ranges); err != nil {
		return nil, fmt.Errorf("kept ranges of %s by %s: %w", video, person, err)
	}
	return w, nil
}

// maxLog bounds how many events are read to count anew.
const maxLog = 50000

func allEvents(tx *db.Tx, person, video string) ([]Event, error) {
	var rows []eventRow
	if err := tx.Gorm().Where("video_id = ? AND person_id = ?", video, person).Order("at, from_ms, to_ms, id").Limit(maxLog).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{ID: r.ID, VideoID: r.VideoID, FromMS: r.FromMS, ToMS: r.ToMS, At: r.At.UTC(), Source: r.Source}
	}
	return out, nil
}

type viewRow struct {
	VideoID, PersonID string
	At                time.Time
}

func (viewRow) TableName() string { return "views" }

func viewTimes(tx *db.Tx, person, video string) ([]time.Time, error) {
	var rows []viewRow
	err := tx.Gorm().Where("video_id = ? AND person_id = ?", video, person).Find(&rows).Error
	out := make([]time.Time, len(rows))
	for i, r := range rows {
		out[i] = r.At
	}
	return out, err
}

func momentsOf(tx *db.Tx, video string) ([]stretch, error) {
	var rows []struct {
		StartMS int64 `gorm:"column:start_ms"`
		EndMS   int64 `gorm:"column:end_ms"`
	}
	err := tx.Gorm().Raw(`SELECT start_ms, end_ms FROM moments WHERE video_id = ? ORDER BY ordinal`, video).Scan(&rows).Error
	out := make([]stretch, len(rows))
	for i, r := range rows {
		out[i] = stretch{r.StartMS, r.EndMS}
	}
	return out, err
}

type wholeRow struct {
	VideoID, PersonID string
	StartMS           int64 `gorm:"column:start_ms"`
	EndMS             int64 `gorm:"column:end_ms"`
	At                time.Time
}

func (wholeRow) TableName() string { return "watched_moments" }

// write keeps what was counted.
func (t *tally) write(tx *db.Tx, person string, late bool) error {
	g := tx.Gorm()
	var err error
	if t.w.Ranges, err = t.w.set.MarshalBinary(); err != nil {
		return err
	}
	t.w.UniqueMS = t.w.set.Total()
	if err := g.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "video_id"}, {Name: "person_id"}}, UpdateAll: true}).Create(&t.w.watchedRow).Error; err != nil {
		return err
	}
	if late {
		if err := g.Where("video_id = ? AND person_id = ?", t.v.ID, person).Delete(&viewRow{}).Error; err != nil {
			return err
		}
	}
	for _, at := range t.views {
		if err := g.Clauses(clause.OnConflict{DoNothing: true}).Create(&viewRow{t.v.ID, person, at}).Error; err != nil {
			return err
		}
		// "Used it" counts as modeled within 14 days after a view, also one that comes in late.
		if err := g.Exec(`UPDATE uses SET after_view = ? WHERE person_id = ? AND video_id = ? AND created_at >= ? AND created_at <= ?`, true, person, t.v.ID, at, at.Add(ModeledWithin)).Error; err != nil {
			return err
		}
	}
	if err := t.writeWhole(g, person, late); err != nil {
		return err
	}
	for key, d := range t.days {
		err := g.Exec(`INSERT INTO video_days (video_id, day, events, views, new_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (video_id, day) DO UPDATE SET events = video_days.events + excluded.events, views = video_days.views + excluded.views, new_ms = video_days.new_ms + excluded.new_ms`,
			t.v.ID, key, d.events, d.views, d.newMS).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// writeWhole keeps when moments first were whole; a late event can only make that earlier.
func (t *tally) writeWhole(g *gorm.DB, person string, late bool) error {
	if len(t.whole) == 0 {
		return nil
	}
	rows := make([]wholeRow, 0, len(t.whole))
	for m, at := range t.whole {
		rows = append(rows, wholeRow{t.v.ID, person, m.start, m.end, at})
	}
	conflict := clause.OnConflict{DoNothing: true}
	if late {
		conflict = clause.OnConflict{Columns: []clause.Column{{Name: "video_id"}, {Name: "person_id"}, {Name: "start_ms"}, {Name: "end_ms"}}, DoUpdates: clause.AssignmentColumns([]string{"at"})}
	}
	return g.Clauses(conflict).CreateInBatches(rows, 100).Error
}
