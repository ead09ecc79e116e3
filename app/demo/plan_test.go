package demo

import (
	"math"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
)

func verdicts(t *testing.T, p *plan) map[string]measure.Verdict {
	t.Helper()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	deals := make([]measure.Deal, len(p.deals))
	for i, d := range p.deals {
		deals[i] = measure.Deal{Owner: p.cast[d.owner].key, Segment: d.segment, Opened: at(now, d.opened), Status: measure.Status(d.status)}
		if d.status != stillOpen {
			deals[i].Closed = at(now, d.closed)
		}
	}
	population := measure.Prepare(deals, now)
	var keys []string
	var all []measure.Verdict
	for tactic, ages := range p.first {
		var exposures []measure.Exposure
		for r, age := range ages {
			if !math.IsNaN(age) {
				exposures = append(exposures, measure.Exposure{Rep: p.cast[r].key, Tactic: tactic, First: at(now, age)})
			}
		}
		keys, all = append(keys, tactic), append(all, population.Compare(tactic, exposures).Verdict())
	}
	out := map[string]measure.Verdict{}
	for i, v := range measure.ConsiderAll(all) {
		out[keys[i]] = v
	}
	t.Logf("mature %d, left out %+v, horizons %+v", population.Mature(), population.LeftOut, population.Horizons)
	return out
}

func TestTruth(t *testing.T) {
	p := newPlan()
	for k, v := range verdicts(t, p) {
		t.Logf("%-28s %-20s %s %-9s exposed %d/%d %.3f other %d/%d %.3f  diff %.3f..%.3f q %.3f", k, v.State, v.Reason, v.Strength, v.Exposed.Won, v.Exposed.Deals, v.Exposed.Rate, v.Unexposed.Won, v.Unexposed.Deals, v.Unexposed.Rate, v.Difference.Low, v.Difference.High, v.Q)
	}
	n := 0
	for _, w := range p.watched {
		n += len(w)
	}
	a := map[kind]int{}
	for _, w := range p.acts {
		for _, x := range w {
			a[x.kind]++
		}
	}
	t.Log(n, a)
}
