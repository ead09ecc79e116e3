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

// Assignment is a practice that somebody assigned to a person, from a moment.
type Assignment struct {
	ID, FromID, ToID string
	// VideoID names the video of the moment; nil once it is gone. StartMS and EndMS are milliseconds.
	VideoID *string
	StartMS int64 `gorm:"column:start_ms"`
	EndMS   int64 `gorm:"column:end_ms"`
	Prompt  string
	// TargetMS is the length to aim at; 0 for none.
	TargetMS int64 `gorm:"column:target_ms"`
	// DueOn is the last day, where the person is, as YYYY-MM-DD; empty for none.
	DueOn string
	State State
	// ShownVideoID is the practice that the person chose to show; nil for none, and once it is gone.
	ShownVideoID *string
	CreatedAt    time.Time
	SettledAt    *time.Time
	// Overdue says that it is open and its day is over. It is worked out and not kept.
	Overdue bool `gorm:"-"`
}

// TableName names the table for GORM.
func (Assignment) TableName() string { return "practice_assignments" }

// NewAssignment is a practice to be assigned.
type NewAssignment struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same assignment.
	ID, ToID, VideoID string
	// StartMS and EndMS are the moment; both 0 for the whole video.
	StartMS, EndMS int64
	Prompt         string
	TargetMS       int64
	DueOn          string
}

// Assign assigns a practice to somebody of the actor's line; trainers to anybody. Both must be able to see
// the moment. Errors: Forbidden for others, Invalid with the field (person_not_found, assign_self, required,
// time_outside, out_of_range, date_past), Conflict moment_not_visible, NotFound for a video the actor may not
// see.
func (s *Service) Assign(ctx context.Context, a people.Actor, n NewAssignment) (Assignment, error) {
	if a.PersonID == "" {
		return Assignment{}, fault.Denied("Only a person can do this.")
	}
	prompt, err := cleanText("prompt", n.Prompt, maxPrompt, true)
	if err == nil {
		n.ID, err = db.OwnID(n.ID)
	}
	if err != nil {
		return Assignment{}, err
	}
	if n.TargetMS < 0 || n.TargetMS > MaxTarget {
		return Assignment{}, fault.InvalidField("target_ms", "out_of_range", "Ask for at most ten minutes.")
	}
	if n.ToID == a.PersonID {
		return Assignment{}, fault.InvalidField("to", "assign_self", "This is you. Just practise it.")
	}
	to, err := s.People.Colleague(ctx, "to", n.ToID)
	if err != nil {
		return Assignment{}, err
	}
	var out Assignment
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		had, found, err := made(tx, a, n.ID, func(k Assignment) bool { return k.FromID == a.PersonID })
		if found || err != nil {
			out = had
			return err
		}
		if err := s.mayAssign(tx, a, n.ToID); err != nil {
			return err
		}
		at, err := zone(tx.Gorm(), n.ToID)
		if err != nil {
			return err
		}
		if err := cleanDay("due_on", n.DueOn, tx.Now, at); err != nil {
			return err
		}
		out = Assignment{ID: n.ID, FromID: a.PersonID, ToID: n.ToID, Prompt: prompt, TargetMS: n.TargetMS, DueOn: n.DueOn, State: Open, CreatedAt: tx.Now}
		if err := s.pointAt(tx, a, to, n, &out); err != nil {
			return err
		}
		if err := insert(tx, &out, nil); err != nil {
			return err
		}
		// Without the video: who may not see that any more was assigned the practice all the same.
		return s.Notices.TellTx(tx, notice.Notice{PersonID: n.ToID, Kind: notice.Assigned, ActorID: &a.PersonID, SubjectID: &out.ID, Body: prompt})
	})
	if err != nil {
		return Assignment{}, err
	}
	return out, nil
}

func (s *Service) mayAssign(tx *db.Tx, a people.Actor, to string) error {
	if err := s.People.CheckPersonTx(tx, "to", to); err != nil {
		return err
	}
	place, err := s.People.PlaceTx(tx, to)
	if err != nil {
		return err
	}
	if !CanAssign(a, place) {
		return fault.Denied("Only their managers and trainers can assign them a practice.")
	}
	return nil
}

// pointAt checks the moment: both people must be able to see it.
func (s *Service) pointAt(tx *db.Tx, a, to people.Actor, n NewAssignment, k *Assignment) error {
	v, start, end, err := s.Videos.StretchTx(tx, a, n.VideoID, n.StartMS, n.EndMS)
	if err != nil {
		return err
	}
	if !video.Can(to, video.View, v) {
		return fault.New(fault.Conflict, "moment_not_visible", to.Name+" may not see this video. Choose another moment, or ask its author to widen the audience.").At("video_id")
	}
	k.VideoID, k.StartMS, k.EndMS = &v.ID, start, end
	return nil
}

// Assignments lists assigned practices, newest first, a page at a time. Received ones that were withdrawn are
// gone. Invalid cursor_unknown where the last one of the page before is gone.
func (s *Service) Assignments(ctx context.Context, a people.Actor, f Filter) ([]Assignment, error) {
	g := s.DB.Read(ctx)
	out, err := listBox(g, a, f, kept{"practice_assignments", "from_id", "to_id", false}, func(k Assignment) (time.Time, bool) {
		return k.CreatedAt, side(a, k.FromID, k.ToID, string(k.State)) != ""
	})
	if err != nil {
		return nil, err
	}
	return out, s.markOverdue(g, out)
}

// Assignment gives one assigned practice to its two people; NotFound for others.
func (s *Service) Assignment(ctx context.Context, a people.Actor, id string) (Assignment, error) {
	g := s.DB.Read(ctx)
	k, err := db.Take[Assignment](g, "practice_assignment", id)
	if err == nil && side(a, k.FromID, k.ToID, string(k.State)) == "" {
		err = fault.Missing("practice_assignment")
	}
	if err != nil {
		return Assignment{}, err
	}
	some := []Assignment{k}
	return some[0], s.markOverdue(g, some)
}

// Practised says that the actor has done a practice that was assigned to them. It tells who assigned it that
// and nothing more, unless show names a video of the actor's own: they may see that one from now on. A practice
// that is shown is a private take from then on, and stays. Something may be shown later, too, but once. Errors:
// NotFound for what was not assigned to the actor or a video they do not see, Invalid video_not_yours or
// practice_of_another, Conflict settled, shown_already or video_failed.
func (s *Service) Practised(ctx context.Context, a people.Actor, id, show string) (Assignment, error) {
	if !db.Plain(show) {
		return Assignment{}, fault.Missing("video")
	}
	var out Assignment
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		k, err := hold[Assignment](tx, id, "practice_assignment")
		if err == nil {
			err = allowSide(side(a, k.FromID, k.ToID, string(k.State)), Received, "practice_assignment")
		}
		if err != nil {
			return err
		}
		if k.ShownVideoID != nil && show != "" && *k.ShownVideoID != show {
			return fault.New(fault.Conflict, "shown_already", "You have shown another take of this.").At("show_video_id")
		}
		out = k
		fresh, shows := k.State == Open, show != "" && k.ShownVideoID == nil
		if !fresh && !shows {
			return nil
		}
		if shows {
			if err := s.show(tx, a, k, show); err != nil {
				return err
			}
			k.ShownVideoID = &show
		}
		if fresh {
			k.State, k.SettledAt = Done, &tx.Now
		}
		if err := update(tx, k.ID, &k, "State", "ShownVideoID", "SettledAt"); err != nil {
			return err
		}
		out = k
		if err := s.Notices.ForgetSubjectTx(tx, k.ID); err != nil {
			return err
		}
		return s.Notices.TellTx(tx, notice.Notice{PersonID: k.FromID, Kind: notice.Practised, ActorID: &a.PersonID, VideoID: k.ShownVideoID, SubjectID: &k.ID, Body: k.Prompt})
	})
	if err != nil {
		return Assignment{}, err
	}
	return out, nil
}

// show lets who assigned a practice see one take of it.
func (s *Service) show(tx *db.Tx, a people.Actor, k Assignment, id string) error {
	v, err := s.own(tx, a, "show_video_id", id)
	if err != nil {
		return err
	}
	if v.Kind == video.Practice {
		if v.ForID == nil || *v.ForID != k.ID {
			return fault.InvalidField("show_video_id", "practice_of_another", "This was practised for something else. Choose a take of this practice.")
		}
		// An attempt is what package video calls a practice that was handed in: it is kept, and found by nobody.
		if err := s.Videos.SetKindTx(tx, v.ID, video.Attempt); err != nil {
			return err
		}
	}
	return s.Videos.GrantTx(tx, v.ID, k.FromID, k.ID)
}

// WithdrawAssignment takes back a practice that the actor assigned; twice is once. Errors: NotFound for what
// the actor did not assign, Conflict settled once it is done.
func (s *Service) WithdrawAssignment(ctx context.Context, a people.Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		k, err := hold[Assignment](tx, id, "practice_assignment")
		if err == nil {
			err = allowSide(side(a, k.FromID, k.ToID, string(k.State)), Sent, "practice_assignment")
		}
		if err != nil || k.State == Withdrawn {
			return err
		}
		if k.State != Open {
			return errSettled(string(k.State))
		}
		k.State, k.SettledAt = Withdrawn, &tx.Now
		if err := update(tx, k.ID, &k, "State", "SettledAt"); err != nil {
			return err
		}
		return s.Notices.ForgetSubjectTx(tx, k.ID)
	})
}
