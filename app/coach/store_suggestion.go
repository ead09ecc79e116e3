package coach

import (
	"cmp"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

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
