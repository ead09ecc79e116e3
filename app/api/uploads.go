package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media/upload"
)

// UploadPath is where the tus endpoints stand.
const UploadPath = "/api/v1/uploads"

// Registry tells the upload spool what the database has: it maps between the spool's contract and the
// use cases of package video.
type Registry struct{ Videos *video.Service }

var _ upload.Registry = Registry{}

// Owner says who sends a request; the actor was put into its context by the server.
func (g Registry) Owner(ctx context.Context) (string, error) {
	a := actorOf(ctx)
	if a.PersonID == "" {
		return "", &upload.Problem{Status: http.StatusUnauthorized, Code: "unauthenticated", Detail: "Sign in first."}
	}
	return a.PersonID, nil
}

// Create records a new upload.
func (g Registry) Create(ctx context.Context, n upload.NewUpload) (upload.Created, error) {
	id, existing, err := g.Videos.BeginUpload(ctx, actorOf(ctx), video.NewUpload{ClientID: n.ClientID, Filename: n.Filename, Title: n.Title, Kind: n.Kind, For: n.For, Length: n.Length})
	return upload.Created{ID: id, Existing: existing}, uploadProblem(err)
}

// Authorize lets only its owner near an upload.
func (g Registry) Authorize(ctx context.Context, id string) error {
	_, err := g.Videos.OwnUpload(ctx, actorOf(ctx), id)
	return uploadProblem(err)
}

// Lookup says what is recorded about an upload.
func (g Registry) Lookup(ctx context.Context, id string) (upload.Record, error) {
	u, known, err := g.Videos.LookupUpload(ctx, id)
	if err != nil || !known {
		return upload.Record{}, err
	}
	return upload.Record{Known: true, Finished: u.State == video.Finished, Size: u.Size, SHA256: u.SHA256}, nil
}

// Finish records that an upload is whole, with the video and the job.
func (g Registry) Finish(ctx context.Context, f upload.Finished) error {
	return uploadProblem(g.Videos.FinishUpload(ctx, f.ID, f.Size, f.SHA256))
}

// Terminated records that an upload is no more.
func (g Registry) Terminated(ctx context.Context, id string) error {
	return g.Videos.TerminateUpload(ctx, id)
}

// uploadProblem maps an error of a use case to what the spool answers.
func uploadProblem(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal {
		return err
	}
	if f.Kind == fault.NotFound {
		return upload.ErrNotFound
	}
	return &upload.Problem{Status: status(f.Kind), Code: f.Code, Detail: f.Detail, Field: f.Field}
}

type receiptDTO struct {
	State   string `json:"state" enum:"receiving,finished" doc:"finished: every byte is durable and the video exists."`
	Size    int64  `json:"size" doc:"Bytes received so far; the whole once finished."`
	SHA256  string `json:"sha256,omitempty" doc:"Of all bytes, in lower-case hex. Delete the recording from the phone only when it is equal."`
	VideoID string `json:"video_id,omitempty"`
}

type uploadDTO struct {
	ID       string  `json:"id"`
	Location string  `json:"location" doc:"Where tus goes on with it."`
	Offset   int64   `json:"offset" doc:"Bytes that are durable, as far as this server knows; HEAD on the location is what counts."`
	Size     *int64  `json:"size,omitempty" doc:"The whole length; absent while it is deferred."`
	State    string  `json:"state" enum:"receiving,finished"`
	VideoID  *string `json:"video_id,omitempty" doc:"Once it is finished; absent where the video has been removed since."`
	ClientID *string `json:"client_id,omitempty" doc:"The sender's own id."`
}

func (s *Server) uploadDTO(ctx context.Context, u video.Upload) (uploadDTO, error) {
	d := uploadDTO{ID: u.ID, Location: UploadPath + "/" + u.ID, Size: u.Length, State: string(u.State), VideoID: u.VideoID, ClientID: u.ClientID}
	if u.State == video.Finished {
		d.Offset, d.Size = u.Size, &u.Size
		return d, nil
	}
	st, err := s.Uploads.Status(ctx, u.ID)
	if errors.Is(err, upload.ErrNotFound) { // another node's, or not begun
		return d, nil
	}
	d.Offset = st.Offset
	if st.Length != nil {
		d.Size = st.Length
	}
	return d, err
}

func (s *Server) listUploads() {
	type listUploadsRequest struct {
		Paging
		ClientID string `query:"client_id" maxLength:"200" doc:"The sender's own id of one upload, finished or not. Left out: one's unfinished uploads."`
	}
	route(s, op{method: "GET", path: UploadPath, tag: "uploads", summary: "One's own uploads: for a sender that has lost the address of one"},
		func(ctx context.Context, a people.Actor, in *listUploadsRequest) (*body[page[uploadDTO]], error) {
			us, err := s.Videos.OwnUploads(ctx, a, video.UploadFilter{ClientID: in.ClientID, Before: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			p := pageOf(us, in.Limit, func(u video.Upload) string { return u.ID }, func(u video.Upload) uploadDTO {
				d, uerr := s.uploadDTO(ctx, u)
				err = errors.Join(err, uerr)
				return d
			})
			return answer(p), err
		})
}

func (s *Server) uploadRoutes() {
	s.listUploads()
	route(s, op{method: "GET", path: UploadPath + "/{id}/receipt", tag: "uploads", summary: "What the server has of an upload: its size and SHA-256 once the last byte is durable", codes: "upload_not_found"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[receiptDTO], error) {
			u, err := s.Videos.OwnUpload(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			if u.State == video.Finished {
				d := receiptDTO{State: "finished", Size: u.Size, SHA256: u.SHA256}
				if u.VideoID != nil {
					d.VideoID = *u.VideoID
				}
				return answer(d), nil
			}
			st, err := s.Uploads.Status(ctx, in.ID)
			if err != nil && !errors.Is(err, upload.ErrNotFound) {
				return nil, err
			}
			return answer(receiptDTO{State: "receiving", Size: st.Offset}), nil
		})
	s.tus()
}

// tus mounts the upload endpoints, which speak tus 1.0 and not JSON, and describes them.
func (s *Server) tus() {
	serve := func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodOptions {
			a, err := s.authenticate(r)
			if err != nil {
				return err
			}
			r = r.WithContext(context.WithValue(r.Context(), actorKey, a))
		}
		s.Uploads.ServeHTTP(c.Response().Writer, r)
		return nil
	}
	describe := func(method, path, summary string, params []*huma.Param, responses map[string]string) {
		s.echo.Add(method, strings.NewReplacer("{id}", ":id").Replace(path), serve)
		hop := &huma.Operation{OperationID: operationID(method, path), Method: method, Path: path, Tags: []string{"uploads"}, Summary: summary, Parameters: params,
			Description: "tus 1.0.0 (creation, creation-with-upload, creation-defer-length, expiration, termination, checksum). Any tus client works. See https://tus.io/protocols/resumable-upload.",
			Security:    []map[string][]string{{"token": {}}, {"session": {}}}, Responses: map[string]*huma.Response{}}
		if method == http.MethodOptions { // a browser asks before anybody has signed in
			hop.Security = []map[string][]string{}
		}
		for code, text := range responses {
			hop.Responses[code] = &huma.Response{Description: text}
		}
		s.api.OpenAPI().AddOperation(hop)
	}
	header := func(name, doc string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "header", Description: doc, Required: required, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	version := header("Tus-Resumable", "1.0.0", true)
	id := &huma.Param{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}
	describe("OPTIONS", UploadPath, "What this tus server can do", nil, map[string]string{"200": "Tus-Version, Tus-Extension, Tus-Max-Size"})
	describe("POST", UploadPath, "Begin an upload", []*huma.Param{version,
		header("Upload-Length", "Bytes; or Upload-Defer-Length: 1.", false), header("Upload-Defer-Length", "1 where the length is not known yet.", false),
		header("Upload-Metadata", "Pairs of key and base64 value, by commas: filename, title, kind, client_id (the sender's own id: the same id twice is the same upload), sha256 (of the whole, in hex).", false)},
		map[string]string{"201": "Location and Upload-Expires", "409": "upload_client_id_conflict", "413": "upload_too_large", "507": "quota_exceeded, upload_no_space"})
	describe("HEAD", UploadPath+"/{id}", "How far an upload has come", []*huma.Param{id, version}, map[string]string{"200": "Upload-Offset: all bytes before it are durable", "404": "upload_not_found"})
	describe("PATCH", UploadPath+"/{id}", "Send bytes", []*huma.Param{id, version, header("Upload-Offset", "Where these bytes begin.", true),
		header("Upload-Checksum", "sha256 and the base64 hash of this body; a body that differs is not kept (460).", false)},
		map[string]string{"204": "Upload-Offset: durable", "409": "upload_offset_mismatch", "413": "upload_too_large", "415": "media_not_video", "460": "upload_checksum_mismatch", "507": "upload_no_space"})
	describe("DELETE", UploadPath+"/{id}", "Give up an upload", []*huma.Param{id, version}, map[string]string{"204": "Its bytes are gone"})
}
