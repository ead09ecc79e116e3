package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// request carries what tusd does not pass on from the HTTP request to the store, and back.
type request struct {
	// method is the effective one, after X-HTTP-Method-Override.
	method string
	owner  string
	meta   metadata
	// checksum is nil without an Upload-Checksum header.
	checksum *checksum
	// inner is the request as tusd sees it, body its body; both stay as they are for the life of the request.
	inner *http.Request
	body  *trackedBody
	// bodyDropped is set when tusd was given an empty body in its place.
	bodyDropped bool
	// expires is set by the store while the upload is unfinished; zero for none.
	expires time.Time
}

type requestKey struct{}

// requestOf finds the request of a context that came through ServeHTTP; elsewhere an empty one.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// bodyEnded says whether the body was read to its proper end.
func (r *request) bodyEnded() bool { return r.body == nil || r.bodyDropped || r.body.ended }

// overlong says whether more of the body was read than the taken bytes that tusd let through.
func (r *request) overlong(taken int64) bool {
	return r.body != nil && !r.bodyDropped && r.body.read > taken
}

// interrupt makes the request's body end with cause, from any goroutine. What arrived is kept.
func (r *request) interrupt(cause error) {
	if r.body != nil {
		r.body.interrupt(cause)
	}
}

// hasChunk says whether tusd will take the body for content, and holds the upload's lock while it does.
func (r *request) hasChunk() bool {
	return r.method == http.MethodPatch ||
		r.method == http.MethodPost && r.inner != nil && r.inner.Header.Get("Content-Type") == chunkType
}

// dropBody makes tusd see an empty body: a creation that is repeated finds an upload that has gone on, and the bytes it
// brings belong at the start. The answer's Upload-Offset tells the sender where to go on.
func (r *request) dropBody() {
	if r.inner == nil {
		return
	}
	r.inner.Body, r.inner.ContentLength = http.NoBody, 0
	r.bodyDropped, r.checksum = true, nil
}

// trackedBody notes how much was read and whether the end was seen, which tusd hides from a store.
//
// It also is how a running request is made to give way. tusd's own way has a data race (its watching goroutine reads a
// field that the handler sets), and an interruption that comes between taking the lock and reading the body is lost, so
// that the one who waits for the lock waits in vain.
type trackedBody struct {
	io.ReadCloser
	control *http.ResponseController
	// read and ended belong to the goroutine that reads.
	read  int64
	ended bool

	mu sync.Mutex
	// cause is set once the request was interrupted.
	cause error
	// over is set once there is nothing left to interrupt.
	over bool
}

// Read implements io.Reader.
func (b *trackedBody) Read(p []byte) (int, error) {
	// tusd moves the read deadline after each read, so the deadline alone could not stop the next one.
	if cause := b.interrupted(); cause != nil {
		return 0, cause
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if errors.Is(err, io.EOF) {
		b.ended = true
		b.leave()
	} else if cause := b.interrupted(); err != nil && cause != nil {
		err = cause
	}
	return n, err
}

func (b *trackedBody) interrupted() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cause
}

func (b *trackedBody) interrupt(cause error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || b.cause != nil {
		return
	}
	b.cause = cause
	// Wakes a read that waits for a dead connection. A connection that has no deadlines is woken by its next byte.
	_ = b.control.SetReadDeadline(time.Now())
}

// leave says that the body needs no interruption any more: the connection may go on to another request.
func (b *trackedBody) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}

func effectiveMethod(r *http.Request) string {
	if override := r.Header.Get("X-HTTP-Method-Override"); r.Method == http.MethodPost && override != "" {
		return override
	}
	return r.Method
}

// responder turns tusd's answers into ours: problem documents, a Location without scheme and host, Upload-Expires, the
// extensions that this package adds.
type responder struct {
	http.ResponseWriter
	method string
	http1  bool
	// timeout is how long an answer may take to be delivered.
	timeout time.Duration
	req     *request
	status  int
	// body collects a refusal's text; refusals are short.
	body strings.Builder
}

// Unwrap serves http.ResponseController.
func (o *responder) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// WriteHeader implements http.ResponseWriter; a refusal is held back until finish.
func (o *responder) WriteHeader(status int) {
	if status < 200 {
		o.ResponseWriter.WriteHeader(status)
		return
	}
	if o.status != 0 {
		return
	}
	o.status = status
	if status >= 400 {
		return
	}
	h := o.Header()
	if at := strings.Index(h.Get("Location"), "://"); at >= 0 {
		// Behind a proxy neither scheme nor host are what the sender used; a path is right for everybody.
		rest := h.Get("Location")[at+3:]
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			h.Set("Location", rest[slash:])
		}
	}
	switch o.method {
	case http.MethodOptions:
		h.Set("Tus-Extension", h.Get("Tus-Extension")+",expiration,checksum")
		h.Set("Tus-Checksum-Algorithm", checksumAlgorithms)
	case http.MethodHead:
		// tusd gives the upload's length, as if a GET were to follow.
		h.Del("Content-Length")
	}
	if !o.req.expires.IsZero() {
		h.Set("Upload-Expires", o.req.expires.UTC().Format(http.TimeFormat))
	}
	if o.method != http.MethodOptions {
		h.Set("Cache-Control", "no-store")
	}
	o.allowTime()
	o.ResponseWriter.WriteHeader(status)
}

// allowTime gives the answer its own time to be delivered. tusd counts from the last byte read, and a slow disk or a slow
// Finish would leave the sender of a finished upload without an answer.
func (o *responder) allowTime() {
	// A connection without deadlines needs none moved.
	_ = http.NewResponseController(o.ResponseWriter).SetWriteDeadline(time.Now().Add(o.timeout))
}

// Write implements http.ResponseWriter.
func (o *responder) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.WriteHeader(http.StatusOK)
	}
	if o.status < 400 {
		return o.ResponseWriter.Write(p)
	}
	if o.body.Len() < 8<<10 {
		o.body.Write(p)
	}
	return len(p), nil
}

// fail answers with a problem.
func (o *responder) fail(p *Problem) {
	for k, v := range p.headers() {
		o.Header().Set(k, v)
	}
	o.Header().Set("Tus-Resumable", tusVersion)
	o.Header().Set("X-Content-Type-Options", "nosniff")
	if p.Status == http.StatusMethodNotAllowed {
		o.Header().Set("Allow", "POST, HEAD, PATCH, DELETE, OPTIONS")
	}
	o.status = p.Status
	o.body.Reset()
	if o.method != http.MethodHead {
		o.body.Write(p.body())
	}
}

// finish sends a refusal that was held back.
func (o *responder) finish() error {
	if o.status < 400 {
		return nil
	}
	h := o.Header()
	if h.Get("Content-Type") != problemType {
		o.fail(fromTusd(o.status, o.body.String()))
	}
	h.Del("Content-Length")
	h.Del("Location")
	o.allowTime()
	if o.req.body != nil && o.req.body.interrupted() != nil {
		// The server would wait for the rest of the body, which will not come, before it sends the answer.
		if o.http1 {
			h.Set("Connection", "close")
		}
		_ = o.req.body.control.SetReadDeadline(time.Now())
	}
	o.ResponseWriter.WriteHeader(o.status)
	_, err := io.WriteString(o.ResponseWriter, o.body.String())
	return err
}

// locks gives tusd its locks. A request that holds one is interrupted through its body when another one wants it; a
// lock that cannot be had is answered as 423, not as an internal error.
type locks struct{ handler.Locker }

// NewLock implements handler.Locker.
func (l locks) NewLock(id string) (handler.Lock, error) {
	lock, err := l.Locker.NewLock(id)
	return uploadLock{lock}, err
}

type uploadLock struct{ inner handler.Lock }

// Unlock implements handler.Lock.
func (l uploadLock) Unlock() error { return l.inner.Unlock() }

// Lock implements handler.Lock. tusd's own callback is not used, see trackedBody.
func (l uploadLock) Lock(ctx context.Context, _ func()) error {
	holder := requestOf(ctx)
	if err := l.inner.Lock(ctx, func() { holder.interrupt(handler.ErrUploadInterrupted) }); err != nil {
		return (&Problem{
			Status: http.StatusLocked, Code: "upload_locked",
			Detail: "Another request for this upload is still running; try again in a moment.",
		}).tusError()
	}
	return nil
}
