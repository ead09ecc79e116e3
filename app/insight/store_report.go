package insight

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

// modeledQuery is what the counting queries have in common.
type modeledQuery struct {
	filter  Filter
	authors subset
	keys    []string
	// visible keeps videos that the asker may see; moments groups by stretch.
	visible, moments bool
}

// lineCTE gives pairs (author, manager): who manages a team the author is in, or one above it; for an
// author who manages, those above the managed team. It is people.Place and Reach in SQL.
const lineCTE = `WITH RECURSIVE up(team, top) AS (
	SELECT id, id FROM teams UNION SELECT up.team, t.parent_id FROM up JOIN teams t ON t.id = up.top WHERE t.parent_id IS NOT NULL),
line(author, manager) AS (
	SELECT m.person_id, g.person_id FROM team_members m JOIN up ON up.team = m.team_id JOIN team_managers g ON g.team_id = up.top
	UNION SELECT mm.person_id, g.person_id FROM team_managers mm JOIN teams t ON t.id = mm.team_id JOIN up ON up.team = t.parent_id JOIN team_managers g ON g.team_id = up.top)
`

// conditions gives what holds for videos v and acts x, with the column of the act's time.
func (q modeledQuery) conditions(column string) (string, []any) {
	where := []string{"v.deleted_at IS NULL", "v.audience <> 'private'", "x.person_id <> v.author_id",
		"NOT EXISTS (SELECT 1 FROM line l WHERE l.author = v.author_id AND l.manager = x.person_id)"}
	more, args := q.videoConditions()
	where = append(where, more...)
	if q.filter.From != nil {
		where = append(where, column+" >= ?")
		args = append(args, q.filter.From.UTC())
	}
	if q.filter.To != nil {
		where = append(where, column+" < ?")
		args = append(args, q.filter.To.UTC())
	}
	return strings.Join(where, " AND "), args
}

func (q modeledQuery) videoConditions() (where []string, args []any) {
	if !q.authors.all {
		where = append(where, "v.author_id IN ?")
		args = append(args, append([]string{""}, q.authors.ids...))
	}
	if q.filter.Tactic != "" {
		where = append(where, "EXISTS (SELECT 1 FROM video_tactics t JOIN vocabulary y ON y.id = t.tactic_id WHERE t.video_id = v.id AND y.key = ?)")
		args = append(args, q.filter.Tactic)
	}
	if q.visible {
		where = append(where, "EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN ?)")
		args = append(args, append([]string{""}, q.keys...))
	}
	return where, args
}

// countBy counts distinct people for each act, by a column of the video and optionally the stretch.
func countBy(ctx context.Context, d *db.DB, q modeledQuery, column, stretch string) (map[string]*Counts, error) {
	sources := []struct {
		table, at, extra string
		into             func(c *Counts) *int
	}{
		{"views", "x.at", "", func(c *Counts) *int { return &c.Saw }},
		{"shares", "x.created_at", "", func(c *Counts) *int { return &c.Shared }},
		{"saves", "x.created_at", "", func(c *Counts) *int { return &c.Saved }},
		{"uses", "x.created_at", " AND x.after_view", func(c *Counts) *int { return &c.Used }},
	}
	if q.moments {
		sources[0].table = "watched_moments"
	}
	out := map[string]*Counts{}
	for _, src := range sources {
		where, args := q.conditions(src.at)
		cols, group := column+" AS key", column
		if stretch != "" {
			cols += ", x.start_ms, x.end_ms"
			group += ", x.start_ms, x.end_ms"
			where += " AND x.end_ms - x.start_ms < v.duration_ms" // the whole video is no moment of it
		}
		var rows []struct {
			Key     string
			StartMS int64 `gorm:"column:start_ms"`
			EndMS   int64 `gorm:"column:end_ms"`
			N       int
		}
		query := fmt.Sprintf("%sSELECT %s, COUNT(DISTINCT x.person_id) AS n FROM %s x JOIN videos v ON v.id = x.video_id WHERE %s%s GROUP BY %s", lineCTE, cols, src.table, where, src.extra, group)
		if err := d.Read(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("count %s: %w", src.table, err)
		}
		for _, r := range rows {
			key := r.Key
			if stretch != "" {
				key = momentKey(r.Key, r.StartMS, r.EndMS)
			}
			if out[key] == nil {
				out[key] = &Counts{}
			}
			*src.into(out[key]) = r.N
		}
	}
	return out, nil
}

func momentKey(video string, start, end int64) string {
	return fmt.Sprintf("%s %d %d", video, start, end)
}

// parseMoment reads what momentKey wrote.
func parseMoment(key string) (m MomentRow) {
	if parts := strings.Fields(key); len(parts) == 3 {
		m.StartMS, _ = strconv.ParseInt(parts[1], 10, 64) // we wrote it
		m.EndMS, _ = strconv.ParseInt(parts[2], 10, 64)
	}
	return m
}

func videosByAuthor(ctx context.Context, d *db.DB, q modeledQuery) (map[string]int, error) {
	where, args := q.videoConditions()
	where = append(where, "v.deleted_at IS NULL", "v.audience <> 'private'")
	var rows []struct {
		AuthorID string
		N        int
	}
	err := d.Read(ctx).Raw("SELECT v.author_id, COUNT(*) AS n FROM videos v WHERE "+strings.Join(where, " AND ")+" GROUP BY v.author_id", args...).Scan(&rows).Error
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.AuthorID] = r.N
	}
	return out, err
}

func titles(ctx context.Context, d *db.DB, ids []string) ([]VideoRow, error) {
	var rows []struct{ ID, Title, AuthorID string }
	err := d.Read(ctx).Raw(`SELECT id, title, author_id FROM videos WHERE id IN ?`, append([]string{""}, ids...)).Scan(&rows).Error
	out := make([]VideoRow, len(rows))
	for i, r := range rows {
		out[i] = VideoRow{VideoID: r.ID, Title: r.Title, AuthorID: r.AuthorID}
	}
	return out, err
}

func momentTexts(ctx context.Context, d *db.DB, ids []string) (map[string]string, error) {
	var rows []struct {
		VideoID string
		StartMS int64 `gorm:"column:start_ms"`
		EndMS   int64 `gorm:"column:end_ms"`
		Body    string
	}
	err := d.Read(ctx).Raw(`SELECT video_id, start_ms, end_ms, body FROM moments WHERE video_id IN ?`, append([]string{""}, ids...)).Scan(&rows).Error
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[momentKey(r.VideoID, r.StartMS, r.EndMS)] = r.Body
	}
	return out, err
}

// membersOf gives the direct members and managers of teams.
func membersOf(ctx context.Context, d *db.DB, teams []string) ([]string, error) {
	teams = append([]string{""}, teams...)
	var ids []string
	err := d.Read(ctx).Raw(`SELECT person_id FROM team_members WHERE team_id IN ? UNION SELECT person_id FROM team_managers WHERE team_id IN ?`, teams, teams).Scan(&ids).Error
	return ids, err
}

// dealsFor gives the deals of an analysis; those without a known rep are only counted.
func dealsFor(ctx context.Context, d *db.DB, f Filter, owners subset) (deals []measure.Deal, unowned int, err error) {
	g := d.Read(ctx).Table("deals").Where("status <> 'deleted'")
	if f.From != nil {
		g = g.Where("opened_at >= ?", f.From.UTC())
	}
	if f.To != nil {
		g = g.Where("opened_at < ?", f.To.UTC())
	}
	if !owners.all {
		g = g.Where("owner_id IN ?", append([]string{""}, owners.ids...))
	}
	var rows []struct {
		OwnerID  *string
		Segment  string
		Status   string
		OpenedAt time.Time
		ClosedAt *time.Time
	}
	if err := g.Select("owner_id", "segment", "status", "opened_at", "closed_at").Find(&rows).Error; err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		if r.OwnerID == nil {
			unowned++
			continue
		}
		deal := measure.Deal{Owner: *r.OwnerID, Segment: r.Segment, Opened: r.OpenedAt, Status: measure.Status(r.Status)}
		if r.ClosedAt != nil {
			deal.Closed = *r.ClosedAt
		}
		deals = append(deals, deal)
	}
	return deals, unowned, nil
}

type term struct{ Key, Label string }

func tacticTerms(ctx context.Context, d *db.DB, key string) ([]term, error) {
	g := d.Read(ctx).Table("vocabulary").Where("kind = 'tactic' AND retired_at IS NULL")
	if key != "" {
		g = g.Where("key = ?", key)
	}
	var out []term
	return out, g.Select("key", "label").Order("label, key").Find(&out).Error
}

// exposuresTo gives when each rep was first exposed to each tactic, by tactic: 75 % of a peer's video,
// or a whole moment, tagged with it.
func exposuresTo(ctx context.Context, d *db.DB, tactic string) (map[string][]measure.Exposure, error) {
	only, args := "", []any{}
	if tactic != "" {
		only, args = " AND y.key = ?", []any{tactic, tactic}
	}
	var rows []struct {
		PersonID string
		Key      string
		First    instant
	}
	err := d.Read(ctx).Raw(`SELECT person_id, key, MIN(at) AS first FROM (
		SELECT w.person_id, y.key, w.exposed_at AS at FROM watched w JOIN videos v ON v.id = w.video_id AND v.author_id <> w.person_id
			JOIN video_tactics t ON t.video_id = w.video_id JOIN vocabulary y ON y.id = t.tactic_id WHERE w.exposed_at IS NOT NULL`+only+`
		UNION ALL
		SELECT w.person_id, y.key, w.at FROM watched_moments w JOIN videos v ON v.id = w.video_id AND v.author_id <> w.person_id
			JOIN moments m ON m.video_id = w.video_id AND m.start_ms = w.start_ms AND m.end_ms = w.end_ms
			JOIN moment_tactics t ON t.video_id = m.video_id AND t.ordinal = m.ordinal JOIN vocabulary y ON y.id = t.tactic_id WHERE 1 = 1`+only+`) e
		GROUP BY person_id, key`, args...).Scan(&rows).Error
	out := map[string][]measure.Exposure{}
	for _, r := range rows {
		out[r.Key] = append(out[r.Key], measure.Exposure{Rep: r.PersonID, Tactic: r.Key, First: time.Time(r.First)})
	}
	return out, err
}

// instant reads a time that SQLite hands on as text, because an aggregate has no declared type.
type instant time.Time

var errInstant = errors.New("not a time of the database")

// Scan implements sql.Scanner.
func (t *instant) Scan(v any) error {
	switch v := v.(type) {
	case time.Time:
		*t = instant(v.UTC())
		return nil
	case string:
		at, err := time.Parse("2006-01-02 15:04:05.999999999-07:00", v)
		*t = instant(at.UTC())
		return err
	}
	return errInstant
}

// Value implements driver.Valuer.
func (t instant) Value() (driver.Value, error) { return time.Time(t), nil }
