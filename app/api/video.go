package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/speech"
)

type situationDTO struct {
	Text       string `json:"text,omitempty" maxLength:"1000" doc:"What the rep faced, in their words."`
	Stage      string `json:"stage,omitempty" maxLength:"120" example:"negotiation"`
	Industry   string `json:"industry,omitempty" maxLength:"120"`
	Persona    string `json:"persona,omitempty" maxLength:"120" example:"cfo"`
	Competitor string `json:"competitor,omitempty" maxLength:"120"`
	Product    string `json:"product,omitempty" maxLength:"120"`
	Objection  string `json:"objection,omitempty" maxLength:"120" example:"price"`
}

type mediaDTO struct {
	Progressive string `json:"progressive,omitempty" doc:"MP4 that plays while it arrives."`
	HLS         string `json:"hls,omitempty" doc:"Master playlist of the renditions."`
	Poster      string `json:"poster,omitempty"`
	Storyboard  string `json:"storyboard,omitempty" doc:"WebVTT naming the tiles of one sheet."`
	Captions    string `json:"captions,omitempty" doc:"WebVTT."`
	// ExpiresAt is when the addresses stop working; ask for the video again.
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When these addresses stop working. Get the video again for fresh ones."`
}

type authorDTO struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type videoDTO struct {
	ID              string       `json:"id"`
	Title           string       `json:"title"`
	Description     string       `json:"description"`
	Author          authorDTO    `json:"author"`
	State           string       `json:"state" enum:"processing,playable,ready,failed"`
	Failure         string       `json:"failure,omitempty" doc:"Why it cannot be played, in words."`
	FailureCode     string       `json:"failure_code,omitempty"`
	MediaNote       string       `json:"media_note,omitempty" doc:"What of the media is missing and why, in words. POST retry tries again."`
	TranscriptState string       `json:"transcript_state" enum:"none,waiting,ready,no_model,no_sound,failed"`
	TranscriptNote  string       `json:"transcript_note,omitempty" doc:"Why there is no transcript, in words."`
	DurationMS      int64        `json:"duration_ms"`
	Width           int          `json:"width"`
	Height          int          `json:"height"`
	LoudnessLUFS    *float64     `json:"loudness_lufs,omitempty" doc:"Integrated loudness of the recording (EBU R 128)."`
	Audience        string       `json:"audience" enum:"private,line,team,teams,everyone"`
	TeamIDs         []string     `json:"team_ids"`
	Tactics         []string     `json:"tactics" doc:"Keys of the vocabulary."`
	Situation       situationDTO `json:"situation"`
	Tags            []string     `json:"tags"`
	CompleteShare   int          `json:"complete_share" doc:"Percent of the video that counts as completed."`
	Media           mediaDTO     `json:"media"`
	Size            int64        `json:"size"`
	SHA256          string       `json:"sha256"`
	Mine            bool         `json:"mine"`
	Kind            string       `json:"kind" doc:"take, or practice, attempt or reply: what nobody finds by searching; else the sender's own word."`
	ForID           string       `json:"for_id,omitempty" doc:"What it was recorded for: an enrolment, an assigned practice or a review."`
	PublishedAt     *time.Time   `json:"published_at,omitempty"`
	CreatedAt       time.Time    `json:"created_at"`
	UpdatedAt       time.Time    `json:"updated_at"`
	DeletedAt       *time.Time   `json:"deleted_at,omitempty"`
}

func (s *Server) videoDTO(a people.Actor, v video.Video, names map[string]string) videoDTO {
	forID := ""
	if v.ForID != nil {
		forID = *v.ForID
	}
	return videoDTO{
		Kind: v.Kind, ForID: forID,
		ID: v.ID, Title: v.Title, Description: v.Description, Author: authorDTO{v.AuthorID, names[v.AuthorID]}, State: string(v.State), Failure: v.Failure, FailureCode: v.FailureCode,
		MediaNote: v.MediaNote, TranscriptState: string(v.Transcript), TranscriptNote: v.TranscriptNote, DurationMS: v.DurationMS, Width: v.Width, Height: v.Height,
		LoudnessLUFS: v.LoudnessLUFS, Audience: string(v.Audience), TeamIDs: list(v.TeamIDs), Tactics: list(v.Tactics), Situation: situationDTO(v.Situation), Tags: list(v.Tags),
		CompleteShare: v.CompleteShare, Media: s.mediaOf(a, v), Size: v.Size, SHA256: v.SHA256, Mine: v.AuthorID == a.PersonID,
		PublishedAt: v.PublishedAt, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, DeletedAt: v.DeletedAt,
	}
}

// videoAnswer answers with one video.
func (s *Server) videoAnswer(ctx context.Context, a people.Actor, v video.Video, err error) (*body[videoDTO], error) {
	if err != nil {
		return nil, err
	}
	names, err := s.People.Names(ctx, []string{v.AuthorID})
	if err != nil {
		return nil, err
	}
	return answer(s.videoDTO(a, v, names)), nil
}

func (s *Server) videoRoutes() {
	type listRequest struct {
		Paging
		Author  string `query:"author" maxLength:"36" doc:"An id, or me."`
		Tactic  string `query:"tactic" maxLength:"120"`
		State   string `query:"state" enum:"processing,playable,ready,failed"`
		Deleted bool   `query:"deleted" doc:"One's own deleted videos, which can still be brought back."`

		Mine     bool   `query:"mine" doc:"One's own."`
		Followed bool   `query:"followed" doc:"By colleagues one follows."`
		Reports  bool   `query:"reports" doc:"By people in teams one manages, and in teams below."`
		Team     string `query:"team" maxLength:"36" doc:"By people of this team and of teams below it."`
		Query    string `query:"q" maxLength:"200" doc:"Text that the title contains."`
		Kind     string `query:"kind" maxLength:"40" doc:"Videos of this kind. Practices are listed by kind=practice alone, and to who made them."`
		For      string `query:"for" maxLength:"36" doc:"What was recorded for this enrolment, assigned practice or review."`
	}
	route(s, op{method: "GET", path: "/api/v1/videos", tag: "videos", summary: "Videos one may see, newest first; filters narrow together", codes: "team_not_found"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[videoDTO]], error) {
			f := video.Filter{AuthorID: in.Author, Tactic: in.Tactic, State: video.State(in.State), Deleted: in.Deleted, Before: in.Cursor, Limit: in.Limit + 1,
				Mine: in.Mine, Followed: in.Followed, Reports: in.Reports, Team: in.Team, Title: in.Query, Kind: in.Kind, ForID: in.For}
			if f.AuthorID == "me" {
				f.AuthorID = a.PersonID
			}
			vs, err := s.Videos.List(ctx, a, f)
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(vs))
			for i, v := range vs {
				ids[i] = v.AuthorID
			}
			names, err := s.People.Names(ctx, ids)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(vs, in.Limit, func(v video.Video) string { return v.ID }, func(v video.Video) videoDTO { return s.videoDTO(a, v, names) })), nil
		})
	route(s, op{method: "GET", path: "/api/v1/videos/{id}", tag: "videos", summary: "One video, with addresses to play it and all that its screen shows first"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[watchDTO], error) {
			v, err := s.Videos.Get(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return s.standingAnswer(ctx, a, v)
		})
	type changeVideoRequest struct {
		IDPath
		Body struct {
			Title         *string       `json:"title,omitempty" maxLength:"200"`
			Description   *string       `json:"description,omitempty" maxLength:"5000"`
			Audience      *string       `json:"audience,omitempty" enum:"private,line,team,teams,everyone"`
			TeamIDs       *[]string     `json:"team_ids,omitempty" maxItems:"50"`
			Tactics       *[]string     `json:"tactics,omitempty" maxItems:"10" doc:"Keys or labels of the vocabulary."`
			Situation     *situationDTO `json:"situation,omitempty"`
			Tags          *[]string     `json:"tags,omitempty" maxItems:"20"`
			CompleteShare *int          `json:"complete_share,omitempty" minimum:"70" maximum:"100"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/videos/{id}", tag: "videos", summary: "Change a video: its author everything; a trainer tactics, situation and tags", codes: "tactic_unknown, team_not_found, audience_unknown"},
		func(ctx context.Context, a people.Actor, in *changeVideoRequest) (*body[videoDTO], error) {
			c := video.Change{Title: in.Body.Title, Description: in.Body.Description, TeamIDs: in.Body.TeamIDs, Tactics: in.Body.Tactics, Tags: in.Body.Tags, CompleteShare: in.Body.CompleteShare}
			if in.Body.Audience != nil {
				audience := people.Audience(*in.Body.Audience)
				c.Audience = &audience
			}
			if in.Body.Situation != nil {
				sit := video.Situation(*in.Body.Situation)
				c.Situation = &sit
			}
			v, err := s.Videos.Change(ctx, a, in.ID, c)
			return s.videoAnswer(ctx, a, v, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/videos/{id}", tag: "videos", summary: "Delete a video: hidden at once, gone after 14 days", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Videos.Delete(ctx, a, in.ID)
		})
	route(s, op{method: "POST", path: "/api/v1/videos/{id}/restore", tag: "videos", summary: "Bring back a deleted video"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[videoDTO], error) {
			v, err := s.Videos.Restore(ctx, a, in.ID)
			return s.videoAnswer(ctx, a, v, err)
		})
	route(s, op{method: "POST", path: "/api/v1/videos/{id}/retry", tag: "videos", summary: "Try again what failed", status: http.StatusAccepted, codes: "nothing_failed, original_missing"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[videoDTO], error) {
			v, err := s.Videos.Retry(ctx, a, in.ID)
			return s.videoAnswer(ctx, a, v, err)
		})
	s.transcriptRoutes()
	s.noteRoutes()
}

type wordDTO struct {
	Text       string  `json:"text" maxLength:"200"`
	StartMS    int64   `json:"start_ms"`
	EndMS      int64   `json:"end_ms"`
	Confidence float64 `json:"confidence,omitempty" minimum:"0" maximum:"1"`
	Unsure     bool    `json:"unsure,omitempty" readOnly:"true" doc:"The engine was not sure of this word: mark it on the screen."`
}

type segmentDTO struct {
	StartMS int64     `json:"start_ms"`
	EndMS   int64     `json:"end_ms"`
	Text    string    `json:"text" maxLength:"2000"`
	Words   []wordDTO `json:"words,omitempty" doc:"Left out in a correction, the words get their times spread over the segment."`
}

type transcriptDTO struct {
	VideoID   string       `json:"video_id"`
	Language  string       `json:"language"`
	Engine    string       `json:"engine"`
	Source    string       `json:"source" enum:"speech,captions,edited"`
	Version   int64        `json:"version"`
	UpdatedAt time.Time    `json:"updated_at"`
	Segments  []segmentDTO `json:"segments"`
}

func transcriptOf(t video.Transcript) transcriptDTO {
	d := transcriptDTO{VideoID: t.VideoID, Language: t.Language, Engine: t.Engine, Source: string(t.Source), Version: t.Version, UpdatedAt: t.UpdatedAt, Segments: []segmentDTO{}}
	for _, seg := range t.Segments {
		sd := segmentDTO{StartMS: seg.StartMS, EndMS: seg.EndMS, Text: seg.Text}
		for _, w := range seg.Words {
			sd.Words = append(sd.Words, wordDTO{w.Text, w.StartMS, w.EndMS, w.Confidence, t.Source == video.FromSpeech && w.Confidence < speech.LowConfidence})
		}
		d.Segments = append(d.Segments, sd)
	}
	return d
}

type momentDTO struct {
	StartMS int64    `json:"start_ms"`
	EndMS   int64    `json:"end_ms"`
	Text    string   `json:"text"`
	Tactics []string `json:"tactics" doc:"Keys of those that are said in it."`
	// TacticNames stand beside Tactics.
	TacticNames []string `json:"tactic_names" doc:"The names of tactics, in their order."`
	SaveID      string   `json:"save_id,omitempty" doc:"One's own save of this moment; absent where one does not keep it."`
}

func (s *Server) transcriptRoutes() {
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/transcript", tag: "videos", summary: "What is said, with the time of every word"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[transcriptDTO], error) {
			t, err := s.Videos.TranscriptOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(transcriptOf(t)), nil
		})
	type correctTranscriptRequest struct {
		IDPath
		Body struct {
			Language string       `json:"language,omitempty" maxLength:"35"`
			Version  *int64       `json:"version,omitempty" doc:"The version this correction was made from: refused when somebody was faster."`
			Segments []segmentDTO `json:"segments" maxItems:"20000"`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/videos/{id}/transcript", tag: "videos", summary: "Correct the transcript", maxBody: 16 << 20, codes: "transcript_changed, time_outside"},
		func(ctx context.Context, a people.Actor, in *correctTranscriptRequest) (*body[transcriptDTO], error) {
			c := video.Correction{Language: in.Body.Language, BaseVersion: in.Body.Version}
			for _, seg := range in.Body.Segments {
				sg := speech.Segment{StartMS: seg.StartMS, EndMS: seg.EndMS, Text: seg.Text}
				for _, w := range seg.Words {
					sg.Words = append(sg.Words, speech.Word{Text: w.Text, StartMS: w.StartMS, EndMS: w.EndMS, Confidence: w.Confidence})
				}
				c.Segments = append(c.Segments, sg)
			}
			t, err := s.Videos.Correct(ctx, a, in.ID, c)
			if err != nil {
				return nil, err
			}
			return answer(transcriptOf(t)), nil
		})
	type captionsRequest struct {
		IDPath
		RawBody []byte `contentType:"text/vtt" doc:"A WebVTT or SRT file."`
	}
	route(s, op{method: "PUT", path: "/api/v1/videos/{id}/captions", tag: "videos", summary: "Use the cues of a WebVTT or SRT file as the transcript", maxBody: 4 << 20, codes: "captions_malformed, captions_too_large, captions_encoding, captions_outside"},
		func(ctx context.Context, a people.Actor, in *captionsRequest) (*body[transcriptDTO], error) {
			t, err := s.Videos.SetCaptions(ctx, a, in.ID, in.RawBody)
			if err != nil {
				return nil, err
			}
			return answer(transcriptOf(t)), nil
		})
	type captions struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/captions", tag: "videos", summary: "The transcript as WebVTT"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*captions, error) {
			var b bytes.Buffer
			if err := s.Videos.Captions(ctx, a, in.ID, &b); err != nil {
				return nil, err
			}
			return &captions{"text/vtt; charset=utf-8", b.Bytes()}, nil
		})
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/moments", tag: "videos", summary: "The moments a video is searched by"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[momentDTO]], error) {
			ms, err := s.momentsOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ms, len(ms), nil, func(m momentDTO) momentDTO { return m })), nil
		})
	type suggestionDTO struct {
		Kind    string   `json:"kind"`
		Key     string   `json:"key"`
		Label   string   `json:"label"`
		Phrases []string `json:"phrases" doc:"What in the video points to it."`
	}
	route(s, op{method: "GET", path: "/api/v1/videos/{id}/suggestions", tag: "videos", summary: "Tactics and facets that the words of the video point to"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[page[suggestionDTO]], error) {
			found, err := s.Videos.Suggestions(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(found, len(found), nil, func(g vocabulary.Suggestion) suggestionDTO {
				return suggestionDTO{string(g.Term.Kind), g.Term.Key, g.Term.Label, g.Phrases}
			})), nil
		})
}
