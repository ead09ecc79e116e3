package people

import "slices"

// Audience says who may see a video.
type Audience string

// The audiences, from narrow to wide. Each includes the author; all but Private include the author's
// line.
const (
	Private  Audience = "private"
	Line     Audience = "line"
	MyTeam   Audience = "team"
	Teams    Audience = "teams"
	Everyone Audience = "everyone"
)

// Audiences lists all audiences, from narrow to wide.
var Audiences = []Audience{Private, Line, MyTeam, Teams, Everyone} //nolint:gochecknoglobals // a constant list

// Visibility is decided by keys. A video carries the keys of its audience (AudienceKeys), a viewer
// holds the keys of their place (Reach.Keys), and a viewer may see a video exactly when they share
// one. The same rule is then an intersection everywhere: in Go, in SQL, and inside the search index.
//
//	p:PERSON  held by that person
//	l:TEAM    held by whoever manages TEAM or a team above it
//	t:TEAM    held by members and managers of TEAM, of any team below it, and by managers above it
//	e         held by everybody
const everyoneKey = "e"

// PersonKey is held by one person alone.
func PersonKey(id string) string { return "p:" + id }
func lineKey(team string) string { return "l:" + team }
func teamKey(team string) string { return "t:" + team }

// Place is where a person stands in the tree of teams: what their audiences are made of.
type Place struct {
	PersonID string
	// MemberOf and Manages are the teams they are a direct member or manager of.
	MemberOf, Manages []string
	// AboveManaged are the parents of the teams in Manages: where a manager's own line begins.
	AboveManaged []string
}

// AudienceKeys gives the keys of a video by an author who stands at place.
func AudienceKeys(a Audience, place Place, named []string) []string {
	keys := []string{PersonKey(place.PersonID)}
	if a != Private {
		for _, t := range slices.Concat(place.MemberOf, place.AboveManaged) {
			keys = append(keys, lineKey(t))
		}
	}
	switch a {
	case Private, Line:
	case MyTeam:
		for _, t := range slices.Concat(place.MemberOf, place.Manages) {
			keys = append(keys, teamKey(t))
		}
	case Teams:
		for _, t := range named {
			keys = append(keys, teamKey(t))
		}
	case Everyone:
		keys = append(keys, everyoneKey)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Reach is what a viewer may see and whom they manage, worked out once per change of the directory.
type Reach struct {
	Keys []string
	// ManagedTeams holds the teams they manage and all teams below those.
	ManagedTeams []string
	// MemberOf holds the teams they are a direct member of.
	MemberOf []string
	// Seats are the teams they have a seat in themselves, by name. ReachOf leaves it empty.
	Seats []TeamSeat
}

// ReachOf works out a viewer's reach from the tree of teams (child to parent; roots map to "").
func ReachOf(place Place, parent map[string]string) Reach {
	children := map[string][]string{}
	for c, p := range parent {
		children[p] = append(children[p], c)
	}
	var managed []string
	seen := map[string]bool{}
	var down func(t string)
	down = func(t string) {
		if seen[t] {
			return
		}
		seen[t] = true
		managed = append(managed, t)
		for _, c := range children[t] {
			down(c)
		}
	}
	for _, t := range place.Manages {
		down(t)
	}
	keys := []string{PersonKey(place.PersonID), everyoneKey}
	for _, t := range managed {
		keys = append(keys, lineKey(t), teamKey(t))
	}
	for _, t := range slices.Concat(place.MemberOf, place.Manages) {
		steps := 0
		for ; t != "" && steps <= len(parent); t = parent[t] {
			keys = append(keys, teamKey(t))
			steps++
		}
	}
	slices.Sort(keys)
	slices.Sort(managed)
	return Reach{Keys: slices.Compact(keys), ManagedTeams: managed, MemberOf: place.MemberOf}
}
