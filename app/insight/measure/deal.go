package measure

import (
	"math"
	"time"
)

// Status is what a deal has come to.
type Status string

// The states of a deal. Deals that were deleted in the CRM are not given to this
// package.
const (
	StatusOpen Status = "open"
	StatusWon  Status = "won"
	StatusLost Status = "lost"
)

// Deal is what the comparison needs to know of a CRM deal.
type Deal struct {
	// Owner is the rep, in the same words as Exposure.Rep.
	Owner   string
	Segment string
	Opened  time.Time
	// Closed is zero while the deal is open.
	Closed time.Time
	Status Status
}

// Exposure says that a rep was first exposed to a tactic at First: they had
// then watched enough of a peer's video, or a whole moment, tagged with it.
type Exposure struct {
	Rep, Tactic string
	First       time.Time
}

const (
	// MinWins is the number of won deals that a segment, or all deals together,
	// need before H is taken from them.
	MinWins = 20
	// HorizonShare is the share of won deals that are won within H days.
	HorizonShare = 0.90
	// DefaultHorizonDays is H when fewer than MinWins deals were ever won: one
	// quarter, the period in which most sales teams plan. It is reported as
	// FromDefault, never passed off as measured.
	DefaultHorizonDays = 90
	// day is also the shortest cycle that is believed, see LeftOut.BackFilled.
	day = 24 * time.Hour
)

// Source says what a Horizon was taken from.
type Source string

// The sources of a Horizon.
const (
	FromSegment Source = "segment"
	FromOverall Source = "overall"
	FromDefault Source = "default"
)

// Horizon is H of one segment.
type Horizon struct {
	// Days is H in whole days, rounded up.
	Days int
	// Wins is the number of won deals of the segment itself.
	Wins   int
	Source Source
}

func (h Horizon) duration() time.Duration { return time.Duration(h.Days) * day }

// Horizons holds H of every segment that has deals.
type Horizons struct {
	Overall   Horizon
	BySegment map[string]Horizon
}

// LeftOut counts the deals that took no part in a comparison, by the first
// reason that holds.
type LeftOut struct {
	// Unusable deals have no opening time, closed before they were opened, or
	// were won at an unknown time.
	Unusable int
	// BackFilled deals closed within a day of being opened: they were entered
	// when all was over, so nobody knows what came before their opening.
	BackFilled int
	// Immature deals were opened less than H days ago.
	Immature int
}

// Total returns the number of deals left out.
func (l LeftOut) Total() int { return l.Unusable + l.BackFilled + l.Immature }

// matureDeal is a deal that takes part.
type matureDeal struct {
	owner  string
	opened time.Time
	// wonInTime is whether it was won within H days of opening.
	wonInTime bool
}

// Population is the deals of one analysis as they stood at AsOf, ready to be
// compared by any number of tactics. It never changes after Prepare.
type Population struct {
	AsOf     time.Time
	Horizons Horizons
	LeftOut  LeftOut

	mature []matureDeal
}

// Mature returns the number of deals that take part.
func (p *Population) Mature() int { return len(p.mature) }

// Prepare freezes H and chooses the mature deals. What happened after asOf is
// taken as not known: a deal that closed later was still open.
func Prepare(deals []Deal, asOf time.Time) *Population {
	p := &Population{AsOf: asOf}
	usable := make([]Deal, 0, len(deals))
	for _, d := range deals {
		if d.Status != StatusOpen && d.Closed.After(asOf) {
			d.Status, d.Closed = StatusOpen, time.Time{}
		}
		closed := d.Status != StatusOpen && !d.Closed.IsZero()
		switch {
		case d.Opened.IsZero(),
			closed && d.Closed.Before(d.Opened),
			d.Status == StatusWon && !closed:
			p.LeftOut.Unusable++
		case closed && d.Closed.Sub(d.Opened) < day:
			p.LeftOut.BackFilled++
		default:
			usable = append(usable, d)
		}
	}
	p.Horizons = horizons(usable)
	for _, d := range usable {
		h := p.Horizons.BySegment[d.Segment].duration()
		if d.Opened.Add(h).After(asOf) {
			p.LeftOut.Immature++
			continue
		}
		p.mature = append(p.mature, matureDeal{
			owner:     d.Owner,
			opened:    d.Opened,
			wonInTime: d.Status == StatusWon && d.Closed.Sub(d.Opened) <= h,
		})
	}
	return p
}

// horizons takes H from the won deals among deals.
func horizons(deals []Deal) Horizons {
	var all []float64
	cycles := map[string][]float64{}
	for _, d := range deals {
		own := cycles[d.Segment]
		if d.Status == StatusWon {
			days := float64(d.Closed.Sub(d.Opened)) / float64(day)
			own = append(own, days)
			all = append(all, days)
		}
		cycles[d.Segment] = own
	}
	out := Horizons{
		Overall:   Horizon{Days: DefaultHorizonDays, Wins: len(all), Source: FromDefault},
		BySegment: make(map[string]Horizon, len(cycles)),
	}
	if len(all) >= MinWins {
		out.Overall.Days, out.Overall.Source = wholeDays(all), FromOverall
	}
	for segment, own := range cycles {
		h := Horizon{Days: out.Overall.Days, Wins: len(own), Source: out.Overall.Source}
		if len(own) >= MinWins {
			h.Days, h.Source = wholeDays(own), FromSegment
		}
		out.BySegment[segment] = h
	}
	return out
}

// wholeDays rounds up, so that the deal at the percentile is itself in time. The
// allowance keeps 42 at 42 when interpolation made it 42.0000000001.
func wholeDays(cycles []float64) int {
	return int(math.Ceil(Percentile(cycles, HorizonShare) - 1e-6))
}
