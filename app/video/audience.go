package video

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

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
	if v.Kind == Practice && audience != people.Private {
		return fault.New(fault.Conflict, "practice_private", "A practice is for your eyes only. Record a take of it to show it.").At("audience")
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
	place, err := s.dir.PlaceTx(tx, v.AuthorID)
	if err != nil {
		return err
	}
	if v.Keys, err = withGrants(tx, v.ID, people.AudienceKeys(v.Audience, place, v.TeamIDs)); err != nil {
		return err
	}
	return setKeys(tx, v.ID, v.Keys)
}

// movedAtOnce is how many people's videos are worked out together.
const movedAtOnce = 200

// AuthorsMoved works out the audiences of everything these people made, in the transaction that moved
// them in the tree of teams. It is a people.MovedFunc.
func (s *Service) AuthorsMoved(_ context.Context, tx *db.Tx, persons []string) error {
	for some := range slices.Chunk(persons, movedAtOnce) {
		// The rows are held before anything is read: somebody who is just changing an audience either
		// comes first, and is seen here, or waits, and then sees the new place.
		videos, err := widenedBy(tx, some)
		if err != nil {
			return err
		}
		places := map[string]people.Place{}
		for i := range videos {
			v := &videos[i]
			place, ok := places[v.AuthorID]
			if !ok {
				if place, err = s.dir.PlaceTx(tx, v.AuthorID); err != nil {
					return err
				}
				places[v.AuthorID] = place
			}
			keys, err := withGrants(tx, v.ID, people.AudienceKeys(v.Audience, place, v.TeamIDs))
			if err != nil {
				return err
			}
			if slices.Equal(keys, v.Keys) {
				continue
			}
			if err := setKeys(tx, v.ID, keys); err != nil {
				return err
			}
			if err := touch(tx, v.ID); err != nil {
				return err
			}
		}
	}
	tx.AfterCommit(s.OnChanged)
	return nil
}
