package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

const (
	// askEvery is how often a node asks for changes that other nodes made; its own wake it at once.
	askEvery = time.Second
	// restFor is how long is waited at least between two looks: of what changes many times in a moment, as
	// an import of videos does, the last state is enough.
	restFor = 50 * time.Millisecond
	// placeWithin is how long a listener waits for the follower to find its place.
	placeWithin = 10 * time.Second
	// checkEvery is how often listeners are asked for whose session or token has ended; an event is handed
	// out only where that was looked up within believeFor.
	checkEvery = 5 * time.Second
	believeFor = time.Second
)

// Service tells the listeners of this node what changes.
type Service struct {
	db      *db.DB
	videos  *video.Service
	notices *notice.Service
	dir     *people.Directory
	log     *slog.Logger
	hub     *hub
	wake    chan struct{}

	mu        sync.Mutex
	running   *run
	followers sync.WaitGroup
}

// run is a follower at work.
type run struct {
	cancel context.CancelFunc
	// placed is closed once the follower knows where it begins: what changes after that is told.
	placed chan struct{}
}

// New makes the service. Nothing runs until somebody listens.
func New(d *db.DB, videos *video.Service, notices *notice.Service, dir *people.Directory, log *slog.Logger) *Service {
	s := &Service{db: d, videos: videos, notices: notices, dir: dir, log: log, wake: make(chan struct{}, 1)}
	s.hub = newHub(s.begin, s.end)
	return s
}

// Listen begins to tell an actor, who came with a session or token, of what changes from now on; the first
// event is Hello. Errors: Unavailable.
func (s *Service) Listen(ctx context.Context, a people.Actor) (*Listener, error) {
	l := s.hub.add(a)
	if l == nil {
		return nil, unavailable("stopping", "This server is stopping. Connect again in a moment.")
	}
	unread, err := s.settle(ctx, l)
	if err != nil {
		l.Close()
		return nil, err
	}
	l.hello(unread)
	return l, nil
}

// settle waits until nothing can be missed any more, and then says how things are.
func (s *Service) settle(ctx context.Context, l *Listener) (unread int, err error) {
	s.mu.Lock()
	placed := s.running.placed
	s.mu.Unlock()
	late := time.NewTimer(placeWithin)
	defer late.Stop()
	select {
	case <-placed:
		return s.notices.Unread(ctx, l.actor)
	case <-l.done:
		return 0, unavailable("stopping", "This server is stopping. Connect again in a moment.")
	case <-late.C:
		return 0, unavailable("database_slow", "The database does not answer. Connect again in a moment.")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func unavailable(code, detail string) error {
	e := fault.New(fault.Unavailable, code, detail)
	e.RetryAfter = 3 * time.Second
	return e
}

// Wake makes the follower look for changes now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// Stop ends all listeners and the follower, and waits for that. Nobody can listen any more.
func (s *Service) Stop() {
	s.hub.close()
	s.followers.Wait()
}

func (s *Service) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{cancel: cancel, placed: make(chan struct{})}
	s.mu.Lock()
	s.running = r
	s.mu.Unlock()
	s.followers.Go(func() { s.follow(ctx, r.placed) })
}

func (s *Service) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running.cancel()
}
