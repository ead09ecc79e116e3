package video

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
)

// Now gives videos as they stand, deleted ones too, for whomever: whoever passes them on asks Concerns
// for each person.
func (s *Service) Now(ctx context.Context, ids []string) ([]Video, error) {
	return loadAll(s.db.Read(ctx), ids)
}

// Concerns says whether the actor is told of changes of the video, whose Keys must be loaded: whoever may
// see it, and its author also when it is deleted.
func Concerns(a people.Actor, v Video) bool {
	return Can(a, View, v) || (v.DeletedAt != nil && Can(a, Edit, v))
}
