package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/media"
)

// fileDTO is a file that is attached to a programme.
type fileDTO struct {
	ID    string `json:"id" doc:"Get it from /api/v1/programmes/{programme}/files/{id}."`
	Name  string `json:"name"`
	Type  string `json:"type" doc:"The media type, as the content says."`
	Bytes int64  `json:"bytes"`
}

func fileOf(f programme.AttachedFile) *fileDTO {
	if f.ID == "" {
		return nil
	}
	return &fileDTO{f.ID, f.Name, f.Type, f.Bytes}
}

// pdfPolicy is as strict as browsers' own viewers bear: WebKit shows nothing of a PDF under "sandbox", and its
// viewer wants its styles and itself as an object. A PDF's scripts cannot reach the site.
const pdfPolicy = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// fileStalls is how long a file that is being sent may stand still.
const fileStalls = time.Minute

// patient reads a body for as long as bytes come.
type patient struct {
	io.Reader
	deadline func(time.Time) error
}

// Read implements io.Reader. A body that breaks off is the sender's mistake and not the server's.
func (p patient) Read(b []byte) (int, error) {
	_ = p.deadline(time.Now().Add(fileStalls)) // a connection that knows no deadline is a test's
	n, err := p.Reader.Read(b)
	if err != nil {
		_ = p.deadline(time.Time{})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault.Wrap(err, fault.Malformed, "body_incomplete", "The file did not arrive whole. Send it again.")
	}
	return n, err
}

// FilePath names a file of a programme.
type FilePath struct {
	ID     string `path:"id" format:"uuid"`
	FileID string `path:"file_id" format:"uuid"`
}

// FileUpload hands on a body as it comes; it is not read before it is known who sends it.
type FileUpload struct {
	FilePath
	Name   string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"What it is called where it comes from. It says nothing about what it is."`
	length int64
	body   io.Reader
}

// Resolve takes the body without reading it.
func (u *FileUpload) Resolve(ctx huma.Context) []error {
	r, _ := ctx.Context().Value(requestKey).(*http.Request)
	u.length = r.ContentLength
	u.body = patient{ctx.BodyReader(), http.NewResponseController(unwrap(ctx).Response().Writer).SetReadDeadline}
	return nil
}

func (s *Server) programmeFileRoutes(tag, base string) {
	path := base + "/{id}/files/{file_id}"
	route(s, op{method: "PUT", path: path, tag: tag, summary: "Send a file that the set-up can then attach: PDF, PNG, JPEG, WebP, plain text, Word, PowerPoint or Excel, up to 20 MB. The same again is kept once; what is not attached within two days goes",
		codes: "file_empty, file_type_unfit, file_macros, file_too_large (413), too_many, id_taken, storage_full (507), body_incomplete"},
		func(ctx context.Context, a people.Actor, in *FileUpload) (*body[*fileDTO], error) {
			if in.length > programme.MaxFileBytes {
				return nil, programme.FileTooLarge()
			}
			f, err := s.Programmes.KeepFile(ctx, a, in.ID, in.FileID, in.Name, in.body)
			if err != nil {
				return nil, err
			}
			return answer(fileOf(f)), nil
		})
	s.api.OpenAPI().Paths[path].Put.RequestBody = &huma.RequestBody{Required: true, Description: "The bytes of the file, as they are.",
		Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	type fileRequest struct{ FilePath }
	route(s, op{method: "GET", path: path, tag: tag, summary: "An attached file, for who may see the programme or takes part in it; single ranges"},
		func(ctx context.Context, a people.Actor, in *fileRequest) (*huma.StreamResponse, error) {
			f, err := s.Programmes.File(ctx, a, in.ID, in.FileID)
			if err != nil {
				return nil, err
			}
			r, _ := ctx.Value(requestKey).(*http.Request)
			// Asked for again before it is shown: the right may have ended.
			opts := media.ServeOptions{ContentType: f.Type, Filename: f.Name, Inline: f.Shown(), ETag: f.SHA256, CacheControl: "private, no-cache"}
			if f.IsPDF() {
				opts.Policy = pdfPolicy
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				c := unwrap(hc)
				if err := media.ServeObject(c.Response().Writer, r, s.Store, f.Key(), opts); err != nil {
					s.mediaFailed(c, err)
				}
			}}, nil
		})
}
