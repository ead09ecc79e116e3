package upload

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// ErrNotFound says that there is no such upload for the asker. A Registry returns it (or wraps it) from Authorize for
// an upload of somebody else, so that both answer alike.
var ErrNotFound = errors.New("upload not found")

// ErrNotRecorded is returned by Release for an upload whose Finish has not succeeded: its spool folder is the only copy.
var ErrNotRecorded = errors.New("upload is not recorded as finished")

// StatusChecksumMismatch is the status that the tus checksum extension defines for a body which does not match its
// Upload-Checksum header.
const StatusChecksumMismatch = 460

// Problem is a refusal to be shown to the sender, answered as an RFC 9457 problem document. Functions of the Registry
// and Sniff may return one, also wrapped; any other error is answered as an internal error without its text.
type Problem struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code is the stable word for programs, such as "upload_too_large".
	Code string
	// Detail says in one sentence, for people, what is wrong.
	Detail string
	// Field names the header or metadata key at fault, if there is one.
	Field string
}

// Error implements error.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%d): %s", p.Code, p.Status, p.Detail) }

const problemType = "application/problem+json"

func (p *Problem) body() []byte {
	title := http.StatusText(p.Status)
	if p.Status == StatusChecksumMismatch {
		title = "Checksum Mismatch"
	}
	b, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Code   string `json:"code"`
		Detail string `json:"detail,omitempty"`
		Field  string `json:"field,omitempty"`
	}{"about:blank", title, p.Status, p.Code, p.Detail, p.Field})
	if err != nil {
		// Strings and an int always marshal.
		panic(err)
	}
	return b
}

func (p *Problem) headers() map[string]string {
	h := map[string]string{"Content-Type": problemType, "Cache-Control": "no-store"}
	switch p.Status {
	case http.StatusLocked, http.StatusServiceUnavailable:
		h["Retry-After"] = "1"
	case http.StatusInsufficientStorage:
		h["Retry-After"] = "60"
	case http.StatusPreconditionFailed:
		h["Tus-Version"] = tusVersion
	}
	return h
}

// tusError is the form in which a problem passes through tusd unchanged.
func (p *Problem) tusError() handler.Error {
	return handler.Error{ErrorCode: p.Code, Message: p.Detail, HTTPResponse: handler.HTTPResponse{
		StatusCode: p.Status, Body: string(p.body()), Header: p.headers(),
	}}
}

func problemNotFound() *Problem {
	return &Problem{Status: http.StatusNotFound, Code: "upload_not_found", Detail: "There is no such upload, or it has expired."}
}

func problemInternal() *Problem {
	return &Problem{Status: http.StatusInternalServerError, Code: "internal_error", Detail: "Something went wrong on the server. Sending again is safe."}
}

func problemNoSpace() *Problem {
	return &Problem{Status: http.StatusInsufficientStorage, Code: "upload_no_space", Detail: "The server has too little free space for now. What was acknowledged is kept; the upload can go on later."}
}

func problemTooLarge(limit int64) *Problem {
	return &Problem{Status: http.StatusRequestEntityTooLarge, Code: "upload_too_large", Detail: fmt.Sprintf("The file is larger than the limit of %d bytes.", limit), Field: "Upload-Length"}
}

func problemHashMismatch() *Problem {
	return &Problem{Status: http.StatusUnprocessableEntity, Code: "upload_hash_mismatch", Detail: "The bytes received do not have the SHA-256 that was announced. The upload starts again at offset 0.", Field: "sha256"}
}

func problemChecksumMismatch() *Problem {
	return &Problem{Status: StatusChecksumMismatch, Code: "upload_checksum_mismatch", Detail: "The body does not match its Upload-Checksum; nothing of it was kept.", Field: "Upload-Checksum"}
}

func problemClientID(detail string) *Problem {
	return &Problem{Status: http.StatusConflict, Code: "upload_client_id_conflict", Detail: detail, Field: "client_id"}
}

func problemFinished() *Problem {
	return &Problem{Status: http.StatusConflict, Code: "upload_finished", Detail: "The upload is finished and has become a video; delete the video instead."}
}

// problemOf gives the problem to answer with, and whether the error is one the sender may see.
func problemOf(err error) (*Problem, bool) {
	var p *Problem
	switch {
	case errors.As(err, &p) && p.Status >= 400 && p.Status <= 599:
		return p, true
	case errors.Is(err, ErrNotFound):
		return problemNotFound(), true
	default:
		return problemInternal(), false
	}
}

// fromTusd translates tusd's own refusals. Statuses are changed where tusd departs from the tus text (415 for the
// content type of a PATCH) or where its choice would stop common clients from trying again (423 for a request that had
// to give way to another one).
func fromTusd(status int, body string) *Problem {
	code, _, _ := strings.Cut(body, ":")
	p := &Problem{Status: status}
	switch code {
	case handler.ErrUnsupportedVersion.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_version_unsupported", "This server speaks tus "+tusVersion+".", "Tus-Resumable"
	case handler.ErrMaxSizeExceeded.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_too_large", "The file is larger than the server accepts.", "Upload-Length"
	case handler.ErrSizeExceeded.ErrorCode:
		p.Code, p.Detail = "upload_length_exceeded", "The body is longer than what remains of the upload."
	case handler.ErrInvalidContentType.ErrorCode:
		p.Status = http.StatusUnsupportedMediaType
		p.Code, p.Detail, p.Field = "upload_content_type", "A PATCH must have the content type "+chunkType+".", "Content-Type"
	case handler.ErrInvalidUploadLength.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_length_invalid", "The Upload-Length is missing, not a number, smaller than the offset, or declared twice.", "Upload-Length"
	case handler.ErrInvalidUploadDeferLength.ErrorCode, handler.ErrUploadLengthAndUploadDeferLength.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_length_invalid", "Give either Upload-Length, or Upload-Defer-Length with the value 1.", "Upload-Defer-Length"
	case handler.ErrInvalidOffset.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_offset_invalid", "The Upload-Offset is missing or not a number.", "Upload-Offset"
	case handler.ErrMismatchOffset.ErrorCode:
		p.Code, p.Detail, p.Field = "upload_offset_mismatch", "The Upload-Offset is not the offset of the upload; ask for it with HEAD.", "Upload-Offset"
	case handler.ErrNotFound.ErrorCode:
		return problemNotFound()
	case handler.ErrUploadInterrupted.ErrorCode:
		p.Status = http.StatusLocked
		p.Code, p.Detail = "upload_interrupted", "Another request for this upload took over. What was acknowledged is kept."
	case handler.ErrServerShutdown.ErrorCode:
		p.Code, p.Detail = "server_stopping", "The server is stopping. What was received is kept; go on in a moment."
	case handler.ErrUnexpectedEOF.ErrorCode, handler.ErrConnectionReset.ErrorCode, handler.ErrReadTimeout.ErrorCode:
		p.Code, p.Detail = "upload_body_incomplete", "The body ended early. What was received is kept."
	case handler.ErrNotImplemented.ErrorCode:
		p.Code, p.Detail = "not_implemented", "This server does not offer that."
	default:
		switch status {
		case http.StatusMethodNotAllowed:
			return problemMethod()
		default:
			if status >= 500 {
				return problemInternal()
			}
			p.Code, p.Detail = "upload_refused", "The request was refused."
		}
	}
	return p
}

func problemMethod() *Problem {
	return &Problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "This method is not allowed here."}
}
