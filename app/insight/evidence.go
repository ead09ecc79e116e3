package insight

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/people"
)

// TacticRow is what may be said of one tactic.
type TacticRow struct {
	Key, Label string
	Verdict    measure.Verdict
	// Sentence says it in words: association, and nothing stronger.
	Sentence string
}

// Evidence is the report on tactics and won deals.
type Evidence struct {
	Definition string
	AsOf       time.Time
	Filter     Filter
	Rows       []TacticRow
	Horizons   measure.Horizons
	LeftOut    measure.LeftOut
	// Mature is how many deals take part; Unowned how many are left out because no rep is known.
	Mature, Unowned int
}

// ReportTactics compares, for each tactic, deals whose rep was exposed to it before they were opened
// with deals whose rep was not. Trainers and admins see the company, managers the deals of their teams.
func (s *Service) ReportTactics(ctx context.Context, a people.Actor, f Filter) (Evidence, error) {
	out := Evidence{AsOf: s.db.Now(), Filter: f}
	org, err := s.org(ctx)
	if err != nil {
		return out, err
	}
	owners, err := s.scope(ctx, a, org, ReadEvidence, f)
	if err != nil {
		return out, err
	}
	deals, unowned, err := dealsFor(ctx, s.db, f, owners)
	if err != nil {
		return out, err
	}
	terms, err := tacticTerms(ctx, s.db, f.Tactic)
	if err != nil {
		return out, err
	}
	exposures, err := exposuresTo(ctx, s.db, terms, ownersOf(deals))
	if err != nil {
		return out, err
	}
	population := measure.Prepare(deals, out.AsOf)
	out.Horizons, out.LeftOut, out.Mature, out.Unowned = population.Horizons, population.LeftOut, population.Mature(), unowned
	out.Definition = population.Compare("", nil).Definition()
	verdicts := make([]measure.Verdict, len(terms))
	for i, t := range terms {
		verdicts[i] = population.Compare(t.Key, exposures[t.Key]).Verdict()
	}
	for i, v := range measure.ConsiderAll(verdicts) {
		out.Rows = append(out.Rows, TacticRow{terms[i].Key, terms[i].Label, v, v.Sentence(terms[i].Label)})
	}
	// Those with something to say come first, by what they need least.
	slices.SortStableFunc(out.Rows, func(x, y TacticRow) int { return missing(x) - missing(y) })
	return out, nil
}

func ownersOf(deals []measure.Deal) map[string]bool {
	out := map[string]bool{}
	for _, d := range deals {
		out[d.Owner] = true
	}
	return out
}

// missing is how many deals a tactic is short of, 0 where there is something to say.
func missing(r TacticRow) int {
	if r.Verdict.State != measure.NotEnoughData {
		return 0
	}
	return r.Verdict.Exposed.MoreDeals + r.Verdict.Unexposed.MoreDeals
}
