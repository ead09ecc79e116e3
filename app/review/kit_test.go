package review_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/people/peopletest"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/video/videotest"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media/disk"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

const (
	day  = 24 * time.Hour
	hour = time.Hour
)

// kit is a company: ana and ben are reps of the team North, which mia manages; North stands below Europe, which
// eve manages; cleo and dan are reps in no team; tom and tess are trainers, ada an admin.
type kit struct {
	*apptest.Env
	peopletest.Company
	videos     *video.Service
	notices    *notice.Service
	rubrics    *rubric.Service
	programmes *programme.Service
	certs      *certificate.Service
	reviews    *review.Service
	store      *disk.Store
	north      string

	ana, ben, cleo, dan, mia, eve, tom, tess, ada people.Actor
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, Company: peopletest.Company{People: people.NewDirectory(e.DB)}, rubrics: rubric.New(e.DB), notices: notice.New(e.DB)}
	queue, err := jobs.New(e.DB, jobs.Config{Node: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if k.store, err = disk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.store.Close() })
	k.videos = video.New(video.Config{Node: "test", Notices: k.notices, Log: e.Log}, e.DB, k.store, k.People, vocabulary.NewBook(e.DB), queue)
	k.programmes = programme.New(programme.Config{DB: e.DB, Rubrics: k.rubrics, Videos: k.videos, People: k.People, Notices: k.notices, Jobs: queue, Log: e.Log})
	k.videos.MayDelete = k.programmes.MayDelete
	k.certs = certificate.New(certificate.Config{DB: e.DB, People: k.People, Notices: k.notices, Log: e.Log})
	k.reviews = review.New(review.Config{DB: e.DB, Rubrics: k.rubrics, Programmes: k.programmes, Certificates: k.certs, Videos: k.videos, People: k.People, Notices: k.notices,
		Store: k.store, WorkDir: t.TempDir(), Jobs: queue, Log: e.Log})
	k.programmes.OnSubmitted, k.programmes.OnSwapped, k.programmes.OnRescore = k.reviews.Submitted, k.reviews.Swapped, k.reviews.AskAgain
	k.People.OnMoved = k.videos.AuthorsMoved
	europe := k.Team(t, "Europe", nil)
	k.north = k.Team(t, "North", &europe)
	for _, p := range []struct {
		who  *people.Actor
		name string
		role people.Role
		zone string
	}{
		{&k.ana, "Ana", people.Rep, "Europe/Lisbon"}, {&k.ben, "Ben", people.Rep, "America/New_York"}, {&k.cleo, "Cleo", people.Rep, "Asia/Tokyo"}, {&k.dan, "Dan", people.Rep, "UTC"},
		{&k.mia, "Mia", people.Manager, "Asia/Tokyo"}, {&k.eve, "Eve", people.Manager, "UTC"}, {&k.tom, "Tom", people.Trainer, "UTC"}, {&k.tess, "Tess", people.Trainer, "UTC"}, {&k.ada, "Ada", people.Admin, "UTC"},
	} {
		*p.who = k.Add(t, p.name, p.zone, p.role)
	}
	k.Place(t, k.north, k.ana, people.AsMember)
	k.Place(t, k.north, k.ben, people.AsMember)
	k.Place(t, k.north, k.mia, people.AsManager)
	k.Place(t, europe, k.eve, people.AsManager)
	for _, p := range []*people.Actor{&k.ana, &k.ben, &k.cleo, &k.dan, &k.mia, &k.eve, &k.tom, &k.tess, &k.ada} {
		*p = k.Actor(t, p.PersonID)
	}
	return k
}

// leaves takes somebody out of the company.
func (k *kit) leaves(t *testing.T, who people.Actor) {
	t.Helper()
	no := false
	if _, err := k.People.ChangePerson(t.Context(), people.System(), who.PersonID, people.PersonChange{Active: &no}); err != nil {
		t.Fatal(err)
	}
}

// film makes a video of a minute that was recorded for something.
func (k *kit) film(t *testing.T, author people.Actor, kind, forID string) string {
	t.Helper()
	return videotest.Film{Kind: kind, ForID: forID}.Make(t, k.Env, author)
}

// criteria are three with four levels each, worth 0 to 3 points.
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

// open makes a programme for ana, ben, cleo and dan whose pass needs 60 %, and opens it.
func (k *kit) open(t *testing.T, change func(*programme.Programme)) programme.Programme {
	t.Helper()
	v, err := k.rubrics.Make(t.Context(), k.tom, "", "Pitch", criteria("Opening", "Need", "Close"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.programmes.Make(t.Context(), k.tom, "", func(p *programme.Programme) {
		p.Name, p.Brief, p.RubricVersionID = "First call", "Open a first call.", v.Current().ID
		p.Pass = score.PassRule{Kind: score.Total, Percent: 60, Level: 1}
		for _, who := range []people.Actor{k.ana, k.ben, k.cleo, k.dan} {
			p.Rules = append(p.Rules, programme.Rule{PersonID: who.PersonID})
		}
		if change != nil {
			change(p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = k.programmes.Launch(t.Context(), k.tom, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := k.programmes.Sync(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	return p
}

func named(kind programme.ReviewerKind, who ...people.Actor) func(*programme.Programme) {
	return func(p *programme.Programme) {
		p.Reviewers = kind
		for _, w := range who {
			p.ReviewerIDs = append(p.ReviewerIDs, w.PersonID)
		}
	}
}

// twice has every attempt reviewed by two, who may lie 10 points apart.
func twice(p *programme.Programme) { p.SecondShare, p.SecondDistance = 100, 10 }

func both(all ...func(*programme.Programme)) func(*programme.Programme) {
	return func(p *programme.Programme) {
		for _, fn := range all {
			fn(p)
		}
	}
}

func (k *kit) enrolment(t *testing.T, p programme.Programme, who people.Actor) string {
	t.Helper()
	var e programme.Enrolment
	if err := k.DB.Read(t.Context()).Where("programme_id = ? AND person_id = ?", p.ID, who.PersonID).Take(&e).Error; err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// practice makes a take that could be submitted.
func (k *kit) practice(t *testing.T, p programme.Programme, who people.Actor) string {
	t.Helper()
	return k.film(t, who, video.Practice, k.enrolment(t, p, who))
}

// submit has somebody submit a fresh take.
func (k *kit) submit(t *testing.T, p programme.Programme, who people.Actor) programme.Attempt {
	t.Helper()
	a, err := k.programmes.Submit(t.Context(), who, k.enrolment(t, p, who), programme.NewAttempt{VideoID: k.practice(t, p, who)})
	if err != nil {
		t.Fatal(err)
	}
	return k.attempt(t, a.ID)
}

func (k *kit) attempt(t *testing.T, id string) programme.Attempt {
	t.Helper()
	a, err := k.programmes.Attempt(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// of gives an attempt's review in a role, as it stands in the database.
func (k *kit) of(t *testing.T, a programme.Attempt, role review.Role) review.Review {
	t.Helper()
	var all []review.Review
	if err := k.DB.Read(t.Context()).Where("attempt_id = ? AND role = ? AND state <> 'dropped'", a.ID, string(role)).Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d reviews in the role %s", len(all), role)
	}
	return all[0]
}

// roles gives the roles of an attempt's reviews that count.
func (k *kit) roles(t *testing.T, a programme.Attempt) []string {
	t.Helper()
	var out []string
	if err := k.DB.Read(t.Context()).Raw(`SELECT role FROM reviews WHERE attempt_id = ? AND state <> 'dropped' ORDER BY created_at, id`, a.ID).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

// says makes content that gives every criterion of a review one level.
func (k *kit) says(t *testing.T, r review.Review, decision programme.Decision, level int) review.Content {
	t.Helper()
	v, err := k.rubrics.Version(t.Context(), r.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	c := review.Content{Levels: programme.Levels{}, Decision: decision, Message: "Well done, go on."}
	for _, criterion := range v.Criteria {
		c.Levels[criterion.ID] = level
	}
	if decision == programme.TryAgain {
		c.RetryCriteria = []string{v.Criteria[0].ID}
	}
	return c
}

// send has the reviewer send one level for everything, and must be allowed to.
func (k *kit) send(t *testing.T, who people.Actor, r review.Review, decision programme.Decision, level int) review.Review {
	t.Helper()
	sent, err := k.reviews.Send(t.Context(), who, r.ID, nil, k.says(t, r, decision, level))
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// told gives the kinds of somebody's notices, oldest first.
func (k *kit) told(t *testing.T, who people.Actor) []notice.Kind {
	t.Helper()
	list, err := k.notices.List(t.Context(), who, notice.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]notice.Kind, 0, len(list))
	for _, n := range slices.Backward(list) {
		if n.Kind != notice.Enrolled {
			out = append(out, n.Kind)
		}
	}
	return out
}

// sees says whether somebody may watch a video.
func (k *kit) sees(t *testing.T, who people.Actor, id string) bool {
	t.Helper()
	may, err := k.videos.MaySee(t.Context(), who, id)
	if err != nil {
		t.Fatal(err)
	}
	return may
}

// trail gives the actions on an attempt, oldest first.
func (k *kit) trail(t *testing.T, a programme.Attempt) []string {
	t.Helper()
	entries, err := audit.Of(k.DB.Read(t.Context()), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Action
	}
	return out
}

// steps gives the trail in words, as who reads it.
func (k *kit) steps(t *testing.T, who people.Actor, a programme.Attempt) []string {
	t.Helper()
	steps, err := k.programmes.Trail(t.Context(), who, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = s.Words
	}
	return out
}

func (k *kit) verifyTrail(t *testing.T) {
	t.Helper()
	if _, err := audit.Verify(context.Background(), k.DB); err != nil {
		t.Error(err)
	}
}

// box gives the attempts of a box by the names of their authors.
func (k *kit) box(t *testing.T, who people.Actor, box review.Box) []string {
	t.Helper()
	items, _, err := k.reviews.List(t.Context(), who, review.Filter{Box: box, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{k.ana.PersonID: "ana", k.ben.PersonID: "ben", k.cleo.PersonID: "cleo", k.dan.PersonID: "dan", k.mia.PersonID: "mia"}
	out := []string{}
	for _, it := range items {
		out = append(out, names[it.Attempt.PersonID])
	}
	return out
}

func parse(at string) (time.Time, error) { return time.Parse(time.RFC3339, at) }
