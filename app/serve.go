package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fieldreel/fieldreel/app/api"
	"github.com/fieldreel/fieldreel/app/demo"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/live"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/upload"
	"github.com/fieldreel/fieldreel/speech"
)

const (
	// spoolIdle is how long an unfinished upload is kept without progress.
	spoolIdle  = 48 * time.Hour
	sweepEvery = time.Hour
)

// Serve runs the product until ctx ends, then stops within cfg.Drain: no new requests, those under way
// end, uploads in flight are broken off at a durable offset, jobs end or are given back, and the
// engines are closed last. out is told the address and how to sign in.
func Serve(ctx context.Context, cfg Config, sc ServeConfig, version string, log *slog.Logger, out io.Writer) error {
	return serveOver(ctx, cfg, sc, nil, version, log, out)
}

// serveOver is Serve, over a made-up company where d is not nil.
func serveOver(ctx context.Context, cfg Config, sc ServeConfig, d *DemoConfig, version string, log *slog.Logger, out io.Writer) (err error) {
	if err := errors.Join(cfg.Check(), sc.Check()); err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	release, err := lockFolder(cfg.Data)
	if err != nil {
		return err
	}
	defer release()
	if err := sweepWork(filepath.Join(cfg.Data, "work")); err != nil {
		log.Warn("the work folder is not swept", "error", err)
	}
	opt := Options{Role: sc.Role, SpeechIdle: sc.SpeechIdle, PublicURL: sc.PublicURL}
	if d != nil {
		opt.Registry = demo.Registry
	}
	a, err := Open(ctx, cfg, opt, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.FFmpegMissing != nil {
		log.Warn("ffmpeg is not installed: videos are received and kept, and can be played once it is", "error", a.FFmpegMissing)
	}
	if merr := speech.Available(cfg.ModelsDir()); merr != nil {
		log.Warn("no transcripts: the speech model is not installed (fieldreel models install)", "folder", cfg.ModelsDir())
	} else if _, err := a.Videos.TryWordsAgain(ctx); err != nil {
		return err
	}
	r := &running{App: a, sc: sc, out: out, version: version}
	if d != nil {
		if r.company, err = a.openCompany(ctx, *d); err != nil {
			return err
		}
	} else if demo.Is(ctx, a.DB) {
		log.Warn("this is the demo company: everybody knows its passwords, so keep it away from others")
	}
	return r.run(ctx)
}

// running is a started product.
type running struct {
	*App
	sc       ServeConfig
	out      io.Writer
	version  string
	servers  []*http.Server
	lib      *library.Service
	company  *demo.Company // nil but for a demo
	live     *live.Service
	stopping atomic.Bool
	work     sync.WaitGroup
}

func (r *running) run(ctx context.Context) error {
	// The work of this process outlives ctx by the time it takes to drain.
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	failed := make(chan error, 4)
	cause := r.start(inner, failed)
	if cause == nil {
		select {
		case <-ctx.Done():
		case cause = <-failed:
		}
	}
	return errors.Join(cause, r.drain(stop)) // also of what was begun before a start failed
}

func (r *running) start(ctx context.Context, failed chan<- error) error {
	if r.sc.Role != Worker {
		if err := r.web(ctx, failed); err != nil {
			return err
		}
	}
	if err := r.Jobs.Start(ctx); err != nil {
		return err
	}
	if r.sc.AdminListen != "" {
		if err := r.admin(failed); err != nil {
			return err
		}
	}
	r.upkeep(ctx)
	if r.company != nil {
		r.work.Go(func() { r.company.Make(ctx) })
	}
	return nil
}

// web opens search and serves requests.
func (r *running) web(ctx context.Context, failed chan<- error) (err error) {
	if r.lib, err = r.OpenIndex(); err != nil {
		return err
	}
	r.live = live.New(r.DB, r.Videos, r.Notices, r.People, r.Log)
	r.Videos.OnChanged = func() { r.lib.Wake(); r.live.Wake() }
	r.Notices.OnTold = r.live.Wake
	if err := r.Uploads.Recover(ctx); err != nil {
		r.Log.Warn("some received uploads could not be recorded; they are tried again", "error", err)
	}
	handler, err := r.server(ctx, r.lib, r.live, r.ready, r.sc, r.version)
	if err != nil {
		return err
	}
	if r.company != nil {
		handler.Demo = demoSignIns()
	}
	l, err := net.Listen("tcp", r.sc.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", r.sc.Listen, err)
	}
	r.servers = append(r.servers, serveOn(l, handler, failed))
	r.work.Go(func() {
		if err := r.lib.Follow(ctx); err != nil {
			r.Log.Error("search stopped following", "error", err)
		}
	})
	return r.greet(ctx, l.Addr().String())
}

func serveOn(l net.Listener, h http.Handler, failed chan<- error) *http.Server {
	// No limit on a whole request or answer: a take on bad 4G may take an hour. Standing still is
	// limited by the upload spool, and headers here.
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve: %w", err)
		}
	}()
	return s
}

// admin serves metrics, apart from what people reach.
func (r *running) admin(failed chan<- error) error {
	l, err := net.Listen("tcp", r.sc.AdminListen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", r.sc.AdminListen, err)
	}
	m := &api.Server{Log: r.Log, Pending: r.Jobs.Pending, Library: r.lib, Ready: r.ready}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Metrics())
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, q *http.Request) {
		if err := r.ready(q.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	r.servers = append(r.servers, serveOn(l, mux, failed))
	return nil
}

// ready says why this node cannot take work, or nil.
func (r *running) ready(ctx context.Context) error {
	if r.stopping.Load() {
		return errors.New("stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.DB.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if c, ok := r.Store.(media.Checker); ok {
		if err := c.Check(ctx); err != nil {
			return fmt.Errorf("media store: %w", err)
		}
	}
	if r.lib != nil {
		return r.lib.Ready()
	}
	return nil
}

// greet prints where Fieldreel is and how to sign in.
func (r *running) greet(ctx context.Context, addr string) error {
	base := r.sc.PublicURL
	if base == "" {
		base = "http://" + addr
	}
	fmt.Fprintf(r.out, "Fieldreel is at %s\nThe API reference is at %s/api/docs\n", base, base)
	if r.company != nil {
		greetDemo(r.out, r.sc.Listen)
		return nil
	}
	code, err := r.People.SetupCode(ctx)
	if err != nil {
		return err
	}
	if code == "" {
		fmt.Fprintf(r.out, "Sign in with the e-mail address and password of a person; add one with: fieldreel person add\n")
		return nil
	}
	fmt.Fprintf(r.out, `Nobody has an account yet. Make the first admin within 24 hours with this one-time code:

  curl -H 'Content-Type: application/json' %s/api/v1/setup \
    -d '{"code":"%s","email":"you@example.com","name":"Your Name","password":"ten characters or more"}'

or on this machine: fieldreel person add --email E --name N --role admin --password-stdin
`, base, code)
	return nil
}

// upkeep sweeps what this node no longer needs.
func (r *running) upkeep(ctx context.Context) {
	r.work.Go(func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			if r.sc.Role != Worker {
				if n, err := r.Uploads.Sweep(ctx, spoolIdle); err != nil {
					r.Log.Warn("spool not swept", "error", err)
				} else if n > 0 {
					r.Log.Info("unfinished uploads dropped", "uploads", n)
				}
				if err := r.forgetUploads(ctx); err != nil && ctx.Err() == nil {
					r.Log.Warn("forgotten uploads not ended", "error", err)
				}
				if err := r.Notices.Trim(ctx); err != nil && ctx.Err() == nil {
					r.Log.Warn("old notices not forgotten", "error", err)
				}
				if err := r.People.SweepSessions(ctx); err != nil && ctx.Err() == nil {
					r.Log.Warn("sessions not swept", "error", err)
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// forgetUploads ends uploads that have a row and no folder in the spool any more.
func (r *running) forgetUploads(ctx context.Context) error {
	ids, err := r.Videos.ForgottenUploads(ctx, time.Now().Add(-spoolIdle))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := r.Uploads.Path(id); !errors.Is(err, upload.ErrNotFound) {
			continue
		}
		if err := r.Videos.TerminateUpload(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// drain stops in order: take no more, end what is under way, give back the rest.
func (r *running) drain(stop context.CancelFunc) error {
	r.stopping.Store(true)
	r.Log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), r.sc.Drain)
	defer cancel()
	var errs []error
	r.Uploads.Stop()
	if r.live != nil {
		r.live.Stop() // streams never end by themselves
	}
	for _, s := range r.servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, s.Close()) // players that would not end
		}
	}
	if err := r.Jobs.Stop(ctx); err != nil {
		r.Log.Warn("jobs were broken off; they are taken up at the next start", "error", err)
	}
	stop()
	r.work.Wait()
	return errors.Join(errs...)
}
