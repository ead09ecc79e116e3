package outcome_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/people"
)

func (k *kit) put(t testing.TB, id string, in outcome.DealInput) outcome.Deal {
	t.Helper()
	if in.Name == "" {
		in.Name = "Deal " + id
	}
	if in.Status == "" {
		in.Status = outcome.Open
	}
	if in.OpenedAt.IsZero() {
		in.OpenedAt = apptest.Epoch
	}
	d, _, err := k.deals.Put(t.Context(), people.System(), id, in)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPut(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana Lee")
		trainer := k.add(t, "Tom", people.Trainer)
		closed := time.Date(2026, 2, 1, 10, 0, 0, 123456789, time.FixedZone("", 3600))
		in := outcome.DealInput{Name: " Acme ", Owner: "ANA@example.com", Amount: "0100.500", Currency: "eur", Stage: "Done", Status: outcome.Won, Segment: "SMB",
			Competitor: "Rival", Product: "Widget", Extra: map[string]string{"Region": "North"}, OpenedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ClosedAt: &closed}
		got, created, err := k.deals.Put(t.Context(), trainer, " 0065g00000AbCdEAAV ", in)
		kept := time.Date(2026, 2, 1, 9, 0, 0, 123456000, time.UTC)
		want := outcome.Deal{ID: got.ID, ExternalID: got.ExternalID, Name: "Acme", OwnerID: &ana.PersonID, OwnerRef: "ana@example.com", Amount: "100.5", Currency: "EUR", Stage: "Done",
			Status: outcome.Won, Segment: "SMB", Competitor: "Rival", Product: "Widget", Extra: in.Extra, OpenedAt: in.OpenedAt, ClosedAt: &kept, CreatedAt: e.Clock.Now(), UpdatedAt: e.Clock.Now()}
		if err != nil || !created || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant\n%+v\n%v", got, want, err)
		}
		e.Clock.Advance(time.Minute)
		again, created, err := k.deals.Put(t.Context(), trainer, "0065g00000AbCdEAAV", in)
		if err != nil || created || !reflect.DeepEqual(again, want) {
			t.Fatalf("again: %+v, %v, %v", again, created, err)
		}
		if read, err := k.deals.Get(t.Context(), trainer, got.ID); err != nil || !reflect.DeepEqual(read, want) {
			t.Fatalf("read: %+v, %v", read, err)
		}
		// A put replaces the whole deal.
		less, created, err := k.deals.Put(t.Context(), trainer, want.ExternalID, outcome.DealInput{Name: "Acme", Status: outcome.Deleted, OpenedAt: in.OpenedAt})
		if err != nil || created || less.ID != got.ID || less.OwnerID != nil || less.Amount != "" || less.Extra != nil || less.ClosedAt != nil || !less.UpdatedAt.Equal(e.Clock.Now()) || !less.CreatedAt.Equal(want.CreatedAt) {
			t.Fatalf("%+v, %v, %v", less, created, err)
		}
		if read, err := k.deals.Get(t.Context(), trainer, got.ID); err != nil || !reflect.DeepEqual(read, less) {
			t.Fatalf("read: %+v, %v", read, err)
		}
		for _, a := range []people.Actor{ana, k.add(t, "Mia", people.Manager), {}} {
			_, _, err := k.deals.Put(t.Context(), a, "1", in)
			wantCode(t, err, "forbidden")
		}
	})
}

func TestPutRefused(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	good := outcome.DealInput{Name: "A", Status: outcome.Open, OpenedAt: apptest.Epoch}
	with := func(change func(in *outcome.DealInput)) outcome.DealInput {
		in := good
		change(&in)
		return in
	}
	for _, c := range []struct {
		name, id string
		in       outcome.DealInput
		field    string
		code     string
	}{
		{"no id", " ", good, "external_id", "required"},
		{"long id", strings.Repeat("x", 256), good, "external_id", "too_long"},
		{"broken id", "a\xff", good, "external_id", "text_invalid"},
		{"zero in the id", "a\x00", good, "external_id", "text_invalid"},
		{"no name", "1", with(func(in *outcome.DealInput) { in.Name = " " }), "name", "required"},
		{"long stage", "1", with(func(in *outcome.DealInput) { in.Stage = strings.Repeat("ü", 501) }), "stage", "too_long"},
		{"amount in words", "1", with(func(in *outcome.DealInput) { in.Amount = "1,234.50" }), "amount", "amount_invalid"},
		{"exponent", "1", with(func(in *outcome.DealInput) { in.Amount = "1e9" }), "amount", "amount_invalid"},
		{"currency", "1", with(func(in *outcome.DealInput) { in.Currency = "euro" }), "currency", "currency_invalid"},
		{"no status", "1", with(func(in *outcome.DealInput) { in.Status = "" }), "status", "status_unknown"},
		{"status", "1", with(func(in *outcome.DealInput) { in.Status = "Won" }), "status", "status_unknown"},
		{"not opened", "1", with(func(in *outcome.DealInput) { in.OpenedAt = time.Time{} }), "opened_at", "required"},
		{"open and closed", "1", with(func(in *outcome.DealInput) { in.ClosedAt = &in.OpenedAt }), "closed_at", "closed_but_open"},
		{"large extra", "1", with(func(in *outcome.DealInput) { in.Extra = map[string]string{"x": strings.Repeat("x", 65<<10)} }), "extra", "too_long"},
		{"broken extra", "1", with(func(in *outcome.DealInput) { in.Extra = map[string]string{"\xff": ""} }), "extra", "text_invalid"},
	} {
		_, _, err := k.deals.Put(t.Context(), people.System(), c.id, c.in)
		if f := faultOf(t, err, c.code); f.Kind != fault.Invalid || f.Field != c.field || len(f.Fields) != 1 {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
	_, _, err := k.deals.Put(t.Context(), people.System(), "", outcome.DealInput{Amount: "x", Currency: "x"})
	if f := faultOf(t, err, "amount_invalid"); len(f.Fields) != 6 {
		t.Errorf("all mistakes at once: %+v", f.Fields)
	}
}

// TestPutsAtOnce proves that putting the same new deal many times at once makes one.
func TestPutsAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		made := make([]bool, 12)
		var all sync.WaitGroup
		for i := range made {
			all.Go(func() {
				var err error
				in := outcome.DealInput{Name: "A", Amount: fmt.Sprint(i), Status: outcome.Open, OpenedAt: apptest.Epoch}
				if _, made[i], err = k.deals.Put(context.Background(), people.System(), "1", in); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		for _, m := range made {
			if m {
				n++
			}
		}
		if n != 1 || len(k.all(t)) != 1 {
			t.Fatalf("made %d times, %d there", n, len(k.all(t)))
		}
	})
}

func TestList(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, bob := k.add(t, "Ana"), k.add(t, "Bob")
		tom := k.add(t, "Tom", people.Trainer)
		k.put(t, "1", outcome.DealInput{Name: "Öl und Gas", Owner: "ana@example.com"})
		k.put(t, "2", outcome.DealInput{Name: "Acme 100%", Owner: "ana@example.com", Status: outcome.Won})
		k.put(t, "3", outcome.DealInput{Name: "Big Acme", Owner: "bob@example.com"})
		k.put(t, "0065g00000AbCdE", outcome.DealInput{Name: "Nobody's"})
		k.put(t, "5", outcome.DealInput{Name: "Gone", Owner: "ana@example.com", Status: outcome.Deleted})
		for _, c := range []struct {
			actor people.Actor
			f     outcome.Filter
			want  string
		}{
			{tom, outcome.Filter{}, "0065g00000AbCdE 3 2 1"},
			{tom, outcome.Filter{Status: outcome.Deleted}, "5"},
			{tom, outcome.Filter{Owner: ana.PersonID}, "2 1"},
			{tom, outcome.Filter{Owner: "me"}, ""},
			{ana, outcome.Filter{Owner: "me"}, "2 1"},
			{ana, outcome.Filter{}, "2 1"},
			{ana, outcome.Filter{Owner: bob.PersonID}, ""},
			{people.System(), outcome.Filter{Owner: "me"}, ""},
			{people.Actor{}, outcome.Filter{}, ""},
			{tom, outcome.Filter{Query: "acme"}, "3 2"},
			{tom, outcome.Filter{Query: "ÖL"}, "1"},
			{tom, outcome.Filter{Query: "cme"}, ""},
			{tom, outcome.Filter{Query: "100%"}, "2"},
			{tom, outcome.Filter{Query: "acme 100%"}, "2"},
			{tom, outcome.Filter{Query: "%"}, ""},
			{tom, outcome.Filter{Query: "3"}, "3"},
			{tom, outcome.Filter{Query: "0065g00000AbCdEAAV"}, "0065g00000AbCdE"},
			{ana, outcome.Filter{Query: "3"}, ""},
			{tom, outcome.Filter{Query: "' OR 1=1 --"}, ""},
			{tom, outcome.Filter{Query: "\x00"}, ""},
			{tom, outcome.Filter{After: "\xff"}, ""},
			{tom, outcome.Filter{Status: "\x00"}, ""},
			{ana, outcome.Filter{Query: "acme", Status: outcome.Won}, "2"},
		} {
			got, err := k.deals.List(t.Context(), c.actor, c.f)
			var ids []string
			for _, d := range got {
				ids = append(ids, d.ExternalID)
			}
			if s := strings.Join(ids, " "); err != nil || s != c.want {
				t.Errorf("%s %+v: %q, want %q (%v)", c.actor.Name, c.f, s, c.want, err)
			}
		}
		var paged []string
		after := ""
		for range 3 {
			page, err := k.deals.List(t.Context(), tom, outcome.Filter{Limit: 2, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page {
				paged = append(paged, d.ExternalID)
				after = d.ID
			}
		}
		if !slices.Equal(paged, []string{"0065g00000AbCdE", "3", "2", "1"}) {
			t.Errorf("pages %v", paged)
		}
		for _, n := range []int{-1, 201} {
			_, err := k.deals.List(t.Context(), tom, outcome.Filter{Limit: n})
			wantCode(t, err, "limit_invalid")
		}
		for _, id := range []string{"", "x", "\x00", "\xff"} {
			_, err := k.deals.Get(t.Context(), tom, id)
			wantCode(t, err, "deal_not_found")
		}
		_, err := k.deals.Get(t.Context(), ana, k.all(t)["3"].ID)
		wantCode(t, err, "deal_not_found")
		err = e.DB.Tx(t.Context(), func(tx *db.Tx) error {
			if d, err := k.deals.FindTx(tx, ana, k.all(t)["1"].ID); err != nil || d.ExternalID != "1" {
				t.Errorf("%+v, %v", d, err)
			}
			_, err := k.deals.FindTx(tx, ana, k.all(t)["3"].ID)
			wantCode(t, err, "deal_not_found")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
