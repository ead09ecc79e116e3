package demo

import (
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
)

// practise puts a practice where filming and the pipeline would have brought it.
func (k *kit) practise(t *testing.T, c *Company, p *past, x course, y try) video.Video {
	t.Helper()
	ctx := t.Context()
	a, part, err := c.enrolled(ctx, p, x, y)
	if err != nil {
		t.Fatal(err)
	}
	film := y.recording(x)
	p.clock.set(c.at(film.days))
	id, _, err := p.videos.BeginUpload(ctx, a, video.NewUpload{ClientID: clientID(film, 0), Title: film.title, Kind: video.Practice, For: part.ID})
	if err == nil {
		err = p.videos.FinishUpload(ctx, id, 1000, strings.Repeat("b", 64))
	}
	if err != nil {
		t.Fatal(err)
	}
	_, v, err := c.find(ctx, film)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.Gorm().Exec(`UPDATE videos SET duration_ms = 21000, state = 'ready', media_progressive = ? WHERE id = ?`, true, v.ID).Error
	}); err != nil {
		t.Fatal(err)
	}
	if _, v, err = c.find(ctx, film); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheTeamIsCertified(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ctx := t.Context()
		c, err := Open(ctx, k.parts)
		if err != nil {
			t.Fatal(err)
		}
		p := newPast(k.parts)
		for range 2 { // what was interrupted is done again, and nothing twice
			for _, x := range courses() {
				if err := c.launch(ctx, p, x); err != nil {
					t.Fatal(err)
				}
				for _, y := range x.attempts {
					v := k.practise(t, c, p, x, y)
					if err := c.judge(ctx, p, x, y, v); err != nil {
						t.Fatalf("%s %s: %v", x.key, y.key, err)
					}
				}
			}
		}
		// What the people of today see of it.
		p.clock.set(c.begun)
		tara, err := c.actor(ctx, "tara")
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]programme.Counts{
			"price":   {People: 8, NotStarted: 4, Submitted: 1, WaitingReviews: 1, Passed: 2, Retry: 1},
			"finance": {People: 8, NotStarted: 6, Submitted: 1, WaitingReviews: 1, Passed: 1, Overdue: 6},
		} {
			n, err := p.programmes.Numbers(ctx, tara, named("programme", key), "")
			if err != nil {
				t.Fatal(err)
			}
			got := n.Total
			got.OldestWaitingAt = nil
			if got != want {
				t.Errorf("%s: %+v, want %+v", key, got, want)
			}
		}
		k.waits(t, c, p)
	})
}

// waits looks at what is there to be done for whoever signs in.
func (k *kit) waits(t *testing.T, c *Company, p *past) {
	t.Helper()
	ctx := t.Context()
	marco, err := c.actor(ctx, "marco")
	if err != nil {
		t.Fatal(err)
	}
	queue, sum, err := p.reviews.List(ctx, marco, review.Filter{Box: review.Mine, Limit: 10})
	if err != nil || len(queue) != 2 || sum.Count != 2 {
		t.Errorf("Marco has %d reviews to give, summary %+v, %v", len(queue), sum, err)
	}
	rita, err := c.actor(ctx, "rita")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := p.programmes.Parts(ctx, rita)
	if err != nil || len(parts) != 2 {
		t.Fatalf("Rita takes part in %d programmes, %v", len(parts), err)
	}
	for _, part := range parts {
		last := part.All[len(part.All)-1]
		switch part.Programme.ID {
		case named("programme", "price"):
			if last.Decision != programme.TryAgain || last.AcknowledgedAt != nil || len(part.RetryCriteria) != 1 {
				t.Errorf("Rita has no news of her retry: %+v", last)
			}
		default:
			if last.Decision != programme.Pass || part.State != programme.Passed {
				t.Errorf("Rita has not passed: %+v", last)
			}
		}
	}
}

func TestTriesFitTheirRubrics(t *testing.T) {
	for _, x := range courses() {
		for _, y := range x.attempts {
			looked := 0
			for i, level := range y.levels {
				if level < 0 || level > len(x.criteria[i].Levels) {
					t.Errorf("%s %s: level %d of %s", x.key, y.key, level, x.criteria[i].Name)
				}
				if level > 0 {
					looked++
				}
			}
			switch {
			case (y.reviewed == 0) != (len(y.levels) == 0) || y.reviewed > 0 && (len(y.levels) != len(x.criteria) || looked == 0):
				t.Errorf("%s %s: reviewed %v days ago with %d levels", x.key, y.key, y.reviewed, len(y.levels))
			case y.reviewed >= y.age, y.age >= x.opened:
				t.Errorf("%s %s: opened, tried, reviewed %v, %v, %v days ago", x.key, y.key, x.opened, y.age, y.reviewed)
			case (y.decision == programme.TryAgain) != (len(y.retry) > 0):
				t.Errorf("%s %s: %s with %d criteria to try again", x.key, y.key, y.decision, len(y.retry))
			}
		}
	}
}
