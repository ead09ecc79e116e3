package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

func unwrap(c huma.Context) echo.Context { return humaecho.Unwrap(c) }

type healthDTO struct {
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
}

func (s *Server) healthRoutes() {
	route(s, op{method: "GET", path: "/livez", tag: "health", summary: "The process runs", public: true},
		func(context.Context, people.Actor, *nothing) (*body[healthDTO], error) {
			return answer(healthDTO{Status: "ok"}), nil
		})
	route(s, op{method: "GET", path: "/readyz", tag: "health", summary: "This node can take work", public: true},
		func(ctx context.Context, _ people.Actor, _ *nothing) (*body[healthDTO], error) {
			if err := s.Ready(ctx); err != nil {
				return nil, fault.Wrap(err, fault.Unavailable, "not_ready", "This node cannot take work yet, or any more.")
			}
			return answer(healthDTO{Status: "ok"}), nil
		})
	s.installationRoutes()
}

// Metrics gives a handler for the admin listener, in the Prometheus text format: a dozen lines, for
// which a client library would be the larger part.
func (s *Server) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		gauge := func(name, help string, lines ...string) {
			fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
			for _, l := range lines {
				fmt.Fprintf(&b, "%s%s\n", name, l)
			}
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		gauge("fieldreel_goroutines", "Goroutines of the process.", fmt.Sprintf(" %d", runtime.NumGoroutine()))
		gauge("fieldreel_heap_bytes", "Bytes of live and not yet collected heap.", fmt.Sprintf(" %d", m.HeapAlloc))
		gauge("fieldreel_sys_bytes", "Bytes obtained from the system by the Go runtime.", fmt.Sprintf(" %d", m.Sys))
		ready := 1
		if s.Ready(r.Context()) != nil {
			ready = 0
		}
		gauge("fieldreel_ready", "1 while this node can take work.", fmt.Sprintf(" %d", ready))
		if pending, err := s.Pending(r.Context()); err == nil {
			var lines []string
			for q, n := range pending {
				lines = append(lines, fmt.Sprintf("{queue=%q} %d", q, n))
			}
			sort.Strings(lines)
			gauge("fieldreel_jobs_pending", "Jobs that wait or run.", lines...)
		}
		if lag, err := s.Library.Lag(r.Context()); err == nil {
			gauge("fieldreel_search_lag", "Changes of videos that this node's search index has not seen yet.", fmt.Sprintf(" %d", lag))
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(b.String())) // a scraper that has gone away needs no answer
	})
}
