package rubric_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/rubric"
)

func names(v rubric.Version) string {
	var out []string
	for _, c := range v.Criteria {
		out = append(out, c.Name)
	}
	return strings.Join(out, ", ")
}

// TestRubricVersions: a version once made never changes, and what continues what can be said anew.
func TestRubricVersions(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		id := ident.New()
		v, err := k.rubrics.Make(t.Context(), k.tom, id, " Pitch ", criteria("Opening", "Need", "Close"))
		if err != nil {
			t.Fatal(err)
		}
		if v.ID != id || v.Name != "Pitch" || len(v.Versions) != 1 || v.Current().Number != 1 || names(v.Current()) != "Opening, Need, Close" {
			t.Fatalf("%+v", v)
		}
		// The same id twice is once; somebody else's is a conflict.
		if again, err := k.rubrics.Make(t.Context(), k.tom, id, "Other", criteria("X")); err != nil || again.Name != "Pitch" || len(again.Versions) != 1 {
			t.Errorf("%+v, %v", again, err)
		}
		_, err = k.rubrics.Make(t.Context(), k.ada, id, "Other", criteria("X"))
		apptest.WantCode(t, err, "id_taken", "id")

		first := v.Current()
		next := criteria("Opening", "Listening", "Price")
		next[0].Continues, next[1].Continues = first.Criteria[0].ID, first.Criteria[1].ID
		if v, err = k.rubrics.Revise(t.Context(), k.ada, id, 1, next); err != nil {
			t.Fatal(err)
		}
		if v.Current().Number != 2 || names(v.Current()) != "Opening, Listening, Price" || *v.Current().CreatedBy != k.ada.PersonID {
			t.Errorf("%+v", v.Current())
		}
		if got := names(v.Versions[0]); got != "Opening, Need, Close" || v.Versions[0].ID != first.ID {
			t.Errorf("version 1 became %s", got)
		}
		second := v.Current()
		if got := rubric.Continued(v.Versions); len(got) != 2 || got[second.Criteria[1].ID] != first.Criteria[1].ID {
			t.Errorf("continued %v", got)
		}
		// Price stands for Close after all, and Listening for nothing.
		v, err = k.rubrics.Map(t.Context(), k.tom, id, []rubric.Pair{{CriterionID: second.Criteria[2].ID, Continues: first.Criteria[2].ID}, {CriterionID: second.Criteria[1].ID}})
		if err != nil {
			t.Fatal(err)
		}
		if got := rubric.Continued(v.Versions); len(got) != 2 || got[second.Criteria[2].ID] != first.Criteria[2].ID || got[second.Criteria[0].ID] != first.Criteria[0].ID {
			t.Errorf("continued %v", got)
		}
		if names(v.Current()) != "Opening, Listening, Price" || len(v.Versions) != 2 {
			t.Errorf("%+v", v)
		}
		rows, err := k.rubrics.List(t.Context(), k.tom, false)
		if err != nil || len(rows) != 1 || rows[0].Version != 2 || rows[0].Criteria != 3 || rows[0].UsedBy != 0 || rows[0].VersionID != second.ID {
			t.Errorf("%+v, %v", rows, err)
		}
		upTo, err := k.rubrics.UpTo(t.Context(), k.tom, id, 1)
		if err != nil || upTo.Current().ID != first.ID {
			t.Errorf("%+v, %v", upTo, err)
		}
		_, err = k.rubrics.UpTo(t.Context(), k.tom, id, 3)
		apptest.WantCode(t, err, "rubric_version_not_found", "")
	})
}

func TestRubricRefusals(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	v := k.pitch(t)
	old := v.Current()
	for name, c := range map[string]struct {
		change func([]rubric.NewCriterion) []rubric.NewCriterion
		code   string
		field  string
	}{
		"none": {func([]rubric.NewCriterion) []rubric.NewCriterion { return nil }, "criteria_count", "criteria"},
		"21": {func([]rubric.NewCriterion) []rubric.NewCriterion {
			return criteria(strings.Split(strings.Repeat("a ", 21), " ")[:21]...)
		}, "criteria_count", "criteria"},
		"a name twice":  {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[2].Name = "OPENING"; return c }, "name_twice", "criteria[2].name"},
		"no name":       {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[1].Name = " "; return c }, "required", "criteria[1].name"},
		"a weight of 0": {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[1].Weight = 0; return c }, "out_of_range", "criteria[1].weight"},
		"one level":     {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[1].Levels = c[1].Levels[:1]; return c }, "levels_count", "criteria[1].levels"},
		"points fall":   {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[1].Levels[2].Points = 0; return c }, "points_fall", "criteria[1].levels[2].points"},
		"points stay": {func(c []rubric.NewCriterion) []rubric.NewCriterion {
			c[0].Levels = c[0].Levels[:2]
			c[0].Levels[1].Points = 0
			return c
		}, "points_equal", "criteria[0].levels[1].points"},
		"too many points":   {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[0].Levels[3].Points = 101; return c }, "out_of_range", "criteria[0].levels[3].points"},
		"a NUL":             {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[0].Description = "a\x00b"; return c }, "text_invalid", "criteria[0].description"},
		"no such criterion": {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[0].Continues = ident.New(); return c }, "criterion_not_found", "criteria[0].continues"},
		"two continue one": {func(c []rubric.NewCriterion) []rubric.NewCriterion {
			c[0].Continues, c[1].Continues = old.Criteria[0].ID, old.Criteria[0].ID
			return c
		}, "continued_twice", "criteria[1].continues"},
		"a level has no name": {func(c []rubric.NewCriterion) []rubric.NewCriterion { c[0].Levels[0].Name = ""; return c }, "required", "criteria[0].levels[0].name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.rubrics.Revise(t.Context(), k.tom, v.ID, 1, c.change(criteria("Opening", "Need", "Close")))
			apptest.WantCode(t, err, c.code, c.field)
		})
	}
	_, err := k.rubrics.Revise(t.Context(), k.tom, v.ID, 2, criteria("Opening"))
	apptest.WantCode(t, err, "rubric_changed", "base")
	_, err = k.rubrics.Map(t.Context(), k.tom, v.ID, []rubric.Pair{{CriterionID: ident.New()}})
	apptest.WantCode(t, err, "criterion_not_found", "pairs[0].criterion_id")
	_, err = k.rubrics.Rubric(t.Context(), k.tom, "no\x00id")
	apptest.WantCode(t, err, "rubric_not_found", "")
	if got, err := k.rubrics.Rubric(t.Context(), k.tom, v.ID); err != nil || len(got.Versions) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, a := range []struct {
		name string
		do   func() error
	}{
		{"list", func() error { _, err := k.rubrics.List(t.Context(), k.mia, false); return err }},
		{"read", func() error { _, err := k.rubrics.Rubric(t.Context(), k.mia, v.ID); return err }},
		{"make", func() error {
			_, err := k.rubrics.Make(t.Context(), k.mia, "", "Mine", criteria("A"))
			return err
		}},
		{"revise", func() error { _, err := k.rubrics.Revise(t.Context(), k.mia, v.ID, 1, criteria("A")); return err }},
		{"map", func() error { _, err := k.rubrics.Map(t.Context(), k.mia, v.ID, nil); return err }},
		{"rename", func() error {
			_, err := k.rubrics.Change(t.Context(), k.mia, v.ID, rubric.Change{})
			return err
		}},
		{"trend", func() error { _, err := k.rubrics.Trend(t.Context(), k.mia, v.ID); return err }},
	} {
		if err := a.do(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s by a manager: %v", a.name, err)
		}
	}
}

// TestRevisingAtOnce: of many who revise the same version, one succeeds and the others hear of it.
func TestRevisingAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		v := k.pitch(t)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = k.rubrics.Revise(t.Context(), k.tom, v.ID, 1, criteria(fmt.Sprintf("By %d", i)))
			})
		}
		wg.Wait()
		made := 0
		for _, err := range errs {
			switch {
			case err == nil:
				made++
			case fault.CodeOf(err) != "rubric_changed":
				t.Error(err)
			}
		}
		got, err := k.rubrics.Rubric(t.Context(), k.tom, v.ID)
		if err != nil || made != 1 || len(got.Versions) != 2 {
			t.Errorf("%d were made, %d versions, %v", made, len(got.Versions), err)
		}
	})
}
