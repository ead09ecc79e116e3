package api

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
)

// videosOn gives the videos that the items of a list are about, by id, as far as the actor may see them now, and the
// names of their authors and of the persons.
func (s *Server) videosOn(ctx context.Context, a people.Actor, ids, persons []string) (map[string]*videoDTO, map[string]string, error) {
	found, err := s.Videos.Visible(ctx, a, unique(ids))
	if err != nil {
		return nil, nil, err
	}
	for _, v := range found {
		persons = append(persons, v.AuthorID)
	}
	names, err := s.names(ctx, persons)
	if err != nil {
		return nil, nil, err
	}
	videos := make(map[string]*videoDTO, len(found))
	for id, v := range found {
		d := s.videoDTO(a, v, names)
		videos[id] = &d
	}
	return videos, names, nil
}

// withVideos puts to each item of a page the video that it is about.
func withVideos[T any](ctx context.Context, s *Server, a people.Actor, d page[T], id func(T) string, put func(*T, *videoDTO)) (*body[page[T]], error) {
	ids := make([]string, len(d.Items))
	for i, item := range d.Items {
		ids[i] = id(item)
	}
	videos, _, err := s.videosOn(ctx, a, ids, nil)
	if err != nil {
		return nil, err
	}
	for i, item := range d.Items {
		put(&d.Items[i], videos[id(item)])
	}
	return answer(d), nil
}

// sharesAnswer answers with shares, their videos, and who sent them to whom.
func (s *Server) sharesAnswer(ctx context.Context, a people.Actor, d page[shareDTO]) (*body[page[shareDTO]], error) {
	var ids, persons []string
	toTeam := false
	for _, x := range d.Items {
		ids, persons = append(ids, x.VideoID), append(persons, x.PersonID)
		if x.ToPersonID != nil {
			persons = append(persons, *x.ToPersonID)
		}
		toTeam = toTeam || x.ToTeamID != nil
	}
	videos, names, err := s.videosOn(ctx, a, ids, persons)
	if err != nil {
		return nil, err
	}
	if toTeam {
		teams, err := s.People.ListTeams(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, t := range teams {
			names[t.ID] = t.Name
		}
	}
	for i := range d.Items {
		x := &d.Items[i]
		x.Video, x.From = videos[x.VideoID], names[x.PersonID]
		if x.ToPersonID != nil {
			x.To = names[*x.ToPersonID]
		} else if x.ToTeamID != nil {
			x.To = names[*x.ToTeamID]
		}
	}
	return answer(d), nil
}
