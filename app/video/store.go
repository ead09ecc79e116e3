package video

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// row is a video as kept: flat, with lists as JSON or in tables of their own.
type row struct {
	ID, AuthorID         string
	Title, Description   string
	State                string
	FailureCode, Failure string
	Audience             string
	CompleteShare        int
	Kind, Filename       string
	ContentType          string
	Size                 int64
	SHA256               string `gorm:"column:sha256"`
	DurationMS           int64  `gorm:"column:duration_ms"`
	Width, Height        int
	LoudnessLUFS         *float64 `gorm:"column:loudness_lufs"`
	MediaOriginal        bool
	MediaProgressive     bool
	MediaHLS             bool `gorm:"column:media_hls"`
	MediaPoster          bool
	MediaStoryboard      bool
	MediaAudio           bool
	MediaNote            string
	TranscriptState      string
	TranscriptNote       string
	SituationText        string
	Stage, Industry      string
	Persona, Competitor  string
	Product, Objection   string
	Tags                 string
	Version              int64
	PublishedAt          *time.Time
	CreatedAt, UpdatedAt time.Time
	DeletedAt            *time.Time
}

func (row) TableName() string { return "videos" }

func (r row) video() (Video, error) {
	v := Video{
		ID: r.ID, AuthorID: r.AuthorID, Title: r.Title, Description: r.Description, State: State(r.State), FailureCode: r.FailureCode, Failure: r.Failure,
		Audience: people.Audience(r.Audience), CompleteShare: r.CompleteShare, Kind: r.Kind, Filename: r.Filename, ContentType: r.ContentType, Size: r.Size,
		SHA256: r.SHA256, DurationMS: r.DurationMS, Width: r.Width, Height: r.Height, LoudnessLUFS: r.LoudnessLUFS,
		Media:     Media{Original: r.MediaOriginal, Progressive: r.MediaProgressive, HLS: r.MediaHLS, Poster: r.MediaPoster, Storyboard: r.MediaStoryboard, Audio: r.MediaAudio},
		MediaNote: r.MediaNote, Transcript: TranscriptState(r.TranscriptState), TranscriptNote: r.TranscriptNote,
		Situation: Situation{Text: r.SituationText, Stage: r.Stage, Industry: r.Industry, Persona: r.Persona, Competitor: r.Competitor, Product: r.Product, Objection: r.Objection},
		Version:   r.Version, PublishedAt: r.PublishedAt, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), DeletedAt: r.DeletedAt,
	}
	if err := json.Unmarshal([]byte(r.Tags), &v.Tags); err != nil {
		return v, fmt.Errorf("tags of video %s: %w", r.ID, err)
	}
	return v, nil
}

func rowOf(v Video) (row, error) {
	if v.Tags == nil {
		v.Tags = []string{}
	}
	tags, err := json.Marshal(v.Tags)
	return row{
		ID: v.ID, AuthorID: v.AuthorID, Title: v.Title, Description: v.Description, State: string(v.State), FailureCode: v.FailureCode, Failure: v.Failure,
		Audience: string(v.Audience), CompleteShare: v.CompleteShare, Kind: v.Kind, Filename: v.Filename, ContentType: v.ContentType, Size: v.Size, SHA256: v.SHA256,
		DurationMS: v.DurationMS, Width: v.Width, Height: v.Height, LoudnessLUFS: v.LoudnessLUFS, MediaOriginal: v.Media.Original, MediaProgressive: v.Media.Progressive,
		MediaHLS: v.Media.HLS, MediaPoster: v.Media.Poster, MediaStoryboard: v.Media.Storyboard, MediaAudio: v.Media.Audio, MediaNote: v.MediaNote,
		TranscriptState: string(v.Transcript), TranscriptNote: v.TranscriptNote, SituationText: v.Situation.Text, Stage: v.Situation.Stage, Industry: v.Situation.Industry,
		Persona: v.Situation.Persona, Competitor: v.Situation.Competitor, Product: v.Situation.Product, Objection: v.Situation.Objection, Tags: string(tags),
		Version: v.Version, PublishedAt: v.PublishedAt, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, DeletedAt: v.DeletedAt,
	}, err
}

// load reads a video with its keys, teams and tactics, deleted ones too.
func load(g *gorm.DB, id string) (Video, error) {
	var r row
	if err := g.Where("id = ?", id).Take(&r).Error; err != nil {
		return Video{}, db.Fault(err, "video")
	}
	v, err := r.video()
	if err != nil {
		return v, err
	}
	vs := []Video{v}
	if err := fill(g, vs); err != nil {
		return v, err
	}
	return vs[0], nil
}

// loadForUpdate is load, holding the row against other writers until the transaction ends (SQLite has
// one writer anyway).
func loadForUpdate(tx *db.Tx, id string) (Video, error) {
	if tx.Kind() == db.Postgres {
		var r row
		if err := tx.Gorm().Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id).Take(&r).Error; err != nil {
			return Video{}, db.Fault(err, "video")
		}
	}
	return load(tx.Gorm(), id)
}

// fill adds what stands in other tables to many videos at once.
func fill(g *gorm.DB, vs []Video) error {
	at := make(map[string]*Video, len(vs))
	ids := make([]string, len(vs))
	for i := range vs {
		at[vs[i].ID] = &vs[i]
		ids[i] = vs[i].ID
	}
	type pair struct{ VideoID, Value string }
	read := func(query string, add func(v *Video, value string)) error {
		var rows []pair
		if err := g.Raw(query, ids).Scan(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			add(at[r.VideoID], r.Value)
		}
		return nil
	}
	if err := read(`SELECT video_id, key AS value FROM video_audience WHERE video_id IN ? ORDER BY key`, func(v *Video, s string) { v.Keys = append(v.Keys, s) }); err != nil {
		return err
	}
	if err := read(`SELECT video_id, team_id AS value FROM video_teams WHERE video_id IN ? ORDER BY team_id`, func(v *Video, s string) { v.TeamIDs = append(v.TeamIDs, s) }); err != nil {
		return err
	}
	return read(`SELECT t.video_id, v.key AS value FROM video_tactics t JOIN vocabulary v ON v.id = t.tactic_id WHERE t.video_id IN ? ORDER BY v.key`,
		func(v *Video, s string) { v.Tactics = append(v.Tactics, s) })
}

func insert(tx *db.Tx, v Video) error {
	r, err := rowOf(v)
	if err != nil {
		return err
	}
	if err := tx.Gorm().Create(&r).Error; err != nil {
		return err
	}
	return setKeys(tx, v.ID, v.Keys)
}

// save writes the row of a video and tells search about it.
func save(tx *db.Tx, v *Video) error {
	v.UpdatedAt = tx.Now
	v.Version++
	r, err := rowOf(*v)
	if err != nil {
		return err
	}
	if err := tx.Gorm().Select("*").Updates(&r).Error; err != nil {
		return err
	}
	return searchChanged(tx, v.ID)
}

type keyRow struct{ VideoID, Key string }

func (keyRow) TableName() string { return "video_audience" }

func setKeys(tx *db.Tx, id string, keys []string) error {
	if err := tx.Gorm().Where("video_id = ?", id).Delete(&keyRow{}).Error; err != nil {
		return err
	}
	rows := make([]keyRow, len(keys))
	for i, k := range keys {
		rows[i] = keyRow{id, k}
	}
	return tx.Gorm().Create(&rows).Error
}

type teamRow struct{ VideoID, TeamID string }

func (teamRow) TableName() string { return "video_teams" }

func setTeams(tx *db.Tx, id string, teams []string) error {
	if err := tx.Gorm().Where("video_id = ?", id).Delete(&teamRow{}).Error; err != nil {
		return err
	}
	if len(teams) == 0 {
		return nil
	}
	rows := make([]teamRow, len(teams))
	for i, t := range teams {
		rows[i] = teamRow{id, t}
	}
	return tx.Gorm().Create(&rows).Error
}

type tacticRow struct {
	VideoID, TacticID string
	CreatedAt         time.Time
}

func (tacticRow) TableName() string { return "video_tactics" }

// setTactics replaces the tactics, keeping the time at which one was first tagged.
func setTactics(tx *db.Tx, id string, terms []vocabulary.Term) error {
	ids := []string{""}
	for _, t := range terms {
		ids = append(ids, t.ID)
	}
	if err := tx.Gorm().Where("video_id = ? AND tactic_id NOT IN ?", id, ids).Delete(&tacticRow{}).Error; err != nil {
		return err
	}
	for _, t := range terms {
		if err := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&tacticRow{id, t.ID, tx.Now}).Error; err != nil {
			return err
		}
	}
	return nil
}

type changeRow struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement"`
	VideoID   string
	CreatedAt time.Time
}

func (changeRow) TableName() string { return "search_changes" }

func searchChanged(tx *db.Tx, id string) error {
	return tx.Gorm().Create(&changeRow{VideoID: id, CreatedAt: tx.Now}).Error
}

// visible narrows a query on videos to those the actor may see: the twin of Can(a, View, v).
func visible(g *gorm.DB, a people.Actor) *gorm.DB {
	return g.Where("videos.deleted_at IS NULL AND EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = videos.id AND k.key IN ?)", append([]string{""}, a.Reach.Keys...))
}

func query(ctx context.Context, d *db.DB, a people.Actor, f Filter) ([]Video, error) {
	g := d.Read(ctx).Model(&row{})
	if f.Deleted {
		g = g.Where("deleted_at IS NOT NULL AND author_id = ?", a.PersonID)
	} else {
		g = visible(g, a)
	}
	if f.AuthorID != "" {
		g = g.Where("author_id = ?", f.AuthorID)
	}
	if f.State != "" {
		g = g.Where("state = ?", string(f.State))
	}
	if f.Tactic != "" {
		g = g.Where("EXISTS (SELECT 1 FROM video_tactics t JOIN vocabulary v ON v.id = t.tactic_id WHERE t.video_id = videos.id AND v.key = ?)", f.Tactic)
	}
	if f.Before != "" {
		g = g.Where("id < ?", f.Before)
	}
	var rows []row
	if err := g.Order("id DESC").Limit(f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Video, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.video(); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	return out, fill(d.Read(ctx), out)
}

// authored gives the ids of all videos of a person.
func authored(tx *db.Tx, person string) ([]Video, error) {
	var rows []row
	if err := tx.Gorm().Where("author_id = ?", person).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Video, 0, len(rows))
	for _, r := range rows {
		v, err := r.video()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return out, nil
	}
	return out, fill(tx.Gorm(), out)
}

func sameKeys(a, b []string) bool { return slices.Equal(a, b) }

// bytesOf sums what a person's videos and unfinished uploads hold or have declared.
func bytesOf(tx *db.Tx, person string) (int64, error) {
	var n int64
	err := tx.Gorm().Raw(`SELECT COALESCE((SELECT SUM(size) FROM videos WHERE author_id = ?), 0) + COALESCE((SELECT SUM(length) FROM uploads WHERE owner_id = ? AND state = 'receiving'), 0)`, person, person).Scan(&n).Error
	return n, err
}

func notFoundUnless(ok bool) error {
	if ok {
		return nil
	}
	return fault.Missing("video")
}

// byIDs gives those of the videos that the actor may see.
func byIDs(ctx context.Context, d *db.DB, a people.Actor, ids []string) (map[string]Video, error) {
	var rows []row
	if err := visible(d.Read(ctx).Model(&row{}), a).Where("id IN ?", append([]string{""}, ids...)).Find(&rows).Error; err != nil {
		return nil, err
	}
	vs := make([]Video, len(rows))
	for i, r := range rows {
		var err error
		if vs[i], err = r.video(); err != nil {
			return nil, err
		}
	}
	if len(vs) > 0 {
		if err := fill(d.Read(ctx), vs); err != nil {
			return nil, err
		}
	}
	out := make(map[string]Video, len(vs))
	for _, v := range vs {
		out[v.ID] = v
	}
	return out, nil
}
