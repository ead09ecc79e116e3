package api_test

import (
	csvreader "encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// TestProgrammeByHTTP is a programme's way from the set-up to its figures, through the server and its queue:
// opening enrols, and so does joining the team.
func TestProgrammeByHTTP(t *testing.T) {
	w := newWorld(t)
	rubricID, version := w.rubric(t)
	var p struct {
		ID, State    string
		Version      int
		Missing      []string
		Participants int
		Rubric       struct {
			Version        int
			CurrentVersion int `json:"current_version"`
		}
		May struct{ Edit, Numbers bool }
	}
	w.tom.Do(t, http.MethodPost, "/api/v1/programmes", map[string]any{"name": "First call", "rubric_version_id": version}).Into(t, http.StatusCreated, &p)
	if fmt.Sprint(p.Missing) != "[brief rules]" || p.State != "draft" || !p.May.Edit {
		t.Fatalf("%+v", p)
	}
	at := "/api/v1/programmes/" + p.ID
	var problem struct {
		Code    string
		Errors  []any
		Missing []string
		Context struct{ Missing []string }
	}
	a := w.tom.Do(t, http.MethodPost, at+"/open", nil)
	a.Into(t, http.StatusConflict, &problem)
	if problem.Code != "programme_incomplete" || !strings.Contains(string(a.Body), `"rules"`) {
		t.Errorf("%s", a.Body)
	}
	w.tom.Do(t, http.MethodPatch, at, map[string]any{"version": 1, "brief": "Open a first call.", "rules": []any{map[string]any{"team_id": w.north, "role": "rep"}},
		"due": map[string]any{"kind": "days", "days": 7}, "pass": map[string]any{"kind": "each", "percent": 0, "level": 2}}).Into(t, http.StatusOK, &p)
	w.tom.Do(t, http.MethodPost, at+"/open", nil).Into(t, http.StatusOK, &p)

	people := func(c *apitest.Client) (out []string) {
		t.Helper()
		var list struct {
			Items []struct {
				Person struct{ Name string }
				Team   struct{ Name string }
				Status string
				DueAt  *time.Time `json:"due_at"`
			}
		}
		c.Do(t, http.MethodGet, at+"/participants", nil).Into(t, http.StatusOK, &list)
		for _, i := range list.Items {
			if i.DueAt == nil || i.DueAt.Second() != 59 {
				t.Errorf("%s is due %v", i.Person.Name, i.DueAt)
			}
			out = append(out, i.Person.Name+" "+i.Team.Name+" "+i.Status)
		}
		return out
	}
	wait := func(c *apitest.Client, want string) {
		t.Helper()
		apitest.Eventually(t, 20*time.Second, func() (bool, string) {
			got := fmt.Sprint(people(c))
			return got == want, got
		})
	}
	wait(w.tom, "[Ana Silva North not_started]")
	w.ada.Do(t, http.MethodPut, "/api/v1/teams/"+w.north+"/members/"+w.id[w.cleo], nil).Into(t, http.StatusNoContent, nil)
	wait(w.mia, "[Ana Silva North not_started Cleo Marin North not_started]")
	w.ada.Do(t, http.MethodPatch, "/api/v1/people/"+w.id[w.ana], map[string]any{"roles": []string{"trainer"}}).Into(t, http.StatusOK, nil)
	wait(w.tom, "[Cleo Marin North not_started]")

	w.tom.Do(t, http.MethodPost, "/api/v1/rubrics/"+rubricID+"/versions", map[string]any{"base": 1, "criteria": criteriaBody("Opening", "Price")}).Into(t, http.StatusCreated, nil)
	w.tom.Do(t, http.MethodGet, at, nil).Into(t, http.StatusOK, &p)
	if p.Rubric.Version != 1 || p.Rubric.CurrentVersion != 2 || p.Participants != 1 {
		t.Errorf("%+v", p)
	}
	var n struct {
		Definition []string
		AsOf       time.Time `json:"as_of"`
		Total      struct {
			People     int
			NotStarted int `json:"not_started"`
		}
		Teams []any
	}
	w.mia.Do(t, http.MethodGet, at+"/numbers?team="+w.north, nil).Into(t, http.StatusOK, &n)
	if n.Total.People != 1 || n.Total.NotStarted != 1 || len(n.Teams) != 1 || len(n.Definition) == 0 || n.AsOf.IsZero() {
		t.Errorf("%+v", n)
	}
	file := w.mia.Do(t, http.MethodGet, at+"/numbers.csv", nil)
	rows, err := csvreader.NewReader(strings.NewReader(string(file.Body))).ReadAll()
	if err != nil || len(rows) != 3 || file.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), `attachment; filename="participants-`) {
		t.Errorf("%v %v, %v", file.Header, rows, err)
	}
}
