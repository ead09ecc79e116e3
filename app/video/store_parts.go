package video

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/speech"
)

// Upload is a recording on its way in.
type Upload struct {
	ID, OwnerID           string
	ClientID              *string
	Filename, Title, Kind string
	ForID                 *string
	Length                *int64
	State                 UploadState
	Size                  int64
	SHA256                string `gorm:"column:sha256"`
	VideoID               *string
	Node                  string
	CreatedAt             time.Time
	FinishedAt            *time.Time
}

func loadUpload(g *gorm.DB, id string) (Upload, error) {
	var u Upload
	err := g.Where("id = ?", id).Take(&u).Error
	return u, db.Fault(err, "upload")
}

func lockUpload(tx *db.Tx, id string) (Upload, error) {
	g := tx.Gorm()
	if tx.Kind() == db.Postgres {
		g = g.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return loadUpload(g, id)
}

func uploadByClient(g *gorm.DB, owner, client string) (Upload, error) {
	var u Upload
	err := g.Where("owner_id = ? AND client_id = ?", owner, client).Take(&u).Error
	return u, db.Fault(err, "upload")
}

// listUploads gives a person's uploads, newest first.
func listUploads(g *gorm.DB, owner string, f UploadFilter) ([]Upload, error) {
	g = g.Where("owner_id = ?", owner)
	if f.ClientID != "" {
		g = g.Where("client_id = ? AND state <> ?", f.ClientID, string(Terminated))
	} else {
		g = g.Where("state = ?", string(Receiving))
	}
	if f.Before != "" {
		g = g.Where("id < ?", f.Before)
	}
	var out []Upload
	return out, g.Order("id DESC").Limit(f.Limit).Find(&out).Error
}

// uploadOf gives the upload that a video came from.
func uploadOf(g *gorm.DB, video string) (Upload, error) {
	var u Upload
	err := g.Where("video_id = ?", video).Take(&u).Error
	return u, db.Fault(err, "upload")
}

// insertUpload writes a new upload; false says that its sender has one under this client id already.
func insertUpload(tx *db.Tx, u Upload) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&u)
	return res.RowsAffected > 0, res.Error
}

func saveUpload(tx *db.Tx, u Upload) error { return tx.Gorm().Select("*").Updates(&u).Error }

func endUpload(tx *db.Tx, id string) error {
	return tx.Gorm().Model(&Upload{}).Where("id = ? AND state = ?", id, string(Receiving)).Update("state", string(Terminated)).Error
}

// receivingSince gives a node's unfinished uploads that began before a time.
func receivingSince(g *gorm.DB, node string, before time.Time) ([]string, error) {
	var ids []string
	err := g.Model(&Upload{}).Where("node = ? AND state = ? AND created_at < ?", node, string(Receiving), before).Order("id").Limit(1000).Pluck("id", &ids).Error
	return ids, err
}

// transcriptRow keeps the segments as JSON: they are read and written as a whole.
type transcriptRow struct {
	VideoID   string `gorm:"primaryKey"`
	Language  string
	Engine    string
	Source    string
	Segments  string
	EditedBy  *string
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

func (transcriptRow) TableName() string { return "transcripts" }

// Words and segments as kept: short names, because a word costs more in its names than in its letters.
type keptWord struct {
	T string  `json:"t"`
	S int64   `json:"s"`
	E int64   `json:"e"`
	C float64 `json:"c"`
}

type keptSegment struct {
	S int64      `json:"s"`
	E int64      `json:"e"`
	T string     `json:"t"`
	W []keptWord `json:"w,omitempty"`
}

func packSegments(in []speech.Segment) (string, error) {
	out := make([]keptSegment, len(in))
	for i, s := range in {
		out[i] = keptSegment{S: s.StartMS, E: s.EndMS, T: s.Text}
		for _, w := range s.Words {
			out[i].W = append(out[i].W, keptWord{w.Text, w.StartMS, w.EndMS, float64(int(w.Confidence*1000+0.5)) / 1000})
		}
	}
	b, err := json.Marshal(out)
	return string(b), err
}

func unpackSegments(s string) ([]speech.Segment, error) {
	var kept []keptSegment
	if err := json.Unmarshal([]byte(s), &kept); err != nil {
		return nil, fmt.Errorf("kept transcript: %w", err)
	}
	out := make([]speech.Segment, len(kept))
	for i, k := range kept {
		out[i] = speech.Segment{StartMS: k.S, EndMS: k.E, Text: k.T}
		for _, w := range k.W {
			out[i].Words = append(out[i].Words, speech.Word{Text: w.T, StartMS: w.S, EndMS: w.E, Confidence: w.C})
		}
	}
	return out, nil
}

func loadTranscript(g *gorm.DB, id string) (Transcript, error) {
	var r transcriptRow
	if err := g.Where("video_id = ?", id).Take(&r).Error; err != nil {
		return Transcript{}, db.Fault(err, "transcript")
	}
	segments, err := unpackSegments(r.Segments)
	return Transcript{VideoID: r.VideoID, Language: r.Language, Engine: r.Engine, Source: Source(r.Source), Segments: segments,
		EditedBy: r.EditedBy, Version: r.Version, UpdatedAt: r.UpdatedAt.UTC()}, err
}

// languageOf gives the language of a transcript, empty where there is none.
func languageOf(g *gorm.DB, id string) (string, error) {
	var lang string
	err := g.Raw(`SELECT language FROM transcripts WHERE video_id = ?`, id).Scan(&lang).Error
	return lang, err
}

func saveTranscript(tx *db.Tx, t Transcript) error {
	packed, err := packSegments(t.Segments)
	if err != nil {
		return err
	}
	r := transcriptRow{VideoID: t.VideoID, Language: t.Language, Engine: t.Engine, Source: string(t.Source), Segments: packed, EditedBy: t.EditedBy,
		Version: t.Version, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	return tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "video_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"language", "engine", "source", "segments", "edited_by", "version", "updated_at"})}).Create(&r).Error
}

type momentRow struct {
	VideoID string
	Ordinal int
	StartMS int64 `gorm:"column:start_ms"`
	EndMS   int64 `gorm:"column:end_ms"`
	Body    string
}

func (momentRow) TableName() string { return "moments" }

type momentTacticRow struct {
	VideoID  string
	Ordinal  int
	TacticID string
}

func (momentTacticRow) TableName() string { return "moment_tactics" }

// saveMoments replaces a video's moments; tactics maps the position of a moment to ids of tactics.
func saveMoments(tx *db.Tx, id string, moments []Moment, tactics map[int][]string) error {
	if err := tx.Gorm().Where("video_id = ?", id).Delete(&momentRow{}).Error; err != nil {
		return err
	}
	rows := make([]momentRow, len(moments))
	var tagged []momentTacticRow
	for i, m := range moments {
		rows[i] = momentRow{id, m.Ordinal, m.StartMS, m.EndMS, m.Text}
		for _, t := range tactics[i] {
			tagged = append(tagged, momentTacticRow{id, m.Ordinal, t})
		}
	}
	if len(rows) > 0 {
		if err := tx.Gorm().CreateInBatches(rows, 200).Error; err != nil {
			return err
		}
	}
	if len(tagged) > 0 {
		return tx.Gorm().CreateInBatches(tagged, 200).Error
	}
	return nil
}

func loadMoments(g *gorm.DB, id string) ([]Moment, error) {
	var rows []momentRow
	if err := g.Where("video_id = ?", id).Order("ordinal").Find(&rows).Error; err != nil {
		return nil, err
	}
	type tag struct {
		Ordinal int
		Key     string
	}
	var tags []tag
	if err := g.Raw(`SELECT m.ordinal, v.key FROM moment_tactics m JOIN vocabulary v ON v.id = m.tactic_id WHERE m.video_id = ? ORDER BY m.ordinal, v.key`, id).Scan(&tags).Error; err != nil {
		return nil, err
	}
	out := make([]Moment, len(rows))
	at := map[int]*Moment{}
	for i, r := range rows {
		out[i] = Moment{Ordinal: r.Ordinal, StartMS: r.StartMS, EndMS: r.EndMS, Text: r.Body}
		at[r.Ordinal] = &out[i]
	}
	for _, t := range tags {
		at[t.Ordinal].Tactics = append(at[t.Ordinal].Tactics, t.Key)
	}
	return out, nil
}
