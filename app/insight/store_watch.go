package insight

import (
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
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

// AfterFind puts the times into UTC: PostgreSQL gives them in the zone of the machine, and SQLite
// compares them as texts.
func (r *watchedRow) AfterFind(*gorm.DB) error {
	toUTC(&r.FirstAt, &r.LastAt, r.ExposedAt, r.LastViewAt, r.CompletedAt)
	return nil
}

func toUTC(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

// lockPerson has what one person sends at the same time wait in a queue. Nothing else is locked before
// it; SQLite has one writer anyway.
func lockPerson(tx *db.Tx, id string) error {
	if tx.Kind() != db.Postgres {
		return nil
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

// filmsFor gives those of the videos that the actor may see, by id: the twin of video.Can with View.
// They stay until the transaction ends.
func filmsFor(tx *db.Tx, a people.Actor, ids []string) (map[string]film, error) {
	query := `SELECT v.id, v.duration_ms, v.complete_share FROM videos v WHERE v.id IN ? AND v.deleted_at IS NULL
		AND EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN ?) ORDER BY v.id`
	if tx.Kind() == db.Postgres {
		query += ` FOR KEY SHARE OF v`
	}
	var rows []film
	err := tx.Gorm().Raw(query, ids, orNone(a.Reach.Keys)).Scan(&rows).Error
	out := make(map[string]film, len(rows))
	for _, f := range rows {
		out[f.ID] = f
	}
	return out, err
}

// filmOf gives a video for counting, whoever may see it.
func filmOf(tx *db.Tx, id string) (film, error) {
	var f film
	err := tx.Gorm().Table("videos").Select("id", "duration_ms", "complete_share").Where("id = ?", id).Take(&f).Error
	return f, db.Fault(err, "video")
}

// orNone makes a list for IN, which must not be empty.
func orNone(ids []string) []string {
	if len(ids) == 0 {
		return []string{""}
	}
	return ids
}

func watchedBy(tx *db.Tx, person string, videos []string) (map[string]*watchedRow, error) {
	var rows []watchedRow
	err := tx.Gorm().Where("person_id = ? AND video_id IN ?", person, videos).Find(&rows).Error
	out := make(map[string]*watchedRow, len(rows))
	for i := range rows {
		out[rows[i].VideoID] = &rows[i]
	}
	return out, err
}

// eventsOf gives the log of one person and video in order of time, up to one more than maxLog.
func eventsOf(tx *db.Tx, person, video string) ([]Event, error) {
	var rows []eventRow
	if err := tx.Gorm().Where("video_id = ? AND person_id = ?", video, person).Order("at").Limit(maxLog + 1).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{ID: r.ID, VideoID: r.VideoID, FromMS: r.FromMS, ToMS: r.ToMS, At: r.At.UTC(), Source: r.Source}
	}
	slices.SortFunc(out, byTime)
	return out, nil
}

func momentsOf(tx *db.Tx, videos []string) (map[string][]stretch, error) {
	var rows []struct {
		VideoID string
		StartMS int64 `gorm:"column:start_ms"`
		EndMS   int64 `gorm:"column:end_ms"`
	}
	err := tx.Gorm().Raw(`SELECT video_id, start_ms, end_ms FROM moments WHERE video_id IN ?`, videos).Scan(&rows).Error
	out := map[string][]stretch{}
	for _, r := range rows {
		out[r.VideoID] = append(out[r.VideoID], stretch{r.StartMS, r.EndMS})
	}
	return out, err
}

type viewRow struct {
	VideoID, PersonID string
	At                time.Time
}

func (viewRow) TableName() string { return "views" }

type wholeRow struct {
	VideoID, PersonID string
	StartMS           int64 `gorm:"column:start_ms"`
	EndMS             int64 `gorm:"column:end_ms"`
	At                time.Time
}

func (wholeRow) TableName() string { return "watched_moments" }

type dayRow struct {
	VideoID, Day  string
	Events, Views int64
	NewMS         int64 `gorm:"column:new_ms"`
}

// whose is a stretch that a person has watched.
type whose struct {
	person string
	stretch
}

// wholeOf gives who has watched which moments of a video whole.
func wholeOf(tx *db.Tx, video string) (map[whose]bool, error) {
	var rows []wholeRow
	err := tx.Gorm().Where("video_id = ?", video).Find(&rows).Error
	out := make(map[whose]bool, len(rows))
	for _, r := range rows {
		out[whose{r.PersonID, stretch{r.StartMS, r.EndMS}}] = true
	}
	return out, err
}

// writeWhole keeps which moments each person has watched whole, and since when.
func writeWhole(tx *db.Tx, persons []string, all []*tally) error {
	var rows []wholeRow
	for i, t := range all {
		for m, at := range t.whole {
			rows = append(rows, wholeRow{t.film.ID, persons[i], m.start, m.end, at})
		}
	}
	return insert(tx.Gorm().Clauses(earlier()), rows)
}

func (dayRow) TableName() string { return "video_days" }

// batch is how many rows one statement writes: well below the engines' limits of parameters.
const batch = 500

func insert[T any](g *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return g.CreateInBatches(rows, batch).Error
}

// writeTallies keeps what was counted, each table by one statement. What other people write too, the
// days, comes last: it is locked for the shortest time, and in one order for all.
func writeTallies(tx *db.Tx, person string, all []*tally, events []Event) error {
	var (
		log     = make([]eventRow, len(events))
		rows    []watchedRow
		views   []viewRow
		whole   []wholeRow
		days    []dayRow
		anew    []string // videos whose views are written anew
		touched []string // videos whose views have changed
	)
	for i, e := range events {
		log[i] = eventRow{person, e.ID, e.VideoID, e.FromMS, e.ToMS, e.At, e.Source, tx.Now}
	}
	for _, t := range all {
		r, err := t.row(person)
		if err != nil {
			return err
		}
		rows = append(rows, r)
		for _, at := range t.views {
			views = append(views, viewRow{t.film.ID, person, at})
		}
		for m, at := range t.whole {
			whole = append(whole, wholeRow{t.film.ID, person, m.start, m.end, at})
		}
		for _, key := range keysOf(t.days) {
			if d := t.days[key]; d != (day{}) {
				days = append(days, dayRow{t.film.ID, key, d.events, d.views, d.newMS})
			}
		}
		if t.late {
			anew = append(anew, t.film.ID)
		}
		if t.late || len(t.views) > 0 {
			touched = append(touched, t.film.ID)
		}
	}
	if err := insert(tx.Gorm(), log); err != nil {
		return err
	}
	if err := insert(tx.Gorm().Clauses(replaceWatched()), rows); err != nil {
		return err
	}
	if len(anew) > 0 {
		if err := tx.Gorm().Where("person_id = ? AND video_id IN ?", person, anew).Delete(&viewRow{}).Error; err != nil {
			return err
		}
	}
	if err := insert(tx.Gorm(), views); err != nil {
		return err
	}
	if err := insert(tx.Gorm().Clauses(earlier()), whole); err != nil {
		return err
	}
	if err := settleUses(tx, person, touched); err != nil {
		return err
	}
	return insert(tx.Gorm().Clauses(addDays()), days)
}

func columns(names ...string) []clause.Column {
	out := make([]clause.Column, len(names))
	for i, n := range names {
		out[i] = clause.Column{Name: n}
	}
	return out
}

func replaceWatched() clause.OnConflict {
	return clause.OnConflict{Columns: columns("video_id", "person_id"), DoUpdates: clause.AssignmentColumns([]string{"ranges", "unique_ms", "views", "first_at", "last_at",
		"exposed_at", "view_played_ms", "last_view_at", "completed_at"})}
}

// earlier keeps the first time that a moment was whole.
func earlier() clause.OnConflict {
	return clause.OnConflict{Columns: columns("video_id", "person_id", "start_ms", "end_ms"), DoUpdates: clause.AssignmentColumns([]string{"at"}),
		Where: clause.Where{Exprs: []clause.Expression{gorm.Expr("excluded.at < watched_moments.at")}}}
}

func addDays() clause.OnConflict {
	return clause.OnConflict{Columns: columns("video_id", "day"), DoUpdates: clause.Assignments(map[string]any{
		"events": gorm.Expr("video_days.events + excluded.events"),
		"views":  gorm.Expr("video_days.views + excluded.views"),
		"new_ms": gorm.Expr("video_days.new_ms + excluded.new_ms"),
	})}
}

// settleUses works out again which of a person's uses of videos came within ModeledWithin after a view:
// a view may come in after the use that it was before.
func settleUses(tx *db.Tx, person string, videos []string) error {
	if len(videos) == 0 {
		return nil
	}
	var uses []Use
	if err := tx.Gorm().Where("person_id = ? AND video_id IN ?", person, videos).Find(&uses).Error; err != nil {
		return err
	}
	for _, u := range uses {
		after, err := viewedBefore(tx, person, u.VideoID, u.CreatedAt)
		if err != nil {
			return err
		}
		if after == u.AfterView {
			continue
		}
		if err := tx.Gorm().Model(&Use{}).Where("id = ?", u.ID).Update("after_view", after).Error; err != nil {
			return err
		}
	}
	return nil
}

// viewedBefore says whether the person had viewed the video within ModeledWithin before a time.
func viewedBefore(tx *db.Tx, person, video string, at time.Time) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&viewRow{}).Where("person_id = ? AND video_id = ? AND at >= ? AND at <= ?", person, video, at.UTC().Add(-ModeledWithin), at.UTC()).Count(&n).Error
	return n > 0, err
}
