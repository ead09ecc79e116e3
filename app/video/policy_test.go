package video

import (
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// TestPolicy is the whole table: every action for every relation to a video.
func TestPolicy(t *testing.T) {
	viewer := func(id string, roles ...people.Role) people.Actor {
		return people.Actor{PersonID: id, Roles: roles, Reach: people.Reach{Keys: []string{"e", "p:" + id}}}
	}
	deleted := time.Now()
	video := func(keys ...string) Video { return Video{AuthorID: "ana", Keys: append(keys, "p:ana")} }
	gone := video("e")
	gone.DeletedAt = &deleted
	all := []Action{View, Note, Edit, Curate, Audit, Download, "video.other", ""}
	for _, c := range []struct {
		name string
		a    people.Actor
		v    Video
		may  []Action
	}{
		{"the author", viewer("ana", people.Rep), video("e"), []Action{View, Note, Edit, Curate, Audit, Download}},
		{"the author of a private one", viewer("ana", people.Rep), video(), []Action{View, Note, Edit, Curate, Audit, Download}},
		{"a colleague who sees it", viewer("ben", people.Rep), video("e"), []Action{View, Note}},
		{"a manager who sees it", viewer("ben", people.Manager), video("e"), []Action{View, Note}},
		{"a trainer who sees it", viewer("ben", people.Trainer), video("e"), []Action{View, Note, Curate}},
		{"an admin who sees it", viewer("ben", people.Admin), video("e"), []Action{View, Note}},
		{"a trainer who does not", viewer("ben", people.Trainer), video(), nil},
		{"an admin who does not", viewer("ben", people.Admin), video(), nil},
		{"the command line", people.System(), video("e"), nil},
		{"nobody", people.Actor{}, video("e"), nil},
		{"the author of a deleted one", viewer("ana", people.Trainer), gone, []Action{Edit}},
		{"a trainer of a deleted one", viewer("ben", people.Trainer), gone, nil},
	} {
		for _, action := range all {
			want := false
			for _, may := range c.may {
				want = want || may == action
			}
			// The command line has the role of a trainer but sees nothing; nobody is nobody's author.
			if got := Can(c.a, action, c.v); got != want {
				t.Errorf("%s, %q: %v", c.name, action, got)
			}
		}
	}
	if Can(people.Actor{}, Edit, Video{}) {
		t.Error("nobody is the author of nobody's video")
	}
}

// TestNotePolicy: who may change and who may delete a note.
func TestNotePolicy(t *testing.T) {
	viewer := func(id string) people.Actor {
		return people.Actor{PersonID: id, Roles: []people.Role{people.Trainer}, Reach: people.Reach{Keys: []string{"e", "p:" + id}}}
	}
	v := Video{AuthorID: "ana", Keys: []string{"e", "p:ana"}}
	n := TimedNote{AuthorID: "ben"}
	for who, want := range map[string][2]bool{"ben": {true, true}, "ana": {false, true}, "cid": {false, false}} {
		if got := [2]bool{CanNote(viewer(who), v, n, false), CanNote(viewer(who), v, n, true)}; got != want {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
	v.Keys = []string{"p:ana"}
	if CanNote(viewer("ben"), v, n, true) {
		t.Error("its writer no longer sees the video")
	}
}

// TestSettle is the table of states.
func TestSettle(t *testing.T) {
	for _, c := range []struct {
		name string
		v    Video
		want State
	}{
		{"just received", Video{State: Processing}, Processing},
		{"kept, not playable", Video{State: Processing, Media: Media{Original: true}, Transcript: TranscriptReady}, Processing},
		{"failed stays failed", Video{State: Failed, Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptReady}, Failed},
		{"plays", Video{State: Processing, Media: Media{Progressive: true}}, Playable},
		{"plays, words to come", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptWaiting}, Playable},
		{"plays, words not begun", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptNone}, Playable},
		{"words first", Video{Media: Media{Progressive: true}, Transcript: TranscriptReady}, Playable},
		{"all there", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptReady}, Ready},
		{"no model", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptNoModel}, Ready},
		{"no sound", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptNoSound}, Ready},
		{"no words", Video{Media: Media{Progressive: true, HLS: true}, Transcript: TranscriptFailed}, Ready},
		{"no renditions, said why", Video{Media: Media{Progressive: true}, MediaNote: "x", Transcript: TranscriptReady}, Ready},
		{"worked on again", Video{State: Ready, Media: Media{Progressive: true}, Transcript: TranscriptReady}, Playable},
	} {
		if c.v.settle(); c.v.State != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.v.State, c.want)
		}
	}
	for state, want := range map[State]bool{Processing: false, Playable: true, Ready: true, Failed: false} {
		now := time.Now()
		if (Video{State: state}).Findable() != want || (Video{State: state, DeletedAt: &now}).Findable() {
			t.Errorf("%s: findable", state)
		}
	}
}

func TestCheckStretch(t *testing.T) {
	v := Video{DurationMS: 1000}
	for _, c := range []struct {
		start, end int64
		ok         bool
	}{{0, 1000, true}, {999, 1000, true}, {0, 1, true}, {0, 0, false}, {5, 5, false}, {6, 5, false}, {-1, 5, false}, {0, 1001, false}, {1000, 1001, false}, {1 << 62, 1<<62 + 1, false}} {
		if err := CheckStretch(v, c.start, c.end); (err == nil) != c.ok {
			t.Errorf("[%d,%d): %v", c.start, c.end, err)
		}
	}
	if CheckStretch(Video{}, 0, 0) == nil {
		t.Error("a stretch of a video without length")
	}
}
