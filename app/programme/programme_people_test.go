package programme_test

import (
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/programme"
)

// TestExtendTells: who is given another time or more attempts hears of it, once, and only if something changed.
func TestExtendTells(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, func(p *programme.Programme) { p.AttemptsMax = 2 })
		extend := func(x programme.Extension) {
			t.Helper()
			if _, err := k.programmes.ExtendFor(t.Context(), k.tom, p.ID, k.ben.PersonID, x); err != nil {
				t.Fatal(err)
			}
		}
		told := func() (out []string) {
			t.Helper()
			list, err := k.notices.List(t.Context(), k.ben, notice.Filter{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range list {
				if n.Kind != notice.Extended {
					continue
				}
				if n.ActorID == nil || *n.ActorID != k.tom.PersonID || n.SubjectID == nil || *n.SubjectID != k.enrolment(t, p.ID, k.ben).ID {
					t.Errorf("%+v", n)
				}
				out = append(out, n.Body)
			}
			return out
		}
		want := func(words ...string) {
			t.Helper()
			got := told()
			if len(got) != len(words) || len(words) > 0 && got[0] != words[0] {
				t.Errorf("%q, want %q", got, words)
			}
		}
		extend(programme.Extension{})
		want()
		// Ben lives in New York, where it is still the evening before.
		due := time.Date(2030, 3, 2, 3, 0, 0, 0, time.UTC)
		two, one := 2, 1
		extend(programme.Extension{DueAt: &due, ExtraAttempts: &two})
		want("First call: due on 1 March 2030, 2 more attempts")
		extend(programme.Extension{DueAt: &due, ExtraAttempts: &two})
		want("First call: due on 1 March 2030, 2 more attempts")
		extend(programme.Extension{ExtraAttempts: &one})
		want("First call: one attempt less")
	})
}

// TestCopyOnce: the same copy asked for twice, or many times at once, is made once.
func TestCopyOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.stored(t)
		p := k.draft(t, nil)
		p = k.attach(t, p, k.send(t, p, "One pager.pdf", onePager))
		id := ident.New()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if c, err := k.programmes.Copy(t.Context(), k.tom, p.ID, id); err != nil || c.ID != id || len(c.Attachments) != 1 {
					t.Errorf("%+v, %v", c, err)
				}
			})
		}
		wg.Wait()
		if all, err := k.programmes.ListProgrammes(t.Context(), k.tom, ""); err != nil || len(all) != 2 {
			t.Errorf("%d, %v", len(all), err)
		}
		_, err := k.programmes.Copy(t.Context(), k.ada, p.ID, id)
		apptest.WantCode(t, err, "id_taken", "id")
		_, err = k.programmes.Copy(t.Context(), k.tom, p.ID, "x")
		apptest.WantCode(t, err, "id_invalid", "id")
	})
}
