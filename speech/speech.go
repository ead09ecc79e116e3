package speech

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// Errors that a caller tells apart.
var (
	// ErrNoModel says that the files of the speech engine are not installed, and
	// which. The recording is fine; installing the model and trying again helps.
	ErrNoModel = errors.New("speech model not installed")
	// ErrBadAudio says that the sound file is not the 16 kHz mono 16-bit PCM WAV
	// that is wanted, or is damaged. Trying again does not help.
	ErrBadAudio = errors.New("unusable sound file")
	// ErrWorker says that the worker process failed: it crashed, said nonsense or
	// stopped reporting. Another try starts a new worker.
	ErrWorker = errors.New("speech worker failed")
	// ErrClosed says that the Process was closed.
	ErrClosed = errors.New("speech process closed")
)

// LowConfidence is the confidence under which a word is marked on the screen as
// possibly wrong. A word's confidence is the mean probability that the model
// gave to the pieces of the word. Measured on 393 words of noisy, telephone-band
// speech: 4 % of the words are below 0.6, a third of these are wrong, and they are 4
// of 10 of all wrong words. A higher threshold finds more but marks mostly right
// words (at 0.8: one word in eight marked, 7 of 10 found). On clean speech hardly
// any word is marked.
const LowConfidence = 0.6

// Engine turns a recording into a transcript.
type Engine interface {
	// Transcribe reads the 16 kHz mono 16-bit PCM WAV at wavPath. It calls
	// progress, if not nil, from the calling goroutine with the share that is done: rising, in
	// [0, 1]. A recording without speech gives a transcript without segments. It fails with
	// ErrNoModel, ErrBadAudio, the context's error, or an error of the engine that may
	// pass with another try. Transcribe may be called from several goroutines.
	Transcribe(ctx context.Context, wavPath string, progress func(share float64)) (Transcript, error)
}

// Transcript is what was said in one recording.
type Transcript struct {
	// Language is the BCP 47 tag of the spoken language, such as "en".
	Language string
	// Engine names what made the transcript, such as "moonshine-base-en".
	Engine string
	// DurationMS is the length of the recording.
	DurationMS int64
	// Segments are in order and do not overlap.
	Segments []Segment
}

// Segment is a sentence-like piece of a transcript.
type Segment struct {
	StartMS, EndMS int64
	// Text is the words joined by single spaces.
	Text  string
	Words []Word
}

// Word is one spoken word with the punctuation that follows it.
type Word struct {
	Text           string
	StartMS, EndMS int64
	// Confidence is in [0, 1]; see LowConfidence.
	Confidence float64
}

// Validate reports the first breach of what every transcript promises:
// segments in order and inside the recording, words in order and inside their
// segment, no interval backwards, text that is valid UTF-8, confidences in
// [0, 1]. A segment may have no words (a person may have typed its text).
func (t Transcript) Validate() error {
	last := int64(0)
	for i, s := range t.Segments {
		switch {
		case s.StartMS < last:
			return fmt.Errorf("segment %d starts at %d ms, before %d", i, s.StartMS, last)
		case s.EndMS < s.StartMS:
			return fmt.Errorf("segment %d ends at %d ms, before its start %d", i, s.EndMS, s.StartMS)
		case s.EndMS > t.DurationMS:
			return fmt.Errorf("segment %d ends at %d ms, after the recording's %d", i, s.EndMS, t.DurationMS)
		case !utf8.ValidString(s.Text):
			return fmt.Errorf("segment %d: text is not UTF-8", i)
		}
		if err := s.validateWords(); err != nil {
			return fmt.Errorf("segment %d: %w", i, err)
		}
		last = s.EndMS
	}
	return nil
}

func (s Segment) validateWords() error {
	last := s.StartMS
	for i, w := range s.Words {
		switch {
		case w.StartMS < last:
			return fmt.Errorf("word %d starts at %d ms, before %d", i, w.StartMS, last)
		case w.EndMS < w.StartMS:
			return fmt.Errorf("word %d ends at %d ms, before its start %d", i, w.EndMS, w.StartMS)
		case w.EndMS > s.EndMS:
			return fmt.Errorf("word %d ends at %d ms, after its segment's %d", i, w.EndMS, s.EndMS)
		case !(w.Confidence >= 0 && w.Confidence <= 1): // false for NaN too
			return fmt.Errorf("word %d: confidence %v", i, w.Confidence)
		case w.Text == "" || !utf8.ValidString(w.Text):
			return fmt.Errorf("word %d: text %q", i, w.Text)
		}
		last = w.EndMS
	}
	return nil
}

// Available reports whether the speech engine's files are in modelsDir: nil, or
// an error that wraps ErrNoModel and names what is missing. It looks at names
// and lengths only; speech/models.Verify reads the contents.
func Available(modelsDir string) error {
	missing, err := weights.Missing(modelsDir)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: missing in %s: %s", ErrNoModel, modelsDir, weights.Describe(missing))
	}
	return nil
}
