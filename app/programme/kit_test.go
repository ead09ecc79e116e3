package programme_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/people/peopletest"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/video/videotest"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

// kit is a company: ana and ben are reps of the team North, which mia manages; North stands below Europe, which
// eve manages; cleo is a rep in no team; tom is a trainer, ada an admin.
type kit struct {
	*apptest.Env
	peopletest.Company
	videos        *video.Service
	notices       *notice.Service
	rubrics       *rubric.Service
	programmes    *programme.Service
	north, europe string

	ana, ben, cleo, mia, eve, tom, ada people.Actor
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, Company: peopletest.Company{People: people.NewDirectory(e.DB)}, rubrics: rubric.New(e.DB), notices: notice.New(e.DB)}
	queue, err := jobs.New(e.DB, jobs.Config{Node: "test"})
	if err != nil {
		t.Fatal(err)
	}
	k.videos = video.New(video.Config{Node: "test", Notices: k.notices, Log: e.Log}, e.DB, nil, k.People, vocabulary.NewBook(e.DB), queue)
	k.programmes = programme.New(programme.Config{DB: e.DB, Rubrics: k.rubrics, Videos: k.videos, People: k.People, Notices: k.notices, Jobs: queue, Log: e.Log})
	k.People.OnMoved = func(ctx context.Context, tx *db.Tx, ids []string) error {
		if err := k.videos.AuthorsMoved(ctx, tx, ids); err != nil {
			return err
		}
		return k.programmes.PersonsMoved(ctx, tx, ids)
	}
	k.People.OnAdded, k.People.OnChanged, k.People.OnTree = k.programmes.PersonAdded, k.programmes.PersonChanged, k.programmes.TreeChanged
	k.europe = k.Team(t, "Europe", nil)
	k.north = k.Team(t, "North", &k.europe)
	for _, p := range []struct {
		who  *people.Actor
		name string
		role people.Role
		zone string
	}{
		{&k.ana, "Ana", people.Rep, "Europe/Lisbon"}, {&k.ben, "Ben", people.Rep, "America/New_York"}, {&k.cleo, "Cleo", people.Rep, "Asia/Tokyo"},
		{&k.mia, "Mia", people.Manager, "Europe/Berlin"}, {&k.eve, "Eve", people.Manager, "UTC"}, {&k.tom, "Tom", people.Trainer, "UTC"}, {&k.ada, "Ada", people.Admin, "UTC"},
	} {
		*p.who = k.Add(t, p.name, p.zone, p.role)
	}
	k.Place(t, k.north, k.ana, people.AsMember)
	k.Place(t, k.north, k.ben, people.AsMember)
	k.Place(t, k.north, k.mia, people.AsManager)
	k.Place(t, k.europe, k.eve, people.AsManager)
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.mia, &k.eve} {
		*p = k.Actor(t, p.PersonID)
	}
	return k
}

func (k *kit) unplace(t *testing.T, team string, who people.Actor, seat people.Seat) {
	t.Helper()
	if err := k.People.Unplace(t.Context(), people.System(), team, who.PersonID, seat); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) change(t *testing.T, who people.Actor, c people.PersonChange) {
	t.Helper()
	if _, err := k.People.ChangePerson(t.Context(), people.System(), who.PersonID, c); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) tx(t *testing.T, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// film makes a video of a minute; kind is take, practice or attempt.
func (k *kit) film(t *testing.T, author people.Actor, kind string, audience people.Audience) string {
	t.Helper()
	return videotest.Film{Kind: kind, Audience: audience}.Make(t, k.Env, author)
}

// criteria are some with four levels each, worth 0 to 3 points.
func criteria(names ...string) []rubric.NewCriterion {
	out := make([]rubric.NewCriterion, len(names))
	for i, n := range names {
		out[i] = rubric.NewCriterion{Name: n, Description: "What is looked at.", Weight: 1}
		for p := range 4 {
			out[i].Levels = append(out[i].Levels, score.Level{Points: p, Name: fmt.Sprintf("Level %d", p+1), Description: "What one sees."})
		}
	}
	return out
}

// rubric makes a rubric of three criteria.
func (k *kit) rubric(t *testing.T) rubric.View {
	t.Helper()
	v, err := k.rubrics.Make(t.Context(), k.tom, "", "Pitch", criteria("Opening", "Need", "Close"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// draft makes a programme for the team North that could be opened.
func (k *kit) draft(t *testing.T, change func(*programme.Programme)) programme.Programme {
	t.Helper()
	p, err := k.programmes.Make(t.Context(), k.tom, "", func(p *programme.Programme) {
		p.Name, p.Brief, p.RubricVersionID = "First call", "Open a first call.", k.rubric(t).Current().ID
		p.Rules = []programme.Rule{{TeamID: k.north}}
		if change != nil {
			change(p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// open makes one, opens it and enrols.
func (k *kit) open(t *testing.T, change func(*programme.Programme)) programme.Programme {
	t.Helper()
	p, err := k.programmes.Launch(t.Context(), k.tom, k.draft(t, change).ID)
	if err != nil {
		t.Fatal(err)
	}
	k.sync(t, p.ID)
	return p
}

func (k *kit) sync(t *testing.T, programmeID string) programme.Synced {
	t.Helper()
	done, err := k.programmes.Sync(t.Context(), programmeID)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// enrolment finds a person's enrolment as it stands in the database.
func (k *kit) enrolment(t *testing.T, programmeID string, who people.Actor) programme.Enrolment {
	t.Helper()
	var e programme.Enrolment
	if err := k.DB.Read(t.Context()).Where("programme_id = ? AND person_id = ?", programmeID, who.PersonID).Take(&e).Error; err != nil {
		t.Fatalf("enrolment of %s: %v", who.Name, err)
	}
	return e
}

// told gives the kinds of somebody's notices, newest first.
func (k *kit) told(t *testing.T, who people.Actor) []notice.Kind {
	t.Helper()
	list, err := k.notices.List(t.Context(), who, notice.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var out []notice.Kind
	for _, n := range list {
		out = append(out, n.Kind)
	}
	return out
}

// settle writes an attempt with its result, as reviews leave it; levels are those of the criteria in order.
// The attempt was submitted an hour before.
func (k *kit) settle(t *testing.T, p programme.Programme, who people.Actor, decision programme.Decision, score int, levels ...int) string {
	t.Helper()
	e := k.enrolment(t, p.ID, who)
	v, err := k.rubrics.Version(t.Context(), p.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	attempt, review, film, now := ident.New(), ident.New(), k.film(t, who, "attempt", people.Private), k.Clock.Now()
	var number int64
	k.tx(t, func(tx *db.Tx) error {
		return tx.Gorm().Raw(`SELECT COUNT(*) + 1 FROM attempts WHERE enrolment_id = ?`, e.ID).Scan(&number).Error
	})
	k.Exec(t, `INSERT INTO attempts (id, enrolment_id, programme_id, person_id, number, video_id, rubric_version_id, only_criteria, carried, levels, retry_criteria, note_at_ms, note, second, state, decision, score,
		result_review_id, submitted_at, swap_until, settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, '[]', '{}', '{}', '[]', 0, '', ?, 'settled', ?, ?, ?, ?, ?, ?)`,
		attempt, e.ID, p.ID, who.PersonID, number, film, p.RubricVersionID, false, string(decision), score, review, now.Add(-time.Hour), now.Add(-30*time.Minute), now)
	k.Exec(t, `INSERT INTO reviews (id, attempt_id, programme_id, role, reviewer_id, state, rubric_version_id, draft, draft_version, decision, retry_criteria, message, score, assigned_at, sent_at, created_at)
		VALUES (?, ?, ?, 'first', ?, 'sent', ?, '', 0, ?, '[]', '', ?, ?, ?, ?)`, review, attempt, p.ID, k.mia.PersonID, p.RubricVersionID, string(decision), score, now, now, now)
	for i, level := range levels {
		k.Exec(t, `INSERT INTO review_scores (review_id, criterion_id, level, carried) VALUES (?, ?, ?, ?)`, review, v.Criteria[i].ID, level, false)
	}
	state := map[programme.Decision]programme.EnrolmentState{programme.Pass: programme.Passed, programme.TryAgain: programme.Retry, programme.Fail: programme.Failed}[decision]
	k.Exec(t, `UPDATE enrolments SET state = ?, attempts = attempts + 1, settled_at = ? WHERE id = ?`, string(state), now, e.ID)
	return attempt
}

// wait writes an attempt that waits, with its review, submitted now.
func (k *kit) wait(t *testing.T, p programme.Programme, who people.Actor) string {
	t.Helper()
	e := k.enrolment(t, p.ID, who)
	attempt, film, now := ident.New(), k.film(t, who, "attempt", people.Private), k.Clock.Now()
	k.Exec(t, `INSERT INTO attempts (id, enrolment_id, programme_id, person_id, number, video_id, rubric_version_id, only_criteria, carried, levels, retry_criteria, note_at_ms, note, second, state, decision,
		submitted_at, swap_until) VALUES (?, ?, ?, ?, 99, ?, ?, '[]', '{}', '{}', '[]', 0, '', ?, 'waiting', '', ?, ?)`, attempt, e.ID, p.ID, who.PersonID, film, p.RubricVersionID, false, now, now)
	k.Exec(t, `INSERT INTO reviews (id, attempt_id, programme_id, role, reviewer_id, state, rubric_version_id, draft, draft_version, decision, retry_criteria, message, assigned_at, created_at)
		VALUES (?, ?, ?, 'first', ?, 'waiting', ?, '', 0, '', '[]', '', ?, ?)`, ident.New(), attempt, p.ID, k.mia.PersonID, p.RubricVersionID, now, now)
	k.Exec(t, `UPDATE enrolments SET state = ?, attempts = attempts + 1 WHERE id = ?`, string(programme.Submitted), e.ID)
	return attempt
}
