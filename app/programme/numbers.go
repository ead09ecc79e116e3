package programme

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// Status is where a participant stands, for those who look after a programme. That somebody practises is
// nobody's to see but theirs, so it is no status here.
type Status string

// The statuses.
const (
	NotStarted      Status = "not_started"
	StatusSubmitted Status = "submitted"
	StatusRetry     Status = "retry"
	StatusPassed    Status = "passed"
	StatusFailed    Status = "failed"
	StatusLeft      Status = "left"
)

// Status says where the enrolment stands.
func (e Enrolment) Status() Status {
	if e.LeftAt != nil {
		return StatusLeft
	}
	if e.State == Started {
		return NotStarted
	}
	return Status(e.State)
}

// Proof is the certificate that a participant holds.
type Proof struct {
	ID, Number string
	ExpiresAt  *time.Time
}

// Participant is a person in a programme, as those see them who look after it.
type Participant struct {
	Enrolment
	Name, Email string
	// Team is the first by name of the teams they are a member of; zero for none.
	Team   Named
	Status Status
	// Overdue is Enrolment.Overdue as of the reading.
	IsOverdue bool
	// Expiring says that the certificate may be renewed now, or has ended.
	Expiring     bool
	LastScore    *int // hundredths of a percent
	LastDecision Decision
	// LastAttemptID is the newest attempt, which waits or has the last result; empty for none.
	LastAttemptID string
	// WaitingSince is when the attempt was submitted that waits.
	WaitingSince *time.Time
	Proof        *Proof
}

// Counts is how many participants stand where.
type Counts struct {
	People, NotStarted, Submitted, Passed, Retry, Failed, Overdue, Expiring int
	// WaitingReviews are not yet sent; OldestWaitingAt is when the oldest of them came up.
	WaitingReviews  int
	OldestWaitingAt *time.Time
}

// TeamCounts is Counts of one team; Team is zero for those in none.
type TeamCounts struct {
	Team   Named
	Counts Counts
}

// Results sums up one result of each person.
type Results struct {
	N, Passed int
	// MeanScore is in hundredths of a percent; 0 for no results.
	MeanScore float64
}

// Missed is how a criterion comes out.
type Missed struct {
	CriterionID, Name string
	N                 int
	// BelowShare and MeanShare are 0 to 1.
	BelowShare, MeanShare float64
}

// ReviewTime is how long reviews took, in business hours.
type ReviewTime struct {
	N           int
	Median, P90 float64
}

// Disputes counts disputes by what became of them.
type Disputes struct{ Open, Changed, Stands int }

// Numbers is how a programme goes.
type Numbers struct {
	Definition  []string
	AsOf        time.Time
	Team        string
	Total       Counts
	Teams       []TeamCounts
	First, Last Results
	Missed      []Missed
	ReviewTime  ReviewTime
	Disputes    Disputes
}

// definitions say what the figures mean, in the order of the screen.
func definitions(p Programme) []string {
	missed := fmt.Sprintf("the share of results in which its level is worth less than %d %% of its points", p.Pass.Percent)
	if p.Pass.Kind == score.Each {
		missed = fmt.Sprintf("the share of results in which it stays below level %d", p.Pass.Level)
	}
	return []string{
		"People are those whom a rule of this programme holds of now, as far as one may see them. Everybody is counted once: in the first by name of the teams they are a member of.",
		"Not started: no attempt since the start or the last renewal. Submitted: an attempt waits for its result. Retry, passed, failed: the last result.",
		"Overdue: the due time has passed where the participant is, and no attempt is submitted or passed. Who joined after a fixed date has no due time until they are given one.",
		"Expiring: the certificate may be renewed now, or has ended and was not renewed.",
		"Waiting reviews: not yet sent, second ones included; the oldest by when it came up.",
		"First and last attempt: the first and the last result of each person, of all who ever took part. A score is the weighted mean of the levels' shares of points.",
		"Missed: for each criterion " + missed + ", over all results and mapped rubric versions together; levels carried over from an attempt before are not counted again.",
		fmt.Sprintf("Time to review: from submission to result in business hours, Monday to Friday %d to %d where the reviewer is; holidays count as working days. Median and 90th percentile (type 7).", score.DayBegins, score.DayEnds),
	}
}

// ParticipantFilter narrows participants.
type ParticipantFilter struct {
	// Status is empty for all who have not left; StatusLeft for those who have.
	Status Status
	// Overdue and Expiring narrow further.
	Overdue, Expiring bool
	// Team narrows to a team and all below it; empty for all.
	Team string
	// After is the enrolment id of the last one of the page before.
	After string
	Limit int
}

// Participants gives a programme's participants as far as the actor may see them, by name, a page at a time.
// Errors: NotFound, Invalid team_not_found or cursor_unknown.
func (s *Service) Participants(ctx context.Context, a people.Actor, id string, f ParticipantFilter) ([]Participant, error) {
	p, err := s.Programme(ctx, a, id)
	if err != nil {
		return nil, err
	}
	all, err := s.participants(ctx, a, p, f.Team)
	if err != nil {
		return nil, err
	}
	if f.After != "" {
		at := slices.IndexFunc(all, func(o Participant) bool { return o.ID == f.After })
		if at < 0 {
			return nil, fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
		}
		all = all[at+1:]
	}
	var out []Participant
	for _, o := range all {
		if len(out) == f.Limit {
			break
		}
		switch {
		case f.Status == "" && o.Status == StatusLeft, f.Status != "" && o.Status != f.Status, f.Overdue && !o.IsOverdue, f.Expiring && !o.Expiring:
			continue
		}
		out = append(out, o)
	}
	return out, nil
}

// participants gives all participants in the actor's sight, by name.
func (s *Service) participants(ctx context.Context, a people.Actor, p Programme, team string) ([]Participant, error) {
	sc, err := s.scope(ctx, a, p.ID, team)
	if err != nil {
		return nil, err
	}
	return loadParticipants(s.DB.Read(ctx), sc, p, s.DB.Now())
}

// scope is whose part of a programme is looked at.
type scope struct {
	actor       people.Actor
	programmeID string
	// teams is nil for all.
	teams []string
}

func (s *Service) scope(ctx context.Context, a people.Actor, programmeID, team string) (scope, error) {
	sc := scope{actor: a, programmeID: programmeID}
	if team == "" {
		return sc, nil
	}
	var err error
	sc.teams, err = s.People.Below(ctx, team)
	if fault.Is(err, fault.NotFound) {
		return sc, fault.InvalidField("team", "team_not_found", "There is no such team.")
	}
	return sc, err
}

// Numbers gives how a programme goes for the participants the actor may see; team narrows to a team and all
// below it. Errors: NotFound, Invalid team_not_found.
func (s *Service) Numbers(ctx context.Context, a people.Actor, id, team string) (Numbers, error) {
	p, err := s.Programme(ctx, a, id)
	if err != nil {
		return Numbers{}, err
	}
	sc, err := s.scope(ctx, a, id, team)
	if err != nil {
		return Numbers{}, err
	}
	g := s.DB.Read(ctx)
	n := Numbers{Definition: definitions(p), AsOf: s.DB.Now(), Team: team}
	all, err := loadParticipants(g, sc, p, n.AsOf)
	if err != nil {
		return Numbers{}, err
	}
	waiting, err := loadWaiting(g, sc)
	if err != nil {
		return Numbers{}, err
	}
	n.Total, n.Teams = count(all, waiting)
	results, err := loadResults(g, sc)
	if err != nil {
		return Numbers{}, err
	}
	n.First, n.Last = firstAndLast(results)
	n.ReviewTime = reviewTime(results)
	if n.Missed, err = s.missed(ctx, sc, p); err != nil {
		return Numbers{}, err
	}
	n.Disputes, err = loadDisputes(g, sc)
	return n, err
}

// waitingReview is a review that is not sent yet.
type waitingReview struct {
	PersonID string
	Since    time.Time
}

// count counts participants who have not left, all together and by team: teams by name, those in none last.
func count(all []Participant, waiting []waitingReview) (Counts, []TeamCounts) {
	var total Counts
	byTeam := map[Named]*Counts{}
	teamOf := make(map[string]*Counts, len(all))
	for _, p := range all {
		if p.Status == StatusLeft {
			continue
		}
		c := byTeam[p.Team]
		if c == nil {
			c = &Counts{}
			byTeam[p.Team] = c
		}
		teamOf[p.PersonID] = c
		total.add(p)
		c.add(p)
	}
	for _, w := range waiting {
		total.wait(w.Since)
		if c := teamOf[w.PersonID]; c != nil {
			c.wait(w.Since)
		}
	}
	teams := make([]TeamCounts, 0, len(byTeam))
	for t, c := range byTeam {
		teams = append(teams, TeamCounts{t, *c})
	}
	slices.SortFunc(teams, func(a, b TeamCounts) int {
		if (a.Team.ID == "") != (b.Team.ID == "") {
			return cmp.Compare(b.Team.ID, a.Team.ID)
		}
		return cmp.Or(cmp.Compare(a.Team.Name, b.Team.Name), cmp.Compare(a.Team.ID, b.Team.ID))
	})
	return total, teams
}

func (c *Counts) add(p Participant) {
	c.People++
	switch p.Status {
	case NotStarted:
		c.NotStarted++
	case StatusSubmitted:
		c.Submitted++
	case StatusRetry:
		c.Retry++
	case StatusPassed:
		c.Passed++
	case StatusFailed:
		c.Failed++
	case StatusLeft:
	}
	if p.IsOverdue {
		c.Overdue++
	}
	if p.Expiring {
		c.Expiring++
	}
}

func (c *Counts) wait(since time.Time) {
	c.WaitingReviews++
	if c.OldestWaitingAt == nil || since.Before(*c.OldestWaitingAt) {
		c.OldestWaitingAt = &since
	}
}

// result is one attempt's.
type result struct {
	enrolmentID            string
	decision               Decision
	score                  int
	submittedAt, settledAt time.Time
	zone                   *time.Location // of the reviewer
}

// firstAndLast sums up the first and the last result of each person; results are in order.
func firstAndLast(results []result) (first, last Results) {
	for i, r := range results {
		if i == 0 || results[i-1].enrolmentID != r.enrolmentID {
			first.add(r)
		}
		if i == len(results)-1 || results[i+1].enrolmentID != r.enrolmentID {
			last.add(r)
		}
	}
	for _, r := range []*Results{&first, &last} {
		if r.N > 0 {
			r.MeanScore /= float64(r.N)
		}
	}
	return first, last
}

func (r *Results) add(o result) {
	r.N++
	r.MeanScore += float64(o.score)
	if o.decision == Pass {
		r.Passed++
	}
}

func reviewTime(results []result) ReviewTime {
	hours := make([]float64, len(results))
	for i, r := range results {
		hours[i] = score.BusinessHours(r.submittedAt, r.settledAt, r.zone).Hours()
	}
	t := ReviewTime{N: len(hours)}
	t.Median, _ = score.Quantile(hours, 0.5)
	t.P90, _ = score.Quantile(hours, 0.9)
	return t
}

// missed sums up how criteria come out, the most often missed first.
func (s *Service) missed(ctx context.Context, sc scope, p Programme) ([]Missed, error) {
	tallies, versionIDs, err := loadLevels(s.DB.Read(ctx), sc)
	if err != nil {
		return nil, err
	}
	versions, err := s.Rubrics.Versions(ctx, append(versionIDs, p.RubricVersionID)...)
	if err != nil {
		return nil, err
	}
	return missedOf(p.Pass, versions, tallies), nil
}

// levelTally counts the results in which a criterion has a level.
type levelTally struct {
	CriterionID string
	Level, N    int
}

func missedOf(rule score.PassRule, versions map[string]rubric.Version, tallies []levelTally) []Missed {
	type sum struct {
		newest     rubric.Criterion
		version    rubric.Version
		n, below   int
		shares     float64
		isMeasured bool
	}
	byLineage, criteria := map[string]*sum{}, map[string]rubric.Criterion{}
	for _, v := range versions {
		for _, c := range v.Criteria {
			criteria[c.ID] = c
			s := byLineage[c.Lineage]
			if s == nil {
				s = &sum{}
				byLineage[c.Lineage] = s
			}
			if s.newest.ID == "" || v.Number > s.version.Number {
				s.newest, s.version = c, v
			}
		}
	}
	for _, t := range tallies {
		c, ok := criteria[t.CriterionID]
		if !ok {
			continue
		}
		s := byLineage[c.Lineage]
		s.isMeasured = true
		s.n += t.N
		s.shares += float64(t.N) * c.Share(t.Level)
		below := c.Share(t.Level)*100 < float64(rule.Percent)
		if rule.Kind == score.Each {
			below = t.Level < min(rule.Level, len(c.Levels))
		}
		if below {
			s.below += t.N
		}
	}
	var out []Missed
	for _, s := range byLineage {
		if s.isMeasured {
			out = append(out, Missed{s.newest.ID, s.newest.Name, s.n, float64(s.below) / float64(s.n), s.shares / float64(s.n)})
		}
	}
	slices.SortFunc(out, func(a, b Missed) int {
		return cmp.Or(cmp.Compare(b.BelowShare, a.BelowShare), cmp.Compare(a.MeanShare, b.MeanShare), cmp.Compare(a.Name, b.Name), cmp.Compare(a.CriterionID, b.CriterionID))
	})
	return out
}
