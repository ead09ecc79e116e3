package programme

import (
	"context"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Unseen is a video that not all participants may see, or not even who sets the programme up. A programme shows
// nobody more than its author does: whom a video is for is the author's to say, so it is said here, and nothing
// is granted.
type Unseen struct {
	VideoID string
	// Hidden says that the actor may not see it themself, or that it is not there (any more): nothing else is told.
	Hidden bool
	// AuthorID is who can widen its audience.
	AuthorID string
	Count    int
	// People are the first of those who may not see it, by name.
	People []Named
}

// unseen gives those of the videos that some of these people may not see, in the order of the ids.
func (s *Service) unseen(ctx context.Context, a people.Actor, c company, takePart []Subject, ids []string) ([]Unseen, error) {
	if len(ids) > MaxAttachments+1 {
		return nil, fault.InvalidField("videos", "too_many", "Ask of the model take and the attachments only.")
	}
	known := make([]string, 0, len(ids))
	for _, id := range ids {
		if db.Plain(id) && !slices.Contains(known, id) {
			known = append(known, id)
		}
	}
	videos, err := s.Videos.Visible(ctx, a, known)
	if err != nil {
		return nil, err
	}
	reach := c.reach()
	out := []Unseen{}
	for _, id := range known {
		v, ok := videos[id]
		if !ok || !video.Can(a, video.View, v) {
			out = append(out, Unseen{VideoID: id, Hidden: true, People: []Named{}})
			continue
		}
		u := Unseen{VideoID: id, AuthorID: v.AuthorID, People: []Named{}}
		for _, who := range takePart {
			if (people.Actor{PersonID: who.ID, Reach: reach(who)}).Sees(v.Keys) {
				continue
			}
			u.Count++
			if len(u.People) < maxPreview {
				u.People = append(u.People, Named{who.ID, who.Name})
			}
		}
		if u.Count > 0 {
			out = append(out, u)
		}
	}
	return out, nil
}

// reach gives a function that says what a person may see. Those with the same seats differ by their own key only,
// and are many.
func (c company) reach() func(Subject) people.Reach {
	known := map[string][]string{}
	return func(who Subject) people.Reach {
		place := people.Place{}
		for _, seat := range who.Seats {
			if seat.Manages {
				place.Manages = append(place.Manages, seat.TeamID)
			} else {
				place.MemberOf = append(place.MemberOf, seat.TeamID)
			}
		}
		slices.Sort(place.Manages)
		slices.Sort(place.MemberOf)
		seats := strings.Join(place.MemberOf, ",") + ";" + strings.Join(place.Manages, ",")
		keys, ok := known[seats]
		if !ok {
			keys = people.ReachOf(place, c.tree.parent).Keys
			known[seats] = keys
		}
		own := people.PersonKey(who.ID)
		at, _ := slices.BinarySearch(keys, own)
		return people.Reach{Keys: slices.Insert(slices.Clone(keys), at, own)}
	}
}
