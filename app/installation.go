package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fieldreel/fieldreel/app/api"
	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/upload"
	"github.com/fieldreel/fieldreel/speech"
)

// jobsShown is how many jobs of each state an admin is shown.
const jobsShown = 100

// jobQueue is the queue of background work as the edge shows it to admins.
type jobQueue struct{ c *jobs.Client }

// Background gives the work in a state, or in all.
func (q jobQueue) Background(ctx context.Context, a people.Actor, state string) (api.Background, error) {
	if !people.Can(a, people.ReadJobs) {
		return api.Background{}, fault.Denied("Only an admin may see background work.")
	}
	pending, err := q.c.Pending(ctx)
	if err != nil {
		return api.Background{}, err
	}
	counts, err := q.c.Count(ctx)
	if err != nil {
		return api.Background{}, err
	}
	out := api.Background{Pending: pending, Counts: map[string]int{}}
	for _, s := range jobs.States {
		out.Counts[string(s)] = counts[s]
		if state != "" && state != string(s) {
			continue
		}
		some, err := q.c.List(ctx, s, jobsShown)
		if err != nil {
			return api.Background{}, err
		}
		for _, j := range some {
			out.Jobs = append(out.Jobs, jobInWords(j))
		}
	}
	return out, nil
}

// RetryJob has failed work tried again now.
func (q jobQueue) RetryJob(ctx context.Context, a people.Actor, id int64) error {
	if !people.Can(a, people.RetryJobs) {
		return fault.Denied("Only an admin may try background work again.")
	}
	return q.c.Retry(ctx, id)
}

func jobInWords(j jobs.Job) api.Job {
	words := cmp.Or(video.WorkWords(j.Kind), programme.WorkWords(j.Kind), review.WorkWords(j.Kind), certificate.WorkWords(j.Kind),
		coach.WorkWords(j.Kind), digest.WorkWords(j.Kind), calibration.WorkWords(j.Kind))
	if words == "" {
		words = "Background work (" + strings.ReplaceAll(j.Kind, "_", " ") + ")"
	}
	// The arguments are our own; those of most kinds name a video.
	var about struct {
		VideoID string `json:"video_id"`
	}
	_ = json.Unmarshal(j.Args, &about) // work about no video has none
	return api.Job{ID: j.ID, Kind: j.Kind, Words: words, Queue: j.Queue, State: string(j.State), Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, Error: troubleWords(j.Error),
		Detail: j.Error, VideoID: about.VideoID, At: j.At, NextAt: j.NextAt}
}

// troubleWords says in words what a job failed with, as far as the commonest reasons go.
func troubleWords(text string) string {
	if text == "" {
		return ""
	}
	if words := video.TroubleWords(text); words != "" {
		return words
	}
	for _, known := range []struct{ sign, words string }{
		{"no space left", "A disk is full."},
		{"database_full", "The disk of the database is full."},
		{"deadline exceeded", "It took longer than work may take."},
		{"Stuck job rescued", "The machine that worked on it was gone for hours."},
		{"connection refused", "Another server that it needs could not be reached."},
		{"killed", "The machine stopped it, perhaps for want of memory."},
	} {
		if strings.Contains(text, known.sign) {
			return known.words
		}
	}
	return "Something went wrong on the server. The detail is for a report."
}

// topShown is how many people are named in the account of the storage.
const topShown = 10

// storage tells what the installation holds and runs on.
func (a *App) storage(ctx context.Context, lib *library.Service, files *fileMeasure, started time.Time, actor people.Actor) (api.Storage, error) {
	use, err := a.Videos.UsageOf(ctx, actor, topShown)
	if err != nil {
		return api.Storage{}, err
	}
	out := api.Storage{Deleted: use.Deleted, NoWords: use.NoWords, States: map[string]int{}, RecordingBytes: use.Bytes, Receiving: use.Receiving,
		Database: string(a.DB.Kind()), Media: "disk", StartedAt: started}
	for _, s := range []video.State{video.Processing, video.Playable, video.Ready, video.Failed} {
		out.States[string(s)] = use.States[s]
		out.Videos += use.States[s]
	}
	for _, t := range use.Top {
		out.Top = append(out.Top, api.PersonBytes(t))
	}
	if a.Config.S3Endpoint != "" {
		out.Media = "s3"
	}
	out.Files, out.MeasuredAt = files.newest(ctx)
	if out.DatabaseBytes, err = a.DB.Bytes(ctx); err != nil {
		return out, err
	}
	if out.IndexBytes, err = folderBytes(a.path("index")); err != nil {
		return out, err
	}
	if out.Free, out.Total, err = upload.DiskSpace(a.Config.Data); err != nil {
		return out, err
	}
	out.Reserve = max(a.Config.Reserve, out.Total/20)
	if s, ok := a.Store.(media.FreeSpacer); ok {
		free, err := s.FreeBytes(ctx)
		if err != nil {
			return out, err
		}
		out.StoreFree = &free
	}
	indexed, err := lib.Indexed()
	if err != nil {
		return out, err
	}
	out.IndexedVideos, out.IndexedMoments = indexed.Videos, indexed.Passages
	out.SpeechModel, out.MediaTools = a.abilities()
	out.Lag, err = lib.Lag(ctx)
	return out, err
}

// abilitiesEvery is how old the answer about the speech model may become: it may be installed while the
// server runs, and clients ask at every start.
const abilitiesEvery = 10 * time.Second

// abilities says whether transcripts and playable videos can be made here.
func (a *App) abilities() (speechModel, mediaTools bool) {
	a.model.mu.Lock()
	defer a.model.mu.Unlock()
	if now := time.Now(); a.model.asked.IsZero() || now.Sub(a.model.asked) > abilitiesEvery {
		a.model.installed, a.model.asked = speech.Available(a.Config.ModelsDir()) == nil, now
	}
	return a.model.installed, a.FFmpegMissing == nil
}

// modelSeen remembers whether the speech model was installed when somebody last looked.
type modelSeen struct {
	mu        sync.Mutex
	asked     time.Time
	installed bool
}

// folderBytes adds up the files of a folder; those that go away meanwhile do not count.
func folderBytes(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = e.Info(); err == nil {
				sum += info.Size()
			}
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	return sum, err
}

const (
	// measureEvery is how old an account of the media store may become: making one looks at every file.
	measureEvery = 10 * time.Minute
	// measureWait is how long somebody who asks for the first one waits for it.
	measureWait = 2 * time.Second
)

// fileMeasure keeps an account of the media store, and makes a new one in the background when somebody
// asks for one that is old.
type fileMeasure struct {
	app  *App
	stop context.CancelFunc
	ctx  context.Context //nolint:containedctx // ends with the node, not with a request
	work sync.WaitGroup

	mu     sync.Mutex
	files  []api.Bytes
	at     *time.Time
	tried  time.Time
	under  chan struct{} // closed when the one under way is done; nil when none is
	closed bool
}

func newFileMeasure(a *App) *fileMeasure {
	ctx, stop := context.WithCancel(context.Background())
	return &fileMeasure{app: a, ctx: ctx, stop: stop}
}

// close breaks off a measuring that is under way.
func (m *fileMeasure) close() error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.stop()
	m.work.Wait()
	return nil
}

// newest gives the newest account; nil while the first one takes long.
func (m *fileMeasure) newest(ctx context.Context) ([]api.Bytes, *time.Time) {
	m.mu.Lock()
	if m.under == nil && !m.closed && time.Since(m.tried) > measureEvery {
		done := make(chan struct{})
		m.under, m.tried = done, time.Now()
		m.work.Go(func() { m.measure(done) })
	}
	under, first := m.under, m.at == nil
	m.mu.Unlock()
	if under != nil && first {
		wait := time.NewTimer(measureWait)
		defer wait.Stop()
		select {
		case <-under:
		case <-wait.C:
		case <-ctx.Done():
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files, m.at
}

func (m *fileMeasure) measure(done chan struct{}) {
	sums, err := m.app.Videos.MeasureFiles(m.ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	defer close(done)
	m.under = nil
	if err != nil {
		if m.ctx.Err() == nil {
			m.app.Log.Warn("the media store could not be measured", "error", err)
		}
		return
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	m.files, m.at = []api.Bytes{}, &now
	for _, kind := range video.FileKinds {
		m.files = append(m.files, api.Bytes{Kind: string(kind), Files: sums[kind].Files, Bytes: sums[kind].Bytes})
	}
}

var _ api.JobQueue = jobQueue{}
