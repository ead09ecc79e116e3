package programme

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// NumbersCSV gives the participants the actor may see as CSV, one a row, those who have left too; team narrows
// to a team and all below it. Times are UTC; scores are percent. Text that a spreadsheet would take for a
// formula begins with an apostrophe. Errors: NotFound, Invalid team_not_found.
func (s *Service) NumbersCSV(ctx context.Context, a people.Actor, id, team string) ([]byte, error) {
	p, err := s.Programme(ctx, a, id)
	if err != nil {
		return nil, err
	}
	all, err := s.participants(ctx, a, p, team)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"programme", "person", "email", "team", "status", "overdue", "expiring", "started_at", "due_at", "attempts", "waiting_since", "last_decision", "last_score",
		"last_result_at", "certificate", "certificate_expires_at", "as_of"}}
	asOf := s.DB.Now()
	for _, o := range all {
		percent, number, ends := "", "", (*time.Time)(nil)
		if o.LastScore != nil {
			percent = fmt.Sprintf("%.1f", score.Percent(*o.LastScore))
		}
		if o.Proof != nil {
			number, ends = o.Proof.Number, o.Proof.ExpiresAt
		}
		rows = append(rows, []string{p.Name, o.Name, o.Email, o.Team.Name, string(o.Status), fmt.Sprint(o.IsOverdue), fmt.Sprint(o.Expiring), stamp(&o.StartedAt), stamp(o.DueAt),
			fmt.Sprint(o.Attempts), stamp(o.WaitingSince), string(o.LastDecision), percent, stamp(o.SettledAt), number, stamp(ends), stamp(&asOf)})
	}
	for _, r := range rows {
		for i := range r {
			r[i] = noFormula(r[i])
		}
		if err := w.Write(r); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// noFormula keeps a spreadsheet from calculating what somebody wrote into their name. Blanks before the sign
// do not help against all spreadsheets, nor do the wide forms of the signs.
func noFormula(s string) string {
	if begins := strings.TrimLeft(s, " \u00a0\u3000"); begins != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠|%", []rune(begins)[0]) {
		return "'" + s
	}
	return s
}
