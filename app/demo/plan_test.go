package demo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

func TestTheSameEveryTime(t *testing.T) {
	if a, b := fmt.Sprintf("%+v", newPlan()), fmt.Sprintf("%+v", newPlan()); a != b {
		t.Error("two plans differ")
	}
}

// The figures of docs/demo.md: whoever changes the company sees here what it changes.
func TestCounts(t *testing.T) {
	p := newPlan()
	status, kinds, sittings := map[string]int{}, map[kind]int{}, 0
	for _, d := range p.deals {
		status[string(d.status)]++
	}
	for _, all := range p.acts {
		for _, a := range all {
			kinds[a.kind]++
		}
	}
	for _, all := range p.watched {
		sittings += len(all)
	}
	got := fmt.Sprintf("%d people, %d teams, %d takes, %d sittings, acts %v, deals %v", len(p.cast), len(teams()), len(p.takes), sittings, kinds, status)
	const want = "30 people, 4 teams, 41 takes, 625 sittings, acts map[save:76 share:41 use:104], deals map[lost:1153 open:240 won:607]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCastAndTakesAreWhole(t *testing.T) {
	p := newPlan()
	emails, keys, titles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, m := range p.cast {
		if emails[m.email()] {
			t.Errorf("%s twice", m.email())
		}
		emails[m.email()] = true
		if (m.role == "rep") != (i < reps) {
			t.Errorf("%s does not stand where the plan's rows want them", m.key)
		}
	}
	playable := 0
	last := math.Inf(1)
	for _, x := range p.takes {
		if keys[x.key] || titles[x.title] || p.row(x.author) < 0 {
			t.Errorf("%s: key or title twice, or by nobody", x.key)
		}
		keys[x.key], titles[x.title] = true, true
		if x.days > last {
			t.Errorf("%s is not in the order of time", x.key)
		}
		last = x.days
		if x.broken {
			continue
		}
		playable++
		if n := len(strings.Fields(x.said)); n < 50 || n > 120 {
			t.Errorf("%s has %d words", x.key, n)
		}
		for _, tactic := range x.tactics {
			if p.first[tactic] == nil {
				t.Errorf("%s: %s has no first take", x.key, tactic)
			}
		}
	}
	if playable != 40 {
		t.Errorf("%d takes can be played", playable)
	}
	for _, n := range notes() {
		if !keys[n.take] || p.row(n.person) < 0 {
			t.Errorf("a note on %s by %s", n.take, n.person)
		}
	}
	for k := range unfinished() {
		person, key, _ := strings.Cut(k, " ")
		if !keys[key] || p.row(person) < 0 {
			t.Errorf("unfinished: %s", k)
		}
	}
	handmade := 0
	for _, x := range p.takes {
		handmade += len(byHand(x.key))
	}
	if handmade != len(allByHand()) {
		t.Errorf("%d of %d acts by hand are on takes that are there", handmade, len(allByHand()))
	}
	if order := p.order(); len(order) != len(p.takes) {
		t.Errorf("%d of %d takes are filmed", len(order), len(p.takes))
	}
}

func TestColumnsAreBalanced(t *testing.T) {
	for a := range reps - 1 {
		for b := range a {
			var corners [4]int
			for r := range reps {
				at := 0
				if half(a, r) {
					at++
				}
				if half(b, r) {
					at += 2
				}
				corners[at]++
			}
			if corners != [4]int{6, 6, 6, 6} {
				t.Fatalf("columns %d and %d: %v", a, b, corners)
			}
		}
	}
}

// Nobody may be exposed to a tactic before the time that the deals were won by.
func TestNobodyWatchesTooEarly(t *testing.T) {
	p := newPlan()
	for _, x := range p.takes {
		seen := map[string]float64{}
		for _, w := range p.watched[x.key] {
			if w.age >= x.days || w.age <= 0 || w.to <= w.from || w.to > 1 {
				t.Errorf("%+v of a take %v days old", w, x.days)
			}
			seen[w.person] = max(seen[w.person], w.to)
			row := p.row(w.person)
			if row >= reps || unfinished()[w.person+" "+x.key] > 0 {
				continue
			}
			for _, tactic := range x.tactics {
				if first := p.first[tactic][row]; seen[w.person] > 0.25 && !(w.age <= first) { // NaN: never
					t.Errorf("%s watches %s at %v, and is exposed to %s at %v", w.person, x.key, w.age, tactic, first)
				}
			}
		}
		// The first take of a tactic exposes everybody at their time.
		for _, tactic := range x.tactics {
			if p.firstOf(tactic) != x.key {
				continue
			}
			for row, first := range p.first[tactic] {
				if math.IsNaN(first) {
					continue
				}
				if !slices.ContainsFunc(p.watched[x.key], func(w watching) bool { return w.person == p.cast[row].key && w.age == first && w.to > 0.8 }) {
					t.Errorf("%s is not exposed to %s at %v", p.cast[row].key, tactic, first)
				}
			}
		}
	}
}

func TestUsesAreOnOwnOpenDeals(t *testing.T) {
	p := newPlan()
	byID := map[string]deal{}
	for _, d := range p.deals {
		byID[d.id] = d
	}
	named := 0
	ids := map[string]bool{}
	for _, all := range p.acts {
		for _, a := range all {
			if ids[a.id] || len(a.id) > 64 {
				t.Errorf("act %q twice, or its id too long", a.id)
			}
			ids[a.id] = true
			if a.deal == "" {
				continue
			}
			named++
			if d := byID[a.deal]; d.owner != p.row(a.person) || d.opened <= a.age || (d.status != stillOpen && d.closed >= a.age) {
				t.Errorf("%+v names %+v", a, d)
			}
		}
	}
	if named < 30 {
		t.Errorf("%d uses name a deal", named)
	}
	open := 0
	for _, d := range p.deals {
		if d.owner == p.row("rita") && d.status == stillOpen {
			open++
		}
	}
	if open < 5 {
		t.Errorf("Rita has %d open deals", open)
	}
}

func TestDealsAreACleanExport(t *testing.T) {
	p := newPlan()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	f, err := csvfile.Open(strings.NewReader(p.csvFile(now)), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for row, err := range f.Rows() {
		if rows++; err != nil {
			t.Fatalf("%+v: %v", row, err)
		}
	}
	if rows != dealCount {
		t.Errorf("%d rows", rows)
	}
}

func verdicts(p *plan, now time.Time) (map[string]measure.Verdict, *measure.Population) {
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
	return out, population
}

// checkTruth holds the verdicts against what is planted.
func checkTruth(t *testing.T, found map[string]measure.Verdict) {
	t.Helper()
	const planted = 0.34 - 0.22
	for tactic, v := range found {
		switch {
		case tactic == Planted:
			if v.State != measure.ClearDifference || v.Difference.Low > planted || v.Difference.High < planted {
				t.Errorf("%s: %+v, and %.2f is planted", tactic, v, planted)
			}
		case young(tactic):
			if v.State != measure.NotEnoughData {
				t.Errorf("%s: %+v, of a tactic of the last weeks", tactic, v)
			}
		case v.State != measure.NoClearDifference || v.Exposed.Deals < 600 || v.Unexposed.Deals < 600:
			t.Errorf("%s: %+v, and nothing is planted", tactic, v)
		}
	}
}

func TestTheTruthCanBeFound(t *testing.T) {
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	found, population := verdicts(newPlan(), now)
	checkTruth(t, found)
	if len(found) != 12 {
		t.Errorf("%d tactics", len(found))
	}
	a, s := found[Planted], found[NotPlanted]
	got := fmt.Sprintf("%d mature, H %d; planted %d/%d against %d/%d; not planted %d/%d against %d/%d", population.Mature(), population.Horizons.Overall.Days,
		a.Exposed.Won, a.Exposed.Deals, a.Unexposed.Won, a.Unexposed.Deals, s.Exposed.Won, s.Exposed.Deals, s.Unexposed.Won, s.Unexposed.Deals)
	const want = "1699 mature, H 58; planted 381/1087 against 130/612; not planted 261/835 against 250/864" // docs/demo.md
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
