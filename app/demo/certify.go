package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
)

// The people of Marco's team take part in two programmes, made, tried and reviewed through the use cases.
const (
	certified = "North"
	reviewer  = "marco"
	setsUp    = "tara"
)

// certify makes the programmes and what became of them. It comes last: what is played and searched is worth
// more to whoever has just signed in.
func (c *Company) certify(ctx context.Context, t *past) error {
	for _, x := range courses() {
		if err := c.step(ctx, "course "+x.key, func() error { return c.launch(ctx, t, x) }); err != nil {
			return err
		}
		for _, y := range x.attempts {
			if err := c.step(ctx, "tried "+x.key+" "+y.key, func() error {
				return c.shrug(ctx, c.attempt(ctx, t, x, y), "attempt "+y.key)
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// launch makes a rubric and a programme of it, and opens that.
func (c *Company) launch(ctx context.Context, t *past, x course) error {
	a, err := c.actor(ctx, setsUp)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t.clock.set(c.at(x.opened))
	teams, err := t.people.ListTeams(ctx, a)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(teams, func(v people.TeamView) bool { return v.Name == certified })
	if i < 0 {
		return nil // somebody who plays with the company has dissolved it
	}
	r, err := t.rubrics.Make(ctx, a, named("rubric", x.key), x.rubric, x.criteria)
	if err != nil {
		return err
	}
	model, err := c.model(ctx, x.model)
	if err != nil {
		return err
	}
	id := named("programme", x.key)
	if _, err := t.programmes.Make(ctx, a, id, func(p *programme.Programme) {
		p.Name, p.Brief, p.RubricVersionID, p.TargetMS = x.name, x.brief, r.Current().ID, 45_000
		p.Model = programme.Model{VideoID: model}
		p.Rules = []programme.Rule{{TeamID: teams[i].ID, Role: people.Rep}}
		p.Due = programme.Due{Kind: programme.DueDays, Days: x.due}
		p.AttemptsMax, p.ValidDays, p.RenewDays, p.Peers, p.MustSay = 3, 365, 30, programme.PeersAfter, x.must
	}); err != nil {
		return err
	}
	if _, err := t.programmes.Launch(ctx, a, id); err != nil {
		return err
	}
	_, err = t.programmes.Sync(ctx, id)
	return err
}

// model gives the video of a take by its key, or "" where there is none (any more).
func (c *Company) model(ctx context.Context, key string) (string, error) {
	i := slices.IndexFunc(c.plan.takes, func(x take) bool { return x.key == key })
	if i < 0 {
		return "", nil
	}
	_, v, err := c.find(ctx, c.plan.takes[i])
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return v.ID, err
}

// enrolled gives who tries, and their enrolment in the course.
func (c *Company) enrolled(ctx context.Context, t *past, x course, y try) (people.Actor, programme.Part, error) {
	a, err := c.actor(ctx, y.person)
	if err != nil {
		return a, programme.Part{}, err
	}
	parts, err := t.programmes.Parts(ctx, a)
	if err != nil {
		return a, programme.Part{}, err
	}
	i := slices.IndexFunc(parts, func(p programme.Part) bool { return p.Programme.ID == named("programme", x.key) })
	if i < 0 {
		return a, programme.Part{}, fault.Missing("enrolment")
	}
	return a, parts[i], nil
}

// recording is the take of a try, to be filmed like any other.
func (y try) recording(x course) take {
	return take{key: "try-" + x.key + "-" + y.key, author: y.person, title: x.name, days: y.age + 0.02, said: y.said}
}

// attempt films a practice, submits it, and has it reviewed.
func (c *Company) attempt(ctx context.Context, t *past, x course, y try) error {
	a, part, err := c.enrolled(ctx, t, x, y)
	if err != nil {
		return err
	}
	film := y.recording(x)
	if _, _, err := c.find(ctx, film); fault.Is(err, fault.NotFound) {
		if err := c.practise(ctx, t, a, film, part.ID); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	var v video.Video
	if err := c.await(ctx, func() (bool, error) {
		_, v, err = c.find(ctx, film)
		if v.State == video.Failed {
			return false, fault.New(fault.Conflict, "video_not_playable", v.Failure)
		}
		return v.State == video.Playable || v.State == video.Ready, err
	}); err != nil {
		return err
	}
	return c.judge(ctx, t, x, y, v)
}

// practise records a practice for an enrolment.
func (c *Company) practise(ctx context.Context, t *past, a people.Actor, film take, enrolment string) (err error) {
	dir, err := os.MkdirTemp(c.parts.WorkDir, video.WorkPrefix+"demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	path, err := c.studio.record(ctx, dir, film, c.plan.cast[c.plan.row(film.author)], false)
	if err != nil {
		return err
	}
	t.clock.set(c.at(film.days))
	return c.send(ctx, t, a, path, sending{clientID: clientID(film, 0), title: film.title, kind: video.Practice, of: enrolment})
}

// judge submits a take that plays, and sends the review of it if there is one yet.
func (c *Company) judge(ctx context.Context, t *past, x course, y try, v video.Video) error {
	a, part, err := c.enrolled(ctx, t, x, y)
	if err != nil {
		return err
	}
	t.clock.set(c.at(y.age))
	attempt, err := t.programmes.Submit(ctx, a, part.ID, programme.NewAttempt{ID: named("attempt", x.key, y.key), VideoID: v.ID})
	if err != nil || y.reviewed == 0 || attempt.State == programme.Settled {
		return err
	}
	by, err := c.actor(ctx, reviewer)
	if err != nil {
		return err
	}
	t.clock.set(c.at(y.reviewed))
	waiting, _, err := t.reviews.List(ctx, by, review.Filter{Box: review.Mine, Limit: 100})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(waiting, func(w review.Item) bool { return w.AttemptID == attempt.ID })
	if i < 0 {
		return fault.Missing("review")
	}
	content, err := c.content(ctx, t, attempt, y, v)
	if err != nil {
		return err
	}
	if _, err := t.reviews.Send(ctx, by, waiting[i].ID, nil, content); err != nil || !y.seen {
		return err
	}
	t.clock.set(c.at(y.reviewed - 0.1))
	_, err = t.programmes.Acknowledge(ctx, a, attempt.ID)
	return err
}

// content is what the reviewer says of a try, in the ids of the rubric.
func (c *Company) content(ctx context.Context, t *past, a programme.Attempt, y try, v video.Video) (review.Content, error) {
	version, err := t.rubrics.Version(ctx, a.RubricVersionID)
	if err != nil {
		return review.Content{}, err
	}
	if len(version.Criteria) != len(y.levels) {
		return review.Content{}, fmt.Errorf("try %s has %d levels for %d criteria", y.key, len(y.levels), len(version.Criteria))
	}
	out := review.Content{Levels: programme.Levels{}, Decision: y.decision, Message: y.message}
	for i, criterion := range version.Criteria {
		if y.levels[i] > 0 {
			out.Levels[criterion.ID] = y.levels[i]
		}
	}
	for _, i := range y.retry {
		out.RetryCriteria = append(out.RetryCriteria, version.Criteria[i].ID)
	}
	for _, n := range y.notes {
		out.Notes = append(out.Notes, review.Note{ID: named("remark", a.ID, n.text), AtMS: int64(n.at * float64(v.DurationMS)), Kind: n.kind, Text: n.text})
	}
	return out, nil
}
