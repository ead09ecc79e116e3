package video

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/speech"
)

// Transcribe turns the sound of a video into words. last is as in Ingest.
func (s *Service) Transcribe(ctx context.Context, videoID string, last bool) error {
	v, err := load(s.db.Read(ctx), videoID)
	if fault.Is(err, fault.NotFound) || (err == nil && (v.DeletedAt != nil || v.Transcript != TranscriptWaiting)) {
		return nil // Restore begins it again
	}
	if err != nil {
		return err
	}
	t, err := s.listen(ctx, v.ID)
	if err == nil {
		err = s.keepWords(ctx, v.ID, t)
	}
	switch {
	case err == nil || jobs.Interrupted(ctx):
		return err
	case gone(err):
		return nil
	case errors.Is(err, speech.ErrNoModel):
		return s.noWords(ctx, v.ID, TranscriptNoModel, "No transcript: the speech model is not installed. An admin can install it with: fieldreel models install.")
	case last || errors.Is(err, speech.ErrBadAudio):
		s.cfg.Log.WarnContext(ctx, "transcription given up", "video", v.ID, "error", err)
		return s.noWords(context.WithoutCancel(ctx), v.ID, TranscriptFailed, wordsFailed)
	}
	return err
}

func (s *Service) listen(ctx context.Context, id string) (t speech.Transcript, err error) {
	err = s.inWorkDir(func(dir string) error {
		wav := filepath.Join(dir, fileAudio)
		if err := s.fetch(ctx, Key(id, fileAudio), wav); err != nil {
			return err
		}
		var err error
		t, err = s.cfg.Speech.Transcribe(ctx, wav, nil)
		return err
	})
	return t, err
}

func (s *Service) keepWords(ctx context.Context, id string, t speech.Transcript) error {
	glossary, err := s.glossary(ctx)
	if err != nil {
		return err
	}
	t = glossary.Apply(t)
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if v.Transcript != TranscriptWaiting { // captions were uploaded meanwhile: people's words win
			return nil
		}
		return s.writeWords(ctx, tx, &v, Transcript{VideoID: id, Language: t.Language, Engine: t.Engine, Source: FromSpeech, Segments: inside(t.Segments, v.DurationMS), Version: 1})
	})
}

// glossary gives the corrections that can be used. One that cannot is left out: a transcript with a
// misspelt name is better than none.
func (s *Service) glossary(ctx context.Context) (speech.Glossary, error) {
	entries, err := s.words.Glossary(ctx)
	if err != nil {
		return speech.Glossary{}, err
	}
	terms := make([]speech.Term, 0, len(entries))
	for _, e := range entries {
		term := speech.Term{Heard: e.Heard, Written: e.Written}
		if _, err := speech.NewGlossary([]speech.Term{term}); err != nil {
			s.cfg.Log.WarnContext(ctx, "glossary entry left out", "heard", e.Heard, "error", err)
			continue
		}
		terms = append(terms, term)
	}
	return speech.NewGlossary(terms)
}

func (s *Service) noWords(ctx context.Context, id string, state TranscriptState, note string) error {
	err := s.update(ctx, id, func(_ *db.Tx, v *Video) error {
		if v.Transcript == TranscriptWaiting {
			v.Transcript, v.TranscriptNote = state, note
		}
		return nil
	})
	if gone(err) {
		return nil
	}
	return err
}
