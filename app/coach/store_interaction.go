package coach

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/people"
)

// interactions is every time that somebody said something about what a person recorded: coach_id, person_id,
// at, kind, video_id, at_ms, text, and shown, which is 0 for what the person themself is not told of (a review
// that is not the one whose result they see). The condition says which, over the columns coach, person and at;
// its arguments are needed three times.
func interactions(condition string) string {
	arm := func(coach, person, at string) string {
		return strings.NewReplacer("{coach}", coach, "{person}", person, "{at}", at).Replace(condition)
	}
	const shown = `CASE WHEN t.state = 'settled' AND t.result_review_id = r.id THEN 1 ELSE 0 END`
	const of = `JOIN attempts t ON t.id = r.attempt_id JOIN programmes p ON p.id = t.programme_id`
	return fmt.Sprintf(`SELECT n.author_id AS coach_id, v.author_id AS person_id, n.created_at AS at, CASE WHEN n.reply_to IS NULL THEN 'note' ELSE 'reply' END AS kind,
			v.id AS video_id, n.at_ms AS at_ms, n.body AS text, 1 AS shown
		FROM notes n JOIN videos v ON v.id = n.video_id WHERE n.deleted_at IS NULL AND v.deleted_at IS NULL AND n.author_id <> v.author_id AND %s
		UNION ALL SELECT r.reviewer_id, t.person_id, r.sent_at, 'review', t.video_id, 0, p.name, %s FROM reviews r %s WHERE r.state = 'sent' AND %s
		UNION ALL SELECT r.reviewer_id, t.person_id, r.sent_at, 'video_reply', w.reply_video_id, 0, p.name, %s FROM review_notes w JOIN reviews r ON r.id = w.review_id %s
			WHERE r.state = 'sent' AND w.reply_video_id IS NOT NULL AND %s`,
		arm("n.author_id", "v.author_id", "n.created_at"), shown, of, arm("r.reviewer_id", "t.person_id", "r.sent_at"), shown, of, arm("r.reviewer_id", "t.person_id", "r.sent_at"))
}

// thrice repeats the arguments of a condition for each part of interactions.
func thrice(args ...any) []any {
	out := make([]any, 0, 3*len(args))
	for range 3 {
		out = append(out, args...)
	}
	return out
}

type interactionRow struct {
	CoachID string
	At      stamp
	Kind    string
	VideoID *string
	AtMS    int64 `gorm:"column:at_ms"`
	Text    string
}

// lastInteractions gives what these coaches have said to a person, the last first, as far as the actor may
// know of it: their own, and what the person was shown, on videos that the actor may see.
func lastInteractions(g *gorm.DB, a people.Actor, person string, coaches []string, since time.Time, limit int) ([]Interaction, error) {
	coaches = append([]string{""}, coaches...)
	args := thrice(person, coaches, since)
	args = append(args, a.PersonID, append([]string{""}, a.Reach.Keys...), limit)
	var rows []interactionRow
	err := g.Raw(`SELECT coach_id, at, kind, video_id, at_ms, text FROM (`+interactions(`{person} = ? AND {coach} IN ? AND {at} >= ?`)+`) i
		WHERE (i.shown = 1 OR i.coach_id = ?) AND (i.kind NOT IN ('note', 'reply') OR EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = i.video_id AND k.key IN ?))
		ORDER BY at DESC, at_ms LIMIT ?`, args...).Scan(&rows).Error
	out := make([]Interaction, len(rows))
	for i, r := range rows {
		out[i] = Interaction{Kind: InteractionKind(r.Kind), CoachID: r.CoachID, At: r.At.Time, VideoID: r.VideoID, AtMS: r.AtMS, Text: r.Text}
	}
	return out, err
}

// stamp reads a time from a column whose type the engine has forgotten, as SQLite does behind UNION and MAX:
// then it is the text that was written.
type stamp struct{ time.Time }

// Value implements driver.Valuer: GORM asks it of whatever is scanned.
func (s stamp) Value() (driver.Value, error) { return s.Time, nil }

// Scan implements sql.Scanner; NULL is the zero time.
func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		s.Time = time.Time{}
	case time.Time:
		s.Time = v.UTC()
	case string:
		return s.parse(v)
	case []byte:
		return s.parse(string(v))
	default:
		return fmt.Errorf("a time as %T", src)
	}
	return nil
}

func (s *stamp) parse(text string) error {
	at, err := time.Parse("2006-01-02 15:04:05.999999999-07:00", text)
	s.Time = at.UTC()
	return err
}
