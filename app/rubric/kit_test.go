package rubric_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

// kit is a company of a trainer, an admin and a manager.
type kit struct {
	*apptest.Env
	rubrics       *rubric.Service
	tom, ada, mia people.Actor
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, rubrics: rubric.New(e.DB)}
	dir := people.NewDirectory(e.DB)
	for who, role := range map[*people.Actor]people.Role{&k.tom: people.Trainer, &k.ada: people.Admin, &k.mia: people.Manager} {
		p, err := dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: string(role) + "@example.com", Name: string(role), Roles: []people.Role{role}, TimeZone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		if *who, err = dir.ActorFor(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// criteria are some with four levels each, worth 0 to 3 points.
func criteria(names ...string) []rubric.NewCriterion {
	out := make([]rubric.NewCriterion, len(names))
	for i, n := range names {
		out[i] = rubric.NewCriterion{Name: n, Description: "What is looked at.", Weight: 1}
		for p := range 4 {
			out[i].Levels = append(out[i].Levels, score.Level{Points: p, Name: fmt.Sprintf("Level %d", p+1), Description: "What one sees."})
		}
	}
	return out
}

// pitch makes a rubric of three criteria.
func (k *kit) pitch(t *testing.T) rubric.View {
	t.Helper()
	v, err := k.rubrics.Make(t.Context(), k.tom, "", "Pitch", criteria("Opening", "Need", "Close"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
