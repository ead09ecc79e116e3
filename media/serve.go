package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// defaultCacheControl: the address of an object carries a short-lived right and its bytes never change, so the
// browser of the person who may see it can keep it, and nobody in between may.
const defaultCacheControl = "private, max-age=3600, immutable"

// copyBufferSize suits a read from a store over the network: measured at 154 MiB/s with this, and 131 with smaller reads
// through a seeking reader.
const copyBufferSize = 256 << 10

// ErrResponseStarted says that the answer broke off after its header was sent. The caller can only log it; the connection shows
// the client that bytes are missing.
var ErrResponseStarted = errors.New("media response broke off")

// ServeOptions says how an object is answered.
type ServeOptions struct {
	// ContentType defaults to what the store knows. Give what the database says.
	ContentType string
	// CacheControl defaults to "private, max-age=3600, immutable".
	CacheControl string
	// Filename, if not empty, makes the browser save the object under this name instead of showing it. It may be a
	// user's words: path separators and control characters are taken out.
	Filename string
	// Inline lets the browser show the object, and save it under Filename only when it is asked to.
	Inline bool
	// Policy replaces the Content-Security-Policy. The default is [StrictPolicy].
	Policy string
	// ETag is a strong validator without quotes, such as the SHA-256 of the bytes in hex. It defaults to the store's,
	// which differs between stores. It must consist of visible ASCII without quotes.
	ETag string
}

// ServeObject answers a GET or HEAD request with an object: whole, one range of it, or that the client has it already
// (200, 206, 304, 412, 416; 405 for other methods). Stores with local files and others answer alike, and like
// [http.FileServer], but for this: several ranges in one request get the whole object, as RFC 9110 allows, because the
// multipart form is of use to attackers only; and so does a range of an empty object or "bytes=-0".
//
// The response cannot run scripts, frame, be sniffed or be embedded by other sites, whatever the bytes are.
//
// Give it the server's own ResponseWriter and no wrapper: only that one sends local files by sendfile, at half the CPU.
//
// An error wraps [ErrResponseStarted] if the answer had begun. Otherwise nothing was written, and the caller answers:
// [ErrNotFound] as "not found", others as failure. Headers are set only when the answer begins.
func ServeObject(w http.ResponseWriter, r *http.Request, store Store, key Key, opts ServeOptions) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return nil
	}
	if local, ok := store.(LocalFiler); ok {
		return serveLocal(w, r, store, local, key, opts)
	}
	return serveRemote(w, r, store, key, opts)
}

// serveLocal leaves everything to the standard library, which recognizes the file behind its reader.
func serveLocal(w http.ResponseWriter, r *http.Request, store Store, local LocalFiler, key Key, opts ServeOptions) (err error) {
	f, err := local.LocalFile(r.Context(), key)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); closeErr != nil && err == nil {
			err = fmt.Errorf("%w: %w", ErrResponseStarted, closeErr)
		}
	}()
	info, err := localInfo(r.Context(), store, key, f, opts)
	if err != nil {
		return err
	}
	setHeaders(w.Header(), info, opts)
	if asked := r.Header.Get("Range"); asked != "" {
		if plain := plainRange(asked, info.Size); plain != asked {
			r = r.Clone(r.Context()) // The caller's request stays as it is.
			r.Header.Set("Range", plain)
		}
	}
	http.ServeContent(w, r, "", info.ModTime, f)
	return nil
}

// localInfo describes the open file, and asks the store only for what the caller did not give.
func localInfo(ctx context.Context, store Store, key Key, f *os.File, opts ServeOptions) (Info, error) {
	fi, err := f.Stat()
	if err != nil {
		return Info{}, fmt.Errorf("serve %s: %w", key, err)
	}
	info := Info{Key: key, Size: fi.Size(), ModTime: fi.ModTime(), ContentType: opts.ContentType, ETag: opts.ETag}
	if info.ContentType != "" && info.ETag != "" {
		return info, nil
	}
	stat, err := store.Stat(ctx, key)
	if err != nil {
		return Info{}, err
	}
	if stat.Size == info.Size && stat.ModTime.Equal(info.ModTime) {
		return stat, nil
	}
	// The object was replaced since it was opened: the old bytes must not get the validator of the new ones.
	info.ContentType = stat.ContentType
	return info, nil
}

// serveRemote passes one range on to the store.
func serveRemote(w http.ResponseWriter, r *http.Request, store Store, key Key, opts ServeOptions) error {
	ctx := r.Context()
	var info Info
	if r.Method == http.MethodHead || isConditional(r.Header) {
		// Whether bytes are wanted at all depends on what is there.
		var err error
		if info, err = store.Stat(ctx, key); err != nil {
			return err
		}
	}
	rangeValue := r.Header.Get("Range")
	if isConditional(r.Header) {
		switch status, useRange := evaluate(r, etagOf(info, opts), info.ModTime); {
		case status != 0:
			writeUnsent(w, status, info, opts)
			return nil
		case !useRange:
			rangeValue = ""
		}
	}
	br, ok := parseRange(rangeValue)
	if !ok {
		writeRangeError(w, "invalid range", -1)
		return nil
	}
	if r.Method == http.MethodHead {
		start, n, err := ResolveRange(info.Size, br.off, br.length)
		switch {
		case errors.Is(err, ErrRange) && info.Size > 0:
			writeRangeError(w, noOverlap, info.Size)
		case err != nil || !br.given || info.Size == 0:
			writeHeader(w, info, opts, 0, info.Size, false)
		default:
			writeHeader(w, info, opts, start, n, true)
		}
		return nil
	}
	return sendRange(w, r, store, key, opts, br)
}

func sendRange(w http.ResponseWriter, r *http.Request, store Store, key Key, opts ServeOptions, br byteRange) (err error) {
	body, info, err := store.OpenRange(r.Context(), key, br.off, br.length)
	if errors.Is(err, ErrRange) {
		if info.Size == 0 {
			writeHeader(w, info, opts, 0, 0, false)
			return nil
		}
		writeRangeError(w, noOverlap, info.Size)
		return nil
	}
	if err != nil {
		return err
	}
	started := false
	defer func() {
		// Closing a body that was left early may report just that; the first error is the one that tells.
		if closeErr := body.Close(); err == nil {
			err = closeErr
		}
		if err != nil && started {
			err = fmt.Errorf("%w: %s: %w", ErrResponseStarted, key, err)
		}
	}()
	start, n, err := ResolveRange(info.Size, br.off, br.length)
	if err != nil {
		return err
	}
	writeHeader(w, info, opts, start, n, br.given && info.Size > 0)
	started = true

	buf := copyBuffers.Get().(*[]byte) // The pool holds nothing else.
	defer copyBuffers.Put(buf)
	// The writer's own ReadFrom has a buffer that is too small for a network behind it; the limit keeps a store that
	// gives too much from spoiling the connection.
	written, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(body, n), *buf)
	if err == nil && written < n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// copyBuffers is a cache of memory and holds no state.
var copyBuffers = sync.Pool{New: func() any {
	b := make([]byte, copyBufferSize)
	return &b
}}

func etagOf(info Info, opts ServeOptions) string {
	tag := info.ETag
	if opts.ETag != "" {
		tag = opts.ETag
	}
	if tag == "" {
		return ""
	}
	return `"` + tag + `"`
}

// setHeaders sets what every answer with (or about) the object carries.
func setHeaders(h http.Header, info Info, opts ServeOptions) {
	contentType := opts.ContentType
	if contentType == "" {
		contentType = info.ContentType
	}
	cacheControl := opts.CacheControl
	if cacheControl == "" {
		cacheControl = defaultCacheControl
	}
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cacheControl)
	if tag := etagOf(info, opts); tag != "" {
		h.Set("Etag", tag)
	}
	if opts.Filename != "" {
		how := "attachment"
		if opts.Inline {
			how = "inline"
		}
		h.Set("Content-Disposition", disposition(how, opts.Filename))
	}
	setSecurityHeaders(h)
	if opts.Policy != "" {
		h.Set("Content-Security-Policy", opts.Policy)
	}
}

// StrictPolicy is what answers carry that need nothing of a page: no scripts, no origin, nothing loaded.
const StrictPolicy = "sandbox; default-src 'none'"

func setSecurityHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", StrictPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// The address is a right for as long as it lasts.
	h.Set("Referrer-Policy", "no-referrer")
}

// writeHeader begins an answer with the n bytes from start; part says that these are a range that was asked for.
func writeHeader(w http.ResponseWriter, info Info, opts ServeOptions, start, n int64, part bool) {
	h := w.Header()
	setHeaders(h, info, opts)
	setLastModified(h, info.ModTime)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(n, 10))
	status := http.StatusOK
	if part {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, start+n-1, info.Size))
	}
	w.WriteHeader(status)
}

// writeUnsent answers 304 or 412.
func writeUnsent(w http.ResponseWriter, status int, info Info, opts ServeOptions) {
	h := w.Header()
	setHeaders(h, info, opts)
	if status == http.StatusNotModified {
		h.Del("Content-Type")
	}
	if status != http.StatusNotModified || h.Get("Etag") == "" {
		setLastModified(h, info.ModTime)
	}
	w.WriteHeader(status)
}

const noOverlap = "invalid range: failed to overlap"

// writeRangeError answers 416; size is -1 if it does not matter, because the range is malformed.
func writeRangeError(w http.ResponseWriter, text string, size int64) {
	setSecurityHeaders(w.Header())
	if size >= 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
	}
	http.Error(w, text, http.StatusRequestedRangeNotSatisfiable)
}

func setLastModified(h http.Header, t time.Time) {
	if !t.IsZero() && t.Unix() != 0 {
		h.Set("Last-Modified", t.UTC().Format(http.TimeFormat))
	}
}

// disposition makes the header that has a browser save the answer under a name (attachment), or show it (inline).
func disposition(how, name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == '/' || c == '\\' || isBidi(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	if v := mime.FormatMediaType(how, map[string]string{"filename": name}); v != "" && name != "" {
		return v
	}
	return how
}

// isBidi tells characters that turn the direction of text: "exe.mp4" could be shown as "4pm.exe".
func isBidi(c rune) bool {
	return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f
}
