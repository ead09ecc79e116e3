package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/media/ticket"
)

func escape(s string) string { return url.QueryEscape(s) }

// TestMediaAddresses: an address that has expired, was tampered with, or belongs to somebody who may not see
// the video any more answers like one that never was.
func TestMediaAddresses(t *testing.T) {
	w := newWorld(t)
	id := w.video(t, clip(t), "For the line", "line")
	address := w.ana.Video(t, id).Media.Progressive
	parts := strings.Split(address, "/") // "", media, ticket, file
	right := parts[2]
	w.nobody.Get(t, address, nil)

	keys, err := w.app.People.SigningKeys(t.Context(), "media")
	if err != nil {
		t.Fatal(err)
	}
	sign := func(p ticket.Purpose, video, viewer, session string, expires time.Time) string {
		t.Helper()
		s, err := ticket.NewSigner(p, ticket.Key{ID: keys[0].ID, Secret: keys[0].Secret})
		if err != nil {
			t.Fatal(err)
		}
		minted, err := s.Mint(video, viewer, session, expires)
		if err != nil {
			t.Fatal(err)
		}
		return minted
	}
	session := strings.Split(right, ".")[2]
	later := time.Now().Add(time.Hour)
	w.nobody.Get(t, "/media/"+sign(ticket.Play, id, w.id[w.ana], session, later)+"/progressive.mp4", nil)
	never := w.nobody.Do(t, http.MethodGet, "/media/x/progressive.mp4", nil)
	never.WantProblem(t, http.StatusNotFound, "media_not_found")
	flipped := []byte(right)
	flipped[len(flipped)-2] ^= 1
	for name, path := range map[string]string{
		"expired":                     sign(ticket.Play, id, w.id[w.ana], session, time.Now().Add(-time.Second)) + "/progressive.mp4",
		"another purpose":             sign(ticket.Download, id, w.id[w.ana], session, later) + "/progressive.mp4",
		"a viewer who may not see it": sign(ticket.Play, id, w.id[w.cleo], session, later) + "/progressive.mp4",
		"a session that never was":    sign(ticket.Play, id, w.id[w.ana], absent, later) + "/progressive.mp4",
		"no such video":               sign(ticket.Play, absent, w.id[w.ana], session, later) + "/progressive.mp4",
		"signature changed":           string(flipped) + "/progressive.mp4",
		"video changed":               strings.Replace(right, id, absent, 1) + "/progressive.mp4",
		"cut off":                     right[:len(right)-5] + "/progressive.mp4",
		"the original":                right + "/original",
		"the sound for speech":        right + "/audio.wav",
		"no such file":                right + "/other.mp4",
		"dots":                        right + "/..%2f..%2f..%2fetc%2fpasswd",
		"dots in plain":               right + "/%2e%2e/original",
		"a folder":                    right + "/.",
		"a null":                      right + "/progressive.mp4%00",
		"the file's stored name":      right + "/progressive.mp4!",
	} {
		a := w.nobody.Do(t, http.MethodGet, "/media/"+path, nil)
		if a.Status != http.StatusNotFound || (a.Header.Get("Content-Type") == "application/problem+json" && string(a.Body) != string(never.Body) && !strings.Contains(string(a.Body), `"not_found"`)) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	// A token that was ended takes its addresses with it, within about a second.
	var tokens struct{ Items []struct{ ID string } }
	w.ana.Get(t, "/api/v1/tokens", &tokens)
	w.ana.Do(t, http.MethodDelete, "/api/v1/tokens/"+tokens.Items[0].ID, nil).Into(t, http.StatusNoContent, nil)
	apitest.Eventually(t, 2*time.Second, func() (bool, string) {
		return w.nobody.Do(t, http.MethodGet, address, nil).Status == http.StatusNotFound, "still served"
	})
}

// TestHiddenIsLikeAbsent: no answer about a video that one may not see, or its parts, differs from the answer
// about one that does not exist.
func TestHiddenIsLikeAbsent(t *testing.T) {
	w := newWorld(t)
	hidden := w.video(t, clip(t), "For the line", "line")
	note := w.make(t, w.ana, "/api/v1/videos/"+hidden+"/notes", map[string]any{"at_ms": 0, "text": "Hidden too."})
	upload := apitest.ID(w.ana.Begin(t, 100, nil))
	requests := map[string]any{"PATCH ": map[string]any{"title": "x"}, "DELETE ": nil, "POST /restore": nil, "POST /retry": nil,
		"PUT /transcript": map[string]any{"segments": []any{}}, "PUT /captions": vtt(captions), "POST /notes": map[string]any{"at_ms": 0, "text": "x"}, "PATCH /notes/" + note: map[string]string{"text": "x"}, "DELETE /notes/" + note: nil}
	for _, rest := range []string{"", "/transcript", "/captions", "/moments", "/suggestions", "/notes", "/progress", "/heat", "/original", "/viewers"} {
		requests["GET "+rest] = nil
	}
	compare := func(name string, ask func(id string) *apitest.Answer) {
		t.Helper()
		a, b := ask(hidden), ask(absent)
		if a.Status != b.Status || !bytes.Equal(a.Body, b.Body) {
			t.Errorf("%s: hidden answers %d %s, absent %d %s", name, a.Status, a.Body, b.Status, b.Body)
		}
		for k := range a.Header {
			if k != "X-Request-Id" && k != "Date" && a.Header.Get(k) != b.Header.Get(k) {
				t.Errorf("%s: header %s is %q for hidden, %q for absent", name, k, a.Header.Get(k), b.Header.Get(k))
			}
		}
		if len(a.Header) != len(b.Header) {
			t.Errorf("%s: headers %v and %v", name, a.Header, b.Header)
		}
	}
	for _, who := range []*apitest.Client{w.cleo, w.tom, w.ada} {
		for op, body := range requests {
			method, rest, _ := strings.Cut(op, " ")
			compare(op, func(id string) *apitest.Answer { return who.Do(t, method, "/api/v1/videos/"+id+rest, body) })
		}
		for _, path := range []string{"/api/v1/saves", "/api/v1/uses", "/api/v1/shares"} {
			for _, end := range []int{1000, 60000} {
				compare(path, func(id string) *apitest.Answer {
					body := map[string]any{"video_id": id, "start_ms": 0, "end_ms": end}
					if path == "/api/v1/shares" {
						body["to_person_id"] = w.id[w.mia] // who may see it
					}
					return who.Do(t, http.MethodPost, path, body)
				})
			}
		}
		compare("watch", func(id string) *apitest.Answer {
			return who.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": []any{map[string]any{"id": "e", "video_id": id, "from_ms": 0, "to_ms": 60000, "at": time.Now().UTC()}}})
		})
		for _, list := range []string{"/api/v1/videos", "/api/v1/moments?q=plan", "/api/v1/moments", "/api/v1/videos?author=" + w.id[w.ana], "/api/v1/moments?author=" + w.id[w.ana]} {
			if a := who.Get(t, list, nil); bytes.Contains(a.Body, []byte(hidden)) || bytes.Contains(a.Body, []byte(`"total":1`)) {
				t.Errorf("%s tells of the hidden video: %s", list, a.Body)
			}
		}
		for _, method := range []string{http.MethodHead, http.MethodDelete, http.MethodPatch} {
			a := who.Do(t, method, "/api/v1/uploads/"+upload, nil, apitest.TusVersion, apitest.Header{Name: "Upload-Offset", Value: "0"}, apitest.Header{Name: "Content-Type", Value: "application/offset+octet-stream"})
			b := who.Do(t, method, "/api/v1/uploads/"+absent, nil, apitest.TusVersion, apitest.Header{Name: "Upload-Offset", Value: "0"}, apitest.Header{Name: "Content-Type", Value: "application/offset+octet-stream"})
			if a.Status != b.Status || !bytes.Equal(a.Body, b.Body) {
				t.Errorf("%s upload: %d %s and %d %s", method, a.Status, a.Body, b.Status, b.Body)
			}
		}
	}
}

// TestBadUploads: each refusal of the tus endpoints, with its status and code.
func TestBadUploads(t *testing.T) {
	w := newWorld(t)
	data := apitest.ReadFile(t, clip(t))
	length := func(n string) apitest.Header { return apitest.Header{Name: "Upload-Length", Value: n} }
	begin := func(headers ...apitest.Header) *apitest.Answer {
		return w.ana.Do(t, http.MethodPost, "/api/v1/uploads", nil, headers...)
	}
	sum := func(b []byte) apitest.Header {
		h := sha256.Sum256(b)
		return apitest.Header{Name: "Upload-Checksum", Value: "sha256 " + base64.StdEncoding.EncodeToString(h[:])}
	}
	begin(length("100")).WantProblem(t, http.StatusPreconditionFailed, "upload_version_unsupported")
	begin(apitest.Header{Name: "Tus-Resumable", Value: "0.2.2"}, length("100")).WantProblem(t, http.StatusPreconditionFailed, "upload_version_unsupported")
	begin(apitest.TusVersion).WantProblem(t, http.StatusBadRequest, "upload_length_invalid")
	begin(apitest.TusVersion, length("-1")).WantProblem(t, http.StatusBadRequest, "upload_length_invalid")
	begin(apitest.TusVersion, length("x")).WantProblem(t, http.StatusBadRequest, "upload_length_invalid")
	begin(apitest.TusVersion, length("9000000")).WantProblem(t, http.StatusRequestEntityTooLarge, "upload_too_large")
	for _, meta := range []string{"title", "title !", "title YQ==,title YQ==", "sha256 YQ==", "client_id IA==", "title " + base64.StdEncoding.EncodeToString([]byte("\x00"))} {
		if a := begin(apitest.TusVersion, length("100"), apitest.Header{Name: "Upload-Metadata", Value: meta}); meta != "title" {
			a.WantProblem(t, http.StatusBadRequest, "upload_metadata_invalid")
		}
	}
	at := w.ana.Begin(t, int64(len(data)), nil)
	half := len(data) / 2
	w.ana.Send(t, at, 5, data[:half]).WantProblem(t, http.StatusConflict, "upload_offset_mismatch")
	w.ana.Send(t, at, 0, data[:half], apitest.Header{Name: "Upload-Offset", Value: "x"}).WantProblem(t, http.StatusBadRequest, "upload_offset_invalid")
	w.ana.Send(t, at, 0, data[:half], apitest.Header{Name: "Content-Type", Value: "video/mp4"}).WantProblem(t, http.StatusUnsupportedMediaType, "upload_content_type")
	w.ana.Send(t, at, 0, data[:half], sum(data)).WantProblem(t, 460, "upload_checksum_mismatch")
	if offset := w.ana.Offset(t, at); offset != 0 {
		t.Errorf("refused bytes were kept: offset %d", offset)
	}
	w.ana.Send(t, at, 0, data[:half], sum(data[:half])).Into(t, http.StatusNoContent, nil)
	w.ana.Send(t, at, int64(half), append(data[half:len(data):len(data)], "more"...)).WantProblem(t, http.StatusRequestEntityTooLarge, "upload_length_exceeded")
	w.ana.Finish(t, at, data)
	// tus lets a finished upload answer a late piece with its end; nothing of the piece is kept.
	w.ana.Send(t, at, int64(len(data)), []byte("more")).Into(t, http.StatusNoContent, nil)
	if r := w.ana.Receipt(t, at); r.Size != int64(len(data)) || r.SHA256 != apitest.SHA256(data) {
		t.Errorf("after a late piece: %+v", r)
	}

	meta := apitest.Metadata(map[string]string{"sha256": apitest.SHA256([]byte("something else"))})
	a := begin(apitest.TusVersion, length("100"), meta).Into(t, http.StatusCreated, nil)
	w.ana.Send(t, a.Header.Get("Location"), 0, append(data[:0:0], data[:100]...)).WantProblem(t, http.StatusUnprocessableEntity, "upload_hash_mismatch")

	for name, content := range map[string]string{"a page": "<!doctype html><title>x</title>" + strings.Repeat(" ", 5000), "a playlist": "#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n" + strings.Repeat("#\n", 3000), "a script": "ffconcat version 1.0\nfile /etc/passwd\n" + strings.Repeat("#\n", 3000)} {
		at := w.ana.Begin(t, int64(len(content)), map[string]string{"filename": "take.mp4"})
		p := w.ana.Send(t, at, 0, []byte(content)).WantProblem(t, http.StatusUnsupportedMediaType, "media_not_video")
		if p.Detail == "" {
			t.Errorf("%s: no words", name)
		}
		w.ana.Do(t, http.MethodHead, at, nil, apitest.TusVersion).Into(t, http.StatusNotFound, nil)
	}
	// Broken in a way that only a look inside tells: accepted, then failed in words.
	at = w.ana.Begin(t, int64(half), nil)
	v := w.ana.Await(t, w.ana.Finish(t, at, data[:half]).VideoID, time.Minute, "failed")
	if v.FailureCode != "media_truncated" && v.FailureCode != "media_broken" || v.Failure == "" {
		t.Errorf("half a video: %q %q", v.FailureCode, v.Failure)
	}
}
