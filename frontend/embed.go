// Package frontend holds the web client as it was built, to be served by app/api.
//
// Until there is a web client, dist holds a committed page that says so; it stays committed afterwards, so that a
// fresh clone compiles without Node.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the built web client: index.html at its root, and only files that a browser may be given.
// It panics if dist was not embedded, which the compiler rules out.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: " + err.Error())
	}
	return sub
}
