package insight

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/people"
)

// org is the tree of teams with who is in them, as it stood at one time.
type org struct {
	parent            map[string]string   // team to the one above; roots map to ""
	members, managers map[string][]string // by team, direct ones
	memberOf, manages map[string][]string // by person
}

// org reads the tree of teams.
func (s *Service) org(ctx context.Context) (org, error) {
	teams, err := s.dir.ListTeams(ctx, people.System())
	o := org{parent: map[string]string{}, members: map[string][]string{}, managers: map[string][]string{}, memberOf: map[string][]string{}, manages: map[string][]string{}}
	for _, t := range teams {
		o.parent[t.ID] = ""
		if t.ParentID != nil {
			o.parent[t.ID] = *t.ParentID
		}
		o.members[t.ID], o.managers[t.ID] = t.Members, t.Managers
		for _, p := range t.Members {
			o.memberOf[p] = append(o.memberOf[p], t.ID)
		}
		for _, p := range t.Managers {
			o.manages[p] = append(o.manages[p], t.ID)
		}
	}
	return o, err
}

// place says where a person stands.
func (o org) place(person string) people.Place {
	p := people.Place{PersonID: person, MemberOf: o.memberOf[person], Manages: o.manages[person]}
	for _, t := range p.Manages {
		if up := o.parent[t]; up != "" && !slices.Contains(p.AboveManaged, up) {
			p.AboveManaged = append(p.AboveManaged, up)
		}
	}
	return p
}

// actor gives a person as far as what they may see goes.
func (o org) actor(person string) people.Actor {
	return people.Actor{PersonID: person, Reach: people.ReachOf(o.place(person), o.parent)}
}

// below gives the teams of a subtree.
func (o org) below(team string) []string {
	return people.ReachOf(people.Place{Manages: []string{team}}, o.parent).ManagedTeams
}

// people gives the direct members and managers of teams.
func (o org) people(teams []string) map[string]bool {
	out := map[string]bool{}
	for _, t := range teams {
		for _, p := range slices.Concat(o.members[t], o.managers[t]) {
			out[p] = true
		}
	}
	return out
}

// line gives the managers above a person: those of the teams they are in, of the teams above these, and,
// where they manage themselves, of the teams above the managed ones. It is the audience Line without
// the person.
func (o org) line(person string) []string {
	p := o.place(person)
	seen, out := map[string]bool{}, []string(nil)
	for _, t := range slices.Concat(p.MemberOf, p.AboveManaged) {
		for ; t != "" && !seen[t]; t = o.parent[t] {
			seen[t] = true
			out = append(out, o.managers[t]...)
		}
	}
	return out
}
