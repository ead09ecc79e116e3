package api

import (
	"cmp"
	"context"

	"github.com/fieldreel/fieldreel/app/insight"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// doneDTO counts what colleagues did with a video.
type doneDTO struct {
	Saw    *int `json:"saw,omitempty" doc:"Distinct colleagues who viewed the video, without its author and the author's line. Absent where fewer than 3 would point at a person."`
	Shared *int `json:"shared,omitempty" doc:"Who shared it or a moment of it."`
	Saved  *int `json:"saved,omitempty" doc:"Who keep it or a moment of it."`
	Used   *int `json:"used,omitempty" doc:"Who said that they used it with a customer."`
}

func doneOf(d insight.Done) doneDTO { return doneDTO(d) }

// mayDTO says what one may do with a video, so that a screen shows no button that would be refused.
type mayDTO struct {
	Edit       bool `json:"edit" doc:"Title, description, audience, deletion, restoring, trying again."`
	Curate     bool `json:"curate" doc:"Tactics, situation, tags, the words of the transcript."`
	Note       bool `json:"note"`
	Share      bool `json:"share" doc:"Also save it and say that one used it."`
	SeeViewers bool `json:"see_viewers" doc:"Who watched it, by name."`
	Original   bool `json:"original" doc:"The recording as it was sent."`
}

// VideoBody is videoDTO under a name that is exported: huma passes over other structs that are embedded.
type VideoBody = videoDTO

// watchDTO is a video with all that its screen shows first.
type watchDTO struct {
	VideoBody
	TacticNames []string    `json:"tactic_names" doc:"The names of tactics, in their order."`
	Progress    progressDTO `json:"progress"`
	Saves       []saveDTO   `json:"saves" doc:"The moments of it that one keeps."`
	May         mayDTO      `json:"may"`
	Done        doneDTO     `json:"done"`
}

// watchAnswer answers with one video and what stands between it and the actor.
func (s *Server) standingAnswer(ctx context.Context, a people.Actor, v video.Video) (*body[watchDTO], error) {
	plain, err := s.videoAnswer(ctx, a, v, nil)
	if err != nil {
		return nil, err
	}
	st, err := s.Insights.StandingOf(ctx, a, v)
	if err != nil {
		return nil, err
	}
	d := watchDTO{VideoBody: plain.Body, TacticNames: []string{}, Progress: progressDTO(st.Progress), Saves: []saveDTO{}, Done: doneOf(st.Done)}
	for _, k := range st.Saves {
		d.Saves = append(d.Saves, saveOf(k))
	}
	may := func(action video.Action) bool { return video.Can(a, action, v) }
	d.May = mayDTO{Edit: may(video.Edit), Curate: may(video.Curate), Note: may(video.Note), Share: may(video.View), SeeViewers: st.SeesViewers, Original: may(video.Download) && v.Media.Original}
	if d.TacticNames, err = s.tacticNames(ctx, v.Tactics); err != nil {
		return nil, err
	}
	return answer(d), nil
}

// stretch is a moment of a video.
type stretch struct {
	video      string
	start, end int64
}

// savesIn gives the ids of one's own saves in some videos.
func (s *Server) savesIn(ctx context.Context, a people.Actor, videoIDs ...string) (map[stretch]string, error) {
	saves, err := s.Insights.SavesIn(ctx, a, videoIDs)
	out := make(map[stretch]string, len(saves))
	for _, k := range saves {
		out[stretch{k.VideoID, k.StartMS, k.EndMS}] = k.ID
	}
	return out, err
}

// tacticNames gives the names of tactics by their keys, in their order.
func (s *Server) tacticNames(ctx context.Context, keys []string) ([]string, error) {
	names, err := s.Words.Names(ctx, vocabulary.Tactic, keys)
	return namesOf(keys, names), err
}

func namesOf(keys []string, names map[string]string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = cmp.Or(names[key], key)
	}
	return out
}

// momentsOf gives the moments of a video with what a list of them shows.
func (s *Server) momentsOf(ctx context.Context, a people.Actor, id string) ([]momentDTO, error) {
	ms, err := s.Videos.MomentsOf(ctx, a, id)
	if err != nil {
		return nil, err
	}
	saves, err := s.savesIn(ctx, a, id)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, m := range ms {
		keys = append(keys, m.Tactics...)
	}
	names, err := s.Words.Names(ctx, vocabulary.Tactic, unique(keys))
	if err != nil {
		return nil, err
	}
	out := make([]momentDTO, len(ms))
	for i, m := range ms {
		out[i] = momentDTO{m.StartMS, m.EndMS, m.Text, list(m.Tactics), namesOf(m.Tactics, names), saves[stretch{id, m.StartMS, m.EndMS}]}
	}
	return out, nil
}
