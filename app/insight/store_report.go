package insight

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// checkTactic refuses a filter on a tactic that is not in the vocabulary; a retired one still is.
func checkTactic(ctx context.Context, d *db.DB, key string) error {
	if key == "" {
		return nil
	}
	var n int64
	if plain(key) {
		if err := d.Read(ctx).Table("vocabulary").Where("kind = 'tactic' AND key = ?", key).Count(&n).Error; err != nil {
			return err
		}
	}
	if n == 0 {
		return fault.InvalidField("tactic", "tactic_not_found", "There is no such tactic in the vocabulary.")
	}
	return nil
}

// loadFilms reads the videos that a report on modeling is about.
func (r *reel) loadFilms(ctx context.Context, d *db.DB, a people.Actor, f Filter, authors subset) error {
	var shown []string
	if err := d.Read(ctx).Raw(`SELECT DISTINCT video_id FROM video_audience WHERE key IN ?`, orNone(a.Reach.Keys)).Scan(&shown).Error; err != nil {
		return err
	}
	visible := make(map[string]bool, len(shown))
	for _, id := range shown {
		visible[id] = true
	}
	g := d.Read(ctx).Table("videos v").Select("v.id", "v.author_id", "v.duration_ms").Where("v.deleted_at IS NULL AND v.audience <> ?", string(people.Private))
	if f.Tactic != "" {
		g = g.Where("v.id IN (SELECT t.video_id FROM video_tactics t JOIN vocabulary y ON y.id = t.tactic_id WHERE y.key = ?)", f.Tactic)
	}
	var rows []struct {
		ID, AuthorID string
		DurationMS   int64 `gorm:"column:duration_ms"`
	}
	if err := g.Find(&rows).Error; err != nil {
		return err
	}
	for _, v := range rows {
		if authors.has(v.AuthorID) {
			r.addFilm(v.ID, filmHead{v.AuthorID, v.DurationMS, visible[v.ID]})
		}
	}
	return nil
}

// fewVideos is up to how many videos are named in a query; beyond that all are read.
const fewVideos = 400

// among narrows a query to some videos, where they are few.
func among[V any](g *gorm.DB, videos map[string]V) *gorm.DB {
	if len(videos) > fewVideos {
		return g
	}
	return g.Where("x.video_id IN ?", orNone(keysOf(videos)))
}

// joined is the expression that joins texts by commas. A report reads whole crowds of ids as one text a
// moment: reading them as rows takes three times as long.
func joined(d *db.DB, expression string) string {
	if d.Kind() == db.Postgres {
		return "string_agg(" + expression + ", ',')"
	}
	return "group_concat(" + expression + ", ',')"
}

const part = "x.video_id, x.start_ms, x.end_ms"

// loadActs reads who did what with the videos, but not who watched whole moments.
func (r *reel) loadActs(ctx context.Context, d *db.DB, f Filter) error {
	const whole = "x.video_id"
	views := actQuery{saw, "watched x", whole, "", "x.views > 0"}
	if f.From != nil || f.To != nil {
		views = actQuery{saw, "views x", whole, "x.at", ""}
	}
	read := func(q actQuery) error {
		if err := q.read(d, among(d.Read(ctx), r.films), f, r.add); err != nil {
			return fmt.Errorf("read %s: %w", q.table, err)
		}
		return nil
	}
	return atOnce(
		func() error { return read(views) },
		func() error { return read(actQuery{shared, "shares x", part, "x.created_at", ""}) },
		func() error { return read(actQuery{saved, "saves x", part, "x.created_at", ""}) },
		func() error { return read(actQuery{used, "uses x", part, "x.created_at", "x.after_view"}) },
	)
}

// loadMoments reads who watched whole moments: these ones, or (nil) all of the videos.
func (r *reel) loadMoments(ctx context.Context, d *db.DB, f Filter, only []moment) error {
	q := actQuery{saw, "watched_moments x", part, "x.at", ""}
	if only == nil {
		return q.read(d, among(d.Read(ctx), r.films), f, r.add)
	}
	for chunk := range slices.Chunk(only, batch) {
		values := make([]any, 0, 3*len(chunk))
		for _, m := range chunk {
			values = append(values, m.video, m.start, m.end)
		}
		list := strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(chunk)), ", ")
		if d.Kind() == db.Postgres { // which takes parameters for texts
			list = strings.Replace(list, "(?, ?, ?)", "(?, ?::bigint, ?::bigint)", 1)
		}
		if err := q.read(d, d.Read(ctx).Where("(x.video_id, x.start_ms, x.end_ms) IN (VALUES "+list+")", values...), f, r.add); err != nil {
			return fmt.Errorf("read moments: %w", err)
		}
	}
	return nil
}

// atOnce does work that does not depend on each other, and waits for all of it.
func atOnce(work ...func() error) error {
	errs := make([]error, len(work))
	var wg sync.WaitGroup
	for i, do := range work {
		wg.Go(func() { errs[i] = do() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// actQuery reads acts of one kind, grouped by video or stretch.
type actQuery struct {
	kind                   kind
	table, group, at, only string
}

func (q actQuery) read(d *db.DB, g *gorm.DB, f Filter, add func(k kind, m moment, ids string)) (err error) {
	stretch := "x.start_ms, x.end_ms"
	if !strings.Contains(q.group, stretch) {
		stretch = "0, 0"
	}
	g = g.Table(q.table).Select("x.video_id, " + stretch + ", " + joined(d, "x.person_id")).Group(q.group)
	if q.only != "" {
		g = g.Where(q.only)
	}
	if f.From != nil && q.at != "" {
		g = g.Where(q.at+" >= ?", f.From.UTC())
	}
	if f.To != nil && q.at != "" {
		g = g.Where(q.at+" < ?", f.To.UTC())
	}
	return eachMoment(g, func(m moment, ids string) { add(q.kind, m, ids) })
}

// eachMoment reads rows of video, start, end and a text.
func eachMoment(g *gorm.DB, take func(m moment, text string)) error {
	rows, err := g.Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err below says what matters
	for rows.Next() {
		var m moment
		var text sql.RawBytes
		if err := rows.Scan(&m.video, &m.start, &m.end, &text); err != nil {
			return err
		}
		take(m, string(text))
	}
	return rows.Err()
}

func titles(ctx context.Context, d *db.DB, ids []string) ([]VideoRow, error) {
	var rows []struct{ ID, Title, AuthorID string }
	err := d.Read(ctx).Raw(`SELECT id, title, author_id FROM videos WHERE id IN ?`, orNone(ids)).Scan(&rows).Error
	out := make([]VideoRow, len(rows))
	for i, r := range rows {
		out[i] = VideoRow{VideoID: r.ID, Title: r.Title, AuthorID: r.AuthorID}
	}
	return out, err
}

func momentTexts(ctx context.Context, d *db.DB, ids []string) (map[moment]string, error) {
	var rows []struct {
		VideoID string
		StartMS int64 `gorm:"column:start_ms"`
		EndMS   int64 `gorm:"column:end_ms"`
		Body    string
	}
	err := d.Read(ctx).Raw(`SELECT video_id, start_ms, end_ms, body FROM moments WHERE video_id IN ?`, orNone(ids)).Scan(&rows).Error
	out := make(map[moment]string, len(rows))
	for _, r := range rows {
		out[moment{r.VideoID, stretch{r.StartMS, r.EndMS}}] = r.Body
	}
	return out, err
}

// dealsFor gives the deals of an analysis; those without a known rep are only counted, and only where
// the analysis is about everybody.
func dealsFor(ctx context.Context, d *db.DB, f Filter, owners subset) (deals []measure.Deal, unowned int, err error) {
	g := d.Read(ctx).Table("deals").Where("status <> 'deleted'")
	if f.From != nil {
		g = g.Where("opened_at >= ?", f.From.UTC())
	}
	if f.To != nil {
		g = g.Where("opened_at < ?", f.To.UTC())
	}
	if !owners.all && len(owners.ids) <= fewVideos {
		g = g.Where("owner_id IN ?", orNone(keysOf(owners.ids)))
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
		switch {
		case r.OwnerID == nil && owners.all:
			unowned++
		case r.OwnerID != nil && owners.has(*r.OwnerID):
			deal := measure.Deal{Owner: *r.OwnerID, Segment: r.Segment, Opened: r.OpenedAt.UTC(), Status: measure.Status(r.Status)}
			if r.ClosedAt != nil {
				deal.Closed = r.ClosedAt.UTC()
			}
			deals = append(deals, deal)
		}
	}
	return deals, unowned, nil
}

type term struct{ Key, Label string }

// tacticTerms gives the tactics that are compared: those in use, or the one that is asked for.
func tacticTerms(ctx context.Context, d *db.DB, key string) ([]term, error) {
	g := d.Read(ctx).Table("vocabulary").Where("kind = 'tactic'")
	if key != "" {
		g = g.Where("key = ?", key)
	} else {
		g = g.Where("retired_at IS NULL")
	}
	var out []term
	return out, g.Select("key", "label").Order("label, key").Find(&out).Error
}

// tags says by whom a video or moment is, and which tactics it is tagged with.
type tags struct {
	author  string
	tactics []int
}

func readTags(g *gorm.DB, query string, terms []term) (map[moment]*tags, error) {
	at := make(map[string]int, len(terms))
	for i, t := range terms {
		at[t.Key] = i
	}
	var rows []struct {
		VideoID, AuthorID, Key string
		StartMS                int64 `gorm:"column:start_ms"`
		EndMS                  int64 `gorm:"column:end_ms"`
	}
	err := g.Raw(query).Scan(&rows).Error
	out := map[moment]*tags{}
	for _, r := range rows {
		i, ok := at[r.Key]
		if !ok {
			continue
		}
		m := moment{r.VideoID, stretch{r.StartMS, r.EndMS}}
		if out[m] == nil {
			out[m] = &tags{author: r.AuthorID}
		}
		if !slices.Contains(out[m].tactics, i) {
			out[m].tactics = append(out[m].tactics, i)
		}
	}
	return out, err
}

// exposuresTo gives when each of the reps was first exposed to each tactic, by tactic: 75 % of a peer's
// video, or a whole moment, tagged with it.
func exposuresTo(ctx context.Context, d *db.DB, terms []term, reps map[string]bool) (map[string][]measure.Exposure, error) {
	var whole, parts *firsts
	err := atOnce(
		func() (err error) { whole, err = exposedByVideo(ctx, d, terms, reps); return err },
		func() (err error) { parts, err = exposedByMoment(ctx, d, terms, reps); return err },
	)
	if err != nil {
		return nil, err
	}
	whole.merge(parts)
	return whole.exposures(d, terms)
}

func exposedByVideo(ctx context.Context, d *db.DB, terms []term, reps map[string]bool) (*firsts, error) {
	tagged, err := readTags(d.Read(ctx), `SELECT t.video_id, v.author_id, y.key FROM video_tactics t JOIN videos v ON v.id = t.video_id JOIN vocabulary y ON y.id = t.tactic_id`, terms)
	if err != nil {
		return nil, err
	}
	first := newFirsts(terms, reps)
	g := among(d.Read(ctx).Table("watched x"), videosOf(tagged)).Where("x.exposed_at IS NOT NULL").Group("x.video_id").
		Select("x.video_id, 0, 0, " + joined(d, "x.person_id || ' ' || "+sortable(d, "x.exposed_at")))
	return first, eachMoment(g, func(m moment, text string) { first.add(tagged[m], text) })
}

func exposedByMoment(ctx context.Context, d *db.DB, terms []term, reps map[string]bool) (*firsts, error) {
	const from = ` FROM moment_tactics t JOIN moments m ON m.video_id = t.video_id AND m.ordinal = t.ordinal `
	tagged, err := readTags(d.Read(ctx), `SELECT m.video_id, m.start_ms, m.end_ms, v.author_id, y.key`+from+`JOIN videos v ON v.id = t.video_id JOIN vocabulary y ON y.id = t.tactic_id`, terms)
	if err != nil {
		return nil, err
	}
	first := newFirsts(terms, reps)
	crowd := "(SELECT " + joined(d, "x.person_id || ' ' || "+sortable(d, "x.at")) + " FROM watched_moments x WHERE x.video_id = m.video_id AND x.start_ms = m.start_ms AND x.end_ms = m.end_ms)"
	g := d.Read(ctx).Table("(SELECT DISTINCT m.video_id, m.start_ms, m.end_ms" + from + ") m").Select("m.video_id, m.start_ms, m.end_ms, " + crowd)
	if videos := videosOf(tagged); len(videos) <= fewVideos {
		g = g.Where("m.video_id IN ?", orNone(keysOf(videos)))
	}
	return first, eachMoment(g, func(m moment, text string) { first.add(tagged[m], text) })
}

func videosOf(in map[moment]*tags) map[string]bool {
	out := map[string]bool{}
	for m := range in {
		out[m.video] = true
	}
	return out
}

// sortable gives a time as a text that sorts as the time does: SQLite keeps such texts (UTC, and "+"
// sorts before "." before digits); from PostgreSQL come microseconds, of 16 digits until 2286.
func sortable(d *db.DB, column string) string {
	if d.Kind() == db.Postgres {
		return "CAST(EXTRACT(EPOCH FROM " + column + ") * 1000000 AS bigint)"
	}
	return column
}
