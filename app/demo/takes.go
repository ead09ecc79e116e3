package demo

import "slices"

// The tactics of the vocabulary that a new installation begins with.
const (
	anchor      = "anchor-on-cost-of-delay"
	implication = "ask-the-implication-question"
	mutualPlan  = "agree-on-a-mutual-plan"
	totalCost   = "compare-total-cost-not-price"
	story       = "tell-a-customer-story"
	trade       = "trade-never-give"
	elephant    = "name-the-elephant"
	champion    = "test-the-champion"
	multiThread = "multi-thread-early"
	quantify    = "quantify-the-pain"
	reframe     = "reframe-the-objection"
	smallStep   = "offer-a-small-first-step"
)

// Planted is the tactic whose exposure goes with winning more deals, and NotPlanted one that is watched as
// much and has no effect. docs/demo.md says so too.
const (
	Planted    = anchor
	NotPlanted = story
)

// situation is what a take is about, in labels of the vocabulary.
type situation struct {
	stage, industry, persona, competitor, product, objection string
}

// take is one recording of the company.
type take struct {
	// key names the take in ids and steps; it never changes.
	key, author, title string
	// days is how long ago it was recorded, counted from the company's beginning.
	days    float64
	tactics []string
	about   string
	where   situation
	said    string
	// audience is empty for everyone.
	audience string
	// pull is the share of those who may that watch it, use the share of watchers that say they used it.
	pull, use float64
	// broken makes a file that cannot be played.
	broken bool
}

// takes gives all takes, oldest first.
func takes() []take {
	return slices.Concat(foundingTakes(), laterTakes(), recentTakes())
}
