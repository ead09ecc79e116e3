package api

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// Problem is an error as answered: RFC 9457, with a stable code, the field it stands in, and all
// mistakes of an input at once.
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank: the code says what it is." example:"about:blank"`
	Title  string         `json:"title" doc:"The status in words."`
	Status int            `json:"status"`
	Code   string         `json:"code" doc:"Stable, for programs." example:"audience_unknown"`
	Detail string         `json:"detail" doc:"For people: what is wrong and what to do."`
	Field  string         `json:"field,omitempty" doc:"Where the mistake stands, as in situation.stage or a query parameter's name."`
	Errors []ProblemField `json:"errors,omitempty" doc:"All mistakes, where there are several."`
	// Context holds what a program needs to go on.
	Context map[string]any `json:"context,omitempty" doc:"Further facts, by code: for example the columns of a file that needs a mapping."`
	// RequestID finds the error in the server's log.
	RequestID string `json:"request_id,omitempty" doc:"Name this when you ask your admin about a server error."`

	retryAfter int
}

// ProblemField is one mistake of several.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error makes a Problem an error for huma.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the media type of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to try again.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

func status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.NoSpace:
		return http.StatusInsufficientStorage
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problemOf maps an error of a use case, once. What carries no kind is our own failure: it is logged
// with its cause, and answered without.
func problemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal {
		if ctx.Err() != nil { // the client went away, or the server is stopping: nobody is to blame
			return newProblem(http.StatusServiceUnavailable, "cancelled", "The request was broken off. Try again.")
		}
		id := requestID(ctx)
		log.ErrorContext(ctx, "request failed", "request_id", id, "error", err)
		p := newProblem(http.StatusInternalServerError, "internal", "Something went wrong on the server. Try again; if it stays, tell your admin the request id.")
		p.RequestID = id
		return p
	}
	p = newProblem(status(f.Kind), f.Code, f.Detail)
	p.Field, p.Context = f.Field, f.Extra
	for _, m := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{m.Location, m.Code, m.Detail})
	}
	if f.RetryAfter > 0 {
		p.retryAfter = int(math.Ceil(f.RetryAfter.Seconds()))
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.NoSpace {
		log.WarnContext(ctx, "request refused", "code", f.Code, "error", err)
	}
	return p
}

// humaError makes huma's own refusals (what does not fit the schema) problems of ours.
func humaError(status int, msg string, errs ...error) huma.StatusError {
	p := newProblem(status, fieldCode(status, msg), sentence(msg))
	for _, err := range errs {
		var inner *Problem
		if errors.As(err, &inner) {
			return inner
		}
		var f *fault.Error
		if errors.As(err, &f) {
			return problemOf(context.Background(), slog.New(slog.DiscardHandler), f)
		}
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			p.Errors = append(p.Errors, ProblemField{fieldOf(d.Location, d.Message), fieldCode(status, d.Message), d.Message})
			continue
		}
		if err != nil && status < http.StatusInternalServerError {
			p.Errors = append(p.Errors, ProblemField{"", codeFor(status), err.Error()})
		}
	}
	if len(p.Errors) > 0 {
		p.Field, p.Code, p.Detail = p.Errors[0].Field, p.Errors[0].Code, sentence(p.Errors[0].Detail)
	}
	if len(p.Errors) < 2 {
		p.Errors = nil
	}
	return p
}

func codeFor(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusUnsupportedMediaType:
		return "media_type_unsupported"
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusRequestTimeout:
		return "timeout"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	}
	if status >= http.StatusInternalServerError {
		return "internal"
	}
	return "refused"
}

// fieldCode names the commonest mistakes that a schema finds; the status tells of the others.
func fieldCode(status int, msg string) string {
	switch {
	case strings.Contains(msg, "unexpected property"), strings.Contains(msg, "unknown query parameter"):
		return "unknown_field"
	case strings.Contains(msg, "expected required property"), strings.Contains(msg, "required query parameter"), strings.Contains(msg, "request body is required"):
		return "required"
	case strings.Contains(msg, "twice"):
		return "duplicate_field"
	}
	return codeFor(status)
}

// fieldOf names the field of a mistake: one that is missing is named by the message alone.
func fieldOf(location, msg string) string {
	for _, in := range []string{"body", "query", "path", "header", "cookie"} {
		if rest, ok := strings.CutPrefix(location, in); ok && (rest == "" || rest[0] == '.') {
			location = strings.TrimPrefix(rest, ".")
			break
		}
	}
	if missing, ok := strings.CutPrefix(msg, "expected required property "); ok {
		missing, _, _ = strings.Cut(missing, " ")
		return strings.TrimPrefix(location+"."+missing, ".")
	}
	return location
}

func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
