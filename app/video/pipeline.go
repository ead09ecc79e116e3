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
	return s.takeIn(ctx, videoID, uploadID, last, func(v *Video, src, dir string) error {
		in, sound, trouble := s.prepare(ctx, v, src, dir)
		if trouble != nil && (ctx.Err() != nil || !(last || lasting(trouble))) {
			return trouble
		}
		return s.keep(ctx, v, in, src, sound, trouble)
	})
}

// Keep moves a received recording into the media store without looking at it: looking at it took the
// process down too often. Its author is told, and may try again.
func (s *Service) Keep(ctx context.Context, videoID, uploadID string) error {
	return s.takeIn(ctx, videoID, uploadID, true, func(v *Video, src, _ string) error {
		return s.keep(ctx, v, ffmpeg.Input{}, src, false, errBrokenOff)
	})
}

func (s *Service) takeIn(ctx context.Context, videoID, uploadID string, last bool, how func(v *Video, src, dir string) error) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) {
		return errors.Join(s.forget(ctx, videoID), s.cfg.Spool.Release(ctx, uploadID))
	}
	if err != nil {
		return err
	}
	if !v.Media.Original { // else a previous attempt came this far
		src, err := s.cfg.Spool.Path(uploadID)
		if err != nil {
			err = fmt.Errorf("%w: %w", errNoBytes, err)
		} else {
			err = s.inWorkDir(func(dir string) error { return how(&v, src, dir) })
		}
		if err != nil {
			return s.giveUp(ctx, v.ID, last, err)
		}
	}
	return s.cfg.Spool.Release(ctx, uploadID)
}

// prepare looks at a recording and makes what lets it be played at once and transcribed.
func (s *Service) prepare(ctx context.Context, v *Video, src, dir string) (in ffmpeg.Input, sound bool, err error) {
	if in, err = s.examine(ctx, src); err != nil {
		return in, false, err
	}
	if !v.Media.Progressive {
		if err := s.makePlayable(ctx, v, in, dir); err != nil {
			return in, false, err
		}
	}
	sound, err = s.extras(ctx, v, in, dir)
	return in, sound, err
}

// keep puts the original into the media store, even when nothing can be made of it: the take may be the
// only one, and a later version, or an ffmpeg that is installed later, may play it.
func (s *Service) keep(ctx context.Context, v *Video, in ffmpeg.Input, src string, sound bool, trouble error) error {
	contentType := typeOf(in, src)
	if _, err := s.store.PutFile(ctx, Key(v.ID, fileOriginal), src, media.PutOptions{ContentType: contentType}); err != nil {
		return fmt.Errorf("keep the original: %w", err)
	}
	return s.update(ctx, v.ID, func(tx *db.Tx, now *Video) error {
		now.Media.Original, now.ContentType = true, contentType
		now.Media.Poster, now.Media.Audio = v.Media.Poster, sound
		if toolMissing(trouble) {
			// Another worker may have it; where none has, Process says so.
			now.hope()
		} else if trouble != nil {
			s.cfg.Log.WarnContext(ctx, "a recording cannot become a video", "video", v.ID, "error", trouble)
			refuse(now, trouble)
			return nil
		} else if err := s.awaitWords(ctx, tx, now); err != nil {
			return err
		}
		return s.queue.process(ctx, tx, v.ID)
	})
}

// typeOf tells the type of a recording by its content, also where there is no ffmpeg to ask.
func typeOf(in ffmpeg.Input, src string) string {
	container := in.Probe.Container
	if container == "" {
		container = sniffed(src)
	}
	switch container {
	case ffmpeg.Matroska:
		return "video/webm"
	case ffmpeg.MP4:
		return "video/mp4"
	}
	return "application/octet-stream"
}

func sniffed(path string) ffmpeg.Container {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // only read
	head := make([]byte, ffmpeg.SniffLen)
	n, _ := io.ReadFull(f, head) // a short file is sniffed as it is
	c, _ := ffmpeg.Sniff(head[:n])
	return c
}

// awaitWords begins the transcript, unless captions came first.
func (s *Service) awaitWords(ctx context.Context, tx *db.Tx, v *Video) error {
	switch {
	case v.Transcript != TranscriptNone:
		return nil
	case !v.Media.Audio:
		v.Transcript, v.TranscriptNote = TranscriptNoSound, "This video has no sound."
		return nil
	}
	v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
	return s.queue.transcribe(ctx, tx, v.ID)
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
	err = s.update(ctx, v.ID, func(_ *db.Tx, now *Video) error {
		now.DurationMS, now.Width, now.Height = out.Duration.Milliseconds(), in.Probe.Video.Width, in.Probe.Video.Height
		now.ContentType = typeOf(in, "")
		now.Media.Progressive = true
		now.hope()
		return nil
	})
	if err == nil {
		v.Media.Progressive = true
	}
	return err
}

// extras makes the poster and the sound for the speech engine. Neither is worth losing the video over.
func (s *Service) extras(ctx context.Context, v *Video, in ffmpeg.Input, dir string) (sound bool, err error) {
	poster, perr := s.cfg.FFmpeg.Poster(ctx, in, dir)
	if perr == nil {
		if _, err := s.store.PutFile(ctx, Key(v.ID, filePoster), poster.Path, media.PutOptions{}); err != nil {
			return false, fmt.Errorf("keep the poster: %w", err)
		}
		v.Media.Poster = true
	} else if !lasting(perr) {
		return false, perr
	}
	wav, serr := s.cfg.FFmpeg.Audio16k(ctx, in, dir)
	if serr == nil {
		if _, err := s.store.PutFile(ctx, Key(v.ID, fileAudio), wav.Path, media.PutOptions{}); err != nil {
			return false, fmt.Errorf("keep the sound: %w", err)
		}
	} else if !lasting(serr) && !errors.Is(serr, ffmpeg.ErrNoAudio) {
		return false, serr
	}
	return serr == nil, nil
}

// Process makes renditions, storyboard and loudness, and first whatever of Ingest's results is missing
// (after "try again", or where the receiving node has no ffmpeg).
func (s *Service) Process(ctx context.Context, videoID string, last bool) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) {
		return s.forget(ctx, videoID)
	}
	if err != nil || v.Media.HLS || v.DeletedAt != nil { // Restore begins it again
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
	if !v.Media.Poster || v.Transcript == TranscriptNone {
		sound, err := s.extras(ctx, v, in, dir)
		if err != nil {
			return err
		}
		if err := s.update(ctx, v.ID, func(tx *db.Tx, now *Video) error {
			now.Media.Poster = now.Media.Poster || v.Media.Poster
			now.Media.Audio = now.Media.Audio || sound
			return s.awaitWords(ctx, tx, now)
		}); err != nil {
			return err
		}
	}
	return s.render(ctx, v.ID, in, dir)
}

func (s *Service) render(ctx context.Context, id string, in ffmpeg.Input, dir string) error {
	loud, err := s.cfg.FFmpeg.Loudness(ctx, in)
	if err != nil && !errors.Is(err, ffmpeg.ErrNoAudio) && !lasting(err) {
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
	} else if !lasting(berr) {
		return berr
	}
	for _, f := range files {
		if _, err := s.store.PutFile(ctx, Key(id, filepath.Base(f)), f, media.PutOptions{}); err != nil {
			return fmt.Errorf("keep %s: %w", filepath.Base(f), err)
		}
	}
	return s.update(ctx, id, func(_ *db.Tx, now *Video) error {
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

// update changes a video in a transaction of its own and settles its state.
func (s *Service) update(ctx context.Context, id string, fn func(tx *db.Tx, v *Video) error) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		was := v.State
		if err := fn(tx, &v); err != nil {
			return err
		}
		v.settle()
		if err := s.tellOfFailure(tx, v, was); err != nil {
			return err
		}
		tx.AfterCommit(s.OnChanged)
		return save(tx, &v)
	})
}

// WorkPrefix begins the names of the private folders in Config.WorkDir, so that what a killed process
// left there can be told and removed.
const WorkPrefix = "job-"

func (s *Service) inWorkDir(fn func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(s.cfg.WorkDir, WorkPrefix)
	if err != nil {
		return fmt.Errorf("private folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return fn(dir)
}
