package vocabulary_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func actor(r people.Role) people.Actor {
	return people.Actor{PersonID: "p", Roles: []people.Role{r}}
}

func wantCode(t testing.TB, err error, code, field string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code || f.Field != field {
		t.Fatalf("got %v, want %s at %s", err, code, field)
	}
}

func ptr[T any](v T) *T { return &v }

// TestBegin proves that the starting vocabulary is valid, whole and written once.
func TestBegin(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		b := vocabulary.NewBook(e.DB)
		for range 2 {
			if err := b.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all, err := b.Terms(t.Context())
		if err != nil || len(all) < 30 {
			t.Fatalf("%d terms, %v", len(all), err)
		}
		seen := map[string]bool{}
		for _, term := range all {
			id := string(term.Kind) + " " + term.Key
			if seen[id] || !slices.Contains(vocabulary.Kinds, term.Kind) || term.Key != vocabulary.Key(term.Label) || term.Description == "" || len(term.Keywords) == 0 {
				t.Errorf("%+v", term)
			}
			seen[id] = true
			for _, w := range term.Keywords {
				if vocabulary.Key(w) == "" {
					t.Errorf("%s: the keyword %q finds nothing", id, w)
				}
			}
		}
		tactics, err := b.List(t.Context(), vocabulary.Tactic, true)
		if err != nil || len(tactics) < 10 || slices.ContainsFunc(tactics, func(t vocabulary.Term) bool { return t.Kind != vocabulary.Tactic }) {
			t.Fatalf("%d tactics, %v", len(tactics), err)
		}
	})
}

func TestEditing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		b := vocabulary.NewBook(e.DB)
		var told []string
		b.OnChanged = func(_ context.Context, tx *db.Tx, term vocabulary.Term) error {
			told = append(told, term.Label)
			if term.Label == "Refused" {
				return errors.New("refused")
			}
			return nil
		}
		trainer := actor(people.Trainer)
		draft := vocabulary.Draft{Kind: vocabulary.Tactic, Label: " Ask twice ", Description: "Again.", Keywords: []string{" once more "}}
		for _, a := range []people.Actor{{}, actor(people.Rep), actor(people.Manager)} {
			_, err := b.Add(t.Context(), a, draft)
			wantCode(t, err, "forbidden", "")
			_, err = b.Change(t.Context(), a, "x", vocabulary.Edit{})
			wantCode(t, err, "forbidden", "")
			_, err = b.SetGlossary(t.Context(), a, nil)
			wantCode(t, err, "forbidden", "")
		}
		term, err := b.Add(t.Context(), trainer, draft)
		if err != nil || term.Key != "ask-twice" || term.Label != "Ask twice" || !slices.Equal(term.Keywords, []string{"once more"}) {
			t.Fatalf("%+v, %v", term, err)
		}
		_, err = b.Add(t.Context(), actor(people.Admin), vocabulary.Draft{Kind: vocabulary.Tactic, Label: "ask TWICE!"})
		wantCode(t, err, "term_exists", "label")
		if _, err = b.Add(t.Context(), trainer, vocabulary.Draft{Kind: vocabulary.Stage, Label: "Ask twice"}); err != nil {
			t.Fatal("the same key of another kind:", err)
		}
		_, err = b.Change(t.Context(), trainer, "019b0000-0000-7000-8000-000000000000", vocabulary.Edit{})
		wantCode(t, err, "term_not_found", "")

		changed, err := b.Change(t.Context(), trainer, term.ID, vocabulary.Edit{Label: ptr("Ask three times"), Keywords: &[]string{"a", "b"}})
		if err != nil || changed.Key != "ask-twice" || changed.Label != "Ask three times" || changed.Description != "Again." || len(changed.Keywords) != 2 {
			t.Fatalf("%+v, %v", changed, err)
		}
		// Retiring hides it from those who choose and keeps it for what has it; both ways, and twice alike.
		for _, retired := range []bool{true, true, false, false} {
			changed, err = b.Change(t.Context(), trainer, term.ID, vocabulary.Edit{Retired: &retired})
			if err != nil || (changed.RetiredAt != nil) != retired {
				t.Fatalf("%+v, %v", changed, err)
			}
			active, err := b.List(t.Context(), vocabulary.Tactic, false)
			all, err2 := b.List(t.Context(), vocabulary.Tactic, true)
			if err != nil || err2 != nil || len(all) != 1 || (len(active) == 0) != retired {
				t.Fatalf("%d of %d, %v %v", len(active), len(all), err, err2)
			}
		}
		if len(told) != 5 {
			t.Errorf("told of %q", told)
		}
		if _, err := b.Change(t.Context(), trainer, term.ID, vocabulary.Edit{Label: ptr("Refused")}); err == nil {
			t.Fatal("an error of who is told was swallowed")
		}
		if all, err := b.List(t.Context(), vocabulary.Tactic, true); err != nil || all[0].Label != "Ask three times" {
			t.Fatalf("%+v, %v", all, err)
		}
	})
}

func TestRefusedTerms(t *testing.T) {
	b := vocabulary.NewBook(apptest.SQLite(t).DB)
	good := vocabulary.Draft{Kind: vocabulary.Tactic, Label: "A"}
	with := func(change func(d *vocabulary.Draft)) vocabulary.Draft {
		d := good
		change(&d)
		return d
	}
	for _, c := range []struct {
		d           vocabulary.Draft
		code, field string
	}{
		{with(func(d *vocabulary.Draft) { d.Kind = "mood" }), "kind_unknown", "kind"},
		{with(func(d *vocabulary.Draft) { d.Label = " " }), "required", "label"},
		{with(func(d *vocabulary.Draft) { d.Label = strings.Repeat("x", 121) }), "too_long", "label"},
		{with(func(d *vocabulary.Draft) { d.Label = "a\nb" }), "text_invalid", "label"},
		{with(func(d *vocabulary.Draft) { d.Label = "!!!" }), "label_invalid", "label"},
		{with(func(d *vocabulary.Draft) { d.Description = strings.Repeat("x", 2001) }), "too_long", "description"},
		{with(func(d *vocabulary.Draft) { d.Description = "a\x00" }), "too_long", "description"},
		{with(func(d *vocabulary.Draft) { d.Keywords = make([]string, 41) }), "too_many", "keywords"},
		{with(func(d *vocabulary.Draft) { d.Keywords = []string{"ok", ""} }), "required", "keywords[1]"},
	} {
		_, err := b.Add(t.Context(), actor(people.Trainer), c.d)
		wantCode(t, err, c.code, c.field)
	}
}

func TestResolveTactics(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		b := vocabulary.NewBook(e.DB)
		trainer := actor(people.Trainer)
		add := func(label, key string, kind vocabulary.Kind) vocabulary.Term {
			term, err := b.Add(t.Context(), trainer, vocabulary.Draft{Kind: kind, Label: label, Key: key})
			if err != nil {
				t.Fatal(err)
			}
			return term
		}
		one, two := add("Ask the price", "price", vocabulary.Tactic), add("Price", "ask", vocabulary.Tactic)
		gone := add("Old way", "", vocabulary.Tactic)
		add("Stage only", "", vocabulary.Stage)
		if _, err := b.Change(t.Context(), trainer, gone.ID, vocabulary.Edit{Retired: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		resolve := func(kept []string, names ...string) (keys []string, err error) {
			err = e.DB.Tx(t.Context(), func(tx *db.Tx) error {
				terms, err := b.ResolveTacticsTx(tx, names, kept)
				keys = nil
				for _, term := range terms {
					keys = append(keys, term.Key)
				}
				return err
			})
			return keys, err
		}
		for want, names := range map[string][]string{
			"price":     {"price", one.ID, "Ask the  PRICE", "PRICE"},
			"ask":       {two.ID, "ask"},
			"price ask": {"Price", "ask"}, // a key comes before a label
		} {
			if got, err := resolve(nil, names...); err != nil || strings.Join(got, " ") != want {
				t.Errorf("%v: %v, %v", names, got, err)
			}
		}
		for _, name := range []string{"old-way", gone.ID, "Stage only", "", "nonsense", "\x00"} {
			_, err := resolve([]string{"price"}, "price", name)
			wantCode(t, err, "tactic_unknown", "tactics[1]")
		}
		if got, err := resolve([]string{"old-way"}, "Old way"); err != nil || len(got) != 1 {
			t.Errorf("a retired tactic that the video has: %v, %v", got, err)
		}
	})
}

func TestGlossary(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		b := vocabulary.NewBook(e.DB)
		trainer := actor(people.Trainer)
		entry := func(heard, written string) vocabulary.Entry {
			return vocabulary.Entry{Heard: heard, Written: written}
		}
		set := func(entries ...vocabulary.Entry) error {
			_, err := b.SetGlossary(t.Context(), trainer, entries)
			return err
		}
		if err := set(entry(" north wind ", "Northwind"), entry("field real", "Fieldreel")); err != nil {
			t.Fatal(err)
		}
		want := func() {
			t.Helper()
			got, err := b.Glossary(t.Context())
			if err != nil || len(got) != 2 || got[0].Heard != "field real" || got[1].Heard != "north wind" || got[1].Written != "Northwind" {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		want()
		for _, c := range []struct {
			entries     []vocabulary.Entry
			code, field string
		}{
			{[]vocabulary.Entry{entry("a", "b"), entry("", "b")}, "required", "entries[1].heard"},
			{[]vocabulary.Entry{entry("a", " ")}, "required", "entries[0].written"},
			{[]vocabulary.Entry{entry("a b", "x"), entry("A-B", "y")}, "heard_twice", "entries[1].heard"},
			{[]vocabulary.Entry{entry("...", "x")}, "heard_twice", "entries[0].heard"},
			{[]vocabulary.Entry{entry("1 2 3 4 5 6 7 8 9", "x")}, "too_long", "entries[0].heard"},
			{[]vocabulary.Entry{entry("1-2-3-4-5-6-7-8-9", "x")}, "too_long", "entries[0].heard"},
			{[]vocabulary.Entry{entry("x", strings.Repeat("ж", 101))}, "too_long", "entries[0].written"},
			{[]vocabulary.Entry{entry("x\x00", "x")}, "text_invalid", "entries[0].heard"},
			{make([]vocabulary.Entry, 2001), "too_many", "entries"},
		} {
			wantCode(t, set(c.entries...), c.code, c.field)
			want()
		}
		var most []vocabulary.Entry
		for i := range 2000 {
			most = append(most, entry(fmt.Sprintf("word %d", i), "x"))
		}
		if err := set(most...); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Glossary(t.Context()); err != nil || len(got) != 2000 {
			t.Fatal(len(got), err)
		}
		if err := set(); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Glossary(t.Context()); err != nil || len(got) != 0 {
			t.Fatal(len(got), err)
		}
	})
}
