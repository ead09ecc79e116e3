package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
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
		segments := caption.ToTranscript(cues).Segments
		for i := range segments {
			clampSegment(&segments[i], v.DurationMS)
		}
		t.Engine, t.Segments = "captions", segments
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
		if err := allow(a, Curate, v); err != nil || v.DeletedAt != nil {
			return orMissing(err)
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
		out = t
		out.UpdatedAt = tx.Now
		return s.writeWords(tx, &v, t)
	})
	return out, err
}

// writeWords keeps a transcript with the moments cut from it, and the state that follows.
func (s *Service) writeWords(tx *db.Tx, v *Video, t Transcript) error {
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

// tagged says in which moments which of the video's tactics are said.
func tagged(moments []Moment, terms []vocabulary.Term) map[int][]string {
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
		switch {
		case s.StartMS < last || s.EndMS < s.StartMS || s.EndMS > durationMS:
			return nil, fault.InvalidField(at, "time_outside", "Segments must be in order, not overlap, and end before the video does.")
		case !utf8.ValidString(s.Text) || utf8.RuneCountInString(s.Text) > maxSegmentChars || strings.ContainsRune(s.Text, 0):
			return nil, fault.InvalidField(at+".text", "text_invalid", "Use at most 2,000 characters of plain text in a segment.")
		case s.Text == "" && len(s.Words) == 0:
			return nil, fault.InvalidField(at+".text", "required", "A segment needs text. Leave it out to delete it.")
		}
		if joined(s.Words) != s.Text || s.Text == "" {
			if s.Text == "" {
				s.Text = joined(s.Words)
			} else {
				s.Words = spread(s)
			}
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

// spread gives the words of a typed segment times in proportion to their length.
func spread(s speech.Segment) []speech.Word {
	t := caption.ToTranscript([]caption.Cue{{StartMS: s.StartMS, EndMS: s.EndMS, Text: s.Text}})
	var words []speech.Word
	for _, seg := range t.Segments {
		words = append(words, seg.Words...)
	}
	return words
}

func clampSegment(s *speech.Segment, durationMS int64) {
	s.StartMS, s.EndMS = min(s.StartMS, durationMS), min(s.EndMS, durationMS)
	for i := range s.Words {
		s.Words[i].StartMS, s.Words[i].EndMS = min(s.Words[i].StartMS, durationMS), min(s.Words[i].EndMS, durationMS)
	}
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
