package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

const (
	// lookEvery is how often the making looks whether the pipeline has come further.
	lookEvery = 500 * time.Millisecond
	// ahead is how many takes wait for the pipeline before another is filmed: filming and encoding share two
	// cores, and whoever watches wants finished videos. The first ones are filmed without waiting.
	ahead, firstTakes = 3, 5
	// tries is how often a take that failed without reason is tried again.
	tries = 2
	// patience is how long to wait before something that went wrong is done again.
	patience = 5 * time.Second
	// seen is how old notices are that were read.
	seen = 48 * time.Hour
)

// Make makes what is missing of the company, until all is there or ctx ends. What goes wrong is logged and
// tried again; it never returns an error, since the product runs without it.
func (c *Company) Make(ctx context.Context) {
	for try := 1; ctx.Err() == nil; try++ {
		err := c.makeAll(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		c.parts.Log.WarnContext(ctx, "the demo company is not complete; going on", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(patience * time.Duration(min(try, 12))):
		}
	}
}

func (c *Company) makeAll(ctx context.Context) error {
	done, err := steps(ctx, c.parts.DB)
	if err != nil || done["complete"] {
		return err
	}
	started := time.Now()
	if err := c.prepare(ctx, newPast(c.parts)); err != nil {
		return err
	}
	if c.parts.FFmpeg == "" {
		c.parts.Log.WarnContext(ctx, "the demo company has no videos: ffmpeg is not installed")
		return nil
	}
	if c.studio, err = openStudio(ctx, c.parts.FFmpeg); err != nil {
		return err
	}
	if c.studio.speaker == "" {
		c.parts.Log.WarnContext(ctx, "this machine has no voice (ffmpeg without flite, no espeak-ng): one hears a soft tone in the demo's videos, and their words are captions")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var filming sync.WaitGroup
	var ferr error
	filming.Go(func() {
		if ferr = c.film(ctx); ferr != nil {
			cancel()
		}
	})
	herr := c.live(ctx)
	if herr != nil {
		cancel()
	}
	filming.Wait()
	if err := errors.Join(ferr, herr); err != nil {
		return err
	}
	c.parts.Log.InfoContext(ctx, "the demo company is complete", "takes", len(c.plan.takes), "in", time.Since(started).Round(time.Second).String())
	return finish(ctx, c.parts.DB, "complete")
}

// film records and sends the takes that were not sent yet.
func (c *Company) film(ctx context.Context) error {
	t := newPast(c.parts)
	var working []take // filmed, and not yet worked through by the pipeline
	all := c.plan.order()
	for i, x := range all {
		err := c.await(ctx, func() (bool, error) {
			var err error
			working, err = c.unfinished(ctx, working)
			return i < firstTakes || len(working) < ahead, err
		})
		if err != nil {
			return err
		}
		err = c.step(ctx, "filmed "+x.key, func() error {
			c.parts.Log.InfoContext(ctx, "the demo company films a take", "take", fmt.Sprintf("%d of %d", i+1, len(all)), "title", x.title)
			return c.filmOne(ctx, t, x)
		})
		if err != nil {
			return err
		}
		working = append(working, x)
	}
	return nil
}

// unfinished gives those of the takes that the pipeline still works on.
func (c *Company) unfinished(ctx context.Context, takes []take) ([]take, error) {
	var out []take
	for _, x := range takes {
		_, v, err := c.find(ctx, x)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return takes, err
		}
		if v.State != video.Ready && v.State != video.Failed {
			out = append(out, x)
		}
	}
	return out, nil
}

func (c *Company) await(ctx context.Context, cond func() (bool, error)) error {
	for {
		ok, err := cond()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// clientID is the sender's own id of a take's upload; a later one is for when a recording of another length
// was begun under the first (the process was killed, and came back with another ffmpeg).
func clientID(t take, try int) string {
	if try == 0 {
		return "demo-" + t.key
	}
	return fmt.Sprintf("demo-%s-%d", t.key, try+1)
}

// find gives the video of a take; NotFound while there is none, or where somebody has deleted it.
func (c *Company) find(ctx context.Context, t take) (people.Actor, video.Video, error) {
	a, err := c.actor(ctx, t.author)
	if err != nil {
		return a, video.Video{}, err
	}
	for try := range 3 {
		all, err := c.parts.Videos.OwnUploads(ctx, a, video.UploadFilter{ClientID: clientID(t, try), Limit: 1})
		if err != nil {
			return a, video.Video{}, err
		}
		if len(all) > 0 && all[0].State == video.Finished && all[0].VideoID != nil {
			v, err := c.parts.Videos.Get(ctx, a, *all[0].VideoID)
			return a, v, err
		}
	}
	return a, video.Video{}, fault.Missing("video")
}

func (c *Company) filmOne(ctx context.Context, t *past, x take) error {
	a, err := c.actor(ctx, x.author)
	if fault.Is(err, fault.NotFound) {
		return nil // somebody who plays with the company has sent them away
	}
	if err != nil {
		return err
	}
	_, v, err := c.find(ctx, x)
	if fault.Is(err, fault.NotFound) {
		if err = c.record(ctx, t, x, a); err != nil {
			return err
		}
		if _, v, err = c.find(ctx, x); fault.Is(err, fault.NotFound) {
			return nil // or deleted their take
		}
	}
	if err != nil {
		return err
	}
	// The author sees what they have, and publishes it.
	t.clock.set(c.at(x.days - 0.01))
	return c.publish(ctx, t, a, v.ID, x)
}

func (c *Company) record(ctx context.Context, t *past, x take, a people.Actor) (err error) {
	dir, err := os.MkdirTemp(c.parts.WorkDir, video.WorkPrefix+"demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	path, err := c.studio.record(ctx, dir, x, c.plan.cast[c.plan.row(x.author)], c.plan.lying(x))
	if err != nil {
		return err
	}
	t.clock.set(c.at(x.days))
	for try := range 3 {
		if err = c.send(ctx, t, a, path, sending{clientID: clientID(x, try), title: x.title, kind: "take"}); !errors.Is(err, errConflict) {
			break
		}
	}
	return err
}

func (c *Company) publish(ctx context.Context, t *past, a people.Actor, id string, x take) error {
	w := x.where
	sit := video.Situation{Text: x.about, Stage: w.stage, Industry: w.industry, Persona: w.persona, Competitor: w.competitor, Product: w.product, Objection: w.objection}
	change := video.Change{Title: &x.title, Situation: &sit, Tactics: &x.tactics}
	if audience := people.Audience(x.audience); audience != people.Private {
		if audience == "" {
			audience = people.Everyone
		}
		change.Audience = &audience
	}
	_, err := t.videos.Change(ctx, a, id, change)
	return err
}

// live has people watch, use and talk about the takes, each as soon as the pipeline allows it.
func (c *Company) live(ctx context.Context) error {
	t := newPast(c.parts)
	for _, x := range c.plan.order() {
		if err := c.step(ctx, "watched "+x.key, func() error { return c.afterwards(ctx, t, x, played, c.watchOne) }); err != nil {
			return err
		}
		if err := c.step(ctx, "acted "+x.key, func() error { return c.afterwards(ctx, t, x, settled, c.actOne) }); err != nil {
			return err
		}
	}
	return c.certify(ctx, t)
}

func played(v video.Video) bool  { return v.Media.Progressive }
func settled(v video.Video) bool { return v.Media.Progressive && v.Transcript.Settled() }

// afterwards does something with a take's video once it has come so far. A take that failed is tried again,
// unless it was meant to; one that somebody has deleted is left alone.
func (c *Company) afterwards(ctx context.Context, t *past, x take, far func(video.Video) bool, do func(context.Context, *past, take, video.Video) error) error {
	var v video.Video
	gone, tried := false, 0
	err := c.await(ctx, func() (bool, error) {
		done, err := steps(ctx, c.parts.DB)
		if err != nil || !done["filmed "+x.key] {
			return false, err
		}
		a, now, err := c.find(ctx, x)
		if fault.Is(err, fault.NotFound) {
			gone = true
			return true, nil
		}
		if v = now; err != nil || far(v) {
			return err == nil, err
		}
		if v.State != video.Failed {
			return false, nil
		}
		if tried++; x.broken || tried > tries {
			gone = true
			return true, nil
		}
		_, err = c.parts.Videos.Retry(ctx, a, v.ID)
		return false, err
	})
	if err != nil || gone {
		return err
	}
	return do(ctx, t, x, v)
}

// shrug passes over what somebody who plays with the company has made impossible: people who left, videos
// that were hidden, deals that are gone.
func (c *Company) shrug(ctx context.Context, err error, what string) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal || f.Kind == fault.NoSpace {
		return err
	}
	c.parts.Log.DebugContext(ctx, "the demo company leaves something out", "what", what, "error", err)
	return nil
}

func (c *Company) watchOne(ctx context.Context, t *past, x take, v video.Video) error {
	for i, w := range c.plan.watched[x.key] {
		a, err := c.actor(ctx, w.person)
		if err == nil {
			t.clock.set(c.at(w.age))
			e := insight.Event{ID: w.id(i), VideoID: v.ID, FromMS: int64(w.from * float64(v.DurationMS)), ToMS: int64(w.to * float64(v.DurationMS)), At: c.at(w.age), Source: w.source}
			_, err = t.insights.Watch(ctx, a, []insight.Event{e})
		}
		if err := c.shrug(ctx, err, w.id(i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Company) actOne(ctx context.Context, t *past, x take, v video.Video) error {
	author, err := c.actor(ctx, x.author)
	if err != nil {
		return err
	}
	if c.studio.speaker == "" || v.Transcript == video.TranscriptNoModel || v.Transcript == video.TranscriptFailed {
		t.clock.set(c.at(x.days - 0.01))
		if _, err := t.videos.SetCaptions(ctx, author, v.ID, subtitles(x.said, v.DurationMS)); err != nil {
			return err
		}
	}
	moments, err := c.parts.Videos.MomentsOf(ctx, author, v.ID)
	if err != nil {
		return err
	}
	for _, d := range c.plan.acts[x.key] {
		t.clock.set(c.at(d.age))
		if err := c.shrug(ctx, c.do(ctx, t, d, momentAt(v, moments, d.moment)), d.id); err != nil {
			return err
		}
	}
	for _, n := range notes() {
		if n.take == x.key {
			if err := c.shrug(ctx, c.talk(ctx, t, n, v), n.text); err != nil {
				return err
			}
		}
	}
	return c.readOld(ctx, t)
}

// momentAt gives the moment of a video around a share of its length, or all of a video that has none.
func momentAt(v video.Video, moments []video.Moment, share float64) insight.On {
	on := insight.On{VideoID: v.ID}
	for _, m := range moments {
		on.StartMS, on.EndMS = m.StartMS, min(m.EndMS, v.DurationMS)
		if float64(m.EndMS) >= share*float64(v.DurationMS) {
			break
		}
	}
	return on
}

func (c *Company) do(ctx context.Context, t *past, d act, on insight.On) error {
	a, err := c.actor(ctx, d.person)
	if err != nil {
		return err
	}
	switch d.kind {
	case saved:
		_, err = t.insights.Keep(ctx, a, d.id, on)
	case used:
		in := insight.NewUse{ID: d.id, On: on, Comment: d.text}
		if d.deal != "" {
			mine, err := t.outcomes.List(ctx, a, outcome.Filter{Owner: "me", Query: d.deal, Limit: 1})
			if err != nil {
				return err
			}
			if len(mine) == 1 {
				in.DealID = mine[0].ID
			}
		}
		_, err = t.insights.UsedIt(ctx, a, in)
	case shared:
		to, terr := c.actor(ctx, d.to)
		if terr != nil {
			return terr
		}
		_, err = t.insights.Send(ctx, a, insight.Sending{ID: d.id, On: on, ToPersonID: to.PersonID, Message: d.text})
	}
	return err
}

// talk writes a note and what was answered.
func (c *Company) talk(ctx context.Context, t *past, n note, v video.Video) error {
	a, err := c.actor(ctx, n.person)
	if err != nil {
		return err
	}
	t.clock.set(c.at(n.age))
	id := named("note", n.take, n.person, n.text)
	if _, err := t.videos.WriteNote(ctx, a, v.ID, id, int64(n.at*float64(v.DurationMS)), n.text); err != nil {
		return err
	}
	for _, x := range n.answers {
		b, err := c.actor(ctx, x.person)
		if err != nil {
			return err
		}
		t.clock.set(c.at(x.age))
		if _, err := t.videos.Reply(ctx, b, v.ID, named("note", n.take, x.person, x.text), id, x.text); err != nil {
			return err
		}
	}
	return nil
}

// readOld has those who can sign in read what they were told long ago.
func (c *Company) readOld(ctx context.Context, t *past) error {
	for _, m := range c.plan.cast {
		if !m.signIn {
			continue
		}
		a, err := c.actor(ctx, m.key)
		if err != nil {
			return err
		}
		unread, err := t.notices.List(ctx, a, notice.Filter{Unread: true, Limit: 200})
		if err != nil {
			return err
		}
		var old []string
		for _, n := range unread {
			if n.CreatedAt.Before(c.begun.Add(-seen)) {
				old = append(old, n.ID)
			}
		}
		if len(old) == 0 {
			continue
		}
		t.clock.set(c.at(1))
		if _, err := t.notices.Read(ctx, a, old, false); err != nil {
			return err
		}
	}
	return nil
}

// ask has colleagues ask each other for takes.
func (c *Company) ask(ctx context.Context, t *past) error {
	for _, q := range questions() {
		from, err := c.actor(ctx, q.from)
		if err != nil {
			return err
		}
		to, err := c.actor(ctx, q.to)
		if err != nil {
			return err
		}
		n := ask.NewAsk{ID: named("ask", q.from, q.to, q.text), ToID: to.PersonID, Text: q.text}
		t.clock.set(c.at(q.age))
		_, err = t.asks.Make(ctx, from, n)
		if err := c.shrug(ctx, err, q.text); err != nil {
			return err
		}
	}
	return nil
}
