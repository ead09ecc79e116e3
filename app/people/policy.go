package people

import "slices"

// Actor is who a use case acts for.
type Actor struct {
	PersonID string
	Name     string
	Email    string
	Roles    []Role
	// Session is the session's or the token's identifier; empty for the command line.
	Session string
	Reach   Reach
}

// System is the actor of the command line and of the installation's own work: it has every role and
// no place, so it sees no private videos either.
func System() Actor {
	return Actor{Name: "system", Roles: slices.Clone(Roles)}
}

// Has says whether the actor has the role.
func (a Actor) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// ManagesTeam says whether the actor manages the team or one above it.
func (a Actor) ManagesTeam(team string) bool {
	_, ok := slices.BinarySearch(a.Reach.ManagedTeams, team)
	return ok
}

// Sees says whether the actor holds one of the keys.
func (a Actor) Sees(keys []string) bool {
	for _, k := range keys {
		if _, ok := slices.BinarySearch(a.Reach.Keys, k); ok {
			return true
		}
	}
	return false
}

// InLine says whether the actor is in the line of a person who stands at place: is that person, or
// manages a team they are in or one above it. It is the audience Line, for things other than videos.
func (a Actor) InLine(place Place) bool { return a.Sees(AudienceKeys(Line, place, nil)) }

// InLineSQL is InLine as a condition on a column that holds the person's id, with its arguments; both
// engines understand it.
func (a Actor) InLineSQL(column string) (condition string, args []any) {
	own := a.PersonID
	if len(a.Reach.ManagedTeams) == 0 {
		return column + ` = ?`, []any{own}
	}
	return `(` + column + ` = ? OR ` + column + ` IN (SELECT person_id FROM team_members WHERE team_id IN ? UNION
		SELECT m.person_id FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE t.parent_id IN ?))`,
		[]any{own, a.Reach.ManagedTeams, a.Reach.ManagedTeams}
}

// Action is something one may do in this domain.
type Action string

// The actions on persons and teams.
const (
	ReadDirectory Action = "directory.read"  // names of colleagues and teams
	EditDirectory Action = "directory.edit"  // persons, roles, teams, managers
	ReadEmails    Action = "directory.email" // addresses, roles and state of others
	ReadJobs      Action = "jobs.read"       // queues and failed work
	RetryJobs     Action = "jobs.retry"
	// ReadInstallation is what the installation holds and can do: bytes by kind and person, engines.
	ReadInstallation Action = "installation.read"
)

// Can says whether the actor may do this. It is total: what is not allowed is refused.
func Can(a Actor, action Action) bool {
	switch action {
	case ReadDirectory:
		return true
	case EditDirectory, ReadJobs, RetryJobs, ReadInstallation:
		return a.Has(Admin)
	case ReadEmails:
		return a.Has(Admin) || a.Has(Manager) || a.Has(Trainer)
	}
	return false
}
