package upload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	xslog "golang.org/x/exp/slog"
)

const (
	tusVersion = "1.0.0"
	chunkType  = "application/offset+octet-stream"
)

// Options says how a Store works. Dir, BasePath and Registry are required.
type Options struct {
	// Dir is the spool's folder, made if it is not there. It belongs to this Store alone.
	Dir string
	// BasePath is the path under which the handler is mounted, such as "/api/v1/uploads".
	BasePath string
	Registry Registry
	// MaxSize of one upload in bytes; 0 is no limit.
	MaxSize int64
	// NetworkTimeout ends a request whose body stands still for so long. 15 s if zero.
	NetworkTimeout time.Duration
	// LockTimeout is how long a request waits for another one of the same upload to give way. 20 s if zero.
	LockTimeout time.Duration
	// FinishTimeout bounds one call of the Registry's Finish or Terminated. 20 s if zero.
	FinishTimeout time.Duration
	// ExpireAfter is announced in Upload-Expires; give Sweep the same. 48 h if zero.
	ExpireAfter time.Duration
	// ReserveBytes and ReserveShare (of the file system) are kept free, whichever is more: below, creations and bodies
	// are refused with 507 so that the rest of the server goes on. 1 GiB and 0.05 if zero; negative for none.
	ReserveBytes int64
	ReserveShare float64
	// Space measures the file system that holds a folder. DiskSpace if nil.
	Space func(dir string) (free, total int64, err error)
	// Sniff sees the first 4 KiB (or all of a shorter upload) once they are there. An error drops the upload and is
	// answered as 415, or as the Problem that it is. It may be called again for the same upload after a crash.
	Sniff func(head []byte) error
	// Logger gets what an operator should know. Nothing is logged if nil.
	Logger *slog.Logger
	// Now is the clock. time.Now if nil.
	Now func() time.Time
}

// Store receives uploads into its spool. It is an http.Handler to be mounted at Options.BasePath and everything below it.
type Store struct {
	opts    Options
	base    string
	spool   *spool
	log     *slog.Logger
	now     func() time.Time
	locks   handler.Locker
	tus     http.Handler
	buffers sync.Pool

	stopping context.Context
	stop     context.CancelFunc
}

// Open opens the spool and makes a Store. Call Recover before the first request, to record uploads that a crash left
// complete but unrecorded.
func Open(opts Options) (*Store, error) {
	if opts.Dir == "" || opts.Registry == nil || opts.BasePath == "" {
		return nil, errors.New("upload: Dir, BasePath and Registry are required")
	}
	setDefault(&opts.NetworkTimeout, 15*time.Second)
	setDefault(&opts.LockTimeout, 20*time.Second)
	setDefault(&opts.FinishTimeout, 20*time.Second)
	setDefault(&opts.ExpireAfter, 48*time.Hour)
	setDefault(&opts.ReserveBytes, 1<<30)
	setDefault(&opts.ReserveShare, 0.05)
	if opts.Space == nil {
		opts.Space = DiskSpace
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	sp, err := openSpool(opts.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts: opts, spool: sp, log: opts.Logger, now: opts.Now,
		base:    "/" + strings.Trim(opts.BasePath, "/"),
		locks:   locks{memorylocker.New()},
		buffers: sync.Pool{New: func() any { return new([bufferSize]byte) }},
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	composer := handler.NewStoreComposer()
	composer.UseCore(tusStore{s})
	composer.UseTerminater(tusStore{s})
	composer.UseLengthDeferrer(tusStore{s})
	composer.UseLocker(s.locks)
	s.tus, err = handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: s.base + "/", MaxSize: opts.MaxSize,
		DisableDownload: true, DisableConcatenation: true,
		// The client is served from the same origin; tusd's default would open the door to every site.
		Cors:               &handler.CorsConfig{Disable: true},
		Logger:             xslog.New(tusdLog{opts.Logger.Handler()}),
		NetworkTimeout:     opts.NetworkTimeout,
		AcquireLockTimeout: opts.LockTimeout,
		// Each request leaves a goroutine behind for this long. The store finishes its own work whatever the context says.
		GracefulRequestCompletionTimeout: 2 * time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("tus handler: %w", err)
	}
	return s, nil
}

func setDefault[T int64 | float64 | time.Duration](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}

// Stop makes running requests keep what they have received and end with 503, and refuses new ones. It does not wait:
// http.Server.Shutdown does. Nothing else needs closing.
func (s *Store) Stop() { s.stop() }

// ServeHTTP answers the tus endpoints. The request's path is the full one, with BasePath in front.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &request{method: effectiveMethod(r)}
	out := &responder{ResponseWriter: w, method: req.method, http1: r.ProtoMajor == 1, timeout: s.opts.NetworkTimeout, req: req}
	if err := s.admitAndServe(out, r, req); err != nil {
		p, known := problemOf(err)
		if !known {
			s.log.Error("upload request failed", "method", req.method, "error", err)
		}
		out.fail(p)
	}
	if err := out.finish(); err != nil {
		s.log.Debug("upload answer not delivered", "error", err)
	}
}

// admitAndServe decides who may before tusd takes a lock: taking one interrupts the request that holds it.
func (s *Store) admitAndServe(out *responder, r *http.Request, req *request) error {
	id, ok := s.idOf(r.URL.Path)
	if !ok {
		return ErrNotFound
	}
	ctx := context.WithValue(r.Context(), requestKey{}, req)
	switch req.method {
	case http.MethodOptions:
	case http.MethodPost, http.MethodHead, http.MethodPatch, http.MethodDelete:
		if (req.method == http.MethodPost) != (id == "") {
			return problemMethod()
		}
		if s.stopping.Err() != nil {
			return fromTusd(http.StatusServiceUnavailable, handler.ErrServerShutdown.ErrorCode)
		}
		if err := s.admit(ctx, r, req, id); err != nil {
			return err
		}
	default:
		return problemMethod()
	}
	// tusd expects the path without the base.
	inner := r.WithContext(ctx)
	u := *r.URL
	u.Path, u.RawPath = id, ""
	inner.URL = &u
	req.body = &trackedBody{ReadCloser: r.Body, control: http.NewResponseController(out)}
	defer req.body.leave()
	inner.Body = req.body
	req.inner = inner
	defer context.AfterFunc(s.stopping, func() { req.interrupt(handler.ErrServerShutdown) })()
	s.tus.ServeHTTP(out, inner)
	return nil
}

// idOf takes the upload's id from a path; empty for the collection.
func (s *Store) idOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, s.base)
	if !ok {
		return "", false
	}
	if rest == "" || rest == "/" {
		return "", true
	}
	id, ok := strings.CutPrefix(rest, "/")
	return id, ok && validID(id)
}

// admit checks who sends the request and what tusd would not check, or not as strictly.
func (s *Store) admit(ctx context.Context, r *http.Request, req *request, id string) (err error) {
	if req.owner, err = s.opts.Registry.Owner(ctx); err != nil {
		return fmt.Errorf("owner: %w", err)
	}
	if id != "" {
		if err := s.opts.Registry.Authorize(ctx, id); err != nil {
			return fmt.Errorf("authorize: %w", err)
		}
	}
	if req.method == http.MethodPost || req.method == http.MethodPatch {
		if r.Header.Get("Tus-Resumable") != tusVersion {
			return fromTusd(http.StatusPreconditionFailed, handler.ErrUnsupportedVersion.ErrorCode)
		}
		if req.checksum, err = parseChecksum(r.Header.Get("Upload-Checksum")); err != nil {
			return err
		}
		if n, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64); err == nil && s.opts.MaxSize > 0 && n > s.opts.MaxSize {
			return problemTooLarge(s.opts.MaxSize)
		}
	}
	if req.method == http.MethodPost {
		if r.Header.Get("Upload-Concat") != "" {
			return &Problem{Status: http.StatusBadRequest, Code: "upload_concatenation_unsupported", Detail: "This server does not join uploads.", Field: "Upload-Concat"}
		}
		if req.meta, err = parseMetadata(r.Header.Get("Upload-Metadata")); err != nil {
			return err
		}
	}
	return nil
}

// create records a new upload and gives it a folder, or finds the one that the sender's id already stands for.
func (s *Store) create(ctx context.Context, length int64) (string, error) {
	req := requestOf(ctx)
	if err := s.checkSpace(max(length, 0)); err != nil {
		return "", err
	}
	meta := req.meta
	created, err := s.opts.Registry.Create(ctx, NewUpload{
		Owner: req.owner, ClientID: meta.clientID, Filename: meta.filename, Title: meta.title, Kind: meta.kind, For: meta.purpose,
		Length: state{length: length}.lengthOrNil(), SHA256: meta.sha256,
	})
	if err != nil {
		return "", fmt.Errorf("create upload: %w", err)
	}
	if !validID(created.ID) {
		return "", fmt.Errorf("the registry chose an upload id that cannot be used: %q", created.ID)
	}
	if created.Existing {
		found, err := s.rejoin(ctx, created.ID, length, meta.sha256)
		if err != nil || found {
			return created.ID, err
		}
		// The row is there but no bytes: a crash came between the two.
	}
	err = s.spool.create(facts{
		ID: created.ID, Owner: req.owner, Metadata: meta.all, SHA256: meta.sha256, Length: length, Created: s.now().UTC(),
	})
	if err != nil {
		if !created.Existing {
			err = errors.Join(err, s.drop(ctx, created.ID))
		}
		return "", noSpaceOr(err)
	}
	req.expires = s.now().Add(s.opts.ExpireAfter)
	return created.ID, nil
}

// rejoin answers a repeated creation. It returns false if there is nothing to go on with.
func (s *Store) rejoin(ctx context.Context, id string, length int64, sha string) (bool, error) {
	req := requestOf(ctx)
	snap, err := s.spool.load(id)
	if errors.Is(err, ErrNotFound) {
		rec, err := s.opts.Registry.Lookup(ctx, id)
		if err != nil || !rec.Finished {
			return false, err
		}
		snap = snapshot{facts: facts{SHA256: rec.SHA256}, state: state{offset: rec.Size, length: rec.Size, recorded: true}}
	} else if err != nil {
		return false, err
	}
	if sha != "" && snap.facts.SHA256 != "" && sha != snap.facts.SHA256 {
		return false, problemClientID("This client_id stands for an upload with another SHA-256.")
	}
	conflict := problemClientID("This client_id stands for an upload with another length.")
	switch {
	case length == deferred || length == snap.state.length:
	case snap.state.length != deferred || length < snap.state.offset:
		return false, conflict
	default:
		// The sender has learned the length since it began.
		if err := s.locked(ctx, id, func() error { return s.declare(id, length) }); err != nil {
			return false, err
		}
	}
	if !snap.state.complete() {
		req.expires = snap.touched.Add(s.opts.ExpireAfter)
	}
	return true, nil
}

// declare records the length of an upload that was created without one. The caller holds the lock.
func (s *Store) declare(id string, length int64) error {
	w, err := s.spool.open(id)
	if err != nil {
		return err
	}
	defer w.close()
	if w.state.length == length {
		return nil
	}
	if w.state.length != deferred || length < w.state.offset {
		return handler.ErrInvalidUploadLength
	}
	next := w.state
	next.length = length
	return w.save(next)
}

// locked runs fn with the upload's lock, asking a running request to give way.
func (s *Store) locked(ctx context.Context, id string, fn func() error) (err error) {
	lock, err := s.locks.NewLock(id)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, s.opts.LockTimeout)
	defer cancel()
	if err := lock.Lock(wait, func() {}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return fn()
}
