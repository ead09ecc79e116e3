package programme_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
)

// course is a company with a programme that ana and ben take part in, with the real domains above this one.
type course struct {
	*kit
	certificates *certificate.Service
	reviews      *review.Service
	programme    programme.Programme
	criteria     []string
}

func newCourse(t *testing.T, e *apptest.Env, change func(*programme.Programme)) *course {
	t.Helper()
	c := &course{kit: newKit(t, e)}
	c.videos.MayDelete = c.programmes.MayDelete
	c.certificates = certificate.New(certificate.Config{DB: e.DB, People: c.People, Notices: c.notices, Log: e.Log})
	c.reviews = review.New(review.Config{DB: e.DB, Rubrics: c.rubrics, Programmes: c.programmes, Certificates: c.certificates, Videos: c.videos, People: c.People, Notices: c.notices, Log: e.Log})
	c.programmes.OnSubmitted, c.programmes.OnSwapped = c.reviews.Submitted, c.reviews.Swapped
	c.programme = c.open(t, change)
	v, err := c.rubrics.Version(t.Context(), c.programme.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	for _, cr := range v.Criteria {
		c.criteria = append(c.criteria, cr.ID)
	}
	return c
}

// practice is a take of a minute for the person's enrolment.
func (c *course) practice(t *testing.T, who people.Actor) string {
	t.Helper()
	id := c.film(t, who, video.Practice, people.Private)
	c.Exec(t, `UPDATE videos SET for_id = ? WHERE id = ?`, c.enrolment(t, c.programme.ID, who).ID, id)
	return id
}

// submit must be allowed.
func (c *course) submit(t *testing.T, who people.Actor) programme.Attempt {
	t.Helper()
	a, err := c.programmes.Submit(t.Context(), who, c.enrolment(t, c.programme.ID, who).ID, programme.NewAttempt{VideoID: c.practice(t, who)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// content gives every criterion that is open a level.
func (c *course) content(d programme.Decision, level int, retry ...string) review.Content {
	levels := programme.Levels{}
	for _, id := range c.criteria {
		levels[id] = level
	}
	return review.Content{Levels: levels, Decision: d, RetryCriteria: retry, Message: "Well said."}
}

// reviewOf finds the review of an attempt that waits for somebody.
func (c *course) reviewOf(t *testing.T, attemptID string) string {
	t.Helper()
	var id string
	if err := c.DB.Read(t.Context()).Raw(`SELECT id FROM reviews WHERE attempt_id = ? AND state = 'waiting' ORDER BY id LIMIT 1`, attemptID).Scan(&id).Error; err != nil || id == "" {
		t.Fatalf("no review waits for attempt %s (%v)", attemptID, err)
	}
	return id
}

// send must be allowed.
func (c *course) send(t *testing.T, attemptID string, content review.Content) programme.Attempt {
	t.Helper()
	if _, err := c.reviews.Send(t.Context(), c.mia, c.reviewOf(t, attemptID), nil, content); err != nil {
		t.Fatal(err)
	}
	a, err := c.programmes.Attempt(t.Context(), attemptID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// verify wants nothing wrong.
func (c *course) verify(t *testing.T) {
	t.Helper()
	wrong, err := programme.Verify(t.Context(), c.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("verify: %s", w)
	}
	if _, err := audit.Verify(t.Context(), c.DB); err != nil {
		t.Error(err)
	}
}

func (c *course) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := c.DB.Read(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

var errCrash = errors.New("the machine stopped here")

type crashKey struct{}

// fuse breaks the statement of its number, counted over all that is done with its context; none where it is 0.
type fuse struct{ at, done atomic.Int64 }

// crashing has statements fail whose context holds a fuse that has come to its number. It must be called once
// for a database.
func crashing(t *testing.T, d *db.DB) {
	t.Helper()
	burn := func(g *gorm.DB) {
		f, ok := g.Statement.Context.Value(crashKey{}).(*fuse)
		if ok && f.done.Add(1) == f.at.Load() {
			_ = g.AddError(errCrash)
		}
	}
	cb := d.Read(t.Context()).Callback()
	for _, err := range []error{
		cb.Create().Before("*").Register("crash", burn), cb.Query().Before("*").Register("crash", burn), cb.Update().Before("*").Register("crash", burn),
		cb.Delete().Before("*").Register("crash", burn), cb.Row().Before("*").Register("crash", burn), cb.Raw().Before("*").Register("crash", burn),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// everywhere does something again and again, broken off at its first statement, its second, and so on, and
// looks each time whether that left anything behind; then it lets it pass. It gives how many statements it has.
func (c *course) everywhere(t *testing.T, what string, act func(ctx context.Context) error) int {
	t.Helper()
	before := c.state(t)
	for n := 1; ; n++ {
		f := &fuse{}
		f.at.Store(int64(n))
		err := act(context.WithValue(t.Context(), crashKey{}, f))
		if int(f.done.Load()) < n { // it was through before the fuse came to it
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			c.verify(t)
			if n < 5 {
				t.Fatalf("%s has only %d statements: is the fuse in?", what, n-1)
			}
			return n - 1
		}
		if !errors.Is(err, errCrash) {
			t.Fatalf("%s, broken off at statement %d: error %v", what, n, err)
		}
		if after := c.state(t); after != before {
			t.Fatalf("%s, broken off at statement %d, left something behind:\n%s\nwas\n%s", what, n, after, before)
		}
		c.verify(t)
	}
}

// state is all that a broken act could have changed, as one text.
func (c *course) state(t *testing.T) string {
	t.Helper()
	var out string
	for _, q := range []string{
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || state || attempts || retry_criteria AS x FROM enrolments ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || state || decision || COALESCE(video_id, '') || note || COALESCE(result_review_id, '') || CASE WHEN acknowledged_at IS NULL THEN '' ELSE 'seen' END AS x FROM attempts ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || state || decision || COALESCE(reviewer_id, '') AS x FROM reviews ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT review_id || criterion_id || level AS x FROM review_scores ORDER BY review_id, criterion_id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || number || CASE WHEN revoked_at IS NULL THEN '' ELSE 'revoked' END || COALESCE(replaced_by, '') AS x FROM certificates ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || kind || version AS x FROM videos ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT video_id || key AS x FROM video_audience ORDER BY video_id, key) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT id || kind AS x FROM notices ORDER BY id) AS y`,
		`SELECT COALESCE(string_agg(x, ';'), '') FROM (SELECT hash AS x FROM audit_heads) AS y`,
	} {
		var s string
		if err := c.DB.Read(t.Context()).Raw(q).Scan(&s).Error; err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		out += s + "\n"
	}
	return out
}
