package measure_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
)

var day0 = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func day(n float64) time.Time { return day0.Add(time.Duration(n * 24 * float64(time.Hour))) }

func won(owner, segment string, opened, cycle float64) measure.Deal {
	return measure.Deal{Owner: owner, Segment: segment, Opened: day(opened), Closed: day(opened + cycle), Status: measure.StatusWon}
}

func lost(owner, segment string, opened, cycle float64) measure.Deal {
	d := won(owner, segment, opened, cycle)
	d.Status = measure.StatusLost
	return d
}

func open(owner, segment string, opened float64) measure.Deal {
	return measure.Deal{Owner: owner, Segment: segment, Opened: day(opened), Status: measure.StatusOpen}
}

// Worked by hand: 21 wins in "smb" with cycles 1..21 days: the 90th percentile, type
// 7, is 1 + 0.9 x 20 = 19 days. "large" has two wins of 100 and 200 days, so it
// takes H of all 23 wins: sorted, index 0.9 x 22 = 19.8 lies between 20 and 21,
// 20.8 days, that is 21.
func TestHorizonsByHand(t *testing.T) {
	var deals []measure.Deal
	for i := 1; i <= 21; i++ {
		deals = append(deals, won("ann", "smb", 0, float64(i)))
	}
	deals = append(deals, won("ann", "large", 0, 100), won("ann", "large", 0, 200), lost("ann", "new", 0, 3))
	got := measure.Prepare(deals, day(400)).Horizons
	want := measure.Horizons{
		Overall: measure.Horizon{Days: 21, Wins: 23, Source: measure.FromOverall},
		BySegment: map[string]measure.Horizon{
			"smb":   {Days: 19, Wins: 21, Source: measure.FromSegment},
			"large": {Days: 21, Wins: 2, Source: measure.FromOverall},
			"new":   {Days: 21, Wins: 0, Source: measure.FromOverall},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	// Only what was known on day 100: the 200-day deal was still open.
	if got := measure.Prepare(deals, day(100)).Horizons.Overall.Wins; got != 22 {
		t.Errorf("wins known on day 100: %d", got)
	}
}

func TestHorizonDefault(t *testing.T) {
	var deals []measure.Deal
	for range 19 {
		deals = append(deals, won("ann", "", 0, 5))
	}
	p := measure.Prepare(deals, day(400))
	if h := p.Horizons.Overall; h.Days != 90 || h.Source != measure.FromDefault || h.Wins != 19 {
		t.Errorf("19 wins: %+v", h)
	}
	deals = append(deals, won("ann", "", 0, 5))
	if h := measure.Prepare(deals, day(400)).Horizons.Overall; h.Days != 5 || h.Source != measure.FromOverall {
		t.Errorf("20 wins: %+v", h)
	}
	if d := p.Compare("x", nil).Definition(); !strings.Contains(d, "90 days (our default") {
		t.Errorf("the default is not reported: %s", d)
	}
}

// No wins to speak of, so H is 90 days. As of day 200, deals opened by day 110 are
// mature. Ann was exposed on day 50, Bob never, Cem on day 20 to something else.
func TestCompareByHand(t *testing.T) {
	deals := []measure.Deal{
		won("ann", "a", 10, 30),                                    // Before the exposure: unexposed, won.
		won("ann", "a", 40, 30),                                    // Exposed while it ran, before it closed: unexposed, won.
		won("ann", "a", 50, 30),                                    // Opened at the very moment: unexposed, won.
		won("ann", "a", 50.5, 30),                                  // Exposed, won.
		won("ann", "a", 60, 90),                                    // Exposed, won on the 90th day: in time.
		won("ann", "a", 60, 91),                                    // Exposed, won too late.
		lost("ann", "a", 70, 20),                                   // Exposed, lost.
		open("ann", "a", 110),                                      // Exposed, still open after 90 days: not won in time.
		open("ann", "a", 110.5),                                    // Immature.
		won("ann", "a", 150, 10),                                   // Immature although won: fast wins would be over-counted.
		won("bob", "b", 60, 20),                                    // Unexposed, won.
		lost("bob", "b", 60, 20),                                   // Unexposed, lost.
		lost("cem", "b", 60, 20),                                   // Unexposed: another tactic.
		won("bob", "b", 60, 0.5),                                   // Back-filled.
		lost("bob", "b", 60, 0),                                    // Back-filled.
		lost("bob", "b", 60, -3),                                   // Closed before it was opened.
		{Owner: "bob", Opened: day(60), Status: measure.StatusWon}, // Won, nobody knows when.
		{Owner: "bob", Closed: day(60), Status: measure.StatusWon}, // Opened, nobody knows when.
		{Owner: "bob", Segment: "b", Opened: day(61), Status: measure.StatusLost},  // Lost some time: not won in time.
		{Owner: "dot", Segment: "b", Opened: day(300), Status: measure.StatusOpen}, // Not yet opened.
	}
	exposures := []measure.Exposure{
		{Rep: "ann", Tactic: "anchor", First: day(55)},
		{Rep: "ann", Tactic: "anchor", First: day(50)},
		{Rep: "cem", Tactic: "silence", First: day(20)},
		{Rep: "bob", Tactic: "anchor"},
	}
	got := measure.CompareTactic(deals, exposures, "anchor", day(200))
	wantExposed := measure.Counts{Deals: 5, Won: 2, Reps: []measure.RepCounts{{Deals: 5, Won: 2}}}
	wantUnexposed := measure.Counts{Deals: 7, Won: 4, Reps: []measure.RepCounts{{Deals: 1}, {Deals: 3, Won: 1}, {Deals: 3, Won: 3}}}
	if !reflect.DeepEqual(got.Exposed, wantExposed) {
		t.Errorf("exposed %+v, want %+v", got.Exposed, wantExposed)
	}
	if !reflect.DeepEqual(got.Unexposed, wantUnexposed) {
		t.Errorf("unexposed %+v, want %+v", got.Unexposed, wantUnexposed)
	}
	if want := (measure.LeftOut{Unusable: 3, BackFilled: 2, Immature: 3}); got.LeftOut != want {
		t.Errorf("left out %+v, want %+v", got.LeftOut, want)
	}
	if got.LeftOut.Total()+got.Exposed.Deals+got.Unexposed.Deals != len(deals) {
		t.Error("deals were lost")
	}
}

func TestAssociation(t *testing.T) {
	side := func(deals, won, reps int) measure.Counts {
		c := measure.Counts{Deals: deals, Won: won}
		for i := range reps { // As even as it goes.
			share := func(n int) int { return n*(i+1)/reps - n*i/reps }
			c.Reps = append(c.Reps, measure.RepCounts{Deals: share(deals), Won: share(won)})
		}
		return c
	}
	for _, c := range []struct {
		name               string
		exposed, unexposed measure.Counts
		state              measure.State
		reason             measure.Reason
		strength           measure.Strength
		more               [2]int
	}{
		{"nothing", measure.Counts{}, measure.Counts{}, measure.NotEnoughData, measure.ReasonFewDeals, measure.StrengthNone, [2]int{50, 50}},
		{"49 deals", side(49, 40, 10), side(500, 50, 20), measure.NotEnoughData, measure.ReasonFewDeals, measure.StrengthNone, [2]int{1, 0}},
		{"49 deals on the other side", side(500, 400, 10), side(49, 5, 20), measure.NotEnoughData, measure.ReasonFewDeals, measure.StrengthNone, [2]int{0, 1}},
		{"50 deals", side(50, 30, 10), side(50, 10, 10), measure.ClearDifference, measure.ReasonNone, measure.StrengthWeak, [2]int{}},
		{"the same", side(100, 30, 10), side(100, 30, 10), measure.NoClearDifference, measure.ReasonFits0, measure.StrengthNone, [2]int{}},
		{"four reps", side(100, 80, 4), side(100, 10, 10), measure.NoClearDifference, measure.ReasonFewReps, measure.StrengthNone, [2]int{}},
		{"one rep", side(100, 80, 1), side(100, 10, 10), measure.NoClearDifference, measure.ReasonFewReps, measure.StrengthNone, [2]int{}},
		{"reps unknown", side(100, 80, 0), side(100, 10, 0), measure.ClearDifference, measure.ReasonNone, measure.StrengthModerate, [2]int{}},
		{"moderate", side(300, 120, 30), side(600, 150, 30), measure.ClearDifference, measure.ReasonNone, measure.StrengthModerate, [2]int{}},
		{"strong", side(3000, 1200, 60), side(3000, 900, 60), measure.ClearDifference, measure.ReasonNone, measure.StrengthStrong, [2]int{}},
		{"worse", side(3000, 900, 60), side(3000, 1200, 60), measure.ClearDifference, measure.ReasonNone, measure.StrengthStrong, [2]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := measure.Association(c.exposed, c.unexposed)
			if v.State != c.state || v.Reason != c.reason || v.Strength != c.strength {
				t.Errorf("%s %q %s, want %s %q %s (%+v)", v.State, v.Reason, v.Strength, c.state, c.reason, c.strength, v.Difference)
			}
			if got := [2]int{v.Exposed.MoreDeals, v.Unexposed.MoreDeals}; got != c.more {
				t.Errorf("more deals %v, want %v", got, c.more)
			}
			if v.Exposed.Deals != c.exposed.Deals || v.Unexposed.Won != c.unexposed.Won {
				t.Error("n is not shown")
			}
		})
	}
}

// The same totals say less when each rep wins all or nothing.
func TestDealsOfOneRepAreAlike(t *testing.T) {
	even, lumpy := measure.Counts{Deals: 200, Won: 100}, measure.Counts{Deals: 200, Won: 100}
	for i := range 20 {
		even.Reps = append(even.Reps, measure.RepCounts{Deals: 10, Won: 5})
		lumpy.Reps = append(lumpy.Reps, measure.RepCounts{Deals: 10, Won: 10 * (i % 2)})
	}
	a := measure.Association(even, even).Difference
	b := measure.Association(lumpy, lumpy).Difference
	// All or nothing in tens is one deal per rep: a design effect of about ten.
	if ratio := b.HalfWidth() / a.HalfWidth(); ratio < 2.7 || ratio > 3.3 {
		t.Errorf("half-widths %.3f and %.3f, ratio %.2f", a.HalfWidth(), b.HalfWidth(), ratio)
	}
	// What is shown beside n is the plain Wilson interval.
	if got, want := measure.Association(lumpy, even).Exposed.Interval, measure.Wilson(100, 200, 0.95); got != want {
		t.Errorf("shown %v, want %v", got, want)
	}
}

func TestConsiderAll(t *testing.T) {
	barely := measure.Association(measure.Counts{Deals: 100, Won: 44}, measure.Counts{Deals: 100, Won: 30})
	if barely.State != measure.ClearDifference || barely.P < 0.03 {
		t.Fatalf("%s, p = %v", barely.State, barely.P)
	}
	none := measure.Association(measure.Counts{Deals: 100, Won: 30}, measure.Counts{Deals: 100, Won: 30})
	few := measure.Association(measure.Counts{Deals: 4}, measure.Counts{Deals: 4})
	in := []measure.Verdict{none, few, barely, none, none}
	out := measure.ConsiderAll(in)
	if v := out[2]; v.State != measure.NoClearDifference || v.Reason != measure.ReasonManyTactics || v.Strength != measure.StrengthNone || v.Family != 4 {
		t.Errorf("%+v", v)
	}
	if in[2].State != measure.ClearDifference {
		t.Error("the argument was changed")
	}
	if out[1].State != measure.NotEnoughData || out[1].Family != 1 {
		t.Errorf("few: %+v", out[1])
	}
	if alone := measure.ConsiderAll([]measure.Verdict{barely, few})[0]; alone.State != measure.ClearDifference {
		t.Errorf("alone: %+v", alone)
	}
}

// Words that claim more than an association, in any of their forms.
var causeWords = []string{
	"improv", "drive", "driving", "caus", "impact", "because", "lead to", "leads to", "led to", "result", "due to", "effect",
	"boost", "raise", "increas", "thanks to", "makes", "made the", "prove", "lift", "generat", "contribut", "help", "grow", "works",
}

func TestWordsNeverClaimACause(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	states := map[measure.State]int{}
	for range 500 {
		side := func() measure.Counts {
			var c measure.Counts
			for range rng.IntN(14) {
				n := 1 + rng.IntN(60)
				w := rng.IntN(n + 1)
				c.Reps = append(c.Reps, measure.RepCounts{Deals: n, Won: w})
				c.Deals += n
				c.Won += w
			}
			return c
		}
		vs := measure.ConsiderAll([]measure.Verdict{measure.Association(side(), side()), measure.Association(side(), side())})
		for _, v := range vs {
			states[v.State]++
			text := strings.ToLower(v.Sentence("Anchor"))
			for _, w := range causeWords {
				if strings.Contains(text, w) {
					t.Fatalf("%q in: %s", w, text)
				}
			}
			if v.State == measure.ClearDifference && !strings.Contains(text, "association") {
				t.Fatalf("no association in: %s", text)
			}
			if strings.Contains(text, "%!") || strings.Contains(text, "nan") {
				t.Fatalf("format: %s", text)
			}
		}
	}
	if len(states) != 3 {
		t.Errorf("not every state was met: %v", states)
	}
	text := strings.ToLower(measure.CompareTactic(nil, nil, "x", day0).Definition())
	for _, w := range causeWords {
		if strings.Contains(text, w) {
			t.Errorf("%q in the definition: %s", w, text)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		v    measure.Verdict
		want string
	}{
		{
			measure.Association(measure.Counts{Deals: 38, Won: 3}, measure.Counts{Deals: 49, Won: 9}),
			`Not enough data for "Anchor": about 12 more deals from reps who had watched it before and about 1 more deal from reps who had not needed.`,
		},
		{
			measure.Association(measure.Counts{Deals: 70, Won: 56}, measure.Counts{Deals: 80, Won: 48}),
			`Deals opened after their rep had watched "Anchor" were won in time more often: 80.0% of 70 (95% range 69.2 to 87.7), against 60.0% of 80 (95% range 49.0 to 70.0). That is 20.0 points apart (95% range 5.2 to 33.4). Weak evidence of an association: reps chose what they watched, and may have differed to begin with.`,
		},
		{
			measure.Association(measure.Counts{Deals: 100, Won: 30}, measure.Counts{Deals: 100, Won: 31}),
			`No clear difference for "Anchor": 30.0% of 100 (95% range 21.9 to 39.6) of the deals opened after watching were won in time, against 31.0% of 100 (95% range 22.8 to 40.6) of the others. Anything from −13.6 to 11.6 points fits.`,
		},
	} {
		if got := c.v.Sentence("Anchor"); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestCompareIsDeterministic(t *testing.T) {
	w := makeWorld(rand.New(rand.NewPCG(3, 3)), 40, 0.05)
	a := measure.Prepare(w.deals, w.asOf)
	first := fmt.Sprintf("%+v", a.Compare("t", w.atOpen).Verdict())
	for range 5 {
		if again := fmt.Sprintf("%+v", measure.CompareTactic(w.deals, w.atOpen, "t", w.asOf).Verdict()); again != first {
			t.Fatalf("%s\n%s", first, again)
		}
	}
}
