package upload

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"
)

// tusErr is the door from this package's errors to tusd's. Errors of tusd pass, problems become their documents, and
// anything else is logged here and answered without its text.
func (s *Store) tusErr(err error) error {
	if err == nil {
		return nil
	}
	var p *Problem
	var t handler.Error
	if !errors.As(err, &p) && errors.As(err, &t) {
		return t
	}
	p, known := problemOf(err)
	if !known {
		s.log.Error("upload failed", "error", err)
	}
	return p.tusError()
}

// tusStore is the Store as tusd sees it.
type tusStore struct{ s *Store }

// NewUpload implements handler.DataStore.
func (t tusStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	length := info.Size
	if info.SizeIsDeferred {
		length = deferred
	}
	id, err := t.s.create(ctx, length)
	if err != nil {
		return nil, t.s.tusErr(err)
	}
	u := &tusUpload{s: t.s, id: id}
	now, err := u.GetInfo(ctx)
	if err != nil {
		return nil, err
	}
	if now.Offset > 0 {
		requestOf(ctx).dropBody()
	}
	u.created = &now
	return u, nil
}

// GetUpload implements handler.DataStore. The lock is held. An upload that is complete but not recorded is recorded
// first: its sender was not told that it is finished, and must not be until it is.
func (t tusStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	if method := requestOf(ctx).method; method == http.MethodHead || method == http.MethodPatch {
		snap, err := t.s.spool.load(id)
		if err == nil && snap.state.complete() && !snap.state.recorded {
			var p *Problem
			err = t.s.finish(ctx, id)
			// After a wrong hash the upload goes on at offset 0, which is the right answer here.
			if err != nil && !(errors.As(err, &p) && p.Code == problemHashMismatch().Code) {
				return nil, t.s.tusErr(err)
			}
		}
	}
	u := &tusUpload{s: t.s, id: id}
	if _, err := u.GetInfo(ctx); err != nil {
		return nil, err
	}
	return u, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (t tusStore) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*tusUpload)
}

// AsLengthDeclarableUpload implements handler.LengthDeferrerDataStore.
func (t tusStore) AsLengthDeclarableUpload(u handler.Upload) handler.LengthDeclarableUpload {
	return u.(*tusUpload)
}

// tusUpload is one upload as tusd sees it. The disk is asked each time.
type tusUpload struct {
	s  *Store
	id string
	// created is what was found at creation. tusd asks for it once more before it takes the lock; had another request
	// moved the offset meanwhile, it would judge the body's length by the wrong offset.
	created *handler.FileInfo
}

// GetInfo implements handler.Upload.
func (u *tusUpload) GetInfo(ctx context.Context) (handler.FileInfo, error) {
	if u.created != nil {
		return *u.created, nil
	}
	snap, err := u.s.spool.load(u.id)
	if errors.Is(err, ErrNotFound) || snap.mended {
		// A sender that missed the last answer asks after the app has moved the bytes on, or after our own note of the
		// finish was destroyed.
		rec, lookupErr := u.s.opts.Registry.Lookup(ctx, u.id)
		if lookupErr != nil || rec.Finished {
			return handler.FileInfo{ID: u.id, Size: rec.Size, Offset: rec.Size}, u.s.tusErr(lookupErr)
		}
	}
	if err != nil {
		return handler.FileInfo{}, u.s.tusErr(err)
	}
	return handler.FileInfo{
		ID: u.id, Size: max(snap.state.length, 0), SizeIsDeferred: snap.state.length == deferred,
		Offset: snap.state.offset, MetaData: snap.facts.Metadata,
	}, nil
}

// WriteChunk implements handler.Upload.
func (u *tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	if requestOf(ctx).bodyDropped {
		return 0, nil
	}
	n, err := u.s.receive(ctx, u.id, offset, src)
	return n, u.s.tusErr(err)
}

// FinishUpload implements handler.Upload. Creation of an empty upload is the one call for which tusd holds no lock.
func (u *tusUpload) FinishUpload(ctx context.Context) error {
	finish := func() error { return u.s.finish(ctx, u.id) }
	var err error
	if requestOf(ctx).hasChunk() {
		err = finish()
	} else {
		err = u.s.locked(ctx, u.id, finish)
	}
	if errors.Is(err, ErrNotFound) {
		if rec, lookupErr := u.s.opts.Registry.Lookup(ctx, u.id); lookupErr == nil && rec.Finished {
			return nil
		}
	}
	return u.s.tusErr(err)
}

// Terminate implements handler.TerminatableUpload. The lock is held.
func (u *tusUpload) Terminate(ctx context.Context) error {
	// The Registry is asked, not our own mark: a crash may have come between its commit and the mark.
	rec, err := u.s.opts.Registry.Lookup(ctx, u.id)
	if err != nil {
		return u.s.tusErr(err)
	}
	if rec.Finished {
		return problemFinished().tusError()
	}
	return u.s.tusErr(u.s.drop(ctx, u.id))
}

// DeclareLength implements handler.LengthDeclarableUpload. The lock is held.
func (u *tusUpload) DeclareLength(_ context.Context, length int64) error {
	return u.s.tusErr(u.s.declare(u.id, length))
}

// GetReader implements handler.Upload; downloads are switched off, so nothing calls it.
func (u *tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}
