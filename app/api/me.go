package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// Limits are what an installation takes; zero means no limit.
type Limits struct {
	// MaxUpload and Quota are bytes: of one recording, and of all of one person's.
	MaxUpload, Quota int64
	// MaxTake is how long one recording may be.
	MaxTake time.Duration
}

type limitsDTO struct {
	MaxUploadBytes int64 `json:"max_upload_bytes" doc:"Largest recording; 0: no limit."`
	MaxTakeMS      int64 `json:"max_take_ms" doc:"Longest recording; 0: no limit."`
	QuotaBytes     int64 `json:"quota_bytes" doc:"What one person's recordings may take; 0: no limit."`
}

type myTeamDTO struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Seat string `json:"seat" enum:"member,manager"`
}

type meDTO struct {
	Person       personDTO   `json:"person"`
	Roles        []string    `json:"roles" enum:"rep,manager,trainer,admin"`
	TimeZone     string      `json:"time_zone"`
	Teams        []myTeamDTO `json:"teams" doc:"Teams in which one has a seat oneself; in both seats of one: twice."`
	TeamIDs      []string    `json:"team_ids" doc:"Teams one is a member of."`
	ManagedTeams []string    `json:"managed_team_ids" doc:"Teams one manages, with all teams below."`
	Manages      bool        `json:"manages" doc:"One manages at least one team."`
	PublicURL    string      `json:"public_url" doc:"The address people use, for links that are sent on; empty where it is not set."`
	Limits       limitsDTO   `json:"limits"`
	Setup        struct {
		SpeechModel bool `json:"speech_model" doc:"Transcripts can be made here."`
		MediaTools  bool `json:"media_tools" doc:"Videos can be made playable here."`
	} `json:"setup" doc:"What this installation can do."`
	Demo    bool   `json:"demo" doc:"This is the made-up company."`
	Version string `json:"version"`
}

type openSessionDTO struct {
	ID         string    `json:"id"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	UserAgent  string    `json:"user_agent" doc:"What the browser called itself at sign-in."`
	IP         string    `json:"ip,omitempty" doc:"Where it signed in from."`
	Current    bool      `json:"current"`
}

func openSessionOf(o people.OpenSession) openSessionDTO {
	return openSessionDTO{ID: o.ID, CreatedAt: o.CreatedAt, LastSeenAt: o.LastSeenAt, UserAgent: o.UserAgent, IP: o.Address, Current: o.Current}
}

func (s *Server) meRoutes() {
	route(s, op{method: "GET", path: "/api/v1/me", tag: "sessions", summary: "Who one is, and what a client needs to begin"}, s.me)
	type passwordRequest struct {
		Body struct {
			Old string `json:"old_password" maxLength:"256"`
			New string `json:"new_password" maxLength:"256"`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/me/password", tag: "sessions", summary: "Change one's password; ends all one's sessions and tokens", status: http.StatusNoContent, codes: "password_wrong, password_short"},
		func(ctx context.Context, a people.Actor, in *passwordRequest) (*nothing, error) {
			return nil, s.People.ChangeOwnPassword(ctx, a, in.Body.Old, in.Body.New)
		})
	route(s, op{method: "GET", path: "/api/v1/me/sessions", tag: "sessions", summary: "One's own sessions, the one last used first"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[page[openSessionDTO]], error) {
			ss, err := s.People.ListSessions(ctx, a)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ss, len(ss), nil, openSessionOf)), nil
		})
	route(s, op{method: "DELETE", path: "/api/v1/me/sessions/{id}", tag: "sessions", summary: "End one of one's own sessions", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.EndSession(ctx, a, in.ID)
		})
	route(s, op{method: "DELETE", path: "/api/v1/me/sessions", tag: "sessions", summary: "End all one's sessions but the one that was sent", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, _ *nothing) (*nothing, error) {
			return nil, s.People.EndOtherSessions(ctx, a)
		})
	route(s, op{method: "GET", path: "/api/v1/me/following", tag: "people", summary: "Colleagues one follows"},
		func(ctx context.Context, a people.Actor, in *Paging) (*body[page[personDTO]], error) {
			ps, err := s.People.ListFollowing(ctx, a, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ps, in.Limit, func(p people.Person) string { return p.ID }, personOf)), nil
		})
	route(s, op{method: "PUT", path: "/api/v1/people/{id}/follow", tag: "people", summary: "Follow a colleague: their new videos are shown first", status: http.StatusNoContent, codes: "follow_self"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.Follow(ctx, a, in.ID)
		})
	route(s, op{method: "DELETE", path: "/api/v1/people/{id}/follow", tag: "people", summary: "Follow a colleague no more", status: http.StatusNoContent, codes: "follow_self"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.Unfollow(ctx, a, in.ID)
		})
	route(s, op{method: "DELETE", path: "/api/v1/people/{id}/sessions", tag: "people", summary: "End all sessions and tokens of a person (admin)", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.SignOutPerson(ctx, a, in.ID)
		})
}

func (s *Server) me(ctx context.Context, a people.Actor, _ *nothing) (*body[meDTO], error) {
	p, err := s.People.PersonByID(ctx, a, a.PersonID)
	if err != nil {
		return nil, err
	}
	d := meDTO{Person: personOf(p), Roles: roleNames(p.Roles), TimeZone: p.TimeZone, Teams: []myTeamDTO{}, TeamIDs: list(a.Reach.MemberOf), ManagedTeams: list(a.Reach.ManagedTeams),
		Manages: len(a.Reach.ManagedTeams) > 0, PublicURL: s.PublicURL, Version: s.Version, Demo: len(s.Demo) > 0,
		Limits: limitsDTO{MaxUploadBytes: s.Limits.MaxUpload, MaxTakeMS: s.Limits.MaxTake.Milliseconds(), QuotaBytes: s.Limits.Quota}}
	for _, t := range a.Reach.Seats {
		d.Teams = append(d.Teams, myTeamDTO{t.TeamID, t.Team, seatName(t.Seat)})
	}
	d.Setup.SpeechModel, d.Setup.MediaTools = s.Abilities()
	return answer(d), nil
}
