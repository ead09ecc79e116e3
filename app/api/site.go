package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// assets is the folder of the files that are named by their content.
const assets = "assets/"

// contentTypes are those of the client's files. Go's own table asks the machine, and machines differ.
//
//nolint:gochecknoglobals // a constant table
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// codings are the ways in which a file may lie compressed beside itself, the smaller first.
//
//nolint:gochecknoglobals // a constant table
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// site gives the files of the web client. Each is read once and kept: together they are smaller than one picture.
type site struct {
	from  fs.FS
	mu    sync.Mutex
	files map[string]*siteFile
}

// siteFile is one file in all the forms that it lies in.
type siteFile struct {
	contentType, cache string
	plain              form
	// packed are the compressed forms, in the order of codings.
	packed []form
}

// form is a file's bytes in one coding.
type form struct {
	coding string
	etag   string
	bytes  []byte
}

func newSite(from fs.FS) *site { return &site{from: from, files: map[string]*siteFile{}} }

// file gives the file of this name, or fs.ErrNotExist: also for folders, for the compressed forms by their own
// name, and for what browsers have no use for.
func (s *site) file(name string) (*siteFile, error) {
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok || !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.files[name]; ok {
		return f, nil
	}
	plain, err := fs.ReadFile(s.from, name)
	if err != nil {
		return nil, err
	}
	f := &siteFile{contentType: contentType, cache: "no-cache", plain: newForm("", plain)}
	if strings.HasPrefix(name, assets) {
		f.cache = "public, max-age=31536000, immutable"
	}
	for _, c := range codings {
		packed, err := fs.ReadFile(s.from, name+c.suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.packed = append(f.packed, newForm(c.name, packed))
	}
	s.files[name] = f
	return f, nil
}

// newForm names the bytes by their content. The forms of a file are different bytes, so they have different names.
func newForm(coding string, b []byte) form {
	sum := sha256.Sum256(b)
	return form{coding, `"` + hex.EncodeToString(sum[:12]) + `"`, b}
}

// serve answers with the smallest form that the request accepts.
func (f *siteFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	send := f.plain
	if len(f.packed) > 0 {
		h.Set("Vary", "Accept-Encoding")
		// A range is one of the plain file: players and download tools ask for ranges, pages do not.
		if r.Header.Get("Range") == "" {
			send = f.choose(r.Header.Values("Accept-Encoding"))
		}
	}
	h.Set("Etag", send.etag)
	if send.coding != "" {
		h.Set("Content-Encoding", send.coding)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(send.bytes))
}

func (f *siteFile) choose(accept []string) form {
	for _, p := range f.packed {
		if accepts(accept, p.coding) {
			return p
		}
	}
	return f.plain
}

// accepts says whether Accept-Encoding names this coding, or all, and not with a weight of 0 (RFC 9110, 12.5.3).
func accepts(accept []string, coding string) bool {
	all := false
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		weight := 1.0
		if _, q, ok := strings.Cut(strings.ReplaceAll(params, " ", ""), "q="); ok {
			var err error
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				weight = 0
			}
		}
		switch name = strings.TrimSpace(name); {
		case strings.EqualFold(name, coding):
			return weight > 0
		case name == "*":
			all = weight > 0
		}
	}
	return all
}
