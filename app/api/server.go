package api

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/library"
	"github.com/fieldreel/fieldreel/app/live"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ticket"
	"github.com/fieldreel/fieldreel/media/upload"
)

// Server holds what the handlers call. All fields but TrustProxy and PublicURL are required.
type Server struct {
	Log          *slog.Logger
	People       *people.Directory
	Words        *vocabulary.Book
	Videos       *video.Service
	Library      *library.Service
	Insights     *insight.Service
	Asks         *ask.Service
	Rubrics      *rubric.Service
	Programmes   *programme.Service
	Certificates *certificate.Service
	Reviews      *review.Service
	Calibration  *calibration.Service
	Coaching     *coach.Service
	Digests      *digest.Service
	Outcomes     *outcome.Service
	Notices      *notice.Service
	Live         *live.Service
	Uploads      *upload.Store
	Store        media.Store
	Tickets      *ticket.Signer
	// Pending counts jobs that wait or run, by queue; Jobs and Storage are for the admin.
	Pending func(ctx context.Context) (map[string]int, error)
	Jobs    JobQueue
	Storage StorageFunc
	// Client holds the built web client.
	Client fs.FS
	// Ready says why this node cannot take work, or nil.
	Ready func(ctx context.Context) error
	// PublicURL is the address people use, such as https://reel.example.com; it may be empty.
	PublicURL string
	// TrustProxy makes X-Forwarded-For and X-Forwarded-Proto believed.
	TrustProxy bool
	Version    string
	Now        func() time.Time
	// Limits are what is told to clients; they are kept elsewhere.
	Limits Limits
	// Abilities says whether transcripts and playable videos can be made here.
	Abilities func() (speechModel, mediaTools bool)
	// Demo holds the sign-ins of a demo company, for everybody to see; empty otherwise.
	Demo []DemoSignIn

	echo   *echo.Echo
	api    huma.API
	seen   grants
	site   *site
	handle http.Handler
}

// publicOp marks operations that need no actor.
const publicOp = "public"

// errorsOnce: huma keeps its error constructor and some switches in package variables.
var errorsOnce sync.Once //nolint:gochecknoglobals // the library's only door

// Build makes the routes. It must be called once, before the server is used.
func (s *Server) Build() {
	errorsOnce.Do(func() {
		huma.NewError = humaError
		huma.ValidateStrictCasing = true  // else "TEXT" beside "text" passes unchecked, and Go takes the last of them
		huma.DefaultArrayNullable = false // else every list is "T[] or null" to the web client
	})
	if s.Now == nil {
		s.Now = time.Now
	}
	s.seen = newGrants()
	s.site = newSite(s.Client)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.echoError
	s.echo = e
	cfg := huma.DefaultConfig("Fieldreel", s.Version)
	cfg.Info.Description = "Sales people learn from each other by short videos. Errors are RFC 9457 problems; lists are paged by cursor; " +
		"times are RFC 3339 in UTC; times in a video are whole milliseconds; ids are UUIDv7."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema members in answers
	cfg.Formats = map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}
	cfg.DefaultFormat = "application/json"
	cfg.NoFormatFallback = false
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token, made with: fieldreel token create --email E."},
		"session": {Type: "apiKey", In: "cookie", Name: cookieSecure, Description: "The cookie that POST /api/v1/sessions sets."},
	}
	s.api = humaecho.New(e, cfg)
	s.api.UseMiddleware(s.requireActor)
	s.routes()
	s.handle = s.wrap(e)
}

// Spec gives the OpenAPI document as JSON.
func (s *Server) Spec() ([]byte, error) { return json.MarshalIndent(s.api.OpenAPI(), "", " ") }

// Routes lists what Echo serves, as "METHOD /path", for the test that no route is missing from the
// OpenAPI document.
func (s *Server) Routes() []string {
	var out []string
	for _, r := range s.echo.Routes() {
		out = append(out, r.Method+" "+r.Path)
	}
	return out
}

// OpenAPI gives the document's model, for tests.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// ServeHTTP serves the product.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handle.ServeHTTP(w, r) }

// wrap puts around every request: an id, the headers that hold for all answers, and the refusal of
// requests that another site makes a browser send.
func (s *Server) wrap(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if s.PublicURL != "" {
		if err := cross.AddTrustedOrigin(strings.TrimSuffix(s.PublicURL, "/")); err != nil {
			s.Log.Warn("the public address is not an origin", "address", s.PublicURL, "error", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "cross_origin", "This request comes from another site, and was refused."))
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ident.New()
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		if s.overTLS(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		ctx := context.WithValue(r.Context(), requestIDKey, id)
		r = r.WithContext(ctx)
		r = r.WithContext(context.WithValue(ctx, requestKey, r))
		inner.ServeHTTP(w, r)
	})
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	for k, vs := range p.GetHeaders() {
		w.Header()[k] = vs
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = strictJSON().Marshal(w, p) // a client that has gone away needs no answer
}

// echoError maps what Echo and the plain handlers return.
func (s *Server) echoError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	var he *echo.HTTPError
	p := (*Problem)(nil)
	if errors.As(err, &he) {
		p = newProblem(he.Code, codeFor(he.Code), http.StatusText(he.Code)+".")
	} else {
		p = problemOf(c.Request().Context(), s.Log, err)
	}
	writeProblem(c.Response(), p)
}

// op describes an operation in few words; its id is the method and path.
type op struct {
	method, path, tag, summary string
	public                     bool
	status                     int
	maxBody                    int64
	// codes are the problem codes worth knowing, for the document.
	codes string
}

// route registers a use case as an operation: it hands on the actor and maps errors.
func route[I, O any](s *Server, o op, fn func(ctx context.Context, a people.Actor, in *I) (*O, error)) {
	hop := huma.Operation{
		OperationID: operationID(o.method, o.path), Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.summary,
		DefaultStatus: o.status, MaxBodyBytes: o.maxBody, Errors: []int{400, 401, 403, 404, 409, 422},
		Security: []map[string][]string{{"token": {}}, {"session": {}}},
		Metadata: map[string]any{},
	}
	if o.codes != "" {
		hop.Description = "Problem codes: " + o.codes + "."
	}
	if o.public {
		hop.Metadata[publicOp] = true
		hop.Security = []map[string][]string{}
	}
	huma.Register(s.api, hop, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, problemOf(ctx, s.Log, err)
		}
		return out, nil
	})
}

func operationID(method, path string) string {
	id := strings.NewReplacer("/api/v1/", "", "{", "", "}", "", "/", "-", "_", "-").Replace(path)
	return strings.ToLower(method) + "-" + strings.Trim(id, "-")
}

// body wraps an answer.
type body[T any] struct{ Body T }

func answer[T any](v T) *body[T] { return &body[T]{v} }
