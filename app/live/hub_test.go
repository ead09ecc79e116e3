package live

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// counts says how often a hub's first listener came and its last one went.
type counts struct{ begun, ended int }

func countedHub() (*hub, *counts) {
	c := &counts{}
	return newHub(func() { c.begun++ }, func() { c.ended++ }), c
}

func isDone(l *Listener) bool {
	select {
	case <-l.Done():
		return true
	default:
		return false
	}
}

func isReady(l *Listener) bool {
	select {
	case <-l.Ready():
		return true
	default:
		return false
	}
}

func TestHubLimitsAPerson(t *testing.T) {
	h, c := countedHub()
	other := h.add(people.Actor{PersonID: "ben"})
	var all []*Listener
	for range perPerson + 2 {
		all = append(all, h.add(people.Actor{PersonID: "ana"}))
	}
	for i, l := range all {
		if isDone(l) != (i < 2) || l.Crowded() != (i < 2) {
			t.Errorf("listener %d ended: %v, crowded out: %v", i, isDone(l), l.Crowded())
		}
	}
	if isDone(other) || h.count != perPerson+1 {
		t.Errorf("ben ended: %v; %d listeners", isDone(other), h.count)
	}
	for _, l := range append(all, other, other) { // those that were ended too, and one twice
		l.Close()
	}
	if !isDone(other) || other.Crowded() || h.count != 0 || len(h.byPerson) != 0 || *c != (counts{1, 1}) {
		t.Errorf("%d listeners of %d persons, %+v", h.count, len(h.byPerson), c)
	}
	if h.add(people.Actor{PersonID: "ana"}) == nil || *c != (counts{2, 1}) {
		t.Errorf("begins again: %+v", c)
	}
}

func TestHubCloses(t *testing.T) {
	h, c := countedHub()
	l := h.add(people.Actor{PersonID: "ana"})
	h.close()
	h.close()
	l.Close()
	if !isDone(l) || h.add(people.Actor{PersonID: "ana"}) != nil || *c != (counts{1, 1}) {
		t.Errorf("after close: %v, %+v", isDone(l), c)
	}
	h, c = countedHub()
	if h.close(); *c != (counts{}) {
		t.Errorf("closed without listeners: %+v", c)
	}
}

func TestSlowListener(t *testing.T) {
	h, _ := countedHub()
	l := h.add(people.Actor{PersonID: "ana"})
	if isReady(l) {
		t.Error("ready before anything was told")
	}
	l.hello(3)
	for version := range int64(5) {
		l.video(video.Video{ID: "a", Version: version})
		l.video(video.Video{ID: "b", Version: version})
		l.unread(int(version))
	}
	if !isReady(l) || isReady(l) {
		t.Error("not signalled once")
	}
	e := l.Take()
	if !e.Hello || *e.Unread != 4 || len(e.Videos) != 2 || e.Videos[0].ID != "a" || e.Videos[0].Version != 4 || e.Videos[1].Version != 4 {
		t.Errorf("%+v", e)
	}
	if e := l.Take(); e.Hello || e.Unread != nil || len(e.Videos) != 0 {
		t.Errorf("told twice: %+v", e)
	}
	for i := range maxWaiting + 10 {
		l.video(video.Video{ID: fmt.Sprint(i)})
	}
	if e := l.Take(); !e.Hello || len(e.Videos) != 9 { // the one that was too much is gone with those before it
		t.Errorf("too much: hello %v, %d videos", e.Hello, len(e.Videos))
	}
}

// TestHubInParallel is for the race detector: nothing is told twice, and the last one out ends the following.
func TestHubInParallel(t *testing.T) {
	h, c := countedHub()
	var work sync.WaitGroup
	for i := range 16 {
		work.Go(func() {
			for range 50 {
				l := h.add(people.Actor{PersonID: fmt.Sprint(i % 3)})
				for _, p := range h.persons() {
					for _, other := range h.of(p) {
						other.video(video.Video{ID: "a"})
					}
				}
				l.Take()
				l.Close()
			}
		})
	}
	work.Wait()
	if h.count != 0 || len(h.byPerson) != 0 || c.begun != c.ended || c.begun == 0 {
		t.Errorf("%d listeners, %+v", h.count, c)
	}
}
