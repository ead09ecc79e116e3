package measure

const (
	// MinDeals is the number of mature deals that each side needs.
	MinDeals = 50
	// MinReps is the number of reps that each side needs before a difference is
	// claimed: with fewer, it may be the reps that differ.
	MinReps = 5
	// MaxDiscoveryRate is the false discovery rate that is accepted over all
	// tactics that are shown together.
	MaxDiscoveryRate = 0.10
)

// State is what may be shown of a comparison.
type State string

// The three states.
const (
	NotEnoughData     State = "not_enough_data"
	NoClearDifference State = "no_clear_difference"
	ClearDifference   State = "difference"
)

// Reason says why a comparison is not a difference.
type Reason string

// The reasons; the first that holds is given.
const (
	ReasonNone Reason = ""
	// ReasonFewDeals goes with NotEnoughData: a side has under MinDeals.
	ReasonFewDeals Reason = "few_deals"
	// ReasonFewReps goes with NoClearDifference: a side has under MinReps reps.
	ReasonFewReps Reason = "few_reps"
	// ReasonFits0 goes with NoClearDifference: the interval contains 0.
	ReasonFits0 Reason = "interval_contains_zero"
	// ReasonManyTactics goes with NoClearDifference: among so many tactics, a
	// difference of this size is expected by chance.
	ReasonManyTactics Reason = "many_tactics"
)

// Strength grades the evidence for a difference. It grades how surely there is an
// association, not what is behind it: no strength of an association makes it more.
type Strength string

// The strengths.
const (
	// StrengthNone: no difference is claimed.
	StrengthNone Strength = "none"
	// StrengthWeak: the size is known to no better than 10 points either way.
	StrengthWeak Strength = "weak"
	// StrengthModerate: everything between.
	StrengthModerate Strength = "moderate"
	// StrengthStrong: at least 200 deals and 10 reps a side, known to 5 points
	// either way, and the interval excludes 0 even at 99 %.
	StrengthStrong Strength = "strong"
)

// Side is one side of a verdict.
type Side struct {
	Deals, Won int
	// Reps is the number of reps; 0 when the counts were not broken down.
	Reps int
	// Rate is Won / Deals; 0 without deals.
	Rate float64
	// Interval is Wilson's interval of Rate over the deals.
	Interval Interval
	// MoreDeals is how many more mature deals are needed for MinDeals.
	MoreDeals int
}

// Verdict is a comparison with everything that is shown of it.
type Verdict struct {
	State              State
	Reason             Reason
	Strength           Strength
	Exposed, Unexposed Side
	// Difference is the exposed rate minus the unexposed rate, by Newcombe's
	// method and widened for deals that share a rep.
	Difference Difference
	// P is the level at which the interval of the difference touches 0.
	P float64
	// Q is P after Benjamini-Hochberg over the Family; equal to P before
	// ConsiderAll.
	Q float64
	// Family is the number of tactics that were considered together.
	Family int
}

// Association says what may be said about two groups of mature deals.
func Association(exposed, unexposed Counts) Verdict {
	a, b := newSample(exposed), newSample(unexposed)
	v := Verdict{
		State:      NoClearDifference,
		Reason:     ReasonFits0,
		Strength:   StrengthNone,
		Exposed:    side(exposed),
		Unexposed:  side(unexposed),
		Difference: newcombe(a, b, 1-Confidence),
		P:          pValue(a, b),
		Family:     1,
	}
	v.Q = v.P
	switch {
	case v.Exposed.MoreDeals > 0 || v.Unexposed.MoreDeals > 0:
		v.State, v.Reason = NotEnoughData, ReasonFewDeals
	case fewReps(exposed) || fewReps(unexposed):
		v.Reason = ReasonFewReps
	case v.Difference.ExcludesZero():
		v.State, v.Reason = ClearDifference, ReasonNone
		v.Strength = v.strength(newcombe(a, b, 0.01).ExcludesZero())
	}
	return v
}

func side(c Counts) Side {
	s := Side{
		Deals:     c.Deals,
		Won:       c.Won,
		Reps:      len(c.Reps),
		Interval:  Wilson(c.Won, c.Deals, Confidence),
		MoreDeals: max(0, MinDeals-c.Deals),
	}
	if c.Deals > 0 {
		s.Rate = float64(c.Won) / float64(c.Deals)
	}
	return s
}

func fewReps(c Counts) bool { return len(c.Reps) > 0 && len(c.Reps) < MinReps }

func (v Verdict) strength(at99 bool) Strength {
	const strongDeals, strongReps = 200, 10
	half := v.Difference.HalfWidth()
	enough := func(s Side) bool { return s.Deals >= strongDeals && s.Reps >= strongReps }
	switch {
	case half > 0.10:
		return StrengthWeak
	case at99 && half <= 0.05 && enough(v.Exposed) && enough(v.Unexposed):
		return StrengthStrong
	}
	return StrengthModerate
}

// ConsiderAll takes the verdicts of all tactics that are shown together and
// withdraws the differences that are expected by chance among so many: those with
// a Q above MaxDiscoveryRate. Tactics without enough data are no part of the
// family. The verdicts come back in the same order; the argument is unchanged.
func ConsiderAll(verdicts []Verdict) []Verdict {
	out := append([]Verdict(nil), verdicts...)
	var family []int
	var ps []float64
	for i, v := range out {
		if v.State != NotEnoughData && v.Reason != ReasonFewReps {
			family = append(family, i)
			ps = append(ps, v.P)
		}
	}
	for k, q := range BenjaminiHochberg(ps) {
		v := &out[family[k]]
		v.Q, v.Family = q, len(family)
		if v.State == ClearDifference && q > MaxDiscoveryRate {
			v.State, v.Reason, v.Strength = NoClearDifference, ReasonManyTactics, StrengthNone
		}
	}
	return out
}
