package live

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// place is where a follower stands in both feeds.
type place struct{ videos, notices feed }

func find(ctx context.Context, d *db.DB) (*place, error) {
	videos, err := videoChanges.tail(ctx, d)
	if err != nil {
		return nil, err
	}
	notices, err := noticeChanges.tail(ctx, d)
	if err != nil {
		return nil, err
	}
	return &place{beginAt(videos, d.Now()), beginAt(notices, d.Now())}, nil
}

// follower reads the feeds for all listeners of a node.
type follower struct {
	*Service
	place   *place // nil until it is found
	placed  chan<- struct{}
	epoch   int64
	actors  map[string]people.Actor // by person, as of epoch
	checked map[string]checked      // by session or token
}

type checked struct {
	at    time.Time
	alive bool
}

func (s *Service) follow(ctx context.Context, placed chan<- struct{}) {
	f := &follower{Service: s, placed: placed, actors: map[string]people.Actor{}, checked: map[string]checked{}}
	tick, check := time.NewTicker(askEvery), time.NewTicker(checkEvery)
	defer tick.Stop()
	defer check.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		if err := f.pass(ctx); err != nil && ctx.Err() == nil {
			// The listeners are told later; asking again is all that can be done.
			s.log.WarnContext(ctx, "live events fall behind", "error", err)
		}
		rest.Reset(restFor)
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		case <-check.C:
			f.sweep(ctx)
		}
	}
}

// pass tells what is new in both feeds.
func (f *follower) pass(ctx context.Context) (err error) {
	if f.place == nil {
		if f.place, err = find(ctx, f.db); err != nil {
			return err
		}
		close(f.placed)
	}
	for {
		more, err := f.read(ctx)
		if err != nil || !more {
			return err
		}
	}
}

func (f *follower) read(ctx context.Context) (more bool, err error) {
	now := f.db.Now()
	changedVideos, err := videoChanges.after(ctx, f.db, f.place.videos.last, f.place.videos.open(now))
	if err != nil {
		return false, err
	}
	changedNotices, err := noticeChanges.after(ctx, f.db, f.place.notices.last, f.place.notices.open(now))
	if err != nil || len(changedVideos)+len(changedNotices) == 0 {
		return false, err
	}
	if err := f.renew(ctx); err != nil {
		return false, err
	}
	// The place moves on only once everybody is told: after an error it is tried again from here.
	videos, notices := f.place.videos.clone(), f.place.notices.clone()
	if err := f.tellVideos(ctx, videos.take(changedVideos, now)); err != nil {
		return false, err
	}
	if err := f.tellNotices(ctx, notices.take(changedNotices, now)); err != nil {
		return false, err
	}
	f.place.videos, f.place.notices = videos, notices
	return len(changedVideos) == feedPage || len(changedNotices) == feedPage, nil
}

func (f *follower) tellVideos(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	videos, err := f.videos.Now(ctx, ids)
	if err != nil {
		return err
	}
	for _, person := range f.hub.persons() {
		a, err := f.actor(ctx, person)
		if err != nil {
			return err
		}
		var seen []video.Video
		for _, v := range videos {
			if video.Concerns(a, v) {
				seen = append(seen, v)
			}
		}
		if len(seen) == 0 {
			continue
		}
		if err := f.each(ctx, person, func(l *Listener) {
			for _, v := range seen {
				l.video(v)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) tellNotices(ctx context.Context, persons []string) error {
	for _, person := range persons {
		if len(f.hub.of(person)) == 0 {
			continue
		}
		a, err := f.actor(ctx, person)
		if err != nil {
			return err
		}
		n, err := f.notices.Unread(ctx, a)
		if err != nil {
			return err
		}
		if err := f.each(ctx, person, func(l *Listener) { l.unread(n) }); err != nil {
			return err
		}
	}
	return nil
}

// renew forgets what people may see when that has changed for anybody.
func (f *follower) renew(ctx context.Context) error {
	epoch, err := directoryEpoch(ctx, f.db)
	if err == nil && epoch != f.epoch {
		clear(f.actors)
		f.epoch = epoch
	}
	return err
}

// actor gives a person as far as what they may see goes; nobody for one who is gone.
func (f *follower) actor(ctx context.Context, person string) (people.Actor, error) {
	if a, ok := f.actors[person]; ok {
		return a, nil
	}
	a, err := f.dir.ActorFor(ctx, person)
	if fault.Is(err, fault.NotFound) {
		return people.Actor{}, nil
	}
	if err == nil {
		f.actors[person] = a
	}
	return a, err
}

// each hands something to a person's listeners whose session or token holds, and ends the others.
func (f *follower) each(ctx context.Context, person string, tell func(*Listener)) error {
	for _, l := range f.hub.of(person) {
		alive, err := f.alive(ctx, l)
		if err != nil {
			return err
		}
		if alive {
			tell(l)
		} else {
			l.Close()
		}
	}
	return nil
}

// alive says whether what a listener came with has not ended, as was looked up within believeFor.
func (f *follower) alive(ctx context.Context, l *Listener) (bool, error) {
	credential := l.actor.Session
	if c, ok := f.checked[credential]; ok && time.Since(c.at) < believeFor {
		return c.alive, nil
	}
	at := time.Now()
	alive, err := f.dir.StillSignedIn(ctx, credential)
	if err == nil {
		f.checked[credential] = checked{at, alive}
	}
	return alive, err
}

// sweep ends the listeners whose session or token has ended.
func (f *follower) sweep(ctx context.Context) {
	before := f.checked
	f.checked = make(map[string]checked, len(before)) // of those who are still here
	for _, person := range f.hub.persons() {
		if err := f.each(ctx, person, func(*Listener) {}); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "sessions of live events not looked up", "error", err)
			return
		}
	}
}
