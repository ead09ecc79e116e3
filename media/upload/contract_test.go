package upload

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWholeUpload(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(1, 300<<10)
	path := c.create(t, int64(len(want)), "filename", "pitch ü.mp4", "title", "Discount", "kind", "take", "client_id", "c-1", "sha256", hexSum(want))
	if !strings.HasPrefix(path, testBase+"/") {
		t.Fatalf("Location %q is not a path", path)
	}
	got := r.reg.Rows[idOfPath(path)].Upload
	if got.Filename != "pitch ü.mp4" || got.Title != "Discount" || got.Kind != "take" || got.ClientID != "c-1" || got.Owner != "ann" || *got.Length != int64(len(want)) {
		t.Fatalf("created with %+v", got)
	}
	a := c.patch(t, path, 0, want[:100<<10], nil)
	if a.status != 204 || a.offset() != 100<<10 || a.header.Get("Tus-Resumable") != "1.0.0" {
		t.Fatalf("first PATCH: %d %v", a.status, a.header)
	}
	if at, err := http.ParseTime(a.header.Get("Upload-Expires")); err != nil || time.Until(at) < 47*time.Hour {
		t.Fatalf("Upload-Expires %q", a.header.Get("Upload-Expires"))
	}
	a = c.head(t, path)
	if a.status != 200 || a.offset() != 100<<10 || a.header.Get("Upload-Length") != "307200" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("HEAD: %d %v", a.status, a.header)
	}
	if got := maps.Collect(maps.All(decodeMeta(t, a.header.Get("Upload-Metadata")))); got["title"] != "Discount" || got["filename"] != "pitch ü.mp4" {
		t.Fatalf("HEAD metadata %v", got)
	}
	a = c.patch(t, path, 100<<10, want[100<<10:], nil)
	if a.status != 204 || a.offset() != int64(len(want)) || a.header.Get("Upload-Expires") != "" {
		t.Fatalf("last PATCH: %d %v", a.status, a.header)
	}
	r.mustBeDone(path, want)
	st, err := r.store.Status(t.Context(), idOfPath(path))
	if err != nil || !st.Finished || st.SHA256 != hexSum(want) || *st.Length != int64(len(want)) || st.Offset != int64(len(want)) {
		t.Fatalf("status %+v, %v", st, err)
	}
}

func decodeMeta(t *testing.T, header string) map[string]string {
	t.Helper()
	m, err := parseMetadata(header)
	if err != nil {
		t.Fatal(err)
	}
	return m.all
}

func TestCreationWithUpload(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(2, 64<<10)
	h := headers{"Upload-Length": "65536", "Content-Type": chunkType, "Upload-Metadata": meta("client_id", "x")}
	a := c.do(t, "POST", testBase+"/", h, bytes.NewReader(want[:5000]))
	if a.status != 201 || a.offset() != 5000 || a.header.Get("Upload-Expires") == "" {
		t.Fatalf("POST: %d %v", a.status, a.header)
	}
	path := a.header.Get("Location")
	// The same again: the bytes belong at the start and are not taken twice.
	a = c.do(t, "POST", testBase+"/", h, bytes.NewReader(want))
	if a.status != 201 || a.offset() != 5000 || a.header.Get("Location") != path {
		t.Fatalf("second POST: %d %v %s", a.status, a.header, a.body)
	}
	if a = c.patch(t, path, 5000, want[5000:], nil); a.status != 204 {
		t.Fatalf("PATCH: %d %s", a.status, a.body)
	}
	a = c.do(t, "POST", testBase+"/", h, bytes.NewReader(want))
	if a.status != 201 || a.offset() != 65536 || a.header.Get("Location") != path {
		t.Fatalf("POST after the end: %d %v %s", a.status, a.header, a.body)
	}
	r.mustBeDone(path, want)
}

func TestOptions(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	c.owner = ""
	a := c.do(t, "OPTIONS", testBase, headers{"Tus-Resumable": ""}, nil)
	ext := strings.Split(a.header.Get("Tus-Extension"), ",")
	slices.Sort(ext)
	want := []string{"checksum", "creation", "creation-defer-length", "creation-with-upload", "expiration", "termination"}
	if a.status != 200 || !slices.Equal(ext, want) || a.header.Get("Tus-Checksum-Algorithm") != "sha1,sha256" ||
		a.header.Get("Tus-Max-Size") != "1073741824" || a.header.Get("Tus-Version") != "1.0.0" {
		t.Fatalf("OPTIONS: %d %v", a.status, a.header)
	}
	if a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Fatal("another origin is let in")
	}
}

func TestDeferredLength(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(3, 40_000)
	path := c.create(t, -1)
	if a := c.head(t, path); a.header.Get("Upload-Defer-Length") != "1" || a.header.Get("Upload-Length") != "" {
		t.Fatalf("HEAD: %v", a.header)
	}
	if a := c.patch(t, path, 0, want[:10_000], nil); a.status != 204 {
		t.Fatalf("PATCH: %d %s", a.status, a.body)
	}
	if a := c.patch(t, path, 10_000, nil, headers{"Upload-Length": "9999"}); a.status != 400 || a.code(t) != "upload_length_invalid" {
		t.Fatalf("length below the offset: %d %s", a.status, a.body)
	}
	if a := c.patch(t, path, 10_000, nil, headers{"Upload-Length": "1073741825"}); a.status != 413 || a.code(t) != "upload_too_large" {
		t.Fatalf("length above the limit: %d %s", a.status, a.body)
	}
	r.open(nil)
	c = r.client()
	if a := c.patch(t, path, 10_000, want[10_000:], headers{"Upload-Length": "40000"}); a.status != 204 {
		t.Fatalf("PATCH: %d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)

	// Declared by an empty PATCH at the end.
	path = c.create(t, -1)
	c.patch(t, path, 0, want, nil)
	if a := c.patch(t, path, 40_000, nil, headers{"Upload-Length": "40000"}); a.status != 204 {
		t.Fatalf("PATCH: %d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

func TestRefusals(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	path := c.create(t, 1000)
	if a := c.patch(t, path, 0, content(4, 100), nil); a.status != 204 {
		t.Fatalf("PATCH: %d %s", a.status, a.body)
	}
	long := strings.Repeat("x", 400)
	for _, tc := range []struct {
		name, method, path string
		h                  headers
		body               io.Reader
		status             int
		code               string
	}{
		{"wrong offset", "PATCH", path, patchHeaders(99, nil), strings.NewReader("x"), 409, "upload_offset_mismatch"},
		{"offset ahead", "PATCH", path, patchHeaders(101, nil), strings.NewReader("x"), 409, "upload_offset_mismatch"},
		{"no offset", "PATCH", path, headers{"Content-Type": chunkType}, strings.NewReader("x"), 400, "upload_offset_invalid"},
		{"negative offset", "PATCH", path, patchHeaders(-1, nil), strings.NewReader("x"), 400, "upload_offset_invalid"},
		{"content type", "PATCH", path, patchHeaders(100, headers{"Content-Type": "video/mp4"}), strings.NewReader("x"), 415, "upload_content_type"},
		{"length again", "PATCH", path, patchHeaders(100, headers{"Upload-Length": "1000"}), strings.NewReader("x"), 400, "upload_length_invalid"},
		{"version", "PATCH", path, patchHeaders(100, headers{"Tus-Resumable": "0.2.2"}), strings.NewReader("x"), 412, "upload_version_unsupported"},
		{"no version", "POST", testBase, headers{"Tus-Resumable": "", "Upload-Length": "1"}, nil, 412, "upload_version_unsupported"},
		{"body too long", "PATCH", path, patchHeaders(100, nil), strings.NewReader(strings.Repeat("x", 901)), 413, "upload_length_exceeded"},
		{"chunked body too long", "PATCH", path, patchHeaders(100, nil), io.MultiReader(strings.NewReader(strings.Repeat("x", 901))), 413, "upload_length_exceeded"},
		{"too large", "POST", testBase, headers{"Upload-Length": "1073741825"}, nil, 413, "upload_too_large"},
		{"no length", "POST", testBase, nil, nil, 400, "upload_length_invalid"},
		{"negative length", "POST", testBase, headers{"Upload-Length": "-1"}, nil, 400, "upload_length_invalid"},
		{"two lengths", "POST", testBase, headers{"Upload-Length": "1", "Upload-Defer-Length": "1"}, nil, 400, "upload_length_invalid"},
		{"defer 2", "POST", testBase, headers{"Upload-Defer-Length": "2"}, nil, 400, "upload_length_invalid"},
		{"concat", "POST", testBase, headers{"Upload-Length": "1", "Upload-Concat": "partial"}, nil, 400, "upload_concatenation_unsupported"},
		{"metadata", "POST", testBase, headers{"Upload-Length": "1", "Upload-Metadata": "title !!"}, nil, 400, "upload_metadata_invalid"},
		{"long title", "POST", testBase, headers{"Upload-Length": "1", "Upload-Metadata": meta("title", long)}, nil, 400, "upload_metadata_invalid"},
		{"short hash", "POST", testBase, headers{"Upload-Length": "1", "Upload-Metadata": meta("sha256", "abcd")}, nil, 400, "upload_metadata_invalid"},
		{"checksum algorithm", "PATCH", path, patchHeaders(100, headers{"Upload-Checksum": "md5 AAAA"}), strings.NewReader("x"), 400, "upload_checksum_invalid"},
		{"checksum length", "PATCH", path, patchHeaders(100, headers{"Upload-Checksum": "sha1 AAAA"}), strings.NewReader("x"), 400, "upload_checksum_invalid"},
		{"unknown id", "PATCH", testBase + "/019a-9999", patchHeaders(0, nil), strings.NewReader("x"), 404, "upload_not_found"},
		{"climbing id", "PATCH", testBase + "/..%2f..%2fetc", patchHeaders(0, nil), strings.NewReader("x"), 404, "upload_not_found"},
		{"dot id", "PATCH", testBase + "/%2e%2e", patchHeaders(0, nil), strings.NewReader("x"), 404, "upload_not_found"},
		{"id with file", "PATCH", path + "/data", patchHeaders(0, nil), strings.NewReader("x"), 404, "upload_not_found"},
		{"nul id", "PATCH", testBase + "/a%00b", patchHeaders(0, nil), strings.NewReader("x"), 404, "upload_not_found"},
		{"hidden id", "DELETE", testBase + "/.new-1", nil, nil, 404, "upload_not_found"},
		{"other owner", "PATCH", path, patchHeaders(100, headers{"X-Owner": "eve"}), strings.NewReader("x"), 404, "upload_not_found"},
		{"other owner deletes", "DELETE", path, headers{"X-Owner": "eve"}, nil, 404, "upload_not_found"},
		{"nobody", "POST", testBase, headers{"X-Owner": "", "Upload-Length": "1"}, nil, 401, "unauthenticated"},
		{"download", "GET", path, nil, nil, 405, "method_not_allowed"},
		{"put", "PUT", path, nil, nil, 405, "method_not_allowed"},
		{"patch the collection", "PATCH", testBase, patchHeaders(0, nil), strings.NewReader("x"), 405, "method_not_allowed"},
		{"overridden method of others", "POST", path, patchHeaders(100, headers{"X-Owner": "eve", "X-HTTP-Method-Override": "DELETE"}), nil, 404, "upload_not_found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := c.do(t, tc.method, tc.path, tc.h, tc.body)
			if a.status != tc.status || a.code(t) != tc.code {
				t.Fatalf("got %d %s, want %d %s", a.status, a.body, tc.status, tc.code)
			}
			if a.status == 412 && a.header.Get("Tus-Version") != "1.0.0" {
				t.Error("412 without Tus-Version")
			}
			if got := c.head(t, path); got.status != 200 || got.offset() != 100 {
				t.Fatalf("the refusal changed the upload: HEAD %d %v", got.status, got.header)
			}
		})
	}
	for _, other := range []headers{{"X-Owner": "eve"}, {"X-Owner": "ann"}} {
		p := path
		if other["X-Owner"] == "ann" {
			p = testBase + "/019a-9998"
		}
		a := c.do(t, "HEAD", p, other, nil)
		if a.status != 404 || a.offset() != -1 || a.header.Get("Upload-Length") != "" {
			t.Fatalf("HEAD %s as %s: %d %v", p, other["X-Owner"], a.status, a.header)
		}
	}
	if n := len(folders(t, r.dir)); n != 1 {
		t.Fatalf("%d folders after refusals", n)
	}
}

func TestOverlongBodyKeepsNothing(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(5, 20<<20)
	path := c.create(t, int64(len(want)))
	c.patch(t, path, 0, want[:1000], nil)
	// Longer than two checkpoints, and one byte more than declared.
	body := io.MultiReader(bytes.NewReader(want[1000:]), strings.NewReader("!"))
	a := c.do(t, "PATCH", path, patchHeaders(1000, nil), body)
	if a.status != 413 || a.code(t) != "upload_length_exceeded" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := c.head(t, path).offset(); got != 1000 {
		t.Fatalf("offset %d", got)
	}
	if a := c.patch(t, path, 1000, want[1000:], nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

func TestClientIDTwice(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(6, 9000)
	first := c.create(t, 9000, "client_id", "take-7", "sha256", hexSum(want))
	c.patch(t, first, 0, want[:4500], nil)
	if again := c.create(t, 9000, "client_id", "take-7"); again != first {
		t.Fatalf("second POST gave %s, first %s", again, first)
	}
	if again := c.create(t, -1, "client_id", "take-7"); again != first {
		t.Fatalf("deferred POST gave %s, first %s", again, first)
	}
	conflict := func(h headers) {
		t.Helper()
		if a := c.do(t, "POST", testBase, h, nil); a.status != 409 || a.code(t) != "upload_client_id_conflict" {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	conflict(headers{"Upload-Length": "9001", "Upload-Metadata": meta("client_id", "take-7")})
	conflict(headers{"Upload-Length": "9000", "Upload-Metadata": meta("client_id", "take-7", "sha256", strings.Repeat("0", 64))})
	eve := r.client()
	eve.owner = "eve"
	if other := eve.create(t, 9001, "client_id", "take-7"); other == first {
		t.Fatal("two owners share an upload")
	}
	if got := c.head(t, first).offset(); got != 4500 {
		t.Fatalf("offset %d", got)
	}
	c.patch(t, first, 4500, want[4500:], nil)
	r.mustBeDone(first, want)
	// After the bytes have moved on the id still stands for the same upload.
	if err := r.store.Release(t.Context(), idOfPath(first)); err != nil {
		t.Fatal(err)
	}
	if again := c.create(t, 9000, "client_id", "take-7"); again != first {
		t.Fatal("a settled upload was begun again")
	}
	conflict(headers{"Upload-Length": "1", "Upload-Metadata": meta("client_id", "take-7")})
	if a := c.head(t, first); a.status != 200 || a.offset() != 9000 || a.header.Get("Upload-Length") != "9000" {
		t.Fatalf("HEAD of a settled upload: %d %v", a.status, a.header)
	}
	if a := c.patch(t, first, 9000, nil, nil); a.status != 204 {
		t.Fatalf("PATCH at the end of a settled upload: %d %s", a.status, a.body)
	}
	if a := c.patch(t, first, 0, want, nil); a.status != 409 {
		t.Fatalf("PATCH at the start of a settled upload: %d %s", a.status, a.body)
	}
	if a := c.do(t, "DELETE", first, nil, nil); a.status != 409 || a.code(t) != "upload_finished" {
		t.Fatalf("DELETE of a settled upload: %d %s", a.status, a.body)
	}
	if n := len(folders(t, r.dir)); n != 1 {
		t.Fatalf("%d folders", n)
	}
}

func TestClientIDLearnsLength(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(7, 5000)
	path := c.create(t, -1, "client_id", "live")
	c.patch(t, path, 0, want[:3000], nil)
	if a := c.do(t, "POST", testBase, headers{"Upload-Length": "2999", "Upload-Metadata": meta("client_id", "live")}, nil); a.status != 409 {
		t.Fatalf("shorter than what is there: %d", a.status)
	}
	if again := c.create(t, 5000, "client_id", "live"); again != path {
		t.Fatal("not the same upload")
	}
	if a := c.patch(t, path, 3000, want[3000:], nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

func TestClientIDRace(t *testing.T) {
	r := newRig(t, nil)
	want := content(8, 30_000)
	h := headers{"Upload-Length": "30000", "Content-Type": chunkType, "Upload-Metadata": meta("client_id", "same")}
	got := make(chan answer, 16)
	for range cap(got) {
		go func() {
			a, err := r.client().try("POST", testBase, h, bytes.NewReader(want))
			if err != nil {
				a = answer{status: -1, body: err.Error()}
			}
			got <- a
		}()
	}
	c := r.client()
	var answers []answer
	for range cap(got) {
		answers = append(answers, <-got)
	}
	path := c.create(t, 30_000, "client_id", "same")
	for _, a := range answers {
		// Those that lose the race for the lock are told to try again.
		if a.status != 423 && a.status != 409 && (a.status != 201 || a.header.Get("Location") != path) {
			t.Fatalf("%+v, want %s", a, path)
		}
	}
	if at := c.head(t, path).offset(); at < 30_000 {
		c.patch(t, path, at, want[at:], nil)
	}
	r.mustBeDone(path, want)
	if n := len(folders(t, r.dir)); n != 1 {
		t.Fatalf("%d folders", n)
	}
}

func TestWrongHash(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(9, 50_000)
	bad := bytes.Clone(want)
	bad[31_000] ^= 1
	path := c.create(t, int64(len(want)), "sha256", strings.ToUpper(hexSum(want)))
	if a := c.patch(t, path, 0, bad, nil); a.status != 422 || a.code(t) != "upload_hash_mismatch" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r.reg.done(idOfPath(path)) != nil {
		t.Fatal("recorded with the wrong hash")
	}
	if a := c.head(t, path); a.status != 200 || a.offset() != 0 {
		t.Fatalf("HEAD: %d %v", a.status, a.header)
	}
	if a := c.patch(t, path, 0, want, nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

func TestChecksum(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	want := content(10, 12<<20)
	s1, s2 := sha1.Sum(want[:5000]), sha256.Sum256(want[5000:])
	sum1 := "sha1 " + base64.StdEncoding.EncodeToString(s1[:])
	sum2 := "sha256 " + base64.StdEncoding.EncodeToString(s2[:])
	path := c.create(t, int64(len(want)))
	for _, bad := range [][]byte{want[1:5001], want[:4999], want[:5001]} {
		if a := c.patch(t, path, 0, bad, headers{"Upload-Checksum": sum1}); a.status != 460 || a.code(t) != "upload_checksum_mismatch" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if got := c.head(t, path).offset(); got != 0 {
			t.Fatalf("offset %d", got)
		}
	}
	if a := c.patch(t, path, 0, want[:5000], headers{"Upload-Checksum": sum1}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	// Longer than a checkpoint: still nothing may be kept of it.
	bad := bytes.Clone(want[5000:])
	bad[len(bad)-1] ^= 1
	if a := c.patch(t, path, 5000, bad, headers{"Upload-Checksum": sum2}); a.status != 460 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := c.head(t, path).offset(); got != 5000 {
		t.Fatalf("offset %d", got)
	}
	if a := c.patch(t, path, 5000, want[5000:], headers{"Upload-Checksum": sum2}); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

func TestTermination(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	path := c.create(t, 1000)
	c.patch(t, path, 0, content(11, 10), nil)
	if a := c.do(t, "DELETE", path, nil, nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if !r.reg.Rows[idOfPath(path)].Terminated {
		t.Fatal("the registry was not told")
	}
	if a := c.head(t, path); a.status != 404 {
		t.Fatalf("HEAD: %d", a.status)
	}
	if f := folders(t, r.dir); len(f) != 0 {
		t.Fatalf("left behind: %v", f)
	}
	done := c.create(t, 10)
	c.patch(t, done, 0, content(11, 10), nil)
	if a := c.do(t, "DELETE", done, nil, nil); a.status != 409 || a.code(t) != "upload_finished" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(done, content(11, 10))
}

func TestEmptyUpload(t *testing.T) {
	r := newRig(t, nil)
	path := r.client().create(t, 0)
	r.mustBeDone(path, nil)
}
