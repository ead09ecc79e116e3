package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client speaks to a server as one person.
type client struct {
	base, token string
	http        *http.Client
}

func (s *server) client(token string) *client { return newClient(s.url, token) }

func newClient(base, token string) *client {
	return &client{base, token, &http.Client{
		Timeout:   10 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true, WriteBufferSize: 256 << 10, ReadBufferSize: 256 << 10},
	}}
}

// answer is an HTTP answer, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request; every answer is good, whatever its status.
func (c *client) do(ctx context.Context, method, path string, header map[string]string, body io.Reader, length int64) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.ContentLength = length
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, b}, err
}

func (c *client) status(ctx context.Context, path string) (int, error) {
	a, err := c.do(ctx, http.MethodGet, path, nil, nil, 0)
	return a.status, err
}

// want fails unless the answer has the status.
func (a answer) want(status int, what string) error {
	if a.status == status {
		return nil
	}
	return fmt.Errorf("%s: status %d: %.300s", what, a.status, a.body)
}

// get reads JSON; into may be nil.
func (c *client) get(ctx context.Context, path string, into any) error {
	a, err := c.do(ctx, http.MethodGet, path, nil, nil, 0)
	if err == nil {
		err = a.want(http.StatusOK, "GET "+path)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(a.body, into)
}

// send writes JSON and reads JSON; into may be nil.
func (c *client) send(ctx context.Context, method, path string, value, into any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	a, err := c.do(ctx, method, path, map[string]string{"Content-Type": "application/json"}, bytes.NewReader(b), int64(len(b)))
	if err == nil {
		err = a.want(http.StatusOK, method+" "+path)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(a.body, into)
}

const uploads = "/api/v1/uploads"

// begin begins an upload and gives its path.
func (c *client) begin(ctx context.Context, length int64) (string, error) {
	a, err := c.do(ctx, http.MethodPost, uploads, map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Length": strconv.FormatInt(length, 10),
		"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte("take.mp4")) + ",kind " + base64.StdEncoding.EncodeToString([]byte("take")),
	}, nil, 0)
	if err == nil {
		err = a.want(http.StatusCreated, "begin an upload")
	}
	if err != nil {
		return "", err
	}
	location, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return "", fmt.Errorf("begin an upload: %w", err)
	}
	return location.Path, nil
}

// patch sends bytes of an upload.
func (c *client) patch(ctx context.Context, path string, offset int64, body io.Reader, length int64) error {
	a, err := c.do(ctx, http.MethodPatch, path, map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.FormatInt(offset, 10), "Content-Type": "application/offset+octet-stream",
	}, body, length)
	if err != nil {
		return err
	}
	return a.want(http.StatusNoContent, "send bytes")
}

// video gives the video that an upload became.
func (c *client) video(ctx context.Context, upload string) (string, error) {
	var r struct {
		State   string `json:"state"`
		VideoID string `json:"video_id"`
	}
	if err := c.get(ctx, upload+"/receipt", &r); err != nil {
		return "", err
	}
	if r.State != "finished" || r.VideoID == "" {
		return "", fmt.Errorf("upload %s is %s", upload, r.State)
	}
	return r.VideoID, nil
}
