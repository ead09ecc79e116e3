package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// TestKilledAtAnyMoment: whatever was acknowledged before kill -9 is there after it, and work goes on by
// itself.
func TestKilledAtAnyMoment(t *testing.T) {
	s := newSite(t)
	ana := s.person(t, "ana@example.com", "Ana Silva", "rep")
	clip := apitest.ReadFile(t, apitest.Clip(t, apitest.Sales(root), "1280x720"))
	third := len(clip) / 3

	srv := s.start(t)
	location := srv.as(ana.token).Begin(t, int64(len(clip)), map[string]string{"title": "Killed", "client_id": "k"})
	srv.as(ana.token).Send(t, location, 0, clip[:third]).Into(t, http.StatusNoContent, nil)
	srv.as(ana.token).Hold(t, location, int64(third), clip, third)
	srv.kill(t)

	srv = s.start(t)
	if at := srv.as(ana.token).Offset(t, location); at < int64(third) || at > 2*int64(third) {
		t.Fatalf("offset %d after the kill; %d bytes were acknowledged, %d sent", at, third, 2*third)
	}
	id := srv.as(ana.token).Finish(t, location, clip).VideoID
	srv.kill(t) // with the receipt just given: the spool has the only copy

	srv = s.start(t)
	if r := srv.as(ana.token).Receipt(t, location); r.VideoID != id || r.SHA256 != apitest.SHA256(clip) {
		t.Fatalf("receipt after the kill: %+v", r)
	}
	srv.as(ana.token).Await(t, id, 3*time.Minute, "playable")
	apitest.Eventually(t, 30*time.Second, func() (bool, string) { return len(s.children(t)) > 0, "no encoder runs" })
	srv.kill(t) // in the middle of an encode
	apitest.Eventually(t, 10*time.Second, func() (bool, string) {
		left := s.children(t)
		return len(left) == 0, "children live on: " + strings.Join(left, "; ")
	})

	srv = s.start(t)
	v := srv.as(ana.token).Await(t, id, 5*time.Minute, "ready")
	if v.TranscriptState != "ready" || v.Media.HLS == "" || v.Media.Storyboard == "" || v.MediaNote != "" {
		t.Errorf("after all: %+v", v)
	}
	srv.stop(t)
	if out := s.must(t, "", "verify"); !strings.Contains(out, "1 videos checked, 0 things wrong.") {
		t.Errorf("verify: %s", out)
	}
	if left, err := os.ReadDir(filepath.Join(s.env["FIELDREEL_DATA"], "work")); err != nil || len(left) > 0 {
		t.Errorf("killed jobs left %v, %v", left, err)
	}
}

// children gives the command lines of processes that work in the data folder, other than the server.
func (s *site) children(t *testing.T) []string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, path := range lines {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte("ffmpeg")) {
			continue // it has just ended, or it is another program
		}
		cwd, _ := os.Readlink(filepath.Join(filepath.Dir(path), "cwd"))
		if strings.HasPrefix(cwd, s.dir) || bytes.Contains(text, []byte(s.dir)) {
			out = append(out, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return out
}

// TestGracefulStop: SIGTERM in the middle of an upload and of an encode ends the server well within 30 s,
// and both go on after the next start.
func TestGracefulStop(t *testing.T) {
	s := newSite(t, "FIELDREEL_DRAIN", "2s")
	ana := s.person(t, "ana@example.com", "Ana Silva", "rep")
	clip := apitest.ReadFile(t, apitest.Clip(t, apitest.Sales(root), "1280x720"))
	srv := s.start(t)
	id := srv.as(ana.token).Finish(t, srv.as(ana.token).Begin(t, int64(len(clip)), nil), clip).VideoID
	srv.as(ana.token).Await(t, id, 3*time.Minute, "playable")
	open := srv.as(ana.token).Begin(t, int64(len(clip)), map[string]string{"client_id": "open"})
	srv.as(ana.token).Hold(t, open, 0, clip, len(clip)/2)
	var spooled int64
	apitest.Eventually(t, 20*time.Second, func() (bool, string) {
		spooled = s.spooled(t, apitest.ID(open))
		return spooled > 0, "nothing has come in"
	})
	began := time.Now()
	srv.stop(t)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("a stop that may drain for 2 s took %s", took)
	}
	srv = s.start(t)
	at := srv.as(ana.token).Offset(t, open)
	if at < spooled || at > int64(len(clip)/2) {
		t.Errorf("offset %d after the stop; %d bytes were sent, %d were written", at, len(clip)/2, spooled)
	}
	second := srv.as(ana.token).Finish(t, open, clip).VideoID
	for _, v := range []string{id, second} {
		if got := srv.as(ana.token).Await(t, v, 5*time.Minute, "ready"); got.MediaNote != "" {
			t.Errorf("after the stop: %+v", got)
		}
	}
	srv.stop(t)
}

// spooled says how many bytes of an upload the spool has written, recorded or not.
func (s *site) spooled(t *testing.T, upload string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.env["FIELDREEL_DATA"], "spool", upload, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestOneServerOnAFolder: a second one is refused, in words and with its own exit code, and the first goes
// on undisturbed.
func TestOneServerOnAFolder(t *testing.T) {
	s := newSite(t)
	srv := s.start(t)
	_, errs, code := s.run(t, "", "serve", "--listen", "127.0.0.1:0")
	if code != 3 || !strings.Contains(errs, "another Fieldreel server is running on this data folder") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	srv.as("").Get(t, "/readyz", nil)
	srv.stop(t)
	s.start(t).stop(t) // the folder is free again
}
