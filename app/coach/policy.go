package coach

import (
	"slices"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// The rules are pure and total: what is not allowed is refused. boxed and the conditions of the lists say
// the same to the database.

// CanCoach says whether the actor is in the line of the person who stands at place, and not that person.
func CanCoach(a people.Actor, place people.Place) bool {
	return a.PersonID != "" && a.PersonID != place.PersonID && a.InLine(place)
}

// CanOpenPage says whether the actor may see the page of the person who stands at place: that person does,
// and their line.
func CanOpenPage(a people.Actor, place people.Place) bool {
	return a.PersonID != "" && a.InLine(place)
}

// CanAssign says whether the actor may assign a practice to the person who stands at place.
func CanAssign(a people.Actor, place people.Place) bool {
	return a.PersonID != "" && a.PersonID != place.PersonID && (a.Has(people.Trainer) || a.InLine(place))
}

// side says which end of something between two people the actor is: the one it comes from, the one it goes
// to, or neither. Who it went to knows nothing of it once it is withdrawn.
func side(a people.Actor, from, to, state string) Box {
	switch {
	case a.PersonID == "":
		return ""
	case a.PersonID == from:
		return Sent
	case a.PersonID == to && state != string(Withdrawn):
		return Received
	}
	return ""
}

// party says whether the actor is one of the two of a promise.
func party(a people.Actor, p Promise) bool {
	return a.PersonID != "" && (a.PersonID == p.PersonID || a.PersonID == p.CoachID)
}

// CanSuggest says whether the actor may suggest a video that they see for the library: who coaches or
// reviews its author, or a trainer. Practices are nobody's, and a reply was said to one person.
func CanSuggest(a people.Actor, v video.Video, place people.Place, reviewed bool) bool {
	return a.PersonID != "" && a.PersonID != v.AuthorID && video.Can(a, video.View, v) && v.Kind != video.Practice && v.Kind != video.VideoReply &&
		(reviewed || a.Has(people.Trainer) || a.InLine(place))
}

// Within says whether an audience, with the teams it names, is the other or a narrower one, whatever the
// author's place in the tree of teams is.
func Within(a people.Audience, teams []string, of people.Audience, ofTeams []string) bool {
	switch {
	case of == people.Everyone || a == people.Private:
		return true
	case a == people.Teams && of == people.Teams:
		return !slices.ContainsFunc(teams, func(t string) bool { return !slices.Contains(ofTeams, t) })
	case a == people.Line:
		return of != people.Private
	}
	return a == of && a != people.Everyone
}
