package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Counts is one side of a comparison.
type Counts struct {
	// Deals is the number of mature deals, Won how many were won in time.
	Deals, Won int
	// Reps breaks both down by rep, in no particular order. Without it, deals
	// are taken to be independent of each other, which makes intervals too
	// narrow when few reps have many deals.
	Reps []RepCounts
}

// RepCounts is the part of one rep.
type RepCounts struct {
	Deals, Won int
}

// Comparison is the mature deals split by whether their rep was exposed to a
// tactic before the deal was opened.
type Comparison struct {
	Tactic             string
	AsOf               time.Time
	Exposed, Unexposed Counts
	Horizons           Horizons
	LeftOut            LeftOut
}

// CompareTactic is Prepare and Compare for a single tactic.
func CompareTactic(deals []Deal, exposures []Exposure, tactic string, asOf time.Time) Comparison {
	return Prepare(deals, asOf).Compare(tactic, exposures)
}

// Compare splits the deals by exposure to tactic. Exposures to other tactics are
// passed over; of several exposures of one rep the first counts. A deal opened at
// the very moment of the exposure is not exposed, so where the CRM keeps only
// the day of opening, what was watched on that day does not count.
func (p *Population) Compare(tactic string, exposures []Exposure) Comparison {
	first := map[string]time.Time{}
	for _, e := range exposures {
		if e.Tactic != tactic || e.First.IsZero() {
			continue
		}
		if t, ok := first[e.Rep]; !ok || e.First.Before(t) {
			first[e.Rep] = e.First
		}
	}
	exposed, unexposed := tally{}, tally{}
	for _, d := range p.mature {
		side := unexposed
		if t, ok := first[d.owner]; ok && t.Before(d.opened) {
			side = exposed
		}
		side.add(d)
	}
	return Comparison{
		Tactic:    tactic,
		AsOf:      p.AsOf,
		Exposed:   exposed.counts(),
		Unexposed: unexposed.counts(),
		Horizons:  p.Horizons,
		LeftOut:   p.LeftOut,
	}
}

// tally counts deals by rep.
type tally map[string]RepCounts

func (t tally) add(d matureDeal) {
	c := t[d.owner]
	c.Deals++
	if d.wonInTime {
		c.Won++
	}
	t[d.owner] = c
}

func (t tally) counts() Counts {
	var c Counts
	for _, r := range t {
		c.Deals += r.Deals
		c.Won += r.Won
		c.Reps = append(c.Reps, r)
	}
	// Sums of floats over the reps must not depend on the order of a map.
	slices.SortFunc(c.Reps, func(a, b RepCounts) int {
		return cmp.Or(cmp.Compare(a.Deals, b.Deals), cmp.Compare(a.Won, b.Won))
	})
	return c
}

// Verdict returns what may be said about the comparison on its own. When several
// tactics are shown together, ConsiderAll comes after.
func (c Comparison) Verdict() Verdict { return Association(c.Exposed, c.Unexposed) }

// Definition returns, in words, how the figures were made: it is printed beside
// them.
func (c Comparison) Definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "A deal counts as exposed if, before it was opened, its rep had watched at least 75%% of a colleague's video, "+
		"or a whole moment, tagged with the tactic. Won in time means won within H days of opening, counted on deals opened "+
		"at least H days ago. H is the time within which 90%% of won deals were won: %s.", c.horizonWords())
	fmt.Fprintf(&b, " Left out: %d opened too recently, %d entered in the CRM only when they closed, %d without usable dates.",
		c.LeftOut.Immature, c.LeftOut.BackFilled, c.LeftOut.Unusable)
	b.WriteString(" Intervals are at 95%: of a rate by Wilson, of the difference by Newcombe, widened for deals that share a rep.")
	return b.String()
}

func (c Comparison) horizonWords() string {
	h := c.Horizons
	out := fmt.Sprintf("%d days", h.Overall.Days)
	if h.Overall.Source == FromDefault {
		out += fmt.Sprintf(" (our default, as only %d deals were won so far; %d are needed to measure it)", h.Overall.Wins, MinWins)
	}
	var own []string
	for segment, s := range h.BySegment {
		if s.Source == FromSegment && segment != "" {
			own = append(own, fmt.Sprintf("%s %d", segment, s.Days))
		}
	}
	if len(own) > 0 {
		slices.Sort(own)
		out += " overall, and by segment " + strings.Join(own, ", ")
	}
	return out
}
