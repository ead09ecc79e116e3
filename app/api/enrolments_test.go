package api_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

type factsShape struct {
	State      string
	DurationMS int64 `json:"duration_ms"`
	TargetMS   int64 `json:"target_ms"`
	Definition []string
}

type attemptShape struct {
	ID, State, Decision string
	Number              int
	Score               *float64
	Swappable           bool
	Video               *struct{ ID, Kind string }
	Note                *struct {
		AtMS int64 `json:"at_ms"`
		Text string
	}
	Result *struct {
		Message string
		Scores  []struct{ Level int }
	}
	Certificate *struct {
		ID, Number, State string
		CheckPath         string `json:"check_path"`
	}
	May struct{ Acknowledge, Dispute, Swap, Trail bool }
}

type enrolmentShape struct {
	ID, Status string
	Open       bool
	Waiting    *struct {
		AttemptID string `json:"attempt_id"`
	}
	Last *struct {
		Decision     string
		Score        float64
		Acknowledged bool
	}
	Reviewers string
	Rubric    struct{ Criteria []struct{ ID string } }
	Practices []struct {
		Video struct {
			ID, Kind, State string
			ForID           string `json:"for_id"`
		}
		Facts     factsShape
		Submitted bool
		GoesAt    time.Time `json:"goes_at"`
	}
	AttemptsList []attemptShape `json:"attempts_list"`
}

// TestTakingPart goes the whole way of a certification over HTTP: a practice is recorded and uploaded, seen by
// nobody else, submitted, exchanged, reviewed, acknowledged; and the certificate is checked by a stranger.
func TestTakingPart(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t)
	file, err := os.ReadFile(clip(t))
	if err != nil {
		t.Fatal(err)
	}
	record := func() string {
		t.Helper()
		at := w.ana.Begin(t, int64(len(file)), map[string]string{"filename": "take.mp4", "title": "My try", "kind": "practice", "for": p.enrolment})
		id := w.ana.Finish(t, at, file).VideoID
		w.ana.Await(t, id, time.Minute, "playable", "ready")
		return id
	}
	first, second := record(), record()

	var e enrolmentShape
	w.ana.Get(t, "/api/v1/enrolments/"+p.enrolment, &e)
	if e.Status != "practising" || !e.Open || len(e.Practices) != 3 || e.Practices[0].Video.ID != second || e.Practices[0].Video.Kind != "practice" || e.Practices[0].Video.ForID != p.enrolment || e.Reviewers != "Your manager." {
		t.Fatalf("%+v", e)
	}
	for _, x := range e.Practices[:2] {
		if left := time.Until(x.GoesAt); left < 29*24*time.Hour || left > 30*24*time.Hour || len(x.Facts.Definition) == 0 && x.Facts.State == "ready" || x.Facts.DurationMS < 1000 {
			t.Errorf("%+v", x)
		}
	}
	var listed struct{ Items []struct{ ID string } }
	for path, want := range map[string]int{"/api/v1/videos": 0, "/api/v1/videos?mine=true": 0, "/api/v1/videos?kind=practice": 3, "/api/v1/videos?kind=practice&for=" + p.enrolment: 3, "/api/v1/videos?kind=practice&for=x": 0} {
		listed.Items = nil
		w.ana.Get(t, path, &listed)
		if len(listed.Items) != want {
			t.Errorf("%s has %d for ana, want %d", path, len(listed.Items), want)
		}
		for _, c := range []*apitest.Client{w.mia, w.tom, w.ada} {
			listed.Items = nil
			c.Get(t, path, &listed)
			if len(listed.Items) != 0 {
				t.Errorf("%s has %d for others", path, len(listed.Items))
			}
		}
	}
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+first, map[string]any{"audience": "everyone"}).WantProblem(t, http.StatusConflict, "practice_private")

	// Submitted, and exchanged for the other.
	path := "/api/v1/enrolments/" + p.enrolment + "/attempts"
	w.ana.Do(t, http.MethodPost, path, map[string]any{"video_id": w.practice(t, "another")}).WantProblem(t, http.StatusUnprocessableEntity, "practice_unknown")
	var a attemptShape
	w.ana.Do(t, http.MethodPost, path, map[string]any{"video_id": first, "note": map[string]any{"at_ms": 1000, "text": "Here."}}).Into(t, http.StatusCreated, &a)
	if a.Number != 1 || a.State != "waiting" || !a.Swappable || !a.May.Swap || a.May.Acknowledge || a.May.Dispute || a.Note == nil || a.Note.AtMS != 1000 || a.Video == nil || a.Video.Kind != "attempt" || a.Result != nil {
		t.Errorf("%+v", a)
	}
	w.ana.Do(t, http.MethodPost, path, map[string]any{"video_id": second}).WantProblem(t, http.StatusConflict, "attempt_waits")
	w.ana.Do(t, http.MethodDelete, "/api/v1/videos/"+first, nil).WantProblem(t, http.StatusConflict, "attempt_waits")
	w.ana.Do(t, http.MethodPut, "/api/v1/attempts/"+a.ID+"/take", map[string]any{"video_id": second}).Into(t, http.StatusOK, &a)
	if a.Video.ID != second || a.Video.Kind != "attempt" {
		t.Errorf("%+v", a)
	}
	e = enrolmentShape{}
	w.ana.Get(t, "/api/v1/enrolments/"+p.enrolment, &e)
	if len(e.Practices) != 3 || e.Practices[0].Video.ID != second || !e.Practices[0].Submitted || e.Practices[1].Submitted || e.Waiting == nil || e.Waiting.AttemptID != a.ID || e.Open {
		t.Errorf("%+v", e)
	}
	w.mia.Do(t, http.MethodGet, "/api/v1/videos/"+first, nil).WantProblem(t, http.StatusNotFound, "video_not_found")
	var facts factsShape
	w.mia.Get(t, "/api/v1/videos/"+second+"/facts", &facts)
	var todo struct {
		Reviews       struct{ Count int }
		Enrolments    []struct{ Status string }
		ResultsUnread []struct{ Decision string } `json:"results_unread"`
	}
	w.mia.Get(t, "/api/v1/todo", &todo)
	if todo.Reviews.Count != 1 || len(todo.Enrolments) != 0 {
		t.Errorf("mia has to do %+v", todo)
	}

	// Reviewed.
	w.review(t, a.ID)
	todo.Reviews.Count = 0
	w.ana.Get(t, "/api/v1/todo", &todo)
	if todo.Reviews.Count != 0 || len(todo.ResultsUnread) != 1 || todo.ResultsUnread[0].Decision != "pass" {
		t.Errorf("ana has to do %+v", todo)
	}
	a = attemptShape{}
	w.ana.Get(t, "/api/v1/attempts/"+w.onlyAttempt(t), &a)
	if a.Decision != "pass" || a.Score == nil || *a.Score != 100 || a.Result == nil || a.Result.Message != "Good." || len(a.Result.Scores) != 2 || !a.May.Acknowledge || !a.May.Dispute || a.May.Swap || a.Certificate == nil || a.Certificate.State != "valid" {
		t.Fatalf("%+v", a)
	}
	w.ana.Do(t, http.MethodPost, "/api/v1/attempts/"+a.ID+"/acknowledge", nil).Into(t, http.StatusOK, nil)
	var trail struct {
		Items []struct {
			Words string
			Actor *struct{ Name string }
		}
	}
	w.ana.Get(t, "/api/v1/attempts/"+a.ID+"/trail", &trail)
	var said []string
	for _, s := range trail.Items {
		said = append(said, s.Words)
	}
	if got := strings.Join(said, " "); !strings.HasPrefix(got, "Attempt 1 was submitted. A reviewer was asked. The take was exchanged for another.") || !strings.HasSuffix(got, "The participant has seen the result.") {
		t.Errorf("%q", got)
	}

	// Checked by a stranger: without the name, until ana says so.
	var check map[string]any
	at := "/api/v1/certificates" + a.Certificate.CheckPath // the page's path is the API's, too
	w.nobody.Get(t, at, &check)
	if check["number"] != a.Certificate.Number || check["state"] != "valid" || check["programme"] != "First call" || check["holder"] != nil || len(check) != 5 {
		t.Errorf("%v", check)
	}
	w.ana.Do(t, http.MethodPatch, "/api/v1/certificates/"+a.Certificate.ID, map[string]any{"name_public": true}).Into(t, http.StatusOK, nil)
	w.nobody.Get(t, at, &check)
	if check["holder"] != "Ana Silva" {
		t.Errorf("%v", check)
	}
	pdf := w.ana.Do(t, http.MethodGet, "/api/v1/certificates/"+a.Certificate.ID+"/pdf", nil)
	if pdf.Status != http.StatusOK || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(pdf.Header.Get("Content-Disposition"), a.Certificate.Number+".pdf") || !bytes.HasPrefix(pdf.Body, []byte("%PDF-")) {
		t.Errorf("%d, %v, %d bytes", pdf.Status, pdf.Header, len(pdf.Body))
	}
	w.tom.Do(t, http.MethodPost, "/api/v1/certificates/"+a.Certificate.ID+"/revoke", map[string]any{"reason": "A mistake."}).Into(t, http.StatusOK, nil)
	w.nobody.Get(t, at, &check)
	if check["state"] != "revoked" {
		t.Errorf("%v", check)
	}
	if wrong, err := programme.Verify(t.Context(), w.app.DB); len(wrong) != 0 || err != nil {
		t.Errorf("%v: %q", err, wrong)
	}
	var out bytes.Buffer
	if _, err := w.app.Verify(t.Context(), &out); err != nil || !strings.Contains(out.String(), "entries of the audit trail checked.") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// onlyAttempt is ana's.
func (w *world) onlyAttempt(t *testing.T) string {
	t.Helper()
	var page struct{ Items []attemptShape }
	w.ana.Get(t, "/api/v1/attempts?person=me", &page)
	if len(page.Items) != 1 || page.Items[0].Result != nil {
		t.Fatalf("%+v", page)
	}
	return page.Items[0].ID
}
