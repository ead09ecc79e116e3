package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/api"
	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/live"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/frontend"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/disk"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/media/s3"
	"github.com/fieldreel/fieldreel/media/ticket"
	"github.com/fieldreel/fieldreel/media/upload"
	"github.com/fieldreel/fieldreel/search"
	"github.com/fieldreel/fieldreel/speech"
)

// App is the product over one data folder: everything but the listener. Commands open it, use its
// parts and close it; Serve runs it.
type App struct {
	Config Config
	Log    *slog.Logger
	Node   string

	DB           *db.DB
	Store        media.Store
	Jobs         *jobs.Client
	People       *people.Directory
	Words        *vocabulary.Book
	Uploads      *upload.Store
	Videos       *video.Service
	Notices      *notice.Service
	Insights     *insight.Service
	Asks         *ask.Service
	Rubrics      *rubric.Service
	Programmes   *programme.Service
	Certificates *certificate.Service
	Reviews      *review.Service
	Calibration  *calibration.Service
	Coaching     *coach.Service
	Digests      *digest.Service
	Outcomes     *outcome.Service
	// FFmpegMissing says why media cannot be worked on here, or nil.
	FFmpegMissing error

	speech *speech.Process
	model  modelSeen
	close  []func() error
}

// Options say how much of the product to open.
type Options struct {
	// Role decides which queues are worked on; empty for commands that only enqueue.
	Role Role
	// SpeechIdle is how long the speech model stays loaded.
	SpeechIdle time.Duration
	// PublicURL is the address people use: where links in messages lead; empty for messages without.
	PublicURL string
	// Clock is for tests; nil means time.Now.
	Clock func() time.Time
	// Registry puts something before what the upload store records with: the demo company's past.
	Registry func(upload.Registry) upload.Registry
}

// Open builds the product: database (migrated), store, queue, domains. The caller closes it.
func Open(ctx context.Context, cfg Config, opt Options, log *slog.Logger) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	a := &App{Config: cfg, Log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	for _, dir := range []string{cfg.Data, a.path("work")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	if a.Node, err = nodeName(cfg.Data); err != nil {
		return nil, err
	}
	if err := a.openData(ctx, opt); err != nil {
		return nil, err
	}
	if a.Store, err = a.openStore(ctx); err != nil {
		return nil, err
	}
	if a.Jobs, err = jobs.New(a.DB, a.jobsConfig(opt.Role)); err != nil {
		return nil, err
	}
	return a, a.openDomains(ctx, opt)
}

func (a *App) path(name string) string { return filepath.Join(a.Config.Data, name) }

func (a *App) openData(ctx context.Context, opt Options) error {
	var err error
	a.DB, err = db.Open(ctx, db.Config{URL: a.Config.DatabaseURL, Dir: a.Config.Data, Clock: opt.Clock, Logger: a.Log})
	if err != nil {
		return err
	}
	a.closing(a.DB.Close)
	return Migrate(ctx, a.DB, a.Log)
}

// Migrate brings the database to this binary's schema.
func Migrate(ctx context.Context, d *db.DB, log *slog.Logger) error {
	if _, err := d.Migrate(ctx, log); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return vocabulary.NewBook(d).Begin(ctx)
}

func (a *App) openStore(ctx context.Context) (media.Store, error) {
	c := a.Config
	if c.S3Endpoint == "" {
		st, err := disk.Open(a.path("media"))
		if err != nil {
			return nil, err
		}
		a.closing(st.Close)
		return st, nil
	}
	bucket, create := c.S3Bucket, c.S3CreateBucket
	if bucket == "" {
		bucket, create = defaultBucket, true
	}
	st, err := s3.New(ctx, s3.Config{Endpoint: c.S3Endpoint, Bucket: bucket, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, Region: c.S3Region, CreateBucket: create})
	if errors.Is(err, media.ErrNoBucket) {
		return nil, fmt.Errorf("%w: make the bucket %q, or set FIELDREEL_S3_CREATE_BUCKET=true", err, bucket)
	}
	return st, err
}

func (a *App) jobsConfig(role Role) jobs.Config {
	cfg := jobs.Config{Node: a.Node, Logger: a.Log, Queues: map[string]int{}}
	if role == All || role == Web {
		cfg.Queues[jobs.QueueIngest(a.Node)] = 2
	}
	if role == All || role == Worker {
		cfg.Queues[jobs.QueueDefault] = 2
		cfg.Queues[jobs.QueueOut] = 3   // mail, chat, and the planning of both
		cfg.Queues[jobs.QueueMedia] = 1 // an encode keeps two cores busy by itself
		cfg.Queues[jobs.QueueSpeech] = 1
		cfg.Periodic = slices.Concat(video.Periodic(), programme.Periodic(), certificate.Periodic(), coach.Periodic(), calibration.Periodic(), digest.Periodic(), review.Periodic())
	}
	return cfg
}

func (a *App) openDomains(ctx context.Context, opt Options) error {
	a.People = people.NewDirectory(a.DB)
	a.Words = vocabulary.NewBook(a.DB)
	a.Notices = notice.New(a.DB)
	tool, err := ffmpeg.Find(ctx, ffmpeg.Config{FFmpeg: a.Config.FFmpeg, FFprobe: a.Config.FFprobe, MaxDuration: a.Config.MaxDuration, TempDir: a.path("work")})
	if err != nil {
		if !errors.Is(err, ffmpeg.ErrMissing) {
			return err
		}
		tool, a.FFmpegMissing = nil, err
	}
	a.speech = speech.NewProcess(speech.Config{ModelsDir: a.Config.ModelsDir(), IdleTimeout: opt.SpeechIdle, Nice: 10})
	a.closing(a.speech.Close)
	var late lateSpool
	a.Videos = video.New(video.Config{Node: a.Node, WorkDir: a.path("work"), QuotaBytes: a.Config.Quota, Spool: &late, FFmpeg: tool, FFmpegMissing: a.FFmpegMissing,
		Speech: a.speech, Notices: a.Notices, Log: a.Log}, a.DB, a.Store, a.People, a.Words, a.Jobs)
	var registry upload.Registry = api.Registry{Videos: a.Videos}
	if opt.Registry != nil {
		registry = opt.Registry(registry)
	}
	a.Uploads, err = upload.Open(upload.Options{Dir: a.path("spool"), BasePath: api.UploadPath, Registry: registry, MaxSize: a.Config.MaxUpload,
		ReserveBytes: a.Config.Reserve, Sniff: sniff, Logger: a.Log})
	if err != nil {
		return err
	}
	late.Store = a.Uploads
	a.Outcomes = outcome.NewService(a.DB, a.People, a.path("work"))
	a.Insights = insight.New(a.DB, a.Videos, a.People, insight.Config{PersonAnalytics: a.Config.PersonAnalytics, Notices: a.Notices}, a.Log)
	a.Asks = ask.New(a.DB, a.Videos, a.People)
	tellOfAsks(a.Asks, a.Notices)
	a.openProgrammes(tool)
	if err := a.openDigests(opt.PublicURL); err != nil {
		return err
	}
	a.People.OnMoved = a.Videos.AuthorsMoved
	a.Videos.OnMoments = a.Insights.MomentsChanged
	a.People.OnAdded = a.Outcomes.Rematch
	a.followPeople()
	a.Words.OnChanged = a.Videos.TermChanged
	a.Videos.Register(a.Jobs)
	a.Coaching.Register(a.Jobs)
	a.Programmes.Register(a.Jobs)
	return nil
}

// lateSpool breaks the ring between the spool, which records in package video, and package video,
// which reads from the spool.
type lateSpool struct{ *upload.Store }

func sniff(head []byte) error {
	_, err := ffmpeg.Sniff(head)
	var r *ffmpeg.Refusal
	if errors.As(err, &r) {
		return &upload.Problem{Status: 415, Code: string(r.Code), Detail: r.Detail}
	}
	return err
}

// OpenIndex opens this folder's search index, which one process at a time can, and the library over it.
func (a *App) OpenIndex() (*library.Service, error) {
	index, err := search.Open(a.path("index"), search.Options{Synonyms: library.Synonyms(), Logger: a.Log})
	if err != nil {
		return nil, err
	}
	a.closing(index.Close)
	return library.New(a.DB, index, a.Videos, a.People, a.Words, a.Log), nil
}

// server builds the HTTP edge.
func (a *App) server(ctx context.Context, lib *library.Service, events *live.Service, ready func(context.Context) error, cfg ServeConfig, version string) (*api.Server, error) {
	keys, err := a.People.SigningKeys(ctx, "media")
	if err != nil {
		return nil, err
	}
	var rest []ticket.Key
	for _, k := range keys[1:] {
		rest = append(rest, ticket.Key{ID: k.ID, Secret: k.Secret})
	}
	signer, err := ticket.NewSigner(ticket.Play, ticket.Key{ID: keys[0].ID, Secret: keys[0].Secret}, rest...)
	if err != nil {
		return nil, err
	}
	s := &api.Server{Log: a.Log, People: a.People, Words: a.Words, Videos: a.Videos, Library: lib, Insights: a.Insights, Asks: a.Asks, Rubrics: a.Rubrics, Programmes: a.Programmes, Certificates: a.Certificates, Reviews: a.Reviews,
		Calibration: a.Calibration, Coaching: a.Coaching, Digests: a.Digests, Outcomes: a.Outcomes, Notices: a.Notices, Live: events, Uploads: a.Uploads,
		Store: a.Store, Tickets: signer, Pending: a.Jobs.Pending, Jobs: jobQueue{a.Jobs}, Client: frontend.Dist(), Ready: ready, PublicURL: cfg.PublicURL, TrustProxy: cfg.TrustProxy, Version: version,
		Limits: api.Limits{MaxUpload: a.Config.MaxUpload, MaxTake: a.Config.MaxDuration, Quota: a.Config.Quota}, Abilities: a.abilities}
	files, started := newFileMeasure(a), time.Now()
	a.closing(files.close)
	s.Storage = func(ctx context.Context, actor people.Actor) (api.Storage, error) {
		return a.storage(ctx, lib, files, started, actor)
	}
	s.Build()
	return s, nil
}

// Spec gives the OpenAPI document without opening anything.
func Spec(version string) ([]byte, error) {
	s := &api.Server{Log: slog.New(slog.DiscardHandler), Version: version}
	s.Build()
	return s.Spec()
}

func (a *App) closing(fn func() error) { a.close = append(a.close, fn) }

// Close ends what was opened, newest first.
func (a *App) Close() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i]())
	}
	a.close = nil
	return errors.Join(errs...)
}
