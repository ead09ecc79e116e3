package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

type personDTO struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Email     string     `json:"email,omitempty" doc:"Only for oneself, managers, trainers and admins."`
	Roles     []string   `json:"roles,omitempty" enum:"rep,manager,trainer,admin"`
	TimeZone  string     `json:"time_zone,omitempty" example:"Europe/Berlin"`
	Active    bool       `json:"active"`
	Following bool       `json:"following" doc:"One follows them."`
	CreatedAt *time.Time `json:"created_at,omitempty"`
}

func personOf(p people.Person) personDTO {
	d := personDTO{ID: p.ID, Name: p.Name, Email: p.Email, TimeZone: p.TimeZone, Active: p.Active, Following: p.Following, CreatedAt: &p.CreatedAt}
	for _, r := range p.Roles {
		d.Roles = append(d.Roles, string(r))
	}
	return d
}

func rolesOf(in []string) []people.Role {
	out := make([]people.Role, len(in))
	for i, r := range in {
		out[i] = people.Role(r)
	}
	return out
}

type signInRequest struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"256"`
	}
}

type sessionAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		Person    personDTO `json:"person"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

type newPersonBody struct {
	Email    string   `json:"email" maxLength:"254"`
	Name     string   `json:"name" maxLength:"200"`
	Roles    []string `json:"roles" enum:"rep,manager,trainer,admin" minItems:"1"`
	TimeZone string   `json:"time_zone,omitempty" maxLength:"64"`
	Password string   `json:"password,omitempty" maxLength:"256" doc:"Without one they cannot sign in until one is set."`
}

// IDPath names a thing by its id. It is exported, like all structs that inputs embed, because huma passes over others.
type IDPath struct {
	ID string `path:"id" format:"uuid"`
}

type tokenDTO struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	Secret     string     `json:"secret,omitempty" doc:"Shown once, when the token is made."`
}

func tokenOf(t people.Token) tokenDTO {
	return tokenDTO{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt, LastUsedAt: t.LastUsedAt, ExpiresAt: t.ExpiresAt}
}

type nothing struct{}

func (s *Server) peopleRoutes() {
	route(s, op{method: "POST", path: "/api/v1/sessions", tag: "sessions", summary: "Sign in", public: true, status: http.StatusCreated, codes: "sign_in_failed, too_many_tries"},
		func(ctx context.Context, _ people.Actor, in *signInRequest) (*sessionAnswer, error) {
			r, _ := ctx.Value(requestKey).(*http.Request)
			ses, err := s.People.SignIn(ctx, people.SignIn{Email: in.Body.Email, Password: in.Body.Password, Address: s.address(r), UserAgent: r.UserAgent()})
			return s.signedIn(r, ses, err)
		})
	route(s, op{method: "DELETE", path: "/api/v1/sessions/current", tag: "sessions", summary: "Sign out: ends the session, or the token, that was sent", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, _ *nothing) (*struct {
			SetCookie string `header:"Set-Cookie"`
		}, error) {
			if err := s.People.SignOut(ctx, a); err != nil {
				return nil, err
			}
			r, _ := ctx.Value(requestKey).(*http.Request)
			return &struct {
				SetCookie string `header:"Set-Cookie"`
			}{s.sessionCookie(r, "", time.Time{}).String()}, nil
		})
	type setupRequest struct {
		Body struct {
			Code     string `json:"code" maxLength:"100"`
			Email    string `json:"email" maxLength:"254"`
			Name     string `json:"name" maxLength:"200"`
			Password string `json:"password" maxLength:"256"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/setup", tag: "sessions", summary: "Make the first admin, with the one-time code printed at first start", public: true, status: http.StatusCreated, codes: "setup_code_wrong"},
		func(ctx context.Context, _ people.Actor, in *setupRequest) (*body[personDTO], error) {
			p, err := s.People.Setup(ctx, in.Body.Code, people.NewPerson{Email: in.Body.Email, Name: in.Body.Name, Password: in.Body.Password, Roles: []people.Role{people.Trainer}})
			if err != nil {
				return nil, err
			}
			return answer(personOf(p)), nil
		})
	s.meRoutes()
	s.joinRoutes()
	s.tokenRoutes()
	s.directoryRoutes()
	s.teamRoutes()
}

func (s *Server) tokenRoutes() {
	route(s, op{method: "GET", path: "/api/v1/tokens", tag: "sessions", summary: "One's own API tokens"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[page[tokenDTO]], error) {
			ts, err := s.People.ListTokens(ctx, a)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ts, len(ts), nil, tokenOf)), nil
		})
	type newTokenRequest struct {
		Body struct {
			Name      string     `json:"name" maxLength:"200"`
			ExpiresAt *time.Time `json:"expires_at,omitempty"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/tokens", tag: "sessions", summary: "Make an API token; its secret is shown this once", status: http.StatusCreated},
		func(ctx context.Context, a people.Actor, in *newTokenRequest) (*body[tokenDTO], error) {
			t, secret, err := s.People.NewToken(ctx, a, in.Body.Name, in.Body.ExpiresAt)
			if err != nil {
				return nil, err
			}
			d := tokenOf(t)
			d.Secret = secret
			return answer(d), nil
		})
	route(s, op{method: "DELETE", path: "/api/v1/tokens/{id}", tag: "sessions", summary: "End one of one's own API tokens", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.RevokeToken(ctx, a, in.ID)
		})
}

func (s *Server) directoryRoutes() {
	type listRequest struct {
		Paging
		Query string `query:"q" maxLength:"100" doc:"The beginning of a name."`
	}
	route(s, op{method: "GET", path: "/api/v1/people", tag: "people", summary: "Colleagues"},
		func(ctx context.Context, a people.Actor, in *listRequest) (*body[page[personDTO]], error) {
			ps, err := s.People.ListPersons(ctx, a, in.Query, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ps, in.Limit, func(p people.Person) string { return p.ID }, personOf)), nil
		})
	type addPersonRequest struct{ Body newPersonBody }
	route(s, op{method: "POST", path: "/api/v1/people", tag: "people", summary: "Add a person (admin)", status: http.StatusCreated, codes: "email_taken, email_invalid, password_short"},
		func(ctx context.Context, a people.Actor, in *addPersonRequest) (*body[personDTO], error) {
			p, err := s.People.AddPerson(ctx, a, people.NewPerson{Email: in.Body.Email, Name: in.Body.Name, Roles: rolesOf(in.Body.Roles), TimeZone: in.Body.TimeZone, Password: in.Body.Password})
			if err != nil {
				return nil, err
			}
			return answer(personOf(p)), nil
		})
	route(s, op{method: "GET", path: "/api/v1/people/{id}", tag: "people", summary: "One colleague"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[personDTO], error) {
			p, err := s.People.PersonByID(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(personOf(p)), nil
		})
	type changePersonRequest struct {
		IDPath
		Body struct {
			Name     *string   `json:"name,omitempty" maxLength:"200"`
			Roles    *[]string `json:"roles,omitempty" enum:"rep,manager,trainer,admin"`
			TimeZone *string   `json:"time_zone,omitempty" maxLength:"64"`
			Active   *bool     `json:"active,omitempty" doc:"false ends all sessions and tokens at once."`
			Password *string   `json:"password,omitempty" maxLength:"256"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/people/{id}", tag: "people", summary: "Change a person: an admin everything, everybody their own name and time zone", codes: "last_admin"},
		func(ctx context.Context, a people.Actor, in *changePersonRequest) (*body[personDTO], error) {
			c := people.PersonChange{Name: in.Body.Name, TimeZone: in.Body.TimeZone, Active: in.Body.Active, Password: in.Body.Password}
			if in.Body.Roles != nil {
				roles := rolesOf(*in.Body.Roles)
				c.Roles = &roles
			}
			p, err := s.People.ChangePerson(ctx, a, in.ID, c)
			if err != nil {
				return nil, err
			}
			return answer(personOf(p)), nil
		})
}

type teamDTO struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	ParentID   *string  `json:"parent_id,omitempty"`
	MemberIDs  []string `json:"member_ids"`
	ManagerIDs []string `json:"manager_ids"`
}

func teamOf(t people.TeamView) teamDTO {
	return teamDTO{ID: t.ID, Name: t.Name, ParentID: t.ParentID, MemberIDs: list(t.Members), ManagerIDs: list(t.Managers)}
}

func (s *Server) teamRoutes() {
	route(s, op{method: "GET", path: "/api/v1/teams", tag: "people", summary: "The tree of teams, with members and managers"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[page[teamDTO]], error) {
			ts, err := s.People.ListTeams(ctx, a)
			if err != nil {
				return nil, err
			}
			return answer(pageOf(ts, len(ts), nil, teamOf)), nil
		})
	type addTeamRequest struct {
		Body struct {
			Name     string  `json:"name" maxLength:"200"`
			ParentID *string `json:"parent_id,omitempty" format:"uuid"`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/teams", tag: "people", summary: "Add a team (admin)", status: http.StatusCreated, codes: "team_not_found"},
		func(ctx context.Context, a people.Actor, in *addTeamRequest) (*body[teamDTO], error) {
			t, err := s.People.AddTeam(ctx, a, in.Body.Name, in.Body.ParentID)
			if err != nil {
				return nil, err
			}
			return answer(teamOf(people.TeamView{Team: t})), nil
		})
	type changeTeamRequest struct {
		IDPath
		Body struct {
			Name     *string `json:"name,omitempty" maxLength:"200"`
			ParentID *string `json:"parent_id,omitempty" maxLength:"36" doc:"The empty text moves the team to the top."`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/teams/{id}", tag: "people", summary: "Rename or move a team (admin)", codes: "team_ring, team_not_found"},
		func(ctx context.Context, a people.Actor, in *changeTeamRequest) (*body[teamDTO], error) {
			parent := in.Body.ParentID
			if parent != nil && *parent == "" {
				parent = nil
			}
			t, err := s.People.ChangeTeam(ctx, a, in.ID, in.Body.Name, in.Body.ParentID != nil, parent)
			if err != nil {
				return nil, err
			}
			return answer(teamOf(people.TeamView{Team: t})), nil
		})
	route(s, op{method: "DELETE", path: "/api/v1/teams/{id}", tag: "people", summary: "Remove a team without teams below it (admin)", status: http.StatusNoContent, codes: "team_has_teams"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.People.RemoveTeam(ctx, a, in.ID)
		})
	type seat struct {
		IDPath
		Seat     string `path:"seat" enum:"members,managers"`
		PersonID string `path:"person_id" format:"uuid"`
	}
	route(s, op{method: "PUT", path: "/api/v1/teams/{id}/{seat}/{person_id}", tag: "people", summary: "Put a person into a team, as member or manager (admin)", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *seat) (*nothing, error) {
			return nil, s.People.Place(ctx, a, in.ID, in.PersonID, people.Seat(in.Seat))
		})
	route(s, op{method: "DELETE", path: "/api/v1/teams/{id}/{seat}/{person_id}", tag: "people", summary: "Take a person out of a team (admin)", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *seat) (*nothing, error) {
			return nil, s.People.Unplace(ctx, a, in.ID, in.PersonID, people.Seat(in.Seat))
		})
}

// list makes nil an empty list: clients should not have to tell them apart.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
