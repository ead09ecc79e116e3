package programme_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric"
)

func TestArchivedRubric(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	p := k.draft(t, nil)
	rows, err := k.rubrics.List(t.Context(), k.tom, false)
	if err != nil || len(rows) != 1 || rows[0].UsedBy != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	yes, name := true, "Old pitch"
	v, err := k.rubrics.Change(t.Context(), k.tom, rows[0].ID, rubric.Change{Name: &name, Archived: &yes})
	if err != nil || v.Name != name || v.ArchivedAt == nil || len(v.UsedBy) != 1 || v.UsedBy[0].Name != p.Name {
		t.Errorf("%+v, %v", v, err)
	}
	if rows, err := k.rubrics.List(t.Context(), k.tom, true); err != nil || len(rows) != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
	// The programme keeps it, another cannot choose it.
	if _, err := k.programmes.Launch(t.Context(), k.tom, p.ID); err != nil {
		t.Error(err)
	}
	_, err = k.programmes.Make(t.Context(), k.tom, "", func(o *programme.Programme) { o.Name, o.RubricVersionID = "Other", p.RubricVersionID })
	apptest.WantCode(t, err, "rubric_archived", "rubric_version_id")
}
