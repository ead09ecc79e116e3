package moonshine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// Name is what a transcript's Engine says. It changes whenever another model or
// another way of decoding would give other words.
const Name = "moonshine-base-en"

// vadShare is the part of the work that the detector does, for progress.
const vadShare = 0.05

// Engine is a loaded model. It implements speech.Engine; one transcription runs
// at a time, others wait for it.
type Engine struct {
	mu     sync.Mutex
	vad    *vad
	model  *model
	pieces []piece
	closed bool
}

var _ speech.Engine = (*Engine)(nil)

// Open loads the model of a folder that speech/models installed: about one
// second of work and 300 MB of memory, given back by Close. It fails with
// speech.ErrNoModel where a file is missing.
func Open(dir string) (*Engine, error) {
	if err := speech.Available(dir); err != nil {
		return nil, err
	}
	if err := openEnvironment(filepath.Join(dir, weights.Runtime)); err != nil {
		return nil, err
	}
	pieces, err := readPieces(filepath.Join(dir, weights.Vocabulary))
	if err != nil {
		return nil, err
	}
	v, err := openVAD(filepath.Join(dir, weights.VAD))
	if err != nil {
		return nil, err
	}
	m, err := openModel(dir)
	if err != nil {
		v.close()
		return nil, err
	}
	return &Engine{vad: v, model: m, pieces: pieces}, nil
}

// Close waits for a running transcription and frees the model. The engine must
// not be used afterwards.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		e.vad.close()
		e.model.close()
	}
	return nil
}

// Transcribe implements speech.Engine. Its memory does not grow with the length
// of the recording but for the words themselves and 4 bytes per 32 ms.
func (e *Engine) Transcribe(ctx context.Context, wavPath string, progress func(share float64)) (speech.Transcript, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return speech.Transcript{}, speech.ErrClosed
	}
	if progress == nil {
		progress = func(float64) {}
	}
	file, err := os.Open(wavPath)
	if err != nil {
		return speech.Transcript{}, fmt.Errorf("open the sound file: %w", err)
	}
	defer file.Close() // opened for reading only
	info, err := file.Stat()
	if err != nil {
		return speech.Transcript{}, fmt.Errorf("look at the sound file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return speech.Transcript{}, bad("not a regular file")
	}
	w, err := openWAV(file, info.Size())
	if err != nil {
		return speech.Transcript{}, err
	}
	words, err := e.transcribe(ctx, w, progress)
	if err != nil {
		return speech.Transcript{}, err
	}
	t := speech.Transcript{Language: "en", Engine: Name, DurationMS: w.durationMS(), Segments: speech.Cut(words)}
	if err := t.Validate(); err != nil {
		return speech.Transcript{}, fmt.Errorf("transcript breaks its own rules: %w", err)
	}
	progress(1)
	return t, nil
}

func (e *Engine) transcribe(ctx context.Context, w wav, progress func(float64)) ([]speech.Word, error) {
	probs, err := e.vad.probabilities(ctx, w, func(share float64) { progress(vadShare * share) })
	if err != nil {
		return nil, err
	}
	spans := speechSpans(probs, w.samples)
	todo := chunks(spans, probs, w.samples)
	var total, done int64
	for _, c := range todo {
		total += c.to - c.from
	}
	var words []speech.Word
	pcm := make([]float32, 0, maxChunkSamples)
	for _, c := range todo {
		pcm = pcm[:c.to-c.from]
		if err := w.read(pcm, c.from); err != nil {
			return nil, err
		}
		found, err := e.chunk(ctx, pcm)
		if err != nil {
			return nil, err
		}
		for _, word := range found {
			word.StartMS += msOf(c.from)
			word.EndMS += msOf(c.from)
			words = append(words, word)
		}
		done += c.to - c.from
		progress(vadShare + (1-vadShare)*float64(done)/float64(total))
	}
	clip(words, spans, w.durationMS())
	return words, nil
}

// minHalf is the shortest sound that is worth being decoded again in halves.
const minHalf = 5 * sampleRate

// chunk decodes one chunk; its words have times relative to it. Where the
// decoder gets stuck, the chunk's halves are decoded instead.
func (e *Engine) chunk(ctx context.Context, pcm []float32) ([]speech.Word, error) {
	d, err := e.model.decode(ctx, pcm)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	if !d.looped || len(pcm) < minHalf {
		return wordsOf(d, e.pieces, msOf(int64(len(pcm)))), nil
	}
	cut := quietest(pcm)
	first, err := e.chunk(ctx, pcm[:cut])
	if err != nil {
		return nil, err
	}
	second, err := e.chunk(ctx, pcm[cut:])
	if err != nil {
		return nil, err
	}
	for _, w := range second {
		w.StartMS += msOf(int64(cut))
		w.EndMS += msOf(int64(cut))
		first = append(first, w)
	}
	return first, nil
}

// quietest is the middle of the quietest 100 ms between 30 % and 70 % of pcm.
func quietest(pcm []float32) int {
	const window = sampleRate / 10
	cut, least := len(pcm)/2, float32(-1)
	for at := len(pcm) * 3 / 10; at+window <= len(pcm)*7/10; at += window / 4 {
		var energy float32
		for _, x := range pcm[at : at+window] {
			energy += x * x
		}
		if least < 0 || energy < least {
			cut, least = at+window/2, energy
		}
	}
	return cut
}
