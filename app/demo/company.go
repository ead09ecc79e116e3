package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/upload"
)

// Parts are the pieces of the running product that the company is made with.
type Parts struct {
	Node    string
	DB      *db.DB
	Store   media.Store
	Jobs    *jobs.Client
	People  *people.Directory
	Videos  *video.Service
	Notices *notice.Service
	Uploads *upload.Store
	// TellOfAsks has notices written of asks.
	TellOfAsks func(*ask.Service, *notice.Service)
	// UploadPath is where the upload store is mounted.
	UploadPath string
	// FFmpeg is the program; empty where there is none, and then no videos are made.
	FFmpeg string
	// WorkDir holds private folders, which are swept at the next start.
	WorkDir string
	// Takes limits how many takes are made, the first of the order; 0 makes all. For tests.
	Takes int
	Log   *slog.Logger
}

// Company is the made-up company in a database.
type Company struct {
	parts Parts
	plan  *plan
	// begun is when the company was begun: all times are counted back from it.
	begun  time.Time
	studio *studio
}

// Open takes an empty database for the company, or goes on with one that is the company's already, and makes
// its people, so that they can sign in once it returns. ErrForeign where the database is somebody's own.
func Open(ctx context.Context, p Parts) (*Company, error) {
	begun, err := claim(ctx, p.DB)
	if err != nil {
		return nil, err
	}
	c := &Company{parts: p, plan: newPlan(), begun: begun.UTC()}
	if p.Takes > 0 {
		some := c.plan.order()[:min(p.Takes, len(c.plan.takes))]
		c.plan.takes = slices.DeleteFunc(c.plan.takes, func(x take) bool {
			return !slices.ContainsFunc(some, func(y take) bool { return y.key == x.key })
		})
	}
	return c, c.hire(ctx)
}

// hire makes the teams and people, fifteen months ago.
func (c *Company) hire(ctx context.Context) error {
	t := newPast(c.parts)
	t.clock.set(at(c.begun, 455))
	return c.step(ctx, "people", func() error {
		teamIDs, err := c.found(ctx, t)
		if err != nil {
			return err
		}
		for _, m := range c.plan.cast {
			n := people.NewPerson{Email: m.email(), Name: m.name, Roles: []people.Role{m.role}}
			if m.signIn {
				n.Password = Password
			}
			if _, err := t.people.AddPerson(ctx, people.System(), n); err != nil && !isCode(err, "email_taken") {
				return err
			}
			p, err := t.people.PersonByEmail(ctx, m.email())
			if err != nil {
				return err
			}
			if m.team != "" {
				err = t.people.Place(ctx, people.System(), teamIDs[m.team], p.ID, people.AsMember)
			}
			if m.leads != "" {
				err = errors.Join(err, t.people.Place(ctx, people.System(), teamIDs[m.leads], p.ID, people.AsManager))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// found makes the teams that are not there yet, and gives the ids of all.
func (c *Company) found(ctx context.Context, t *past) (map[string]string, error) {
	have, err := t.people.ListTeams(ctx, people.System())
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, x := range teams() {
		if i := slices.IndexFunc(have, func(v people.TeamView) bool { return v.Name == x.name }); i >= 0 {
			ids[x.key] = have[i].ID
			continue
		}
		var above *string
		if id, ok := ids[x.above]; ok {
			above = &id
		}
		made, err := t.people.AddTeam(ctx, people.System(), x.name, above)
		if err != nil {
			return nil, err
		}
		ids[x.key] = made.ID
	}
	return ids, nil
}

// step does something once: what is done is noted when it returns, and not done again.
func (c *Company) step(ctx context.Context, name string, do func() error) error {
	done, err := steps(ctx, c.parts.DB)
	if err != nil || done[name] {
		return err
	}
	if err := do(); err != nil {
		return fmt.Errorf("demo, %s: %w", name, err)
	}
	return finish(ctx, c.parts.DB, name)
}

// actor gives one of the people as who acts.
func (c *Company) actor(ctx context.Context, key string) (people.Actor, error) {
	p, err := c.parts.People.PersonByEmail(ctx, c.plan.cast[c.plan.row(key)].email())
	if err != nil {
		return people.Actor{}, err
	}
	return c.parts.People.ActorFor(ctx, p.ID)
}

// ages begin at the company's beginning.
func (c *Company) at(age float64) time.Time { return at(c.begun, age) }

// prepare makes what needs no videos: words, deals, who follows whom, and what is asked.
func (c *Company) prepare(ctx context.Context, t *past) error {
	for _, s := range []struct {
		name string
		age  float64
		do   func(context.Context, *past) error
	}{{"vocabulary", 450, c.teach}, {"follows", 300, c.follow}, {"asks", 1, c.ask}, {"deals", 0.5, c.importDeals}} {
		t.clock.set(c.at(s.age))
		if err := c.step(ctx, s.name, func() error { return s.do(ctx, t) }); err != nil {
			return err
		}
	}
	return nil
}

func (c *Company) teach(ctx context.Context, t *past) error {
	trainer, err := c.actor(ctx, "tara")
	if err != nil {
		return err
	}
	have, err := t.words.Terms(ctx)
	if err != nil {
		return err
	}
	for _, x := range terms() {
		d := vocabulary.Draft{Kind: vocabulary.Kind(x[0]), Label: x[1], Description: x[2], Keywords: x[3:]}
		if slices.ContainsFunc(have, func(h vocabulary.Term) bool { return h.Kind == d.Kind && h.Label == d.Label }) {
			continue
		}
		if _, err := t.words.Add(ctx, trainer, d); err != nil {
			return err
		}
	}
	var glossary []vocabulary.Entry
	for _, x := range corrections() {
		glossary = append(glossary, vocabulary.Entry{Heard: x[0], Written: x[1]})
	}
	_, err = t.words.SetGlossary(ctx, trainer, glossary)
	return err
}

func (c *Company) importDeals(ctx context.Context, t *past) error {
	trainer, err := c.actor(ctx, "tara")
	if err != nil {
		return err
	}
	r, err := t.outcomes.Import(ctx, trainer, outcome.ImportRequest{Filename: "halyard-deals.csv", Body: strings.NewReader(c.plan.csvFile(c.begun))})
	if err != nil {
		return err
	}
	if r.Failed > 0 || len(r.UnmatchedOwners) > 0 {
		return fmt.Errorf("%d of %d deals refused, %d owners unknown", r.Failed, r.Rows, len(r.UnmatchedOwners))
	}
	return nil
}

func (c *Company) follow(ctx context.Context, t *past) error {
	for _, f := range follows(c.plan) {
		a, err := c.actor(ctx, f[0])
		if err != nil {
			return err
		}
		b, err := c.actor(ctx, f[1])
		if err != nil {
			return err
		}
		if err := t.people.Follow(ctx, a, b.PersonID); err != nil {
			return err
		}
	}
	return nil
}

// named gives the same UUID for the same words, for acts whose id the sender chooses.
func named(words ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://"+domain+"/"+strings.Join(words, "/"))).String()
}

func isCode(err error, code string) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == code
}
