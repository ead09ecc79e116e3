package e2e

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

func escape(s string) string { return url.QueryEscape(s) }

// media fetches every file of the video as a player does, without a token: the right is in the address.
func (w *trip) media(t *testing.T) {
	nobody := w.srv.as("")
	m := w.v.Media
	if m.Progressive == "" || m.HLS == "" || m.Poster == "" || m.Storyboard == "" || m.Captions == "" || m.ExpiresAt == nil {
		t.Fatalf("media: %+v", m)
	}
	ranges(t, nobody, m.Progressive)
	get := func(path, contentType, cache string) []byte {
		t.Helper()
		a := nobody.Get(t, path, nil)
		if got := a.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s: content type %q, want %q", path, got, contentType)
		}
		if got := a.Header.Get("Cache-Control"); got != cache {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, cache)
		}
		return a.Body
	}
	cover, err := jpeg.DecodeConfig(bytes.NewReader(get(m.Poster, "image/jpeg", "private, max-age=300")))
	if err != nil || cover.Width == 0 {
		t.Errorf("poster: %v, %+v", err, cover)
	}
	board := string(get(m.Storyboard, "text/vtt; charset=utf-8", "private, max-age=300"))
	if !strings.HasPrefix(board, "WEBVTT") || !strings.Contains(board, "storyboard.jpg#xywh=") {
		t.Errorf("storyboard: %s", board)
	}
	if _, err := jpeg.DecodeConfig(bytes.NewReader(get(beside(m.Storyboard, "storyboard.jpg"), "image/jpeg", "private, max-age=300"))); err != nil {
		t.Errorf("sheet of the storyboard: %v", err)
	}
	if captions := string(get(m.Captions, "text/vtt; charset=utf-8", "private, no-cache")); !strings.HasPrefix(captions, "WEBVTT") || !strings.Contains(captions, "competitor") {
		t.Errorf("captions: %s", captions)
	}
	master := string(get(m.HLS, "application/vnd.apple.mpegurl", "private, max-age=300"))
	if !strings.Contains(master, "#EXT-X-STREAM-INF") {
		t.Fatalf("master playlist: %s", master)
	}
	w.plays(t, m.HLS)
	w.plays(t, m.Progressive)
	for _, name := range []string{"original", "audio.wav", "original.mp4", "..%2Foriginal", "nothing.mp4", "progressive.mp4.bak"} {
		nobody.Do(t, http.MethodGet, beside(m.Progressive, name), nil).WantProblem(t, http.StatusNotFound, "media_not_found")
	}
	original := w.as(w.co.ana).Get(t, "/api/v1/videos/"+w.id+"/original", nil)
	if !bytes.Equal(original.Body, w.clip) || !strings.Contains(original.Header.Get("Content-Disposition"), "take.mp4") {
		t.Errorf("the original: %d bytes, %q", len(original.Body), original.Header.Get("Content-Disposition"))
	}
	w.as(w.co.ben).Do(t, http.MethodGet, "/api/v1/videos/"+w.id+"/original", nil).WantProblem(t, http.StatusNotFound, "video_not_found")
}

// beside gives the address of another file in the folder of a media address.
func beside(path, name string) string { return path[:strings.LastIndex(path, "/")+1] + name }

// ranges checks a whole file, parts of it, and what is outside.
func ranges(t *testing.T, c *apitest.Client, path string) {
	t.Helper()
	whole := c.Get(t, path, nil)
	if whole.Header.Get("Content-Type") != "video/mp4" || whole.Header.Get("Accept-Ranges") != "bytes" || whole.Header.Get("Cache-Control") != "private, max-age=3600, immutable" {
		t.Errorf("headers: %v", whole.Header)
	}
	size := len(whole.Body)
	for _, r := range []struct {
		header     string
		start, end int
	}{{"bytes=0-99", 0, 100}, {"bytes=100-", 100, size}, {"bytes=-10", size - 10, size}, {fmt.Sprintf("bytes=%d-%d", size-5, size+100), size - 5, size}} {
		a := c.Do(t, http.MethodGet, path, nil, apitest.Header{Name: "Range", Value: r.header}).Into(t, http.StatusPartialContent, nil)
		if !bytes.Equal(a.Body, whole.Body[r.start:r.end]) || a.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", r.start, r.end-1, size) {
			t.Errorf("%s: %d bytes, %s", r.header, len(a.Body), a.Header.Get("Content-Range"))
		}
	}
	a := c.Do(t, http.MethodGet, path, nil, apitest.Header{Name: "Range", Value: fmt.Sprintf("bytes=%d-", size)}).Into(t, http.StatusRequestedRangeNotSatisfiable, nil)
	if got := a.Header.Get("Content-Range"); got != fmt.Sprintf("bytes */%d", size) {
		t.Errorf("416 with Content-Range %q", got)
	}
	head := c.Do(t, http.MethodHead, path, nil).Into(t, http.StatusOK, nil)
	if head.Header.Get("Content-Length") != fmt.Sprint(size) {
		t.Errorf("HEAD: %v", head.Header)
	}
	etag := whole.Header.Get("ETag")
	if etag == "" {
		t.Error("no ETag")
	}
	c.Do(t, http.MethodGet, path, nil, apitest.Header{Name: "If-None-Match", Value: etag}).Into(t, http.StatusNotModified, nil)
}

// plays decodes a whole address with the machine's ffmpeg, which follows playlists as players do.
func (w *trip) plays(t *testing.T, path string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-nostdin", "-i", w.srv.base+path, "-f", "null", "-").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("playing %s: %v: %s", path[strings.LastIndex(path, "/")+1:], err, out)
	}
}
