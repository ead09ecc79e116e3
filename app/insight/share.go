package insight

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

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
	id, err := actID(in.ID)
	if err != nil {
		return Sent{}, err
	}
	if (in.ToPersonID == "") == (in.ToTeamID == "") {
		return Sent{}, fault.InvalidField("to_person_id", "recipient_needed", "Name one person or one team.")
	}
	// The directory is read outside the transaction, which it would not be part of.
	org, err := s.org(ctx)
	if err != nil {
		return Sent{}, err
	}
	var out Sent
	err = s.act(ctx, a, func(tx *db.Tx) error {
		out = Sent{}
		var done bool
		if out.Share, done, err = mine[Share](tx, a.PersonID, id); err != nil {
			return err
		}
		if done {
			_, out.Blind, err = s.reaches(tx, a, org, out.Share)
			return err
		}
		o := in.On
		if err := s.on(tx, a, &o); err != nil {
			return err
		}
		out.Share = Share{ID: id, PersonID: a.PersonID, VideoID: o.VideoID, StartMS: o.StartMS, EndMS: o.EndMS, Message: msg, CreatedAt: tx.Now}
		if in.ToPersonID != "" {
			out.ToPersonID = &in.ToPersonID
		} else {
			out.ToTeamID = &in.ToTeamID
		}
		if err := s.checkRecipient(tx, org, out.Share); err != nil {
			return err
		}
		var sees []string
		if sees, out.Blind, err = s.reaches(tx, a, org, out.Share); err != nil {
			return err
		}
		if out.ToPersonID != nil && out.Blind > 0 {
			return fault.New(fault.Conflict, "share_not_visible", "This colleague may not see the video. Ask its author to widen the audience.").At("to_person_id")
		}
		if err := insertAct(tx, &out.Share); err != nil {
			return err
		}
		return s.tellOfShare(tx, out.Share, sees)
	})
	if err != nil {
		return Sent{}, err
	}
	return out, nil
}

func (s *Service) checkRecipient(tx *db.Tx, org org, share Share) error {
	if share.ToPersonID != nil {
		return s.dir.CheckPersonTx(tx, "to_person_id", *share.ToPersonID)
	}
	if _, ok := org.parent[*share.ToTeamID]; !ok {
		return fault.InvalidField("to_team_id", "team_not_found", "There is no such team.")
	}
	return nil
}

// reaches gives those that a share goes to and who may see the video, without its sender, and counts the
// others, who may not.
func (s *Service) reaches(tx *db.Tx, a people.Actor, org org, share Share) (sees []string, blind int, err error) {
	keys, err := audienceOf(tx, share.VideoID)
	if err != nil {
		return nil, 0, err
	}
	var to []string
	if share.ToPersonID != nil {
		to = []string{*share.ToPersonID}
	} else if to, err = active(tx, org.members[*share.ToTeamID]); err != nil {
		return nil, 0, err
	}
	for _, id := range to {
		switch {
		case id == a.PersonID:
		case org.actor(id).Sees(keys):
			sees = append(sees, id)
		default:
			blind++
		}
	}
	return sees, blind, nil
}

// tellOfShare tells those whom a share goes to.
func (s *Service) tellOfShare(tx *db.Tx, share Share, to []string) error {
	told := make([]notice.Notice, len(to))
	for i, id := range to {
		told[i] = notice.Notice{PersonID: id, Kind: notice.Share, ActorID: &share.PersonID, VideoID: &share.VideoID, StartMS: &share.StartMS, EndMS: &share.EndMS, Body: share.Message}
	}
	return s.cfg.Notices.TellTx(tx, told...)
}

// Box says whose shares are listed.
type Box string

// The boxes.
const (
	Received Box = "received"
	Outgoing Box = "sent"
)

// Shares lists what the actor received (also by a team) or sent, newest first, as far as the actor may
// see the videos. Before is the id of the last one of the page before.
func (s *Service) Shares(ctx context.Context, a people.Actor, box Box, before string, limit int) ([]Share, error) {
	if box == Outgoing {
		return listMine[Share](ctx, s.db, a, "shares", before, limit)
	}
	return listReceived(ctx, s.db, a, before, limit)
}
