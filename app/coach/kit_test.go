package coach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/people/peopletest"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/video/videotest"
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
	peopletest.Company
	videos                         *video.Service
	notices                        *notice.Service
	coach                          *coach.Service
	ana, ben, cleo, mia, dora, tom people.Actor
	north, europe                  string
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, Company: peopletest.Company{People: people.NewDirectory(e.DB)}, notices: notice.New(e.DB)}
	k.videos = video.New(video.Config{Node: "test", Log: e.Log, Notices: k.notices}, e.DB, nil, k.People, vocabulary.NewBook(e.DB), nil)
	k.People.OnMoved = k.videos.AuthorsMoved
	k.coach = coach.New(coach.Config{DB: e.DB, Videos: k.videos, People: k.People, Notices: k.notices, Log: e.Log})
	k.europe = k.Team(t, "Europe", nil)
	k.north = k.Team(t, "North", &k.europe)
	k.ana, k.ben, k.cleo, k.mia, k.dora = k.Add(t, "Ana", "", people.Rep), k.Add(t, "Ben", "", people.Rep), k.Add(t, "Cleo", "", people.Rep), k.Add(t, "Mia", "", people.Rep), k.Add(t, "Dora", "", people.Rep)
	k.tom = k.Add(t, "Tom", "", people.Trainer, people.Rep)
	k.Place(t, k.north, k.ana, people.AsMember)
	k.Place(t, k.north, k.ben, people.AsMember)
	k.Place(t, k.north, k.mia, people.AsManager)
	k.Place(t, k.europe, k.dora, people.AsManager)
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.cleo, &k.mia, &k.dora, &k.tom} {
		*p = k.Actor(t, p.PersonID)
	}
	return k
}

// film makes a video of a minute, of a kind and for whatever it was recorded for.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, kind string, of ...string) string {
	t.Helper()
	return videotest.Film{Audience: audience, Kind: kind, ForID: strings.Join(of, "")}.Make(t, k.Env, author)
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
	k.Exec(t, `INSERT INTO rubrics (id, name, created_at, updated_at) VALUES (?, 'Calls', ?, ?)`, rubric, now, now)
	k.Exec(t, `INSERT INTO rubric_versions (id, rubric_id, number, created_at) VALUES (?, ?, 1, ?)`, version, rubric, now)
	k.Exec(t, `INSERT INTO criteria (id, version_id, position, name, description, weight, levels, lineage_id) VALUES (?, ?, 0, 'Next step', '', 1, '[]', ?)`, criterion, version, criterion)
	k.Exec(t, `INSERT INTO programmes (id, name, brief, state, rubric_version_id, model_start_ms, model_end_ms, target_ms, answer_types, due_kind, due_date, due_days, attempts_max, wait_hours,
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
		k.Exec(t, `INSERT INTO enrolments (id, programme_id, person_id, state, by_hand, extra_attempts, attempts, retry_criteria, started_at, created_at, updated_at)
			VALUES (?, ?, ?, 'open', ?, 0, 0, '[]', ?, ?, ?)`, enrolment, programme, p.PersonID, false, now, now, now)
	}
	attempt, review, film = ident.New(), ident.New(), k.film(t, p, people.Private, video.Attempt)
	k.Exec(t, `INSERT INTO attempts (id, enrolment_id, programme_id, person_id, number, video_id, rubric_version_id, only_criteria, carried, note_at_ms, note, second, levels, retry_criteria, state, decision, score, result_review_id,
		submitted_at, swap_until, settled_at) SELECT ?, ?, id, ?, ?, ?, rubric_version_id, '[]', '{}', 0, '', ?, '{}', '[]', 'settled', ?, ?, ?, ?, ?, ? FROM programmes WHERE id = ?`,
		attempt, enrolment, p.PersonID, number, film, false, decision, score, review, now, now, now, programme)
	k.Exec(t, `INSERT INTO reviews (id, attempt_id, programme_id, role, reviewer_id, state, rubric_version_id, draft, draft_version, decision, retry_criteria, message, score, created_at, assigned_at, sent_at)
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
	k.Exec(t, `INSERT INTO review_notes (id, review_id, at_ms, kind, body, voice, reply_video_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		ident.New(), review, atMS, kind, body, false, video, k.Clock.Now())
}

// must gives what a call that cannot fail here gave.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
