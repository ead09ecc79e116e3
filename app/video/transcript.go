package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/search/passage"
	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/caption"
)

// Source says where a transcript comes from.
type Source string

// The sources.
const (
	FromSpeech   Source = "speech"
	FromCaptions Source = "captions"
	Edited       Source = "edited"
)

// Transcript is what is said in a video.
type Transcript struct {
	VideoID   string
	Language  string
	Engine    string
	Source    Source
	Segments  []speech.Segment
	EditedBy  *string
	Version   int64
	UpdatedAt time.Time
}

const (
	maxSegments     = 20000
	maxSegmentChars = 2000
)

// TranscriptOf gives the transcript of a video the actor may see. NotFound transcript_not_found while
// there is none; the video's TranscriptState says why.
func (s *Service) TranscriptOf(ctx context.Context, a people.Actor, id string) (Transcript, error) {
	if _, err := s.get(ctx, a, id, View); err != nil {
		return Transcript{}, err
	}
	return loadTranscript(s.db.Read(ctx), id)
}

// MomentsOf gives the moments of a video the actor may see, in order.
func (s *Service) MomentsOf(ctx context.Context, a people.Actor, id string) ([]Moment, error) {
	if _, err := s.get(ctx, a, id, View); err != nil {
		return nil, err
	}
	return loadMoments(s.db.Read(ctx), id)
}

// Captions writes the transcript of a video as WebVTT.
func (s *Service) Captions(ctx context.Context, a people.Actor, id string, w io.Writer) error {
	t, err := s.TranscriptOf(ctx, a, id)
	if err != nil {
		return err
	}
	return caption.WriteVTT(w, t.Segments)
}

// Correction is a transcript as a person wants it. BaseVersion, if not nil, is the version it was made
// from: when that is no longer the newest the correction is refused (Conflict transcript_changed).
type Correction struct {
	Language    string
	Segments    []speech.Segment
	BaseVersion *int64
}

// Correct replaces the transcript with a corrected one. Segments without words get theirs spread over
// the segment's time; segments must be in order and inside the video.
func (s *Service) Correct(ctx context.Context, a people.Actor, id string, c Correction) (Transcript, error) {
	return s.replaceWords(ctx, a, id, Edited, func(v Video, t *Transcript) error {
		if c.BaseVersion != nil && *c.BaseVersion != t.Version {
			return fault.New(fault.Conflict, "transcript_changed", "Somebody has corrected this transcript meanwhile. Load it again.")
		}
		if c.Language != "" {
			lang, err := people.CleanLine("language", c.Language, 35)
			if err != nil {
				return err
			}
			t.Language = lang
		}
		segments, err := checkSegments(c.Segments, v.DurationMS)
		t.Segments = segments
		return err
	})
}

// SetCaptions replaces the transcript with the cues of an uploaded SRT or WebVTT file.
func (s *Service) SetCaptions(ctx context.Context, a people.Actor, id string, file []byte) (Transcript, error) {
	cues, err := caption.Parse(file)
	if err != nil {
		return Transcript{}, captionFault(err)
	}
	return s.replaceWords(ctx, a, id, FromCaptions, func(v Video, t *Transcript) error {
		if n := len(cues); n > 0 && cues[n-1].StartMS > v.DurationMS {
			return fault.InvalidField("file", "captions_outside", "These captions go on after the end of the video. Are they another video's?")
		}
		t.Engine, t.Segments = "captions", inside(caption.ToTranscript(cues).Segments, v.DurationMS)
		return nil
	})
}

func (s *Service) replaceWords(ctx context.Context, a people.Actor, id string, source Source, fn func(v Video, t *Transcript) error) (Transcript, error) {
	var out Transcript
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := allow(a, Curate, v); err != nil {
			return err
		}
		if v.DurationMS == 0 {
			return fault.New(fault.Conflict, "video_not_playable", "Wait until this video is playable.")
		}
		t, err := loadTranscript(tx.Gorm(), id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		t.VideoID, t.Source, t.EditedBy = id, source, &a.PersonID
		if t.Language == "" {
			t.Language = "en"
		}
		if err := fn(v, &t); err != nil {
			return err
		}
		t.Version++
		t.UpdatedAt = tx.Now
		out = t
		return s.writeWords(ctx, tx, &v, t)
	})
	return out, err
}

// writeWords keeps a transcript with the moments cut from it, and the state that follows.
func (s *Service) writeWords(ctx context.Context, tx *db.Tx, v *Video, t Transcript) error {
	if err := saveTranscript(tx, t); err != nil {
		return err
	}
	moments := cut(t.Segments)
	terms, err := s.words.TermsTx(tx, vocabulary.Tactic)
	if err != nil {
		return err
	}
	if err := saveMoments(tx, v.ID, moments, tagged(moments, chosen(terms, v.Tactics))); err != nil {
		return err
	}
	if err := s.OnMoments(ctx, tx, v.ID); err != nil {
		return err
	}
	v.Transcript, v.TranscriptNote = TranscriptReady, ""
	if len(t.Segments) == 0 {
		v.TranscriptNote = "No speech was found in this video."
	}
	v.settle()
	tx.AfterCommit(s.OnChanged)
	return save(tx, v)
}

// retag tags the moments of a video anew after its tactics have changed.
func (s *Service) retag(tx *db.Tx, id string, terms []vocabulary.Term) error {
	moments, err := loadMoments(tx.Gorm(), id)
	if err != nil {
		return err
	}
	return saveMoments(tx, id, moments, tagged(moments, terms))
}

// TermChanged has the moments tagged anew that a changed tactic may or may no longer be said in. It is a
// vocabulary.ChangedFunc.
func (s *Service) TermChanged(ctx context.Context, tx *db.Tx, t vocabulary.Term) error {
	if t.Kind != vocabulary.Tactic {
		return nil
	}
	return s.queue.retag(ctx, tx, t.ID)
}

// Retag tags the moments of all videos of a tactic anew.
func (s *Service) Retag(ctx context.Context, tactic string) error {
	after := ""
	for {
		ids, err := taggedWith(s.db.Read(ctx), tactic, after, 200)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		for _, id := range ids {
			err := s.db.Tx(ctx, func(tx *db.Tx) error {
				v, err := loadForUpdate(tx, id)
				if err != nil {
					return err
				}
				terms, err := s.words.TermsTx(tx, vocabulary.Tactic)
				if err != nil {
					return err
				}
				return s.retag(tx, id, chosen(terms, v.Tactics))
			})
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
}

func chosen(terms []vocabulary.Term, keys []string) []vocabulary.Term {
	var out []vocabulary.Term
	for _, t := range terms {
		for _, k := range keys {
			if t.Key == k {
				out = append(out, t)
			}
		}
	}
	return out
}

// tagged says in which moments which of the video's tactics are said, retired ones too: what was said
// was said.
func tagged(moments []Moment, terms []vocabulary.Term) map[int][]string {
	terms = slices.Clone(terms)
	for i := range terms {
		terms[i].RetiredAt = nil
	}
	out := map[int][]string{}
	for i, m := range moments {
		for _, s := range vocabulary.Suggest(terms, m.Text) {
			out[i] = append(out[i], s.Term.ID)
		}
	}
	return out
}

// cut divides a transcript into moments of about sixty words.
func cut(segments []speech.Segment) []Moment {
	var words []passage.Word
	for _, s := range segments {
		for _, w := range s.Words {
			words = append(words, passage.Word{Text: w.Text, StartMS: w.StartMS, EndMS: w.EndMS})
		}
	}
	var out []Moment
	for i, p := range passage.Cut(words) {
		if p.EndMS > p.StartMS {
			out = append(out, Moment{Ordinal: i, StartMS: p.StartMS, EndMS: p.EndMS, Text: p.Text})
		}
	}
	return out
}

func checkSegments(in []speech.Segment, durationMS int64) ([]speech.Segment, error) {
	if len(in) > maxSegments {
		return nil, fault.InvalidField("segments", "too_many", "Use at most 20,000 segments.")
	}
	out := make([]speech.Segment, len(in))
	var last int64
	for i, s := range in {
		at := fmt.Sprintf("segments[%d]", i)
		s.Text = strings.Join(strings.Fields(s.Text), " ")
		said := joined(s.Words)
		if s.Text == "" {
			s.Text = said
		}
		switch {
		case s.StartMS < last || s.EndMS < s.StartMS || s.EndMS > durationMS:
			return nil, fault.InvalidField(at, "time_outside", "Segments must be in order, not overlap, and end before the video does.")
		case !utf8.ValidString(s.Text) || utf8.RuneCountInString(s.Text) > maxSegmentChars || strings.ContainsFunc(s.Text, unicode.IsControl):
			return nil, fault.InvalidField(at+".text", "text_invalid", "Use at most 2,000 characters of plain text in a segment.")
		case s.Text == "":
			return nil, fault.InvalidField(at+".text", "required", "A segment needs text. Leave it out to delete it.")
		case s.Text != said:
			s.Words = speech.Spread(s.Text, s.StartMS, s.EndMS)
		}
		out[i] = s
		last = s.EndMS
	}
	if err := (speech.Transcript{DurationMS: durationMS, Segments: out}).Validate(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "words_invalid", "Words must be in order and inside their segment.").At("segments")
	}
	return out, nil
}

func joined(words []speech.Word) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.Text
	}
	return strings.Join(parts, " ")
}

// inside cuts segments off at the end of the video, and leaves out those behind it: moments are
// stretches of the video.
func inside(segments []speech.Segment, durationMS int64) []speech.Segment {
	out := make([]speech.Segment, 0, len(segments))
	for _, s := range segments {
		if s.StartMS >= durationMS {
			break
		}
		s.EndMS = min(s.EndMS, durationMS)
		s.Words = slices.Clone(s.Words)
		for i := range s.Words {
			w := &s.Words[i]
			w.StartMS, w.EndMS = min(w.StartMS, durationMS), min(w.EndMS, durationMS)
		}
		out = append(out, s)
	}
	return out
}

// captionFault tells what is wrong with a caption file, and in which line.
func captionFault(err error) error {
	var e *caption.Error
	if !errors.As(err, &e) {
		return err
	}
	kind := fault.Invalid
	if e.Code == caption.CodeTooLarge {
		kind = fault.TooLarge
	}
	f := fault.Wrap(err, kind, string(e.Code), "These captions cannot be used: "+e.Reason+".")
	if e.Line > 0 {
		f.Detail = fmt.Sprintf("These captions cannot be used, line %d: %s.", e.Line, e.Reason)
		f.Extra = map[string]any{"line": e.Line}
	}
	return f.At("file")
}
