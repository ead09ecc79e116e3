package coach

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

const (
	// pageDays is how far back the page of a person looks.
	pageDays = 90
	// maxMoments is how many moments a talk has time for.
	maxMoments = 3
	// maxInteractions is how many interactions the page shows.
	maxInteractions = 10
	// early and long are how a moment is cut out around a second that somebody spoke of, in milliseconds.
	early, long = 3_000, 12_000
)

// Page is what two people need before them when they talk: how the one has come along, and what is open.
type Page struct {
	Person people.Person
	// Coach is whom new promises of the person's own page are made to: their nearest manager, empty for none.
	CoachID string
	// Since is from when on there is something on the page, but for the first attempts.
	Since        time.Time
	Programmes   []Progress
	Moments      []Moment
	Promises     []Promise
	Interactions []Interaction
	// Suggestion is one thing to do next; nil where nothing suggests itself.
	Suggestion *Suggestion
}

// Progress is the first and the last settled attempt of a person at a programme; both are the same for who has
// one only.
type Progress struct {
	ProgrammeID, Programme string
	Attempts               int
	First, Last            Score
}

// Score is the result of an attempt.
type Score struct {
	AttemptID, Decision string
	// Percent has one decimal.
	Percent float64
	At      time.Time
}

// Moment is a stretch of one of the person's videos that is worth a look, with the reason.
type Moment struct {
	VideoID        string
	StartMS, EndMS int64
	Why            string
}

// Suggestion is one thing to do next.
type Suggestion struct {
	Words string
	// Link is the address of its screen; empty where it is on this page.
	Link string
}

// PageOf gives the page of a person, to that person and to their line; NotFound to others.
func (s *Service) PageOf(ctx context.Context, a people.Actor, person string) (Page, error) {
	g := s.DB.Read(ctx)
	if err := seesPage(g, a, person); err != nil {
		return Page{}, err
	}
	p := Page{Since: s.DB.Now().AddDate(0, 0, -pageDays)}
	var err error
	if p.Person, err = s.People.PersonByID(ctx, a, person); err != nil {
		return Page{}, err
	}
	coaches := []string{a.PersonID}
	if person == a.PersonID {
		if coaches, err = lineOf(g, person); err != nil {
			return Page{}, err
		}
		if p.CoachID, err = nearestManager(g, person); err != nil {
			return Page{}, err
		}
	}
	if p.Programmes, err = progress(g, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Moments, err = moments(g, a, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Promises, err = s.promisesOf(g, a, person, p.Since); err != nil {
		return Page{}, err
	}
	if p.Interactions, err = lastInteractions(g, a, person, coaches, p.Since, maxInteractions); err != nil {
		return Page{}, err
	}
	p.Suggestion, err = suggestion(g, a, p)
	return p, err
}

// seesPage is openPage for the database, outside a transaction.
func seesPage(g *gorm.DB, a people.Actor, person string) error {
	missing := fault.Missing("person")
	if a.PersonID == "" || !plain(person) {
		return missing
	}
	line, args := a.InLineSQL("id")
	var n int64
	if err := g.Raw(`SELECT COUNT(*) FROM persons WHERE id = ? AND `+line, append([]any{person}, args...)...).Scan(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}

// progress gives the first and the last settled attempt at each programme with a result since a time, the
// programme with the latest first.
func progress(g *gorm.DB, person string, since time.Time) ([]Progress, error) {
	var rows []struct {
		ProgrammeID, Programme, ID, Decision string
		Score                                int64
		SettledAt                            stamp
		FromFirst, FromLast, Attempts        int
	}
	err := g.Raw(`SELECT * FROM (SELECT t.programme_id, p.name AS programme, t.id, t.decision, t.score, t.settled_at,
			ROW_NUMBER() OVER (PARTITION BY t.programme_id ORDER BY t.number) AS from_first, ROW_NUMBER() OVER (PARTITION BY t.programme_id ORDER BY t.number DESC) AS from_last,
			COUNT(*) OVER (PARTITION BY t.programme_id) AS attempts
		FROM attempts t JOIN programmes p ON p.id = t.programme_id WHERE t.person_id = ? AND t.state = 'settled' AND t.score IS NOT NULL) x
		WHERE from_first = 1 OR from_last = 1 ORDER BY programme_id, from_first`, person).Scan(&rows).Error
	var out []Progress
	for _, r := range rows {
		score := Score{AttemptID: r.ID, Decision: r.Decision, Percent: float64((r.Score+5)/10) / 10, At: r.SettledAt.Time}
		if r.FromFirst == 1 {
			out = append(out, Progress{ProgrammeID: r.ProgrammeID, Programme: r.Programme, Attempts: r.Attempts, First: score})
		}
		out[len(out)-1].Last = score
	}
	out = slices.DeleteFunc(out, func(p Progress) bool { return p.Last.At.Before(since) })
	slices.SortStableFunc(out, func(a, b Progress) int {
		return cmp.Or(b.Last.At.Compare(a.Last.At), cmp.Compare(a.ProgrammeID, b.ProgrammeID))
	})
	return out, err
}

// candidate is a second of one of the person's videos that somebody spoke of.
type candidate struct {
	Kind       string // good | work | question | note of a review, said of a note on a take
	VideoID    string
	AtMS       int64 `gorm:"column:at_ms"`
	DurationMS int64 `gorm:"column:duration_ms"`
	Body       string
	// Source is the programme or the title of the take; Speaker who wrote a note on a take.
	Source, Speaker string
}

// maxCandidates is how many seconds are looked at to choose the moments, the latest of each sort.
const maxCandidates = 40

// moments chooses what to look at together, among what the actor may see.
func moments(g *gorm.DB, a people.Actor, person string, since time.Time) ([]Moment, error) {
	keys := append([]string{""}, a.Reach.Keys...)
	const seen = `v.deleted_at IS NULL AND v.state IN ('playable', 'ready') AND EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN ?)`
	var reviewed, said []candidate
	err := g.Raw(`SELECT n.kind, v.id AS video_id, n.at_ms, v.duration_ms, n.body, p.name AS source FROM attempts t JOIN review_notes n ON n.review_id = t.result_review_id
			JOIN programmes p ON p.id = t.programme_id JOIN videos v ON v.id = t.video_id
		WHERE t.person_id = ? AND t.state = 'settled' AND t.settled_at >= ? AND `+seen+` ORDER BY t.settled_at DESC, n.at_ms, n.id LIMIT ?`, person, since, keys, maxCandidates).Scan(&reviewed).Error
	if err != nil {
		return nil, err
	}
	err = g.Raw(`SELECT 'said' AS kind, v.id AS video_id, n.at_ms, v.duration_ms, n.body, v.title AS source, w.name AS speaker FROM videos v JOIN notes n ON n.video_id = v.id
			JOIN persons w ON w.id = n.author_id
		WHERE v.author_id = ? AND n.author_id <> ? AND n.reply_to IS NULL AND n.deleted_at IS NULL AND n.created_at >= ? AND `+seen+` ORDER BY n.created_at DESC, n.id LIMIT ?`,
		person, person, since, keys, maxCandidates).Scan(&said).Error
	return choose(append(reviewed, said...)), err
}

// choose takes one thing that went well, one to work on and one that somebody said, the latest of each, and
// fills up with the next ones. What is within a moment chosen before is left out.
func choose(all []candidate) []Moment {
	var out []Moment
	take := func(fits func(candidate) bool) {
		for _, c := range all {
			m := c.moment()
			if len(out) == maxMoments || !fits(c) || slices.ContainsFunc(out, func(o Moment) bool { return o.VideoID == m.VideoID && o.StartMS < m.EndMS && m.StartMS < o.EndMS }) {
				continue
			}
			out = append(out, m)
			return
		}
	}
	for _, kind := range []string{"good", "work", "said"} {
		take(func(c candidate) bool { return c.Kind == kind })
	}
	for range maxMoments {
		take(func(candidate) bool { return true })
	}
	return out
}

func (c candidate) moment() Moment {
	m := Moment{VideoID: c.VideoID, StartMS: max(0, min(c.AtMS, c.DurationMS)-early)}
	m.EndMS = min(m.StartMS+long, max(c.DurationMS, m.StartMS+1))
	switch c.Kind {
	case "good":
		m.Why = "Good in " + c.Source
	case "work":
		m.Why = "To work on in " + c.Source
	case "question":
		m.Why = "A question in " + c.Source
	case "said":
		m.Why = c.Speaker + " on " + cmp.Or(c.Source, "a take")
	default:
		m.Why = "From the review of " + c.Source
	}
	if c.Body != "" {
		m.Why += ": " + notice.Excerpt(c.Body)
	}
	return m
}

// suggestion names one thing to do next: what waits longest for the actor themself comes first.
func suggestion(g *gorm.DB, a people.Actor, p Page) (*Suggestion, error) {
	steps := []func(*gorm.DB, people.Actor, Page) (*Suggestion, error){waitingReview, overduePromise, tryAgainTogether, unspoken}
	if a.PersonID == p.Person.ID {
		steps = []func(*gorm.DB, people.Actor, Page) (*Suggestion, error){overduePromise, openAssignment, tryAgain, unasked}
	}
	for _, step := range steps {
		if out, err := step(g, a, p); out != nil || err != nil {
			return out, err
		}
	}
	return nil, nil
}

func overduePromise(_ *gorm.DB, a people.Actor, p Page) (*Suggestion, error) {
	for _, x := range p.Promises {
		if !x.Overdue || (a.PersonID == p.Person.ID && x.OwnerID != a.PersonID) {
			continue
		}
		due, err := time.Parse(dayForm, x.DueOn)
		if err != nil {
			return nil, err
		}
		return &Suggestion{Words: fmt.Sprintf("Talk about “%s”: it was due on %s.", notice.Excerpt(x.Body), due.Format("2 January"))}, nil
	}
	return nil, nil
}

// named is an id with the words that go with it.
type named struct{ ID, Name string }

// first reads one row, nil where there is none.
func first(g *gorm.DB, query string, args ...any) (*named, error) {
	var rows []named
	if err := g.Raw(query, args...).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

func waitingReview(g *gorm.DB, a people.Actor, p Page) (*Suggestion, error) {
	r, err := first(g, `SELECT r.id, p.name FROM reviews r JOIN attempts t ON t.id = r.attempt_id JOIN programmes p ON p.id = t.programme_id
		WHERE r.reviewer_id = ? AND r.state = 'waiting' AND t.person_id = ? ORDER BY t.submitted_at, r.id LIMIT 1`, a.PersonID, p.Person.ID)
	if r == nil || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Review the attempt at %s: it waits for you.", r.Name), Link: "/reviews/" + r.ID}, nil
}

// again is an enrolment whose last attempt is to be tried again, with the attempt and what it is looked at for.
func again(g *gorm.DB, person string) (programme, enrolment, attempt, criterion string, err error) {
	var rows []struct{ Programme, Enrolment, Attempt, Criterion string }
	err = g.Raw(`SELECT p.name AS programme, e.id AS enrolment, t.id AS attempt, COALESCE(c.name, '') AS criterion FROM enrolments e JOIN programmes p ON p.id = e.programme_id
			JOIN attempts t ON t.enrolment_id = e.id AND t.number = (SELECT MAX(u.number) FROM attempts u WHERE u.enrolment_id = e.id)
			LEFT JOIN criteria c ON c.version_id = t.rubric_version_id AND e.retry_criteria LIKE '%' || c.id || '%'
		WHERE e.person_id = ? AND e.state = 'retry' AND e.left_at IS NULL ORDER BY e.settled_at DESC, e.id, c.position LIMIT 1`, person).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", "", "", "", err
	}
	r := rows[0]
	return r.Programme, r.Enrolment, r.Attempt, cmp.Or(r.Criterion, "what the review names"), nil
}

func tryAgainTogether(g *gorm.DB, _ people.Actor, p Page) (*Suggestion, error) {
	programme, _, attempt, criterion, err := again(g, p.Person.ID)
	if programme == "" || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Practise %s together: %s is to be tried again on it.", criterion, programme), Link: "/attempts/" + attempt}, nil
}

func tryAgain(g *gorm.DB, _ people.Actor, p Page) (*Suggestion, error) {
	programme, enrolment, _, criterion, err := again(g, p.Person.ID)
	if programme == "" || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Try %s again on %s.", programme, criterion), Link: "/certify/" + enrolment}, nil
}

func openAssignment(g *gorm.DB, a people.Actor, _ Page) (*Suggestion, error) {
	k, err := first(g, `SELECT id, prompt AS name FROM practice_assignments WHERE to_id = ? AND state = 'open' ORDER BY CASE WHEN due_on = '' THEN 1 ELSE 0 END, due_on, created_at LIMIT 1`, a.PersonID)
	if k == nil || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Practise “%s”.", notice.Excerpt(k.Name)), Link: "/coaching"}, nil
}

// unspoken finds the person's newest take that the actor may see and has not said anything about.
func unspoken(g *gorm.DB, a people.Actor, p Page) (*Suggestion, error) {
	v, err := first(g, `SELECT v.id, v.title AS name FROM videos v WHERE v.author_id = ? AND v.deleted_at IS NULL AND v.state IN ('playable', 'ready') AND v.kind NOT IN ('practice', 'attempt', 'reply')
			AND v.created_at >= ? AND EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN ?)
			AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.video_id = v.id AND n.author_id = ?)
		ORDER BY v.created_at DESC, v.id LIMIT 1`, p.Person.ID, p.Since, append([]string{""}, a.Reach.Keys...), a.PersonID)
	if v == nil || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Say something about “%s”: you have not yet.", cmp.Or(v.Name, "an untitled take")), Link: "/watch/" + v.ID}, nil
}

// unasked finds the actor's newest take that nobody has said anything about, and nobody was asked about.
func unasked(g *gorm.DB, a people.Actor, p Page) (*Suggestion, error) {
	v, err := first(g, `SELECT v.id, v.title AS name FROM videos v WHERE v.author_id = ? AND v.deleted_at IS NULL AND v.state IN ('playable', 'ready') AND v.kind NOT IN ('practice', 'attempt', 'reply')
			AND v.created_at >= ? AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.video_id = v.id AND n.author_id <> v.author_id)
			AND NOT EXISTS (SELECT 1 FROM feedback_asks k WHERE k.video_id = v.id AND k.state IN ('open', 'done'))
		ORDER BY v.created_at DESC, v.id LIMIT 1`, a.PersonID, p.Since)
	if v == nil || err != nil {
		return nil, err
	}
	return &Suggestion{Words: fmt.Sprintf("Ask somebody for feedback on “%s”.", cmp.Or(v.Name, "an untitled take")), Link: "/watch/" + v.ID}, nil
}
