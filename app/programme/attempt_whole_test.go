package programme_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/programme"
)

// TestWholeOrNothing breaks every act of a certification off at each of its statements: nothing of it stays,
// and done again it is done.
func TestWholeOrNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.ValidDays, p.RenewDays = 365, 30 })
		crashing(t, e.DB)
		enrolment := c.enrolment(t, c.programme.ID, c.ana)
		take, other := c.practice(t, c.ana), c.practice(t, c.ana)
		id := ident.New()
		n := map[string]int{}
		n["submit"] = c.everywhere(t, "submit", func(ctx context.Context) error {
			_, err := c.programmes.Submit(ctx, c.ana, enrolment.ID, programme.NewAttempt{ID: id, VideoID: take, Note: programme.OwnNote{AtMS: 5, Text: "Here."}})
			return err
		})
		n["swap"] = c.everywhere(t, "swap", func(ctx context.Context) error {
			_, err := c.programmes.Swap(ctx, c.ana, id, other, programme.OwnNote{})
			return err
		})
		n["send, settle, issue"] = c.everywhere(t, "send", func(ctx context.Context) error {
			_, err := c.reviews.Send(ctx, c.mia, c.reviewOf(t, id), nil, c.content(programme.Pass, 4))
			return err
		})
		if got := c.enrolment(t, c.programme.ID, c.ana); got.State != programme.Passed {
			t.Errorf("ana is %s", got.State)
		}
		n["acknowledge"] = c.everywhere(t, "acknowledge", func(ctx context.Context) error {
			_, err := c.programmes.Acknowledge(ctx, c.ana, id)
			return err
		})
		e.Clock.Advance(340 * 24 * time.Hour)
		n["remind"] = c.everywhere(t, "remind", func(ctx context.Context) error {
			_, err := c.certificates.Remind(ctx)
			return err
		})
		n["renew"] = c.everywhere(t, "renew", func(ctx context.Context) error {
			_, err := c.programmes.Renew(ctx, c.ana, enrolment.ID)
			return err
		})
		second := c.submit(t, c.ana)
		n["send, settle, issue, replace"] = c.everywhere(t, "send for a renewal", func(ctx context.Context) error {
			_, err := c.reviews.Send(ctx, c.mia, c.reviewOf(t, second.ID), nil, c.content(programme.Pass, 4))
			return err
		})
		certs, err := c.certificates.Newest(t.Context(), enrolment.ID)
		if err != nil {
			t.Fatal(err)
		}
		n["revoke"] = c.everywhere(t, "revoke", func(ctx context.Context) error {
			_, err := c.certificates.Revoke(ctx, c.tom, certs[enrolment.ID].ID, "It was another's voice.")
			return err
		})
		t.Logf("statements: %v", n)
	})
}

// TestAllAtOnce has fifty people's hands, or one person's fifty tabs, do the same at the same time.
func TestAllAtOnce(t *testing.T) {
	const many = 50
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, nil)
		enrolment := c.enrolment(t, c.programme.ID, c.ana)
		var takes []string
		for range 5 {
			takes = append(takes, c.practice(t, c.ana))
		}
		// Fifty submissions of five takes: one attempt.
		outcomes := at(many, func(i int) error {
			_, err := c.programmes.Submit(context.Background(), c.ana, enrolment.ID, programme.NewAttempt{VideoID: takes[i%len(takes)]})
			return err
		})
		if outcomes["ok"] != 1 || outcomes["attempt_waits"] != many-1 {
			t.Errorf("submitting: %v", outcomes)
		}
		var attempt programme.Attempt
		if err := e.DB.Read(t.Context()).Where("enrolment_id = ?", enrolment.ID).Take(&attempt).Error; err != nil {
			t.Fatal(err)
		}
		c.verify(t)
		// The same id fifty times is the same attempt.
		id, bens := ident.New(), c.practice(t, c.ben)
		outcomes = at(many, func(int) error {
			_, err := c.programmes.Submit(context.Background(), c.ben, c.enrolment(t, c.programme.ID, c.ben).ID, programme.NewAttempt{ID: id, VideoID: bens})
			return err
		})
		if outcomes["ok"] != many || c.count(t, `SELECT COUNT(*) FROM attempts WHERE person_id = ?`, c.ben.PersonID) != 1 {
			t.Errorf("submitting with one id: %v", outcomes)
		}
		// Fifty results, of different sorts, and deletions and exchanges of the take among them: one result.
		waiting := c.reviewOf(t, attempt.ID)
		outcomes = at(many, func(i int) error {
			switch i % 5 {
			case 0:
				return c.videos.Delete(context.Background(), c.ana, *attempt.VideoID)
			case 1:
				_, err := c.programmes.Swap(context.Background(), c.ana, attempt.ID, takes[i%len(takes)], programme.OwnNote{})
				return err
			default:
				_, err := c.reviews.Send(context.Background(), c.mia, waiting, nil, c.content(programme.Pass, 4))
				return err
			}
		})
		for code := range outcomes {
			if !slices.Contains([]string{"ok", "attempt_waits", "attempt_settled", "attempt_reviewed", "practice_unknown", "video_not_found", "review_sent"}, code) {
				t.Errorf("results: %v", outcomes)
			}
		}
		t.Logf("results: %v", outcomes)
		if n := c.count(t, `SELECT COUNT(*) FROM certificates WHERE attempt_id = ?`, attempt.ID); n != 1 {
			t.Errorf("%d certificates", n)
		}
		if n := c.count(t, `SELECT COUNT(*) FROM notices WHERE kind = ? AND subject_id = ?`, string(notice.Result), attempt.ID); n != 1 {
			t.Errorf("told %d times", n)
		}
		if n := c.count(t, `SELECT COUNT(*) FROM audit_entries WHERE subject_id = ? AND action = 'attempt.settled'`, attempt.ID); n != 1 {
			t.Errorf("%d entries of the result in the trail", n)
		}
		c.verify(t)
		// Settling without a review's way around it: once, and certificates for what passed only.
		other := c.submitted(t, id)
		outcomes = at(many, func(i int) error {
			return e.DB.Tx(context.Background(), func(tx *db.Tx) error {
				d := []programme.Decision{programme.Fail, programme.Pass}[i%2]
				if i%10 == 9 {
					_, err := c.certificates.IssueTx(tx, other.ID)
					return err
				}
				if _, _, err := c.programmes.SettleTx(tx, other.ID, programme.Outcome{Decision: d, Score: 50_00, ReviewID: "r", ByID: c.mia.PersonID}); err != nil || d != programme.Pass {
					return err
				}
				_, err := c.certificates.IssueTx(tx, other.ID)
				return err
			})
		})
		settled := c.submitted(t, id)
		certificates := c.count(t, `SELECT COUNT(*) FROM certificates WHERE attempt_id = ?`, other.ID)
		if settled.State != programme.Settled || (settled.Decision == programme.Pass) != (certificates == 1) || certificates > 1 {
			t.Errorf("%s, with %d certificates: %v", settled.Decision, certificates, outcomes)
		}
		if n := c.count(t, `SELECT COUNT(*) FROM audit_entries WHERE subject_id = ? AND action = 'attempt.settled'`, other.ID); n != 1 {
			t.Errorf("settled %d times", n)
		}
	})
}

func (c *course) submitted(t *testing.T, id string) programme.Attempt {
	t.Helper()
	a, err := c.programmes.Attempt(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// at does something many times at once, and counts how it ended.
func at(many int, act func(i int) error) map[string]int {
	out := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range many {
		all.Go(func() {
			<-start
			err := act(i)
			code := "ok"
			if err != nil {
				code = fault.CodeOf(err)
			}
			if code == "internal" {
				code = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			out[code]++
		})
	}
	close(start)
	all.Wait()
	return out
}

// TestVerifyFinds plants each sort of contradiction, and wants it found.
func TestVerifyFinds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.ValidDays = 10 })
		c.send(t, c.submit(t, c.ana).ID, c.content(programme.Pass, 4))
		c.submit(t, c.ben)
		practice := c.practice(t, c.ana)
		c.verify(t)
		ana, ben := c.ana.PersonID, c.ben.PersonID
		anas, bens := `(SELECT id FROM attempts WHERE person_id = '`+ana+`')`, `(SELECT id FROM attempts WHERE person_id = '`+ben+`')`
		for words, plant := range map[string][2]string{
			"is retry, and its attempts say passed":      {`UPDATE enrolments SET state = 'retry' WHERE person_id = '` + ana + `'`, `UPDATE enrolments SET state = 'passed' WHERE person_id = '` + ana + `'`},
			"counts 7 attempts and has 1":                {`UPDATE enrolments SET attempts = 7 WHERE person_id = '` + ana + `'`, `UPDATE enrolments SET attempts = 1`},
			"is not its number 1":                        {`UPDATE attempts SET number = 2 WHERE person_id = '` + ana + `'`, `UPDATE attempts SET number = 1`},
			"has a result that no review gave":           {`UPDATE attempts SET result_review_id = 'x' WHERE state = 'settled'`, `UPDATE attempts SET result_review_id = (SELECT id FROM reviews WHERE state = 'sent') WHERE state = 'settled'`},
			"and nobody is to write one":                 {`UPDATE reviews SET state = 'dropped' WHERE attempt_id IN ` + bens, `UPDATE reviews SET state = 'waiting' WHERE attempt_id IN ` + bens},
			"deleted, or no attempt":                     {`UPDATE videos SET kind = 'take' WHERE id IN (SELECT video_id FROM attempts WHERE id IN ` + bens + `)`, `UPDATE videos SET kind = 'attempt' WHERE kind = 'take'`},
			"has passed, and there is no certificate":    {`UPDATE certificates SET attempt_id = ` + bens, `UPDATE certificates SET attempt_id = ` + anas},
			"that did not pass, and was not revoked":     {`UPDATE attempts SET decision = 'fail' WHERE state = 'settled'`, `UPDATE attempts SET decision = 'pass' WHERE state = 'settled'`},
			"belongs to another's attempt":               {`UPDATE certificates SET person_id = '` + ben + `'`, `UPDATE certificates SET person_id = '` + ana + `'`},
			"was settled, and the trail knows nothing":   {`UPDATE audit_entries SET action = 'x' WHERE action = 'attempt.settled'`, `UPDATE audit_entries SET action = 'attempt.settled' WHERE action = 'x'`},
			"was submitted, and the trail knows nothing": {`UPDATE audit_entries SET action = 'x' WHERE action = 'attempt.submitted'`, `UPDATE audit_entries SET action = 'attempt.submitted' WHERE action = 'x'`},
			"was issued, and the trail knows nothing":    {`UPDATE audit_entries SET action = 'x' WHERE action = 'certificate.issued'`, `UPDATE audit_entries SET action = 'certificate.issued' WHERE action = 'x'`},
			"has levels and was not sent":                {`UPDATE reviews SET state = 'waiting' WHERE sent_at IS NOT NULL`, `UPDATE reviews SET state = 'sent' WHERE sent_at IS NOT NULL`},
			"without a score or a decision":              {`UPDATE reviews SET decision = '' WHERE state = 'sent'`, `UPDATE reviews SET decision = 'pass' WHERE state = 'sent'`},
			"is by the participant":                      {`UPDATE reviews SET reviewer_id = '` + ben + `' WHERE state = 'waiting'`, `UPDATE reviews SET reviewer_id = '` + c.mia.PersonID + `'`},
			"can be seen by others":                      {`INSERT INTO video_audience (video_id, key) VALUES ('` + practice + `', 'e')`, `DELETE FROM video_audience WHERE key = 'e'`},
			"is an attempt":                              {`UPDATE videos SET kind = 'practice' WHERE kind = 'attempt'`, `UPDATE videos SET kind = 'attempt' WHERE id IN (SELECT video_id FROM attempts)`},
		} {
			c.Exec(t, plant[0])
			wrong, err := programme.Verify(t.Context(), e.DB)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, words) }) {
				t.Errorf("%q is not found: %q", words, wrong)
			}
			c.Exec(t, plant[1])
			c.verify(t)
		}
	})
}
