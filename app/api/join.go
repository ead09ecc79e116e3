package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// DemoSignIn is a made-up person of a demo company, with the password that everybody may know.
type DemoSignIn struct {
	Name     string `json:"name"`
	Role     string `json:"role" doc:"What to see with it, such as rep, manager or trainer."`
	Email    string `json:"email"`
	Password string `json:"password"`
}

type setupDTO struct {
	Needed bool         `json:"needed" doc:"Nobody has an account yet: the first admin is made with the one-time code that the server printed."`
	Demo   []DemoSignIn `json:"demo" doc:"Sign-ins of the demo company; empty on every real installation."`
}

type invitationDTO struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	Roles      []string   `json:"roles" enum:"rep,manager,trainer,admin"`
	TeamID     string     `json:"team_id,omitempty"`
	Team       string     `json:"team,omitempty" doc:"The team's name."`
	Seat       string     `json:"seat,omitempty" enum:"member,manager"`
	State      string     `json:"state" enum:"open,accepted,expired,revoked"`
	InvitedBy  *authorDTO `json:"invited_by,omitempty"`
	PersonID   string     `json:"person_id,omitempty" doc:"Who came by it, once accepted."`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	AcceptedAt *time.Time `json:"accepted_at,omitempty"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
	Link       string     `json:"link,omitempty" doc:"The path to send them, such as /join/…; shown once, when it is made or renewed."`
	Token      string     `json:"token,omitempty" doc:"The secret in the link; shown once."`
}

func invitationOf(l people.Link) invitationDTO {
	d := invitationDTO{ID: l.ID, Name: l.Name, Email: l.Email, Roles: roleNames(l.Roles), TeamID: l.TeamID, Team: l.Team, State: string(l.State), PersonID: l.PersonID,
		CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt, AcceptedAt: l.UsedAt, RevokedAt: l.RevokedAt}
	if l.TeamID != "" {
		d.Seat = seatName(l.Seat)
	}
	if l.MadeBy != "" {
		d.InvitedBy = &authorDTO{l.MadeBy, l.MadeByName}
	}
	return d
}

// freshInvitation is an invitation with its secret.
func freshInvitation(l people.Link, token string, err error) (*body[invitationDTO], error) {
	if err != nil {
		return nil, err
	}
	d := invitationOf(l)
	d.Link, d.Token = joinPath(token), token
	return answer(d), nil
}

// joinPath is the page of the web client where a link is used.
func joinPath(token string) string { return "/join/" + token }

func seatName(s people.Seat) string {
	if s == people.AsManager {
		return "manager"
	}
	return "member"
}

func seatOf(name string) people.Seat {
	switch name {
	case "manager":
		return people.AsManager
	case "member":
		return people.AsMember
	}
	return people.Seat(name)
}

func roleNames(in []people.Role) []string {
	out := make([]string, len(in))
	for i, r := range in {
		out[i] = string(r)
	}
	return out
}

type welcomeDTO struct {
	Kind      string    `json:"kind" enum:"invitation,reset" doc:"invitation makes an account, reset sets a new password."`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	InvitedBy string    `json:"invited_by,omitempty" doc:"Name of the admin who made the link."`
	Team      string    `json:"team,omitempty" doc:"Name of the team that an invitation leads into."`
	ExpiresAt time.Time `json:"expires_at"`
}

type resetDTO struct {
	ID        string    `json:"id"`
	Link      string    `json:"link" doc:"The path to send them; shown this once."`
	Token     string    `json:"token" doc:"The secret in the link; shown this once."`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) joinRoutes() {
	route(s, op{method: "GET", path: "/api/v1/setup", tag: "sessions", summary: "Whether the first admin is still to be made, and the sign-ins of a demo company", public: true},
		func(ctx context.Context, _ people.Actor, _ *nothing) (*body[setupDTO], error) {
			needed, err := s.People.SetupNeeded(ctx)
			if err != nil {
				return nil, err
			}
			return answer(setupDTO{Needed: needed, Demo: list(s.Demo)}), nil
		})
	s.invitationRoutes()
	type lookUpRequest struct {
		Body struct {
			Token string `json:"token" maxLength:"200"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/invitations/lookup", tag: "sessions", summary: "What a link is for, told to who holds it", public: true, codes: "invitation_unknown, too_many_tries"},
		func(ctx context.Context, _ people.Actor, in *lookUpRequest) (*body[welcomeDTO], error) {
			r, _ := ctx.Value(requestKey).(*http.Request)
			w, err := s.People.LookUpLink(ctx, in.Body.Token, s.address(r))
			if err != nil {
				return nil, err
			}
			return answer(welcomeDTO{Kind: string(w.Kind), Name: w.Name, Email: w.Email, InvitedBy: w.InvitedBy, Team: w.Team, ExpiresAt: w.ExpiresAt}), nil
		})
	type acceptRequest struct {
		Body struct {
			Token    string `json:"token" maxLength:"200"`
			Name     string `json:"name,omitempty" maxLength:"200" doc:"Left out, the name that was invited; of no use for a reset."`
			Password string `json:"password" maxLength:"256"`
			TimeZone string `json:"time_zone,omitempty" maxLength:"64" example:"Europe/Berlin"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/invitations/accept", tag: "sessions", summary: "Use a link: make the account, or set the new password, and sign in", public: true, status: http.StatusCreated,
		codes: "invitation_unknown, password_short, email_taken, too_many_tries"},
		func(ctx context.Context, _ people.Actor, in *acceptRequest) (*sessionAnswer, error) {
			r, _ := ctx.Value(requestKey).(*http.Request)
			ses, err := s.People.AcceptLink(ctx, people.Acceptance{Token: in.Body.Token, Name: in.Body.Name, Password: in.Body.Password, TimeZone: in.Body.TimeZone,
				Address: s.address(r), UserAgent: r.UserAgent()})
			return s.signedIn(r, ses, err)
		})
	route(s, op{method: "POST", path: "/api/v1/people/{id}/reset", tag: "people", summary: "Make a one-time link with which a person sets a new password (admin)", status: http.StatusCreated, codes: "person_inactive"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[resetDTO], error) {
			l, token, err := s.People.ResetPassword(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(resetDTO{ID: l.ID, Link: joinPath(token), Token: token, ExpiresAt: l.ExpiresAt}), nil
		})
}

func (s *Server) invitationRoutes() {
	type inviteRequest struct {
		Body struct {
			Name   string   `json:"name" maxLength:"200"`
			Email  string   `json:"email" maxLength:"254"`
			Roles  []string `json:"roles" enum:"rep,manager,trainer,admin" minItems:"1"`
			TeamID string   `json:"team_id,omitempty" maxLength:"36"`
			Seat   string   `json:"seat,omitempty" enum:"member,manager" doc:"Left out with a team: member."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/invitations", tag: "people", summary: "Invite somebody by a link that works once, for 7 days (admin)", status: http.StatusCreated,
		codes: "email_taken, invitation_open, email_invalid, team_not_found"},
		func(ctx context.Context, a people.Actor, in *inviteRequest) (*body[invitationDTO], error) {
			return freshInvitation(s.People.Invite(ctx, a, people.NewInvitation{Name: in.Body.Name, Email: in.Body.Email, Roles: rolesOf(in.Body.Roles),
				TeamID: in.Body.TeamID, Seat: seatOf(in.Body.Seat)}))
		})
	type listRequest struct {
		Paging
		State string `query:"state" enum:"open,accepted,expired,revoked"`
	}
	route(s, op{method: "GET", path: "/api/v1/invitations", tag: "people", summary: "Invitations, newest first (admin)"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[invitationDTO]], error) {
			ls, err := s.People.ListInvitations(ctx, a, people.LinkState(in.State), in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ls, in.Limit, func(l people.Link) string { return l.ID }, invitationOf)), nil
		})
	route(s, op{method: "DELETE", path: "/api/v1/invitations/{id}", tag: "people", summary: "Revoke an invitation (admin)", status: http.StatusNoContent, codes: "invitation_accepted"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.RevokeInvitation(ctx, a, in.ID)
		})
	route(s, op{method: "POST", path: "/api/v1/invitations/{id}/renew", tag: "people", summary: "Give an invitation a new link and a new term; the old link dies (admin)", codes: "invitation_accepted, invitation_open, email_taken"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[invitationDTO], error) {
			return freshInvitation(s.People.RenewInvitation(ctx, a, in.ID))
		})
}

// signedIn answers with a session just begun.
func (s *Server) signedIn(r *http.Request, ses people.Session, err error) (*sessionAnswer, error) {
	if err != nil {
		return nil, err
	}
	out := &sessionAnswer{SetCookie: s.sessionCookie(r, ses.Secret, ses.ExpiresAt).String()}
	out.Body.Person, out.Body.ExpiresAt = personOf(ses.Person), ses.ExpiresAt
	return out, nil
}
