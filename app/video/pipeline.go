package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/speech"
)

// The pipeline of a video. Each step is a job that may be killed at any line and is worked again: it
// reads the row, does what is still missing, and records it in one transaction.
//
//	ingest      on the node whose spool has the bytes: playable, then everything into the media store
//	process     renditions, storyboard, loudness, on any worker
//	transcribe  words, on any worker

// Ingest makes a received recording playable and moves its bytes into the media store. last says that
// this is the last attempt: then a failure that might have passed is told to the author.
func (s *Service) Ingest(ctx context.Context, videoID, uploadID string, last bool) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) {
		return s.cfg.Spool.Release(ctx, uploadID)
	}
	if err != nil {
		return err
	}
	if v.Media.Original { // a previous attempt came this far
		return s.cfg.Spool.Release(ctx, uploadID)
	}
	src, err := s.cfg.Spool.Path(uploadID)
	if err != nil {
		return s.giveUp(ctx, v.ID, last, fmt.Errorf("the spool of this node has no such bytes: %w", err))
	}
	err = s.inWorkDir(func(dir string) error {
		return s.ingest(ctx, &v, src, dir)
	})
	if err != nil {
		return s.giveUp(ctx, v.ID, last, err)
	}
	return s.cfg.Spool.Release(ctx, uploadID)
}

func (s *Service) ingest(ctx context.Context, v *Video, src, dir string) error {
	in, refusal := s.examine(ctx, src)
	if refusal != nil && !errors.As(refusal, new(*ffmpeg.Refusal)) {
		return refusal
	}
	if refusal == nil && !v.Media.Progressive {
		if refusal = s.makePlayable(ctx, v, in, dir); refusal != nil && !errors.As(refusal, new(*ffmpeg.Refusal)) {
			return refusal
		}
	}
	var sound bool
	if refusal == nil {
		var err error
		if sound, err = s.extras(ctx, v, in, dir); err != nil {
			return err
		}
	}
	// The original is kept even when nothing can be made of it: the take may be the only one, and a later
	// version, or an ffmpeg that is installed later, may play it.
	if _, err := s.store.PutFile(ctx, Key(v.ID, fileOriginal), src, media.PutOptions{ContentType: typeOf(in)}); err != nil {
		return fmt.Errorf("keep the original: %w", err)
	}
	return s.update(ctx, v.ID, func(tx *db.Tx, now *Video) error {
		now.Media.Original, now.ContentType = true, typeOf(in)
		if refusal != nil {
			refuse(now, refusal)
			return nil
		}
		now.Media.Poster, now.Media.Audio = v.Media.Poster, sound
		s.awaitWords(now, sound)
		if now.Transcript == TranscriptWaiting {
			if err := s.queue.transcribe(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		return s.queue.process(ctx, tx, v.ID)
	})
}

func typeOf(in ffmpeg.Input) string {
	switch in.Probe.Container {
	case ffmpeg.Matroska:
		return "video/webm"
	case ffmpeg.MP4:
		return "video/mp4"
	}
	return "application/octet-stream"
}

func (s *Service) awaitWords(v *Video, sound bool) {
	switch {
	case v.Transcript.Settled(): // captions came first
	case !sound:
		v.Transcript, v.TranscriptNote = TranscriptNoSound, "This video has no sound."
	default:
		v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
	}
}

func (s *Service) examine(ctx context.Context, path string) (ffmpeg.Input, error) {
	if s.cfg.FFmpeg == nil {
		return ffmpeg.Input{}, s.cfg.FFmpegMissing
	}
	return s.cfg.FFmpeg.Examine(ctx, path)
}

// makePlayable writes progressive.mp4 and lets the video be watched at once; everything else follows.
func (s *Service) makePlayable(ctx context.Context, v *Video, in ffmpeg.Input, dir string) error {
	out, err := s.cfg.FFmpeg.Playable(ctx, in, dir, nil)
	if err != nil {
		return err
	}
	if _, err := s.store.PutFile(ctx, Key(v.ID, fileProgressive), out.Path, media.PutOptions{}); err != nil {
		return fmt.Errorf("keep the playable video: %w", err)
	}
	return s.update(ctx, v.ID, func(_ *db.Tx, now *Video) error {
		now.DurationMS, now.Width, now.Height = out.Duration.Milliseconds(), in.Probe.Video.Width, in.Probe.Video.Height
		now.Media.Progressive, now.State = true, Playable
		v.DurationMS = now.DurationMS
		return nil
	})
}

// extras makes the poster and the sound for the speech engine. Neither is worth losing the video over.
func (s *Service) extras(ctx context.Context, v *Video, in ffmpeg.Input, dir string) (sound bool, err error) {
	poster, perr := s.cfg.FFmpeg.Poster(ctx, in, dir)
	if perr == nil {
		if _, err := s.store.PutFile(ctx, Key(v.ID, filePoster), poster.Path, media.PutOptions{}); err != nil {
			return false, fmt.Errorf("keep the poster: %w", err)
		}
		v.Media.Poster = true
	}
	wav, serr := s.cfg.FFmpeg.Audio16k(ctx, in, dir)
	if serr == nil {
		if _, err := s.store.PutFile(ctx, Key(v.ID, fileAudio), wav.Path, media.PutOptions{}); err != nil {
			return false, fmt.Errorf("keep the sound: %w", err)
		}
		sound = true
	}
	for _, e := range []error{perr, serr} {
		if e != nil && !errors.Is(e, ffmpeg.ErrNoAudio) && !errors.As(e, new(*ffmpeg.Refusal)) {
			return false, e
		}
	}
	return sound, nil
}

// Process makes renditions, storyboard and loudness, and first whatever of Ingest's results is missing
// (after "try again").
func (s *Service) Process(ctx context.Context, videoID string, last bool) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) || (err == nil && (v.Media.HLS || v.DeletedAt != nil)) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.inWorkDir(func(dir string) error { return s.process(ctx, &v, dir) })
	return s.giveUp(ctx, v.ID, last, err)
}

func (s *Service) process(ctx context.Context, v *Video, dir string) error {
	src, done, err := s.original(ctx, v.ID, dir)
	if err != nil {
		return err
	}
	defer done()
	in, err := s.examine(ctx, src)
	if err != nil {
		return err
	}
	if !v.Media.Progressive {
		if err := s.makePlayable(ctx, v, in, dir); err != nil {
			return err
		}
	}
	if !v.Media.Poster || (in.Probe.Audio != nil && !v.Media.Audio && !v.Transcript.Settled()) {
		sound, err := s.extras(ctx, v, in, dir)
		if err != nil {
			return err
		}
		if err := s.update(ctx, v.ID, func(tx *db.Tx, now *Video) error {
			now.Media.Poster, now.Media.Audio = v.Media.Poster, sound
			s.awaitWords(now, sound)
			if now.Transcript == TranscriptWaiting {
				return s.queue.transcribe(ctx, tx, now.ID)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return s.render(ctx, v, in, dir)
}

func (s *Service) render(ctx context.Context, v *Video, in ffmpeg.Input, dir string) error {
	loud, err := s.cfg.FFmpeg.Loudness(ctx, in)
	if err != nil && !errors.Is(err, ffmpeg.ErrNoAudio) {
		return err
	}
	ladder, err := s.cfg.FFmpeg.Renditions(ctx, in, loud, dir, nil)
	if err != nil {
		return err
	}
	files := ladder.Files()
	board, berr := s.cfg.FFmpeg.Storyboard(ctx, in, dir)
	if berr == nil {
		files = append(files, board.Sheet, board.VTT)
	} else if !errors.As(berr, new(*ffmpeg.Refusal)) {
		return berr
	}
	for _, f := range files {
		if _, err := s.store.PutFile(ctx, Key(v.ID, filepath.Base(f)), f, media.PutOptions{}); err != nil {
			return fmt.Errorf("keep %s: %w", filepath.Base(f), err)
		}
	}
	return s.update(ctx, v.ID, func(_ *db.Tx, now *Video) error {
		now.Media.HLS, now.Media.Storyboard, now.MediaNote = true, berr == nil, ""
		if loud.Measured {
			now.LoudnessLUFS = &loud.Integrated
		}
		return nil
	})
}

// original gives the path of a video's original: in place on the disk store, else a private copy.
func (s *Service) original(ctx context.Context, id, dir string) (path string, done func(), err error) {
	key := Key(id, fileOriginal)
	if local, ok := s.store.(media.LocalFiler); ok {
		f, err := local.LocalFile(ctx, key)
		if err != nil {
			return "", nil, err
		}
		return f.Name(), func() { _ = f.Close() }, nil // it was only read
	}
	path = filepath.Join(dir, "in")
	return path, func() {}, s.fetch(ctx, key, path)
}

func (s *Service) fetch(ctx context.Context, key media.Key, path string) error {
	body, _, err := s.store.OpenRange(ctx, key, 0, -1)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", key, err)
	}
	defer func() { _ = body.Close() }() // a short body is an error of Copy
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		return errors.Join(fmt.Errorf("fetch %s: %w", key, err), f.Close())
	}
	return f.Close()
}

// Transcribe turns the sound of a video into words.
func (s *Service) Transcribe(ctx context.Context, videoID string, last bool) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) || (err == nil && (v.DeletedAt != nil || v.Transcript != TranscriptWaiting)) {
		return nil
	}
	if err != nil {
		return err
	}
	var t speech.Transcript
	err = s.inWorkDir(func(dir string) error {
		wav := filepath.Join(dir, fileAudio)
		if err := s.fetch(ctx, Key(v.ID, fileAudio), wav); err != nil {
			return err
		}
		t, err = s.cfg.Speech.Transcribe(ctx, wav, nil)
		return err
	})
	switch {
	case errors.Is(err, speech.ErrNoModel):
		return s.noWords(ctx, v.ID, TranscriptNoModel, "No transcript: the speech model is not installed. An admin can install it with: fieldreel models install.")
	case err != nil && (last || errors.Is(err, speech.ErrBadAudio)):
		s.cfg.Log.WarnContext(ctx, "transcription given up", "video", v.ID, "error", err)
		return s.noWords(ctx, v.ID, TranscriptFailed, "The transcript could not be made. You can try again, or upload captions.")
	case err != nil:
		return err
	}
	glossary, err := s.glossary(ctx)
	if err != nil {
		return err
	}
	t = glossary.Apply(t)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		now, err := loadForUpdate(tx, v.ID)
		if err != nil {
			return err
		}
		if now.Transcript != TranscriptWaiting { // captions were uploaded meanwhile: people's words win
			return nil
		}
		return s.writeWords(tx, &now, Transcript{VideoID: v.ID, Language: t.Language, Engine: t.Engine, Source: FromSpeech, Segments: t.Segments, Version: 1})
	})
	return err
}

func (s *Service) glossary(ctx context.Context) (speech.Glossary, error) {
	entries, err := s.words.Glossary(ctx)
	if err != nil {
		return speech.Glossary{}, err
	}
	terms := make([]speech.Term, 0, len(entries))
	for _, e := range entries {
		terms = append(terms, speech.Term{Heard: e.Heard, Written: e.Written})
	}
	return speech.NewGlossary(terms)
}

func (s *Service) noWords(ctx context.Context, id string, state TranscriptState, note string) error {
	return s.update(ctx, id, func(_ *db.Tx, v *Video) error {
		if v.Transcript == TranscriptWaiting {
			v.Transcript, v.TranscriptNote = state, note
		}
		return nil
	})
}

// update changes a video in a transaction of its own and settles its state.
func (s *Service) update(ctx context.Context, id string, fn func(tx *db.Tx, v *Video) error) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if err := fn(tx, &v); err != nil {
			return err
		}
		v.settle()
		tx.AfterCommit(s.OnChanged)
		return save(tx, &v)
	})
}

// giveUp tells the author of a failure that will not pass: at once when the recording itself is the
// cause, after the last attempt otherwise. Until then the error goes to the queue, which tries again.
func (s *Service) giveUp(ctx context.Context, id string, last bool, err error) error {
	if err == nil || (ctx.Err() != nil && !last) {
		return err
	}
	if !last && !errors.As(err, new(*ffmpeg.Refusal)) {
		return err
	}
	s.cfg.Log.WarnContext(ctx, "work on a video given up", "video", id, "error", err)
	return s.update(context.WithoutCancel(ctx), id, func(_ *db.Tx, v *Video) error {
		refuse(v, err)
		return nil
	})
}

// refuse writes down why a video is not what it should be. One that plays stays playable.
func refuse(v *Video, err error) {
	code, words := "processing_failed", "Something went wrong on the server while preparing this video. You can try again."
	var r *ffmpeg.Refusal
	if errors.As(err, &r) {
		code, words = string(r.Code), r.Detail
	}
	if v.Media.Progressive {
		v.MediaNote = words
		return
	}
	v.State, v.FailureCode, v.Failure = Failed, code, words
}

func (s *Service) inWorkDir(fn func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(s.cfg.WorkDir, "job-")
	if err != nil {
		return fmt.Errorf("private folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return fn(dir)
}
