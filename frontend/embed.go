// Package frontend holds the web client as it was built, to be served by app/api.
//
// A fresh clone has no built client: then a committed page says how to get it, so that the Go code compiles and
// tests without Node.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist all:placeholder
var files embed.FS

// Dist returns the built web client, or the page that stands for it where it was not built: index.html at its
// root, and only files that a browser may be given. Beside a file NAME there may be NAME.gz and NAME.br, the
// same compressed. It panics if neither was embedded, which the compiler rules out.
func Dist() fs.FS {
	if Built() {
		return sub("dist")
	}
	return sub("placeholder")
}

// Built says whether the web client is in this binary, and not only the page that stands for it.
func Built() bool {
	_, err := fs.Stat(files, "dist/index.html")
	return err == nil
}

func sub(name string) fs.FS {
	dir, err := fs.Sub(files, name)
	if err != nil {
		panic("frontend: " + err.Error())
	}
	return dir
}
