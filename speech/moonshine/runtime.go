package moonshine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

const (
	patchedName = "decoder_with_attention.onnx"
	// patchedSHA256 is the digest of what exposeCrossAttention makes of the
	// pinned decoder. The edit is deterministic, so a file with this digest needs
	// no second look.
	patchedSHA256 = "0993f822810e29685d05622ccaed90fd557b673db19495fe68029a74612ca61c"
)

// environment guards ONNX Runtime's one environment per process, which the
// library itself keeps as a global.
var environment sync.Mutex

// openEnvironment loads the runtime's library once; later calls keep the first.
func openEnvironment(library string) error {
	environment.Lock()
	defer environment.Unlock()
	if ort.IsInitialized() {
		return nil
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("load ONNX Runtime: %w", err)
	}
	if err := ort.DisableTelemetry(); err != nil {
		return fmt.Errorf("switch off ONNX Runtime's telemetry: %w", err)
	}
	return nil
}

// openSession opens a model from data, or from the file at path where data is
// nil, on one thread.
func openSession(path string, data []byte, inputs, outputs []string) (session *ort.DynamicAdvancedSession, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	if err := options.SetIntraOpNumThreads(1); err != nil {
		return nil, err
	}
	if err := options.SetInterOpNumThreads(1); err != nil {
		return nil, err
	}
	if data != nil {
		return ort.NewDynamicAdvancedSessionWithONNXData(data, inputs, outputs, options)
	}
	return ort.NewDynamicAdvancedSession(path, inputs, outputs, options)
}

// patchedDecoder gives the decoder with its attention exposed: the path of the
// file beside the models, which it writes once, or the bytes where the models
// folder cannot be written to.
func patchedDecoder(dir string) (path string, data []byte, err error) {
	path = filepath.Join(dir, patchedName)
	if have, err := os.ReadFile(path); err == nil && digest(have) == patchedSHA256 {
		return path, nil, nil
	}
	original, err := os.ReadFile(filepath.Join(dir, weights.Decoder))
	if err != nil {
		return "", nil, fmt.Errorf("read the decoder: %w", err)
	}
	data, _, err = exposeCrossAttention(original)
	if err != nil {
		return "", nil, fmt.Errorf("expose the decoder's attention: %w", err)
	}
	if got := digest(data); got != patchedSHA256 {
		return "", nil, fmt.Errorf("expose the decoder's attention: SHA-256 %s instead of %s: the decoder is not the pinned one", got, patchedSHA256)
	}
	if err := writeOnce(path, data); err != nil {
		return path, data, nil // a read-only models folder is no reason to fail
	}
	return path, nil, nil
}

// writeOnce writes a file in one step, so that a reader never sees half of it.
func writeOnce(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".patched-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // gone after the rename
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
