package insight

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// Filter narrows a report.
type Filter struct {
	// Team keeps authors (Modeled) or deal owners (Tactics) of a team or the teams below it.
	Team string
	// Tactic is a key of the vocabulary.
	Tactic string
	// From and To bound when people acted (Modeled) or deals were opened (Tactics): [From, To).
	From, To *time.Time
}

// maxRows is how many rows a report has.
const maxRows = 50

// Counts are the separate counts of one row: distinct colleagues who did each.
type Counts struct {
	Saw, Shared, Saved, Used int
	// UsedRate is the share of those who saw it that used it; absent under five viewers.
	UsedRate measure.Rate
}

// PersonRow is one author.
type PersonRow struct {
	PersonID, Name string
	Videos         int
	Counts
}

// VideoRow is one video.
type VideoRow struct {
	VideoID, Title       string
	AuthorID, AuthorName string
	Counts
}

// MomentRow is one moment.
type MomentRow struct {
	VideoRow
	StartMS, EndMS int64
	Text           string
}

// Modeled is the report on who and what is modeled.
type Modeled struct {
	Definition string
	AsOf       time.Time
	Filter     Filter
	People     []PersonRow
	Videos     []VideoRow
	Moments    []MomentRow
}

const modeledDefinition = "Distinct colleagues, counted apart and never added up: saw (viewed for 10 seconds, or 75% of a video shorter than 13 seconds; " +
	"of a moment: watched all of it), shared, saved, and used (said \"used it\" within 14 days after viewing). Left out: the author, everybody in the author's line, " +
	"private and deleted videos. Practised takes and reused phrases are not counted yet. A rate is shown from 5 viewers on. " +
	"Ordered by used, then saved, shared and saw. Videos and moments are listed as far as you may see them; people are counted over all videos that are not private."

// ReportModeled says who and what is modeled. Trainers and admins see the company, managers the authors
// of the teams they manage, everybody else their own row.
func (s *Service) ReportModeled(ctx context.Context, a people.Actor, f Filter) (Modeled, error) {
	out := Modeled{Definition: modeledDefinition, AsOf: s.db.Now(), Filter: f}
	authors, err := s.scope(ctx, a, ReadModeled, f)
	if err != nil {
		return out, err
	}
	q := modeledQuery{filter: f, authors: authors, keys: a.Reach.Keys}
	people, err := s.peopleRows(ctx, q)
	if err != nil {
		return out, err
	}
	if out.People = people; len(people) == 0 {
		return out, nil
	}
	if out.Videos, err = s.videoRows(ctx, q); err != nil {
		return out, err
	}
	out.Moments, err = s.momentRows(ctx, q)
	return out, err
}

// subset is a set of people that a report is about; nil members with all set means everybody.
type subset struct {
	all bool
	ids []string
}

// scope works out whom a report may and shall be about.
func (s *Service) scope(ctx context.Context, a people.Actor, action Action, f Filter) (subset, error) {
	var teams []string
	if f.Team != "" {
		tree, err := s.dir.TeamTree(ctx)
		if err != nil {
			return subset{}, err
		}
		if _, ok := tree[f.Team]; !ok {
			return subset{}, fault.InvalidField("team", "team_not_found", "There is no such team.")
		}
		teams = people.ReachOf(people.Place{Manages: []string{f.Team}}, tree).ManagedTeams
	}
	switch ScopeOf(a, action) {
	case Company:
		if f.Team == "" {
			return subset{all: true}, nil
		}
	case Teams:
		if f.Team == "" {
			teams = a.Reach.ManagedTeams
		} else if !a.ManagesTeam(f.Team) {
			return subset{}, fault.Denied("You may see reports on the teams you manage.")
		}
	case Oneself:
		if f.Team != "" {
			return subset{}, fault.Denied("You may see the report on your own videos.")
		}
		return subset{ids: []string{a.PersonID}}, nil
	case Nobody:
		return subset{}, fault.Denied("Only trainers, and managers for their teams, may see this report.")
	}
	ids, err := membersOf(ctx, s.db, teams)
	return subset{ids: ids}, err
}

func (s *Service) peopleRows(ctx context.Context, q modeledQuery) ([]PersonRow, error) {
	counts, err := countBy(ctx, s.db, q, "v.author_id", "")
	if err != nil {
		return nil, err
	}
	made, err := videosByAuthor(ctx, s.db, q)
	if err != nil {
		return nil, err
	}
	for id := range made {
		if _, ok := counts[id]; !ok {
			counts[id] = &Counts{}
		}
	}
	keys := top(counts)
	names, err := s.dir.Names(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]PersonRow, len(keys))
	for i, k := range keys {
		out[i] = PersonRow{k, names[k], made[k], *counts[k]}
	}
	return out, nil
}

func (s *Service) videoRows(ctx context.Context, q modeledQuery) ([]VideoRow, error) {
	q.visible = true
	counts, err := countBy(ctx, s.db, q, "v.id", "")
	if err != nil {
		return nil, err
	}
	keys := top(counts)
	heads, err := s.heads(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]VideoRow, len(keys))
	for i, k := range keys {
		out[i] = heads[k]
		out[i].Counts = *counts[k]
	}
	return out, nil
}

// heads gives titles and authors of videos.
func (s *Service) heads(ctx context.Context, ids []string) (map[string]VideoRow, error) {
	rows, err := titles(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	var authors []string
	for _, r := range rows {
		authors = append(authors, r.AuthorID)
	}
	names, err := s.dir.Names(ctx, authors)
	if err != nil {
		return nil, err
	}
	out := make(map[string]VideoRow, len(rows))
	for _, r := range rows {
		r.AuthorName = names[r.AuthorID]
		out[r.VideoID] = r
	}
	return out, nil
}

func (s *Service) momentRows(ctx context.Context, q modeledQuery) ([]MomentRow, error) {
	q.visible, q.moments = true, true
	counts, err := countBy(ctx, s.db, q, "v.id", "start_ms, end_ms")
	if err != nil {
		return nil, err
	}
	keys := top(counts)
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i], _, _ = strings.Cut(k, " ")
	}
	heads, err := s.heads(ctx, ids)
	if err != nil {
		return nil, err
	}
	texts, err := momentTexts(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	out := make([]MomentRow, len(keys))
	for i, k := range keys {
		m := parseMoment(k)
		m.VideoRow = heads[ids[i]]
		m.Counts, m.Text = *counts[k], texts[k]
		out[i] = m
	}
	return out, nil
}

// top orders keys by used, saved, shared, saw, and then by the key, and keeps the first maxRows.
func top(counts map[string]*Counts) []string {
	keys := make([]string, 0, len(counts))
	for k, c := range counts {
		c.UsedRate = measure.RateOf(c.Used, c.Saw)
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, y := counts[a], counts[b]
		return cmp.Or(cmp.Compare(y.Used, x.Used), cmp.Compare(y.Saved, x.Saved), cmp.Compare(y.Shared, x.Shared), cmp.Compare(y.Saw, x.Saw), cmp.Compare(a, b))
	})
	return keys[:min(len(keys), maxRows)]
}
