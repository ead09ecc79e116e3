package insight

import (
	"context"
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

func (c Counts) any() bool { return c.Saw+c.Shared+c.Saved+c.Used > 0 }

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
	"private and deleted videos. Practised takes and reused phrases are not counted yet. The rate is the share of those who saw it, in the period, that also used it; " +
	"it is shown from 5 viewers on. Ordered by used, then saved, shared and saw; the first 50 of each. " +
	"Videos and moments are listed as far as you may see them; people are counted over all videos that are not private."

// ReportModeled says who and what is modeled. Trainers and admins see the company, managers the authors
// of the teams they manage, everybody else their own row.
func (s *Service) ReportModeled(ctx context.Context, a people.Actor, f Filter) (Modeled, error) {
	out := Modeled{Definition: modeledDefinition, AsOf: s.db.Now(), Filter: f}
	org, err := s.org(ctx)
	if err != nil {
		return out, err
	}
	authors, err := s.scope(ctx, a, org, ReadModeled, f)
	if err != nil {
		return out, err
	}
	r := newReel(org)
	if err := r.loadFilms(ctx, s.db, a, f, authors); err != nil || len(r.films) == 0 {
		return out, err
	}
	if err := r.loadActs(ctx, s.db, f); err != nil {
		return out, err
	}
	if out.People, err = s.peopleRows(ctx, r); err != nil {
		return out, err
	}
	if out.Videos, err = s.videoRows(ctx, r); err != nil {
		return out, err
	}
	if err := r.loadMoments(ctx, s.db, f, r.leading()); err != nil {
		return out, err
	}
	out.Moments, err = s.momentRows(ctx, r)
	return out, err
}

// subset is a set of people that a report is about.
type subset struct {
	all bool
	ids map[string]bool
}

func (s subset) has(id string) bool { return s.all || s.ids[id] }

// scope works out whom a report may and shall be about, and checks the filter.
func (s *Service) scope(ctx context.Context, a people.Actor, org org, action Action, f Filter) (subset, error) {
	scope := ScopeOf(a, action)
	if scope == Nobody {
		return subset{}, fault.Denied("Only trainers, and managers for their teams, may see this report.")
	}
	if _, ok := org.parent[f.Team]; f.Team != "" && !ok {
		return subset{}, fault.InvalidField("team", "team_not_found", "There is no such team.")
	}
	if err := checkTactic(ctx, s.db, f.Tactic); err != nil {
		return subset{}, err
	}
	switch {
	case scope == Oneself && f.Team != "":
		return subset{}, fault.Denied("You may see the report on your own videos.")
	case scope == Oneself:
		return subset{ids: map[string]bool{a.PersonID: true}}, nil
	case scope == Teams && f.Team == "":
		return subset{ids: org.people(a.Reach.ManagedTeams)}, nil
	case scope == Teams && !a.ManagesTeam(f.Team):
		return subset{}, fault.Denied("You may see reports on the teams you manage.")
	case f.Team == "":
		return subset{all: true}, nil
	}
	return subset{ids: org.people(org.below(f.Team))}, nil
}

func (s *Service) peopleRows(ctx context.Context, r *reel) ([]PersonRow, error) {
	counts := r.countPeople()
	keys := top(counts, strings.Compare)
	keys = keys[:min(len(keys), maxRows)]
	names, err := s.dir.Names(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]PersonRow, len(keys))
	for i, k := range keys {
		out[i] = PersonRow{k, names[k], r.videos[k], counts[k]}
	}
	return out, nil
}

func (s *Service) videoRows(ctx context.Context, r *reel) ([]VideoRow, error) {
	counts := r.countVideos()
	keys := top(counts, strings.Compare)
	keys = keys[:min(len(keys), maxRows)]
	heads, err := s.heads(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]VideoRow, len(keys))
	for i, k := range keys {
		out[i] = heads[k]
		out[i].Counts = counts[k]
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

// momentRows lists moments. What was only seen is listed while it is a moment of the transcript: that
// may have been corrected since.
func (s *Service) momentRows(ctx context.Context, r *reel) ([]MomentRow, error) {
	counts := r.countMoments()
	keys := top(counts, moment.compare)
	var out []MomentRow
	for len(keys) > 0 && len(out) < maxRows {
		some := keys[:min(len(keys), maxRows)]
		keys = keys[len(some):]
		ids := make([]string, len(some))
		for i, k := range some {
			ids[i] = k.video
		}
		heads, err := s.heads(ctx, ids)
		if err != nil {
			return nil, err
		}
		texts, err := momentTexts(ctx, s.db, ids)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			text, current := texts[k]
			if acted := counts[k].Used+counts[k].Saved+counts[k].Shared > 0; !current && !acted || len(out) == maxRows {
				continue
			}
			m := MomentRow{heads[k.video], k.start, k.end, text}
			m.Counts = counts[k]
			out = append(out, m)
		}
	}
	return out, nil
}
