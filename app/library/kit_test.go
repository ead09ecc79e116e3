package library_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media/disk"
	"github.com/fieldreel/fieldreel/search"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// kit is a company with videos and one node's index of them.
type kit struct {
	*apptest.Env
	people *people.Directory
	words  *vocabulary.Book
	videos *video.Service
	dir    string
	index  *search.Index
	lib    *library.Service
	n      int
}

func newKit(t testing.TB, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, people: people.NewDirectory(e.DB), words: vocabulary.NewBook(e.DB), dir: filepath.Join(t.TempDir(), "index")}
	if err := k.words.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	q, err := jobs.New(e.DB, jobs.Config{Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	k.videos = video.New(video.Config{Node: "n1", WorkDir: t.TempDir(), Log: e.Log}, e.DB, store, k.people, k.words, q)
	k.people.OnMoved = k.videos.AuthorsMoved
	k.open(t)
	t.Cleanup(func() { k.index.Close() })
	return k
}

// open opens the index in the kit's folder, as a start of the node does.
func (k *kit) open(t testing.TB) {
	t.Helper()
	var err error
	if k.index, err = search.Open(k.dir, search.Options{Synonyms: library.Synonyms()}); err != nil {
		t.Fatal(err)
	}
	k.lib = library.New(k.DB, k.index, k.videos, k.people, k.words, k.Log)
}

// restart closes the index, does something to its folder, and opens it again.
func (k *kit) restart(t testing.TB, between func(dir string)) {
	t.Helper()
	if err := k.index.Close(); err != nil {
		t.Fatal(err)
	}
	if between != nil {
		between(k.dir)
	}
	k.open(t)
}

func (k *kit) add(t testing.TB, name string, roles ...people.Role) people.Actor {
	t.Helper()
	if len(roles) == 0 {
		roles = []people.Role{people.Rep}
	}
	p, err := k.people.AddPerson(t.Context(), people.System(), people.NewPerson{Email: strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.com", Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) actor(t testing.TB, id string) people.Actor {
	t.Helper()
	a, err := k.people.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (k *kit) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatal(err)
	}
}

// video makes a playable video of a minute with these words.
func (k *kit) video(t testing.TB, a people.Actor, audience people.Audience, words string, change ...func(*video.Change)) string {
	t.Helper()
	k.n++
	up, _, err := k.videos.BeginUpload(t.Context(), a, video.NewUpload{Title: fmt.Sprintf("Take %d", k.n)})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.videos.FinishUpload(t.Context(), up, 1, "aa"); err != nil {
		t.Fatal(err)
	}
	u, err := k.videos.OwnUpload(t.Context(), a, up)
	if err != nil {
		t.Fatal(err)
	}
	id := *u.VideoID
	k.exec(t, `UPDATE videos SET state = 'playable', duration_ms = 60000, media_progressive = true WHERE id = ?`, id)
	if words != "" {
		if _, err := k.videos.SetCaptions(t.Context(), a, id, []byte("WEBVTT\n\n00:05.000 --> 00:25.000\n"+words+"\n")); err != nil {
			t.Fatal(err)
		}
	}
	c := video.Change{Audience: &audience}
	for _, f := range change {
		f(&c)
	}
	if _, err := k.videos.Change(t.Context(), a, id, c); err != nil {
		t.Fatal(err)
	}
	return id
}

func (k *kit) catchUp(t testing.TB) {
	t.Helper()
	if err := k.lib.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// find asks and gives the ids of the videos, in order.
func (k *kit) find(t testing.TB, a people.Actor, q library.Query) []string {
	t.Helper()
	ans, err := k.lib.Moments(t.Context(), a, q)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range ans.Found {
		ids = append(ids, f.VideoID)
	}
	return ids
}

func (k *kit) wantFound(t testing.TB, a people.Actor, text string, want ...string) {
	t.Helper()
	got := k.find(t, a, library.Query{Text: text, Limit: 50})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%q for %s: %v, want %v", text, a.Name, got, want)
	}
}

func (k *kit) verify(t testing.TB, want ...string) {
	t.Helper()
	diff, err := k.lib.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range diff {
		got = append(got, d.VideoID+" "+d.What)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("verify says %q, want %q", got, want)
	}
}

func ptr[T any](v T) *T { return &v }
