package insight

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
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
			out.Blind, err = s.blind(tx, a, org, out.Share)
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
		if out.Blind, err = s.blind(tx, a, org, out.Share); err != nil {
			return err
		}
		if out.ToPersonID != nil && out.Blind > 0 {
			return fault.New(fault.Conflict, "share_not_visible", "This colleague may not see the video. Ask its author to widen the audience.").At("to_person_id")
		}
		return insertAct(tx, &out.Share)
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

// blind counts whom of those that a share goes to may not see the video.
func (s *Service) blind(tx *db.Tx, a people.Actor, org org, share Share) (int, error) {
	keys, err := audienceOf(tx, share.VideoID)
	if err != nil {
		return 0, err
	}
	var to []string
	if share.ToPersonID != nil {
		to = []string{*share.ToPersonID}
	} else if to, err = active(tx, org.members[*share.ToTeamID]); err != nil {
		return 0, err
	}
	n := 0
	for _, id := range to {
		if id != a.PersonID && !org.actor(id).Sees(keys) {
			n++
		}
	}
	return n, nil
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
