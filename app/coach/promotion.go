package coach

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// PromotionState is what has become of a promotion.
type PromotionState string

// The states. A suggestion becomes one of the next three; what was agreed to may end.
const (
	Suggested          PromotionState = "suggested"
	Agreed             PromotionState = "agreed"
	PromotionDeclined  PromotionState = "declined"
	PromotionWithdrawn PromotionState = "withdrawn"
	Ended              PromotionState = "ended"
)

// Promotion is somebody suggesting a take for the library, and what its author said.
type Promotion struct {
	ID, VideoID           string
	SuggestedBy, AuthorID string
	Reason                string
	// Audience, TeamIDs and EndsOn are as suggested, and then as agreed to. EndsOn is the last day, where the
	// author is, as YYYY-MM-DD; empty for no end.
	Audience people.Audience
	TeamIDs  texts
	EndsOn   string
	State    PromotionState
	// PriorKind, PriorAudience and PriorTeamIDs are what the video was before, for the end.
	PriorKind     string
	PriorAudience people.Audience
	PriorTeamIDs  texts
	CreatedAt     time.Time
	SettledAt     *time.Time
	EndedAt       *time.Time
}

// take is what an attempt counts as once it is in the library.
const take = "take"

// NewPromotion is a suggestion to be made.
type NewPromotion struct {
	// ID is the sender's own, a UUID, or empty: the same id twice is the same suggestion.
	ID, VideoID, Reason string
	Audience            people.Audience
	TeamIDs             []string // of the audience "teams"
	EndsOn              string   // empty: no end
}

// Suggest suggests a colleague's take for the library. Its author is told, and nothing else happens until they
// agree. Errors: NotFound for a video the actor may not see, Forbidden for who neither reviews nor coaches its
// author nor is a trainer, Invalid with the field (promotion_own, audience_unknown, team_not_found, required,
// date_past), Conflict suggested_already or audience_wide.
func (s *Service) Suggest(ctx context.Context, a people.Actor, n NewPromotion) (Promotion, error) {
	if a.PersonID == "" {
		return Promotion{}, fault.Denied("Only a person can do this.")
	}
	reason, err := cleanText("reason", n.Reason, maxReason, true)
	if err == nil {
		n.ID, err = db.OwnID(n.ID)
	}
	if err != nil {
		return Promotion{}, err
	}
	if !db.Plain(n.VideoID) {
		return Promotion{}, fault.Missing("video")
	}
	var out Promotion
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		had, found, err := made(tx, a, n.ID, func(p Promotion) bool { return p.SuggestedBy == a.PersonID })
		if found || err != nil {
			out = had
			return err
		}
		v, err := s.suggestible(tx, a, n.VideoID)
		if err != nil {
			return err
		}
		if n.TeamIDs, err = s.checkAudience(tx, v.AuthorID, n.Audience, n.TeamIDs, n.EndsOn); err != nil {
			return err
		}
		if Within(n.Audience, n.TeamIDs, v.Audience, v.TeamIDs) {
			return fault.New(fault.Conflict, "audience_wide", "All of these see it already.").At("audience")
		}
		out = Promotion{ID: n.ID, VideoID: v.ID, SuggestedBy: a.PersonID, AuthorID: v.AuthorID, Reason: reason, Audience: n.Audience, TeamIDs: n.TeamIDs, EndsOn: n.EndsOn,
			State: Suggested, CreatedAt: tx.Now}
		twice := fault.New(fault.Conflict, "suggested_already", "This take is suggested already, and its author has yet to answer.").At("video_id")
		if err := insert(tx, &out, twice); err != nil {
			return err
		}
		err = s.Notices.TellTx(tx, notice.Notice{PersonID: v.AuthorID, Kind: notice.Promotion, ActorID: &a.PersonID, VideoID: &v.ID, SubjectID: &out.ID, Body: reason})
		if err != nil {
			return err
		}
		return trail(tx, a.PersonID, "promotion.suggested", out)
	})
	if err != nil {
		return Promotion{}, err
	}
	return out, nil
}

// trail writes what was decided about a promotion.
func trail(tx *db.Tx, actor, action string, p Promotion) error {
	return audit.Write(tx, actor, action, p.ID, map[string]any{"video_id": p.VideoID, "author_id": p.AuthorID, "audience": string(p.Audience), "team_ids": []string(p.TeamIDs), "ends_on": p.EndsOn})
}

// suggestible gives a video that the actor may suggest.
func (s *Service) suggestible(tx *db.Tx, a people.Actor, id string) (video.Video, error) {
	v, err := s.Videos.ForTx(tx, a, id)
	if err != nil {
		return v, err
	}
	if v.AuthorID == a.PersonID {
		return v, fault.InvalidField("video_id", "promotion_own", "This is your own. Widen its audience, and it is in the library.")
	}
	reviewed, err := reviewedBy(tx, v.ID, a.PersonID)
	if err != nil {
		return v, err
	}
	place, err := s.People.PlaceTx(tx, v.AuthorID)
	if err != nil {
		return v, err
	}
	if !CanSuggest(a, v, place, reviewed) {
		return v, fault.Denied("Only reviewers and managers of its author, and trainers, can suggest a take for the library.")
	}
	return v, nil
}

// checkAudience checks for whom a take is to be, and until when, and gives the teams in order.
func (s *Service) checkAudience(tx *db.Tx, author string, audience people.Audience, teams []string, endsOn string) ([]string, error) {
	teams = slices.Compact(slices.Sorted(slices.Values(teams)))
	switch {
	case audience == people.Private || !slices.Contains(people.Audiences, audience):
		return nil, fault.InvalidField("audience", "audience_unknown", "The audiences of the library are line, team, teams and everyone.")
	case audience != people.Teams && len(teams) > 0:
		return nil, fault.InvalidField("team_ids", "teams_unused", `Teams are named only for the audience "teams".`)
	case audience == people.Teams && len(teams) == 0:
		return nil, fault.InvalidField("team_ids", "required", "Name at least one team.")
	}
	if err := s.People.CheckTeamsTx(tx, "team_ids", teams); err != nil {
		return nil, err
	}
	at, err := zone(tx.Gorm(), author)
	if err != nil {
		return nil, err
	}
	return teams, cleanDay("ends_on", endsOn, tx.Now, at)
}

// Promotions lists promotions, newest first, a page at a time: of the actor's takes, or those that the actor
// suggested. Received ones that were withdrawn are gone, and so are those of deleted videos. Invalid
// cursor_unknown where the last one of the page before is gone.
func (s *Service) Promotions(ctx context.Context, a people.Actor, f Filter) ([]Promotion, error) {
	return listBox(s.DB.Read(ctx), a, f, kept{"promotions", "suggested_by", "author_id", true}, func(p Promotion) (time.Time, bool) {
		return p.CreatedAt, side(a, p.SuggestedBy, p.AuthorID, string(p.State)) != ""
	})
}

// Promotion gives one promotion to its two people; NotFound for others.
func (s *Service) Promotion(ctx context.Context, a people.Actor, id string) (Promotion, error) {
	p, err := db.Take[Promotion](s.DB.Read(ctx), "promotion", id)
	if err == nil && side(a, p.SuggestedBy, p.AuthorID, string(p.State)) == "" {
		err = fault.Missing("promotion")
	}
	if err != nil {
		return Promotion{}, err
	}
	return p, nil
}

// Consent is what an author agrees to; nil leaves a part as it was suggested.
type Consent struct {
	Audience *people.Audience
	TeamIDs  *[]string
	EndsOn   *string
}

// Agree publishes a take that was suggested, as its author says: for the audience and until the day suggested,
// or for fewer and until an earlier one. From then on it is a take like others. Twice is once. Errors: NotFound
// for what was not suggested to the actor, Invalid with the field (audience_wider, ends_later and as in
// Suggest), Conflict settled.
func (s *Service) Agree(ctx context.Context, a people.Actor, id string, c Consent) (Promotion, error) {
	return s.settlePromotion(ctx, a, id, Received, Agreed, func(tx *db.Tx, p *Promotion) error {
		v, err := s.Videos.LoadTx(tx, p.VideoID)
		if err != nil {
			return err
		}
		if v.DeletedAt != nil {
			return fault.Missing("video")
		}
		if err := s.narrow(tx, p, c); err != nil {
			return err
		}
		if err := endBefore(tx, p, v); err != nil {
			return err
		}
		audience, teams := p.Audience, []string(p.TeamIDs)
		if Within(audience, teams, v.Audience, v.TeamIDs) { // its author has widened it meanwhile
			audience, teams = v.Audience, v.TeamIDs
		}
		kind := v.Kind
		if kind == video.Attempt {
			kind = take
		}
		_, err = s.Videos.SetAudienceTx(tx, v.ID, kind, audience, teams)
		return err
	})
}

// narrow applies what the author agrees to.
func (s *Service) narrow(tx *db.Tx, p *Promotion, c Consent) error {
	audience, teams, ends := p.Audience, []string(p.TeamIDs), p.EndsOn
	if c.Audience != nil && *c.Audience != audience {
		audience, teams = *c.Audience, nil
	}
	if c.TeamIDs != nil {
		teams = *c.TeamIDs
	}
	if c.EndsOn != nil {
		ends = *c.EndsOn
	}
	teams, err := s.checkAudience(tx, p.AuthorID, audience, teams, ends)
	switch {
	case err != nil:
		return err
	case !Within(audience, teams, p.Audience, p.TeamIDs):
		return fault.InvalidField("audience", "audience_wider", "This is for more people than was suggested. Agree to that, or to fewer.")
	case p.EndsOn != "" && (ends == "" || ends > p.EndsOn):
		return fault.InvalidField("ends_on", "ends_later", "This is later than was suggested. Agree to that day, or to an earlier one.")
	}
	p.Audience, p.TeamIDs, p.EndsOn = audience, teams, ends
	return nil
}

// DeclinePromotion says no to a suggestion; who made it is told that, and no reason. Twice is once. Errors:
// NotFound for what was not suggested to the actor, Conflict settled.
func (s *Service) DeclinePromotion(ctx context.Context, a people.Actor, id string) (Promotion, error) {
	return s.settlePromotion(ctx, a, id, Received, PromotionDeclined, nil)
}

// WithdrawPromotion takes back a suggestion of the actor's; twice is once. Errors: NotFound for what the actor
// did not suggest, Conflict settled.
func (s *Service) WithdrawPromotion(ctx context.Context, a people.Actor, id string) error {
	_, err := s.settlePromotion(ctx, a, id, Sent, PromotionWithdrawn, nil)
	return err
}

// settlePromotion decides on a suggestion. One that was decided so already is left as it is.
func (s *Service) settlePromotion(ctx context.Context, a people.Actor, id string, as Box, end PromotionState, fn func(*db.Tx, *Promotion) error) (Promotion, error) {
	var out Promotion
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		p, err := hold[Promotion](tx, id, "promotion")
		if err == nil {
			err = allowSide(side(a, p.SuggestedBy, p.AuthorID, string(p.State)), as, "promotion")
		}
		if err != nil {
			return err
		}
		if p.State != Suggested {
			out = p
			if p.State == end {
				return nil
			}
			return errSettled(string(p.State))
		}
		if fn != nil {
			if err := fn(tx, &p); err != nil {
				return err
			}
		}
		p.State, p.SettledAt = end, &tx.Now
		if err := update(tx, p.ID, &p, "*"); err != nil {
			return err
		}
		out = p
		if err := s.Notices.ForgetSubjectTx(tx, p.ID, notice.Promotion); err != nil {
			return err
		}
		if as == Received {
			told := notice.Notice{PersonID: p.SuggestedBy, Kind: notice.Promoted, ActorID: &a.PersonID, VideoID: &p.VideoID, SubjectID: &p.ID, Body: "Not now."}
			if end == Agreed {
				told.Body = "It is in the library."
			}
			if err := s.Notices.TellTx(tx, told); err != nil {
				return err
			}
		}
		return trail(tx, a.PersonID, "promotion."+string(end), p)
	})
	if err != nil {
		return Promotion{}, err
	}
	return out, nil
}

// ahead is how much earlier than in UTC a day can be over somewhere.
const ahead = 14 * time.Hour

// EndPromotions takes the takes out of the library whose last day is over where their author is: they are for
// whom they were before, and their author is told. A take whose audience its author has changed since stays as
// they left it. It says how many promotions have ended.
func (s *Service) EndPromotions(ctx context.Context) (int, error) {
	ids, err := endedBefore(s.DB.Read(ctx), today(s.DB.Now().Add(ahead), time.UTC))
	n := 0
	for _, id := range ids {
		if err != nil {
			break
		}
		var ended bool
		if ended, err = s.endPromotion(ctx, id); ended {
			n++
		}
	}
	return n, err
}

func (s *Service) endPromotion(ctx context.Context, id string) (ended bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		ended = false
		p, err := hold[Promotion](tx, id, "promotion")
		if fault.Is(err, fault.NotFound) {
			return nil // with its video
		}
		if err != nil {
			return err
		}
		at, err := zone(tx.Gorm(), p.AuthorID)
		if err != nil || p.State != Agreed || !passed(p.EndsOn, tx.Now, at) {
			return err
		}
		v, err := s.Videos.LoadTx(tx, p.VideoID)
		if err != nil {
			return err
		}
		if v.Audience == p.Audience && slices.Equal(v.TeamIDs, []string(p.TeamIDs)) {
			if err := s.restore(tx, p); err != nil {
				return err
			}
		}
		ended = true
		p.State, p.EndedAt = Ended, &tx.Now
		if err := update(tx, p.ID, &p, "State", "EndedAt"); err != nil {
			return err
		}
		return trail(tx, "", "promotion.ended", p)
	})
	return ended && err == nil, err
}

// restore gives a video the audience that it had before it was promoted, but for teams that are no more.
func (s *Service) restore(tx *db.Tx, p Promotion) error {
	audience, teams := p.PriorAudience, []string(p.PriorTeamIDs)
	err := s.People.CheckTeamsTx(tx, "team_ids", teams)
	if fault.Is(err, fault.Invalid) {
		audience, teams, err = people.Private, nil, nil
	}
	if err != nil {
		return err
	}
	if _, err := s.Videos.SetAudienceTx(tx, p.VideoID, p.PriorKind, audience, teams); err != nil {
		return err
	}
	body := "Its time in the library is over. It is for whom it was before."
	if audience == people.Private {
		body = "Its time in the library is over. It is private again."
	}
	return s.Notices.TellTx(tx, notice.Notice{PersonID: p.AuthorID, Kind: notice.Promoted, VideoID: &p.VideoID, SubjectID: &p.ID, Body: body})
}
