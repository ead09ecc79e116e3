package api_test

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/api"
)

// Pages: for browsers, not for programs.
var pages = []string{"GET /*", "HEAD /*", "GET /api/docs", "GET /api/docs/docs.css", "GET /api/docs/docs.js", "GET /api/openapi.json"}

func built(t *testing.T) *api.Server {
	t.Helper()
	s := &api.Server{Log: slog.New(slog.DiscardHandler), Version: "test"}
	s.Build()
	return s
}

// operations gives "METHOD /path" of the document, sorted.
func operations(t *testing.T) []string {
	t.Helper()
	doc, err := built(t).Spec()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(doc, &parsed); err != nil {
		t.Fatal(err)
	}
	var out []string
	for path, ops := range parsed.Paths {
		for method := range ops {
			out = append(out, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(out)
	return out
}

func TestEveryRouteIsInTheDocument(t *testing.T) {
	param := regexp.MustCompile(`:([a-z_]+)`)
	var served []string
	for _, r := range built(t).Routes() {
		if !slices.Contains(pages, r) {
			served = append(served, param.ReplaceAllString(r, "{$1}"))
		}
	}
	slices.Sort(served)
	described := operations(t)
	for _, r := range served {
		if !slices.Contains(described, r) {
			t.Errorf("%s is served and not described", r)
		}
	}
	for _, r := range described {
		if !slices.Contains(served, r) {
			t.Errorf("%s is described and not served", r)
		}
	}
	if len(served) < 60 {
		t.Errorf("%d routes", len(served))
	}
}

func TestTheDocumentIsWhole(t *testing.T) {
	doc, err := built(t).Spec()
	if err != nil {
		t.Fatal(err)
	}
	again, err := built(t).Spec()
	if err != nil || string(again) != string(doc) {
		t.Errorf("two builds differ, %v", err)
	}
	var parsed struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Security    *[]map[string][]string
			Responses   map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(doc, &parsed); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(parsed.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q", parsed.OpenAPI)
	}
	ids := map[string]string{}
	for path, ops := range parsed.Paths {
		for method, o := range ops {
			at := strings.ToUpper(method) + " " + path
			if ids[o.OperationID] != "" {
				t.Errorf("%s and %s have the same operation id", at, ids[o.OperationID])
			}
			ids[o.OperationID] = at
			if o.OperationID == "" || o.Summary == "" || len(o.Tags) != 1 || len(o.Responses) == 0 {
				t.Errorf("%s: %+v", at, o)
			}
		}
	}
	// Every $ref leads somewhere.
	for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(doc), -1) {
		if parsed.Components.Schemas[ref[1]] == nil {
			t.Errorf("%s leads nowhere", ref[0])
		}
	}
}
