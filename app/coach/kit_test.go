package coach_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

const day = 24 * time.Hour

// kit is a company: team North with ana and ben, managed by mia, below Europe, managed by dora. Cleo is in no
// team, tom is a trainer.
type kit struct {
	*apptest.Env
	dir                            *people.Directory
	videos                         *video.Service
	notices                        *notice.Service
	coach                          *coach.Service
	ana, ben, cleo, mia, dora, tom people.Actor
	north, europe                  string
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), notices: notice.New(e.DB)}
	k.videos = video.New(video.Config{Node: "test", Log: e.Log, Notices: k.notices}, e.DB, nil, k.dir, vocabulary.NewBook(e.DB), nil)
	k.dir.OnMoved = k.videos.AuthorsMoved
	k.coach = coach.New(coach.Config{DB: e.DB, Videos: k.videos, People: k.dir, Notices: k.notices, Log: e.Log})
	k.europe = k.team(t, "Europe", nil)
	k.north = k.team(t, "North", &k.europe)
	k.ana, k.ben, k.cleo, k.mia, k.dora = k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cleo"), k.add(t, "Mia"), k.add(t, "Dora")
	k.tom = k.add(t, "Tom", people.Trainer)
	k.seat(t, k.north, k.ana, people.AsMember)
	k.seat(t, k.north, k.ben, people.AsMember)
	k.seat(t, k.north, k.mia, people.AsManager)
	k.seat(t, k.europe, k.dora, people.AsManager)
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.cleo, &k.mia, &k.dora, &k.tom} {
		*p = k.actor(t, p.PersonID)
	}
	return k
}

func (k *kit) team(t *testing.T, name string, parent *string) string {
	t.Helper()
	team, err := k.dir.AddTeam(t.Context(), people.System(), name, parent)
	if err != nil {
		t.Fatal(err)
	}
	return team.ID
}

func (k *kit) add(t *testing.T, name string, roles ...people.Role) people.Actor {
	t.Helper()
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: name, Roles: append(roles, people.Rep)})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) seat(t *testing.T, team string, p people.Actor, seat people.Seat) {
	t.Helper()
	if err := k.dir.Place(t.Context(), people.System(), team, p.PersonID, seat); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) actor(t *testing.T, id string) people.Actor {
	t.Helper()
	a, err := k.dir.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (k *kit) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := k.DB.Read(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// film makes a video of a minute, of a kind and for whatever it was recorded for.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, kind string, of ...string) string {
	t.Helper()
	id, now := ident.At(k.Clock.Now()), k.Clock.Now()
	var forID *string
	if len(of) > 0 {
		forID = &of[0]
	}
	k.exec(t, `INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, for_id, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, 'A film', '', 'ready', '', '', 'private', 90, ?, ?, '', 'video/mp4', 1, '', 60000, 1, 1, ?, ?, ?, ?, ?, ?, 'ready', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, author.PersonID, kind, forID, true, true, true, true, true, true, now, now)
	k.exec(t, `INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, people.PersonKey(author.PersonID))
	if audience != people.Private {
		k.widen(t, author, id, audience)
	}
	return id
}

func (k *kit) widen(t *testing.T, author people.Actor, id string, audience people.Audience) {
	t.Helper()
	if _, err := k.videos.Change(t.Context(), author, id, video.Change{Audience: &audience}); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) sees(t *testing.T, a people.Actor, id string) bool {
	t.Helper()
	ok, err := k.videos.MaySee(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func (k *kit) note(t *testing.T, a people.Actor, id string, atMS int64, body string) string {
	t.Helper()
	n, err := k.videos.WriteNote(t.Context(), a, id, "", atMS, body)
	if err != nil {
		t.Fatal(err)
	}
	return n.ID
}

// told gives the kinds of what somebody was told and may see now, the oldest first, with what it is about.
func (k *kit) told(t *testing.T, a people.Actor) []notice.Kind {
	t.Helper()
	all, err := k.notices.List(t.Context(), a, notice.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	kinds := []notice.Kind{}
	for _, n := range slices.Backward(all) {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

// programme makes a programme with one rubric of one criterion, and gives both ids.
func (k *kit) programme(t *testing.T, name string) (programme, criterion string) {
	t.Helper()
	rubric, version, now := ident.New(), ident.New(), k.Clock.Now()
	programme, criterion = ident.New(), ident.New()
	k.exec(t, `INSERT INTO rubrics (id, name, created_at, updated_at) VALUES (?, 'Calls', ?, ?)`, rubric, now, now)
	k.exec(t, `INSERT INTO rubric_versions (id, rubric_id, number, created_at) VALUES (?, ?, 1, ?)`, version, rubric, now)
	k.exec(t, `INSERT INTO criteria (id, version_id, position, name, description, weight, levels, lineage_id) VALUES (?, ?, 0, 'Next step', '', 1, '[]', ?)`, criterion, version, criterion)
	k.exec(t, `INSERT INTO programmes (id, name, brief, state, rubric_version_id, model_start_ms, model_end_ms, target_ms, answer_types, due_kind, due_date, due_days, attempts_max, wait_hours,
		pass_kind, pass_percent, pass_level, reviewer_kind, second_share, second_distance, valid_days, renew_days, peers, must_say, must_not_say, version, created_at, updated_at)
		VALUES (?, ?, '', 'open', ?, 0, 0, 0, 'camera', 'none', '', 0, 0, 0, 'total', 70, 0, 'manager', 0, 0, 0, 0, 'never', '[]', '[]', 1, ?, ?)`, programme, name, version, now, now)
	return programme, criterion
}

// attempt hands in a video of the person's, reviewed now by the reviewer, with a score in hundredths of a
// percent; number 1 enrols them. It gives the attempt, its video and its review.
func (k *kit) attempt(t *testing.T, programme string, p, reviewer people.Actor, number, score int, decision string) (attempt, film, review string) {
	t.Helper()
	now := k.Clock.Now()
	enrolment := ""
	if err := k.DB.Read(t.Context()).Raw(`SELECT id FROM enrolments WHERE programme_id = ? AND person_id = ?`, programme, p.PersonID).Scan(&enrolment).Error; err != nil {
		t.Fatal(err)
	}
	if enrolment == "" {
		enrolment = ident.New()
		k.exec(t, `INSERT INTO enrolments (id, programme_id, person_id, state, by_hand, extra_attempts, attempts, retry_criteria, started_at, created_at, updated_at)
			VALUES (?, ?, ?, 'open', ?, 0, 0, '[]', ?, ?, ?)`, enrolment, programme, p.PersonID, false, now, now, now)
	}
	attempt, review, film = ident.New(), ident.New(), k.film(t, p, people.Private, video.Attempt)
	k.exec(t, `INSERT INTO attempts (id, enrolment_id, programme_id, person_id, number, video_id, rubric_version_id, only_criteria, carried, note_at_ms, note, second, levels, retry_criteria, state, decision, score, result_review_id,
		submitted_at, swap_until, settled_at) SELECT ?, ?, id, ?, ?, ?, rubric_version_id, '[]', '{}', 0, '', ?, '{}', '[]', 'settled', ?, ?, ?, ?, ?, ? FROM programmes WHERE id = ?`,
		attempt, enrolment, p.PersonID, number, film, false, decision, score, review, now, now, now, programme)
	k.exec(t, `INSERT INTO reviews (id, attempt_id, programme_id, role, reviewer_id, state, rubric_version_id, draft, draft_version, decision, retry_criteria, message, score, created_at, assigned_at, sent_at)
		SELECT ?, ?, id, 'first', ?, 'sent', rubric_version_id, '', 0, ?, '[]', '', ?, ?, ?, ? FROM programmes WHERE id = ?`, review, attempt, reviewer.PersonID, decision, score, now, now, now, programme)
	err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.videos.GrantTx(tx, film, reviewer.PersonID, review) })
	if err != nil {
		t.Fatal(err)
	}
	return attempt, film, review
}

// reviewNote puts a note into a review; reply is a video or empty.
func (k *kit) reviewNote(t *testing.T, review, kind string, atMS int64, body, reply string) {
	t.Helper()
	var video *string
	if reply != "" {
		video = &reply
	}
	k.exec(t, `INSERT INTO review_notes (id, review_id, at_ms, kind, body, voice, reply_video_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		ident.New(), review, atMS, kind, body, false, video, k.Clock.Now())
}

// wantCode also says in which field.
func wantCode(t *testing.T, err error, code, field string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Field != field {
		t.Errorf("%s in field %q, want %q", code, f.Field, field)
	}
}

// must gives what a call that cannot fail here gave.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
