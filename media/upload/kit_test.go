package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testBase = "/api/v1/uploads"

type ownerKey struct{}

// registry is a Registry with the behaviour of a database, kept in memory and, with a file, across processes.
type registry struct {
	mu   sync.Mutex
	file string
	// next numbers the ids.
	Next int
	Rows map[string]*row
	// failFinish makes so many calls of Finish fail.
	failFinish int
	finishErr  error
	createErr  error
	// slow is how long Finish takes.
	slow time.Duration
	// effects counts the first, effective Finish of each id; calls counts all.
	effects, calls map[string]int
}

type row struct {
	Owner, ClientID string
	Upload          NewUpload
	Done            *Finished
	Terminated      bool
}

func newRegistry(file string) *registry {
	r := &registry{file: file, Rows: map[string]*row{}, effects: map[string]int{}, calls: map[string]int{}}
	if b, err := os.ReadFile(file); file != "" && err == nil {
		if err := json.Unmarshal(b, r); err != nil {
			panic(err)
		}
	}
	return r
}

func (r *registry) save() error {
	if r.file == "" {
		return nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temp := r.file + ".tmp"
	if err := os.WriteFile(temp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, r.file)
}

func (r *registry) Owner(ctx context.Context) (string, error) {
	owner, _ := ctx.Value(ownerKey{}).(string)
	if owner == "" {
		return "", &Problem{Status: 401, Code: "unauthenticated", Detail: "Sign in."}
	}
	return owner, nil
}

func (r *registry) Create(_ context.Context, n NewUpload) (Created, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.createErr != nil {
		return Created{}, r.createErr
	}
	for id, row := range r.Rows {
		if n.ClientID != "" && row.Owner == n.Owner && row.ClientID == n.ClientID && !row.Terminated {
			return Created{ID: id, Existing: true}, nil
		}
	}
	r.Next++
	id := fmt.Sprintf("019a-%04d", r.Next)
	r.Rows[id] = &row{Owner: n.Owner, ClientID: n.ClientID, Upload: n}
	return Created{ID: id}, r.save()
}

func (r *registry) Authorize(ctx context.Context, id string) error {
	owner, _ := ctx.Value(ownerKey{}).(string)
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, ok := r.Rows[id]; !ok || row.Owner != owner || row.Terminated {
		return fmt.Errorf("authorize: %w", ErrNotFound)
	}
	return nil
}

func (r *registry) Lookup(_ context.Context, id string) (Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row, ok := r.Rows[id]
	if !ok || row.Terminated {
		return Record{}, nil
	}
	rec := Record{Known: true}
	if row.Done != nil {
		rec.Finished, rec.Size, rec.SHA256 = true, row.Done.Size, row.Done.SHA256
	}
	return rec, nil
}

func (r *registry) Finish(ctx context.Context, f Finished) error {
	if r.slow > 0 {
		timer := time.NewTimer(r.slow)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[f.ID]++
	if r.failFinish > 0 {
		r.failFinish--
		if r.finishErr != nil {
			return r.finishErr
		}
		return errors.New("database is away: secret dsn")
	}
	row, ok := r.Rows[f.ID]
	if !ok || row.Terminated {
		return ErrNotFound
	}
	if row.Done != nil {
		if *row.Done != f {
			return fmt.Errorf("finish called with %+v after %+v", f, *row.Done)
		}
		return nil
	}
	row.Done = &f
	r.effects[f.ID]++
	return r.save()
}

func (r *registry) Terminated(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, ok := r.Rows[id]; ok {
		row.Terminated = true
	}
	return r.save()
}

func (r *registry) done(id string) *Finished {
	r.mu.Lock()
	defer r.mu.Unlock()
	if row := r.Rows[id]; row != nil {
		return row.Done
	}
	return nil
}

func (r *registry) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// endless is a disk that never fills.
func endless(string) (free, total int64, err error) { return math.MaxInt64, math.MaxInt64 / 2, nil }

// rig is a Store behind a real HTTP server.
type rig struct {
	t     *testing.T
	dir   string
	reg   *registry
	store *Store
	srv   *httptest.Server
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), reg: newRegistry("")}
	r.open(change)
	return r
}

// open opens the store anew over the same folder and registry, leaving an earlier one where it stands.
func (r *rig) open(change func(*Options)) {
	r.t.Helper()
	opts := Options{Dir: r.dir, BasePath: testBase, Registry: r.reg, Space: endless, MaxSize: 1 << 30}
	if change != nil {
		change(&opts)
	}
	store, err := Open(opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.store = store
	r.srv = httptest.NewServer(withOwner(store))
	r.t.Cleanup(r.srv.Close)
}

// withOwner stands for the app's sign-in.
func withOwner(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if owner := req.Header.Get("X-Owner"); owner != "" {
			req = req.WithContext(context.WithValue(req.Context(), ownerKey{}, owner))
		}
		h.ServeHTTP(w, req)
	})
}

// benchServer serves a store and gives a client for it.
func benchServer(store *Store) (*client, func()) {
	srv := httptest.NewServer(withOwner(store))
	return &client{base: srv.URL, owner: "ann", http: srv.Client()}, srv.Close
}

// answer is a response read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) code(t *testing.T) string {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != problemType {
		t.Fatalf("status %d: content type %q, want a problem; body %q", a.status, got, a.body)
	}
	var p struct {
		Type, Title, Code, Detail, Field string
		Status                           int
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("problem %q: %v", a.body, err)
	}
	if p.Status != a.status || p.Type == "" || p.Title == "" || p.Detail == "" {
		t.Fatalf("status %d: incomplete problem %q", a.status, a.body)
	}
	return p.Code
}

func (a answer) offset() int64 {
	n, err := strconv.ParseInt(a.header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

type headers map[string]string

// client is a small tus client.
type client struct {
	base  string
	owner string
	http  *http.Client
}

func (r *rig) client() *client {
	return &client{base: r.srv.URL, owner: "ann", http: r.srv.Client()}
}

// try sends one request; an error is one of the connection.
func (c *client) try(method, path string, h headers, body io.Reader) (answer, error) {
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("X-Owner", c.owner)
	for k, v := range h {
		req.Header.Set(k, v)
		if v == "" {
			req.Header.Del(k)
		}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b)}, err
}

func (c *client) do(t *testing.T, method, path string, h headers, body io.Reader) answer {
	t.Helper()
	a, err := c.try(method, path, h, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// meta writes an Upload-Metadata header from pairs.
func meta(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(out, ",")
}

// create makes an upload and gives its path.
func (c *client) create(t *testing.T, length int64, pairs ...string) string {
	t.Helper()
	h := headers{"Upload-Length": strconv.FormatInt(length, 10), "Upload-Metadata": meta(pairs...)}
	if length < 0 {
		delete(h, "Upload-Length")
		h["Upload-Defer-Length"] = "1"
	}
	a := c.do(t, "POST", testBase, h, nil)
	if a.status != 201 {
		t.Fatalf("create: %d %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

func patchHeaders(offset int64, extra headers) headers {
	h := headers{"Content-Type": chunkType, "Upload-Offset": strconv.FormatInt(offset, 10)}
	for k, v := range extra {
		h[k] = v
	}
	return h
}

func (c *client) patch(t *testing.T, path string, offset int64, body []byte, extra headers) answer {
	t.Helper()
	return c.do(t, "PATCH", path, patchHeaders(offset, extra), bytes.NewReader(body))
}

func (c *client) head(t *testing.T, path string) answer {
	t.Helper()
	return c.do(t, "HEAD", path, nil, nil)
}

func idOfPath(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// content gives n reproducible bytes that no compression or repetition makes alike.
func content(seed uint64, n int) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
	_, _ = rng.Read(b)
	return b
}

func hexSum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// mustBeDone checks that an upload is recorded once, with the right bytes.
func (r *rig) mustBeDone(path string, want []byte) {
	r.t.Helper()
	id := idOfPath(path)
	f := r.reg.done(id)
	if f == nil {
		r.t.Fatalf("upload %s is not recorded", id)
	}
	got, err := os.ReadFile(f.Path)
	if err != nil {
		r.t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		r.t.Fatalf("stored %d bytes differ from the %d sent", len(got), len(want))
	}
	if f.Size != int64(len(want)) || f.SHA256 != hexSum(want) {
		r.t.Fatalf("recorded %+v, want size %d hash %s", *f, len(want), hexSum(want))
	}
	if n := r.reg.effects[id]; n != 1 {
		r.t.Fatalf("finish took effect %d times", n)
	}
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		case <-tick.C:
		}
	}
}

func folders(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	return append(names, hidden...)
}
