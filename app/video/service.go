package video

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// Filter narrows a list of videos.
type Filter struct {
	AuthorID, Tactic string
	State            State
	// Deleted lists the actor's own deleted videos instead.
	Deleted bool
	// Mine, Followed and Reports keep those of the actor, of whom they follow, and of those whose manager
	// they are, in teams below as well. Several of them narrow further.
	Mine, Followed, Reports bool
	// Team keeps those by members and managers of a team and of teams below it.
	Team string
	// Kind keeps those of a kind; practices are listed by no other filter, and to their author only. ForID keeps those made for one
	// enrolment, assigned practice or review.
	Kind, ForID string
	// Title is text that the title contains, in any case as far as the engine knows the letters.
	Title string
	// Before is the id of the last video of the page before.
	Before string
	Limit  int
}

// Get gives a video the actor may see.
func (s *Service) Get(ctx context.Context, a people.Actor, id string) (Video, error) {
	return s.get(ctx, a, id, View)
}

func (s *Service) get(ctx context.Context, a people.Actor, id string, action Action) (Video, error) {
	v, err := load(s.db.Read(ctx), id)
	if err == nil {
		err = allow(a, action, v)
	}
	if err != nil {
		return Video{}, err
	}
	return v, nil
}

// allow refuses like an absent video where the actor may not even see it.
func allow(a people.Actor, action Action, v Video) error {
	switch {
	case Can(a, action, v):
		return nil
	case Can(a, View, v):
		return fault.Denied("Only the author of this video may do this.")
	}
	return fault.Missing("video")
}

// ForTx gives a video the actor may see, inside another domain's transaction.
func (s *Service) ForTx(tx *db.Tx, a people.Actor, id string) (Video, error) {
	v, err := load(tx.Gorm(), id)
	if err == nil {
		err = allow(a, View, v)
	}
	if err != nil {
		return Video{}, err
	}
	return v, nil
}

// StretchTx gives a video the actor may see with a stretch of it, in milliseconds: the whole video where both
// ends are 0. NotFound, Invalid time_outside.
func (s *Service) StretchTx(tx *db.Tx, a people.Actor, id string, startMS, endMS int64) (v Video, start, end int64, err error) {
	if v, err = s.ForTx(tx, a, id); err != nil {
		return Video{}, 0, 0, err
	}
	if startMS == 0 && endMS == 0 {
		return v, 0, v.DurationMS, nil
	}
	return v, startMS, endMS, CheckStretch(v, startMS, endMS)
}

// List gives the videos the actor may see, newest first, a page at a time. A team that does not exist is
// Invalid.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Video, error) {
	if f.Kind == Practice {
		f.Mine = true
	}
	var teams []string
	if f.Team != "" {
		var err error
		teams, err = s.dir.Below(ctx, f.Team)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("team", "team_not_found", "There is no such team.")
		}
		if err != nil {
			return nil, err
		}
	}
	return list(s.db.Read(ctx), a, f, teams, s.db.Now())
}

// Suggestions gives the terms of the vocabulary that the words of a video point to.
func (s *Service) Suggestions(ctx context.Context, a people.Actor, id string) ([]vocabulary.Suggestion, error) {
	v, err := s.get(ctx, a, id, View)
	if err != nil {
		return nil, err
	}
	said := []string{v.Title, v.Description, v.Situation.Text}
	t, err := loadTranscript(s.db.Read(ctx), id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	for _, seg := range t.Segments {
		said = append(said, seg.Text)
	}
	terms, err := s.words.Terms(ctx)
	if err != nil {
		return nil, err
	}
	return vocabulary.Suggest(terms, strings.Join(said, " . ")), nil
}

// OriginalKey names the original's place in the media store, for its author.
func (s *Service) OriginalKey(ctx context.Context, a people.Actor, id string) (Video, media.Key, error) {
	v, err := s.get(ctx, a, id, Download)
	if err != nil {
		return v, "", err
	}
	if !v.Media.Original {
		return v, "", fault.Missing("video")
	}
	return v, Key(id, fileOriginal), nil
}

// MaySee says whether a person may see a video now, for media paths handed out before. Absent and
// hidden answer alike.
func (s *Service) MaySee(ctx context.Context, a people.Actor, id string) (bool, error) {
	_, err := s.Get(ctx, a, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// ErrGone says that a video is deleted or was never there.
var ErrGone = errors.New("video is gone")

// ForSearch gives what search may know of a video, for whomever: the index holds the audience's keys
// and filters by them. ErrGone for a deleted one.
func (s *Service) ForSearch(ctx context.Context, id string) (v Video, moments []Moment, language string, err error) {
	g := s.db.Read(ctx)
	v, err = load(g, id)
	if fault.Is(err, fault.NotFound) || (err == nil && v.DeletedAt != nil) {
		return v, nil, "", ErrGone
	}
	if err != nil {
		return v, nil, "", err
	}
	if moments, err = loadMoments(g, id); err != nil {
		return v, nil, "", err
	}
	language, err = languageOf(g, id)
	return v, moments, language, err
}

// Versions gives the version of every video that search may know of (see Video.Findable).
func (s *Service) Versions(ctx context.Context) (map[string]int64, error) {
	return findable(s.db.Read(ctx))
}

// IDsAfter gives the ids of all videos that are not deleted, in order, a page at a time.
func (s *Service) IDsAfter(ctx context.Context, after string, limit int) ([]string, error) {
	return idsAfter(s.db.Read(ctx), after, limit, false)
}

// Visible gives those of the videos that the actor may see, by id.
func (s *Service) Visible(ctx context.Context, a people.Actor, ids []string) (map[string]Video, error) {
	return byIDs(s.db.Read(ctx), a, ids)
}

// All yields every video, deleted ones that are still kept too, for checks of the installation.
func (s *Service) All(ctx context.Context) iter.Seq2[Video, error] {
	return func(yield func(Video, error) bool) {
		after := ""
		for {
			ids, err := idsAfter(s.db.Read(ctx), after, 200, true)
			if err != nil {
				yield(Video{}, err)
				return
			}
			if len(ids) == 0 {
				return
			}
			for _, id := range ids {
				v, err := load(s.db.Read(ctx), id)
				if fault.Is(err, fault.NotFound) {
					continue
				}
				if !yield(v, err) || err != nil {
					return
				}
			}
			after = ids[len(ids)-1]
		}
	}
}

// Tool gives the ffmpeg in use, nil where there is none.
func (s *Service) Tool() *ffmpeg.Tool { return s.cfg.FFmpeg }
