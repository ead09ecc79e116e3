package insight

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// ModeledWithin is how soon after a view "used it" counts as modeled.
const ModeledWithin = 14 * 24 * time.Hour

const maxMessage = 1000

// On names a moment: a stretch of a video. EndMS 0 means the whole video.
type On struct {
	VideoID        string
	StartMS, EndMS int64
}

// Share is a video or moment sent to a person or a team.
type Share struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	ToPersonID   *string
	ToTeamID     *string
	Message      string
	CreatedAt    time.Time
}

// Save is a moment kept for later.
type Save struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	CreatedAt    time.Time
}

// Use says that a person used a moment with a customer.
type Use struct {
	ID, PersonID string
	VideoID      string
	StartMS      int64 `gorm:"column:start_ms"`
	EndMS        int64 `gorm:"column:end_ms"`
	DealID       *string
	Comment      string
	// AfterView says that it came within ModeledWithin after a view of the video by the same person.
	AfterView bool
	CreatedAt time.Time
}

// on checks the moment of an act and gives its video.
func (s *Service) on(tx *db.Tx, a people.Actor, o *On) (video.Video, error) {
	v, err := s.videos.ForTx(tx, a, o.VideoID)
	if err != nil {
		return v, err
	}
	if o.EndMS == 0 && o.StartMS == 0 {
		o.EndMS = v.DurationMS
		return v, nil
	}
	return v, video.CheckStretch(v, o.StartMS, o.EndMS)
}

func message(field, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	return people.CleanLine(field, s, maxMessage)
}

// Sending is a share to be made.
type Sending struct {
	// ID is the sender's own, or empty: the same id twice is the same share.
	ID string
	On
	ToPersonID, ToTeamID string
	Message              string
}

// Sent is a share with how many of a team's members may not see the video, and will not.
type Sent struct {
	Share
	Blind int
}

// Send shares a moment with a person or a team. It does not widen the audience: a person who may not
// see the video is refused (Conflict share_not_visible); of a team it is said how many may not.
func (s *Service) Send(ctx context.Context, a people.Actor, in Sending) (Sent, error) {
	msg, err := message("message", in.Message)
	if err != nil {
		return Sent{}, err
	}
	if (in.ToPersonID == "") == (in.ToTeamID == "") {
		return Sent{}, fault.InvalidField("to_person_id", "recipient_needed", "Name one person or one team.")
	}
	out := Sent{Share: Share{ID: in.ID, PersonID: a.PersonID, Message: msg}}
	if out.ID == "" {
		out.ID = ident.New()
	}
	// Who may see the video is asked outside the transaction: it reads the directory.
	recipients, err := s.recipients(ctx, in)
	if err != nil {
		return Sent{}, err
	}
	for _, r := range recipients {
		may, err := s.videos.MaySee(ctx, r, in.VideoID)
		if err != nil {
			return Sent{}, err
		}
		if !may {
			out.Blind++
		}
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if done, err := mine(tx, a.PersonID, in.ID, &out.Share); done || err != nil {
			return err
		}
		if _, err := s.on(tx, a, &in.On); err != nil {
			return err
		}
		if in.ToPersonID != "" && out.Blind > 0 {
			return fault.New(fault.Conflict, "share_not_visible", "This colleague may not see the video. Ask its author to widen the audience.").At("to_person_id")
		}
		out.VideoID, out.StartMS, out.EndMS, out.CreatedAt = in.VideoID, in.StartMS, in.EndMS, tx.Now
		if in.ToPersonID != "" {
			out.ToPersonID = &in.ToPersonID
		} else {
			out.ToTeamID = &in.ToTeamID
		}
		return insertAct(tx, &out.Share)
	})
	return out, err
}

// recipients gives who a share goes to.
func (s *Service) recipients(ctx context.Context, in Sending) ([]people.Actor, error) {
	ids := []string{in.ToPersonID}
	if in.ToTeamID != "" {
		var err error
		if ids, err = teamMembers(ctx, s.db, in.ToTeamID); err != nil {
			return nil, err
		}
	}
	var out []people.Actor
	for _, id := range ids {
		r, err := s.dir.ActorFor(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.InvalidField("to_person_id", "person_not_found", "There is no such colleague.")
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Box says whose shares are listed.
type Box string

// The boxes.
const (
	Received Box = "received"
	Outgoing Box = "sent"
)

// Shares lists what the actor received (also by a team) or sent, newest first, as far as the actor may
// see the videos.
func (s *Service) Shares(ctx context.Context, a people.Actor, box Box, before string, limit int) ([]Share, error) {
	return listShares(ctx, s.db, a, box, before, limit)
}

// Keep saves a moment for later; saving it twice is saving it once.
func (s *Service) Keep(ctx context.Context, a people.Actor, id string, o On) (Save, error) {
	out := Save{ID: id, PersonID: a.PersonID}
	if out.ID == "" {
		out.ID = ident.New()
	}
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		if done, err := mine(tx, a.PersonID, id, &out); done || err != nil {
			return err
		}
		if _, err := s.on(tx, a, &o); err != nil {
			return err
		}
		out.VideoID, out.StartMS, out.EndMS, out.CreatedAt = o.VideoID, o.StartMS, o.EndMS, tx.Now
		return insertSave(tx, &out)
	})
	return out, err
}

// Unkeep removes one of the actor's saves.
func (s *Service) Unkeep(ctx context.Context, a people.Actor, id string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		res := tx.Gorm().Where("id = ? AND person_id = ?", id, a.PersonID).Delete(&Save{})
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.Missing("save")
		}
		return res.Error
	})
}

// Saves lists the actor's saves, newest first, as far as the actor still may see the videos.
func (s *Service) Saves(ctx context.Context, a people.Actor, before string, limit int) ([]Save, error) {
	return listSaves(ctx, s.db, a, before, limit)
}

// NewUse is a "used it" to be written down.
type NewUse struct {
	// ID is the sender's own, or empty: the same id twice is the same use.
	ID string
	On
	DealID, Comment string
}

// UsedIt writes down that the actor used a moment with a customer, optionally on a deal of theirs.
func (s *Service) UsedIt(ctx context.Context, a people.Actor, in NewUse) (Use, error) {
	comment, err := message("comment", in.Comment)
	if err != nil {
		return Use{}, err
	}
	out := Use{ID: in.ID, PersonID: a.PersonID, Comment: comment}
	if out.ID == "" {
		out.ID = ident.New()
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if done, err := mine(tx, a.PersonID, in.ID, &out); done || err != nil {
			return err
		}
		if _, err := s.on(tx, a, &in.On); err != nil {
			return err
		}
		if in.DealID != "" {
			if err := ownDeal(tx, a.PersonID, in.DealID); err != nil {
				return err
			}
			out.DealID = &in.DealID
		}
		out.VideoID, out.StartMS, out.EndMS, out.CreatedAt = in.VideoID, in.StartMS, in.EndMS, tx.Now
		if out.AfterView, err = viewedSince(tx, a.PersonID, in.VideoID, tx.Now.Add(-ModeledWithin)); err != nil {
			return err
		}
		return insertAct(tx, &out)
	})
	return out, err
}

// Uses lists the actor's own uses, newest first, as far as the actor still may see the videos.
func (s *Service) Uses(ctx context.Context, a people.Actor, before string, limit int) ([]Use, error) {
	return listUses(ctx, s.db, a, before, limit)
}

// Progress is what the actor has watched of a video.
type Progress struct {
	Ranges    [][2]int64
	Share     float64
	Views     int64
	Completed bool
}

// ProgressOf gives what the actor has watched of a video, to go on from there.
func (s *Service) ProgressOf(ctx context.Context, a people.Actor, id string) (Progress, error) {
	v, err := s.videos.Get(ctx, a, id)
	if err != nil {
		return Progress{}, err
	}
	w, err := readWatched(ctx, s.db, a.PersonID, id)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Ranges: [][2]int64{}, Share: w.set.Share(v.DurationMS), Views: w.Views, Completed: w.CompletedAt != nil}
	for _, r := range w.set.Ranges() {
		p.Ranges = append(p.Ranges, [2]int64{r.From, r.To})
	}
	return p, nil
}

// Viewer is somebody who watched.
type Viewer struct {
	PersonID  string
	Name      string
	Share     float64
	Views     int64
	Completed bool
	LastAt    time.Time
}

// maxViewers is how many viewers are listed.
const maxViewers = 500

// ViewersOf tells an author who watched their video. Where the installation has switched names off it is
// Forbidden person_analytics_off.
func (s *Service) ViewersOf(ctx context.Context, a people.Actor, id string) ([]Viewer, error) {
	v, err := s.videos.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if !video.Can(a, video.Audit, v) {
		return nil, fault.Denied("Only the author of a video sees who watched it.")
	}
	if !s.cfg.PersonAnalytics {
		return nil, fault.New(fault.Forbidden, "person_analytics_off", "Your company has switched off figures by name.")
	}
	rows, err := watchers(ctx, s.db, id, maxViewers)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, w := range rows {
		ids[i] = w.PersonID
	}
	names, err := s.dir.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Viewer, 0, len(rows))
	for _, w := range rows {
		if w.PersonID != v.AuthorID {
			out = append(out, Viewer{w.PersonID, names[w.PersonID], w.set.Share(v.DurationMS), w.Views, w.CompletedAt != nil, w.LastAt})
		}
	}
	return out, nil
}

// HeatParts is into how many parts a video is divided for its heat.
const HeatParts = 50

// minViewers is from how many viewers on a share of them is shown.
const minViewers = 5

// Heat gives, for each of HeatParts equal parts of a video, the share of its viewers who watched it;
// nil under five viewers other than the author.
func (s *Service) Heat(ctx context.Context, a people.Actor, id string) ([]float64, error) {
	v, err := s.videos.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	rows, err := watchers(ctx, s.db, id, 100000)
	if err != nil {
		return nil, err
	}
	heat := make([]float64, HeatParts)
	n := 0
	for _, w := range rows {
		if w.PersonID == v.AuthorID {
			continue
		}
		n++
		for i := range heat {
			from, to := int64(i)*v.DurationMS/HeatParts, int64(i+1)*v.DurationMS/HeatParts
			if w.set.Overlap(from, to)*2 >= to-from {
				heat[i]++
			}
		}
	}
	if n < minViewers {
		return nil, nil
	}
	for i := range heat {
		heat[i] /= float64(n)
	}
	return heat, nil
}
