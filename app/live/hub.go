package live

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

const (
	// perPerson is how many listeners a person may have on a node: tabs and devices. One more ends the oldest.
	perPerson = 6
	// maxWaiting is how many videos a slow listener is remembered to be told of.
	maxWaiting = 200
)

// Events is what a listener is to be told of. Each part stands for how things are now, not for one change.
type Events struct {
	// Hello says that the listener has just begun, or has missed something: ask for everything again.
	Hello bool
	// Unread counts the person's unread notices; nil where nothing of them has changed.
	Unread *int
	// Videos have changed, each given once, as it stands.
	Videos []video.Video
}

// Listener is one connection of a person. Its methods may be called at any time.
type Listener struct {
	hub   *hub
	actor people.Actor // as it was when the connection was made

	mu      sync.Mutex
	waiting Events
	at      map[string]int // where a video stands in waiting.Videos

	ready   chan struct{}
	done    chan struct{}
	end     sync.Once
	crowded atomic.Bool
}

// Ready is signalled when there is something to Take.
func (l *Listener) Ready() <-chan struct{} { return l.ready }

// Done is closed when the listener has ended.
func (l *Listener) Done() <-chan struct{} { return l.done }

// Crowded says whether the listener has ended because its person began too many others.
func (l *Listener) Crowded() bool { return l.crowded.Load() }

// Take gives what the listener has not been told of, and forgets it.
func (l *Listener) Take() Events {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.waiting
	l.waiting = Events{}
	clear(l.at)
	return out
}

// Close ends the listener.
func (l *Listener) Close() { l.hub.remove(l) }

func (l *Listener) finish() { l.end.Do(func() { close(l.done) }) }

func (l *Listener) tell(fn func()) {
	l.mu.Lock()
	fn()
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default: // it is signalled already
	}
}

func (l *Listener) hello(unread int) {
	l.tell(func() {
		l.waiting = Events{Hello: true, Unread: &unread}
		clear(l.at)
	})
}

func (l *Listener) unread(n int) { l.tell(func() { l.waiting.Unread = &n }) }

func (l *Listener) video(v video.Video) {
	l.tell(func() {
		at, waits := l.at[v.ID]
		switch {
		case waits:
			l.waiting.Videos[at] = v
		case len(l.at) >= maxWaiting:
			l.waiting.Hello, l.waiting.Videos = true, nil
			clear(l.at)
		default:
			l.at[v.ID] = len(l.waiting.Videos)
			l.waiting.Videos = append(l.waiting.Videos, v)
		}
	})
}

// hub holds the listeners of a node.
type hub struct {
	mu       sync.Mutex
	byPerson map[string][]*Listener // oldest first
	count    int
	closed   bool
	// begun and ended are called, one at a time, when the first listener comes and the last has gone.
	begun, ended func()
}

func newHub(begun, ended func()) *hub {
	return &hub{byPerson: map[string][]*Listener{}, begun: begun, ended: ended}
}

// add makes a listener, and ends the person's oldest where they have too many; nil after close.
func (h *hub) add(a people.Actor) *Listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	l := &Listener{hub: h, actor: a, at: map[string]int{}, ready: make(chan struct{}, 1), done: make(chan struct{})}
	all := slices.Concat(h.byPerson[a.PersonID], []*Listener{l})
	if len(all) > perPerson {
		all[0].crowded.Store(true)
		all[0].finish()
		all = slices.Delete(all, 0, 1)
	} else if h.count++; h.count == 1 {
		h.begun()
	}
	h.byPerson[a.PersonID] = all
	return l
}

func (h *hub) remove(l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.finish()
	all := h.byPerson[l.actor.PersonID]
	at := slices.Index(all, l)
	if at < 0 {
		return // it was ended before
	}
	if all = slices.Delete(all, at, at+1); len(all) == 0 {
		delete(h.byPerson, l.actor.PersonID)
	} else {
		h.byPerson[l.actor.PersonID] = all
	}
	if h.count--; h.count == 0 && !h.closed {
		h.ended()
	}
}

// close ends all listeners; none can be added any more.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	for _, all := range h.byPerson {
		for _, l := range all {
			l.finish()
		}
	}
	if h.count > 0 {
		h.ended()
	}
	clear(h.byPerson)
	h.count = 0
}

// persons gives those who listen.
func (h *hub) persons() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]string, 0, len(h.byPerson))
	for p := range h.byPerson {
		out = append(out, p)
	}
	return out
}

// of gives the listeners of a person.
func (h *hub) of(person string) []*Listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.byPerson[person])
}
