package api

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// pagePolicy lets pages load from this host alone.
const pagePolicy = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (s *Server) pageRoutes() {
	spec := func(c echo.Context) error {
		doc, err := s.Spec()
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "application/json", doc)
	}
	s.echo.GET("/api/openapi.json", spec)
	s.echo.GET("/api/docs", func(c echo.Context) error { return page0(c, "text/html; charset=utf-8", docsHTML) })
	s.echo.GET("/api/docs/docs.js", func(c echo.Context) error { return page0(c, "text/javascript; charset=utf-8", docsJS) })
	s.echo.GET("/api/docs/docs.css", func(c echo.Context) error { return page0(c, "text/css; charset=utf-8", docsCSS) })
	s.echo.GET("/*", s.client)
	s.echo.HEAD("/*", s.client)
}

func page0(c echo.Context, contentType string, content []byte) error {
	c.Response().Header().Set("Content-Security-Policy", pagePolicy)
	return c.Blob(http.StatusOK, contentType, content)
}

// client serves the web client: its files, and for every other address outside /api and /media its one
// page, which finds its own way from there.
func (s *Server) client(c echo.Context) error {
	p := strings.TrimPrefix(path.Clean("/"+c.Param("*")), "/")
	if p == "api" || strings.HasPrefix(p, "api/") || strings.HasPrefix(p, "media/") {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", pagePolicy)
	if info, err := fs.Stat(s.Client, p); err != nil || info.IsDir() {
		p = "index.html"
	}
	if strings.HasPrefix(p, "assets/") { // named by their content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeFileFS(c.Response(), c.Request(), s.Client, p)
	return nil
}
