package api_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// twice is an attempt of ana's that mia and tom review, neither knowing of the other.
func (w *world) twice(t *testing.T) (p part, first, second string) {
	t.Helper()
	p = w.enrol(t)
	tom := w.actor(t, w.tom)
	set, err := w.app.Programmes.Programme(t.Context(), tom, p.programme)
	if err == nil {
		_, err = w.app.Programmes.Change(t.Context(), tom, p.programme, set.Version, func(p *programme.Programme) { p.SecondShare, p.SecondDistance = 100, 10 })
	}
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.app.Programmes.Submit(t.Context(), w.actor(t, w.ana), p.enrolment, programme.NewAttempt{VideoID: p.practice})
	if err != nil {
		t.Fatal(err)
	}
	p.attempt, p.take = a.ID, p.practice
	for role, id := range map[string]*string{"first": &first, "second": &second} {
		if err := w.app.DB.Read(t.Context()).Raw(`SELECT id FROM reviews WHERE attempt_id = ? AND role = ?`, a.ID, role).Scan(id).Error; err != nil || *id == "" {
			t.Fatalf("%s review %q, %v", role, *id, err)
		}
	}
	return p, first, second
}

// told finds what one reviewer said, in an answer to another.
var told = regexp.MustCompile(`SECRET|"score":|"decision":"(pass|retry|fail)"`)

// TestBlindSecond asks for everything that there is to ask as one of two reviewers while the other has sent:
// neither list, review, attempt, trail, numbers nor notice tells what they said, until both are in.
func TestBlindSecond(t *testing.T) {
	for _, name := range []string{"the manager first", "the trainer first"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p, sent, waits := w.twice(t)
			one, two := w.mia, w.tom
			if name == "the trainer first" {
				one, two, sent, waits = two, one, waits, sent
			}
			body := w.sentBody(t, one, sent, 2, "pass")
			body["message"] = "SECRET message"
			note := ident.New()
			one.Do(t, http.MethodPut, "/api/v1/reviews/"+sent+"/voice/"+note, apitest.Raw{ContentType: "audio/webm", Body: string(said(t))}).Into(t, http.StatusOK, nil)
			body["notes"] = []any{map[string]any{"id": note, "at_ms": 10, "kind": "good", "text": "SECRET note", "voice": true}}
			one.Do(t, http.MethodPost, "/api/v1/reviews/"+sent+"/send", body).Into(t, http.StatusOK, nil)
			looks := []string{"/api/v1/reviews", "/api/v1/reviews?box=team", "/api/v1/reviews?box=pool", "/api/v1/reviews?box=done", "/api/v1/reviews/" + sent, "/api/v1/reviews/" + waits,
				"/api/v1/attempts", "/api/v1/attempts/" + p.attempt, "/api/v1/attempts?person=" + w.id[w.ana], "/api/v1/attempts/" + p.attempt + "/trail", "/api/v1/notices", "/api/v1/todo",
				"/api/v1/programmes/" + p.programme + "/participants", "/api/v1/programmes/" + p.programme + "/numbers.csv", "/api/v1/programmes/" + p.programme + "/takes",
				"/api/v1/disputes", "/api/v1/certificates", "/api/v1/videos/" + p.take, "/api/v1/videos/" + p.take + "/notes", "/api/v1/reviews/" + sent + "/voice/" + note}
			for who, c := range map[string]*apitest.Client{"the other": two, "the author": w.ana, "the admin": w.ada} {
				for _, path := range looks {
					a := c.Do(t, http.MethodGet, path, nil)
					if found := told.Find(a.Body); found != nil {
						t.Errorf("%s is told %q by %s: %s", who, found, path, a.Body)
					}
				}
			}
			if a := two.Do(t, http.MethodGet, "/api/v1/reviews/"+sent+"/voice/"+note, nil); a.Status != http.StatusNotFound {
				t.Errorf("the other hears it: %d", a.Status)
			}
			if a := two.Do(t, http.MethodPost, "/api/v1/reviews/"+sent+"/reassign", map[string]any{"person_id": w.id[w.ada]}); a.Status < 400 {
				t.Errorf("who reviews gives the other review away: %d", a.Status)
			}
			two.Do(t, http.MethodPost, "/api/v1/reviews/"+waits+"/send", w.sentBody(t, two, waits, 2, "pass")).Into(t, http.StatusOK, nil)
			var got struct {
				State, Decision string
				Result          struct {
					Message string
					Notes   []struct{ Text string }
				}
			}
			two.Get(t, "/api/v1/attempts/"+p.attempt, &got)
			if got.State != "settled" || got.Decision != "pass" || len(got.Result.Notes) != 1 || got.Result.Notes[0].Text != "SECRET note" {
				t.Errorf("both are in, and the other is shown %+v", got)
			}
			w.ana.Do(t, http.MethodGet, "/api/v1/reviews/"+sent+"/voice/"+note, nil).Into(t, http.StatusOK, nil)
		})
	}
}

// TestReviewOverTheAPI is a reviewer's way through two attempts, as the web client goes it.
func TestReviewOverTheAPI(t *testing.T) {
	w := newWorld(t)
	p := w.submit(t)
	other := w.submit(t)
	var queue struct {
		Items []struct {
			ID      string
			Attempt struct {
				ID    string
				Video struct{ ID string }
			}
			HasDraft  bool `json:"has_draft"`
			Claimable bool
		}
		Summary struct {
			Count, Minutes int
		}
	}
	w.mia.Get(t, "/api/v1/reviews", &queue)
	if len(queue.Items) != 2 || queue.Summary.Count != 2 || queue.Summary.Minutes != 4 || queue.Items[0].Attempt.ID != p.attempt || queue.Items[0].Attempt.Video.ID != p.take || queue.Items[0].HasDraft {
		t.Fatalf("%+v", queue)
	}
	at := "/api/v1/reviews/" + queue.Items[0].ID
	var full struct {
		Rubric struct{ Criteria []struct{ ID string } }
		Draft  struct {
			Version int
			Message string
			Levels  map[string]int
		}
		Facts struct{ State string }
		May   struct{ Send, Claim, Release, Reassign bool }
	}
	w.mia.Get(t, at, &full)
	if len(full.Rubric.Criteria) != 2 || full.Facts.State == "" || !full.May.Send || full.May.Claim || full.May.Release || !full.May.Reassign {
		t.Fatalf("%+v", full)
	}
	draft := map[string]any{"base_version": 0, "levels": map[string]any{full.Rubric.Criteria[0].ID: 2}, "message": "So far."}
	for range 2 {
		var kept struct{ Version int }
		w.mia.Do(t, http.MethodPut, at+"/draft", draft).Into(t, http.StatusOK, &kept)
		if kept.Version != 1 {
			t.Errorf("version %d", kept.Version)
		}
	}
	draft["message"] = "On the phone."
	problem := w.mia.Do(t, http.MethodPut, at+"/draft", draft).WantProblem(t, http.StatusConflict, "draft_changed")
	had, _ := problem.Context["draft"].(map[string]any)
	if had["message"] != "So far." || had["version"] != 1.0 {
		t.Errorf("%+v", problem)
	}
	// The trainer, who looks after it, is not shown what is not sent.
	w.tom.Get(t, at, &full)
	if full.Draft.Message != "" || full.Draft.Version != 0 || full.May.Send {
		t.Errorf("the trainer is shown %+v", full.Draft)
	}
	body := w.sentBody(t, w.mia, queue.Items[0].ID, 1, "pass")
	problem = w.mia.Do(t, http.MethodPost, at+"/send", body).WantProblem(t, http.StatusUnprocessableEntity, "pass_rule")
	if problem.Context["need_score"] == nil {
		t.Errorf("%+v", problem)
	}
	body = w.sentBody(t, w.mia, queue.Items[0].ID, 2, "pass")
	for range 2 {
		var sent struct {
			Review struct {
				State    string
				Score    float64
				Decision string
			}
			Next *struct{ ID string }
			Left int
		}
		w.mia.Do(t, http.MethodPost, at+"/send", body).Into(t, http.StatusOK, &sent)
		if sent.Review.State != "sent" || sent.Review.Score != 100 || sent.Review.Decision != "pass" || sent.Next == nil || sent.Next.ID != queue.Items[1].ID || sent.Left != 1 {
			t.Errorf("%+v", sent)
		}
	}
	var last struct {
		Next *struct{ ID string }
		Left int
	}
	w.mia.Do(t, http.MethodPost, "/api/v1/reviews/"+w.reviewOf(t, other.attempt)+"/send", w.sentBody(t, w.mia, w.reviewOf(t, other.attempt), 1, "retry")).Into(t, http.StatusOK, &last)
	if last.Next != nil || last.Left != 0 {
		t.Errorf("%+v", last)
	}
	var notices struct{ Items []struct{ Kind string } }
	w.ana.Get(t, "/api/v1/notices", &notices)
	results := 0
	for _, n := range notices.Items {
		if n.Kind == "result" {
			results++
		}
	}
	if results != 2 {
		t.Errorf("ana was told %+v", notices)
	}
}

// TestVoiceOverTheAPI serves recordings in ranges, to nobody's shared cache, and refuses what is none.
func TestVoiceOverTheAPI(t *testing.T) {
	w := newWorld(t)
	at := "/api/v1/reviews/" + w.reviewOf(t, w.submit(t).attempt) + "/voice/" + ident.New()
	w.mia.Do(t, http.MethodPut, at, apitest.Raw{ContentType: "audio/webm", Body: string(said(t))}).Into(t, http.StatusOK, nil)
	whole := w.mia.Do(t, http.MethodGet, at, nil)
	if whole.Status != http.StatusOK || whole.Header.Get("Content-Type") != "audio/mp4" || !strings.Contains(whole.Header.Get("Cache-Control"), "private") || string(whole.Body[4:8]) != "ftyp" {
		t.Fatalf("%d %v", whole.Status, whole.Header)
	}
	some := w.mia.Do(t, http.MethodGet, at, nil, apitest.Header{Name: "Range", Value: "bytes=4-7"})
	if some.Status != http.StatusPartialContent || string(some.Body) != "ftyp" {
		t.Errorf("%d %q", some.Status, some.Body)
	}
	for body, code := range map[string]string{"#EXTM3U\nfile:///etc/passwd": "voice_unfit", "RIFF\x00\x00\x00\x00WAVEfmt": "voice_unfit", "OggS": "voice_unfit"} {
		w.mia.Do(t, http.MethodPut, at, apitest.Raw{ContentType: "audio/webm", Body: body}).WantProblem(t, http.StatusUnprocessableEntity, code)
	}
	w.mia.Do(t, http.MethodPut, at, apitest.Raw{ContentType: "audio/webm", Body: strings.Repeat("x", 2<<20+1)}).WantProblem(t, http.StatusRequestEntityTooLarge, "body_too_large")
	if again := w.mia.Do(t, http.MethodGet, at, nil); !bytes.Equal(again.Body, whole.Body) {
		t.Error("what was refused has changed it")
	}
}

// TestReviewOpensFast: going to the next take costs the server far less than the half second that the reviewer has.
func TestReviewOpensFast(t *testing.T) {
	w := newWorld(t)
	at := "/api/v1/reviews/" + w.reviewOf(t, w.submit(t).attempt)
	w.mia.Get(t, at, nil)
	began := time.Now()
	const times = 20
	for range times {
		w.mia.Do(t, http.MethodGet, at, nil)
	}
	if each := time.Since(began) / times; each > 250*time.Millisecond {
		t.Errorf("%v each", each)
	} else {
		t.Logf("%v each", each)
	}
}
