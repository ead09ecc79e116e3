package video

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// Service holds the use cases on videos.
type Service struct {
	cfg   Config
	db    *db.DB
	store media.Store
	dir   *people.Directory
	words *vocabulary.Book
	queue queue
	// OnChanged is called after a commit that search can see; the composition sets it to wake the
	// follower of this node. Nothing depends on it: the follower also asks by itself.
	OnChanged func()
}

// Filter narrows a list of videos.
type Filter struct {
	AuthorID, Tactic string
	State            State
	// Deleted lists the actor's own deleted videos instead.
	Deleted bool
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
	if err != nil {
		return Video{}, err
	}
	return v, allow(a, action, v)
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
	if err != nil {
		return Video{}, err
	}
	return v, notFoundUnless(Can(a, View, v))
}

// List gives the videos the actor may see, newest first, a page at a time.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Video, error) {
	return query(ctx, s.db, a, f)
}

// Change holds what is to change of a video; nil leaves a part as it is.
type Change struct {
	Title, Description *string
	Audience           *people.Audience
	TeamIDs            *[]string
	Tactics            *[]string
	Situation          *Situation
	Tags               *[]string
	CompleteShare      *int
}

func (c Change) curatesOnly() bool {
	return c.Title == nil && c.Description == nil && c.Audience == nil && c.TeamIDs == nil && c.CompleteShare == nil
}

// Change edits a video: its author everything, a trainer who sees it tactics, situation and tags.
// Widening the audience of a private video publishes it. Errors: NotFound, Forbidden, Invalid with the
// field; nothing is changed then.
func (s *Service) Change(ctx context.Context, a people.Actor, id string, c Change) (Video, error) {
	var out Video
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		action := Edit
		if c.curatesOnly() {
			action = Curate
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := allow(a, action, v); err != nil {
			return err
		}
		if err := s.applyText(tx, &v, c); err != nil {
			return err
		}
		if err := s.applyAudience(tx, &v, c); err != nil {
			return err
		}
		if c.Tactics != nil {
			if err := s.applyTactics(tx, &v, *c.Tactics); err != nil {
				return err
			}
		}
		if err := save(tx, &v); err != nil {
			return err
		}
		out = v
		tx.AfterCommit(s.OnChanged)
		return nil
	})
	return out, err
}

func (s *Service) applyText(tx *db.Tx, v *Video, c Change) (err error) {
	if c.Title != nil {
		if v.Title, err = people.CleanLine("title", *c.Title, maxTitle); err != nil {
			return err
		}
	}
	if c.Description != nil {
		if v.Description, err = text("description", *c.Description, maxDescription); err != nil {
			return err
		}
	}
	if c.CompleteShare != nil {
		if *c.CompleteShare < 70 || *c.CompleteShare > 100 {
			return fault.InvalidField("complete_share", "out_of_range", "Use 70 to 100 percent.")
		}
		v.CompleteShare = *c.CompleteShare
	}
	if c.Tags != nil {
		if v.Tags, err = cleanTags(*c.Tags); err != nil {
			return err
		}
	}
	if c.Situation != nil {
		terms, err := s.words.TermsTx(tx, "")
		if err != nil {
			return err
		}
		if v.Situation, err = c.Situation.clean(terms); err != nil {
			return err
		}
	}
	return nil
}

// clean puts every facet into its canonical form.
func (sit Situation) clean(terms []vocabulary.Term) (Situation, error) {
	var err error
	if sit.Text, err = text("situation.text", sit.Text, maxSituation); err != nil {
		return sit, err
	}
	for kind, p := range sit.facets() {
		if *p, err = text("situation."+string(kind), *p, maxFacet); err != nil {
			return sit, err
		}
		*p = vocabulary.Settle(terms, kind, *p)
	}
	return sit, nil
}

func (sit *Situation) facets() map[vocabulary.Kind]*string {
	return map[vocabulary.Kind]*string{
		vocabulary.Stage: &sit.Stage, vocabulary.Industry: &sit.Industry, vocabulary.Persona: &sit.Persona,
		vocabulary.Competitor: &sit.Competitor, vocabulary.Product: &sit.Product, vocabulary.Objection: &sit.Objection,
	}
}

func (s *Service) applyAudience(tx *db.Tx, v *Video, c Change) error {
	if c.Audience == nil && c.TeamIDs == nil {
		return nil
	}
	audience, teams := v.Audience, v.TeamIDs
	if c.Audience != nil {
		audience = *c.Audience
	}
	if c.TeamIDs != nil {
		teams = slices.Clone(*c.TeamIDs)
		slices.Sort(teams)
		teams = slices.Compact(teams)
	}
	switch {
	case !slices.Contains(people.Audiences, audience):
		return fault.InvalidField("audience", "audience_unknown", "The audiences are private, line, team, teams and everyone.")
	case audience != people.Teams && c.TeamIDs != nil && len(teams) > 0:
		return fault.InvalidField("team_ids", "teams_unused", `Teams are named only for the audience "teams".`)
	case audience != people.Teams:
		teams = nil
	case len(teams) == 0:
		return fault.InvalidField("team_ids", "required", "Name at least one team.")
	case len(teams) > maxTeams:
		return fault.InvalidField("team_ids", "too_many", "Name at most 50 teams.")
	}
	if err := s.dir.CheckTeamsTx(tx, "team_ids", teams); err != nil {
		return err
	}
	v.Audience, v.TeamIDs = audience, teams
	if audience != people.Private && v.PublishedAt == nil {
		v.PublishedAt = &tx.Now
	}
	if err := setTeams(tx, v.ID, teams); err != nil {
		return err
	}
	return s.rekey(tx, v)
}

// rekey works out the keys of a video from its audience and its author's place.
func (s *Service) rekey(tx *db.Tx, v *Video) error {
	place, err := s.dir.PlaceTx(tx, v.AuthorID)
	if err != nil {
		return err
	}
	v.Keys = people.AudienceKeys(v.Audience, place, v.TeamIDs)
	return setKeys(tx, v.ID, v.Keys)
}

// AuthorsMoved works out the audiences of everything these people made, in the transaction that moved
// them in the tree of teams. It is a people.MovedFunc.
func (s *Service) AuthorsMoved(_ context.Context, tx *db.Tx, persons []string) error {
	for _, p := range persons {
		videos, err := authored(tx, p)
		if err != nil {
			return err
		}
		for i := range videos {
			v := &videos[i]
			before := v.Keys
			if err := s.rekey(tx, v); err != nil {
				return err
			}
			if sameKeys(before, v.Keys) {
				continue
			}
			if err := save(tx, v); err != nil {
				return err
			}
		}
	}
	tx.AfterCommit(s.OnChanged)
	return nil
}

func (s *Service) applyTactics(tx *db.Tx, v *Video, names []string) error {
	if len(names) > maxTactics {
		return fault.InvalidField("tactics", "too_many", "Name at most 10 tactics.")
	}
	terms, err := s.words.ResolveTacticsTx(tx, names)
	if err != nil {
		return err
	}
	if err := setTactics(tx, v.ID, terms); err != nil {
		return err
	}
	v.Tactics = nil
	for _, t := range terms {
		v.Tactics = append(v.Tactics, t.Key)
	}
	slices.Sort(v.Tactics)
	return s.retag(tx, v.ID, terms)
}

// Delete hides a video at once, from everybody; its bytes go after KeepDeleted, until when its author
// can bring it back with Restore.
func (s *Service) Delete(ctx context.Context, a people.Actor, id string) error {
	return s.setDeleted(ctx, a, id, true)
}

// Restore brings back a deleted video.
func (s *Service) Restore(ctx context.Context, a people.Actor, id string) (Video, error) {
	if err := s.setDeleted(ctx, a, id, false); err != nil {
		return Video{}, err
	}
	return s.Get(ctx, a, id)
}

func (s *Service) setDeleted(ctx context.Context, a people.Actor, id string, deleted bool) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if deleted == (v.DeletedAt != nil) {
			return fault.Missing("video")
		}
		if err := allow(a, Edit, v); err != nil {
			return err
		}
		v.DeletedAt = nil
		if deleted {
			v.DeletedAt = &tx.Now
		}
		tx.AfterCommit(s.OnChanged)
		return save(tx, &v)
	})
}

// Retry begins the work on a video anew where it failed: the author's "try again".
func (s *Service) Retry(ctx context.Context, a people.Actor, id string) (Video, error) {
	var out Video
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		v, err := loadForUpdate(tx, id)
		if err != nil {
			return err
		}
		if err := allow(a, Edit, v); err != nil || v.DeletedAt != nil {
			return orMissing(err)
		}
		media := v.State == Failed || (v.Media.Progressive && !v.Media.HLS && v.MediaNote != "")
		words := v.Transcript == TranscriptFailed || v.Transcript == TranscriptNoModel
		if !media && !words {
			return fault.New(fault.Conflict, "nothing_failed", "Nothing of this video has failed.")
		}
		if media {
			if !v.Media.Original {
				return fault.New(fault.Conflict, "original_missing", "The recording itself is gone. Send it again.")
			}
			v.State, v.Failure, v.FailureCode, v.MediaNote = Processing, "", "", ""
			if err := s.queue.process(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		if words && v.Media.Audio {
			v.Transcript, v.TranscriptNote = TranscriptWaiting, ""
			if err := s.queue.transcribe(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		v.settle()
		tx.AfterCommit(s.OnChanged)
		out = v
		return save(tx, &out)
	})
	return out, err
}

func orMissing(err error) error {
	if err != nil {
		return err
	}
	return fault.Missing("video")
}

// Suggestions gives the terms of the vocabulary that the words of a video point to.
func (s *Service) Suggestions(ctx context.Context, a people.Actor, id string) ([]vocabulary.Suggestion, error) {
	v, err := s.get(ctx, a, id, View)
	if err != nil {
		return nil, err
	}
	said := v.Title + ". " + v.Description + ". " + v.Situation.Text
	t, err := loadTranscript(s.db.Read(ctx), id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	for _, seg := range t.Segments {
		said += " " + seg.Text
	}
	terms, err := s.words.Terms(ctx)
	if err != nil {
		return nil, err
	}
	return vocabulary.Suggest(terms, said), nil
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
	t, err := loadTranscript(g, id)
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return v, moments, t.Language, err
}

// IDsAfter gives the ids of all videos that are not deleted, in order, a page at a time.
func (s *Service) IDsAfter(ctx context.Context, after string, limit int) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Raw(`SELECT id FROM videos WHERE deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?`, after, limit).Scan(&ids).Error
	return ids, err
}

// Visible gives those of the videos that the actor may see, by id.
func (s *Service) Visible(ctx context.Context, a people.Actor, ids []string) (map[string]Video, error) {
	return byIDs(ctx, s.db, a, ids)
}

// All yields every video, deleted ones that are still kept too, for checks of the installation.
func (s *Service) All(ctx context.Context) iter.Seq2[Video, error] {
	return func(yield func(Video, error) bool) {
		after := ""
		for {
			var ids []string
			if err := s.db.Read(ctx).Raw(`SELECT id FROM videos WHERE id > ? ORDER BY id LIMIT 200`, after).Scan(&ids).Error; err != nil {
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
