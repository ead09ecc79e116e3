package review_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
)

// many is how many do the same at the same time.
const many = 50

// together runs fn many times at once and counts the codes it ends with; "" is success.
func together(fn func(i int) error) map[string]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	start := make(chan struct{})
	for i := range many {
		wg.Go(func() {
			<-start
			err := fn(i)
			code := ""
			if err != nil {
				if code = fault.CodeOf(err); code == "internal" {
					code = err.Error()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	close(start)
	wg.Wait()
	return codes
}

// sound checks what must hold of every database, whatever was done at once: one result for one attempt, no
// score without an attempt, no certificate without a passed one, and a trail that nobody has torn.
func (k *kit) sound(t *testing.T) {
	t.Helper()
	for what, query := range map[string]string{
		"certificates without a passed attempt":    `SELECT COUNT(*) FROM certificates c LEFT JOIN attempts a ON a.id = c.attempt_id AND a.state = 'settled' AND a.decision = 'pass' WHERE a.id IS NULL`,
		"attempts with two certificates":           `SELECT COUNT(*) FROM (SELECT attempt_id FROM certificates GROUP BY attempt_id HAVING COUNT(*) > 1) x`,
		"passed attempts without a certificate":    `SELECT COUNT(*) FROM attempts a LEFT JOIN certificates c ON c.attempt_id = a.id WHERE a.decision = 'pass' AND c.id IS NULL`,
		"settled attempts without a sent review":   `SELECT COUNT(*) FROM attempts a LEFT JOIN reviews r ON r.id = a.result_review_id AND r.state = 'sent' AND r.attempt_id = a.id WHERE a.state = 'settled' AND (r.id IS NULL OR a.score IS NULL)`,
		"attempts that wait with a result":         `SELECT COUNT(*) FROM attempts WHERE state = 'waiting' AND (decision <> '' OR score IS NOT NULL)`,
		"sent reviews without all scores":          `SELECT COUNT(*) FROM reviews r WHERE r.state = 'sent' AND (SELECT COUNT(*) FROM review_scores s WHERE s.review_id = r.id) <> 3`,
		"scores of what is not sent":               `SELECT COUNT(*) FROM review_scores s JOIN reviews r ON r.id = s.review_id WHERE r.state <> 'sent'`,
		"settled attempts whose result is unknown": `SELECT COUNT(*) FROM attempts a WHERE a.state = 'settled' AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.subject_id = a.id AND n.kind IN ('result', 'resolved') AND n.person_id = a.person_id)`,
		"results that were told twice":             `SELECT COUNT(*) FROM (SELECT subject_id FROM notices WHERE kind = 'result' GROUP BY subject_id HAVING COUNT(*) > 1) x`,
		"people who review themselves":             `SELECT COUNT(*) FROM reviews r JOIN attempts a ON a.id = r.attempt_id WHERE r.reviewer_id = a.person_id`,
		"people who look at an attempt twice":      `SELECT COUNT(*) FROM (SELECT attempt_id, reviewer_id FROM reviews WHERE state <> 'dropped' AND role <> 'again' AND reviewer_id IS NOT NULL GROUP BY attempt_id, reviewer_id HAVING COUNT(*) > 1) x`,
		"grants of reviews that are not theirs":    `SELECT COUNT(*) FROM video_grants g JOIN reviews r ON r.id = g.subject_id JOIN attempts a ON a.id = r.attempt_id AND a.video_id = g.video_id WHERE r.state = 'dropped' OR r.reviewer_id IS NULL OR r.reviewer_id <> g.person_id`,
		"disputes of one attempt":                  `SELECT COUNT(*) FROM (SELECT attempt_id FROM disputes WHERE state <> 'withdrawn' GROUP BY attempt_id HAVING COUNT(*) > 1) x`,
		"enrolments that do not follow":            `SELECT COUNT(*) FROM attempts a JOIN enrolments e ON e.id = a.enrolment_id WHERE a.number = e.attempts AND ((a.decision = 'pass' AND e.state <> 'passed') OR (a.state = 'waiting' AND e.state <> 'submitted'))`,
	} {
		if n := k.Count(t, query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	k.verifyTrail(t)
}

// TestManyAtOnce has fifty send, claim, give, dispute and resolve the same at the same time.
func TestManyAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ctx := context.Background()
		a := k.submit(t, k.open(t, nil), k.ana)
		r := k.of(t, a, review.First)
		same, other := k.says(t, r, programme.Fail, 1), k.says(t, r, programme.Fail, 2)
		if got := together(func(i int) error {
			c := same
			if i%2 == 1 {
				c = other
			}
			_, err := k.reviews.Send(ctx, k.mia, r.ID, nil, c)
			return err
		}); got[""] != many/2 || got["review_sent"] != many/2 {
			t.Errorf("sends: %v", got)
		}
		k.sound(t)

		pool := k.open(t, both(twice, named(programme.ByPool, k.cleo, k.dan, k.ben, k.eve)))
		b := k.submit(t, pool, k.ana)
		first, second := k.of(t, b, review.First), k.of(t, b, review.Second)
		who := []people.Actor{k.cleo, k.dan, k.ben, k.eve}
		got := together(func(i int) error {
			id := first.ID
			if i/4%2 == 1 {
				id = second.ID
			}
			_, err := k.reviews.Claim(ctx, who[i%4], id)
			return err
		})
		for code := range got {
			if code != "" && code != "review_claimed" && code != "review_not_found" && code != "forbidden" {
				t.Errorf("claims: %v", got)
			}
		}
		k.sound(t)
		first, second = k.of(t, b, review.First), k.of(t, b, review.Second)
		if first.ReviewerID == nil || second.ReviewerID == nil || *first.ReviewerID == *second.ReviewerID {
			t.Fatalf("claimed by %v and %v", first.ReviewerID, second.ReviewerID)
		}

		// Both send, at the same time, what differs: exactly one third is asked.
		one, two := k.Actor(t, *first.ReviewerID), k.Actor(t, *second.ReviewerID)
		pass, fail := k.says(t, first, programme.Pass, 4), k.says(t, second, programme.Fail, 1)
		if got := together(func(i int) error {
			if i%2 == 0 {
				_, err := k.reviews.Send(ctx, one, first.ID, nil, pass)
				return err
			}
			_, err := k.reviews.Send(ctx, two, second.ID, nil, fail)
			return err
		}); got[""] != many {
			t.Errorf("two at once: %v", got)
		}
		third := k.of(t, b, review.Third)
		if got := together(func(i int) error {
			by := []people.Actor{k.tom, k.ada}[i%2]
			_, err := k.reviews.Reassign(ctx, by, third.ID, []string{k.tess.PersonID, k.mia.PersonID}[i/2%2])
			return err
		}); got[""] != many {
			t.Errorf("gives: %v", got)
		}
		k.sound(t)

		if got := together(func(i int) error {
			_, err := k.reviews.Dispute(ctx, k.ana, a.ID, []string{"Why?", "How?"}[i%2])
			return err
		}); got[""] != many/2 || got["dispute_open"] != many/2 {
			t.Errorf("disputes: %v", got)
		}
		var ids []string
		if err := k.DB.Read(ctx).Raw(`SELECT id FROM disputes WHERE attempt_id = ?`, a.ID).Scan(&ids).Error; err != nil || len(ids) != 1 {
			t.Fatal(ids, err)
		}
		got = together(func(i int) error {
			var err error
			switch i % 3 {
			case 0:
				_, err = k.reviews.Resolve(ctx, k.tom, ids[0], review.Resolution{Changed: true, Decision: programme.Pass, Text: "Yes."})
			case 1:
				_, err = k.reviews.Resolve(ctx, k.tess, ids[0], review.Resolution{Text: "No."})
			default:
				_, err = k.reviews.WithdrawDispute(ctx, k.ana, ids[0])
			}
			return err
		})
		for code := range got {
			if code != "" && code != "dispute_settled" {
				t.Errorf("resolutions: %v", got)
			}
		}
		k.sound(t)
	})
}

// errPulled stands for the plug that is pulled.
var errPulled = errors.New("the plug was pulled")

// pull fails the nth statement from now on, and every one after it, until it is let go.
type pull struct {
	at, seen atomic.Int64
}

func (p *pull) watch(t *testing.T, g *gorm.DB) {
	t.Helper()
	hook := func(db *gorm.DB) {
		if at := p.at.Load(); at > 0 && p.seen.Add(1) >= at {
			_ = db.AddError(errPulled)
		}
	}
	c := g.Callback()
	for _, err := range []error{
		c.Create().Before("gorm:create").Register("pull", hook), c.Update().Before("gorm:update").Register("pull", hook), c.Delete().Before("gorm:delete").Register("pull", hook),
		c.Query().Before("gorm:query").Register("pull", hook), c.Row().Before("gorm:row").Register("pull", hook), c.Raw().Before("gorm:raw").Register("pull", hook),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPulledPlug breaks off the sending of a review, and the resolution of a dispute, at every statement: there
// is either nothing of it or all.
func TestPulledPlug(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ctx := context.Background()
		plug := &pull{}
		plug.watch(t, k.DB.Read(ctx))
		p := k.open(t, twice)
		a := k.submit(t, p, k.ana)
		first, second := k.of(t, a, review.First), k.of(t, a, review.Second)
		c := k.says(t, first, programme.Pass, 4)
		c.Notes = []review.Note{{ID: ident.New(), AtMS: 1, Kind: review.Good, Text: "Good.", ReplyVideoID: k.film(t, k.mia, video.VideoReply, first.ID)}}
		if _, err := k.reviews.Send(ctx, k.mia, first.ID, nil, c); err != nil {
			t.Fatal(err)
		}
		everywhere := func(what string, least int, do func() error) {
			t.Helper()
			before := k.contents(t)
			for n := int64(1); ; n++ {
				plug.seen.Store(0)
				plug.at.Store(n)
				err := do()
				plug.at.Store(0)
				if err == nil {
					if int(n) <= least {
						t.Errorf("%s took %d statements only", what, n-1)
					}
					if k.contents(t) == before {
						t.Errorf("%s changed nothing", what)
					}
					break
				}
				if !errors.Is(err, errPulled) {
					t.Fatalf("%s at %d: %v", what, n, err)
				}
				if k.contents(t) != before {
					t.Fatalf("%s broken off at %d leaves something", what, n)
				}
			}
			k.sound(t)
		}
		content := k.says(t, second, programme.Pass, 4)
		everywhere("the send", 20, func() error {
			_, err := k.reviews.Send(ctx, k.eve, second.ID, nil, content)
			return err
		})
		if got := k.attempt(t, a.ID); got.Decision != programme.Pass || !k.sees(t, k.ana, c.Notes[0].ReplyVideoID) {
			t.Errorf("%+v", got)
		}
		b := k.submit(t, p, k.ben)
		k.send(t, k.mia, k.of(t, b, review.First), programme.Fail, 1)
		other := k.of(t, b, review.Second)
		disagree := k.says(t, other, programme.Pass, 4)
		everywhere("the disagreement", 20, func() error {
			_, err := k.reviews.Send(ctx, k.eve, other.ID, nil, disagree)
			return err
		})
		third := k.of(t, b, review.Third)
		k.send(t, k.Actor(t, *third.ReviewerID), third, programme.Fail, 1)
		d, err := k.reviews.Dispute(ctx, k.ben, b.ID, "Why?")
		if err != nil {
			t.Fatal(err)
		}
		everywhere("the resolution", 15, func() error {
			_, err := k.reviews.Resolve(ctx, k.ada, d.ID, review.Resolution{Changed: true, Decision: programme.Pass, Text: "Yes."})
			return err
		})
	})
}

// contents writes down every row that reviews, attempts and what follows from them have.
func (k *kit) contents(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"reviews", "review_scores", "review_notes", "review_voices", "disputes", "attempts", "enrolments", "certificates", "notices", "audit_entries", "audit_heads", "video_grants", "video_audience"} {
		var rows []map[string]any
		if err := k.DB.Read(context.Background()).Raw(`SELECT * FROM ` + table + ` ORDER BY 1, 2`).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			fmt.Fprintln(&b, table, r)
		}
	}
	return b.String()
}
