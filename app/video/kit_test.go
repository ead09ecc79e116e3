package video_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/disk"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/speech"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// kit is a company with its videos; what the service depends on beside the database can be replaced.
type kit struct {
	*apptest.Env
	people *people.Directory
	words  *vocabulary.Book
	videos *video.Service
	jobs   *jobs.Client
	disk   *disk.Store
	cfg    video.Config
	spool  spool
	speech *fakeSpeech
}

func newKit(t testing.TB, e *apptest.Env, options ...func(k *kit)) *kit {
	t.Helper()
	k := &kit{Env: e, people: people.NewDirectory(e.DB), words: vocabulary.NewBook(e.DB), spool: spool(t.TempDir()), speech: &fakeSpeech{}}
	if err := k.words.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.disk, err = disk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.disk.Close() })
	if k.jobs, err = jobs.New(e.DB, jobs.Config{Node: "n1"}); err != nil {
		t.Fatal(err)
	}
	k.cfg = video.Config{Node: "n1", WorkDir: t.TempDir(), Spool: k.spool, Speech: k.speech, Log: e.Log, FFmpegMissing: &ffmpeg.Refusal{Code: ffmpeg.CodeToolMissing, Detail: "ffmpeg is not installed."}}
	for _, o := range options {
		o(k)
	}
	k.rebuild(k.disk)
	return k
}

// rebuild makes the service anew from the kit's configuration, as a restart would.
func (k *kit) rebuild(store media.Store) {
	k.videos = video.New(k.cfg, k.DB, store, k.people, k.words, k.jobs)
	k.people.OnMoved = k.videos.AuthorsMoved
}

// spool is a folder of finished uploads.
type spool string

func (s spool) Path(id string) (string, error) {
	p := filepath.Join(string(s), id)
	if _, err := os.Stat(p); errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("upload not found")
	}
	return p, nil
}

func (s spool) Release(_ context.Context, id string) error {
	err := os.Remove(filepath.Join(string(s), id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fakeSpeech says what it is told to.
type fakeSpeech struct {
	mu    sync.Mutex
	says  speech.Transcript
	err   error
	calls int
	while func()
}

func (f *fakeSpeech) Transcribe(ctx context.Context, wav string, _ func(float64)) (speech.Transcript, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if _, err := os.Stat(wav); err != nil {
		return speech.Transcript{}, err
	}
	if f.while != nil {
		f.while()
	}
	if ctx.Err() != nil {
		return speech.Transcript{}, ctx.Err()
	}
	return f.says, f.err
}

// work begins to work the jobs of the kit's node; the function it gives stops that.
func (k *kit) work(t testing.TB) (stop func()) {
	t.Helper()
	q, err := jobs.New(k.DB, jobs.Config{Node: "n1", Queues: map[string]int{jobs.QueueDefault: 1, jobs.QueueMedia: 1, jobs.QueueSpeech: 1, jobs.QueueIngest("n1"): 1}, Periodic: video.Periodic()})
	if err != nil {
		t.Fatal(err)
	}
	k.videos.Register(q)
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
}

func (k *kit) add(t testing.TB, name string, roles ...people.Role) people.Actor {
	t.Helper()
	if len(roles) == 0 {
		roles = []people.Role{people.Rep}
	}
	local := strings.ToLower(strings.ReplaceAll(name, " ", "."))
	p, err := k.people.AddPerson(t.Context(), people.System(), people.NewPerson{Email: local + "@example.com", Name: name, Roles: roles})
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

// recording is a take as a test wants it.
type recording struct {
	body     []byte
	name     string
	title    string
	audience people.Audience
	tactics  []string
}

// upload sends a recording and finishes it; the pipeline has not begun then.
func (k *kit) upload(t testing.TB, a people.Actor, opts ...func(*recording)) (uploadID, videoID string) {
	t.Helper()
	r := recording{body: []byte("no video at all"), name: "take.mp4", title: "A take"}
	for _, o := range opts {
		o(&r)
	}
	id, _, err := k.videos.BeginUpload(t.Context(), a, video.NewUpload{Filename: r.name, Title: r.title, Kind: "take"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(string(k.spool), id), r.body, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.videos.FinishUpload(t.Context(), id, int64(len(r.body)), fmt.Sprintf("%064x", len(r.body))); err != nil {
		t.Fatal(err)
	}
	u, err := k.videos.OwnUpload(t.Context(), a, id)
	if err != nil || u.VideoID == nil {
		t.Fatalf("%+v, %v", u, err)
	}
	if r.audience != "" || r.tactics != nil {
		c := video.Change{}
		if r.audience != "" {
			c.Audience = &r.audience
		}
		if r.tactics != nil {
			c.Tactics = &r.tactics
		}
		if _, err := k.videos.Change(t.Context(), a, *u.VideoID, c); err != nil {
			t.Fatal(err)
		}
	}
	return id, *u.VideoID
}

// take gives a video of ten seconds that plays, without media files: for tests of what is not media.
func (k *kit) take(t testing.TB, a people.Actor, opts ...func(*recording)) video.Video {
	t.Helper()
	_, id := k.upload(t, a, opts...)
	k.exec(t, `UPDATE videos SET state = 'playable', duration_ms = 10000, media_progressive = true, media_original = true, media_audio = true, transcript_state = 'waiting', version = version + 1 WHERE id = ?`, id)
	return k.get(t, a, id)
}

func (k *kit) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) count(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	if err := k.DB.Read(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func (k *kit) get(t testing.TB, a people.Actor, id string) video.Video {
	t.Helper()
	v, err := k.videos.Get(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// queued gives the kinds of the jobs that wait.
func (k *kit) queued(t testing.TB) []string {
	t.Helper()
	var kinds []string
	if err := k.DB.Read(t.Context()).Raw(`SELECT kind FROM river_job WHERE state = 'available' ORDER BY id`).Scan(&kinds).Error; err != nil {
		t.Fatal(err)
	}
	return kinds
}

// objects gives the names of what the store holds of a video.
func (k *kit) objects(t testing.TB, id string) []string {
	t.Helper()
	var out []string
	for info, err := range k.disk.List(t.Context(), video.Prefix(id)) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, info.Key.Base())
	}
	slices.Sort(out)
	return out
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code || err == nil {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func listFilter(n int) video.Filter { return video.Filter{Limit: n} }

func ptr[T any](v T) *T { return &v }
