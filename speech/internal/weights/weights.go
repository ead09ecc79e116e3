// Package weights is the one table of the files that the speech engine needs:
// what they are called in the models folder, where they come from, and the
// SHA-256 that each must have. The installer, the availability check and the
// engine read the same table, so that they cannot disagree.
package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of the files in a models folder.
const (
	Runtime    = "libonnxruntime.so"
	Encoder    = "encoder_model.onnx"
	Decoder    = "decoder_model_merged.onnx"
	Vocabulary = "llama-tokenizer.js"
	VAD        = "silero_vad_v6.onnx"
)

// File is one pinned file.
type File struct {
	// Name is the file's name in the models folder and under a mirror's address.
	Name string
	// What says in words what the file is, for messages.
	What string
	// Package is the npm package, with its exact version, that carries the file.
	Package string
	// Path is the file's place inside the package's archive.
	Path string
	// Size is the exact length in bytes.
	Size int64
	// SHA256 is the lower-case hexadecimal digest of the whole file.
	SHA256 string
	// Licence is the SPDX name of the file's licence.
	Licence string
	// Native marks machine code, which is for linux/amd64 only.
	Native bool
}

// Files returns the table; the caller owns the slice. Every digest was
// computed from the published package and compared with the measured set of
// the trials.
func Files() []File {
	const moonshine = "@usefulsensors/moonshine-js@0.1.16"
	return []File{
		{
			Name: Runtime, What: "ONNX Runtime 1.28", Package: "sherpa-onnx-linux-x64@1.13.8",
			Path: "package/libonnxruntime.so", Size: 27_026_609,
			SHA256:  "4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e",
			Licence: "MIT", Native: true,
		},
		{
			Name: Encoder, What: "Moonshine base English encoder", Package: moonshine,
			Path: "package/dist/model/base/quantized/encoder_model.onnx", Size: 20_513_063,
			SHA256:  "1dd9ab0a7f987113d30affcba5a068d11c8f90fa0223caa3e491ade431ad9751",
			Licence: "MIT",
		},
		{
			Name: Decoder, What: "Moonshine base English decoder", Package: moonshine,
			Path: "package/dist/model/base/quantized/decoder_model_merged.onnx", Size: 42_498_870,
			SHA256:  "cc9f3cd6698a369c6008b41aa60aa3fb3322e7f03c9bdf19d8e6b7200afca4f3",
			Licence: "MIT",
		},
		{
			Name: Vocabulary, What: "vocabulary of word pieces", Package: "llama-tokenizer-js@1.2.2",
			Path: "package/llama-tokenizer.js", Size: 676_487,
			SHA256:  "34a7b9f7579d40486444590c37cba6564ef40c3dd98ecdfc2f7c886ae72c898d",
			Licence: "MIT",
		},
		{
			Name: VAD, What: "Silero voice activity detector", Package: "@ricky0123/vad-web@0.0.31",
			Path: "package/dist/silero_vad_v6.onnx", Size: 2_327_524,
			SHA256:  "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
			Licence: "MIT",
		},
	}
}

// Missing lists, in words, the files of the table that are absent from dir or
// have another length than the pinned one. It reads no contents, so it is
// cheap enough to ask before every transcription; an error means that the
// folder could not be looked at for another reason than absence.
func Missing(dir string) ([]string, error) {
	var missing []string
	for _, f := range Files() {
		info, err := os.Stat(filepath.Join(dir, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, f.Name+" ("+f.What+")")
		case err != nil:
			return nil, fmt.Errorf("look for %s: %w", f.Name, err)
		case !info.Mode().IsRegular():
			missing = append(missing, f.Name+" (not a regular file)")
		case info.Size() != f.Size:
			missing = append(missing, fmt.Sprintf("%s (%d bytes instead of %d)", f.Name, info.Size(), f.Size))
		}
	}
	return missing, nil
}

// Describe joins what Missing found into one phrase.
func Describe(missing []string) string { return strings.Join(missing, ", ") }
