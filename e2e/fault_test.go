package e2e

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// TestMissingTools: without ffmpeg and without the speech model a take is received, kept and told about in
// words; each heals once its tool is there.
func TestMissingTools(t *testing.T) {
	s := newSite(t)
	models := s.env["FIELDREEL_MODELS"]
	s.env["FIELDREEL_FFMPEG"], s.env["FIELDREEL_MODELS"] = "/nonexistent", filepath.Join(s.dir, "no-models")
	ana := s.person(t, "ana@example.com", "Ana Silva", "rep")
	clip := apitest.Clip(t, apitest.Sales(root), "320x240")

	out, _, code := s.run(t, "", "doctor")
	if code != 1 || !strings.Contains(out, "BAD  ffmpeg") || !strings.Contains(out, "BAD  speech model") || !strings.Contains(out, "ok   database") {
		t.Errorf("doctor, exit code %d: %s", code, out)
	}
	srv := s.start(t)
	id := srv.as(ana.token).Upload(t, clip, "No tools")
	v := srv.as(ana.token).Await(t, id, 2*time.Minute, "failed")
	if v.FailureCode != "media_tool_missing" || !strings.Contains(v.Failure, "ffmpeg is not installed") {
		t.Errorf("without ffmpeg: %q, %q", v.FailureCode, v.Failure)
	}
	original := srv.as(ana.token).Get(t, "/api/v1/videos/"+id+"/original", nil)
	if apitest.SHA256(original.Body) != v.SHA256 {
		t.Error("the recording is not what was sent")
	}
	srv.stop(t)

	delete(s.env, "FIELDREEL_FFMPEG")
	srv = s.start(t)
	srv.as(ana.token).Do(t, http.MethodPost, "/api/v1/videos/"+id+"/retry", nil).Into(t, http.StatusAccepted, nil)
	v = srv.as(ana.token).Await(t, id, 3*time.Minute, "ready")
	if v.TranscriptState != "no_model" || !strings.Contains(v.TranscriptNote, "speech model is not installed") || v.Failure != "" || v.Media.HLS == "" {
		t.Errorf("with ffmpeg and no model: %+v", v)
	}
	srv.as(ana.token).Do(t, http.MethodGet, "/api/v1/videos/"+id+"/transcript", nil).WantProblem(t, http.StatusNotFound, "transcript_not_found")
	srv.stop(t)

	s.env["FIELDREEL_MODELS"] = models
	srv = s.start(t)
	apitest.Eventually(t, 3*time.Minute, func() (bool, string) {
		v = srv.as(ana.token).Video(t, id)
		return v.TranscriptState == "ready" && v.State == "ready", "transcript " + v.TranscriptState
	})
	if text := transcriptText(t, srv.as(ana.token), v); !strings.Contains(text, "competitor") {
		t.Errorf("transcript: %s", text)
	}
	srv.as(ana.token).Do(t, http.MethodPost, "/api/v1/videos/"+id+"/retry", nil).WantProblem(t, http.StatusConflict, "nothing_failed")
	srv.stop(t)
	if out, errs, code := s.run(t, "", "doctor"); code != 0 || strings.Contains(out, "BAD") {
		t.Errorf("doctor, exit code %d: %s%s", code, out, errs)
	}
}

// TestNoSpace: below the reserve uploads are refused, and everything else works on.
func TestNoSpace(t *testing.T) {
	s := newSite(t, "FIELDREEL_RESERVE", strconv.FormatInt(1<<60, 10))
	ana := s.person(t, "ana@example.com", "Ana Silva", "rep")
	srv := s.start(t)
	a := srv.as(ana.token).Do(t, http.MethodPost, "/api/v1/uploads", nil, apitest.TusVersion, apitest.Header{Name: "Upload-Length", Value: "1000"})
	a.WantProblem(t, http.StatusInsufficientStorage, "upload_no_space")
	if a.Header.Get("Retry-After") == "" {
		t.Error("507 does not say when to try again")
	}
	srv.as(ana.token).Get(t, "/api/v1/videos", nil)
	srv.as(ana.token).Do(t, http.MethodPost, "/api/v1/tokens", map[string]string{"name": "still writing"}).Into(t, http.StatusCreated, nil)
	srv.stop(t)
}

// TestLimits: what one person may store, what one recording may weigh and how long it may play.
func TestLimits(t *testing.T) {
	s := newSite(t, "FIELDREEL_QUOTA", "3000000", "FIELDREEL_MAX_UPLOAD", "2000000", "FIELDREEL_MAX_DURATION", "2s")
	ana, ben := s.person(t, "ana@example.com", "Ana Silva", "rep"), s.person(t, "ben@example.com", "Ben Okoye", "rep")
	srv := s.start(t)
	begin := func(who account, length int64) *apitest.Answer {
		return srv.as(who.token).Do(t, http.MethodPost, "/api/v1/uploads", nil, apitest.TusVersion, apitest.Header{Name: "Upload-Length", Value: strconv.FormatInt(length, 10)})
	}
	begin(ana, 2_000_001).WantProblem(t, http.StatusRequestEntityTooLarge, "upload_too_large")
	begin(ana, 1_900_000).Into(t, http.StatusCreated, nil)
	begin(ana, 1_900_000).WantProblem(t, http.StatusInsufficientStorage, "quota_exceeded")
	long := apitest.Silent(t, "4", "160x120")
	id := srv.as(ben.token).Upload(t, long, "Too long")
	v := srv.as(ben.token).Await(t, id, 2*time.Minute, "failed")
	if v.FailureCode != "media_too_long" || v.Failure == "" || v.Media.Progressive != "" {
		t.Errorf("a recording that is too long: %+v", v)
	}
	srv.stop(t)
}

// TestMistakesInTheSettings: all of them are named at once, and nothing starts.
func TestMistakesInTheSettings(t *testing.T) {
	s := newSite(t, "FIELDREEL_DATABASE_URL", "mysql://x", "FIELDREEL_S3_BUCKET", "b", "FIELDREEL_MAX_UPLOAD", "-1")
	_, errs, code := s.run(t, "", "serve", "--listen", "127.0.0.1:0")
	for _, name := range []string{"FIELDREEL_DATABASE_URL", "FIELDREEL_S3_ENDPOINT", "FIELDREEL_MAX_UPLOAD"} {
		if !strings.Contains(errs, name) {
			t.Errorf("%s is not named: %s", name, errs)
		}
	}
	if code == 0 {
		t.Error("exit code 0")
	}
	down := newSite(t, "FIELDREEL_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	if _, errs, code := down.run(t, "", "serve", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "reach the database") {
		t.Errorf("without its database, exit code %d: %s", code, errs)
	}
}
