package api

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

type contextKey int

const (
	actorKey contextKey = iota
	requestIDKey
	requestKey
)

// actorOf gives who the request is from.
func actorOf(ctx context.Context) people.Actor {
	a, _ := ctx.Value(actorKey).(people.Actor)
	return a
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// The session cookie. The __Host- prefix binds it to this host over https; browsers refuse it on plain
// http, which is what a first try on one's own machine uses.
const (
	cookieSecure = "__Host-fieldreel"
	cookiePlain  = "fieldreel"
)

func (s *Server) cookieName(r *http.Request) string {
	if s.overTLS(r) {
		return cookieSecure
	}
	return cookiePlain
}

// overTLS says whether the browser speaks https, to us or to a proxy that we were told to trust.
func (s *Server) overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(s.PublicURL, "https://") || (s.TrustProxy && r.Header.Get("X-Forwarded-Proto") == "https")
}

func (s *Server) sessionCookie(r *http.Request, value string, expires time.Time) *http.Cookie {
	c := &http.Cookie{Name: s.cookieName(r), Value: value, Path: "/", HttpOnly: true, Secure: s.overTLS(r), SameSite: http.SameSiteLaxMode, Expires: expires}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// authenticate says who sends a request: the bearer of a token, or of a session's cookie.
func (s *Server) authenticate(r *http.Request) (people.Actor, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		token, ok := strings.CutPrefix(h, "Bearer ")
		if !ok {
			return people.Actor{}, fault.New(fault.Unauthenticated, "authorization_invalid", "Send the header as: Authorization: Bearer TOKEN.")
		}
		return s.People.AuthenticateToken(r.Context(), strings.TrimSpace(token))
	}
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return people.Actor{}, fault.New(fault.Unauthenticated, "unauthenticated", "Sign in first: this needs a session or an API token.")
	}
	return s.People.AuthenticateSession(r.Context(), c.Value)
}

// requireActor is the huma middleware that puts the actor into the context of every operation that is
// not public.
func (s *Server) requireActor(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().Metadata[publicOp] == true {
		next(ctx)
		return
	}
	r, _ := ctx.Context().Value(requestKey).(*http.Request)
	a, err := s.authenticate(r)
	if err != nil {
		s.writeProblem(ctx, problemOf(ctx.Context(), s.Log, err))
		return
	}
	next(huma.WithValue(ctx, actorKey, a))
}

func (s *Server) writeProblem(ctx huma.Context, p *Problem) {
	for k, vs := range p.GetHeaders() {
		for _, v := range vs {
			ctx.SetHeader(k, v)
		}
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	// A client that has gone away needs no answer.
	_ = strictJSON().Marshal(ctx.BodyWriter(), p)
}

// address is where a request comes from, for limiting guesses.
func (s *Server) address(r *http.Request) string {
	if s.TrustProxy {
		if parts := strings.Split(r.Header.Get("X-Forwarded-For"), ","); len(parts) > 0 {
			if ip := net.ParseIP(strings.TrimSpace(parts[len(parts)-1])); ip != nil {
				return ip.String()
			}
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
