package programme_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

// crowd is how many take part in the programme of TestCrowd.
const crowd = 1000

// TestCrowd enrols a crowd in 100 teams, gives most of them results, and asks for all figures. Run it with -v
// for the times; it was tried with 5,000, too.
func TestCrowd(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.gather(t)
		p, err := k.programmes.Launch(t.Context(), k.tom, k.draft(t, func(p *programme.Programme) {
			p.Rules = []programme.Rule{{TeamID: k.north, Role: people.Rep}}
			p.Due = programme.Due{Kind: programme.DueDays, Days: 14}
		}).ID)
		if err != nil {
			t.Fatal(err)
		}
		timed := func(what string, fn func() error) {
			t.Helper()
			begin := time.Now()
			if err := fn(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			took := time.Since(begin)
			t.Logf("%-28s %s", what, took.Round(time.Millisecond))
		}
		timed("enrol all", func() error {
			done, err := k.programmes.Sync(t.Context(), p.ID)
			if err == nil && done.Joined != crowd+2 {
				return fmt.Errorf("%+v", done)
			}
			return err
		})
		timed("again", func() error { _, err := k.programmes.Sync(t.Context(), p.ID); return err })
		k.results(t, p)
		if e.URL != "" {
			k.Exec(t, `ANALYZE`)
		}
		for _, who := range []struct {
			name  string
			actor people.Actor
			team  string
		}{{"trainer", k.tom, ""}, {"manager of all", k.eve, ""}, {"trainer, by team", k.tom, k.north}} {
			timed("numbers, "+who.name, func() error {
				n, err := k.programmes.Numbers(t.Context(), who.actor, p.ID, who.team)
				if err == nil && (n.Total.People < crowd || n.First.N < crowd/2 || len(n.Missed) != 3) {
					return fmt.Errorf("%+v", n)
				}
				return err
			})
		}
		timed("one page of participants", func() error {
			_, err := k.programmes.Participants(t.Context(), k.tom, p.ID, programme.ParticipantFilter{Status: programme.StatusPassed, Limit: 51})
			return err
		})
		timed("CSV", func() error { _, err := k.programmes.NumbersCSV(t.Context(), k.tom, p.ID, ""); return err })
		timed("list with counts", func() error {
			found, err := k.programmes.ListProgrammes(t.Context(), k.eve, "")
			if err != nil {
				return err
			}
			_, err = k.programmes.Uses(t.Context(), k.eve, found)
			return err
		})
	})
}

// write puts rows into a table, many at a time.
func write(tx *db.Tx, table string, rows []map[string]any) error {
	return tx.Gorm().Table(table).CreateInBatches(rows, 200).Error
}

// gather adds the crowd to 100 teams below North.
func (k *kit) gather(t *testing.T) {
	t.Helper()
	k.tx(t, func(tx *db.Tx) error {
		var teams, persons, members []map[string]any
		for i := range 100 {
			teams = append(teams, map[string]any{"id": ident.New(), "parent_id": k.north, "name": fmt.Sprintf("Team %d", i), "created_at": tx.Now, "updated_at": tx.Now})
		}
		for i := range crowd {
			id := ident.New()
			persons = append(persons, map[string]any{"id": id, "email": id, "email_key": id, "name": fmt.Sprintf("Rep %d", i), "roles": "rep", "password_hash": "",
				"time_zone": []string{"UTC", "Europe/Berlin", "Asia/Tokyo"}[i%3], "active": true, "auth_epoch": 1, "created_at": tx.Now, "updated_at": tx.Now})
			members = append(members, map[string]any{"team_id": teams[i%100]["id"], "person_id": id, "created_at": tx.Now})
		}
		for _, table := range []struct {
			name string
			rows []map[string]any
		}{{"teams", teams}, {"persons", persons}, {"team_members", members}} {
			if err := write(tx, table.name, table.rows); err != nil {
				return err
			}
		}
		return tx.Gorm().Exec(`UPDATE directory_epochs SET value = value + 1`).Error
	})
	k.eve = k.Actor(t, k.eve.PersonID)
}

// results gives four of five participants two results each, with levels.
func (k *kit) results(t *testing.T, p programme.Programme) {
	t.Helper()
	v, err := k.rubrics.Version(t.Context(), p.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	var enrolments []programme.Enrolment
	if err := k.DB.Read(t.Context()).Find(&enrolments).Error; err != nil {
		t.Fatal(err)
	}
	k.tx(t, func(tx *db.Tx) error {
		var attempts, reviews, scores []map[string]any
		for i, e := range enrolments {
			if i%5 == 0 {
				continue
			}
			for number := 1; number <= 2; number++ {
				attempt, review := ident.New(), ident.New()
				decision, score := "retry", 4000+i%1000
				if number == 2 {
					decision, score = "pass", 8000
				}
				attempts = append(attempts, map[string]any{"id": attempt, "enrolment_id": e.ID, "programme_id": p.ID, "person_id": e.PersonID, "number": number,
					"rubric_version_id": p.RubricVersionID, "only_criteria": "[]", "carried": "{}", "levels": "{}", "retry_criteria": "[]", "note_at_ms": 0, "note": "", "second": false,
					"state": "settled", "decision": decision, "score": score, "result_review_id": review, "submitted_at": tx.Now, "swap_until": tx.Now,
					"settled_at": tx.Now.Add(time.Duration(i%100) * time.Hour)})
				reviews = append(reviews, map[string]any{"id": review, "attempt_id": attempt, "programme_id": p.ID, "role": "first", "reviewer_id": k.mia.PersonID, "state": "sent",
					"rubric_version_id": p.RubricVersionID, "draft": "", "draft_version": 0, "decision": decision, "retry_criteria": "[]", "message": "", "score": score,
					"assigned_at": tx.Now, "created_at": tx.Now, "sent_at": tx.Now})
				for j, c := range v.Criteria {
					scores = append(scores, map[string]any{"review_id": review, "criterion_id": c.ID, "level": 1 + (i+j)%4, "carried": false})
				}
			}
		}
		for _, table := range []struct {
			name string
			rows []map[string]any
		}{{"attempts", attempts}, {"reviews", reviews}, {"review_scores", scores}} {
			if err := write(tx, table.name, table.rows); err != nil {
				return err
			}
		}
		return tx.Gorm().Exec(`UPDATE enrolments SET state = 'passed', attempts = 2 WHERE id IN (SELECT enrolment_id FROM attempts)`).Error
	})
}
