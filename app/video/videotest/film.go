// Package videotest makes videos that nobody recorded, for tests of what is done with them. Imported by tests
// only.
package videotest

import (
	"cmp"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Film says what differs: the zero value is a minute's take, ready, private and named "A film".
type Film struct {
	Title    string
	Audience people.Audience
	State    video.State
	// Kind is take, practice, attempt or reply, and ForID what it was recorded for.
	Kind, ForID string
	LengthMS    int64
}

// Make writes the video with the keys of its audience, as its author's place is now, and gives its id. Ids sort
// by the time of the test's clock.
func (f Film) Make(t testing.TB, e *apptest.Env, author people.Actor) string {
	t.Helper()
	now := e.Clock.Now()
	id, audience := ident.At(now), cmp.Or(f.Audience, people.Private)
	e.Exec(t, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, for_id, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, ?, '', ?, '', '', ?, 90, ?, ?, '', 'video/mp4', 1, '', ?, 1, 1, ?, ?, ?, ?, ?, ?, 'ready', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, author.PersonID, cmp.Or(f.Title, "A film"), string(cmp.Or(f.State, video.Ready)), string(audience), cmp.Or(f.Kind, "take"), db.Ref(f.ForID), cmp.Or(f.LengthMS, 60_000),
		true, true, true, true, true, true, now, now)
	err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
		place, err := people.NewDirectory(e.DB).PlaceTx(tx, author.PersonID)
		if err != nil {
			return err
		}
		for _, key := range people.AudienceKeys(audience, place, nil) {
			if err := tx.Gorm().Exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, key).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
