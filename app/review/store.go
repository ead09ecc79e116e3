package review

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/programme"
)

// contentJSON is content as it stands in the column. Its form is also what two sends are compared by.
type contentJSON struct {
	Levels        map[string]int `json:"levels"`
	Notes         []noteJSON     `json:"notes"`
	Decision      string         `json:"decision"`
	RetryCriteria []string       `json:"retry_criteria"`
	Message       string         `json:"message"`
}

type noteJSON struct {
	ID           string `json:"id"`
	AtMS         int64  `json:"at_ms"`
	Kind         string `json:"kind"`
	Text         string `json:"text"`
	Voice        bool   `json:"voice"`
	ReplyVideoID string `json:"reply_video_id"`
}

// Value implements driver.Valuer: JSON, empty for nothing.
func (c Content) Value() (driver.Value, error) {
	if c.Empty() {
		return "", nil
	}
	j := contentJSON{c.Levels, make([]noteJSON, len(c.Notes)), string(c.Decision), c.RetryCriteria, c.Message}
	for i, n := range c.Notes {
		j.Notes[i] = noteJSON{n.ID, n.AtMS, string(n.Kind), n.Text, n.Voice, n.ReplyVideoID}
	}
	text, err := json.Marshal(j) // the keys of a map are sorted
	return string(text), err
}

// Scan implements sql.Scanner.
func (c *Content) Scan(src any) error {
	*c = Content{Levels: programme.Levels{}}
	var text []byte
	switch s := src.(type) {
	case string:
		text = []byte(s)
	case []byte:
		text = s
	default:
		return fmt.Errorf("a draft that is %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	var j contentJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	if j.Levels != nil {
		c.Levels = j.Levels
	}
	c.Decision, c.RetryCriteria, c.Message = programme.Decision(j.Decision), j.RetryCriteria, j.Message
	for _, n := range j.Notes {
		c.Notes = append(c.Notes, Note{n.ID, n.AtMS, NoteKind(n.Kind), n.Text, n.Voice, n.ReplyVideoID})
	}
	return nil
}

// same says whether two clean contents are one.
func (c Content) same(other Content) bool {
	a, errA := c.Value()
	b, errB := other.Value()
	return errA == nil && errB == nil && a == b
}

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (r *Review) AfterFind(*gorm.DB) error {
	db.UTC(r.DraftAt, r.DueAt, &r.CreatedAt, &r.AssignedAt, r.ClaimedAt, r.NudgedAt, r.OfferedAt, r.SentAt)
	return nil
}

// TableName implements gorm's Tabler.
func (SentNote) TableName() string { return "review_notes" }

// TableName implements gorm's Tabler.
func (Score) TableName() string { return "review_scores" }

// AfterFind puts the time into UTC.
func (n *SentNote) AfterFind(*gorm.DB) error {
	db.UTC(&n.CreatedAt)
	return nil
}

// held loads a review with its attempt, holding the attempt: nobody else changes either until the transaction
// ends.
func held(tx *db.Tx, id string) (Review, programme.Attempt, error) {
	r, err := db.Take[Review](tx.Gorm(), "review", id)
	if err != nil {
		return r, programme.Attempt{}, err
	}
	a, err := programme.AttemptTx(tx, r.AttemptID)
	if err != nil {
		return r, a, err
	}
	r, err = db.Take[Review](tx.Gorm(), "review", id)
	return r, a, err
}

// reviewsOf gives the reviews of attempts that count, oldest first.
func reviewsOf(g *gorm.DB, attempts ...string) ([]Review, error) {
	var out []Review
	return out, g.Where("attempt_id IN ? AND state <> ?", append([]string{""}, attempts...), string(Dropped)).Order("created_at, id").Find(&out).Error
}

func insert(tx *db.Tx, r *Review) error { return tx.Gorm().Create(r).Error }

func save(tx *db.Tx, r *Review) error { return tx.Gorm().Select("*").Updates(r).Error }

func insertSent(tx *db.Tx, scores []Score, notes []SentNote) error {
	if len(scores) > 0 {
		if err := tx.Gorm().Create(&scores).Error; err != nil {
			return err
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return db.Fault(tx.Gorm().Create(&notes).Error, "video")
}

func scoresOf(g *gorm.DB, reviews ...string) ([]Score, error) {
	var out []Score
	return out, g.Where("review_id IN ?", append([]string{""}, reviews...)).Order("review_id, criterion_id").Find(&out).Error
}

func notesOf(g *gorm.DB, reviews ...string) ([]SentNote, error) {
	var out []SentNote
	return out, g.Where("review_id IN ?", append([]string{""}, reviews...)).Order("at_ms, id").Find(&out).Error
}

// attemptsByID reads attempts for lists.
func attemptsByID(g *gorm.DB, ids []string) (map[string]programme.Attempt, error) {
	out := make(map[string]programme.Attempt, len(ids))
	for some := range slices.Chunk(ids, 500) {
		var rows []programme.Attempt
		if err := g.Where("id IN ?", some).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, a := range rows {
			out[a.ID] = a
		}
	}
	return out, nil
}

// durations gives how long videos are, in milliseconds.
func durations(g *gorm.DB, ids []string) (map[string]int64, error) {
	out := make(map[string]int64, len(ids))
	for some := range slices.Chunk(ids, 500) {
		var rows []struct {
			ID         string
			DurationMS int64 `gorm:"column:duration_ms"`
		}
		if err := g.Table("videos").Select("id, duration_ms").Where("id IN ?", some).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.DurationMS
		}
	}
	return out, nil
}
