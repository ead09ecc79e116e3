// Package worker is the child process of speech.Process: it answers requests
// with the Moonshine engine. It is the only importer of the engine, which needs
// cgo, so that native code runs in a process whose crash costs one try.
package worker

import (
	"context"
	"io"

	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/moonshine"
)

// Run answers the requests on in with replies on out until in ends, and returns
// nil then. The model of modelsDir is loaded at the first request. Nothing else
// may write to out.
func Run(ctx context.Context, in io.Reader, out io.Writer, modelsDir string) error {
	return speech.Serve(ctx, in, out, func() (speech.Engine, error) {
		return moonshine.Open(modelsDir)
	})
}
