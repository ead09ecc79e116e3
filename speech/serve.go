package speech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Serve is the worker's side of Process: it reads requests from in, answers on
// out, and returns nil when in ends. open is called for the first request and
// its engine kept; if it fails, the request gets the error and the next one
// tries again. An engine that is an io.Closer is closed at the end.
//
// When in ends or ctx is cancelled during a transcription, because the parent
// is gone or no longer interested, the transcription is cancelled too.
func Serve(ctx context.Context, in io.Reader, out io.Writer, open func() (Engine, error)) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	requests := make(chan wireRequest)
	reading := make(chan error, 1)
	go func() {
		defer cancel()
		reading <- readRequests(ctx, in, requests)
	}()

	var engine Engine
	defer func() {
		if closer, ok := engine.(io.Closer); ok {
			err = errors.Join(err, closer.Close())
		}
	}()
	for {
		select {
		case err := <-reading:
			return err
		case <-ctx.Done():
			select {
			case err := <-reading:
				return err
			default:
				return ctx.Err()
			}
		case request := <-requests:
			if engine == nil {
				opened, err := open()
				if err != nil {
					if err := writeLine(out, wireReply{Error: errorToWire(err)}); err != nil {
						return err
					}
					continue
				}
				engine = opened
			}
			if err := answer(ctx, out, engine, request); err != nil {
				return err
			}
		}
	}
}

func readRequests(ctx context.Context, in io.Reader, requests chan<- wireRequest) error {
	lines := newLines(in)
	for lines.Scan() {
		var r wireRequest
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		select {
		case requests <- r:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return lines.Err()
}

// answer transcribes one recording. Only a broken output is an error here.
func answer(ctx context.Context, out io.Writer, engine Engine, request wireRequest) error {
	var broken error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t, err := engine.Transcribe(ctx, request.WAV, func(share float64) {
		if err := writeLine(out, wireReply{Progress: &share}); err != nil && broken == nil {
			broken = err
			cancel() // nobody listens
		}
	})
	if broken != nil {
		return fmt.Errorf("report progress: %w", broken)
	}
	reply := wireReply{}
	if err != nil {
		reply.Error = errorToWire(err)
	} else {
		reply.Result = toWire(t)
	}
	if err := writeLine(out, reply); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}
