package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Client sends requests as one person. It is safe for concurrent use; copy it to change a field.
type Client struct {
	// Base is the server's address, as http://127.0.0.1:8080.
	Base string
	// Token is sent as a bearer token; empty for nobody.
	Token string
	// Cookie is sent as it is, as name=value; empty for none.
	Cookie string
}

// Raw is a request body that is sent as it is, with its content type.
type Raw struct {
	ContentType string
	Body        string
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// Answer is a response that was read to its end.
type Answer struct {
	Request string // method and path, for messages
	Status  int
	Header  http.Header
	Body    []byte
}

// Problem is an answer of the kind application/problem+json.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
	Errors []struct {
		Field, Code, Detail string
	} `json:"errors"`
	Context   map[string]any `json:"context"`
	RequestID string         `json:"request_id"`
}

// httpClient follows no redirects and keeps connections: tests send hundreds of requests.
var httpClient = &http.Client{
	Timeout:       2 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second},
}

// Try sends a request and gives the answer. body is nil, a [Raw], an [io.Reader], or a value sent as JSON.
func (c *Client) Try(ctx context.Context, method, path string, body any, headers ...Header) (*Answer, error) {
	var reader io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case Raw:
		reader, contentType = strings.NewReader(b.Body), b.ContentType
	case io.Reader:
		reader = b
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		reader, contentType = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, reader)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Cookie != "" {
		req.Header.Set("Cookie", c.Cookie)
	}
	for _, h := range headers {
		req.Header.Set(h.Name, h.Value)
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return &Answer{Request: method + " " + path, Status: resp.StatusCode, Header: resp.Header, Body: data}, nil
}

// Do is Try that fails the test when there is no answer.
func (c *Client) Do(t testing.TB, method, path string, body any, headers ...Header) *Answer {
	t.Helper()
	a, err := c.Try(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Get is Do that wants 200 and reads the JSON of the answer into v, unless v is nil.
func (c *Client) Get(t testing.TB, path string, v any) *Answer {
	t.Helper()
	return c.Do(t, http.MethodGet, path, nil).Into(t, http.StatusOK, v)
}

// Into fails the test unless the status is this one, and reads the JSON of the answer into v, unless v
// is nil.
func (a *Answer) Into(t testing.TB, status int, v any) *Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: status %d, want %d: %s", a.Request, a.Status, status, a.short())
	}
	if v != nil {
		if err := json.Unmarshal(a.Body, v); err != nil {
			t.Fatalf("%s: %v: %s", a.Request, err, a.short())
		}
	}
	return a
}

// WantProblem fails the test unless the answer is a whole problem document with this status and code.
func (a *Answer) WantProblem(t testing.TB, status int, code string) Problem {
	t.Helper()
	var p Problem
	if a.Status != status {
		t.Fatalf("%s: status %d, want %d %s: %s", a.Request, a.Status, status, code, a.short())
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s: content type %q, want application/problem+json", a.Request, got)
	}
	if err := json.Unmarshal(a.Body, &p); err != nil {
		t.Fatalf("%s: %v: %s", a.Request, err, a.short())
	}
	if p.Code != code || p.Status != status || p.Type != "about:blank" || p.Title == "" || p.Detail == "" {
		t.Errorf("%s: problem %s, want code %s with type, title, status and detail", a.Request, a.short(), code)
	}
	return p
}

func (a *Answer) short() string {
	s := string(a.Body)
	if len(s) > 600 {
		s = s[:600] + "…"
	}
	return strings.TrimSpace(s)
}

// Eventually asks until cond holds; after the limit it fails the test with what cond said last.
func Eventually(t testing.TB, limit time.Duration, cond func() (ok bool, state string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, state := cond()
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("still not after %s: %s", limit, state)
		case <-tick.C:
		}
	}
}
