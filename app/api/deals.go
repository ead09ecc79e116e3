package api

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
)

type dealDTO struct {
	ID         string            `json:"id"`
	ExternalID string            `json:"external_id" doc:"The CRM's own id."`
	Name       string            `json:"name"`
	OwnerID    string            `json:"owner_id,omitempty"`
	Owner      string            `json:"owner" doc:"As the CRM names the owner."`
	Amount     string            `json:"amount,omitempty" doc:"An exact decimal."`
	Currency   string            `json:"currency,omitempty"`
	Stage      string            `json:"stage,omitempty"`
	Status     string            `json:"status" enum:"open,won,lost,deleted"`
	Segment    string            `json:"segment,omitempty"`
	Competitor string            `json:"competitor,omitempty"`
	Product    string            `json:"product,omitempty"`
	Extra      map[string]string `json:"extra,omitempty" doc:"Columns of the CRM that Fieldreel has no place for."`
	OpenedAt   time.Time         `json:"opened_at"`
	ClosedAt   *time.Time        `json:"closed_at,omitempty"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

func dealOf(d outcome.Deal) dealDTO {
	out := dealDTO{ID: d.ID, ExternalID: d.ExternalID, Name: d.Name, Owner: d.OwnerRef, Amount: d.Amount, Currency: d.Currency, Stage: d.Stage, Status: string(d.Status),
		Segment: d.Segment, Competitor: d.Competitor, Product: d.Product, Extra: d.Extra, OpenedAt: d.OpenedAt, ClosedAt: d.ClosedAt, UpdatedAt: d.UpdatedAt}
	if d.OwnerID != nil {
		out.OwnerID = *d.OwnerID
	}
	return out
}

type rowErrorDTO struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type unmatchedDTO struct {
	Owner string `json:"owner"`
	Name  string `json:"name,omitempty"`
	Deals int    `json:"deals"`
}

type importDTO struct {
	DryRun          bool              `json:"dry_run"`
	ImportID        string            `json:"import_id,omitempty"`
	Preset          string            `json:"preset" doc:"The CRM whose export this is."`
	DateOrder       string            `json:"date_order"`
	Mapping         map[string]string `json:"mapping" doc:"Which column was read for which field."`
	Rows            int               `json:"rows"`
	Created         int               `json:"created"`
	Updated         int               `json:"updated"`
	Unchanged       int               `json:"unchanged"`
	Failed          int               `json:"failed"`
	Errors          []rowErrorDTO     `json:"errors" doc:"The first 200 rows that failed; they block no others."`
	UnknownColumns  []string          `json:"unknown_columns" doc:"Kept with each deal, under extra."`
	UnmatchedOwners []unmatchedDTO    `json:"unmatched_owners" doc:"Owners who are nobody's account. Their deals are matched when an account with the e-mail address is made."`
}

func importOf(r outcome.Report) importDTO {
	d := importDTO{DryRun: r.DryRun, ImportID: r.ImportID, Preset: string(r.Preset), DateOrder: string(r.DateOrder), Mapping: map[string]string{}, Rows: r.Rows, Created: r.Created,
		Updated: r.Updated, Unchanged: r.Unchanged, Failed: r.Failed, Errors: []rowErrorDTO{}, UnknownColumns: list(r.UnknownColumns), UnmatchedOwners: []unmatchedDTO{}}
	for f, c := range r.File.Mapping {
		d.Mapping[string(f)] = c
	}
	for _, e := range r.Errors {
		d.Errors = append(d.Errors, rowErrorDTO(e))
	}
	for _, u := range r.UnmatchedOwners {
		d.UnmatchedOwners = append(d.UnmatchedOwners, unmatchedDTO{u.Ref, u.Name, u.Deals})
	}
	return d
}

// maxCSV is what a CSV body may weigh; the reader has the same limit.
const maxCSV = 64 << 20

// CSVBody takes a body as it streams: a plain CSV, or the file of a form.
type CSVBody struct {
	reader io.Reader
}

// Resolve hands on the body without reading it.
func (b *CSVBody) Resolve(ctx huma.Context) []error {
	kind, params, err := mime.ParseMediaType(ctx.Header("Content-Type"))
	switch {
	case err == nil && (kind == "text/csv" || kind == "application/csv" || kind == "text/plain" || kind == "text/tab-separated-values" || kind == "application/octet-stream" || kind == "application/vnd.ms-excel"):
		b.reader = http.MaxBytesReader(nil, io.NopCloser(ctx.BodyReader()), maxCSV+1)
	case err == nil && kind == "multipart/form-data" && params["boundary"] != "":
		r, _ := ctx.Context().Value(requestKey).(*http.Request)
		r.Body = http.MaxBytesReader(nil, r.Body, maxCSV+(1<<20))
		parts, err := r.MultipartReader()
		if err != nil {
			return []error{fault.New(fault.Malformed, "form_malformed", "This form cannot be read.")}
		}
		part, err := parts.NextPart()
		if err != nil {
			return []error{fault.New(fault.Malformed, "form_malformed", "Send the CSV as the first part of the form.")}
		}
		b.reader = part
	default:
		return []error{fault.New(fault.UnsupportedMedia, "media_type_unsupported", "Send the file as text/csv, or as the first part of a form.")}
	}
	return nil
}

type importRequest struct {
	CSVBody
	DryRun    bool   `query:"dry_run" doc:"Read and report, write nothing."`
	Preset    string `query:"preset" enum:"auto,salesforce,hubspot,pipedrive" default:"auto"`
	DateOrder string `query:"date_order" enum:"auto,ymd,dmy,mdy" default:"auto"`
	Mapping   string `query:"mapping" maxLength:"8000" doc:"A JSON object from field to the column's header, for files that no preset knows."`
	Filename  string `query:"filename" maxLength:"200"`
}

func (r importRequest) options() (csvfile.Options, error) {
	o := csvfile.Options{Preset: csvfile.Preset(r.Preset), DateOrder: csvfile.DateOrder(r.DateOrder)}
	if r.Preset == "auto" {
		o.Preset = ""
	}
	if r.DateOrder == "auto" {
		o.DateOrder = ""
	}
	if strings.TrimSpace(r.Mapping) == "" {
		return o, nil
	}
	if err := checkJSON([]byte(r.Mapping)); err != nil {
		return o, fault.Wrap(err, fault.Invalid, "mapping_invalid", "Give the mapping as a JSON object from field to header.").At("mapping")
	}
	if err := json.Unmarshal([]byte(r.Mapping), &o.Mapping); err != nil {
		return o, fault.Wrap(err, fault.Invalid, "mapping_invalid", "Give the mapping as a JSON object from field to header.").At("mapping")
	}
	return o, nil
}

func (s *Server) dealRoutes() {
	route(s, op{method: "POST", path: "/api/v1/deals/import", tag: "deals", summary: "Import the deals of a CRM's CSV export (trainer)", codes: "deals_mapping_needed, deals_date_order_needed"},
		func(ctx context.Context, a people.Actor, in *importRequest) (*body[importDTO], error) {
			o, err := in.options()
			if err != nil {
				return nil, err
			}
			rep, err := s.Outcomes.Import(ctx, a, outcome.ImportRequest{Filename: in.Filename, Body: in.reader, Options: o, DryRun: in.DryRun})
			if err != nil {
				return nil, err
			}
			return answer(importOf(rep)), nil
		})
	imp := s.api.OpenAPI().Paths["/api/v1/deals/import"].Post
	imp.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}}}}}
	type putDealRequest struct {
		ExternalID string `path:"external_id" maxLength:"200"`
		Body       struct {
			Name       string            `json:"name" maxLength:"500"`
			Owner      string            `json:"owner,omitempty" maxLength:"254" doc:"E-mail address or full name."`
			Amount     string            `json:"amount,omitempty" maxLength:"40" doc:"A plain decimal as text." example:"12500.00"`
			Currency   string            `json:"currency,omitempty" maxLength:"3"`
			Stage      string            `json:"stage,omitempty" maxLength:"200"`
			Status     string            `json:"status" enum:"open,won,lost,deleted"`
			Segment    string            `json:"segment,omitempty" maxLength:"200"`
			Competitor string            `json:"competitor,omitempty" maxLength:"200"`
			Product    string            `json:"product,omitempty" maxLength:"200"`
			Extra      map[string]string `json:"extra,omitempty"`
			OpenedAt   time.Time         `json:"opened_at"`
			ClosedAt   *time.Time        `json:"closed_at,omitempty"`
		}
	}
	type putAnswer struct {
		Status int
		Body   dealDTO
	}
	route(s, op{method: "PUT", path: "/api/v1/deals/{external_id}", tag: "deals", summary: "Make or replace one deal, by the CRM's id (trainer)"},
		func(ctx context.Context, a people.Actor, in *putDealRequest) (*putAnswer, error) {
			b := in.Body
			d, created, err := s.Outcomes.Put(ctx, a, in.ExternalID, outcome.DealInput{Name: b.Name, Owner: b.Owner, Amount: b.Amount, Currency: b.Currency, Stage: b.Stage,
				Status: outcome.Status(b.Status), Segment: b.Segment, Competitor: b.Competitor, Product: b.Product, Extra: b.Extra, OpenedAt: b.OpenedAt, ClosedAt: b.ClosedAt})
			if err != nil {
				return nil, err
			}
			out := &putAnswer{http.StatusOK, dealOf(d)}
			if created {
				out.Status = http.StatusCreated
			}
			return out, nil
		})
	type listRequest struct {
		Paging
		Owner  string `query:"owner" maxLength:"36" doc:"An id, or me."`
		Status string `query:"status" enum:"open,won,lost,deleted"`
		Query  string `query:"q" maxLength:"200" doc:"The beginning of a word of the name, or an external id."`
	}
	route(s, op{method: "GET", path: "/api/v1/deals", tag: "deals", summary: "Deals one may read: one's own, one's teams', or all (trainer)"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[dealDTO]], error) {
			limit := min(in.Limit, 199)
			ds, err := s.Outcomes.List(ctx, a, outcome.Filter{Owner: in.Owner, Status: outcome.Status(in.Status), Query: in.Query, After: in.Cursor, Limit: limit + 1})
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ds, limit, func(d outcome.Deal) string { return d.ID }, dealOf)), nil
		})
}
