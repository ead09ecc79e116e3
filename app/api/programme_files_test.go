package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

const (
	onePager   = "%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"
	programmes = "/api/v1/programmes"
)

type sentFile struct {
	ID, Name, Type string
	Bytes          int64
}

// sendFile sends a file for a programme, as the trainer, and gives its address.
func (w *world) sendFile(t *testing.T, programmeID, name, content string) (at string, f sentFile) {
	t.Helper()
	at = programmes + "/" + programmeID + "/files/" + ident.New()
	w.tom.Do(t, http.MethodPut, at+"?name="+url.QueryEscape(name), apitest.Raw{ContentType: "application/x-whatever", Body: content}).Into(t, http.StatusOK, &f)
	return at, f
}

// attached is an open programme with one file attached, in which ana takes part: its id and the file's address.
func (w *world) attached(t *testing.T, name, content string) (programmeID, at string) {
	t.Helper()
	programmeID = w.opened(t)
	at, f := w.sendFile(t, programmeID, name, content)
	w.tom.Do(t, http.MethodPatch, programmes+"/"+programmeID, map[string]any{"version": 2, "attachments": []any{map[string]any{"title": "The one page", "file_id": f.ID}}}).Into(t, http.StatusOK, nil)
	return programmeID, at
}

func programmeFileRules() []rule {
	sending := func(programme func(*testing.T, *world) string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string {
			return programmes + "/" + programme(t, w) + "/files/" + ident.New() + "?name=One+pager.pdf"
		}
	}
	pdf, elf := apitest.Raw{ContentType: "application/pdf", Body: onePager}, apitest.Raw{ContentType: "application/pdf", Body: "\x7fELF\x02\x01\x01\x00"}
	draft, opened := func(t *testing.T, w *world) string { return w.programme(t) }, func(t *testing.T, w *world) string { return w.opened(t) }
	const op = programmes + "/{id}/files/{file_id}"
	return []rule{
		{op: "PUT " + op, want: verdicts{401, 404, 404, 404, 200, 200}, path: sending(draft), body: pdf},
		{op: "PUT " + op, want: verdicts{401, 404, 404, 403, 200, 200}, path: sending(opened), body: pdf},
		{op: "PUT " + op, want: verdicts{401, 404, 404, 403, 422, 422}, path: sending(opened), body: elf},
		{op: "GET " + op, want: verdicts{401, 404, 404, 404, 200, 200}, path: func(t *testing.T, w *world) string {
			at, _ := w.sendFile(t, w.opened(t), "One pager.pdf", onePager) // not attached (yet)
			return at
		}},
		{op: "GET " + op, want: verdicts{401, 404, 200, 200, 200, 200}, path: func(t *testing.T, w *world) string {
			_, at := w.attached(t, "One pager.pdf", onePager)
			return at
		}},
	}
}

// TestProgrammeFileByHTTP: a trainer sends a file and attaches it, a participant finds it at their brief, and how it
// is served neither runs nor guesses anything.
func TestProgrammeFileByHTTP(t *testing.T) {
	w := newWorld(t)
	id, at := w.attached(t, "Übersicht – Q3.pdf", onePager)
	var p struct {
		Attachments []struct {
			Title string
			File  *sentFile
		}
	}
	w.mia.Do(t, http.MethodGet, programmes+"/"+id, nil).Into(t, http.StatusOK, &p)
	if len(p.Attachments) != 1 || p.Attachments[0].File == nil || p.Attachments[0].Title != "The one page" || p.Attachments[0].File.Name != "Übersicht – Q3.pdf" ||
		p.Attachments[0].File.Type != "application/pdf" || p.Attachments[0].File.Bytes != int64(len(onePager)) {
		t.Fatalf("%+v", p.Attachments)
	}
	var enrolled struct{ Items []struct{ ID string } }
	w.ana.Do(t, http.MethodGet, "/api/v1/enrolments", nil).Into(t, http.StatusOK, &enrolled)
	p.Attachments = nil
	w.ana.Do(t, http.MethodGet, "/api/v1/enrolments/"+enrolled.Items[0].ID, nil).Into(t, http.StatusOK, &p)
	if len(p.Attachments) != 1 || p.Attachments[0].File == nil || !strings.HasSuffix(at, p.Attachments[0].File.ID) {
		t.Fatalf("the brief: %+v", p.Attachments)
	}

	a := w.ana.Do(t, http.MethodGet, at, nil)
	if a.Status != http.StatusOK || string(a.Body) != onePager {
		t.Fatalf("%d %q", a.Status, a.Body)
	}
	for header, want := range map[string]string{"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes",
		"Content-Disposition":     "inline; filename*=utf-8''%C3%9Cbersicht%20%E2%80%93%20Q3.pdf",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"} {
		if got := a.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	part := w.ana.Do(t, http.MethodGet, at, nil, apitest.Header{Name: "Range", Value: "bytes=0-3"})
	if part.Status != http.StatusPartialContent || string(part.Body) != "%PDF" {
		t.Errorf("a range: %d %q", part.Status, part.Body)
	}
	if same := w.ana.Do(t, http.MethodGet, at, nil, apitest.Header{Name: "If-None-Match", Value: a.Header.Get("Etag")}); same.Status != http.StatusNotModified {
		t.Errorf("again: %d", same.Status)
	}

	_, at = w.attached(t, "notes.html", "Ask <b>who</b> decides.")
	a = w.ana.Do(t, http.MethodGet, at, nil)
	for header, want := range map[string]string{"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": `attachment; filename=notes.html.txt`, "Content-Security-Policy": "sandbox; default-src 'none'"} {
		if got := a.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestProgrammeFileRefused(t *testing.T) {
	w := newWorld(t)
	id := w.programme(t)
	at := func() string { return programmes + "/" + id + "/files/" + ident.New() }
	send := func(at string, content []byte) *apitest.Answer {
		return w.tom.Do(t, http.MethodPut, at, apitest.Raw{ContentType: "application/pdf", Body: string(content)})
	}
	for code, content := range map[string]string{"file_empty": "", "file_type_unfit": "GIF89a"} {
		if p := send(at()+"?name=x.pdf", []byte(content)).WantProblem(t, http.StatusUnprocessableEntity, code); p.Field != "file" {
			t.Errorf("%+v", p)
		}
	}
	large := append([]byte(onePager), bytes.Repeat([]byte{' '}, programme.MaxFileBytes)...)
	send(at()+"?name=x.pdf", large).WantProblem(t, http.StatusRequestEntityTooLarge, "file_too_large")
	if a := send(at(), []byte(onePager)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", a.Status)
	}
	one := at() + "?name=x.pdf"
	for range 2 {
		if a := send(one, []byte(onePager)); a.Status != http.StatusOK {
			t.Errorf("twice is once: %d %s", a.Status, a.Body)
		}
	}
	send(one, []byte(onePager+" ")).WantProblem(t, http.StatusConflict, "id_taken")
}
