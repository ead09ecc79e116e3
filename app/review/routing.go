package review

import (
	"cmp"
	"slices"

	"github.com/fieldreel/fieldreel/app/programme"
)

// ground is all that decides who reviews an attempt.
type ground struct {
	participant string
	kind        programme.ReviewerKind
	// named are the programme's reviewers, by name or of its pool.
	named []string
	// levels are the managers above the participant, nearest first.
	levels [][]string
	// creator made the programme; empty where that is not known any more.
	creator string
	// trainers and admins are asked where nobody nearer is left.
	trainers, admins []string
	// active holds who is with the company.
	active map[string]bool
	// load counts the reviews that wait for each.
	load map[string]int
	// away maps who is away today to their deputy.
	away map[string]string
	// taken holds who has a review of this attempt already.
	taken map[string]bool
	// unclaimed counts reviews of this attempt that wait in the pool already.
	unclaimed int
}

// choice is who reviews: a person, maybe as somebody's deputy, or the pool.
type choice struct {
	reviewer, deputyFor string
	pool                bool
}

// route finds the reviewer for a role. First: the participant's manager (nearest; above, if there is none), the
// least busy of the named, or the pool. Where programmes name people, others step in only if none of them can.
// Second and third: somebody else of those named or of the pool; else a manager further up; else a trainer.
// Nobody reviews themself, nor an attempt twice. A deputy stands in for who is away today; somebody who is away
// and whose deputy cannot is asked only after everybody else. The zero choice means that nobody is left.
func route(role Role, g ground) choice {
	usable := func(p string) bool { return p != "" && p != g.participant && g.active[p] && !g.taken[p] }
	if g.kind == programme.ByPool {
		// Two of the same attempt need two people.
		if n := len(slices.DeleteFunc(slices.Clone(g.named), func(p string) bool { return !usable(p) })); n > g.unclaimed {
			return choice{pool: true}
		}
	}
	var groups [][]string
	if g.kind == programme.ByNamed || g.kind == programme.ByPool {
		groups = append(groups, g.named)
	}
	groups = append(groups, g.levels...)
	if role == First {
		groups = append(groups, []string{g.creator}, g.trainers, g.admins)
	} else {
		groups = append(groups, g.trainers, []string{g.creator}, g.admins)
	}
	for _, absent := range []bool{false, true} {
		for _, group := range groups {
			if c, ok := g.leastBusy(group, usable, absent); ok {
				return c
			}
		}
	}
	return choice{}
}

// leastBusy chooses among equals, by the reviews that wait for them and then by id, so that the same ground
// always gives the same choice. absent also takes those who are away without a deputy who can.
func (g ground) leastBusy(group []string, usable func(string) bool, absent bool) (choice, bool) {
	var all []choice
	for _, p := range group {
		if p == g.participant || !g.active[p] || p == "" {
			continue
		}
		deputy, away := g.away[p]
		switch {
		case away && usable(deputy) && g.away[deputy] == "" && !g.taken[p]:
			all = append(all, choice{reviewer: deputy, deputyFor: p})
		case (!away || absent) && usable(p):
			all = append(all, choice{reviewer: p})
		}
	}
	if len(all) == 0 {
		return choice{}, false
	}
	return slices.MinFunc(all, func(a, b choice) int {
		return cmp.Or(cmp.Compare(g.load[a.reviewer], g.load[b.reviewer]), cmp.Compare(a.reviewer, b.reviewer))
	}), true
}

// eligible are those to whom a review may be given by hand: the managers above the participant and the
// programme's reviewers; by a trainer also trainers, admins and who made the programme.
func (g ground) eligible(byTrainer bool) []string {
	groups := append([][]string{g.named}, g.levels...)
	if byTrainer {
		groups = append(groups, g.trainers, g.admins, []string{g.creator})
	}
	var out []string
	for _, p := range slices.Concat(groups...) {
		if p != "" && p != g.participant && g.active[p] && !g.taken[p] {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
