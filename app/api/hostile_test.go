package api_test

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// hostile are texts that one engine or another chokes on.
var hostile = []string{"\x00", "a\x00b", "\xff\xfe", "' OR 1=1 --", "\u202e\U0010ffff\ufffd", "", strings.Repeat("é", 9000), "-1", "9223372036854775808", "../..", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}

// TestHostileValuesEverywhere puts hostile values into every parameter and every member of every body that
// the document describes, on both engines. Whatever is answered, nothing fails inside the server.
func TestHostileValuesEverywhere(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { bombard(t, newWorld(t), 10) }) // the race detector makes each of its requests take long
	t.Run("postgres", func(t *testing.T) {
		address := pgtest.Database(t)
		bombard(t, newWorld(t, func(c *app.Config, _ *app.ServeConfig) { c.DatabaseURL = address }), 1)
	})
}

type document struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Schema   map[string]any
		}
		RequestBody struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
	Components struct{ Schemas map[string]map[string]any }
}

// bombard sends each so manieth of the requests.
func bombard(t *testing.T, w *world, each int) {
	// One person who may do everything, so that every request reaches the code behind the rights.
	p, err := w.app.People.AddPerson(t.Context(), people.System(), people.NewPerson{Email: "zoe@example.com", Name: "Zoe", Roles: people.Roles})
	if err != nil {
		t.Fatal(err)
	}
	zoe := &apitest.Client{Base: w.base, Token: w.token(t, p.ID)}
	w.ana = zoe // the author of what follows
	open := w.video(t, clip(t), "For everyone", "everyone")
	text, err := built(t).Spec()
	if err != nil {
		t.Fatal(err)
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	sent := 0
	send := func(method, path string, body any) {
		t.Helper()
		if sent++; sent%each != 0 {
			return
		}
		a := zoe.Do(t, strings.ToUpper(method), path, body)
		if a.Status >= 500 {
			b, _ := json.Marshal(body)
			t.Errorf("%s with %.300s: %d %s", a.Request, b, a.Status, a.Body)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			op := doc.Paths[path][method]
			if strings.HasPrefix(path, "/media/") || path == "/api/v1/sessions/current" || method == "options" || (strings.HasPrefix(path, "/api/v1/uploads") && method != "get") {
				continue // other tests are about these
			}
			thing := absent
			if strings.HasPrefix(path, "/api/v1/videos/") && method != "delete" {
				thing = open
			}
			at := strings.NewReplacer("{id}", thing, "{seat}", "members", "{external_id}", "x1").Replace(path)
			at = strings.NewReplacer("{note_id}", absent, "{person_id}", absent).Replace(at)
			schema := op.RequestBody.Content["application/json"].Schema
			var body any
			if schema != nil {
				body = doc.sample(schema, open)
			}
			for _, param := range op.Parameters {
				for _, h := range hostile {
					switch param.In {
					case "query":
						send(method, at+"?"+url.Values{param.Name: {h}}.Encode(), body)
					case "path":
						value := map[string]string{"id": thing, "seat": "members", "external_id": "x1", "note_id": absent, "person_id": absent}
						value[param.Name] = h
						send(method, fill(path, value), body)
					}
				}
			}
			for _, bad := range doc.variants(body) {
				send(method, at, bad)
			}
		}
	}
	if sent < 1000 {
		t.Errorf("%d requests", sent)
	}
	t.Logf("%d requests", sent)
	w.nobody.Do(t, http.MethodGet, "/readyz", nil).Into(t, http.StatusOK, nil)
}

// fill puts values into a path's parameters.
func fill(path string, values map[string]string) string {
	for name, v := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(v))
	}
	return path
}

// sample makes a value that fits a schema, with all its members.
func (d *document) sample(schema map[string]any, video string) any {
	if ref, ok := schema["$ref"].(string); ok {
		return d.sample(d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], video)
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0]
	}
	kind, ok := schema["type"].(string)
	if types, several := schema["type"].([]any); !ok && several {
		kind, _ = types[0].(string)
	}
	switch kind {
	case "string":
		switch schema["format"] {
		case "uuid":
			return video
		case "date-time":
			return time.Now().UTC().Format(time.RFC3339)
		}
		return "x"
	case "integer", "number":
		if least, ok := schema["minimum"].(float64); ok {
			return least
		}
		return 1
	case "boolean":
		return true
	case "array":
		items, _ := schema["items"].(map[string]any)
		return []any{d.sample(items, video)}
	}
	out := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		if name == "$schema" {
			continue
		}
		s, _ := p.(map[string]any)
		if s["readOnly"] == true {
			continue
		}
		out[name] = d.sample(s, video)
		if name == "video_id" {
			out[name] = video
		}
	}
	if more, ok := schema["additionalProperties"].(map[string]any); ok {
		out["k"] = d.sample(more, video)
	}
	return out
}

// variants gives the value with each of its leaves replaced by something hostile, one at a time, and with
// each member left out.
func (d *document) variants(v any) []any {
	var out []any
	switch x := v.(type) {
	case string:
		for _, h := range hostile {
			out = append(out, h)
		}
	case int, float64:
		out = append(out, math.MaxInt64, math.MinInt64, -1, 0, 1e300, 0.5)
	case bool:
		out = append(out, !x)
	case []any:
		out = append(out, []any{}, append(slices.Clone(x), x...))
		for _, bad := range d.variants(x[0]) {
			out = append(out, []any{bad})
		}
	case map[string]any:
		for name, member := range x {
			less := maps.Clone(x)
			delete(less, name)
			out = append(out, less)
			for _, bad := range d.variants(member) {
				more := maps.Clone(x)
				more[name] = bad
				out = append(out, more)
			}
			null := maps.Clone(x)
			null[name] = nil
			out = append(out, null)
		}
		if _, free := x["k"]; free {
			for _, h := range hostile {
				out = append(out, map[string]any{h: "x"})
			}
		}
	}
	return out
}
