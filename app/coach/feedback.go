package coach

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// FeedbackAsk is the author of a take asking a colleague what they think of it.
type FeedbackAsk struct {
	ID, VideoID, FromID, ToID string
	// Body is what the author would like to know; it may be empty.
	Body  string
	State State
	// Answer is what the colleague said in words, beside notes at seconds of the take.
	Answer    string
	CreatedAt time.Time
	SettledAt *time.Time
}

// NewFeedbackAsk is an ask for feedback to be made.
type NewFeedbackAsk struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same ask.
	ID                  string
	VideoID, ToID, Text string
}

// AskFeedback asks a colleague for feedback on a video of the actor's own, which they may see from now on
// until the ask is settled. Errors: Invalid with the field (ask_self, person_not_found, video_not_yours,
// too_long), Conflict practice_private, video_failed or already_asked, NotFound for a video the actor may
// not see.
func (s *Service) AskFeedback(ctx context.Context, a people.Actor, n NewFeedbackAsk) (FeedbackAsk, error) {
	if a.PersonID == "" {
		return FeedbackAsk{}, fault.Denied("Only a person can do this.")
	}
	text, err := cleanText("text", n.Text, maxAsk, false)
	if err == nil {
		n.ID, err = db.OwnID(n.ID)
	}
	if err != nil {
		return FeedbackAsk{}, err
	}
	if n.ToID == a.PersonID {
		return FeedbackAsk{}, fault.InvalidField("to", "ask_self", "This is you. Ask a colleague.")
	}
	if !db.Plain(n.VideoID) {
		return FeedbackAsk{}, fault.Missing("video")
	}
	var out FeedbackAsk
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		had, found, err := made(tx, a, n.ID, func(k FeedbackAsk) bool { return k.FromID == a.PersonID })
		if found || err != nil {
			out = had
			return err
		}
		if err := s.People.CheckPersonTx(tx, "to", n.ToID); err != nil {
			return err
		}
		v, err := s.own(tx, a, "video_id", n.VideoID)
		if err != nil {
			return err
		}
		if v.Kind == video.Practice {
			return fault.New(fault.Conflict, "practice_private", "A practice is for your eyes only. Record a take of it to show it.").At("video_id")
		}
		out = FeedbackAsk{ID: n.ID, VideoID: v.ID, FromID: a.PersonID, ToID: n.ToID, Body: text, State: Open, CreatedAt: tx.Now}
		twice := fault.New(fault.Conflict, "already_asked", "You have asked them about this take, and the answer is still to come.").At("to")
		if err := insert(tx, &out, twice); err != nil {
			return err
		}
		if err := s.Videos.GrantTx(tx, v.ID, n.ToID, out.ID); err != nil {
			return err
		}
		return s.Notices.TellTx(tx, notice.Notice{PersonID: n.ToID, Kind: notice.Feedback, ActorID: &a.PersonID, VideoID: &v.ID, SubjectID: &out.ID, Body: text})
	})
	if err != nil {
		return FeedbackAsk{}, err
	}
	return out, nil
}

// own gives a video that the actor made and that plays, or will.
func (s *Service) own(tx *db.Tx, a people.Actor, field, id string) (video.Video, error) {
	v, err := s.Videos.ForTx(tx, a, id)
	if err != nil {
		return v, err
	}
	switch {
	case v.AuthorID != a.PersonID:
		return v, fault.InvalidField(field, "video_not_yours", "Choose a video of your own.")
	case v.State == video.Failed:
		return v, fault.New(fault.Conflict, "video_failed", "This video cannot be played. Try again what failed, or record another.").At(field)
	}
	return v, nil
}

// FeedbackAsks lists the actor's asks for feedback, newest first, a page at a time. Received ones that were
// withdrawn are gone, and so are those about a video that its author has deleted. Invalid cursor_unknown
// where the last one of the page before is gone.
func (s *Service) FeedbackAsks(ctx context.Context, a people.Actor, f Filter) ([]FeedbackAsk, error) {
	return listBox(s.DB.Read(ctx), a, f, kept{"feedback_asks", "from_id", "to_id", true}, func(k FeedbackAsk) (time.Time, bool) {
		return k.CreatedAt, side(a, k.FromID, k.ToID, string(k.State)) != ""
	})
}

// GiveFeedback settles an ask for feedback: with at least one note of the actor's on the video, written since
// they were asked, or with words. Their right to see the video ends with it, where the audience gives none.
// Twice is once. Errors: NotFound for what was not asked of the actor, Invalid feedback_empty, Conflict
// settled.
func (s *Service) GiveFeedback(ctx context.Context, a people.Actor, id, text string) (FeedbackAsk, error) {
	text, err := cleanText("text", text, maxAnswer, false)
	if err != nil {
		return FeedbackAsk{}, err
	}
	return s.settleAsk(ctx, a, id, Received, Done, func(tx *db.Tx, k *FeedbackAsk) error {
		n, err := notesBy(tx, k.VideoID, a.PersonID, k.CreatedAt)
		if err != nil {
			return err
		}
		if n == 0 && text == "" {
			return fault.InvalidField("text", "feedback_empty", "Write a note at a second of the take first, or say it here in words.")
		}
		k.Answer = text
		return s.Notices.TellTx(tx, notice.Notice{PersonID: k.FromID, Kind: notice.Given, ActorID: &a.PersonID, VideoID: &k.VideoID, SubjectID: &k.ID, Body: text})
	})
}

// DeclineFeedback lets an ask for feedback pass; nobody is told. Twice is once. Errors: NotFound for what was
// not asked of the actor, Conflict settled.
func (s *Service) DeclineFeedback(ctx context.Context, a people.Actor, id string) (FeedbackAsk, error) {
	return s.settleAsk(ctx, a, id, Received, Declined, nil)
}

// WithdrawFeedback takes back one's own ask for feedback; twice is once. Errors: NotFound for what the actor
// did not ask, Conflict settled.
func (s *Service) WithdrawFeedback(ctx context.Context, a people.Actor, id string) (FeedbackAsk, error) {
	return s.settleAsk(ctx, a, id, Sent, Withdrawn, nil)
}

// settleAsk brings an open ask to its end, with the right to see the video and what was told of it. One that
// has come to the same end already is left as it is.
func (s *Service) settleAsk(ctx context.Context, a people.Actor, id string, as Box, end State, fn func(*db.Tx, *FeedbackAsk) error) (FeedbackAsk, error) {
	var out FeedbackAsk
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		k, err := hold[FeedbackAsk](tx, id, "feedback_ask")
		if err == nil {
			err = allowSide(side(a, k.FromID, k.ToID, string(k.State)), as, "feedback_ask")
		}
		if err != nil {
			return err
		}
		if k.State != Open {
			out = k
			if k.State == end {
				return nil
			}
			return errSettled(string(k.State))
		}
		if fn != nil {
			if err := fn(tx, &k); err != nil {
				return err
			}
		}
		k.State, k.SettledAt = end, &tx.Now
		if err := update(tx, k.ID, &k, "State", "Answer", "SettledAt"); err != nil {
			return err
		}
		out = k
		if err := s.Notices.ForgetSubjectTx(tx, k.ID, notice.Feedback); err != nil {
			return err
		}
		return s.Videos.RevokeTx(tx, k.VideoID, k.ID)
	})
	if err != nil {
		return FeedbackAsk{}, err
	}
	return out, nil
}

// allowSide refuses like an absent thing where the actor is neither of its two people.
func allowSide(is, as Box, thing string) error {
	switch {
	case is == "":
		return fault.Missing(thing)
	case is == as:
		return nil
	case as == Sent:
		return fault.Denied("Only who sent this can do this.")
	}
	return fault.Denied("Only who was asked can do this.")
}
