package speech

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line of the protocol. An hour of speech is about 1 MB.
const maxLine = 64 << 20

// The protocol between Process and Serve: one JSON object a line. The parent
// sends requests, one at a time, and ends the worker by closing its input. The
// worker answers each with any number of progress lines and one result or
// error. Both sides are always the same binary, so there are no versions.

type wireRequest struct {
	WAV string `json:"wav"`
}

type wireReply struct {
	Progress *float64        `json:"progress,omitempty"`
	Result   *wireTranscript `json:"result,omitempty"`
	Error    *wireError      `json:"error,omitempty"`
}

type wireTranscript struct {
	Language   string        `json:"language"`
	Engine     string        `json:"engine"`
	DurationMS int64         `json:"duration_ms"`
	Segments   []wireSegment `json:"segments"`
}

type wireSegment struct {
	StartMS int64      `json:"start_ms"`
	EndMS   int64      `json:"end_ms"`
	Text    string     `json:"text"`
	Words   []wireWord `json:"words"`
}

type wireWord struct {
	Text       string  `json:"text"`
	StartMS    int64   `json:"start_ms"`
	EndMS      int64   `json:"end_ms"`
	Confidence float64 `json:"confidence"`
}

type wireError struct {
	Kind    wireKind `json:"kind"`
	Message string   `json:"message"`
}

// wireKind carries a sentinel error across the process border.
type wireKind string

const (
	kindNoModel  wireKind = "no_model"
	kindBadAudio wireKind = "bad_audio"
	kindFailed   wireKind = "failed"
)

func toWire(t Transcript) *wireTranscript {
	w := &wireTranscript{Language: t.Language, Engine: t.Engine, DurationMS: t.DurationMS}
	for _, s := range t.Segments {
		words := make([]wireWord, len(s.Words))
		for i, word := range s.Words {
			words[i] = wireWord(word)
		}
		w.Segments = append(w.Segments, wireSegment{StartMS: s.StartMS, EndMS: s.EndMS, Text: s.Text, Words: words})
	}
	return w
}

func (w *wireTranscript) transcript() Transcript {
	t := Transcript{Language: w.Language, Engine: w.Engine, DurationMS: w.DurationMS}
	for _, s := range w.Segments {
		words := make([]Word, len(s.Words))
		for i, word := range s.Words {
			words[i] = Word(word)
		}
		t.Segments = append(t.Segments, Segment{StartMS: s.StartMS, EndMS: s.EndMS, Text: s.Text, Words: words})
	}
	return t
}

func errorToWire(err error) *wireError {
	kind := kindFailed
	switch {
	case errors.Is(err, ErrNoModel):
		kind = kindNoModel
	case errors.Is(err, ErrBadAudio):
		kind = kindBadAudio
	}
	return &wireError{Kind: kind, Message: err.Error()}
}

// remoteError is an error of the worker with the sentinel it had there. The
// message already holds the sentinel's own words.
type remoteError struct {
	message string
	kind    error
}

func (e *remoteError) Error() string { return e.message }
func (e *remoteError) Unwrap() error { return e.kind }

func (w *wireError) err() error {
	switch w.Kind {
	case kindNoModel:
		return &remoteError{w.Message, ErrNoModel}
	case kindBadAudio:
		return &remoteError{w.Message, ErrBadAudio}
	default:
		return fmt.Errorf("%w: %s", ErrWorker, w.Message)
	}
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	return lines
}
