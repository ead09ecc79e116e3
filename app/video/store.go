package video

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	ForID                *string
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
		Audience: people.Audience(r.Audience), CompleteShare: r.CompleteShare, Kind: r.Kind, ForID: r.ForID, Filename: r.Filename, ContentType: r.ContentType, Size: r.Size,
		SHA256: r.SHA256, DurationMS: r.DurationMS, Width: r.Width, Height: r.Height, LoudnessLUFS: r.LoudnessLUFS,
		Media:     Media{Original: r.MediaOriginal, Progressive: r.MediaProgressive, HLS: r.MediaHLS, Poster: r.MediaPoster, Storyboard: r.MediaStoryboard, Audio: r.MediaAudio},
		MediaNote: r.MediaNote, Transcript: TranscriptState(r.TranscriptState), TranscriptNote: r.TranscriptNote,
		Situation: Situation{Text: r.SituationText, Stage: r.Stage, Industry: r.Industry, Persona: r.Persona, Competitor: r.Competitor, Product: r.Product, Objection: r.Objection},
		Version:   r.Version, PublishedAt: utc(r.PublishedAt), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), DeletedAt: utc(r.DeletedAt),
	}
	if err := json.Unmarshal([]byte(r.Tags), &v.Tags); err != nil {
		return v, fmt.Errorf("tags of video %s: %w", r.ID, err)
	}
	return v, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

func rowOf(v Video) (row, error) {
	if v.Tags == nil {
		v.Tags = []string{}
	}
	tags, err := json.Marshal(v.Tags)
	return row{
		ID: v.ID, AuthorID: v.AuthorID, Title: v.Title, Description: v.Description, State: string(v.State), FailureCode: v.FailureCode, Failure: v.Failure,
		Audience: string(v.Audience), CompleteShare: v.CompleteShare, Kind: v.Kind, ForID: v.ForID, Filename: v.Filename, ContentType: v.ContentType, Size: v.Size, SHA256: v.SHA256,
		DurationMS: v.DurationMS, Width: v.Width, Height: v.Height, LoudnessLUFS: v.LoudnessLUFS, MediaOriginal: v.Media.Original, MediaProgressive: v.Media.Progressive,
		MediaHLS: v.Media.HLS, MediaPoster: v.Media.Poster, MediaStoryboard: v.Media.Storyboard, MediaAudio: v.Media.Audio, MediaNote: v.MediaNote,
		TranscriptState: string(v.Transcript), TranscriptNote: v.TranscriptNote, SituationText: v.Situation.Text, Stage: v.Situation.Stage, Industry: v.Situation.Industry,
		Persona: v.Situation.Persona, Competitor: v.Situation.Competitor, Product: v.Situation.Product, Objection: v.Situation.Objection, Tags: string(tags),
		Version: v.Version, PublishedAt: v.PublishedAt, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, DeletedAt: v.DeletedAt,
	}, err
}

// loaded is a video's row with what stands in other tables beside it: one question instead of four.
// None of the joined values can hold a comma (see people.AudienceKeys and vocabulary.Key).
type loaded struct {
	R                                    row `gorm:"embedded"`
	JoinedKeys, JoinedTeams, JoinedTerms string
}

const wholeVideo = `videos.*,
	COALESCE((SELECT string_agg(k.key, ',') FROM video_audience k WHERE k.video_id = videos.id), '') AS joined_keys,
	COALESCE((SELECT string_agg(t.team_id, ',') FROM video_teams t WHERE t.video_id = videos.id), '') AS joined_teams,
	COALESCE((SELECT string_agg(y.key, ',') FROM video_tactics t JOIN vocabulary y ON y.id = t.tactic_id WHERE t.video_id = videos.id), '') AS joined_terms`

func whole(g *gorm.DB) *gorm.DB { return g.Table("videos").Select(wholeVideo) }

func (l loaded) video() (Video, error) {
	v, err := l.R.video()
	v.Keys, v.TeamIDs, v.Tactics = parts(l.JoinedKeys), parts(l.JoinedTeams), parts(l.JoinedTerms)
	return v, err
}

func parts(joined string) []string {
	if joined == "" {
		return nil
	}
	out := strings.Split(joined, ",")
	slices.Sort(out)
	return out
}

func videos(rows []loaded, err error) ([]Video, error) {
	out := make([]Video, len(rows))
	for i := range rows {
		if err == nil {
			out[i], err = rows[i].video()
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// load reads a video with its keys, teams and tactics, deleted ones too.
func load(g *gorm.DB, id string) (Video, error) {
	if !db.Plain(id) {
		return Video{}, fault.Missing("video")
	}
	var l loaded
	if err := whole(g).Where("id = ?", id).Take(&l).Error; err != nil {
		return Video{}, db.Fault(err, "video")
	}
	return l.video()
}

// loadForUpdate is load, holding the row against other writers until the transaction ends (SQLite has
// one writer anyway). The lock comes in a question of its own: one that had to wait for it would see the
// row as it is, and the other tables as they were.
func loadForUpdate(tx *db.Tx, id string) (Video, error) {
	if tx.Kind() == db.Postgres && db.Plain(id) {
		var held string
		if err := tx.Gorm().Raw(`SELECT id FROM videos WHERE id = ? FOR UPDATE`, id).Scan(&held).Error; err != nil {
			return Video{}, db.Fault(err, "video")
		}
	}
	return load(tx.Gorm(), id)
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

// setKeys replaces the keys of a video; keys must hold those of its grants (withGrants).
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

// list gives the videos of a filter that the actor may see, newest first; of their own deleted ones,
// those that can still be brought back. teams are those that f.Team stands for.
func list(g *gorm.DB, a people.Actor, f Filter, teams []string, now time.Time) ([]Video, error) {
	for _, s := range []string{f.AuthorID, f.Tactic, f.Before, f.Title, f.Kind, f.ForID} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return nil, nil // nothing is named so, and PostgreSQL fails at being asked
		}
	}
	q := whole(g)
	if f.Deleted {
		q = q.Where("deleted_at >= ? AND author_id = ?", now.Add(-KeepDeleted), a.PersonID)
	} else {
		q = visible(q, a)
	}
	q = byKind(byAuthors(q, a, f, teams), f)
	if title := strings.TrimSpace(f.Title); title != "" {
		q = q.Where(titleContains(g, title))
	}
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if f.Tactic != "" {
		q = q.Where("EXISTS (SELECT 1 FROM video_tactics t JOIN vocabulary v ON v.id = t.tactic_id WHERE t.video_id = videos.id AND v.key = ?)", f.Tactic)
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	var rows []loaded
	err := q.Order("id DESC").Limit(f.Limit).Find(&rows).Error
	return videos(rows, err)
}

// failures gives the newest videos that failed, of whomever; practices are nobody's business but their author's.
func failures(g *gorm.DB, limit int) ([]Video, error) {
	var rows []loaded
	err := whole(g).Where("state = ? AND deleted_at IS NULL AND kind <> 'practice'", string(Failed)).Order("id DESC").Limit(limit).Find(&rows).Error
	return videos(rows, err)
}

// byIDs gives those of the videos that the actor may see.
func byIDs(g *gorm.DB, a people.Actor, ids []string) (map[string]Video, error) {
	out := make(map[string]Video, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var rows []loaded
		err := visible(whole(g), a).Where("id IN ?", chunk).Find(&rows).Error
		vs, err := videos(rows, err)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			out[v.ID] = v
		}
	}
	return out, nil
}

// loadAll gives videos for whomever, deleted ones too.
func loadAll(g *gorm.DB, ids []string) ([]Video, error) {
	var out []Video
	for chunk := range slices.Chunk(ids, 500) {
		var rows []loaded
		err := whole(g).Where("id IN ?", chunk).Find(&rows).Error
		vs, err := videos(rows, err)
		if err != nil {
			return nil, err
		}
		out = append(out, vs...)
	}
	return out, nil
}

// widenedBy gives the videos of these persons whose audience is more than themselves: the audience of
// nothing else depends on where they stand. It holds the rows of all of theirs, for one that is private
// now may be in the hands of somebody who is just widening it.
func widenedBy(tx *db.Tx, persons []string) ([]Video, error) {
	if tx.Kind() == db.Postgres {
		var held []string
		if err := tx.Gorm().Raw(`SELECT id FROM videos WHERE author_id IN ? ORDER BY id FOR UPDATE`, persons).Scan(&held).Error; err != nil {
			return nil, err
		}
	}
	var rows []loaded
	err := whole(tx.Gorm()).Where(`author_id IN ? AND audience <> ?`, persons, string(people.Private)).Order("id").Find(&rows).Error
	return videos(rows, err)
}

// touch raises the version of a video and tells search, where nothing of its own row changes.
func touch(tx *db.Tx, id string) error {
	if err := tx.Gorm().Exec(`UPDATE videos SET version = version + 1, updated_at = ? WHERE id = ?`, tx.Now, id).Error; err != nil {
		return err
	}
	return searchChanged(tx, id)
}

// bytesOf sums what a person's videos and unfinished uploads hold or have declared. Deleted videos do
// not count: who deletes what they no longer need has space again at once.
func bytesOf(tx *db.Tx, person string) (int64, error) {
	var n int64
	err := tx.Gorm().Raw(`SELECT COALESCE((SELECT SUM(size) FROM videos WHERE author_id = ? AND deleted_at IS NULL), 0)
		+ COALESCE((SELECT SUM(length) FROM uploads WHERE owner_id = ? AND state = ?), 0)`, person, person, string(Receiving)).Scan(&n).Error
	return n, err
}

// idsAfter gives the ids of videos in order, a page at a time.
func idsAfter(g *gorm.DB, after string, limit int, deletedToo bool) ([]string, error) {
	var ids []string
	q := g.Table("videos").Where("id > ?", after)
	if !deletedToo {
		q = q.Where("deleted_at IS NULL")
	}
	err := q.Order("id").Limit(limit).Pluck("id", &ids).Error
	return ids, err
}

// withTranscript gives videos with sound whose transcript is in a state, after an id in order.
func withTranscript(g *gorm.DB, state TranscriptState, after string, limit int) ([]string, error) {
	var ids []string
	err := g.Raw(`SELECT id FROM videos WHERE transcript_state = ? AND media_audio AND deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?`, string(state), after, limit).Scan(&ids).Error
	return ids, err
}

// taggedWith gives videos that have a tactic, after an id in order.
func taggedWith(g *gorm.DB, tactic, after string, limit int) ([]string, error) {
	var ids []string
	err := g.Raw(`SELECT video_id FROM video_tactics WHERE tactic_id = ? AND video_id > ? ORDER BY video_id LIMIT ?`, tactic, after, limit).Scan(&ids).Error
	return ids, err
}

// overdue gives videos that were deleted, or practices that were made, before a time.
func overdue(g *gorm.DB, deleted, practised time.Time) ([]string, error) {
	var ids []string
	err := g.Raw(`SELECT id FROM videos WHERE deleted_at < ? UNION SELECT id FROM videos WHERE kind = 'practice' AND created_at < ? ORDER BY id LIMIT 1000`,
		deleted, practised).Scan(&ids).Error
	return ids, err
}

// expunge removes a video's row, and with it all that hangs on it.
func expunge(tx *db.Tx, id string) error {
	if err := searchChanged(tx, id); err != nil {
		return err
	}
	return tx.Gorm().Where("id = ?", id).Delete(&row{}).Error
}

// standingStill gives videos that wait for some work and have not changed since a time.
func standingStill(g *gorm.DB, since time.Time) ([]Video, error) {
	var rows []loaded
	err := whole(g).Where(`deleted_at IS NULL AND updated_at < ? AND (state = ? OR (state = ? AND NOT media_hls AND media_note = '') OR transcript_state = ?)`,
		since, string(Processing), string(Playable), string(TranscriptWaiting)).Order("id").Limit(1000).Find(&rows).Error
	return videos(rows, err)
}

// findable gives the version of every video that search may know of.
func findable(g *gorm.DB) (map[string]int64, error) {
	var rows []struct {
		ID      string
		Version int64
	}
	err := g.Raw(`SELECT id, version FROM videos WHERE deleted_at IS NULL AND state IN ? AND kind <> 'practice' AND (kind NOT IN ('attempt', 'reply') OR audience <> 'private')`,
		[]string{string(Playable), string(Ready)}).Scan(&rows).Error
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}
