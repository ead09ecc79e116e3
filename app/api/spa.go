package api

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// pagePolicy lets pages load from this host alone, and run and draw only what stands in files. data: and blob: are for
// pictures drawn in the page and for recordings played before they are sent.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

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
// page, which finds its own way from there. An address that looks like a file's is none of the page's: a
// script that is gone must not arrive as HTML.
func (s *Server) client(c echo.Context) error {
	p := strings.TrimPrefix(path.Clean("/"+c.Param("*")), "/")
	if p == "api" || strings.HasPrefix(p, "api/") || p == "media" || strings.HasPrefix(p, "media/") {
		return echo.ErrNotFound
	}
	f, err := s.site.file(p)
	if errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(p+"/", assets) && path.Ext(p) == "" {
		f, err = s.site.file("index.html")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return echo.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", pagePolicy)
	f.serve(c.Response(), c.Request())
	return nil
}
