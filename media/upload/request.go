package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
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
	// inner is the request as tusd sees it, body its body.
	inner *http.Request
	body  *trackedBody
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
func (r *request) bodyEnded() bool { return r.body == nil || r.body.ended }

// overlong says whether more of the body was read than the taken bytes that tusd let through.
func (r *request) overlong(taken int64) bool { return r.body != nil && r.body.read > taken }

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
	r.body, r.checksum = nil, nil
}

// trackedBody notes how much was read and whether the end was seen, which tusd hides from a store. It is read by one
// goroutine; another one may close it.
type trackedBody struct {
	io.ReadCloser
	read  int64
	ended bool
}

// Read implements io.Reader.
func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if errors.Is(err, io.EOF) {
		b.ended = true
	}
	return n, err
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
	req    *request
	status int
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
	o.ResponseWriter.WriteHeader(status)
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
	o.ResponseWriter.WriteHeader(o.status)
	_, err := io.WriteString(o.ResponseWriter, o.body.String())
	return err
}

// locks gives tusd its locks; one that cannot be had is answered as 423, not as an internal error.
type locks struct{ handler.Locker }

// NewLock implements handler.Locker.
func (l locks) NewLock(id string) (handler.Lock, error) {
	lock, err := l.Locker.NewLock(id)
	return uploadLock{lock}, err
}

type uploadLock struct{ inner handler.Lock }

// Unlock implements handler.Lock.
func (l uploadLock) Unlock() error { return l.inner.Unlock() }

// Lock implements handler.Lock.
func (l uploadLock) Lock(ctx context.Context, release func()) error {
	if err := l.inner.Lock(ctx, release); err != nil {
		return (&Problem{
			Status: http.StatusLocked, Code: "upload_locked",
			Detail: "Another request for this upload is still running; try again in a moment.",
		}).tusError()
	}
	return nil
}
