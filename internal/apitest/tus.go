package apitest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Receipt is what the server has of an upload.
type Receipt struct {
	State   string `json:"state"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	VideoID string `json:"video_id"`
}

const (
	uploads   = "/api/v1/uploads"
	chunkType = "application/offset+octet-stream"
)

// TusVersion is the header that every tus request carries.
var TusVersion = Header{"Tus-Resumable", "1.0.0"}

// Metadata writes an Upload-Metadata header.
func Metadata(pairs map[string]string) Header {
	parts := make([]string, 0, len(pairs))
	for k, v := range pairs {
		parts = append(parts, k+" "+base64.StdEncoding.EncodeToString([]byte(v)))
	}
	sort.Strings(parts)
	return Header{"Upload-Metadata", strings.Join(parts, ",")}
}

// Begin makes an upload of so many bytes and gives its address; length -1 leaves it open.
func (c *Client) Begin(t testing.TB, length int64, meta map[string]string) string {
	t.Helper()
	size := Header{"Upload-Length", strconv.FormatInt(length, 10)}
	if length < 0 {
		size = Header{"Upload-Defer-Length", "1"}
	}
	a := c.Do(t, http.MethodPost, uploads, nil, TusVersion, size, Metadata(meta)).Into(t, http.StatusCreated, nil)
	location := a.Header.Get("Location")
	if !strings.HasPrefix(location, uploads+"/") {
		t.Fatalf("location of the upload: %q", location)
	}
	return location
}

// Send sends bytes at an offset and gives the answer.
func (c *Client) Send(t testing.TB, location string, offset int64, data []byte, headers ...Header) *Answer {
	t.Helper()
	headers = append([]Header{TusVersion, {"Upload-Offset", strconv.FormatInt(offset, 10)}, {"Content-Type", chunkType}}, headers...)
	return c.Do(t, http.MethodPatch, location, bytes.NewReader(data), headers...)
}

// Offset asks how far an upload has come.
func (c *Client) Offset(t testing.TB, location string) int64 {
	t.Helper()
	a := c.Do(t, http.MethodHead, location, nil, TusVersion).Into(t, http.StatusOK, nil)
	n, err := strconv.ParseInt(a.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Held is an upload request whose bytes have stopped coming, as in a tunnel.
type Held struct {
	cancel context.CancelFunc
	done   chan error
}

// Hold sends bytes from data at an offset as the beginning of a longer body and keeps the connection open.
func (c *Client) Hold(t testing.TB, location string, offset int64, data []byte, n int) *Held {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := &Held{cancel, make(chan error, 1)}
	body := &stalling{data: data[offset : offset+int64(n)], sent: make(chan struct{}), stop: ctx.Done()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, c.Base+location, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(data)) - offset
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", chunkType)
	req.Header.Set(TusVersion.Name, TusVersion.Value)
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	go func() {
		resp, err := httpClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		h.done <- err
	}()
	t.Cleanup(h.Break)
	select {
	case <-body.sent:
	case err := <-h.done:
		t.Fatalf("the upload ended before it stood still: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("the upload's bytes are not taken")
	}
	return h
}

// Break cuts the connection.
func (h *Held) Break() { h.cancel() }

// stalling gives its bytes and then waits for the end of the request.
type stalling struct {
	data []byte
	sent chan struct{}
	once bool
	stop <-chan struct{}
}

// Read implements io.Reader.
func (s *stalling) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		if !s.once { // all that was given before has been taken
			s.once = true
			close(s.sent)
		}
		<-s.stop
		return 0, errors.New("the connection is broken off")
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

// ID gives the id of the upload at a location.
func ID(location string) string { return location[strings.LastIndex(location, "/")+1:] }

// Receipt asks what the server has of an upload.
func (c *Client) Receipt(t testing.TB, location string) Receipt {
	t.Helper()
	var r Receipt
	c.Get(t, location+"/receipt", &r)
	return r
}

// Finish sends what is missing of an upload, and checks that the receipt names the same bytes.
func (c *Client) Finish(t testing.TB, location string, data []byte) Receipt {
	t.Helper()
	at := c.Offset(t, location)
	c.Send(t, location, at, data[at:]).Into(t, http.StatusNoContent, nil)
	r := c.Receipt(t, location)
	if r.State != "finished" || r.Size != int64(len(data)) || r.SHA256 != SHA256(data) || r.VideoID == "" {
		t.Fatalf("receipt %+v, want finished with %d bytes of SHA-256 %s", r, len(data), SHA256(data))
	}
	return r
}

// Upload sends a file in one go and gives the id of its video.
func (c *Client) Upload(t testing.TB, path, title string) string {
	t.Helper()
	data := ReadFile(t, path)
	location := c.Begin(t, int64(len(data)), map[string]string{"title": title, "filename": "take.mp4"})
	return c.Finish(t, location, data).VideoID
}

// SHA256 gives the hash as receipts write it.
func SHA256(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// ReadFile reads a whole file.
func ReadFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Video is what tests look at of a video.
type Video struct {
	ID              string   `json:"id"`
	Title           string   `json:"title"`
	State           string   `json:"state"`
	Failure         string   `json:"failure"`
	FailureCode     string   `json:"failure_code"`
	MediaNote       string   `json:"media_note"`
	TranscriptState string   `json:"transcript_state"`
	TranscriptNote  string   `json:"transcript_note"`
	DurationMS      int64    `json:"duration_ms"`
	Width           int      `json:"width"`
	Height          int      `json:"height"`
	Audience        string   `json:"audience"`
	Tactics         []string `json:"tactics"`
	Size            int64    `json:"size"`
	SHA256          string   `json:"sha256"`
	Mine            bool     `json:"mine"`
	Media           struct {
		Progressive string     `json:"progressive"`
		HLS         string     `json:"hls"`
		Poster      string     `json:"poster"`
		Storyboard  string     `json:"storyboard"`
		Captions    string     `json:"captions"`
		ExpiresAt   *time.Time `json:"expires_at"`
	} `json:"media"`
	Situation map[string]string `json:"situation"`
}

// Video gives a video.
func (c *Client) Video(t testing.TB, id string) Video {
	t.Helper()
	var v Video
	c.Get(t, "/api/v1/videos/"+id, &v)
	return v
}

// Await waits until a video has one of the states, and gives it.
func (c *Client) Await(t testing.TB, id string, limit time.Duration, states ...string) Video {
	t.Helper()
	var v Video
	Eventually(t, limit, func() (bool, string) {
		v = c.Video(t, id)
		for _, s := range states {
			if v.State == s {
				return true, ""
			}
		}
		return false, fmt.Sprintf("video %s is %s, transcript %s (%s%s%s)", id, v.State, v.TranscriptState, v.Failure, v.MediaNote, v.TranscriptNote)
	})
	return v
}
