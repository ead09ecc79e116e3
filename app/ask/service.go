package ask

import (
	"context"
	"fmt"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// ToldFunc is told, inside the transaction, of an ask that was made (the one who is asked hears of it),
// answered (the asker does) or withdrawn (what was told of it is taken back).
type ToldFunc func(ctx context.Context, tx *db.Tx, k Ask) error

// Service holds the use cases on asks.
type Service struct {
	db     *db.DB
	videos *video.Service
	dir    *people.Directory
	// OnAsked, OnAnswered and OnWithdrawn are set by the composition (app.go) before first use.
	OnAsked     ToldFunc
	OnAnswered  ToldFunc
	OnWithdrawn ToldFunc
}

// New makes the service.
func New(d *db.DB, videos *video.Service, dir *people.Directory) *Service {
	tell := func(context.Context, *db.Tx, Ask) error { return nil }
	return &Service{db: d, videos: videos, dir: dir, OnAsked: tell, OnAnswered: tell, OnWithdrawn: tell}
}

// NewAsk is an ask to be made.
type NewAsk struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same ask.
	ID      string
	ToID    string
	Text    string
	VideoID string // empty: it points at no moment
	StartMS int64
	EndMS   int64 // 0 with StartMS 0: the whole video
}

// Make asks a colleague. Errors: Invalid with the field (ask_self, person_not_found, required, too_long,
// time_outside), Conflict ask_limit with free_at in its context when they were asked twice this week,
// Conflict ask_not_visible when they may not see the moment, NotFound for one the asker may not see.
func (s *Service) Make(ctx context.Context, a people.Actor, n NewAsk) (Ask, error) {
	if a.PersonID == "" {
		return Ask{}, fault.Denied("Only a person can do this.")
	}
	text, err := cleanText(n.Text)
	if err != nil {
		return Ask{}, err
	}
	if n.ID, err = db.OwnID(n.ID); err != nil {
		return Ask{}, err
	}
	if n.ToID == a.PersonID {
		return Ask{}, fault.InvalidField("to", "ask_self", "This is you. Ask a colleague, or just record it.")
	}
	asked, err := s.dir.Colleague(ctx, "to", n.ToID)
	if err != nil {
		return Ask{}, err
	}
	k := Ask{ID: n.ID, FromID: a.PersonID, ToID: n.ToID, Body: text, State: Open}
	var out Ask
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		// Whoever asks the same person at the same time waits here, so that both are counted.
		if err := db.Hold(tx, "persons", k.ToID); err != nil {
			return err
		}
		var done bool
		if out, done, err = made(tx, k); done || err != nil {
			return err
		}
		if err := s.dir.CheckPersonTx(tx, "to", k.ToID); err != nil {
			return err
		}
		out = k
		out.CreatedAt = tx.Now
		if err := s.pointAt(tx, a, asked, n, &out); err != nil {
			return err
		}
		if err := checkLimit(tx, out, asked.Name); err != nil {
			return err
		}
		if err := insert(tx, &out); err != nil {
			return err
		}
		return s.OnAsked(ctx, tx, out)
	})
	if err != nil {
		return Ask{}, err
	}
	return out, nil
}

// pointAt checks the moment of an ask: both people must be able to see it.
func (s *Service) pointAt(tx *db.Tx, a, asked people.Actor, n NewAsk, k *Ask) error {
	if n.VideoID == "" {
		if n.StartMS != 0 || n.EndMS != 0 {
			return fault.InvalidField("video_id", "required", "Say of which video this is a moment.")
		}
		return nil
	}
	v, start, end, err := s.videos.StretchTx(tx, a, n.VideoID, n.StartMS, n.EndMS)
	if err != nil {
		return err
	}
	if !video.Can(asked, video.View, v) {
		return fault.New(fault.Conflict, "ask_not_visible", asked.Name+" may not see this video. Ask without it, or ask its author to widen the audience.").At("video_id")
	}
	k.VideoID, k.StartMS, k.EndMS = &v.ID, start, end
	return nil
}

// checkLimit refuses an ask to somebody who was asked often enough this week.
func checkLimit(tx *db.Tx, k Ask, name string) error {
	times, err := askedSince(tx, k, tx.Now.Add(-Week))
	if err != nil || len(times) < MostAWeek {
		return err
	}
	free := times[len(times)-MostAWeek].Add(Week)
	f := fault.New(fault.Conflict, "ask_limit", fmt.Sprintf("%s has been asked %s this week already. Try again %s, or ask somebody else.", name, often(MostAWeek), inDays(free.Sub(tx.Now)))).At("to")
	f.Extra = map[string]any{"free_at": free}
	return f
}

func often(n int) string {
	if n == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// inDays says when, so that it is true in every time zone.
func inDays(d time.Duration) string {
	switch n := int((d + 24*time.Hour - 1) / (24 * time.Hour)); n {
	case 0, 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %d days", n)
	}
}

// Box says whose asks are listed.
type Box string

// The boxes.
const (
	Received Box = "received"
	Sent     Box = "sent"
)

// Filter narrows a list of asks.
type Filter struct {
	Box Box
	// State is empty for all.
	State State
	// Before is the id of the last ask of the page before.
	Before string
	Limit  int
}

// List gives the actor's asks, newest first, a page at a time. Received ones that were withdrawn are gone.
// Invalid cursor_unknown where the last one of the page before is gone.
func (s *Service) List(ctx context.Context, a people.Actor, f Filter) ([]Ask, error) {
	return list(s.db.Read(ctx), a, f)
}

// Give answers an ask with a video of the actor's own; the same video twice is one answer. Errors:
// NotFound for what was not asked of the actor, or a video they may not see; Invalid video_not_yours;
// Conflict ask_settled, video_failed, asker_left, or not_visible_to_asker, whose context names in
// audience the narrowest one with which the asker would see it.
func (s *Service) Give(ctx context.Context, a people.Actor, id, videoID string) (Ask, error) {
	k, err := s.get(ctx, a, id, Answer)
	if err != nil {
		return Ask{}, err
	}
	if !db.Plain(videoID) {
		return Ask{}, fault.Missing("video")
	}
	asker, err := s.dir.ActorFor(ctx, k.FromID)
	if err != nil {
		return Ask{}, err
	}
	return s.settle(ctx, a, id, Answer, Answered, func(tx *db.Tx, k *Ask) error {
		v, err := s.videos.ForTx(tx, a, videoID)
		if err != nil {
			return err
		}
		switch {
		case v.AuthorID != a.PersonID:
			return fault.InvalidField("video_id", "video_not_yours", "Answer with a video of your own. A colleague's video you can share with them.")
		case v.State == video.Failed:
			return fault.New(fault.Conflict, "video_failed", "This video cannot be played. Try again what failed, or record another.").At("video_id")
		}
		if err := s.checkAsker(tx, asker, v); err != nil {
			return err
		}
		k.AnswerVideoID = &v.ID
		return nil
	})
}

// checkAsker refuses an answer that the asker could not see, and says what would help.
func (s *Service) checkAsker(tx *db.Tx, asker people.Actor, v video.Video) error {
	if fault.Is(s.dir.CheckPersonTx(tx, "", asker.PersonID), fault.Invalid) {
		return fault.New(fault.Conflict, "asker_left", asker.Name+" is not with the company any more. You can let this pass.")
	}
	if video.Can(asker, video.View, v) {
		return nil
	}
	place, err := s.dir.PlaceTx(tx, v.AuthorID)
	if err != nil {
		return err
	}
	f := fault.New(fault.Conflict, "not_visible_to_asker", fmt.Sprintf("%s may not see this video yet. Widen its audience first, or choose another video.", asker.Name)).At("video_id")
	for _, wider := range []people.Audience{people.Line, people.MyTeam, people.Everyone} {
		if asker.Sees(people.AudienceKeys(wider, place, nil)) {
			f.Extra = map[string]any{"audience": string(wider)}
			break
		}
	}
	return f
}

// Decline lets an ask pass; nobody is told. Declining twice is declining once. Errors: NotFound for what
// was not asked of the actor, Conflict ask_settled.
func (s *Service) Decline(ctx context.Context, a people.Actor, id string) (Ask, error) {
	return s.settle(ctx, a, id, Answer, Declined, func(*db.Tx, *Ask) error { return nil })
}

// Withdraw takes back one's own ask; twice is once. Errors: NotFound for what the actor did not ask,
// Conflict ask_settled.
func (s *Service) Withdraw(ctx context.Context, a people.Actor, id string) error {
	_, err := s.settle(ctx, a, id, Withdraw, Withdrawn, func(*db.Tx, *Ask) error { return nil })
	return err
}

func (s *Service) get(ctx context.Context, a people.Actor, id string, action Action) (Ask, error) {
	k, err := db.Take[Ask](s.db.Read(ctx), "ask", id)
	if err == nil {
		err = allow(a, action, k)
	}
	if err != nil {
		return Ask{}, err
	}
	return k, nil
}

// allow refuses like an absent ask where the actor is neither of its two people.
func allow(a people.Actor, action Action, k Ask) error {
	switch {
	case Can(a, action, k):
		return nil
	case !Can(a, Read, k):
		return fault.Missing("ask")
	case action == Withdraw:
		return fault.Denied("Only who asked can take this back.")
	}
	return fault.Denied("Only who was asked can answer this.")
}

// settle brings an open ask to its end. One that has come to the same end already is left as it is.
func (s *Service) settle(ctx context.Context, a people.Actor, id string, action Action, end State, fn func(tx *db.Tx, k *Ask) error) (Ask, error) {
	var out Ask
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		k, err := loadForUpdate(tx, id)
		if err == nil {
			err = allow(a, action, k)
		}
		if err != nil {
			return err
		}
		was := k
		if k.State == Open || k.State == end {
			if err := fn(tx, &k); err != nil {
				return err
			}
		}
		if was.State != Open {
			if was.State == end && same(was.AnswerVideoID, k.AnswerVideoID) {
				out = was
				return nil
			}
			return fault.New(fault.Conflict, "ask_settled", "This is settled already: "+string(was.State)+".")
		}
		k.State, k.SettledAt = end, &tx.Now
		if err := save(tx, k); err != nil {
			return err
		}
		out = k
		switch end {
		case Answered:
			return s.OnAnswered(ctx, tx, k)
		case Withdrawn:
			return s.OnWithdrawn(ctx, tx, k)
		case Open, Declined:
		}
		return nil
	})
	if err != nil {
		return Ask{}, err
	}
	return out, nil
}

func same(a, b *string) bool { return a == b || (a != nil && b != nil && *a == *b) }
