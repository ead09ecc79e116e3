package demo

import (
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/outcome"
)

// The truth about the deals. A deal whose rep had been exposed to the planted tactic before it was opened is
// won with chance winExposed, any other with winOther, and nothing else has a say in it. One won deal in ten
// is won later than the report counts (see measure.HorizonShare), so that the report should find nine tenths
// of both: 34 % and 22 %.
const (
	winExposed = 0.34 / 0.9
	winOther   = 0.22 / 0.9
	dealCount  = 2000
)

// Truth says what is planted in the deals, for the log; docs/demo.md says it at length.
func Truth() string {
	return `Planted in its 2,000 deals: reps who had watched "Anchor on cost of delay" before a deal was opened win 34 in 100 in time, others 22.
Nothing else changes the chance to win. "Tell a customer story" is watched as much and does nothing.`
}

const stillOpen = outcome.Open

// deal is one opportunity; opened and closed are ages.
type deal struct {
	id, name                     string
	owner                        int // row of the cast
	amount                       int // euros
	stage                        string
	status                       outcome.Status
	segment, competitor, product string
	opened, closed               float64
}

// segment is a kind of customer: how many of the deals, how long a deal takes (median, days), how large it is.
type segment struct {
	name   string
	share  float64
	median float64
	amount float64
}

func segments() []segment {
	return []segment{{"Small", 0.45, 30, 9000}, {"Mid-market", 0.38, 42, 32000}, {"Enterprise", 0.17, 60, 140000}}
}

func (p *plan) makeDeals() []deal {
	out := make([]deal, dealCount)
	for i := range out {
		out[i] = p.makeDeal(i)
	}
	return out
}

func (p *plan) makeDeal(i int) deal {
	c := chanceOf("deal", fmt.Sprint(i))
	d := deal{id: fmt.Sprintf("HAL-%05d", 10001+i), owner: i % reps, opened: c.between(1, 395)}
	seg := segments()[0]
	for u, all := c.Float64(), segments(); ; all = all[1:] {
		if seg = all[0]; u < seg.share || len(all) == 1 {
			break
		}
		u -= seg.share
	}
	d.segment = seg.name
	d.amount = int(math.Round(c.cycle(seg.amount, 0.5)/100)) * 100
	d.competitor = pick(c, []string{"Northwind", "Northwind", "Northwind", "Bluepeak", "Bluepeak", "Spreadsheets", "Spreadsheets", "", ""})
	d.product = pick(c, []string{"Dispatch", "Dispatch", "Dispatch", "Crew App", "Crew App", "Forecast"})
	d.name = pick(c, places()) + " " + pick(c, trades()) + ", " + d.product
	chanceToWin := winOther
	if first := p.first[Planted][d.owner]; !math.IsNaN(first) && first > d.opened {
		chanceToWin = winExposed
	}
	length := 1.2 + c.cycle(seg.median*0.8, 0.45)
	d.status = outcome.Won
	if !c.happens(chanceToWin) {
		d.status, length = outcome.Lost, 1.2+c.cycle(seg.median, 0.6)
	}
	if d.closed = d.opened - length; d.closed > 0 {
		d.stage = map[outcome.Status]string{outcome.Won: "Closed won", outcome.Lost: "Closed lost"}[d.status]
		return d
	}
	d.status, d.closed = stillOpen, 0
	stages := []string{"Qualification", "Discovery", "Demo", "Proposal", "Negotiation", "Closing"}
	d.stage = stages[min(len(stages)-1, int(float64(len(stages))*(d.opened/length)))]
	return d
}

// csvFile writes the deals as the export of a CRM would.
func (p *plan) csvFile(beginning time.Time) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"External ID", "Name", "Owner Email", "Amount", "Currency", "Stage", "Status", "Opened At", "Closed At", "Segment", "Competitor", "Product"}}
	for _, d := range p.deals {
		closed := ""
		if d.status != stillOpen {
			closed = at(beginning, d.closed).Format(time.RFC3339)
		}
		rows = append(rows, []string{d.id, d.name, p.cast[d.owner].email(), fmt.Sprint(d.amount), "EUR", d.stage, string(d.status),
			at(beginning, d.opened).Format(time.RFC3339), closed, d.segment, d.competitor, d.product})
	}
	_ = w.WriteAll(rows) // into memory: it cannot fail
	return b.String()
}

// at is the time of an age.
func at(beginning time.Time, age float64) time.Time {
	return beginning.Add(-time.Duration(age * float64(24*time.Hour))).Truncate(time.Second)
}

func places() []string {
	return strings.Split("Ashford Brookfield Calder Dunmore Eastgate Fairhaven Glenrock Harbor Ivydale Juniper Kingsley Larkfield Maple Newbridge Oakmont Penrose Quayside Redcliff "+
		"Silverton Thornbury Upland Vale Westbrook Yarrow Aldine Bellmere Copperhill Driftwood Elmwood Foxglove Granite Hollis Ironbridge Kestrel Linden Millrace Northgate Orchard", " ")
}

func trades() []string {
	return []string{"Water", "Lifts", "Facilities", "Telecom", "Clinics", "Heating", "Cooling", "Energy", "Gas", "Services", "Medical", "Networks", "Escalators", "Property", "Systems"}
}
