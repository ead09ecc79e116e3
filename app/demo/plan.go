package demo

import (
	"math"
	"slices"
	"strconv"
)

// Ages are in days before the company's beginning: the larger, the longer ago.

// watching is one sitting of a person before a take: [from, to) as shares of its length, ended at an age.
type watching struct {
	person, take string
	age          float64
	from, to     float64
	source       string
}

// plan is everything that people did, apart from what is written by hand (hand.go).
type plan struct {
	cast  []member
	takes []take
	// first says when a rep was first exposed to a tactic, by tactic and row of the cast; NaN for never.
	first map[string][]float64
	// watched is by take, in the order of time.
	watched map[string][]watching
	// acts is by take, in the order of time.
	acts  map[string][]act
	deals []deal
}

// kind is what somebody did with a moment.
type kind string

const (
	used   kind = "use"
	saved  kind = "save"
	shared kind = "share"
)

// act is one deed with a moment of a take. moment is the share of the take's length at which the moment is.
type act struct {
	id           string
	kind         kind
	person, take string
	age, moment  float64
	deal         string // of a use, the deal's id in the CRM; empty for none
	to, text     string // of a share, the person; of a share or use, the words
}

// newPlan makes the plan. It is the same every time.
func newPlan() *plan {
	p := &plan{cast: cast(), takes: takes(), first: map[string][]float64{}, watched: map[string][]watching{}, acts: map[string][]act{}}
	p.expose()
	p.deals = p.makeDeals()
	for _, t := range p.takes {
		if t.broken || t.audience == "private" {
			continue
		}
		p.watch(t)
		p.act(t)
	}
	return p
}

func (p *plan) row(person string) int {
	return slices.IndexFunc(p.cast, func(m member) bool { return m.key == person })
}

// young are the tactics of the last weeks: hardly anybody has seen them, so nothing can be said of them.
func young(tactic string) bool { return tactic == trade || tactic == elephant }

// expose decides when each rep is first exposed to each tactic. Half of the reps see a tactic in the first
// weeks, the others lately or never; which half is another one for each tactic (see half). Of those who saw
// the planted one late, half saw it in the middle of the year. The author of a tactic's first take is among
// those who were not exposed: one's own take exposes nobody.
func (p *plan) expose() {
	column := 0
	for _, t := range p.takes {
		if len(t.tactics) != 1 || p.first[t.tactics[0]] != nil {
			continue
		}
		tactic := t.tactics[0]
		author := p.row(t.author)
		for half(column, author) {
			column++
		}
		ages := make([]float64, reps)
		for r := range ages {
			ages[r] = p.firstAge(t, r, column)
		}
		ages[author] = math.NaN()
		p.first[tactic] = ages
		column++
	}
}

func (p *plan) firstAge(t take, rep, column int) float64 {
	tactic := t.tactics[0]
	c := chanceOf("first", tactic, p.cast[rep].key)
	switch {
	case young(tactic):
		if !c.happens(0.12) {
			return math.NaN()
		}
		return c.between(0.5, t.days-1)
	case half(column, rep):
		return t.days - c.between(0.5, 30)
	case tactic == Planted && half(column+1, rep):
		return c.between(190, 270)
	case c.happens(0.45):
		return c.between(3, 50)
	}
	return math.NaN()
}

// earliest gives the age from which on a person may watch a take whole without being exposed to one of its
// tactics before their time; NaN for never.
func (p *plan) earliest(t take, row int) float64 {
	age := t.days - 0.05
	if row >= reps {
		return age
	}
	for _, tactic := range t.tactics {
		first := p.first[tactic][row]
		if math.IsNaN(first) {
			return first
		}
		age = min(age, first)
	}
	return age
}

// sees says whether the take was shared with somebody of another's place; the database decides anew.
func (p *plan) sees(t take, m member) bool {
	author := p.cast[p.row(t.author)]
	above := m.leads != "" && (m.leads == author.team || m.leads == "sales")
	switch t.audience {
	case "team":
		return above || m.team == author.team
	case "line":
		return above
	}
	return true
}

func (p *plan) watch(t take) {
	var all []watching
	for row, m := range p.cast {
		if m.key == t.author || !p.sees(t, m) {
			continue
		}
		all = append(all, p.sittings(t, row, m)...)
	}
	slices.SortStableFunc(all, func(a, b watching) int { // older first
		switch {
		case a.age > b.age:
			return -1
		case a.age < b.age:
			return 1
		}
		return 0
	})
	p.watched[t.key] = all
}

func (p *plan) sittings(t take, row int, m member) []watching {
	c := chanceOf("watch", t.key, m.key)
	source := pick(c, []string{"home", "search", "search", "share", "player"})
	from := p.earliest(t, row)
	if share, ok := unfinished()[m.key+" "+t.key]; ok {
		return []watching{{m.key, t.key, c.between(0.1, min(3, t.days-0.1)), 0, share, "home"}}
	}
	founding := len(t.tactics) == 1 && row < reps && p.firstOf(t.tactics[0]) == t.key
	switch {
	case math.IsNaN(from):
		if m.signIn || !c.happens(0.4*t.pull) { // what one can go on with is chosen by hand
			return nil
		}
		// A glance: too short to be exposed by it.
		age := max(0.05, t.days-0.05-c.waiting(15))
		return []watching{{m.key, t.key, age, 0, c.between(0.12, 0.22), source}}
	case founding:
		return p.whole(c, t, m, from, source)
	case !c.happens(p.interest(t, row)):
		return nil
	}
	age := from - c.waiting(9)
	if age < 0.05 {
		age = from * c.between(0.1, 0.9)
	}
	return p.whole(c, t, m, age, source)
}

// firstOf names the take that exposes people to a tactic for the first time.
func (p *plan) firstOf(tactic string) string {
	for _, t := range p.takes {
		if len(t.tactics) == 1 && t.tactics[0] == tactic {
			return t.key
		}
	}
	return ""
}

// interest is how likely somebody who may watch a take does. What reports recorded lately is still new to
// their manager.
func (p *plan) interest(t take, row int) float64 {
	m := p.cast[row]
	switch {
	case t.audience == "line":
		return 1
	case m.leads != "" && t.days < 10:
		return 0
	case row >= reps:
		return 0.6 * t.pull
	}
	return t.pull
}

// whole is a sitting through nearly all of a take, and for some a second one later for the part that matters.
func (p *plan) whole(c chance, t take, m member, age float64, source string) []watching {
	out := []watching{{m.key, t.key, age, 0, c.between(0.86, 1), source}}
	if again := age - c.waiting(6); again > 0.05 && c.happens(0.3) {
		out = append(out, watching{m.key, t.key, again, c.between(0.3, 0.45), c.between(0.6, 0.85), "player"})
	}
	return out
}

// act decides who used, saved and shared a take after watching it.
func (p *plan) act(t take) {
	var all []act
	done := map[string]bool{}
	for _, w := range p.watched[t.key] {
		if done[w.person] || w.to-w.from < 0.75 {
			continue
		}
		done[w.person] = true
		row := p.row(w.person)
		c := chanceOf("act", t.key, w.person)
		add := func(k kind, soon float64, a act) {
			a.id = "demo-" + string(k) + "-" + t.key + "-" + w.person
			a.kind, a.person, a.take, a.moment = k, w.person, t.key, c.between(0.2, 0.8)
			if a.age = w.age - soon; a.age > 0.02 {
				all = append(all, a)
			}
		}
		if row < reps && c.happens(t.use) {
			soon := c.between(0.3, 9)
			a := act{text: pick(c, useWords())}
			if c.happens(0.7) {
				a.deal = p.openDeal(c, row, w.age-soon)
			}
			add(used, soon, a)
		}
		if c.happens(0.16) {
			add(saved, c.between(0.001, 0.01), act{})
		}
		if c.happens(0.1) {
			if to := p.colleague(c, t, w); to != "" {
				add(shared, c.between(0.01, 1), act{to: to, text: pick(c, shareWords())})
			}
		}
	}
	p.acts[t.key] = append(all, byHand(t.key)...)
	slices.SortStableFunc(p.acts[t.key], func(a, b act) int {
		switch {
		case a.age > b.age:
			return -1
		case a.age < b.age:
			return 1
		}
		return 0
	})
}

// colleague gives somebody of one's own team who may see a take and is not its author.
func (p *plan) colleague(c chance, t take, w watching) string {
	me := p.cast[p.row(w.person)]
	var near []string
	for _, m := range p.cast[:reps] {
		if m.key != me.key && m.key != t.author && m.team == me.team && p.sees(t, m) {
			near = append(near, m.key)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return pick(c, near)
}

// openDeal gives one of a rep's deals that was open at an age, or none.
func (p *plan) openDeal(c chance, row int, age float64) string {
	var open []string
	for _, d := range p.deals {
		if d.owner == row && d.opened > age && (d.status == stillOpen || d.closed < age) {
			open = append(open, d.id)
		}
	}
	if len(open) == 0 {
		return ""
	}
	return pick(c, open)
}

func (w watching) id(n int) string { return "demo-" + w.take + "-" + strconv.Itoa(n) }

// order gives the takes as they are filmed. Whoever signs in first wants something new to see, something to
// find, and reports that fill; so the latest takes and the first ones alternate, and the rest follow.
func (p *plan) order() []take {
	founding := len(foundingTakes())
	old := slices.Clone(p.takes[:min(founding, len(p.takes))])
	rest := slices.Clone(p.takes[len(old):])
	slices.Reverse(rest)
	// The two that every search for a price finds come first.
	slices.SortStableFunc(old, func(a, b take) int { return first(a) - first(b) })
	var out []take
	for len(old) > 0 || len(rest) > 0 {
		if len(old) > 0 {
			out, old = append(out, old[0]), old[1:]
		}
		if len(rest) > 0 {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return out
}

func first(t take) int {
	switch t.key {
	case "half-the-price":
		return 0
	case "cost-of-delay":
		return 1
	}
	return 2
}

// lying says whether a take was filmed with the phone on its side.
func (p *plan) lying(t take) bool {
	return slices.IndexFunc(p.takes, func(x take) bool { return x.key == t.key })%6 == 4
}
